"""Figures and moments as they are written."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone

from zona.templatetags import zona_numbers as filters


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("80.165"), "80,17"),
        (Decimal("80.164999"), "80,16"),
        (Decimal("-0.5"), "−0,50"),
        (Decimal("-0.004"), "0,00"),
        (Decimal(0), "0,00"),
        (Fraction(1, 3), "0,33"),
        (Fraction(2, 3), "0,67"),
        (Fraction(1, 8), "0,13"),
        (Fraction(-1, 8), "−0,13"),
        (Fraction(-1, 1000), "0,00"),
        (Decimal("1234567.891"), "1.234.567,89"),
        (100, "100,00"),
        (None, "–"),
        ("", "–"),
    ],
)
def test_points_have_two_decimals_half_up(value, written):
    assert filters.points(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1.2"), "+1,20"),
        (Decimal("-0.5"), "−0,50"),
        (Decimal("0.001"), "0,00"),
        (None, "–"),
    ],
)
def test_a_difference_shows_its_sign(value, written):
    assert filters.signed(value) == written


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        (Fraction(60977, 100000), 2, "60,98%"),
        (Decimal("0.6"), 1, "60,0%"),
        (1, 0, "100%"),
        (None, 2, "–"),
        ("", 2, "–"),
    ],
)
def test_a_ratio_is_written_as_percent_without_a_space(value, places, written):
    assert filters.percent(value, places) == written


def test_counts_have_dots_between_thousands():
    assert [filters.whole(value) for value in (0, 999, 1250, 1000000, None)] == [
        "0",
        "999",
        "1.250",
        "1.000.000",
        "–",
    ]
    assert filters.decimals(Decimal("3.6"), "3") == "3,600"


MOMENT = datetime(2027, 5, 31, 16, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (filters.day(date(2026, 11, 22)), "22 November 2026"),
        (filters.day(MOMENT), "31 Mei 2027"),
        (filters.weekday(date(2027, 4, 28)), "Rabu, 28 April 2027"),
        (filters.weekday(MOMENT), "Senin, 31 Mei 2027"),
        (filters.clock(MOMENT), "pukul 23.59 WIB"),
        (filters.moment(MOMENT), "31 Mei 2027 pukul 23.59 WIB"),
        (filters.deadline(MOMENT), "31 Mei 2027 pukul 23.59 WIB"),
        (
            filters.deadline(datetime(2027, 5, 31, 17, 0, tzinfo=UTC)),
            "31 Mei 2027 pukul 24.00 WIB",
        ),
        (filters.deadline(date(2027, 5, 31)), "31 Mei 2027 pukul 24.00 WIB"),
        (
            filters.in_zone(datetime(2027, 5, 7, 17, 0, tzinfo=UTC), "Asia/Jayapura"),
            "8 Mei 2027 pukul 02.00 WIT",
        ),
        (filters.in_zone(MOMENT, "Asia/Makassar"), "1 Juni 2027 pukul 00.59 WITA"),
        (filters.span(date(2027, 5, 3), date(2027, 5, 7)), "3–7 Mei 2027"),
        (filters.span(date(2027, 4, 28), date(2027, 5, 7)), "28 April – 7 Mei 2027"),
        (filters.span(date(2026, 12, 28), date(2027, 1, 7)), "28 Desember 2026 – 7 Januari 2027"),
        (filters.span(date(2027, 5, 3), date(2027, 5, 3)), "3 Mei 2027"),
        (filters.span(date(2027, 5, 3), None), "3 Mei 2027"),
    ],
)
def test_days_and_moments_are_written_in_indonesian_and_wib(written, expected):
    assert written == expected


@pytest.mark.parametrize(
    "filter_",
    [
        filters.day,
        filters.weekday,
        filters.clock,
        filters.moment,
        filters.deadline,
        filters.days_ago,
        lambda value: filters.in_zone(value, "Asia/Jakarta"),
        lambda value: filters.span(value, None),
    ],
)
def test_no_day_is_a_dash(filter_):
    assert filter_(None) == "–"


def test_how_long_something_waits_is_counted_in_days_of_wib():
    today = timezone.localdate()

    assert filters.days_ago(today) == "hari ini"
    assert filters.days_ago(today - timedelta(days=5)) == "5 hari"
    assert filters.days_ago(timezone.now()) == "hari ini"
