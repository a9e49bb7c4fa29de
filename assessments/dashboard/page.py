"""The leader's one screen, whole: every figure of it comes from one scoring result per track."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.dashboard.facts import Facts, Links, load_facts
from assessments.dashboard.gates import GateRow, gate_rows, heading, other_tracks, thin_rules
from assessments.dashboard.history import Trend, trend_of
from assessments.dashboard.journey import way_of
from assessments.dashboard.rows import (
    AreaProgress,
    CrossTable,
    PotentialRow,
    RowLink,
    cross_table,
    potentials,
    progress,
    returned_rows,
    row_link,
)
from assessments.dashboard.verdict import (
    Verdict,
    fall_sentence,
    gap,
    is_held,
    thin_title,
    verdict_of,
)
from assessments.dashboard.ways import Step, Way, way_to
from assessments.journey.eligibility import Checklist
from assessments.journey.timeline import Journey
from assessments.models import Assessment, Track
from assessments.windows.reading import due_of
from units.models import User
from zona import charts
from zona.templatetags.zona_numbers import deadline_in

TOP_POTENTIALS = 6
TOP_STEPS = 8
CLOSING_ROWS = 3
NAMED_THIN = 3
NAMED_GATES = 5
"""How many unmet gates stand beside the table; the table has them all."""
NAMED_CONDITIONS = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure beside the verdict."""

    label: str
    value: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The next day that counts; days are negative once it has passed.

    ``ends`` says the moment in WIB and in the unit's own time.
    """

    label: str
    on: date
    days: int
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """Something that holds the proposal: a gate, a contradiction, a condition not yet judged.

    tone: "bad" not met, "warn" needs a look, "none" not judged. rows: those that would help most.
    """

    tone: str
    title: str
    text: str
    rows: tuple[RowLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The two readings of the leading track and how many rows still wait for an answer."""

    safe: Fraction
    filled: Fraction
    missing: int
    answered: int


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """All that the dashboard shows.

    lead: the track it speaks of; others: the headings of those beside it, in column order.
    last_year: the year that the gates table compares with, None without one.
    """

    assessment: Assessment
    lead: Track
    lead_label: str
    lead_heading: str
    others: tuple[str, ...]
    verdict: Verdict
    ring: SafeString
    reading: Reading
    facts: tuple[Fact, ...]
    deadline: Deadline | None
    gates: tuple[GateRow, ...]
    predicates: tuple[str, ...]
    last_year: int | None
    has_unit_dot: bool
    progress: tuple[AreaProgress, ...]
    returned: tuple[RowLink, ...]
    holding: tuple[Holding, ...]
    notes: tuple[str, ...]
    way: Way
    other_ways: tuple[Way, ...]
    fulfilment: charts.Chart | None
    fulfilment_say: str
    cross: CrossTable | None
    trend: Trend
    potentials: tuple[PotentialRow, ...]
    journey: Journey
    checklist: Checklist

    @property
    def way_steps(self) -> tuple[Step, ...]:
        """Return the first steps of the way; the rest has a page of its own."""
        return self.way.steps[:TOP_STEPS]

    @property
    def way_more(self) -> int:
        """Return how many steps the page leaves to that other page."""
        return max(0, len(self.way.steps) - TOP_STEPS)


def build_dashboard(assessment: Assessment, user: User, *, toward: str = "") -> DashboardPage:
    """Return the dashboard of a worksheet as one person may see it.

    assessment: loaded by ``for_page`` with the unit's pledge. toward: the predicate whose
    shortest way is shown; by default the target, or the next one once that is met.
    Costs the statements of ``load_facts`` and of ``way_of``.
    """
    facts = load_facts(assessment, user)
    links = Links.of(assessment, facts.catalog)
    journey = way_of(facts)
    others = other_tracks(facts)
    ways = tuple(way_to(facts, links, code) for code in facts.result.gates)
    aim = toward if toward in facts.result.gates else facts.aim
    ranked = potentials(facts, links)
    chart, say = fulfilment(facts)
    return DashboardPage(
        assessment=assessment,
        lead=facts.lead,
        lead_label=track_label(facts.lead),
        lead_heading=heading(facts, facts.lead),
        others=tuple(heading(facts, track) for track in others),
        verdict=verdict_of(facts, journey.checklist),
        ring=_ring(facts),
        reading=_reading(facts.result),
        facts=tuple(_facts(facts, links)),
        deadline=deadline_of(assessment, timezone.localdate()),
        gates=gate_rows(facts, links),
        predicates=tuple(facts.result.gates),
        last_year=facts.past[-1].year if facts.past else None,
        has_unit_dot=Track.UNIT in others,
        progress=progress(facts, links),
        returned=returned_rows(facts, links),
        holding=tuple(_holding(facts, links, ranked, journey.checklist)),
        notes=tuple(w.message for w in facts.result.warnings if _is_note(w)),
        way=next(way for way in ways if way.predicate == aim),
        other_ways=ways,
        fulfilment=chart,
        fulfilment_say=say,
        cross=cross_table(facts, links),
        trend=trend_of(facts),
        potentials=ranked[:TOP_POTENTIALS],
        journey=journey.journey,
        checklist=journey.checklist,
    )


