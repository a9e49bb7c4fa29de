"""What was said of the same unit in the last final worksheet of an earlier year: by the TPI, and
by unit and national team where the national result was recorded."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Subquery

from assessments import scoring
from assessments.models import Answer, Assessment, Mapping, State, Track
from assessments.worksheet.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Last:
    """The TPI's value of a row in an earlier year.

    ``others`` has the values of unit and national team by track, where the latter gave one.
    """

    year: int
    choice: str
    inputs: AnyMapping[str, Any] | None
    others: AnyMapping[str, tuple[str, AnyMapping[str, Any] | None]] = field(default_factory=dict)


def last_values(sheet: Sheet) -> dict[str, Last]:
    """Return the values of the unit's last final worksheet of an earlier year, by code.

    A row is there where the TPI gave it a value.

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
    rows = (
        Answer.objects.answered()
        .filter(assessment=Subquery(earlier))
        .values_list(
            "indicator__code",
            "track",
            "choice",
            "inputs",
            "assessment__period__year",
            "assessment__instrument_id",
        )
    )
    given: dict[str, dict[str, tuple]] = {track: {} for track in Track.values}
    year = instrument_id = None
    for code, track, choice, inputs, year, instrument_id in rows:  # noqa: B007 - one worksheet
        given[track][code] = (choice, inputs)
    found = {
        code: Last(year, *value, others=_others(given, code))
        for code, value in given[Track.TPI].items()
    }
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


def _others(given: AnyMapping[str, AnyMapping[str, tuple]], code: str) -> dict[str, tuple]:
    """Return what unit and national team gave a row; nothing where the latter gave no value."""
    if code not in given[Track.TPN]:
        return {}
    return {track: given[track].get(code, ("", None)) for track in (Track.UNIT, Track.TPN)}


def _fits(indicator: scoring.Indicator, last: Last) -> bool:
    """Tell whether an earlier value can be named on the row of another edition."""
    if indicator.is_computed:
        names = {item.name for item in indicator.inputs if item.required}
        return last.inputs is not None and names <= last.inputs.keys()
    return any(option.code == last.choice for option in indicator.options)
