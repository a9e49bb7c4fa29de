"""The minutes of a visit: words of its team, the word of both sides, one paper."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assignment, Rank
from assessments.tests.factories import grant
from assistance.minutes_page import build_minutes
from assistance.models import Minutes, MinutesConfirmation, Visit
from assistance.papers import MINUTES, make_paper
from assistance.services.minutes import (
    MinutesChanged,
    MinutesRefused,
    confirm_minutes,
    write_minutes,
)
from assistance.services.visits import (
    Plan,
    add_attendance,
    end_visit,
    plan_visit,
    set_team,
    start_visit,
)
from units.access import Role
from zona import audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(house):
    """A visit that is over, with attendance and minutes."""
    today = timezone.localdate()
    letter = Assignment.objects.create(
        number="ST-8/ITJ", dated_on=today, starts_on=today, ends_on=today + timedelta(days=2)
    )
    visit = plan_visit(
        assessment=house.assessment,
        plan=Plan(today, today, assignment=letter),
        by=house.secretariat,
    )
    set_team(
        visit=visit,
        people={house.outside_auditor: Rank.LEAD, house.member: Rank.MEMBER},
        by=house.secretariat,
    )
    visit = start_visit(visit=visit, by=house.outside_auditor)
    add_attendance(
        visit=visit,
        side="unit",
        name="Arung",
        position="Kepala",
        on=today,
        by=house.outside_auditor,
    )
    write_minutes(
        visit=visit, summary="Baik.", agreed="Lengkapi.", version=0, by=house.outside_auditor
    )
    return end_visit(visit=visit, by=house.outside_auditor)


def test_both_sides_confirm_by_their_own_login_and_an_objection_is_kept(house, held):
    confirm_minutes(visit=held, version=1, by=house.outside_auditor)
    confirm_minutes(visit=held, version=1, by=house.head, objection="Butir 5 sudah dilengkapi.")

    report = build_minutes(held, held.minutes)
    assert report.is_complete
    assert (report.itjen.by, report.itjen.objection) == (house.outside_auditor, "")
    assert (report.unit.by, report.unit.objection) == (house.head, "Butir 5 sudah dilengkapi.")
    assert list(audit.verify([held.audit_stream])) == []


def test_one_person_never_confirms_for_both_sides(house, held):
    confirm_minutes(visit=held, version=1, by=house.outside_auditor)
    grant(house.outside_auditor, Role.UNIT_HEAD, house.unit)
    house.outside_auditor.__dict__.pop("_access", None)

    with pytest.raises(MinutesRefused, match="Satu orang tidak dapat"):
        confirm_minutes(visit=held, version=1, by=house.outside_auditor)

    given = MinutesConfirmation.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        MinutesConfirmation.objects.create(
            minutes=given.minutes, side="unit", by=house.outside_auditor
        )


def test_a_side_confirms_once(house, held):
    confirm_minutes(visit=held, version=1, by=house.head)

    with pytest.raises(MinutesRefused, match="Pihak Anda sudah"):
        confirm_minutes(visit=held, version=1, by=house.zi_lead)


@pytest.mark.parametrize("who", ["operator", "eselon1", "lead", "secretariat", "stranger"])
def test_others_do_not_confirm(house, held, who):
    with pytest.raises(MinutesRefused, match="tidak dapat mengonfirmasi"):
        confirm_minutes(visit=held, version=1, by=getattr(house, who))


def test_nobody_confirms_words_that_he_did_not_read(house, held):
    write_minutes(visit=held, summary="Lain.", agreed="", version=1, by=house.member)

    with pytest.raises(MinutesChanged):
        confirm_minutes(visit=held, version=1, by=house.head)


def test_confirmed_words_stand_still(house, held):
    confirm_minutes(visit=held, version=1, by=house.head)

    with pytest.raises(MinutesRefused, match="tidak berubah lagi"):
        write_minutes(visit=held, summary="Lain.", agreed="", version=1, by=house.member)
    with pytest.raises(IntegrityError), transaction.atomic():
        MinutesConfirmation.objects.update(objection="disisipkan")
    assert Minutes.objects.get().summary == "Baik."


@pytest.mark.parametrize(("summary", "said"), [(" ", "Tulis ringkasan"), ("a\x00", "kendali")])
def test_words_that_say_nothing_are_refused(house, held, summary, said):
    with pytest.raises(MinutesRefused, match=said):
        write_minutes(visit=held, summary=summary, agreed="", version=1, by=house.member)


def test_a_refused_confirmation_keeps_what_was_typed(client, house, held):
    write_minutes(visit=held, summary="Lain.", agreed="", version=1, by=house.member)
    client.force_login(house.head)

    response = client.post(
        reverse("assistance:minutes_confirm", args=[held.pk]),
        {"konfirmasi-version": "1", "konfirmasi-objection": "Kami keberatan atas butir 3."},
    )

    assert response.status_code == 422
    assert "Kami keberatan atas butir 3." in response.content.decode()
    assert not MinutesConfirmation.objects.exists()


def test_the_paper_is_whole_and_silent(house, held):
    confirm_minutes(visit=held, version=1, by=house.head, objection="Butir 5.")

    document = make_paper(
        visit=Visit.objects.for_page().get(pk=held.pk),
        kind=MINUTES,
        by=house.member,
        site="https://zona.example",
        report=lambda *said: None,
    )

    with document.file.open("rb") as file:
        assert file.read(5) == b"%PDF-"
    assert document.subject == f"visit:{held.pk}"


def test_the_page_shows_both_sides_and_confirms(client, house, held):
    client.force_login(house.zi_lead)
    address = reverse("assistance:minutes", args=[held.pk])
    assert client.get(address).context["may_confirm"]

    client.post(reverse("assistance:minutes_confirm", args=[held.pk]), {"konfirmasi-version": "1"})

    page = client.get(address)
    assert not page.context["may_confirm"]
    assert page.context["report"].unit.by == house.zi_lead
