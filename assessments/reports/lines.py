"""The lines of the evaluation report: rules, components, sections, rows, checks, advice.

Figures stay exact fractions; where rounding follows a rule of scoring (gaps up, margins down) the
text comes from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from assessments import scoring
from assessments.models.worksheets import (
    DocumentCheck,
    ImplementationCheck,
    Reason,
    RowState,
)
from assessments.scoring import ONE, ZERO, Verdict

MINUS = "−"


@dataclass(frozen=True, slots=True)
class RuleCell:
    """A threshold of one predicate against what was reached, in points."""

    predicate: str
    required: Fraction
    reached: Fraction
    met: bool

    @property
    def reached_text(self) -> str:
        """The figure with as many decimals as it takes to tell it from the threshold."""
        return scoring.reached_text(self.required, self.reached)

    @property
    def gap_text(self) -> str:
        """Points that are missing, rounded up."""
        return scoring.gap_text(self.required, self.reached)

    @property
    def margin_text(self) -> str:
        """Signed difference: a gap is rounded up, a margin down, never in the unit's favour."""
        if not self.met:
            return f"{MINUS}{self.gap_text}"
        cents = floor((self.reached - self.required) * 100)
        sign = "+" if cents else ""
        return sign + scoring.points_text(Fraction(cents, 100))


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule across the predicates, in their order; None where a predicate has no such rule.

    ``is_main``: it judges the total or a whole component.
    """

    code: str
    label: str
    reached: Fraction
    weight: Fraction
    cells: tuple[RuleCell | None, ...]
    is_area: bool
    is_main: bool

    @property
    def ratio(self) -> Fraction:
        """What was reached as a share of the target's weight, 0..1."""
        return self.reached / self.weight

    @property
    def reached_text(self) -> str:
        """The figure with the decimals that the strictest unmet threshold asks for."""
        texts = [cell.reached_text for cell in self.cells if cell and not cell.met]
        return max(texts, key=len, default=scoring.points_text(self.reached))


@dataclass(frozen=True, slots=True)
class PredicateReport:
    """Where the worksheet stands before one predicate.

    ``requires`` names the predicate to hold before. ``thinnest`` is the met rule with the
    smallest margin, ``widest`` the unmet one with the largest gap; ``exact`` are those met without
    any margin.
    """

    code: str
    name: str
    kind: Verdict
    rule_count: int
    unmet: tuple[RuleRow, ...]
    widest: RuleRow | None
    widest_area: RuleRow | None
    thinnest: RuleRow | None
    exact: tuple[RuleRow, ...]
    index: int
    requires: str | None

    @property
    def is_met(self) -> bool:
        """Tell whether every threshold is met; the required predicate stands apart."""
        return self.kind is Verdict.MET

    def cell(self, row: RuleRow) -> RuleCell | None:
        """Return this predicate's side of a rule."""
        return row.cells[self.index]

    @property
    def widest_gap_text(self) -> str:
        """The largest gap, rounded up."""
        return self.cell(self.widest).gap_text if self.widest else ""

    @property
    def thinnest_margin_text(self) -> str:
        """The smallest margin, rounded down."""
        return self.cell(self.thinnest).margin_text.lstrip("+") if self.thinnest else ""

    @property
    def widest_area_gap_text(self) -> str:
        """The largest gap of an area, rounded up."""
        return self.cell(self.widest_area).gap_text if self.widest_area else ""

    @property
    def met_count(self) -> int:
        """How many of its thresholds are met."""
        return self.rule_count - len(self.unmet)


