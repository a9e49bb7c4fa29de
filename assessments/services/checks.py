"""What is checked before a worksheet is handed on: each rule once, with the rows that break it.

Errors block; a warning may stand when whoever hands on says why. The same list is the page
"Periksa kelengkapan" and the guard of the transitions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import scoring
from assessments.catalog import Catalog, answer_value, catalog_of
from assessments.models import (
    Answer,
    AreaCompletion,
    Assessment,
    DocumentCheck,
    EvidenceUse,
    ImplementationCheck,
    Rank,
    RowState,
    Track,
)


class Severity(StrEnum):
    """How much a finding weighs at a hand-over."""

    ERROR = "error"
    WARNING = "warning"


CONDITION_MIN = 20
"""Letters below which a condition can hardly say what was found, where and against what."""

WARNINGS: Mapping[str, str | Promise] = {
    "awaits_data": gettext_lazy("Butir menunggu data"),
    "best_without_practice": gettext_lazy("Nilai penuh tanpa implementasi penuh"),
    "value_without_practice": gettext_lazy("Bernilai walau belum terlaksana"),
    "condition_short": gettext_lazy("Uraian kondisi sangat singkat"),
    "advice_missing": gettext_lazy("Belum ada saran perbaikan"),
    "method_missing": gettext_lazy("Cara memeriksa belum dicatat"),
    "checked_outside": gettext_lazy("Diperiksa di luar masa surat tugas"),
    "above_unit": gettext_lazy("Nilai TPI di atas nilai unit"),
    "unit_blank": gettext_lazy("Unit tidak menjawab"),
    "reason_left": gettext_lazy("Alasan berbeda, padahal nilainya sama"),
    "evidence_outside": gettext_lazy("Bukti di luar jendela periode dinilai sesuai"),
    "member_assisted": gettext_lazy("Penilai mendampingi unit pada siklus ini"),
    "section_unassigned": gettext_lazy("Bagian tanpa anggota tim"),
}
"""The name of every rule that may be broken with a reason."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: which, how grave, on which row (blank for the sheet), and what to do."""

    rule: str
    severity: Severity
    code: str
    section: str
    message: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet's rows as the rules read them: both tracks by indicator code.

    The rows are Answers, or anything with their fields.
    """

    assessment: Assessment
    catalog: Catalog
    unit: dict[str, Answer]
    tpi: dict[str, Answer]

    def value(self, answer: Answer, code: str):
        """Return the row's value 0..1, or None."""
        stored = answer_value(answer.choice, answer.inputs)
        if stored is None:
            return None
        indicator = self.catalog.engine.indicators[code]
        if isinstance(stored, str):
            return next(option.value for option in indicator.options if option.code == stored)
        return scoring.computed_value(indicator, stored).value

    def covers(self, day) -> bool:
        """Tell whether a day lies within the letter of assignment; unknown ones do."""
        letter = self.assessment.assignment
        return day is None or letter is None or letter.starts_on <= day <= letter.ends_on

    def finding(self, rule: str, severity: Severity, code: str, message: str) -> Finding:
        """Return a finding on a row."""
        return Finding(rule, severity, code, self.catalog.section_of[code].code, message)


def _sheet(assessment: Assessment) -> Sheet:
    catalog = catalog_of(assessment.instrument)
    tracks: dict[str, dict[str, Answer]] = {Track.UNIT: {}, Track.TPI: {}}
    rows = Answer.objects.filter(assessment=assessment, track__in=list(tracks))
    for answer in rows.order_by("indicator__position"):
        tracks[answer.track][catalog.codes[answer.indicator_id]] = answer
    return Sheet(assessment, catalog, tracks[Track.UNIT], tracks[Track.TPI])


