"""The plenary: its agenda drawn from differences and gates, its decisions, what closes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    Count,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import (
    Answer,
    Assessment,
    JourneyPaper,
    Objection,
    Period,
    Plenary,
    PlenaryDecision,
    Review,
    Score,
    State,
    Track,
)
from assessments.services.answers import clean_text, lock_assessment
from assessments.services.freeze import refuse_closed
from units.access import Permission, has_permission
from units.models import User
from units.services.tree import check_version
from zona import audit
from zona.models import Document

FIELDS = ("held_on", "place", "chair_name", "chair_position", "notes", "attendance")
Verdict = PlenaryDecision.Verdict


class PlenaryRefused(Exception):
    """A step of the plenary can't be taken; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """A final worksheet on the table: both totals, what changed on the way, which gates it meets.

    ``rows_differ`` counts rows whose TPI value is not the unit's, ``rank_changes`` values that a
    later rank changed. ``met`` are the predicates whose gates all hold, ``unmet`` the number of
    gates short of the unit's own target. ``points`` says in words why it needs a discussion.
    """

    assessment: Assessment
    unit_total: Decimal
    tpi_total: Decimal
    rows_differ: int
    rank_changes: int
    objections: int
    met: tuple[str, ...]
    unmet: int
    points: tuple[str, ...]
    decision: PlenaryDecision | None
    earlier: PlenaryDecision | None

    @property
    def difference(self) -> Decimal:
        """Return by how much the TPI's total differs from the unit's."""
        return self.tpi_total - self.unit_total

    @property
    def suggestion(self) -> str:
        """Return the verdict that the gates alone would give, never above the unit's target."""
        if self.assessment.target in self.met:
            return self.assessment.target
        return self.met[-1] if self.met else Verdict.NOT_PROPOSED

    @property
    def figures(self) -> dict[str, Any]:
        """Return what a decision keeps of the table."""
        return {
            "unit": str(self.unit_total),
            "tpi": str(self.tpi_total),
            "rows_differ": self.rows_differ,
            "rank_changes": self.rank_changes,
            "objections": self.objections,
            "met": list(self.met),
            "unmet": self.unmet,
            "target": self.assessment.target,
        }


BIG_DIFFERENCE = Decimal(5)


def can_write(user: User) -> bool:
    """Tell whether the person may call a plenary and record it: the secretariat."""
    return has_permission(user, Permission.JOURNEY_PROPOSE)


def on_table(period: Period) -> QuerySet[Assessment]:
    """Return the worksheets on which a plenary of the period can decide."""
    rows = Assessment.objects.newest_versions().filter(period=period, state=State.FINAL)
    return rows.select_related("unit", "unit__parent").order_by("unit__name", "pk")


def agenda(plenary: Plenary, sheets: Iterable[Assessment]) -> tuple[AgendaLine, ...]:
    """Return a line per worksheet, in its order; three statements for all of them."""
    sheets = list(sheets)
    scores: dict[int, dict[str, Score]] = {}
    for score in Score.objects.filter(assessment__in=sheets).defer("figures"):
        scores.setdefault(score.assessment_id, {})[score.track] = score
    counts = {
        pk: numbers
        for pk, *numbers in _counted(sheets).values_list("pk", "differ", "changes", "waiting")
    }
    known: dict[int, list[PlenaryDecision]] = {}
    decisions = PlenaryDecision.objects.filter(assessment__in=sheets).select_related("plenary")
    for decision in decisions.order_by("-plenary__held_on", "-plenary_id"):
        known.setdefault(decision.assessment_id, []).append(decision)
    lines = []
    for sheet in sheets:
        mine = known.get(sheet.pk, [])
        here = next((one for one in mine if one.plenary_id == plenary.pk), None)
        earlier = next((one for one in mine if one.plenary_id != plenary.pk), None)
        unit, tpi = (scores[sheet.pk].get(track) for track in (Track.UNIT, Track.TPI))
        unmet = len(tpi.unmet_rules.get(sheet.target, ()))
        differ, changes, waiting = counts[sheet.pk]
        met = tuple(name for name in ("WBK", "WBBM") if tpi.unmet_rules.get(name) == {})
        line = AgendaLine(
            assessment=sheet,
            unit_total=unit.safe_total,
            tpi_total=tpi.safe_total,
            rows_differ=differ,
            rank_changes=changes,
            objections=waiting,
            met=met,
            unmet=unmet,
            points=(),
            decision=here,
            earlier=earlier,
        )
        lines.append(_with_points(line))
    return tuple(lines)


