"""Who may look after units and people. Everything here asks ``units.access``."""

from __future__ import annotations

from units.access import (
    ITJEN_ROLES,
    UNIT_ROLES,
    Permission,
    Role,
    access_of,
    has_permission,
)
from units.models import Membership, Unit, User

# What a unit's own lead or head may give to his people.
UNIT_GIVEN_ROLES = frozenset({Role.UNIT_OPERATOR, Role.AREA_COORDINATOR})


def can_manage_units(user: User) -> bool:
    """The secretariat and the system's admins make and change units."""
    return has_permission(user, Permission.UNIT_MANAGE)


def can_manage_unit_people(user: User, unit: Unit) -> bool:
    """Somebody who may give at least one role on the unit."""
    return bool(grantable_roles(user, unit))


def can_record_pledge(user: User, unit: Unit) -> bool:
    """The unit's lead and head, the secretariat and the admins write down the declaration."""
    return can_manage_units(user) or has_permission(user, Permission.UNIT_PEOPLE_MANAGE, unit)


def can_manage_services(user: User, unit: Unit) -> bool:
    """Whoever writes down the declaration also keeps the list of services."""
    return can_record_pledge(user, unit)


def can_view_history(user: User, unit: Unit) -> bool:
    """Itjen and admins read who changed what."""
    return has_permission(user, Permission.AUDIT_VIEW, unit)


def can_view_people(user: User, unit: Unit | None = None) -> bool:
    """Itjen and admins see everybody; a unit's lead and head see their own people."""
    return has_permission(user, Permission.PEOPLE_VIEW, unit)


def can_manage_people(user: User) -> bool:
    """The secretariat and the admins make accounts."""
    return has_permission(user, Permission.PEOPLE_MANAGE)


def can_manage_person(user: User, person: User) -> bool:
    """Change or close an account; an admin's account is in the hands of admins alone."""
    if not can_manage_people(user):
        return False
    is_admin = Role.SYSTEM_ADMIN in {
        Role(role) for role in person.memberships.in_force().values_list("role", flat=True)
    }
    return not is_admin or Role.SYSTEM_ADMIN in access_of(user).roles


def can_deactivate_person(user: User, person: User) -> bool:
    """Close an account, never one's own."""
    return user.pk != person.pk and can_manage_person(user, person)


def role_fits(role: str, unit: Unit) -> bool:
    """Tell whether a role means something on a unit.

    A team's roles belong to units that can be assessed, the coordinator's to an Eselon I, those
    of Itjen and the admin's to the ministry, to an Eselon I or to an inspectorate.
    """
    if role in UNIT_ROLES:
        return unit.level != Unit.Level.MINISTRY
    if role == Role.ESELON1_COORDINATOR:
        return unit.level == Unit.Level.ESELON_1
    if role in ITJEN_ROLES or role == Role.SYSTEM_ADMIN:
        return (
            unit.level in (Unit.Level.MINISTRY, Unit.Level.ESELON_1)
            or unit.kind == Unit.Kind.INSPECTORATE
        )
    return True


def grantable_roles(user: User, unit: Unit) -> frozenset[Role]:
    """Return the roles that a person may give (or end) on a unit.

    Admins give all, the secretariat all but the admin's, a unit's lead or head those of operator
    and area coordinator on his own unit. Only roles that fit the unit are among them.
    """
    access = access_of(user)
    if access.has(Permission.PEOPLE_MANAGE, unit):
        roles = frozenset(Role)
        if Role.SYSTEM_ADMIN not in access.roles:
            roles -= {Role.SYSTEM_ADMIN}
    elif access.has(Permission.UNIT_PEOPLE_MANAGE, unit):
        roles = UNIT_GIVEN_ROLES
    else:
        return frozenset()
    return frozenset(role for role in roles if role_fits(role, unit))


def can_grant(user: User, person: User, unit: Unit, role: str) -> bool:
    """Give a role to somebody else; nobody gives himself anything."""
    return user.pk != person.pk and role in grantable_roles(user, unit)


def can_end_membership(user: User, membership: Membership) -> bool:
    """End a role that one could give; nobody touches his own."""
    if membership.user_id == user.pk:
        return False
    return membership.role in grantable_roles(user, membership.unit)
