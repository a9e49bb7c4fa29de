"""Every sum that a predicate asks for, and every area, with its figures side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import scoring
from assessments.dashboard.facts import Facts, Links, Past
from assessments.models import Track
from zona import charts

THIN_RATIO = Fraction(1, 100)
"""A gate that is met by less than this share of its weight is met by a hair: 0,15 of 15 points."""


@dataclass(frozen=True, slots=True)
class GateCell:
    """A predicate's word on a sum: met or not, None where it asks for nothing here.

    text: the points it asks for when met, what is missing (rounded up) when not.
    """

    predicate: str
    met: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same sum of last year: points, or a share of its weight across editions.

    text is empty where nothing may be compared; ``note`` says so.
    """

    text: str
    note: str | Promise = ""


INCOMPARABLE = Comparison("", gettext_lazy("tidak dapat dibandingkan"))


@dataclass(frozen=True, slots=True)
class OtherFigure:
    """Another track's points of a sum, under its column's heading; None for no figure."""

    heading: str
    points: Fraction | None


@dataclass(frozen=True, slots=True)
class GateRow:
    """One sum of the worksheet.

    code: "total", "area.5", "B.I". points: of the leading track; ratio: of its weight, 0..1.
    others: the other tracks' figures in the page's column order.
    """

    code: str
    label: str
    points: Fraction
    weight: Fraction
    ratio: Fraction
    explain_url: str
    others: tuple[OtherFigure, ...]
    last_year: Comparison | None
    cells: tuple[GateCell, ...]
    bar: SafeString


@dataclass(frozen=True, slots=True)
class _Sum:
    code: str
    label: str
    nodes: tuple[str, ...]
    weight: Fraction


def _sums(engine: scoring.Instrument) -> Iterator[_Sum]:
    """Yield every sum with a rule once, and each area even without one, in worksheet order."""
    sums: dict[str, _Sum] = {}
    for thresholds in engine.thresholds.values():
        for rule in thresholds:
            sums.setdefault(rule.code, _Sum(rule.code, rule.label, rule.nodes, rule.weight))
    ruled = [{*item.nodes} for item in sums.values()]
    for area in engine.areas:
        if not any(nodes <= {*area.nodes} for nodes in ruled):
            code = f"area.{area.code}"
            label = _("Area {code}. {name}").format(code=area.code, name=area.name)
            sums[code] = _Sum(code, label, area.nodes, area.weight)
    order = {code: position for position, code in enumerate(engine.nodes)}
    yield from sorted(sums.values(), key=lambda item: (order[item.nodes[0]], -item.weight))


def _last_year(facts: Facts, item: _Sum) -> Comparison | None:
    """Return last year's figure of a sum, or why there is none to compare.

    Within an edition in points. Across editions as a share of its own weight, as
    ``assessments.comparison`` does: areas by their codes, nodes by the mapping.
    """
    if not facts.past:
        return None
    past = facts.past[-1]
    if past.instrument.code == facts.assessment.instrument.code:
        if all(code in past.nodes for code in item.nodes):
            return Comparison(scoring.points_text(sum(past.nodes[code] for code in item.nodes)))
        return INCOMPARABLE
    older = past.catalog.engine
    if item.code == scoring.TOTAL:
        codes = tuple(root.code for root in older.roots)
    else:
        codes = _older_nodes(facts, past, item.nodes)
    if not codes or not all(code in past.nodes for code in codes):
        return INCOMPARABLE
    weight = sum(older.nodes[code].weight for code in codes)
    share = sum(past.nodes[code] for code in codes) / weight
    return Comparison(scoring.percent_text(share), past.edition)