def _counted(sheets: Sequence[Assessment]) -> QuerySet[Assessment]:
    """Return worksheets with ``differ`` rows, ``changes`` by ranks, objections ``waiting``."""
    own = Answer.objects.filter(
        assessment=OuterRef("assessment"), indicator=OuterRef("indicator"), track=Track.UNIT
    )
    rows = Answer.objects.filter(assessment=OuterRef("pk"), track=Track.TPI)
    rows = rows.exclude(choice=Subquery(own.values("choice")))
    changed = Review.objects.filter(
        answer__assessment=OuterRef("pk"), verdict=Review.Verdict.CHANGED
    )
    waiting = Objection.objects.filter(assessment=OuterRef("pk"), verdict="")

    def count(found: QuerySet, name: str) -> Coalesce:
        counted = found.order_by().values(name).annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted), Value(0))

    return Assessment.objects.filter(pk__in=[sheet.pk for sheet in sheets]).annotate(
        differ=count(rows, "assessment"),
        changes=count(changed, "answer__assessment"),
        waiting=count(waiting, "assessment"),
    )


def _with_points(line: AgendaLine) -> AgendaLine:
    """Return the line with what about it needs a discussion."""
    points = []
    if line.unmet:
        points.append(
            _("{n} ambang {target} belum").format(n=line.unmet, target=line.assessment.target)
        )
    if abs(line.difference) >= BIG_DIFFERENCE:
        points.append(_("nilai unit dan TPI jauh berbeda"))
    if line.rank_changes:
        points.append(_("{n} nilai diubah antarjenjang").format(n=line.rank_changes))
    if line.objections:
        points.append(_("{n} sanggah belum dijawab").format(n=line.objections))
    return replace(line, points=tuple(points))


# Written ------------------------------------------------------------------------------------------


def _lock(plenary: Plenary, by: User) -> Plenary:
    """Return the meeting, locked; PlenaryRefused where it is not his or stays as it is."""
    if not can_write(by):
        raise PlenaryRefused(_("Rapat pleno dicatat oleh sekretariat TPI."))
    locked = Plenary.objects.select_for_update(of=("self",)).select_related("period")
    locked = locked.get(pk=plenary.pk)
    refuse_closed(locked.period)
    if locked.closed_at is not None:
        raise PlenaryRefused(
            _("Berita acara rapat ini sudah terbit dan tidak berubah; koreksi lewat rapat baru.")
        )
    if JourneyPaper.objects.filter(
        plenary=locked, document__status=Document.Status.AWAITING_SIGNATURE
    ).exists():
        raise PlenaryRefused(
            _("Berita acara sedang menunggu tanda tangan. Buat ulang konsepnya untuk mengubah.")
        )
    return locked


@transaction.atomic
def hold(*, period: Period, by: User, **fields: Any) -> Plenary:
    """Record a meeting. fields: those of FIELDS. Raises PlenaryRefused, PeriodClosed."""
    if not can_write(by):
        raise PlenaryRefused(_("Rapat pleno dicatat oleh sekretariat TPI."))
    refuse_closed(Period.objects.select_for_update().get(pk=period.pk))
    plenary = Plenary.objects.create(period=period, created_by=by, **fields)
    _tell(plenary, "plenary.held", by)
    return plenary


@transaction.atomic
def change(*, plenary: Plenary, by: User, version: int | None = None, **fields: Any) -> Plenary:
    """Change what is recorded of a meeting. Raises PlenaryRefused, RowChanged."""
    locked = _lock(plenary, by)
    check_version(locked, version)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.version += 1
    locked.save(update_fields=[*fields, "version"])
    _tell(locked, "plenary.changed", by)
    return locked


