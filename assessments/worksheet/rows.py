"""One row of the worksheet as a page shows it: every word and figure ready to print."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments import scoring
from assessments.catalog import Catalog, answer_value
from assessments.models import (
    CheckMethod,
    DocumentCheck,
    ImplementationCheck,
    Reason,
    RowState,
    Track,
)
from assessments.services.answers import FIELDS_OF_TRACK
from assessments.worksheet.evidence import EvidenceView
from assessments.worksheet.filters import differs, flags_of
from assessments.worksheet.fixed import Fixed, fixed_of
from assessments.worksheet.last import Last
from assessments.worksheet.sheet import Entry, Sheet
from zona.templatetags.zona_numbers import MINUS

STRIP_LENGTH = 4
Text = str | Promise

TRACK_NAMES: dict[str, Text] = {Track.UNIT: _("Unit"), Track.TPI: _("TPI"), Track.TPN: _("TPN")}
DONE_STATES = frozenset({RowState.ACCEPTED, RowState.ACCEPTED_AFTER})

_DOCUMENT_CHIPS = {
    DocumentCheck.UNCHECKED: (_("Dokumen: belum diperiksa"), ""),
    DocumentCheck.ADEQUATE: (_("Dokumen: ada dan sesuai"), "ok"),
    DocumentCheck.INADEQUATE: (_("Dokumen: belum sesuai"), "warn"),
    DocumentCheck.ABSENT: (_("Dokumen: tidak ada"), "bad"),
}
_IMPLEMENTATION_CHIPS = {
    ImplementationCheck.UNCHECKED: (_("Implementasi: belum diperiksa"), ""),
    ImplementationCheck.DONE: (_("Implementasi: terlaksana"), "ok"),
    ImplementationCheck.PARTLY: (_("Implementasi: sebagian"), "warn"),
    ImplementationCheck.NOT_DONE: (_("Implementasi: belum"), "bad"),
}
_REVIEW_CHIPS = {
    RowState.UNREVIEWED: (_("Belum diperiksa"), "", "circle-dashed"),
    RowState.ACCEPTED: (_("Diterima"), "ok", "check"),
    RowState.NEEDS_REPAIR: (_("Perlu perbaikan"), "warn", "undo-2"),
    RowState.REPAIRED: (_("Sudah diperbaiki"), "info", "refresh-cw"),
    RowState.ACCEPTED_AFTER: (_("Diterima setelah perbaikan"), "ok", "check"),
}


@dataclass(frozen=True, slots=True)
class OptionView:
    """One letter of a row: ``key`` is the letter pressed for it, ``value`` what it is worth.

    ``marks`` tells whose choice it was too: of the other side, or of last year.
    """

    code: str
    key: str
    criteria: str
    value: str
    chosen: bool
    marks: tuple[Text, ...]
    is_unit: bool


@dataclass(frozen=True, slots=True)
class InputView:
    """One count of a computed row: what the writer's field holds, and what the others said."""

    name: str
    label: str
    value: str
    others: tuple[str, ...]
    mode: str


