"""The demo's surveys say exactly what the story tells."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from surveys.demo import Wanted, build, points_for
from surveys.index import Kind, half_up
from surveys.models import Result, Survey
from surveys.tests import factories
from units.models import Service


@pytest.mark.parametrize("wanted", [Decimal("3.60"), Decimal("3.48"), Decimal("2.81")])
def test_points_meet_the_index_after_rounding(wanted):
    rows = points_for(5, 117, wanted, Random(1))

    total = sum(map(sum, rows))
    assert half_up(Fraction(total, 5 * 117)) == wanted
    assert {point for row in rows for point in row} <= {2, 3, 4}


def test_points_meet_an_exact_index():
    rows = points_for(5, 120, Fraction("3.595"), Random(1))

    assert Fraction(sum(map(sum, rows)), 600) == Fraction("3.595")


def test_an_index_that_so_few_cannot_have_is_refused():
    with pytest.raises(ValueError, match="cannot be the index"):
        points_for(1, 3, Decimal("3.50"), Random(1))


@pytest.mark.django_db
def test_a_survey_of_the_story_is_built_through_the_services(monkeypatch):
    unit = factories.make_unit()
    for name in ("Tambat", "Labuh"):
        Service.objects.create(unit=unit, name=name)
    days = []
    monkeypatch.setattr("surveys.services.lifecycle.timezone.localdate", lambda: days[-1])

    survey = build(
        unit,
        Wanted({Kind.SPAK: Fraction("3.595"), Kind.SPKP: Decimal("3.48")}, 120, "SPAK dan SPKP"),
        opens_on=date(2027, 3, 1),
        closes_on=date(2027, 3, 31),
        by=factories.make_manager(unit),
        rng=Random(1),
        go_to=days.append,
    )

    figures = Result.objects.order_by("part__position").values_list("index4", "answered")
    assert [(str(index), count) for index, count in figures] == [("3.60", 120), ("3.48", 120)]
    assert (survey.state, survey.target <= 120) == (Survey.objects.get().state, True)
    assert days == [date(2027, 2, 22), date(2027, 3, 1), date(2027, 4, 1), date(2027, 4, 4)]
