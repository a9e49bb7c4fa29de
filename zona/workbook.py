"""One list as a workbook: every text stays text, so that no cell is ever taken for a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
NARROW, WIDE = 14, 32


def list_workbook(
    title: str, header: Sequence[str], rows: Iterable[Sequence[str | int | None]]
) -> bytes:
    """Return a workbook of one sheet: a bold header that stays in sight, then the rows."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 1)
        for column, name in enumerate(header):
            sheet.set_column(column, column, WIDE if name.startswith("nama") else NARROW)
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(number, column, cell)
                elif cell:
                    sheet.write_string(number, column, cell)
    return buffer.getvalue()
