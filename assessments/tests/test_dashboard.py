"""The leader's one screen: what it says, what it counts, and what it keeps from whom."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction as F

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments import scoring
from assessments.catalog import catalog_of
from assessments.dashboard import build_dashboard, explain_page, load_facts, potential_page
from assessments.models import Answer, Assessment, RowState, Score, State, Track
from assessments.tests.factories import make_assessment, make_period, make_unit
from assessments.tests.sheets import uniform, write
from units.models import Pledge

WRITES = ("SELECT", "INSERT", "UPDATE", "DELETE")


def loaded(assessment) -> Assessment:
    return Assessment.objects.for_page().select_related("unit__pledge").get(pk=assessment.pk)


def engine_of(assessment):
    return catalog_of(assessment.instrument).engine


def move(assessment, state, **fields):
    """Put a worksheet into a state, past the guards that other tests hold."""
    moment = timezone.now()
    fields = {
        State.FINAL: {"finalized_at": moment},
        State.REPAIR: {
            "repair_from": State.MEMBER_REVIEW,
            "repair_due": moment + timedelta(days=3),
            "tpi_revealed_at": moment,
        },
    }.get(state, {}) | fields
    Assessment.objects.filter(pk=assessment.pk).update(state=state, **fields)


def page_of(assessment, user, **options):
    return build_dashboard(loaded(assessment), user, **options)


def gate(page, code):
    return next(row for row in page.gates if row.code == code)


@pytest.fixture
def engine(house):
    return engine_of(house.assessment)


# The first sentence ---------------------------------------------------------------------------


SHORT_OF_AREA_5 = {
    **dict.fromkeys(("A.I.5.i.a", "A.I.5.iii.a", "A.I.5.iv.a", "A.I.5.iv.b", "A.I.5.iv.c"), "C"),
    "A.II.5.i.a": "E",
    "A.II.5.ii.a": {
        "pengaduan_harus_ditindaklanjuti": 9,
        "pengaduan_diproses": 0,
        "pengaduan_selesai": 0,
    },
}
"""Area 5 reaches 6,875 of the 9 points that WBK asks of it."""


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        pytest.param(lambda e: {}, "LKE belum diisi.", id="empty"),
        pytest.param(
            lambda e: uniform(e, 4),
            "Nilai total belum cukup untuk WBK: kurang 43,50 poin.",
            id="too low",
        ),
        pytest.param(
            lambda e: uniform(e) | SHORT_OF_AREA_5,
            "Nilai total cukup untuk WBK, tetapi 1 ambang belum terpenuhi.",
            id="a rule fails",
        ),
        pytest.param(
            uniform, "Semua ambang WBK terpenuhi; 16 syarat usulan belum dinilai.", id="all met"
        ),
    ],
)
def test_the_verdict_never_promises_more_than_the_gates(house, engine, answers, sentence):
    write(house.assessment, Track.UNIT, answers(engine))

    verdict = page_of(house.assessment, house.head).verdict

    assert verdict.text == sentence
    said = " ".join((verdict.text, *verdict.why)).lower()
    assert "siap" not in said
    assert "dapat diusulkan" not in said


def test_the_sentence_below_names_what_is_missing_and_what_is_near_its_gate(house, engine):
    answers = uniform(engine) | SHORT_OF_AREA_5 | {"A.I.1.i.a": None}
    write(house.assessment, Track.UNIT, answers)

    verdict = page_of(house.assessment, house.head).verdict

    assert verdict.why == (
        "Menurut penilaian mandiri unit yang belum diajukan.",
        "Nilai sementara: masih ada 1 butir yang belum dijawab.",
        "Belum terpenuhi: Area 5 kurang 2,13.",
        "IPAK tepat di ambang: 15,75 dari paling sedikit 15,75. "
        "Penurunan sekecil apa pun membuatnya belum terpenuhi.",
    )


def test_a_unit_that_aims_at_wbbm_hears_that_its_wbk_is_not_judged(house, engine):
    Assessment.objects.filter(pk=house.assessment.pk).update(target="WBBM")
    write(house.assessment, Track.UNIT, uniform(engine, index="3.80"))

    page = page_of(house.assessment, house.head)

    assert page.verdict.text == "Semua ambang WBBM terpenuhi; 17 syarat usulan belum dinilai."
    assert page.verdict.why == (
        "Menurut penilaian mandiri unit yang belum diajukan.",
        "Predikat WBK yang mendahuluinya belum dinyatakan terpenuhi.",
    )
    assert [item.title for item in page.holding] == [
        "Predikat WBK belum dinyatakan terpenuhi",
        "17 syarat usulan belum dinilai",
    ]


# Figures --------------------------------------------------------------------------------------


def test_every_gate_shows_the_figures_of_the_one_result(house, engine):
    result = write(house.assessment, Track.UNIT, uniform(engine, 1))

    page = page_of(house.assessment, house.head)

    assert [row.code for row in page.gates] == [
        "total",
        "pengungkit",
        *(f"area.{n}" for n in range(1, 7)),
        "B.I",
        "B.I.a",
        "B.I.b",
        "B.II",
    ]
    for predicate in ("WBK", "WBBM"):
        for rule in result.gates[predicate].rules:
            row = gate(page, rule.code)
            cell = next(cell for cell in row.cells if cell.predicate == predicate)
            assert (row.points, row.weight) == (rule.reached, rule.weight)
            assert cell.met is rule.met
            assert cell.text == (
                scoring.points_text(rule.required)
                if rule.met
                else scoring.gap_text(rule.required, rule.reached)
            )


def test_both_readings_stand_side_by_side(house, engine):
    answers = uniform(engine) | dict.fromkeys(["A.I.1.i.a", "A.I.1.i.b"])
    write(house.assessment, Track.UNIT, answers | {"A.I.1.ii.a": None})

    reading = page_of(house.assessment, house.head).reading

    assert (reading.missing, reading.answered) == (3, 110)
    assert reading.safe == F(96) - F(1, 2) - F(1, 3) + F("0.5")
    assert reading.filled == F(96) + F("0.5") - F(1, 2)


def test_fulfilment_and_reform_are_shares_of_their_own_weights(house, engine):
    write(house.assessment, Track.UNIT, uniform(engine) | SHORT_OF_AREA_5)

    page = page_of(house.assessment, house.head)

    assert page.fulfilment.rows[0] == ("1. Perubahan", "100,00%", "100,00%")
    assert page.fulfilment.rows[4][2] == "26,67%"
    assert page.fulfilment_say == "Pemenuhan terendah di area 5; reform terendah di area 5."


def test_the_older_edition_has_areas_without_gates_and_no_aspects(house):
    assessment = make_assessment(house.unit, make_period("lke-zi-2014", year=2024))
    write(assessment, Track.UNIT, uniform(engine_of(assessment), 1))

    page = page_of(assessment, house.head)

    area = gate(page, "area.5")
    assert [(cell.met, cell.text) for cell in area.cells] == [(None, ""), (None, "")]
    assert area.ratio == area.points / 15
    assert page.fulfilment is None


# Who sees what --------------------------------------------------------------------------------


def filled_both(house, engine):
    """Give unit and TPI figures that no other number on the page repeats."""
    write(house.assessment, Track.UNIT, uniform(engine))
    return write(house.assessment, Track.TPI, uniform(engine, 1, index="3.63"))


def body(client, user, assessment) -> str:
    client.force_login(user)
    response = client.get(reverse("assessments:dashboard", args=[assessment.pk]))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("state", [State.SUBMITTED, State.MEMBER_REVIEW, State.QUALITY_REVIEW])
def test_before_a_return_nothing_of_the_tpi_reaches_the_page(client, house, engine, state):
    tpi = filled_both(house, engine)
    move(house.assessment, state)
    hidden = [tpi.total, *(area.points for area in tpi.readings["safe"].areas.values())]

    for persona in ("operator", "zi_lead", "head", "eselon1", "observer"):
        html = body(client, getattr(house, persona), house.assessment)

        for figure in hidden:
            assert scoring.points_text(figure) not in html, persona
        assert "jalur=tpi" not in html
        assert "Dokumen dan implementasi" not in html


def test_after_the_first_return_a_unit_sees_interim_totals_but_no_single_rows(
    client, house, engine
):
    tpi = filled_both(house, engine)
    move(house.assessment, State.REPAIR)

    page = page_of(house.assessment, house.head)
    html = body(client, house.head, house.assessment)

    assert page.lead == Track.UNIT
    assert page.others == ("TPI sementara",)
    assert gate(page, "total").others[0].points == tpi.total
    assert gate(page, "area.5").others[0].points == tpi.readings["safe"].areas["5"].points
    assert [gate(page, code).others[0].points for code in ("B.I", "B.I.a", "B.I.b", "B.II")] == [
        None
    ] * 4
    assert scoring.points_text(tpi.total) in html
    assert "jalur=tpi" not in html


def test_a_unit_hears_whose_word_its_verdict_is(house, engine):
    write(house.assessment, Track.UNIT, uniform(engine))
    move(house.assessment, State.SUBMITTED)
    assert page_of(house.assessment, house.head).verdict.why[0] == (
        "Menurut penilaian mandiri unit; penilaian TPI belum selesai."
    )

    tpi = write(house.assessment, Track.TPI, uniform(engine) | SHORT_OF_AREA_5)
    move(house.assessment, State.REPAIR)
    assert page_of(house.assessment, house.head).verdict.why[0] == (
        f"Menurut penilaian mandiri unit; dengan nilai TPI sementara "
        f"{scoring.points_text(tpi.total)}, yang belum memenuhi ambang WBK: Area 5."
    )
    assert "Menurut penilaian mandiri" not in " ".join(
        page_of(house.assessment, house.inspector_general).verdict.why
    )


def test_eselon_one_waits_for_the_final_result_even_after_a_return(client, house, engine):
    tpi = filled_both(house, engine)
    move(house.assessment, State.REPAIR)

    assert scoring.points_text(tpi.total) not in body(client, house.eselon1, house.assessment)

    move(house.assessment, State.FINAL, repair_from="", repair_due=None)
    assert scoring.points_text(tpi.total) in body(client, house.eselon1, house.assessment)


def test_the_inspectorate_reads_the_tpis_figure_first(house, engine):
    tpi = filled_both(house, engine)
    move(house.assessment, State.LEAD_REVIEW)

    page = page_of(house.assessment, house.inspector_general)

    assert page.lead == Track.TPI
    assert page.others == ("Unit",)
    assert (page.reading.safe, gate(page, "total").points) == (tpi.total, tpi.total)


def test_addresses_open_for_whom_they_concern(client, house, engine):
    filled_both(house, engine)
    move(house.assessment, State.LEAD_REVIEW)
    page = reverse("assessments:dashboard", args=[house.assessment.pk])
    figure = reverse("assessments:figure", args=[house.assessment.pk, "total"])

    for persona, url, status in (
        ("head", page, 200),
        ("eselon1", page, 200),
        ("stranger", page, 404),
        ("head", f"{figure}?jalur=tpi", 403),
        ("inspector_general", f"{figure}?jalur=tpi", 200),
        ("inspector_general", f"{figure}?jalur=tpn", 403),
        ("inspector_general", f"{figure}?jalur=lain", 404),
        ("stranger", f"{figure}?jalur=tpi", 404),
    ):
        client.force_login(getattr(house, persona))
        assert client.get(url).status_code == status, (persona, url)


def test_nobody_looks_in_without_signing_in(client, house):
    response = client.get(reverse("assessments:dashboard", args=[house.assessment.pk]))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


# Rows -----------------------------------------------------------------------------------------


def test_progress_counts_what_is_missing_and_leads_to_it(house, engine):
    write(house.assessment, Track.UNIT, uniform(engine) | dict.fromkeys(["A.I.5.i.a", "A.I.5.i.b"]))

    page = page_of(house.assessment, house.head)

    area = page.progress[4]
    base = reverse("assessments:worksheet", args=[house.assessment.pk, "5"])
    assert (area.total, area.answered, area.reviewed) == (22, 20, None)
    assert (area.unanswered.number, area.unanswered.url) == (2, f"{base}?saring=belum")
    assert (area.without_evidence.number, area.without_evidence.url) == (
        22,
        f"{base}?saring=tanpa-bukti",
    )
    assert [item.total for item in page.progress] == [16, 15, 21, 14, 22, 22, 3]


def test_returned_rows_are_named_to_the_unit(house, engine):
    filled_both(house, engine)
    move(house.assessment, State.REPAIR)
    rows = Answer.objects.filter(assessment=house.assessment, track=Track.TPI)
    rows.filter(indicator__code="A.I.5.i.b").update(review_state=RowState.NEEDS_REPAIR)
    rows.filter(indicator__code="A.I.5.i.a").update(review_state=RowState.ACCEPTED)

    page = page_of(house.assessment, house.head)

    assert [(row.code, row.url.partition("#")[2]) for row in page.returned] == [
        ("A.I.5.i.b", "A.I.5.i.b")
    ]
    assert page.progress[4].returned.number == 1


def test_paper_without_practice_is_counted_and_listed(house, engine):
    filled_both(house, engine)
    rows = Answer.objects.filter(assessment=house.assessment, track=Track.TPI)
    for code, document, practice in (
        ("A.I.1.i.a", "adequate", "done"),
        ("A.I.1.i.b", "adequate", "partly"),
        ("A.I.1.ii.a", "adequate", "not_done"),
        ("A.I.1.ii.b", "absent", "not_done"),
        ("A.I.1.ii.c", "inadequate", ""),
    ):
        rows.filter(indicator__code=code).update(
            document_check=document, implementation_check=practice
        )

    cross = page_of(house.assessment, house.inspector_general).cross

    assert cross.columns == ("Terlaksana", "Sebagian", "Belum", "Belum diperiksa")
    assert [(label, [cell.number for cell in cells]) for label, cells in cross.lines] == [
        ("Ada dan sesuai", [1, 1, 1, 0]),
        ("Ada, belum sesuai", [0, 0, 0, 1]),
        ("Tidak ada", [0, 0, 1, 0]),
    ]
    assert [cell.tone for cell in cross.lines[0][1]] == ["is-ok", "is-warn", "is-warn", ""]
    assert (cross.checked, cross.total) == (5, 113)
    assert [row.code for row in cross.paper] == ["A.I.1.i.b", "A.I.1.ii.a"]


def test_contradicting_counts_come_first_with_both_numbers(house, engine):
    answers = uniform(engine)
    answers["A.II.4.i.a"] = {"jumlah_sasaran": 5, "jumlah_sasaran_tercapai": 7}
    write(house.assessment, Track.UNIT, answers)

    first = page_of(house.assessment, house.head).holding[0]

    assert first.title == "Isian bertentangan pada A.II.4.i.a"
    assert "(7)" in first.text
    assert "(5)" in first.text


def test_an_unmet_gate_names_the_rows_that_would_close_it(house, engine):
    write(house.assessment, Track.UNIT, uniform(engine) | SHORT_OF_AREA_5)

    item = page_of(house.assessment, house.head).holding[0]

    assert item.title == "Area 5. Penguatan Pengawasan kurang 2,13 poin"
    assert [row.code for row in item.rows] == ["A.II.5.ii.a", "A.II.5.i.a"]


def test_potential_is_sorted_and_says_what_a_row_waits_for(house, engine):
    write(house.assessment, Track.UNIT, uniform(engine) | SHORT_OF_AREA_5 | {"A.I.1.i.a": None})

    rows = potential_page(loaded(house.assessment), house.head).rows

    assert [(item.row.code, item.points) for item in rows[:2]] == [
        ("A.II.5.ii.a", F(3)),
        ("A.II.5.i.a", F("2.5")),
    ]
    assert rows[0].closes == ("Area 5. Penguatan Pengawasan",)
    assert {item.row.code: item.waits_for for item in rows}["A.I.1.i.a"] == "jawaban"
    by_row = potential_page(loaded(house.assessment), house.head, sort="butir").rows
    assert by_row[0].row.code == "A.I.1.i.a"


# The shortest way -----------------------------------------------------------------------------


def test_the_way_is_a_checklist_with_the_score_after_each_step(house, engine):
    write(house.assessment, Track.UNIT, uniform(engine) | SHORT_OF_AREA_5)

    way = page_of(house.assessment, house.head).way

    assert (way.predicate, way.feasible, way.survey_count) == ("WBK", True, 0)
    assert way.upgrade_count == 1
    assert [(step.row.code, step.gain) for step in way.steps] == [("A.II.5.ii.a", F(3))]
    assert way.steps[0].total == way.total_before + 3 == way.total_after


def test_a_survey_below_its_gate_is_a_step_that_no_answer_takes(house, engine):
    write(house.assessment, Track.UNIT, uniform(engine, index="3.48"))

    way = page_of(house.assessment, house.head, toward="WBBM").way

    assert [(step.row.code, step.before, step.after, step.is_survey) for step in way.steps] == [
        ("B.I.a.1", "3,48", "3,60", True),
        ("B.II.a.1", "3,48", "3,60", True),
    ]
    assert (way.upgrade_count, way.survey_count) == (0, 2)


def test_once_the_target_is_met_the_way_leads_to_the_next_predicate(house, engine):
    write(house.assessment, Track.UNIT, uniform(engine, index="3.60") | {"B.I.b.1": "C"})

    page = page_of(house.assessment, house.head)

    assert page.other_ways[0].already_met
    assert page.way.predicate == "WBBM"
    assert [step.row.code for step in page.way.steps] == ["B.I.b.1"]


def test_an_unknown_predicate_has_no_way(client, house):
    client.force_login(house.head)
    url = reverse("assessments:shortest_way", args=[house.assessment.pk, "WBX"])

    assert client.get(url).status_code == 404


# Years ----------------------------------------------------------------------------------------


def earlier(house, year, code="lke-zi-2021", level=1):
    """Put a final worksheet of an earlier year beside the present one; return its TPI result."""
    assessment = make_assessment(house.unit, make_period(code, year=year))
    result = write(assessment, Track.TPI, uniform(engine_of(assessment), level))
    move(assessment, State.FINAL)
    return result


def test_last_years_value_stands_beside_this_years(house, engine):
    before = earlier(house, 2025)
    write(house.assessment, Track.UNIT, uniform(engine))

    page = page_of(house.assessment, house.head)

    assert page.last_year == 2025
    assert gate(page, "total").last_year.text == scoring.points_text(before.total)
    assert gate(page, "area.5").last_year.text == scoring.points_text(
        before.readings["safe"].areas["5"].points
    )


def test_across_editions_only_what_maps_is_compared(house, engine):
    before = earlier(house, 2024, "lke-zi-2014")
    filled_both(house, engine)
    move(house.assessment, State.FINAL)

    page = page_of(house.assessment, house.head)

    area = before.readings["safe"].areas["5"]
    assert gate(page, "total").last_year.text == scoring.percent_text(before.total / 100)
    assert gate(page, "area.5").last_year.text == scoring.percent_text(area.ratio)
    assert gate(page, "B.II").last_year.text == "90,00%"
    nothing = gate(page, "B.I.b").last_year
    assert (nothing.text, str(nothing.note)) == ("", "tidak dapat dibandingkan")
    assert [line.year for line in page.trend.lines] == ["2024", "2026"]
    assert page.trend.chart.rows[0] == ("2024*", scoring.points_text(before.total))


def test_a_year_that_is_not_final_is_no_history(house, engine):
    earlier(house, 2025)
    Assessment.objects.filter(period__year=2025).update(state=State.DRAFT, finalized_at=None)

    page = page_of(house.assessment, house.head)

    assert page.last_year is None
    assert page.trend.lines == ()


# Journey and deadlines ------------------------------------------------------------------------


def test_the_journey_knows_pledge_submission_and_who_is_next(house, engine):
    house.unit.staff_count = 70
    house.unit.save(update_fields=["staff_count"])
    Pledge.objects.create(
        unit=house.unit,
        declared_on=date(2026, 1, 12),
        place="Ambon",
        charter_number="1",
        signer_name="A",
        signer_position="B",
        signer_level="eselon_3",
        signed_count=69,
    )
    write(house.assessment, Track.UNIT, uniform(engine))
    move(house.assessment, State.MEMBER_REVIEW, submitted_at=timezone.now())

    journey = page_of(house.assessment, house.head).journey

    assert [(stage.name, stage.place) for stage in journey.stages] == [
        ("Pencanangan", "is-now"),
        ("Pembangunan", "is-next"),
        ("Penetapan calon", "is-next"),
        ("Penilaian mandiri", "is-done"),
        ("Evaluasi TPI", "is-now"),
        ("Usulan", "is-next"),
        ("Evaluasi TPN", "is-next"),
        ("Penetapan", "is-next"),
        ("Pemantauan", "is-next"),
    ]
    assert journey.stages[0].note == "69 dari 70 pakta"
    assert journey.holder == "Anggota tim"


# Explanation ----------------------------------------------------------------------------------


def test_an_explanation_ends_in_the_figure_that_the_page_shows(client, house, engine):
    write(house.assessment, Track.UNIT, uniform(engine, 1))
    page = page_of(house.assessment, house.head)
    client.force_login(house.head)

    for row in page.gates:
        response = client.get(row.explain_url)
        assert response.context["page"].line.points == row.points, row.code


def test_an_explanation_leads_down_to_the_rows(house, engine):
    write(house.assessment, Track.UNIT, uniform(engine))

    line = explain_page(loaded(house.assessment), house.head, "A.I.5.i").line

    assert [child.url.partition("#")[2] for child in line.children] == ["A.I.5.i.a", "A.I.5.i.b"]


def test_a_dialog_gets_the_inside_of_the_explanation_alone(client, house):
    client.force_login(house.head)
    url = reverse("assessments:figure", args=[house.assessment.pk, "WBK:area.5"])

    inside = client.get(url, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in inside
    assert '<h2 id="asal-judul">Area 5. Penguatan Pengawasan</h2>' in inside
    assert client.get(url.replace("area.5", "area.9")).status_code == 404


# Cost -----------------------------------------------------------------------------------------


def statements(client, url) -> list[str]:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return [q["sql"] for q in captured if q["sql"].lstrip().upper().startswith(WRITES)]


@pytest.mark.parametrize("units", [10, 200])
def test_the_dashboard_asks_the_same_few_questions_in_a_small_and_a_large_house(
    client, house, engine, units
):
    filled_both(house, engine)
    earlier(house, 2024, "lke-zi-2014")
    move(house.assessment, State.FINAL)
    for _ in range(units):
        make_unit(house.unit.parent)
    client.force_login(house.inspector_general)

    asked = statements(client, reverse("assessments:dashboard", args=[house.assessment.pk]))

    assert len(asked) == 12


def test_the_stored_score_is_what_the_dashboard_shows(house, engine):
    filled_both(house, engine)

    facts = load_facts(loaded(house.assessment), house.inspector_general)

    for track in (Track.UNIT, Track.TPI):
        score = Score.objects.get(assessment=house.assessment, track=track)
        assert score.safe_total == scoring.stored(facts.results[track].total)


def test_the_page_carries_no_inline_style_or_script(client, house, engine):
    filled_both(house, engine)
    move(house.assessment, State.FINAL)

    html = body(client, house.inspector_general, house.assessment)

    assert not re.search(r"<[^>]+ style=|<style|<script(?![^>]* src=)|\son\w+=", html)