@dataclass(frozen=True, slots=True)
class ComponentLine:
    """A line of the table of results: a component, a change area, a part of the results, the total.

    ``minimum`` and ``met`` are those of the target predicate; None where it has no such rule.
    ``unit_points`` is the self-assessment as handed in; None without one.
    """

    label: str
    name: str
    depth: int
    weight: Fraction
    points: Fraction
    unit_points: Fraction | None
    minimum: RuleCell | None
    is_total: bool = False

    @property
    def ratio(self) -> Fraction:
        """Points as a share of the weight, 0..1."""
        return self.points / self.weight


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One row of the worksheet as the annex and chapter 7 print it.

    weight: what the row is worth within its sub-component; 0 for a row left out by its zero
    policy. ``repaired_text`` is the unit's value after a repair where it changed.
    ``potential``: points its full value would still add.
    """

    code: str
    statement: str
    weight: Fraction
    unit_text: str
    repaired_text: str
    tpi_text: str
    value: Fraction | None
    points: Fraction
    potential: Fraction
    helps: tuple[tuple[str, int], ...]
    document: DocumentCheck
    implementation: ImplementationCheck
    method: str
    condition: str
    advice: str
    reason: Reason
    state: RowState
    differs: bool

    @property
    def document_is_short(self) -> bool:
        """Tell whether the evidence was judged and is missing or not adequate."""
        return self.document in (DocumentCheck.INADEQUATE, DocumentCheck.ABSENT)

    @property
    def implementation_is_short(self) -> bool:
        """Tell whether the practice was seen and is not complete."""
        return self.implementation in (ImplementationCheck.PARTLY, ImplementationCheck.NOT_DONE)

    @property
    def is_paper_only(self) -> bool:
        """Tell whether the document is adequate while the practice is not complete."""
        return self.document == DocumentCheck.ADEQUATE and self.implementation_is_short

    @property
    def is_noteworthy(self) -> bool:
        """Tell whether something is short of full, or differs, and somebody wrote why."""
        short = self.value is not None and self.value < ONE
        return bool(self.condition or self.advice) and (
            short or self.differs or self.document_is_short or self.implementation_is_short
        )


@dataclass(frozen=True, slots=True)
class PartReport:
    """A sub-component with its rows; ``mean`` is the mean value of the rows that count."""

    code: str
    name: str
    weight: Fraction
    points: Fraction
    rows: tuple[IndicatorLine, ...]

    @property
    def mean(self) -> Fraction:
        """Points as a share of the weight, 0..1."""
        return self.points / self.weight


@dataclass(frozen=True, slots=True)
class BandReport:
    """What the annex groups under one dark line: an aspect of an area, or a part of the results."""

    code: str
    name: str
    weight: Fraction
    points: Fraction
    parts: tuple[PartReport, ...]

    @property
    def ratio(self) -> Fraction:
        """Points as a share of the weight, 0..1."""
        return self.points / self.weight


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """How many rows have which finding; the two checks are separate facts."""

    total: int
    adequate: int
    inadequate: int
    absent: int
    document_unchecked: int
    done: int
    partly: int
    not_done: int
    implementation_unchecked: int
    paper_only: int

    @property
    def not_full(self) -> int:
        """How many rows are practised in part or not at all."""
        return self.partly + self.not_done


@dataclass(frozen=True, slots=True)
class SectionReport:
    """A change area, or the results: figures, rows, notes."""

    code: str
    name: str
    is_area: bool
    weight: Fraction
    points: Fraction
    unit_points: Fraction | None
    gates: tuple[RuleCell, ...]
    bands: tuple[BandReport, ...]
    notes: tuple[IndicatorLine, ...]
    notes_left_out: int
    checks: CheckCounts
    full_count: int
    answered_count: int
    differing_count: int

    @property
    def ratio(self) -> Fraction:
        """Points as a share of the weight, 0..1."""
        return self.points / self.weight

    @property
    def unit_ratio(self) -> Fraction | None:
        """The self-assessment as a share of the weight, 0..1."""
        return None if self.unit_points is None else self.unit_points / self.weight

    @property
    def fall(self) -> Fraction:
        """Points by which the TPI's figure lies below the unit's; negative above it."""
        return ZERO if self.unit_points is None else self.unit_points - self.points

    @property
    def row_count(self) -> int:
        """How many rows the section has."""
        return self.checks.total

    @property
    def short_count(self) -> int:
        """How many answered rows are below their full value."""
        return self.answered_count - self.full_count

    @property
    def has_bands(self) -> bool:
        """Tell whether the rows stand in more than one band."""
        return len(self.bands) > 1

    @property
    def gates_met(self) -> int:
        """How many of the area's gates are met, from the lowest."""
        return sum(cell.met for cell in self.gates)


@dataclass(frozen=True, slots=True)
class CrossCell:
    """How many rows have one pair of findings; whether that means paper without practice."""

    count: int
    is_paper_only: bool


@dataclass(frozen=True, slots=True)
class CrossLine:
    """Rows with one finding on the document, by finding on the implementation."""

    label: str
    cells: tuple[CrossCell, ...]

    @property
    def total(self) -> int:
        """How many rows have the finding on the document."""
        return sum(cell.count for cell in self.cells)


@dataclass(frozen=True, slots=True)
class AspectColumn:
    """One aspect (Pemenuhan, Reform) over all areas, for the table beside the chart."""

    name: str
    points: Fraction
    weight: Fraction

    @property
    def ratio(self) -> Fraction:
        """Points as a share of the weight, 0..1."""
        return self.points / self.weight


@dataclass(frozen=True, slots=True)
class AreasTotal:
    """All change areas together; ``unit_points`` is None without a self-assessment."""

    weight: Fraction
    points: Fraction
    unit_points: Fraction | None

    @property
    def ratio(self) -> Fraction:
        """Points as a share of the weight, 0..1."""
        return self.points / self.weight

    @property
    def unit_ratio(self) -> Fraction | None:
        """The self-assessment as a share of the weight, 0..1."""
        return None if self.unit_points is None else self.unit_points / self.weight


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the team advises: the words, the rows, and what full values there would add."""

    advice: str
    codes: tuple[str, ...]
    points: Fraction
    helps: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SumLine:
    """One figure with the sum behind it: "0,50 + 0,25 = 0,75"; notes on cuts and policies.

    is_row: a computed row of the worksheet, whose formula gives its value 0..1.
    """

    code: str
    label: str
    formula: str
    notes: tuple[str, ...]
    is_row: bool


@dataclass(frozen=True, slots=True)
class WayStep:
    """One upgrade of the shortest way: the row, what to do, what it adds, the total after it."""

    code: str
    label: str
    gain: Fraction
    total_after: Fraction


@dataclass(frozen=True, slots=True)
class Way:
    """The shortest way to a predicate, or why there is none.

    ``blocking`` holds the sentences of the thresholds that nothing reaches; ``wishes`` what the
    unit said of its rows and the way keeps to, "" where it said nothing.
    """

    predicate: str
    is_feasible: bool
    steps: tuple[WayStep, ...]
    left_out: int
    total_after: Fraction
    blocking: tuple[str, ...]
    wishes: str = ""

    @property
    def step_count(self) -> int:
        """How many rows the way raises."""
        return len(self.steps) + self.left_out
