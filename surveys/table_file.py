"""XLSX and CSV in: read as rows of text, with every bomb refused before it is opened.

A workbook is a zip: how much it unpacks to, and how far its cells reach, is known before anything
is built from it. No Django.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
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
        raise TableFileError("Berkas tidak berisi baris jawaban di bawah judul kolom.")
    if len(rows) - 1 > MAX_ROWS:
        raise TableFileError(f"Berkas berisi lebih dari {MAX_ROWS} baris jawaban.")
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
                raise TableFileError(f"Berkas berisi lebih dari {MAX_ROWS} baris jawaban.")
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
