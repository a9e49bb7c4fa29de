"""Instrument files: read, checked as a whole, and turned into what scoring works with.

An instrument is reviewed data (``schema: zona-instrument/1``). ``validate`` reports every fault
with its place, so that a person repairs a file in one go; ``build`` refuses a faulty one.
Decisions: 0006-nested-thresholds, 0007-strict-yaml.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import yaml

from assessments import scoring

SCHEMA = "zona-instrument/1"
MAPPING_SCHEMA = "zona-mapping/1"
INSTRUMENTS_DIR = Path(__file__).resolve().parent / "instruments"
MAX_BYTES = 4_000_000
MAX_DEPTH = 8
"""Deeper trees are a fault of the file; the editions have four levels."""

KIND_RANK = {"component": 0, "aspect": 1, "area": 2, "result": 2, "sub_component": 3}
LEAF_KIND = "sub_component"
RELATIONS = ("same", "similar", "none")
SEPARATOR = " › "

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FORMULA_WORDS = frozenset({"min", "max", "if", "else", "and", "or", "not"})
_OPTION_CODE_LENGTH = 5
_FORMULA_ROLES = {
    scoring.RATIO: ((scoring.NUMERATOR, None), (scoring.DENOMINATOR, None)),
    scoring.DECREASE_RATIO: ((scoring.REFERENCE, 1), (scoring.COMPARED, 1)),
    scoring.SCORE04: ((scoring.INDEX, 1),),
}
"""Per kind the roles that its formula needs, and how many inputs may play each (None: any)."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file: the place ("tree › A.I › weight") and one Indonesian sentence."""

    place: str
    message: str


class InstrumentFileError(ValueError):
    """Raised for a file that cannot be used; ``faults`` names every fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{fault.place}: {fault.message}" for fault in self.faults))


# Reading -------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """Reads plain data only: no dates, no merges, no aliases, decimals exact, keys once."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.faults: list[Fault] = []

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise yaml.constructor.ConstructorError(
                None, None, "Rujukan (*) YAML tidak dipakai dalam berkas ini.", event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                self._fault(key_node, f"Kunci {scoring.shown(key)} harus berupa teks.")
            elif key in seen:
                self._fault(key_node, f"Kunci “{scoring.shown(key)}” muncul lebih dari sekali.")
            if isinstance(key, Hashable):
                seen.add(key)
        return super().construct_mapping(node, deep=deep)

    def construct_exact(self, node: yaml.ScalarNode) -> Decimal:
        number = _decimal(self.construct_scalar(node))
        if number is None:
            self._fault(node, "Bukan angka yang sah.")
        return number

    def construct_whole(self, node: yaml.ScalarNode) -> int:
        return int(self.construct_scalar(node))

    def construct_truth(self, node: yaml.ScalarNode) -> bool:
        return self.construct_scalar(node) == "true"

    def _fault(self, node: yaml.Node, message: str) -> None:
        self.faults.append(Fault(_place_of(node.start_mark), message))


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:null", r"(?:null|~|)", ["n", "~", ""]),
    ("tag:yaml.org,2002:bool", r"(?:true|false)", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"-?(?:0|[1-9][0-9]{0,17})", list("-0123456789")),
    ("tag:yaml.org,2002:float", r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}", list("-0123456789")),
):
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^{_pattern}$"), _first)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_exact)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_whole)
_Loader.add_constructor("tag:yaml.org,2002:bool", _Loader.construct_truth)


def _place_of(mark: yaml.Mark | None) -> str:
    return "berkas" if mark is None else f"baris {mark.line + 1}, kolom {mark.column + 1}"


def load(source: Path | str | bytes) -> Document:
    """Return the document in a file (a Path) or in YAML text (str, bytes), not yet validated.

    Raises InstrumentFileError for what is not readable, not YAML or not a mapping, and OSError
    when a Path cannot be read.
    """
    if isinstance(source, Path):
        source = source.read_bytes()
    if len(source) > MAX_BYTES:
        raise InstrumentFileError([Fault("berkas", "Berkas terlalu besar.")])
    try:
        text = source if isinstance(source, str) else source.decode("utf-8-sig")
        loader = _Loader(text)
        try:
            document = loader.get_single_data()
        finally:
            loader.dispose()
    except UnicodeDecodeError as error:
        message = "Berkas harus berupa teks UTF-8."
        raise InstrumentFileError([Fault("berkas", message)]) from error
    except yaml.MarkedYAMLError as error:
        place = _place_of(error.problem_mark)
        message = f"Bukan YAML yang sah: {error.problem}"
        raise InstrumentFileError([Fault(place, message)]) from error
    except (yaml.YAMLError, ValueError) as error:
        message = f"Bukan YAML yang sah: {scoring.shown(error)}"
        raise InstrumentFileError([Fault("berkas", message)]) from error
    except RecursionError as error:
        raise InstrumentFileError([Fault("berkas", "Susunan berkas terlalu dalam.")]) from error
    faults = loader.faults
    if not faults and not isinstance(document, dict):
        faults = [Fault("berkas", "Berkas harus berisi satu peta kunci dan nilai.")]
    if faults:
        raise InstrumentFileError(faults)
    return document


