"""The shortest way to a predicate: the provably cheapest upgrades that meet all its thresholds.

Pure like scoring. The thresholds of a predicate are nested (area within pengungkit within
total), so the best gain at each cost, found per part, cut at the part's minimum and combined
upward, is exact; gains are whole numbers over one common denominator, never rounded.
Decisions: 0006-nested-thresholds, 0008-what-a-step-costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import lcm

from assessments.scoring import (
    COMPARED,
    DECREASE_RATIO,
    DENOMINATOR,
    INDEX,
    INFORMATION,
    NUMERATOR,
    ONE,
    REFERENCE,
    SCORE04,
    SURVEY_SCALE,
    ZERO,
    Answer,
    AnswerError,
    Answers,
    Gate,
    Indicator,
    Instrument,
    Number,
    Problem,
    Result,
    Threshold,
    check_answer,
    check_answers,
    computed_value,
    contradicts,
    number_problem,
    number_text,
    points_text,
    reached_text,
    score,
    shown,
)

MIN_EFFORT, MAX_EFFORT = 1, 5


class CrossingThresholds(ValueError):
    """Raised when two thresholds overlap without one lying inside the other."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One row to raise.

    from_, to: answers as ``score`` takes them; for counts, ``to`` holds the inputs to reach.
    steps: option steps, 1 for a computed row, 0 for a row that only follows a shared count.
    cost: steps × effort. gain: points of the total, negative where a shared count rises.
    area: code of the change area, None in the results. label: what to do, in Indonesian.
    """

    code: str
    from_: Answer
    to: Answer
    steps: int
    cost: int
    gain: Fraction
    area: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Blocking:
    """A threshold that no allowed upgrade reaches; ``reason`` says why, in Indonesian."""

    code: str
    label: str
    required: Fraction
    reachable: Fraction
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The shortest way.

    cost: the least sum of step costs; None when there is no way. upgrades: in worksheet order.
    totals_by_step: the total after each of them. Without a way, or with nothing to do, the
    figures "after" are those of today.
    """

    predicate: str
    already_met: bool
    feasible: bool
    blocking: tuple[Blocking, ...]
    cost: int | None
    steps: int
    upgrades: tuple[Upgrade, ...]
    total_after: Fraction
    gates_after: dict[str, Gate]
    totals_by_step: tuple[Fraction, ...]
    answers_after: dict[str, Answer]


def plan(
    instrument: Instrument,
    answers: Answers,
    predicate: str,
    *,
    pinned: Iterable[str] = frozenset(),
    efforts: Mapping[str, int] | None = None,
    ruled_out: Mapping[str, str] | None = None,
    index_targets: Mapping[str, Decimal] | None = None,
) -> Plan:
    """Return the cheapest way from answers to all thresholds of a predicate.

    pinned: rows that stay as they are this year. efforts: cost of a step by row, 1 to 5, 1 when
    not named. ruled_out: rows that cannot change in time, with the reason. index_targets: survey
    indices that may be reached in one step; without a target an index is taken as given.

    An unanswered row counts as its worst option. Among plans of equal cost the one with the
    higher total wins, then the one that raises rows earlier in the worksheet.
    Raises AnswerError for answers, codes or figures that cannot be taken, CrossingThresholds for
    an instrument whose thresholds are not nested.
    """
    wishes = _Wishes(
        frozenset(pinned), dict(efforts or {}), dict(ruled_out or {}), dict(index_targets or {})
    )
    problems = [
        *check_answers(instrument, answers),
        *_wish_problems(instrument, predicate, wishes),
    ]
    if problems:
        raise AnswerError(problems)
    result = score(instrument, answers)
    if result.gates[predicate].met:
        return _standing(predicate, result, answers, already_met=True, cost=0)
    return _Planner(instrument, answers, predicate, wishes, result).plan()


@dataclass(frozen=True, slots=True)
class _Wishes:
    pinned: frozenset[str]
    efforts: dict[str, int]
    ruled_out: dict[str, str]
    index_targets: dict[str, Decimal]


