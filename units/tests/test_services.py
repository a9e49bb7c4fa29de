from datetime import date, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from assessments.tests.factories import grant, make_unit, make_user
from units import services
from units.access import Role, access_of
from units.models import Membership, Unit, User
from zona import audit
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db


def facts(stream, target=None):
    """Return action, target and data of a stream's entries, oldest first."""
    rows = AuditEntry.objects.filter(stream=stream).order_by("seq")
    if target is not None:
        rows = rows.filter(target=target)
    return list(rows.values_list("action", "target", "data"))


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_a_new_unit_stands_below_its_parent_and_starts_its_chain(tree, secretariat):
    unit = services.create_unit(
        by=secretariat,
        parent=tree.eselon1,
        code="PPXX",
        name="Pelabuhan Baru",
        level="eselon_3",
        kind="port",
    )

    assert unit.path == f"{tree.eselon1.path}{unit.pk}."
    assert [action for action, _, _ in facts(unit.audit_stream)] == ["unit.created"]
    assert facts(unit.audit_stream)[0][2]["parent"] == "Ditjen Pelabuhan Contoh"


def test_nothing_is_made_below_a_closed_unit(tree, secretariat):
    services.deactivate_unit(unit=tree.unit, by=secretariat)

    with pytest.raises(services.ParentInactive):
        services.create_unit(
            by=secretariat, parent=tree.unit, code="X", name="X", level="below", kind="port"
        )


def test_a_change_is_audited_with_before_and_after_and_counts_the_version(unit, secretariat):
    services.update_unit(unit=unit, version=1, by=secretariat, name="Nama Baru", staff_count=41)

    unit = fresh(unit)
    assert (unit.name, unit.staff_count, unit.version) == ("Nama Baru", 41, 2)
    assert facts(unit.audit_stream) == [
        (
            "unit.changed",
            "",
            {
                "changes": {
                    "name": ["Pelabuhan Teluk Lantera", "Nama Baru"],
                    "staff_count": ["40", "41"],
                }
            },
        )
    ]


def test_a_change_that_changes_nothing_leaves_no_trace(unit, secretariat):
    services.update_unit(unit=unit, version=1, by=secretariat, name=unit.name)

    assert fresh(unit).version == 1
    assert facts(unit.audit_stream) == []


def test_an_older_version_is_refused_and_nothing_is_saved(unit, secretariat):
    services.update_unit(unit=unit, version=1, by=secretariat, name="Yang pertama")

    with pytest.raises(services.UnitChanged) as refused:
        services.update_unit(unit=unit, version=1, by=secretariat, name="Yang kedua")

    assert refused.value.current.name == "Yang pertama"
    assert fresh(unit).name == "Yang pertama"


def test_moving_a_unit_moves_all_below_it_and_no_other(tree, secretariat):
    child = make_unit(tree.unit)
    grandchild = make_unit(child)

    services.update_unit(unit=tree.unit, version=1, by=secretariat, parent=tree.other_eselon1)

    moved = tree.other_eselon1.path + f"{tree.unit.pk}."
    assert fresh(tree.unit).path == moved
    assert fresh(child).path == f"{moved}{child.pk}."
    assert fresh(grandchild).path == f"{moved}{child.pk}.{grandchild.pk}."
    assert fresh(tree.sibling).path == f"{tree.eselon1.path}{tree.sibling.pk}."


def test_a_key_that_begins_with_the_same_digits_is_not_moved_along(tree, secretariat):
    ten_times = Unit.objects.create(
        pk=tree.unit.pk * 10,
        code="TEN",
        name="Sepuluh kali",
        level="eselon_3",
        kind="port",
        parent=tree.eselon1,
        path=f"{tree.eselon1.path}{tree.unit.pk * 10}.",
    )

    services.update_unit(unit=tree.unit, version=1, by=secretariat, parent=tree.other_eselon1)

    assert fresh(ten_times).path == f"{tree.eselon1.path}{tree.unit.pk * 10}."


