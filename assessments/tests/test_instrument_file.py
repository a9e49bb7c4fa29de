"""Instrument files: the editions as they are, and every fault that a file can have."""

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assessments import instrument_file, scoring
from assessments.instrument_file import (
    Fault,
    InstrumentFileError,
    build,
    checksum,
    iter_correspondences,
    iter_indicators,
    iter_nodes,
    load,
    validate,
    validate_mapping,
)
from assessments.tests.worksheets import patient

PATHS = instrument_file.bundled_paths()
DOCUMENTS = {code: load(path) for code, path in PATHS.items()}
MAPPING = load(instrument_file.INSTRUMENTS_DIR / "map_2014_2021.yaml")

SMALL = """
schema: zona-instrument/1
code: uji-1
title: Instrumen uji
short_title: Uji
total_points: '100.00'
regulation: {short: Peraturan uji}
scales:
  ABC: {kind: choice, values: {A: '1', B: '0.5', C: '0'}}
  PERSEN: {kind: computed}
  SKOR_0_4: {kind: computed}
areas:
- {code: '1', name: Satu, weight: '60.00', nodes: [A.1]}
tree:
- code: A
  kind: component
  name: Pengungkit
  weight: '60.00'
  children:
  - code: A.1
    kind: area
    name: Area satu
    weight: '60.00'
    children:
    - code: A.1.i
      kind: sub_component
      name: Bagian satu
      weight: '40.00'
      indicators:
      - code: A.1.i.a
        order: 1
        scale: ABC
        statement: Apakah?
        options:
        - {code: A, value: '1', criteria: Ya semua}
        - {code: B, value: '0.5', criteria: Sebagian}
        - {code: C, value: '0', criteria: Belum}
    - code: A.1.ii
      kind: sub_component
      name: Bagian dua
      weight: '20.00'
      indicators:
      - code: A.1.ii.a
        order: 1
        scale: PERSEN
        statement: Berapa persen?
        derived: {wajib: kepala + lainnya}
        inputs:
        - {name: kepala, label: Kepala, type: integer, min: '0', role: penyebut, required: true}
        - {name: lainnya, label: Lain, type: integer, min: '0', role: penyebut, required: true}
        - {name: lapor, label: Lapor, type: integer, min: '0', role: pembilang, required: true}
        computation:
          kind: ratio
          formula: min(1, lapor / wajib)
          result_min: '0'
          result_max: '1'
          zero_denominator: {policy: exclude, reason: Tidak ada yang wajib.}
      - code: A.1.ii.b
        order: 2
        scale: PERSEN
        statement: Turun berapa?
        inputs:
        - {name: lalu, label: Lalu, type: integer, min: '0', role: acuan}
        - {name: kini, label: Kini, type: integer, min: '0', role: pembanding}
        - {name: sanksi, label: Sanksi, type: integer, min: '0', role: informasi, required: false}
        computation:
          kind: decrease_ratio
          formula: 1 if (lalu == 0 and kini == 0) else max(0, (lalu - kini) / lalu)
          zero_denominator: {policy: one_if_both_zero_else_zero, reason: Bersih.}
- code: B
  kind: component
  name: Hasil
  weight: '40.00'
  children:
  - code: B.1
    kind: sub_component
    name: Survei
    weight: '40.00'
    indicators:
    - code: B.1.a
      scale: SKOR_0_4
      statement: Berapa indeks?
      inputs:
      - {name: indeks, label: Indeks, type: decimal, min: '0', max: '4', role: skor}
      computation: {kind: score04, formula: indeks / 4}
predicates:
- {code: WBK, name: Bebas, requires: null}
- {code: WBBM, name: Melayani, requires: WBK}
threshold_rules:
- {predicate: WBK, code: total, label: Total, target: total, minimum_points: '75.00'}
- {predicate: WBK, code: area, label: Area, target: each_area, minimum_ratio: '0.60'}
- {predicate: WBK, code: B.1, label: Survei, target: [B.1], minimum_points: '36.00'}
- {predicate: WBBM, code: total, label: Total, target: total, minimum_points: '85.00'}
eligibility:
  unit:
  - {code: tlhp, label: Tindak lanjut, WBK: '100', WBBM: '100'}
  disqualification:
  - {code: kkn, label: Korupsi}
stages:
- {order: 1, code: pencanangan, name: Pencanangan}
"""


SOUND = load(SMALL)


@pytest.fixture
def document():
    return copy.deepcopy(SOUND)


# The editions


@pytest.mark.parametrize(
    ("code", "nodes", "indicators", "options", "inputs", "rules"),
    [("lke-zi-2021", 63, 113, 103, 24, 14), ("lke-zi-2014", 36, 84, 81, 4, 9)],
)
def test_an_edition_is_sound_and_complete(code, nodes, indicators, options, inputs, rules):
    document = DOCUMENTS[code]

    assert validate(document) == []
    rows = list(iter_indicators(document))
    assert len(list(iter_nodes(document))) == nodes
    assert len(rows) == indicators
    assert len([row for row in rows if row.options]) == options
    assert sum(len(row.inputs) for row in rows) == inputs
    assert len(document["threshold_rules"]) == rules
    assert [row.position for row in rows] == list(range(1, indicators + 1))


@pytest.mark.parametrize("code", DOCUMENTS)
def test_a_strict_reading_is_the_usual_reading_of_an_edition(code):
    text = PATHS[code].read_text(encoding="utf-8")

    assert DOCUMENTS[code] == yaml.safe_load(text) == load(text) == load(text.encode())


