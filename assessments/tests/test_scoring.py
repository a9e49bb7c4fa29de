"""The rules of scoring, one table each."""

import ast
import dataclasses
import pickle
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import pytest

from assessments import scoring
from assessments.instrument_file import bundled
from assessments.scoring import (
    AnswerError,
    Gate,
    Line,
    Potential,
    Problem,
    Reading,
    RuleResult,
    Verdict,
    Warning,
    WarningKind,
    check_answer,
    check_answers,
    computed_value,
    explain,
    potential,
    readiness,
    score,
)
from assessments.tests.worksheets import (
    SCALES,
    area_minimum,
    best,
    choice,
    count_input,
    dataclasses_of,
    decrease,
    instrument,
    minimum,
    part,
    ratio,
    sub,
    survey,
    worst,
)

SAFE, FILLED = Reading.SAFE, Reading.FILLED


def points(result, reading=SAFE):
    return result.readings[reading].total


def one(row, weight=100):
    """Return an instrument of a single row."""
    return instrument(part("A", sub("A.1", weight, row)))


# Values


@pytest.mark.parametrize(
    ("scale", "letter", "value"),
    [
        (scale, letter, value)
        for scale, values in SCALES.items()
        for letter, value in values.items()
    ],
)
def test_an_option_earns_what_the_official_scale_says(scale, letter, value):
    result = score(one(choice("A.1.a", scale)), {"A.1.a": letter})

    assert result.values == {"A.1.a": value}
    assert points(result) == 100 * value


def test_two_thirds_is_the_literal_constant_of_the_form():
    edition = bundled("lke-zi-2021")

    options = {o.code: o.value for o in edition.indicators["A.I.1.iii.a"].options}

    assert options == {"A": F(1), "B": F("0.67"), "C": F("0.33"), "D": F(0)}


@pytest.mark.parametrize(
    ("above", "below", "policy", "value", "raw"),
    [
        pytest.param(4, 9, "score_zero", F(4, 9), F(4, 9), id="a ninth stays exact"),
        pytest.param(9, 9, "score_zero", F(1), F(1), id="all"),
        pytest.param(0, 9, "score_zero", F(0), F(0), id="none"),
        pytest.param(12, 9, "score_zero", F(1), F(4, 3), id="more than all is cut"),
        pytest.param(0, 0, "score_zero", F(0), None, id="nothing of nothing, zero"),
        pytest.param(0, 0, "score_one", F(1), None, id="nothing of nothing, one"),
        pytest.param(0, 0, "exclude", None, None, id="nothing of nothing, out of the mean"),
        pytest.param(0, 0, "one_if_both_zero_else_zero", F(1), None, id="both zero"),
        pytest.param(3, 0, "one_if_both_zero_else_zero", F(0), None, id="only the denominator"),
        pytest.param(3, 0, "score_one", F(1), None, id="the policy holds for any numerator"),
    ],
)
def test_a_ratio(above, below, policy, value, raw):
    outcome = computed_value(ratio("r", policy), {"tercapai": above, "sasaran": below})

    assert (outcome.value, outcome.raw) == (value, raw)


@pytest.mark.parametrize(
    ("last", "this", "policy", "value", "raw"),
    [
        pytest.param(4, 1, "one_if_both_zero_else_zero", F(3, 4), F(3, 4), id="fell by three"),
        pytest.param(4, 0, "one_if_both_zero_else_zero", F(1), F(1), id="fell to none"),
        pytest.param(4, 4, "one_if_both_zero_else_zero", F(0), F(0), id="did not fall"),
        pytest.param(4, 6, "one_if_both_zero_else_zero", F(0), F(-1, 2), id="a rise is cut at 0"),
        pytest.param(0, 0, "one_if_both_zero_else_zero", F(1), None, id="none in either year"),
        pytest.param(0, 2, "one_if_both_zero_else_zero", F(0), None, id="none, then two"),
        pytest.param(0, 0, "score_zero", F(0), None, id="another policy: zero"),
        pytest.param(0, 2, "score_one", F(1), None, id="another policy: one"),
        pytest.param(0, 2, "exclude", None, None, id="another policy: out"),
    ],
)
def test_a_decrease(last, this, policy, value, raw):
    outcome = computed_value(decrease("d", policy), {"lalu": last, "ini": this})

    assert (outcome.value, outcome.raw) == (value, raw)


@pytest.mark.parametrize(
    ("index", "value"),
    [
        (Decimal("0"), F(0)),
        (Decimal("3.60"), F(9, 10)),
        (Decimal("3.605"), F(721, 800)),
        (Decimal("4.00"), F(1)),
        (3, F(3, 4)),
    ],
)
def test_a_survey_index_counts_as_its_share_of_four_without_steps(index, value):
    assert computed_value(survey("s"), {"indeks": index}).value == value


def test_several_denominators_are_added():
    row = bundled("lke-zi-2021").indicators["A.II.5.iii.a"]
    counts = {
        "lhkpn_kepala_satker": 1,
        "lhkpn_pejabat_wajib": 2,
        "lhkpn_lainnya": 4,
        "lhkpn_sudah_lapor": 5,
    }

    assert computed_value(row, counts).value == F(5, 7)


# Two readings


@pytest.mark.parametrize(
    ("answers", "filled", "safe"),
    [
        pytest.param(["A", None], F(4), F(2), id="unanswered counts only in the safe reading"),
        pytest.param(["B", "A", "C"], F(2), F(2), id="all answered: both are the same"),
        pytest.param(["C", None, None], F(0), F(0), id="the worst answered is worth nothing"),
        pytest.param([None, None], F(0), F(0), id="nothing answered earns nothing"),
        pytest.param(["A", "B", None], F(3), F(2), id="a third of the mean is missing"),
    ],
)
def test_an_unanswered_row_counts_zero_or_not_at_all(answers, filled, safe):
    rows = [choice(f"A.1.{n}") for n in range(len(answers))]
    edition = instrument(part("A", sub("A.1", 4, *rows)))

    result = score(edition, {row.code: a for row, a in zip(rows, answers, strict=True)})

    assert points(result, FILLED) == filled
    assert points(result, SAFE) == safe
    assert result.answered == len([a for a in answers if a is not None])
    assert result.missing == tuple(
        row.code for row, a in zip(rows, answers, strict=True) if a is None
    )