def _older_nodes(facts: Facts, past: Past, nodes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the older nodes with which some nodes together are compared; none where none map."""
    area = next((area.code for area in facts.engine.areas if area.nodes == nodes), None)
    if area is not None:
        older = past.catalog.engine.areas
        return next((item.nodes for item in older if item.code == area), ())
    pairs = facts.comparable.get(past.instrument.code, {})
    found = [pairs.get(code, ()) for code in nodes]
    return tuple(code for codes in found for code in codes) if all(found) else ()


def is_total_comparable(facts: Facts, edition: str) -> bool:
    """Tell whether the total of another edition may stand beside this one: all its roots map."""
    if edition == facts.assessment.instrument.code:
        return True
    pairs = facts.comparable.get(edition, {})
    return all(pairs.get(root.code) for root in facts.engine.roots)


def other_tracks(facts: Facts) -> tuple[Track, ...]:
    """Return the tracks that stand beside the leading one and say something, in column order."""
    shown = [
        track for track, result in facts.results.items() if track != facts.lead and result.answered
    ]
    if facts.interim is not None and Track.TPI not in shown:
        shown.append(Track.TPI)
    return tuple(shown)


def heading(facts: Facts, track: Track) -> str:
    """Return the short heading of a track's column."""
    if track not in facts.results:
        return _("TPI sementara")
    return str(track.label)


def gate_rows(facts: Facts, links: Links) -> tuple[GateRow, ...]:
    """Return the rows of the gates table."""
    others = other_tracks(facts)
    return tuple(_row(facts, links, item, others) for item in _sums(facts.engine))


def _row(facts: Facts, links: Links, item: _Sum, others: tuple[Track, ...]) -> GateRow:
    rules = {
        predicate: next((rule for rule in gate.rules if rule.code == item.code), None)
        for predicate, gate in facts.result.gates.items()
    }
    points = facts.points(facts.result, item.nodes)
    figures = tuple(_figure(facts, track, item.nodes) for track in others)
    first = next((rule for rule in rules.values() if rule is not None), None)
    ticks = [
        charts.Tick(rule.required / rule.weight, predicate, dashed=number > 0)
        for number, (predicate, rule) in enumerate(rules.items())
        if rule is not None
    ]
    if len(ticks) > 1 and ticks[0].ratio == ticks[1].ratio:
        ticks = ticks[:1]
    own = figures[others.index(Track.UNIT)] if Track.UNIT in others else None
    return GateRow(
        code=item.code,
        label=item.label,
        points=points,
        weight=item.weight,
        ratio=points / item.weight,
        explain_url=_explained(facts, links, item, rules),
        others=tuple(
            OtherFigure(heading(facts, track), figure)
            for track, figure in zip(others, figures, strict=True)
        ),
        last_year=_last_year(facts, item),
        cells=tuple(_cell(predicate, rule) for predicate, rule in rules.items()),
        bar=charts.gate_bar(
            points / item.weight,
            ticks=ticks,
            met=None if first is None else first.met,
            unit_ratio=None if own is None else own / item.weight,
        ),
    )


def _figure(facts: Facts, track: Track, nodes: tuple[str, ...]) -> Fraction | None:
    if track in facts.results:
        return facts.points(facts.results[track], nodes)
    return facts.interim_points(nodes)


def _explained(
    facts: Facts, links: Links, item: _Sum, rules: dict[str, scoring.RuleResult | None]
) -> str:
    """Return where the figure is explained: as its rule, or as the node that it is."""
    target = next((f"{p}:{item.code}" for p, rule in rules.items() if rule is not None), None)
    if target is None:
        target = item.nodes[0] if len(item.nodes) == 1 else scoring.TOTAL
    return links.explain(target, facts.lead)


def _cell(predicate: str, rule: scoring.RuleResult | None) -> GateCell:
    if rule is None:
        return GateCell(predicate, None, "")
    if rule.met:
        return GateCell(predicate, True, scoring.points_text(rule.required))
    return GateCell(predicate, False, scoring.gap_text(rule.required, rule.reached))


def is_thin(rule: scoring.RuleResult) -> bool:
    """Tell whether a rule is met by a hair."""
    return rule.met and rule.margin < THIN_RATIO * rule.weight


def thin_rules(facts: Facts, predicate: str) -> list[scoring.RuleResult]:
    """Return the gates of a predicate that are met by a hair, the thinnest first.

    A gate that stands on the choice of one row is left out: a letter does not erode.
    """
    engine = facts.engine
    thin = []
    for threshold, rule in zip(
        engine.thresholds[predicate], facts.result.gates[predicate].rules, strict=True
    ):
        rows = [
            row
            for code in threshold.nodes
            for node in engine.nodes[code].walk()
            for row in node.indicators
        ]
        erodes = len(rows) > 1 or rows[0].is_computed
        if erodes and is_thin(rule):
            thin.append(rule)
    return sorted(thin, key=lambda rule: rule.margin / rule.weight)


def fall_text(rule: scoring.RuleResult) -> str:
    """Return the smallest fall, in hundredths of a point, that takes a met rule below its gate."""
    hundredths = rule.margin * 100
    return scoring.points_text(Fraction(hundredths.numerator // hundredths.denominator + 1, 100))
