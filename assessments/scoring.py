"""What a worksheet earns: exact arithmetic on plain values, without Django and without I/O.

An ``Instrument`` holds what a regulation fixed (weights, scales, formulas, thresholds), ``score``
turns answers into a ``Result``, ``explain`` shows where a figure comes from. Everything is a
``Fraction`` inside; the functions at the end of the file round, once and last.

Decisions: 0003-two-readings, 0004-zero-denominators, 0005-rounding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm

ENGINE_VERSION = "1"
"""Rises whenever the same answers could give another figure; seals and scores carry it."""

ZERO = Fraction(0)
ONE = Fraction(1)

MAX_NUMBER = 10**15
"""No count of a work unit comes near it; larger numbers are typing faults or attacks."""
MAX_DECIMALS = 12

SURVEY_SCALE = 4
"""Survey indices run from 0 to 4. Source: PermenPANRB 90/2021, Lampiran III, komponen B."""

TOTAL = "total"
EACH_AREA = "each_area"
PER_ASPECT = "per_aspect"
COMBINED = "combined"

DENOMINATOR = "penyebut"
NUMERATOR = "pembilang"
REFERENCE = "acuan"
COMPARED = "pembanding"
INFORMATION = "informasi"
INDEX = "skor"
ROLES = (DENOMINATOR, NUMERATOR, REFERENCE, COMPARED, INFORMATION, INDEX)

RATIO = "ratio"
DECREASE_RATIO = "decrease_ratio"
SCORE04 = "score04"
COMPUTATION_KINDS = (RATIO, DECREASE_RATIO, SCORE04)

SCORE_ZERO = "score_zero"
SCORE_ONE = "score_one"
EXCLUDE = "exclude"
ONE_IF_BOTH_ZERO = "one_if_both_zero_else_zero"
ZERO_POLICIES = (SCORE_ZERO, SCORE_ONE, EXCLUDE, ONE_IF_BOTH_ZERO)

Number = int | Decimal
Answer = str | Mapping[str, Number] | None
"""An option code, the inputs of a computed indicator, or None while unanswered."""
Answers = Mapping[str, Answer]


class Reading(StrEnum):
    """How an unanswered indicator counts. Decision: 0003-two-readings."""

    SAFE = "safe"
    """As 0: the figure that counts and decides the gates (nilai)."""
    FILLED = "filled"
    """Not at all: what the official workbook shows (nilai butir terisi)."""


class WarningKind(StrEnum):
    """Why a figure deserves a second look."""

    CONTRADICTION = "contradiction"
    """Counts that cannot all be true; blocks hand-over."""
    DOUBT = "doubt"
    """Counts that can be true but seldom are."""
    ZERO_DENOMINATOR = "zero_denominator"
    NOTHING_ANSWERED = "nothing_answered"
    NOTHING_COUNTED = "nothing_counted"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an indicator; ``value`` is 0..1 by the scale."""

    code: str
    value: Fraction
    criteria: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """One figure that a computed indicator asks for; ``maximum`` None means no upper limit."""

    name: str
    label: str
    type: str
    minimum: Decimal
    maximum: Decimal | None
    role: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Computation:
    """How inputs become a value: one of a closed set of kinds, never evaluated text.

    zero_policy: what a zero denominator does, one of ZERO_POLICIES; None where none can occur.
    zero_reason: why that policy, one Indonesian sentence.
    """

    kind: str
    zero_policy: str | None = None
    zero_reason: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of the worksheet: either options (best first) or inputs with a computation."""

    code: str
    position: int
    scale: str
    statement: str
    options: tuple[Option, ...] = ()
    inputs: tuple[Input, ...] = ()
    computation: Computation | None = None

    @property
    def is_computed(self) -> bool:
        return self.computation is not None

    @property
    def best(self) -> Option:
        return self.options[0]

    @property
    def worst(self) -> Option:
        return self.options[-1]

    def inputs_of(self, role: str) -> tuple[Input, ...]:
        """Return the inputs that play a role in the formula, in worksheet order."""
        return tuple(item for item in self.inputs if item.role == role)


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the worksheet; a sub-component holds indicators, every other kind holds nodes."""

    code: str
    kind: str
    name: str
    weight: Fraction
    children: tuple[Node, ...] = ()
    indicators: tuple[Indicator, ...] = ()

    def walk(self) -> Iterator[Node]:
        """Yield this node, then all below it, in worksheet order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Area:
    """A change area: the nodes that are judged together, such as Pemenuhan and Reform."""

    code: str
    name: str
    weight: Fraction
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A predicate to strive for; ``requires`` names the one that must be held before."""

    code: str
    name: str
    requires: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A minimum that a predicate asks for, in points or as a share (0..1) of the target's weight.

    target: "total", "each_area", or the codes of the nodes whose points are added.
    basis: for "each_area", whether an area is judged as a whole ("combined") or each of its
    nodes for itself ("per_aspect").
    """

    predicate: str
    code: str
    label: str
    target: str | tuple[str, ...]
    minimum_points: Fraction | None = None
    minimum_ratio: Fraction | None = None
    basis: str = COMBINED


@dataclass(frozen=True, slots=True)
class Threshold:
    """A rule made concrete: one sum of nodes and the points that it must reach."""

    predicate: str
    code: str
    label: str
    nodes: tuple[str, ...]
    required: Fraction
    weight: Fraction

    @property
    def full_code(self) -> str:
        return f"{self.predicate}:{self.code}"


@dataclass(frozen=True, slots=True)
class Instrument:
    """An edition of the worksheet with the look-ups that scoring needs, made once.

    Built by ``instrument_file.build`` or from rows; its parts are taken as valid.
    """

    code: str
    title: str
    roots: tuple[Node, ...]
    areas: tuple[Area, ...] = ()
    predicates: tuple[Predicate, ...] = ()
    rules: tuple[Rule, ...] = ()

    nodes: dict[str, Node] = field(init=False, repr=False, compare=False)
    indicators: dict[str, Indicator] = field(init=False, repr=False, compare=False)
    sub_components: tuple[Node, ...] = field(init=False, repr=False, compare=False)
    portions: dict[str, Fraction] = field(init=False, repr=False, compare=False)
    shared_inputs: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    thresholds: dict[str, tuple[Threshold, ...]] = field(init=False, repr=False, compare=False)
    total_weight: Fraction = field(init=False, repr=False, compare=False)
    _parents: dict[str, str | None] = field(init=False, repr=False, compare=False)
    _areas_of: dict[str, str] = field(init=False, repr=False, compare=False)
    _sums: tuple[tuple[str, tuple[str, ...]], ...] = field(init=False, repr=False, compare=False)
    _unit: int = field(init=False, repr=False, compare=False)
    _units: dict[str, dict[str, int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        nodes = {node.code: node for root in self.roots for node in root.walk()}
        sub_components = tuple(node for node in nodes.values() if node.indicators)
        indicators = {row.code: row for node in sub_components for row in node.indicators}
        parents: dict[str, str | None] = {root.code: None for root in self.roots}
        for node in nodes.values():
            parents |= {part.code: node.code for part in (*node.children, *node.indicators)}
        named: dict[str, list[str]] = {}
        for row in indicators.values():
            for item in row.inputs:
                named.setdefault(item.name, []).append(row.code)
        unit = lcm(*(o.value.denominator for row in indicators.values() for o in row.options))
        derived = {
            "nodes": nodes,
            "indicators": indicators,
            "sub_components": sub_components,
            "portions": {
                row.code: node.weight / len(node.indicators)
                for node in sub_components
                for row in node.indicators
            },
            "shared_inputs": {
                name: tuple(codes) for name, codes in named.items() if len(codes) > 1
            },
            "total_weight": sum((root.weight for root in self.roots), ZERO),
            "_parents": parents,
            "_areas_of": {
                inner.code: area.code
                for area in self.areas
                for code in area.nodes
                for inner in nodes[code].walk()
            },
            "_sums": tuple(
                (node.code, tuple(child.code for child in node.children))
                for node in reversed(nodes.values())
                if node.children
            ),
            "_unit": unit,
            "_units": {
                row.code: {option.code: int(option.value * unit) for option in row.options}
                for row in indicators.values()
            },
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        object.__setattr__(
            self,
            "thresholds",
            {
                predicate.code: tuple(
                    threshold
                    for rule in self.rules
                    if rule.predicate == predicate.code
                    for threshold in self._thresholds_of(rule)
                )
                for predicate in self.predicates
            },
        )

    def _thresholds_of(self, rule: Rule) -> Iterator[Threshold]:
        if rule.target != EACH_AREA:
            nodes = tuple(root.code for root in self.roots) if rule.target == TOTAL else rule.target
            yield self._threshold(rule, rule.code, rule.label, nodes)
            return
        for area in self.areas:
            code, label = f"{rule.code}.{area.code}", f"Area {area.code}. {area.name}"
            if rule.basis == PER_ASPECT:
                for node in area.nodes:
                    yield self._threshold(
                        rule, f"{code}.{node}", f"{label} ({self.node_title(node)})", (node,)
                    )
            else:
                yield self._threshold(rule, code, label, area.nodes)

    def _threshold(self, rule: Rule, code: str, label: str, nodes: Sequence[str]) -> Threshold:
        weight = sum((self.nodes[node].weight for node in nodes), ZERO)
        required = (
            rule.minimum_ratio * weight if rule.minimum_points is None else rule.minimum_points
        )
        return Threshold(rule.predicate, code, label, tuple(nodes), required, weight)

    def node_title(self, code: str) -> str:
        """Return "Pemenuhan A.I.5": a node by its code and the name of the node above it."""
        parent = self._parents[code]
        return code if parent is None else f"{self.nodes[parent].name} {code}"

    def parent_of(self, code: str) -> str | None:
        """Return the code of the node above a node or indicator; None for a root."""
        return self._parents[code]

    def sub_component_of(self, code: str) -> Node:
        """Return the sub-component in which an indicator stands."""
        return self.nodes[self._parents[code]]

    def area_of(self, code: str) -> str | None:
        """Return the code of the change area of an indicator or node; None outside the areas."""
        if code in self.indicators:
            code = self._parents[code]
        return self._areas_of.get(code)

    def threshold(self, full_code: str) -> Threshold | None:
        """Return the threshold named like "WBK:area.5"; None if there is none."""
        predicate, _, code = full_code.partition(":")
        return next((t for t in self.thresholds.get(predicate, ()) if t.code == code), None)


# Answers -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer cannot be taken: the row's code and one Indonesian sentence."""

    code: str
    message: str


