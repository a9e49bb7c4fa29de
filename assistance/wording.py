"""The first wording of a recommendation: what a row says now and what its next option asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.dashboard import Facts, Links, load_facts, way_to
from assessments.models import Answer, Assessment, Track
from assessments.permissions import TpiView, sees_tpi_row, tpi_view
from assistance.models import Priority
from units.models import User

DAYS_TO_DO = 30
EXPECTED_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form offers for one row; every word may be changed."""

    code: str
    statement: str
    condition: str
    criterion: str
    effect: str
    advice: str
    priority: int
    reason: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Said:
    """What the TPI wrote on a row, as far as the person may read it."""

    condition: str = ""
    advice: str = ""
    reason: str = ""


def first_due() -> date:
    """Return the due date that a form offers."""
    return timezone.localdate() + timedelta(days=DAYS_TO_DO)


def offers_for(assessment: Assessment, user: User, codes: list[str]) -> dict[str, Offer]:
    """Return an offer per row; only of what the person may see. Five statements, six after a new
    edition."""
    facts = load_facts(assessment, user)
    return _offers(facts, user, codes)


def offers_on_the_way(assessment: Assessment, user: User, predicate: str) -> dict[str, Offer]:
    """Return an offer per step of the shortest way to a predicate, in its order.

    Raises KeyError for a predicate that the edition does not know.
    """
    facts = load_facts(assessment, user)
    if predicate not in facts.result.gates:
        raise KeyError(predicate)
    way = way_to(facts, Links.of(assessment, facts.catalog), predicate)
    return _offers(facts, user, [step.row.code for step in way.steps])


def _offers(facts: Facts, user: User, codes: list[str]) -> dict[str, Offer]:
    potential = scoring.potential(facts.engine, facts.answers[facts.lead], facts.result)
    said = _conditions(facts, user, codes)
    return {code: _offer(facts, code, potential.get(code), said.get(code)) for code in codes}


def _conditions(facts: Facts, user: User, codes: list[str]) -> dict[str, Said]:
    """Return the words and the reason of the TPI's rows that the person sees; at most one query."""
    view = tpi_view(user, facts.assessment)
    if view is TpiView.NOTHING:
        return {}
    rows = Answer.objects.filter(
        assessment=facts.assessment,
        track=Track.TPI,
        indicator__in=[facts.catalog.ids[code] for code in codes],
    ).values_list("indicator_id", "condition", "advice", "reason", "repair_reason", "review_state")
    return {
        facts.catalog.codes[pk]: Said(condition, advice, reason or repair)
        for pk, condition, advice, reason, repair, state in rows
        if sees_tpi_row(view, state)
    }


def _offer(
    facts: Facts, code: str, potential: scoring.Potential | None, said: Said | None
) -> Offer:
    row = facts.engine.indicators[code]
    answer = facts.answers[facts.lead].get(code)
    said = said or Said()
    aim = facts.assessment.target
    helps = [
        rule.label
        for rule in facts.result.gates[aim].rules
        if not rule.met and potential and f"{aim}:{rule.code}" in potential.rules
    ]
    criterion, advice = _asked(facts, row, answer)
    return Offer(
        code=code,
        statement=row.statement,
        condition=said.condition or _standing(row, answer),
        criterion=criterion,
        effect=_effect(potential, helps, aim),
        advice=said.advice or advice,
        priority=Priority.HIGH if helps else Priority.MEDIUM,
        reason=said.reason,
        due_on=first_due(),
    )


def _standing(row: scoring.Indicator, answer: scoring.Answer | None) -> str:
    """Return what the row says now, in a sentence."""
    if answer is None:
        return _("Butir ini belum dijawab.")
    if isinstance(answer, str):
        option = next(option for option in row.options if option.code == answer)
        return _("Keadaan sekarang: {criteria}").format(criteria=_sentence(option.criteria))
    figures = [
        f"{item.label} {scoring.number_text(answer[item.name])}"
        for item in row.inputs
        if answer.get(item.name) is not None
    ]
    return _("Keadaan sekarang: {criteria}").format(criteria=_sentence("; ".join(figures)))


def _asked(facts: Facts, row: scoring.Indicator, answer: scoring.Answer | None) -> tuple[str, str]:
    """Return the criterion of the next better option, and the advice to meet it."""
    if row.is_computed:
        labels = "; ".join(item.label for item in row.inputs)
        criterion = _("Capaian penuh menurut hitungan: {labels}.").format(labels=labels)
        return criterion, _("Tingkatkan capaian sampai penuh dan simpan data pendukungnya.")
    places = [option.code for option in row.options]
    better = row.options[max(0, places.index(answer) - 1)] if answer else row.best
    criteria = _sentence(better.criteria or row.statement)
    criterion = _("Pilihan {letter}: {criteria}").format(letter=better.code, criteria=criteria)
    advice = _("Penuhi kriteria pilihan {letter}: {criteria}").format(
        letter=better.code, criteria=criteria
    )
    expected = facts.catalog.evidence.get(row.code, ())[:EXPECTED_SHOWN]
    if expected:
        advice += "\n" + _("Siapkan bukti: {names}.").format(
            names="; ".join(text.rstrip(".") for text in expected)
        )
    return criterion, advice


def _effect(potential: scoring.Potential | None, helps: list[str], aim: str) -> str:
    if potential is None or not potential.points:
        return ""
    points = scoring.points_text(potential.points)
    if not helps:
        return _("Butir ini kehilangan {x} poin.").format(x=points)
    return _("Butir ini kehilangan {x} poin dan menahan ambang {predicate}: {rules}.").format(
        x=points, predicate=aim, rules=", ".join(helps)
    )


def _sentence(text: str) -> str:
    """Return a text that ends as a sentence does."""
    text = " ".join(text.split()).rstrip(".;,")
    return f"{text}." if text else ""
