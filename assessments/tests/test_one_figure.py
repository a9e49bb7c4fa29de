"""One worksheet, one figure: command, page, report, PDF and XLSX agree on random answers."""

import io
import json
import random
import re
from decimal import Decimal
from html import unescape

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from assessments.catalog import catalog_of
from assessments.models import Assessment, State, Track
from assessments.reports.builder import build_evaluation_report
from assessments.reports.printing import evaluation_html, style_sheet
from assessments.tests.reports import DRAFT
from assessments.tests.sheets import draw, write
from zona import pdf

pytestmark = pytest.mark.django_db

WORKSHEETS = 50
PRINTED = (7, 31)
"""Setting the pages costs seconds: of these the PDF's text is read, of all the report's pages."""


def told_by_the_command(answers: dict, folder) -> dict:
    """Return what ``manage.py score`` prints of the answers."""
    path = folder / "answers.json"
    path.write_text(json.dumps({"answers": answers}))
    out = io.StringIO()
    call_command("score", str(path), stdout=out)
    return json.loads(out.getvalue())


def half_up(figure: str) -> str:
    """Return a command's figure of six decimals as people read it."""
    return f"{Decimal(figure).quantize(Decimal('0.01'), 'ROUND_HALF_UP'):f}".replace(".", ",")


def words(html: str) -> str:
    """Return the text of a page."""
    return unescape(re.sub(r"<[^>]+>", " ", html))


def test_command_page_report_and_files_tell_the_same(client, house, tmp_path):
    assessment = house.assessment
    Assessment.objects.filter(pk=assessment.pk).update(state=State.MEMBER_REVIEW)
    engine = catalog_of(assessment.instrument).engine
    dice = random.Random(113)
    client.force_login(house.inspector_general)
    dashboard = reverse("assessments:dashboard", args=[assessment.pk])
    export = reverse("assessments:portfolio_export", args=["xlsx"])

    for number in range(WORKSHEETS):
        drawn = draw(engine, dice)
        answers = {code: choice or inputs for code, (choice, inputs) in drawn.items()}
        write(assessment, Track.TPI, answers)
        told = told_by_the_command(answers, tmp_path)
        safe = told["readings"]["safe"]
        figures = [safe["total"], *(area["points"] for area in safe["areas"].values())]
        expected = {half_up(figure) for figure in figures}

        page = words(client.get(dashboard).content.decode())
        fresh = Assessment.objects.for_page().get(pk=assessment.pk)
        html = evaluation_html(build_evaluation_report(fresh, document=DRAFT))
        report = words(html)
        for figure in expected:
            assert re.search(rf"(?<![\d,]){figure}(?![\d])", page), (number, figure)
            assert re.search(rf"(?<![\d,]){figure}(?![\d])", report), (number, figure)
        stored = assessment.scores.get(track=Track.TPI)
        for predicate, gate in told["gates"].items():
            assert gate["met"] is getattr(stored, f"meets_{predicate.lower()}")
        rows = load_workbook(io.BytesIO(client.get(export).content)).active.iter_rows(
            values_only=True
        )
        head = next(rows)
        (row,) = [line for line in rows if line[0] == house.unit.code]
        cell = Decimal(str(row[head.index("Nilai")]))
        assert abs(cell - Decimal(safe["total"])) <= Decimal("0.005"), number
        if number in PRINTED:
            made = pdf.render(html, css=style_sheet())
            pages = PdfReader(io.BytesIO(made.content)).pages
            text = " ".join(one.extract_text() for one in pages)
            for figure in expected:
                assert figure in text, (number, figure)