@pytest.mark.parametrize("below", ["itself", "child"])
def test_a_unit_cannot_move_below_itself(tree, secretariat, below):
    child = make_unit(tree.unit)
    parent = tree.unit if below == "itself" else child
    before = fresh(tree.unit).path

    with pytest.raises(services.UnitCycle):
        services.update_unit(unit=tree.unit, version=1, by=secretariat, parent=parent)

    assert (fresh(tree.unit).path, fresh(tree.unit).parent) == (before, tree.eselon1)


def test_an_active_unit_does_not_move_below_a_closed_one(tree, secretariat):
    services.deactivate_unit(unit=tree.sibling, by=secretariat)

    with pytest.raises(services.ParentInactive):
        services.update_unit(unit=tree.unit, version=1, by=secretariat, parent=tree.sibling)

    assert fresh(tree.unit).parent == tree.eselon1


def test_a_unit_with_active_units_below_stays_open(tree, secretariat):
    with pytest.raises(services.UnitHasActiveBelow):
        services.deactivate_unit(unit=tree.eselon1, by=secretariat)

    assert fresh(tree.eselon1).is_active is True


def test_a_closed_unit_opens_again_only_below_an_open_one(tree, secretariat):
    child = make_unit(tree.unit)
    services.deactivate_unit(unit=child, by=secretariat)
    services.deactivate_unit(unit=tree.unit, by=secretariat)

    with pytest.raises(services.ParentInactive):
        services.reactivate_unit(unit=child, by=secretariat)
    services.reactivate_unit(unit=tree.unit, by=secretariat)
    services.reactivate_unit(unit=child, by=secretariat)

    assert fresh(child).is_active is True
    assert [action for action, _, _ in facts(child.audit_stream)] == [
        "unit.deactivated",
        "unit.reactivated",
    ]


def test_closing_twice_is_one_fact(unit, secretariat):
    services.deactivate_unit(unit=unit, by=secretariat)
    services.deactivate_unit(unit=unit, by=secretariat)
    services.reactivate_unit(unit=unit, by=secretariat)
    services.reactivate_unit(unit=unit, by=secretariat)

    assert len(facts(unit.audit_stream)) == 2
    assert fresh(unit).version == 3


def test_services_and_pledge_are_audited_on_the_units_chain(unit, secretariat):
    service = services.add_service(unit=unit, by=secretariat, name="Tambat", is_strategic=True)
    services.update_service(service=service, by=secretariat, name="Tambat labuh")
    services.update_service(service=service, by=secretariat, name="Tambat labuh")
    pledge = {
        "declared_on": date(2025, 2, 12),
        "place": "Aula",
        "charter_number": "PI-01",
        "signer_name": "Kepala",
        "signer_position": "Kepala Pelabuhan",
        "witnesses": "",
        "signed_count": 38,
    }
    services.record_pledge(unit=unit, by=secretariat, **pledge)
    services.record_pledge(unit=unit, by=secretariat, **{**pledge, "signed_count": 40})
    services.record_pledge(unit=unit, by=secretariat, **{**pledge, "signed_count": 40})

    assert [action for action, _, _ in facts(unit.audit_stream)] == [
        "service.added",
        "service.changed",
        "pledge.recorded",
        "pledge.changed",
    ]
    assert facts(unit.audit_stream)[3][2] == {"changes": {"signed_count": ["38", "40"]}}
    assert list(audit.verify([unit.audit_stream])) == []
    assert list(audit.verify_head(fresh(unit))) == []


def test_an_account_is_made_without_a_usable_password_and_its_link_sets_one(secretariat, client):
    person = services.create_person(
        by=secretariat, username="baru", name="Orang Baru", email="baru@contoh.example"
    )
    link = services.password_link_path(person)

    assert person.has_usable_password() is False
    form = client.get(link, follow=True)
    done = client.post(
        form.request["PATH_INFO"],
        {"password1": "kalimat panjang sekali", "password2": "kalimat panjang sekali"},
    )

    assert done.status_code == 302
    assert fresh(person).check_password("kalimat panjang sekali") is True
    assert "tidak berlaku lagi" in Client().get(link, follow=True).content.decode()