def test_an_absent_key_is_an_unanswered_row():
    edition = instrument(part("A", sub("A.1", 4, choice("a"), choice("b"))))

    assert score(edition, {"a": "A"}) == score(edition, {"b": None, "a": "A"})


def test_an_excluded_row_leaves_both_means():
    rows = (choice("a"), ratio("r", "exclude"), choice("b"))
    edition = instrument(part("A", sub("A.1", 6, *rows)))

    result = score(edition, {"a": "A", "r": {"tercapai": 0, "sasaran": 0}})

    assert result.excluded == {"r"}
    assert result.values == {"a": F(1), "r": None, "b": None}
    assert result.answered == 2
    assert points(result, SAFE) == 3
    assert points(result, FILLED) == 6


@pytest.mark.parametrize(
    ("rows", "answers", "kind", "sentence"),
    [
        pytest.param(
            (choice("a"),),
            {},
            WarningKind.NOTHING_ANSWERED,
            "Belum ada butir yang terisi pada Bagian A.1; nilainya dihitung 0.",
            id="nothing answered",
        ),
        pytest.param(
            (choice("a"), ratio("r", "exclude")),
            {"r": {"tercapai": 0, "sasaran": 0}},
            WarningKind.NOTHING_ANSWERED,
            "Belum ada butir yang terisi pada Bagian A.1; nilainya dihitung 0.",
            id="answered rows all excluded, another still open",
        ),
        pytest.param(
            (ratio("r", "exclude"),),
            {"r": {"tercapai": 0, "sasaran": 0}},
            WarningKind.NOTHING_COUNTED,
            "Tidak ada butir yang dapat dihitung pada Bagian A.1; nilainya dihitung 0.",
            id="every row excluded",
        ),
    ],
)
def test_a_sub_component_without_anything_to_average_gives_zero_and_says_so(
    rows, answers, kind, sentence
):
    result = score(instrument(part("A", sub("A.1", 6, *rows))), answers)

    assert points(result, SAFE) == points(result, FILLED) == 0
    assert result.warnings[-1] == Warning("A.1", kind, sentence)


# Sums


def test_points_are_summed_upward_and_areas_across_nodes():
    edition = instrument(
        part(
            "A",
            part("A.I", sub("A.I.1", 10, choice("a")), sub("A.I.2", 30, choice("b"))),
            part("A.II", sub("A.II.1", 20, choice("c"))),
        ),
        part("B", sub("B.1", 40, survey("d"))),
        areas={"1": ("A.I.1", "A.II.1"), "2": ("A.I.2",)},
    )

    result = score(edition, {"a": "A", "b": "B", "c": "B", "d": {"indeks": Decimal("3")}})

    reading = result.readings[SAFE]
    assert list(reading.nodes.items()) == [
        ("A", F(35)), ("A.I", F(25)), ("A.I.1", F(10)), ("A.I.2", F(15)),
        ("A.II", F(10)), ("A.II.1", F(10)), ("B", F(30)), ("B.1", F(30)),
    ]  # fmt: skip
    assert reading.total == result.total == 65
    assert reading.areas == {
        "1": scoring.AreaResult(F(20), F(30), F(2, 3)),
        "2": scoring.AreaResult(F(15), F(30), F(1, 2)),
    }


def test_a_row_of_its_own_sub_component_weighs_more_than_one_of_many():
    edition = bundled("lke-zi-2021")

    assert edition.portions["A.I.3.v.a"] == F("0.75")
    assert edition.portions["A.I.3.iii.a"] == F("1.25") / 6
    assert sum(edition.portions.values()) == 100


def test_the_instrument_finds_its_parts():
    edition = bundled("lke-zi-2021")

    assert len(edition.indicators) == 113
    assert [row.position for row in edition.indicators.values()] == list(range(1, 114))
    assert edition.total_weight == 100
    assert edition.sub_component_of("A.II.5.iii.b").code == "A.II.5.iii"
    assert edition.parent_of("A.II.5.iii") == "A.II.5"
    assert edition.parent_of("A") is None
    assert edition.area_of("A.II.5.iii.b") == "5"
    assert edition.area_of("A.I.5") == "5"
    assert edition.area_of("B.I.a.1") is None
    assert edition.area_of("A") is None
    assert edition.node_title("A") == "A"
    assert edition.shared_inputs == {"jumlah_perubahan_dibuat": ("A.II.1.i.a", "A.II.1.i.b")}
    assert edition.threshold("WBK:area.5").required == 9
    assert edition.threshold("WBK:nothing") is None
    assert edition.threshold("nothing") is None
    assert edition.indicators["A.I.1.i.a"].best.code == "Ya"
    assert edition.indicators["A.I.1.i.a"].worst.code == "Tidak"


def test_an_instrument_survives_a_cache():
    edition = bundled("lke-zi-2014")

    copy = pickle.loads(pickle.dumps(edition))

    assert copy == edition
    assert score(copy, best(copy)) == score(edition, best(edition))


# Gates


def gate_case(rules, answers, areas=None):
    edition = instrument(
        part(
            "A",
            part("A.I", sub("A.I.1", 30, choice("a", "ABCD"))),
            part("A.II", sub("A.II.1", 30, choice("b", "ABCD"))),
        ),
        part("B", sub("B.1", 40, survey("c"))),
        rules=rules,
        areas=areas,
    )
    return score(edition, answers).gates


