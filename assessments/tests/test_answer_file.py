"""Files of answers and the two commands that read them, without a database."""

import json
from decimal import Decimal
from io import StringIO, TextIOWrapper

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from assessments import answer_file, instrument_file, outcome_json
from assessments.answer_file import FILE, parse_number, read_answers
from assessments.scoring import AnswerError, Problem, score
from assessments.tests.worksheets import best, patient, worksheets, worst

EDITION = instrument_file.bundled("lke-zi-2021")
FULL = {"jumlah_agen_perubahan": 7, "jumlah_perubahan_dibuat": 7}


def problems(text):
    """Return what is said about a text that cannot be taken."""
    with pytest.raises(AnswerError) as caught:
        read_answers(EDITION, text)
    return [(p.code, p.message) for p in caught.value.problems]


# Numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("-7", -7),
        ("0", 0),
        ("3.60", Decimal("3.60")),
        ("7.0", Decimal("7.0")),
        ("1e2", Decimal("100")),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("3,60", None),
        ("1_000", None),
        (" 7", None),
        ("7\n", None),
        ("+7", None),
        (".5", None),
        ("5.", None),
        ("07", None),
        ("٣", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e100", None),
        ("", None),
        ("1234567890123456789012345678901", None),
    ],
)
def test_only_a_plain_number_with_a_point_is_a_number(text, number):
    found = parse_number(text)

    assert found == number
    assert type(found) is type(number)


def test_stored_inputs_come_back_exactly():
    inputs = {"a": 7, "b": Decimal("3.60"), "c": Decimal("1E+2")}

    stored = json.loads(json.dumps(answer_file.inputs_to_json(inputs)))

    assert stored == {"a": 7, "b": "3.60", "c": "100"}
    assert answer_file.inputs_from_json(stored) == inputs


# Files


def test_the_example_of_the_manual_is_read():
    answers = read_answers(
        EDITION,
        '{"answers": {"A.I.1.i.a": "Ya", "A.II.1.i.a": {"jumlah_agen_perubahan": 7, '
        '"jumlah_perubahan_dibuat": 7}, "B.I.a.1": {"nilai_ipak": "3.60"}, "A.I.1.i.b": null}}',
    )

    assert answers == {
        "A.I.1.i.a": "Ya",
        "A.II.1.i.a": FULL,
        "B.I.a.1": {"nilai_ipak": Decimal("3.60")},
        "A.I.1.i.b": None,
    }


def test_a_json_number_is_read_without_passing_a_float():
    answers = read_answers(EDITION, b'\xef\xbb\xbf{"answers": {"B.I.a.1": {"nilai_ipak": 3.55}}}')

    assert answers == {"B.I.a.1": {"nilai_ipak": Decimal("3.55")}}
    assert score(EDITION, answers).values["B.I.a.1"] == Decimal("3.55") / 4


