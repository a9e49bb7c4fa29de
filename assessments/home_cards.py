"""Cards of the home page and of a unit's page that the assessments add to them."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

from django.core.cache import cache
from django.db.models import Prefetch
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import figures
from assessments.catalog import catalog_of
from assessments.models import Assessment, Period, Score, Track
from units.access import Permission, access_of
from units.models import Unit, User
from zona import charts

SHOWN_UNITS = 8
PERIOD_KEY, PERIOD_SECONDS = "assessments.open_period", 30
STEP_MET = {"0": False, "1": True, "2": True}


@dataclasses.dataclass(frozen=True, slots=True)
class TeamUnit:
    """A worksheet of the person's teams: its ring of areas and the TPI's figure."""

    url: str
    name: str
    note: str
    ring: str
    total: Decimal | None
    answered: int
    indicators: int


@dataclasses.dataclass(frozen=True, slots=True)
class TeamUnits:
    """The card of the units that the person assesses."""

    rows: tuple[TeamUnit, ...]


def team_units(user: User, **_context) -> TeamUnits | None:
    """Return the worksheets on whose team the person is, the newest first; one query."""
    if not access_of(user).has(Permission.TPI_ASSESS):
        return None
    scores = (
        Score.objects.filter(
            track=Track.TPI, assessment__team__user=user, assessment__superseded_by=None
        )
        .select_related("assessment__unit", "assessment__period", "assessment__instrument")
        .defer("figures", "unmet_rules", "assessment__instrument__document")
        .order_by("-assessment__period__year", "-assessment__state_changed_at")
    )
    found = list(scores[:SHOWN_UNITS])
    if not found:
        return None
    return TeamUnits(tuple(_team_unit(row) for row in found))


def _team_unit(score: Score) -> TeamUnit:
    sheet = score.assessment
    filled = score.answered_count > 0
    segments = [STEP_MET.get(step) if filled else None for step in score.area_steps]
    met = sum(segment is True for segment in segments)
    said = _("{met} dari {all} area memenuhi ambang WBK").format(met=met, all=len(segments))
    if all(segment is None for segment in segments):
        said = _("tanpa ambang area") if filled else _("belum dinilai")
    return TeamUnit(
        url=sheet.get_absolute_url(),
        name=sheet.unit.label,
        note=f"{sheet.period.name} · {sheet.get_state_display()}",
        ring=charts.ring(segments, label=said, size=30),
        total=_shown(sheet, score.safe_total) if filled else None,
        answered=score.answered_count,
        indicators=score.indicator_count,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class DateLine:
    """A day that matters, and how far it is."""

    day: date
    text: str
    days_left: int


@dataclasses.dataclass(frozen=True, slots=True)
class Dates:
    """The card of the current period's days that have not passed."""

    period: str
    url: str
    lines: tuple[DateLine, ...]


def _open_period() -> Period | None:
    """Return the newest open period; read from the database at most every 30 seconds."""
    found = cache.get(PERIOD_KEY)
    if found is None:
        newest = Period.objects.filter(is_open=True).order_by("-year", "name").first()
        found = newest or ""
        cache.set(PERIOD_KEY, found, PERIOD_SECONDS)
    return found or None


@receiver(post_save, sender=Period)
@receiver(post_delete, sender=Period)
def _forget_period(sender, **kwargs) -> None:
    cache.delete(PERIOD_KEY)


def important_dates(user: User, **_context) -> Dates | None:
    """Return the current period's coming days; None where none is left. No query, most times."""
    if not access_of(user).has(Permission.ASSESSMENT_VIEW):
        return None
    period = _open_period()
    if not period:
        return None
    today = timezone.localdate()
    days = (
        (period.self_assessment_due, _("batas penilaian mandiri")),
        (period.evidence_to, _("berakhirnya jendela bukti")),
        (period.evaluation_due, _("batas evaluasi TPI")),
        (period.proposal_due, _("batas usulan")),
    )
    lines = [DateLine(day, text, (day - today).days) for day, text in days if day and day >= today]
    if not lines:
        return None
    lines.sort(key=lambda line: line.day)
    return Dates(period.name, period.get_absolute_url(), tuple(lines))


# The unit's own page ------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class UnitSheet:
    """One worksheet in the list on a unit's page."""

    assessment: Assessment
    total: Decimal | None
    is_tpi: bool


@dataclasses.dataclass(frozen=True, slots=True)
class UnitSheets:
    """The worksheets of a unit, the newest first."""

    rows: tuple[UnitSheet, ...]
    can_open: bool
    evidence_url: str
    plan_url: str


def sheets_of_unit(user: User, *, unit: Unit) -> UnitSheets | None:
    """Return a unit's worksheets with the figure that the person may see; two queries."""
    access = access_of(user)
    if not access.has(Permission.ASSESSMENT_VIEW, unit):
        return None
    sees_all = access.has(Permission.TPI_TRACK_VIEW, unit)
    light = Score.objects.defer("figures", "unmet_rules")
    sheets = unit.assessments.newest_versions().with_window()
    sheets = sheets.select_related("period", "unit", "instrument")
    sheets = list(
        sheets.defer("instrument__document")
        .prefetch_related(Prefetch("scores", queryset=light))
        .order_by("-period__year", "-pk")
    )
    return UnitSheets(
        rows=tuple(_unit_sheet(sheet, sees_all) for sheet in sheets),
        can_open=access.has(Permission.ASSESSMENT_OPEN, unit),
        evidence_url=reverse("assessments:evidence_library", args=[unit.pk]),
        plan_url=reverse("assessments:plan_detail", args=[unit.pk, timezone.localdate().year])
        if unit.is_assessable
        else "",
    )


def _shown(sheet: Assessment, total: Decimal | None) -> Decimal | None:
    return figures.shown_total(catalog_of(sheet.instrument).engine, total)


def _unit_sheet(sheet: Assessment, sees_all: bool) -> UnitSheet:
    scores = {score.track: score for score in sheet.scores.all()}
    tpi = scores.get(Track.TPI)
    if tpi and tpi.answered_count and (sees_all or sheet.is_final):
        return UnitSheet(sheet, _shown(sheet, tpi.safe_total), is_tpi=True)
    own = scores.get(Track.UNIT)
    total = own.safe_total if own and own.answered_count else None
    return UnitSheet(sheet, _shown(sheet, total), is_tpi=False)
