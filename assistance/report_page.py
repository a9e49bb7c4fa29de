"""The report on a visit (laporan hasil asistensi) as its paper prints it; figures from the visit.

Order: process of the inspectorate, letter, overview, then introduction, the unit, results,
recommendations, closing, annexes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import Catalog, catalog_of
from assessments.journey.eligibility import Item, checklist
from assessments.models import (
    DocumentCheck,
    EvidenceUse,
    ImplementationCheck,
    PredicateAward,
    Rank,
)
from assessments.reports.assembly import answer_text
from assessments.reports.circumstances import DocumentMark, House
from assessments.reports.printing import Outline
from assistance.minutes_page import MinutesReport, area_lines, build_minutes
from assistance.models import (
    LIVING,
    Check,
    Consultation,
    Minutes,
    Recommendation,
    ServiceNote,
    Visit,
    VisitReport,
    VisitReportStep,
)
from assistance.visit_page import Answers, answers_of, sample_of
from units.models import Pledge
from zona.documents import qr_code

LACKING = (DocumentCheck.INADEQUATE, DocumentCheck.ABSENT)
NOT_PRACTISED = (ImplementationCheck.PARTLY, ImplementationCheck.NOT_DONE)
EARLIER_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that the visit checked: what was found, what is expected, what is lacking.

    own, simulated: the answers in words. expected: the criteria of full value, blank for a
    computed row. lacking: the documents that are expected and were not there or not fit.
    """

    code: str
    statement: str
    own: str
    simulated: str
    document: str
    implementation: str
    method: str
    condition: str
    expected: str
    lacking: tuple[str, ...]
    advice: str

    @property
    def is_note(self) -> bool:
        """Tell whether there is something to say beyond the marks."""
        return bool(self.condition or self.advice or self.lacking)


@dataclass(frozen=True, slots=True)
class FindingPart:
    """The findings of one section of the worksheet; points of its weight."""

    code: str
    title: str
    own: Fraction | None
    simulated: Fraction | None
    weight: Fraction | None
    checked: int
    total: int
    findings: tuple[Finding, ...]

    @property
    def notes(self) -> tuple[Finding, ...]:
        """Return the findings that say something."""
        return tuple(finding for finding in self.findings if finding.is_note)


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A rule of the target outside the areas: the unit's value and the simulated one, in points."""

    label: str
    required: Fraction
    own: str
    simulated: str
    is_met: bool
    gap: str


