"""From a worksheet and its circumstances to the report: pure, no database, no words of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from assessments import scoring
from assessments.dashboard.ways import NO_WISHES, Wishes, plan_with, wishes_sentence
from assessments.models.worksheets import DocumentCheck, ImplementationCheck, RowState
from assessments.reports.circumstances import RESULTS, Circumstances, SheetRow
from assessments.reports.evaluation import EvaluationReport
from assessments.reports.lines import (
    AspectColumn,
    BandReport,
    CheckCounts,
    ComponentLine,
    CrossCell,
    CrossLine,
    IndicatorLine,
    PartReport,
    PredicateReport,
    Recommendation,
    RuleCell,
    RuleRow,
    SectionReport,
    SumLine,
    Way,
    WayStep,
)
from assessments.scoring import ONE, ZERO, Reading

NOTES_PER_SECTION = 8
"""Rows set out in chapter 7 per area; the annex holds every row."""
RECOMMENDATIONS = 12
WAY_STEPS = 12
REPAIR_STATES = (RowState.NEEDS_REPAIR, RowState.REPAIRED, RowState.ACCEPTED_AFTER)


def assemble(
    engine: scoring.Instrument,
    rows: Sequence[SheetRow],
    about: Circumstances,
    wishes: Wishes = NO_WISHES,
) -> EvaluationReport:
    """Return the report of a worksheet.

    rows: one per indicator of the instrument, in any order. wishes: what the unit says of its
    rows' effort, which the shortest way keeps.
    Raises AnswerError when stored answers cannot be scored: better no report than a wrong one.
    """
    by_code = {row.code: row for row in rows}
    answers = {row.code: row.tpi for row in rows}
    result = scoring.score(engine, answers)
    sealed = {row.code: row.sealed for row in rows}
    unit_result = (
        scoring.score(engine, sealed) if any(a is not None for a in sealed.values()) else None
    )
    potentials = scoring.potential(engine, answers, result)
    rule_rows = _rule_rows(engine, result)
    sections = tuple(
        _section(engine, section_code, codes, by_code, result, unit_result, potentials, rule_rows)
        for section_code, codes in _sections_of(engine).items()
    )
    lines = [row for s in sections for band in s.bands for part in band.parts for row in part.rows]
    practices = _findings((line.implementation for line in lines), ImplementationCheck)
    recommendations = _recommendations(lines)
    aspect_names = _aspect_names(engine)
    return EvaluationReport(
        about=about,
        result=result,
        unit_result=unit_result,
        row_count=len(engine.indicators),
        predicates=tuple(
            _predicate(engine, result, rule_rows, index, predicate)
            for index, predicate in enumerate(engine.predicates)
        ),
        components=tuple(_components(engine, result, unit_result, rule_rows, about.target)),
        rules=tuple(rule_rows),
        sections=sections,
        aspect_names=aspect_names,
        aspects=tuple(_aspects(engine, result, aspect_names)),
        cross_heads=tuple(str(practice.label) for practice in practices),
        cross=_cross(lines, practices),
        checks=_counts(lines),
        paper_only=tuple(line for line in lines if line.is_paper_only),
        repairs=tuple(line for line in lines if line.state in REPAIR_STATES),
        recommendations=recommendations[:RECOMMENDATIONS],
        recommendations_left_out=max(0, len(recommendations) - RECOMMENDATIONS),
        differing_count=sum(line.differs for line in lines),
        way=_way(engine, answers, result, about.target, wishes),
        scales=tuple(_scales(engine)),
        sums=tuple(_sums(engine, answers, result)),
    )


def _sections_of(engine: scoring.Instrument) -> dict[str, list[str]]:
    """Return the indicator codes of each change area, then of all that is in none."""
    sections: dict[str, list[str]] = {area.code: [] for area in engine.areas}
    for code in engine.indicators:
        sections.setdefault(engine.area_of(code) or RESULTS, []).append(code)
    return sections


def _rule_rows(engine: scoring.Instrument, result: scoring.Result) -> list[RuleRow]:
    """Return the thresholds of all predicates side by side, in the instrument's order."""
    codes: dict[str, None] = {}
    found: dict[str, dict[str, scoring.RuleResult]] = {}
    for predicate in engine.predicates:
        for rule in result.gates[predicate.code].rules:
            codes.setdefault(rule.code)
            found.setdefault(rule.code, {})[predicate.code] = rule
    roots = {root.code for root in engine.roots}
    nodes = {t.code: t.nodes for thresholds in engine.thresholds.values() for t in thresholds}
    rows = []
    for code in codes:
        rules = found[code]
        first = next(iter(rules.values()))
        cells = tuple(
            RuleCell(p.code, rules[p.code].required, rules[p.code].reached, rules[p.code].met)
            if p.code in rules
            else None
            for p in engine.predicates
        )
        is_area = code.partition(".")[0] == "area"
        is_main = roots.issuperset(nodes[code])
        rows.append(
            RuleRow(code, first.label, first.reached, first.weight, cells, is_area, is_main)
        )
    return rows


