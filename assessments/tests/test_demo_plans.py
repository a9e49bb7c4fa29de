"""What the demo is told from: texts, figures, documents and days, before any of it is built."""

import io
import re
import zipfile
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import openpyxl
import pypdf
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from assessments import instrument_file, scoring
from assessments.demo import files, source
from assessments.demo.accounts import demo_accounts
from assessments.demo.facts import facts_of
from assessments.demo.sheets import Planner
from assessments.demo.solver import value_of
from assessments.demo.story import Round, Story, long_date
from assessments.demo.wording import in_words, percent
from assessments.tests.demo_words import FORBIDDEN
from units.demo_login import PERSONAS
from units.models import User

YEAR = Round(2026, date(2026, 11, 22))
TOLERANCE = Fraction(6, 1000)


def edition(code: str):
    path = Path(instrument_file.INSTRUMENTS_DIR) / f"{code.replace('-', '_')}.yaml"
    document = instrument_file.load(path)
    engine = instrument_file.build(document)
    return engine, evidence_of(document["tree"])


def evidence_of(tree) -> dict[str, list[str]]:
    found = {}
    for node in tree:
        for row in node.get("indicators") or ():
            found[row["code"]] = row.get("evidence") or []
        found |= evidence_of(node.get("children") or ())
    return found


@pytest.fixture(scope="module")
def in_force():
    return edition("lke-zi-2021")


@pytest.fixture(scope="module")
def older():
    return edition("lke-zi-2014")


def unit_entry(code: str) -> dict:
    return next(unit for unit in source.read("organisation")["units"] if unit["code"] == code)


def planner_of(instrument, code: str, seed: int = 1) -> Planner:
    engine, evidence = instrument
    facts = facts_of(unit_entry(code), Random(f"{seed}:facts"))
    return Planner(engine, facts, YEAR, Random(f"{seed}:{code}"), evidence)


def exact(answer):
    if isinstance(answer, str):
        return answer
    return {
        name: scoring.Decimal(value) if isinstance(value, str) else value
        for name, value in answer.items()
    }


def test_every_option_of_every_indicator_has_its_own_words(in_force):
    engine, _evidence = in_force
    lacking = []
    for code, row in engine.indicators.items():
        entry = source.texts()[code]
        told = {letter for key in entry for letter in str(key).split("/")}
        wanted = {option.code for option in row.options} or {"penuh", "sebagian", "kosong"}
        lacking += [(code, letter) for letter in wanted - told]
        lacking += [(code, key) for key in ("advice", "unit", "plan") if not entry.get(key)]

    assert lacking == []
    assert len(engine.indicators) == 113


def test_no_text_uses_a_word_that_the_house_avoids():
    told = [
        (code, key)
        for code, entry in source.texts().items()
        for key, text in entry.items()
        if isinstance(text, str) and FORBIDDEN.search(text)
    ]

    assert told == []


@pytest.mark.parametrize("name", ["in_force", "older"])
def test_every_answer_that_can_be_given_can_be_told(request, name):
    instrument = request.getfixturevalue(name)
    planner = planner_of(instrument, "PPTL")
    wording, told = planner.wording, []
    for code, row in planner.engine.indicators.items():
        for option in row.options:
            told += [
                wording.condition(code, option.code),
                wording.advice(code, option.code),
                wording.unit_note(code, option.code),
            ]

    assert [text for text in told if not text or "{" in text or FORBIDDEN.search(text)] == []


def test_a_text_counts_what_its_option_says(in_force):
    wording = planner_of(in_force, "PPTL").wording

    most = wording.condition("A.I.1.iii.c", "B")
    few = wording.condition("A.I.1.iii.c", "C")

    assert re.search(r"mencatat 6 dari 9 rekomendasi", most)
    assert re.search(r"mencatat 3 dari 9 rekomendasi", few)


def test_a_computed_row_is_told_in_its_own_counts(in_force):
    wording = planner_of(in_force, "PPTL").wording
    answer = {
        "pengaduan_harus_ditindaklanjuti": 9,
        "pengaduan_diproses": 5,
        "pengaduan_selesai": 4,
    }

    assert wording.condition("A.II.5.ii.a", answer) == (
        "Register pengaduan menunjukkan 4 dari 9 pengaduan tuntas; "
        "surat jawaban lainnya belum dikirim kepada pelapor."
    )


JUDGED = [
    (code, spec) for code, spec in source.read("figures")["current"].items() if "total" in spec
]


@pytest.mark.parametrize(("code", "spec"), JUDGED, ids=[code for code, _spec in JUDGED])
def test_a_plan_reaches_the_figures_that_it_is_to_reach(in_force, code, spec):
    planner = planner_of(in_force, code)

    plans = planner.judged(spec)

    answers = {row: exact(plan.tpi) for row, plan in plans.items()}
    reading = scoring.score(planner.engine, answers).readings[scoring.Reading.SAFE]
    wanted = [Fraction(str(percent)) / 100 for percent in spec["areas"]]
    reached = [area.ratio for area in reading.areas.values()]
    off = [abs(a - b) for a, b in zip(reached, wanted, strict=True)]
    assert max(off) <= TOLERANCE
    assert abs(reading.total - Fraction(str(spec["total"]))) <= Fraction(3, 100)


