"""The page on which many rows are accepted at once: which go, which stay and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from assessments.catalog import catalog_of
from assessments.models import Answer, Assessment, BulkAcceptance, Track
from assessments.services import bulk
from assessments.worksheet.fixed import fixed_of
from assessments.worksheet.page import section_url
from assessments.worksheet.rows import value_name
from units.models import User


@dataclass(frozen=True, slots=True)
class BulkLine:
    """A row of the preview: the unit's value, whether it would go, and why it would not."""

    code: str
    statement: str
    value: str
    version: int
    why_not: str
    url: str


@dataclass(frozen=True, slots=True)
class BulkSection:
    """A section in the filter, with how many of its rows would go."""

    code: str
    label: str
    url: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class BulkPage:
    """What accepting many rows would do, and what may still be undone."""

    sections: tuple[BulkSection, ...]
    section: str
    going: tuple[BulkLine, ...]
    staying: tuple[BulkLine, ...]
    acts: tuple[BulkAcceptance, ...]


def bulk_page(assessment: Assessment, user: User, section: str) -> BulkPage:
    """Return the preview for a section, or for all where it is blank or unknown; five queries.

    Raises AnswersLocked when the TPI's side is not the person's to write now.
    """
    catalog = catalog_of(assessment.instrument)
    offered = bulk.offers(assessment, user)
    section = section if section in {item.code for item in catalog.sections} else ""
    values = {
        catalog.codes[pk]: value_name(catalog, catalog.codes[pk], choice, inputs)
        for pk, choice, inputs in Answer.objects.filter(
            assessment=assessment, track=Track.UNIT
        ).values_list("indicator_id", "choice", "inputs")
    }
    rows = fixed_of(catalog)
    lines = [
        BulkLine(
            code=item.code,
            statement=rows[item.code].statement,
            value=values[item.code],
            version=item.version,
            why_not=item.why_not,
            url=section_url(assessment, catalog.section_of[item.code].code, item.code),
        )
        for item in offered
        if not section or catalog.section_of[item.code].code == section
    ]
    return BulkPage(
        sections=tuple(_sections(assessment, catalog, offered, section)),
        section=section,
        going=tuple(line for line in lines if not line.why_not),
        staying=tuple(line for line in lines if line.why_not),
        acts=tuple(bulk.undoable(assessment, user)),
    )


def _sections(assessment, catalog, offered: Iterable[bulk.Offer], chosen: str):
    address = reverse("assessments:accept_many", args=[assessment.pk])
    for section in catalog.sections:
        count = sum(item.goes and item.code in section.indicator_codes for item in offered)
        yield BulkSection(
            section.code,
            section.label,
            f"{address}?bagian={section.code}",
            count,
            section.code == chosen,
        )
