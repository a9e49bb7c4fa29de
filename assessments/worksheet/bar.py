"""The score bar: the figure that counts, the other reading, and every gate of the target."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import scoring
from assessments.models import Assessment, Track
from assessments.worksheet.sheet import Sheet

TRACK_LABELS: dict[str, str | Promise] = {
    Track.UNIT: gettext_lazy("Nilai unit"),
    Track.TPI: gettext_lazy("Nilai TPI"),
    Track.TPN: gettext_lazy("Nilai TPN"),
}


@dataclass(frozen=True, slots=True)
class GateView:
    """One rule of the predicate: its name, what was reached, and the bar with its tick (0..100)."""

    code: str
    name: str
    title: str
    met: bool
    reached: str
    note: str
    fill: str
    tick: str
    url: str
    starts_group: bool


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """The sticky bar of a track, and the sentence that says where it stands.

    ``incomplete`` is the number of rows that count 0 because nobody answered them; ``beside`` the
    total of the other side where it may be seen, blank elsewhere. ``kind`` is ok, bad, or info
    while rows are unanswered.
    """

    track: str
    label: str | Promise
    predicate: str
    total: str
    total_met: bool
    required: str
    filled: str
    incomplete: int
    beside: str
    gates: tuple[GateView, ...]
    verdict: str
    verdict_detail: str
    verdict_url: str
    kind: str

    @property
    def unmet_count(self) -> int:
        """Return how many gates fail, the total left out."""
        return sum(not gate.met for gate in self.gates)


def score_bar(sheet: Sheet, result: scoring.Result | None = None, *, beside: str = "") -> ScoreBar:
    """Return the bar of the track in front, for the predicate that the unit aims at."""
    track, predicate = sheet.track, sheet.assessment.target
    result = result or sheet.result(track)
    gate = result.gates[predicate]
    total = next(rule for rule in gate.rules if rule.code == scoring.TOTAL)
    kind, verdict, detail, target = _verdict(result, predicate)
    gates, group = [], None
    for rule in gate.rules:
        if rule.code == scoring.TOTAL:
            continue
        new_group = _group(rule.code)
        url = explain_url(sheet.assessment, f"{predicate}:{rule.code}", track)
        gates.append(_gate(rule, url, starts_group=group is not None and new_group != group))
        group = new_group
    return ScoreBar(
        track=track,
        label=TRACK_LABELS[track],
        predicate=predicate,
        total=scoring.reached_text(total.required, total.reached),
        total_met=total.met,
        required=scoring.points_text(total.required),
        filled=scoring.points_text(result.readings[scoring.Reading.FILLED].total),
        incomplete=len(result.missing),
        beside=beside,
        gates=tuple(gates),
        verdict=verdict,
        verdict_detail=detail,
        verdict_url=explain_url(sheet.assessment, target, track),
        kind="info" if result.missing and kind != "ok" else kind,
    )


def _group(code: str) -> str:
    return "area" if code.startswith("area.") else "lever" if code == "pengungkit" else "result"


def explain_url(assessment: Assessment, target: str, track: str) -> str:
    """Return where a figure of a track is explained."""
    return f"{reverse('assessments:figure', args=[assessment.pk, target])}?jalur={track}"


def _gate(rule: scoring.RuleResult, url: str, *, starts_group: bool) -> GateView:
    return GateView(
        code=rule.code,
        name=short_name(rule),
        title=_("{label}: ambang {required} dari {weight}").format(
            label=rule.label,
            required=scoring.points_text(rule.required),
            weight=scoring.points_text(rule.weight),
        ),
        met=rule.met,
        reached=scoring.reached_text(rule.required, rule.reached),
        note=_("ambang {points}").format(points=scoring.points_text(rule.required))
        if rule.met
        else _("kurang {points}").format(points=scoring.gap_text(rule.required, rule.reached)),
        fill=_width(rule.reached, rule.weight),
        tick=_width(rule.required, rule.weight),
        url=url,
        starts_group=starts_group,
    )


_SMALL_WORDS = frozenset({"nilai", "dan", "yang", "lebih", "dari", "hasil", "tiap"})
_COMMON_WORDS = frozenset({"birokrasi", "capaian", "pemerintah", "pelayanan", "survei", "persepsi"})


def short_name(rule: scoring.RuleResult) -> str:
    """Return a gate's name as short as the bar needs it: "Area 5", "Pengungkit", "IPAK".

    An abbreviation in brackets wins; else the first word that tells the gate from the others.
    """
    if rule.code.startswith("area."):
        return _("Area {code}").format(code=rule.code.removeprefix("area."))
    if rule.label.endswith(")") and "(" in rule.label:
        return rule.label[rule.label.rindex("(") + 1 : -1]
    words = [word for word in rule.label.split() if word.casefold() not in _SMALL_WORDS]
    telling = [word for word in words if word.casefold() not in _COMMON_WORDS]
    return (telling or words or [rule.label])[0].capitalize()


def _width(part, whole) -> str:
    """Return a share as a width of 100 in an SVG attribute."""
    return f"{float(min(part / whole, 1) * 100):.2f}"


def _verdict(result: scoring.Result, predicate: str) -> tuple[str, str, str, str]:
    """Return kind, sentence, detail and the rule that it is about."""
    ready = scoring.readiness(result, predicate)
    if ready.kind is scoring.Verdict.MET:
        thin = ready.thinnest
        words = (
            _("Selisih paling tipis: {label}, {margin} poin di atas ambang.")
            if thin.margin
            else _("Paling tipis: {label}, tepat di ambang.")
        )
        return (
            "ok",
            _("Semua ambang {predicate} terpenuhi.").format(predicate=predicate),
            words.format(label=thin.label, margin=_down(thin.margin)),
            f"{predicate}:{thin.code}",
        )
    others = [rule for rule in ready.unmet if rule.code != scoring.TOTAL]
    if ready.kind is scoring.Verdict.TOO_LOW:
        rule = next(rule for rule in ready.unmet if rule.code == scoring.TOTAL)
        sentence = _("Nilai total belum cukup.")
        if others:
            sentence = _("Nilai total belum cukup, dan {n} ambang lain belum terpenuhi.").format(
                n=len(others)
            )
    else:
        rule = ready.widest
        sentence = _("Nilai total cukup, tetapi {n} ambang belum terpenuhi.").format(n=len(others))
    detail = _("{label} bernilai {reached} dari ambang {required}: kurang {gap} poin.").format(
        label=rule.label,
        reached=scoring.reached_text(rule.required, rule.reached),
        required=scoring.points_text(rule.required),
        gap=scoring.gap_text(rule.required, rule.reached),
    )
    return "bad", sentence, detail, f"{predicate}:{rule.code}"


def _down(margin) -> str:
    """Return a margin that is never rounded in the unit's favour."""
    hundredths = margin * 100
    whole = hundredths.numerator // hundredths.denominator
    return scoring.points_text(scoring.Fraction(whole, 100))
