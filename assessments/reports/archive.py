"""The evidence of an area as one zip, written while it is sent: nothing lies on the disk twice."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone

from assessments.models import Assessment, Evidence
from assessments.reports.evidence_list import ListedPiece, ListedRow

CHUNK_BYTES = 256 * 1024
NAME_LETTERS = 80
INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class ArchivedPiece:
    """A piece in the archive; ``path`` is blank for a link, and for a file that is missing."""

    piece: ListedPiece
    path: str


@dataclass(frozen=True, slots=True)
class ArchivedRow:
    """A row with what the archive holds of its evidence."""

    row: ListedRow
    pieces: tuple[ArchivedPiece, ...]


class _Sink:
    """Takes what the zip writes and gives it away again; cannot be turned back."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, content: bytes) -> int:
        self.parts.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Hold nothing back."""

    def taken(self) -> bytes:
        content = b"".join(self.parts)
        self.parts.clear()
        return content


def archive_rows(rows: Sequence[ListedRow]) -> tuple[ArchivedRow, ...]:
    """Give every file of the rows its name in the archive: a folder per row, numbered within."""
    return tuple(
        ArchivedRow(
            row,
            tuple(
                ArchivedPiece(piece, _path(row.code, number, piece.evidence))
                for number, piece in enumerate(row.pieces, start=1)
            ),
        )
        for row in rows
        if row.pieces
    )


def write_archive(assessment: Assessment, title: str, rows: Sequence[ListedRow]) -> Iterator[bytes]:
    """Yield a zip with the files of the rows and an index that names each, links included.

    Files are stored as they are: what is taken here is compressed already.
    """
    named = archive_rows(rows)
    context = {
        "assessment": assessment,
        "title": title,
        "rows": named,
        "made_at": timezone.now(),
        "empty": [row for row in rows if not row.pieces],
    }
    index = render_to_string("assessments/evidence_archive.html", context)
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry(INDEX, timezone.localtime()), index)
        yield sink.taken()
        for row in named:
            for one in row.pieces:
                if one.path:
                    yield from _copied(archive, sink, one)
    yield sink.taken()


def _copied(archive: zipfile.ZipFile, sink: _Sink, one: ArchivedPiece) -> Iterator[bytes]:
    evidence = one.piece.evidence
    entry = _entry(one.path, timezone.localtime(evidence.uploaded_at))
    entry.file_size = evidence.size_bytes
    with evidence.file.open("rb") as source, archive.open(entry, "w") as target:
        while content := source.read(CHUNK_BYTES):
            target.write(content)
            yield sink.taken()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.external_attr = 0o640 << 16
    return entry


def _path(code: str, number: int, evidence: Evidence) -> str:
    if evidence.kind == Evidence.Kind.LINK or not Path(evidence.file.path).is_file():
        return ""
    name = re.sub(r"[^\w .()-]+", " ", evidence.title)
    name = re.sub(r"\s+", " ", name).strip(" .")[:NAME_LETTERS].strip(" .") or "bukti"
    extension = evidence.original_name.rsplit(".", 1)[-1].lower()
    return f"{code}/{number:02} {name}.{extension}"
