"""Roles of people on units: granted and ended, never edited; audited on the unit's stream."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from units.access import AREA_ROLES, Role, forget_access
from units.models import Membership, Unit, User
from units.permissions import can_end_membership, can_grant, role_fits
from zona import audit


class GrantRefused(Exception):
    """The acting person may not give or end this role, or the role does not fit the unit."""


class MembershipGone(Exception):
    """Somebody else ended or changed the role meanwhile."""


class MembershipExists(Exception):
    """The person holds this role on this unit in some of these days already."""


@transaction.atomic
def grant_membership(
    *,
    user: User,
    unit: Unit,
    role: str,
    by: User | None,
    areas: Sequence[str] = (),
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> list[Membership]:
    """Give a person a role on a unit; one row for each area, or one for all areas.

    valid_from: today where None. by: None for the set-up of the house, which asks nobody.
    Raises GrantRefused and MembershipExists.
    """
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    role = Role(role)
    if not role_fits(role, unit) or (areas and role not in AREA_ROLES):
        raise GrantRefused
    if by is not None and not can_grant(by, user, unit, role):
        raise GrantRefused
    start = valid_from or timezone.localdate()
    wanted = list(areas) or [""]
    if _overlapping(user, unit, role, wanted, start, valid_to):
        raise MembershipExists
    granted = [
        Membership.objects.create(
            user=user,
            unit=unit,
            role=role,
            area=area,
            valid_from=start,
            valid_to=valid_to,
            granted_by=by,
        )
        for area in wanted
    ]
    data = {
        "name": user.name,
        "role": role.value,
        "areas": list(areas),
        "valid_from": start.isoformat(),
        "valid_to": valid_to.isoformat() if valid_to else "",
    }
    audit.record(unit, [audit.Fact("membership.granted", f"user:{user.pk}", data)], by=by)
    forget_access(user)
    return granted


def _overlapping(user, unit, role, areas, start: date, end: date | None) -> bool:
    """Tell whether the role is held already on a day from ``start`` to ``end``.

    A role without an area covers every area.
    """
    held = Membership.objects.filter(user=user, unit=unit, role=role)
    held = held.filter(Q(valid_to=None) | Q(valid_to__gte=start))
    if end is not None:
        held = held.filter(valid_from__lte=end)
    if "" not in areas:
        held = held.filter(area__in=["", *areas])
    return held.exists()


@transaction.atomic
def end_membership(*, membership: Membership, last_day: date, by: User) -> None:
    """End a role: it holds up to and including ``last_day``.

    A last day before the first one means that the role was given by mistake: the row goes, the
    audit entries stay. Raises GrantRefused for one's own role or one beyond one's rights, and
    MembershipGone for one that was ended or changed since it was read.
    """
    if not can_end_membership(by, membership):
        raise GrantRefused
    close_membership(membership, last_day=last_day, by=by)


def close_membership(membership: Membership, *, last_day: date, by: User) -> None:
    """End a role inside the caller's transaction, after the caller asked whether he may.

    Read again under the unit's lock. Raises MembershipGone.
    """
    unit = Unit.objects.select_for_update().get(pk=membership.unit_id)
    seen = membership
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user")
    membership = rows.filter(pk=seen.pk).first()
    if membership is None or membership.valid_to != seen.valid_to:
        raise MembershipGone
    data = {
        "name": membership.user.name,
        "role": membership.role,
        "areas": [membership.area] if membership.area else [],
        "last_day": last_day.isoformat(),
    }
    if last_day < membership.valid_from:
        membership.delete()
    else:
        membership.valid_to = last_day
        membership.save(update_fields=["valid_to"])
    audit.record(unit, [audit.Fact("membership.ended", f"user:{membership.user_id}", data)], by=by)
    forget_access(seen.user)