@pytest.mark.parametrize("code", DOCUMENTS)
def test_the_built_instrument_holds_what_the_file_says(code):
    document, edition = DOCUMENTS[code], instrument_file.bundled(code)

    assert [(n.code, n.parent) for n in iter_nodes(document)] == [
        (name, edition.parent_of(name)) for name in edition.nodes
    ]
    for node in iter_nodes(document):
        assert edition.nodes[node.code].weight == F(node.weight)
        assert (edition.nodes[node.code].kind, edition.nodes[node.code].name) == (
            node.kind,
            node.name,
        )
    for row in iter_indicators(document):
        built = edition.indicators[row.code]
        assert edition.sub_component_of(row.code).code == row.sub_component
        assert (built.position, built.scale) == (row.position, row.scale)
        assert [(o.code, o.value, o.criteria) for o in built.options] == [
            (c, F(value), criteria) for c, value, criteria in row.options
        ]
        assert [i.name for i in built.inputs] == [raw["name"] for raw in row.inputs]
    assert (edition.code, edition.title) == (document["code"], document["title"])


def test_entries_tell_depth_and_position():
    entries = list(iter_nodes(load(SMALL)))

    assert [(e.position, e.depth, e.code, e.parent, e.weight) for e in entries] == [
        (1, 0, "A", None, Decimal(60)),
        (2, 1, "A.1", "A", Decimal(60)),
        (3, 2, "A.1.i", "A.1", Decimal(40)),
        (4, 2, "A.1.ii", "A.1", Decimal(20)),
        (5, 0, "B", None, Decimal(40)),
        (6, 1, "B.1", "B", Decimal(40)),
    ]


def test_a_small_file_builds_into_an_instrument():
    edition = build(load(SMALL))

    assert edition.indicators["A.1.ii.a"].computation == scoring.Computation(
        "ratio", "exclude", "Tidak ada yang wajib."
    )
    assert edition.indicators["B.1.a"].computation == scoring.Computation("score04", None, "")
    assert edition.indicators["B.1.a"].inputs == (
        scoring.Input("indeks", "Indeks", "decimal", Decimal(0), Decimal(4), "skor", True),
    )
    assert edition.indicators["A.1.ii.b"].inputs[2].required is False
    assert edition.areas == (scoring.Area("1", "Satu", F(60), ("A.1",)),)
    assert edition.predicates[1] == scoring.Predicate("WBBM", "Melayani", "WBK")
    assert [t.required for t in edition.thresholds["WBK"]] == [75, 36, 36]


def test_there_is_no_edition_of_another_name():
    assert set(PATHS) == {"lke-zi-2014", "lke-zi-2021"}
    with pytest.raises(KeyError):
        instrument_file.bundled("lke-zi-1999")


# Checksum


def test_the_checksum_is_that_of_the_content_not_of_the_layout(document):
    flow = yaml.safe_dump(document, default_flow_style=True, sort_keys=True)

    assert checksum(load(flow)) == checksum(document)
    assert len(checksum(document)) == 64


def test_the_checksum_changes_with_any_text(document):
    changed = copy.deepcopy(document)
    changed["tree"][0]["children"][0]["children"][0]["indicators"][0]["statement"] = "Apakah??"

    assert checksum(changed) != checksum(document)


def test_a_decimal_is_kept_as_text():
    canonical = instrument_file.canonical(load("{b: 0.60, a: 1, c: é}"))

    assert canonical == '{"a":1,"b":"0.60","c":"é"}'
    assert json.loads(canonical) == {"a": 1, "b": "0.60", "c": "é"}
    with pytest.raises(TypeError, match="a document holds no set"):
        instrument_file.canonical({"a": {1}})


# Reading


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "berkas", "Berkas harus berisi satu peta kunci dan nilai."),
        ("- a", "berkas", "Berkas harus berisi satu peta kunci dan nilai."),
        ("a: [1", "baris 1, kolom 6", "Bukan YAML yang sah: expected ',' or ']'"),
        ("a: 1\na: 2", "baris 2, kolom 1", "Kunci “a” muncul lebih dari sekali."),
        ("a: {b: 1, b: 2}", "baris 1, kolom 11", "Kunci “b” muncul lebih dari sekali."),
        ("1: a", "baris 1, kolom 1", "Kunci 1 harus berupa teks."),
        ("null: a", "baris 1, kolom 1", "Kunci None harus berupa teks."),
        ("[a]: b", "baris 1, kolom 1", "Bukan YAML yang sah: found unhashable key"),
        ("a: &x 1\nb: *x", "baris 2, kolom 4", "Rujukan (*) YAML tidak dipakai"),
        ("a: !!python/object:os.system {}", "baris 1, kolom 4", "could not determine a construct"),
        ("a: !!float nan", "baris 1, kolom 4", "Bukan angka yang sah."),
        ("a: !!float 1e999999999", "baris 1, kolom 4", "Bukan angka yang sah."),
        ("a: !!int x", "berkas", "Bukan YAML yang sah: invalid literal for int()"),
        ("--- 1\n--- 2", "baris 2, kolom 1", "Bukan YAML yang sah: but found another document"),
        ("a: \x00", "berkas", "Bukan YAML yang sah: unacceptable character"),
        ("[" * 20_000, "berkas", "Susunan berkas terlalu dalam."),
        (b"\xff\xfe\xfd", "berkas", "Berkas harus berupa teks UTF-8."),
        ("a" * 4_000_001, "berkas", "Berkas terlalu besar."),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_place(text, place, message):
    with pytest.raises(InstrumentFileError) as caught:
        load(text)

    fault = caught.value.faults[0]
    assert fault.place == place
    assert message in fault.message
    assert str(caught.value).startswith(f"{place}: ")


def test_all_repeated_keys_are_reported():
    with pytest.raises(InstrumentFileError) as caught:
        load("a: 1\na: 2\nb: {c: 1, c: 2}")

    assert [fault.place for fault in caught.value.faults] == [
        "baris 2, kolom 1",
        "baris 3, kolom 11",
    ]


def test_dates_words_and_truths_are_read_as_written():
    found = load("a: 2021-12-31\nb: yes\nc: true\nd: ~\ne: 1:30\nf: 007\ng: -2.50\nh: Ya\n<<: x")

    assert found == {
        "a": "2021-12-31", "b": "yes", "c": True, "d": None, "e": "1:30", "f": "007",
        "g": Decimal("-2.50"), "h": "Ya", "<<": "x",
    }  # fmt: skip