def submission_findings(assessment: Assessment) -> list[Finding]:
    """Return what keeps the unit from submitting its self-assessment; three queries."""
    sheet = _sheet(assessment)
    finished = set(
        AreaCompletion.objects.filter(assessment=assessment).values_list("section", flat=True)
    )
    findings = [
        Finding(
            "area_unfinished",
            Severity.ERROR,
            "",
            section.code,
            _("{section} belum ditandai selesai.").format(section=section.label),
        )
        for section in sheet.catalog.sections
        if section.code not in finished
    ]
    for code, answer in sheet.unit.items():
        if not answer.is_answered and not answer.awaits_data:
            findings.append(
                sheet.finding("unanswered", Severity.ERROR, code, _("Butir belum dijawab."))
            )
        elif answer.awaits_data and not answer.is_answered:
            findings.append(
                sheet.finding(
                    "awaits_data",
                    Severity.WARNING,
                    code,
                    _("Butir menunggu data; nilainya dihitung 0."),
                )
            )
    findings += _contradictions(sheet, sheet.unit)
    return findings


def hand_over_findings(assessment: Assessment) -> list[Finding]:
    """Return what keeps the TPI's side from being handed to the next rank; four queries."""
    sheet = _sheet(assessment)
    findings = list(_contradictions(sheet, sheet.tpi))
    for code, answer in sheet.tpi.items():
        findings += row_findings(sheet, code, answer)
    findings += _evidence_findings(sheet)
    findings += _team_findings(sheet)
    order = {code: number for number, code in enumerate(sheet.catalog.ids)}
    return sorted(findings, key=lambda item: (item.severity, order.get(item.code, -1)))


def row_findings(sheet: Sheet, code: str, answer: Answer) -> Iterator[Finding]:
    """Yield the rules that a row of the TPI's side breaks."""
    error, warning = Severity.ERROR, Severity.WARNING
    if not answer.is_answered:
        yield sheet.finding("unanswered", error, code, _("Butir belum dinilai TPI."))
        return
    value = sheet.value(answer, code)
    unit = sheet.unit[code]
    differs = (unit.choice, unit.inputs) != (answer.choice, answer.inputs)
    if differs and unit.is_answered and not answer.reason:
        yield sheet.finding(
            "reason_missing",
            error,
            code,
            _("Nilai TPI berbeda dengan nilai unit; pilih alasannya."),
        )
    if (differs or (value is not None and value < 1)) and not answer.condition.strip():
        yield sheet.finding(
            "condition_missing",
            error,
            code,
            _(
                "Uraian kondisi wajib diisi bila nilai berbeda dengan unit "
                "atau di bawah nilai penuh."
            ),
        )
    if not answer.implementation_check:
        yield sheet.finding(
            "implementation_unchecked", error, code, _("Implementasi belum diperiksa.")
        )
    if answer.document_check == DocumentCheck.UNCHECKED:
        yield sheet.finding(
            "document_unchecked", error, code, _("Ada bukti dukung yang belum dinilai.")
        )
    if value == 1 and not _is_survey(sheet, code):
        if answer.document_check in (DocumentCheck.ABSENT, DocumentCheck.INADEQUATE):
            yield sheet.finding(
                "best_without_document",
                error,
                code,
                _("Nilai penuh memerlukan bukti dukung yang dinilai sesuai."),
            )
        if answer.implementation_check in (
            ImplementationCheck.PARTLY,
            ImplementationCheck.NOT_DONE,
        ):
            yield sheet.finding(
                "best_without_practice",
                warning,
                code,
                _("Nilai penuh, tetapi implementasi belum terlaksana penuh."),
            )
    if answer.review_state in (RowState.NEEDS_REPAIR, RowState.REPAIRED):
        yield sheet.finding(
            "repair_open", error, code, _("Butir yang dikembalikan belum diperiksa ulang.")
        )
    yield from _doubts(sheet, code, answer, value, differs=differs)


