"""The arithmetic of the index: regulation's own examples, published reports, properties."""

from decimal import Decimal
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import index
from surveys.index import Conversion, ElementMean, Kind


def elements(*means):
    return [ElementMean(f"u{number}", F(str(mean))) for number, mean in enumerate(means, 1)]


def figures(found):
    return str(found.index4), str(found.index100), found.band.grade


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        pytest.param([4] * 9, ("4.00", "100.00", "A"), id="a perfect survey is 100, not 99,00"),
        pytest.param([1] * 9, ("1.00", "25.00", "D"), id="the worst is 25"),
        pytest.param([3.595] * 5, ("3.60", "89.88", "A"), id="half goes up in each figure"),
        pytest.param(["3.5322"] * 9, ("3.53", "88.31", "A"), id="grade of the rounded figure"),
        pytest.param(["3.5321"] * 9, ("3.53", "88.30", "B"), id="just below A"),
        pytest.param(["3.0642"] * 9, ("3.06", "76.61", "B"), id="just B"),
        pytest.param(["3.0641"] * 9, ("3.06", "76.60", "C"), id="just below B"),
        pytest.param(["2.5998"] * 9, ("2.60", "65.00", "C"), id="just C by rounding"),
        pytest.param(["2.5997"] * 9, ("2.60", "64.99", "D"), id="just below C"),
        pytest.param(
            ["3.22", "3.26", "3.14", "3.85", "3.27", "3.34", "3.42", "3.69", "3.28"],
            ("3.39", "84.64", "B"),
            id="nine different elements",
        ),
    ],
)
def test_the_index_on_the_scale_of_four(means, expected):
    assert figures(index.compute(elements(*means), kind=Kind.SKM, scale_max=4)) == expected


@pytest.mark.parametrize(
    ("mean", "scale_max", "conversion", "index4", "index100"),
    [
        pytest.param("5.40", 6, Conversion.PROPORTIONAL, "3.60", "90.00", id="WBK gate of six"),
        pytest.param("4.80", 6, Conversion.PROPORTIONAL, "3.20", "80.00", id="IPKP gate of six"),
        pytest.param("5.40", 6, Conversion.MINMAX, "3.64", "91.00", id="six by minmax"),
        pytest.param("1", 6, Conversion.MINMAX, "1.00", "25.00", id="minmax keeps the worst"),
        pytest.param("4.5", 5, Conversion.PROPORTIONAL, "3.60", "90.00", id="five"),
        pytest.param("8.75", 10, Conversion.PROPORTIONAL, "3.50", "87.50", id="ten"),
        pytest.param("3.5", 4, Conversion.MINMAX, "3.50", "87.50", id="four is left alone"),
    ],
)
def test_other_scales_are_converted_before_the_one_rounding(
    mean, scale_max, conversion, index4, index100
):
    found = index.compute(
        elements(mean), kind=Kind.SPKP, scale_max=scale_max, conversion=conversion
    )

    assert (str(found.index4), str(found.index100)) == (index4, index100)


def test_an_element_of_sub_questions_weighs_no_more_than_another():
    questions = [F(4), F(2), F(3)]

    element = index.mean_of_means(questions)

    assert index.mean_of_means([element, F(4)]) == F(7, 2)


@pytest.mark.parametrize(
    ("kind", "index4", "points"),
    [
        (Kind.SPAK, "3.60", F("15.75")),
        (Kind.SPKP, "3.48", F("15.225")),
        (Kind.SPAK, "3.00", F("13.125")),
    ],
)
def test_points_follow_from_the_rounded_index(kind, index4, points):
    assert index.lke_points(Decimal(index4)) == points
    assert index.compute(elements(index4), kind=kind, scale_max=4).lke_points == points


def test_rounding_first_lifts_an_index_over_the_gate():
    found = index.compute(elements("3.595"), kind=Kind.SPAK, scale_max=4)

    assert found.exact4 == F("3.595")
    assert found.lke_points == F("15.75")