SYNTAX = "Bukan JSON yang sah (baris 1, kolom {})."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", SYNTAX.format(1), id="empty"),
        pytest.param("{", SYNTAX.format(2), id="cut off"),
        pytest.param('{"answers": {}} x', SYNTAX.format(17), id="more behind it"),
        pytest.param("'answers'", SYNTAX.format(1), id="quotes"),
        pytest.param(b"\xff\xfe{}", "Berkas harus berupa teks UTF-8.", id="not utf-8"),
        pytest.param('{"answers": {"\\ud800": "A"}}', "Berkas memuat huruf yang tidak sah.",
                     id="half a letter"),
        pytest.param("[" * 100_000, "Susunan berkas terlalu dalam.", id="deep lists"),
        pytest.param('{"a":' * 100_000, "Susunan berkas terlalu dalam.", id="deep objects"),
        pytest.param(" " * 1_000_001, "Berkas lebih besar dari 1000 kB.", id="too large"),
        pytest.param("[]", "Berkas harus berisi satu objek JSON.", id="a list"),
        pytest.param('"answers"', "Berkas harus berisi satu objek JSON.", id="a text"),
        pytest.param("null", "Berkas harus berisi satu objek JSON.", id="null"),
        pytest.param("NaN", "Berkas harus berisi satu objek JSON.", id="NaN"),
        pytest.param("{}", "Berkas harus memuat objek “answers”.", id="no answers"),
        pytest.param('{"answers": []}', "Berkas harus memuat objek “answers”.", id="a list in it"),
        pytest.param('{"answers": null}', "Berkas harus memuat objek “answers”.", id="null in it"),
        pytest.param('{"answers": {}, "answers": {}}',
                     "Kunci “answers” muncul lebih dari sekali.", id="answers twice"),
        pytest.param('{"answers": {}, "instrument": "lke-zi-2014"}',
                     "Berkas ini untuk instrumen “lke-zi-2014”, bukan lke-zi-2021.",
                     id="another instrument"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_file_of_answers_is_refused(text, message):
    assert problems(text) == [(FILE, message)]


def test_a_file_may_name_its_own_instrument():
    assert read_answers(EDITION, '{"answers": {}, "instrument": "lke-zi-2021"}') == {}


IPAK = "Isian “Nilai IPAK skala 0-4” (nilai_ipak)"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ('{"nilai_ipak": NaN}', f"{IPAK} harus berupa angka."),
        ('{"nilai_ipak": -Infinity}', f"{IPAK} harus berupa angka."),
        ('{"nilai_ipak": 1e999999999}', f"{IPAK} harus berupa angka."),
        ('{"nilai_ipak": 3.6e-999999999}', f"{IPAK} harus berupa angka."),
        (f'{{"nilai_ipak": {"9" * 5000}}}', f"{IPAK} harus berupa angka."),
        ('{"nilai_ipak": 1e50}', f"{IPAK} terlalu besar."),
        ('{"nilai_ipak": true}', f"{IPAK} harus berupa angka."),
        ('{"nilai_ipak": {"x": 1}}', f"{IPAK} harus berupa angka."),
        ('{"nilai_ipak": [3.6]}', f"{IPAK} harus berupa angka."),
        ('{"nilai_ipak": "3,60"}', f"{IPAK} berisi “3,60”; tulis dengan titik: 3.60."),
        ('{"nilai_ipak": "3.60 "}', f"{IPAK} harus berupa angka."),
        ('{"nilai_ipak": null}', f"{IPAK} belum ada."),
        ('{"nilai_ipak": 3.6, "nilai_ipak": 4}', "Kunci “nilai_ipak” muncul lebih dari sekali."),
        ('{"nilai_ipak": 3.6, "lain": null}', "Isian “lain” tidak dikenal; isiannya nilai_ipak."),
        ("{}", f"{IPAK} belum ada."),
        ("3.6", "Butir ini dijawab dengan isian angka (nilai_ipak)."),
        ("true", "Butir ini dijawab dengan isian angka (nilai_ipak)."),
        ("[]", "Butir ini dijawab dengan isian angka (nilai_ipak)."),
        ("NaN", "Butir ini dijawab dengan isian angka (nilai_ipak)."),
        ('"A"', "Butir ini dijawab dengan isian angka (nilai_ipak)."),
    ],
)
def test_what_stands_in_a_row_is_refused_with_a_sentence(answer, message):
    assert problems(f'{{"answers": {{"B.I.a.1": {answer}}}}}') == [("B.I.a.1", message)]


def test_every_problem_of_a_file_is_named_at_once():
    text = (
        '{"answers": {"A.I.1.i.a": "X", "A.I.1.i.a": "Y", "Z": NaN, '
        '"B.I.a.1": {"nilai_ipak": 5, "nilai_ipak": 5}}, "answers": 1, "answers": '
        '{"A.I.1.i.a": "X", "A.I.1.i.a": "Y", "Z": NaN, "B.I.a.1": {"nilai_ipak": 5}}}'
    )

    assert problems(text) == [
        (FILE, "Kunci “answers” muncul lebih dari sekali."),
        ("A.I.1.i.a", "Kunci “A.I.1.i.a” muncul lebih dari sekali."),
        ("A.I.1.i.a", "Pilihan “Y” tidak ada; pilihannya Ya, Tidak."),
        ("B.I.a.1", f"{IPAK} paling besar 4, terisi 5."),
        ("Z", f"Kode indikator “Z” tidak ada pada {EDITION.title}."),
    ]


