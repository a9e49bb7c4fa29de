"""What the TPI said of the same unit in the last final worksheet of an earlier year."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery

from assessments import scoring
from assessments.models import Answer, Assessment, Mapping, State, Track
from assessments.worksheet.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Last:
    """The TPI's value of a row in an earlier year."""

    year: int
    choice: str
    inputs: AnyMapping[str, Any] | None


def last_values(sheet: Sheet) -> dict[str, Last]:
    """Return the TPI's values of the unit's last final worksheet of an earlier year, by code.

    Where the edition changed, only rows that the mapping calls the same or similar are given.
    Costs one query, and one more after a change of edition.
    """
    assessment = sheet.assessment
    earlier = (
        Assessment.objects.filter(
            unit_id=assessment.unit_id,
            period__year__lt=assessment.period.year,
            state=State.FINAL,
            superseded_by=None,
        )
        .order_by("-period__year", "-version")
        .values("pk")[:1]
    )
    rows = Answer.objects.filter(assessment=Subquery(earlier), track=Track.TPI).values_list(
        "indicator__code",
        "choice",
        "inputs",
        "assessment__period__year",
        "assessment__instrument_id",
    )
    found, instrument_id = {}, None
    for code, choice, inputs, year, edition in rows:
        instrument_id = edition
        if choice or inputs is not None:
            found[code] = Last(year, choice, inputs)
    if not found or instrument_id == assessment.instrument_id:
        return found
    pairs = Mapping.objects.filter(
        source=instrument_id, target=assessment.instrument_id, level="indicator"
    ).exclude(relation=Mapping.Relation.NONE)
    engine = sheet.catalog.engine
    return {
        target: found[sources[0]]
        for target, sources in pairs.values_list("target_code", "source_codes")
        if sources and sources[0] in found and _fits(engine.indicators[target], found[sources[0]])
    }


def _fits(indicator: scoring.Indicator, last: Last) -> bool:
    """Tell whether an earlier value can be named on the row of another edition."""
    if indicator.is_computed:
        names = {item.name for item in indicator.inputs if item.required}
        return last.inputs is not None and names <= last.inputs.keys()
    return any(option.code == last.choice for option in indicator.options)
