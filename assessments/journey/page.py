"""What the pages of the journey show, read in few statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.journey import rules, timeline
from assessments.journey.eligibility import (
    Checklist,
    checklist,
    checklist_from,
    checks_of,
    conditions_of,
    with_hints,
)
from assessments.journey.rules import Act, Phase
from assessments.journey.services import (
    STREAM_PREFIX,
    available_acts,
    candidacy_of,
    fresh_candidacy,
    gaps_of,
)
from assessments.journey.timeline import Journey
from assessments.models import (
    Assessment,
    Candidacy,
    NationalStage,
    Period,
    Predicate,
    PredicateAward,
    ProposalLine,
    State,
)
from units.models import Pledge, Service, Unit, User
from zona.models import AuditEntry

HISTORY_LINES = 20
ACT_WORDS = {
    Act.DECLARE: gettext_lazy("Mulai pembangunan"),
    Act.DESIGNATE: gettext_lazy("Tetapkan calon"),
    Act.CANCEL_DESIGNATION: gettext_lazy("Batalkan penetapan calon"),
    Act.PROPOSE: gettext_lazy("Usulkan ke TPN"),
    Act.WITHDRAW: gettext_lazy("Tarik usulan"),
    Act.COACH: gettext_lazy("Lanjutkan ke pembinaan"),
    Act.RECORD_STAGE: gettext_lazy("Catat hasil TPN"),
    Act.FAIL: gettext_lazy("Nyatakan tidak lolos"),
    Act.AWARD_MINISTRY: gettext_lazy("Catat predikat kementerian"),
    Act.AWARD_NATIONAL: gettext_lazy("Catat predikat nasional"),
    Act.MONITOR: gettext_lazy("Catat pemantauan"),
    Act.REVOKE: gettext_lazy("Cabut predikat"),
}
DONE_WORDS = {
    Act.DECLARE: gettext_lazy("Pembangunan dimulai"),
    Act.DESIGNATE: gettext_lazy("Calon ditetapkan Eselon I"),
    Act.CANCEL_DESIGNATION: gettext_lazy("Penetapan calon dibatalkan"),
    Act.PROPOSE: gettext_lazy("Diusulkan ke TPN"),
    Act.WITHDRAW: gettext_lazy("Usulan ditarik"),
    Act.COACH: gettext_lazy("Dilanjutkan ke pembinaan"),
    Act.RECORD_STAGE: gettext_lazy("Hasil TPN dicatat"),
    Act.FAIL: gettext_lazy("Dinyatakan tidak lolos"),
    Act.AWARD_MINISTRY: gettext_lazy("Predikat kementerian dicatat"),
    Act.AWARD_NATIONAL: gettext_lazy("Predikat nasional dicatat"),
    Act.MONITOR: gettext_lazy("Pemantauan dicatat"),
    Act.REVOKE: gettext_lazy("Predikat dicabut"),
    "check": gettext_lazy("Syarat usulan diisi"),
    "exception": gettext_lazy("Pengecualian diberikan"),
    "exception_withdrawn": gettext_lazy("Pengecualian dicabut"),
    "pacts": gettext_lazy("Daftar pakta integritas diimpor"),
    "scan": gettext_lazy("Pindaian pencanangan disimpan"),
    "building_monitored": gettext_lazy("Pembangunan dipantau"),
    "document_made": gettext_lazy("Naskah dibuat"),
    "document_sent": gettext_lazy("Naskah dikirim untuk ditandatangani"),
    "document_issued": gettext_lazy("Naskah terbit"),
    "document_withdrawn": gettext_lazy("Naskah ditarik"),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened on the way."""

    at: object
    by: str
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class ActLink:
    """A way to an act that the person may take now."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class JourneyPage:
    """A unit's year: line of stages, conditions, national results.

    gaps: what keeps the unit from being proposed, told to those who propose; None for others.
    """

    unit: Unit
    period: Period
    candidacy: Candidacy
    journey: Journey
    checklist: Checklist
    target: str
    sheet: Assessment | None
    pledge: Pledge | None
    acts: tuple[ActLink, ...]
    results: tuple
    monitorings: tuple
    line: ProposalLine | None
    gaps: tuple[str, ...] | None
    phase_label: str


def units_for_page(units):
    """Load units with their pledges and with what the page asks of each, in one query."""
    awards = PredicateAward.objects.filter(candidacy__unit=OuterRef("pk"), revoked_on__isnull=False)
    strategic = Service.objects.filter(unit=OuterRef("pk"), is_strategic=True, is_active=True)
    return units.select_related("parent", "pledge").annotate(
        revoked_on=Subquery(awards.order_by("-revoked_on").values("revoked_on")[:1]),
        strategic_count=Coalesce(
            Subquery(strategic.order_by().values("unit").annotate(n=Count("pk")).values("n")),
            Value(0),
        ),
    )


def journey_page(
    unit: Unit, period: Period, sheet: Assessment | None, user: User, *, sees_gaps: bool
) -> JourneyPage:
    """Return the page of a unit's year; the number of statements does not grow.

    unit: by ``units_for_page``; period: with its instrument; sheet: the newest of both.
    sees_gaps: the person may propose.
    """
    candidacy = candidacy_of(unit, period)
    candidacy.unit, candidacy.period = unit, period
    pledge = getattr(unit, "pledge", None)
    target = sheet.target if sheet else Predicate.WBK.value
    award = getattr(candidacy, "award", None) if candidacy.pk else None
    went_up = candidacy.phase not in (Phase.PREPARING, Phase.BUILDING)
    results = tuple(candidacy.stage_results.all()) if went_up else ()
    passed = {row.stage: row.passed for row in results}
    lines = candidacy.lines.filter(withdrawn_at=None).select_related("proposal") if went_up else ()
    line = next(iter(lines), None)
    drawn = timeline.journey_of(
        timeline.Facts(
            candidacy=candidacy,
            pledge=pledge,
            sheet=sheet,
            award=award,
            results=passed,
            proposed_on=line.proposal.dated_on if line else None,
            tpi_note=sheet.get_state_display() if sheet and not sheet.is_draft else "",
        )
    )
    listed = with_hints(
        checklist(unit, period, target),
        unit,
        declared_on=pledge.declared_on if pledge else None,
        day=timezone.localdate(),
        services=unit.strategic_count,
        figures=tuple(unit.figures.all()[:2]),
    )
    gaps = None
    if sees_gaps and candidacy.phase == Phase.BUILDING:
        gaps = tuple(
            gaps_of(
                candidacy, pledge=pledge, sheet=sheet, listed=listed, revoked_on=unit.revoked_on
            )
        )
    return JourneyPage(
        unit=unit,
        period=period,
        candidacy=candidacy,
        journey=drawn,
        checklist=listed,
        target=target,
        sheet=sheet,
        pledge=pledge,
        acts=tuple(_acts(user, candidacy, passed, gaps)),
        results=results,
        monitorings=tuple(award.monitorings.all()) if award and award.is_monitored else (),
        line=line,
        gaps=gaps,
        phase_label=str(candidacy.get_phase_display()),
    )


def _acts(user: User, candidacy: Candidacy, passed: dict, gaps) -> Iterable[ActLink]:
    """Yield the acts worth a button: those of the table whose moment has come."""
    for rule in available_acts(user, candidacy):
        if rule.act == Act.PROPOSE:
            continue
        if rule.act == Act.RECORD_STAGE and not rules.open_stages(passed):
            continue
        if rule.act == Act.FAIL and not rules.has_failed(passed):
            continue
        if rule.act == Act.AWARD_NATIONAL and not rules.is_through(passed):
            continue
        if rule.act == Act.AWARD_MINISTRY and gaps:
            continue
        yield ActLink(rule.act.value, str(ACT_WORDS[rule.act]))


def history_of(unit: Unit, period: Period) -> tuple[HistoryLine, ...]:
    """Return the newest facts of a unit's year, one query."""
    both = (conditions_of(period.instrument, target) for target in Predicate.values)
    labels = {one.code: one.label for listed in both for one in listed}
    rows = AuditEntry.objects.filter(
        stream=unit.audit_stream,
        action__startswith=STREAM_PREFIX,
    ).filter(
        Q(target__in=(f"period:{period.pk}", ""))
        | Q(target__startswith="monitoring:", data__on__startswith=str(period.year))
        | Q(target__startswith="scan:", at__year=period.year)
        | Q(target__startswith="document:", at__year=period.year)
    )
    found = []
    for entry in rows.order_by("-seq")[:HISTORY_LINES]:
        code = entry.action.removeprefix(STREAM_PREFIX)
        data = entry.data
        stage = data.get("stage")
        if stage:
            detail = NationalStage(stage).label
        else:
            detail = labels.get(data.get("condition", "")) or data.get("number")
            detail = detail or data.get("reason")
        found.append(
            HistoryLine(
                entry.at,
                entry.actor_name or _("Sistem"),
                str(DONE_WORDS.get(code, code)),
                str(detail or ""),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A unit in the list of a period: where it stands and what holds it."""

    unit: Unit
    phase: str
    state: str
    is_final: bool
    designated_on: object
    checklist: Checklist
    holder: str
    can_choose: bool


def candidate_rows(sheets: Iterable[Assessment], period: Period) -> tuple[CandidateRow, ...]:
    """Return a row per worksheet, in its order; three statements for all of them.

    sheets: newest versions with their units and the pledges of these.
    """
    sheets = list(sheets)
    units = [sheet.unit for sheet in sheets]
    letters = ProposalLine.objects.filter(candidacy=OuterRef("pk"), withdrawn_at=None)
    kept = {
        row.unit_id: row
        for row in Candidacy.objects.filter(period=period, unit__in=units)
        .select_related("award")
        .annotate(proposed_on=Subquery(letters.values("proposal__dated_on")[:1]))
        .prefetch_related("stage_results")
    }
    found = checks_of(period, units)
    rows = []
    for sheet in sheets:
        unit = sheet.unit
        sheet.period = period
        pledge = getattr(unit, "pledge", None)
        candidacy = kept.get(unit.pk)
        results = {}
        if candidacy is None:
            candidacy = fresh_candidacy(unit, period, pledge)
        else:
            results = {row.stage: row.passed for row in candidacy.stage_results.all()}
        candidacy.unit, candidacy.period = unit, period
        holder, _due = timeline.holder_of(
            timeline.Facts(
                candidacy=candidacy,
                pledge=pledge,
                sheet=sheet,
                award=getattr(candidacy, "award", None) if candidacy.pk else None,
                results=results,
                proposed_on=getattr(candidacy, "proposed_on", None),
            )
        )
        conditions = conditions_of(period.instrument, sheet.target)
        rows.append(
            CandidateRow(
                unit=unit,
                phase=str(candidacy.get_phase_display()),
                state=str(sheet.get_state_display()),
                is_final=sheet.state == State.FINAL,
                designated_on=candidacy.designated_on,
                checklist=checklist_from(unit, conditions, found),
                holder=holder,
                can_choose=sheet.is_final and candidacy.phase == Phase.BUILDING,
            )
        )
    return tuple(rows)
