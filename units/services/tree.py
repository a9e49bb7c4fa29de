"""Units in their tree, the services they render, and their pledges."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from units.models import Pledge, Service, Unit, User
from zona import audit

UNIT_FIELDS = (
    "code",
    "name",
    "short_name",
    "parent",
    "level",
    "kind",
    "province",
    "time_zone",
    "staff_count",
)
SERVICE_FIELDS = ("name", "is_strategic", "is_active")
PLEDGE_FIELDS = (
    "declared_on",
    "place",
    "charter_number",
    "signer_name",
    "signer_position",
    "signer_level",
    "witnesses",
    "signed_count",
)


class PledgeRefused(Exception):
    """A declaration cannot be written down like this; the text is a sentence for the user."""


class RowChanged(Exception):
    """Somebody else saved the row since its form was opened; ``current`` is how it stands now."""

    def __init__(self, current):
        super().__init__(f"{current._meta.label} {current.pk} is at version {current.version}")
        self.current = current


class UnitChanged(RowChanged):
    """Somebody else saved the unit since its form was opened."""


def check_version(row, version: int | None) -> None:
    """Raise RowChanged unless the row is still as the editor saw it, 0 before it was there.

    version: None where no form was open.
    """
    if version is not None and version != (row.version if row.pk else 0):
        raise RowChanged(row)


def save_changes(row, changed: dict[str, list[str]], changes: dict[str, Any]) -> None:
    """Write changed fields of a locked row and count its version on."""
    for name in changed:
        setattr(row, name, changes[name])
    row.version += 1
    row.save(update_fields=[*changed, "version"])


class UnitCycle(Exception):
    """A unit cannot move below itself."""


class UnitHasActiveBelow(Exception):
    """A unit with active units below it stays active."""


class ParentInactive(Exception):
    """Below a closed unit nothing is open."""


def differences(row, changes: dict[str, Any]) -> dict[str, list[str]]:
    """Return ``{field: [before, after]}`` of what would change, as texts for the audit entry."""
    found = {}
    for name, after in changes.items():
        before = getattr(row, name)
        if before != after:
            found[name] = [_text(before), _text(after)]
    return found


def _text(value) -> str:
    return "" if value is None else str(value)


def lock_unit(pk: int) -> Unit:
    """Return the unit's row, locked; its audit stream is ordered by this lock."""
    return Unit.objects.select_for_update().get(pk=pk)


def _lock_tree() -> None:
    """Lock the top of the tree: units move one after the other, so no two make a ring."""
    list(Unit.objects.select_for_update().filter(parent=None).values_list("pk", flat=True))


@transaction.atomic
def create_unit(*, by: User | None, parent: Unit | None = None, **fields: Any) -> Unit:
    """Add a unit below ``parent`` (None only for the ministry itself).

    fields: those of UNIT_FIELDS. by: None for the set-up of the house.
    Raises ParentInactive below a closed unit.
    """
    if parent is not None:
        parent = Unit.objects.select_for_update().get(pk=parent.pk)
        if not parent.is_active:
            raise ParentInactive
    unit = Unit.objects.create(parent=parent, path="", **fields)
    unit.path = f"{parent.path if parent else ''}{unit.pk}."
    unit.save(update_fields=["path"])
    data = {name: _text(getattr(unit, name)) for name in UNIT_FIELDS}
    audit.record(unit, [audit.Fact("unit.created", data=data)], by=by)
    return unit


@transaction.atomic
def update_unit(*, unit: Unit, version: int, by: User, **changes: Any) -> Unit:
    """Change fields of a unit; a new parent moves it with all below.

    version: the one that the editor saw.
    Raises UnitChanged when it is no longer the current one (nothing is saved), UnitCycle for a
    parent inside the unit itself, ParentInactive for a closed one.
    """
    if "parent" in changes:
        _lock_tree()
    unit = lock_unit(unit.pk)
    if unit.version != version:
        raise UnitChanged(unit)
    changed = differences(unit, changes)
    if not changed:
        return unit
    for name in changed:
        setattr(unit, name, changes[name])
    if "parent" in changed:
        _move(unit)
    unit.version = F("version") + 1
    unit.save(update_fields=[*changed, "version"])
    unit.refresh_from_db()
    audit.record(unit, [audit.Fact("unit.changed", data={"changes": changed})], by=by)
    return unit


