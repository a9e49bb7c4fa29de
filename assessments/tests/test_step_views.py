"""The steps of a worksheet through their pages: findings, forms, and who is led where."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, State, Track
from assessments.tests import filling

CODE = "A.I.5.i.b"


def step_url(house, name: str) -> str:
    return reverse("assessments:transition", args=[house.assessment.pk, name])


def state_of(house) -> str:
    return Assessment.objects.get(pk=house.assessment.pk).state


def test_the_head_submits_from_the_page(client, house):
    filling.fill_unit(house)
    client.force_login(house.zi_lead)
    for section in "123456B":
        client.post(
            reverse("assessments:area_finish", args=[house.assessment.pk, section]),
            {"act": "finish"},
        )
    client.force_login(house.head)

    response = client.post(step_url(house, "submit"), {"reason": ""}, follow=True)

    assert state_of(house) == State.SUBMITTED
    assert [str(message) for message in response.context["messages"]] == [
        "PP Teluk Lantera: diajukan ke tpi."
    ]


def test_what_is_not_complete_is_listed_with_the_way_to_it(client, house):
    client.force_login(house.head)

    response = client.post(step_url(house, "submit"), {"reason": ""})

    shown = response.content.decode()
    assert response.status_code == 422
    assert state_of(house) == State.DRAFT
    assert "Belum dapat diajukan: 120 hal belum lengkap." in shown
    assert f"?butir={CODE}#{CODE}" in shown


@pytest.mark.parametrize(
    ("persona", "status", "title"),
    [
        ("zi_lead", 200, "120 hal harus dilengkapi"),
        ("head", 200, "120 hal harus dilengkapi"),
        ("secretariat", 200, "120 hal harus dilengkapi"),
        ("eselon1", 403, None),
        ("stranger", 404, None),
    ],
)
def test_who_reads_what_is_missing_in_a_draft(client, house, persona, status, title):
    client.force_login(getattr(house, persona))

    response = client.get(reverse("assessments:findings", args=[house.assessment.pk]))

    assert response.status_code == status
    if title:
        assert title in response.content.decode()


def test_in_review_the_findings_are_for_the_inspectorate_alone(client, house):
    filling.start_review(house)
    url = reverse("assessments:findings", args=[house.assessment.pk])

    client.force_login(house.member)
    assert "113 hal harus dilengkapi" in client.get(url).content.decode()
    client.force_login(house.zi_lead)
    assert client.get(url).status_code == 403


def test_rows_are_returned_with_reason_note_and_a_deadline_at_the_end_of_the_day(client, house):
    filling.start_review(house)
    client.force_login(house.member)
    day = timezone.localdate() + timedelta(days=5)

    client.post(
        step_url(house, "return_rows"),
        {
            "rows": [CODE],
            f"reason.{CODE}": "incomplete",
            f"note.{CODE}": "Unggah laporan triwulan IV",
            "reason.A.I.5.i.a": "plan_only",
            "reason": "Lengkapi sebelum pleno",
            "due": day.isoformat(),
        },
    )

    assessment = Assessment.objects.get(pk=house.assessment.pk)
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
    assert assessment.state == State.REPAIR
    assert assessment.repair_due == midnight.replace(tzinfo=ZoneInfo("Asia/Jakarta"))
    returned = assessment.answers.filter(track=Track.TPI, review_state="needs_repair")
    assert list(returned.values_list("indicator__code", "repair_reason", "repair_note")) == [
        (CODE, "incomplete", "Unggah laporan triwulan IV")
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rows": []}, "Pilih butir yang dikembalikan."),
        ({f"reason.{CODE}": ""}, f"Pilih alasan untuk butir {CODE}."),
        ({"due": "2001-01-01"}, "Batas perbaikan harus sesudah saat ini."),
        ({"reason": ""}, "Bidang ini tidak boleh kosong."),
    ],
)
def test_a_return_that_lacks_something_keeps_what_was_filled_in(client, house, change, sentence):
    filling.start_review(house)
    client.force_login(house.member)
    form = {
        "rows": [CODE],
        f"reason.{CODE}": "incomplete",
        f"note.{CODE}": "Catatan yang tidak boleh hilang",
        "reason": "Lengkapi",
        "due": (timezone.localdate() + timedelta(days=5)).isoformat(),
    }

    response = client.post(step_url(house, "return_rows"), form | change)

    shown = response.content.decode()
    assert response.status_code == 422
    assert sentence in shown
    assert "Catatan yang tidak boleh hilang" in shown
    assert state_of(house) == State.MEMBER_REVIEW


def test_a_row_named_in_the_address_is_chosen_already(client, house):
    filling.start_review(house)
    client.force_login(house.member)

    shown = client.get(f"{step_url(house, 'return_rows')}?butir={CODE}").content.decode()

    assert re.findall(r'name="rows" value="([^"]+)" checked', shown) == [CODE]


def test_a_step_that_is_over_leads_back_with_a_word(client, house):
    client.force_login(house.head)

    response = client.get(step_url(house, "finalize"), follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "Langkah ini tidak tersedia sekarang."
    ]


def test_an_unknown_step_is_not_found(client, house):
    client.force_login(house.head)

    assert client.get(step_url(house, "fly")).status_code == 404


@pytest.mark.parametrize(
    ("persona", "buttons"),
    [
        ("member", ["Kembalikan untuk diperbaiki", "Teruskan ke ketua tim"]),
        ("supervisor", []),
        ("operator", []),
    ],
)
def test_the_page_offers_the_steps_that_one_may_take(client, house, persona, buttons):
    filling.start_review(house)
    client.force_login(getattr(house, persona))

    response = client.get(reverse("assessments:worksheet", args=[house.assessment.pk, "5"]))

    assert [str(item.label) for item in response.context["transitions"]] == buttons


def test_a_new_version_opens_its_own_worksheet(client, house):
    filling.finalize(house)
    client.force_login(house.secretariat)

    response = client.post(step_url(house, "new_version"), {"reason": "Salah hitung"})

    fresh = Assessment.objects.get(supersedes=house.assessment)
    assert response.url == reverse("assessments:worksheet_home", args=[fresh.pk])