def _wish_problems(instrument: Instrument, predicate: str, wishes: _Wishes) -> Iterator[Problem]:
    if predicate not in instrument.thresholds:
        known = ", ".join(instrument.thresholds)
        yield Problem("predicate", f"Predikat “{shown(predicate)}” tidak ada; yang ada {known}.")
    named = {*wishes.pinned, *wishes.efforts, *wishes.ruled_out, *wishes.index_targets}
    for code in sorted(named - set(instrument.indicators), key=str):
        yield Problem(
            shown(code), f"Kode indikator “{shown(code)}” tidak ada pada {instrument.title}."
        )
    for code, effort in sorted(wishes.efforts.items()):
        whole = isinstance(effort, int) and not isinstance(effort, bool)
        if not whole or not MIN_EFFORT <= effort <= MAX_EFFORT:
            message = f"Upaya harus bilangan bulat {MIN_EFFORT} sampai {MAX_EFFORT}."
            yield Problem(shown(code), message)
    for code, target in sorted(wishes.index_targets.items()):
        row = instrument.indicators.get(code)
        if row is None:
            continue
        if not row.is_computed or row.computation.kind != SCORE04:
            yield Problem(code, "Target indeks hanya untuk butir indeks survei.")
        elif message := number_problem(row.inputs_of(INDEX)[0], target):
            yield Problem(code, message)


def _standing(
    predicate: str,
    result: Result,
    answers: Answers,
    *,
    already_met: bool = False,
    cost: int | None = None,
    blocking: tuple[Blocking, ...] = (),
) -> Plan:
    """Return a plan that changes nothing."""
    return Plan(
        predicate=predicate,
        already_met=already_met,
        feasible=already_met,
        blocking=blocking,
        cost=cost,
        steps=0,
        upgrades=(),
        total_after=result.total,
        gates_after=result.gates,
        totals_by_step=(),
        answers_after=dict(answers),
    )


# Moves: what can be changed, and what it brings ------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change:
    """One row's part in a move."""

    code: str
    to: Answer
    steps: int
    cost: int
    gain: Fraction


@dataclass(frozen=True, slots=True)
class _Move:
    changes: tuple[_Change, ...]

    @property
    def cost(self) -> int:
        return sum(change.cost for change in self.changes)


