"""A unit's library of evidence: what is added to it, once each, and how its files are kept."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.db import OperationalError, models, transaction
from django.utils.translation import gettext as _

from assessments.models import Evidence
from assessments.services.answers import clean_text
from assessments.services.files import MIB, CheckedFile, EvidenceRefused, check_file
from assessments.services.links import check_soon
from units.access import Permission, has_permission
from units.models import Unit, User
from zona import audit
from zona.files import kept

logger = logging.getLogger(__name__)


class AlreadyThere(Exception):
    """The unit's library holds this file or address already."""

    def __init__(self, evidence: Evidence):
        super().__init__()
        self.evidence = evidence


def add_file(
    *,
    unit: Unit,
    upload: UploadedFile,
    by: User,
    title: str = "",
    number: str = "",
    dated_on: date | None = None,
) -> Evidence:
    """Keep a file in a unit's library and return it; the same content is kept once per unit.

    Raises EvidenceRefused with a sentence; nothing is stored then, on disk or in the database.
    """
    checked = check_file(upload)
    fresh = file_piece(checked, unit=unit, by=by)
    fresh.title = _title(title, checked.name.rsplit(".", 1)[0])
    fresh.number, fresh.dated_on = clean_line(number, 120), dated_on
    try:
        check_room(fresh)
        with file_kept(fresh, upload):
            return store(fresh)
    except AlreadyThere as found:
        return found.evidence


def file_piece(checked: CheckedFile, *, unit: Unit, by: User, **fields) -> Evidence:
    """Return a new piece of evidence, not stored yet, for a file that passed."""
    return Evidence(
        unit=unit,
        kind=Evidence.Kind.FILE,
        original_name=checked.name,
        content_type=checked.content_type,
        size_bytes=checked.size_bytes,
        sha256=checked.sha256,
        uploaded_by=by,
        **fields,
    )


def add_link(
    *,
    unit: Unit,
    url: str,
    by: User,
    title: str = "",
    number: str = "",
    dated_on: date | None = None,
) -> Evidence:
    """Keep a web address in a unit's library and return it; the same address is kept once.

    Raises EvidenceRefused for anything but an http or https address.
    """
    url = (url or "").strip()
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError as error:
        raise EvidenceRefused(
            _("Tautan harus berupa alamat lengkap, misalnya https://contoh.go.id/dokumen.")
        ) from error
    if len(url) > 500:
        raise EvidenceRefused(_("Tautan lebih panjang dari 500 huruf."))
    fresh = Evidence(
        unit=unit,
        kind=Evidence.Kind.LINK,
        title=_title(title, url.split("//", 1)[-1]),
        number=clean_line(number, 120),
        dated_on=dated_on,
        url=url,
        uploaded_by=by,
    )
    try:
        check_room(fresh)
        with transaction.atomic():
            store(fresh)
            check_soon(fresh)
    except AlreadyThere as found:
        return found.evidence
    return fresh


def can_add_to_library(user: User, unit: Unit) -> bool:
    """Tell whether the person may add to a unit's library outside a worksheet."""
    return has_permission(user, Permission.EVIDENCE_MANAGE, unit)


@contextlib.contextmanager
def file_kept(evidence: Evidence, upload: UploadedFile) -> Iterator[None]:
    """Keep the file while the block stores its row; a full disk becomes a sentence."""
    try:
        with kept(evidence, "file", evidence.original_name, upload):
            yield
    except (OSError, OperationalError) as error:
        logger.exception("a file of evidence could not be stored")
        raise EvidenceRefused(
            _("{name}: ruang penyimpanan penuh atau tidak dapat ditulis. Coba lagi nanti.").format(
                name=evidence.original_name
            )
        ) from error


@transaction.atomic
def store(evidence: Evidence) -> Evidence:
    """Save a new piece under its unit's lock, where its room and its being new are certain."""
    unit = Unit.objects.select_for_update().get(pk=evidence.unit_id)
    check_room(evidence)
    evidence.save()
    audit.record(
        unit,
        [
            audit.Fact(
                "evidence_added",
                str(evidence.pk),
                {"title": evidence.title, "sha256": evidence.sha256, "url": evidence.url},
            )
        ],
        by=evidence.uploaded_by,
    )
    return evidence


def _same(evidence: Evidence) -> Evidence | None:
    """Return what the unit's library holds with the same content or address."""
    same = {"url": evidence.url} if evidence.url else {"sha256": evidence.sha256}
    return Evidence.objects.filter(unit=evidence.unit_id, kind=evidence.kind, **same).first()


def check_room(evidence: Evidence) -> None:
    """Raise unless the library is without this piece and has room for it.

    Asked before a file is written, so that nobody waits in vain, and again under the lock, where
    alone it is certain. Raises AlreadyThere or EvidenceRefused.
    """
    if evidence.replaces_id and Evidence.objects.filter(replaces=evidence.replaces_id).exists():
        raise EvidenceRefused(_("Dokumen ini sudah digantikan. Buka versi terbarunya."))
    existing = _same(evidence)
    if existing is not None:
        raise AlreadyThere(existing)
    pieces = Evidence.objects.filter(unit=evidence.unit_id)
    used = pieces.aggregate(total=models.Sum("size_bytes"))["total"] or 0
    if evidence.size_bytes and used + evidence.size_bytes > settings.EVIDENCE_QUOTA_MIB * MIB:
        raise EvidenceRefused(
            _(
                "{name}: pustaka unit sudah mencapai batas {limit} MB. "
                "Hubungi sekretariat untuk menambah ruang."
            ).format(name=evidence.original_name, limit=settings.EVIDENCE_QUOTA_MIB)
        )


def _title(title: str, fallback: str) -> str:
    return (clean_line(title, 200) or clean_line(fallback[:200], 200)) or _("Tanpa nama")


def clean_line(text: str, maximum: int) -> str:
    """Return typed text as one line; EvidenceRefused says what can't be stored."""
    try:
        return " ".join(clean_text(text, maximum).split())
    except ValueError as error:
        raise EvidenceRefused(str(error)) from error


def clean_paragraph(text: str) -> str:
    """Return typed text with its lines; EvidenceRefused says what can't be stored."""
    try:
        return clean_text(text, 2_000).strip()
    except ValueError as error:
        raise EvidenceRefused(str(error)) from error
