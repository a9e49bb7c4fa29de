"""The first sentence of the dashboard: where the unit stands, in the words of the house.

It never says that a unit is ready or may be proposed: the conditions outside the score are not
judged here, and what is not judged is not fulfilled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import scoring
from assessments.dashboard.facts import Facts
from assessments.dashboard.gates import fall_text, thin_rules
from assessments.journey.eligibility import Checklist
from assessments.models import State, Track

ABBREVIATION = re.compile(r"\(([A-Z]{3,6})\)$")
NAMED_RULES = 3
"""How many unmet gates the second sentence names; the table has them all."""


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a sentence; tone "", "ok", "warn" or "bad" for the decisive ones."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer and why. kind: "empty", or one of scoring.Verdict."""

    kind: str
    say: tuple[Span, ...]
    why: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the sentence as plain words."""
        return "".join(span.text for span in self.say)


def verdict_of(facts: Facts, conditions: Checklist | None = None) -> Verdict:
    """Return the verdict on the predicate that the unit aims at.

    conditions: those outside the score as they stand; None where the page is not about them.
    """
    target, result = facts.assessment.target, facts.result
    if not result.answered:
        waiting = len(facts.engine.indicators)
        return Verdict(
            "empty",
            (Span(_("LKE ")), Span(_("belum diisi"), "warn"), Span(".")),
            (_("{n} butir menunggu jawaban.").format(n=waiting),),
        )
    ready = scoring.readiness(result, target)
    why = []
    if result.missing:
        why.append(
            _("Nilai sementara: masih ada {n} butir yang belum dijawab.").format(
                n=len(result.missing)
            )
        )
    if ready.kind is scoring.Verdict.MET:
        say = (
            Span(_("Semua ambang {predicate} terpenuhi; ").format(predicate=target)),
            Span(conditions.short, conditions.tone)
            if conditions
            else Span(_("syarat usulan dinilai tersendiri"), "warn"),
            Span("."),
        )
        if ready.requires and not is_held(ready.requires, conditions):
            why.append(
                _("Predikat {predicate} yang mendahuluinya belum dinyatakan terpenuhi.").format(
                    predicate=ready.requires
                )
            )
    elif ready.kind is scoring.Verdict.RULE_FAILS:
        unmet = ngettext(
            "{n} ambang belum terpenuhi", "{n} ambang belum terpenuhi", len(ready.unmet)
        ).format(n=len(ready.unmet))
        say = (
            Span(_("Nilai total cukup untuk {predicate}, tetapi ").format(predicate=target)),
            Span(unmet, "bad"),
            Span("."),
        )
    else:
        total = next(rule for rule in ready.unmet if rule.code == scoring.TOTAL)
        say = (
            Span(_("Nilai total belum cukup untuk {predicate}: ").format(predicate=target)),
            Span(_("kurang {x} poin").format(x=gap(total)), "bad"),
            Span("."),
        )
    named = [rule for rule in ready.unmet if rule.code != scoring.TOTAL]
    if named:
        why.append(_unmet_sentence(named))
    why += [thin_sentence(rule) for rule in thin_rules(facts, target)[:1]]
    if facts.lead == Track.UNIT:
        why.insert(0, _whose_word(facts, target))
    return Verdict(ready.kind, say, tuple(why))


def _whose_word(facts: Facts, target: str) -> str:
    """Return whose figures these are where the TPI's stay closed, and what its total says so far.

    Only a finished interim result speaks: of fewer rows it would blame what nobody has read yet.
    """
    if facts.assessment.state == State.DRAFT:
        return _("Menurut penilaian mandiri unit yang belum diajukan.")
    interim = facts.interim
    if interim is None or interim.missing:
        return _("Menurut penilaian mandiri unit; penilaian TPI belum selesai.")
    total = scoring.points_text(interim.readings[scoring.Reading.SAFE].total)
    # Gates of one or two rows would tell those rows; total and areas are shown anyway.
    short = [
        short_label(rule)
        for rule in scoring.readiness(interim, target).unmet
        if rule.code == scoring.TOTAL or rule.code.startswith("area.")
    ]
    if not short:
        return _("Menurut penilaian mandiri unit; nilai TPI sementara {total}.").format(total=total)
    return _(
        "Menurut penilaian mandiri unit; dengan nilai TPI sementara {total}, yang belum memenuhi "
        "ambang {predicate}: {names}."
    ).format(total=total, predicate=target, names=", ".join(short))


def is_held(predicate: str, conditions: Checklist | None) -> bool:
    """Tell whether the predicate that must come first is among the settled conditions."""
    code = f"predikat_{predicate.lower()}"
    items = conditions.items if conditions else ()
    return any(item.condition.code == code and item.is_settled for item in items)


def gap(rule: scoring.RuleResult) -> str:
    """Return what a rule lacks, rounded up."""
    return scoring.gap_text(rule.required, rule.reached)


def short_label(rule: scoring.RuleResult) -> str:
    """Return how a rule is called inside a sentence: "Area 5", "IPAK", else its label."""
    if rule.code.startswith("area."):
        return rule.label.partition(". ")[0]
    name = ABBREVIATION.search(rule.label)
    return name[1] if name else rule.label


def _unmet_sentence(rules: list[scoring.RuleResult]) -> str:
    parts = [
        _("{rule} kurang {x}").format(rule=short_label(rule), x=gap(rule))
        for rule in rules[:NAMED_RULES]
    ]
    if len(rules) > NAMED_RULES:
        parts.append(_("{n} ambang lain").format(n=len(rules) - NAMED_RULES))
    return _("Belum terpenuhi: {list}.").format(list="; ".join(parts))


def thin_title(rule: scoring.RuleResult) -> str:
    """Return what is said of a gate that is met by a hair: "IPAK tipis di atas ambang"."""
    words = _("{rule} tipis di atas ambang") if rule.margin else _("{rule} tepat di ambang")
    return words.format(rule=short_label(rule))


def thin_sentence(rule: scoring.RuleResult) -> str:
    """Return the early warning about a gate that is met by a hair."""
    reached, required = _share(rule)
    return _("{title}: {reached} dari paling sedikit {required}. {fall}").format(
        title=thin_title(rule), reached=reached, required=required, fall=fall_sentence(rule)
    )


def fall_sentence(rule: scoring.RuleResult) -> str:
    """Return how little a met gate may lose."""
    if rule.margin == 0:
        return _("Penurunan sekecil apa pun membuatnya belum terpenuhi.")
    return _("Turun {x} poin saja sudah di bawah ambang.").format(x=fall_text(rule))


def _share(rule: scoring.RuleResult) -> tuple[str, str]:
    """Return reached and required as percent for an area, in points for the rest."""
    if not rule.code.startswith("area."):
        return scoring.points_text(rule.reached), scoring.points_text(rule.required)
    return (
        scoring.percent_text(rule.reached / rule.weight),
        scoring.percent_text(rule.required / rule.weight),
    )
