"""Loading instruments and the mapping between editions: validated data in, frozen rows out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments import instrument_file
from assessments.catalog import RESULTS_SECTION
from assessments.models import (
    EligibilityRule,
    Indicator,
    Input,
    Instrument,
    Mapping,
    Node,
    Option,
    ThresholdRule,
)
from assessments.scoring import stored
from zona import audit

FOLDER = Path(instrument_file.__file__).parent / "instruments"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading a file has done: ``created`` is False when this content is there already.

    ``difference`` tells in what a new version differs from the one before it.
    """

    label: str
    created: bool
    difference: tuple[str, ...] = ()


@transaction.atomic
def load_instrument(document: dict[str, Any], *, by=None) -> Loaded:
    """Store an instrument as a published edition; the same content twice changes nothing.

    Other content under a known code becomes its next version: an edition is never changed.

    Raises instrument_file.InstrumentFileError naming every fault; nothing is stored then.
    """
    engine = instrument_file.build(document)
    checksum = instrument_file.checksum(document)
    older = Instrument.objects.filter(code=engine.code).order_by("-version")
    same = older.filter(checksum=checksum).first()
    if same is not None:
        return Loaded(str(same), created=False)
    last = older.first()
    instrument = Instrument.objects.create(
        code=engine.code,
        version=last.version + 1 if last else 1,
        title=engine.title,
        short_title=document.get("short_title") or engine.title[:60],
        checksum=checksum,
        document=document,
        published_at=timezone.now(),
    )
    _store_tree(instrument, document, engine)
    _store_rules(instrument, document)
    audit.record_system(
        [
            audit.Fact(
                "instrument_loaded",
                instrument.code,
                {"version": instrument.version, "checksum": checksum},
            )
        ],
        by=by,
    )
    return Loaded(
        str(instrument),
        created=True,
        difference=tuple(difference(last.document, document)) if last else (),
    )


def _store_tree(instrument, document, engine) -> None:
    nodes: dict[str, Node] = {}
    position = 0
    for root in engine.roots:
        for node in root.walk():
            position += 1
            parent = engine.parent_of(node.code)
            nodes[node.code] = Node.objects.create(
                instrument=instrument,
                parent=nodes[parent] if parent else None,
                code=node.code,
                kind=node.kind,
                name=node.name,
                weight_points=_decimal(node.weight),
                position=position,
            )
    extras = {entry["code"]: entry for entry in _indicator_entries(document["tree"])}
    rows = Indicator.objects.bulk_create(
        Indicator(
            instrument=instrument,
            node=nodes[engine.sub_component_of(code).code],
            code=code,
            position=number,
            section=engine.area_of(code) or RESULTS_SECTION,
            scale=indicator.scale,
            statement=indicator.statement,
            evidence=list(extras[code].get("evidence") or []),
            is_computed=indicator.is_computed,
        )
        for number, (code, indicator) in enumerate(engine.indicators.items(), start=1)
    )
    Option.objects.bulk_create(
        Option(
            indicator=row,
            code=option.code,
            position=number,
            value=_decimal(option.value),
            criteria=option.criteria,
        )
        for row in rows
        for number, option in enumerate(engine.indicators[row.code].options, start=1)
    )
    Input.objects.bulk_create(
        Input(
            indicator=row,
            name=item.name,
            label=item.label,
            position=number,
            role=item.role,
            type=item.type,
            minimum=item.minimum,
            maximum=item.maximum,
        )
        for row in rows
        for number, item in enumerate(engine.indicators[row.code].inputs, start=1)
    )


def _indicator_entries(tree):
    for node in tree:
        yield from node.get("indicators") or ()
        yield from _indicator_entries(node.get("children") or ())


def _store_rules(instrument, document) -> None:
    ThresholdRule.objects.bulk_create(
        ThresholdRule(
            instrument=instrument,
            predicate=rule["predicate"],
            code=rule["code"],
            label=rule["label"],
            target=rule["target"],
            minimum_points=rule.get("minimum_points"),
            minimum_ratio=rule.get("minimum_ratio"),
            basis=rule.get("basis", ""),
            position=number,
        )
        for number, rule in enumerate(document["threshold_rules"], start=1)
    )
    eligibility = document.get("eligibility") or {}
    EligibilityRule.objects.bulk_create(
        EligibilityRule(
            instrument=instrument,
            scope=scope,
            code=rule["code"],
            label=rule["label"],
            required={
                predicate["code"]: rule[predicate["code"]]
                for predicate in document["predicates"]
                if predicate["code"] in rule
            },
            position=number,
        )
        for scope in ("instansi", "unit")
        for number, rule in enumerate(eligibility.get(scope) or (), start=1)
    )