@dataclass(frozen=True, slots=True)
class Formula:
    """How a computed row came to its points, with its own numbers."""

    sum: str
    weight: str
    points: str
    others: tuple[tuple[Text, str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A state in a word: ``kind`` is ok, warn, bad, info or blank; ``icon`` a lucide name."""

    label: Text
    kind: str
    icon: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The unit's value beside the TPI's, and what it means in points; blank points: the same."""

    unit: str
    tpi: str
    points: str
    kind: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One indicator as the page shows it, from the side of ``track``.

    ``writable`` tells whether the reader holds the pen for this row. ``flags`` are the filters
    that the row belongs to, ``handed`` the value of the rank before where this one changed it,
    ``base`` what its fields held when the page was made, as JSON: by it a save tells a merge
    from a conflict. Texts of the other side are blank where they may not be
    seen; ``document``, ``review`` and the like are None there.
    """

    code: str
    statement: str
    section: str
    track: str
    writable: bool
    version: int
    flags: str
    base: str
    answered: bool
    done: bool
    options: tuple[OptionView, ...]
    chosen_criteria: str
    inputs: tuple[InputView, ...]
    heads: tuple[Text, ...]
    own_head: Text
    formula: Formula | None
    difference: Difference | None
    last: str
    last_year: int | None
    last_gap: str
    handed: str
    unit_note: str
    unit_note_by: str
    unit_note_at: datetime | None
    tpi_condition: str
    awaits_data: bool
    condition: str
    advice: str
    reason: str
    reason_label: str
    document: Chip | None
    document_text: str
    implementation: str
    implementation_chip: Chip | None
    method: str
    method_label: str
    place: str
    checked_on: date | None
    review: Chip | None
    repair_reason: str
    repair_note: str
    is_open_repair: bool
    evidence: tuple[EvidenceView, ...]
    evidence_count: int
    changed_at: datetime | None
    changed_by: str
    warnings: tuple[str, ...]
    hints: tuple[str, ...]
    hidden: bool

    @property
    def is_computed(self) -> bool:
        """Tell whether the row is answered with counts."""
        return bool(self.inputs)

    @property
    def strip(self) -> tuple[EvidenceView, ...]:
        """Return the pieces of evidence that are named in the row itself."""
        return self.evidence[:STRIP_LENGTH]

    @property
    def strip_rest(self) -> int:
        """Return how many more there are beside it."""
        return max(0, len(self.evidence) - STRIP_LENGTH)

    @property
    def is_tpi(self) -> bool:
        """Tell whether the row is shown from the TPI's side."""
        return self.track == Track.TPI


def row_view(
    sheet: Sheet,
    code: str,
    *,
    evidence: tuple[EvidenceView, ...] = (),
    evidence_count: int | None = None,
    last: Last | None = None,
    hints: Iterable[str] = (),
    warnings: Iterable[str] = (),
    chosen_filter: str = "",
) -> RowView:
    """Return a row as the person may see it.

    evidence_count: how many pieces there are, where they themselves were not loaded.
    chosen_filter: hides the row where it does not belong to this filter.
    """
    track = sheet.track
    own, unit = sheet.entry(track, code), sheet.entry(Track.UNIT, code)
    sees_tpi = sheet.sees_tpi(code)
    tpi = sheet.entry(Track.TPI, code)
    fixed = fixed_of(sheet.catalog)[code]
    count = len(evidence) if evidence_count is None else evidence_count
    others = _others(sheet, code)
    chosen = next((item for item in fixed.options if item[0] == own.choice), None)
    flags = flags_of(sheet, code, count)
    document = _DOCUMENT_CHIPS[DocumentCheck(tpi.document_check)]
    done_check = _IMPLEMENTATION_CHIPS[ImplementationCheck(tpi.implementation_check)]
    return RowView(
        code=code,
        statement=fixed.statement,
        section=sheet.catalog.section_of[code].code,
        track=track,
        writable=sheet.reaches(code),
        version=own.version,
        flags=" ".join(flags),
        base=json.dumps(base_of(own, track), ensure_ascii=False),
        answered=own.is_answered,
        done=is_done(sheet, code),
        options=_options(sheet, code, others, last),
        chosen_criteria=chosen[2] if chosen else "",
        inputs=_inputs(fixed, own, others),
        heads=tuple(name for name, _entry in others) if fixed.inputs else (),
        own_head=TRACK_NAMES[track],
        formula=_formula(sheet, code) if fixed.inputs else None,
        difference=_difference(sheet, code),
        last=_last_text(sheet.catalog, code, last),
        last_year=last.year if last else None,
        last_gap=_last_gap(sheet.catalog, code, last),
        handed=_handed_text(sheet, code),
        unit_note=unit.condition if track != Track.UNIT else "",
        unit_note_by=unit.changed_by,
        unit_note_at=unit.changed_at,
        tpi_condition=tpi.condition if track != Track.TPI and sees_tpi else "",
        awaits_data=unit.awaits_data,
        condition=own.condition,
        advice=tpi.advice if sees_tpi else "",
        reason=own.reason,
        reason_label=str(Reason(tpi.reason).label) if tpi.reason else "",
        document=Chip(*document, "file-text") if sees_tpi else None,
        document_text=_document_text(tpi, evidence) if sees_tpi else "",
        implementation=tpi.implementation_check,
        implementation_chip=Chip(*done_check, "eye") if sees_tpi else None,
        method=tpi.check_method,
        method_label=str(CheckMethod(tpi.check_method).label) if tpi.check_method else "",
        place=tpi.check_place,
        checked_on=tpi.checked_on,
        review=Chip(*_REVIEW_CHIPS[RowState(tpi.review_state)]) if sees_tpi else None,
        repair_reason=str(Reason(tpi.repair_reason).label) if tpi.repair_reason else "",
        repair_note=tpi.repair_note,
        is_open_repair=tpi.review_state in (RowState.NEEDS_REPAIR, RowState.REPAIRED),
        evidence=evidence,
        evidence_count=count,
        changed_at=own.changed_at,
        changed_by=own.changed_by,
        warnings=tuple(warnings),
        hints=tuple(hints),
        hidden=bool(chosen_filter) and chosen_filter not in flags,
    )


def is_done(sheet: Sheet, code: str) -> bool:
    """Tell whether nothing is left to do on a row, by the side that stands in front."""
    own, tpi = sheet.entry(sheet.track, code), sheet.entry(Track.TPI, code)
    if sheet.track == Track.TPI:
        return own.review_state in DONE_STATES
    if tpi.review_state == RowState.NEEDS_REPAIR:
        return False
    return own.is_answered or own.awaits_data


def base_of(entry: Entry, track: str) -> dict[str, Any]:
    """Return the fields of a row as a save sends them back: what the writer saw."""
    return {
        name: value.isoformat() if isinstance(value := getattr(entry, name), date) else value
        for name in sorted(FIELDS_OF_TRACK[Track(track)])
    }


def _others(sheet: Sheet, code: str) -> list[tuple[Text, Entry]]:
    """Return the other tracks that may be seen beside the one in front."""
    others = []
    if sheet.track != Track.UNIT:
        others.append((TRACK_NAMES[Track.UNIT], sheet.entry(Track.UNIT, code)))
    if sheet.track != Track.TPI and sheet.sees_tpi(code):
        others.append((TRACK_NAMES[Track.TPI], sheet.entry(Track.TPI, code)))
    if sheet.track != Track.TPN and sheet.entry(Track.TPN, code).is_answered:
        others.append((TRACK_NAMES[Track.TPN], sheet.entry(Track.TPN, code)))
    return others


def _options(sheet: Sheet, code: str, others, last: Last | None) -> tuple[OptionView, ...]:
    own, views = sheet.entry(sheet.track, code), []
    handed = sheet.handed.values.get(code, ("", None))[0] if sheet.changed_by_rank(code) else ""
    for option, key, criteria, value in fixed_of(sheet.catalog)[code].options:
        marks = [name for name, entry in others if entry.choice == option]
        if handed == option:
            marks.append(sheet.handed.rank)
        if last is not None and last.choice == option:
            marks.append(f"TPI {last.year}")
        is_unit = bool(others) and others[0][1].choice == option
        views.append(
            OptionView(option, key, criteria, value, own.choice == option, tuple(marks), is_unit)
        )
    return tuple(views)


def _inputs(fixed: Fixed, own: Entry, others) -> tuple[InputView, ...]:
    return tuple(
        InputView(
            name=name,
            label=label,
            value=_number(own.inputs, name),
            others=tuple(_number(entry.inputs, name) or "–" for _name, entry in others),
            mode="numeric" if kind == "integer" else "decimal",
        )
        for name, label, kind in fixed.inputs
    )


def _number(inputs: Mapping[str, Any] | None, name: str) -> str:
    value = (inputs or {}).get(name)
    return "" if value is None else scoring.number_text(Decimal(value))


def _formula(sheet: Sheet, code: str) -> Formula | None:
    line = _line(sheet, sheet.track, code)
    others = []
    for track in (Track.UNIT, Track.TPI):
        if track != sheet.track and sheet.entry(track, code).is_answered:
            other = _line(sheet, track, code)
            others.append((TRACK_NAMES[track], other.formula, scoring.points_text(other.points)))
    answered = sheet.entry(sheet.track, code).is_answered
    if not answered and not others:
        return None
    return Formula(
        sum=line.formula if answered else "",
        weight=scoring.points_text(line.weight),
        points=scoring.points_text(line.points),
        others=tuple(others),
        notes=line.notes if answered else (),
    )


def _line(sheet: Sheet, track: str, code: str) -> scoring.Line:
    engine = sheet.catalog.engine
    values, result = sheet.values(track), sheet.result(track)
    return scoring.explain(engine, values, code, result=result).line


def value_name(catalog: Catalog, code: str, choice: str, inputs) -> str:
    """Return a row's value in a word: its letter, a percentage or an index; "–" unanswered."""
    if choice:
        return choice
    if inputs is None:
        return "–"
    indicator = catalog.engine.indicators[code]
    counts = answer_value("", inputs)
    if indicator.computation.kind == scoring.SCORE04:
        return scoring.number_text(scoring.total_of(indicator, scoring.INDEX, counts))
    value = scoring.computed_value(indicator, counts).value
    return "–" if value is None else scoring.percent_text(value)


def _difference(sheet: Sheet, code: str) -> Difference | None:
    """Return unit against TPI where both may be seen and the TPI has decided."""
    unit, tpi = sheet.entry(Track.UNIT, code), sheet.entry(Track.TPI, code)
    if not sheet.sees_tpi(code) or not (unit.is_answered and tpi.is_answered):
        return None
    catalog = sheet.catalog
    names = [value_name(catalog, code, entry.choice, entry.inputs) for entry in (unit, tpi)]
    if not differs(sheet, code):
        return Difference(names[0], names[1], "", "")
    change = sheet.points(Track.TPI, code) - sheet.points(Track.UNIT, code)
    sign = "+" if change > 0 else MINUS if change < 0 else ""
    kind = "ok" if change > 0 else "bad" if change < 0 else ""
    return Difference(names[0], names[1], f"{sign}{scoring.points_text(abs(change))}", kind)


def _last_text(catalog: Catalog, code: str, last: Last | None) -> str:
    return "" if last is None else value_name(catalog, code, last.choice, last.inputs)


def _last_gap(catalog: Catalog, code: str, last: Last | None) -> str:
    """Return "Unit A · TPI B · TPN C" of an earlier year once the national team has spoken."""
    if last is None or not last.others:
        return ""
    values = {**last.others, Track.TPI: (last.choice, last.inputs)}
    return " · ".join(
        f"{TRACK_NAMES[track]} {value_name(catalog, code, *values[track])}" for track in Track
    )


def _handed_text(sheet: Sheet, code: str) -> str:
    """Return "Anggota tim: B" where this rank changed what the one before handed on."""
    if not sheet.changed_by_rank(code):
        return ""
    choice, inputs = sheet.handed.values.get(code, ("", None))
    return f"{sheet.handed.rank}: {value_name(sheet.catalog, code, choice, inputs)}"


def _document_text(tpi: Entry, evidence: tuple[EvidenceView, ...]) -> str:
    if not evidence:
        return str(_("Tidak ada bukti dukung pada butir ini."))
    good = sum(item.verdict == "adequate" for item in evidence)
    bad = sum(item.verdict == "inadequate" for item in evidence)
    parts = [(good, _("sesuai")), (bad, _("belum sesuai"))]
    parts.append((len(evidence) - good - bad, _("belum dinilai")))
    said = ", ".join(f"{count} {word}" for count, word in parts if count)
    return str(_("Mengikuti penilaian atas {n} bukti: {said}.")).format(n=len(evidence), said=said)
