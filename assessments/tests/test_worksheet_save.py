"""The save protocol of a row: every answer of the door, and what it costs."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Answer, SaveReceipt, Track
from assessments.services import answers, states
from assessments.tests import filling
from assessments.tests.factories import add_member, grant, make_user
from units.access import Role

CODE = "A.I.5.i.b"
COMPUTED = "A.II.5.ii.a"
COUNTED = ("SELECT", "INSERT", "UPDATE", "DELETE")


def statements(queries: CaptureQueriesContext) -> int:
    """Count what the database was asked, without the marks of transactions."""
    return sum(query["sql"].lstrip("( ").startswith(COUNTED) for query in queries.captured_queries)


def stored(house, code: str = CODE, track: str = Track.TPI) -> Answer:
    return Answer.objects.get(assessment=house.assessment, indicator__code=code, track=track)


def body(user, code: str = CODE, track: str = Track.TPI, **fields) -> dict:
    return {
        "key": str(uuid.uuid4()),
        "user": user.pk,
        "code": code,
        "track": str(track),
        "base_version": 0,
        "base": {},
        "changes": {"choice": "B"},
    } | fields


@pytest.fixture
def colleague(house):
    """Return a second member of the team."""
    return add_member(house.assessment)


@pytest.fixture
def send(client, house):
    """Return a function that sends an entry of the queue."""

    def act(user, data, *, assessment=None, using: Client = client):
        if user is not None:
            using.force_login(user)
        url = reverse("assessments:row_save", args=[(assessment or house.assessment).pk])
        return using.post(url, json.dumps(data), content_type="application/json")

    return act


def test_a_save_answers_with_all_that_the_row_needs(send, house):
    filling.start_review(house)

    response = send(house.member, body(house.member))

    reply = response.json()
    assert response.status_code == 200
    assert (reply["version"], reply["row_state"], reply["merged"]) == (1, "unreviewed", False)
    assert reply["base"]["choice"] == "B"
    assert reply["saved_at"] == stored(house).changed_at.isoformat()
    assert reply["counts"]["5"] == 0
    assert reply["points"] == {"A.I.5.i": "0,50"}
    assert set(reply["flags"].split()) == {"tugas", "tanpa-bukti", "dokumen", "beda", "di-bawah"}
    assert 'data-row="A.I.5.i.b"' in reply["html"]
    assert '<span class="z-fig">0,50</span>' in reply["score_bar"]
    assert (stored(house).choice, stored(house).changed_by) == ("B", house.member)


def test_the_same_key_is_done_once_and_answered_again(send, house):
    filling.start_review(house)
    data = body(house.member, changes={"condition": "Sekali saja."})

    first = send(house.member, data).json()
    second = send(house.member, data).json()

    assert {name: second[name] for name in ("version", "saved_at", "base")} == {
        name: first[name] for name in ("version", "saved_at", "base")
    }
    assert stored(house).version == 1
    assert SaveReceipt.objects.count() == 1


def test_a_key_of_another_person_opens_nothing(send, house, colleague):
    filling.start_review(house)
    data = body(house.member, changes={"condition": "Milik anggota."})
    send(house.member, data)

    response = send(colleague, data | {"user": colleague.pk, "base_version": 1})

    # The key is taken: somebody who sends the same one is refused, and reads nothing of the reply.
    assert response.status_code == 400
    assert stored(house).version == 1


def test_other_fields_changed_meanwhile_are_merged(send, house, colleague):
    filling.start_review(house)
    send(colleague, body(colleague, changes={"choice": "C"}))

    response = send(
        house.member, body(house.member, base={"condition": ""}, changes={"condition": "Kondisi"})
    )

    assert response.status_code == 200
    assert response.json()["merged"] is True
    assert (stored(house).choice, stored(house).condition) == ("C", "Kondisi")


def test_the_same_field_changed_meanwhile_is_a_conflict_with_both_values(send, house, colleague):
    filling.start_review(house)
    send(colleague, body(colleague, changes={"condition": "Dari ketua"}))

    response = send(
        house.member,
        body(house.member, base={"condition": ""}, changes={"condition": "Dari anggota"}),
    )

    assert response.status_code == 409
    assert response.json() == {
        "error": "conflict",
        "conflicts": [
            {
                "code": CODE,
                "field": "condition",
                "mine": "Dari anggota",
                "theirs": "Dari ketua",
                "by": colleague.name,
                "at": stored(house).changed_at.isoformat(),
                "version": 1,
            }
        ],
    }
    assert stored(house).condition == "Dari ketua"
    assert SaveReceipt.objects.count() == 1


def test_without_a_session_the_door_says_so_in_json(send, house):
    response = send(None, body(house.member))

    assert response.status_code == 401
    assert response.json() == {"error": "login", "login": reverse("account_login")}


def test_a_script_is_told_in_json_that_its_token_is_old(house):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(house.operator)
    url = reverse("assessments:row_save", args=[house.assessment.pk])

    response = strict.post(url, json.dumps(body(house.operator)), content_type="application/json")

    assert response.status_code == 403
    assert response.json()["error"] == "csrf"


def test_a_form_without_a_token_is_told_on_a_page(house):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(house.operator)

    response = strict.post(reverse("assessments:row_save", args=[house.assessment.pk]), {})

    assert response.status_code == 403
    assert response["Content-Type"].startswith("text/html")


def test_an_entry_of_another_user_is_refused(send, house):
    response = send(house.operator, body(house.zi_lead, track=Track.UNIT))

    assert response.status_code == 403
    assert response.json()["error"] == "user"
    assert stored(house, track=Track.UNIT).version == 0


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"choice": "Z"}, "choice", "Pilihan “Z” tidak ada; pilihannya A, B, C, D."),
        ({"choice": 7}, "choice", "Butir ini dijawab dengan satu pilihan (A, B, C, D)."),
        ({"inputs": {"x": 1}}, "inputs", "Butir ini dijawab dengan pilihan, bukan jumlah."),
        ({"condition": 5}, "condition", "Isian ini harus berupa teks."),
        (
            {"condition": "a\x00b"},
            "condition",
            "Teks memuat karakter kendali yang tidak dapat disimpan.",
        ),
        ({"salary": "1"}, "salary", "Isian salary tidak dikenal."),
        ({"checked_on": "2999-01-01"}, "checked_on", "Tanggal pemeriksaan belum terjadi."),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_a_sentence(send, house, changes, field, message):
    filling.start_review(house)

    response = send(house.member, body(house.member, changes=changes))

    assert response.status_code == 422
    assert response.json() == {
        "error": "refused",
        "errors": [{"code": CODE, "field": field, "message": message}],
    }
    assert stored(house).version == 0


def test_an_incomplete_set_of_counts_is_refused(send, house):
    filling.start_review(house)

    response = send(
        house.member,
        body(house.member, COMPUTED, changes={"inputs": {"pengaduan_selesai": "4"}}),
    )

    assert response.status_code == 422
    assert [item["field"] for item in response.json()["errors"]] == ["inputs"]


def test_an_unknown_row_is_refused(send, house):
    filling.start_review(house)

    response = send(house.member, body(house.member, "A.X"))

    assert response.status_code == 422
    assert response.json()["errors"][0]["message"] == "Butir A.X tidak dikenal."


def test_a_locked_track_says_why(send, house):
    response = send(house.member, body(house.member))

    assert response.status_code == 423
    assert response.json() == {
        "error": "locked",
        "message": "Lembar kerja berada pada tahap draf; isian ini bukan giliran Anda.",
    }


@pytest.mark.parametrize("persona", ["stranger", "outside_auditor", "observer", "head"])
def test_who_holds_no_pen_writes_nothing(send, house, persona):
    filling.start_review(house)

    response = send(getattr(house, persona), body(getattr(house, persona)))

    assert response.status_code == (404 if persona == "stranger" else 423)
    assert stored(house).version == 0


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([], id="no object"),
        pytest.param({}, id="nothing in it"),
        pytest.param({"key": "x"}, id="key"),
        pytest.param({"track": "x"}, id="track"),
        pytest.param({"base_version": "1"}, id="version"),
        pytest.param({"base_version": None}, id="no version seen"),
        pytest.param({"base": []}, id="base"),
        pytest.param({"base": {"inputs": ["4"]}}, id="inputs of the base"),
        pytest.param({"changes": {}}, id="no changes"),
        pytest.param({"changes": []}, id="changes of the wrong kind"),
        pytest.param({"code": 5}, id="code"),
    ],
)
def test_a_malformed_request_is_a_400(send, house, wrong):
    filling.start_review(house)
    data = body(house.member) | wrong if wrong else wrong

    response = send(house.member, data)

    assert response.status_code == 400
    assert stored(house).version == 0


def test_text_that_is_no_json_is_a_400(client, house):
    client.force_login(house.operator)

    response = client.post(
        reverse("assessments:row_save", args=[house.assessment.pk]),
        "{",
        content_type="application/json",
    )

    assert response.status_code == 400


def test_a_body_beyond_all_measure_is_refused_with_a_sentence(send, house, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = send(house.operator, body(house.operator, changes={"condition": "x" * 2000}))

    assert response.status_code == 413
    assert response.json()["message"] == "Isian terlalu besar untuk disimpan."


HOSTILE = [
    "<script>alert(1)</script>",
    "{{ 7|add:7 }} {% now 'Y' %}",
    "\u202egnp.exe",
    "x" * 20_000,
    "baris satu\nbaris dua",
    "'\"><img src=x onerror=alert(1)>",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(send, client, house, text):
    filling.start_review(house)

    reply = send(house.member, body(house.member, changes={"condition": text})).json()
    page = client.get(reverse("assessments:worksheet", args=[house.assessment.pk, "5"]))

    assert stored(house).condition == text
    shown = page.content.decode()
    for dangerous in ("<script>alert", "<img src=x", "14 2026"):
        assert dangerous not in shown
        assert dangerous not in reply["html"]


@pytest.mark.parametrize(
    ("code", "changes"),
    [(CODE, {"choice": "B", "condition": "Isi"}), (COMPUTED, {"inputs": filling.FULL[COMPUTED]})],
)
def test_a_save_costs_eleven_statements(send, client, house, code, changes):
    filling.start_review(house)
    client.force_login(house.member)
    client.get(reverse("assessments:worksheet", args=[house.assessment.pk, "5"]))
    data = body(house.member, code, changes=changes)
    url = reverse("assessments:row_save", args=[house.assessment.pk])

    with CaptureQueriesContext(connection) as queries:
        response = client.post(url, json.dumps(data), content_type="application/json")

    assert response.status_code == 200
    assert statements(queries) == 11


def test_a_unit_is_never_sent_what_it_may_not_see(send, house):
    filling.start_review(house)
    answers.record_answers(
        assessment=house.assessment,
        track=Track.TPI,
        changes=[answers.Change(CODE, {"choice": "D", "condition": "RAHASIA TPI"})],
        by=house.member,
    )

    response = send(house.operator, body(house.operator, track=Track.UNIT))

    assert response.status_code == 423
    assert "RAHASIA" not in response.content.decode()


def test_an_operator_of_one_area_writes_only_there(send, house):
    narrow = make_user("narrow")
    grant(narrow, Role.UNIT_OPERATOR, house.unit, area="1")

    outside = send(narrow, body(narrow, track=Track.UNIT))
    inside = send(narrow, body(narrow, "A.I.1.i.b", Track.UNIT))

    assert (outside.status_code, inside.status_code) == (423, 200)
    assert outside.json()["message"] == f"Butir {CODE} bukan bagian Anda."


def test_a_repaired_row_says_so_in_the_reply(send, house):
    filling.start_review(house)
    house.assessment = states.perform(
        "return_rows",
        assessment=house.assessment,
        by=house.member,
        reason="Lengkapi",
        due=timezone.now() + timedelta(days=3),
        rows=[states.ReturnedRow(CODE, "incomplete")],
    )

    reply = send(
        house.operator, body(house.operator, track=Track.UNIT, base_version=1, base={"choice": "A"})
    ).json()

    assert reply["row_state"] == "repaired"
    assert "perbaikan" not in reply["flags"].split()
    assert "Sudah diperbaiki" in reply["html"]
    assert stored(house).review_state == "repaired"