@pytest.mark.parametrize(
    ("index", "met", "gap"),
    [
        pytest.param("3.60", True, F(0), id="exactly on the threshold is enough"),
        pytest.param("3.61", True, F(0), id="above"),
        pytest.param("3.59", False, F(1, 10), id="a hundredth of the index below"),
        pytest.param("3.599999999999", False, F("0.00000000001"), id="as little as can be typed"),
    ],
)
def test_a_gate_is_decided_on_the_exact_figure(index, met, gap):
    gates = gate_case((minimum(("B.1",), 36),), {"c": {"indeks": Decimal(index)}})

    assert gates["WBK"] == Gate(
        "WBK",
        met,
        None,
        (RuleResult("B.1", "Ambang B.1", F(36), 36 - gap + max(F(index) - F("3.6"), 0) * 10, gap,
                    met, F(40)),),
    )  # fmt: skip


def test_a_gate_never_looks_at_the_filled_reading():
    result = score(
        instrument(
            part("A", sub("A.1", 100, choice("a"), choice("b"))), rules=(minimum("total", 75),)
        ),
        {"a": "A"},
    )

    assert result.readings[FILLED].total == 100
    assert result.gates["WBK"].met is False
    assert result.gates["WBK"].rules[0].gap == 25


@pytest.mark.parametrize(
    ("basis", "rules"),
    [
        (
            "combined",
            [("area.1", "Area 1. Area 1", F(36), F("39.9"), True, F(60))],
        ),
        (
            "per_aspect",
            [
                ("area.1.A.I", "Area 1. Area 1 (Simpul A A.I)", F(18), F(30), True, F(30)),
                ("area.1.A.II", "Area 1. Area 1 (Simpul A A.II)", F(18), F("9.9"), False, F(30)),
            ],
        ),
    ],
)
def test_an_area_is_judged_as_a_whole_or_by_aspect_as_the_instrument_says(basis, rules):
    gates = gate_case((area_minimum("0.60", basis),), {"a": "A", "b": "C"}, {"1": ("A.I", "A.II")})

    found = [(r.code, r.label, r.required, r.reached, r.met, r.weight) for r in gates["WBK"].rules]
    assert found == rules
    assert gates["WBK"].met is (basis == "combined")


def test_a_rule_may_ask_for_a_share_and_for_several_nodes():
    share = scoring.Rule("WBK", "dua", "Dua", ("A.I", "B"), minimum_ratio=F(1, 2))

    gates = gate_case((share,), {"a": "A"})

    assert gates["WBK"].rules == (RuleResult("dua", "Dua", F(35), F(30), F(5), False, F(70)),)
    assert gates["WBK"].rules[0].margin == -5


def test_wbbm_names_wbk_apart_from_its_thresholds():
    gates = gate_case((minimum("total", 10, predicate="WBBM"),), {"a": "A"})

    assert gates["WBBM"].met is True
    assert gates["WBBM"].requires == "WBK"
    assert gates["WBK"].requires is None


@pytest.mark.parametrize(
    ("code", "predicate", "thresholds"),
    [
        (
            "lke-zi-2021",
            "WBK",
            {"total": "75", "pengungkit": "40", "area.1": "4.8", "area.2": "4.2", "area.3": "6",
             "area.4": "6", "area.5": "9", "area.6": "6", "B.I": "18.25", "B.I.a": "15.75",
             "B.I.b": "2.5", "B.II": "14"},
        ),
        (
            "lke-zi-2021",
            "WBBM",
            {"total": "85", "pengungkit": "48", "area.1": "6", "area.2": "5.25", "area.3": "7.5",
             "area.4": "7.5", "area.5": "11.25", "area.6": "7.5", "B.I": "19.5", "B.I.a": "15.75",
             "B.I.b": "3.75", "B.II": "15.75"},
        ),
        ("lke-zi-2014", "WBK", {"total": "75", "B.I": "18", "B.I.1": "13.5", "B.I.2": "3.5"}),
        (
            "lke-zi-2014",
            "WBBM",
            {"total": "85", "B.I": "18", "B.I.1": "13.5", "B.I.2": "3.5", "B.II": "16"},
        ),
    ],
)  # fmt: skip
def test_the_thresholds_of_both_editions(code, predicate, thresholds):
    found = {t.code: t.required for t in bundled(code).thresholds[predicate]}

    assert found == {name: F(required) for name, required in thresholds.items()}


# Warnings


def warned(row, inputs):
    result = score(one(row), {row.code: inputs})
    return [(w.kind, w.message) for w in result.warnings], result.contradictions


@pytest.mark.parametrize(
    ("row", "inputs", "kind", "message"),
    [
        pytest.param(
            ratio("r"),
            {"tercapai": 8, "sasaran": 7},
            WarningKind.CONTRADICTION,
            "“Jumlah tercapai” (8) melebihi “Jumlah sasaran” (7); dihitung paling tinggi 100%.",
            id="more done than there is",
        ),
        pytest.param(
            ratio("r", info="diproses"),
            {"tercapai": 5, "sasaran": 7, "diproses": 3},
            WarningKind.CONTRADICTION,
            "“Jumlah diproses” ditambah “Jumlah tercapai” (3 + 5 = 8) melebihi "
            "“Jumlah sasaran” (7).",
            id="processed and finished exceed due",
        ),
        pytest.param(
            decrease("d"),
            {"lalu": 2, "ini": 1, "sanksi": 4},
            WarningKind.CONTRADICTION,
            "“Jumlah sanksi” (4) melebihi “Jumlah lalu” ditambah “Jumlah ini” (2 + 1 = 3).",
            id="more sanctions than violations in both years",
        ),
        pytest.param(
            decrease("d"),
            {"lalu": 2, "ini": 1, "sanksi": 3},
            WarningKind.DOUBT,
            "“Jumlah sanksi” (3) melebihi “Jumlah ini” (1); pastikan sisanya berasal dari tahun "
            "sebelumnya.",
            id="more sanctions than violations this year",
        ),
        pytest.param(
            ratio("r", "score_one"),
            {"tercapai": 0, "sasaran": 0},
            WarningKind.ZERO_DENOMINATOR,
            "“Jumlah sasaran” berjumlah 0, maka butir ini dihitung 100,00%. Karena begitu.",
            id="zero denominator, one",
        ),
        pytest.param(
            decrease("d"),
            {"lalu": 0, "ini": 2, "sanksi": 2},
            WarningKind.ZERO_DENOMINATOR,
            "“Jumlah lalu” berjumlah 0, maka butir ini dihitung 0,00%. Karena begitu.",
            id="zero reference",
        ),
    ],
)
def test_what_is_odd_in_counts_is_said_with_both_numbers(row, inputs, kind, message):
    warnings, contradictions = warned(row, inputs)

    assert warnings == [(kind, message)]
    assert bool(contradictions) is (kind is WarningKind.CONTRADICTION)