class AnswerError(ValueError):
    """Raised for answers that cannot be scored; ``problems`` names every one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.code}: {p.message}" for p in self.problems))


def check_answers(instrument: Instrument, answers: Answers) -> list[Problem]:
    """Return why answers cannot be scored, in worksheet order; unknown codes come last."""
    problems = []
    units = instrument._units
    for code, indicator in instrument.indicators.items():
        answer = answers.get(code)
        if answer is None or (type(answer) is str and answer in units[code]):
            continue
        problems += check_answer(indicator, answer)
    unknown = [code for code in answers if code not in instrument.indicators]
    for code in sorted(unknown, key=str):
        problems.append(
            Problem(
                shown(code), f"Kode indikator “{shown(code)}” tidak ada pada {instrument.title}."
            )
        )
    return problems


def check_answer(indicator: Indicator, answer: Answer) -> list[Problem]:
    """Return why one answer does not fit its indicator; an unanswered one always fits."""
    if answer is None:
        return []
    if indicator.is_computed:
        messages = list(_input_problems(indicator, answer))
    else:
        messages = list(_choice_problems(indicator, answer))
    return [Problem(indicator.code, message) for message in messages]


def _choice_problems(indicator: Indicator, answer: object) -> Iterator[str]:
    codes = [option.code for option in indicator.options]
    if not isinstance(answer, str):
        yield f"Butir ini dijawab dengan satu pilihan ({', '.join(codes)})."
    elif answer not in codes:
        yield f"Pilihan “{shown(answer)}” tidak ada; pilihannya {', '.join(codes)}."


def _input_problems(indicator: Indicator, answer: object) -> Iterator[str]:
    names = ", ".join(item.name for item in indicator.inputs)
    if not isinstance(answer, Mapping):
        yield f"Butir ini dijawab dengan isian angka ({names})."
        return
    for item in indicator.inputs:
        value = answer.get(item.name)
        if value is not None:
            message = number_problem(item, value)
            if message:
                yield message
        elif item.required:
            yield f"Isian “{item.label}” ({item.name}) belum ada."
    known = {item.name for item in indicator.inputs}
    for name in sorted((name for name in answer if name not in known), key=str):
        yield f"Isian “{shown(name)}” tidak dikenal; isiannya {names}."


def number_problem(item: Input, value: object) -> str:
    """Return why a figure cannot be taken as an input, or "" if it can."""
    what = f"Isian “{item.label}” ({item.name})"
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15},[0-9]{1,12}", value):
        return f"{what} berisi “{value}”; tulis dengan titik: {value.replace(',', '.')}."
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return f"{what} harus berupa angka."
    if isinstance(value, Decimal):
        if not value.is_finite():
            return f"{what} harus berupa angka."
        if value.adjusted() > 15:
            return f"{what} terlalu besar."
        if value.as_tuple().exponent < -MAX_DECIMALS:
            return f"{what} mempunyai lebih dari {MAX_DECIMALS} angka di belakang koma."
    if abs(value) > MAX_NUMBER:
        return f"{what} terlalu besar."
    if value < item.minimum:
        if item.minimum == 0:
            return f"{what} tidak boleh negatif, terisi {number_text(value)}."
        return f"{what} paling kecil {number_text(item.minimum)}, terisi {number_text(value)}."
    if item.maximum is not None and value > item.maximum:
        return f"{what} paling besar {number_text(item.maximum)}, terisi {number_text(value)}."
    if item.type == "integer" and value != int(value):
        return f"{what} harus bilangan bulat, terisi {number_text(value)}."
    return ""


def shown(text: object) -> str:
    """Return foreign text short enough for a message."""
    text = str(text)
    return text if len(text) <= 60 else f"{text[:57]}…"


# Values --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Value:
    """What an answered computed indicator is worth.

    value: 0..1 after cutting, or None when the row leaves the mean (policy "exclude").
    raw: the quotient before cutting; None with a zero denominator.
    """

    value: Fraction | None
    raw: Fraction | None


def total_of(indicator: Indicator, role: str, inputs: Mapping[str, Number]) -> Fraction:
    """Return the sum of the inputs of a role; an optional input left out counts 0."""
    return sum((Fraction(inputs.get(i.name) or 0) for i in indicator.inputs_of(role)), ZERO)


def computed_value(indicator: Indicator, inputs: Mapping[str, Number]) -> Value:
    """Return what a computed indicator is worth; its inputs have passed ``check_answer``.

    ratio: numerator ÷ denominator. decrease_ratio: (last − this) ÷ last. score04: index ÷ 4.
    Source: PermenPANRB 90/2021, Lampiran III. Decision: 0004-zero-denominators.
    """
    computation = indicator.computation
    if computation.kind == SCORE04:
        above, below = total_of(indicator, INDEX, inputs), Fraction(SURVEY_SCALE)
        also_zero = False
    elif computation.kind == DECREASE_RATIO:
        below, compared = (total_of(indicator, role, inputs) for role in (REFERENCE, COMPARED))
        above, also_zero = below - compared, compared == 0
    else:
        above, below = (total_of(indicator, role, inputs) for role in (NUMERATOR, DENOMINATOR))
        also_zero = above == 0
    if below == 0:
        return Value(_zero_value(computation.zero_policy, also_zero), None)
    raw = above / below
    return Value(min(max(raw, ZERO), ONE), raw)


def _zero_value(policy: str | None, also_zero: bool) -> Fraction | None:
    if policy == EXCLUDE:
        return None
    if policy == SCORE_ONE or (policy == ONE_IF_BOTH_ZERO and also_zero):
        return ONE
    return ZERO


@dataclass(frozen=True, slots=True)
class Warning:
    """Something that a reader of the figures must know.

    code: the row or node that it concerns. message: one Indonesian sentence.
    """

    code: str
    kind: WarningKind
    message: str

    @property
    def blocks(self) -> bool:
        """Tell whether the worksheet may not be handed over with it."""
        return self.kind is WarningKind.CONTRADICTION


def _labels(items: Iterable[Input]) -> str:
    return " ditambah ".join(f"“{item.label}”" for item in items)


def _count_warnings(indicator: Indicator, inputs: Mapping[str, Number]) -> Iterator[Warning]:
    """Yield what is odd in the counts of one row; information counts are parts of the whole."""
    code, kind = indicator.code, indicator.computation.kind
    extra = indicator.inputs_of(INFORMATION)
    informed = total_of(indicator, INFORMATION, inputs)
    if kind == RATIO:
        upper, lower = indicator.inputs_of(NUMERATOR), indicator.inputs_of(DENOMINATOR)
        above, below = (total_of(indicator, role, inputs) for role in (NUMERATOR, DENOMINATOR))
        if above > below:
            yield Warning(
                code,
                WarningKind.CONTRADICTION,
                f"{_labels(upper)} ({number_text(above)}) melebihi {_labels(lower)} "
                f"({number_text(below)}); dihitung paling tinggi 100%.",
            )
        elif above + informed > below:
            yield Warning(
                code,
                WarningKind.CONTRADICTION,
                f"{_labels((*extra, *upper))} ({number_text(informed)} + {number_text(above)} = "
                f"{number_text(informed + above)}) melebihi {_labels(lower)} "
                f"({number_text(below)}).",
            )
    elif kind == DECREASE_RATIO:
        last, this = (total_of(indicator, role, inputs) for role in (REFERENCE, COMPARED))
        both = (*indicator.inputs_of(REFERENCE), *indicator.inputs_of(COMPARED))
        if informed > last + this:
            yield Warning(
                code,
                WarningKind.CONTRADICTION,
                f"{_labels(extra)} ({number_text(informed)}) melebihi {_labels(both)} "
                f"({number_text(last)} + {number_text(this)} = {number_text(last + this)}).",
            )
        elif informed > this:
            yield Warning(
                code,
                WarningKind.DOUBT,
                f"{_labels(extra)} ({number_text(informed)}) melebihi {_labels(both[1:])} "
                f"({number_text(this)}); pastikan sisanya berasal dari tahun sebelumnya.",
            )


def contradicts(indicator: Indicator, inputs: Mapping[str, Number]) -> bool:
    """Tell whether the counts of one row cannot all be true; they have passed ``check_answer``."""
    return any(warning.blocks for warning in _count_warnings(indicator, inputs))


def _zero_warning(indicator: Indicator, value: Fraction | None) -> Warning:
    return Warning(indicator.code, WarningKind.ZERO_DENOMINATOR, _zero_sentence(indicator, value))


def _zero_sentence(indicator: Indicator, value: Fraction | None) -> str:
    role = REFERENCE if indicator.computation.kind == DECREASE_RATIO else DENOMINATOR
    effect = (
        "butir ini tidak ikut dirata-rata"
        if value is None
        else f"butir ini dihitung {percent_text(value)}"
    )
    lower = _labels(indicator.inputs_of(role))
    return f"{lower} berjumlah 0, maka {effect}. {indicator.computation.zero_reason}".strip()


def _shared_warnings(instrument: Instrument, answers: Answers) -> Iterator[Warning]:
    for name, codes in instrument.shared_inputs.items():
        filled = [code for code in codes if answers.get(code) is not None]
        for code in filled[1:]:
            first, other = answers[filled[0]].get(name), answers[code].get(name)
            if first is not None and other is not None and first != other:
                label = next(i.label for i in instrument.indicators[code].inputs if i.name == name)
                yield Warning(
                    code,
                    WarningKind.CONTRADICTION,
                    f"“{label}” terisi {number_text(first)} pada {filled[0]}, tetapi "
                    f"{number_text(other)} pada {code}.",
                )


# Score ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AreaResult:
    """What a change area earned; ``ratio`` is points ÷ weight, 0..1."""

    points: Fraction
    weight: Fraction
    ratio: Fraction


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """The points of every node and area in one reading."""

    total: Fraction
    nodes: dict[str, Fraction]
    areas: dict[str, AreaResult]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """A threshold against what was reached, in points, in the safe reading.

    gap: points that are missing, 0 when met. weight: what the target is worth at most.
    """

    code: str
    label: str
    required: Fraction
    reached: Fraction
    gap: Fraction
    met: bool
    weight: Fraction

    @property
    def margin(self) -> Fraction:
        """Points above the threshold; negative when it is not met."""
        return self.reached - self.required


@dataclass(frozen=True, slots=True)
class Gate:
    """A predicate's thresholds; ``met`` covers them alone, ``requires`` stands apart."""

    predicate: str
    met: bool
    requires: str | None
    rules: tuple[RuleResult, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """All that a worksheet's answers amount to; page, PDF, XLSX, API and command print it.

    missing: unanswered indicators in worksheet order. values: per indicator 0..1, None while
    unanswered and for those in ``excluded``, which left their mean by their zero policy.
    """

    instrument_code: str
    answered: int
    missing: tuple[str, ...]
    warnings: tuple[Warning, ...]
    values: dict[str, Fraction | None]
    excluded: frozenset[str]
    readings: dict[Reading, ReadingResult]
    gates: dict[str, Gate]

    @property
    def total(self) -> Fraction:
        """The total that counts, in points of 100."""
        return self.readings[Reading.SAFE].total

    @property
    def contradictions(self) -> tuple[Warning, ...]:
        return tuple(warning for warning in self.warnings if warning.blocks)


def score(instrument: Instrument, answers: Answers) -> Result:
    """Return what answers earn, in both readings, with warnings and gates.

    Raises AnswerError, naming every problem, when an answer cannot be taken.
    Source: PermenPANRB 90/2021, Lampiran II Bab III and Lampiran III.
    """
    problems = check_answers(instrument, answers)
    if problems:
        raise AnswerError(problems)
    warnings: list[Warning] = []
    values: dict[str, Fraction | None] = {}
    excluded: set[str] = set()
    missing: list[str] = []
    safe: dict[str, Fraction] = {}
    filled: dict[str, Fraction] = {}
    unit, units = instrument._unit, instrument._units
    for node in instrument.sub_components:
        chosen, computed, answered, counted = 0, ZERO, 0, 0
        for indicator in node.indicators:
            code = indicator.code
            answer = answers.get(code)
            if answer is None:
                values[code] = None
                missing.append(code)
                counted += 1
            elif indicator.computation is None:
                steps = units[code][answer]
                values[code] = Fraction(steps, unit)
                chosen += steps
                answered += 1
                counted += 1
            else:
                outcome = computed_value(indicator, answer)
                values[code] = outcome.value
                warnings += _count_warnings(indicator, answer)
                if outcome.raw is None:
                    warnings.append(_zero_warning(indicator, outcome.value))
                if outcome.value is None:
                    excluded.add(code)
                else:
                    computed += outcome.value
                    answered += 1
                    counted += 1
        earned = node.weight * (Fraction(chosen, unit) + computed)
        safe[node.code] = earned / counted if counted else ZERO
        filled[node.code] = (
            safe[node.code] if answered == counted else earned / answered if answered else ZERO
        )
        if not answered:
            warnings.append(_empty_warning(node, counted))
    warnings += _shared_warnings(instrument, answers)
    readings = {
        Reading.SAFE: _reading(instrument, safe),
        Reading.FILLED: _reading(instrument, filled),
    }
    return Result(
        instrument_code=instrument.code,
        answered=len(instrument.indicators) - len(missing),
        missing=tuple(missing),
        warnings=tuple(warnings),
        values=values,
        excluded=frozenset(excluded),
        readings=readings,
        gates=_gates(instrument, readings[Reading.SAFE]),
    )


def _empty_warning(node: Node, counted: int) -> Warning:
    if counted:
        return Warning(
            node.code,
            WarningKind.NOTHING_ANSWERED,
            f"Belum ada butir yang terisi pada {node.name}; nilainya dihitung 0.",
        )
    return Warning(
        node.code,
        WarningKind.NOTHING_COUNTED,
        f"Tidak ada butir yang dapat dihitung pada {node.name}; nilainya dihitung 0.",
    )


def _reading(instrument: Instrument, leaves: Mapping[str, Fraction]) -> ReadingResult:
    """Sum sub-components upward; the order of ``nodes`` is that of the worksheet."""
    points = dict(leaves)
    for code, children in instrument._sums:
        points[code] = _sum(points[child] for child in children)
    areas = {}
    for area in instrument.areas:
        earned = _sum(points[code] for code in area.nodes)
        areas[area.code] = AreaResult(earned, area.weight, earned / area.weight)
    return ReadingResult(
        total=_sum(points[root.code] for root in instrument.roots),
        nodes={code: points[code] for code in instrument.nodes},
        areas=areas,
    )


def _sum(parts: Iterable[Fraction]) -> Fraction:
    return sum(parts, ZERO)


def _gates(instrument: Instrument, reading: ReadingResult) -> dict[str, Gate]:
    gates = {}
    for predicate in instrument.predicates:
        rules = tuple(
            _judge(threshold, _sum(reading.nodes[code] for code in threshold.nodes))
            for threshold in instrument.thresholds[predicate.code]
        )
        met = all(rule.met for rule in rules)
        gates[predicate.code] = Gate(predicate.code, met, predicate.requires, rules)
    return gates


def _judge(threshold: Threshold, reached: Fraction) -> RuleResult:
    met = reached >= threshold.required
    return RuleResult(
        code=threshold.code,
        label=threshold.label,
        required=threshold.required,
        reached=reached,
        gap=ZERO if met else threshold.required - reached,
        met=met,
        weight=threshold.weight,
    )


# Readiness and potential ---------------------------------------------------------------------


class Verdict(StrEnum):
    """Where a worksheet stands before a predicate's thresholds."""

    MET = "met"
    RULE_FAILS = "rule_fails"
    """The total is enough, but another threshold is not met."""
    TOO_LOW = "too_low"


@dataclass(frozen=True, slots=True)
class Readiness:
    """What to say about a predicate.

    unmet: rules that fail, in the instrument's order. widest: the unmet rule with the largest
    gap, closest: the one with the smallest. thinnest: the met rule with the smallest margin, an
    early warning. requires: the predicate to hold before; requires_met: whether it is held, None
    when nobody said so yet.
    """

    predicate: str
    kind: Verdict
    unmet: tuple[RuleResult, ...]
    closest: RuleResult | None
    widest: RuleResult | None
    thinnest: RuleResult | None
    requires: str | None
    requires_met: bool | None

    @property
    def thresholds_met(self) -> bool:
        return self.kind is Verdict.MET

    @property
    def can_go_up(self) -> bool:
        """Tell whether thresholds and the required predicate are both fulfilled."""
        return self.thresholds_met and self.requires_met is True


def readiness(result: Result, predicate: str, wbk_fulfilled: bool | None = None) -> Readiness:
    """Return the verdict on one predicate.

    wbk_fulfilled: whether the unit holds the predicate that this one requires (a national WBK,
    or a ministry one where the institution is WBK Mandiri); None when it is not known.
    """
    gate = result.gates[predicate]
    unmet = tuple(rule for rule in gate.rules if not rule.met)
    met = tuple(rule for rule in gate.rules if rule.met)
    if not unmet:
        kind = Verdict.MET
    elif any(rule.code == TOTAL for rule in unmet):
        kind = Verdict.TOO_LOW
    else:
        kind = Verdict.RULE_FAILS
    return Readiness(
        predicate=predicate,
        kind=kind,
        unmet=unmet,
        closest=min(unmet, key=lambda rule: rule.gap, default=None),
        widest=max(unmet, key=lambda rule: rule.gap, default=None),
        thinnest=min(met, key=lambda rule: rule.margin / rule.weight, default=None),
        requires=gate.requires,
        requires_met=True if gate.requires is None else wbk_fulfilled,
    )


@dataclass(frozen=True, slots=True)
class Potential:
    """Points that one row can still add to the total, and the unmet rules ("WBK:area.5") it helps.

    closes: those of the rules that this row alone would close.
    """

    code: str
    points: Fraction
    rules: tuple[str, ...]
    closes: tuple[str, ...]


def potential(
    instrument: Instrument, answers: Answers, result: Result | None = None
) -> dict[str, Potential]:
    """Return, per indicator, what its full value would still add with all others as they are.

    An excluded row adds nothing. Pass ``result`` when the answers have been scored already.
    Raises AnswerError like ``score``.
    """
    result = result or score(instrument, answers)
    helped: dict[str, list[tuple[str, Fraction]]] = {code: [] for code in instrument.nodes}
    for predicate, gate in result.gates.items():
        for threshold, rule in zip(instrument.thresholds[predicate], gate.rules, strict=True):
            if not rule.met:
                for code in threshold.nodes:
                    for node in instrument.nodes[code].walk():
                        helped[node.code].append((threshold.full_code, rule.gap))
    potentials = {}
    for node in instrument.sub_components:
        counted = [row.code for row in node.indicators if row.code not in result.excluded]
        for row in node.indicators:
            points = ZERO
            if row.code not in result.excluded:
                best = ONE if row.is_computed else row.best.value
                points = node.weight * (best - (result.values[row.code] or ZERO)) / len(counted)
            rules = helped[node.code] if points else []
            potentials[row.code] = Potential(
                code=row.code,
                points=points,
                rules=tuple(code for code, _ in rules),
                closes=tuple(code for code, gap in rules if gap <= points),
            )
    return potentials


# Explanation ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation: what stands there, how it was computed, what came out.

    formula: the sum with its own numbers, "4 ÷ 9 = 44,44%". value: 0..1 for a row. weight and
    points: in points of 100. notes: Indonesian sentences on cuts, policies and gaps.
    """

    code: str
    label: str
    formula: str
    value: Fraction | None = None
    weight: Fraction | None = None
    points: Fraction | None = None
    children: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where one figure comes from, in one reading."""

    target: str
    reading: Reading
    line: Line


class UnknownTarget(LookupError):
    """Raised when there is no figure of that name to explain."""


def explain(
    instrument: Instrument,
    answers: Answers,
    target: str,
    *,
    reading: Reading = Reading.SAFE,
    result: Result | None = None,
) -> Explanation:
    """Return the tree of lines behind a figure.

    target: an indicator's or node's code, "total", or a rule such as "WBK:area.5" (rules are
    always explained in the safe reading). Pass ``result`` when it is at hand.
    Raises AnswerError like ``score`` and UnknownTarget.
    """
    result = result or score(instrument, answers)
    threshold = instrument.threshold(target)
    if threshold is not None:
        reading = Reading.SAFE
    explainer = _Explainer(instrument, answers, result, reading)
    if threshold is not None:
        line = explainer.rule(threshold)
    elif target == TOTAL:
        line = explainer.total()
    elif target in instrument.nodes:
        line = explainer.node(instrument.nodes[target])
    elif target in instrument.indicators:
        line = explainer.row(instrument.indicators[target])
    else:
        raise UnknownTarget(f"Tidak ada angka bernama “{shown(target)}” pada {instrument.title}.")
    return Explanation(target, reading, line)


@dataclass(frozen=True, slots=True)
class _Explainer:
    instrument: Instrument
    answers: Answers
    result: Result
    reading: Reading

    def points(self, code: str) -> Fraction:
        return self.result.readings[self.reading].nodes[code]

    def notes(self, code: str) -> tuple[str, ...]:
        return tuple(w.message for w in self.result.warnings if w.code == code)

    def rule(self, threshold: Threshold) -> Line:
        gate = self.result.gates[threshold.predicate]
        rule = next(rule for rule in gate.rules if rule.code == threshold.code)
        reached, required = reached_text(rule.required, rule.reached), points_text(rule.required)
        verdict = (
            f"{reached} ≥ {required}, terpenuhi"
            if rule.met
            else f"{reached} < {required}, kurang {gap_text(rule.required, rule.reached)}"
        )
        children = tuple(self.node(self.instrument.nodes[code]) for code in threshold.nodes)
        parts = " + ".join(points_text(line.points) for line in children)
        formula = f"{parts} = {verdict}" if len(children) > 1 else verdict
        return Line(
            code=threshold.full_code,
            label=threshold.label,
            formula=formula,
            value=rule.reached / rule.weight,
            weight=rule.weight,
            points=rule.reached,
            children=children,
        )

    def total(self) -> Line:
        total = self.result.readings[self.reading].total
        return self._sum_line(
            TOTAL, "Nilai total", self.instrument.total_weight, total, self.instrument.roots
        )

    def node(self, node: Node) -> Line:
        if node.indicators:
            return self._sub_component(node)
        return self._sum_line(
            node.code, node.name, node.weight, self.points(node.code), node.children
        )

    def _sum_line(
        self, code: str, label: str, weight: Fraction, points: Fraction, parts: Sequence[Node]
    ) -> Line:
        children = tuple(self.node(part) for part in parts)
        terms = " + ".join(points_text(line.points) for line in children)
        return Line(
            code=code,
            label=label,
            formula=f"{terms} = {points_text(points)}",
            value=points / weight,
            weight=weight,
            points=points,
            children=children,
        )

    def _counted(self, node: Node) -> list[Indicator]:
        """Return the rows that enter the node's mean in this reading."""
        return [
            row
            for row in node.indicators
            if row.code not in self.result.excluded
            and (self.reading is Reading.SAFE or self.result.values[row.code] is not None)
        ]

    def _sub_component(self, node: Node) -> Line:
        counted = self._counted(node)
        points = self.points(node.code)
        terms = " + ".join(value_text(self.result.values[row.code] or ZERO) for row in counted)
        weight = points_text(node.weight)
        mean = terms if len(counted) == 1 else f"({terms}) ÷ {len(counted)}"
        product = f"{weight} × {mean}" if counted else "tidak ada butir yang dihitung"
        return Line(
            code=node.code,
            label=node.name,
            formula=f"{product} = {points_text(points)}",
            value=points / node.weight,
            weight=node.weight,
            points=points,
            children=tuple(self.row(row) for row in node.indicators),
            notes=self.notes(node.code),
        )

    def row(self, row: Indicator) -> Line:
        node = self.instrument.sub_component_of(row.code)
        counted = self._counted(node)
        counts = row in counted
        weight = node.weight / len(counted) if counts else ZERO
        answer, value = self.answers.get(row.code), self.result.values[row.code]
        notes = self.notes(row.code)
        if answer is None:
            formula = "belum dijawab"
            effect = "dihitung 0" if counts else "tidak ikut dirata-rata"
            notes = (f"Butir ini belum dijawab; pada bacaan ini {effect}.", *notes)
        elif row.is_computed:
            formula = _formula(row, answer)
        else:
            formula = f"pilihan {answer} = {value_text(value)}"
        return Line(
            code=row.code,
            label=row.statement,
            formula=formula,
            value=value,
            weight=weight,
            points=weight * (value or ZERO),
            children=_input_lines(row, answer) if row.is_computed and answer is not None else (),
            notes=notes,
        )


def _input_lines(row: Indicator, inputs: Mapping[str, Number]) -> tuple[Line, ...]:
    return tuple(
        Line(code=item.name, label=item.label, formula=number_text(inputs[item.name]))
        for item in row.inputs
        if inputs.get(item.name) is not None
    )


def _formula(row: Indicator, inputs: Mapping[str, Number]) -> str:
    """Return a computed row's formula with its own numbers: "4 ÷ 9 = 44,44%"."""
    kind = row.computation.kind
    if kind == SCORE04:
        sum_text = f"{_terms(row, INDEX, inputs)} ÷ {SURVEY_SCALE}"
    elif kind == DECREASE_RATIO:
        last, this = _terms(row, REFERENCE, inputs), _terms(row, COMPARED, inputs)
        sum_text = f"({last} − {this}) ÷ {last}"
    else:
        sum_text = f"{_terms(row, NUMERATOR, inputs)} ÷ {_terms(row, DENOMINATOR, inputs)}"
    outcome = computed_value(row, inputs)
    if outcome.raw is None:
        after = "tidak dihitung" if outcome.value is None else percent_text(outcome.value)
        return f"{sum_text}: penyebut 0, {after}"
    cut = (
        f", dipotong menjadi {percent_text(outcome.value)}" if outcome.raw != outcome.value else ""
    )
    return f"{sum_text} = {percent_text(outcome.raw)}{cut}"


def _terms(row: Indicator, role: str, inputs: Mapping[str, Number]) -> str:
    terms = [number_text(inputs.get(item.name) or 0) for item in row.inputs_of(role)]
    return terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"


# Rounding: the only places where a figure loses digits. Decision: 0005-rounding --------------


def _half_up(value: Fraction, digits: int) -> Decimal:
    """Round half away from zero to a number of decimals."""
    # Whole numbers throughout: a save rounds every node twice, and a Fraction costs tenfold.
    top, bottom = value.numerator, value.denominator
    whole = (2 * abs(top) * 10**digits + bottom) // (2 * bottom)
    return Decimal(-whole if top < 0 else whole).scaleb(-digits)


def _up(value: Fraction, digits: int) -> Decimal:
    """Round toward plus infinity to a number of decimals."""
    scaled = value * 10**digits
    return Decimal(-(-scaled.numerator // scaled.denominator)).scaleb(-digits)


def _comma(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


def stored(value: Fraction) -> Decimal:
    """Return a figure as the database keeps it: six decimals, half up."""
    return _half_up(value, 6)


def six(value: Fraction) -> str:
    """Return a figure as machines read it, "75.000000": six decimals, half up."""
    return f"{stored(value):f}"


def points_text(value: Fraction) -> str:
    """Return points as people read them, "80,17": two decimals, half up."""
    return _comma(_half_up(value, 2))


def value_text(value: Fraction) -> str:
    """Return a row's value 0..1 as people read it, "0,67": two decimals, half up."""
    return points_text(value)


def percent_text(ratio: Fraction) -> str:
    """Return a ratio as a percentage, "44,44%": two decimals, half up."""
    return f"{_comma(_half_up(ratio * 100, 2))}%"


def number_text(value: Number | Fraction) -> str:
    """Return a count or index as it was entered, with a decimal comma: "7", "3,60".

    A Fraction must be a sum of such numbers, so that its decimals end.
    """
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    return _comma(Decimal(value))


def _digits(required: Fraction, reached: Fraction) -> int:
    """Return how many decimals it takes to tell an unmet figure from its threshold; at least 2."""
    digits = 2
    while reached < required and _half_up(reached, digits) >= _half_up(required, digits):
        digits += 1
    return digits


def reached_text(required: Fraction, reached: Fraction) -> str:
    """Return a figure beside its threshold: "74,996" rather than a "75,00" that is not met."""
    return _comma(_half_up(reached, _digits(required, reached)))


def gap_text(required: Fraction, reached: Fraction) -> str:
    """Return what is missing to a threshold, rounded up; "0,00" only when it is met.

    As many decimals as ``reached_text`` shows beside it.
    """
    if reached >= required:
        return "0,00"
    return _comma(_up(required - reached, _digits(required, reached)))
