"""The portfolio's list as CSV and XLSX: the same rows in the same order as the page's address."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

import xlsxwriter
from django.utils.translation import gettext as _

from assessments import figures, scoring
from assessments.catalog import catalog_of
from assessments.dashboard import short_name
from assessments.models import Score, Track
from assessments.portfolio import Selection, eselon1_name, ordered

Cell = str | int | Decimal | None
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that starts like this for a formula when it opens a CSV."""


def header(selection: Selection) -> list[str]:
    """Return the column names."""
    areas = catalog_of(selection.period.instrument).engine.areas
    return [
        _("Kode"),
        _("Unit"),
        _("Eselon I"),
        _("Jenis"),
        _("Provinsi"),
        _("Periode"),
        _("Target"),
        _("Keadaan"),
        _("Versi"),
        _("Sumber nilai"),
        _("Nilai"),
        _("Nilai butir terisi"),
        _("Nilai unit"),
        *(
            _("Area {code} {name} (%)").format(code=area.code, name=short_name(area.name))
            for area in areas
        ),
        _("Semua ambang WBK"),
        _("Ambang WBK belum terpenuhi"),
        _("Semua ambang WBBM"),
        _("Ambang WBBM belum terpenuhi"),
        _("Butir terisi"),
        _("Jumlah butir"),
        _("Kurang menuju WBK"),
    ]


def rows(selection: Selection, sort: str) -> Iterator[list[Cell]]:
    """Yield one row per unit, in the order of ``sort``; one statement, streamed."""
    engine = catalog_of(selection.period.instrument).engine
    marks = [figures.area_marks(engine, area.code) for area in engine.areas]
    scores = ordered(selection.sieved, sort).select_related("assessment__unit").defer("figures")
    for score in scores.iterator(chunk_size=500):
        yield _row(selection, score, engine, marks)


def _row(
    selection: Selection,
    score: Score,
    engine: scoring.Instrument,
    marks: list[tuple[int, ...]],
) -> list[Cell]:
    assessment, unit = score.assessment, score.assessment.unit
    filled = score.answered_count > 0
    return [
        unit.code,
        unit.name,
        eselon1_name(unit.path, selection.eselon1),
        str(unit.get_kind_display()),
        unit.province,
        str(selection.period),
        assessment.target,
        str(assessment.get_state_display()),
        assessment.version,
        str(Track(score.track).label) if filled else "",
        figures.shown_total(engine, score.safe_total) if filled else None,
        figures.shown_total(engine, score.filled_total) if filled else None,
        figures.shown_total(engine, score.own_total),
        *(
            _percent(ratio, asked) if filled and ratio is not None else None
            for ratio, asked in zip(score.area_ratios, marks, strict=False)
        ),
        _("ya") if score.meets_wbk else _("belum"),
        score.unmet_wbk_count,
        _("ya") if score.meets_wbbm else _("belum"),
        score.unmet_wbbm_count,
        score.answered_count,
        score.indicator_count,
        "; ".join(f"{code} {gap}" for code, gap in score.unmet_rules.get("WBK", {}).items())
        if filled
        else "",
    ]


def _percent(ratio: Decimal, asked: tuple[int, ...]) -> Decimal:
    """Return a stored share as percent with two decimals, more just below what is asked."""
    marks = tuple(mark * 100 for mark in asked)
    return figures.shown(figures.millionths(ratio) * 100, marks, 2)


def write_csv(selection: Selection, sort: str) -> Iterator[str]:
    """Yield the list as CSV for Indonesian spreadsheets: semicolons, decimal comma, a BOM."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    buffer.write("\ufeff")
    writer.writerow(header(selection))
    for row in rows(selection, sort):
        writer.writerow([_csv_cell(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell}".replace(".", ",")
    text = str(cell)
    if isinstance(cell, str) and text.startswith(FORMULA_STARTS):
        return f"'{text}"
    return text


def write_xlsx(selection: Selection, sort: str) -> bytes:
    """Return the list as a workbook; every user's text stays text."""
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(_("Pantauan"))
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        figure = book.add_format({"num_format": "0.00####"})
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 0, 10)
        sheet.set_column(1, 2, 36)
        sheet.set_column(3, 40, 14)
        for column, name in enumerate(header(selection)):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows(selection, sort), start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write_number(
                        number, column, cell, figure if isinstance(cell, Decimal) else None
                    )
    return buffer.getvalue()
