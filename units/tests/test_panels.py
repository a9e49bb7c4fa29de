from datetime import date

import pytest

from assessments.tests.factories import make_user
from units import services
from units.models import Unit
from units.panels import tasks_of

pytestmark = pytest.mark.django_db

PLEDGE = {
    "declared_on": date(2025, 2, 12),
    "place": "Aula",
    "charter_number": "PI-01",
    "signer_name": "Kepala",
    "signer_position": "Kepala Pelabuhan",
    "witnesses": "",
}


def titles(user):
    found = tasks_of(user)
    return [task.title for task in found.tasks] if found else []


def test_a_unit_without_a_pledge_is_a_task_of_its_lead_and_head(unit, zi_lead, unit_head, operator):
    assert titles(zi_lead) == titles(unit_head) == ["Catat pencanangan PPTL"]
    assert titles(operator) == []


@pytest.mark.parametrize(
    ("signed", "told"),
    [
        (40, []),
        (37, ["Lengkapi pakta integritas PPTL"]),
    ],
)
def test_staff_who_have_not_signed_are_a_task(unit, zi_lead, secretariat, signed, told):
    services.record_pledge(unit=unit, by=secretariat, **PLEDGE, signed_count=signed)

    assert titles(zi_lead) == told
    if told:
        (task,) = tasks_of(zi_lead).tasks
        assert task.place == "3 dari 40 pegawai belum menandatangani."


def test_a_closed_unit_asks_for_nothing(unit, zi_lead):
    Unit.objects.filter(pk=unit.pk).update(is_active=False)

    assert titles(zi_lead) == []


def test_accounts_without_a_role_are_a_task_of_the_secretariat(secretariat, stranger, auditor):
    make_user("tutup", is_active=False)

    assert titles(secretariat) == ["Beri peran kepada 1 akun"]
    assert titles(auditor) == titles(stranger) == []
