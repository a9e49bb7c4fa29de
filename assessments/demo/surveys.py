"""The demo's surveys: their indices are those that the worksheets of the story hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from assessments.demo.clock import StoryClock
from assessments.demo.organisation import Organisation
from assessments.demo.story import Story
from assessments.models import Answer, Assessment, Track
from surveys.demo import Wanted, build
from surveys.index import Kind
from units.access import Role

SURVEYED = ("PPTL", "PPSK", "BMS", "BUDK", "BPKS", "SPSB")
MONTH = 3
KIND_OF_INPUT = {"nilai_ipak": Kind.SPAK, "nilai_ipkp": Kind.SPKP}
UNROUNDED = {("PPTL", Kind.SPAK): Fraction("3.595")}
"""The index of the running round before it was rounded, where the story tells it."""
SKM = Decimal("3.42")
SKM_ANSWERED = 64


def tell_surveys(story: Story, seed: int, everybody: Organisation, clock: StoryClock) -> None:
    """Build the self-held surveys of three rounds, and one that is open today."""
    for assessment in _worksheets():
        code, year = assessment.unit.code, assessment.period.year
        indices = dict(_indices(assessment))
        if year == story.year:
            indices |= {kind: exact for (unit, kind), exact in UNROUNDED.items() if unit == code}
        if len(indices) < len(KIND_OF_INPUT):
            continue
        build(
            assessment.unit,
            Wanted(
                indices,
                answered=everybody.facts[code].counts["respondents"],
                title=f"SPAK dan SPKP {year}",
            ),
            opens_on=date(year, MONTH, 1),
            closes_on=date(year, MONTH, 31),
            by=everybody.person(code, Role.ZI_LEAD),
            rng=Random(f"{seed}:survey:{code}:{year}"),
            go_to=clock.go_to,
        )
    build(
        everybody.units["PPTL"],
        Wanted({Kind.SKM: SKM}, answered=SKM_ANSWERED, title=f"SKM {story.today.year}"),
        opens_on=story.today - timedelta(days=9),
        closes_on=story.today + timedelta(days=21),
        by=everybody.person("PPTL", Role.ZI_LEAD),
        rng=Random(f"{seed}:survey:skm"),
        go_to=clock.go_to,
        keep_open=True,
    )


def _worksheets() -> Iterator[Assessment]:
    rows = Assessment.objects.filter(unit__code__in=SURVEYED).newest_versions()
    seen = set()
    for row in rows.select_related("unit", "period").order_by("period__year", "unit__code", "pk"):
        if (row.unit_id, row.period.year) not in seen:
            seen.add((row.unit_id, row.period.year))
            yield row


def _indices(assessment: Assessment) -> Iterator[tuple[Kind, Decimal]]:
    """Yield the indices that the unit states, in the order in which they are asked."""
    rows = Answer.objects.filter(
        assessment=assessment, track=Track.UNIT, inputs__isnull=False
    ).values_list("inputs", flat=True)
    found = {
        KIND_OF_INPUT[name]: Decimal(value)
        for inputs in rows
        for name, value in inputs.items()
        if name in KIND_OF_INPUT
    }
    yield from sorted(found.items(), key=lambda item: list(KIND_OF_INPUT.values()).index(item[0]))