def _decimal(value):
    return stored(value)


@transaction.atomic
def load_mapping(document: dict[str, Any], *, by=None) -> Loaded:
    """Store which rows of two editions may be compared; loading it again replaces it.

    Raises instrument_file.InstrumentFileError for unknown codes, and for an edition that is not
    loaded yet.
    """
    label = f"{document.get('from')} → {document.get('to')}"
    source = Instrument.objects.filter(code=document.get("from")).order_by("-version").first()
    target = Instrument.objects.filter(code=document.get("to")).order_by("-version").first()
    if source is None or target is None:
        raise instrument_file.InstrumentFileError(
            [instrument_file.Fault("from/to", "kedua instrumen harus dimuat lebih dahulu")]
        )
    faults = instrument_file.validate_mapping(document, source.document, target.document)
    if faults:
        raise instrument_file.InstrumentFileError(faults)
    wanted = [
        Mapping(
            source=source,
            target=target,
            level=level,
            target_code=row["to"],
            source_codes=list(row.get("from") or []),
            relation=row["relation"],
            note=row.get("note") or "",
        )
        for level, key in (("node", "nodes"), ("indicator", "indicators"))
        for row in document.get(key) or ()
    ]
    fields = ("level", "target_code", "source_codes", "relation", "note")
    rows = Mapping.objects.filter(source=source, target=target)
    if _facts(rows, fields) == _facts(wanted, fields):
        return Loaded(label, created=False)
    rows.delete()
    Mapping.objects.bulk_create(wanted)
    audit.record_system([audit.Fact("mapping_loaded", label[:80])], by=by)
    return Loaded(label, created=True)


def _facts(rows, fields) -> list[str]:
    return sorted(repr([getattr(row, name) for name in fields]) for row in rows)


def load_files(paths, *, by=None) -> list[Loaded]:
    """Load instrument and mapping files, instruments first, in one transaction.

    Raises instrument_file.InstrumentFileError with the faults of every file.
    """
    documents, faults = [], []
    for path in paths:
        try:
            document = instrument_file.load(path)
        except instrument_file.InstrumentFileError as error:
            faults += [_placed(path, fault) for fault in error.faults]
            continue
        if not _is_mapping(document):
            faults += [_placed(path, fault) for fault in instrument_file.validate(document)]
        documents.append((path, document))
    if faults:
        raise instrument_file.InstrumentFileError(faults)
    documents.sort(key=lambda item: _is_mapping(item[1]))
    loaded = []
    with transaction.atomic():
        for path, document in documents:
            load = load_mapping if _is_mapping(document) else load_instrument
            try:
                loaded.append(load(document, by=by))
            except instrument_file.InstrumentFileError as error:
                raise instrument_file.InstrumentFileError(
                    [_placed(path, fault) for fault in error.faults]
                ) from error
    return loaded


def load_shipped(*, by=None) -> list[Loaded]:
    """Load the instruments and the mapping that come with Zona."""
    return load_files(sorted(FOLDER.glob("*.yaml")), by=by)


def _is_mapping(document) -> bool:
    return isinstance(document, dict) and str(document.get("schema", "")).startswith(
        "zona-mapping/"
    )


def _placed(path, fault):
    return instrument_file.Fault(f"{Path(path).name} › {fault.place}", fault.message)


def difference(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return in plain lines how two versions of an edition differ: indicators, weights, rules."""
    lines = []
    for title, collect in (
        ("butir", lambda d: {row["code"]: row for row in _indicator_entries(d["tree"])}),
        ("simpul", lambda d: dict(_node_weights(d["tree"]))),
        ("ambang", lambda d: {(r["predicate"], r["code"]): r for r in d["threshold_rules"]}),
    ):
        old, new = collect(before), collect(after)
        lines += [f"{title} {_name(key)}: baru" for key in new.keys() - old.keys()]
        lines += [f"{title} {_name(key)}: dihapus" for key in old.keys() - new.keys()]
        lines += [
            f"{title} {_name(key)}: berubah"
            for key in old.keys() & new.keys()
            if old[key] != new[key]
        ]
    return sorted(lines)


def _name(key) -> str:
    return " ".join(key) if isinstance(key, tuple) else key


def _node_weights(tree):
    for node in tree:
        yield node["code"], (node["name"], node["weight"])
        yield from _node_weights(node.get("children") or ())