def test_a_reset_makes_the_old_password_useless_and_ends_the_sessions(secretariat, client):
    person = make_user("lama")
    person.set_password("kalimat panjang sekali")
    person.save()
    client.force_login(person)

    services.reset_password(person=person, by=secretariat)

    assert fresh(person).has_usable_password() is False
    assert Session.objects.count() == 0
    assert facts("system", f"user:{person.pk}") == [
        ("person.password_reset", f"user:{person.pk}", {})
    ]


def test_a_changed_account_is_audited_with_before_and_after(secretariat):
    person = make_user("lama", position="Staf")

    services.update_person(person=person, by=secretariat, position="Kepala", name=person.name)
    services.update_person(person=person, by=secretariat, position="Kepala")

    assert fresh(person).position == "Kepala"
    assert facts("system", f"user:{person.pk}") == [
        ("person.changed", f"user:{person.pk}", {"changes": {"position": ["Staf", "Kepala"]}})
    ]


def test_a_closed_account_loses_its_sessions_at_once_and_others_keep_theirs(unit, secretariat):
    person, other = make_user("pergi"), make_user("tinggal")
    browsers = {user: [Client(), Client()] for user in (person, other)}
    for user, clients in browsers.items():
        for browser in clients:
            browser.force_login(user)

    assert services.deactivate_person(person=person, by=secretariat) == 2

    assert fresh(person).is_active is False
    assert Session.objects.count() == 2
    assert [b.get("/").status_code for b in browsers[other]] == [200, 200]
    assert [b.get("/").status_code for b in browsers[person]] == [302, 302]


def test_an_old_session_does_not_live_again_with_the_account(secretariat, client):
    person = make_user("pergi")
    client.force_login(person)
    services.deactivate_person(person=person, by=secretariat)

    services.reactivate_person(person=person, by=secretariat)

    assert client.get("/").status_code == 302


def test_roles_end_with_the_account_when_asked(unit, secretariat):
    person = make_user("pergi")
    grant(person, Role.UNIT_OPERATOR, unit)

    services.deactivate_person(person=person, by=secretariat, end_roles=True)

    yesterday = timezone.localdate() - timedelta(days=1)
    assert person.memberships.get().valid_to == yesterday
    assert [action for action, _, _ in facts(unit.audit_stream)] == ["membership.ended"]


def test_closing_and_opening_an_account_twice_is_one_fact_each(secretariat):
    person = make_user("pergi")
    for _ in range(2):
        services.deactivate_person(person=person, by=secretariat)
    for _ in range(2):
        services.reactivate_person(person=person, by=secretariat)

    assert [action for action, _, _ in facts("system", f"user:{person.pk}")] == [
        "person.deactivated",
        "person.reactivated",
    ]


def test_nobody_closes_his_own_account(secretariat):
    with pytest.raises(services.PersonIsOneself):
        services.deactivate_person(person=secretariat, by=secretariat)

    assert fresh(secretariat).is_active is True


def test_a_role_is_granted_per_area_and_audited_once(unit, zi_lead):
    person = make_user("rekan")

    rows = services.grant_membership(
        user=person,
        unit=unit,
        role="area_coordinator",
        areas=["4", "5"],
        by=zi_lead,
        valid_from=date(2026, 1, 1),
    )

    assert sorted((row.area, row.granted_by) for row in rows) == [("4", zi_lead), ("5", zi_lead)]
    assert facts(unit.audit_stream) == [
        (
            "membership.granted",
            f"user:{person.pk}",
            {
                "name": "Rekan",
                "role": "area_coordinator",
                "areas": ["4", "5"],
                "valid_from": "2026-01-01",
                "valid_to": "",
            },
        )
    ]


def test_a_granted_role_counts_at_once_for_a_person_already_read(unit, zi_lead):
    person = make_user("rekan")
    assert access_of(person).roles == frozenset()

    services.grant_membership(user=person, unit=unit, role="unit_operator", by=zi_lead)

    assert access_of(person).roles == {Role.UNIT_OPERATOR}


