"""Scenarios: figures on a copy, nothing in a track, taken over only by who may write."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from assessments import scoring
from assessments.catalog import catalog_of
from assessments.models import (
    Answer,
    Assessment,
    Scenario,
    ScenarioAnswer,
    Score,
    State,
    Track,
)
from assessments.scenario_page import answer_text, scenario_list, scenario_page
from assessments.services import scenarios
from assessments.services.answers import AnswersLocked, AnswersRefused
from assessments.tests.sheets import uniform, write
from zona.models import AuditEntry


@pytest.fixture
def engine(house):
    engine = catalog_of(house.assessment.instrument).engine
    write(house.assessment, Track.UNIT, uniform(engine, 1))
    return engine


def make(house, by=None, name="Rencana", **options):
    return scenarios.create_scenario(
        assessment=house.assessment, track=Track.UNIT, name=name, by=by or house.zi_lead, **options
    )


def loaded(scenario):
    found = Scenario.objects.get(pk=scenario.pk)
    found.assessment = Assessment.objects.for_page().get(pk=scenario.assessment_id)
    return found


def everything_stored(house):
    """Return all that a scenario must not touch."""
    return (
        list(Answer.objects.filter(assessment=house.assessment).order_by("pk").values()),
        list(Score.objects.filter(assessment=house.assessment).order_by("pk").values()),
        Assessment.objects.values().get(pk=house.assessment.pk),
        AuditEntry.objects.count(),
    )


# Nothing in a track ---------------------------------------------------------------------------


def test_a_scenario_changes_nothing_of_the_worksheet(client, house, engine):
    before = everything_stored(house)
    client.force_login(house.zi_lead)
    index = reverse("assessments:scenario_list", args=[house.assessment.pk])

    client.post(index, {"name": "Coba", "track": "unit", "start": "WBK"})
    scenario = Scenario.objects.get()
    row = reverse("assessments:scenario_row", args=[scenario.pk, "A.I.5.i.a"])
    client.post(row, {"choice": "A"})
    client.get(reverse("assessments:scenario", args=[scenario.pk]))
    client.post(reverse("assessments:scenario_copy", args=[scenario.pk]))
    client.post(reverse("assessments:scenario_edit", args=[scenario.pk]), {"name": "Lain"})
    client.post(reverse("assessments:scenario_delete", args=[scenario.pk]))

    assert everything_stored(house) == before
    assert [item.name for item in Scenario.objects.all()] == ["Coba (salinan)"]


def test_the_page_shows_what_scoring_says_of_the_changed_copy(house, engine):
    scenario = make(house)
    scenarios.set_row(scenario=scenario, code="A.I.5.i.a", fields={"choice": "A"}, by=house.zi_lead)
    full = {
        "pengaduan_harus_ditindaklanjuti": "9",
        "pengaduan_diproses": "0",
        "pengaduan_selesai": "9",
    }
    scenarios.set_row(
        scenario=scenario, code="A.II.5.ii.a", fields={"inputs": full}, by=house.zi_lead
    )

    page = scenario_page(loaded(scenario), house.zi_lead)

    now = scoring.score(engine, uniform(engine, 1) | numbers(engine))
    assert page.total_now == now.total
    assert page.difference == F(3) + F(1, 2) * F("1.5") / 2
    assert [(row.row.code, row.before, row.after, row.gain) for row in page.changed] == [
        ("A.I.5.i.a", "B", "A", F("0.375")),
        ("A.II.5.ii.a", "4 / 0 / 0", "9 / 0 / 9", F(3)),
    ]
    area = next(row for row in page.gates if row.label.startswith("Area 5"))
    assert area.difference == page.difference


def numbers(engine):
    """Return the survey indices as scoring takes them: stored text became numbers."""
    return {
        "B.I.a.1": {"nilai_ipak": scoring.Decimal("3.60")},
        "B.II.a.1": {"nilai_ipkp": scoring.Decimal("3.60")},
    }


def test_a_scenario_may_start_from_the_shortest_way(client, house, engine):
    client.force_login(house.zi_lead)
    index = reverse("assessments:scenario_list", args=[house.assessment.pk])

    client.post(index, {"name": "Menuju WBK", "track": "unit", "start": "WBK"})

    page = scenario_page(loaded(Scenario.objects.get()), house.zi_lead)
    assert page.verdict.kind == scoring.Verdict.MET
    assert page.total_then >= 75


def test_two_scenarios_stand_side_by_side(client, house, engine):
    one, two = make(house, name="Satu"), make(house, name="Dua")
    scenarios.set_row(scenario=two, code="B.I.b.1", fields={"choice": "A"}, by=house.zi_lead)
    client.force_login(house.zi_lead)

    page = client.get(reverse("assessments:scenario", args=[one.pk]), {"dengan": two.pk}).context[
        "page"
    ]

    assert page.other == two
    total = page.gates[0]
    assert (total.then, total.other) == (total.now, total.now + F("1.25"))


def test_counts_that_contradict_each_other_are_told(house, engine):
    scenario = make(house)
    fields = {"inputs": {"jumlah_sasaran": "5", "jumlah_sasaran_tercapai": "7"}}
    scenarios.set_row(scenario=scenario, code="A.II.4.i.a", fields=fields, by=house.zi_lead)

    (warning,) = scenario_page(loaded(scenario), house.zi_lead).warnings

    assert "(7) melebihi" in warning


# Values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("A.I.5.i.a", {"choice": "E"}),
        ("A.I.5.i.a", {"inputs": {"x": "1"}}),
        ("A.II.4.i.a", {"choice": "A"}),
        ("A.II.4.i.a", {"inputs": {"jumlah_sasaran": "-1", "jumlah_sasaran_tercapai": "0"}}),
        ("A.II.4.i.a", {"inputs": {"jumlah_sasaran": "5"}}),
        ("B.I.a.1", {"inputs": {"nilai_ipak": "4,01"}}),
        ("Z.1", {"choice": "A"}),
    ],
)
def test_a_value_that_cannot_be_is_refused(house, engine, code, fields):
    scenario = make(house)

    with pytest.raises(AnswersRefused):
        scenarios.set_row(scenario=scenario, code=code, fields=fields, by=house.zi_lead)

    assert not scenario.answers.exists()


def test_a_row_can_be_taken_back(house, engine):
    scenario = make(house)
    scenarios.set_row(scenario=scenario, code="A.I.5.i.a", fields={"choice": "A"}, by=house.zi_lead)

    scenarios.set_row(scenario=scenario, code="A.I.5.i.a", fields={}, by=house.zi_lead)

    assert not scenario.answers.exists()


def test_the_database_takes_no_row_that_says_nothing(house, engine):
    scenario = make(house)
    pk = catalog_of(house.assessment.instrument).ids["A.I.5.i.a"]

    with pytest.raises(IntegrityError), transaction.atomic():
        ScenarioAnswer.objects.create(scenario=scenario, indicator_id=pk)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("  ", "Beri skenario ini nama."),
        ("x" * 81, "Nama skenario terlalu panjang."),
        ("Rencana", "Anda sudah mempunyai skenario bernama “Rencana”."),
    ],
)
def test_a_name_is_asked_for_and_used_once(house, engine, name, sentence):
    make(house)

    with pytest.raises(scenarios.ScenarioRefused, match=sentence.replace(".", r"\.")):
        make(house, name=name)


def test_a_person_keeps_a_limited_number(house, engine, monkeypatch):
    monkeypatch.setattr(scenarios, "MOST_PER_PERSON", 1)
    make(house)

    with pytest.raises(scenarios.ScenarioRefused, match="Paling banyak 1 skenario"):
        make(house, name="Satu lagi")


def test_an_answer_is_shown_in_a_few_characters(engine):
    row = engine.indicators["A.II.4.i.a"]

    assert answer_text(row, None) == "–"
    assert answer_text(row, {"jumlah_sasaran": 5}) == "5 / –"


# Who sees and who may -------------------------------------------------------------------------


def test_an_unshared_scenario_is_its_makers_alone(client, house, engine):
    scenario = make(house)
    url = reverse("assessments:scenario", args=[scenario.pk])

    for persona, own, shared in (
        ("zi_lead", 200, 200),
        ("operator", 404, 200),
        ("eselon1", 404, 200),
        ("secretariat", 404, 200),
        ("stranger", 404, 404),
    ):
        client.force_login(getattr(house, persona))
        for is_shared, status in ((False, own), (True, shared)):
            Scenario.objects.update(is_shared=is_shared)
            assert client.get(url).status_code == status, (persona, is_shared)


def test_a_shared_scenario_on_the_tpis_track_waits_for_final(client, house, engine):
    write(house.assessment, Track.TPI, uniform(engine))
    Assessment.objects.filter(pk=house.assessment.pk).update(state=State.LEAD_REVIEW)
    scenario = scenarios.create_scenario(
        assessment=house.assessment,
        track=Track.TPI,
        name="Itjen",
        by=house.lead,
        is_shared=True,
    )
    client.force_login(house.head)

    assert client.get(reverse("assessments:scenario", args=[scenario.pk])).status_code == 404
    page = scenario_list(Assessment.objects.for_page().get(pk=house.assessment.pk), house.head)
    assert page.lines == ()
    assert [code for code, _label in page.tracks] == ["unit"]


def test_others_look_and_copy_but_do_not_change(client, house, engine):
    scenario = make(house, is_shared=True)
    client.force_login(house.operator)
    row = reverse("assessments:scenario_row", args=[scenario.pk, "A.I.5.i.a"])

    statuses = [
        client.post(row, {"choice": "A"}).status_code,
        client.post(
            reverse("assessments:scenario_edit", args=[scenario.pk]), {"name": "x"}
        ).status_code,
        client.post(reverse("assessments:scenario_delete", args=[scenario.pk])).status_code,
        client.post(reverse("assessments:scenario_copy", args=[scenario.pk])).status_code,
    ]

    assert statuses == [403, 403, 403, 302]
    assert Scenario.objects.filter(created_by=house.operator).count() == 1
    with pytest.raises(scenarios.ScenarioRefused):
        scenarios.delete_scenario(scenario=scenario, by=house.operator)


@pytest.mark.parametrize("persona", ["observer", "admin"])
def test_who_only_reads_keeps_no_scenario(client, house, engine, persona):
    person = getattr(house, persona)
    client.force_login(person)
    index = reverse("assessments:scenario_list", args=[house.assessment.pk])

    assert client.get(index).status_code == 200
    assert client.post(index, {"name": "x", "track": "unit"}).status_code == 403
    with pytest.raises(scenarios.ScenarioRefused):
        make(house, by=person)


def test_a_track_that_is_hidden_is_no_choice(client, house, engine):
    client.force_login(house.head)
    index = reverse("assessments:scenario_list", args=[house.assessment.pk])

    response = client.post(index, {"name": "Intip", "track": "tpi"})

    assert response.status_code == 200
    assert not Scenario.objects.exists()


# Taking over ----------------------------------------------------------------------------------


def test_promotion_writes_the_chosen_rows_through_the_one_write_path(client, house, engine):
    scenario = make(house)
    for code in ("A.I.5.i.a", "A.I.5.iii.a"):
        scenarios.set_row(scenario=scenario, code=code, fields={"choice": "A"}, by=house.zi_lead)
    client.force_login(house.zi_lead)

    client.post(
        reverse("assessments:scenario_promote", args=[scenario.pk]), {"butir": ["A.I.5.i.a"]}
    )

    rows = Answer.objects.filter(assessment=house.assessment, track=Track.UNIT)
    chosen = dict(rows.values_list("indicator__code", "choice"))
    assert (chosen["A.I.5.i.a"], chosen["A.I.5.iii.a"]) == ("A", "B")
    entry = AuditEntry.objects.filter(stream=house.assessment.audit_stream).last()
    assert (entry.target, entry.data["source"]) == ("A.I.5.i.a/unit", "scenario")
    result = scoring.score(engine, uniform(engine, 1) | numbers(engine) | {"A.I.5.i.a": "A"})
    score = Score.objects.get(assessment=house.assessment, track=Track.UNIT)
    assert score.safe_total == scoring.stored(result.total)


def test_promotion_is_refused_to_who_may_not_write(client, house, engine):
    scenario = make(house, by=house.head)
    scenarios.set_row(scenario=scenario, code="A.I.5.i.a", fields={"choice": "A"}, by=house.head)
    before = everything_stored(house)
    client.force_login(house.head)

    response = client.post(
        reverse("assessments:scenario_promote", args=[scenario.pk]), {"butir": ["A.I.5.i.a"]}
    )

    assert response.status_code == 403
    with pytest.raises(AnswersLocked):
        scenarios.promote(scenario=scenario, codes=["A.I.5.i.a"], by=house.head)
    with pytest.raises(scenarios.ScenarioRefused):
        scenarios.promote(scenario=scenario, codes=[], by=house.head)
    assert everything_stored(house) == before


def test_a_faulty_value_comes_back_with_its_sentence(client, house, engine):
    scenario = make(house)
    client.force_login(house.zi_lead)
    url = reverse("assessments:scenario_row", args=[scenario.pk, "B.I.a.1"])

    response = client.post(url, {"i-nilai_ipak": "4,5"}, follow=True)

    assert "paling besar 4" in response.content.decode()
    assert response.context["page"].editor.row.code == "B.I.a.1"
