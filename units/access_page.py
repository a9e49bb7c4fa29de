"""Who may do what on a unit, and why: every role that reaches it, from the unit to the ministry."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from units.access import MINISTRY_WIDE_ROLES, SUBTREE_ROLES, Role
from units.models import Membership, Unit
from units.reports import permission_words, reach_words


@dataclass(frozen=True, slots=True)
class Holder:
    """One person's role: where he holds it and in which areas (empty: all)."""

    person_id: int
    person: str
    unit: str
    area: str
    granted_by: str
    valid_from: object
    valid_to: object


@dataclass(frozen=True, slots=True)
class Reach:
    """A role that reaches the unit: why, what it allows there, and who holds it."""

    role: str
    why: str
    may: tuple[str, ...]
    holders: tuple[Holder, ...]


def reaching(unit: Unit) -> tuple[Reach, ...]:
    """Return the roles in force that reach a unit, in the order of the roles; one query.

    An account that is closed reaches nothing.
    """
    keys = [int(key) for key in unit.path.split(".") if key]
    rows = Membership.objects.in_force().filter(user__is_active=True)
    rows = rows.filter(
        Q(unit=unit) | Q(role__in=MINISTRY_WIDE_ROLES) | Q(role__in=SUBTREE_ROLES, unit__in=keys)
    )
    found: dict[str, list[Holder]] = {}
    for row in rows.select_related("user", "unit", "granted_by").order_by("user__name", "area"):
        found.setdefault(row.role, []).append(
            Holder(
                row.user_id,
                str(row.user),
                row.unit.label,
                row.area,
                str(row.granted_by) if row.granted_by else "",
                row.valid_from,
                row.valid_to,
            )
        )
    return tuple(
        Reach(str(role.label), reach_words(role), permission_words(role), tuple(found[role]))
        for role in Role
        if role in found
    )
