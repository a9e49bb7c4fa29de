"""The shortest way to each predicate, as a checklist with the score after every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments import planning, scoring
from assessments.catalog import Catalog
from assessments.dashboard.facts import Facts, Links
from assessments.dashboard.rows import RowLink, row_link
from assessments.models import Period, RowEffort


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to bring about. before, after: the answer's letters, empty where counts move.

    is_survey: an index to reach, which no answer of the unit changes. note: what the unit said
    of the row's effort and earliest day, empty where it said nothing.
    """

    row: RowLink
    label: str
    before: str
    after: str
    steps: int
    gain: Fraction
    total: Fraction
    is_survey: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """The shortest way to a predicate from the leading track's answers.

    blocking: (rule, why) pairs where no way exists. upgrade_count: option steps without surveys.
    cost: steps times the unit's efforts, None without a way. plan_count: rows of which the unit
    said something.
    changes: the rows' new answers, to try them out.
    """

    predicate: str
    already_met: bool
    feasible: bool
    steps: tuple[Step, ...]
    blocking: tuple[tuple[str, str], ...]
    upgrade_count: int
    survey_count: int
    cost: int | None
    plan_count: int
    total_before: Fraction
    total_after: Fraction
    changes: Mapping[str, scoring.Answer] = field(default_factory=dict)


def way_to(facts: Facts, links: Links, predicate: str) -> Way:
    """Return the shortest way that keeps what the unit says of its rows.

    Survey indices may rise to the unit's target, else to what the predicate asks of them.
    """
    answers = facts.answers[facts.lead]
    wishes = wishes_of(facts.plans, facts.assessment.period)
    plan = cached_plan(facts.catalog, answers, predicate, wishes)
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
        cost=plan.cost,
        plan_count=len(facts.plans),
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
        note=_note(facts.plans.get(upgrade.code)),
    )


def _note(plan: RowEffort | None) -> str:
    """Return what the unit said of a row that its way raises."""
    if plan is None:
        return ""
    parts = []
    if plan.effort > RowEffort.MIN_EFFORT:
        parts.append(_("upaya {n} per langkah").format(n=plan.effort))
    if plan.earliest_on:
        parts.append(_("paling cepat {day}").format(day=date_format(plan.earliest_on, "j F Y")))
    return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the unit says of its rows, as planning takes it; hashable, sorted by code."""

    pinned: tuple[str, ...] = ()
    efforts: tuple[tuple[str, int], ...] = ()
    ruled_out: tuple[tuple[str, str], ...] = ()
    targets: tuple[tuple[str, Decimal], ...] = ()


NO_WISHES = Wishes()


def wishes_of(plans: Mapping[str, RowEffort], period: Period) -> Wishes:
    """Return what the unit says of its rows.

    A row that can be true only after the evidence window is ruled out: evidence must concern
    events inside it.
    """
    items = sorted(plans.items())
    return Wishes(
        pinned=tuple(code for code, plan in items if plan.is_pinned),
        efforts=tuple((code, plan.effort) for code, plan in items),
        ruled_out=tuple(
            (code, too_late(plan, period)) for code, plan in items if too_late(plan, period)
        ),
        targets=tuple(
            (code, plan.index_target) for code, plan in items if plan.index_target is not None
        ),
    )


def wishes_sentence(wishes: Wishes) -> str:
    """Say what the unit asked of its shortest way, for a page that shows the way alone."""
    parts = [
        (_("tahun ini tidak bisa {codes}"), wishes.pinned),
        (
            _("baru mungkin sesudah jendela bukti {codes}"),
            [code for code, _why in wishes.ruled_out],
        ),
        (
            _("lebih berat dari butir lain {codes}"),
            [code for code, effort in wishes.efforts if effort > RowEffort.MIN_EFFORT],
        ),
        (
            _("target indeks {codes}"),
            [f"{code} {scoring.number_text(target)}" for code, target in wishes.targets],
        ),
    ]
    said = "; ".join(text.format(codes=", ".join(codes)) for text, codes in parts if codes)
    return (
        _("Mengikuti yang dikatakan unit tentang upayanya: {said}.").format(said=said)
        if said
        else ""
    )


def too_late(plan: RowEffort, period: Period) -> str:
    """Return why a row comes too late for the period's evidence; "" where it does not."""
    if plan.earliest_on is None or plan.earliest_on <= period.evidence_to:
        return ""
    return _("baru mungkin {day}, jendela bukti berakhir {end}").format(
        day=date_format(plan.earliest_on, "j F Y"), end=date_format(period.evidence_to, "j F Y")
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


def cached_plan(
    catalog: Catalog, answers: scoring.Answers, predicate: str, wishes: Wishes
) -> planning.Plan:
    """Return the plan for some answers; remembered per process, since it never changes."""
    return _planned(_Question(catalog, predicate, _frozen(answers), wishes))


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
    wishes: Wishes

    def __hash__(self) -> int:
        return hash((self.catalog.checksum, self.predicate, self.answers, self.wishes))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Question)
            and self.catalog.checksum == other.catalog.checksum
            and (self.predicate, self.answers) == (other.predicate, other.answers)
            and self.wishes == other.wishes
        )


@lru_cache(maxsize=256)
def _planned(question: _Question) -> planning.Plan:
    engine = question.catalog.engine
    answers = {
        code: dict(value) if isinstance(value, tuple) else value for code, value in question.answers
    }
    return plan_with(engine, answers, question.predicate, question.wishes)


def plan_with(
    engine: scoring.Instrument, answers: scoring.Answers, predicate: str, wishes: Wishes
) -> planning.Plan:
    """Return the plan that keeps the unit's wishes; indices without a target as the rules ask."""
    asked = index_targets(engine, answers, predicate)
    return planning.plan(
        engine,
        answers,
        predicate,
        pinned=wishes.pinned,
        efforts=dict(wishes.efforts),
        ruled_out=dict(wishes.ruled_out),
        index_targets=asked | dict(wishes.targets),
    )
