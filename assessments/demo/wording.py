"""What people write: conditions, advice and a unit's own words that fit indicator and answer.

The texts of an indicator stand under its code in ``data/texts``:

- one condition per option letter; ``B/C`` serves both. A computed row has ``penuh`` (full),
  ``sebagian`` and ``kosong`` (nothing), and ``nihil`` where both counts of a decrease are zero;
- ``advice`` below the best option; ``unit`` for a unit that claims the best, ``plan`` for less;
- ``size`` names the fact that is counted ({n}); ``share`` says per letter how much of it is {k}.

Other editions than the one in force are told from the criteria of their own options.
"""

from __future__ import annotations

from random import Random
from typing import Any

from assessments import scoring
from assessments.demo import source
from assessments.demo.facts import Facts, inside
from assessments.demo.solver import Answer, value_of
from assessments.demo.story import MONTHS, Round

SHARES = {1.0: 1.0, 0.75: 0.8, 0.67: 0.72, 0.5: 0.6, 0.33: 0.3, 0.25: 0.3, 0.0: 0.0}
FULL_INDEX = 3.6
OLD_EDITION = "lke-zi-2014"
SUBJECTLESS = ("Di", "Belum di", "Dapat", "Hanya dapat", "Sulit")
_ONES = (
    "nol",
    "satu",
    "dua",
    "tiga",
    "empat",
    "lima",
    "enam",
    "tujuh",
    "delapan",
    "sembilan",
    "sepuluh",
    "sebelas",
)


def in_words(number: int) -> str:
    """Return a number from 0 to 999 in words, as it begins a sentence."""
    if number < 12:
        return _ONES[number]
    if number < 20:
        return f"{_ONES[number - 10]} belas"
    if number < 100:
        rest = f" {_ONES[number % 10]}" if number % 10 else ""
        return f"{_ONES[number // 10]} puluh{rest}"
    head = "seratus" if number < 200 else f"{_ONES[number // 100]} ratus"
    return f"{head} {in_words(number % 100)}" if number % 100 else head


def percent(part: int, whole: int) -> str:
    """Return a share as it is written: ``72,7%``."""
    return f"{100 * part / whole:.1f}%".replace(".", ",") if whole else "0,0%"