_STAY = _Move(())


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that move together, since they share a count; mostly one row.

    moves: ``moves[0]`` stays; later ones are preferred where plans are equal otherwise.
    """

    codes: tuple[str, ...]
    moves: tuple[_Move, ...]


class _Moves:
    """Finds the moves of a worksheet."""

    def __init__(
        self, instrument: Instrument, answers: Answers, wishes: _Wishes, result: Result
    ) -> None:
        self.instrument = instrument
        self.answers = answers
        self.wishes = wishes
        self.result = result
        self.shares = {
            row.code: node.weight / sum(r.code not in result.excluded for r in node.indicators)
            for node in instrument.sub_components
            for row in node.indicators
            if row.code not in result.excluded
        }
        """Points of the total per row at its full value, in today's means."""

    def groups(self) -> list[_Group]:
        """Return the groups that can move, in the order of their first rows."""
        groups = []
        for codes in self._linked():
            row = self.instrument.indicators[codes[0]]
            moves = self._joint(codes) if row.is_computed else self._options(row)
            if moves:
                groups.append(_Group(codes, (_STAY, *moves)))
        return groups

    def _linked(self) -> list[tuple[str, ...]]:
        """Return rows in worksheet order, those linked by shared counts as one tuple."""
        leader = {code: code for code in self.instrument.indicators}
        for codes in self.instrument.shared_inputs.values():
            leaders = {leader[code] for code in codes}
            first = next(code for code in leader if code in leaders)
            leader = {code: first if at in leaders else at for code, at in leader.items()}
        members: dict[str, list[str]] = {}
        for code, first in leader.items():
            members.setdefault(first, []).append(code)
        return [tuple(codes) for codes in members.values()]

    def is_free(self, code: str) -> bool:
        """Tell whether a plan may raise a row at all."""
        return (
            code not in self.wishes.pinned
            and code not in self.wishes.ruled_out
            and code not in self.result.excluded
        )

    def effort(self, code: str) -> int:
        return self.wishes.efforts.get(code, MIN_EFFORT)

    def _options(self, row: Indicator) -> list[_Move]:
        """Return the moves of a choice row, the smallest first."""
        if not self.is_free(row.code):
            return []
        answer, value = self.answers.get(row.code), self.result.values[row.code] or ZERO
        codes = [option.code for option in row.options]
        start = len(codes) - 1 if answer is None else codes.index(answer)
        moves = []
        for index in range(start, -1, -1):
            option, steps = row.options[index], start - index
            gain = self.shares[row.code] * (option.value - value)
            if gain > 0:
                cost = steps * self.effort(row.code)
                moves.append(_Move((_Change(row.code, option.code, steps, cost, gain),)))
        return moves

    def _joint(self, codes: Sequence[str]) -> list[_Move]:
        """Return the moves of computed rows that share counts: one per set of rows to raise."""
        free = [code for code in codes if self._can_rise(code)]
        moves = []
        for picks in product((False, True), repeat=len(free)):
            raised = frozenset(code for code, pick in zip(free, picks, strict=True) if pick)
            move = self._raise(codes, raised) if raised else None
            if move is not None:
                moves.append(move)
        return moves

    def _can_rise(self, code: str) -> bool:
        return self.is_free(code) and (self.result.values[code] or ZERO) < self._goal(code)

    def _goal(self, code: str) -> Fraction:
        """Return the value to which a computed row can be raised."""
        if self.instrument.indicators[code].computation.kind == SCORE04:
            return Fraction(self.wishes.index_targets.get(code, 0)) / SURVEY_SCALE
        return ONE

    def _raise(self, codes: Sequence[str], raised: frozenset[str]) -> _Move | None:
        """Raise a set of rows to their goals, shared counts staying equal; None if that fails."""
        settled, shared = self._settle(codes, raised)
        changes = []
        for code, inputs in settled.items():
            if any(inputs[name] != n for name, n in shared.items() if name in inputs):
                return None
            if inputs == self.answers.get(code):
                continue
            row = self.instrument.indicators[code]
            value = None if check_answer(row, inputs) else computed_value(row, inputs).value
            if value is None or code in self.result.excluded:
                return None
            if code in raised and value != self._goal(code):
                return None
            # A shared count that rises in one row may outgrow another: that would block hand-over.
            if contradicts(row, inputs) and not self._contradicts_today(code):
                return None
            steps = int(code in raised)
            gain = self.shares[code] * (value - (self.result.values[code] or ZERO))
            changes.append(_Change(code, inputs, steps, steps * self.effort(code), gain))
        return _Move(tuple(changes))

    def _contradicts_today(self, code: str) -> bool:
        inputs = self.answers.get(code)
        return inputs is not None and contradicts(self.instrument.indicators[code], inputs)

    def _settle(
        self, codes: Sequence[str], raised: frozenset[str]
    ) -> tuple[dict[str, dict[str, Number]], dict[str, Number]]:
        """Return the inputs of the group's rows once shared counts have followed, and those."""
        old = {code: self.answers[code] for code in codes if self.answers.get(code) is not None}
        known = {name: n for inputs in reversed(old.values()) for name, n in inputs.items()}
        shared: dict[str, Number] = {}
        settled: dict[str, dict[str, Number]] = {}
        for _round in range(len(codes) + 1):
            for code in codes:
                row = self.instrument.indicators[code]
                if code not in old and code not in raised:
                    continue
                blank = {item.name: known.get(item.name, int(item.minimum)) for item in row.inputs}
                start = old.get(code, blank)
                inputs = {**start, **{name: n for name, n in shared.items() if name in blank}}
                if code in raised:
                    inputs = self._full(row, inputs, answered=code in old)
                for name in self.instrument.shared_inputs:
                    if name in inputs and inputs[name] != start.get(name):
                        shared[name] = inputs[name]
                settled[code] = inputs
        return settled, shared

    def _full(
        self, row: Indicator, inputs: Mapping[str, Number], *, answered: bool
    ) -> dict[str, Number]:
        """Return inputs at which a computed row has its goal, the fewest of them changed."""
        inputs = dict(inputs)
        kind = row.computation.kind
        if kind == SCORE04:
            inputs[row.inputs_of(INDEX)[0].name] = self.wishes.index_targets[row.code]
            return inputs
        if kind == DECREASE_RATIO:
            last, this = row.inputs_of(REFERENCE)[0].name, row.inputs_of(COMPARED)[0].name
            inputs[this] = 0
            if not answered:
                inputs[last] = inputs[last] or 1
        else:
            below = [item.name for item in row.inputs_of(DENOMINATOR)]
            above = [item.name for item in row.inputs_of(NUMERATOR)]
            done = sum(inputs[name] for name in above)
            if not any(inputs[name] for name in below):
                inputs[below[0]] = max(done, 1)
            lack = sum(inputs[name] for name in below) - done
            inputs[above[0]] += max(lack, 0)
        for item in row.inputs_of(INFORMATION):
            if inputs.get(item.name):
                inputs[item.name] = 0
        return inputs


