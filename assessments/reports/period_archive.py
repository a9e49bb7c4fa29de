"""The archive of a closed period as one zip: sealed JSON, figures, lists, and their checksums.

Everything in it can be read without this application: canonical JSON under SHA-256, CSV with
semicolons, and ``SHA256SUMS`` in the form that ``sha256sum -c`` takes. The instrument is in it, so
that every score can be computed again (``assessments.archive_check``).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from django.utils import timezone

from assessments import scoring
from assessments.models import (
    Assessment,
    Candidacy,
    EvidenceUse,
    Period,
    Proposal,
    Score,
    Seal,
    TeamMember,
    Track,
)
from assessments.services.seals import seal_payload
from zona.audit import canonical
from zona.models import Document

SCHEMA = "zona-period-archive/1"
SUMS = "SHA256SUMS"
MANIFEST = "manifest.json"
MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest moment a zip knows: the same content gives the same bytes."""


class _Writer:
    """Writes entries and remembers their digests."""

    def __init__(self, target: BinaryIO) -> None:
        self.zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self.digests: dict[str, str] = {}

    def add(self, path: str, content: str | bytes) -> None:
        """Add one entry."""
        data = content.encode() if isinstance(content, str) else content
        self.digests[path] = hashlib.sha256(data).hexdigest()
        entry = zipfile.ZipInfo(path, MOMENT)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o640 << 16
        self.zip.writestr(entry, data)

    def table(self, path: str, header: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
        """Add a list as CSV; dates and moments in ISO form, nothing rounded."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=";", lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow(["" if cell is None else _cell(cell) for cell in row])
        self.add(path, buffer.getvalue())


def _cell(cell: object) -> str:
    text = cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
    # What a spreadsheet would take for a formula stays text.
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t", "\r") else text


def write_period_archive(
    period: Period, target: BinaryIO, report: Callable[[int, str], None]
) -> tuple[int, int]:
    """Write the archive of a period; return how many entries and worksheets it has.

    report: told how far the work is. One worksheet is in memory at a time.
    """
    writer = _Writer(target)
    sheets = Assessment.objects.filter(period=period).for_page().order_by("unit__code", "version")
    total = sheets.count()
    # Not canonical: the order of a scale's options is part of what it says.
    writer.add("instrumen.json", json.dumps(period.instrument.document, ensure_ascii=False))
    for number, sheet in enumerate(sheets.iterator(chunk_size=50), start=1):
        _add_sheet(writer, sheet)
        report(5 + number * 80 // max(total, 1), f"{number}/{total} LKE")
    report(90, "daftar")
    _add_lists(writer, period)
    facts = {
        "schema": SCHEMA,
        "period": {
            "name": period.name,
            "year": period.year,
            "evidence_from": period.evidence_from.isoformat(),
            "evidence_to": period.evidence_to.isoformat(),
            "quota": period.quota,
            "closed_at": period.closed_at.isoformat() if period.closed_at else None,
            "closed_by": str(period.closed_by) if period.closed_by else None,
        },
        "instrument": period.instrument.code,
        "instrument_checksum": period.instrument.checksum,
        "engine_version": scoring.ENGINE_VERSION,
        "worksheets": total,
        "made_at": timezone.now().isoformat(),
        "entries": dict(sorted(writer.digests.items())),
    }
    writer.add(MANIFEST, canonical(facts))
    sums = "".join(f"{digest}  {path}\n" for path, digest in sorted(writer.digests.items()))
    writer.add(SUMS, sums)
    writer.zip.close()
    return len(writer.digests), total


def folder_of(sheet: Assessment) -> str:
    """Return the folder of a worksheet inside the archive."""
    return f"lke/{sheet.unit.code}/v{sheet.version}"


def _add_sheet(writer: _Writer, sheet: Assessment) -> None:
    """Add all seals of a worksheet as they were taken, and its three tracks as they stand."""
    folder = folder_of(sheet)
    seals = Seal.objects.filter(assessment=sheet).order_by("pk")
    for number, seal in enumerate(seals.iterator(chunk_size=20), start=1):
        occasion = seal.occasion.replace(":", "-")
        writer.add(f"{folder}/segel/{number:02}-{occasion}-{seal.track}.json", seal.payload)
    for track in Track:
        writer.add(f"{folder}/keadaan-{track}.json", seal_payload(sheet, track))


def _add_lists(writer: _Writer, period: Period) -> None:
    sheets = Assessment.objects.filter(period=period)
    own = {"assessment__period": period}
    order = ("assessment__unit__code", "assessment__version")
    writer.table(
        "lke.csv",
        ("unit", "nama", "versi", "target", "keadaan", "sejak", "final", "surat tugas", "audit"),
        sheets.order_by("unit__code", "version").values_list(
            "unit__code",
            "unit__name",
            "version",
            "target",
            "state",
            "state_changed_at",
            "finalized_at",
            "assignment__number",
            "audit_digest",
        ),
    )
    writer.table(
        "nilai.csv",
        ("unit", "versi", "jejak", "nilai", "butir terisi", "terjawab", "butir", "WBK", "WBBM"),
        Score.objects.filter(**own)
        .order_by(*order, "track")
        .values_list(
            "assessment__unit__code",
            "assessment__version",
            "track",
            "safe_total",
            "filled_total",
            "answered_count",
            "indicator_count",
            "meets_wbk",
            "meets_wbbm",
        ),
    )
    writer.table(
        "segel.csv",
        ("unit", "versi", "jejak", "peristiwa", "sha256", "nilai", "oleh", "pada"),
        Seal.objects.filter(**own)
        .order_by(*order, "pk")
        .values_list(
            "assessment__unit__code",
            "assessment__version",
            "track",
            "occasion",
            "sha256",
            "safe_total",
            "signed_by__name",
            "signed_at",
        ),
    )
    writer.table(
        "tim.csv",
        ("unit", "versi", "kedudukan", "nama", "NIP", "area", "mendampingi"),
        TeamMember.objects.filter(**own)
        .order_by(*order, "rank", "user__name")
        .values_list(
            "assessment__unit__code",
            "assessment__version",
            "rank",
            "user__name",
            "user__nip",
            "areas",
            "assisted",
        ),
    )
    writer.table(
        "bukti.csv",
        ("unit", "versi", "butir", "judul", "jenis", "nomor", "tanggal", "sha256", "alamat"),
        EvidenceUse.objects.filter(**own)
        .order_by(*order, "indicator__position", "pk")
        .values_list(
            "assessment__unit__code",
            "assessment__version",
            "indicator__code",
            "evidence__title",
            "evidence__kind",
            "evidence__number",
            "evidence__dated_on",
            "evidence__sha256",
            "evidence__url",
        )
        .iterator(chunk_size=2000),
    )
    subjects = {f"assessment:{pk}": code for pk, code in sheets.values_list("pk", "unit__code")}
    documents = Document.objects.filter(subject__startswith="assessment:").order_by("pk")
    writer.table(
        "dokumen.csv",
        ("unit", "jenis", "judul", "nomor", "tanggal", "versi", "keadaan", "kode", "sha256", "ttd"),
        (
            (subjects[row[0]], *row[1:])
            for row in documents.values_list(
                "subject",
                "kind",
                "title",
                "number",
                "dated_on",
                "version",
                "status",
                "public_code",
                "sha256",
                "signed_sha256",
            ).iterator(chunk_size=2000)
            if row[0] in subjects
        ),
    )
    writer.table(
        "tahapan.csv",
        ("unit", "tahap", "sejak", "ditetapkan calon", "keputusan", "predikat", "oleh", "nomor"),
        Candidacy.objects.filter(period=period)
        .order_by("unit__code")
        .values_list(
            "unit__code",
            "phase",
            "phase_changed_at",
            "designated_on",
            "decree_number",
            "award__predicate",
            "award__track",
            "award__decree_number",
        ),
    )
    writer.table(
        "usulan.csv",
        ("nomor", "tanggal", "penanda tangan", "SPTJM", "unit", "target", "nilai", "ditarik"),
        Proposal.objects.filter(period=period)
        .order_by("pk", "lines__pk")
        .values_list(
            "number",
            "dated_on",
            "signer_name",
            "sptjm_number",
            "lines__candidacy__unit__code",
            "lines__target",
            "lines__total",
            "lines__withdrawn_at",
        ),
    )
