"""Scenarios on a page: what they would bring, beside the track as it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from assessments import scoring
from assessments.catalog import answer_value
from assessments.dashboard.facts import Facts, Links, load_facts, visible_tracks
from assessments.dashboard.gates import GateCell, gate_rows
from assessments.dashboard.page import track_label
from assessments.dashboard.rows import RowLink, potentials, row_link
from assessments.dashboard.verdict import Verdict, verdict_of
from assessments.dashboard.ways import way_to
from assessments.models import Assessment, Scenario, ScenarioAnswer, Track
from assessments.permissions import can_change_scenario, can_simulate, pen_of
from assessments.services.scenarios import overrides
from units.models import User

SUGGESTED = 8


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """A scenario in the list; total: of the track with its rows changed, difference: to now."""

    scenario: Scenario
    track: str
    is_own: bool
    total: Fraction
    difference: Fraction
    gates: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class ScenarioList:
    """The scenarios of a worksheet that a person may see.

    tracks: (code, label) of those on which he may start one; starts: ways to start from.
    """

    lines: tuple[ScenarioLine, ...]
    tracks: tuple[tuple[str, str], ...]
    starts: tuple[str, ...]
    can_create: bool


@dataclass(frozen=True, slots=True)
class SimulatedGate:
    """A sum now, in the scenario, and in the other one; cells are those of the scenario."""

    label: str
    now: Fraction
    then: Fraction
    other: Fraction | None
    cells: tuple[GateCell, ...]

    @property
    def difference(self) -> Fraction:
        """Return what the scenario adds."""
        return self.then - self.now


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that the scenario answers otherwise. gain: points, None where the mean itself moves."""

    row: RowLink
    before: str
    after: str
    gain: Fraction | None


@dataclass(frozen=True, slots=True)
class EditorOption:
    """One choice of the row in work."""

    code: str
    criteria: str
    value: Fraction
    is_now: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class EditorInput:
    """One count of the row in work, as it stands and as the scenario has it."""

    name: str
    label: str
    now: str
    value: str


@dataclass(frozen=True, slots=True)
class Editor:
    """The row in work: options to choose from, or counts to fill."""

    row: RowLink
    options: tuple[EditorOption, ...]
    inputs: tuple[EditorInput, ...]
    is_changed: bool


@dataclass(frozen=True, slots=True)
class ScenarioPage:
    """One scenario. other: another one beside it; others: those one may choose.

    picks: the rows that would add most; sections: all rows, to choose any. can_promote: whether
    the person may write the track now.
    """

    scenario: Scenario
    track_label: str
    verdict: Verdict
    total_now: Fraction
    total_then: Fraction
    gates: tuple[SimulatedGate, ...]
    predicates: tuple[str, ...]
    changed: tuple[ChangedRow, ...]
    editor: Editor | None
    picks: tuple[RowLink, ...]
    sections: tuple[tuple[str, tuple[RowLink, ...]], ...]
    warnings: tuple[str, ...]
    other: Scenario | None
    others: tuple[Scenario, ...]
    can_change: bool
    can_simulate: bool
    can_promote: bool

    @property
    def difference(self) -> Fraction:
        """Return what the scenario adds to the total."""
        return self.total_then - self.total_now


def _on_track(facts: Facts, track: str) -> Facts:
    """Return the facts as if only one track existed."""
    return replace(
        facts,
        answers={track: facts.answers[track]},
        results={track: facts.results[track]},
        interim=None,
    )


def simulated(facts: Facts, track: str, changes: scoring.Answers) -> Facts:
    """Return facts whose one track has some rows answered otherwise; nothing is stored."""
    answers = {**facts.answers[track], **changes}
    result = scoring.score(facts.engine, answers)
    return replace(facts, answers={track: answers}, results={track: result}, interim=None)


def scenario_list(assessment: Assessment, user: User) -> ScenarioList:
    """Return the list; two statements beside those of ``load_facts``, however many there are."""
    facts = load_facts(assessment, user)
    rows = Scenario.objects.visible_to(user).filter(assessment=assessment).for_page()
    scenarios = [row for row in rows if row.track in facts.results]
    changes: dict[int, dict[str, scoring.Answer]] = {row.pk: {} for row in scenarios}
    stored = ScenarioAnswer.objects.filter(scenario__assessment=assessment)
    for key, pk, choice, inputs in stored.values_list(
        "scenario_id", "indicator_id", "choice", "inputs"
    ):
        if key in changes:
            changes[key][facts.catalog.codes[pk]] = answer_value(choice, inputs)
    return ScenarioList(
        lines=tuple(_line(facts, row, changes[row.pk], user) for row in scenarios),
        tracks=tuple((str(track), track_label(track)) for track in facts.results),
        starts=tuple(facts.result.gates),
        can_create=can_simulate(user, assessment),
    )


