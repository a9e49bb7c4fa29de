"""A new period from an old one: its units and teams are carried over, its answers never.

Looked at as a whole first (``preview``); then the period is made and a job opens the worksheets,
each in a transaction of its own. Running it again adds what is missing and nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.catalog import catalog_of
from assessments.models import Assessment, Period, Rank, TeamMember
from assessments.services.freeze import PeriodClosed
from assessments.services.periods import PERIOD_FIELDS, create_period
from assessments.services.teams import RANK_ROLES, member_fact
from assessments.services.worksheets import CannotOpen, open_assessment
from units.access import access_of, belongs_to, load_access
from units.models import Membership, User
from zona import audit
from zona.jobs import Report, enqueue
from zona.models import Job

ROLL_JOB = "period_roll_over"


class RollRefused(Exception):
    """The period cannot be rolled over like this; the text is the user's sentence."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What is taken over: the worksheets of its units (blank), and their teams."""

    units: bool = True
    teams: bool = True


@dataclass(frozen=True, slots=True)
class Left:
    """Something that is not taken over, and why."""

    unit: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What rolling over would do now.

    opens: worksheets that would be opened; exists: those that are there already. places: people on
    teams. ending: memberships of these units' people that end before the new year does.
    """

    opens: int
    exists: int
    places: int
    left: tuple[Left, ...]
    ending: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    opened: int
    places: int
    refused: int


def rolled_period(source: Period, year: int) -> Period | None:
    """Return the period of a year that was made from another one already."""
    return Period.objects.filter(rolled_from=source, year=year).order_by("pk").first()


def _sources(source: Period) -> list[Assessment]:
    """Return the newest worksheets of a period with unit and team; two statements."""
    sheets = Assessment.objects.newest_versions().filter(period=source).select_related("unit")
    return list(sheets.prefetch_related("team__user").order_by("unit__path"))


def preview(source: Period, target: Period | None, wanted: Carried, *, year: int) -> Preview:
    """Return what rolling over would do; six statements. target: the new period, None before it."""
    sheets = _sources(source)
    there = set(target.assessments.values_list("unit_id", flat=True)) if target else set()
    load_access({member.user for sheet in sheets for member in sheet.team.all()})
    opens = places = 0
    left = []
    for sheet in sheets:
        if sheet.unit_id in there:
            continue
        if not sheet.unit.is_assessable:
            left.append(Left(sheet.unit.label, _("unit"), _("unit sudah ditutup")))
            continue
        opens += 1
        for member in sheet.team.all() if wanted.teams else ():
            why = _lost(sheet, member)
            if why:
                left.append(Left(sheet.unit.label, str(member.user), why))
            else:
                places += 1
    units = {sheet.unit_id for sheet in sheets}
    ending = Membership.objects.in_force().filter(valid_to__year__lte=year, unit__in=units).count()
    return Preview(opens, len(there & units), places, tuple(left), ending)


def _lost(sheet: Assessment, member: TeamMember) -> str:
    """Return why a team member does not come along; empty when he does."""
    user = member.user
    if not user.is_active:
        return _("akun tidak aktif")
    if belongs_to(user, sheet.unit):
        return _("sekarang berasal dari unit ini")
    if not access_of(user).roles & RANK_ROLES[member.rank]:
        return _("tidak lagi memegang peran untuk {rank}").format(
            rank=Rank(member.rank).label.lower()
        )
    return ""


@transaction.atomic
def roll_over(*, source: Period, wanted: Carried, by: User, **fields: Any) -> tuple[Period, Job]:
    """Make the new period, or take the one made before, and queue the carrying over.

    fields: those of PERIOD_FIELDS; only used where the period is new. Raises RollRefused.
    """
    source = Period.objects.select_for_update(of=("self",)).get(pk=source.pk)
    year = fields["year"]
    if year <= source.year:
        raise RollRefused(_("Tahun baru harus sesudah {year}.").format(year=source.year))
    target = rolled_period(source, year)
    if target is None:
        target = create_period(by=by, **{name: fields[name] for name in PERIOD_FIELDS})
        target.rolled_from = source
        target.save(update_fields=["rolled_from"])
        data = {"from": source.pk, **asdict(wanted)}
        audit.record_system([audit.Fact("period.rolled", target.subject, data)], by=by)
    elif not target.is_open:
        raise RollRefused(_("{period} tidak menerima LKE baru.").format(period=target))
    waiting = Job.objects.filter(
        kind=ROLL_JOB, subject=target.subject, state__in=[Job.State.QUEUED, Job.State.RUNNING]
    ).first()
    if waiting is None:
        args = {"source": source.pk, "target": target.pk, "wanted": asdict(wanted)}
        waiting = enqueue(ROLL_JOB, args=args, subject=target.subject, by=by)
    return target, waiting


def carry_over(
    *, source: Period, target: Period, wanted: Carried, by: User | None, report: Report
) -> Outcome:
    """Open the worksheets that the new period lacks, with their teams; one transaction each.

    Teams are set only where the worksheet is opened here: what the secretariat has arranged since
    stays. Units that were closed and people who may not assess any more are left out.
    """
    if not wanted.units:
        return Outcome(0, 0, 0)
    sheets = _sources(source)
    there = set(target.assessments.values_list("unit_id", flat=True))
    load_access({member.user for sheet in sheets for member in sheet.team.all()})
    sections = {section.code for section in catalog_of(target.instrument).sections}
    opened = places = refused = 0
    for number, sheet in enumerate(sheets, start=1):
        report(number * 100 // len(sheets), f"{number}/{len(sheets)} unit")
        if sheet.unit_id in there or not sheet.unit.is_assessable:
            continue
        try:
            places += _carry_sheet(sheet, target, wanted, sections, by)
        except (CannotOpen, PeriodClosed):
            refused += 1
        else:
            opened += 1
    return Outcome(opened, places, refused)


@transaction.atomic
def _carry_sheet(sheet, target: Period, wanted: Carried, sections: set[str], by) -> int:
    new = open_assessment(unit=sheet.unit, period=target, target=sheet.target, by=by)
    if not wanted.teams:
        return 0
    team: Sequence[TeamMember] = [
        TeamMember(
            assessment=new,
            user=member.user,
            rank=member.rank,
            # Another edition may know other areas; who had only such ones gets all.
            areas=[code for code in member.areas if code in sections],
        )
        for member in sheet.team.all()
        if not _lost(sheet, member)
    ]
    if team:
        TeamMember.objects.bulk_create(team)
        audit.record(
            new, [member_fact("team.added", member, carried=True) for member in team], by=by
        )
    return len(team)