def test_a_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "absent.yaml")


# Faults: each case breaks one thing in the small file

ROW = "tree › A › A.1 › A.1.i › A.1.i.a"
RATIO = "tree › A › A.1 › A.1.ii › A.1.ii.a"
FALL = "tree › A › A.1 › A.1.ii › A.1.ii.b"
INDEX = "tree › B › B.1 › B.1.a"


def area_node(d):
    return d["tree"][0]["children"][0]


def sub(d, n=0):
    return area_node(d)["children"][n]


def row(d, n=0, m=0):
    return sub(d, n)["indicators"][m]


def index(d):
    return d["tree"][1]["children"][0]["indicators"][0]


def rule(d, n):
    return d["threshold_rules"][n]


def put(find: Callable, key, value) -> Callable:
    """Return a change that sets a key, or removes it for a value of None."""

    def change(d):
        if value is None:
            del find(d)[key]
        else:
            find(d)[key] = value

    return change


def top(d):
    return d


def all_of(*changes):
    def change(d):
        for one in changes:
            one(d)

    return change


def case(name, change, *faults):
    return pytest.param(change, [Fault(*fault) for fault in faults], id=name)


NOT_TEXT = "Harus berisi teks."
NOT_MAP = "Harus berupa peta kunci dan nilai."
NOT_LIST = "Harus berupa daftar yang berisi."


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        # head
        case("schema", put(top, "schema", "x"),
             ("schema", "“x” harus salah satu dari: zona-instrument/1.")),
        case("no code", put(top, "code", None), ("code", NOT_TEXT)),
        case("odd code", put(top, "code", "uji 1"), ("code", "“uji 1” bukan kode yang sah.")),
        case("no title", put(top, "title", "  "), ("title", NOT_TEXT)),
        case("no short title", put(top, "short_title", 5), ("short_title", NOT_TEXT)),
        case("regulation", put(top, "regulation", "90/2021"), ("regulation", NOT_MAP)),
        case("total", put(top, "total_points", "90"),
             ("total_points", "Nilai tertinggi harus 100, tertulis 90.")),
        case("total is text", put(top, "total_points", "seratus"),
             ("total_points", "“seratus” harus berupa angka seperti '2.50'.")),
        case("stages", put(top, "stages", {}), ("stages", NOT_LIST)),
        case("stage twice", lambda d: d["stages"].append(dict(d["stages"][0])),
             ("stages[1] › code", "Kode pencanangan muncul lebih dari sekali.")),
        case("stage is text", put(lambda d: d["stages"], 0, "awal"), ("stages[0]", NOT_MAP)),
        # plain content
        case("foreign type", put(top, "notes", {1, 2}),
             ("notes", "Jenis set tidak dipakai dalam berkas ini.")),
        case("control letters", put(top, "notes", ["a\x07"]),
             ("notes[0]", "Teks memuat huruf kendali.")),
        case("key", put(top, "notes", {1: "a"}), ("notes", "Kunci 1 harus teks.")),
        # scales
        case("scale kind", put(lambda d: d["scales"]["PERSEN"], "kind", "x"),
             ("scales › PERSEN › kind", "“x” harus salah satu dari: choice, computed."),
             (f"{RATIO} › scale", "“PERSEN” harus salah satu dari: ABC, SKOR_0_4."),
             (f"{FALL} › scale", "“PERSEN” harus salah satu dari: ABC, SKOR_0_4.")),
        case("scale is text", put(lambda d: d["scales"], "X", "x"), ("scales › X", NOT_MAP)),
        case("scale without values", put(lambda d: d["scales"], "X", {"kind": "choice"}),
             ("scales › X › values", NOT_MAP)),
        case("scale value", put(lambda d: d["scales"], "X",
                                {"kind": "choice", "values": {"A": "1", "B": "satu", "C": "0"}}),
             ("scales › X › values › B", "“satu” harus berupa angka seperti '2.50'.")),
        case("scale rising", put(lambda d: d["scales"], "X",
                                 {"kind": "choice", "values": {"A": "0", "B": "1"}}),
             ("scales › X › values", "Nilai pilihan harus menurun dari 1 sampai tepat 0.")),
        case("scale never zero", put(lambda d: d["scales"], "X",
                                     {"kind": "choice", "values": {"A": "1", "B": "0.5"}}),
             ("scales › X › values", "Nilai pilihan harus menurun dari 1 sampai tepat 0.")),
        case("scale of one", put(lambda d: d["scales"], "X",
                                 {"kind": "choice", "values": {"A": "1"}}),
             ("scales › X › values", "Nilai pilihan harus menurun dari 1 sampai tepat 0.")),
        case("long option code", put(lambda d: d["scales"], "X",
                                     {"kind": "choice", "values": {"Selalu": "1", "C": "0"}}),
             ("scales › X › values › Selalu", "Kode pilihan harus teks 1 sampai 5 huruf.")),
        # tree
        case("no tree", put(top, "tree", []),
             ("tree", NOT_LIST),
             ("areas › 1 › nodes[0]", "Simpul “A.1” tidak ada."),
             ("threshold_rules › WBK:B.1 › target", "Simpul “B.1” tidak ada.")),
        case("root is text", lambda d: d["tree"].append("C"), ("tree[2]", NOT_MAP)),
        case("node code", put(sub, "code", "a b"),
             ("tree › A › A.1 › children[0] › code", "“a b” bukan kode yang sah.")),
        case("code twice", put(lambda d: sub(d, 1), "code", "A.1.i"),
             ("tree › A › A.1 › A.1.i", "Kode A.1.i sudah dipakai di tree › A › A.1 › A.1.i.")),
        case("row takes a node's code", put(row, "code", "A.1"),
             ("tree › A › A.1 › A.1.i › A.1", "Kode A.1 sudah dipakai di tree › A › A.1.")),
        case("no name", put(sub, "name", None), ("tree › A › A.1 › A.1.i › name", NOT_TEXT)),
        case("kind", put(area_node, "kind", "bagian"),
             ("tree › A › A.1 › kind", "“bagian” harus salah satu dari: component, aspect, area, "
              "result, sub_component."),
             ("areas › 1 › nodes[0]", "Simpul A.1 bukan area.")),
        case("kind out of order", put(area_node, "kind", "component"),
             ("tree › A › A.1 › kind", "Simpul component tidak boleh berada di sini."),
             ("areas › 1 › nodes[0]", "Simpul A.1 bukan area.")),
        case("root kind", put(lambda d: d["tree"][1], "kind", "result"),
             ("tree › B › kind", "Simpul teratas harus component.")),
        case("weights do not add up", put(sub, "weight", "39.99"),
             ("tree › A › A.1 › weight", "Bobot 60.00, tetapi jumlah anaknya 59.99.")),
        case("roots do not add up",
             all_of(put(lambda d: d["tree"][1], "weight", "41"),
                    put(lambda d: d["tree"][1]["children"][0], "weight", "41")),
             ("tree", "Bobot 100, tetapi jumlah komponen 101.00.")),
        case("no weight", put(sub, "weight", None),
             ("tree › A › A.1 › A.1.i › weight", "“None” harus berupa angka seperti '2.50'.")),
        case("weight zero", all_of(put(sub, "weight", "0"), put(lambda d: sub(d, 1), "weight", 60)),
             ("tree › A › A.1 › A.1.i › weight", "Bobot harus lebih dari 0.")),
        case("weight is true", put(sub, "weight", True),
             ("tree › A › A.1 › A.1.i › weight", "“True” harus berupa angka seperti '2.50'.")),
        case("weight with comma", put(sub, "weight", "40,00"),
             ("tree › A › A.1 › A.1.i › weight", "“40,00” harus berupa angka seperti '2.50'.")),
        case("no children", put(lambda d: d["tree"][1], "children", []),
             ("tree › B › children", NOT_LIST),
             ("threshold_rules › WBK:B.1 › target", "Simpul “B.1” tidak ada.")),
        case("children in a leaf", put(sub, "children", []),
             ("tree › A › A.1 › A.1.i › children", "Subkomponen memuat butir, bukan simpul.")),
        case("rows in a branch", put(area_node, "indicators", []),
             ("tree › A › A.1 › indicators", "Butir hanya ada pada subkomponen.")),
        case("leaf without rows", put(sub, "indicators", None),
             ("tree › A › A.1 › A.1.i › indicators", NOT_LIST)),
        # indicators
        case("row is text", put(lambda d: sub(d)["indicators"], 0, "a"),
             ("tree › A › A.1 › A.1.i › indicators[0]", NOT_MAP)),
        case("row without code", put(row, "code", None),
             ("tree › A › A.1 › A.1.i › indicators[0] › code", NOT_TEXT)),
        case("order", put(lambda d: row(d, 1, 1), "order", 1),
             (f"{FALL} › order", "Urutan harus bilangan bulat yang menaik.")),
        case("order is true", put(row, "order", True),
             (f"{ROW} › order", "Urutan harus bilangan bulat yang menaik.")),
        case("statement", put(row, "statement", ""), (f"{ROW} › statement", NOT_TEXT)),
        case("scale unknown", put(row, "scale", "ABCD"),
             (f"{ROW} › scale", "“ABCD” harus salah satu dari: ABC, PERSEN, SKOR_0_4.")),
        case("counts on a choice", all_of(put(row, "inputs", []), put(row, "computation", {})),
             (f"{ROW} › inputs", "Skala ABC memakai pilihan, tanpa inputs."),
             (f"{ROW} › computation", "Skala ABC memakai pilihan, tanpa computation.")),
        case("options on a computed row", put(index, "options", []),
             (f"{INDEX} › options", "Skala SKOR_0_4 dihitung, tanpa pilihan.")),
        case("no options", put(row, "options", None), (f"{ROW} › options", NOT_LIST)),
        case("an option is missing", lambda d: row(d)["options"].pop(),
             (f"{ROW} › options", "Skala ABC mempunyai 3 pilihan, di sini 2.")),
        case("an option too many",
             lambda d: row(d)["options"].append({"code": "D", "value": "0", "criteria": "x"}),
             (f"{ROW} › options", "Skala ABC mempunyai 3 pilihan, di sini 4.")),
        case("options out of order", lambda d: row(d)["options"].reverse(),
             (f"{ROW} › options[0] › code", "“C” tidak sesuai skala ABC; pilihan ke-1 adalah A."),
             (f"{ROW} › options[0] › value",
              "Nilai 0 tidak sesuai skala ABC; pilihan A bernilai 1."),
             (f"{ROW} › options[2] › code", "“A” tidak sesuai skala ABC; pilihan ke-3 adalah C."),
             (f"{ROW} › options[2] › value",
              "Nilai 1 tidak sesuai skala ABC; pilihan C bernilai 0.")),
        case("option value", put(lambda d: row(d)["options"][1], "value", "0.67"),
             (f"{ROW} › options[1] › value",
              "Nilai 0.67 tidak sesuai skala ABC; pilihan B bernilai 0.5.")),
        case("option value is text", put(lambda d: row(d)["options"][1], "value", "separuh"),
             (f"{ROW} › options[1] › value", "“separuh” harus berupa angka seperti '2.50'.")),
        case("option without criteria", put(lambda d: row(d)["options"][1], "criteria", None),
             (f"{ROW} › options[1] › criteria", NOT_TEXT)),
        case("option is text", put(lambda d: row(d)["options"], 1, "B"),
             (f"{ROW} › options[1]", NOT_MAP)),
        # inputs
        case("no inputs", put(lambda d: row(d, 1), "inputs", None),
             (f"{RATIO} › inputs", NOT_LIST),
             (f"{RATIO} › inputs", "Rumus ratio memerlukan isian berperan pembilang."),
             (f"{RATIO} › inputs", "Rumus ratio memerlukan isian berperan penyebut."),
             (f"{RATIO} › derived › wajib", "“kepala” bukan isian butir ini."),
             (f"{RATIO} › derived › wajib", "“lainnya” bukan isian butir ini."),
             (f"{RATIO} › computation › formula", "“lapor” bukan isian butir ini.")),
        case("inputs are no list", put(index, "inputs", True),
             (f"{INDEX} › inputs", NOT_LIST),
             (f"{INDEX} › inputs", "Rumus score04 memerlukan isian berperan skor."),
             (f"{INDEX} › computation › formula", "“indeks” bukan isian butir ini.")),
        case("input is text", put(lambda d: index(d)["inputs"], 0, "indeks"),
             (f"{INDEX} › inputs[0]", NOT_MAP),
             (f"{INDEX} › computation › formula", "“indeks” bukan isian butir ini.")),
        case("input name", put(lambda d: index(d)["inputs"][0], "name", "Nilai IPAK"),
             (f"{INDEX} › inputs[0] › name", "“Nilai IPAK” bukan kode yang sah."),
             (f"{INDEX} › computation › formula", "“indeks” bukan isian butir ini.")),
        case("input twice", put(lambda d: row(d, 1)["inputs"][1], "name", "kepala"),
             (f"{RATIO} › inputs[1] › name", "Isian kepala muncul lebih dari sekali."),
             (f"{RATIO} › derived › wajib", "“lainnya” bukan isian butir ini.")),
        case("input label", put(lambda d: index(d)["inputs"][0], "label", None),
             (f"{INDEX} › inputs[0] › label", NOT_TEXT)),
        case("input type", put(lambda d: index(d)["inputs"][0], "type", "float"),
             (f"{INDEX} › inputs[0] › type", "“float” harus salah satu dari: integer, decimal.")),
        case("input role", put(lambda d: index(d)["inputs"][0], "role", "nilai"),
             (f"{INDEX} › inputs[0] › role", "“nilai” harus salah satu dari: penyebut, pembilang, "
              "acuan, pembanding, informasi, skor.")),
        case("input minimum", put(lambda d: index(d)["inputs"][0], "min", "-1"),
             (f"{INDEX} › inputs[0] › min", "Isian tidak boleh negatif.")),
        case("no input minimum", put(lambda d: row(d, 1)["inputs"][0], "min", None),
             (f"{RATIO} › inputs[0] › min", "“None” harus berupa angka seperti '2.50'.")),
        case("input maximum", put(lambda d: row(d, 1)["inputs"][0], "max", "tak hingga"),
             (f"{RATIO} › inputs[0] › max", "“tak hingga” harus berupa angka seperti '2.50'.")),
        case("input range", all_of(put(lambda d: row(d, 1)["inputs"][0], "min", "5"),
                                   put(lambda d: row(d, 1)["inputs"][0], "max", "4")),
             (f"{RATIO} › inputs[0] › max", "Nilai terbesar di bawah nilai terkecil.")),
        case("required", put(lambda d: index(d)["inputs"][0], "required", "ya"),
             (f"{INDEX} › inputs[0] › required", "Harus true atau false.")),
        case("optional in a formula", put(lambda d: index(d)["inputs"][0], "required", False),
             (f"{INDEX} › inputs[0] › required", "Isian yang masuk rumus wajib diisi.")),
        case("index without its maximum", put(lambda d: index(d)["inputs"][0], "max", "5"),
             (f"{INDEX} › inputs", "Indeks indeks harus mempunyai max '4'.")),
        # computations
        case("no computation", put(index, "computation", None),
             (f"{INDEX} › computation", NOT_MAP)),
        case("kind of computation", put(lambda d: index(d)["computation"], "kind", "rumus"),
             (f"{INDEX} › computation › kind",
              "“rumus” harus salah satu dari: ratio, decrease_ratio, score04.")),
        case("role that a ratio does not know",
             put(lambda d: row(d, 1)["inputs"][1], "role", "acuan"),
             (f"{RATIO} › inputs", "Peran acuan (lainnya) tidak dipakai rumus ratio.")),
        case("two references", put(lambda d: row(d, 1, 1)["inputs"][1], "role", "acuan"),
             (f"{FALL} › inputs", "Rumus decrease_ratio memakai satu isian berperan acuan saja."),
             (f"{FALL} › inputs", "Rumus decrease_ratio memerlukan isian berperan pembanding.")),
        case("no policy", put(lambda d: row(d, 1)["computation"], "zero_denominator", None),
             (f"{RATIO} › computation › zero_denominator", NOT_MAP)),
        case("unknown policy",
             put(lambda d: row(d, 1)["computation"]["zero_denominator"], "policy", "abaikan"),
             (f"{RATIO} › computation › zero_denominator › policy",
              "“abaikan” harus salah satu dari: score_zero, score_one, exclude, "
              "one_if_both_zero_else_zero.")),
        case("policy without reason",
             put(lambda d: row(d, 1)["computation"]["zero_denominator"], "reason", None),
             (f"{RATIO} › computation › zero_denominator › reason", NOT_TEXT)),
        case("policy on an index", put(lambda d: index(d)["computation"], "zero_denominator", {}),
             (f"{INDEX} › computation › zero_denominator",
              "Rumus score04 tidak mempunyai penyebut yang dapat nol.")),
        case("result range", put(lambda d: row(d, 1)["computation"], "result_max", "100"),
             (f"{RATIO} › computation › result_max",
              "Hasil rumus berada pada 0 sampai 1, result_max 1.")),
        case("no formula", put(lambda d: index(d)["computation"], "formula", None),
             (f"{INDEX} › computation › formula", NOT_TEXT)),
        case("formula with a foreign name",
             put(lambda d: index(d)["computation"], "formula", "indeks / skala"),
             (f"{INDEX} › computation › formula", "“skala” bukan isian butir ini.")),
        case("formula upside down",
             put(lambda d: row(d, 1)["computation"], "formula", "min(1, wajib / lapor)"),
             (f"{RATIO} › computation › formula",
              "Isian berperan penyebut berdiri sebagai pembilang."),
             (f"{RATIO} › computation › formula",
              "Isian berperan pembilang berdiri sebagai penyebut.")),
        case("derived with a foreign name",
             put(lambda d: row(d, 1)["derived"], "wajib", "kepala + wakil"),
             (f"{RATIO} › derived › wajib", "“wakil” bukan isian butir ini.")),
        case("derived is a number", put(lambda d: row(d, 1)["derived"], "wajib", 3),
             (f"{RATIO} › derived › wajib", "Harus berupa jumlah isian.")),
        case("derived is a list", put(lambda d: row(d, 1), "derived", ["wajib"]),
             (f"{RATIO} › derived", NOT_MAP),
             (f"{RATIO} › computation › formula", "“wajib” bukan isian butir ini.")),
        # areas
        case("area node", put(lambda d: d["areas"][0], "nodes", ["A.9"]),
             ("areas › 1 › nodes[0]", "Simpul “A.9” tidak ada."),
             ("areas", "Simpul A.1 tidak masuk area mana pun.")),
        case("area is a sub-component", put(lambda d: d["areas"][0], "nodes", ["A.1", "A.1.i"]),
             ("areas › 1 › nodes[1]", "Simpul A.1.i bukan area."),
             ("areas › 1 › weight", "Bobot 60.00, tetapi jumlah simpulnya 100.00.")),
        case("node in two areas",
             lambda d: d["areas"].append({"code": "2", "name": "Dua", "weight": 60,
                                          "nodes": ["A.1"]}),
             ("areas › 2 › nodes[0]", "Simpul A.1 sudah masuk area 1.")),
        case("area weight", put(lambda d: d["areas"][0], "weight", "50"),
             ("areas › 1 › weight", "Bobot 50, tetapi jumlah simpulnya 60.00.")),
        case("area without nodes", put(lambda d: d["areas"][0], "nodes", None),
             ("areas › 1 › nodes", NOT_LIST),
             ("areas", "Simpul A.1 tidak masuk area mana pun.")),
        case("area without name", put(lambda d: d["areas"][0], "name", None),
             ("areas › 1 › name", NOT_TEXT)),
        case("area twice", lambda d: d["areas"].append(dict(d["areas"][0])),
             ("areas[1] › code", "Kode 1 muncul lebih dari sekali."),
             ("areas › 1 › nodes[0]", "Simpul A.1 sudah masuk area 1.")),
        # predicates
        case("no predicates", put(top, "predicates", None),
             ("predicates", NOT_LIST),
             *[(f"threshold_rules[{n}] › predicate", f"“{p}” harus salah satu dari: .")
               for n, p in enumerate(("WBK", "WBK", "WBK", "WBBM"))]),
        case("predicates is text", put(top, "predicates", "WBK"),
             ("predicates", NOT_LIST),
             *[(f"threshold_rules[{n}] › predicate", f"“{p}” harus salah satu dari: .")
               for n, p in enumerate(("WBK", "WBK", "WBK", "WBBM"))]),
        case("requires", put(lambda d: d["predicates"][1], "requires", "ZI"),
             ("predicates › WBBM › requires", "“ZI” harus salah satu dari: WBK, WBBM.")),
        case("requires each other", put(lambda d: d["predicates"][0], "requires", "WBBM"),
             ("predicates › WBK › requires", "Syarat predikat berputar."),
             ("predicates › WBBM › requires", "Syarat predikat berputar.")),
        case("requires itself", put(lambda d: d["predicates"][0], "requires", "WBK"),
             ("predicates › WBK › requires", "Syarat predikat berputar."),
             ("predicates › WBBM › requires", "Syarat predikat berputar.")),
        case("predicate without name", put(lambda d: d["predicates"][0], "name", 1),
             ("predicates › WBK › name", NOT_TEXT)),
        case("predicate without rules", lambda d: d["threshold_rules"].pop(),
             ("predicates › WBBM", "Predikat ini tidak mempunyai ambang.")),
        # rules
        case("no rules", put(top, "threshold_rules", None),
             ("threshold_rules", NOT_LIST),
             ("predicates › WBK", "Predikat ini tidak mempunyai ambang."),
             ("predicates › WBBM", "Predikat ini tidak mempunyai ambang.")),
        case("rule is text", put(lambda d: d["threshold_rules"], 2, "B.1"),
             ("threshold_rules[2]", NOT_MAP)),
        case("rule twice", put(lambda d: rule(d, 2), "code", "total"),
             ("threshold_rules › WBK:total", "Ambang ini muncul lebih dari sekali.")),
        case("rule without label", put(lambda d: rule(d, 2), "label", None),
             ("threshold_rules[2] › label", NOT_TEXT)),
        case("target", put(lambda d: rule(d, 2), "target", "B.1"),
             ("threshold_rules › WBK:B.1 › target",
              "Harus total, each_area, atau daftar kode simpul.")),
        case("target node", put(lambda d: rule(d, 2), "target", ["B.9"]),
             ("threshold_rules › WBK:B.1 › target", "Simpul “B.9” tidak ada.")),
        case("target twice", put(lambda d: rule(d, 2), "target", ["B", "B.1"]),
             ("threshold_rules › WBK:B.1 › target", "Simpul B.1 terhitung dua kali.")),
        case("minimum above the weight", put(lambda d: rule(d, 2), "minimum_points", "40.01"),
             ("threshold_rules › WBK:B.1 › minimum_points", "Ambang 40.01 melebihi 40.00.")),
        case("total above the whole", put(lambda d: rule(d, 0), "minimum_points", "101"),
             ("threshold_rules › WBK:total › minimum_points", "Ambang 101 melebihi 100.")),
        case("minimum zero", put(lambda d: rule(d, 2), "minimum_points", 0),
             ("threshold_rules › WBK:B.1 › minimum_points", "Ambang harus lebih dari 0.")),
        case("minimum is text", put(lambda d: rule(d, 2), "minimum_points", "tiga"),
             ("threshold_rules › WBK:B.1 › minimum_points",
              "“tiga” harus berupa angka seperti '2.50'.")),
        case("no minimum", put(lambda d: rule(d, 2), "minimum_points", None),
             ("threshold_rules › WBK:B.1",
              "Harus mempunyai minimum_points atau minimum_ratio, salah satu.")),
        case("two minimums", put(lambda d: rule(d, 2), "minimum_ratio", "0.5"),
             ("threshold_rules › WBK:B.1",
              "Harus mempunyai minimum_points atau minimum_ratio, salah satu.")),
        case("share above one", put(lambda d: rule(d, 1), "minimum_ratio", "60"),
             ("threshold_rules › WBK:area › minimum_ratio", "Ambang 60 melebihi 1.")),
        case("area rule in points",
             all_of(put(lambda d: rule(d, 1), "minimum_ratio", None),
                    put(lambda d: rule(d, 1), "minimum_points", "36")),
             ("threshold_rules › WBK:area › minimum_ratio",
              "Ambang tiap area ditulis sebagai rasio.")),
        case("basis", put(lambda d: rule(d, 1), "basis", "apa saja"),
             ("threshold_rules › WBK:area › basis", "Harus combined atau per_aspect.")),
        case("area rule without areas", put(top, "areas", None),
             ("threshold_rules › WBK:area › target",
              "Instrumen ini tidak mempunyai daftar areas.")),
        case("rules that cross",
             lambda d: d["threshold_rules"].extend(
                 {"predicate": "WBK", "code": c, "label": "x", "target": t, "minimum_points": 1}
                 for c, t in (("x", ["A.1.i", "B.1"]), ("y", ["A.1.ii", "B.1"]))),
             *[("threshold_rules",
                f"Ambang WBK:{a} dan WBK:{b} saling memotong; "
                "ambang harus terpisah atau bersarang.")
               for a, b in (("area", "x"), ("area", "y"), ("x", "y"))]),
        # eligibility
        case("eligibility", put(top, "eligibility", []), ("eligibility", NOT_MAP)),
        case("condition without label",
             put(lambda d: d["eligibility"]["unit"][0], "label", None),
             ("eligibility › unit › tlhp › label", NOT_TEXT)),
        case("condition without a predicate",
             put(lambda d: d["eligibility"]["unit"][0], "WBBM", None),
             ("eligibility › unit › tlhp", "Tidak ada ketentuan untuk WBBM.")),
        case("condition twice",
             lambda d: d["eligibility"]["unit"].append(dict(d["eligibility"]["unit"][0])),
             ("eligibility › unit[1] › code", "Kode tlhp muncul lebih dari sekali.")),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(document, change, faults):
    change(document)

    assert validate(document) == faults
    with pytest.raises(InstrumentFileError) as caught:
        build(document)
    assert list(caught.value.faults) == faults


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(put(lambda d: rule(d, 1), "basis", "per_aspect"), id="per aspect"),
        pytest.param(put(top, "regulation", None), id="no regulation"),
        pytest.param(put(top, "eligibility", None), id="no eligibility"),
        pytest.param(put(top, "stages", None), id="no stages"),
        pytest.param(put(row, "order", None), id="no order"),
        pytest.param(put(sub, "weight", 40), id="a whole weight"),
        pytest.param(put(sub, "weight", Decimal("40.0")), id="a decimal weight"),
        pytest.param(put(lambda d: rule(d, 2), "target", ["A.1", "B.1"]), id="several nodes"),
        pytest.param(
            all_of(put(top, "areas", None), lambda d: d["threshold_rules"].pop(1)), id="no areas"
        ),
        pytest.param(put(lambda d: row(d, 1)["computation"], "result_min", 0), id="whole result"),
        pytest.param(put(top, "notes", ["Baris satu\nBaris dua\ttab"]), id="line breaks"),
    ],
)
def test_what_may_vary_is_no_fault(document, change):
    change(document)

    assert validate(document) == []


