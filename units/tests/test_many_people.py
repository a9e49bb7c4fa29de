"""Many people at once: blanks of a list, what changes, invitations; and nobody locked out."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.urls import reverse

from assessments.tests.factories import make_user
from units.models import RosterImport, User
from units.services import rosters
from zona.models import Job

pytestmark = pytest.mark.django_db

HEADER = "nama_pengguna,nama,nip,jabatan,surel,kode_unit,peran,area\n"


def test_a_blank_cell_leaves_a_field_and_the_preview_shows_old_and_new(client, tree, secretariat):
    make_user("ani", name="Ani", email="ani@unit.example", position="Staf")
    sheet = HEADER + "ani,Ani Wijaya,,,,PPTL,Operator,\n"
    found = rosters.preview(kind="people", name="orang.csv", content=sheet.encode(), by=secretariat)
    client.force_login(secretariat)

    page = client.get(reverse("units:roster_preview", args=[found.pk])).content.decode()
    rosters.take_over(roster=RosterImport.objects.get(), by=secretariat)

    assert "<del>Ani</del> menjadi <b>Ani Wijaya</b>" in page
    assert "<b>Operator, PPTL</b>" in page
    ani = User.objects.get(username="ani")
    assert (ani.name, ani.email, ani.position) == ("Ani Wijaya", "ani@unit.example", "Staf")


def test_many_are_invited_with_a_result_for_each(client, secretariat):
    fresh = make_user("baru", email="baru@unit.example")
    silent = make_user("tanpa")
    client.force_login(secretariat)
    address = reverse("units:people_invite")
    chosen = {"orang": [fresh.pk, silent.pk, "x", secretariat.pk]}

    shown = client.get(address)
    done = client.post(address, chosen)
    again = client.post(address, chosen)

    assert shown.context["going"] == 1
    results = {one.person: one.refused for one in done.context["results"]}
    assert results == {fresh: "", silent: "Akun ini tidak mempunyai surel."}
    assert Job.objects.filter(kind="units.invitation").count() == 1
    assert again.context["going"] == 0


def test_an_outsider_who_guesses_passwords_locks_nobody_out_for_good(client, tree, settings):
    person = make_user("sasaran", email="sasaran@unit.example")
    person.set_password("laut-tenang-sekali-47")
    person.save()
    address = reverse("account_login")
    for number in range(30):
        client.post(
            address,
            {"login": "sasaran", "password": f"salah-{number}"},
            REMOTE_ADDR=f"203.0.113.{number}",
        )

    client.post(reverse("account_reset_password"), {"email": "sasaran@unit.example"})

    person.refresh_from_db()
    assert person.is_active
    assert person.check_password("laut-tenang-sekali-47")
    # The way back that no stranger can close: the link in the owner's own mail.
    assert [message.to for message in mail.outbox] == [["sasaran@unit.example"]]


@pytest.mark.parametrize(("persona", "offered"), [("auditor", False), ("operator", True)])
def test_who_must_keep_the_second_factor_is_told_so(client, request, settings, persona, offered):
    settings.MFA_REQUIRED = True
    user = request.getfixturevalue(persona)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(user)

    page = client.get(reverse("mfa_index")).content.decode()

    assert (reverse("mfa_deactivate_totp") in page) is offered
    assert ("tidak dapat dimatikan" in page) is not offered