def _predicate(
    engine: scoring.Instrument,
    result: scoring.Result,
    rows: Sequence[RuleRow],
    index: int,
    predicate: scoring.Predicate,
) -> PredicateReport:
    state = scoring.readiness(result, predicate.code)
    by_code = {row.code: row for row in rows}
    unmet = tuple(by_code[rule.code] for rule in state.unmet)
    areas = [row for row in unmet if row.is_area]
    return PredicateReport(
        code=predicate.code,
        name=predicate.name,
        kind=state.kind,
        rule_count=len(result.gates[predicate.code].rules),
        unmet=unmet,
        widest=by_code[state.widest.code] if state.widest else None,
        widest_area=max(
            areas, key=lambda row: row.cells[index].required - row.reached, default=None
        ),
        thinnest=by_code[state.thinnest.code] if state.thinnest else None,
        exact=tuple(
            row for row in rows if (cell := row.cells[index]) and cell.required == cell.reached
        ),
        index=index,
        requires=predicate.requires,
    )


def _components(
    engine: scoring.Instrument,
    result: scoring.Result,
    unit_result: scoring.Result | None,
    rule_rows: Sequence[RuleRow],
    target: str,
) -> Iterable[ComponentLine]:
    """Yield the lines of the table of results, the grand total last."""
    index = next(i for i, p in enumerate(engine.predicates) if p.code == target)
    thresholds = {t.nodes: t.code for t in engine.thresholds[target]}
    cells = {row.code: row.cells[index] for row in rule_rows}

    def line(
        number: str, name: str, depth: int, nodes: tuple[str, ...], *, is_total: bool = False
    ) -> ComponentLine:
        return ComponentLine(
            label=f"{number}. {name}",
            name=name,
            depth=depth,
            weight=sum((engine.nodes[code].weight for code in nodes), ZERO),
            points=_points(result, nodes),
            unit_points=None if unit_result is None else _points(unit_result, nodes),
            minimum=cells.get(thresholds.get(nodes, "")),
            is_total=is_total,
        )

    for root in engine.roots:
        yield line(root.code, root.name, 0, (root.code,))
        inside = {node.code for node in root.walk()}
        areas = [area for area in engine.areas if inside.issuperset(area.nodes)]
        for area in areas:
            yield line(area.code, area.name, 1, area.nodes)
        if areas:
            continue
        for child in root.children:
            yield line(_last(child.code), child.name, 1, (child.code,))
            if len(child.children) > 1:
                for part in child.children:
                    yield line(_last(part.code), part.name, 2, (part.code,))
    yield line("", "", 0, tuple(root.code for root in engine.roots), is_total=True)


def _last(code: str) -> str:
    return code.rpartition(".")[2]


def _points(result: scoring.Result, nodes: Iterable[str]) -> Fraction:
    points = result.readings[Reading.SAFE].nodes
    return sum((points[code] for code in nodes), ZERO)


def _section(
    engine: scoring.Instrument,
    code: str,
    codes: Sequence[str],
    by_code: Mapping[str, SheetRow],
    result: scoring.Result,
    unit_result: scoring.Result | None,
    potentials: Mapping[str, scoring.Potential],
    rule_rows: Sequence[RuleRow],
) -> SectionReport:
    area = next((area for area in engine.areas if area.code == code), None)
    bands = tuple(_bands(engine, codes, by_code, result, potentials))
    lines = [row for band in bands for part in band.parts for row in part.rows]
    noted = [line for line in lines if line.is_noteworthy]
    weightiest = sorted(noted, key=lambda line: (-line.potential, not line.differs))
    kept = {line.code for line in weightiest[:NOTES_PER_SECTION]}
    if area:
        name, nodes = area.name, area.nodes
    else:
        roots = {_root_of(engine, band.code) for band in bands}
        nodes = tuple(root.code for root in engine.roots if root.code in roots)
        name = ", ".join(engine.nodes[root].name for root in nodes)
    gates = [row for row in rule_rows if area and row.code == f"area.{code}"]
    return SectionReport(
        code=code,
        name=name,
        is_area=area is not None,
        weight=sum((engine.nodes[node].weight for node in nodes), ZERO),
        points=_points(result, nodes),
        unit_points=None if unit_result is None else _points(unit_result, nodes),
        gates=tuple(cell for row in gates for cell in row.cells if cell),
        bands=bands,
        notes=tuple(line for line in lines if line.code in kept),
        notes_left_out=len(noted) - len(kept),
        checks=_counts(lines),
        full_count=sum(line.value == ONE for line in lines),
        answered_count=sum(line.value is not None for line in lines),
        differing_count=sum(line.differs for line in lines),
    )