# Planner: which moves to take ------------------------------------------------------------------


@dataclass(slots=True)
class _Part:
    """A set of sub-components with a minimum: ``need`` is what its gain must reach, in units."""

    inside: frozenset[str]
    need: int
    groups: list[int]
    parts: list[_Part]


Curve = list[tuple[int, int]]
"""(cost, worth) with both rising: the most that each cost can bring.

A worth holds the gain in its upper bits and, in its lower ones, which moves were taken: ``worth``
of two disjoint parts can be added, the larger is the better plan, and the plan can be read off.
"""


class _Planner:
    def __init__(
        self,
        instrument: Instrument,
        answers: Answers,
        predicate: str,
        wishes: _Wishes,
        result: Result,
    ) -> None:
        self.instrument = instrument
        self.answers = answers
        self.predicate = predicate
        self.wishes = wishes
        self.result = result
        self.moves = _Moves(instrument, answers, wishes, result)
        self.groups = self.moves.groups()
        self.thresholds = instrument.thresholds[predicate]
        self.inside = [_sub_components(instrument, t) for t in self.thresholds]
        self.shifts, self.bits = self._layout()
        self.unit = lcm(
            *(t.required.denominator for t in self.thresholds),
            *(rule.reached.denominator for rule in result.gates[predicate].rules),
            *(
                change.gain.denominator
                for group in self.groups
                for move in group.moves
                for change in move.changes
            ),
        )

    def _layout(self) -> tuple[list[int], int]:
        """Return where each group's move stands in a worth, the first group highest."""
        shifts, bits = [], 0
        for group in reversed(self.groups):
            shifts.append(bits)
            bits += (len(group.moves) - 1).bit_length()
        return shifts[::-1], bits

    def plan(self) -> Plan:
        spanning = [n for n, group in enumerate(self.groups) if self._home(group) is None]
        best: tuple[int, int] | None = None
        stuck: list[tuple[Threshold, Fraction]] | None = None
        for picks in product(*(range(len(self.groups[n].moves)) for n in spanning)):
            taken = dict(zip(spanning, picks, strict=True))
            unreached = self._unreached(taken)
            if unreached:
                if stuck is None or len(unreached) < len(stuck):
                    stuck = unreached
                continue
            cost, worth = self._cheapest(taken)
            if best is None or (cost, -worth) < (best[0], -best[1]):
                best = cost, worth
        if best is None:
            blocking = tuple(self._blocking(t, reachable) for t, reachable in stuck)
            return _standing(self.predicate, self.result, self.answers, blocking=blocking)
        return self._plan_of(best)

    def _home(self, group: _Group) -> frozenset[str] | None:
        """Return the thresholds that a group counts in; None when its rows differ in that."""
        homes = {
            frozenset(
                n
                for n, inside in enumerate(self.inside)
                if self.instrument.parent_of(change.code) in inside
            )
            for move in group.moves
            for change in move.changes
        }
        return homes.pop() if len(homes) == 1 else None

    def _gain_in(self, move: _Move, inside: frozenset[str]) -> Fraction:
        return sum(
            (c.gain for c in move.changes if self.instrument.parent_of(c.code) in inside), ZERO
        )

    def _unreached(self, taken: Mapping[int, int]) -> list[tuple[Threshold, Fraction]]:
        """Return the thresholds that fail even with every gain, and what each can reach."""
        unreached = []
        rules = self.result.gates[self.predicate].rules
        for threshold, rule, inside in zip(self.thresholds, rules, self.inside, strict=True):
            reachable = rule.reached
            for n, group in enumerate(self.groups):
                moves = [group.moves[taken[n]]] if n in taken else group.moves
                reachable += max(self._gain_in(move, inside) for move in moves)
            if reachable < threshold.required:
                unreached.append((threshold, reachable))
        return unreached

    def _cheapest(self, taken: Mapping[int, int]) -> tuple[int, int]:
        """Return the least cost and the best worth at it, some groups' moves being given."""
        root = self._parts(taken)
        for n in range(len(self.groups)):
            if n not in taken:
                self._place(root, n)
        cost, worth = self._curve(root)[0]
        for n, pick in taken.items():
            cost += self.groups[n].moves[pick].cost
            worth += self._worth(n, pick)
        return cost, worth

    def _parts(self, taken: Mapping[int, int]) -> _Part:
        """Return the thresholds as a tree, the whole worksheet at its root."""
        needs: dict[frozenset[str], int] = {}
        for rule, inside in zip(self.result.gates[self.predicate].rules, self.inside, strict=True):
            given = sum(
                (self._gain_in(self.groups[n].moves[pick], inside) for n, pick in taken.items()),
                ZERO,
            )
            need = int((rule.required - rule.reached - given) * self.unit)
            needs[inside] = max(need, needs.get(inside, need))
        everything = frozenset(node.code for node in self.instrument.sub_components)
        needs.setdefault(everything, -int(self.instrument.total_weight * self.unit))
        parts = [
            _Part(inside, needs[inside], [], []) for inside in sorted(needs, key=len, reverse=True)
        ]
        for n, part in enumerate(parts[1:], start=1):
            above = [other for other in parts[:n] if other.inside & part.inside]
            if not all(part.inside < other.inside for other in above):
                raise CrossingThresholds(f"the thresholds of {self.predicate} are not nested")
            above[-1].parts.append(part)
        return parts[0]

    def _place(self, root: _Part, n: int) -> None:
        """Put a group into the smallest part that it belongs to."""
        node = self.instrument.parent_of(self.groups[n].moves[1].changes[0].code)
        part: _Part | None = root
        while part is not None:
            home, part = part, next((p for p in part.parts if node in p.inside), None)
        home.groups.append(n)

    def _curve(self, part: _Part) -> Curve:
        """Return what each cost can bring in a part, cut at its minimum."""
        curve = [(0, 0)]
        for n in part.groups:
            moves = self.groups[n].moves
            choices = [(move.cost, self._worth(n, pick)) for pick, move in enumerate(moves)]
            curve = self._joined(curve, choices)
        for inner in part.parts:
            curve = self._joined(curve, self._curve(inner))
        return [(cost, worth) for cost, worth in curve if worth >> self.bits >= part.need]

    def _joined(self, left: Curve, right: Curve) -> Curve:
        """Return the best of every sum of a point of one and a point of the other."""
        best: dict[int, int] = {}
        for cost, worth in right:
            for other, more in left:
                both, sum_worth = cost + other, worth + more
                if best.get(both, sum_worth) <= sum_worth:
                    best[both] = sum_worth
        curve: Curve = []
        for cost in sorted(best):
            worth = best[cost]
            if not curve or worth >> self.bits > curve[-1][1] >> self.bits:
                curve.append((cost, worth))
        return curve

    def _worth(self, n: int, pick: int) -> int:
        gain = sum((change.gain for change in self.groups[n].moves[pick].changes), ZERO)
        return (int(gain * self.unit) << self.bits) + (pick << self.shifts[n])

    def _plan_of(self, best: tuple[int, int]) -> Plan:
        """Read the moves off a worth, apply them and score what comes out."""
        cost, worth = best
        changes = []
        for n, group in enumerate(self.groups):
            width = (len(group.moves) - 1).bit_length()
            changes += group.moves[(worth >> self.shifts[n]) & ((1 << width) - 1)].changes
        changes.sort(key=lambda change: self.instrument.indicators[change.code].position)
        after = {**self.answers, **{change.code: change.to for change in changes}}
        result = score(self.instrument, after)
        totals = [self.result.total]
        for change in changes:
            totals.append(totals[-1] + change.gain)
        return Plan(
            predicate=self.predicate,
            already_met=False,
            feasible=True,
            blocking=(),
            cost=cost,
            steps=sum(change.steps for change in changes),
            upgrades=tuple(self._upgrade(change) for change in changes),
            total_after=result.total,
            gates_after=result.gates,
            totals_by_step=tuple(totals[1:]),
            answers_after=after,
        )

    def _upgrade(self, change: _Change) -> Upgrade:
        row, before = self.instrument.indicators[change.code], self.answers.get(change.code)
        return Upgrade(
            code=change.code,
            from_=before,
            to=change.to,
            steps=change.steps,
            cost=change.cost,
            gain=change.gain,
            area=self.instrument.area_of(change.code),
            label=_label(row, before, change),
        )

    def _blocking(self, threshold: Threshold, reachable: Fraction) -> Blocking:
        inside = _sub_components(self.instrument, threshold)
        required = threshold.required
        sentences = [
            f"Paling tinggi dapat mencapai {reached_text(required, reachable)} poin dari "
            f"{points_text(required)} yang disyaratkan."
        ]
        held: dict[str, list[str]] = {}
        for code, row in self.instrument.indicators.items():
            if self.instrument.parent_of(code) in inside:
                why = self._held(row)
                if why:
                    held.setdefault(why, []).append(code)
        sentences += [f"{why}: {', '.join(codes)}." for why, codes in held.items()]
        return Blocking(threshold.code, threshold.label, required, reachable, " ".join(sentences))

    def _held(self, row: Indicator) -> str:
        """Return what keeps a row below its full value; "" when nothing does."""
        if row.code in self.result.excluded:
            return "Tidak ikut dihitung karena penyebutnya 0"
        best = ONE if row.is_computed else row.best.value
        if (self.result.values[row.code] or ZERO) >= best:
            return ""
        if row.code in self.wishes.ruled_out:
            return f"Tidak mungkin ({self.wishes.ruled_out[row.code]})"
        if row.code in self.wishes.pinned:
            return "Dikunci tahun ini"
        if row.is_computed and row.computation.kind == SCORE04:
            target = self.wishes.index_targets.get(row.code)
            return (
                "Indeks survei tanpa target"
                if target is None
                else f"Target indeks {number_text(target)}"
            )
        return ""