def _line(facts: Facts, scenario: Scenario, changes: scoring.Answers, user: User) -> ScenarioLine:
    now = facts.results[scenario.track]
    then = scoring.score(facts.engine, {**facts.answers[scenario.track], **changes})
    return ScenarioLine(
        scenario=scenario,
        track=track_label(scenario.track),
        is_own=scenario.created_by_id == user.pk,
        total=then.total,
        difference=then.total - now.total,
        gates=tuple((code, gate.met) for code, gate in then.gates.items()),
    )


def starting_answers(
    assessment: Assessment, user: User, track: str, start: str
) -> dict[str, scoring.Answer]:
    """Return the rows that a new scenario changes: none, or those of a shortest way."""
    facts = load_facts(assessment, user)
    if track not in facts.results or start not in facts.result.gates:
        return {}
    way = way_to(_on_track(facts, track), Links.of(assessment, facts.catalog), start)
    return way.changes


def may_start_on(assessment: Assessment, user: User, track: str) -> bool:
    """Tell whether the person sees a track in full, so that a scenario may stand on it."""
    return track in visible_tracks(user, assessment)


def scenario_page(
    scenario: Scenario, user: User, *, editing: str = "", other: Scenario | None = None
) -> ScenarioPage | None:
    """Return a scenario opened; None when the person does not see its track any more.

    editing: the code of the row in work. other: another scenario of the same track.
    """
    assessment = scenario.assessment
    facts = load_facts(assessment, user)
    track = scenario.track
    if track not in facts.results:
        return None
    links = Links.of(assessment, facts.catalog)
    changes = overrides(scenario)
    now, then = _on_track(facts, track), simulated(facts, track, changes)
    beside = simulated(facts, track, overrides(other)) if other else None
    siblings = Scenario.objects.visible_to(user).filter(assessment=assessment, track=track)
    return ScenarioPage(
        scenario=scenario,
        track_label=track_label(track),
        verdict=verdict_of(then),
        total_now=now.result.total,
        total_then=then.result.total,
        gates=_gates(now, then, beside, links),
        predicates=tuple(then.result.gates),
        changed=tuple(_changed(now, then, links, changes)),
        editor=_editor(now, links, changes, editing) if editing in facts.catalog.ids else None,
        picks=tuple(item.row for item in potentials(then, links)[:SUGGESTED]),
        sections=tuple(
            (section.label, tuple(row_link(facts, links, code) for code in section.indicator_codes))
            for section in facts.catalog.sections
        ),
        warnings=tuple(
            warning.message for warning in then.result.warnings if warning.code in changes
        ),
        other=other,
        others=tuple(siblings.exclude(pk=scenario.pk)),
        can_change=can_change_scenario(user, scenario),
        can_simulate=can_simulate(user, assessment),
        can_promote=bool(changes) and pen_of(user, assessment, Track(track)) is not None,
    )


def _gates(
    now: Facts, then: Facts, beside: Facts | None, links: Links
) -> tuple[SimulatedGate, ...]:
    others = [row.points for row in gate_rows(beside, links)] if beside else None
    pairs = zip(gate_rows(now, links), gate_rows(then, links), strict=True)
    return tuple(
        SimulatedGate(
            label=after.label,
            now=before.points,
            then=after.points,
            other=others[number] if others else None,
            cells=after.cells,
        )
        for number, (before, after) in enumerate(pairs)
    )


def _changed(now: Facts, then: Facts, links: Links, changes: scoring.Answers):
    """Yield the changed rows in the worksheet's order."""
    moved = now.result.excluded != then.result.excluded
    for code, indicator in now.engine.indicators.items():
        if code not in changes:
            continue
        before = now.answers[now.lead].get(code)
        values = [facts.result.values[code] or scoring.ZERO for facts in (now, then)]
        yield ChangedRow(
            row=row_link(now, links, code),
            before=answer_text(indicator, before),
            after=answer_text(indicator, changes[code]),
            gain=None if moved else now.engine.portions[code] * (values[1] - values[0]),
        )


def answer_text(indicator: scoring.Indicator, answer: scoring.Answer) -> str:
    """Return an answer in a few characters: "B", "4 / 9", a dash for none."""
    if answer is None:
        return "–"
    if isinstance(answer, str):
        return answer
    numbers = [answer.get(item.name) for item in indicator.inputs]
    return " / ".join("–" if n is None else scoring.number_text(n) for n in numbers)


def _editor(facts: Facts, links: Links, changes: scoring.Answers, code: str) -> Editor:
    indicator = facts.engine.indicators[code]
    now = facts.answers[facts.lead].get(code)
    chosen = changes.get(code, now)
    return Editor(
        row=row_link(facts, links, code),
        options=tuple(
            EditorOption(
                option.code,
                option.criteria,
                option.value,
                option.code == now,
                option.code == chosen,
            )
            for option in indicator.options
        ),
        inputs=tuple(
            EditorInput(item.name, item.label, _number(now, item), _number(chosen, item))
            for item in indicator.inputs
        ),
        is_changed=code in changes,
    )


def _number(answer: scoring.Answer, item: scoring.Input) -> str:
    if not answer or isinstance(answer, str) or answer.get(item.name) is None:
        return ""
    return scoring.number_text(answer[item.name])
