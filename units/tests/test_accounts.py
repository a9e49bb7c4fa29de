"""Accounts: who reaches a unit and why, sessions that one ends oneself, invitations, passwords."""

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from assessments.tests.factories import grant, make_user
from units import services
from units.access import Role
from units.access_page import reaching
from units.models import User
from units.sessions import device_words, open_sessions
from zona.models import AuditEntry, Job

pytestmark = pytest.mark.django_db


def test_the_access_page_names_every_role_that_reaches_the_unit_and_no_other(
    tree, operator, eselon1, auditor, system_admin
):
    grant(make_user("jauh"), Role.UNIT_OPERATOR, tree.sibling)
    grant(make_user("lain"), Role.ESELON1_COORDINATOR, tree.other_eselon1)
    closed = make_user("tutup", is_active=False)
    grant(closed, Role.UNIT_OPERATOR, tree.unit)

    found = {
        reach.role: [holder.person for holder in reach.holders] for reach in reaching(tree.unit)
    }

    assert found == {
        "Operator": ["Operator"],
        "Koordinator Eselon I": ["Eselon1"],
        "Auditor Itjen": ["Auditor"],
        "Admin sistem": ["System_Admin"],
    }
    why = {reach.role: reach.why for reach in reaching(tree.unit)}
    assert why["Koordinator Eselon I"] == "unit ini dan semua di bawahnya"
    assert why["Auditor Itjen"] == "seluruh kementerian"


def test_a_person_ends_another_of_his_sessions_and_nobody_elses(operator, auditor):
    here, there, other = Client(), Client(), Client()
    for client, user in ((here, operator), (there, operator), (other, auditor)):
        client.force_login(user)
        client.get(reverse("zona:profile"), headers={"user-agent": "Peramban Contoh"})
    mine = open_sessions(operator, here.session.session_key)
    (foreign,) = open_sessions(auditor, "")

    page = here.get(reverse("zona:profile")).content.decode()
    here.post(reverse("zona:session_end", args=[foreign.name]))
    here.post(reverse("zona:session_end", args=[mine[1].name]))

    assert [one.is_this for one in mine] == [True, False]
    assert mine[1].device == "Peramban Contoh"
    assert there.cookies["zona_session"].value not in page
    assert there.get(reverse("zona:profile")).status_code == 302
    assert other.get(reverse("zona:profile")).status_code == 200
    assert here.get(reverse("zona:profile")).status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("", ""),
    ],
)
def test_a_device_is_told_in_two_words(agent, words):
    assert device_words(agent) == words


def test_an_invitation_leads_to_a_password_and_its_key_is_stored_nowhere(
    client, secretariat, settings
):
    settings.SITE_URL = "https://zona.example"
    person = services.create_person(
        by=secretariat, username="rian", name="Rian", email="rian@bahari.example"
    )
    client.force_login(secretariat)

    client.post(reverse("units:person_invite", args=[person.pk]))
    job = Job.objects.get(kind="units.invitation")
    services.people.send_invitation(job.args["person"], site=job.args["site"])

    (letter,) = mail.outbox
    assert letter.to == ["rian@bahari.example"]
    path = re.search(r"https://zona\.example(/\S+)", letter.body)[1]
    assert job.args == {"person": person.pk, "site": "https://zona.example"}
    assert AuditEntry.objects.get(action="person.invited").data == {}
    form = Client().get(path, follow=True)
    assert form.status_code == 200
    reply = Client()
    reply.get(path, follow=True)
    reply.post(
        form.request["PATH_INFO"], {"password1": "ombak-biru-88x", "password2": "ombak-biru-88x"}
    )
    assert User.objects.get(pk=person.pk).check_password("ombak-biru-88x")


def test_without_an_address_nobody_is_invited(secretariat):
    person = services.create_person(by=secretariat, username="rian", name="Rian")

    with pytest.raises(services.CannotInvite, match="tidak mempunyai surel"):
        services.invite_person(person=person, by=secretariat, site="https://zona.example")

    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("ZonaIntegritas2026", False),
        ("Itjen-KKP-WBK-2026", False),
        ("rahasia-kkp-123", False),
        ("pendek-1x", False),
        ("ombak-biru-88x", True),
        ("zona-ombak-biru-88x", True),
    ],
)
def test_words_of_the_house_are_no_password(password, fits):
    if fits:
        validate_password(password)
    else:
        with pytest.raises(ValidationError):
            validate_password(password)
