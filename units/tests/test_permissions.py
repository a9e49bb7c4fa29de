import pytest

from assessments.tests.factories import grant, make_unit, make_user
from units import permissions
from units.access import (
    Permission,
    Role,
    access_of,
    belongs_to,
    forget_access,
    has_permission,
    load_access,
)
from units.models import Membership, Unit, User

pytestmark = pytest.mark.django_db

UNIT_GIVEN = {Role.UNIT_OPERATOR, Role.AREA_COORDINATOR}
UNIT_ROLES = {Role.UNIT_OPERATOR, Role.AREA_COORDINATOR, Role.ZI_LEAD, Role.UNIT_HEAD}
ITJEN = {
    Role.AUDITOR,
    Role.QUALITY_CONTROLLER,
    Role.INSPECTOR_GENERAL,
    Role.SECRETARIAT,
}


@pytest.mark.parametrize(
    ("role", "on_own", "on_sibling", "on_eselon1", "on_ministry"),
    [
        (Role.UNIT_OPERATOR, set(), set(), set(), set()),
        (Role.AREA_COORDINATOR, set(), set(), set(), set()),
        (Role.ZI_LEAD, UNIT_GIVEN, set(), set(), set()),
        (Role.UNIT_HEAD, UNIT_GIVEN, set(), set(), set()),
        (
            Role.SECRETARIAT,
            UNIT_ROLES | {Role.OBSERVER},
            UNIT_ROLES | {Role.OBSERVER},
            UNIT_ROLES | ITJEN | {Role.ESELON1_COORDINATOR, Role.OBSERVER},
            ITJEN | {Role.OBSERVER},
        ),
        (
            Role.SYSTEM_ADMIN,
            UNIT_ROLES | {Role.OBSERVER},
            UNIT_ROLES | {Role.OBSERVER},
            set(Role),
            ITJEN | {Role.SYSTEM_ADMIN, Role.OBSERVER},
        ),
        (Role.AUDITOR, set(), set(), set(), set()),
        (Role.QUALITY_CONTROLLER, set(), set(), set(), set()),
        (Role.INSPECTOR_GENERAL, set(), set(), set(), set()),
        (Role.OBSERVER, set(), set(), set(), set()),
        (Role.ESELON1_COORDINATOR, set(), set(), set(), set()),
    ],
)
def test_what_each_role_may_give_on_each_unit(
    tree, role, on_own, on_sibling, on_eselon1, on_ministry
):
    place = {Role.ESELON1_COORDINATOR: tree.eselon1}.get(role, tree.unit)
    if role in ITJEN | {Role.SYSTEM_ADMIN, Role.OBSERVER}:
        place = tree.ministry
    user = make_user("pemberi")
    grant(user, role, place)

    assert permissions.grantable_roles(user, tree.unit) == on_own
    assert permissions.grantable_roles(user, tree.sibling) == on_sibling
    assert permissions.grantable_roles(user, tree.eselon1) == on_eselon1
    assert permissions.grantable_roles(user, tree.ministry) == on_ministry


@pytest.mark.parametrize("role", list(Role))
def test_nobody_gives_himself_anything(tree, role):
    user = make_user("sendiri")
    grant(user, Role.SYSTEM_ADMIN, tree.ministry)

    assert permissions.can_grant(user, user, tree.eselon1, role) is False
    assert permissions.can_grant(user, make_user("lain"), tree.eselon1, role) is True


@pytest.mark.parametrize("role", list(Role))
def test_nobody_ends_his_own_role(tree, role):
    user = make_user("sendiri")
    grant(user, Role.SYSTEM_ADMIN, tree.ministry)
    own = Membership(user=user, unit=tree.eselon1, role=role)

    assert permissions.can_end_membership(user, own) is False


