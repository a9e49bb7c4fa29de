"""What the recommendations add to the pages below: a unit's, its dashboard, a worksheet's row."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from assessments.catalog import catalog_of
from assessments.models import Assessment, TeamMember
from assessments.services.teams import Assisted
from assistance.models import (
    Recommendation,
    RecommendationState,
    VisitMember,
    VisitState,
)
from assistance.register import Line, line_of
from units.access import Permission, access_of, belongs_to, has_permission
from units.models import Unit, User

SHOWN = 5
COUNTED = 500
"""More living recommendations of one unit than these are not counted on its dashboard."""


@dataclass(frozen=True, slots=True)
class UnitRecommendations:
    """The card of a unit's page: where its register is, and where one is written."""

    url: str


def unit_panel(user: User, *, unit: Unit) -> UnitRecommendations | None:
    """Return the way to a unit's register; None for the ministry and for who sees none."""
    if not unit.is_assessable or not has_permission(user, Permission.ASSESSMENT_VIEW, unit):
        return None
    return UnitRecommendations(reverse("assistance:unit_register", args=[unit.pk]))


@dataclass(frozen=True, slots=True)
class DashboardRecommendations:
    """The card of the dashboard: figures, and the living ones that are due first."""

    url: str
    way_url: str
    living: int
    overdue: int
    reported: int
    lines: tuple[Line, ...]


def dashboard_panel(user: User, *, assessment: Assessment) -> DashboardRecommendations | None:
    """Return a unit's recommendations for its dashboard; one statement, two for assessors."""
    today = timezone.localdate()
    rows = Recommendation.objects.visible_to(user).filter(unit=assessment.unit_id).living()
    lines = [line_of(row, today) for row in rows.for_list().order_by("due_on", "pk")[:COUNTED]]
    way = ""
    if may_write(user, assessment):
        way = reverse("assistance:recommendation_way", args=[assessment.pk, assessment.target])
    return DashboardRecommendations(
        url=reverse("assistance:unit_register", args=[assessment.unit_id]),
        way_url=way,
        living=len(lines),
        overdue=sum(line.days_late > 0 for line in lines),
        reported=sum(line.row.state == RecommendationState.REPORTED for line in lines),
        lines=tuple(lines[:SHOWN]),
    )


def may_write(user: User, assessment: Assessment) -> bool:
    """Tell whether the person is offered to write recommendations for a worksheet's unit.

    One statement for assessors, none where the worksheet brought their place on its team along;
    there the offer is made to that very team.
    """
    access, unit = access_of(user), assessment.unit
    if belongs_to(user, unit):
        return access.has(Permission.ASSESSMENT_SUBMIT, unit)
    if access.has(Permission.TEAM_MANAGE, unit):
        return True
    if not access.has(Permission.TPI_ASSESS, unit):
        return False
    if assessment.__dict__.get("place_user") == user.pk:
        return bool(assessment.place_rank)
    return TeamMember.objects.filter(assessment__unit=unit, user=user).exists()


@dataclass(frozen=True, slots=True)
class RowRecommendations:
    """The card beside a worksheet's row: what was recommended, and the way to one more."""

    code: str
    lines: tuple[Line, ...]
    create_url: str
    list_url: str


def row_panel(
    user: User, *, assessment: Assessment, code: str, **_context
) -> RowRecommendations | None:
    """Return what was recommended on a row; at most one statement.

    The rows of the results already ask the surveys, so that there only the way to the list
    stands: the page keeps its budget.
    """
    catalog = catalog_of(assessment.instrument)
    register = reverse("assistance:unit_register", args=[assessment.unit_id])
    list_url = f"{register}?q={code}&tampil=semua"
    create = ""
    if may_write(user, assessment):
        create = reverse("assistance:recommendation_for_row", args=[assessment.pk, code])
    if not catalog.section_of[code].is_area:
        return RowRecommendations(code, (), create, list_url)
    today = timezone.localdate()
    rows = (
        Recommendation.objects.visible_to(user)
        .filter(unit=assessment.unit_id, indicator=catalog.ids[code])
        .for_list()
        .order_by("-pk")[:SHOWN]
    )
    lines = tuple(line_of(row, today) for row in rows)
    if not lines and not create:
        return None
    return RowRecommendations(code, lines, create, list_url if lines else "")


def who_assisted(user: User, *, period_id: int) -> Assisted:
    """Return who visited which units in a period, for the flag on teams; one statement."""
    held = VisitMember.objects.filter(visit__assessment__period=period_id).exclude(
        visit__state=VisitState.CANCELLED
    )
    return Assisted(frozenset(held.order_by().values_list("visit__unit_id", "user_id")))
