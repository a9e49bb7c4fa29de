"""``manage.py survey_index FILE.json``: its reply, and every way in which a file can be wrong."""

import json

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import index_file
from surveys.index_file import IndexFileError


@pytest.fixture
def run(tmp_path, capsys):
    """Return a function that runs the command on a document: exit status and printed object."""

    def command(document):
        path = tmp_path / "survei.json"
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        status = 0
        try:
            call_command("survey_index", str(path))
        except SystemExit as end:
            status = end.code
        output = capsys.readouterr()
        assert output.err == ""
        return status, json.loads(output.out)

    return command


def survey(**changes):
    return {
        "instrument": "spak",
        "scale_max": 4,
        "elements": [{"code": "imbalan", "mean": 3.595}],
    } | changes


def test_means_and_scores_stand_side_by_side(run):
    rows = [{"code": "imbalan", "mean": "3.50"}, {"code": "pungli", "scores": [4, 3, 4]}]

    status, printed = run(survey(elements=rows))

    assert status == 0
    assert printed == {
        "index4": "3.58",
        "index100": "89.58",
        "grade": "A",
        "elements": [
            {"code": "imbalan", "mean": "3.500000"},
            {"code": "pungli", "mean": "3.666667"},
        ],
        "lke_points": "15.662500",
    }


def test_decimals_are_read_exactly(run):
    _status, printed = run(survey())

    assert (printed["index4"], printed["lke_points"]) == ("3.60", "15.750000")


def test_a_satisfaction_survey_has_no_points(run):
    rows = [{"code": str(number), "scores": [4] * number} for number in range(1, 10)]

    _status, printed = run(survey(instrument="skm", elements=rows))

    assert (printed["index100"], printed["lke_points"]) == ("100.00", None)


def test_the_minmax_conversion_is_an_option(run):
    rows = [{"code": "a", "mean": 1}]

    proportional = run(survey(scale_max=6, elements=rows))[1]
    minmax = run(survey(scale_max=6, conversion="minmax", elements=rows))[1]

    assert (proportional["index4"], minmax["index4"]) == ("0.67", "1.00")


