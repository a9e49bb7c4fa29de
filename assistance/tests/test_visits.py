"""Visits: planned inside their letter, held by their team, row by row, without touching a track."""

from __future__ import annotations

import json
import re
import uuid
import zlib
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Answer, Assignment, Rank, ScenarioAnswer
from assessments.services.answers import AnswersRefused
from assessments.services.scenarios import ScenarioRefused, delete_scenario, set_row
from assessments.tests.factories import grant, make_assessment
from assistance.models import Check, Recommendation, Source, Visit, VisitState
from assistance.services.visits import (
    CheckConflict,
    Plan,
    VisitChanged,
    VisitRefused,
    add_attendance,
    add_service_note,
    cancel_visit,
    change_visit,
    clashes,
    end_visit,
    plan_visit,
    save_check,
    save_consultation,
    set_team,
    start_visit,
)
from assistance.visit_page import checks_page, sample_of, simulation_of, suggestions
from units.access import Role
from units.models import Service
from zona import audit

pytestmark = pytest.mark.django_db
WRITES = ("SELECT", "INSERT", "UPDATE", "DELETE")
ROW = "A.I.1.iii.a"


@pytest.fixture
def letter(db):
    today = timezone.localdate()
    return Assignment.objects.create(
        number="ST-9/ITJ",
        dated_on=today,
        starts_on=today,
        ends_on=today + timedelta(days=4),
    )


@pytest.fixture
def planned(house, letter):
    """A visit with a team, to begin today."""
    today = timezone.localdate()
    visit = plan_visit(
        assessment=house.assessment,
        plan=Plan(today, today + timedelta(days=1), assignment=letter),
        by=house.secretariat,
    )
    people = {house.outside_auditor: Rank.LEAD, house.member: Rank.MEMBER}
    return set_team(visit=visit, people=people, by=house.secretariat)


@pytest.fixture
def running(house, planned):
    """A visit under way, led by an auditor who is not on the evaluation's team."""
    return start_visit(visit=planned, by=house.outside_auditor)


def save(visit, by, changes, *, code=ROW, base=None, version=0, key=None):
    return save_check(
        visit_pk=visit.pk,
        code=code,
        changes=changes,
        base=base or {},
        base_version=version,
        key=key or uuid.uuid4(),
        by=by,
    )


# Planning ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "last"), [(-1, 1), (3, 5), (5, 6)])
def test_a_visit_outside_the_letters_days_is_refused(house, letter, first, last):
    today = timezone.localdate()
    plan = Plan(today + timedelta(days=first), today + timedelta(days=last), assignment=letter)

    with pytest.raises(VisitRefused, match="di dalam masa surat tugas"):
        plan_visit(assessment=house.assessment, plan=plan, by=house.secretariat)

    assert not Visit.objects.exists()


def test_moving_a_visit_out_of_its_letter_is_refused(house, planned, letter):
    far = letter.ends_on + timedelta(days=1)

    with pytest.raises(VisitRefused, match="di dalam masa surat tugas"):
        change_visit(
            visit=planned, plan=Plan(far, far, assignment=letter), version=1, by=house.secretariat
        )


def test_two_who_change_a_plan_at_once_do_not_overwrite_each_other(house, planned, letter):
    plan = Plan(planned.starts_on, planned.ends_on, place="Aula", assignment=letter)
    change_visit(visit=planned, plan=plan, version=1, by=house.secretariat)

    with pytest.raises(VisitChanged):
        change_visit(visit=planned, plan=plan, version=1, by=house.outside_auditor)


@pytest.mark.parametrize("who", ["operator", "head", "eselon1", "member", "stranger"])
def test_only_the_secretariat_plans(house, who):
    today = timezone.localdate()

    with pytest.raises(VisitRefused, match="tidak dapat merencanakan"):
        plan_visit(assessment=house.assessment, plan=Plan(today, today), by=getattr(house, who))


