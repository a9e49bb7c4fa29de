"""What is checked before a worksheet is handed on: each rule once, with the rows that break it.

Errors block, warnings need a reason, hints only tell. The same list is the page "Periksa
kelengkapan" and the guard of the transitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import Catalog, answer_value, catalog_of
from assessments.models import (
    Answer,
    AreaCompletion,
    Assessment,
    DocumentCheck,
    ImplementationCheck,
    Rank,
    RowState,
    Track,
)


class Severity(StrEnum):
    """How much a finding weighs at a hand-over."""

    ERROR = "error"
    WARNING = "warning"


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
    """Return what keeps the TPI's side from being handed to the next rank; three queries."""
    sheet = _sheet(assessment)
    findings = list(_contradictions(sheet, sheet.tpi))
    for code, answer in sheet.tpi.items():
        findings += row_findings(sheet, code, answer)
    findings += _team_findings(assessment)
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


def _is_survey(sheet: Sheet, code: str) -> bool:
    computation = sheet.catalog.engine.indicators[code].computation
    return computation is not None and computation.kind == "score04"


def _contradictions(sheet: Sheet, rows: dict[str, Answer]) -> Iterator[Finding]:
    values = {code: answer_value(row.choice, row.inputs) for code, row in rows.items()}
    for warning in scoring.score(sheet.catalog.engine, values).warnings:
        if warning.blocks and warning.code in sheet.catalog.section_of:
            yield sheet.finding("contradiction", Severity.ERROR, warning.code, warning.message)


def _team_findings(assessment: Assessment) -> Iterator[Finding]:
    ranks = set(assessment.team.values_list("rank", flat=True))
    for rank in Rank:
        if rank not in ranks:
            yield Finding(
                "team_incomplete",
                Severity.ERROR,
                "",
                "",
                _("Tim belum lengkap: {rank} belum ditunjuk.").format(rank=rank.label.lower()),
            )


def errors(findings: list[Finding]) -> list[Finding]:
    """Keep the findings that block."""
    return [finding for finding in findings if finding.severity == Severity.ERROR]
