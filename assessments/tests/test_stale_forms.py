"""A form that was open while another saved is refused, shows what he changed, keeps what was typed;
two who end a role or a letter at once do not undo each other."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assignment
from assessments.services import periods, teams
from assessments.tests.factories import grant, instrument, make_period, make_user
from units import services
from units.access import Role
from units.models import Membership
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db
LETTER = {
    "number": "ST-9/ITJEN/2027",
    "dated_on": date(2027, 4, 1),
    "basis": "PKPT",
    "starts_on": date(2027, 4, 5),
    "ends_on": date(2027, 4, 16),
    "signer_name": "Hasta",
    "signer_position": "Inspektur Jenderal",
}


@pytest.fixture
def other(tree):
    user = make_user("lain", name="Rekan Lain")
    grant(user, Role.SECRETARIAT, tree.ministry)
    return user


def person_case(unit, assessment, other):
    person = services.create_person(by=None, username="rian", name="Rian", position="Staf")
    services.update_person(person=person, by=other, position="Kepala")
    posted = {"username": "rian", "name": "Rian", "nip": "", "position": "Pengelola", "email": ""}
    return "units:person_edit", person, "position", posted, "Kepala", "Pengelola"


def service_case(unit, assessment, other):
    service = services.add_service(unit=unit, by=None, name="Tambat")
    services.update_service(service=service, by=other, name="Tambat labuh")
    posted = {"name": "Sandar kapal", "is_active": "on"}
    return "units:service_edit", service, "name", posted, "Tambat labuh", "Sandar kapal"


def period_case(unit, assessment, other):
    period = make_period(name="Periode ini")
    periods.update_period(period=period, by=other, quota=4)
    posted = {
        "year": "2026",
        "name": "Periode ini",
        "instrument": instrument().pk,
        "evidence_from": "2025-01-01",
        "evidence_to": "2026-06-30",
        "quota": "9",
        "is_open": "on",
    }
    return "assessments:period_edit", period, "quota", posted, 4, 9


def letter_case(unit, assessment, other):
    letter = teams.create_assignment(by=None, **LETTER)
    teams.update_assignment(assignment=letter, by=other, basis="PKPT perubahan")
    posted = {name: str(value) for name, value in LETTER.items()} | {"basis": "Disposisi"}
    return "assessments:assignment_edit", letter, "basis", posted, "PKPT perubahan", "Disposisi"


def member_case(unit, assessment, other):
    user = make_user("penilai", name="Penilai")
    grant(user, Role.AUDITOR, unit.parent.parent)
    member = teams.add_member(assessment=assessment, user=user, rank="member", by=None)
    teams.change_member(member=member, by=other, rank="lead", areas=[], assisted=False)
    return (
        "assessments:team_member_edit",
        member,
        "rank",
        {"rank": "supervisor"},
        "lead",
        "supervisor",
    )


@pytest.mark.parametrize("case", [person_case, service_case, period_case, letter_case, member_case])
def test_a_stale_form_is_refused_and_the_next_save_replaces(
    client, unit, assessment, secretariat, other, case
):
    name, row, field, posted, theirs, mine = case(unit, assessment, other)
    address = reverse(name, args=[row.pk])
    client.force_login(secretariat)

    refused = client.post(address, {**posted, "version": "1"})
    row.refresh_from_db()
    kept = getattr(row, field)
    accepted = client.post(address, {**posted, "version": "2"})
    row.refresh_from_db()

    html = refused.content.decode()
    assert refused.status_code == 200
    assert "Rekan Lain menyimpan data ini" in html
    assert 'name="version" value="2"' in html
    assert refused.context["form"][field].value() == posted[field]
    assert kept == theirs
    assert accepted.status_code == 302
    assert (getattr(row, field), row.version) == (mine, 3)


def test_a_stale_declaration_is_refused(client, unit, zi_lead, other):
    posted = {
        "declared_on": "2025-02-12",
        "place": "Aula",
        "charter_number": "PI-01",
        "signer_name": "Kepala",
        "signer_position": "Kepala Pelabuhan",
        "signer_level": "eselon_3",
        "signed_count": "30",
    }
    services.record_pledge(
        unit=unit, by=other, **{**posted, "declared_on": date(2025, 2, 12), "signed_count": 12}
    )
    client.force_login(zi_lead)

    reply = client.post(reverse("units:pledge_edit", args=[unit.pk]), posted)

    html = reply.content.decode()
    assert "Rekan Lain menyimpan data ini" in html
    assert 'value="30"' in html
    unit.pledge.refresh_from_db()
    assert unit.pledge.signed_count == 12


def test_who_ends_a_role_that_was_ended_meanwhile_changes_nothing(unit, operator, secretariat):
    seen = Membership.objects.get(user=operator)
    yesterday = timezone.localdate() - timedelta(days=1)
    services.end_membership(
        membership=Membership.objects.get(user=operator), last_day=yesterday, by=secretariat
    )

    with pytest.raises(services.MembershipGone):
        services.end_membership(membership=seen, last_day=timezone.localdate(), by=secretariat)

    assert Membership.objects.get(user=operator).valid_to == yesterday
    assert AuditEntry.objects.filter(action="membership.ended").count() == 1


def test_closing_an_account_ends_every_role_once(unit, operator, secretariat):
    grant(operator, Role.ZI_LEAD, unit)

    services.deactivate_person(person=operator, by=secretariat, end_roles=True)

    assert not Membership.objects.in_force().filter(user=operator).exists()
    assert AuditEntry.objects.filter(action="membership.ended").count() == 2


def test_a_letter_for_a_closed_team_is_not_written_down(assessment, secretariat):
    type(assessment).objects.filter(pk=assessment.pk).update(
        state="final", finalized_at=timezone.now()
    )

    with pytest.raises(teams.TeamRefused):
        teams.create_assignment_for(assessment=assessment, by=secretariat, **LETTER)

    assert not Assignment.objects.exists()
