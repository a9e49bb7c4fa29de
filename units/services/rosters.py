"""Lists of units and people taken over from a sheet: previewed, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from units.access import forget_access
from units.models import RosterImport, Unit, User
from units.permissions import can_manage_people, can_manage_units
from units.rosters import (
    CHANGED,
    NEW,
    PEOPLE_COLUMNS,
    SAME,
    UNIT_COLUMNS,
    Entry,
    Plan,
    plan_people,
    plan_units,
)
from units.services.figures import record_figures
from units.services.memberships import GrantRefused, MembershipExists, grant_membership
from units.services.people import create_person, update_person
from units.services.tree import create_unit, update_unit
from zona import audit
from zona.table_file import Line, read_list

COLUMNS = {RosterImport.Kind.UNITS: UNIT_COLUMNS, RosterImport.Kind.PEOPLE: PEOPLE_COLUMNS}


class RosterChanged(Exception):
    """The list no longer fits what is there; ``plan`` tells the faults. Nothing was changed."""

    def __init__(self, plan: Plan):
        super().__init__(f"{len(plan.faults)} faults")
        self.plan = plan


def may_import(user: User, kind: str) -> bool:
    """Tell whether the person may take over lists of a kind."""
    return (can_manage_units if kind == RosterImport.Kind.UNITS else can_manage_people)(user)


def plan_of(kind: str, lines: Sequence[Line], *, by: User) -> Plan:
    """Return what a list would change now."""
    return plan_units(lines) if kind == RosterImport.Kind.UNITS else plan_people(lines, by=by)


def preview(*, kind: str, name: str, content: bytes, by: User) -> RosterImport | Plan:
    """Read and check a file; keep it for a preview, or return the faults.

    Raises TableFileError for a file that is no table, GrantRefused beyond one's rights.
    """
    if not may_import(by, kind):
        raise GrantRefused
    listed = read_list(name, content, COLUMNS[kind])
    if listed.faults:
        return Plan((), listed.faults)
    plan = plan_of(kind, listed.lines, by=by)
    if plan.faults:
        return plan
    lines = [[line.number, line.cells] for line in listed.lines]
    RosterImport.objects.filter(kind=kind, created_by=by).delete()
    return RosterImport.objects.create(kind=kind, file_name=name[:150], lines=lines, created_by=by)


def lines_of(roster: RosterImport) -> list[Line]:
    """Return the rows of a kept list."""
    return [Line(number, cells) for number, cells in roster.lines]


@transaction.atomic
def take_over(*, roster: RosterImport, by: User) -> Plan:
    """Take a previewed list over and forget the file; what it then means is checked once more.

    Raises RosterChanged, GrantRefused.
    """
    roster = RosterImport.objects.select_for_update().get(pk=roster.pk, created_by=by)
    if not may_import(by, roster.kind):
        raise GrantRefused
    if roster.kind == RosterImport.Kind.UNITS:
        # As in every move of a unit: the top of the tree first, so that no two make a ring.
        list(Unit.objects.select_for_update().filter(parent=None).values_list("pk", flat=True))
    plan = plan_of(roster.kind, lines_of(roster), by=by)
    if plan.faults:
        raise RosterChanged(plan)
    if roster.kind == RosterImport.Kind.UNITS:
        _take_units(plan.entries, by)
    else:
        _take_people(plan.entries, by)
    data = {"new": plan.count(NEW), "changed": plan.count(CHANGED), "file": roster.file_name}
    audit.record_system([audit.Fact(f"roster.{roster.kind}", "", data)], by=by)
    roster.delete()
    return plan


def _take_units(entries: Sequence[Entry], by: User) -> None:
    units = {unit.code: unit for unit in Unit.objects.all()}
    for entry in entries:
        if entry.status == SAME:
            continue
        values = dict(entry.values)
        parent = units.get(values.pop("parent"))
        code = values["code"]
        if entry.status == NEW:
            units[code] = create_unit(by=by, parent=parent, **values)
        else:
            unit = Unit.objects.get(code=code)
            units[code] = update_unit(
                unit=unit, version=unit.version, by=by, parent=parent, **values
            )
        if entry.figures:
            told = dict(entry.figures)
            record_figures(unit=units[code], year=told.pop("year"), by=by, **told)


def _take_people(entries: Sequence[Entry], by: User) -> None:
    units = {unit.code: unit for unit in Unit.objects.all()}
    for entry in entries:
        if entry.status == SAME:
            continue
        told = {name: entry.values[name] for name in ("name", "nip", "position", "email")}
        username = entry.values["username"]
        person = User.objects.filter(username__iexact=username).first()
        if person is None:
            person = create_person(by=by, username=username, **told)
        else:
            person = update_person(person=person, by=by, **told)
        if entry.values["role"]:
            _grant(person, units[entry.values["unit"]], entry.values, by)


def _grant(person: User, unit: Unit, values: dict, by: User) -> None:
    forget_access(person)
    areas = [values["area"]] if values["area"] else []
    try:
        # A savepoint: a role that is held already is no fault of the list.
        with transaction.atomic():
            grant_membership(user=person, unit=unit, role=values["role"], by=by, areas=areas)
    except MembershipExists:
        return


def discard(*, roster: RosterImport) -> None:
    """Forget a previewed list."""
    roster.delete()