@pytest.mark.parametrize(
    ("row", "inputs"),
    [
        pytest.param(ratio("r"), {"tercapai": 7, "sasaran": 7}, id="all of them"),
        pytest.param(
            ratio("r", info="p"), {"tercapai": 4, "sasaran": 7, "p": 3}, id="the rest in process"
        ),
        pytest.param(decrease("d"), {"lalu": 3, "ini": 2, "sanksi": 2}, id="each with a sanction"),
        pytest.param(decrease("d"), {"lalu": 3, "ini": 5}, id="more than last year"),
        pytest.param(survey("s"), {"indeks": Decimal(4)}, id="a full index"),
    ],
)
def test_counts_that_fit_raise_no_warning(row, inputs):
    assert warned(row, inputs) == ([], ())


def test_an_excluded_row_says_so():
    edition = instrument(part("A", sub("A.1", 6, choice("a"), ratio("r", "exclude"))))

    result = score(edition, {"a": "A", "r": {"tercapai": 0, "sasaran": 0}})

    assert result.warnings == (
        Warning(
            "r",
            WarningKind.ZERO_DENOMINATOR,
            "“Jumlah sasaran” berjumlah 0, maka butir ini tidak ikut dirata-rata. Karena begitu.",
        ),
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(
            {"agen": 5, "dibuat": 4},
            {"dibuat": 3, "terpadu": 3},
            [
                Warning(
                    "b",
                    WarningKind.CONTRADICTION,
                    "“Jumlah dibuat” terisi 4 pada a, tetapi 3 pada b.",
                )
            ],
            id="different",
        ),
        pytest.param(
            {"agen": 5, "dibuat": 3},
            {"dibuat": 4, "terpadu": 3},
            [
                Warning(
                    "b",
                    WarningKind.CONTRADICTION,
                    "“Jumlah dibuat” terisi 3 pada a, tetapi 4 pada b.",
                )
            ],
            id="different, the second higher",
        ),
        pytest.param({"agen": 5, "dibuat": 4}, {"dibuat": 4, "terpadu": 3}, [], id="the same"),
        pytest.param({"agen": 5, "dibuat": 4}, None, [], id="one of them open"),
        pytest.param(None, {"dibuat": 4, "terpadu": 3}, [], id="the other one open"),
    ],
)
def test_one_count_in_two_rows_must_be_one_figure(first, second, expected):
    rows = (
        ratio("a", above="dibuat", below="agen"),
        ratio("b", above="terpadu", below="dibuat"),
    )
    edition = instrument(part("A", sub("A.1", 2, *rows)))

    assert list(score(edition, {"a": first, "b": second}).warnings) == expected


@pytest.mark.parametrize(
    ("above", "below"), [("aaa", "dibuat"), ("zzz", "dibuat"), ("dibuat", "aaa"), ("dibuat", "zzz")]
)
def test_a_contradiction_names_the_shared_count_wherever_it_stands(above, below):
    rows = (ratio("a", above="dibuat", below="agen"), ratio("b", above=above, below=below))
    edition = instrument(part("A", sub("A.1", 2, *rows)))
    counts = {above: 4, below: 4} | {"dibuat": 3}

    found = score(edition, {"a": {"agen": 5, "dibuat": 4}, "b": counts})

    messages = [warning.message for warning in found.warnings]
    assert "“Jumlah dibuat” terisi 4 pada a, tetapi 3 pada b." in messages


def test_an_optional_shared_count_left_out_contradicts_nothing():
    rows = (ratio("a", above="x", below="y", info="p"), ratio("b", above="v", below="w", info="p"))
    edition = instrument(part("A", sub("A.1", 2, *rows)))

    result = score(edition, {"a": {"x": 1, "y": 2}, "b": {"v": 1, "w": 2, "p": 1}})

    assert result.warnings == ()


# Answers that cannot be taken

EDITION = bundled("lke-zi-2021")
CHANGES = "A.II.1.i.a"
AGENTS = "Isian “Jumlah agen perubahan” (jumlah_agen_perubahan)"
IPAK = "Isian “Nilai IPAK skala 0-4” (nilai_ipak)"


