"""The compiled form of an instrument: engine, keys and sections, built once per process.

A published instrument never changes, so its compiled form is kept for the life of the process
under its key and checksum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from assessments import instrument_file, scoring
from assessments.models import Indicator, Instrument

RESULTS_SECTION = "B"


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the worksheet: a change area with both aspects, or the results."""

    code: str
    name: str
    indicator_codes: tuple[str, ...]

    @property
    def is_area(self) -> bool:
        """Tell whether the section is a change area, with a minimum of its own."""
        return self.code != RESULTS_SECTION

    @property
    def label(self) -> str:
        """Return how the section is called on its own: "Area 5. Penguatan Pengawasan"."""
        return (
            _("Area {code}. {name}").format(code=self.code, name=self.name)
            if self.is_area
            else self.name
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """An instrument ready for use.

    ``engine`` is what scoring takes; ``ids`` maps indicator codes to their rows' keys;
    ``evidence`` lists the documents that are expected beside each indicator.
    """

    instrument_id: int
    checksum: str
    engine: scoring.Instrument
    ids: Mapping[str, int]
    codes: Mapping[int, str]
    sections: tuple[Section, ...]
    section_of: Mapping[str, Section]
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def section(self, code: str) -> Section:
        """Return a section by its code; KeyError when there is none."""
        for section in self.sections:
            if section.code == code:
                return section
        raise KeyError(code)

    @property
    def indicator_count(self) -> int:
        """Return how many indicators the instrument has."""
        return len(self.ids)


def sections_of(engine: scoring.Instrument) -> tuple[Section, ...]:
    """Return the pages of a worksheet: the change areas in order, then all that is in none."""
    by_section: dict[str, list[str]] = {area.code: [] for area in engine.areas}
    rest: list[str] = []
    for code in engine.indicators:
        area = engine.area_of(code)
        (by_section[area] if area is not None else rest).append(code)
    sections = [
        Section(area.code, area.name, tuple(by_section[area.code])) for area in engine.areas
    ]
    if rest:
        sections.append(Section(RESULTS_SECTION, _("Hasil"), tuple(rest)))
    return tuple(sections)


@lru_cache(maxsize=16)
def _compiled(instrument_id: int, checksum: str) -> Catalog:
    document = Instrument.objects.values_list("document", flat=True).get(
        pk=instrument_id, checksum=checksum
    )
    engine = instrument_file.build(document)
    rows = list(
        Indicator.objects.filter(instrument_id=instrument_id).values_list("code", "pk", "evidence")
    )
    sections = sections_of(engine)
    return Catalog(
        instrument_id=instrument_id,
        checksum=checksum,
        engine=engine,
        ids={code: pk for code, pk, _evidence in rows},
        codes={pk: code for code, pk, _evidence in rows},
        sections=sections,
        section_of={code: section for section in sections for code in section.indicator_codes},
        evidence={code: tuple(evidence) for code, _pk, evidence in rows},
    )


def catalog_of(instrument: Instrument) -> Catalog:
    """Return the compiled form of a stored instrument; two queries, once per process."""
    return _compiled(instrument.pk, instrument.checksum)


def answer_value(choice: str, inputs: Mapping[str, Any] | None):
    """Return a stored answer as the engine takes it: a letter, exact counts, or None.

    Stored counts are whole numbers or decimal text, never floats.
    """
    if choice:
        return choice
    if inputs is None:
        return None
    return {
        name: value if isinstance(value, int) else scoring.Decimal(value)
        for name, value in inputs.items()
    }