def _sub_components(instrument: Instrument, threshold: Threshold) -> frozenset[str]:
    return frozenset(
        node.code
        for code in threshold.nodes
        for node in instrument.nodes[code].walk()
        if node.indicators
    )


# Words -----------------------------------------------------------------------------------------


def _label(row: Indicator, before: Answer, change: _Change) -> str:
    """Return what a change means for the unit: "tambah 5 pengaduan yang tuntas"."""
    if not row.is_computed:
        if before is None:
            return f"isi dengan pilihan {change.to}"
        return f"naikkan dari {before} ke {change.to}"
    if row.computation.kind == SCORE04:
        index = row.inputs_of(INDEX)[0]
        return f"capai {_thing(index.label)}: {number_text(change.to[index.name])}"
    parts = []
    start = before or {}
    for item in row.inputs:
        if item.role == INFORMATION:
            continue
        old, new, what = start.get(item.name, 0), change.to[item.name], _thing(item.label)
        if new > old:
            parts.append(f"tambah {number_text(new - old)} {what}")
        elif new < old:
            parts.append(f"turunkan {what} dari {number_text(old)} menjadi {number_text(new)}")
    if not change.steps:
        return f"ikut berubah: {', '.join(parts)}"
    if before is None:
        return "isi jumlahnya dan capai nilai penuh"
    return ", ".join(parts)


def _thing(label: str) -> str:
    """Return what a count counts: "Jumlah pengaduan yang tuntas" is "pengaduan yang tuntas"."""
    thing = label.removeprefix("Jumlah ").removeprefix("seluruh ")
    return thing if thing[:2].isupper() else thing[:1].lower() + thing[1:]