@pytest.mark.parametrize(
    ("code", "answer", "message"),
    [
        pytest.param("A.I.1.i.b", "D", "Pilihan “D” tidak ada; pilihannya A, B, C.", id="scale"),
        pytest.param("A.I.1.i.b", "a", "Pilihan “a” tidak ada; pilihannya A, B, C.", id="case"),
        pytest.param("A.I.1.i.b", "", "Pilihan “” tidak ada; pilihannya A, B, C.", id="empty"),
        pytest.param(
            "A.I.1.i.b", "x" * 70, f"Pilihan “{'x' * 57}…” tidak ada; pilihannya A, B, C.",
            id="long",
        ),
        pytest.param("A.I.1.i.b", 1, "Butir ini dijawab dengan satu pilihan (A, B, C).", id="int"),
        pytest.param(
            "A.I.1.i.b", {"A": 1}, "Butir ini dijawab dengan satu pilihan (A, B, C).", id="object"
        ),
        pytest.param(
            CHANGES,
            "Ya",
            "Butir ini dijawab dengan isian angka "
            "(jumlah_agen_perubahan, jumlah_perubahan_dibuat).",
            id="letter for counts",
        ),
        pytest.param(
            "B.I.a.1", Decimal("3.6"), "Butir ini dijawab dengan isian angka (nilai_ipak).",
            id="bare number",
        ),
        pytest.param("B.I.a.1", {}, f"{IPAK} belum ada.", id="nothing in it"),
        pytest.param("B.I.a.1", {"nilai_ipak": None}, f"{IPAK} belum ada.", id="null"),
        pytest.param(
            "B.I.a.1", {"nilai_ipak": "3,60"},
            f"{IPAK} berisi “3,60”; tulis dengan titik: 3.60.", id="comma",
        ),
        pytest.param("B.I.a.1", {"nilai_ipak": "tiga"}, f"{IPAK} harus berupa angka.", id="text"),
        pytest.param("B.I.a.1", {"nilai_ipak": True}, f"{IPAK} harus berupa angka.", id="truth"),
        pytest.param("B.I.a.1", {"nilai_ipak": 3.6}, f"{IPAK} harus berupa angka.", id="float"),
        pytest.param("B.I.a.1", {"nilai_ipak": [3]}, f"{IPAK} harus berupa angka.", id="list"),
        pytest.param(
            "B.I.a.1", {"nilai_ipak": Decimal("NaN")}, f"{IPAK} harus berupa angka.", id="nan"
        ),
        pytest.param(
            "B.I.a.1", {"nilai_ipak": Decimal("-Infinity")}, f"{IPAK} harus berupa angka.",
            id="infinity",
        ),
        pytest.param(
            "B.I.a.1", {"nilai_ipak": Decimal("4.01")}, f"{IPAK} paling besar 4, terisi 4,01.",
            id="above the scale",
        ),
        pytest.param(
            "B.I.a.1", {"nilai_ipak": Decimal("-0.01")},
            f"{IPAK} tidak boleh negatif, terisi -0,01.", id="below the scale",
        ),
        pytest.param(
            "B.I.a.1", {"nilai_ipak": Decimal("1e999999999")}, f"{IPAK} terlalu besar.",
            id="huge exponent",
        ),
        pytest.param(
            "B.I.a.1", {"nilai_ipak": Decimal("1e-999999999")},
            f"{IPAK} mempunyai lebih dari 12 angka di belakang koma.", id="tiny exponent",
        ),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_taken_is_named(code, answer, message):
    assert check_answers(EDITION, {code: answer}) == [Problem(code, message)]
    with pytest.raises(AnswerError) as caught:
        score(EDITION, {code: answer})
    assert caught.value.problems == (Problem(code, message),)
    assert str(caught.value) == f"{code}: {message}"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(-1, f"{AGENTS} tidak boleh negatif, terisi -1.", id="negative"),
        pytest.param(Decimal("7.5"), f"{AGENTS} harus bilangan bulat, terisi 7,5.", id="half"),
        pytest.param(10**15 + 1, f"{AGENTS} terlalu besar.", id="huge"),
        pytest.param(-(10**5000), f"{AGENTS} terlalu besar.", id="too huge to print"),
        pytest.param(Decimal(10**15 + 1), f"{AGENTS} terlalu besar.", id="huge decimal"),
        pytest.param(Decimal("1e16"), f"{AGENTS} terlalu besar.", id="huge decimal in short"),
        pytest.param("7 orang", f"{AGENTS} harus berupa angka.", id="words"),
    ],
)
def test_a_count_that_cannot_be_taken_is_named(value, message):
    answers = {CHANGES: {"jumlah_agen_perubahan": value, "jumlah_perubahan_dibuat": 1}}

    assert check_answers(EDITION, answers) == [Problem(CHANGES, message)]


def test_the_largest_count_may_be_a_decimal():
    counts = {"jumlah_agen_perubahan": Decimal("1E+15"), "jumlah_perubahan_dibuat": 0}

    assert check_answers(EDITION, {CHANGES: counts}) == []


def test_the_largest_count_and_a_whole_decimal_are_taken():
    counts = {"jumlah_agen_perubahan": 10**15, "jumlah_perubahan_dibuat": Decimal("7.0")}

    assert score(EDITION, {CHANGES: counts}).values[CHANGES] == F(7, 10**15)


@pytest.mark.parametrize(
    ("digits", "message"),
    [(12, ""), (13, f"{IPAK} mempunyai lebih dari 12 angka di belakang koma.")],
)
def test_twelve_decimals_are_taken(digits, message):
    item = EDITION.indicators["B.I.a.1"].inputs[0]

    assert scoring.number_problem(item, Decimal("3." + "1" * digits)) == message


@pytest.mark.parametrize(("length", "text"), [(60, "x" * 60), (61, "x" * 57 + "…")])
def test_foreign_text_is_shown_up_to_sixty_letters(length, text):
    assert scoring.shown("x" * length) == text


def test_a_minimum_above_zero_is_named():
    item = scoring.Input("n", "Nilai", "decimal", Decimal("1.5"), None, "skor")

    assert scoring.number_problem(item, 1) == "Isian “Nilai” (n) paling kecil 1,5, terisi 1."


def test_an_optional_input_may_be_missing():
    row = ratio("r", info="diproses")

    assert check_answer(row, {"tercapai": 1, "sasaran": 2}) == []
    assert check_answer(row, None) == []
    assert check_answer(choice("a"), "A") == []