def test_an_admins_account_is_in_the_hands_of_admins(tree, secretariat, system_admin, operator):
    other_admin = make_user("admin2")
    grant(other_admin, Role.SYSTEM_ADMIN, tree.ministry)

    assert permissions.can_manage_person(secretariat, other_admin) is False
    assert permissions.can_manage_person(system_admin, other_admin) is True
    assert permissions.can_manage_person(secretariat, operator) is True
    assert permissions.can_manage_person(operator, secretariat) is False
    assert permissions.can_deactivate_person(system_admin, system_admin) is False
    assert permissions.can_deactivate_person(system_admin, other_admin) is True


@pytest.mark.parametrize(
    ("level", "kind", "fitting"),
    [
        ("ministry", "ministry", ITJEN | {Role.SYSTEM_ADMIN, Role.OBSERVER}),
        ("eselon_1", "directorate", set(Role)),
        ("eselon_2", "inspectorate", set(Role) - {Role.ESELON1_COORDINATOR}),
        ("eselon_3", "port", UNIT_ROLES | {Role.OBSERVER}),
    ],
)
def test_which_role_means_something_where(level, kind, fitting):
    unit = Unit(level=level, kind=kind)

    assert {role for role in Role if permissions.role_fits(role, unit)} == fitting


def test_people_of_a_unit_and_its_coordinator_belong_to_it(tree, operator, eselon1, auditor):
    assert belongs_to(operator, tree.unit) is True
    assert belongs_to(eselon1, tree.unit) is True
    assert belongs_to(auditor, tree.unit) is False
    assert belongs_to(operator, tree.sibling) is False


def test_grants_of_many_people_are_read_in_one_query(
    tree, operator, auditor, stranger, django_assert_num_queries
):
    closed = make_user("tutup", is_active=False)
    people = [User.objects.get(pk=user.pk) for user in (operator, auditor, stranger, closed)]

    with django_assert_num_queries(1):
        load_access(people)
    with django_assert_num_queries(0):
        roles = [access_of(user).roles for user in people]
        load_access(people)

    assert roles == [{Role.UNIT_OPERATOR}, {Role.AUDITOR}, frozenset(), frozenset()]


def test_areas_of_a_permission(tree, zi_lead, stranger):
    coordinator = make_user("koordinator")
    grant(coordinator, Role.AREA_COORDINATOR, tree.unit, area="4")
    grant(coordinator, Role.AREA_COORDINATOR, tree.unit, area="5")
    write = Permission.UNIT_TRACK_WRITE

    assert access_of(coordinator).areas(write, tree.unit) == {"4", "5"}
    assert access_of(zi_lead).areas(write, tree.unit) is None
    assert access_of(stranger).areas(write, tree.unit) == frozenset()


def test_an_observer_reaches_all_below_his_unit_only(tree):
    observer = make_user("pembaca")
    grant(observer, Role.OBSERVER, tree.eselon1)
    deep = make_unit(tree.unit)

    seen = set(Unit.objects.visible_to(observer))

    assert seen == {tree.eselon1, tree.unit, tree.sibling, deep}
    assert has_permission(observer, Permission.UNIT_VIEW, tree.stranger) is False


def test_a_person_without_a_role_sees_no_unit_and_only_himself(tree, stranger, operator):
    assert set(Unit.objects.visible_to(stranger)) == set()
    assert set(User.objects.visible_to(stranger)) == {stranger}


def test_a_lead_sees_the_people_of_his_unit(tree, zi_lead, operator, auditor):
    elsewhere = make_user("lain")
    grant(elsewhere, Role.UNIT_OPERATOR, tree.sibling)

    assert set(User.objects.visible_to(zi_lead)) == {zi_lead, operator}
    assert set(User.objects.visible_to(auditor)) == {zi_lead, operator, auditor, elsewhere}


def test_a_forgotten_access_is_read_again(tree, stranger):
    assert access_of(stranger).grants == ()
    grant(stranger, Role.OBSERVER, tree.unit)

    forget_access(stranger)

    assert access_of(stranger).roles == {Role.OBSERVER}