@patient(40)
@given(data=st.data())
def test_any_worksheet_written_is_read_back(data):
    answers = data.draw(worksheets(EDITION))
    written = {
        code: answer if answer is None or isinstance(answer, str)
        else answer_file.inputs_to_json(answer)
        for code, answer in answers.items()
    }  # fmt: skip

    assert read_answers(EDITION, json.dumps({"answers": written})) == answers


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["answers", "B.I.a.1", "A.I.1.i.a", "nilai_ipak"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@patient(200)
@given(content=JSON | JSON.map(lambda inner: {"answers": inner}))
def test_arbitrary_json_is_answers_or_an_answer_error(content):
    try:
        answers = read_answers(EDITION, json.dumps(content))
    except AnswerError:
        return
    assert score(EDITION, answers).instrument_code == EDITION.code


@patient(100)
@given(content=st.binary(max_size=60))
def test_arbitrary_bytes_are_refused(content):
    with pytest.raises(AnswerError):
        read_answers(EDITION, content)


# Efforts


def test_efforts_are_whole_numbers_by_row():
    assert answer_file.read_efforts('{"A.I.1.i.a": 3, "B.I.b.1": 1}') == {
        "A.I.1.i.a": 3,
        "B.I.b.1": 1,
    }


def test_wrong_efforts_are_all_named():
    with pytest.raises(AnswerError) as caught:
        answer_file.read_efforts('{"a": 1, "a": 2, "b": 2.5, "c": true, "d": "3", "e": null}')

    whole = "Upaya harus bilangan bulat 1 sampai 5."
    assert caught.value.problems == (
        Problem(FILE, "Kunci “a” muncul lebih dari sekali."),
        *(Problem(code, whole) for code in "bcde"),
    )


# Commands


def run(*arguments):
    """Return what a command prints, as (status, object)."""
    out = StringIO()
    try:
        call_command(*map(str, arguments), stdout=out)
    except SystemExit as stop:
        return stop.code, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def written(tmp_path, answers, name="answers.json"):
    """Return a file of answers."""
    path = tmp_path / name
    rows = {
        code: answer_file.inputs_to_json(answer) if isinstance(answer, dict) else answer
        for code, answer in answers.items()
    }
    path.write_text(json.dumps({"answers": rows}), encoding="utf-8")
    return path


def test_score_prints_the_agreed_object(tmp_path):
    path = written(tmp_path, {"A.I.1.i.a": "Ya", "A.II.1.i.a": FULL})

    status, printed = run("score", path)

    assert status == 0
    assert list(printed) == ["instrument", "answered", "missing", "warnings", "readings", "gates"]
    assert printed["instrument"] == "lke-zi-2021"
    assert printed["answered"] == 2
    assert len(printed["missing"]) == 111
    assert printed["warnings"][0] == {
        "code": "A.I.1.ii",
        "message": "Belum ada butir yang terisi pada Rencana Pembangunan Zona Integritas; "
        "nilainya dihitung 0.",
    }
    assert list(printed["readings"]) == ["filled", "safe"]
    assert list(printed["readings"]["safe"]) == ["total", "nodes", "areas"]
    assert printed["readings"]["safe"]["total"] == "1.250000"
    assert printed["readings"]["filled"]["total"] == "2.500000"
    assert printed["readings"]["safe"]["nodes"]["A.II.1.i"] == "1.000000"
    assert printed["readings"]["filled"]["areas"]["1"] == {
        "points": "2.500000",
        "ratio": "0.312500",
    }
    assert printed["gates"]["WBBM"]["requires"] == "WBK"
    assert printed["gates"]["WBK"]["requires"] is None
    assert [rule["code"] for rule in printed["gates"]["WBK"]["rules"]] == [
        "total", "pengungkit", "area.1", "area.2", "area.3", "area.4", "area.5", "area.6",
        "B.I", "B.I.a", "B.I.b", "B.II",
    ]  # fmt: skip
    assert printed["gates"]["WBK"]["rules"][2] == {
        "code": "area.1",
        "label": "Area 1. Manajemen Perubahan",
        "required": "4.800000",
        "reached": "1.250000",
        "gap": "3.550000",
        "met": False,
    }


def test_score_takes_the_older_edition(tmp_path):
    older = instrument_file.bundled("lke-zi-2014")

    status, printed = run("score", written(tmp_path, best(older)), "--instrument", "lke-zi-2014")

    assert status == 0
    assert printed["readings"]["safe"]["total"] == "100.000000"
    assert printed["warnings"] == printed["missing"] == []


def test_score_explains_a_figure(tmp_path):
    path = written(tmp_path, {"A.II.1.i.a": {**FULL, "jumlah_agen_perubahan": 9}})

    _, printed = run("score", path, "--explain", "A.II.1.i.a")

    assert printed["explanation"] == {
        "target": "A.II.1.i.a",
        "reading": "safe",
        "line": {
            "code": "A.II.1.i.a",
            "label": EDITION.indicators["A.II.1.i.a"].statement,
            "formula": "7 ÷ 9 = 77,78%",
            "value": "0.777778",
            "weight": "1.000000",
            "points": "0.777778",
            "notes": [],
            "children": [
                {
                    "code": name,
                    "label": label,
                    "formula": figure,
                    "value": None,
                    "weight": None,
                    "points": None,
                    "notes": [],
                    "children": [],
                }
                for name, label, figure in [
                    ("jumlah_agen_perubahan", "Jumlah agen perubahan", "9"),
                    ("jumlah_perubahan_dibuat", "Jumlah perubahan yang dihasilkan", "7"),
                ]
            ],
        },
    }


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--explain", "A.IX"], "A.IX", f"Tidak ada angka bernama “A.IX” pada {EDITION.title}."),
        (
            ["--instrument", "../lke"],
            "instrument",
            "Instrumen “../lke” tidak ada; yang ada lke-zi-2014, lke-zi-2021.",
        ),
    ],
)
def test_score_says_what_it_cannot_do(tmp_path, arguments, code, message):
    path = written(tmp_path, {})

    assert run("score", path, *arguments) == (
        1,
        {"errors": [{"code": code, "message": message}]},
    )


