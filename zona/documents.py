"""Issued documents: their public code, the QR code on the paper, and the row that vouches for them.

Every app that issues a PDF keeps it here. The file lies in private storage under a random name;
``sha256`` and code let whoever holds the paper ask whether it is genuine and still in force.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

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
    columns=("number", "dated_on", "file", "sha256", "size_bytes", "page_count", "facts"),
    events=("UPDATE",),
    name="issued",
    message="an issued document never changes",
)


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
