"""Itjen and admins need a second factor where the setting asks; others do not, and nobody else."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from zona.second_factor import SecondFactorAdapter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def required(settings):
    settings.MFA_REQUIRED = True


@pytest.fixture
def key():
    def make(user):
        return Authenticator.objects.create(
            user=user, type=Authenticator.Type.TOTP, data={"secret": "x"}
        )

    return make


@pytest.mark.parametrize(
    ("persona", "bound"),
    [
        ("auditor", True),
        ("secretariat", True),
        ("system_admin", True),
        ("operator", False),
        ("zi_lead", False),
        ("eselon1", False),
        ("stranger", False),
    ],
)
def test_only_itjen_and_admins_are_led_to_the_second_factor(client, request, persona, bound):
    client.force_login(request.getfixturevalue(persona))

    reply = client.get(reverse("assessments:instrument_list"))

    assert reply.status_code == (302 if bound else 200)
    assert not bound or reply["Location"] == reverse("mfa_activate_totp")


def test_with_a_key_or_without_the_setting_every_page_opens(client, auditor, key, settings):
    client.force_login(auditor)
    settings.MFA_REQUIRED = False
    without = client.get(reverse("assessments:instrument_list"))
    settings.MFA_REQUIRED = True
    key(auditor)
    with_key = client.get(reverse("assessments:instrument_list"))

    assert (without.status_code, with_key.status_code) == (200, 200)


def test_a_script_hears_why_and_nothing_is_saved(client, auditor):
    client.force_login(auditor)

    reply = client.post(reverse("units:unit_create"), headers={"accept": "application/json"})

    assert reply.status_code == 403
    assert reply.json()["error"] == "second_factor"


def test_a_bound_person_cannot_drop_his_key(auditor, operator, key):
    adapter = SecondFactorAdapter()

    assert adapter.can_delete_authenticator(key(auditor)) is False
    assert adapter.can_delete_authenticator(key(operator)) is True