def test_nobody_assists_a_unit_to_which_he_belongs(house, planned):
    grant(house.lead, Role.UNIT_OPERATOR, house.unit)
    house.lead.__dict__.pop("_access", None)

    with pytest.raises(VisitRefused, match="berasal dari unit ini"):
        set_team(visit=planned, people={house.lead: Rank.LEAD}, by=house.secretariat)


@pytest.mark.parametrize("ranks", [[], [Rank.MEMBER], [Rank.LEAD, Rank.LEAD]])
def test_a_team_has_one_lead(house, planned, ranks):
    people = dict(zip((house.member, house.outside_auditor), ranks, strict=False))

    with pytest.raises(VisitRefused, match="tepat satu ketua tim"):
        set_team(visit=planned, people=people, by=house.secretariat)


def test_the_page_says_who_also_assesses_and_who_is_elsewhere(house, planned, letter):
    other = plan_visit(
        assessment=make_assessment(house.sibling, house.period),
        plan=Plan(planned.ends_on, planned.ends_on, assignment=letter),
        by=house.secretariat,
    )
    set_team(visit=other, people={house.outside_auditor: Rank.LEAD}, by=house.secretariat)

    found = clashes(planned, list(planned.team.all()))

    assert [len(found[user.pk]) for user in (house.member, house.outside_auditor)] == [1, 1]
    assert "Juga menilai" in found[house.member.pk][0]
    assert house.sibling.label in found[house.outside_auditor.pk][0]


def test_a_visit_begins_with_letter_and_team_and_only_then(house, planned):
    for who in ("lead", "operator", "secretariat"):
        with pytest.raises(VisitRefused, match="Hanya tim kunjungan"):
            start_visit(visit=planned, by=getattr(house, who))
    Visit.objects.filter(pk=planned.pk).update(assignment=None)

    with pytest.raises(VisitRefused, match="Catat surat tugas"):
        start_visit(visit=planned, by=house.outside_auditor)


def test_a_visit_does_not_begin_before_its_letter(house, planned, letter):
    Assignment.objects.update(
        starts_on=letter.starts_on + timedelta(days=1),
        ends_on=letter.ends_on + timedelta(days=1),
    )

    with pytest.raises(VisitRefused, match="belum mulai"):
        start_visit(visit=planned, by=house.outside_auditor)


def test_beginning_twice_makes_one_scenario(house, running):
    again = start_visit(visit=running, by=house.outside_auditor)

    assert again.scenario_id == running.scenario_id
    assert Check.objects.filter(visit=running).count() == 113


def test_a_planned_visit_is_cancelled_with_a_reason(house, planned):
    with pytest.raises(VisitRefused, match="alasan"):
        cancel_visit(visit=planned, reason=" ", by=house.secretariat)

    assert (
        cancel_visit(visit=planned, reason="Unit pindah kantor.", by=house.secretariat).state
        == VisitState.CANCELLED
    )


# Rows -------------------------------------------------------------------------------------------


def test_a_check_simulates_and_touches_no_track(house, running):
    before = list(Answer.objects.order_by("pk").values())

    saved = save(
        running,
        house.outside_auditor,
        {"document_check": "adequate", "implementation_check": "partly", "choice": "A"},
    )

    assert list(Answer.objects.order_by("pk").values()) == before
    assert (saved.check.document_check, saved.fields["choice"], saved.check.version) == (
        "adequate",
        "A",
        1,
    )
    assert simulation_of(running).total > simulation_of(running).own
    assert list(audit.verify([running.audit_stream])) == []


def test_the_same_request_twice_is_done_once(house, running):
    key = uuid.uuid4()
    save(running, house.outside_auditor, {"condition": "Satu."}, key=key)

    again = save(running, house.outside_auditor, {"condition": "Satu."}, key=key)

    assert again.check.version == 1


def test_other_fields_are_merged_and_the_same_field_is_a_conflict(house, running):
    save(running, house.outside_auditor, {"condition": "Kata ketua."})

    merged = save(running, house.member, {"choice": "B"}, base={"choice": ""})
    assert (merged.merged, merged.check.condition) == (True, "Kata ketua.")

    with pytest.raises(CheckConflict) as clash:
        save(running, house.member, {"condition": "Kata anggota."}, base={"condition": ""})

    conflict = clash.value.conflicts[0]
    assert (conflict["mine"], conflict["theirs"]) == ("Kata anggota.", "Kata ketua.")
    assert Check.objects.get(visit=running, indicator__code=ROW).condition == "Kata ketua."