@cache
def bundled_paths() -> dict[str, Path]:
    """Return where the editions of ``assessments/instruments/`` lie, by code."""
    paths = {}
    for path in sorted(INSTRUMENTS_DIR.glob("*.yaml")):
        head = path.read_text(encoding="utf-8")[:2000]
        code = re.search(r"^code: (\S+)$", head, re.MULTILINE)
        if head.startswith(f"schema: {SCHEMA}\n") and code:
            paths[code[1]] = path
    return paths


@cache
def bundled(code: str) -> scoring.Instrument:
    """Return an edition of ``assessments/instruments/`` by its code.

    Raises KeyError when there is none, and InstrumentFileError when its file is faulty.
    """
    return build(load(bundled_paths()[code]))


def canonical(document: Document) -> str:
    """Return a document as canonical JSON: sorted keys, decimals as text, no spaces."""
    return json.dumps(
        document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_as_text
    )


def _as_text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"a document holds no {type(value).__name__}")


def checksum(document: Document) -> str:
    """Return the SHA-256 of a document's canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


# Walking -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """A node of a valid document as a row: ``position`` from 1 in worksheet order, ``depth`` 0.."""

    code: str
    kind: str
    name: str
    weight: Decimal
    parent: str | None
    position: int
    depth: int
    raw: Document


@dataclass(frozen=True, slots=True)
class IndicatorEntry:
    """An indicator of a valid document as a row: ``position`` from 1 in worksheet order.

    options: (code, value, criteria) best first. inputs: the file's own mappings.
    """

    code: str
    sub_component: str
    position: int
    scale: str
    statement: str
    options: tuple[tuple[str, Decimal, str], ...]
    inputs: tuple[Document, ...]
    computation: Document | None
    raw: Document


def iter_nodes(document: Document) -> Iterator[NodeEntry]:
    """Yield the nodes of a valid document, each after the one above it."""
    position = 0
    stack = [(raw, None, 0) for raw in reversed(document["tree"])]
    while stack:
        raw, parent, depth = stack.pop()
        position += 1
        yield NodeEntry(
            code=raw["code"],
            kind=raw["kind"],
            name=raw["name"],
            weight=Decimal(raw["weight"]),
            parent=parent,
            position=position,
            depth=depth,
            raw=raw,
        )
        stack += [(child, raw["code"], depth + 1) for child in reversed(raw.get("children") or [])]


def iter_indicators(document: Document) -> Iterator[IndicatorEntry]:
    """Yield the indicators of a valid document in worksheet order."""
    position = 0
    for node in iter_nodes(document):
        for raw in node.raw.get("indicators") or []:
            position += 1
            yield IndicatorEntry(
                code=raw["code"],
                sub_component=node.code,
                position=position,
                scale=raw["scale"],
                statement=raw["statement"],
                options=tuple(
                    (option["code"], Decimal(option["value"]), option["criteria"])
                    for option in raw.get("options") or []
                ),
                inputs=tuple(raw.get("inputs") or []),
                computation=raw.get("computation"),
                raw=raw,
            )


# Building ------------------------------------------------------------------------------------


def build(document: Document) -> scoring.Instrument:
    """Return the instrument in a document. Raises InstrumentFileError with every fault."""
    faults = validate(document)
    if faults:
        raise InstrumentFileError(faults)
    indicators: dict[str, list[scoring.Indicator]] = {}
    for entry in iter_indicators(document):
        indicators.setdefault(entry.sub_component, []).append(_indicator(entry))
    return scoring.Instrument(
        code=document["code"],
        title=document["title"],
        roots=tuple(_node(raw, indicators) for raw in document["tree"]),
        areas=tuple(
            scoring.Area(a["code"], a["name"], Fraction(a["weight"]), tuple(a["nodes"]))
            for a in document.get("areas") or []
        ),
        predicates=tuple(
            scoring.Predicate(p["code"], p["name"], p.get("requires"))
            for p in document["predicates"]
        ),
        rules=tuple(_rule(raw) for raw in document["threshold_rules"]),
    )


def _node(raw: Document, indicators: Mapping[str, Sequence[scoring.Indicator]]) -> scoring.Node:
    return scoring.Node(
        code=raw["code"],
        kind=raw["kind"],
        name=raw["name"],
        weight=Fraction(raw["weight"]),
        children=tuple(_node(child, indicators) for child in raw.get("children") or []),
        indicators=tuple(indicators.get(raw["code"], ())),
    )


def _indicator(entry: IndicatorEntry) -> scoring.Indicator:
    computation = None
    if entry.computation is not None:
        zero = entry.computation.get("zero_denominator") or {}
        computation = scoring.Computation(
            entry.computation["kind"], zero.get("policy"), zero.get("reason", "")
        )
    return scoring.Indicator(
        code=entry.code,
        position=entry.position,
        scale=entry.scale,
        statement=entry.statement,
        options=tuple(
            scoring.Option(code, Fraction(value), criteria)
            for code, value, criteria in entry.options
        ),
        inputs=tuple(
            scoring.Input(
                name=raw["name"],
                label=raw["label"],
                type=raw["type"],
                minimum=Decimal(raw["min"]),
                maximum=None if raw.get("max") is None else Decimal(raw["max"]),
                role=raw["role"],
                required=raw.get("required", True),
            )
            for raw in entry.inputs
        ),
        computation=computation,
    )


def _rule(raw: Document) -> scoring.Rule:
    target = raw["target"]
    points, ratio = raw.get("minimum_points"), raw.get("minimum_ratio")
    return scoring.Rule(
        predicate=raw["predicate"],
        code=raw["code"],
        label=raw["label"],
        target=target if isinstance(target, str) else tuple(target),
        minimum_points=None if points is None else Fraction(points),
        minimum_ratio=None if ratio is None else Fraction(ratio),
        basis=raw.get("basis", scoring.COMBINED),
    )


# Validating ----------------------------------------------------------------------------------


def validate(document: object) -> list[Fault]:
    """Return all that is wrong in a document; an empty list means that it can be loaded."""
    checker = _Checker()
    checker.document(document)
    return checker.faults


class _Checker:
    """Walks a document of unknown shape and gathers faults; each method checks one part."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.scales: dict[str, list[tuple[str, Decimal]] | None] = {}
        self.weights: dict[str, Decimal | None] = {}
        self.kinds: dict[str, object] = {}
        self.below: dict[str, frozenset[str]] = {}
        self.codes: dict[str, str] = {}
        self.area_nodes: list[list[str]] = []
        self.required: dict[str, object] = {}

    def fault(self, place: str, message: str) -> None:
        self.faults.append(Fault(place, message))

    # small checks, each returning the clean value or None

    def text(self, raw: Mapping, key: str, place: str) -> str | None:
        value = raw.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.fault(_at(place, key), "Harus berisi teks.")
        return None

    def pattern(self, raw: Mapping, key: str, place: str, pattern: re.Pattern[str]) -> str | None:
        value = self.text(raw, key, place)
        if value is not None and not pattern.fullmatch(value):
            self.fault(_at(place, key), f"“{scoring.shown(value)}” bukan kode yang sah.")
            return None
        return value

    def choice(self, raw: Mapping, key: str, place: str, choices: Iterable[str]) -> str | None:
        value, known = raw.get(key), [str(choice) for choice in choices]
        if isinstance(value, str) and value in known:
            return value
        listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
        self.fault(_at(place, key), f"“{scoring.shown(value)}” harus salah satu dari: {listed}.")
        return None

    def decimal(self, value: object, place: str) -> Decimal | None:
        number = _decimal(value)
        if number is None:
            self.fault(place, f"“{scoring.shown(value)}” harus berupa angka seperti '2.50'.")
        return number

    def mapping(self, value: object, place: str) -> Mapping | None:
        if isinstance(value, Mapping):
            return value
        self.fault(place, "Harus berupa peta kunci dan nilai.")
        return None

    def items(self, raw: Mapping, key: str, place: str, *, may_be_empty: bool = False) -> list:
        value = raw.get(key)
        if value is None and may_be_empty:
            return []
        if not isinstance(value, list) or not (value or may_be_empty):
            self.fault(_at(place, key), "Harus berupa daftar yang berisi.")
            return []
        return value

    def claim(self, code: str, place: str) -> bool:
        """Note a code of the tree; nodes and indicators share one space of codes."""
        if code in self.codes:
            self.fault(place, f"Kode {code} sudah dipakai di {self.codes[code]}.")
            return False
        self.codes[code] = place
        return True

    # the document

    def document(self, raw: object) -> None:
        raw = self.mapping(raw, "berkas")
        if raw is None:
            return
        self.plain(raw, "", 0)
        self.choice(raw, "schema", "", [SCHEMA])
        self.pattern(raw, "code", "", _CODE)
        self.text(raw, "title", "")
        self.text(raw, "short_title", "")
        if raw.get("regulation") is not None:
            self.mapping(raw["regulation"], "regulation")
        self.scale_list(raw.get("scales"))
        self.tree(raw)
        self.areas(raw)
        self.predicates(raw)
        self.rules(raw)
        self.eligibility(raw)
        self.coded(raw, "stages", "")

    def plain(self, value: object, place: str, depth: int) -> None:
        """Refuse what has no canonical form: deep nests, odd keys, foreign types, bad text."""
        if depth > 4 * MAX_DEPTH:
            self.fault(place, "Susunan terlalu dalam.")
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                if not isinstance(key, str):
                    self.fault(place or "berkas", f"Kunci {scoring.shown(key)} harus teks.")
                self.plain(inner, _at(place, scoring.shown(key)), depth + 1)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                self.plain(inner, f"{place}[{index}]", depth + 1)
        elif isinstance(value, str):
            if not value.isprintable() and re.search(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]", value):
                self.fault(place, "Teks memuat huruf kendali.")
        elif value is not None and not isinstance(value, bool | int | Decimal):
            self.fault(place, f"Jenis {type(value).__name__} tidak dipakai dalam berkas ini.")

    def coded(self, raw: Mapping, key: str, place: str) -> list[Mapping]:
        """Check an optional list of mappings with unique codes; return the sound ones."""
        seen: set[str] = set()
        sound = []
        for index, item in enumerate(self.items(raw, key, place, may_be_empty=True)):
            here = _at(place, f"{key}[{index}]")
            entry = self.mapping(item, here)
            code = entry is not None and self.pattern(entry, "code", here, _CODE)
            if code:
                if code in seen:
                    self.fault(_at(here, "code"), f"Kode {code} muncul lebih dari sekali.")
                seen.add(code)
                sound.append(entry)
        return sound

    # scales

    def scale_list(self, raw: object) -> None:
        scales = self.mapping(raw, "scales")
        for name, scale in (scales or {}).items():
            place = _at("scales", scoring.shown(name))
            scale = self.mapping(scale, place)
            kind = scale is not None and self.choice(scale, "kind", place, ["choice", "computed"])
            if kind:
                self.scales[name] = self.scale(scale, place) if kind == "choice" else None

    def scale(self, raw: Mapping, place: str) -> list[tuple[str, Decimal]]:
        values = self.mapping(raw.get("values"), _at(place, "values"))
        options = []
        for code, value in (values or {}).items():
            here = _at(place, f"values{SEPARATOR}{scoring.shown(code)}")
            if not isinstance(code, str) or not 1 <= len(code) <= _OPTION_CODE_LENGTH:
                self.fault(here, f"Kode pilihan harus teks 1 sampai {_OPTION_CODE_LENGTH} huruf.")
            number = self.decimal(value, here)
            if number is not None:
                options.append((code, number))
        numbers = [number for _, number in options]
        if values is not None and len(numbers) == len(values):
            falling = all(a > b for a, b in pairwise(numbers))
            if len(numbers) < 2 or not falling or (numbers[0], numbers[-1]) != (1, 0):
                self.fault(
                    _at(place, "values"), "Nilai pilihan harus menurun dari 1 sampai tepat 0."
                )
        return options

    # tree

    def tree(self, raw: Mapping) -> None:
        total = self.decimal(raw.get("total_points"), "total_points")
        if total is not None and total != 100:
            self.fault("total_points", f"Nilai tertinggi harus 100, tertulis {_plain(total)}.")
        roots = self.items(raw, "tree", "")
        parts = [
            self.node(root, "tree", f"tree[{index}]", -1, 0) for index, root in enumerate(roots)
        ]
        self.sum_up("tree", "jumlah komponen", [weight for weight, _ in parts], Decimal(100))

    def node(
        self, raw: object, above: str, unnamed: str, rank: int, depth: int
    ) -> tuple[Decimal | None, frozenset[str]]:
        """Check a node and all below it; return its weight and the sub-components in it."""
        raw = self.mapping(raw, unnamed)
        if raw is None:
            return None, frozenset()
        code = self.pattern(raw, "code", unnamed, _CODE)
        place = _at(above, code) if code else unnamed
        if depth > MAX_DEPTH:
            self.fault(place, "Susunan simpul terlalu dalam.")
            return None, frozenset()
        fresh = code is not None and self.claim(code, place)
        self.text(raw, "name", place)
        kind = self.choice(raw, "kind", place, KIND_RANK)
        own_rank = KIND_RANK[kind] if kind else rank
        if kind and own_rank <= rank:
            self.fault(_at(place, "kind"), f"Simpul {kind} tidak boleh berada di sini.")
        elif kind and depth == 0 and kind != "component":
            self.fault(_at(place, "kind"), "Simpul teratas harus component.")
        weight = self.decimal(raw.get("weight"), _at(place, "weight"))
        if weight is not None and weight <= 0:
            self.fault(_at(place, "weight"), "Bobot harus lebih dari 0.")
        if kind == LEAF_KIND:
            if raw.get("children") is not None:
                self.fault(_at(place, "children"), "Subkomponen memuat butir, bukan simpul.")
            self.indicators(raw, place)
            inside = frozenset({code}) if code else frozenset()
        else:
            if raw.get("indicators") is not None:
                self.fault(_at(place, "indicators"), "Butir hanya ada pada subkomponen.")
            inside = self.children(raw, place, own_rank, depth, weight)
        if fresh:
            self.weights[code], self.kinds[code], self.below[code] = weight, kind, inside
        return weight, inside

    def children(
        self, raw: Mapping, place: str, rank: int, depth: int, weight: Decimal | None
    ) -> frozenset[str]:
        parts = [
            self.node(child, place, f"{place}{SEPARATOR}children[{index}]", rank, depth + 1)
            for index, child in enumerate(self.items(raw, "children", place))
        ]
        if parts:
            self.sum_up(_at(place, "weight"), "jumlah anaknya", [part[0] for part in parts], weight)
        return frozenset().union(*(inside for _, inside in parts))

    def sum_up(
        self, place: str, what: str, parts: Sequence[Decimal | None], whole: Decimal | None
    ) -> None:
        """Check that parts add up; unreadable weights have their own fault already."""
        if whole is not None and parts and None not in parts and sum(parts) != whole:
            self.fault(place, f"Bobot {_plain(whole)}, tetapi {what} {_plain(sum(parts))}.")

    # indicators

    def indicators(self, raw: Mapping, above: str) -> None:
        last = 0
        for index, item in enumerate(self.items(raw, "indicators", above)):
            unnamed = f"{above}{SEPARATOR}indicators[{index}]"
            row = self.mapping(item, unnamed)
            if row is None:
                continue
            code = self.pattern(row, "code", unnamed, _CODE)
            place = _at(above, code) if code else unnamed
            if code:
                self.claim(code, place)
            order = row.get("order")
            if order is not None:
                if isinstance(order, bool) or not isinstance(order, int) or order <= last:
                    self.fault(_at(place, "order"), "Urutan harus bilangan bulat yang menaik.")
                else:
                    last = order
            self.indicator(row, place)

    def indicator(self, raw: Mapping, place: str) -> None:
        self.text(raw, "statement", place)
        scale = self.choice(raw, "scale", place, self.scales)
        if scale is None:
            return
        options = self.scales[scale]
        if options is None:
            if raw.get("options") is not None:
                self.fault(_at(place, "options"), f"Skala {scale} dihitung, tanpa pilihan.")
            self.computed(raw, place)
            return
        for key in ("inputs", "computation"):
            if raw.get(key) is not None:
                self.fault(_at(place, key), f"Skala {scale} memakai pilihan, tanpa {key}.")
        self.options(raw, place, scale, options)

    def options(
        self, raw: Mapping, place: str, scale: str, expected: Sequence[tuple[str, Decimal]]
    ) -> None:
        items = self.items(raw, "options", place)
        if items and len(items) != len(expected):
            self.fault(
                _at(place, "options"),
                f"Skala {scale} mempunyai {len(expected)} pilihan, di sini {len(items)}.",
            )
        for index, item in enumerate(items):
            here = f"{place}{SEPARATOR}options[{index}]"
            option = self.mapping(item, here)
            if option is None:
                continue
            self.text(option, "criteria", here)
            value = self.decimal(option.get("value"), _at(here, "value"))
            if index >= len(expected):
                continue
            code, number = expected[index]
            if option.get("code") != code:
                self.fault(
                    _at(here, "code"),
                    f"“{scoring.shown(option.get('code'))}” tidak sesuai skala {scale}; "
                    f"pilihan ke-{index + 1} adalah {code}.",
                )
            if value is not None and value != number:
                self.fault(
                    _at(here, "value"),
                    f"Nilai {_plain(value)} tidak sesuai skala {scale}; "
                    f"pilihan {code} bernilai {_plain(number)}.",
                )

    def computed(self, raw: Mapping, place: str) -> None:
        roles = self.inputs(raw, place)
        here = _at(place, "computation")
        computation = self.mapping(raw.get("computation"), here)
        if computation is None:
            return
        kind = self.choice(computation, "kind", here, scoring.COMPUTATION_KINDS)
        if kind:
            self.roles(kind, roles, raw, place)
            self.zero_policy(kind, computation, here)
        for key, number in (("result_min", 0), ("result_max", 1)):
            if computation.get(key) is not None and _decimal(computation[key]) != number:
                self.fault(_at(here, key), f"Hasil rumus berada pada 0 sampai 1, {key} {number}.")
        self.formula(kind, computation, raw, roles, place)

    def inputs(self, raw: Mapping, place: str) -> dict[str, str | None]:
        """Check the inputs of a row; return the role of each by name."""
        roles: dict[str, str | None] = {}
        for index, item in enumerate(self.items(raw, "inputs", place)):
            here = f"{place}{SEPARATOR}inputs[{index}]"
            entry = self.mapping(item, here)
            if entry is None:
                continue
            name = self.pattern(entry, "name", here, _NAME)
            self.text(entry, "label", here)
            role = self.choice(entry, "role", here, scoring.ROLES)
            self.choice(entry, "type", here, ["integer", "decimal"])
            low = self.decimal(entry.get("min"), _at(here, "min"))
            if low is not None and low < 0:
                self.fault(_at(here, "min"), "Isian tidak boleh negatif.")
            if entry.get("max") is not None:
                high = self.decimal(entry["max"], _at(here, "max"))
                if None not in (low, high) and high < low:
                    self.fault(_at(here, "max"), "Nilai terbesar di bawah nilai terkecil.")
            required = entry.get("required", True)
            if not isinstance(required, bool):
                self.fault(_at(here, "required"), "Harus true atau false.")
            elif not required and role not in (None, scoring.INFORMATION):
                self.fault(_at(here, "required"), "Isian yang masuk rumus wajib diisi.")
            if name in roles:
                self.fault(_at(here, "name"), f"Isian {name} muncul lebih dari sekali.")
            elif name:
                roles[name] = role
        return roles

    def roles(self, kind: str, roles: Mapping[str, str | None], raw: Mapping, place: str) -> None:
        here = _at(place, "inputs")
        needed = _FORMULA_ROLES[kind]
        found = list(roles.values())
        entries = raw.get("inputs")
        entries = entries if isinstance(entries, list) else []
        if None in found or len(found) != len(entries):
            return
        for role, limit in needed:
            if role not in found:
                self.fault(here, f"Rumus {kind} memerlukan isian berperan {role}.")
            elif limit is not None and found.count(role) > limit:
                self.fault(here, f"Rumus {kind} memakai satu isian berperan {role} saja.")
        allowed = {role for role, _ in needed} | {scoring.INFORMATION}
        for name, role in roles.items():
            if role not in allowed:
                self.fault(here, f"Peran {role} ({name}) tidak dipakai rumus {kind}.")
        if kind == scoring.SCORE04:
            for item in entries:
                if item["role"] == scoring.INDEX and _decimal(item.get("max")) != 4:
                    self.fault(here, f"Indeks {item['name']} harus mempunyai max '4'.")

    def zero_policy(self, kind: str, computation: Mapping, place: str) -> None:
        here = _at(place, "zero_denominator")
        raw = computation.get("zero_denominator")
        if kind == scoring.SCORE04:
            if raw is not None:
                self.fault(here, "Rumus score04 tidak mempunyai penyebut yang dapat nol.")
            return
        policy = self.mapping(raw, here)
        if policy is not None:
            self.choice(policy, "policy", here, scoring.ZERO_POLICIES)
            self.text(policy, "reason", here)

    def formula(
        self,
        kind: str | None,
        computation: Mapping,
        raw: Mapping,
        roles: Mapping[str, str | None],
        place: str,
    ) -> None:
        """Check that the printed formula names declared inputs on the right side of its line."""
        here = _at(place, f"computation{SEPARATOR}formula")
        formula = self.text(computation, "formula", _at(place, "computation"))
        meanings = {name: {name} for name in roles}
        if raw.get("derived") is not None:
            derived = self.mapping(raw["derived"], _at(place, "derived"))
            for name, text in (derived or {}).items():
                words = set(_WORD.findall(text)) if isinstance(text, str) else set()
                spot = _at(place, f"derived{SEPARATOR}{scoring.shown(name)}")
                if not words:
                    self.fault(spot, "Harus berupa jumlah isian.")
                for word in sorted(words - set(roles)):
                    self.fault(spot, f"“{scoring.shown(word)}” bukan isian butir ini.")
                meanings.setdefault(name, words & set(roles))
        if formula is None:
            return
        unknown = set(_WORD.findall(formula)) - _FORMULA_WORDS - set(meanings)
        for word in sorted(unknown):
            self.fault(here, f"“{scoring.shown(word)}” bukan isian butir ini.")
        if kind == scoring.RATIO and not unknown:
            above, _, below = formula.partition("/")
            for side, wrong, name in (
                (above, scoring.DENOMINATOR, "pembilang"),
                (below, scoring.NUMERATOR, "penyebut"),
            ):
                inside = [meanings.get(word, ()) for word in _WORD.findall(side)]
                if any(roles[word] == wrong for words in inside for word in words):
                    self.fault(here, f"Isian berperan {wrong} berdiri sebagai {name}.")

    # areas, predicates, rules

    def areas(self, raw: Mapping) -> None:
        taken: dict[str, str] = {}
        entries = self.coded(raw, "areas", "")
        for entry in entries:
            code = entry["code"]
            place = _at("areas", code)
            self.text(entry, "name", place)
            weight = self.decimal(entry.get("weight"), _at(place, "weight"))
            parts = []
            known = []
            for index, node in enumerate(self.items(entry, "nodes", place)):
                here = _at(place, f"nodes[{index}]")
                if not isinstance(node, str) or node not in self.weights:
                    self.fault(here, f"Simpul “{scoring.shown(node)}” tidak ada.")
                    parts.append(None)
                    continue
                if self.kinds[node] != "area":
                    self.fault(here, f"Simpul {node} bukan area.")
                if node in taken:
                    self.fault(here, f"Simpul {node} sudah masuk area {taken[node]}.")
                taken[node] = code
                parts.append(self.weights[node])
                known.append(node)
            self.area_nodes.append(known)
            self.sum_up(_at(place, "weight"), "jumlah simpulnya", parts, weight)
        if entries:
            for node, kind in self.kinds.items():
                if kind == "area" and node not in taken:
                    self.fault("areas", f"Simpul {node} tidak masuk area mana pun.")

    def predicates(self, raw: Mapping) -> None:
        self.items(raw, "predicates", "")
        listed = raw.get("predicates")
        entries = self.coded(raw, "predicates", "") if isinstance(listed, list) else []
        self.required = {entry["code"]: entry.get("requires") for entry in entries}
        for entry in entries:
            place = _at("predicates", entry["code"])
            self.text(entry, "name", place)
            if entry.get("requires") is None:
                continue
            required = self.choice(entry, "requires", place, self.required)
            chain = {entry["code"]}
            while isinstance(required, str) and required in self.required:
                if required in chain:
                    self.fault(_at(place, "requires"), "Syarat predikat berputar.")
                    break
                chain.add(required)
                required = self.required[required]

    def rules(self, raw: Mapping) -> None:
        seen: set[tuple[str, str]] = set()
        sets: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for index, item in enumerate(self.items(raw, "threshold_rules", "")):
            place = f"threshold_rules[{index}]"
            entry = self.mapping(item, place)
            if entry is None:
                continue
            code = self.pattern(entry, "code", place, _CODE)
            predicate = self.choice(entry, "predicate", place, self.required)
            self.text(entry, "label", place)
            if code and predicate:
                place = _at("threshold_rules", f"{predicate}:{code}")
                if (predicate, code) in seen:
                    self.fault(place, "Ambang ini muncul lebih dari sekali.")
                seen.add((predicate, code))
            targets = self.target(entry, place)
            self.minimum(entry, place, targets)
            if code and predicate:
                sets.setdefault(predicate, []).extend((code, inside) for inside in targets.values())
        for predicate in self.required:
            if predicate not in {name for name, _ in seen}:
                self.fault(_at("predicates", predicate), "Predikat ini tidak mempunyai ambang.")
        for predicate, targets in sets.items():
            crossing = {
                (one, other)
                for (one, left), (other, right) in combinations(targets, 2)
                if left & right and not left <= right and not right <= left
            }
            for one, other in sorted(crossing):
                self.fault(
                    "threshold_rules",
                    f"Ambang {predicate}:{one} dan {predicate}:{other} saling memotong; "
                    "ambang harus terpisah atau bersarang.",
                )

    def target(self, raw: Mapping, place: str) -> dict[str, frozenset[str]]:
        """Return what a rule judges: per sum a name and the sub-components in it."""
        target = raw.get("target")
        if target == scoring.TOTAL:
            return {"total": frozenset().union(*self.below.values())}
        if target == scoring.EACH_AREA:
            return self.each_area(raw, place)
        if not isinstance(target, list) or not target:
            self.fault(_at(place, "target"), "Harus total, each_area, atau daftar kode simpul.")
            return {}
        inside: frozenset[str] = frozenset()
        for code in target:
            if not isinstance(code, str) or code not in self.weights:
                self.fault(_at(place, "target"), f"Simpul “{scoring.shown(code)}” tidak ada.")
                return {}
            if inside & self.below[code]:
                self.fault(_at(place, "target"), f"Simpul {code} terhitung dua kali.")
            inside |= self.below[code]
        return {"+".join(target): inside}

    def each_area(self, raw: Mapping, place: str) -> dict[str, frozenset[str]]:
        basis = raw.get("basis", scoring.COMBINED)
        if basis not in (scoring.COMBINED, scoring.PER_ASPECT):
            self.fault(_at(place, "basis"), "Harus combined atau per_aspect.")
        if not self.area_nodes:
            self.fault(_at(place, "target"), "Instrumen ini tidak mempunyai daftar areas.")
        if raw.get("minimum_ratio") is None:
            self.fault(_at(place, "minimum_ratio"), "Ambang tiap area ditulis sebagai rasio.")
        targets: dict[str, frozenset[str]] = {}
        for area in self.area_nodes:
            sets = [self.below[node] for node in area]
            joined = [frozenset().union(*sets)] if basis == scoring.COMBINED else sets
            targets |= {f"{len(targets)}.{n}": inside for n, inside in enumerate(joined)}
        return targets

    def minimum(self, raw: Mapping, place: str, targets: Mapping[str, frozenset[str]]) -> None:
        keys = [key for key in ("minimum_points", "minimum_ratio") if raw.get(key) is not None]
        if len(keys) != 1:
            self.fault(place, "Harus mempunyai minimum_points atau minimum_ratio, salah satu.")
        for key in keys:
            number = self.decimal(raw[key], _at(place, key))
            if number is None:
                continue
            if number <= 0:
                self.fault(_at(place, key), "Ambang harus lebih dari 0.")
            limit = Decimal(1) if key == "minimum_ratio" else self.limit(raw, targets)
            if limit is not None and number > limit:
                self.fault(_at(place, key), f"Ambang {_plain(number)} melebihi {_plain(limit)}.")

    def limit(self, raw: Mapping, targets: Mapping[str, frozenset[str]]) -> Decimal | None:
        """Return the least weight among what a rule judges; None when a weight is unreadable."""
        if raw.get("target") == scoring.TOTAL:
            return Decimal(100)
        sums = []
        for inside in targets.values():
            weights = [self.weights[code] for code in inside]
            if None in weights or not weights:
                return None
            sums.append(sum(weights))
        return min(sums, default=None)

    # what travels along

    def eligibility(self, raw: Mapping) -> None:
        if raw.get("eligibility") is None:
            return
        entries = self.mapping(raw["eligibility"], "eligibility")
        if entries is None:
            return
        for group in ("instansi", "unit", "exceptions", "disqualification"):
            for entry in self.coded(entries, group, "eligibility"):
                place = _at("eligibility", f"{group}{SEPARATOR}{entry['code']}")
                self.text(entry, "label", place)
                if group in ("instansi", "unit"):
                    for predicate in self.required:
                        if entry.get(predicate) is None:
                            self.fault(place, f"Tidak ada ketentuan untuk {predicate}.")