def test_every_problem_is_reported_at_once_in_worksheet_order():
    answers = {
        "zzz": "A",
        5: "A",
        "B.I.a.1": {"nilai_ipak": Decimal(5), "indeks": 1},
        CHANGES: {"jumlah_agen_perubahan": -2, "b": 1, "a": 1},
        "A.I.1.i.a": "Mungkin",
        "A.I.1.i.b": "A",
    }

    assert check_answers(EDITION, answers) == [
        Problem("A.I.1.i.a", "Pilihan “Mungkin” tidak ada; pilihannya Ya, Tidak."),
        Problem(CHANGES, f"{AGENTS} tidak boleh negatif, terisi -2."),
        Problem(
            CHANGES,
            "Isian “Jumlah perubahan yang dihasilkan” (jumlah_perubahan_dibuat) belum ada.",
        ),
        Problem(
            CHANGES,
            "Isian “a” tidak dikenal; isiannya jumlah_agen_perubahan, jumlah_perubahan_dibuat.",
        ),
        Problem(
            CHANGES,
            "Isian “b” tidak dikenal; isiannya jumlah_agen_perubahan, jumlah_perubahan_dibuat.",
        ),
        Problem("B.I.a.1", f"{IPAK} paling besar 4, terisi 5."),
        Problem("B.I.a.1", "Isian “indeks” tidak dikenal; isiannya nilai_ipak."),
        Problem("5", f"Kode indikator “5” tidak ada pada {EDITION.title}."),
        Problem("zzz", f"Kode indikator “zzz” tidak ada pada {EDITION.title}."),
    ]


# Readiness


TWO_RULES = (
    minimum("total", 75),
    minimum(("A.1",), 30),
    minimum(("B.1",), 30),
    minimum("total", 90, predicate="WBBM"),
)


def standing(a, b, predicate="WBK", wbk=None):
    edition = instrument(
        part("A", sub("A.1", 40, choice("a", "ABCDE"))),
        part("B", sub("B.1", 60, choice("b", "ABCDE"))),
        rules=TWO_RULES,
    )
    return readiness(score(edition, {"a": a, "b": b}), predicate, wbk)


@pytest.mark.parametrize(
    ("a", "b", "kind", "unmet", "closest", "widest", "thinnest"),
    [
        pytest.param("A", "A", Verdict.MET, [], None, None, "total", id="all met"),
        pytest.param("C", "A", Verdict.RULE_FAILS, ["A.1"], "A.1", "A.1", "total", id="one rule"),
        pytest.param("B", "B", Verdict.MET, [], None, None, "total", id="exactly enough"),
        pytest.param("B", "A", Verdict.MET, [], None, None, "A.1", id="one rule is thin"),
        pytest.param(
            "B", "E", Verdict.TOO_LOW, ["total", "B.1"], "B.1", "total", "A.1", id="too low"
        ),
        pytest.param(
            "E", "E", Verdict.TOO_LOW, ["total", "A.1", "B.1"], "A.1", "total", None, id="nothing"
        ),
    ],
)
def test_readiness_tells_a_failing_rule_from_a_low_total(
    a, b, kind, unmet, closest, widest, thinnest
):
    found = standing(a, b)

    assert found.kind is kind
    assert found.thresholds_met is (kind is Verdict.MET)
    assert [rule.code for rule in found.unmet] == unmet
    assert (found.closest and found.closest.code) == closest
    assert (found.widest and found.widest.code) == widest
    assert (found.thinnest and found.thinnest.code) == thinnest


@pytest.mark.parametrize(
    ("predicate", "wbk", "requires", "requires_met", "can_go_up"),
    [
        ("WBK", None, None, True, True),
        ("WBK", False, None, True, True),
        ("WBBM", None, "WBK", None, False),
        ("WBBM", False, "WBK", False, False),
        ("WBBM", True, "WBK", True, True),
    ],
)
def test_the_required_predicate_stands_apart(predicate, wbk, requires, requires_met, can_go_up):
    found = standing("A", "A", predicate, wbk)

    assert found.thresholds_met is True
    assert (found.requires, found.requires_met) == (requires, requires_met)
    assert found.can_go_up is can_go_up


def test_nobody_goes_up_with_an_unmet_threshold():
    assert standing("E", "E", "WBBM", True).can_go_up is False


# Potential


def test_potential_is_what_the_full_value_of_one_row_would_add():
    edition = instrument(
        part("A", sub("A.1", 40, choice("a"), choice("b"), ratio("r", "exclude"))),
        part("B", sub("B.1", 60, survey("s"))),
        rules=(minimum("total", 75), minimum(("A.1",), 30), minimum(("B.1",), 30)),
    )
    answers = {
        "a": "B",
        "r": {"tercapai": 0, "sasaran": 0},
        "s": {"indeks": Decimal(3)},
    }

    found = potential(edition, answers)

    assert found == {
        "a": Potential("a", F(10), ("WBK:total", "WBK:A.1"), ()),
        "b": Potential("b", F(20), ("WBK:total", "WBK:A.1"), ("WBK:total", "WBK:A.1")),
        "r": Potential("r", F(0), (), ()),
        "s": Potential("s", F(15), ("WBK:total",), ()),
    }
    assert potential(edition, answers, score(edition, answers)) == found


def test_a_full_row_has_no_potential_and_helps_no_rule():
    edition = one(choice("A.1.a"))

    assert potential(edition, {"A.1.a": "A"}) == {"A.1.a": Potential("A.1.a", F(0), (), ())}


# Explanation


def lines(line, depth=0):
    """Return a tree of lines as (depth, code, formula) for reading in one glance."""
    return [
        (depth, line.code, line.formula),
        *(below for child in line.children for below in lines(child, depth + 1)),
    ]


