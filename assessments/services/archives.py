"""The archive of a closed period: made once per closing, in the background."""

from __future__ import annotations

import hashlib
import tempfile

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from assessments.models import Period, PeriodArchive
from assessments.reports.period_archive import write_period_archive
from units.models import User
from zona import audit
from zona.files import kept
from zona.jobs import Report


class CannotArchive(Exception):
    """The period cannot be archived; the text is a sentence for the user."""


def make_archive(*, period: Period, by: User | None, report: Report) -> PeriodArchive:
    """Make the archive of a period as it was closed; a second run returns the one that is there.

    Raises CannotArchive for a period that is not closed, or was opened again meanwhile.
    """
    closed_at = period.closed_at
    if closed_at is None:
        raise CannotArchive(_("Hanya periode yang ditutup yang diarsipkan."))
    known = PeriodArchive.objects.filter(period=period, closed_at=closed_at).first()
    if known is not None:
        return known
    with tempfile.TemporaryFile() as target:
        entries, sheets = write_period_archive(period, target, report)
        size = target.tell()
        target.seek(0)
        digest = hashlib.file_digest(target, "sha256").hexdigest()
        target.seek(0)
        archive = PeriodArchive(
            period=period,
            closed_at=closed_at,
            sha256=digest,
            size_bytes=size,
            entry_count=entries,
            sheet_count=sheets,
            made_by=by,
        )
        report(95, _("Menyimpan arsip"))
        name = f"{slugify(period.name)[:80] or 'periode'}-{closed_at:%Y%m%d}.zip"
        try:
            with kept(archive, "file", name, File(target)), transaction.atomic():
                current = Period.objects.select_for_update(of=("self",)).get(pk=period.pk)
                if current.closed_at != closed_at:
                    raise CannotArchive(_("Periode dibuka kembali selama arsip dibuat."))
                archive.save()
                data = {"sha256": digest, "bytes": size, "entries": entries}
                audit.record_system([audit.Fact("period.archived", period.subject, data)], by=by)
        except IntegrityError:
            # Another run of the same job was first.
            return PeriodArchive.objects.get(period=period, closed_at=closed_at)
    return archive