def _at(place: str, part: str) -> str:
    return f"{place}{SEPARATOR}{part}" if place else part


def _decimal(value: object) -> Decimal | None:
    """Return an exact number from text, a whole number or a decimal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    text = f"{value:f}" if isinstance(value, Decimal) and value.is_finite() else str(value)
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def _plain(number: Decimal) -> str:
    return f"{number:f}"


# Mapping between editions ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What one part of the newer edition had in the older one.

    kind: "node" or "indicator". from_: codes of the older edition, the closest first; empty when
    relation is "none".
    """

    kind: str
    to: str
    from_: tuple[str, ...]
    relation: str
    note: str


def iter_correspondences(document: Document) -> Iterator[Correspondence]:
    """Yield the entries of a valid mapping: nodes, then indicators, in the file's order."""
    for key, kind in (("nodes", "node"), ("indicators", "indicator")):
        for raw in document[key]:
            yield Correspondence(
                kind=kind,
                to=raw["to"],
                from_=tuple(raw["from"]),
                relation=raw["relation"],
                note=raw.get("note") or "",
            )


def validate_mapping(document: object, older: Document, newer: Document) -> list[Fault]:
    """Return all that is wrong in a mapping between two valid editions."""
    checker = _MappingChecker(older, newer)
    checker.document(document)
    return checker.faults