def _root_of(engine: scoring.Instrument, code: str) -> str:
    parent = engine.parent_of(code)
    return code if parent is None else _root_of(engine, parent)


def _bands(
    engine: scoring.Instrument,
    codes: Sequence[str],
    by_code: Mapping[str, SheetRow],
    result: scoring.Result,
    potentials: Mapping[str, scoring.Potential],
) -> Iterable[BandReport]:
    """Yield the nodes above the sub-components of some rows, in worksheet order."""
    grouped: dict[str, dict[str, list[str]]] = {}
    for code in codes:
        part = engine.sub_component_of(code).code
        band = engine.parent_of(part) or part
        grouped.setdefault(band, {}).setdefault(part, []).append(code)
    points = result.readings[Reading.SAFE].nodes
    for band, parts in grouped.items():
        node = engine.nodes[band]
        parent = engine.parent_of(band)
        # Under an area the aspect above it tells Pemenuhan from Reform; its own name is the area's.
        is_aspect = node.kind == "area" and parent is not None and engine.parent_of(parent)
        yield BandReport(
            code=band,
            name=engine.nodes[parent].name if is_aspect else node.name,
            weight=node.weight,
            points=points[band],
            parts=tuple(
                PartReport(
                    code=part,
                    name=engine.nodes[part].name,
                    weight=engine.nodes[part].weight,
                    points=points[part],
                    rows=tuple(
                        _line(engine, by_code[code], result, potentials[code]) for code in row_codes
                    ),
                )
                for part, row_codes in parts.items()
            ),
        )


def _line(
    engine: scoring.Instrument,
    row: SheetRow,
    result: scoring.Result,
    potential: scoring.Potential,
) -> IndicatorLine:
    indicator = engine.indicators[row.code]
    node = engine.sub_component_of(row.code)
    counted = sum(item.code not in result.excluded for item in node.indicators)
    weight = ZERO if row.code in result.excluded else node.weight / counted
    value = result.values[row.code]
    helps = Counter(rule.partition(":")[0] for rule in potential.rules)
    return IndicatorLine(
        code=row.code,
        statement=indicator.statement,
        weight=weight,
        unit_text=answer_text(indicator, row.sealed),
        repaired_text="" if row.unit == row.sealed else answer_text(indicator, row.unit),
        tpi_text=answer_text(indicator, row.tpi),
        value=value,
        points=weight * (value or ZERO),
        potential=potential.points,
        helps=tuple(helps.items()),
        document=row.document,
        implementation=row.implementation,
        method=row.method,
        condition=row.condition,
        advice=row.advice,
        reason=row.reason,
        state=row.state,
        differs=row.tpi is not None and row.sealed is not None and row.tpi != row.sealed,
    )


def answer_text(indicator: scoring.Indicator, answer: scoring.Answer) -> str:
    """Return an answer as a table cell: a letter, "6/8", an index, "12 → 8", "–" for none."""
    if answer is None:
        return "–"
    if not indicator.is_computed:
        return str(answer)
    kind = indicator.computation.kind
    if kind == scoring.SCORE04:
        return scoring.points_text(scoring.total_of(indicator, scoring.INDEX, answer))
    sign, *roles = {
        scoring.RATIO: ("/", scoring.NUMERATOR, scoring.DENOMINATOR),
        scoring.DECREASE_RATIO: (" → ", scoring.REFERENCE, scoring.COMPARED),
    }[kind]
    return sign.join(
        scoring.number_text(scoring.total_of(indicator, role, answer)) for role in roles
    )


def _counts(lines: Sequence[IndicatorLine]) -> CheckCounts:
    documents = Counter(line.document for line in lines)
    practice = Counter(line.implementation for line in lines)
    return CheckCounts(
        total=len(lines),
        adequate=documents[DocumentCheck.ADEQUATE],
        inadequate=documents[DocumentCheck.INADEQUATE],
        absent=documents[DocumentCheck.ABSENT],
        document_unchecked=documents[DocumentCheck.UNCHECKED],
        done=practice[ImplementationCheck.DONE],
        partly=practice[ImplementationCheck.PARTLY],
        not_done=practice[ImplementationCheck.NOT_DONE],
        implementation_unchecked=practice[ImplementationCheck.UNCHECKED],
        paper_only=sum(line.is_paper_only for line in lines),
    )


def _findings(findings: Iterable, check: type) -> list:
    """Return the findings of one check that stand in a table; "unchecked" last and only if used."""
    found = [finding for finding in check if finding.value]
    return [*found, check.UNCHECKED] if check.UNCHECKED in set(findings) else found


