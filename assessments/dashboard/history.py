"""The years before: the TPI's totals as a line, and what may not be compared."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from assessments import scoring
from assessments.dashboard.facts import Facts
from assessments.dashboard.gates import is_total_comparable
from assessments.models import Track
from zona import charts


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One year: its total, the edition it was judged by, and what must be known beside it."""

    year: str
    total: str
    edition: str
    note: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The totals over the years. chart is None with fewer than two comparable ones.

    say: what the line tells, in one sentence.
    """

    chart: charts.Chart | None
    lines: tuple[TrendLine, ...]
    say: str


def trend_of(facts: Facts) -> Trend:
    """Return the TPI's totals of the unit over the years, the current one last where it is seen."""
    assessment, result = facts.assessment, facts.results.get(Track.TPI)
    lines, points = [], []
    for past in facts.past:
        comparable = is_total_comparable(facts, past.instrument.code)
        other = past.instrument.code != assessment.instrument.code
        note = _("edisi lain, sepadan menurut tabel padanan") if other else ""
        text = scoring.points_text(Fraction(past.total))
        lines.append(
            TrendLine(
                str(past.year),
                text,
                past.edition,
                note if comparable else _("tidak dapat dibandingkan"),
            )
        )
        if comparable:
            label = f"{past.year}*" if other else str(past.year)
            points.append(charts.Point(label, past.total, text))
    current = result is not None and result.answered > 0
    if current:
        year, text = str(assessment.period.year), scoring.points_text(result.total)
        lines.append(
            TrendLine(
                year,
                text,
                assessment.instrument.short_title,
                "" if assessment.is_final else _("sementara"),
            )
        )
        points.append(charts.Point(year, result.total, text))
    chart = None
    if len(points) > 1:
        chart = charts.trend(
            "tren",
            points,
            levels=_levels(facts),
            title=_("Nilai TPI {first} sampai {last}").format(
                first=points[0].label, last=points[-1].label
            ),
            row_name=_("Tahun"),
            value_name=_("Nilai TPI"),
        )
    say = _sentence(points, current=current)
    if any(point.label.endswith("*") for point in points):
        say = _("{say} Tahun bertanda * memakai edisi lain.").format(say=say)
    return Trend(chart, tuple(lines), say)


def _levels(facts: Facts) -> list[charts.Level]:
    levels = []
    for number, (predicate, rules) in enumerate(facts.engine.thresholds.items()):
        total = next((rule for rule in rules if rule.code == scoring.TOTAL), None)
        if total is not None:
            text = scoring.number_text(total.required)
            text = text.removesuffix(",00")
            levels.append(charts.Level(total.required, text, predicate, dashed=number > 0))
    return levels


def _sentence(points: list[charts.Point], *, current: bool) -> str:
    if not points:
        return _("Belum ada nilai TPI yang dapat ditampilkan.")
    if len(points) == 1:
        return _("Baru ada satu nilai: {value} pada {year}.").format(
            value=points[0].text, year=points[0].label
        )
    before, last = points[-2], points[-1]
    change = Fraction(last.value) - Fraction(before.value)
    if change == 0:
        moved = _("Sama dengan {year}.").format(year=before.label)
    else:
        verb = _("Naik") if change > 0 else _("Turun")
        moved = _("{verb} {points} poin dari {year}.").format(
            verb=verb, points=scoring.points_text(abs(change)), year=before.label
        )
    if current:
        return moved
    return _("{year}: {moved} Nilai TPI tahun ini belum ada.").format(year=last.label, moved=moved)
