"""The running sums: adding one by one equals adding up anew, taking out undoes adding."""

from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import index, statistics, tally
from surveys.tally import Answered, PartLayout

# Two elements: one of two sub-questions, one of a single question.
PART = PartLayout(key=9, scale_max=4, elements=((1, 2), (3,)))


def answered(*points, status="valid", flags=0, groups=()):
    return Answered(status, flags, groups, dict(zip((1, 2, 3), points, strict=True)))


def test_weights_are_whole_shares_of_the_least_denominator():
    assert (PART.denominator, PART.weights) == (4, {1: 1, 2: 1, 3: 2})


def test_sums_of_three_answers():
    sums = tally.rebuild(
        [
            answered(4, 2, 3, flags=3, groups=("service:7",)),
            answered(4, 4, 4, groups=("service:8",)),
            answered(1, 1, 1, status="excluded", flags=2, groups=("service:7",)),
        ],
        [PART],
    )

    assert sums == {
        "status": {"valid": 2, "excluded": 1},
        "flags": {"1": 1, "2": 2},
        "cells": {
            "all": {"n": 2, "q": {"1": [0, 0, 0, 2], "2": [0, 1, 0, 1], "3": [0, 0, 1, 1]}},
            "service:7": {"n": 1, "q": {"1": [0, 0, 0, 1], "2": [0, 1, 0, 0], "3": [0, 0, 1, 0]}},
            "service:8": {"n": 1, "q": {"1": [0, 0, 0, 1], "2": [0, 0, 0, 1], "3": [0, 0, 0, 1]}},
        },
        "sums": {"9": [21, 225, 28, 400]},
    }
    assert (tally.count(sums, "valid"), tally.total(sums)) == (2, 3)
    assert tally.group_sizes(sums, "service") == {"7": 1, "8": 1}
    assert tally.mean_moments(sums, PART) == (F(7), F(25))


def test_taking_out_what_was_never_added_raises():
    with pytest.raises(ValueError, match="never added"):
        tally.add(tally.empty(), answered(4, 4, 4), [PART], times=-1)
    with pytest.raises(ValueError, match="never added"):
        tally.add({**tally.empty(), "status": {"valid": 1}}, answered(4, 4, 4), [PART], times=-1)


def test_groups_of_an_answer():
    assert tally.group_keys(service=7, month="2027-03", mode="desk", profile={"usia": "20_29"}) == (
        "service:7",
        "month:2027-03",
        "mode:desk",
        "profile:usia:20_29",
    )
    assert tally.group_keys(service=None, month="2027-03", mode="paper", profile={}) == (
        "month:2027-03",
        "mode:paper",
    )


points = st.tuples(*[st.integers(1, 4)] * 3)
rows = st.builds(
    lambda chosen, status, flags, group: answered(
        *chosen, status=status, flags=flags, groups=(group,)
    ),
    points,
    st.sampled_from(["valid", "excluded", "doubtful"]),
    st.integers(0, 127),
    st.sampled_from(["service:1", "service:2"]),
)


@settings(deadline=None)
@given(st.lists(rows, max_size=25), st.lists(rows, max_size=10))
def test_what_was_added_and_taken_out_leaves_no_trace(kept, removed):
    sums = tally.rebuild([*kept, *removed], [PART])

    for row in removed:
        tally.add(sums, row, [PART], times=-1)

    expected = tally.rebuild(kept, [PART])
    if not any(row.status == "valid" for row in kept):
        sums["sums"].pop("9", None)
    assert sums == expected


@settings(deadline=None)
@given(st.lists(points, min_size=1, max_size=25))
def test_sums_give_the_index_and_the_spread_of_the_single_answers(answers):
    sums = tally.rebuild([answered(*chosen) for chosen in answers], [PART])
    own = [F(1, 2) * (F(one + two, 2) + three) for one, two, three in answers]

    by_counts = [
        index.mean_of_counts(tally.counts_of(sums, tally.ALL, question, 4))
        for question in PART.questions
    ]
    mean = index.mean_of_means([index.mean_of_means(by_counts[:2]), by_counts[2]])

    assert mean == sum(own) / len(own)
    assert tally.mean_moments(sums, PART) == (sum(own), sum(one * one for one in own))
    assert tally.plain_moments(sums, PART) == (
        sum(map(sum, answers)),
        sum(sum(chosen) ** 2 for chosen in answers),
    )
    assert statistics.cronbach_alpha(
        len(answers), tally.item_moments(sums, PART), tally.plain_moments(sums, PART)
    ) == statistics.cronbach_alpha(
        len(answers),
        [(sum(column), sum(p * p for p in column)) for column in zip(*answers, strict=True)],
        (sum(map(sum, answers)), sum(sum(chosen) ** 2 for chosen in answers)),
    )
