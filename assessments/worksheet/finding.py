"""Finding a row by its code or its words."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.catalog import catalog_of
from assessments.models import Assessment
from assessments.worksheet.page import section_url


@dataclass(frozen=True, slots=True)
class RowHit:
    """A row that was found: its code, its question, where it stands."""

    code: str
    statement: str
    section: str
    url: str


def find_rows(assessment: Assessment, text: str) -> list[RowHit]:
    """Return the rows whose code or words match, codes first; no query.

    A code may be written in any case, and without its first letters: ``5.ii.a``.
    """
    words = text.casefold().split()
    if not words:
        return []
    catalog = catalog_of(assessment.instrument)
    hits = []
    for code, indicator in catalog.engine.indicators.items():
        lower = code.casefold()
        statement = indicator.statement.casefold()
        rank = 0 if lower == words[0] else 1 if lower.endswith(f".{words[0]}") else 2
        if len(words) > 1 or rank == 2:
            rank = 3
            if not all(word in lower or word in statement for word in words):
                continue
        section = catalog.section_of[code]
        url = section_url(assessment, section.code, code)
        hits.append((rank, RowHit(code, indicator.statement, section.label, url)))
    if any(rank == 0 for rank, _hit in hits):
        hits = [item for item in hits if item[0] == 0]
    return [hit for _rank, hit in sorted(hits, key=lambda item: item[0])]
