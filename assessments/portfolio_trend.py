"""The units over the years: the final values of the TPI, who met the gates, the same units twice.

A mean is no value of anybody: no gate is drawn across it, and what a year's units have in common
with the year before is told beside it, since other units take part every year.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Avg, Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import scoring
from assessments.models import Score, State, Track
from units.models import User
from zona import charts


@dataclass(frozen=True, slots=True)
class TrendYear:
    """A year's final worksheets of one edition: how many, their mean, how many met all gates."""

    year: int
    edition: str
    units: int
    mean: str
    meets_wbk: int
    meets_wbbm: int


@dataclass(frozen=True, slots=True)
class PortfolioTrend:
    """The years, oldest first. chart: None with fewer than two; say: what they tell, in words."""

    chart: charts.Chart | None
    years: tuple[TrendYear, ...]
    say: str


def portfolio_trend(user: User, form) -> PortfolioTrend | None:
    """Return the final values over the years of the units that a filter bar keeps.

    form: the ``PortfolioFilter`` that was asked; its period narrows nothing here. None when no
    worksheet of these units is final. Costs one statement, two with more than one year.
    """
    final = form.narrow(
        Score.objects.visible_to(user).filter(
            track=Track.TPI,
            answered_count__gt=0,
            assessment__state=State.FINAL,
            assessment__superseded_by=None,
        )
    )
    rows = list(
        final.values_list(
            "assessment__period__year",
            "assessment__instrument__code",
            "assessment__instrument__short_title",
        )
        .annotate(
            units=Count("pk"),
            mean=Avg("safe_total"),
            wbk=Count("pk", filter=Q(meets_wbk=True)),
            wbbm=Count("pk", filter=Q(meets_wbbm=True)),
        )
        .order_by("assessment__period__year", "assessment__instrument__code")
    )
    if not rows:
        return None
    newest = rows[-1][1]
    means = [Fraction(mean) for *_rest, mean, _wbk, _wbbm in rows]
    years = tuple(
        TrendYear(year, edition, units, scoring.points_text(mean), wbk, wbbm)
        for (year, _code, edition, units, _mean, wbk, wbbm), mean in zip(rows, means, strict=True)
    )
    return PortfolioTrend(
        _chart(rows, means, newest), years, " ".join(_sentences(final, rows, years, newest))
    )


def _chart(rows, means: list[Fraction], newest: str) -> charts.Chart | None:
    if len(rows) < 2:
        return None
    points = [
        charts.Point(
            str(row[0]) if row[1] == newest else f"{row[0]}*", mean, scoring.points_text(mean)
        )
        for row, mean in zip(rows, means, strict=True)
    ]
    return charts.trend(
        "tren-unit",
        points,
        title=_("Rata-rata nilai TPI {first} sampai {last}").format(
            first=points[0].label, last=points[-1].label
        ),
        row_name=_("Tahun"),
        value_name=_("Rata-rata nilai TPI"),
    )


def _sentences(final, rows, years: tuple[TrendYear, ...], newest: str):
    last = years[-1]
    yield ngettext(
        "{year}: {wbk} dari {n} unit final memenuhi semua ambang WBK.",
        "{year}: {wbk} dari {n} unit final memenuhi semua ambang WBK.",
        last.units,
    ).format(year=last.year, wbk=last.meets_wbk, n=last.units)
    same = [row[0] for row in rows if row[1] == newest]
    if len(same) > 1:
        yield _same_units(final.filter(assessment__instrument__code=newest), *same[-2:])
    if len(same) < len(rows):
        yield _("Tahun bertanda * memakai edisi lain.")


def _same_units(final, before: int, now: int) -> str:
    """Say how the units moved that were final in both years; one statement."""
    totals: dict[int, dict[int, Fraction]] = {before: {}, now: {}}
    for year, unit, total in final.filter(assessment__period__year__in=(before, now)).values_list(
        "assessment__period__year", "assessment__unit_id", "safe_total"
    ):
        totals[year][unit] = Fraction(total)
    both = totals[before].keys() & totals[now].keys()
    if not both:
        return _("Tidak ada unit yang final pada {before} dan {now}.").format(
            before=before, now=now
        )
    moves = [totals[now][unit] - totals[before][unit] for unit in both]
    change = sum(moves, Fraction()) / len(moves)
    if change == 0:
        moved = _("tetap")
    else:
        verb = _("naik") if change > 0 else _("turun")
        moved = _("{verb} {points} poin").format(verb=verb, points=scoring.points_text(abs(change)))
    return _("{n} unit yang final pada {before} dan {now}: rata-ratanya {moved}.").format(
        n=len(both), before=before, now=now, moved=moved
    )
