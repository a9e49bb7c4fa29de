"""Stored figures for people: never shown at a threshold that they do not reach.

Lists and exports read figures of six decimals without scoring anew. Rounded to two they could
print "75,00" beside an unmet gate; these show as many decimals as it takes, as the dashboard does
(0005-rounding). They show; they decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from math import ceil

from assessments import scoring

TOTAL = "total"
MILLION = 1_000_000


def total_marks(engine: scoring.Instrument) -> tuple[int, ...]:
    """Return what the predicates ask of the total, in millionths of a point."""
    return _marks(rule.required for rule in _rules(engine) if rule.code == TOTAL)


def area_marks(engine: scoring.Instrument, area: str) -> tuple[int, ...]:
    """Return what the predicates ask of a change area, in millionths of its weight."""
    rules = [rule for rule in _rules(engine) if rule.code == f"area.{area}"]
    return _marks(rule.required / rule.weight for rule in rules)


def _rules(engine: scoring.Instrument) -> Iterable[scoring.Threshold]:
    return (rule for rules in engine.thresholds.values() for rule in rules)


def _marks(figures: Iterable) -> tuple[int, ...]:
    """Return figures in millionths, rounded up: what lies below one does not reach it."""
    return tuple(sorted({ceil(figure * MILLION) for figure in figures}))


def millionths(figure: Decimal | float) -> int:
    """Return a stored figure, 0 or more and of six decimals at most, in whole millionths."""
    return int(figure * MILLION + (Decimal("0.5") if isinstance(figure, Decimal) else 0.5))


@lru_cache(maxsize=4096)
def shown(figure: int, marks: tuple[int, ...], places: int) -> Decimal:
    """Return millionths as a number rounded half up, below every mark that it does not reach.

    places: decimals at least, 0 to 6; more where that is needed.
    """
    while True:
        step = 10 ** (6 - places)
        rounded = (figure + step // 2) // step * step
        if not any(figure < mark <= rounded for mark in marks):
            return (Decimal(rounded) / MILLION).quantize(Decimal(1).scaleb(-places))
        places += 1


def shown_total(engine: scoring.Instrument, total: Decimal | None) -> Decimal | None:
    """Return a stored total as people see it: two decimals, more just below a threshold."""
    return None if total is None else shown(millionths(total), total_marks(engine), 2)


def text(number: Decimal | None) -> str:
    """Write a shown number with a comma; a dash for none."""
    return "–" if number is None else f"{number}".replace(".", ",")