SCALES = "Skala tertinggi harus salah satu dari 4, 5, 6, 10."
ONE_OF = "Unsur harus memuat tepat satu dari mean dan scores."
NO_MEAN = "Rata-rata (mean) harus berupa angka."
NO_LIST = "Skor (scores) harus berupa daftar dengan isi."
CODE = "Kode unsur harus berupa teks 1 sampai 60 huruf."
WHOLE = "Skor ke-1 harus bilangan bulat 1–4."
NO_ELEMENTS = "Berkas harus memuat sedikitnya satu unsur."


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"instrument": "ikm"}, "instrument", "Instrumen harus skm, spkp, atau spak."),
        ({"instrument": ["spak"]}, "instrument", "Instrumen harus skm, spkp, atau spak."),
        ({"scale_max": 7}, "scale_max", SCALES),
        ({"scale_max": "4"}, "scale_max", SCALES),
        ({"scale_max": True}, "scale_max", SCALES),
        ({"scale_max": 4.0}, "scale_max", SCALES),
        ({"scale_max": [4]}, "scale_max", SCALES),
        ({"conversion": "linear"}, "conversion", "Konversi harus proportional atau minmax."),
        ({"elements": []}, "elements", NO_ELEMENTS),
        ({"elements": {"a": 3}}, "elements", NO_ELEMENTS),
        ({"elements": [{"code": "a"}] * 2001}, "elements", "Unsur lebih dari 2000."),
        ({"elements": [3]}, "elements[1]", "Unsur harus berupa objek JSON."),
        ({"elements": [{"mean": 3}]}, "elements[1]", CODE),
        ({"elements": [{"code": 7, "mean": 3}]}, "elements[1]", CODE),
        ({"elements": [{"code": "x" * 61, "mean": 3}]}, "elements[1]", CODE),
        ({"elements": [{"code": "a"}]}, "a", ONE_OF),
        ({"elements": [{"code": "a", "mean": 3, "scores": [3]}]}, "a", ONE_OF),
        ({"elements": [{"code": "a", "mean": None}]}, "a", NO_MEAN),
        ({"elements": [{"code": "a", "mean": [3]}]}, "a", NO_MEAN),
        ({"elements": [{"code": "a", "mean": "3,5"}]}, "a", NO_MEAN),
        ({"elements": [{"code": "a", "mean": True}]}, "a", NO_MEAN),
        ({"elements": [{"code": "a", "mean": 4.01}]}, "a", "Rata-rata 4.01 di luar skala 1–4."),
        ({"elements": [{"code": "a", "mean": 0}]}, "a", "Rata-rata 0 di luar skala 1–4."),
        ({"elements": [{"code": "a", "scores": []}]}, "a", NO_LIST),
        ({"elements": [{"code": "a", "scores": 3}]}, "a", NO_LIST),
        (
            {"elements": [{"code": "a", "scores": [4, 5]}]},
            "a",
            "Skor ke-2 bernilai 5, di luar skala 1–4.",
        ),
        (
            {"elements": [{"code": "a", "scores": [3.5]}]},
            "a",
            "Skor ke-1 harus bilangan bulat 1–4.",
        ),
        (
            {"elements": [{"code": "a", "scores": [None]}]},
            "a",
            "Skor ke-1 harus bilangan bulat 1–4.",
        ),
        (
            {"elements": [{"code": "a", "scores": [[4]]}]},
            "a",
            "Skor ke-1 harus bilangan bulat 1–4.",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(run, changes, code, message):
    assert run(survey(**changes)) == (1, {"errors": [{"code": code, "message": message}]})


def test_all_problems_are_named_at_once(run):
    rows = [{"code": "a", "mean": 11}, {"code": "a", "mean": 3}, {"code": "b"}]

    _status, printed = run({"elements": rows})

    places = [problem["code"] for problem in printed["errors"]]
    assert places == ["instrument", "scale_max", "a", "a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Bukan JSON yang sah (baris 1, kolom 1)."),
        (b"{", "Bukan JSON yang sah (baris 1, kolom 2)."),
        (b"[1]", "Berkas harus berisi satu objek JSON."),
        (b"\xff\xfe", "Berkas harus berupa teks UTF-8."),
        (b'{"a": "\\ud800"}', "Berkas memuat huruf yang tidak sah."),
        (b"[" * 100_000, "Susunan berkas terlalu dalam."),
        (b'{"a":' * 1 + b'"' + b"x" * 20_000_001 + b'"}', "Berkas lebih besar dari 20 MB."),
    ],
)
def test_what_is_no_object_is_refused(run, content, message):
    assert run(content) == (1, {"errors": [{"code": "file", "message": message}]})


def test_a_missing_file_is_refused(capsys):
    with pytest.raises(SystemExit) as end:
        call_command("survey_index", "/nonexistent/survei.json")

    assert end.value.code == 1
    assert json.loads(capsys.readouterr().out) == {
        "errors": [{"code": "file", "message": "Berkas tidak dapat dibaca."}]
    }


def test_repeated_keys_are_refused(run):
    status, printed = run(
        b'{"instrument": "spak", "instrument": "skm", "scale_max": 4,'
        b' "elements": [{"code": "a", "mean": 3, "mean": 4}]}'
    )

    message = "Ada kunci yang muncul lebih dari sekali."
    assert status == 1
    assert printed == {
        "errors": [{"code": "file", "message": message}, {"code": "a", "message": message}]
    }


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999", b"1" * 40])
def test_figures_that_are_none_are_refused(run, number):
    content = b'{"instrument": "spak", "scale_max": 4, "elements": [{"code": "a", "mean": %s}]}'

    assert run(content % number) == (1, {"errors": [{"code": "a", "message": NO_MEAN}]})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["code", "mean", "scores", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {"instrument": st.just("spkp"), "scale_max": st.just(4) | json_values},
        optional={"elements": json_values, "conversion": json_values},
    )
)
def test_anything_in_a_file_is_an_index_or_a_list_of_problems(document):
    try:
        figure = float(index_file.printed(index_file.read(json.dumps(document).encode()))["index4"])
    except IndexFileError:
        return

    assert 1 <= figure <= 4
