"""A list of signers from a sheet: every fault by row and column, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from surveys.table_file import read_table

COLUMNS = ("nama", "nip", "tanggal")
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")
NIP_DIGITS = 18
MAX_FAULTS = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell: the row as the sheet counts it, the column, a sentence."""

    row: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class PactList:
    """What a sheet says: name, NIP and day of each signer, and the faults."""

    rows: tuple[tuple[str, str, date], ...]
    faults: tuple[Fault, ...]


def read_pacts(name: str, content: bytes, *, today: date) -> PactList:
    """Read a list of signers. Raises TableFileError for a file that is no table."""
    header, *lines = read_table(name, content)
    places = {word.strip().lower(): place for place, word in enumerate(header)}
    missing = [column for column in COLUMNS if column not in places]
    if missing:
        text = _("Kolom ini tidak ada pada baris judul.")
        return PactList((), tuple(Fault(1, column, text) for column in missing))
    rows, faults, seen = [], [], {}
    for number, line in enumerate(lines, start=2):
        cells = {
            column: line[places[column]].strip() if places[column] < len(line) else ""
            for column in COLUMNS
        }
        found, day = _row(number, cells, today)
        key = cells["nip"].replace(" ", "") or cells["nama"].casefold()
        if not found and key in seen:
            text = _("Sama dengan baris {row}.").format(row=seen[key])
            found = [Fault(number, "nip" if cells["nip"] else "nama", text)]
        seen.setdefault(key, number)
        faults += found
        if not found:
            rows.append((cells["nama"], cells["nip"].replace(" ", ""), day))
    return PactList(tuple(rows), tuple(faults[:MAX_FAULTS]))


def _row(number: int, cells: dict[str, str], today: date) -> tuple[list[Fault], date | None]:
    faults = []
    for column, text in cells.items():
        if text.startswith("="):
            faults.append(Fault(number, column, _("Rumus tidak diterima; tulis isinya.")))
    if not cells["nama"] or len(cells["nama"]) > 150:
        faults.append(Fault(number, "nama", _("Tulis nama, paling panjang 150 huruf.")))
    nip = cells["nip"].replace(" ", "")
    if nip and (len(nip) != NIP_DIGITS or not nip.isdecimal()):
        faults.append(Fault(number, "nip", _("NIP terdiri atas 18 angka.")))
    day = _day(cells["tanggal"])
    if day is None:
        faults.append(Fault(number, "tanggal", _("Tulis tanggal seperti 2026-01-12.")))
    elif day > today:
        faults.append(Fault(number, "tanggal", _("Tanggal belum tiba.")))
    return faults, day


def _day(text: str) -> date | None:
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None