def _cross(
    lines: Sequence[IndicatorLine], practices: Sequence[ImplementationCheck]
) -> tuple[CrossLine, ...]:
    pairs = Counter((line.document, line.implementation) for line in lines)
    paper = {(line.document, line.implementation) for line in lines if line.is_paper_only}
    return tuple(
        CrossLine(
            label=str(document.label),
            cells=tuple(
                CrossCell(pairs[document, practice], (document, practice) in paper)
                for practice in practices
            ),
        )
        for document in _findings((line.document for line in lines), DocumentCheck)
    )


def _aspect_names(engine: scoring.Instrument) -> tuple[str, ...]:
    """Return the aspects that every area has, such as Pemenuhan and Reform; none in an edition
    whose areas are single nodes."""
    if any(len(area.nodes) < 2 for area in engine.areas):
        return ()
    names: dict[str, None] = {}
    for area in engine.areas:
        for node in area.nodes:
            names.setdefault(engine.nodes[engine.parent_of(node)].name)
    return tuple(names)


def _aspects(
    engine: scoring.Instrument, result: scoring.Result, names: Sequence[str]
) -> Iterable[AspectColumn]:
    for name in names:
        nodes = [
            node
            for area in engine.areas
            for node in area.nodes
            if engine.nodes[engine.parent_of(node)].name == name
        ]
        weight = sum((engine.nodes[node].weight for node in nodes), ZERO)
        yield AspectColumn(name, _points(result, nodes), weight)


def _recommendations(lines: Iterable[IndicatorLine]) -> tuple[Recommendation, ...]:
    """Return the advice given, the same words once, by the points that it may add."""
    grouped: dict[str, list[IndicatorLine]] = {}
    for line in lines:
        if line.advice:
            grouped.setdefault(line.advice, []).append(line)
    found = []
    for advice, rows in grouped.items():
        helps: Counter[str] = Counter()
        for row in rows:
            for predicate, count in row.helps:
                helps[predicate] = max(helps[predicate], count)
        points = sum((row.potential for row in rows), ZERO)
        codes = tuple(row.code for row in rows)
        found.append(Recommendation(advice, codes, points, tuple(helps.items())))
    return tuple(sorted(found, key=lambda item: -item.points))


def _way(
    engine: scoring.Instrument,
    answers: scoring.Answers,
    result: scoring.Result,
    target: str,
    wishes: Wishes,
) -> Way | None:
    """Return the shortest way to the target or, where that is met, to the predicate after it.

    None where all is met, and for a worksheet with open rows: it would count them as worst.
    """
    if result.missing:
        return None
    ahead = [target, *(p.code for p in engine.predicates if p.requires == target)]
    predicate = next((code for code in ahead if not result.gates[code].met), None)
    if predicate is None:
        return None
    found = plan_with(engine, answers, predicate, wishes)
    steps = tuple(
        WayStep(upgrade.code, upgrade.label, upgrade.gain, total)
        for upgrade, total in zip(found.upgrades, found.totals_by_step, strict=True)
    )
    return Way(
        predicate=predicate,
        is_feasible=found.feasible,
        steps=steps[:WAY_STEPS],
        left_out=max(0, len(steps) - WAY_STEPS),
        total_after=found.total_after,
        blocking=tuple(f"{item.label}: {item.reason}" for item in found.blocking),
        wishes=wishes_sentence(wishes),
    )


def _sums(
    engine: scoring.Instrument, answers: scoring.Answers, result: scoring.Result
) -> Iterable[SumLine]:
    """Yield where each figure comes from: the total, every node, every computed row, every rule.

    A row with a choice stands in the annex's table already: its letter, value and points.
    """

    def walk(line: scoring.Line) -> Iterable[SumLine]:
        row = engine.indicators.get(line.code)
        if row is not None:
            if row.is_computed:
                counts = "; ".join(f"{count.label}: {count.formula}" for count in line.children)
                notes = (counts, *line.notes) if counts else line.notes
                yield SumLine(line.code, line.label, line.formula, notes, is_row=True)
            return
        yield SumLine(line.code, line.label, line.formula, line.notes, is_row=False)
        for child in line.children:
            yield from walk(child)

    total = scoring.explain(engine, answers, scoring.TOTAL, result=result).line
    head, *rest = walk(total)
    yield SumLine("", head.label, head.formula, head.notes, is_row=False)
    yield from rest
    for predicate, rules in engine.thresholds.items():
        for rule in rules:
            line = scoring.explain(engine, answers, f"{predicate}:{rule.code}", result=result).line
            yield SumLine(predicate, line.label, line.formula, line.notes, is_row=False)


def _scales(engine: scoring.Instrument) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Yield each scale of letters that the edition uses, once: its letters and their values."""
    seen = set()
    for indicator in engine.indicators.values():
        if indicator.options and indicator.scale not in seen:
            seen.add(indicator.scale)
            yield (
                "/".join(option.code for option in indicator.options),
                tuple(scoring.number_text(option.value) for option in indicator.options),
            )
