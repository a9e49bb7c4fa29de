"""Papers of a survey as HTML for the PDF child: QR poster, token sheet, report, result poster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from surveys.models import Improvement, ResponseComment, Survey
from surveys.reports import ResultReport, long_title, results_in_force
from units.models import Unit
from zona.charts import Bar, Chart, Medium, value_bars
from zona.documents import QrCode, qr_code
from zona.letterhead import letterhead
from zona.templatetags.zona_numbers import write_number

STYLE_SHEETS = ("report.css", "survey_print.css")
COMMENTS_PRINTED = 40
A4, A5 = "a4", "a5"
SIZES = (A4, A5)


@dataclass(frozen=True, slots=True)
class House:
    """Whose paper it is: the ministry and the unit that holds the survey."""

    ministry: str
    office: str
    place: str
    address: str
    is_demo: bool
    logo: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What identifies a paper and where it can be checked."""

    public_code: str
    verify_url: str
    number: str = ""
    dated_on: date | None = None
    is_issued: bool = False

    @property
    def verify_text(self) -> str:
        """The address as it is printed: without scheme and closing stroke."""
        return self.verify_url.partition("://")[2].rstrip("/") or self.verify_url


@dataclass(frozen=True, slots=True)
class PosterPage:
    """One page of the QR poster: the whole survey, or one service's desk."""

    service: str
    url: str
    shown_url: str
    qr: QrCode


@dataclass(frozen=True, slots=True)
class TokenCard:
    """A token with the code that opens the form with it."""

    token: str
    qr: QrCode


def style_sheet() -> str:
    """Return the style of all papers of surveys."""
    folder = Path(settings.BASE_DIR) / "static" / "css"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in STYLE_SHEETS)


def house_of(survey: Survey) -> House:
    """Return whose paper it is; one query."""
    ministry = Unit.objects.filter(parent=None).values_list("name", flat=True).first() or ""
    unit = survey.unit
    return House(ministry, unit.name, unit.province, "", settings.ZONA_DEMO, letterhead().logo)


def mark_of(code: str, *, site: str, dated_on: date) -> Mark:
    """Return what identifies a paper with a public code.

    A paper of a locked result holds from the day on which it is made: the lock was the decision.
    """
    address = site + reverse(settings.DOCUMENT_VERIFY_URL, args=[code])
    return Mark(code, address, dated_on=dated_on, is_issued=True)


def _shown(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


def poster_pages(survey: Survey, *, site: str, by_service: bool) -> list[PosterPage]:
    """Return the pages of the QR poster: one for all, or one per service's desk."""
    public = site + survey.public_path
    if not by_service:
        return [PosterPage("", public, _shown(public), qr_code(public))]
    pages = []
    for key, name in survey.asked_services:
        url = f"{public}?m=loket&l={key}"
        pages.append(PosterPage(name, url, _shown(public), qr_code(url)))
    return pages


def poster_html(survey: Survey, *, site: str, size: str, by_service: bool) -> str:
    """Return the QR poster."""
    context = {
        "survey": survey,
        "house": house_of(survey),
        "title": long_title(survey),
        "size": size,
        "pages": poster_pages(survey, site=site, by_service=by_service),
    }
    return render_to_string("reports/survey_qr.html", context)


def tokens_html(survey: Survey, *, site: str, sheet: int, tokens: Iterable[str]) -> str:
    """Return the sheet of tokens to be cut apart."""
    public = site + survey.public_path
    context = {
        "survey": survey,
        "house": house_of(survey),
        "sheet": sheet,
        "shown_url": _shown(public),
        "cards": [TokenCard(token, qr_code(f"{public}?t={token}")) for token in tokens],
    }
    return render_to_string("reports/survey_tokens.html", context)


def element_chart(report: ResultReport, *, medium: Medium = Medium.SCREEN) -> Chart:
    """Return the elements' means on the scale of 4."""
    return value_bars(
        f"unsur-{report.kind}",
        [Bar(line.name, line.ratio, write_number(line.mean4, 2)) for line in report.elements],
        title=_("Nilai rata-rata tiap unsur %(name)s, skala 4") % {"name": report.index_name},
        row_name=_("Unsur"),
        value_name=_("Nilai"),
        ends=("0", "4"),
        medium=medium,
    )


@dataclass(frozen=True, slots=True)
class PrintedResult:
    """A result with its chart and the lines of its appendix."""

    report: ResultReport
    chart: Chart | None
    weight_text: str


def printed_results(survey: Survey) -> list[PrintedResult]:
    """Return the results of a survey ready to be printed."""
    return [
        PrintedResult(
            report,
            element_chart(report, medium=Medium.PRINT) if report.elements else None,
            str(Fraction(1, report.element_count)),
        )
        for report in results_in_force(survey)
    ]


def report_html(survey: Survey, mark: Mark, *, as_of) -> str:
    """Return the report of a locked survey."""
    comments = ResponseComment.objects.filter(survey=survey, state=ResponseComment.State.SHOWN)
    shown = list(comments.order_by("pk"))
    context = {
        "survey": survey,
        "house": house_of(survey),
        "document": mark,
        "qr": qr_code(mark.verify_url),
        "title": long_title(survey),
        "results": printed_results(survey),
        "comments": shown[:COMMENTS_PRINTED],
        "comments_left_out": max(0, len(shown) - COMMENTS_PRINTED),
        "improvements": list(Improvement.objects.filter(survey=survey)),
        "reopenings": list(survey.reopenings.select_related("by")),
        "as_of": as_of,
    }
    return render_to_string("reports/survey.html", context)


def result_poster_html(survey: Survey, mark: Mark) -> str:
    """Return the one-page public poster of a locked result."""
    results: Sequence[PrintedResult] = printed_results(survey)
    codes = ("jenis_kelamin", "pendidikan")
    context = {
        "survey": survey,
        "house": house_of(survey),
        "document": mark,
        "qr": qr_code(mark.verify_url),
        "title": long_title(survey),
        "results": results,
        "composition": [group for group in results[0].report.groups if group.code in codes],
        "services": results[0].report.services,
    }
    return render_to_string("reports/survey_poster.html", context)