def test_null_is_the_same_as_absent(document):
    leaf = sub(document)
    leaf["children"] = document["tree"][1]["indicators"] = None
    row(document)["inputs"] = row(document)["computation"] = row(document)["derived"] = None
    index(document)["options"] = index(document)["derived"] = None
    document["areas"] = None
    document["threshold_rules"].pop(1)

    assert validate(document) == []
    assert len(build(document).indicators) == 4


def test_faults_of_all_parts_come_at_once(document):
    document["title"] = ""
    sub(document)["weight"] = "41"
    row(document)["options"].pop()
    rule(document, 2)["target"] = ["C"]
    document["predicates"][1]["requires"] = "ZI"

    assert [fault.place for fault in validate(document)] == [
        "title",
        f"{ROW} › options",
        "tree › A › A.1 › weight",
        "predicates › WBBM › requires",
        "threshold_rules › WBK:B.1 › target",
    ]


def test_a_tree_that_never_ends_is_too_deep(document):
    area_node(document)["children"].append(area_node(document))

    faults = validate(document)

    assert {f.message for f in faults} >= {
        "Susunan terlalu dalam.",
        "Susunan simpul terlalu dalam.",
    }


@pytest.mark.parametrize("content", [None, 1, "x", [], [{}], {}, {"tree": {}}, {1: 2}])
def test_validation_takes_anything(content):
    assert validate(content) != []


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 200)
    | st.decimals()
    | st.floats()
    | st.dates()
    | st.text(max_size=4)
    | st.sampled_from(["A", "A.1", "A.1.i", "ABC", "WBK", "total", "each_area", "ratio", "1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 3), inner, max_size=3)
        | st.sets(st.integers(), max_size=2)
    ),
    max_leaves=6,
)


