"""When the story happens: years and days, told from the day on which the demo is built."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

FIRST_MONTH = 5
"""Documents of the first four months are part of the story, so it needs a year that has them."""

MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@dataclass(frozen=True, slots=True)
class Round:
    """One round of assessments: its year and the day from which its days are counted.

    ``day(-12)`` is twelve days before ``base``; in the running round the base is today.
    """

    year: int
    base: date

    def day(self, offset: int) -> date:
        """Return the day so many days after the base (before it where negative)."""
        return self.base + timedelta(days=offset)

    def years(self) -> dict[str, int]:
        """Return the year placeholders of the texts: y, y1 (a year before) and so on."""
        return {
            "y": self.year,
            "y1": self.year - 1,
            "y2": self.year - 2,
            "y3": self.year - 3,
            "next": self.year + 1,
        }


@dataclass(frozen=True, slots=True)
class Story:
    """The rounds of the story: the running one and the two before it."""

    today: date

    @property
    def year(self) -> int:
        """Return the running round's year: this year once its first four months are past."""
        return self.today.year if self.today.month >= FIRST_MONTH else self.today.year - 1

    def running(self) -> Round:
        """Return the round that is under way today."""
        return Round(self.year, self.today)

    def past(self, years_ago: int) -> Round:
        """Return a round that ended in the middle of May, some years ago."""
        year = self.year - years_ago
        return Round(year, date(year, 5, 16))


def long_date(day: date) -> str:
    """Return a day as it is written in a document: ``4 Maret 2026``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