@pytest.mark.parametrize("command", [["score"], ["plan", "--predicate", "WBK"]])
@pytest.mark.parametrize("name", ["absent.json", ".", "nul\0byte"])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path, command, name):
    path = f"{tmp_path}/{name}"

    status, printed = run(command[0], path, *command[1:])

    assert status == 1
    assert [error["code"] for error in printed["errors"]] == [FILE]
    assert printed["errors"][0]["message"].endswith("tidak dapat dibaca.")


def test_all_errors_of_a_file_are_printed_and_nothing_else(tmp_path):
    path = written(tmp_path, {"A.I.1.i.a": "Mungkin", "B.I.a.1": {"nilai_ipak": "3,60"}})

    assert run("score", path) == (
        1,
        {
            "errors": [
                {
                    "code": "A.I.1.i.a",
                    "message": "Pilihan “Mungkin” tidak ada; pilihannya Ya, Tidak.",
                },
                {
                    "code": "B.I.a.1",
                    "message": f"{IPAK} berisi “3,60”; tulis dengan titik: 3.60.",
                },
            ]
        },
    )


def test_output_fits_a_terminal_that_knows_only_ascii(tmp_path):
    path = written(tmp_path, {"A.I.1.i.a": "Mungkin"})
    raw = open(tmp_path / "out", "wb")  # noqa: SIM115 - closed by the wrapper

    with TextIOWrapper(raw, encoding="ascii") as out, pytest.raises(SystemExit):
        call_command("score", str(path), stdout=out)

    printed = (tmp_path / "out").read_bytes()
    assert b"\\u201cMungkin\\u201d" in printed
    assert json.loads(printed)["errors"][0]["code"] == "A.I.1.i.a"


INDICES = ["--index", "B.I.a.1=3.60", "B.II.a.1=3.60"]


def test_plan_prints_the_agreed_object(tmp_path):
    answers = {**best(EDITION), "A.II.1.i.a": {**FULL, "jumlah_perubahan_dibuat": 3}}
    answers["A.II.1.i.b"] = {"jumlah_perubahan_dibuat": 3, "jumlah_perubahan_terintegrasi": 3}
    answers |= dict.fromkeys(["A.I.1.iii.a", "A.I.1.iii.b", "A.I.1.iii.c", "A.II.1.ii.a"])
    answers["A.I.1.iv.d"] = "D"

    status, printed = run("plan", written(tmp_path, answers), "--predicate", "WBBM")

    assert status == 0
    assert list(printed) == [
        "predicate", "already_met", "feasible", "blocking", "cost", "steps", "upgrades",
        "total_after", "gates_after",
    ]  # fmt: skip
    assert printed["predicate"] == "WBBM"
    assert (printed["already_met"], printed["feasible"]) == (False, True)
    assert (printed["blocking"], printed["cost"], printed["steps"]) == ([], 4, 4)
    assert printed["upgrades"] == [
        {"code": "A.II.1.ii.a", "from": None, "to": "A", "cost": 4, "gain": "1.000000"}
    ]
    assert printed["total_after"] == "98.053571"
    assert printed["gates_after"]["WBBM"]["met"] is True
    assert printed["gates_after"]["WBBM"]["rules"][0]["reached"] == printed["total_after"]


