"""The pages behind the dashboard: a figure explained, every row's potential, a way in full."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from assessments import scoring
from assessments.dashboard.facts import Facts, Links, load_facts
from assessments.dashboard.page import track_label
from assessments.dashboard.rows import PotentialRow, RowLink, potentials, row_link
from assessments.dashboard.ways import Way, too_late, way_to
from assessments.models import Assessment, RowEffort, Track
from assessments.permissions import can_set_efforts
from assessments.services.row_efforts import effort_sentence
from units.models import User

SORTS = {
    "butir": lambda item: item.order,
    "poin": lambda item: (item.points, -item.order),
    "ambang": lambda item: (item.helps, item.points),
    "menunggu": lambda item: (item.waits_for, -item.points),
}
DEFAULT_SORT = "-poin"


@dataclass(frozen=True, slots=True)
class ExplainLine:
    """A line of scoring.explain with the way to the row, where it is one."""

    code: str
    label: str
    formula: str
    weight: Fraction | None
    points: Fraction | None
    notes: tuple[str, ...]
    children: tuple[ExplainLine, ...]
    url: str


def _with_links(line: scoring.Line, rows: dict[str, str]) -> ExplainLine:
    return ExplainLine(
        code=line.code,
        label=line.label,
        formula=line.formula,
        weight=line.weight,
        points=line.points,
        notes=line.notes,
        children=tuple(_with_links(child, rows) for child in line.children),
        url=rows.get(line.code, ""),
    )


@dataclass(frozen=True, slots=True)
class ExplainPage:
    """Where one figure comes from, and the same figure in the other tracks and reading.

    urls: (label, address, is current) of the ways to see it otherwise.
    """

    line: ExplainLine
    track: Track
    track_label: str
    reading: scoring.Reading
    tracks: tuple[tuple[str, str, bool], ...]
    readings: tuple[tuple[str, str, bool], ...]


def explain_page(
    assessment: Assessment,
    user: User,
    target: str,
    *,
    track: Track | None = None,
    reading: scoring.Reading = scoring.Reading.SAFE,
) -> ExplainPage:
    """Return the explanation of a figure on a track that the person sees (the leading one).

    Raises scoring.UnknownTarget when there is no figure of that name.
    """
    facts = load_facts(assessment, user)
    links = Links.of(assessment, facts.catalog)
    track = track if track in facts.results else facts.lead
    found = scoring.explain(
        facts.engine, facts.answers[track], target, reading=reading, result=facts.results[track]
    )
    address = links.explain(target, track)
    rows = {code: links.row(facts.catalog, code) for code in facts.engine.indicators}
    return ExplainPage(
        line=_with_links(found.line, rows),
        track=track,
        track_label=track_label(track),
        reading=found.reading,
        tracks=tuple(
            (track_label(other), links.explain(target, other), other == track)
            for other in facts.results
        ),
        readings=_readings(facts, target, address, found.reading),
    )


def _readings(
    facts: Facts, target: str, address: str, current: scoring.Reading
) -> tuple[tuple[str, str, bool], ...]:
    """Return the two readings; none for a rule, which is decided in the one that counts."""
    if facts.engine.threshold(target) is not None:
        return ()
    return (
        (_("Nilai"), address, current is scoring.Reading.SAFE),
        (_("Nilai butir terisi"), f"{address}&bacaan=filled", current is scoring.Reading.FILLED),
    )


@dataclass(frozen=True, slots=True)
class PotentialPage:
    """Every row that can still add points."""

    track_label: str
    rows: tuple[PotentialRow, ...]
    total: str
    sort: str


def potential_page(assessment: Assessment, user: User, *, sort: str = "") -> PotentialPage:
    """Return every row's potential on the leading track; ``sort`` as the address says it."""
    facts = load_facts(assessment, user)
    rows = potentials(facts, Links.of(assessment, facts.catalog))
    sort = sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT
    ordered = sorted(rows, key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return PotentialPage(
        track_label=track_label(facts.lead),
        rows=tuple(ordered),
        total=scoring.points_text(sum((item.points for item in rows), scoring.ZERO)),
        sort=sort,
    )


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row of which the unit said something. late: why it is ruled out, empty where it is not."""

    row: RowLink
    said: str
    late: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class EditedRow:
    """The row whose effort is being set; ``plan`` is None where nothing was said yet."""

    row: RowLink
    plan: RowEffort | None
    is_index: bool


@dataclass(frozen=True, slots=True)
class WayPage:
    """The shortest way in full, and what the unit says of its rows.

    predicates: those that one may choose. editable: codes of the rows that the person may set,
    with their statements. edited: the one in work.
    """

    track_label: str
    way: Way
    predicates: tuple[str, ...]
    planned: tuple[PlannedRow, ...]
    editable: tuple[tuple[str, str], ...]
    edited: EditedRow | None

    @property
    def editable_codes(self) -> frozenset[str]:
        """Return the codes of the rows that the person may set."""
        return frozenset(code for code, _statement in self.editable)


def way_page(
    assessment: Assessment, user: User, predicate: str, *, editing: str = ""
) -> WayPage | None:
    """Return the shortest way to a predicate; None when the edition knows none of that name.

    editing: the code of the row whose effort is set; left out where the person may not.
    """
    facts = load_facts(assessment, user)
    if predicate not in facts.result.gates:
        return None
    links = Links.of(assessment, facts.catalog)
    sections = {
        section.code: can_set_efforts(user, assessment, section.code)
        for section in facts.catalog.sections
    }
    mine = {code: sections[facts.catalog.section_of[code].code] for code in facts.catalog.ids}
    edited = None
    if mine.get(editing):
        row = facts.engine.indicators[editing]
        edited = EditedRow(
            row_link(facts, links, editing),
            facts.plans.get(editing),
            row.is_computed and row.computation.kind == scoring.SCORE04,
        )
    return WayPage(
        track_label=track_label(facts.lead),
        way=way_to(facts, links, predicate),
        predicates=tuple(facts.result.gates),
        planned=tuple(
            PlannedRow(
                row_link(facts, links, code),
                effort_sentence(plan),
                too_late(plan, assessment.period),
                mine[code],
            )
            for code, plan in facts.plans.items()
        ),
        editable=tuple(
            (code, row_link(facts, links, code).statement) for code, may in mine.items() if may
        ),
        edited=edited,
    )