def test_a_satisfaction_survey_earns_no_points():
    assert index.compute(elements(4), kind=Kind.SKM, scale_max=4).lke_points is None


def test_the_older_grades_are_kept_for_older_reports():
    assert index.band_of(Decimal("81.26"), "kepmenpan_25_2004").grade == "A"
    assert index.band_of(Decimal("81.25"), "kepmenpan_25_2004").grade == "B"
    assert index.band_of(Decimal("20.00"), "kepmenpan_25_2004").grade == "D"


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: index.compute([], kind=Kind.SKM, scale_max=4), id="no elements"),
        pytest.param(
            lambda: index.compute(elements(3), kind=Kind.SKM, scale_max=7), id="scale of seven"
        ),
        pytest.param(
            lambda: index.compute(elements("0.99"), kind=Kind.SKM, scale_max=4), id="below 1"
        ),
        pytest.param(
            lambda: index.compute(elements("4.01"), kind=Kind.SKM, scale_max=4), id="above 4"
        ),
        pytest.param(lambda: index.mean_of_counts([0, 0, 0, 0]), id="nobody answered"),
        pytest.param(lambda: index.mean_of_counts([1, -1, 0, 3]), id="negative count"),
        pytest.param(lambda: index.mean_of_scores([], scale_max=4), id="no scores"),
        pytest.param(lambda: index.mean_of_scores([4, 5], scale_max=4), id="score of 5"),
        pytest.param(lambda: index.lke_points(Decimal("4.01")), id="index above 4"),
    ],
)
def test_what_cannot_be_right_raises(call):
    with pytest.raises(ValueError, match=r"\S"):
        call()


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (F("3.595"), 2, "3.60"),
        (F("-0.005"), 2, "-0.01"),
        (F(2, 3), 4, "0.6667"),
        (F("2.5"), 0, "3"),
        (F(0), 2, "0.00"),
    ],
)
def test_half_goes_away_from_zero(value, digits, expected):
    assert str(index.half_up(value, digits)) == expected


counts = st.lists(st.integers(0, 400), min_size=4, max_size=4).filter(any)


@settings(deadline=None)
@given(st.lists(counts, min_size=1, max_size=12))
def test_counts_and_scores_tell_the_same(rows):
    by_counts = [index.mean_of_counts(row) for row in rows]
    by_scores = [
        index.mean_of_scores(
            [point for point, count in enumerate(row, 1) for _ in range(count)], scale_max=4
        )
        for row in rows
    ]

    assert by_counts == by_scores


@settings(deadline=None)
@given(st.lists(counts, min_size=1, max_size=12), st.randoms())
def test_order_does_not_matter_and_bounds_hold(rows, random):
    means = [ElementMean(str(place), index.mean_of_counts(row)) for place, row in enumerate(rows)]
    mixed = list(means)
    random.shuffle(mixed)

    found = index.compute(means, kind=Kind.SPAK, scale_max=4)

    assert index.compute(mixed, kind=Kind.SPAK, scale_max=4).exact4 == found.exact4
    assert 1 <= found.exact4 <= 4
    assert 0 <= found.lke_points <= F("17.5")
    assert abs(F(found.index4) - found.exact4) <= F(1, 200)
    assert abs(F(found.index100) - 25 * found.exact4) <= F(1, 200)


@settings(deadline=None)
@given(counts, st.sampled_from([5, 6, 10]), st.sampled_from(Conversion))
def test_a_higher_answer_never_lowers_the_index(row, scale_max, conversion):
    counts_here = [*row, *[0] * (scale_max - 4)]
    lowest = next(place for place, count in enumerate(counts_here) if count)
    raised = list(counts_here)
    raised[lowest] -= 1
    raised[lowest + 1] += 1

    before, after = (
        index.to_index4(index.mean_of_counts(told), scale_max=scale_max, conversion=conversion)
        for told in (counts_here, raised)
    )

    assert after > before
