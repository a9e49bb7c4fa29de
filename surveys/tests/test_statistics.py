"""Sample sizes against the published table, and the statistics against definitions."""

from decimal import Decimal
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import statistics
from surveys.statistics import Method

# Krejcie and Morgan, 1970, table 1: N to S.
TABLE = {
    10: 10,
    15: 14,
    20: 19,
    30: 28,
    40: 36,
    50: 44,
    75: 63,
    100: 80,
    150: 108,
    200: 132,
    250: 152,
    300: 169,
    400: 196,
    500: 217,
    600: 234,
    750: 254,
    1000: 278,
    1500: 306,
    2000: 322,
    2400: 331,
    3000: 341,
    4500: 354,
    5000: 357,
    10000: 370,
    20000: 377,
    50000: 381,
    75000: 382,
    1000000: 384,
}


@pytest.mark.parametrize(("population", "needed"), TABLE.items())
def test_krejcie_and_morgan_as_published(population, needed):
    assert statistics.krejcie_morgan(population) == needed


@pytest.mark.parametrize(
    ("population", "slovin", "cochran"), [(100, 80, 80), (500, 223, 218), (1000, 286, 278)]
)
def test_slovin_and_cochran_round_up(population, slovin, cochran):
    assert statistics.slovin(population) == slovin
    assert statistics.cochran(population) == cochran


@pytest.mark.parametrize(
    ("population", "by_formula", "needed", "is_census"),
    [
        pytest.param(12, 12, 12, True, id="fewer than 30 served: all of them"),
        pytest.param(29, 27, 29, True, id="the formula asks for fewer than all"),
        pytest.param(30, 28, 30, False, id="exactly the floor"),
        pytest.param(31, 29, 30, False, id="the floor of 30 holds"),
        pytest.param(500, 217, 217, False, id="the table holds"),
    ],
)
def test_the_target_has_a_floor_and_a_census(population, by_formula, needed, is_census):
    found = statistics.target(population)

    assert (found.by_formula, found.needed, found.is_census) == (by_formula, needed, is_census)


@pytest.mark.parametrize(
    ("population", "error"), [(0, F(1, 20)), (-3, F(1, 20)), (100, F(0)), (100, F(1))]
)
def test_a_target_needs_people_and_an_error(population, error):
    with pytest.raises(ValueError, match=r"\S"):
        statistics.target(population, Method.SLOVIN, error=error)


@pytest.mark.parametrize(
    ("answered", "population", "enough"),
    [(30, None, True), (29, None, False), (29, 500, False), (12, 12, True), (11, 12, False)],
)
def test_enough_is_30_or_all_of_fewer(answered, population, enough):
    assert statistics.is_enough(answered, population) is enough


@pytest.mark.parametrize(
    ("needed", "sizes", "shares"),
    [
        pytest.param(30, [100, 100, 100], [10, 10, 10], id="even"),
        pytest.param(30, [290, 9, 1], [28, 1, 1], id="at least one each"),
        pytest.param(10, [5, 5, 0], [5, 5, 0], id="a service without users gets none"),
        pytest.param(7, [1, 2, 40], [1, 1, 5], id="largest remainder"),
        pytest.param(0, [], [], id="no services"),
        pytest.param(30, [0, 0], [0, 0], id="nobody anywhere"),
    ],
)
def test_answers_are_shared_among_services(needed, sizes, shares):
    assert statistics.allocate(needed, sizes) == shares


@settings(deadline=None)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=12), st.integers(1, 400))
def test_shares_add_up_and_never_exceed_what_was_served(sizes, needed):
    shares = statistics.allocate(needed, sizes)
    served = [size for size in sizes if size]

    assert all(share <= size for share, size in zip(shares, sizes, strict=True))
    assert all(shares[place] >= 1 for place, size in enumerate(sizes) if size)
    assert sum(shares) == min(sum(sizes), max(needed, len(served))) if served else sum(shares) == 0


def sums(values):
    return sum(values, F(0)), sum((value * value for value in values), F(0))


def test_spread_of_known_values():
    values = [F(3), F(4), F(4), F(3), F(4)]

    found = statistics.spread(len(values), *sums(values))

    assert round(found.deviation, 6) == Decimal("0.547723")
    assert round(found.margin, 6) == Decimal("0.480100")


def test_a_census_has_no_margin_of_error():
    values = [F(3), F(4), F(4)]

    assert statistics.spread(3, *sums(values), population=3).margin == 0


def test_a_finite_population_narrows_the_margin():
    values = [F(3), F(4), F(4), F(3), F(4)]

    found = statistics.spread(5, *sums(values), population=9)

    assert round(found.margin, 6) == Decimal("0.339482")


@pytest.mark.parametrize("count", [0, 1])
def test_one_answer_has_no_spread(count):
    assert statistics.spread(count, F(4), F(16)) == statistics.Spread(None, None)


def alpha_of(rows):
    items = [
        (sum(column), sum(value * value for value in column)) for column in zip(*rows, strict=True)
    ]
    totals = [sum(row) for row in rows]
    return statistics.cronbach_alpha(
        len(rows), items, (sum(totals), sum(total * total for total in totals))
    )


def test_alpha_of_a_known_table():
    rows = [(4, 4, 3), (3, 3, 3), (4, 3, 4), (2, 2, 1), (3, 4, 3)]

    assert alpha_of(rows) == F(27, 31)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(4, 3), (3, 4)], id="two respondents"),
        pytest.param([(4,), (3,), (2,)], id="a single item"),
        pytest.param([(4, 4), (4, 3), (4, 2)], id="an item without variance"),
        pytest.param([(1, 3), (2, 2), (3, 1)], id="sums that do not vary"),
    ],
)
def test_alpha_that_cannot_be_computed_is_none(rows):
    assert alpha_of(rows) is None


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(1, 4), min_size=3, max_size=3), min_size=3, max_size=20))
def test_alpha_is_at_most_one(rows):
    found = alpha_of(rows)

    assert found is None or found <= 1