@pytest.mark.parametrize(
    "changes",
    [
        {"choice": "Z"},
        {"choice": 3},
        {"document_check": "bagus"},
        {"implementation_check": None},
        {"condition": "a\x00b"},
        {"condition": "a" * 4001},
        {"inputs": [1]},
        {"visit": 1},
    ],
)
def test_a_value_that_cannot_be_is_refused_and_nothing_stored(house, running, changes):
    with pytest.raises(AnswersRefused):
        save(running, house.outside_auditor, changes)

    assert Check.objects.get(visit=running, indicator__code=ROW).version == 0
    assert not ScenarioAnswer.objects.exists()


@pytest.mark.parametrize("who", ["operator", "head", "lead", "secretariat", "eselon1"])
def test_only_the_visits_team_checks(house, running, who):
    with pytest.raises(VisitRefused, match="Hanya tim kunjungan"):
        save(running, getattr(house, who), {"condition": "x"})


def test_a_held_visit_is_closed(house, running):
    with pytest.raises(VisitRefused, match="daftar hadir"):
        end_visit(visit=running, by=house.outside_auditor)
    attend(house, running)
    end_visit(visit=running, by=house.outside_auditor)

    with pytest.raises(VisitRefused, match="tidak sedang berjalan"):
        save(running, house.outside_auditor, {"condition": "x"})


def test_the_units_people_work_on_the_scenario_too_and_nobody_deletes_it(house, running):
    set_row(scenario=running.scenario, code=ROW, fields={"choice": "B"}, by=house.operator)

    assert running.scenario.answers.get().choice == "B"
    for who in (house.operator, house.outside_auditor):
        with pytest.raises(ScenarioRefused, match="dipakai bersama"):
            delete_scenario(scenario=running.scenario, by=who)
    with pytest.raises(ScenarioRefused):
        set_row(scenario=running.scenario, code=ROW, fields={"choice": "A"}, by=house.observer)


def test_what_holds_the_gates_comes_first(house, running):
    page = checks_page(running, house.outside_auditor)

    helps = [bool(row.why and "membantu" in row.why) for row in page.rows]
    assert len(page.rows) == 113
    assert helps == sorted(helps, reverse=True)


# The rest ---------------------------------------------------------------------------------------


def attend(house, visit, **fields):
    values = {
        "side": "unit",
        "name": "Arung",
        "position": "Kepala",
        "on": visit.starts_on,
        "by": house.outside_auditor,
    }
    return add_attendance(visit=visit, **{**values, **fields})


def test_attendance_belongs_to_a_day_of_the_visit_once(house, running):
    attend(house, running)
    with pytest.raises(VisitRefused, match="sudah tercatat"):
        attend(house, running)
    with pytest.raises(VisitRefused, match="di dalam hari kunjungan"):
        attend(house, running, name="Lain", on=running.ends_on + timedelta(days=1))
    with pytest.raises(VisitRefused, match="Tulis nama"):
        attend(house, running, name="  ")


def test_the_survey_is_consulted_with_its_sample(house, running):
    values = {
        "population": 1000,
        "questionnaire": "SPAK",
        "period": "Maret",
        "status": "planned",
        "advice": "Sebar di loket.",
    }
    save_consultation(visit=running, values=values, version=0, by=house.outside_auditor)

    assert (sample_of(1000), sample_of(None), sample_of(20)) == (278, None, 20)
    with pytest.raises(VisitChanged):
        save_consultation(visit=running, values=values, version=0, by=house.member)


def test_a_note_belongs_to_a_service_of_the_unit(house, running):
    own = Service.objects.create(unit=house.unit, name="Tambat")
    foreign = Service.objects.create(unit=house.sibling, name="Es")

    add_service_note(visit=running, service=own, note="Antre.", by=house.outside_auditor)

    with pytest.raises(VisitRefused, match="unit lain"):
        add_service_note(visit=running, service=foreign, note="x", by=house.outside_auditor)


