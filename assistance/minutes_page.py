"""The minutes of a visit as page and paper print them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.template.loader import render_to_string
from django.utils import timezone

from assessments import scoring
from assessments.catalog import Catalog, catalog_of
from assessments.reports.circumstances import DocumentMark, House
from assistance.models import Attendance, Minutes, MinutesConfirmation, Recommendation, Visit
from assistance.visit_page import answers_of
from zona.documents import qr_code


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One area: its weight, the unit's value and the simulated one; is_met None without a gate."""

    name: str
    weight: Fraction
    own: Fraction
    simulated: Fraction
    minimum: Fraction | None
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class AgreedAction:
    """A recommendation of the visit, as the minutes name it."""

    code: str
    indicator: str
    advice: str
    owner: str
    due_on: date


@dataclass(frozen=True, slots=True)
class MinutesReport:
    """All that page and paper say."""

    visit: Visit
    minutes: Minutes
    areas: tuple[AreaLine, ...]
    own_total: Fraction
    total: Fraction
    actions: tuple[AgreedAction, ...]
    team: tuple
    attendance: tuple[Attendance, ...]
    unit: MinutesConfirmation | None
    itjen: MinutesConfirmation | None
    as_of: datetime

    @property
    def is_complete(self) -> bool:
        """Tell whether both sides have confirmed."""
        return self.unit is not None and self.itjen is not None


def build_minutes(visit: Visit, minutes: Minutes) -> MinutesReport:
    """Return the minutes with their figures; five statements."""
    catalog = catalog_of(visit.assessment.instrument)
    found = answers_of(visit, catalog)
    own, then = (scoring.score(catalog.engine, given) for given in (found.own, found.simulated))
    given = {item.side: item for item in minutes.confirmations.select_related("by")}
    rows = Recommendation.objects.filter(visit=visit).select_related("indicator", "owner_user")
    return MinutesReport(
        visit=visit,
        minutes=minutes,
        areas=area_lines(catalog, own, then, visit.assessment.target),
        own_total=own.total,
        total=then.total,
        actions=tuple(
            AgreedAction(
                row.code,
                row.indicator.code if row.indicator_id else "",
                row.advice,
                row.owner_name,
                row.due_on,
            )
            for row in rows.order_by("due_on", "pk")
        ),
        team=tuple(visit.team.select_related("user")),
        attendance=tuple(visit.attendance.all()),
        unit=given.get(Attendance.Side.UNIT),
        itjen=given.get(Attendance.Side.ITJEN),
        as_of=timezone.now(),
    )


def area_lines(
    catalog: Catalog, own: scoring.Result, then: scoring.Result, target: str
) -> tuple[AreaLine, ...]:
    """Return each area with the unit's value, the simulated one, and what the target asks of it."""
    rules = {rule.code: rule for rule in then.gates[target].rules}
    safe = scoring.Reading.SAFE
    lines = []
    for area in catalog.engine.areas:
        rule = rules.get(f"area.{area.code}")
        reached = then.readings[safe].areas[area.code]
        lines.append(
            AreaLine(
                name=f"{area.code}. {area.name}",
                weight=reached.weight,
                own=own.readings[safe].areas[area.code].points,
                simulated=reached.points,
                minimum=rule.required if rule else None,
                is_met=rule.met if rule else None,
            )
        )
    return tuple(lines)


def minutes_html(report: MinutesReport, document: DocumentMark, letterhead: House) -> str:
    """Return the minutes as a page for ``zona.pdf.render``."""
    context = {
        "report": report,
        "house": letterhead,
        "document": document,
        "qr": qr_code(document.verify_url),
    }
    return render_to_string("reports/visit_minutes.html", context)