def places(value, path=()):
    """Yield the path to every part of a document."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in parts:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


WHERE = sorted({path for path in places(SOUND) if path}, key=str)


@patient(300)
@given(changes=st.lists(st.tuples(st.sampled_from(WHERE), ANYTHING), min_size=1, max_size=4))
def test_a_document_with_anything_anywhere_is_sound_or_faulty_but_never_breaks(changes):
    document = copy.deepcopy(SOUND)
    for path, value in changes:
        target = document
        try:
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue

    faults = validate(document)

    if not faults:
        assert scoring.score(build(document), {}).answered == 0
        assert len(checksum(document)) == 64


@patient(200)
@given(
    text=st.text(max_size=80)
    | st.binary(max_size=80)
    | st.text("{}[]:,-?&*!|>'\" \na1", max_size=60)
)
def test_arbitrary_text_is_a_document_or_an_instrument_file_error(text):
    try:
        document = load(text)
    except InstrumentFileError:
        return
    assert validate(document) != []


@patient(40)
@given(start=st.integers(0, 3000), length=st.integers(1, 80), put_in=st.text(max_size=4))
def test_a_damaged_file_never_breaks_the_reader(start, length, put_in):
    text = SMALL[:start] + put_in + SMALL[start + length :]
    try:
        document = load(text)
    except InstrumentFileError:
        return
    assert isinstance(validate(document), list)


# Mapping


def mapping_faults(change, mapping=None):
    mapping = copy.deepcopy(mapping or MAPPING)
    change(mapping)
    return validate_mapping(mapping, DOCUMENTS["lke-zi-2014"], DOCUMENTS["lke-zi-2021"])


def entry(mapping, key, code):
    return next(item for item in mapping[key] if item["to"] == code)


def test_the_mapping_covers_both_editions():
    assert mapping_faults(lambda m: None) == []
    found = list(iter_correspondences(MAPPING))
    assert [c.kind for c in found] == ["node"] * 63 + ["indicator"] * 113
    assert found[0].from_ == ("A",)
    assert found[0].relation == "similar"
    assert found[63] == instrument_file.Correspondence(
        "indicator", "A.I.1.i.a", ("A.I.1.a",), "same", ""
    )


NODE_RELATION = "“x” harus salah satu dari: same, similar, none."


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        case("schema", put(top, "schema", "zona-instrument/1"),
             ("schema", "“zona-instrument/1” harus salah satu dari: zona-mapping/1.")),
        case("editions", all_of(put(top, "from", "lke-zi-2021"), put(top, "to", None)),
             ("from", "“lke-zi-2021” harus salah satu dari: lke-zi-2014."),
             ("to", "“None” harus salah satu dari: lke-zi-2021.")),
        case("relation", put(lambda m: entry(m, "nodes", "A.I"), "relation", "x"),
             ("nodes › A.I › relation", NODE_RELATION)),
        case("origin", put(lambda m: entry(m, "nodes", "A.I"), "from", ["Z"]),
             ("nodes › A.I › from", "Asal “Z” tidak ada.")),
        case("origin of nothing",
             put(lambda m: entry(m, "indicators", "A.II.5.iii.a"), "from", ["A.I.1.a"]),
             ("indicators › A.II.5.iii.a › from",
              "Asal kosong bila, dan hanya bila, relation none.")),
        case("no origin", put(lambda m: entry(m, "nodes", "A.I"), "from", []),
             ("nodes › A.I › from", "Asal kosong bila, dan hanya bila, relation none.")),
        case("not mapped", lambda m: m["nodes"].pop(0), ("nodes", "A belum dipetakan.")),
        case("twice", lambda m: m["nodes"].append(dict(m["nodes"][0])),
             ("nodes › A", "Tujuan ini muncul lebih dari sekali.")),
        case("same node with changed rows",
             put(lambda m: entry(m, "nodes", "A.I.1.i"), "relation", "same"),
             ("nodes › A.I.1.i", "Simpul same hanya bila semua butir di bawahnya same.")),
        case("retired and used", lambda m: m["retired"].append("A.I.1.a"),
             ("retired", "Butir A.I.1.a masih menjadi asal butir lain.")),
        case("retired unknown", lambda m: m["retired"].append("Z"),
             ("retired", "Butir “Z” tidak ada.")),
        case("forgotten", lambda m: m["retired"].remove("A.V.4.a"),
             ("retired", "Butir A.V.4.a tidak diteruskan dan tidak ditandai.")),
        case("entry is text", lambda m: m["nodes"].append("A"), ("nodes[63]", NOT_MAP)),
    ],
)  # fmt: skip
def test_a_fault_in_a_mapping_is_named(change, faults):
    assert mapping_faults(change) == faults


def test_an_unknown_target_of_a_mapping_is_named_briefly():
    faults = mapping_faults(put(lambda m: m["nodes"][0], "to", "Z"))

    assert [fault.place for fault in faults] == ["nodes[0] › to", "nodes"]
    assert faults[0].message.startswith("“Z” harus salah satu dari: A, A.I, A.I.1, ")
    assert faults[0].message.endswith(", ….")


@pytest.mark.parametrize(
    "content", [None, [], {}, {"nodes": {}}, {"indicators": [1], "retired": 3}]
)
def test_mapping_validation_takes_anything(content):
    older, newer = DOCUMENTS["lke-zi-2014"], DOCUMENTS["lke-zi-2021"]

    assert validate_mapping(content, older, newer) != []


def test_the_bundled_folder_is_part_of_the_house():
    assert Path(instrument_file.__file__).parent / "instruments" == instrument_file.INSTRUMENTS_DIR
