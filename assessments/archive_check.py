"""Whether the archive of a period still says what it said: without a database.

Plain Python: digests against the list of sums, no entry more or less, every seal its own
digest in ``segel.csv``, and every score computed again from the answers by the instrument that
lies in the archive.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from assessments import instrument_file, scoring

SCHEMA = "zona-period-archive/1"
SUMS, MANIFEST = "SHA256SUMS", "manifest.json"
ENTRY_MAX_BYTES = 256 * 1024 * 1024
"""No entry that this house writes comes near it; a bomb does."""


def check_archive(path: Path, progress: Callable[[int], object] = lambda n: None) -> Iterator[str]:
    """Yield a sentence for everything that does not hold; nothing means intact.

    progress: told how many entries were read. Raises OSError where the file cannot be read.
    """
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        yield "bukan arsip zip"
        return
    with archive:
        yield from _check(archive, progress)


def _check(archive: zipfile.ZipFile, progress: Callable[[int], object]) -> Iterator[str]:
    names = archive.namelist()
    for lacking in {SUMS, MANIFEST} - set(names):
        yield f"{lacking} tidak ada"
    if not {SUMS, MANIFEST} <= set(names):
        return
    sums = dict(
        reversed(line.split("  ", 1)) for line in _read(archive, SUMS).decode().splitlines()
    )
    manifest = json.loads(_read(archive, MANIFEST))
    if manifest.get("schema") != SCHEMA:
        yield "manifest.json: bukan arsip periode Zona"
        return
    for name in sorted(set(names) ^ (set(sums) | {SUMS})):
        yield f"{name}: " + ("tidak ada" if name in sums else "tidak tercatat")
    if len(names) != len(set(names)):
        yield "ada nama berkas yang berulang"
    listed = {name: digest for name, digest in sums.items() if name != MANIFEST}
    if listed != manifest["entries"]:
        yield "manifest.json dan SHA256SUMS berbeda"
    sealed = {}
    engine = instrument_file.build(json.loads(_read(archive, "instrumen.json")))
    for number, name in enumerate(sorted(set(names) & set(sums)), start=1):
        content = _read(archive, name)
        digest = hashlib.sha256(content).hexdigest()
        if digest != sums[name]:
            yield f"{name}: isi berubah"
        elif name.startswith("lke/"):
            if "/segel/" in name:
                sealed[digest] = sealed.get(digest, 0) + 1
            fault = _score_fault(json.loads(content), manifest, engine)
            if fault:
                yield f"{name}: {fault}"
        progress(number)
    table = csv.DictReader(io.StringIO(_read(archive, "segel.csv").decode()), delimiter=";")
    for row in table:
        if not sealed.get(row["sha256"]):
            yield f"segel.csv: segel {row['unit']} {row['peristiwa']} tidak ada dalam arsip"


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > ENTRY_MAX_BYTES:
        raise OSError(f"{name} terlalu besar")
    return archive.read(name)


def _score_fault(sheet: dict, manifest: dict, engine) -> str:
    """Return what is wrong with a track's score; empty where it can be had again or not asked."""
    if sheet["instrument_checksum"] != manifest["instrument_checksum"]:
        return "instrumen berbeda"
    if sheet["engine_version"] != scoring.ENGINE_VERSION:
        return ""
    values = {code: _value(row) for code, row in sheet["answers"].items()}
    result = scoring.score(engine, values)
    for reading in scoring.Reading:
        total = scoring.six(result.readings[reading].total)
        if total != sheet["score"][reading.value]["total"]:
            return f"nilai {reading.value} tidak dapat dihasilkan kembali"
    return ""


def _value(row: dict):
    if row.get("choice"):
        return row["choice"]
    if row.get("inputs") is None:
        return None
    return {
        name: int(text) if text.isdigit() else Decimal(text) for name, text in row["inputs"].items()
    }