def test_a_unit_is_suggested_with_its_reasons_until_a_visit_is_ahead(house, letter):
    today = timezone.localdate()

    first = suggestions(house.secretariat, today)
    assert [item.assessment for item in first] == [house.assessment]
    assert "belum pernah dikunjungi" in first[0].reasons

    plan_visit(
        assessment=house.assessment,
        plan=Plan(today, today, assignment=letter),
        by=house.secretariat,
    )
    assert suggestions(house.secretariat, today) == []


# Pages ------------------------------------------------------------------------------------------


def statements(client, send) -> int:
    send()
    with CaptureQueriesContext(connection) as caught:
        assert send().status_code == 200
    return sum(q["sql"].lstrip(" (").upper().startswith(WRITES) for q in caught)


def request_for(house, visit, **fields):
    body = {
        "key": str(uuid.uuid4()),
        "user": house.outside_auditor.pk,
        "code": ROW,
        "track": f"kunjungan-{visit.pk}",
        "base_version": 0,
        "base": {},
        "changes": {"choice": "A", "condition": str(uuid.uuid4())},
    }
    return json.dumps({**body, **fields})


def test_pages_and_saving_keep_their_budget(client, house, running):
    client.force_login(house.outside_auditor)
    address = reverse("assistance:check_save", args=[running.pk])

    def post():
        version = Check.objects.get(visit=running, indicator__code=ROW).version
        body = request_for(house, running, base_version=version)
        return client.post(address, body, content_type="application/json")

    asked = {
        name: statements(
            client, lambda name=name: client.get(reverse(f"assistance:{name}", args=[running.pk]))
        )
        for name in ("visit", "visit_checks")
    }
    asked["list"] = statements(client, lambda: client.get(reverse("assistance:visit_list")))
    post()
    with CaptureQueriesContext(connection) as caught:
        client.post(
            address,
            request_for(house, running, base_version=1),
            content_type="application/json",
        )
    asked["save"] = sum(q["sql"].lstrip(" (").upper().startswith(WRITES) for q in caught)

    assert all(count <= 12 for count in asked.values()), asked


def test_the_rows_of_a_visit_fit_a_phone(client, house, running):
    client.force_login(house.outside_auditor)

    page = client.get(reverse("assistance:visit_checks", args=[running.pk])).content

    assert len(re.findall(rb"data-row=", page)) == 113
    assert len(zlib.compress(page, 6)) <= 60_000


def test_the_queue_gets_every_answer_that_it_knows(client, house, running):
    address = reverse("assistance:check_save", args=[running.pk])

    def post(**fields):
        return client.post(
            address, request_for(house, running, **fields), content_type="application/json"
        )

    assert post().status_code == 401
    client.force_login(house.outside_auditor)
    done = post()
    assert done.status_code == 200
    assert {"version", "base", "figures", "merged", "saved_at"} <= set(done.json())
    assert post().status_code == 409
    assert post(user=house.member.pk).json()["error"] == "user"
    assert post(changes={"choice": "Z"}, base_version=1).status_code == 422
    assert post(code="Z.1").status_code == 422
    assert post(key="x").status_code == 400
    client.force_login(house.stranger)
    assert post(user=house.stranger.pk).status_code == 404
    client.force_login(house.head)
    assert post(user=house.head.pk).status_code == 423


def test_a_recommendation_from_a_check_takes_its_words_and_its_visit(client, house, running):
    save(running, house.outside_auditor, {"condition": "Kata kunjungan.", "advice": "Saran."})
    client.force_login(house.outside_auditor)
    address = reverse("assistance:recommendation_for_row", args=[house.assessment.pk, ROW])

    form = client.get(f"{address}?kunjungan={running.pk}").context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    client.post(f"{address}?kunjungan={running.pk}", typed)

    row = Recommendation.objects.get()
    assert (row.visit, row.source, row.condition) == (running, Source.VISIT, "Kata kunjungan.")