def track_label(track: str) -> str:
    """Return how a track's figure is called."""
    return {Track.UNIT: _("Nilai unit"), Track.TPI: _("Nilai TPI"), Track.TPN: _("Nilai TPN")}[
        Track(track)
    ]


def _reading(result: scoring.Result) -> Reading:
    return Reading(
        safe=result.readings[scoring.Reading.SAFE].total,
        filled=result.readings[scoring.Reading.FILLED].total,
        missing=len(result.missing),
        answered=result.answered,
    )


def _is_note(warning: scoring.Warning) -> bool:
    """Tell whether a warning is worth a line: not those that a blank worksheet is full of."""
    return not warning.blocks and warning.kind is not scoring.WarningKind.NOTHING_ANSWERED


def _ring(facts: Facts) -> SafeString:
    """Return the six areas as a ring, with the total in the middle."""
    gate = facts.result.gates[facts.assessment.target]
    rules = {rule.code: rule for rule in gate.rules}
    segments, unmet = [], []
    for area in facts.engine.areas:
        rule = rules.get(f"area.{area.code}")
        reached = facts.result.readings[scoring.Reading.SAFE].areas[area.code].points
        met = None if rule is None or not reached else rule.met
        segments.append(met)
        if rule is not None and not rule.met:
            unmet.append(area.code)
    ruled = [code for code in rules if code.startswith("area.")]
    if not ruled:
        label = _("Edisi ini tidak mengatur ambang area")
    elif not unmet:
        label = _("Semua area memenuhi ambang {predicate}").format(predicate=gate.predicate)
    else:
        label = _("Area {areas} belum memenuhi ambang {predicate}").format(
            areas=", ".join(unmet), predicate=gate.predicate
        )
    return charts.ring(
        segments,
        label=label,
        size=132,
        figure=scoring.points_text(facts.result.total),
        caption=track_label(facts.lead).lower().replace("tpi", "TPI"),
    )


def _facts(facts: Facts, links: Links):
    """Yield the figures beside the verdict."""
    result = facts.result
    reading = _reading(result)
    yield Fact(
        _("Nilai butir terisi"),
        scoring.points_text(reading.filled),
        _("{n} butir belum dijawab").format(n=reading.missing)
        if reading.missing
        else _("semua butir terisi"),
        f"{links.explain(scoring.TOTAL, facts.lead)}&bacaan=filled",
    )
    for track in other_tracks(facts):
        if track in facts.results:
            other, label = facts.results[track], track_label(track)
            url = links.explain(scoring.TOTAL, track)
        else:
            other, label, url = facts.interim, _("Nilai TPI sementara"), ""
        note = _difference(other.total - result.total)
        yield Fact(label, scoring.points_text(other.total), note, url)
    for predicate, gate in result.gates.items():
        if predicate == facts.assessment.target:
            continue
        unmet = [rule for rule in gate.rules if not rule.met]
        total = next((rule for rule in unmet if rule.code == scoring.TOTAL), None)
        yield Fact(
            _("Menuju {predicate}").format(predicate=predicate)
            if unmet
            else _("Ambang {predicate}").format(predicate=predicate),
            _("terpenuhi")
            if not unmet
            else _("kurang {x}").format(x=gap(total))
            if total
            else _("nilai cukup"),
            _("{n} ambang belum").format(n=len(unmet)) if unmet else _("semua ambang"),
        )


def _difference(points: Fraction) -> str:
    if not points:
        return _("sama")
    word = _("lebih tinggi") if points > 0 else _("lebih rendah")
    return f"{scoring.points_text(abs(points))} {word}"


def deadline_of(assessment: Assessment, today: date) -> Deadline | None:
    """Return the next deadline of a worksheet's state, None where the period names none."""
    due = due_of(assessment)
    if due is None:
        return None
    ends = deadline_in(due.ends, assessment.unit.time_zone)
    return Deadline(due.label, due.day, (due.day - today).days, ends)


