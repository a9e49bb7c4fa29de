"""A list of signers from a sheet: every fault by row and column, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from zona.table_file import Fault, read_list

COLUMNS = ("nama", "nip", "tanggal")
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")
NIP_DIGITS = 18
MAX_FAULTS = 50


@dataclass(frozen=True, slots=True)
class PactList:
    """What a sheet says: name, NIP and day of each signer, and the faults."""

    rows: tuple[tuple[str, str, date], ...]
    faults: tuple[Fault, ...]


def read_pacts(name: str, content: bytes, *, today: date) -> PactList:
    """Read a list of signers. Raises TableFileError for a file that is no table."""
    listed = read_list(name, content, COLUMNS)
    if listed.faults:
        return PactList((), listed.faults[:MAX_FAULTS])
    rows, faults, seen = [], [], {}
    for line in listed.lines:
        number = line.number
        cells = {column: line.cells[column] for column in COLUMNS}
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