class Wording:
    """The words of one unit in one round; the same seed gives the same words."""

    def __init__(
        self, engine: scoring.Instrument, facts: Facts, year: Round, rng: Random, evidence
    ) -> None:
        self.engine, self.facts, self.round, self.rng = engine, facts, year, rng
        self.evidence = evidence
        self.prefix = f"{OLD_EDITION[-4:]}:" if engine.code == OLD_EDITION else ""

    def entry(self, code: str) -> dict[str, Any] | None:
        """Return the texts of an indicator, or None where its criteria speak for it."""
        entry = source.texts().get(f"{self.prefix}{code}")
        return entry if entry and "advice" in entry else None

    def condition(self, code: str, answer: Answer) -> str:
        """Return what an assessor found who gives this answer."""
        entry = self.entry(code)
        if entry is None:
            return self._condition_from_criteria(code, answer)
        return self.fill(_text_of(entry, self.level(code, answer)), code, answer)

    def advice(self, code: str, answer: Answer) -> str:
        """Return what an assessor advises below the best answer."""
        entry = self.entry(code)
        if entry is not None:
            return self.fill(entry["advice"], code, answer)
        best = self.engine.indicators[code].best
        return (
            f"Upayakan agar {inside(self._clause(code, best.criteria))}, "
            f"lalu arsipkan {inside(self._document(code))}."
        )

    def unit_note(self, code: str, answer: Answer) -> str:
        """Return the unit's own explanation of its answer."""
        row = self.engine.indicators[code]
        entry = self.entry(code)
        best = value_of(row, answer) >= (0.8 if row.is_computed else 1)
        if entry is not None:
            return self.fill(entry["unit" if best else "plan"], code, answer)
        if best:
            return f"{self._document(code)} kami lampirkan."
        return f"{self._document(code)} sedang kami lengkapi."

    def level(self, code: str, answer: Answer) -> str:
        """Return the key of the text that fits an answer."""
        if isinstance(answer, str):
            return answer
        row = self.engine.indicators[code]
        kind = row.computation.kind
        if kind == scoring.SCORE04:
            return "penuh" if 4 * value_of(row, answer) >= FULL_INDEX else "sebagian"
        if kind == scoring.DECREASE_RATIO and not any(answer.values()):
            return "nihil"
        value = value_of(row, answer)
        return "penuh" if value >= 1 else "sebagian" if value > 0 else "kosong"

    def fill(self, text: str, code: str, answer: Answer) -> str:
        """Return a text with its placeholders filled for this row and unit."""
        whole, part = self._counts(code, answer)
        words = {
            **self.round.years(),
            **self.facts.words,
            "n": whole,
            "k": part,
            "rest": whole - part,
            "K": in_words(part).capitalize(),
            "nw": in_words(whole),
            "pct": percent(part, whole),
            "no": f"{self.rng.randint(2, 40):02d}",
            "d": self.rng.randint(3, 28),
            **_single_figures(self.engine.indicators[code], answer),
        }
        return text.format_map(words)

    def _counts(self, code: str, answer: Answer) -> tuple[int, int]:
        row = self.engine.indicators[code]
        if isinstance(answer, dict) and row.computation.kind == scoring.RATIO:
            whole = scoring.total_of(row, scoring.DENOMINATOR, answer)
            return int(whole), int(scoring.total_of(row, scoring.NUMERATOR, answer))
        entry = self.entry(code) or {}
        if "size" not in entry or isinstance(answer, dict):
            return 0, 0
        whole = self.facts.counts[entry["size"]]
        value = round(value_of(row, answer), 2)
        share = entry.get("share", {}).get(answer, SHARES[value])
        part = round(whole * share)
        return whole, part if share in (0.0, 1.0) else min(max(part, 1), whole - 1)

    def _condition_from_criteria(self, code: str, answer: str) -> str:
        row = self.engine.indicators[code]
        option = next(option for option in row.options if option.code == answer)
        fact = self._clause(code, option.criteria)
        document = inside(self._document(code))
        day = f"{self.rng.randint(3, 28)} {MONTHS[self.rng.randint(0, 2)]} {self.round.year}"
        if option is row.best:
            return f"{fact}; dibuktikan dengan {document} tanggal {day}."
        if option is row.worst:
            return f"{fact}; {document} tidak dapat diperlihatkan."
        return f"{fact}. Dasar penilaian: {document}, serta wawancara di {self.facts.place}."

    def _document(self, code: str) -> str:
        expected = self.evidence.get(code) or ("Dokumen pendukung",)
        return expected[0].split(";")[0]

    def _clause(self, code: str, criteria: str) -> str:
        """Return what a criterion says first, with the subject that its statement has."""
        clause = criteria.split(", atau")[0].rstrip(".")
        subject = source.texts().get(f"{self.prefix}{code}", {}).get("subject")
        if subject is None or not clause.startswith(SUBJECTLESS):
            return clause
        return _joined(subject, clause)


def _text_of(entry: dict[str, Any], level: str) -> str:
    for key, text in entry.items():
        if level in str(key).split("/"):
            return text
    raise KeyError(level)


def _joined(subject: str, clause: str) -> str:
    return f"{subject[:1].upper()}{subject[1:]} {inside(clause)}"


def _single_figures(row: scoring.Indicator, answer: Answer) -> dict[str, Any]:
    """Return the figures of rows that are neither options nor ratios: an index, a decrease."""
    if not isinstance(answer, dict):
        return {}
    if row.computation.kind == scoring.SCORE04:
        return {"index": str(next(iter(answer.values()))).replace(".", ",")}
    if row.computation.kind == scoring.DECREASE_RATIO:
        before, after = list(answer.values())[:2]
        return {"before": before, "after": after}
    return {}
