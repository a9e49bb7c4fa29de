"""The minutes of a visit: written by its team, confirmed by both sides, each by its own login."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.services.answers import clean_text
from assessments.services.freeze import refuse_closed
from assistance.models import Attendance, Minutes, MinutesConfirmation, Visit, VisitState
from assistance.permissions import can_hold, side_of
from units.models import User
from zona import audit

TEXT_MAX = 8_000
BEGUN = (VisitState.RUNNING, VisitState.HELD)


class MinutesRefused(Exception):
    """The minutes can't be written or confirmed like this; the text is the user's sentence."""


class MinutesChanged(Exception):
    """Somebody else changed the words since the form was opened."""


def _lock(visit: Visit) -> Visit:
    locked = Visit.objects.select_for_update(of=("self",)).for_page().get(pk=visit.pk)
    refuse_closed(locked.assessment.period)
    return locked


def _clean(text: str) -> str:
    try:
        return clean_text(text.strip(), TEXT_MAX)
    except ValueError as error:
        raise MinutesRefused(str(error)) from error


@transaction.atomic
def write_minutes(*, visit: Visit, summary: str, agreed: str, version: int, by: User) -> Minutes:
    """Write the words of the minutes until one side has confirmed them.

    version: of the words that the form was opened with, 0 for none. Raises MinutesRefused or
    MinutesChanged.
    """
    visit = _lock(visit)
    if not can_hold(by, visit):
        raise MinutesRefused(_("Hanya tim kunjungan yang menulis berita acara."))
    if visit.state not in BEGUN:
        raise MinutesRefused(_("Kunjungan ini belum dimulai."))
    row = Minutes.objects.filter(visit=visit).first()
    if row is not None and row.confirmations.exists():
        raise MinutesRefused(_("Berita acara sudah dikonfirmasi; isinya tidak berubah lagi."))
    if (row.version if row else 0) != version:
        raise MinutesChanged
    summary, agreed = _clean(summary), _clean(agreed)
    if not summary:
        raise MinutesRefused(_("Tulis ringkasan hasil kunjungan."))
    row = row or Minutes(visit=visit)
    row.summary, row.agreed, row.version = summary, agreed, version + 1
    row.changed_at, row.changed_by = timezone.now(), by
    row.save()
    data = {"summary": summary, "agreed": agreed, "version": row.version}
    audit.record(visit, [audit.Fact("minutes_written", f"visit:{visit.pk}", data)], by=by)
    return row


@transaction.atomic
def confirm_minutes(
    *, visit: Visit, version: int, by: User, objection: str = ""
) -> MinutesConfirmation:
    """Confirm the minutes for the person's own side, with an objection or without.

    version: of the words that he read. Raises MinutesRefused: not his to confirm, nothing
    written, his side has confirmed, or he confirmed for the other side; MinutesChanged.
    """
    visit = _lock(visit)
    row = Minutes.objects.filter(visit=visit).first()
    if row is None:
        raise MinutesRefused(_("Berita acara belum ditulis."))
    if visit.state != VisitState.HELD:
        raise MinutesRefused(_("Tutup kunjungan lebih dahulu; sesudah itu berita acara tetap."))
    given = list(row.confirmations.all())
    if any(confirmation.by_id == by.pk for confirmation in given):
        raise MinutesRefused(_("Satu orang tidak dapat mengonfirmasi untuk kedua pihak."))
    side = side_of(by, visit)
    if not side:
        raise MinutesRefused(_("Anda tidak dapat mengonfirmasi berita acara ini."))
    if any(confirmation.side == side for confirmation in given):
        raise MinutesRefused(_("Pihak Anda sudah mengonfirmasi."))
    if row.version != version:
        raise MinutesChanged
    confirmation = MinutesConfirmation.objects.create(
        minutes=row, side=side, objection=_clean(objection), by=by
    )
    data = {"side": str(Attendance.Side(side)), "objection": confirmation.objection}
    audit.record(visit, [audit.Fact("minutes_confirmed", f"visit:{visit.pk}", data)], by=by)
    return confirmation
