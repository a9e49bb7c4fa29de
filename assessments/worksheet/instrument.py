"""What an instrument's page shows: tree, thresholds, eligibility, sources, changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import scoring
from assessments.catalog import catalog_of
from assessments.models import Instrument
from assessments.services.instruments import difference
from assessments.worksheet.fixed import fixed_of


@dataclass(frozen=True, slots=True)
class InstrumentRow:
    """An indicator with its options or counts, and the documents that are expected."""

    code: str
    statement: str
    scale: str
    weight: str
    options: tuple[tuple[str, str, str], ...]
    inputs: tuple[str, ...]
    formula: str
    zero: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstrumentNode:
    """A node of the tree; ``level`` counts from 0."""

    code: str
    name: str
    kind: str
    weight: str
    level: int
    children: tuple[InstrumentNode, ...]
    rows: tuple[InstrumentRow, ...]
    count: int


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A threshold: what is judged, and what each predicate asks."""

    label: str
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstrumentPage:
    """An edition as its page shows it."""

    regulation: str
    amendments: tuple[str, ...]
    note: str
    indicator_count: int
    scales: tuple[tuple[str, str], ...]
    tree: tuple[InstrumentNode, ...]
    predicates: tuple[str, ...]
    thresholds: tuple[RuleLine, ...]
    eligibility: tuple[tuple[str, tuple[RuleLine, ...]], ...]
    sources: tuple[str, ...]
    before: str
    changes: tuple[str, ...]


SCALE_NAMES = {
    "YA_TIDAK": "Ya/Tidak",
    "ABC": "A/B/C",
    "ABCD": "A/B/C/D",
    "ABCDE": "A/B/C/D/E",
    "PERSEN": gettext_lazy("Persen"),
    "SKOR_0_4": gettext_lazy("Skor 0–4"),
}


def instrument_page(instrument: Instrument) -> InstrumentPage:
    """Return an edition's page; the version before it is read for the difference."""
    catalog = catalog_of(instrument)
    engine, document = catalog.engine, instrument.document
    before = (
        Instrument.objects.filter(code=instrument.code, version__lt=instrument.version)
        .order_by("-version")
        .first()
    )
    regulation = document.get("regulation") or {}
    return InstrumentPage(
        regulation=_("{short}: {title}").format(
            short=regulation.get("short", ""), title=regulation.get("title", "")
        ),
        amendments=tuple(
            _("Diubah dengan nomor {number} tahun {year}: {changes}").format(**item)
            for item in document.get("amendments") or ()
            if {"number", "year", "changes"} <= item.keys()
        ),
        note=str(document.get("wording") or ""),
        indicator_count=catalog.indicator_count,
        scales=tuple(_scales(document)),
        tree=tuple(_node(root, 0, catalog, document) for root in engine.roots),
        predicates=tuple(item.code for item in engine.predicates),
        thresholds=tuple(_thresholds(engine)),
        eligibility=tuple(_eligibility(engine, document)),
        sources=tuple(str(item.get("what", "")) for item in document.get("sources") or ()),
        before=str(before) if before else "",
        changes=tuple(difference(before.document, document)) if before else (),
    )


def _scales(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for code, scale in (document.get("scales") or {}).items():
        values = scale.get("values")
        said = str(values)
        if isinstance(values, Mapping):
            said = ", ".join(
                f"{letter} = {str(value).replace('.', ',')}" for letter, value in values.items()
            )
        yield SCALE_NAMES.get(code, code), said


def _node(node: scoring.Node, level: int, catalog, document) -> InstrumentNode:
    fixed = fixed_of(catalog)
    children = tuple(_node(child, level + 1, catalog, document) for child in node.children)
    rows = tuple(
        InstrumentRow(
            code=row.code,
            statement=row.statement,
            scale=SCALE_NAMES.get(row.scale, row.scale),
            weight=scoring.points_text(catalog.engine.portions[row.code]),
            options=tuple(
                (code, criteria, value) for code, _key, criteria, value in fixed[row.code].options
            ),
            inputs=tuple(item.label for item in row.inputs),
            formula=_formula(row),
            zero=row.computation.zero_reason if row.computation else "",
            evidence=catalog.evidence.get(row.code, ()),
        )
        for row in node.indicators
    )
    return InstrumentNode(
        code=node.code,
        name=node.name,
        kind=node.kind,
        weight=scoring.points_text(node.weight),
        level=level,
        children=children,
        rows=rows,
        count=len(rows) + sum(child.count for child in children),
    )


def _formula(row: scoring.Indicator) -> str:
    """Return a computed row's formula in the labels of its counts."""
    if not row.is_computed:
        return ""
    if row.computation.kind == scoring.SCORE04:
        return f"{_sum(row, scoring.INDEX)} ÷ {scoring.SURVEY_SCALE}"
    if row.computation.kind == scoring.DECREASE_RATIO:
        last = _sum(row, scoring.REFERENCE)
        return f"({last} − {_sum(row, scoring.COMPARED)}) ÷ {last}"
    return f"{_sum(row, scoring.NUMERATOR)} ÷ {_sum(row, scoring.DENOMINATOR)}"


def _sum(row: scoring.Indicator, role: str) -> str:
    labels = [item.label for item in row.inputs_of(role)]
    return labels[0] if len(labels) == 1 else f"({' + '.join(labels)})"


def _thresholds(engine: scoring.Instrument) -> Iterator[RuleLine]:
    """Yield the rules with what each predicate asks, in points or as a share of the weight."""
    by_code: dict[str, dict[str, scoring.Rule]] = {}
    for rule in engine.rules:
        by_code.setdefault(rule.code, {})[rule.predicate] = rule
    for rules in by_code.values():
        label = next(iter(rules.values())).label
        yield RuleLine(label, tuple(_required(rules.get(item.code)) for item in engine.predicates))


def _required(rule: scoring.Rule | None) -> str:
    if rule is None:
        return "–"
    if rule.minimum_points is not None:
        return scoring.points_text(rule.minimum_points)
    return _("{percent} dari bobot").format(percent=scoring.percent_text(rule.minimum_ratio))


def _eligibility(engine, document) -> Iterator[tuple[str, tuple[RuleLine, ...]]]:
    rules = document.get("eligibility") or {}
    for scope, title in (("instansi", _("Instansi")), ("unit", _("Unit kerja"))):
        lines = tuple(
            RuleLine(
                str(rule["label"]),
                tuple(_asked(rule.get(item.code)) for item in engine.predicates),
            )
            for rule in rules.get(scope) or ()
        )
        if lines:
            yield title, lines


def _asked(value: Any) -> str:
    if value is True:
        return _("ya")
    if value in (False, None):
        return "–"
    return str(value)
