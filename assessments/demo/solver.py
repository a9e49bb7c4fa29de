"""Answers that give wanted figures: which options a unit must have for an area to reach 61 %.

A search over one area at a time; the figures that count come from scoring afterwards, so here
plain floats are enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from assessments import scoring
from assessments.demo.facts import Facts

Answer = str | dict[str, Any]
BEST = 0.9995
SPREAD = 0.24
STARTS, CLOSE = 8, 0.002

# The counts of a computed row that come from the unit's facts: denominators by input name.
DENOMINATORS = {
    "jumlah_agen_perubahan": "agents",
    "jumlah_perubahan_dibuat": "changes",
    "jumlah_sasaran": "targets",
    "pengaduan_harus_ditindaklanjuti": "complaints",
    "layanan_terdaftar": "services",
    "rekomendasi_total": "recs",
}
DECREASES = ((0, 0), (3, 0), (4, 1), (3, 1), (2, 1), (5, 3), (4, 3), (2, 2), (2, 3))
FIXED = ("A.II.1.i.a",)
"""Rows settled beforehand: their count is another row's denominator."""


def candidates(row: scoring.Indicator, facts: Facts) -> list[tuple[Answer, float]]:
    """Return the answers that a unit with these facts can give, each with its value 0..1."""
    if not row.is_computed:
        return [(option.code, float(option.value)) for option in row.options]
    if row.computation.kind == scoring.SCORE04:
        name = row.inputs[0].name
        return [({name: f"{hundredths / 100:.2f}"}, hundredths / 400) for hundredths in (300, 400)]
    if row.computation.kind == scoring.DECREASE_RATIO:
        before, after, fined = (item.name for item in row.inputs)
        return [
            (answer, float(scoring.computed_value(row, answer).value))
            for answer in ({before: x, after: y, fined: y} for x, y in DECREASES)
        ]
    return [
        (answer, float(scoring.computed_value(row, answer).value))
        for answer in _counted(row, facts)
    ]


def _counted(row: scoring.Indicator, facts: Facts) -> list[dict[str, int]]:
    """Return the counts of a ratio row, from all down to none; wealth reports down to half."""
    names = [item.name for item in row.inputs]
    if names[0].startswith("lhkpn"):
        whole = facts.counts["lhkpn"]
        shares: Sequence[int] = range(whole, whole // 2, -1)
        return [dict(zip(names, (1, whole - 1, 0, part), strict=True)) for part in shares]
    if names[0].startswith("lhkasn"):
        whole = facts.counts["lhkasn"]
        heads = min(4, whole - 1)
        shares = sorted({whole, *(round(whole * n / 16) for n in range(9, 16))}, reverse=True)
        return [dict(zip(names, (0, heads, whole - heads, part), strict=True)) for part in shares]
    whole = facts.counts[DENOMINATORS[names[0]]]
    found = []
    for part in range(whole, -1, -1):
        answer = {names[0]: whole, names[-1]: part}
        if len(names) == 3:
            answer = {names[0]: whole, names[1]: whole - part, names[2]: part}
        found.append(answer)
    return found


def solve(
    engine: scoring.Instrument,
    targets: Mapping[str, float],
    facts: Facts,
    rng: Random,
    *,
    blank: frozenset[str] = frozenset(),
) -> dict[str, Answer]:
    """Return answers for every row of the areas so that each comes close to its target.

    targets: the wanted share (0..1) of each area's weight. blank: rows that stay unanswered;
    they count as 0 and are absent from the result.
    """
    answers: dict[str, Answer] = {}
    for area in engine.areas:
        codes = [
            code
            for code in engine.indicators
            if engine.area_of(code) == area.code and code not in blank
        ]
        answers |= _solve_area(engine, codes, targets[area.code], float(area.weight), facts, rng)
    return {code: answers[code] for code in engine.indicators if code in answers}


def _solve_area(engine, codes, target: float, weight: float, facts: Facts, rng: Random):
    options = {code: candidates(engine.indicators[code], facts) for code in codes}
    portions = {code: float(engine.portions[code]) / weight for code in codes}
    found, gap = {}, 2.0
    for _start in range(STARTS):
        chosen = _start_from(options, target, facts, rng)
        missing = _descend(chosen, options, portions, target, rng)
        if abs(missing) < gap:
            found, gap = chosen, abs(missing)
        if gap <= CLOSE:
            break
    return {code: pair[0] for code, pair in found.items()}


def _start_from(options, target: float, facts: Facts, rng: Random):
    chosen = {}
    for code, pairs in options.items():
        wanted = 1.0 if target >= BEST else min(1.0, max(0.0, rng.gauss(target, SPREAD)))
        chosen[code] = _nearest(pairs, wanted)
        if code in FIXED:
            made = facts.counts["changes"]
            chosen[code] = next(
                pair for pair in pairs if pair[0]["jumlah_perubahan_dibuat"] == made
            )
    return chosen


def _descend(chosen, options, portions, target: float, rng: Random) -> float:
    """Change one row at a time towards the target while that helps; return what is missing."""
    movable = [code for code in options if code not in FIXED]
    rng.shuffle(movable)
    missing = target - sum(chosen[code][1] * portions[code] for code in options)
    while movable:
        code, pair = min(
            ((code, pair) for code in movable for pair in options[code]),
            key=lambda item: abs(missing - (item[1][1] - chosen[item[0]][1]) * portions[item[0]]),
        )
        left = missing - (pair[1] - chosen[code][1]) * portions[code]
        if abs(left) >= abs(missing) - 1e-9:
            break
        chosen[code], missing = pair, left
    return missing


def _nearest(options, wanted: float):
    return min(options, key=lambda pair: abs(pair[1] - wanted))


def higher(
    row: scoring.Indicator, answer: Answer, facts: Facts, rng: Random, *, steps: int = 2
) -> Answer:
    """Return an answer one or more steps better than a given one, as a unit sees itself."""
    pairs = sorted(candidates(row, facts), key=lambda pair: pair[1])
    values = [pair[1] for pair in pairs]
    at = next(index for index, pair in enumerate(pairs) if pair[0] == answer)
    above = [index for index in range(at + 1, len(pairs)) if values[index] > values[at]]
    return pairs[above[min(rng.randint(0, steps - 1), len(above) - 1)]][0] if above else answer


def lower(row: scoring.Indicator, answer: Answer, facts: Facts) -> Answer:
    """Return the next worse answer; the same where there is none."""
    pairs = sorted(candidates(row, facts), key=lambda pair: -pair[1])
    value = value_of(row, answer)
    return next((pair[0] for pair in pairs if pair[1] < value), answer)


def value_of(row: scoring.Indicator, answer: Answer) -> float:
    """Return the value 0..1 of an answer."""
    if isinstance(answer, str):
        return next(float(option.value) for option in row.options if option.code == answer)
    exact = {
        name: scoring.Decimal(value) if isinstance(value, str) else value
        for name, value in answer.items()
    }
    value = scoring.computed_value(row, exact).value
    return 0.0 if value is None else float(value)