@transaction.atomic
def decide(
    *,
    plenary: Plenary,
    assessment: Assessment,
    verdict: str,
    reason: str,
    by: User,
    dissent: str = "",
    version: int | None = None,
) -> PlenaryDecision:
    """Record what a meeting decided on a unit, with the figures as they stand.

    version: of the decision that the writer saw, 0 for none. Raises PlenaryRefused, RowChanged.
    """
    locked = _lock(plenary, by)
    sheet = lock_assessment(assessment)
    if sheet.period_id != locked.period_id or not sheet.is_final:
        raise PlenaryRefused(_("Pleno memutuskan LKE final dari periodenya."))
    if Assessment.objects.filter(supersedes=sheet).exists():
        raise PlenaryRefused(_("Lembar kerja ini sudah digantikan versi berikutnya."))
    if verdict not in Verdict.values:
        raise PlenaryRefused(_("Pilih putusan."))
    try:
        reason, dissent = clean_text(reason, 4_000).strip(), clean_text(dissent, 4_000).strip()
    except ValueError as error:
        raise PlenaryRefused(str(error)) from error
    if not reason:
        raise PlenaryRefused(_("Tulis alasan putusan."))
    (line,) = agenda(locked, [sheet])
    row = line.decision or PlenaryDecision(plenary=locked, assessment=sheet, version=0)
    check_version(row, version)
    row.verdict, row.reason, row.dissent, row.figures = verdict, reason, dissent, line.figures
    row.by, row.at, row.version = by, timezone.now(), row.version + 1
    row.save()
    locked.version += 1
    locked.save(update_fields=["version"])
    facts = {"plenary": locked.pk, "verdict": verdict, "reason": reason, "dissent": dissent}
    audit.record(sheet, [audit.Fact("plenary_decided", "", facts)], by=by)
    return row


def _tell(plenary: Plenary, action: str, by: User) -> None:
    data = {name: str(getattr(plenary, name)) for name in FIELDS}
    audit.record_system([audit.Fact(action, f"plenary:{plenary.pk}", data)], by=by)


def decided(plenary: Plenary) -> Sequence[PlenaryDecision]:
    """Return a meeting's decisions: those that go up first, then by unit; one query."""
    rows = plenary.decisions.select_related("assessment__unit__parent").order_by(
        "assessment__unit__name"
    )
    order = list(Verdict.values)
    return sorted(rows, key=lambda row: order.index(row.verdict))


def with_decision(sheets: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """Bring the newest decision on each worksheet along: which meeting, its day, the verdict."""
    newest = PlenaryDecision.objects.filter(assessment=OuterRef("pk"))
    newest = newest.order_by("-plenary__held_on", "-plenary_id")
    labels = [When(verdict=value, then=Value(str(label))) for value, label in Verdict.choices]
    said = newest.annotate(label=Case(*labels, output_field=CharField()))
    return sheets.annotate(
        decided_by=Subquery(newest.values("plenary")[:1]),
        decided_on=Subquery(newest.values("plenary__held_on")[:1]),
        decision_label=Subquery(said.values("label")[:1]),
    )


def latest_decisions(period: Period, units: Iterable) -> dict[int, PlenaryDecision]:
    """Return the newest decision per unit of a period on its newest worksheet; one query."""
    rows = PlenaryDecision.objects.filter(
        assessment__unit__in=units, assessment__superseded_by=None, plenary__period=period
    )
    rows = rows.select_related("plenary", "assessment")
    found: dict[int, PlenaryDecision] = {}
    for row in rows.order_by("plenary__held_on", "plenary_id"):
        found[row.assessment.unit_id] = row
    return found


def objection_to_proposal(decision: PlenaryDecision | None) -> str:
    """Return why the newest decision keeps a unit from being proposed; blank where it does not."""
    if decision is None or decision.goes_up:
        return ""
    return _("rapat pleno {day} memutuskan {verdict}.").format(
        day=decision.plenary.held_on.strftime("%d-%m-%Y"),
        verdict=decision.get_verdict_display().lower(),
    )
