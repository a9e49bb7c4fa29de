"""A locked result as XLSX: the same figures as page and report, and the anonymous answers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import xlsxwriter
from django.utils.translation import gettext as _

from surveys.disclosure import MINIMUM
from surveys.index import half_up
from surveys.models import ResponseComment, ResponseValue, Status, Survey
from surveys.profile import profile
from surveys.reports import ResultReport, results_in_force
from surveys.services.imports import header_of
from surveys.sheet import sheets_of
from zona.templatetags.zona_numbers import write_number

FIGURES, LONG = 4, 6
SHEET_NAME_MAX = 31
CHUNK = 2000
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
ANSWERS_MAX = 20_000
"""Most single answers in a workbook; a larger survey is told in its figures alone."""


def result_workbook(survey: Survey, *, with_answers: bool) -> bytes:
    """Return the workbook of a survey's locked results.

    with_answers: add the single answers without service, profile and month, in no order; left
    out in any case when they are fewer than five, more than ANSWERS_MAX, or were deleted.
    """
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, OPTIONS) as book:
        bold, head = book.add_format({"bold": True}), book.add_format({"bold": True, "bottom": 1})
        reports = results_in_force(survey)
        for report in reports:
            _result_sheet(book, survey, report, bold, head)
        _words_sheet(book, survey, head)
        _improvements_sheet(book, survey, head)
        told = MINIMUM <= reports[0].answered <= ANSWERS_MAX
        if with_answers and told and survey.erased_at is None:
            _answers_sheet(book, survey, head)
    return stream.getvalue()


def _result_sheet(book, survey: Survey, report: ResultReport, bold, head) -> None:
    sheet = book.add_worksheet(report.index_name[:SHEET_NAME_MAX])
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 3, 16)
    row = 0
    for label, value in _facts(survey, report):
        sheet.write(row, 0, label, bold)
        sheet.write(row, 1, value)
        row += 1
    first = row + 2
    row = _table(
        sheet,
        row + 1,
        head,
        (_("Unsur"), _("Rata-rata"), _("Rata-rata skala 4")),
        (
            (line.name, half_up(line.mean, FIGURES), half_up(line.mean4, FIGURES))
            for line in report.elements
        ),
    )
    if report.elements:
        _chart(book, sheet, report, first, first + len(report.elements) - 1)
    for group in report.breakdowns:
        row = _table(
            sheet,
            row + 1,
            head,
            (group.title, _("Responden"), report.index_name),
            (
                (line.label, line.answered, line.index4)
                if not line.is_withheld
                else (line.label, _("disembunyikan"), "")
                for line in group.rows
            ),
        )


def _chart(book, sheet, report: ResultReport, first: int, last: int) -> None:
    """Draw the elements beside their table, in its order from above."""
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": [sheet.name, first, 0, last, 0],
            "values": [sheet.name, first, 2, last, 2],
            "fill": {"color": "#0B7468"},
            "data_labels": {"value": True, "num_format": "0.00"},
        }
    )
    title = _("Nilai rata-rata tiap unsur %(name)s, skala 4") % {"name": report.index_name}
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_x_axis({"min": 0, "max": 4, "num_format": "0"})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"none": True})
    chart.set_size({"width": 640, "height": 120 + 36 * len(report.elements)})
    sheet.insert_chart(0, 5, chart, {"description": title})


def _words_sheet(book, survey: Survey, head) -> None:
    """Write the comments that somebody has read and shown; no sheet for none."""
    shown = ResponseComment.objects.filter(survey=survey, state=ResponseComment.State.SHOWN)
    rows = [(comment.text,) for comment in shown.order_by("pk")]
    if rows:
        sheet = book.add_worksheet(_("Kata responden"))
        sheet.set_column(0, 0, 100)
        _table(sheet, 0, head, (_("Komentar yang ditampilkan"),), rows)


def _improvements_sheet(book, survey: Survey, head) -> None:
    """Write what the unit does about the result; no sheet for nothing."""
    rows = [
        (
            item.subject,
            item.action,
            item.owner,
            item.due_on.isoformat(),
            item.done_on.isoformat() if item.done_on else "–",
        )
        for item in survey.improvements.all()
    ]
    if rows:
        sheet = book.add_worksheet(_("Tindak lanjut"))
        sheet.set_column(0, 4, 28)
        header = (_("Unsur"), _("Perbaikan"), _("Penanggung jawab"), _("Tenggat"), _("Selesai"))
        _table(sheet, 0, head, header, rows)


def _facts(survey: Survey, report: ResultReport) -> Iterator[tuple[str, object]]:
    yield _("Survei"), survey.title
    yield _("Unit"), survey.unit.name
    yield _("Kuesioner"), f"{report.title} ({report.edition})"
    yield _("Masa survei"), f"{report.first_day:%Y-%m-%d} – {report.last_day:%Y-%m-%d}"
    yield report.index_name, report.index4
    yield _("Indeks skala 100"), report.index100
    yield _("Mutu"), f"{report.grade} ({report.grade_label})"
    yield _("Responden sah"), report.answered
    yield _("Orang yang dilayani"), report.population if report.population else "–"
    yield _("Sasaran responden"), report.target
    yield _("Rumus sasaran"), report.method
    yield _("Sah untuk LKE"), _("ya") if report.is_valid else _("belum sah")
    if report.lke_points is not None:
        yield _("Poin LKE"), half_up(report.lke_points, FIGURES)
    yield _("Indeks sebelum dibulatkan"), half_up(report.exact4, LONG)
    scale = f"1–{report.scale_max}"
    yield _("Skala"), scale if report.scale_max == 4 else f"{scale}, {report.conversion}"
    yield _("Bobot tiap unsur"), f"1/{report.element_count}"
    yield _("Simpangan baku"), _or_dash(report.deviation)
    yield _("Margin galat 95%"), _or_dash(report.margin)
    yield (
        _("Alfa Cronbach"),
        _("tidak dapat dihitung") if report.alpha is None else half_up(report.alpha, FIGURES),
    )
    for name, lines in ((_("Terendah"), report.lowest), (_("Tertinggi"), report.highest)):
        if lines:
            yield name, "; ".join(f"{line.name} ({write_number(line.mean4, 2)})" for line in lines)
    for label, count in report.left_out:
        yield _("Tidak dihitung: %(reason)s") % {"reason": label}, count
    yield _("Versi hasil"), report.version
    yield _("Sidik SHA-256"), report.digest


def _or_dash(value):
    return "–" if value is None else half_up(value, FIGURES)


def _table(sheet, row: int, head, header, rows) -> int:
    """Write a table and return the row after it; nothing for no rows."""
    written = list(rows)
    if not written:
        return row - 1
    for column, text in enumerate(header):
        sheet.write(row, column, text, head)
    for values in written:
        row += 1
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    return row + 1


def _answers_sheet(book, survey: Survey, head) -> None:
    """Write the single valid answers, points alone; their random keys give the order."""
    sheet = book.add_worksheet(_("Jawaban"))
    columns, column = {}, 0
    for asked in sheets_of(survey):
        for name, question in asked.field_names.items():
            sheet.write(0, column, name, head)
            columns[question.pk] = column
            column += 1
    values = ResponseValue.objects.filter(
        response__survey=survey, response__status=Status.VALID
    ).values_list("response_id", "question_id", "value")
    ordered = values.order_by("response_id", "question__position").iterator(chunk_size=CHUNK)
    for row, (_key, cells) in enumerate(groupby(ordered, key=itemgetter(0)), 1):
        for _response, question, value in cells:
            sheet.write_number(row, columns[question], value)


def import_template(survey: Survey) -> bytes:
    """Return an empty workbook with the columns that an import of this survey expects."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, OPTIONS) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(_("Jawaban"))
        names = header_of(survey)
        for column, name in enumerate(names):
            sheet.write(0, column, name, head)
        sheet.set_column(0, len(names) - 1, 18)
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet(_("Petunjuk"))
        notes.set_column(0, 1, 40)
        for row, (name, text) in enumerate(_column_notes(survey)):
            notes.write(row, 0, name, head if row == 0 else None)
            notes.write(row, 1, text, head if row == 0 else None)
    return stream.getvalue()


def _column_notes(survey: Survey) -> Iterator[tuple[str, str]]:
    yield _("Kolom"), _("Isi")
    yield "bulan", _("Bulan jawaban diberikan, misalnya 2027-03")
    for _key, name in survey.asked_services:
        yield "layanan", name
    for field in profile().chosen(survey.profile_fields):
        yield field.code, "; ".join(words.id for words in field.options.values())
    for asked in sheets_of(survey):
        for name, question in asked.field_names.items():
            words = "; ".join(f"{point} = {label}" for point, label in question.choices[::-1])
            yield name, f"{question.text} ({words})"
