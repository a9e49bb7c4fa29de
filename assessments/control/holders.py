"""Who holds the next step of a worksheet, by name, and by when it is expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import (
    Assessment,
    Period,
    Rank,
    Stage,
    State,
    TeamMember,
    WindowExtension,
)
from assessments.models.worksheets import REVIEW_STATES
from assessments.permissions import RANK_OF_STATE
from assessments.windows.reading import due_of
from units.access import Role
from units.models import Membership, User

WITH_UNIT = (State.DRAFT, State.REPAIR)
WITH_ITJEN = (State.SUBMITTED, State.FORWARDED, *REVIEW_STATES)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a worksheet: the side in words, and its people; none where nobody was named.

    ``is_secretariat``: it waits for the secretariat itself, whom nobody needs to remind.
    """

    side: str
    people: tuple[User, ...] = ()
    is_secretariat: bool = False


def overdue_q(period: Period, now: datetime, prefix: str = "") -> Q:
    """Return the condition of worksheets whose present step is past its day (24.00 WIB)."""
    today = timezone.localdate(now)
    late = Q(**{f"{prefix}state": State.REPAIR, f"{prefix}repair_due__lte": now})
    if period.self_assessment_due and period.self_assessment_due < today:
        late |= Q(**{f"{prefix}state": State.DRAFT}) & ~_longer(period, today, prefix, Stage.SELF)
    if period.evaluation_due and period.evaluation_due < today:
        longer = _longer(period, today, prefix, *REVIEW_STATES)
        late |= Q(**{f"{prefix}state__in": WITH_ITJEN}) & ~longer
    return late


def _longer(period: Period, today: date, prefix: str, *stages: str) -> Q:
    """Return the condition of worksheets whose unit has longer for one of these stages."""
    rows = WindowExtension.objects.filter(period=period, stage__in=stages, until__gte=today)
    return Q(**{f"{prefix}unit__in": rows.values("unit")})


def due_day(assessment: Assessment, period: Period) -> date | None:
    """Return the last day of a worksheet's present step; None where none is set or it is over.

    assessment: loaded with its window; its period is the one given.
    """
    if assessment.state == State.FINAL:
        return None
    assessment.period = period
    due = due_of(assessment)
    return due.day if due else None


def holders_of(assessments: Iterable[Assessment], period: Period) -> dict[int, Holder]:
    """Return who holds each worksheet of a period; two statements, whatever their number.

    assessments: with ``unit`` loaded. Only people whose accounts are active count.
    """
    sheets = list(assessments)
    reviewed = [sheet for sheet in sheets if sheet.state in REVIEW_STATES]
    team: dict[tuple[int, str], list[User]] = {}
    if reviewed:
        places = TeamMember.objects.filter(assessment__in=reviewed, user__is_active=True)
        for place in places.select_related("user").order_by("user__name"):
            team.setdefault((place.assessment_id, place.rank), []).append(place.user)
    at_unit = {sheet.unit_id for sheet in sheets if sheet.state in WITH_UNIT}
    above = period.needs_forwarding and any(sheet.state == State.SUBMITTED for sheet in sheets)
    leads: dict[int, list[User]] = {}
    coordinators: list[tuple[str, User]] = []
    if at_unit or above:
        roles = Q(unit__in=at_unit, role__in=(Role.UNIT_HEAD, Role.ZI_LEAD))
        if above:
            roles |= Q(role=Role.ESELON1_COORDINATOR)
        members = Membership.objects.in_force().filter(roles, user__is_active=True)
        for member in members.select_related("user", "unit").order_by("user__name"):
            if member.role == Role.ESELON1_COORDINATOR:
                coordinators.append((member.unit.path, member.user))
            elif member.user not in leads.setdefault(member.unit_id, []):
                leads[member.unit_id].append(member.user)
    found = {}
    for sheet in sheets:
        if sheet.state in REVIEW_STATES:
            rank = RANK_OF_STATE[sheet.state]
            people = tuple(team.get((sheet.pk, rank), ()))
            found[sheet.pk] = Holder(str(Rank(rank).label), people)
        elif sheet.state in WITH_UNIT:
            found[sheet.pk] = Holder(_("Unit"), tuple(leads.get(sheet.unit_id, ())))
        elif sheet.state == State.SUBMITTED and period.needs_forwarding:
            people = [user for path, user in coordinators if sheet.unit.path.startswith(path)]
            found[sheet.pk] = Holder(_("Eselon I"), tuple(dict.fromkeys(people)))
        elif sheet.state == State.FINAL:
            found[sheet.pk] = Holder("")
        else:
            found[sheet.pk] = Holder(_("Sekretariat TPI"), is_secretariat=True)
    return found
