"""The shortest way to each predicate, as a checklist with the score after every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from assessments import planning, scoring
from assessments.catalog import Catalog
from assessments.dashboard.facts import Facts, Links
from assessments.dashboard.rows import RowLink, row_link


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to bring about. before, after: the answer's letters, empty where counts move.

    is_survey: an index to reach, which no answer of the unit changes.
    """

    row: RowLink
    label: str
    before: str
    after: str
    steps: int
    gain: Fraction
    total: Fraction
    is_survey: bool


@dataclass(frozen=True, slots=True)
class Way:
    """The shortest way to a predicate from the leading track's answers.

    blocking: (rule, why) pairs where no way exists. upgrade_count: option steps without surveys.
    changes: the rows' new answers, to try them out.
    """

    predicate: str
    already_met: bool
    feasible: bool
    steps: tuple[Step, ...]
    blocking: tuple[tuple[str, str], ...]
    upgrade_count: int
    survey_count: int
    total_before: Fraction
    total_after: Fraction
    changes: Mapping[str, scoring.Answer] = field(default_factory=dict)


def way_to(facts: Facts, links: Links, predicate: str) -> Way:
    """Return the shortest way; survey indices may rise to what the predicate asks of them."""
    answers = facts.answers[facts.lead]
    plan = cached_plan(facts.catalog, answers, predicate)
    steps = tuple(
        _step(facts, links, upgrade, total)
        for upgrade, total in zip(plan.upgrades, plan.totals_by_step, strict=True)
    )
    return Way(
        predicate=predicate,
        already_met=plan.already_met,
        feasible=plan.feasible,
        steps=steps,
        blocking=tuple((item.label, item.reason) for item in plan.blocking),
        upgrade_count=sum(step.steps for step in steps if not step.is_survey),
        survey_count=sum(step.is_survey for step in steps),
        total_before=facts.result.total,
        total_after=plan.total_after,
        changes={upgrade.code: upgrade.to for upgrade in plan.upgrades},
    )


def _step(facts: Facts, links: Links, upgrade: planning.Upgrade, total: Fraction) -> Step:
    row = facts.engine.indicators[upgrade.code]
    is_survey = row.is_computed and row.computation.kind == scoring.SCORE04
    return Step(
        row=row_link(facts, links, upgrade.code),
        label=upgrade.label[:1].upper() + upgrade.label[1:],
        before=_shown(row, upgrade.from_, is_survey),
        after=_shown(row, upgrade.to, is_survey),
        steps=upgrade.steps,
        gain=upgrade.gain,
        total=total,
        is_survey=is_survey,
    )


def _shown(row: scoring.Indicator, answer: scoring.Answer, is_survey: bool) -> str:
    if answer is None:
        return "–"
    if isinstance(answer, str):
        return answer
    return scoring.number_text(answer[row.inputs[0].name]) if is_survey else ""


def index_targets(engine: scoring.Instrument, answers: scoring.Answers, predicate: str) -> dict:
    """Return the survey indices that a predicate asks for and the answers do not reach.

    An index counts when a rule stands on its row alone; it is rounded up to two decimals, at
    which indices are locked.
    """
    targets: dict[str, Decimal] = {}
    for rule in engine.thresholds[predicate]:
        rows = [
            row for code in rule.nodes for n in engine.nodes[code].walk() for row in n.indicators
        ]
        if len(rows) != 1 or not rows[0].is_computed:
            continue
        row = rows[0]
        if row.computation.kind != scoring.SCORE04:
            continue
        needed = rule.required / rule.weight * scoring.SURVEY_SCALE * 100
        index = Decimal(-(-needed.numerator // needed.denominator)).scaleb(-2)
        answer = answers.get(row.code)
        reached = Decimal(answer[row.inputs[0].name]) if answer else Decimal(0)
        if reached < index:
            targets[row.code] = max(index, targets.get(row.code, index))
    return targets


def cached_plan(catalog: Catalog, answers: scoring.Answers, predicate: str) -> planning.Plan:
    """Return the plan for some answers; remembered per process, since it never changes."""
    return _planned(_Question(catalog, predicate, _frozen(answers)))


def _frozen(answers: scoring.Answers) -> tuple:
    return tuple(
        (code, tuple(sorted(value.items())) if isinstance(value, Mapping) else value)
        for code, value in sorted(answers.items())
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """What a plan depends on; equal questions have equal plans."""

    catalog: Catalog
    predicate: str
    answers: tuple

    def __hash__(self) -> int:
        return hash((self.catalog.checksum, self.predicate, self.answers))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Question)
            and self.catalog.checksum == other.catalog.checksum
            and (self.predicate, self.answers) == (other.predicate, other.answers)
        )


@lru_cache(maxsize=256)
def _planned(question: _Question) -> planning.Plan:
    engine = question.catalog.engine
    answers = {
        code: dict(value) if isinstance(value, tuple) else value for code, value in question.answers
    }
    return planning.plan(
        engine,
        answers,
        question.predicate,
        index_targets=index_targets(engine, answers, question.predicate),
    )
