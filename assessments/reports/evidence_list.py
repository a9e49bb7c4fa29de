"""The evidence of many rows as a list: for the archive of an area and the page that is shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.catalog import catalog_of
from assessments.models import Assessment, Evidence, EvidenceUse


@dataclass(frozen=True, slots=True)
class ListedPiece:
    """A piece of evidence beside a row, and where in it to look."""

    evidence: Evidence
    page: str
    quote: str


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row with its evidence, oldest first; without a verdict, which is the TPI's own."""

    code: str
    statement: str
    pieces: tuple[ListedPiece, ...]


def evidence_list(assessment: Assessment, codes: Sequence[str]) -> tuple[ListedRow, ...]:
    """Return the rows of a worksheet with their evidence, in the order given; one query."""
    catalog = catalog_of(assessment.instrument)
    found: dict[str, list[ListedPiece]] = {code: [] for code in codes}
    uses = (
        EvidenceUse.objects.filter(
            assessment=assessment, indicator__in=[catalog.ids[code] for code in codes]
        )
        .select_related("evidence")
        .order_by("pk")
    )
    for use in uses:
        code = catalog.codes[use.indicator_id]
        found[code].append(ListedPiece(use.evidence, use.page, use.quote))
    return tuple(
        ListedRow(code, catalog.engine.indicators[code].statement, tuple(pieces))
        for code, pieces in found.items()
    )
