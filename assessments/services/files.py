"""What an uploaded file must be before it is kept, and how it is put on the disk.

Type is decided by content and extension together; the name is only ever shown, never used.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from zona.scanner import ScannerSilent, VirusFound, scan

MIB = 1024 * 1024
ALLOWED = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OFFICE_PART = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
}
_MEMBERS_MAX = 5_000
_UNPACKED_MAX = 300 * MIB
_RATIO_MAX = 200
_NAME_MAX = 255


class EvidenceRefused(Exception):
    """A piece of evidence can't be taken; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that passed: the name to show, its type, size in bytes and SHA-256."""

    name: str
    extension: str
    content_type: str
    size_bytes: int
    sha256: str


def check_file(upload: UploadedFile) -> CheckedFile:
    """Return what a file is, or raise EvidenceRefused with what to do about it.

    Reads the content once for the digest and its ends for the type; office files are also looked
    into, so that a renamed archive or a decompression bomb is refused.
    """
    name = display_name(upload.name)
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if extension not in ALLOWED:
        raise EvidenceRefused(
            _(
                "{name}: jenis berkas tidak diterima. Unggah PDF, JPG, PNG, DOCX, XLSX, atau PPTX."
            ).format(name=name)
        )
    if not upload.size:
        raise EvidenceRefused(_("{name}: berkas kosong.").format(name=name))
    if upload.size > settings.EVIDENCE_MAX_MIB * MIB:
        raise EvidenceRefused(
            _("{name}: {size} MB melebihi batas {limit} MB. Perkecil atau bagi berkasnya.").format(
                name=name,
                size=-(-upload.size // MIB),
                limit=settings.EVIDENCE_MAX_MIB,
            )
        )
    _check_content(upload, name, extension)
    _check_viruses(upload, name)
    return CheckedFile(name, extension, ALLOWED[extension], upload.size, _digest(upload))


def display_name(raw: str | None) -> str:
    """Return the last part of an uploaded name, without control and direction characters."""
    last = (raw or "").replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if letter.isprintable()).strip()
    if len(kept) > _NAME_MAX:
        stem, dot, suffix = kept.rpartition(".")
        kept = stem[: _NAME_MAX - len(suffix) - 1] + dot + suffix if dot else kept[:_NAME_MAX]
    return kept or "berkas"


def _digest(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _check_viruses(upload: UploadedFile, name: str) -> None:
    if not settings.CLAMAV_ADDRESS:
        return
    upload.seek(0)
    try:
        scan(upload, settings.CLAMAV_ADDRESS)
    except VirusFound as found:
        raise EvidenceRefused(
            _(
                "{name}: pemindai menemukan virus ({virus}), jadi berkas tidak disimpan. "
                "Laporkan kepada pengelola komputer Anda."
            ).format(name=name, virus=found)
        ) from found
    except ScannerSilent as error:
        raise EvidenceRefused(
            _(
                "{name}: pemindai virus tidak memberi hasil, jadi berkas belum disimpan. "
                "Coba lagi beberapa menit lagi."
            ).format(name=name)
        ) from error


def _check_content(upload: UploadedFile, name: str, extension: str) -> None:
    upload.seek(0)
    head = upload.read(8192)
    upload.seek(0)
    wrong = EvidenceRefused(
        _("{name}: isi berkas tidak sesuai dengan jenisnya ({kind}).").format(
            name=name, kind=extension.upper()
        )
    )
    if extension == "pdf":
        # A PDF begins at the first byte here: one that hides behind other content is refused.
        if not head.startswith(b"%PDF-"):
            raise wrong
    elif extension in ("jpg", "jpeg", "png"):
        kind = filetype.guess(head)
        if kind is None or kind.mime != ALLOWED[extension]:
            raise wrong
        if b"<script" in head.lower() or b"<?php" in head.lower():
            raise wrong
    else:
        _check_archive(upload, name, extension, wrong)


def _check_archive(upload: UploadedFile, name: str, extension: str, wrong: Exception) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(upload.read())) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise wrong from error
    finally:
        upload.seek(0)
    names = {member.filename for member in members}
    if _OFFICE_PART[extension] not in names or "[Content_Types].xml" not in names:
        raise wrong
    unpacked = sum(member.file_size for member in members)
    if (
        len(members) > _MEMBERS_MAX
        or unpacked > _UNPACKED_MAX
        or unpacked > _RATIO_MAX * max(upload.size, 1)
    ):
        raise EvidenceRefused(
            _("{name}: isi berkas terlalu besar setelah dibuka, jadi tidak diterima.").format(
                name=name
            )
        )
    if any("vbaProject" in member for member in names):
        raise EvidenceRefused(_("{name}: berkas dengan makro tidak diterima.").format(name=name))
