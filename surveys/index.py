"""The index of a perception survey: plain arithmetic on plain values, exact to the last step.

No Django and no I/O. Sums are ``Fraction``; ``half_up`` is the only rounding, used once at the
end; the grade follows from the rounded figure. Weights are 1/k as fractions: a weight printed as
0,11 would make a perfect survey 99,00.

Source: PermenPANRB 14/2017 (elements, weights, grades), PermenPANRB 90/2021 p. 55-56 and 86-87
(indices of 0 to 4 in the worksheet).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

SCALES = (4, 5, 6, 10)
"""Highest point of the answer scales in use; the lowest is always 1."""

LOWEST = 1
BASE_SCALE = 4
INDEX_DIGITS = 2

LKE_WEIGHT_POINTS = Fraction(35, 2)
"""Weight of IPAK and of IPKP in the worksheet. Source: PermenPANRB 90/2021 p. 86-87."""


class Kind(StrEnum):
    """The three perception surveys."""

    SPAK = "spak"
    SPKP = "spkp"
    SKM = "skm"


IN_WORKSHEET = frozenset({Kind.SPAK, Kind.SPKP})
"""The kinds whose index is a row of the worksheet."""


class Conversion(StrEnum):
    """How a mean on another scale becomes an index of 0 to 4; stored with every survey.

    PROPORTIONAL is ``x * 4 / max``, as published reports do. MINMAX is ``1 + (x - 1) * 3 /
    (max - 1)``, which maps the lowest point to 1; no regulation asks for it.
    """

    PROPORTIONAL = "proportional"
    MINMAX = "minmax"


@dataclass(frozen=True, slots=True)
class Band:
    """A grade: from which rounded index of 100 it holds."""

    grade: str
    label: str
    lower100: Decimal


BANDS: Mapping[str, tuple[Band, ...]] = {
    "permenpanrb_14_2017": (
        Band("A", "Sangat baik", Decimal("88.31")),
        Band("B", "Baik", Decimal("76.61")),
        Band("C", "Kurang baik", Decimal("65.00")),
        Band("D", "Tidak baik", Decimal("0.00")),
    ),
    "kepmenpan_25_2004": (
        Band("A", "Sangat baik", Decimal("81.26")),
        Band("B", "Baik", Decimal("62.51")),
        Band("C", "Kurang baik", Decimal("43.76")),
        Band("D", "Tidak baik", Decimal("0.00")),
    ),
}
DEFAULT_BANDS = "permenpanrb_14_2017"


@dataclass(frozen=True, slots=True)
class ElementMean:
    """An element (unsur) and the mean of its valid answers on the survey's own scale."""

    code: str
    mean: Fraction


@dataclass(frozen=True, slots=True)
class Index:
    """What a survey says.

    ``mean`` is the mean of the element means on the survey's own scale, ``exact4`` the same on
    the scale of 4, both unrounded. ``index4`` and ``index100`` are rounded half up to two
    decimals, each from the unrounded figure. ``lke_points`` follows from the rounded ``index4``
    and is None for a survey that is no row of the worksheet.
    """

    elements: tuple[ElementMean, ...]
    mean: Fraction
    exact4: Fraction
    index4: Decimal
    index100: Decimal
    band: Band
    lke_points: Fraction | None


def half_up(value: Fraction | Decimal | int, digits: int = INDEX_DIGITS) -> Decimal:
    """Round to ``digits`` decimals, half away from zero. Exact for any fraction."""
    fraction = Fraction(value)
    scale = 10**digits
    twice = 2 * abs(fraction) * scale
    whole = (twice.numerator + twice.denominator) // (2 * twice.denominator)
    return Decimal(-whole if fraction < 0 else whole).scaleb(-digits)


def check_scale(scale_max: int) -> None:
    """Raise ValueError for a scale that no survey uses."""
    if scale_max not in SCALES:
        raise ValueError(f"no scale of {scale_max} points is in use: {SCALES}")