class _MappingChecker(_Checker):
    def __init__(self, older: Document, newer: Document) -> None:
        super().__init__()
        self.editions = {"from": older["code"], "to": newer["code"]}
        self.old = {
            "nodes": [entry.code for entry in iter_nodes(older)],
            "indicators": [entry.code for entry in iter_indicators(older)],
        }
        self.new = {
            "nodes": [entry.code for entry in iter_nodes(newer)],
            "indicators": [entry.code for entry in iter_indicators(newer)],
        }
        self.inside: dict[str, list[str]] = {}
        parents = {entry.code: entry.parent for entry in iter_nodes(newer)}
        for row in iter_indicators(newer):
            above: str | None = row.sub_component
            while above is not None:
                self.inside.setdefault(above, []).append(row.code)
                above = parents[above]

    def document(self, raw: object) -> None:
        raw = self.mapping(raw, "berkas")
        if raw is None:
            return
        self.plain(raw, "", 0)
        self.choice(raw, "schema", "", [MAPPING_SCHEMA])
        for key, code in self.editions.items():
            self.choice(raw, key, "", [code])
        relations = {key: self.entries(raw, key) for key in ("nodes", "indicators")}
        for node, relation in relations["nodes"].items():
            below = [relations["indicators"].get(code) for code in self.inside[node]]
            if relation == "same" and any(found != "same" for found in below):
                self.fault(
                    _at("nodes", node), "Simpul same hanya bila semua butir di bawahnya same."
                )
        self.retired(raw)

    def entries(self, raw: Mapping, key: str) -> dict[str, str | None]:
        """Check one list; return the relation of each part of the newer edition."""
        relations: dict[str, str | None] = {}
        self.used = set()
        for index, item in enumerate(self.items(raw, key, "")):
            place = f"{key}[{index}]"
            entry = self.mapping(item, place)
            to = entry is not None and self.choice(entry, "to", place, self.new[key])
            if not to:
                continue
            place = _at(key, to)
            if to in relations:
                self.fault(place, "Tujuan ini muncul lebih dari sekali.")
            relation = relations[to] = self.choice(entry, "relation", place, RELATIONS)
            origins = self.items(entry, "from", place, may_be_empty=True)
            for origin in origins:
                if isinstance(origin, str) and origin in self.old[key]:
                    self.used.add(origin)
                else:
                    self.fault(_at(place, "from"), f"Asal “{scoring.shown(origin)}” tidak ada.")
            if relation is not None and (relation == "none") == bool(origins):
                self.fault(_at(place, "from"), "Asal kosong bila, dan hanya bila, relation none.")
        for code in self.new[key]:
            if code not in relations:
                self.fault(key, f"{code} belum dipetakan.")
        return relations

    def retired(self, raw: Mapping) -> None:
        """Check that each old indicator is either carried on or retired."""
        retired = self.items(raw, "retired", "", may_be_empty=True)
        for code in retired:
            if not isinstance(code, str) or code not in self.old["indicators"]:
                self.fault("retired", f"Butir “{scoring.shown(code)}” tidak ada.")
            elif code in self.used:
                self.fault("retired", f"Butir {code} masih menjadi asal butir lain.")
        for code in self.old["indicators"]:
            if code not in self.used and code not in retired:
                self.fault("retired", f"Butir {code} tidak diteruskan dan tidak ditandai.")
