"""What stands beside the row in work: expected documents, evidence with verdicts, history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import (
    CheckMethod,
    DocumentCheck,
    EvidenceUse,
    ImplementationCheck,
    Objection,
    Reason,
    Track,
)
from assessments.permissions import TpiView, can_manage_evidence, pen_of
from assessments.services.checks import WARNINGS
from assessments.services.review import history_of
from assessments.worksheet.evidence import EvidenceView, evidence_of
from assessments.worksheet.rows import TRACK_NAMES, value_name
from assessments.worksheet.sheet import Sheet
from zona.models import AuditEntry

HISTORY_LENGTH = 6

_FIELD_NAMES: dict[str, str | Promise] = {
    "condition": gettext_lazy("uraian kondisi"),
    "advice": gettext_lazy("saran perbaikan"),
    "check_place": gettext_lazy("tempat pemeriksaan"),
    "checked_on": gettext_lazy("tanggal pemeriksaan"),
    "awaits_data": gettext_lazy("tanda menunggu data"),
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to the row: whose side, what, by whom, when."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Expected:
    """A document that the instrument expects beside the row, and which pieces are said to be it."""

    number: int
    text: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowDetail:
    """The pane beside a row."""

    code: str
    statement: str
    number: int
    total: int
    expected: tuple[Expected, ...]
    evidence: tuple[EvidenceView, ...]
    can_attach: bool
    can_judge: bool
    shows_verdicts: bool
    history: tuple[HistoryLine, ...]
    history_rest: int
    inputs: Mapping[str, Mapping[str, str] | None]
    can_write: bool = False
    judged_at: datetime | None = None

    @property
    def covered_count(self) -> int:
        """Return how many of the expected documents are there."""
        return sum(bool(item.titles) for item in self.expected)


def row_detail(
    sheet: Sheet,
    code: str,
    *,
    evidence: tuple[EvidenceView, ...] | None = None,
    whole_history: bool = False,
) -> RowDetail:
    """Return the pane of a row as the person may see it; one query, two without ``evidence``."""
    section = sheet.catalog.section_of[code]
    if evidence is None:
        evidence = evidence_of(sheet, [code]).get(code, ())
    lines = [line for entry in history_of(sheet.assessment, code) for line in _lines(sheet, entry)]
    shown = lines if whole_history else lines[:HISTORY_LENGTH]
    return RowDetail(
        code=code,
        statement=sheet.catalog.engine.indicators[code].statement,
        number=section.indicator_codes.index(code) + 1,
        total=len(section.indicator_codes),
        expected=tuple(
            Expected(number, text, tuple(view.title for view in evidence if number in view.covers))
            for number, text in enumerate(sheet.catalog.evidence.get(code, ()), start=1)
        ),
        evidence=evidence,
        can_attach=sheet.reaches(code) and can_manage_evidence(sheet.user, sheet.assessment),
        can_judge=sheet.reaches(code)
        and pen_of(sheet.user, sheet.assessment, Track.TPI) is not None,
        shows_verdicts=sheet.sees_tpi(code),
        history=tuple(shown),
        history_rest=len(lines) - len(shown),
        can_write=sheet.reaches(code),
        judged_at=sheet.entry(Track.TPI, code).changed_at,
        inputs={track: sheet.entry(track, code).inputs for track in Track},
    )


def _lines(sheet: Sheet, entry: AuditEntry) -> Iterator[HistoryLine]:
    """Yield what an audit entry says in words; nothing for what the person may not see."""
    code, _slash, track = entry.target.partition("/")
    hidden_side = (
        track == Track.TPI
        or entry.action in ("evidence_judged", "row_returned", "accept_undone")
        or entry.data.get("track") == Track.TPI
    )
    if hidden_side and not sheet.sees_tpi(code):
        return
    if track == Track.TPN and sheet.view is not TpiView.EVERYTHING:
        return
    text = _text(sheet, entry, code, track)
    if text:
        yield HistoryLine(text, entry.actor_name or _("Aplikasi"), entry.at)


def _text(sheet: Sheet, entry: AuditEntry, code: str, track: str) -> str:
    data = entry.data
    title = data.get("title", "")
    if entry.action == "answer":
        said = ", ".join(_changes(sheet, code, data.get("from", {}), data.get("to", {})))
        return f"{TRACK_NAMES[track]}: {said}" if said else ""
    if entry.action == "evidence_attached":
        return _("Bukti ditambahkan: {title}").format(title=title)
    if entry.action == "evidence_detached":
        return _("Bukti dilepas: {title}").format(title=title)
    if entry.action == "evidence_replaced":
        return _("Bukti diganti dengan versi baru: {title}").format(title=data.get("old", ""))
    if entry.action == "evidence_judged":
        verdict = EvidenceUse.Verdict(data.get("to", "")).label
        reason = _reason(data.get("reason"))
        if not title:
            return _("Semua bukti dinilai {verdict}").format(verdict=verdict.lower())
        said = f"{verdict.lower()}{f' ({reason})' if reason else ''}"
        return _("{title} dinilai {said}").format(title=title, said=said)
    if entry.action == "row_returned":
        return _("Dikembalikan: {reason}").format(reason=_reason(data.get("reason")))
    if entry.action == "objection_filed":
        return _("Butir disanggah unit")
    if entry.action == "objection_answered":
        return str(Objection.Verdict(data["verdict"]).label)
    if entry.action == "accept_undone":
        return _("Penerimaan banyak butir diurungkan")
    if entry.action == "warning_waived":
        rule = str(WARNINGS.get(data["rule"], data["rule"]))
        return _("Diteruskan walau {rule}: {reason}").format(
            rule=rule[:1].lower() + rule[1:], reason=data["reason"]
        )
    return ""


def _reason(code: str | None) -> str:
    return Reason(code).label.lower() if code in Reason.values and code else ""


def _changes(sheet: Sheet, code: str, before: dict[str, Any], after: dict) -> Iterator[str]:
    """Yield each changed field in words; texts are named, not repeated."""
    if "choice" in after or "inputs" in after:
        old = value_name(sheet.catalog, code, before.get("choice") or "", before.get("inputs"))
        new = value_name(sheet.catalog, code, after.get("choice") or "", after.get("inputs"))
        yield f"{old} → {new}" if old != new else _("jumlah diubah")
    if after.get("reason"):
        yield _("alasan {reason}").format(reason=_reason(after["reason"]))
    if "document_check" in after:
        yield _("dokumen {check}").format(
            check=DocumentCheck(after["document_check"]).label.lower()
        )
    if "implementation_check" in after:
        yield _("implementasi {check}").format(
            check=ImplementationCheck(after["implementation_check"]).label.lower()
        )
    if after.get("check_method"):
        yield CheckMethod(after["check_method"]).label.lower()
    names = [str(name) for field, name in _FIELD_NAMES.items() if field in after]
    if names:
        yield _("{names} diubah").format(names=", ".join(names))
