"""Who may advise a unit, follow advice up, and close it. Everything asks ``units.access``."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.models import Rank, TeamMember
from assistance.models import (
    WITH_UNIT,
    Attendance,
    Recommendation,
    RecommendationState,
    Source,
    Visit,
    VisitMember,
)
from units.access import Permission, access_of, belongs_to
from units.models import Unit, User


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is to a unit, read once for a page.

    advises: he writes recommendations, verifies, decides on extensions. supervises: he is the
    technical supervisor of a team. plans: he leads or heads the unit.
    """

    advises: bool = False
    supervises: bool = False
    plans: bool = False


def standing_of(user: User, unit: Unit) -> Standing:
    """Return what the person is to the unit; one query for assessors, none for others.

    Those on a team that assesses or visits the unit advise it, and the secretariat; nobody
    advises a unit to which he belongs.
    """
    access = access_of(user)
    if belongs_to(user, unit):
        return Standing(plans=access.has(Permission.ASSESSMENT_SUBMIT, unit))
    ranks: set[str] = set()
    if access.has(Permission.TPI_ASSESS, unit):
        places = TeamMember.objects.filter(assessment__unit=unit, user=user).order_by()
        visits = VisitMember.objects.filter(visit__unit=unit, user=user).order_by()
        ranks = set(
            places.values_list("rank", flat=True).union(visits.values_list("rank", flat=True))
        )
    return Standing(
        advises=bool(ranks) or access.has(Permission.TEAM_MANAGE, unit),
        supervises=Rank.SUPERVISOR in ranks,
    )


def can_create(user: User, unit: Unit, standing: Standing | None = None) -> bool:
    """Those who advise, and the unit's lead and head for its own plans."""
    standing = standing or standing_of(user, unit)
    return standing.advises or standing.plans


def can_change(user: User, row: Recommendation, standing: Standing | None = None) -> bool:
    """The wording changes while nothing was reported: by the advisers, and the unit's own plan
    by the unit."""
    if row.state not in WITH_UNIT:
        return False
    standing = standing or standing_of(user, row.unit)
    return standing.advises or (standing.plans and row.source == Source.OWN)


def is_owner(user: User, row: Recommendation) -> bool:
    """Tell whether the person owns it, by name or by his role in the unit."""
    if row.owner_user_id is not None:
        return row.owner_user_id == user.pk
    return any(
        grant.unit_id == row.unit_id and grant.role == row.owner_role
        for grant in access_of(user).unit_grants
    )


def acts_for_unit(user: User, row: Recommendation, standing: Standing | None = None) -> bool:
    """Tell whether following it up is the person's: the owner's, the unit's lead's or head's."""
    return is_owner(user, row) or (standing or standing_of(user, row.unit)).plans


def may_judge(user: User, row: Recommendation, standing: Standing | None = None) -> bool:
    """Tell whether verifying it is the person's: an adviser's who neither wrote nor reported it."""
    if user.pk in (row.created_by_id, row.reported_by_id) or is_owner(user, row):
        return False
    return advises(user, row, standing)


def advises(user: User, row: Recommendation, standing: Standing | None = None) -> bool:
    """Tell whether the person advises the recommendation's unit."""
    return (standing or standing_of(user, row.unit)).advises


def supervises(user: User, row: Recommendation, standing: Standing | None = None) -> bool:
    """Tell whether the person is technical supervisor of a team of the recommendation's unit."""
    return (standing or standing_of(user, row.unit)).supervises


def can_follow_up(user: User, row: Recommendation, standing: Standing | None = None) -> bool:
    """The owner acts, and the unit's lead and head beside him, while it is with the unit."""
    return row.state in WITH_UNIT and acts_for_unit(user, row, standing)


def can_judge(user: User, row: Recommendation, standing: Standing | None = None) -> bool:
    """Verify or refuse a report: an adviser of the unit who neither wrote nor reported it."""
    return row.state == RecommendationState.REPORTED and may_judge(user, row, standing)


def can_give_up(user: User, row: Recommendation, standing: Standing | None = None) -> bool:
    """Only a technical supervisor of the unit's team says that something cannot be done."""
    return row.is_living and supervises(user, row, standing)


def can_reopen(user: User, row: Recommendation, standing: Standing | None = None) -> bool:
    """An adviser opens again what was closed."""
    return not row.is_living and advises(user, row, standing)


def can_decide_extension(user: User, row: Recommendation, standing: Standing | None = None) -> bool:
    """An adviser decides on a wish for a later due date."""
    return row.is_living and advises(user, row, standing)


# Visits -----------------------------------------------------------------------------------------


def can_plan_visits(user: User, unit: Unit | None = None) -> bool:
    """The secretariat plans visits and sets their teams."""
    return access_of(user).has(Permission.TEAM_MANAGE, unit)


def can_hold(user: User, visit: Visit) -> bool:
    """The visit's team fills it in, nobody of the unit; one statement, none for others and after
    ``VisitQuerySet.with_place_of(user)``."""
    if not access_of(user).has(Permission.TPI_ASSESS, visit.unit) or belongs_to(user, visit.unit):
        return False
    if visit.__dict__.get("place_user") == user.pk:
        return bool(visit.is_on_team)
    return VisitMember.objects.filter(visit=visit, user=user).exists()


def side_of(user: User, visit: Visit) -> str:
    """Return for which side the person may confirm the minutes: the unit's lead and head for the
    unit, the visit's team for the inspectorate; empty for everybody else."""
    if belongs_to(user, visit.unit):
        may = access_of(user).has(Permission.ASSESSMENT_SUBMIT, visit.unit)
        return Attendance.Side.UNIT if may else ""
    return Attendance.Side.ITJEN if can_hold(user, visit) else ""
