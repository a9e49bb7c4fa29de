"""The filters of a worksheet page, each with its plain definition.

A row carries the names of the filters that it belongs to, so page, counts and browser agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.models import (
    DocumentCheck,
    ImplementationCheck,
    RowState,
    Track,
)
from assessments.worksheet.sheet import Sheet

UNANSWERED = "belum"
REPAIR = "perbaikan"
MINE = "tugas"
NO_EVIDENCE = "tanpa-bukti"
DOCUMENT = "dokumen"
IMPLEMENTATION = "implementasi"
DIFFERS = "beda"
BELOW_BEST = "di-bawah"
CHANGED = "berubah"

LABELS: dict[str, str | Promise] = {
    UNANSWERED: _("Belum dijawab"),
    REPAIR: _("Perlu perbaikan"),
    MINE: _("Tugas saya"),
    NO_EVIDENCE: _("Tanpa bukti"),
    DOCUMENT: _("Dokumen belum sesuai"),
    IMPLEMENTATION: _("Implementasi belum"),
    DIFFERS: _("Beda dengan nilai unit"),
    BELOW_BEST: _("Di bawah nilai penuh"),
    CHANGED: _("Berubah setelah reviu"),
}
TPI_ONLY = frozenset({DOCUMENT, IMPLEMENTATION, DIFFERS, CHANGED, REPAIR})

OPEN_STATES = frozenset({RowState.UNREVIEWED, RowState.REPAIRED})


@dataclass(frozen=True, slots=True)
class FilterView:
    """A filter as the page offers it; ``code`` is blank for "all rows"."""

    code: str
    label: str | Promise
    count: int
    current: bool


def flags_of(sheet: Sheet, code: str, evidence_count: int) -> tuple[str, ...]:
    """Return the filters that a row belongs to, by what the person may see of it.

    belum: no value on the track in front. perbaikan: returned and not yet repaired. tugas: his to
    write and not done (the unit: no value and not waiting for data, or returned; the TPI: not
    reviewed or repaired). tanpa-bukti: nothing attached. dokumen: judged not adequate, or absent.
    implementasi: partly or not carried out. beda: both sides have a value, and not the same.
    di-bawah: a value below the best. berubah: the unit changed its row after the TPI decided, or
    this rank the value that the one before handed on.
    """
    own = sheet.entry(sheet.track, code)
    unit, tpi = sheet.entry(Track.UNIT, code), sheet.entry(Track.TPI, code)
    flags = []
    if not own.is_answered:
        flags.append(UNANSWERED)
    if tpi.review_state == RowState.NEEDS_REPAIR:
        flags.append(REPAIR)
    if is_task(sheet, code):
        flags.append(MINE)
    if not evidence_count:
        flags.append(NO_EVIDENCE)
    if tpi.document_check in (DocumentCheck.INADEQUATE, DocumentCheck.ABSENT):
        flags.append(DOCUMENT)
    if tpi.implementation_check in (ImplementationCheck.PARTLY, ImplementationCheck.NOT_DONE):
        flags.append(IMPLEMENTATION)
    if differs(sheet, code):
        flags.append(DIFFERS)
    if own.is_answered and (value := sheet.value(sheet.track, code)) is not None and value < 1:
        flags.append(BELOW_BEST)
    unit_after = tpi.changed_at and unit.changed_at and unit.changed_at > tpi.changed_at
    if unit_after or sheet.changed_by_rank(code):
        flags.append(CHANGED)
    return tuple(flags)


def is_task(sheet: Sheet, code: str) -> bool:
    """Tell whether the row waits for the person."""
    if not sheet.reaches(code):
        return False
    own, tpi = sheet.entry(sheet.track, code), sheet.entry(Track.TPI, code)
    if sheet.track == Track.TPI:
        return tpi.review_state in OPEN_STATES
    if tpi.review_state == RowState.NEEDS_REPAIR:
        return True
    return not own.is_answered and not own.awaits_data


def differs(sheet: Sheet, code: str) -> bool:
    """Tell whether unit and TPI both gave a value, and not the same."""
    unit, tpi = sheet.entry(Track.UNIT, code), sheet.entry(Track.TPI, code)
    if not (unit.is_answered and tpi.is_answered):
        return False
    return (unit.choice, unit.inputs) != (tpi.choice, tpi.inputs)


def filters_of(sheet: Sheet, flags: Iterable[tuple[str, ...]], current: str) -> list[FilterView]:
    """Return the filters of a page with their counts; the TPI's only where it may be seen."""
    rows = list(flags)
    shown = [
        code
        for code in LABELS
        if (sheet.shows_tpi or code not in TPI_ONLY) and (sheet.pen is not None or code != MINE)
    ]
    views = [FilterView("", _("Semua"), len(rows), current not in shown)]
    for code in shown:
        count = sum(code in row for row in rows)
        views.append(FilterView(code, LABELS[code], count, current == code))
    return views
