"""What a visit brought, as its page and the list of all visits show it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from assessments.permissions import TpiView, tpi_view
from assistance.models import Visit, VisitEffect, VisitState
from units.models import User
from zona import charts
from zona.templatetags.zona_numbers import write_number

PAGE_ROWS = 25


@dataclass(frozen=True, slots=True)
class Effect:
    """The steps that were measured; say: the answer in a sentence. chart: None for one step."""

    steps: tuple[VisitEffect, ...]
    shows_tpi: bool
    say: str
    chart: charts.Chart | None


def total_of(step: VisitEffect, *, with_tpi: bool) -> Decimal | None:
    """Return the leading total: the TPI's where it is shown and says something."""
    if with_tpi and step.tpi_total is not None:
        return step.tpi_total
    return step.unit_total


def effect_of(visit: Visit, user: User) -> Effect | None:
    """Return what a visit brought; None before it was measured. One statement.

    The TPI's side is shown to those who see it in full.
    """
    steps = tuple(visit.effects.all())
    if not steps:
        return None
    shows_tpi = tpi_view(user, visit.assessment) is TpiView.EVERYTHING
    points = [
        charts.Point(label_of(step.days), total, write_number(total, 2))
        for step in steps
        if (total := total_of(step, with_tpi=shows_tpi)) is not None
    ]
    chart = None
    if len(points) > 1:
        chart = charts.trend(
            f"dampak-{visit.pk}",
            points,
            title=_("Nilai sejak kunjungan"),
            row_name=_("Saat"),
            value_name=_("Nilai"),
        )
    return Effect(steps, shows_tpi, _sentence(steps, points), chart)


def label_of(days: int) -> str:
    """Return how a step is called."""
    return _("Saat kunjungan") if days == 0 else _("{n} hari").format(n=days)


def _sentence(steps, points) -> str:
    if len(points) < 2:
        return _("Dampak diukur 30, 60, dan 90 hari sesudah kunjungan.")
    difference = points[-1].value - points[0].value
    if not difference:
        return _("Nilai belum berubah {n} hari sesudah kunjungan.").format(n=steps[-1].days)
    word = _("naik") if difference > 0 else _("turun")
    return _("Nilai {word} {x} poin dalam {n} hari sesudah kunjungan.").format(
        word=word, x=write_number(abs(difference), 2), n=steps[-1].days
    )


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One visit in the list: then, last measured, and the differences."""

    visit: Visit
    days: int
    first: Decimal | None
    last: Decimal | None
    unmet_first: int
    unmet_last: int
    advice_done: int

    @property
    def difference(self) -> Decimal | None:
        """Return what the total gained; None where it is not known."""
        return None if self.first is None or self.last is None else self.last - self.first

    @property
    def gates(self) -> int:
        """Return how many gates more are met."""
        return self.unmet_first - self.unmet_last


def effects_side_by_side(user: User, data) -> tuple[Page, str]:
    """Return the visits that were measured, those that helped most first; two statements."""
    visits = (
        Visit.objects.visible_to(user)
        .filter(state=VisitState.HELD)
        .select_related("unit", "assessment__period", "assessment__unit")
        .prefetch_related("effects")
    )
    lines = []
    for visit in visits:
        steps = list(visit.effects.all())
        if not steps:
            continue
        shows = tpi_view(user, visit.assessment) is TpiView.EVERYTHING
        lines.append(
            EffectLine(
                visit=visit,
                days=steps[-1].days,
                first=total_of(steps[0], with_tpi=shows),
                last=total_of(steps[-1], with_tpi=shows),
                unmet_first=steps[0].unmet,
                unmet_last=steps[-1].unmet,
                advice_done=steps[-1].advice_done - steps[0].advice_done,
            )
        )
    sort = data.get("urut", "-selisih")
    keys = {
        "selisih": lambda line: line.difference or 0,
        "ambang": lambda line: line.gates,
        "unit": lambda line: line.visit.unit.name,
    }
    if sort.removeprefix("-") not in keys:
        sort = "-selisih"
    lines.sort(key=lambda line: line.visit.unit.name)
    lines.sort(key=keys[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return Paginator(lines, PAGE_ROWS).get_page(data.get("hal")), sort