@pytest.mark.parametrize(
    ("held", "wanted", "refused"),
    [
        pytest.param(("", None), ("", None), True, id="the same for ever"),
        pytest.param(("", None), ("3", None), True, id="all areas cover one"),
        pytest.param(("3", None), ("", None), True, id="one area stands in the way of all"),
        pytest.param(("3", None), ("4", None), False, id="two areas stand side by side"),
        pytest.param(("", date(2026, 1, 31)), ("", None), False, id="the old one has ended"),
        pytest.param(("", date(2026, 2, 1)), ("", None), True, id="they share one day"),
    ],
)
def test_a_role_is_not_held_twice_on_one_day(unit, zi_lead, held, wanted, refused):
    person = make_user("rekan")
    area, valid_to = held
    Membership.objects.create(
        user=person,
        unit=unit,
        role="unit_operator",
        area=area,
        valid_from=date(2026, 1, 1),
        valid_to=valid_to,
    )
    area, valid_to = wanted
    values = {
        "user": person,
        "unit": unit,
        "role": "unit_operator",
        "areas": [area] if area else [],
        "valid_from": date(2026, 2, 1),
        "valid_to": valid_to,
        "by": zi_lead,
    }

    if refused:
        with pytest.raises(services.MembershipExists):
            services.grant_membership(**values)
    else:
        services.grant_membership(**values)

    assert person.memberships.count() == (1 if refused else 2)


def test_a_role_that_ends_before_another_begins_does_not_collide(unit, zi_lead):
    person = make_user("rekan")
    grant(person, "unit_operator", unit)

    services.grant_membership(
        user=person,
        unit=unit,
        role="unit_operator",
        by=zi_lead,
        valid_from=date(2019, 1, 1),
        valid_to=date(2019, 12, 31),
    )

    assert person.memberships.count() == 2


@pytest.mark.parametrize(
    ("role", "areas"),
    [("zi_lead", []), ("auditor", []), ("system_admin", []), ("unit_operator", None)],
)
def test_a_unit_lead_cannot_give_more_than_his_unit_knows(unit, zi_lead, role, areas):
    person = zi_lead if areas is None else make_user("rekan")

    with pytest.raises(services.GrantRefused):
        services.grant_membership(user=person, unit=unit, role=role, by=zi_lead)

    assert person.memberships.filter(role=role).count() == 0


def test_an_area_belongs_to_operators_and_coordinators_only(unit, secretariat):
    with pytest.raises(services.GrantRefused):
        services.grant_membership(
            user=make_user("rekan"), unit=unit, role="unit_head", areas=["1"], by=secretariat
        )


def test_an_ended_role_holds_up_to_its_last_day(unit, zi_lead):
    membership = grant(make_user("rekan"), "unit_operator", unit)
    last_day = timezone.localdate() - timedelta(days=1)

    services.end_membership(membership=membership, last_day=last_day, by=zi_lead)

    assert fresh(membership).valid_to == last_day
    assert Membership.objects.in_force(last_day).filter(pk=membership.pk).exists() is True
    assert Membership.objects.in_force().filter(pk=membership.pk).exists() is False


def test_a_role_given_by_mistake_goes_and_its_trace_stays(unit, zi_lead):
    person = make_user("rekan")
    (membership,) = services.grant_membership(
        user=person, unit=unit, role="unit_operator", by=zi_lead
    )

    services.end_membership(
        membership=membership, last_day=timezone.localdate() - timedelta(days=1), by=zi_lead
    )

    assert person.memberships.count() == 0
    assert [action for action, _, _ in facts(unit.audit_stream)] == [
        "membership.granted",
        "membership.ended",
    ]


def test_nobody_ends_his_own_role_or_one_beyond_his_rights(unit, zi_lead, unit_head):
    for membership in (zi_lead.memberships.get(), unit_head.memberships.get()):
        with pytest.raises(services.GrantRefused):
            services.end_membership(membership=membership, last_day=date(2026, 1, 1), by=zi_lead)

    assert Membership.objects.in_force().filter(unit=unit).count() == 2


def test_the_set_up_of_the_house_asks_nobody(db):
    ministry = services.create_unit(
        by=None, code="KBC", name="Kementerian", level="ministry", kind="ministry"
    )
    admin = services.create_person(by=None, username="pertama", name="Pertama", password="x" * 12)
    services.grant_membership(user=admin, unit=ministry, role="system_admin", by=None)

    assert ministry.path == f"{ministry.pk}."
    assert access_of(User.objects.get(username="pertama")).roles == {Role.SYSTEM_ADMIN}