def test_plan_prints_counts_and_indices_exactly(tmp_path):
    path = written(tmp_path, {**best(EDITION), "B.I.a.1": {"nilai_ipak": Decimal("3.20")},
                              "A.II.5.ii.a": {"pengaduan_harus_ditindaklanjuti": 9,
                                              "pengaduan_diproses": 5, "pengaduan_selesai": 4},
                              "A.II.5.i.a": "E", "A.I.5.v.a": "D", "A.I.5.v.b": "D"})  # fmt: skip

    _, printed = run("plan", path, "--predicate", "WBBM", *INDICES)

    assert printed["upgrades"] == [
        {
            "code": "A.II.5.ii.a",
            "from": {"pengaduan_harus_ditindaklanjuti": 9, "pengaduan_diproses": 5,
                     "pengaduan_selesai": 4},
            "to": {"pengaduan_harus_ditindaklanjuti": 9, "pengaduan_diproses": 0,
                   "pengaduan_selesai": 9},
            "cost": 1,
            "gain": "1.666667",
        },
        {
            "code": "B.I.a.1",
            "from": {"nilai_ipak": "3.20"},
            "to": {"nilai_ipak": "3.60"},
            "cost": 1,
            "gain": "1.750000",
        },
    ]  # fmt: skip


def test_plan_takes_pins_and_efforts(tmp_path):
    efforts = tmp_path / "efforts.json"
    efforts.write_text(json.dumps(dict.fromkeys(EDITION.indicators, 2)), encoding="utf-8")
    path = written(tmp_path, worst(EDITION))

    _, plain = run("plan", path, "--predicate", "WBK", *INDICES)
    _, dear = run("plan", path, "--predicate", "WBK", "--effort", efforts, *INDICES)
    _, pinned = run("plan", path, "--predicate", "WBK", "--pin", "B.I.b.1", *INDICES)

    assert dear["cost"] == 2 * plain["cost"]
    assert dear["upgrades"] == [{**u, "cost": 2 * u["cost"]} for u in plain["upgrades"]]
    assert (pinned["feasible"], pinned["blocking"], pinned["cost"]) == (
        False,
        ["B.I", "B.I.b"],
        None,
    )
    assert pinned["upgrades"] == []


def test_plan_has_nothing_to_do_on_the_best_worksheet(tmp_path):
    _, printed = run("plan", written(tmp_path, best(EDITION)), "--predicate", "WBBM")

    assert (printed["already_met"], printed["feasible"], printed["cost"]) == (True, True, 0)
    assert printed["total_after"] == "100.000000"


@pytest.mark.parametrize(
    ("arguments", "errors"),
    [
        (
            ["--predicate", "ZI"],
            [("predicate", "Predikat “ZI” tidak ada; yang ada WBK, WBBM.")],
        ),
        (
            ["--predicate", "WBK", "--pin", "A.9", "A.8"],
            [(c, f"Kode indikator “{c}” tidak ada pada {EDITION.title}.") for c in ("A.8", "A.9")],
        ),
        (
            ["--predicate", "WBK", "--index", "B.I.a.1=3,60"],
            [("B.I.a.1", "Target indeks ditulis seperti B.I.a.1=3.60.")],
        ),
        (
            ["--predicate", "WBK", "--index", "B.I.a.1"],
            [("B.I.a.1", "Target indeks ditulis seperti B.I.a.1=3.60.")],
        ),
        (
            ["--predicate", "WBK", "--index", "B.I.a.1=3.60", "B.I.a.1=3.90"],
            [("B.I.a.1", "Target indeks butir ini disebut lebih dari sekali.")],
        ),
    ],
)
def test_plan_says_what_it_cannot_do(tmp_path, arguments, errors):
    status, printed = run("plan", written(tmp_path, {}), *arguments)

    assert status == 1
    assert printed == {"errors": [{"code": c, "message": m} for c, m in errors]}


def test_a_bad_file_of_efforts_is_an_error(tmp_path):
    efforts = tmp_path / "efforts.json"
    efforts.write_text('{"A.I.1.i.a": 9}', encoding="utf-8")
    path = written(tmp_path, {})

    assert run("plan", path, "--predicate", "WBK", "--effort", efforts) == (
        1,
        {"errors": [{"code": "A.I.1.i.a", "message": "Upaya harus bilangan bulat 1 sampai 5."}]},
    )


def test_a_printed_answer_is_whole_or_exact():
    assert outcome_json._answer({"a": Decimal("4.00"), "b": 3, "c": Decimal("3.5")}) == {
        "a": 4,
        "b": 3,
        "c": "3.5",
    }
