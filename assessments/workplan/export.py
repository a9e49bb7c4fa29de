"""The work plan as a workbook: activities on one sheet, the areas' targets on another."""

from __future__ import annotations

import io
from datetime import date

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Activity, AreaTarget
from assessments.workplan.page import STATES
from units.forms import AREAS
from units.models import Unit
from zona.workbook import OPTIONS

WIDTHS = (12, 30, 48, 44, 24, 28, 12, 32, 32, 12)


def activity_header() -> list[str]:
    """Return the column names of the activities."""
    return [
        _("Batas waktu"),
        _("Area"),
        _("Kegiatan"),
        _("Bukti yang dihasilkan"),
        _("Butir LKE"),
        _("Penanggung jawab"),
        _("Keadaan"),
        _("Bukti"),
        _("Alasan tanpa bukti"),
        _("Selesai pada"),
    ]


def write_plan(unit: Unit, year: int) -> bytes:
    """Return a unit's plan of a year; every user's text stays text. Three statements."""
    today = timezone.localdate()
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, OPTIONS) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        text = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        formats = (head, text, day)
        rows = Activity.objects.of_year(unit, year).for_list()
        _write(
            book.add_worksheet(_("Rencana kerja")),
            activity_header(),
            WIDTHS,
            (_cells(row, today) for row in rows),
            formats,
        )
        targets = {row.area: row for row in AreaTarget.objects.filter(unit=unit, year=year)}
        _write(
            book.add_worksheet(_("Target area")),
            [_("Area"), _("Kondisi awal"), _("Target"), _("Hasil")],
            (30, 60, 60, 60),
            (_target_cells(code, name, targets.get(code)) for code, name in AREAS),
            formats,
        )
    return stream.getvalue()


def _write(sheet, header, widths, rows, formats) -> None:
    head, text, day = formats
    sheet.freeze_panes(1, 1)
    for column, (name, width) in enumerate(zip(header, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(number, column, cell, day)
            elif cell:
                sheet.write_string(number, column, str(cell), text)


def _cells(row: Activity, today: date) -> list:
    return [
        row.due_on,
        dict(AREAS).get(row.area, row.area),
        row.title,
        row.output,
        ", ".join(one.code for one in row.indicators.all()),
        row.who,
        STATES[row.status_on(today)],
        row.proof.title if row.proof else "",
        row.done_reason,
        timezone.localdate(row.done_at) if row.done_at else None,
    ]


def _target_cells(code: str, name, row: AreaTarget | None) -> list:
    return [name, *((row.initial, row.target, row.result) if row else ("", "", ""))]
