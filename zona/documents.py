"""Issued documents: their public code, the QR code on the paper, and the row that vouches for them.

Every app that issues a PDF keeps it here. The file lies in private storage under a random name;
``sha256`` and code let whoever holds the paper ask whether it is genuine and still in force.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import segno
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zona.files import kept
from zona.models import Document
from zona.triggers import immutable_rows

# Without 0, 1, I, L, O, U: nobody reads one of these for another, and no word appears by chance.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LETTERS = 8
OPEN = (Document.Status.DRAFT, Document.Status.AWAITING_SIGNATURE)

_TABLE = Document._meta.db_table
immutable_rows(
    _TABLE,
    columns=("kind", "subject", "version", "public_code", "created_at", "created_by_id"),
    message="a document keeps its identity",
)
immutable_rows(
    _TABLE,
    when="{row}.status IN ('issued', 'superseded', 'withdrawn')",
    columns=(
        "number",
        "dated_on",
        "file",
        "sha256",
        "size_bytes",
        "page_count",
        "facts",
        "signed_file",
        "signed_sha256",
    ),
    events=("UPDATE",),
    name="issued",
    message="an issued document never changes",
)


class DocumentRefused(Exception):
    """A document can't take this step; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code as one SVG path: ``size`` modules wide, two modules of white around included."""

    path: str
    size: int


def new_public_code() -> str:
    """Return a random code such as ``7K4M-2QXD``: 39 bits, printed beside the QR code."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))
    return f"{letters[:4]}-{letters[4:]}"


def read_public_code(typed: str) -> str:
    """Return a typed code in its printed form; empty for what cannot be one."""
    letters = re.sub(r"[\s-]", "", typed).upper()
    if len(letters) != CODE_LETTERS or not set(letters) <= set(ALPHABET):
        return ""
    return f"{letters[:4]}-{letters[4:]}"


def qr_code(text: str) -> QrCode:
    """Return the QR code of a text, error level M, with equal neighbours joined to one run."""
    matrix = segno.make(text, error="m", micro=False).matrix
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                runs.append(f"M{start + 2} {y + 2}h{x - start}v1h-{x - start}z")
            x += 1
    return QrCode("".join(runs), len(matrix) + 4)


@transaction.atomic
def store_document(
    *,
    kind: str,
    subject: str,
    title: str,
    public_code: str,
    content: bytes,
    page_count: int,
    facts: dict[str, Any],
    by,
    at: datetime | None = None,
) -> Document:
    """Keep a new draft of a document; an older draft of the same kind and subject is superseded.

    An issued version stays in force until its successor is issued.
    facts: what the paper itself says and the public page may repeat.
    """
    siblings = Document.objects.filter(kind=kind, subject=subject)
    version = 1 + max((older.version for older in siblings.select_for_update()), default=0)
    document = Document(
        kind=kind,
        subject=subject,
        title=title,
        version=version,
        public_code=public_code,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        page_count=page_count,
        facts=facts,
        created_at=at or timezone.now(),
        created_by=by,
    )
    with kept(document, "file", f"{secrets.token_hex(16)}.pdf", ContentFile(content)):
        document.save()
        siblings.filter(status__in=OPEN).exclude(pk=document.pk).update(
            status=Document.Status.SUPERSEDED, superseded_by=document
        )
    return document


def await_signature(document: Document) -> Document:
    """Mark a draft as sent to its signer; from then on a new draft still supersedes it.

    Raises DocumentRefused when it is no draft any more.
    """
    with transaction.atomic():
        fresh = _locked(document)
        if fresh.status != Document.Status.DRAFT:
            raise DocumentRefused(_moved_on(fresh))
        fresh.status = Document.Status.AWAITING_SIGNATURE
        fresh.save(update_fields=["status"])
    return fresh


def issue_document(
    document: Document, *, number: str, dated_on: date, signed: UploadedFile
) -> Document:
    """Record number, date and the signed file of a draft; the version in force is superseded.

    signed: a PDF that was checked already. Nothing is kept of it when the document is refused.
    Raises DocumentRefused: it is no draft, the date lies ahead or before the draft, the number
    stands on another document of the kind, or the disk is full.
    """
    signed.seek(0)
    content = signed.read()
    try:
        with transaction.atomic():
            fresh = _locked(document)
            _check_issue(fresh, number, dated_on)
            with kept(fresh, "signed_file", f"{secrets.token_hex(16)}.pdf", ContentFile(content)):
                fresh.signed_sha256 = hashlib.sha256(content).hexdigest()
                fresh.number, fresh.dated_on = number, dated_on
                fresh.status = Document.Status.ISSUED
                fresh.save()
                Document.objects.filter(
                    kind=fresh.kind, subject=fresh.subject, status=Document.Status.ISSUED
                ).exclude(pk=fresh.pk).update(
                    status=Document.Status.SUPERSEDED, superseded_by=fresh
                )
    except OSError as error:
        raise DocumentRefused(
            _("Ruang penyimpanan penuh atau tidak dapat ditulis. Coba lagi nanti.")
        ) from error
    return fresh


def withdraw_document(document: Document, *, reason: str) -> Document:
    """Take an issued document out of force, with a reason that its public page repeats.

    Raises DocumentRefused when it is not in force.
    """
    with transaction.atomic():
        fresh = _locked(document)
        if fresh.status != Document.Status.ISSUED:
            raise DocumentRefused(_moved_on(fresh))
        fresh.status = Document.Status.WITHDRAWN
        fresh.withdrawn_reason = reason
        fresh.save(update_fields=["status", "withdrawn_reason"])
    return fresh


def _locked(document: Document) -> Document:
    """Return a document as it stands, all versions of it locked in their order."""
    versions = Document.objects.filter(kind=document.kind, subject=document.subject)
    rows = {row.pk: row for row in versions.select_for_update().order_by("pk")}
    return rows[document.pk]


def _check_issue(document: Document, number: str, dated_on: date) -> None:
    if document.status not in OPEN:
        raise DocumentRefused(_moved_on(document))
    if dated_on > timezone.localdate():
        raise DocumentRefused(_("Tanggal dokumen tidak boleh di masa depan."))
    made_on = timezone.localdate(document.created_at)
    if dated_on < made_on:
        raise DocumentRefused(
            _("Tanggal dokumen mendahului konsepnya ({day}). Periksa lagi tanggalnya.").format(
                day=made_on.strftime("%d-%m-%Y")
            )
        )
    same = Document.objects.filter(kind=document.kind, number__iexact=number)
    other = same.exclude(pk=document.pk).first()
    if other is not None:
        raise DocumentRefused(
            _("Nomor ini sudah dipakai: {title}, versi {version}.").format(
                title=other.title, version=other.version
            )
        )


def _moved_on(document: Document) -> str:
    return _("Dokumen ini berkeadaan “{state}”; muat ulang halamannya.").format(
        state=document.get_status_display()
    )
