"""Objections: once per row, in their window, answered once, and never a silent change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Objection, State
from assessments.services import objections, periods
from assessments.services.objections import ObjectionRefused, answer_objection, file_objection
from assessments.services.states import perform
from assessments.worklist import tasks_of
from zona.models import AuditEntry, Notification

ROW, OTHER = "A.I.1.i.a", "A.I.1.i.b"
PEOPLE = (
    "operator",
    "coordinator",
    "zi_lead",
    "head",
    "eselon1",
    "secretariat",
    "inspector_general",
    "admin",
    "observer",
    "outside_auditor",
    "member",
    "lead",
    "supervisor",
    "quality",
)


@pytest.fixture
def final(house):
    """A sheet that has just become final."""
    now = timezone.now()
    house.assessment.team.filter(rank="member").update(areas=[])
    Assessment.objects.filter(pk=house.assessment.pk).update(state=State.FINAL, finalized_at=now)
    house.assessment = Assessment.objects.for_page().get(pk=house.assessment.pk)
    return house


def object_to(house, code=ROW, by=None, text="SK sudah diunggah pada 3 April.") -> Objection:
    return file_objection(assessment=house.assessment, code=code, text=text, by=by or house.head)


def age(house, days: int) -> None:
    """Let the sheet have become final so many days ago."""
    Assessment.objects.filter(pk=house.assessment.pk).update(
        finalized_at=timezone.now() - timedelta(days=days)
    )


@pytest.mark.parametrize("person", PEOPLE)
def test_who_objects_and_who_answers(client, final, person):
    user = getattr(final, person)
    client.force_login(user)
    url = reverse("assessments:objection", args=[final.assessment.pk, ROW])

    filed = client.post(url, {"text": "SK sudah diunggah."}).status_code
    if person not in ("head", "zi_lead"):
        object_to(final)
    answered = client.post(url, {"text": "Benar.", "verdict": "accepted"}).status_code

    assert filed == (302 if person in ("head", "zi_lead") else 403)
    assert answered == (302 if person in ("lead", "supervisor", "quality") else 403)


def test_a_stranger_sees_no_objection(client, final):
    client.force_login(final.stranger)

    for name, args in (("objection_list", ()), ("objection", (ROW,))):
        url = reverse(f"assessments:{name}", args=[final.assessment.pk, *args])
        assert client.get(url).status_code == 404


def test_a_row_is_objected_to_once_even_over_versions(final):
    object_to(final)

    with pytest.raises(ObjectionRefused, match="sekali"):
        object_to(final, by=final.zi_lead)
    object_to(final, OTHER)

    fresh = perform(
        "new_version", assessment=final.assessment, by=final.secretariat, reason="Sanggah"
    )
    Assessment.objects.filter(pk=fresh.pk).update(state=State.FINAL, finalized_at=timezone.now())
    with pytest.raises(ObjectionRefused, match="sekali"):
        file_objection(
            assessment=Assessment.objects.for_page().get(pk=fresh.pk),
            code=ROW,
            text="Lagi.",
            by=final.head,
        )


@pytest.mark.parametrize(("days", "allowed"), [(0, True), (7, True), (8, False)])
def test_the_window_ends_at_midnight_of_its_last_day(final, days, allowed):
    age(final, days)

    if allowed:
        assert object_to(final).pk
    else:
        with pytest.raises(ObjectionRefused, match="ditutup"):
            object_to(final)


def test_a_period_without_objection_days_takes_none(final):
    periods.update_period(period=final.period, by=final.secretariat, objection_days=0)

    with pytest.raises(ObjectionRefused, match="ditutup"):
        object_to(final)


@pytest.mark.parametrize("state", ["draft", "member_review", "quality_review"])
def test_nothing_is_objected_to_before_the_end(house, state):
    Assessment.objects.filter(pk=house.assessment.pk).update(state=state)

    with pytest.raises(ObjectionRefused):
        object_to(house)


def test_a_superseded_sheet_takes_no_objection(final):
    perform("new_version", assessment=final.assessment, by=final.secretariat, reason="Salah")

    with pytest.raises(ObjectionRefused, match="digantikan"):
        object_to(final)


def test_an_answer_is_given_once_and_both_stay_for_good(final):
    objection = object_to(final)

    answered = answer_objection(
        objection=objection, verdict="rejected", text="SK tidak bertanggal.", by=final.lead
    )

    assert (answered.verdict, answered.answered_by) == ("rejected", final.lead)
    with pytest.raises(ObjectionRefused, match="sudah dijawab"):
        answer_objection(objection=objection, verdict="accepted", text="Lain.", by=final.quality)
    for change in (
        lambda: Objection.objects.update(answer="lain"),
        lambda: Objection.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    actions = AuditEntry.objects.filter(action__startswith="objection").order_by("seq")
    assert [entry.action for entry in actions] == ["objection_filed", "objection_answered"]


@pytest.mark.parametrize(
    ("verdict", "text"),
    [("", "Kata."), ("maybe", "Kata."), ("accepted", " "), ("accepted", "\x00")],
)
def test_an_answer_without_verdict_or_words_is_refused_and_kept_in_the_form(
    client, final, verdict, text
):
    object_to(final)
    client.force_login(final.lead)
    url = reverse("assessments:objection", args=[final.assessment.pk, ROW])

    page = client.post(url, {"verdict": verdict, "text": text})

    assert page.status_code == 422
    assert page.context["typed"] == text
    assert Objection.objects.get().answered_at is None


def test_an_accepted_objection_changes_nothing_until_the_next_version(final):
    before = list(final.assessment.answers.order_by("pk").values())
    objection = object_to(final)

    answer_objection(objection=objection, verdict="accepted", text="Benar.", by=final.lead)

    final.assessment.refresh_from_db()
    assert list(final.assessment.answers.order_by("pk").values()) == before
    assert final.assessment.state == State.FINAL
    title = "Buat versi baru PP Teluk Lantera: 1 sanggah diterima"
    assert title in titles(final.secretariat)
    perform("new_version", assessment=final.assessment, by=final.secretariat, reason="Sanggah")
    assert title not in titles(final.secretariat)


def titles(user) -> list[str]:
    found = tasks_of(user)
    return [task.title for task in found.tasks] if found else []


def test_those_who_must_act_are_told_and_have_a_task(final):
    objection = object_to(final)

    task = "Jawab 1 sanggah PP Teluk Lantera"
    assert task in titles(final.lead)
    assert task not in titles(final.member)
    told = Notification.objects.filter(kind="objection").values_list("user", flat=True)
    assert set(told) == {final.lead.pk, final.supervisor.pk, final.quality.pk}
    answer_objection(objection=objection, verdict="rejected", text="Tidak.", by=final.lead)
    assert task not in titles(final.lead)
    assert Notification.objects.get(user=final.head, kind="objection").text == (
        f"Sanggah ditolak: butir {ROW}."
    )


def test_list_dashboard_and_row_show_both_words(client, final):
    objection = object_to(final, text="SK <b>sudah</b> diunggah.")
    answer_objection(objection=objection, verdict="accepted", text="Benar adanya.", by=final.lead)
    client.force_login(final.operator)
    pk = final.assessment.pk

    listed = client.get(reverse("assessments:objection_list", args=[pk])).content.decode()
    board = client.get(reverse("assessments:dashboard", args=[pk])).content.decode()
    row = client.get(reverse("assessments:row_detail", args=[pk, ROW])).content.decode()

    assert "SK &lt;b&gt;sudah&lt;/b&gt; diunggah." in listed
    assert "Benar adanya." in listed
    assert "1 diterima" in board
    assert "Butir disanggah unit" in row
    assert "Sanggah diterima" in row


def test_the_window_is_told_in_the_period_form(client, house):
    assert objections.window_end(house.assessment) is None
    client.force_login(house.secretariat)

    page = client.get(reverse("assessments:period_edit", args=[house.period.pk]))

    assert page.context["form"]["objection_days"].value() == 7
