"""The evaluation report (Laporan Hasil Evaluasi, LHE) as frozen data: all that it prints.

Page and PDF print the same object; templates choose words, this package chooses facts.
``assembly`` fills it from a worksheet, ``builder`` from the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from assessments import scoring
from assessments.models.worksheets import RowState
from assessments.reports.circumstances import Circumstances
from assessments.reports.lines import (
    AreasTotal,
    AspectColumn,
    CheckCounts,
    ComponentLine,
    CrossLine,
    IndicatorLine,
    PredicateReport,
    Recommendation,
    RuleCell,
    RuleRow,
    SectionReport,
    SumLine,
    Way,
    WayStep,
)
from assessments.scoring import ZERO, Reading

SUMMARY_STEPS = 6
SUMMARY_ROWS = 5
"""What a one-page document has room for."""


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """The whole report. ``result`` is the TPI's scoring, ``unit_result`` the unit's own."""

    about: Circumstances
    result: scoring.Result
    unit_result: scoring.Result | None
    row_count: int
    predicates: tuple[PredicateReport, ...]
    components: tuple[ComponentLine, ...]
    rules: tuple[RuleRow, ...]
    sections: tuple[SectionReport, ...]
    aspect_names: tuple[str, ...]
    aspects: tuple[AspectColumn, ...]
    cross_heads: tuple[str, ...]
    cross: tuple[CrossLine, ...]
    checks: CheckCounts
    paper_only: tuple[IndicatorLine, ...]
    repairs: tuple[IndicatorLine, ...]
    recommendations: tuple[Recommendation, ...]
    recommendations_left_out: int
    differing_count: int
    way: Way | None
    scales: tuple[tuple[str, tuple[str, ...]], ...]
    sums: tuple[SumLine, ...]

    @property
    def cross_totals(self) -> tuple[int, ...]:
        """The sums of the cross table's columns."""
        columns = zip(*(line.cells for line in self.cross), strict=True)
        return tuple(sum(cell.count for cell in column) for column in columns)

    @property
    def total(self) -> Fraction:
        """The total that counts (nilai), of 100."""
        return self.result.total

    @property
    def filled_total(self) -> Fraction:
        """The total over answered rows only (nilai butir terisi), of 100."""
        return self.result.readings[Reading.FILLED].total

    @property
    def unit_total(self) -> Fraction | None:
        """The total of the self-assessment as handed in; None without one."""
        return None if self.unit_result is None else self.unit_result.total

    @property
    def difference(self) -> Fraction | None:
        """Points by which the TPI's total differs from the unit's; negative when lower."""
        return None if self.unit_result is None else self.total - self.unit_total

    @property
    def missing_count(self) -> int:
        """How many rows the TPI has not answered."""
        return len(self.result.missing)

    @property
    def is_complete(self) -> bool:
        """Tell whether every row is answered."""
        return not self.result.missing

    @property
    def is_provisional(self) -> bool:
        """Tell whether the figures may still change: not final, or not complete."""
        return not self.about.is_final or not self.is_complete

    @property
    def areas(self) -> tuple[SectionReport, ...]:
        """The change areas in order."""
        return tuple(section for section in self.sections if section.is_area)

    @property
    def target(self) -> PredicateReport:
        """The predicate that the unit aims at."""
        return next(p for p in self.predicates if p.code == self.about.target)

    @property
    def others(self) -> tuple[PredicateReport, ...]:
        """The predicates beside the target."""
        return tuple(p for p in self.predicates if p.code != self.about.target)

    @property
    def lowest_area(self) -> SectionReport | None:
        """The area with the smallest share of its weight."""
        return min(self.areas, key=lambda area: area.ratio, default=None)

    @property
    def widest_fall(self) -> SectionReport | None:
        """The section in which the TPI's figure is furthest below the unit's; None if none is."""
        fallen = [section for section in self.sections if section.fall > 0]
        return max(fallen, key=lambda section: section.fall, default=None)

    @property
    def difference_size(self) -> Fraction:
        """The difference without its sign; 0 without a self-assessment."""
        return abs(self.difference or ZERO)

    @property
    def main_components(self) -> tuple[ComponentLine, ...]:
        """The components of the first level."""
        return tuple(c for c in self.components if c.depth == 0 and not c.is_total)

    @property
    def areas_total(self) -> AreasTotal:
        """All areas together."""
        known = self.unit_result is not None
        return AreasTotal(
            weight=sum((area.weight for area in self.areas), ZERO),
            points=sum((area.points for area in self.areas), ZERO),
            unit_points=sum((area.unit_points for area in self.areas), ZERO) if known else None,
        )

    @property
    def areas_met_count(self) -> int:
        """How many areas meet the target's gate."""
        return sum(
            any(cell.met for cell in area.gates if cell.predicate == self.about.target)
            for area in self.areas
        )

    @property
    def letter_rules(self) -> tuple[tuple[RuleRow, RuleCell], ...]:
        """The target's rules with its cells, of the areas only the one that stands lowest."""
        pairs = [(row, self.target.cell(row)) for row in self.rules]
        pairs = [(row, cell) for row, cell in pairs if cell is not None]
        areas = [row for row, _cell in pairs if row.is_area]
        lowest = min(areas, key=lambda row: row.ratio, default=None)
        return tuple((row, cell) for row, cell in pairs if not row.is_area or row is lowest)

    @property
    def summary_rules(self) -> tuple[tuple[RuleRow, RuleCell], ...]:
        """The first of the target's rules that are not about one area, at most four."""
        return tuple(pair for pair in self.letter_rules if not pair[0].is_area)[:4]

    @property
    def summary_steps(self) -> tuple[WayStep, ...]:
        """The steps of the shortest way that a one-page document has room for."""
        return self.way.steps[:SUMMARY_STEPS] if self.way else ()

    @property
    def summary_steps_left_out(self) -> int:
        """How many steps the one-page document leaves out."""
        return self.way.step_count - len(self.summary_steps) if self.way else 0

    @property
    def weightiest(self) -> tuple[IndicatorLine, ...]:
        """The rows whose full value would add most, for the one-page document."""
        rows = [
            row
            for section in self.sections
            for band in section.bands
            for part in band.parts
            for row in part.rows
            if row.potential
        ]
        return tuple(sorted(rows, key=lambda row: -row.potential)[:SUMMARY_ROWS])

    @property
    def repairs_accepted_count(self) -> int:
        """How many returned rows were accepted after their repair."""
        return sum(line.state == RowState.ACCEPTED_AFTER for line in self.repairs)

    @property
    def has_area_gates(self) -> bool:
        """Tell whether the edition judges the areas one by one."""
        return any(area.gates for area in self.areas)

    @property
    def warnings(self) -> tuple[scoring.Warning, ...]:
        """What a reader of the figures must know about single rows."""
        silent = (scoring.WarningKind.NOTHING_ANSWERED,)
        return tuple(w for w in self.result.warnings if w.kind not in silent)

    @property
    def as_of(self) -> datetime:
        """The moment of the figures: when the worksheet became final, else now."""
        return self.about.finalized_at or self.about.computed_at
