"""XLSX and CSV in: read as rows of text, with every bomb refused before it is opened.

A workbook is a zip: how much it unpacks to, and how far its cells reach, is known before anything
is built from it. No Django.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from python_calamine import CalamineError, CalamineWorkbook

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 80
MAX_MEMBERS = 200
MAX_UNPACKED = 60 * 1024 * 1024
MAX_RATIO = 200
MAX_CELL = 5_000
BLOCK = 1024 * 1024
_REACH = re.compile(rb'\br="([A-Z]{0,3})([0-9]{1,7})"')
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)


class TableFileError(Exception):
    """The file cannot be read; the text is a sentence for the user."""


def read_table(name: str, content: bytes) -> list[list[str]]:
    """Return the rows of the first sheet, or of a CSV file, as texts; the header comes first.

    Raises TableFileError with a sentence for the user.
    """
    if len(content) > MAX_BYTES:
        raise TableFileError("Berkas lebih besar dari 5 MB.")
    if name.lower().endswith(".csv"):
        rows = _read_csv(content)
    elif name.lower().endswith(".xlsx"):
        rows = _read_xlsx(content)
    else:
        raise TableFileError("Unggah berkas berakhiran .xlsx atau .csv.")
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise TableFileError("Berkas tidak berisi baris data di bawah judul kolom.")
    if len(rows) - 1 > MAX_ROWS:
        raise TableFileError(f"Berkas berisi lebih dari {MAX_ROWS} baris data.")
    if max(len(row) for row in rows) > MAX_COLUMNS:
        raise TableFileError(f"Berkas berisi lebih dari {MAX_COLUMNS} kolom.")
    return rows


def _read_csv(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableFileError("Simpan CSV sebagai UTF-8, lalu unggah lagi.") from error
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append([cell[:MAX_CELL] for cell in row])
            if len(rows) > MAX_ROWS + 1:
                raise TableFileError(f"Berkas berisi lebih dari {MAX_ROWS} baris data.")
    except csv.Error as error:
        raise TableFileError(f"CSV tidak terbaca pada baris {len(rows) + 1}.") from error
    return rows


def _read_xlsx(content: bytes) -> list[list[str]]:
    _refuse_bombs(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        values = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, OSError, ValueError) as error:
        raise TableFileError("Buku kerja tidak terbaca. Simpan ulang sebagai .xlsx.") from error
    return [[_text(value) for value in row] for row in values]


def _refuse_bombs(content: bytes) -> None:
    """Raise TableFileError for a zip that unpacks to too much or whose cells reach too far."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            members = book.infolist()
            if len(members) > MAX_MEMBERS:
                raise TableFileError("Buku kerja berisi terlalu banyak bagian.")
            unpacked = sum(member.file_size for member in members)
            if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(content):
                raise TableFileError("Buku kerja terlalu besar setelah dibuka.")
            for member in members:
                if _SHEET.fullmatch(member.filename):
                    _refuse_reach(book, member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise TableFileError("Buku kerja rusak atau berkata sandi.") from error


def _refuse_reach(book: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    read, tail = 0, b""
    with book.open(member) as stream:
        while block := stream.read(BLOCK):
            read += len(block)
            if read > MAX_UNPACKED:
                raise TableFileError("Buku kerja terlalu besar setelah dibuka.")
            for letters, number in _REACH.findall(tail + block):
                # A margin for empty rows at the end; the exact count is taken later.
                if int(number) > 4 * MAX_ROWS or _column(letters) > 4 * MAX_COLUMNS:
                    raise TableFileError("Isi buku kerja melampaui batas baris atau kolom.")
            tail = block[-32:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _text(value) -> str:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)[:MAX_CELL]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a sheet by its column names; ``number`` is the row as the sheet counts it."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell: the row as the sheet counts it, the column, a sentence."""

    row: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A sheet with known columns: its rows and what cannot be taken as it is."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]


_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*<(?:\w+:)?f[\s>/]')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z0-9:]{2,24})"')
FORMULA_TEXT = "Rumus tidak diterima; tulis isinya."
MERGED_TEXT = "Sel digabung tidak diterima; pisahkan selnya."
NAMED_CELLS = 20


def read_list(name: str, content: bytes, columns: Iterable[str]) -> Listed:
    """Return a list whose first row names its columns, with rows numbered as the sheet does.

    columns: those that must be there. Merged cells, formulas and missing columns are faults, and
    with one of them no row is returned. Raises TableFileError for a file that is no table.
    """
    read_table(name, content)
    is_csv = name.lower().endswith(".csv")
    table = _read_csv(content) if is_csv else _read_xlsx(content)
    faults = [] if is_csv else list(_odd_cells(content))
    header = next(place for place, row in enumerate(table) if any(map(str.strip, row)))
    places = {word.strip().lower(): place for place, word in enumerate(table[header])}
    faults += [
        Fault(header + 1, column, "Kolom ini tidak ada pada baris judul.")
        for column in columns
        if column not in places
    ]
    lines = []
    for number, row in enumerate(table[header + 1 :], start=header + 2):
        cells = {word: row[at].strip() if at < len(row) else "" for word, at in places.items()}
        if not any(cells.values()):
            continue
        lines.append(Line(number, cells))
        faults += [
            Fault(number, word, FORMULA_TEXT) for word, text in cells.items() if text[:1] == "="
        ]
    return Listed(() if faults else tuple(lines), tuple(faults))


def _odd_cells(content: bytes) -> Iterator[Fault]:
    """Yield a fault for formulas and merged cells, the first of each sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for member in book.infolist():
            if not _SHEET.fullmatch(member.filename):
                continue
            text = book.read(member)
            for found in _CELL.findall(text)[:NAMED_CELLS]:
                yield _at_cell(found, FORMULA_TEXT)
            for found in _MERGED.findall(text)[:NAMED_CELLS]:
                yield _at_cell(found.partition(b":")[0], MERGED_TEXT)


def _at_cell(reference: bytes, text: str) -> Fault:
    letters = reference.rstrip(b"0123456789")
    return Fault(int(reference[len(letters) :] or b"0"), letters.decode(), text)