def mean_of_counts(counts: Sequence[int]) -> Fraction:
    """Return the mean of answers told as counts: ``counts[0]`` answered 1, ``counts[1]`` 2 …

    Raises ValueError when nobody answered or a count is negative.
    """
    if any(count < 0 for count in counts):
        raise ValueError(f"a count is negative: {counts}")
    answered = sum(counts)
    if not answered:
        raise ValueError("nobody answered")
    return Fraction(sum(point * count for point, count in enumerate(counts, LOWEST)), answered)


def mean_of_scores(scores: Sequence[int], *, scale_max: int) -> Fraction:
    """Return the mean of scores, each a whole point of the scale.

    Raises ValueError for no scores and for a score outside 1..scale_max.
    """
    if not scores:
        raise ValueError("no scores")
    if any(not LOWEST <= score <= scale_max for score in scores):
        raise ValueError(f"a score lies outside {LOWEST}..{scale_max}: {scores}")
    return Fraction(sum(scores), len(scores))


def mean_of_means(means: Sequence[Fraction]) -> Fraction:
    """Return the plain mean: of an element's sub-questions, or of all elements (weight 1/k).

    Raises ValueError for none.
    """
    if not means:
        raise ValueError("no means")
    return sum(means, Fraction(0)) / len(means)


def to_index4(
    mean: Fraction, *, scale_max: int, conversion: Conversion = Conversion.PROPORTIONAL
) -> Fraction:
    """Return a mean of 1..scale_max on the scale of 4, exact.

    Raises ValueError for an unknown scale or a mean outside it.
    """
    check_scale(scale_max)
    if not LOWEST <= mean <= scale_max:
        raise ValueError(f"a mean lies outside {LOWEST}..{scale_max}: {mean}")
    if conversion is Conversion.MINMAX:
        return 1 + (mean - LOWEST) * Fraction(BASE_SCALE - LOWEST, scale_max - LOWEST)
    return mean * Fraction(BASE_SCALE, scale_max)


def to_index100(exact4: Fraction) -> Fraction:
    """Return an index of 0..4 as one of 0..100, exact."""
    return exact4 * Fraction(100, BASE_SCALE)


def band_of(index100: Decimal, bands: str = DEFAULT_BANDS) -> Band:
    """Return the grade of a rounded index of 100: the highest lower bound that it reaches."""
    return next(band for band in BANDS[bands] if index100 >= band.lower100)


def lke_points(index4: Decimal) -> Fraction:
    """Return the points that a locked index (two decimals, 0..4) earns in the worksheet.

    Source: PermenPANRB 90/2021 p. 86-87, "indeks / 4 x bobot"; the index is continuous, no letter.
    """
    if not 0 <= index4 <= BASE_SCALE:
        raise ValueError(f"an index lies outside 0..{BASE_SCALE}: {index4}")
    return Fraction(index4) / BASE_SCALE * LKE_WEIGHT_POINTS


def compute(
    elements: Sequence[ElementMean],
    *,
    kind: Kind,
    scale_max: int,
    conversion: Conversion = Conversion.PROPORTIONAL,
    bands: str = DEFAULT_BANDS,
) -> Index:
    """Return the index of any list of elements, each of equal weight.

    Raises ValueError for no elements, an unknown scale or a mean outside it.
    """
    for element in elements:
        to_index4(element.mean, scale_max=scale_max, conversion=conversion)
    mean = mean_of_means([element.mean for element in elements])
    exact4 = to_index4(mean, scale_max=scale_max, conversion=conversion)
    index4, index100 = half_up(exact4), half_up(to_index100(exact4))
    return Index(
        elements=tuple(elements),
        mean=mean,
        exact4=exact4,
        index4=index4,
        index100=index100,
        band=band_of(index100, bands),
        lke_points=lke_points(index4) if kind in IN_WORKSHEET else None,
    )