def _doubts(sheet: Sheet, code: str, answer: Answer, value, *, differs: bool) -> Iterator[Finding]:
    """Yield what may be right on a row, but must be meant."""

    def doubt(rule: str, message: str) -> Finding:
        return sheet.finding(rule, Severity.WARNING, code, message)

    unit = sheet.unit[code]
    condition = answer.condition.strip()
    below = value is not None and value < 1
    if (differs or below) and 0 < len(condition) < CONDITION_MIN:
        yield doubt(
            "condition_short",
            _("Uraian kondisi hanya {n} huruf; tulis apa yang ditemukan dan di mana.").format(
                n=len(condition)
            ),
        )
    if below and not answer.advice.strip() and not _is_survey(sheet, code):
        yield doubt("advice_missing", _("Nilai di bawah penuh tanpa saran perbaikan."))
    if answer.implementation_check and not answer.check_method and not _is_survey(sheet, code):
        yield doubt("method_missing", _("Cara memeriksa implementasi belum dicatat."))
    if answer.implementation_check == ImplementationCheck.NOT_DONE and value and below:
        yield doubt(
            "value_without_practice", _("Butir bernilai, padahal implementasi belum terlaksana.")
        )
    if not sheet.covers(answer.checked_on):
        yield doubt("checked_outside", _("Tanggal pemeriksaan di luar masa surat tugas."))
    if not unit.is_answered and not unit.awaits_data and not sheet.assessment.without_self:
        yield doubt("unit_blank", _("TPI menilai butir yang tidak dijawab unit."))
    elif differs and unit.is_answered:
        claimed = sheet.value(unit, code)
        if claimed is not None and value is not None and value > claimed:
            yield doubt("above_unit", _("Nilai TPI lebih tinggi daripada nilai unit."))
    if answer.reason and not differs:
        yield doubt("reason_left", _("Alasan berbeda dipilih, padahal nilainya sama."))


def _is_survey(sheet: Sheet, code: str) -> bool:
    computation = sheet.catalog.engine.indicators[code].computation
    return computation is not None and computation.kind == "score04"


def _contradictions(sheet: Sheet, rows: dict[str, Answer]) -> Iterator[Finding]:
    values = {code: answer_value(row.choice, row.inputs) for code, row in rows.items()}
    for warning in scoring.score(sheet.catalog.engine, values).warnings:
        if warning.blocks and warning.code in sheet.catalog.section_of:
            yield sheet.finding("contradiction", Severity.ERROR, warning.code, warning.message)


def _evidence_findings(sheet: Sheet) -> Iterator[Finding]:
    """Yield the rows on which evidence from outside the period's window was judged adequate."""
    period = sheet.assessment.period
    uses = EvidenceUse.objects.filter(
        Q(evidence__dated_on__lt=period.evidence_from)
        | Q(evidence__dated_on__gt=period.evidence_to),
        assessment=sheet.assessment,
        verdict=EvidenceUse.Verdict.ADEQUATE,
    )
    for pk in uses.order_by("indicator").values_list("indicator", flat=True).distinct():
        yield sheet.finding(
            "evidence_outside",
            Severity.WARNING,
            sheet.catalog.codes[pk],
            _("Bukti bertanggal di luar jendela periode dinilai sesuai."),
        )


def _team_findings(sheet: Sheet) -> Iterator[Finding]:
    team = list(sheet.assessment.team.values_list("rank", "areas", "assisted", "user__name"))
    ranks = {rank for rank, _areas, _assisted, _name in team}
    for rank in Rank:
        if rank not in ranks:
            yield Finding(
                "team_incomplete",
                Severity.ERROR,
                "",
                "",
                _("Tim belum lengkap: {rank} belum ditunjuk.").format(rank=rank.label.lower()),
            )
    for _rank, _areas, assisted, name in team:
        if assisted:
            yield Finding(
                "member_assisted",
                Severity.WARNING,
                "",
                "",
                _("{name} mendampingi unit ini pada siklus yang sama.").format(name=name),
            )
    members = [areas for rank, areas, _assisted, _name in team if rank == Rank.MEMBER]
    if members and all(members):
        given = {code for areas in members for code in areas}
        for section in sheet.catalog.sections:
            if section.code not in given:
                yield Finding(
                    "section_unassigned",
                    Severity.WARNING,
                    "",
                    section.code,
                    _("{section} tidak dibagikan kepada anggota tim.").format(
                        section=section.label
                    ),
                )


def errors(findings: list[Finding]) -> list[Finding]:
    """Keep the findings that block."""
    return [finding for finding in findings if finding.severity == Severity.ERROR]


def warned(findings: list[Finding]) -> dict[str, list[Finding]]:
    """Return the findings that may stand with a reason, by rule in the order of ``WARNINGS``."""
    found = [finding for finding in findings if finding.severity == Severity.WARNING]
    by_rule = {rule: [item for item in found if item.rule == rule] for rule in WARNINGS}
    return {rule: items for rule, items in by_rule.items() if items}
