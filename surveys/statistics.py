"""How many answers a survey needs and how far its index can be trusted; exact, without Django.

Roots are taken once, with 40 digits, and rounded only for display.

Source: Krejcie and Morgan 1970 (sample size), PermenPANRB 90/2021 p. 55 (at least 30, or all of
fewer), Cronbach 1951 (alpha).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from surveys.index import half_up

MINIMUM = 30
"""Fewest answers of a unit. Source: PermenPANRB 90/2021 p. 55."""

CHI_SQUARE_95 = Fraction("3.841")
Z_95 = Fraction("1.96")
HALF = Fraction(1, 2)
DEFAULT_ERROR = Fraction(1, 20)
ALPHA_NEEDS = 3
ROOT_DIGITS = 40


class Method(StrEnum):
    """How the needed number of answers is found."""

    KREJCIE_MORGAN = "krejcie_morgan"
    SLOVIN = "slovin"
    COCHRAN = "cochran"


@dataclass(frozen=True, slots=True)
class Target:
    """How many answers are needed: what the formula says, and what holds.

    ``needed`` is at least 30; where fewer were served, all of them count (``is_census``).
    """

    population: int
    method: Method
    by_formula: int
    needed: int
    is_census: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviation of the respondents' own indices on the scale of 4, and what follows.

    ``margin`` is the 95 % margin of error of the index, with the correction for a finite
    population; None where it cannot be told (fewer than 2 answers).
    """

    deviation: Decimal | None
    margin: Decimal | None


def krejcie_morgan(population: int, *, error: Fraction = DEFAULT_ERROR) -> int:
    """Return Krejcie and Morgan's sample size, half up as in their table."""
    half = CHI_SQUARE_95 * HALF * (1 - HALF)
    return int(half_up(half * population / (error**2 * (population - 1) + half), 0))


def slovin(population: int, *, error: Fraction = DEFAULT_ERROR) -> int:
    """Return Slovin's sample size, rounded up."""
    return _ceil(Fraction(population) / (1 + population * error**2))


def cochran(population: int, *, error: Fraction = DEFAULT_ERROR) -> int:
    """Return Cochran's sample size for a finite population at 95 %, rounded up."""
    endless = Z_95**2 * HALF * (1 - HALF) / error**2
    return _ceil(endless / (1 + (endless - 1) / population))


FORMULAS = {
    Method.KREJCIE_MORGAN: krejcie_morgan,
    Method.SLOVIN: slovin,
    Method.COCHRAN: cochran,
}


def target(
    population: int,
    method: Method = Method.KREJCIE_MORGAN,
    *,
    error: Fraction = DEFAULT_ERROR,
) -> Target:
    """Return how many answers a survey needs when ``population`` people were served.

    error: accepted error of a share, above 0 and below 1. Krejcie and Morgan's table is for 0.05.
    Raises ValueError for nobody served or an error that is none.
    """
    if population < 1:
        raise ValueError(f"nobody was served: {population}")
    if not 0 < error < 1:
        raise ValueError(f"the error lies outside 0..1: {error}")
    by_formula = FORMULAS[method](population, error=error)
    needed = min(population, max(MINIMUM, by_formula))
    return Target(population, method, by_formula, needed, is_census=population < MINIMUM)


def is_enough(answered: int, population: int | None) -> bool:
    """Tell whether the index may be used: 30 answers, or a census of fewer who were served."""
    if population is not None and 0 < population < MINIMUM:
        return answered >= population
    return answered >= MINIMUM


def allocate(needed: int, sizes: Sequence[int]) -> list[int]:
    """Share ``needed`` answers among services by how many each has served; at least 1 each.

    One answer after the other goes to the service that is furthest below its exact share. A
    service that served nobody gets none, none gets more than it served, and the shares add up to
    ``needed`` unless the services are more than that or served fewer.
    """
    total = sum(sizes)
    shares = [1 if size else 0 for size in sizes]
    for _answer in range(min(needed, total) - sum(shares)):
        open_places = [place for place, size in enumerate(sizes) if shares[place] < size]
        furthest = max(open_places, key=lambda place: needed * sizes[place] - total * shares[place])
        shares[furthest] += 1
    return shares


def variance(count: int, total: Fraction, squares: Fraction) -> Fraction | None:
    """Return the sample variance (n - 1) from a sum and a sum of squares; None below 2 values."""
    if count < 2:
        return None
    return (Fraction(squares) - Fraction(total) ** 2 / count) / (count - 1)


def root(value: Fraction) -> Decimal:
    """Return the square root with ROOT_DIGITS digits."""
    with localcontext() as context:
        context.prec = ROOT_DIGITS
        return (Decimal(value.numerator) / Decimal(value.denominator)).sqrt()


def spread(
    count: int, total: Fraction, squares: Fraction, *, population: int | None = None
) -> Spread:
    """Return deviation and margin of error of ``count`` respondents' indices.

    total, squares: sum and sum of squares of the respondents' own indices. population: how many
    were served; None or fewer than answered means "so many that no correction is due".
    """
    found = variance(count, total, squares)
    if found is None:
        return Spread(None, None)
    deviation = root(found)
    error = Z_95 * Z_95 * found / count
    if population is not None and population >= count:
        error *= Fraction(population - count, population - 1) if population > 1 else 0
    return Spread(deviation, root(error))


def cronbach_alpha(
    count: int,
    items: Sequence[tuple[int, int]],
    total: tuple[int, int],
) -> Fraction | None:
    """Return Cronbach's alpha, exact, or None where it can't be computed.

    items: (sum, sum of squares) of each item's answers. total: the same of the respondents' sums
    over all items. Only respondents who answered every item count. None below 3 respondents, for
    a single item, for an item without variance, and where the sums do not vary.
    """
    if count < ALPHA_NEEDS or len(items) < 2:
        return None
    variances = [variance(count, Fraction(one), Fraction(two)) for one, two in items]
    whole = variance(count, Fraction(total[0]), Fraction(total[1]))
    if not whole or not all(variances):
        return None
    size = len(items)
    return Fraction(size, size - 1) * (1 - sum(variances, Fraction(0)) / whole)


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