def _move(unit: Unit) -> None:
    """Rewrite the path of the unit and of all below it, in one statement."""
    parent = unit.parent
    if parent is not None:
        parent.refresh_from_db()
        if parent.path.startswith(unit.path):
            raise UnitCycle
        if unit.is_active and not parent.is_active:
            raise ParentInactive
    old, new = unit.path, f"{parent.path if parent else ''}{unit.pk}."
    Unit.objects.filter(path__startswith=old).update(
        path=Concat(Value(new), Substr("path", len(old) + 1))
    )
    unit.path = new


@transaction.atomic
def deactivate_unit(*, unit: Unit, by: User) -> Unit:
    """Close a unit: it takes no new worksheet; what it has stays readable.

    Raises UnitHasActiveBelow while an active unit stands below it.
    """
    unit = lock_unit(unit.pk)
    if not unit.is_active:
        return unit
    if Unit.objects.below(unit, itself=False).active().exists():
        raise UnitHasActiveBelow
    return _set_active(unit, False, "unit.deactivated", by)


@transaction.atomic
def reactivate_unit(*, unit: Unit, by: User) -> Unit:
    """Open a closed unit again. Raises ParentInactive while the unit above it is closed."""
    unit = lock_unit(unit.pk)
    if unit.is_active:
        return unit
    if unit.parent is not None and not unit.parent.is_active:
        raise ParentInactive
    return _set_active(unit, True, "unit.reactivated", by)


def _set_active(unit: Unit, is_active: bool, action: str, by: User) -> Unit:
    unit.is_active = is_active
    unit.version += 1
    unit.save(update_fields=["is_active", "version"])
    audit.record(unit, [audit.Fact(action)], by=by)
    return unit


@transaction.atomic
def add_service(*, unit: Unit, by: User | None, name: str, is_strategic: bool = False) -> Service:
    """Add a service that the unit renders to the public."""
    unit = lock_unit(unit.pk)
    service = Service.objects.create(unit=unit, name=name, is_strategic=is_strategic)
    data = {"name": name, "is_strategic": is_strategic}
    audit.record(unit, [audit.Fact("service.added", f"service:{service.pk}", data)], by=by)
    return service


@transaction.atomic
def update_service(
    *, service: Service, by: User, version: int | None = None, **changes: Any
) -> Service:
    """Rename a service, mark it strategic, or close it. Raises RowChanged."""
    unit = lock_unit(service.unit_id)
    service = Service.objects.select_for_update().get(pk=service.pk)
    check_version(service, version)
    changed = differences(service, changes)
    if changed:
        save_changes(service, changed, changes)
        data = {"name": service.name, "changes": changed}
        audit.record(unit, [audit.Fact("service.changed", f"service:{service.pk}", data)], by=by)
    return service


@transaction.atomic
def record_pledge(
    *, unit: Unit, by: User | None, version: int | None = None, **fields: Any
) -> Pledge:
    """Write down the unit's public declaration, or correct what is written.

    fields: those of PLEDGE_FIELDS. Raises PledgeRefused for a day that has not come, a signer
    below eselon III and more signatures than staff, RowChanged.
    """
    unit = lock_unit(unit.pk)
    _check_pledge(unit, fields)
    pledge = Pledge.objects.filter(unit=unit).first() or Pledge(unit=unit)
    check_version(pledge, version)
    is_new = pledge.pk is None
    changed = differences(pledge, fields)
    if not changed:
        return pledge
    for name in changed:
        setattr(pledge, name, fields[name])
    pledge.version += not is_new
    pledge.save()
    action = "pledge.recorded" if is_new else "pledge.changed"
    audit.record(unit, [audit.Fact(action, data={"changes": changed})], by=by)
    return pledge


def _check_pledge(unit: Unit, fields: dict[str, Any]) -> None:
    day, level = fields.get("declared_on"), fields.get("signer_level")
    if day is not None and day > timezone.localdate():
        raise PledgeRefused(_("Tanggal pencanangan belum tiba."))
    if level and level not in Pledge.SignerLevel.values:
        raise PledgeRefused(_("Piagam ditandatangani paling rendah oleh pejabat eselon III."))
    if fields.get("signed_count", 0) > unit.staff_count:
        raise PledgeRefused(
            _("Tanda tangan lebih banyak daripada jumlah pegawai unit ({count}).").format(
                count=unit.staff_count
            )
        )