@dataclass(frozen=True, slots=True)
class Advised:
    """A recommendation as a table prints it."""

    code: str
    indicator: str
    advice: str
    owner: str
    due_on: date
    priority: str
    state: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the unit is: people, services, declaration, the last predicate."""

    parent: str
    kind: str
    province: str
    staff: int
    services: tuple[str, ...]
    pledge: Pledge | None
    award: PredicateAward | None


@dataclass(frozen=True, slots=True)
class VisitReportContent:
    """All that the paper says."""

    visit: Visit
    report: VisitReport
    minutes: MinutesReport | None
    house: House
    document: DocumentMark
    profile: Profile
    earlier_living: int
    earlier_done: int
    earlier: tuple[Advised, ...]
    total: Fraction
    own_total: Fraction
    met: int
    rules: int
    results: tuple[ResultLine, ...]
    areas: tuple
    parts: tuple[FindingPart, ...]
    checked: int
    indicators: int
    consultation: Consultation | None
    sample: int | None
    services: tuple[ServiceNote, ...]
    conditions: tuple[Item, ...]
    advice: tuple[Advised, ...]
    documents: tuple[tuple[str, str, str], ...]
    steps: tuple[VisitReportStep, ...]
    signers: tuple
    as_of: datetime

    @property
    def is_met(self) -> bool:
        """Tell whether the simulated values meet every rule of the target."""
        return self.met == self.rules


def build_visit_report(
    visit: Visit, report: VisitReport, *, house: House, document: DocumentMark
) -> VisitReportContent:
    """Return the report with its figures as they are now; some twenty statements, for a job."""
    catalog = catalog_of(visit.assessment.instrument)
    found = answers_of(visit, catalog)
    own, then = (scoring.score(catalog.engine, given) for given in (found.own, found.simulated))
    target = visit.assessment.target
    rules = then.gates[target].rules
    before = {rule.code: rule for rule in own.gates[target].rules}
    minutes = Minutes.objects.filter(visit=visit).first() or Minutes(visit=visit)
    told = build_minutes(visit, minutes) if minutes.pk else None
    consultation = getattr(visit, "consultation", None)
    earlier = Recommendation.objects.filter(unit=visit.unit).exclude(visit=visit)
    counted = earlier.aggregate(living=Count("pk", filter=Q(state__in=LIVING)), all=Count("pk"))
    parts = _parts(visit, catalog, found, own, then)
    team = list(visit.team.select_related("user"))
    return VisitReportContent(
        visit=visit,
        report=report,
        minutes=told,
        house=house,
        document=document,
        profile=_profile(visit),
        earlier_living=counted["living"],
        earlier_done=counted["all"] - counted["living"],
        earlier=_advised(earlier.filter(state__in=LIVING).order_by("due_on"))[:EARLIER_SHOWN],
        total=then.total,
        own_total=own.total,
        met=sum(rule.met for rule in rules),
        rules=len(rules),
        results=tuple(
            ResultLine(
                rule.label,
                rule.required,
                scoring.points_text(before[rule.code].reached),
                scoring.points_text(rule.reached),
                rule.met,
                "" if rule.met else scoring.gap_text(rule.required, rule.reached),
            )
            for rule in rules
            if not rule.code.startswith("area.")
        ),
        areas=area_lines(catalog, own, then, target),
        parts=parts,
        checked=sum(part.checked for part in parts),
        indicators=catalog.indicator_count,
        consultation=consultation,
        sample=sample_of(consultation.population if consultation else None),
        services=tuple(visit.service_notes.select_related("service", "by")),
        conditions=checklist(visit.unit, visit.assessment.period, target).items,
        advice=_advised(Recommendation.objects.filter(visit=visit).order_by("due_on", "pk")),
        documents=_documents(visit, parts),
        steps=tuple(report.steps.filter(edition=report.edition).select_related("by")),
        signers=tuple(member for member in reversed(team) if member.rank != Rank.MEMBER),
        as_of=timezone.now(),
    )


def _profile(visit: Visit) -> Profile:
    unit = visit.unit
    awards = PredicateAward.objects.filter(candidacy__unit=unit, decided_on__lte=visit.ends_on)
    return Profile(
        parent=str(unit.parent or ""),
        kind=str(unit.get_kind_display()),
        province=unit.province,
        staff=unit.staff_count,
        services=tuple(unit.services.order_by("name").values_list("name", flat=True)),
        pledge=Pledge.objects.filter(unit=unit).first(),
        award=awards.order_by("-decided_on").first(),
    )


def _advised(rows) -> tuple[Advised, ...]:
    return tuple(
        Advised(
            code=row.code,
            indicator=row.indicator.code if row.indicator_id else "",
            advice=row.advice,
            owner=row.owner_name,
            due_on=row.due_on,
            priority=str(row.get_priority_display()),
            state=str(row.get_state_display()),
        )
        for row in rows.select_related("indicator", "owner_user")
    )


def _parts(
    visit: Visit, catalog: Catalog, found: Answers, own: scoring.Result, then: scoring.Result
) -> tuple[FindingPart, ...]:
    checks = {
        catalog.codes[check.indicator_id]: check
        for check in Check.objects.filter(visit=visit).exclude(changed_at=None)
    }
    safe = scoring.Reading.SAFE
    areas = then.readings[safe].areas
    parts = []
    for section in catalog.sections:
        reached = areas.get(section.code)
        parts.append(
            FindingPart(
                code=section.code,
                title=section.label,
                own=own.readings[safe].areas[section.code].points if reached else None,
                simulated=reached.points if reached else None,
                weight=reached.weight if reached else None,
                checked=sum(code in checks for code in section.indicator_codes),
                total=len(section.indicator_codes),
                findings=tuple(
                    _finding(catalog, code, checks[code], found)
                    for code in section.indicator_codes
                    if code in checks
                ),
            )
        )
    return tuple(parts)


def _finding(catalog: Catalog, code: str, check: Check, found: Answers) -> Finding:
    row = catalog.engine.indicators[code]
    document, practice = check.document_check, check.implementation_check
    is_short = document in LACKING or practice in NOT_PRACTISED
    best = max(row.options, key=lambda option: option.value, default=None)
    return Finding(
        code=code,
        statement=row.statement,
        own=answer_text(row, found.own.get(code)),
        simulated=answer_text(row, found.simulated.get(code)),
        document=str(check.get_document_check_display() or _("belum diperiksa")),
        implementation=str(check.get_implementation_check_display() or _("belum diperiksa")),
        method=str(check.get_check_method_display()),
        condition=check.condition,
        expected=best.criteria if best and is_short else "",
        lacking=catalog.evidence.get(code, ()) if document in LACKING else (),
        advice=check.advice,
    )


def _documents(visit: Visit, parts: tuple[FindingPart, ...]) -> tuple[tuple[str, str, str], ...]:
    """Return the documents beside the rows that were checked: title, number, their rows."""
    codes = [finding.code for part in parts for finding in part.findings]
    uses = EvidenceUse.objects.filter(
        assessment=visit.assessment_id, indicator__code__in=codes
    ).order_by("evidence__title", "indicator__position")
    listed: dict[tuple[str, str], list[str]] = {}
    for title, number, code in uses.values_list(
        "evidence__title", "evidence__number", "indicator__code"
    ):
        listed.setdefault((title, number), []).append(code)
    return tuple((title, number, ", ".join(rows)) for (title, number), rows in listed.items())


# Printed ----------------------------------------------------------------------------------------


def outline_of(content: VisitReportContent) -> Outline:
    """Return headings and captions of the report, in reading order."""
    o = Outline()
    o.chapter("intro", _("Pendahuluan"))
    o.section("basis", _("Dasar, tujuan, dan ruang lingkup"))
    o.section("method", _("Metodologi dan batasan"))
    o.section("team", _("Waktu dan susunan tim"))
    o.table("team", _("Susunan tim asistensi"))
    o.chapter("unit", _("Gambaran umum unit"))
    o.section("profile", _("Profil"))
    o.section("earlier", _("Rekomendasi sebelumnya"))
    if content.earlier:
        o.table("earlier", _("Rekomendasi yang belum tuntas"))
    o.chapter("results", _("Hasil asistensi"))
    o.section("simulation", _("Simulasi nilai"))
    o.table("areas", _("Nilai area menurut unit dan simulasi"))
    o.section("conditions", _("Uraian kondisi tiap area"))
    o.section("outcomes", _("Komponen hasil dan ambang lain"))
    o.table("outcomes", _("Ambang di luar area"))
    o.section("survey", _("Konsultasi survei"))
    o.section("eligibility", _("Uji syarat usulan"))
    if content.conditions:
        o.table("eligibility", _("Syarat usulan di luar nilai"))
    o.chapter("advice", _("Rekomendasi dan rencana aksi"))
    if content.advice:
        o.table("advice", _("Rekomendasi kunjungan ini"))
    o.chapter("closing", _("Penutup"))
    o.annex("lampiran-1", _("Lampiran 1. Kertas kerja per butir"), 2)
    o.annex("lampiran-2", _("Lampiran 2. Dokumen yang diperiksa"), 2)
    o.annex("lampiran-3", _("Lampiran 3. Daftar hadir dan berita acara"), 2)
    return o


def visit_report_html(content: VisitReportContent) -> str:
    """Return the report as a page for ``zona.pdf.render``."""
    outline = outline_of(content)
    return render_to_string(
        "reports/visit_report.html",
        {
            "content": content,
            "visit": content.visit,
            "house": content.house,
            "document": content.document,
            "qr": qr_code(content.document.verify_url),
            "headings": outline.headings,
            "captions": outline.captions,
            "contents": outline.headings.values(),
            "lists": outline.captions.values(),
        },
    )
