"""Periods, worksheets opened for many units, and the rules of a team."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Assessment, Assignment, Instrument, Period, Rank, TeamMember
from assessments.services import periods, teams
from assessments.tests.factories import (
    grant,
    instrument,
    make_assessment,
    make_period,
    make_team,
    make_unit,
    make_user,
)
from units.access import Role
from units.models import Unit
from zona.models import AuditEntry, Notification

pytestmark = pytest.mark.django_db

LETTER = {
    "number": "ST-046/ITJEN/IV/2027",
    "dated_on": date(2027, 4, 1),
    "basis": "PKPT 2027",
    "starts_on": date(2027, 4, 5),
    "ends_on": date(2027, 4, 16),
    "signer_name": "Hasta Wiraguna",
    "signer_position": "Inspektur Jenderal",
}


def facts(stream):
    """Return action and data of a stream's entries, oldest first."""
    rows = AuditEntry.objects.filter(stream=stream).order_by("seq")
    return list(rows.values_list("action", "data"))


def statements(client, address) -> int:
    """Return how many SELECT, INSERT, UPDATE and DELETE statements a page needs."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    # PostgreSQL reads the choices of a select through a cursor: DECLARE … FOR SELECT.
    words = ("SELECT", "INSERT", "UPDATE", "DELETE", "DECLARE")
    return sum(query["sql"].startswith(words) for query in captured.captured_queries)


def period_form(**changes):
    values = {
        "year": 2027,
        "name": "Periode 2027",
        "instrument": instrument().pk,
        "evidence_from": "2026-01-01",
        "evidence_to": "2027-04-30",
        "self_assessment_due": "2027-03-31",
        "evaluation_due": "2027-05-14",
        "proposal_due": "2027-05-31",
        "quota": "3",
        "is_open": "on",
        "version": "1",
    }
    return {**values, **changes}


@pytest.fixture
def assessor(tree):
    """Somebody who may stand on a team."""
    user = make_user("penilai")
    grant(user, Role.AUDITOR, tree.ministry)
    return user


@pytest.fixture
def controller(tree):
    """Somebody who may control quality."""
    user = make_user("mutu")
    grant(user, Role.QUALITY_CONTROLLER, tree.ministry)
    return user


# Periods ------------------------------------------------------------------------------------


def test_a_period_is_made_and_audited(client, secretariat):
    client.force_login(secretariat)

    response = client.post("/periode/baru/", period_form())

    period = Period.objects.get()
    assert response.url == period.get_absolute_url()
    assert (period.quota, period.lead_may_submit, period.is_open) == (3, False, True)
    entry = AuditEntry.objects.get(target=f"period:{period.pk}")
    assert (entry.stream, entry.action, entry.actor_id) == (
        "system",
        "period.created",
        secretariat.pk,
    )


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"evidence_to": "2025-12-31"}, "evidence_to", "mendahului awalnya"),
        ({"evaluation_due": "2027-03-30"}, "evaluation_due", "mendahului langkah sebelumnya"),
        (
            {"evaluation_due": "", "proposal_due": "2027-03-30"},
            "proposal_due",
            "mendahului langkah sebelumnya",
        ),
        ({"name": "PERIODE LAMA"}, "name", "sudah mempunyai periode"),
        ({"instrument": ""}, "instrument", "tidak boleh kosong"),
    ],
)
def test_a_period_that_cannot_be_is_explained(client, secretariat, changes, field, message):
    make_period(year=2027, name="Periode Lama")
    client.force_login(secretariat)

    response = client.post("/periode/baru/", period_form(**changes))

    assert message in " ".join(response.context["form"].errors[field])
    assert Period.objects.count() == 1


def test_a_changed_period_tells_before_and_after(client, secretariat):
    period = make_period(year=2027, name="Periode 2027")
    client.force_login(secretariat)

    client.post(f"/periode/{period.pk}/ubah/", period_form(quota="5"))
    client.post(f"/periode/{period.pk}/ubah/", period_form(quota="5"))

    period.refresh_from_db()
    assert period.quota == 5
    (entry,) = AuditEntry.objects.filter(target=f"period:{period.pk}")
    assert entry.data["changes"]["quota"] == ["", "5"]


def test_the_instrument_stays_once_a_worksheet_is_open(client, tree, secretariat):
    period = make_period(year=2027, name="Periode 2027")
    make_assessment(tree.unit, period)
    other = Instrument.objects.get(code="lke-zi-2014")
    client.force_login(secretariat)

    response = client.post(f"/periode/{period.pk}/ubah/", period_form(instrument=other.pk))

    assert "LKE sudah dibuka" in " ".join(response.context["form"].errors["instrument"])
    period.refresh_from_db()
    assert period.instrument.code == "lke-zi-2021"


def test_worksheets_open_for_chosen_units_and_say_where_not(client, tree, secretariat):
    period = make_period()
    client.force_login(secretariat)

    shown = client.get(f"/periode/{period.pk}/buka/")
    response = client.post(
        f"/periode/{period.pk}/buka/",
        {"target": "WBBM", "units": [tree.unit.pk, tree.sibling.pk]},
    )

    assert tree.ministry not in list(shown.context["units"])
    assert response.url == period.get_absolute_url()
    opened = Assessment.objects.filter(period=period).order_by("unit__code")
    assert [(row.unit, row.target, row.opened_by) for row in opened] == [
        (tree.sibling, "WBBM", secretariat),
        (tree.unit, "WBBM", secretariat),
    ]
    left = client.get(f"/periode/{period.pk}/buka/").context["units"]
    assert tree.unit not in list(left)
    assert tree.eselon1 in list(left)


def test_a_unit_that_cannot_be_opened_does_not_stop_the_others(tree, secretariat):
    period = make_period()
    make_assessment(tree.unit, period)
    closed = make_unit(tree.eselon1, is_active=False, name="Balai Tutup")

    result = periods.open_many(
        period=period, units=[tree.unit, closed, tree.sibling], by=secretariat
    )

    assert [row.unit for row in result.assessments] == [tree.sibling]
    assert len(result.refused) == 2
    assert "Balai Tutup tidak dapat dinilai." in result.refused


@pytest.mark.parametrize("units", [[], ["999999"]])
def test_no_unit_or_a_foreign_one_opens_nothing(client, tree, secretariat, units):
    period = make_period()
    client.force_login(secretariat)

    response = client.post(f"/periode/{period.pk}/buka/", {"target": "WBK", "units": units})

    assert response.status_code == 200
    assert len(response.context["form"].errors["units"]) == 1
    assert Assessment.objects.count() == 0


def test_more_than_a_request_can_open_is_refused(client, tree, secretariat):
    period = make_period()
    units = [make_unit(tree.eselon1).pk for _ in range(101)]
    client.force_login(secretariat)

    response = client.post(f"/periode/{period.pk}/buka/", {"target": "WBK", "units": units})

    assert "paling banyak 100" in " ".join(response.context["form"].errors["units"])
    assert Assessment.objects.count() == 0


def test_a_closed_period_opens_nothing(client, tree, secretariat):
    period = make_period(is_open=False)
    client.force_login(secretariat)

    assert client.get(f"/periode/{period.pk}/buka/").status_code == 403


def test_a_period_shows_those_worksheets_that_the_person_may_see(
    client, tree, operator, eselon1, secretariat
):
    period = make_period()
    for unit in (tree.unit, tree.sibling, tree.stranger):
        make_assessment(unit, period)
    seen = {}
    for user in (operator, eselon1, secretariat):
        client.force_login(user)
        page = client.get(period.get_absolute_url()).context
        seen[user.username] = (page["total"], [row.unit.code for row in page["page"]])

    assert seen == {
        "operator": (1, ["PPTL"]),
        "eselon1": (2, ["PPSK", "PPTL"]),
        "secretariat": (3, ["BRAW", "PPSK", "PPTL"]),
    }


def test_a_period_is_filtered_by_state_with_counts(client, tree, secretariat):
    period = make_period()
    make_assessment(tree.unit, period)
    submitted = make_assessment(tree.sibling, period)
    Assessment.objects.filter(pk=submitted.pk).update(state="submitted")
    client.force_login(secretariat)

    page = client.get(f"{period.get_absolute_url()}?keadaan=submitted").context

    assert [(value, count) for value, _label, count in page["states"]] == [
        ("draft", 1),
        ("submitted", 1),
    ]
    assert [row.unit for row in page["page"]] == [tree.sibling]


@pytest.mark.parametrize("rows", [3, 60])
def test_a_period_costs_the_same_for_few_and_many(client, tree, secretariat, rows):
    period = make_period()
    for _ in range(rows):
        unit = make_unit(tree.eselon1)
        make_team(Assessment.objects.create(unit=unit, period=period, instrument=period.instrument))
    client.force_login(secretariat)
    client.get(period.get_absolute_url())

    assert statements(client, period.get_absolute_url()) == 12
    assert statements(client, "/periode/") == 6
    assert statements(client, f"/periode/{period.pk}/buka/") == 8


# Teams --------------------------------------------------------------------------------------


def test_a_team_is_set_and_each_step_audited_on_the_worksheets_chain(
    assessment, secretariat, assessor, controller
):
    letter = teams.create_assignment(by=secretariat, **LETTER)
    teams.set_assignment(assessment=assessment, assignment=letter, by=secretariat)
    teams.set_assignment(assessment=assessment, assignment=letter, by=secretariat)
    member = teams.add_member(
        assessment=assessment, user=assessor, rank="member", areas=["4"], by=secretariat
    )
    teams.add_member(assessment=assessment, user=controller, rank="quality", by=secretariat)
    teams.change_member(member=member, rank="lead", areas=[], assisted=True, by=secretariat)
    teams.change_member(member=member, rank="lead", areas=[], assisted=True, by=secretariat)
    teams.remove_member(member=member, by=secretariat)

    assert [action for action, _data in facts(assessment.audit_stream)] == [
        "opened",
        "team.assignment",
        "team.added",
        "team.added",
        "team.changed",
        "team.removed",
    ]
    assert facts(assessment.audit_stream)[2][1] == {
        "name": "Penilai",
        "rank": "member",
        "areas": ["4"],
        "assisted": False,
    }
    assert facts(assessment.audit_stream)[4][1]["changes"] == {
        "rank": ["member", "lead"],
        "areas": ["['4']", "[]"],
        "assisted": ["False", "True"],
    }
    assert list(assessment.team.values_list("user", "rank")) == [(controller.pk, "quality")]


def test_a_person_put_on_a_team_is_told(assessment, secretariat, assessor):
    teams.add_member(assessment=assessment, user=assessor, rank="member", by=secretariat)

    notice = Notification.objects.get(user=assessor)
    assert notice.text == "Anda ditunjuk sebagai anggota tim untuk LKE PPTL."
    assert notice.url == f"/penilaian/{assessment.pk}/tim/"


@pytest.mark.parametrize(
    ("persona", "rank", "reason"),
    [
        ("operator", "member", "berasal dari unit ini"),
        ("eselon1", "member", "berasal dari unit ini"),
        ("secretariat", "member", "peran yang sesuai"),
        ("stranger", "lead", "peran yang sesuai"),
        ("assessor", "quality", "peran yang sesuai"),
        ("controller", "quality", ""),
        ("controller", "supervisor", ""),
        ("assessor", "supervisor", ""),
        ("assessor", "lead", ""),
        ("assessor", "member", ""),
    ],
)
def test_who_may_take_which_rank(request, assessment, secretariat, persona, rank, reason):
    user = request.getfixturevalue(persona)

    if reason:
        with pytest.raises(teams.TeamRefused, match=reason):
            teams.add_member(assessment=assessment, user=user, rank=rank, by=secretariat)
    else:
        teams.add_member(assessment=assessment, user=user, rank=rank, by=secretariat)

    assert assessment.team.filter(user=user).exists() is not bool(reason)


def test_an_auditor_who_belongs_to_the_unit_does_not_assess_it(
    tree, assessment, secretariat, assessor
):
    grant(assessor, Role.UNIT_OPERATOR, tree.unit)

    with pytest.raises(teams.TeamRefused, match="tidak seorang pun menilai unitnya"):
        teams.add_member(assessment=assessment, user=assessor, rank="member", by=secretariat)


def test_an_auditor_of_another_unit_may_assess(tree, assessment, secretariat, assessor):
    grant(assessor, Role.UNIT_OPERATOR, tree.sibling)

    teams.add_member(assessment=assessment, user=assessor, rank="member", by=secretariat)

    assert assessment.team.get().user == assessor


@pytest.mark.parametrize("rank", [Rank.LEAD, Rank.SUPERVISOR, Rank.QUALITY])
def test_a_team_has_one_of_each_higher_rank(assessment, secretariat, controller, rank):
    other = make_user("mutu2")
    grant(other, Role.QUALITY_CONTROLLER, Unit.objects.get(level="ministry"))
    teams.add_member(assessment=assessment, user=controller, rank=rank, by=secretariat)

    with pytest.raises(teams.TeamRefused, match="sudah mempunyai"):
        teams.add_member(assessment=assessment, user=other, rank=rank, by=secretariat)


def test_nobody_stands_on_a_team_twice_and_members_may_be_many(
    assessment, secretariat, assessor, controller
):
    teams.add_member(assessment=assessment, user=assessor, rank="member", by=secretariat)
    teams.add_member(assessment=assessment, user=controller, rank="member", by=secretariat)

    with pytest.raises(teams.TeamRefused, match="sudah berada di tim ini"):
        teams.add_member(assessment=assessment, user=assessor, rank="lead", by=secretariat)

    assert assessment.team.count() == 2


def test_a_closed_account_does_not_join(assessment, secretariat, assessor):
    assessor.is_active = False
    assessor.save()

    with pytest.raises(teams.TeamRefused, match="tidak aktif"):
        teams.add_member(assessment=assessment, user=assessor, rank="member", by=secretariat)


def test_a_final_worksheet_keeps_its_team(assessment, secretariat, assessor):
    team = make_team(assessment)
    letter = Assignment.objects.create(**{**LETTER, "number": "ST-2"})
    Assessment.objects.filter(pk=assessment.pk).update(state="final", finalized_at=timezone.now())
    member = TeamMember.objects.get(user=team["member"])

    for act in (
        lambda: teams.add_member(
            assessment=assessment, user=assessor, rank="member", by=secretariat
        ),
        lambda: teams.remove_member(member=member, by=secretariat),
        lambda: teams.change_member(
            member=member, rank="member", areas=["1"], assisted=False, by=secretariat
        ),
        lambda: teams.set_assignment(assessment=assessment, assignment=letter, by=secretariat),
    ):
        with pytest.raises(teams.TeamRefused, match="sudah final"):
            act()

    assert assessment.team.count() == 4


def test_a_member_is_added_from_the_page(client, assessment, secretariat, assessor, operator):
    client.force_login(secretariat)
    address = f"/penilaian/{assessment.pk}/tim/"

    shown = client.get(address)
    response = client.post(
        address, {"user": assessor.pk, "rank": "member", "areas": ["4", "5"], "assisted": "on"}
    )

    assert [person.name for person in shown.context["form"].fields["user"].queryset] == ["Penilai"]
    assert response.url == address
    member = assessment.team.get()
    assert (member.user, member.areas, member.assisted) == (assessor, ["4", "5"], True)
    rows = client.get(address).context["places"]
    assert [(row.rank, len(row.seats)) for row in rows] == [
        ("member", 1),
        ("lead", 0),
        ("supervisor", 0),
        ("quality", 0),
    ]
    assert rows[0].seats[0].areas[0].startswith("Area 4.")
    assert "Pernah mendampingi unit ini" in client.get(address).content.decode()


def test_a_refused_member_is_explained_on_the_page(client, assessment, secretariat, assessor):
    client.force_login(secretariat)
    address = f"/penilaian/{assessment.pk}/tim/"

    wrong_rank = client.post(address, {"user": assessor.pk, "rank": "quality"})
    areas_of_lead = client.post(address, {"user": assessor.pk, "rank": "lead", "areas": ["4"]})

    assert "peran yang sesuai" in wrong_rank.content.decode()
    assert areas_of_lead.context["form"].errors["areas"] == [
        "Hanya anggota tim yang dibatasi area."
    ]
    assert assessment.team.count() == 0


def test_a_member_who_joined_the_unit_since_is_marked(
    client, tree, assessment, secretariat, assessor
):
    teams.add_member(assessment=assessment, user=assessor, rank="member", by=secretariat)
    grant(assessor, Role.UNIT_OPERATOR, tree.unit)
    client.force_login(secretariat)

    page = client.get(f"/penilaian/{assessment.pk}/tim/")

    assert page.context["places"][0].seats[0].belongs is True
    assert "Berasal dari unit ini" in page.content.decode()


def test_a_place_is_changed_and_given_up_from_the_page(client, assessment, secretariat, assessor):
    member = teams.add_member(
        assessment=assessment, user=assessor, rank="member", areas=["4"], by=secretariat
    )
    client.force_login(secretariat)

    refused = client.post(f"/tim/{member.pk}/ubah/", {"rank": "quality"})
    changed = client.post(f"/tim/{member.pk}/ubah/", {"rank": "lead", "version": "1"})
    member.refresh_from_db()
    assert (refused.status_code, changed.status_code) == (200, 302)
    assert (member.rank, member.areas) == ("lead", [])
    client.post(f"/tim/{member.pk}/keluarkan/")

    assert assessment.team.count() == 0


def test_a_letter_is_written_down_chosen_and_corrected(client, tree, assessment, secretariat):
    other = make_assessment(tree.sibling, assessment.period)
    client.force_login(secretariat)
    posted = {name: str(value) for name, value in LETTER.items()}

    client.post(f"/penilaian/{assessment.pk}/surat-tugas/", posted)
    letter = Assignment.objects.get()
    client.post(f"/penilaian/{other.pk}/surat-tugas/pilih/", {"assignment": letter.pk})
    client.post(f"/penilaian/{other.pk}/surat-tugas/pilih/", {"assignment": ""})
    client.post(
        f"/surat-tugas/{letter.pk}/ubah/", {**posted, "ends_on": "2027-04-20", "version": "1"}
    )

    letter.refresh_from_db()
    assert sorted(letter.assessments.values_list("pk", flat=True)) == [assessment.pk, other.pk]
    assert (letter.days, letter.number) == (16, "ST-046/ITJEN/IV/2027")
    actions = AuditEntry.objects.filter(target=f"assignment:{letter.pk}").order_by("seq")
    assert [(row.action, row.data.get("changes")) for row in actions] == [
        ("assignment.created", None),
        ("assignment.changed", {"ends_on": ["2027-04-16", "2027-04-20"]}),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"ends_on": "2027-04-04"}, "ends_on"), ({"number": "ST-1"}, "number")],
)
def test_a_letter_with_a_fault_is_not_kept(client, assessment, secretariat, changes, field):
    Assignment.objects.create(**{**LETTER, "number": "ST-1"})
    client.force_login(secretariat)
    posted = {name: str(value) for name, value in LETTER.items()}

    response = client.post(f"/penilaian/{assessment.pk}/surat-tugas/", {**posted, **changes})

    assert list(response.context["form"].errors) == [field]
    assert Assignment.objects.count() == 1


@pytest.mark.parametrize("people", [2, 40])
def test_a_teams_page_costs_the_same_for_few_and_many(
    client, tree, assessment, secretariat, people
):
    for _ in range(people):
        member, spare = make_user(), make_user()
        grant(member, Role.AUDITOR, tree.ministry)
        grant(spare, Role.AUDITOR, tree.ministry)
        TeamMember.objects.create(assessment=assessment, user=member, rank=Rank.MEMBER)
    client.force_login(secretariat)
    address = f"/penilaian/{assessment.pk}/tim/"
    client.get(address)

    assert statements(client, address) == 9