def test_the_same_seed_plans_the_same_and_another_seed_something_else(in_force):
    spec = dict(JUDGED)["BRAW"]

    first, again, other = (planner_of(in_force, "BRAW", seed).judged(spec) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_the_best_answers_come_with_documents_and_practice(in_force):
    planner = planner_of(in_force, "SUTS")

    plans = planner.judged(dict(JUDGED)["SUTS"])

    rows = planner.engine.indicators
    best = {
        (plan.document, plan.implementation)
        for code, plan in plans.items()
        if value_of(rows[code], plan.tpi) >= 1
    }
    below = Counter(
        (str(plan.document), str(plan.implementation))
        for code, plan in plans.items()
        if value_of(rows[code], plan.tpi) < 1
    )
    assert best == {("adequate", "done")}
    assert set(below) >= {("adequate", "partly"), ("inadequate", "partly"), ("absent", "not_done")}


@pytest.mark.parametrize(
    ("name", "total"),
    [("lantera", "78,25"), ("lantera_previous", "71,40"), ("lantera_old", "62,35")],
)
def test_the_told_worksheets_have_the_figures_of_the_story(in_force, older, name, total):
    engine, _evidence = older if name == "lantera_old" else in_force
    rows = source.read(name)

    result = scoring.score(engine, {code: exact(row["tpi"]) for code, row in rows.items()})

    assert scoring.points_text(result.total) == total
    assert sorted(rows) == sorted(engine.indicators)


@pytest.mark.parametrize(
    ("today", "year"),
    [
        pytest.param(date(2026, 11, 22), 2026, id="the year that is under way"),
        pytest.param(date(2026, 5, 1), 2026, id="from May on its first months are past"),
        pytest.param(date(2027, 4, 30), 2026, id="before May the year before"),
    ],
)
def test_the_story_lies_in_the_past(today, year):
    story = Story(today)

    assert story.year == year
    assert story.running().base == today
    assert story.past(1) == Round(year - 1, date(year - 1, 5, 16))


def test_days_and_numbers_are_written_as_in_documents():
    assert long_date(date(2026, 3, 4)) == "4 Maret 2026"
    assert [in_words(n) for n in (0, 11, 14, 64, 100, 118, 250)] == [
        "nol",
        "sebelas",
        "empat belas",
        "enam puluh empat",
        "seratus",
        "seratus delapan belas",
        "dua ratus lima puluh",
    ]
    assert percent(8, 11) == "72,7%"
    assert percent(0, 0) == "0,0%"


def test_the_demo_people_are_those_of_the_sign_in_page():
    accounts = demo_accounts()

    assert [account.username for account in accounts] == list(PERSONAS)
    assert accounts[5].name == "Yudha Lembayung, S.Ak."
    assert {account.unit for account in accounts} == {"PPTL", "DJPP", "ITJEN", "KBC"}


def test_without_demo_mode_nobody_gets_a_demo(db, settings):
    settings.ZONA_DEMO = False

    with pytest.raises(CommandError, match="mode peragaan"):
        call_command("seed_demo")

    assert not User.objects.exists()


def test_nobodys_number_is_somebodys():
    people = source.read("people")
    numbers = [p["nip"] for p in (*people["personas"], *people["others"]) if "nip" in p]

    assert all(re.fullmatch(r"1900\d{4}190001[12]\d{3}", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_the_files_are_what_they_say():
    lines = ["Menetapkan tim (enam kelompok) pada 1 Januari–30 April."]
    document = files.pdf("SK Tim", ["KEMENTERIAN BAHARI CONTOH"], lines)
    text = pypdf.PdfReader(io.BytesIO(document)).pages[0].extract_text()
    book = openpyxl.load_workbook(io.BytesIO(files.xlsx("Register", ["No", "Risiko"], [[1, "=a"]])))
    cells = [cell.value for row in book.active.iter_rows() for cell in row if cell.value]
    letter = zipfile.ZipFile(io.BytesIO(files.docx("Notula", [], ["Rapat & hasil"])))
    picture = Image.open(io.BytesIO(files.jpg("Foto", "Dermaga", 12)))

    assert text.splitlines()[0] == "KEMENTERIAN BAHARI CONTOH"
    assert lines[0] in text
    assert files.NOTE in text
    assert cells == ["Register", "No", "Risiko", 1, "=a"]
    assert "Rapat &amp; hasil" in letter.read("word/document.xml").decode()
    assert (picture.format, picture.size) == ("JPEG", (640, 400))
    book.close()
    letter.close()
    picture.close()


def test_the_same_document_twice_is_the_same_bytes():
    made = [
        (
            files.pdf("A", ["B"], ["C"]),
            files.docx("A", ["B"], ["C"]),
            files.xlsx("A", ["B"], [["C"]]),
            files.jpg("A", "B", 3),
        )
        for _time in range(2)
    ]

    assert made[0] == made[1]
