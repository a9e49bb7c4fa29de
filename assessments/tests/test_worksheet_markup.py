"""What people and instruments wrote is text in the rows that are built as text."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from assessments.models import EvidenceUse
from assessments.services import evidence
from assessments.tests import filling
from assessments.worksheet import worksheet_page
from assessments.worksheet.bar_markup import print_bar, print_verdict
from assessments.worksheet.markup import RowPrinter
from assessments.worksheet.rows import Chip, Difference, Formula, InputView, OptionView

BAD = """<b onclick="x">'&"""
SAFE_FIELDS = {"code", "section", "track", "flags", "version"}


class Tags(HTMLParser):
    """Collects what a browser would make of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.handlers: list[str] = []
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.handlers += [name for name, _value in attrs if name.startswith("on")]
        if tag not in {"input", "rect", "path", "circle", "line", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in {"rect", "path", "circle", "line"}:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    tags.close()
    return tags


def hostile(row):
    """Return a row in which every text is an attack."""
    changes = {
        field.name: BAD
        for field in fields(row)
        if isinstance(getattr(row, field.name), str) and field.name not in SAFE_FIELDS
    }
    return replace(
        row,
        **changes,
        options=(OptionView(BAD, "A", BAD, "1,00", chosen=True, marks=(BAD,), is_unit=True),),
        difference=Difference(BAD, BAD, "−0,50", "bad"),
        document=Chip(BAD, "ok", "file-text"),
        review=Chip(BAD, "", "check"),
        warnings=(BAD,),
        hints=(BAD,),
        unit_note_at=datetime(2026, 4, 1, tzinfo=UTC),
        checked_on=date(2026, 4, 1),
    )


@pytest.mark.parametrize("writer", [True, False], ids=["writer", "reader"])
@pytest.mark.parametrize("computed", [False, True], ids=["options", "counts"])
def test_no_text_becomes_markup(house, writer, computed):
    filling.start_review(house)
    link = evidence.add_link(
        unit=house.unit, url="https://contoh.go.id/a", title=BAD, by=house.operator
    )
    EvidenceUse.objects.create(
        assessment=house.assessment,
        indicator=house.assessment.instrument.indicators.get(code="A.I.5.i.b"),
        evidence=link,
        page=BAD[:30],
        attached_by=house.operator,
    )
    page = worksheet_page(house.assessment, house.member, "5", current="A.I.5.i.b")
    row = replace(hostile(page.row), writable=writer)
    if computed:
        row = replace(
            row,
            inputs=(InputView(BAD, BAD, BAD, (BAD,), "numeric"),),
            heads=(BAD,),
            formula=Formula(BAD, "1,00", "0,50", ((BAD, BAD, "0,10"),), (BAD,)),
        )

    html = RowPrinter(house.assessment, token=BAD, current=row.code).article(row)

    tags = parsed(html)
    assert (tags.handlers, tags.wrong, tags.open) == ([], [], [])
    assert BAD not in html


def test_no_text_of_the_score_bar_becomes_markup(house):
    bar = worksheet_page(house.assessment, house.operator, "5").bar
    gate = replace(bar.gates[0], name=BAD, title=BAD, note=BAD, url=BAD)
    wrong = replace(
        bar,
        label=BAD,
        beside=BAD,
        filled=BAD,
        required=BAD,
        predicate=BAD,
        verdict=BAD,
        verdict_detail=BAD,
        verdict_url=BAD,
        gates=(gate,),
    )

    html = print_bar(wrong) + print_verdict(wrong)

    tags = parsed(html)
    assert (tags.handlers, tags.wrong, tags.open) == ([], [], [])
    assert BAD not in html