EXPLAINED = instrument(
    part(
        "A",
        part("A.I", sub("A.I.1", 30, choice("a", "ABCD"), choice("b"))),
        part("A.II", sub("A.II.1", 30, ratio("c", info="diproses"))),
    ),
    part("B", sub("B.1", 40, survey("d"))),
    rules=(area_minimum("0.60"), minimum(("B.1",), 36)),
    areas={"1": ("A.I", "A.II")},
)
WORKSHEET = {
    "a": "B",
    "b": None,
    "c": {"tercapai": 4, "sasaran": 9},
    "d": {"indeks": Decimal("3.60")},
}


def test_the_total_is_explained_down_to_the_counts():
    found = explain(EXPLAINED, WORKSHEET, "total")

    assert (found.target, found.reading) == ("total", SAFE)
    assert lines(found.line) == [
        (0, "total", "23,38 + 36,00 = 59,38"),
        (1, "A", "10,05 + 13,33 = 23,38"),
        (2, "A.I", "10,05 = 10,05"),
        (3, "A.I.1", "30,00 × (0,67 + 0,00) ÷ 2 = 10,05"),
        (4, "a", "pilihan B = 0,67"),
        (4, "b", "belum dijawab"),
        (2, "A.II", "13,33 = 13,33"),
        (3, "A.II.1", "30,00 × 0,44 = 13,33"),
        (4, "c", "4 ÷ 9 = 44,44%"),
        (5, "sasaran", "9"),
        (5, "tercapai", "4"),
        (1, "B", "36,00 = 36,00"),
        (2, "B.1", "40,00 × 0,90 = 36,00"),
        (3, "d", "3,60 ÷ 4 = 90,00%"),
        (4, "indeks", "3,60"),
    ]


def test_a_line_holds_value_weight_and_points():
    line = explain(EXPLAINED, WORKSHEET, "a").line

    assert line == Line(
        code="a",
        label="Pertanyaan a?",
        formula="pilihan B = 0,67",
        value=F("0.67"),
        weight=F(15),
        points=F("10.05"),
    )


@pytest.mark.parametrize(
    ("reading", "weight", "points", "note", "formula"),
    [
        (SAFE, F(15), F("10.05"), "dihitung 0", "30,00 × (0,67 + 0,00) ÷ 2 = 10,05"),
        (FILLED, F(30), F("20.1"), "tidak ikut dirata-rata", "30,00 × 0,67 = 20,10"),
    ],
)
def test_both_readings_can_be_explained(reading, weight, points, note, formula):
    line = explain(EXPLAINED, WORKSHEET, "A.I.1", reading=reading).line

    assert line.formula == formula
    assert [child.weight for child in line.children] == [weight, weight if note[0] == "d" else 0]
    assert [child.points for child in line.children] == [points, 0]
    assert line.children[1].notes == (f"Butir ini belum dijawab; pada bacaan ini {note}.",)


@pytest.mark.parametrize(
    ("target", "label", "formula", "value", "weight", "points", "children"),
    [
        (
            "WBK:area.1", "Area 1. Area 1", "10,05 + 13,33 = 23,38 < 36,00, kurang 12,62",
            F(1403, 3600), F(60), F(1403, 60), ["A.I", "A.II"],
        ),
        ("WBK:B.1", "Ambang B.1", "36,00 ≥ 36,00, terpenuhi", F(9, 10), F(40), F(36), ["B.1"]),
    ],
)  # fmt: skip
def test_a_rule_is_explained_in_the_safe_reading(
    target, label, formula, value, weight, points, children
):
    found = explain(EXPLAINED, WORKSHEET, target, reading=FILLED)

    assert found.reading is SAFE
    line = found.line
    assert (line.code, line.label, line.formula) == (target, label, formula)
    assert (line.value, line.weight, line.points) == (value, weight, points)
    assert [child.code for child in line.children] == children


@pytest.mark.parametrize(
    ("row", "inputs", "formula", "notes"),
    [
        (decrease("d"), {"lalu": 4, "ini": 1}, "(4 − 1) ÷ 4 = 75,00%", 0),
        (decrease("d"), {"lalu": 4, "ini": 6}, "(4 − 6) ÷ 4 = -50,00%, dipotong menjadi 0,00%", 0),
        (decrease("d"), {"lalu": 0, "ini": 0}, "(0 − 0) ÷ 0: penyebut 0, 100,00%", 1),
        (ratio("r"), {"tercapai": 8, "sasaran": 7},
         "8 ÷ 7 = 114,29%, dipotong menjadi 100,00%", 1),
        (ratio("r", "exclude"), {"tercapai": 0, "sasaran": 0},
         "0 ÷ 0: penyebut 0, tidak dihitung", 1),
        (survey("s"), {"indeks": Decimal("3.5")}, "3,5 ÷ 4 = 87,50%", 0),
    ],
)  # fmt: skip
def test_a_formula_shows_its_own_numbers(row, inputs, formula, notes):
    line = explain(one(row), {row.code: inputs}, row.code).line

    assert line.formula == formula
    assert len(line.notes) == notes
    assert [(child.code, child.formula) for child in line.children] == [
        (item.name, str(inputs[item.name]).replace(".", ","))
        for item in row.inputs
        if item.name in inputs
    ]


def test_added_denominators_stand_in_brackets():
    counts = {
        "lhkpn_kepala_satker": 1,
        "lhkpn_pejabat_wajib": 2,
        "lhkpn_lainnya": 4,
        "lhkpn_sudah_lapor": 5,
    }

    line = explain(EDITION, {"A.II.5.iii.a": counts}, "A.II.5.iii.a").line

    assert line.formula == "5 ÷ (1 + 2 + 4) = 71,43%"


def test_a_sub_component_without_rows_to_count_says_so():
    edition = one(ratio("r", "exclude"))
    answers = {"r": {"tercapai": 0, "sasaran": 0}}

    line = explain(edition, answers, "A.1", result=score(edition, answers)).line

    assert line.formula == "tidak ada butir yang dihitung = 0,00"
    assert line.notes == (
        "Tidak ada butir yang dapat dihitung pada Bagian A.1; nilainya dihitung 0.",
    )
    assert (line.children[0].weight, line.children[0].points) == (0, 0)


