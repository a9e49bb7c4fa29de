"""A worksheet beside an earlier year: only what maps is compared, only finals are history."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.catalog import catalog_of
from assessments.dashboard import comparison_page
from assessments.models import Assessment, State, Track
from assessments.tests.factories import make_assessment, make_period
from assessments.tests.sheets import uniform, write


@pytest.fixture
def engine(house):
    return catalog_of(house.assessment.instrument).engine


def loaded(assessment):
    return Assessment.objects.for_page().get(pk=assessment.pk)


def earlier(house, year, code="lke-zi-2021", level=1):
    assessment = make_assessment(house.unit, make_period(code, year=year))
    answers = uniform(catalog_of(assessment.instrument).engine, level)
    for track in (Track.UNIT, Track.TPI):
        write(assessment, track, answers)
    Assessment.objects.filter(pk=assessment.pk).update(
        state=State.FINAL, finalized_at=timezone.now()
    )


def top(page, code):
    return next(row for row in page.tops if row.code == code)


def test_the_same_edition_compares_every_row(house, engine):
    earlier(house, 2025)
    write(house.assessment, Track.UNIT, uniform(engine))

    page = comparison_page(loaded(house.assessment), house.head)

    assert (page.now, page.before, page.years) == (2026, 2025, (2025,))
    assert (page.improved, page.fell, page.without) == (111, 0, 0)
    area = top(page, "3")
    assert (area.now, area.before, area.change) == (F(1), 1 - area.change, area.change)
    assert [len(group.rows) for group in page.groups[:3]] == [2, 3, 3]


def test_across_editions_rows_without_a_match_say_so(house, engine):
    earlier(house, 2024, "lke-zi-2014")
    write(house.assessment, Track.UNIT, uniform(engine))

    page = comparison_page(loaded(house.assessment), house.head)

    assert (page.edition, page.older_edition) == ("LKE ZI 2021", "LKE ZI 2014")
    assert page.without == 29
    rows = {row.code: row for group in page.groups for row in group.rows}
    lone = rows["A.II.5.i.a"]
    assert (lone.relation, lone.before, lone.change) == ("none", None, None)
    assert rows["A.I.1.i.a"].before_codes == ("A.I.1.a",)


def test_the_address_chooses_the_year(house, engine):
    earlier(house, 2024)
    earlier(house, 2025, level=2)
    write(house.assessment, Track.UNIT, uniform(engine))

    assert comparison_page(loaded(house.assessment), house.head, "2024").before == 2024
    assert comparison_page(loaded(house.assessment), house.head, "1999").before == 2025


def test_without_an_earlier_year_the_page_says_what_it_waits_for(client, house):
    client.force_login(house.head)

    page = client.get(reverse("assessments:year_comparison", args=[house.assessment.pk]))

    assert "Belum ada tahun yang dapat dibandingkan" in page.content.decode()


def test_the_unit_compares_its_own_figures_while_the_tpis_are_hidden(house, engine):
    earlier(house, 2025)
    write(house.assessment, Track.UNIT, uniform(engine))
    write(house.assessment, Track.TPI, uniform(engine, 3))
    Assessment.objects.filter(pk=house.assessment.pk).update(state=State.LEAD_REVIEW)

    own = comparison_page(loaded(house.assessment), house.head)
    theirs = comparison_page(loaded(house.assessment), house.inspector_general)

    assert (own.track_label, own.fell) == ("Nilai unit", 0)
    assert (theirs.track_label, theirs.improved) == ("Nilai TPI", 0)
