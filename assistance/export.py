"""The register as a workbook: the same rows in the same order as the page's address."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from assistance.models import Recommendation

OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
CHUNK = 500
WIDTHS = (14, 12, 32, 14, 16, 16, 44, 44, 32, 44, 10, 28, 12, 24, 10, 10, 14, 12)


def header() -> list[str]:
    """Return the column names."""
    return [
        _("Nomor"),
        _("Kode unit"),
        _("Unit"),
        _("Butir"),
        _("Sumber"),
        _("Alasan"),
        _("Kondisi"),
        _("Kriteria"),
        _("Akibat"),
        _("Saran"),
        _("Prioritas"),
        _("Penanggung jawab"),
        _("Batas waktu"),
        _("Keadaan"),
        _("Umur (hari)"),
        _("Lewat (hari)"),
        _("Mengulang"),
        _("Tuntas pada"),
    ]


def write_register(rows) -> bytes:
    """Return the rows as a workbook; every user's text stays text. One statement per 500 rows."""
    today = timezone.localdate()
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, OPTIONS) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        text = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        sheet = book.add_worksheet(_("Rekomendasi"))
        sheet.freeze_panes(1, 1)
        for column, (name, width) in enumerate(zip(header(), WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, head)
        loaded = rows.select_related("unit", "indicator", "owner_user", "repeats")
        for number, row in enumerate(loaded.iterator(chunk_size=CHUNK), start=1):
            for column, cell in enumerate(_cells(row, today)):
                if isinstance(cell, date):
                    moment = datetime(cell.year, cell.month, cell.day)
                    sheet.write_datetime(number, column, moment, day)
                elif isinstance(cell, int):
                    sheet.write_number(number, column, cell, text)
                else:
                    sheet.write_string(number, column, cell, text)
    return stream.getvalue()


def _cells(row: Recommendation, today: date) -> Iterable[str | int | date]:
    yield row.code
    yield row.unit.code
    yield row.unit.name
    yield row.indicator.code if row.indicator_id else ""
    yield str(row.get_source_display())
    yield str(row.get_reason_display()) if row.reason else ""
    yield row.condition
    yield row.criterion
    yield row.effect
    yield row.advice
    yield str(row.get_priority_display())
    yield row.owner_name
    yield row.due_on
    yield str(row.get_state_display())
    yield row.age_days(today)
    yield row.days_late(today)
    yield row.repeats.code if row.repeats_id else ""
    yield timezone.localdate(row.done_at) if row.done_at else ""