def test_a_figure_that_does_not_exist_cannot_be_explained():
    with pytest.raises(scoring.UnknownTarget, match=r"Tidak ada angka bernama “WBK:area\.9”"):
        explain(EXPLAINED, WORKSHEET, "WBK:area.9")


@pytest.mark.parametrize("reading", Reading)
@pytest.mark.parametrize("code", ["lke-zi-2021", "lke-zi-2014"])
def test_the_lines_of_an_explanation_add_up(code, reading):
    edition = bundled(code)
    answers = {c: a for n, (c, a) in enumerate(best(edition).items()) if n % 3}
    answers |= {c: a for n, (c, a) in enumerate(worst(edition).items()) if n % 7 == 0}

    def check(line):
        parts = [child for child in line.children if child.points is not None]
        if parts:
            assert sum(child.points for child in parts) == line.points
            assert line.value == line.points / line.weight
        for child in parts:
            check(child)

    result = score(edition, answers)
    line = explain(edition, answers, "total", reading=reading, result=result).line
    check(line)
    assert line.points == result.readings[reading].total


# Rounding


@pytest.mark.parametrize(
    ("value", "points", "percent", "stored"),
    [
        (F(0), "0,00", "0,00%", "0.000000"),
        (F(1, 3), "0,33", "33,33%", "0.333333"),
        (F(2, 3), "0,67", "66,67%", "0.666667"),
        (F(1, 200), "0,01", "0,50%", "0.005000"),
        (F(75), "75,00", "7500,00%", "75.000000"),
        (F("80.165"), "80,17", "8016,50%", "80.165000"),
        (F("0.0000005"), "0,00", "0,00%", "0.000001"),
        (F("0.00000049"), "0,00", "0,00%", "0.000000"),
        (F("74.9999995"), "75,00", "7500,00%", "75.000000"),
        (F("-0.005"), "-0,01", "-0,50%", "-0.005000"),
        (F(100), "100,00", "10000,00%", "100.000000"),
    ],
)
def test_each_kind_of_figure_is_rounded_half_up(value, points, percent, stored):
    assert scoring.points_text(value) == points
    assert scoring.value_text(value) == points
    assert scoring.percent_text(value) == percent
    assert scoring.six(value) == stored
    assert scoring.stored(value) == Decimal(stored)
    assert scoring.stored(value).as_tuple().exponent == -6


@pytest.mark.parametrize(
    ("required", "reached", "shown", "gap"),
    [
        pytest.param("75", "80.17", "80,17", "0,00", id="met"),
        pytest.param("75", "75", "75,00", "0,00", id="exactly met"),
        pytest.param("9", "7.2292", "7,23", "1,78", id="a gap is rounded up"),
        pytest.param("9", "7.23", "7,23", "1,77", id="a gap that ends is not"),
        pytest.param("75", "74.99", "74,99", "0,01", id="two decimals tell them apart"),
        pytest.param("75", "74.996", "74,996", "0,004", id="three decimals do"),
        pytest.param("75", "74.999999", "74,999999", "0,000001", id="six do"),
        pytest.param("75", "74.9999999999", "74,9999999999", "0,0000000001", id="ten do"),
        pytest.param("15.75", "15.745", "15,745", "0,005", id="half up would reach it"),
        pytest.param("75", "0", "0,00", "75,00", id="nothing"),
        pytest.param("4.8", "143/30", "4,77", "0,04", id="a third"),
    ],
)
def test_an_unmet_figure_never_looks_like_its_threshold(required, reached, shown, gap):
    assert scoring.reached_text(F(required), F(reached)) == shown
    assert scoring.gap_text(F(required), F(reached)) == gap


def test_a_sheet_just_short_of_75_is_not_ready():
    edition = instrument(part("A", sub("A.1", 100, ratio("r"))), rules=(minimum("total", 75),))

    result = score(edition, {"r": {"tercapai": 74_999_999, "sasaran": 100_000_000}})

    rule = result.gates["WBK"].rules[0]
    assert result.gates["WBK"].met is False
    assert scoring.six(rule.reached) == "74.999999"
    assert scoring.six(rule.gap) == "0.000001"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (7, "7"),
        (Decimal("3.60"), "3,60"),
        (Decimal("1E+3"), "1000"),
        (F(7), "7"),
        (F(18, 5), "3,6"),
        (-2, "-2"),
    ],
)
def test_an_entered_number_is_shown_as_entered(number, text):
    assert scoring.number_text(number) == text


# The house


def test_scoring_and_planning_import_nothing_of_django_and_no_file_work():
    folder = Path(scoring.__file__).parent
    allowed = {
        "__future__", "re", "collections.abc", "dataclasses", "decimal", "enum", "fractions",
        "itertools", "math", "assessments.scoring",
    }  # fmt: skip
    for name in ("scoring.py", "planning.py"):
        tree = ast.parse((folder / name).read_text(encoding="utf-8"))
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert imported <= allowed


def test_what_scoring_returns_cannot_be_changed_by_mistake():
    classes = dataclasses_of(scoring)

    assert [c.__name__ for c in classes if not c.__dataclass_params__.frozen] == []
    assert [c.__name__ for c in classes if not hasattr(c, "__slots__")] == []
    assert len(classes) == 23


def test_two_instruments_are_compared_by_what_the_file_says():
    derived = [f.name for f in dataclasses.fields(scoring.Instrument) if not f.init]

    for found in dataclasses.fields(scoring.Instrument):
        assert (found.compare, found.repr) == ((False, False) if not found.init else (True, True))
    assert len(derived) == 12


def test_count_input_defaults_name_themselves():
    assert count_input("sasaran", "penyebut").label == "Jumlah sasaran"
