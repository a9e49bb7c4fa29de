"""The report on a visit: written by its team, let through rank by rank, corrected by a new edition.

The ranks are those of the visit's team. Whoever sent the report on never decides on it next.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Rank
from assessments.services.answers import clean_text
from assistance.models import Visit, VisitMember, VisitReport, VisitReportStep, VisitState
from assistance.permissions import can_hold
from units.models import User
from zona import audit

TEXT_MAX = 8_000
FIELDS = ("overview", "background", "conclusion")
RANKS = (Rank.MEMBER, Rank.LEAD, Rank.SUPERVISOR, Rank.QUALITY)
SUBMIT, PASS, RETURN, CORRECT = "ajukan", "teruskan", "kembalikan", "koreksi"
ACTS = (SUBMIT, PASS, RETURN, CORRECT)
State = VisitReport.State


class ReportRefused(Exception):
    """The report can't be written or moved like this; the text is the user's sentence."""


class ReportChanged(Exception):
    """Somebody else changed the report since the page was opened."""


def _lock(visit: Visit) -> Visit:
    return Visit.objects.select_for_update(of=("self",)).for_page().get(pk=visit.pk)


def _clean(text: str) -> str:
    try:
        return clean_text(text.strip(), TEXT_MAX)
    except ValueError as error:
        raise ReportRefused(str(error)) from error


@transaction.atomic
def write_report(*, visit: Visit, texts: dict[str, str], version: int, by: User) -> VisitReport:
    """Write the words of a report that is with its team.

    texts: ``overview``, ``background``, ``conclusion``. version: of the words that the form was
    opened with, 0 for none. Raises ReportRefused or ReportChanged.
    """
    visit = _lock(visit)
    if not can_hold(by, visit):
        raise ReportRefused(_("Hanya tim kunjungan yang menyusun laporannya."))
    if visit.state not in (VisitState.RUNNING, VisitState.HELD):
        raise ReportRefused(_("Kunjungan ini belum dimulai."))
    row = VisitReport.objects.filter(visit=visit).first()
    if row is not None and row.state != State.DRAFT:
        raise ReportRefused(_("Laporan sedang direviu atau sudah disetujui; isinya terkunci."))
    if (row.version if row else 0) != version:
        raise ReportChanged
    cleaned = {name: _clean(texts.get(name, "")) for name in FIELDS}
    if not cleaned["overview"]:
        raise ReportRefused(_("Tulis ikhtisar hasil asistensi."))
    row = row or VisitReport(visit=visit, version=0)
    for name, text in cleaned.items():
        setattr(row, name, text)
    row.version += 1
    row.changed_at, row.changed_by = timezone.now(), by
    row.save()
    data = {**cleaned, "version": row.version}
    audit.record(visit, [audit.Fact("visit_report_written", f"visit:{visit.pk}", data)], by=by)
    return row


@transaction.atomic
def move_report(*, visit: Visit, act: str, version: int, by: User, note: str = "") -> VisitReport:
    """Let a report take a step: sent on, let through, given back, or opened for a correction.

    act: one of ``ACTS``. Giving back and correcting need a note. Raises ReportRefused with a
    sentence, or ReportChanged when the report is not the one that was read.
    """
    visit = _lock(visit)
    row = VisitReport.objects.select_for_update().filter(visit=visit).first()
    if row is None:
        raise ReportRefused(_("Laporan belum disusun."))
    if row.version != version:
        raise ReportChanged
    note = _clean(note)
    places = dict(VisitMember.objects.filter(visit=visit).values_list("user_id", "rank"))
    mine = places.get(by.pk) if can_hold(by, visit) else None
    if mine is None:
        raise ReportRefused(_("Hanya tim kunjungan yang menyusun dan mereviu laporannya."))
    before = row.state
    row.state = _after(visit, row, act, mine, set(places.values()), note)
    if act == CORRECT:
        row.edition += 1
    row.version += 1
    row.save(update_fields=["state", "edition", "version"])
    VisitReportStep.objects.create(
        report=row, edition=row.edition, before=before, after=row.state, note=note, by=by
    )
    data = {"from": before, "to": row.state, "edition": row.edition, "note": note}
    audit.record(visit, [audit.Fact("visit_report_moved", f"visit:{visit.pk}", data)], by=by)
    return row


def available_acts(visit: Visit, report: VisitReport | None, rank: str | None) -> tuple[str, ...]:
    """Return what a person of this rank in the team may do with the report now."""
    if report is None or rank is None:
        return ()
    if report.state == State.DRAFT:
        return (SUBMIT,) if visit.state == VisitState.HELD else ()
    if report.state == State.APPROVED:
        return (CORRECT,)
    return (PASS, RETURN) if report.state == rank else ()


def _after(visit: Visit, row: VisitReport, act: str, mine: str, ranks: set[str], note: str) -> str:
    """Return the state after an act; raises ReportRefused where the act is not to be had."""
    if act not in available_acts(visit, row, mine):
        if act == SUBMIT and row.state == State.DRAFT:
            raise ReportRefused(_("Tutup kunjungan lebih dahulu; sesudah itu laporan diajukan."))
        raise ReportRefused(_("Langkah ini bukan giliran Anda, atau sudah diambil orang lain."))
    if act in (RETURN, CORRECT):
        if not note:
            raise ReportRefused(_("Tulis alasannya."))
        return State.DRAFT
    above = [rank for rank in RANKS[RANKS.index(mine) + 1 :] if rank in ranks]
    if act == PASS:
        return above[0] if above else State.APPROVED
    if not row.conclusion:
        raise ReportRefused(_("Tulis simpulan sebelum mengajukan laporan."))
    if not above:
        raise ReportRefused(
            _(
                "Tidak ada jenjang di atas Anda dalam tim kunjungan. Minta sekretariat "
                "menambahkan ketua tim, pengendali teknis, atau pengendali mutu."
            )
        )
    return above[0]
