"""A worksheet beside an earlier year's: total, areas, sub-components and rows, edition or not."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from assessments import comparison, scoring
from assessments.catalog import answer_value
from assessments.dashboard.facts import Facts, Links, Past, load_facts
from assessments.dashboard.page import track_label
from assessments.models import Answer, Assessment, Mapping
from units.models import User


class _Line(NamedTuple):
    """A stored line of the mapping, as comparison takes it."""

    kind: str
    to: str
    from_: tuple[str, ...]
    relation: str
    note: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A part now and then, as shares 0..1 of its own weight; change in the same.

    relation: "same", "similar" or "none"; before_codes differ from ``code`` across editions.
    """

    code: str
    name: str
    url: str
    now: Fraction | None
    before: Fraction | None
    change: Fraction | None
    before_codes: tuple[str, ...]
    relation: str
    note: str

    @property
    def change_points(self) -> Fraction | None:
        """Return the change in percentage points."""
        return None if self.change is None else self.change * 100


@dataclass(frozen=True, slots=True)
class ComparedGroup:
    """A sub-component with its rows."""

    head: ComparedRow
    rows: tuple[ComparedRow, ...]


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """Two years side by side; without an earlier final year ``before`` is None.

    improved, fell, without: how many rows rose, fell, and may not be compared.
    """

    track_label: str
    now: int
    before: int | None
    years: tuple[int, ...]
    edition: str
    older_edition: str
    tops: tuple[ComparedRow, ...]
    groups: tuple[ComparedGroup, ...]
    improved: int
    fell: int
    without: int


def comparison_page(assessment: Assessment, user: User, year: str = "") -> ComparisonPage:
    """Return the leading track beside the same track of an earlier final year.

    year: which one; the latest by default. Costs two statements more than the dashboard.
    """
    facts = load_facts(assessment, user)
    now = assessment.period.year
    label, edition = track_label(facts.lead), assessment.instrument.short_title
    if not facts.past:
        return ComparisonPage(label, now, None, (), edition, "", (), (), 0, 0, 0)
    past = next((item for item in facts.past if str(item.year) == year), facts.past[-1])
    parts = comparison.compare(
        facts.engine,
        facts.result,
        past.catalog.engine,
        _earlier(past, facts.lead),
        _mapping(facts, past),
    )
    links = Links.of(assessment, facts.catalog)
    rows = {(part.kind, part.code): _row(facts, links, part) for part in parts}
    single = [row for (kind, _code), row in rows.items() if kind == "indicator"]
    changes = [row.change for row in single if row.change is not None]
    return ComparisonPage(
        track_label=label,
        now=now,
        before=past.year,
        years=tuple(item.year for item in facts.past),
        edition=edition,
        older_edition=past.edition,
        tops=tuple(row for (kind, _c), row in rows.items() if kind in (scoring.TOTAL, "area")),
        groups=tuple(
            ComparedGroup(
                rows["node", node.code],
                tuple(rows["indicator", row.code] for row in node.indicators),
            )
            for node in facts.engine.sub_components
        ),
        improved=sum(change > 0 for change in changes),
        fell=sum(change < 0 for change in changes),
        without=sum(row.relation == comparison.NONE for row in single),
    )


def _earlier(past: Past, track: str) -> scoring.Result:
    """Score a track of an earlier year from its answers; one statement."""
    catalog = past.catalog
    rows = Answer.objects.filter(assessment=past.assessment_id, track=track)
    answers = {
        catalog.codes[pk]: answer_value(choice, inputs)
        for pk, choice, inputs in rows.values_list("indicator_id", "choice", "inputs")
    }
    return scoring.score(catalog.engine, answers)


def _mapping(facts: Facts, past: Past) -> list[_Line]:
    edition = facts.assessment.instrument.code
    if past.instrument.code == edition:
        return []
    rows = Mapping.objects.filter(source__code=past.instrument.code, target__code=edition)
    return [
        _Line(level, code, tuple(codes), relation, note)
        for level, code, codes, relation, note in rows.values_list(
            "level", "target_code", "source_codes", "relation", "note"
        )
    ]


def _row(facts: Facts, links: Links, part: comparison.ComparedPart) -> ComparedRow:
    url = ""
    if part.kind == "indicator":
        url = links.row(facts.catalog, part.code)
    elif part.kind == "area":
        url = links.section(part.code)
    return ComparedRow(
        code=part.code,
        name=part.name,
        url=url,
        now=part.now,
        before=part.before,
        change=part.change,
        before_codes=part.before_codes,
        relation=part.relation,
        note=part.note,
    )
