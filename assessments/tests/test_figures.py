"""Stored figures as people see them: never at a threshold that they do not reach."""

from __future__ import annotations

import csv
import io
from decimal import Decimal as D

import openpyxl
import pytest
from django.urls import reverse

from assessments import figures
from assessments.catalog import catalog_of
from assessments.models import Score, Track
from assessments.tests.factories import instrument
from assessments.tests.sheets import uniform, write


@pytest.fixture
def engine(db):
    return catalog_of(instrument()).engine


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("74.996000", "74.996"),
        ("74.999999", "74.999999"),
        ("75.000000", "75.00"),
        ("75.004999", "75.00"),
        ("84.995001", "84.995"),
        ("79.996000", "80.00"),
        ("74.994999", "74.99"),
        ("0.000000", "0.00"),
        ("99.999999", "100.00"),
    ],
)
def test_a_total_never_stands_at_a_threshold_that_it_does_not_reach(engine, stored, shown):
    assert str(figures.shown_total(engine, D(stored))) == shown


def test_a_share_is_kept_below_what_its_area_asks(engine):
    marks = figures.area_marks(engine, "1")

    assert marks == (600_000, 750_000)
    assert figures.text(figures.shown(599_960, marks, 3)) == "0,59996"
    assert figures.text(figures.shown(600_000, marks, 3)) == "0,600"
    assert figures.text(None) == "–"


def test_page_csv_and_xlsx_show_one_figure(client, house):
    answers = uniform(catalog_of(house.assessment.instrument).engine, 1)
    write(house.assessment, Track.UNIT, answers)
    Score.objects.filter(assessment=house.assessment, track=Track.UNIT).update(
        safe_total=D("74.996"), area_1_ratio=D("0.59996"), area_steps="000000"
    )
    client.force_login(house.inspector_general)

    page = client.get(reverse("assessments:portfolio")).content.decode()
    names = [reverse("assessments:portfolio_export", args=[kind]) for kind in ("csv", "xlsx")]
    text, book = (b"".join(client.get(name)) for name in names)

    assert "<b>74,996</b>" in page
    assert "59,996" in page
    row = next(csv.DictReader(io.StringIO(text.decode("utf-8-sig")), delimiter=";"))
    area = next(name for name in row if name.startswith("Area 1 "))
    assert (row["Nilai"], row[area]) == ("74,996", "59,996")
    cells = list(openpyxl.load_workbook(io.BytesIO(book)).active.iter_rows(values_only=True))
    line = dict(zip(cells[0], cells[1], strict=True))
    assert (line["Nilai"], line[area]) == (74.996, 59.996)