def _holding(
    facts: Facts, links: Links, ranked: Sequence[PotentialRow], conditions: Checklist
) -> Iterator[Holding]:
    """Yield what stands between the unit and a proposal, the unmet gates first."""
    target, result = facts.assessment.target, facts.result
    for warning in result.contradictions:
        yield Holding(
            "bad",
            _("Isian bertentangan pada {code}").format(code=warning.code),
            warning.message,
            (row_link(facts, links, warning.code),),
        )
    unmet = [rule for rule in result.gates[target].rules if not rule.met]
    nearest = sorted(unmet, key=lambda rule: rule.gap / rule.weight)
    for rule in nearest[:NAMED_GATES]:
        yield _unmet(facts, links, rule, ranked)
    if len(unmet) > NAMED_GATES:
        yield Holding(
            "bad",
            _("{n} ambang lain belum terpenuhi").format(n=len(unmet) - NAMED_GATES),
            _("Kekurangannya lebih besar; lihat tabel ambang."),
        )
    for rule in thin_rules(facts, target)[:NAMED_THIN]:
        yield Holding("warn", thin_title(rule), fall_sentence(rule))
    predicate = next(p for p in facts.engine.predicates if p.code == target)
    if predicate.requires and not is_held(predicate.requires, conditions):
        yield Holding(
            "none",
            _("Predikat {predicate} belum dinyatakan terpenuhi").format(
                predicate=predicate.requires
            ),
            _("{target} mensyaratkan predikat {predicate} yang telah diperoleh.").format(
                target=target, predicate=predicate.requires
            ),
        )
    if not conditions.is_settled:
        named = conditions.failed or conditions.unjudged
        labels = "; ".join(item.condition.label for item in named[:NAMED_CONDITIONS])
        yield Holding(
            "bad" if conditions.failed else "none",
            conditions.short[:1].upper() + conditions.short[1:],
            labels + ("; …" if len(named) > NAMED_CONDITIONS else "."),
        )


def _unmet(
    facts: Facts, links: Links, rule: scoring.RuleResult, ranked: Sequence[PotentialRow]
) -> Holding:
    """Return an unmet gate with the rows that would close it, or would help it most."""
    threshold = facts.engine.threshold(f"{facts.assessment.target}:{rule.code}")
    inside = {
        row.code
        for code in threshold.nodes
        for node in facts.engine.nodes[code].walk()
        for row in node.indicators
    }
    helping = [item for item in ranked if item.row.code in inside]
    closing = [item for item in helping if item.points >= rule.gap]
    return Holding(
        "bad",
        _("{rule} kurang {x} poin").format(rule=rule.label, x=gap(rule)),
        _closing_sentence(helping, closing),
        tuple(item.row for item in (closing or helping)[:CLOSING_ROWS]),
    )


def _closing_sentence(helping: Sequence[PotentialRow], closing: Sequence[PotentialRow]) -> str:
    if closing:
        return _("Nilai penuh pada salah satu butir ini sudah menutupnya:")
    if helping:
        return _("Butir yang paling banyak menambah:")
    return _("Tidak ada butir yang dapat menambah nilai bagian ini.")


# Fulfilment and reform ------------------------------------------------------------------------


def fulfilment(facts: Facts) -> tuple[charts.Chart | None, str]:
    """Return each area's two aspects on one line; None without answers, or without aspects."""
    engine = facts.engine
    areas = [area for area in engine.areas if len(area.nodes) == 2]
    if not areas or not facts.result.answered:
        return None, ""
    names = [engine.nodes[engine.parent_of(code)].name for code in areas[0].nodes]
    earned = facts.result.readings[scoring.Reading.SAFE].nodes
    ratios = {
        area.code: tuple(earned[code] / engine.nodes[code].weight for code in area.nodes)
        for area in areas
    }
    pairs = [
        charts.Pair(
            f"{area.code}. {short_name(area.name)}",
            ratios[area.code][0],
            scoring.percent_text(ratios[area.code][0]),
            ratios[area.code][1],
            scoring.percent_text(ratios[area.code][1]),
        )
        for area in areas
    ]
    chart = charts.dumbbell(
        "aspek",
        pairs,
        title=_("{first} dan {second} per area").format(first=names[0], second=names[1].lower()),
        row_name=_("Area"),
        first_name=names[0].lower(),
        second_name=names[1].lower(),
    )
    lowest = [min(ratios, key=lambda code, n=n: ratios[code][n]) for n in (0, 1)]
    say = _("{first} terendah di area {a}; {second} terendah di area {b}.").format(
        first=names[0], a=lowest[0], second=names[1].lower(), b=lowest[1]
    )
    return chart, say


AREA_WORDS = {
    "perubahan": "Perubahan",
    "tatalaksana": "Tatalaksana",
    "sdm": "SDM",
    "akuntabilitas": "Akuntabilitas",
    "pengawasan": "Pengawasan",
    "pelayanan": "Pelayanan",
}


def short_name(name: str) -> str:
    """Return the word by which an area is known: "Penguatan Pengawasan" is "Pengawasan".

    An area that no edition has known keeps its last word.
    """
    words = name.split()
    return next((AREA_WORDS[w.lower()] for w in words if w.lower() in AREA_WORDS), words[-1])
