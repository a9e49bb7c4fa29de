"""Plain factories: each sets only what its model requires, by a service where one exists."""

from __future__ import annotations

import itertools
from datetime import date

from assessments.models import Assignment, Instrument, Period, TeamMember
from assessments.models.worksheets import Rank
from assessments.services.instruments import load_shipped
from assessments.services.worksheets import open_assessment
from units.access import Role
from units.models import Membership, Unit, User

_numbers = itertools.count(1)


def make_user(username: str = "", **fields) -> User:
    """Create a person who can't sign in by password."""
    username = username or f"orang{next(_numbers)}"
    return User.objects.create(
        username=username, name=fields.pop("name", username.title()), password="!", **fields
    )


def grant(user: User, role: str, unit: Unit, *, area: str = "") -> Membership:
    """Give a person a role on a unit, in force since long ago."""
    return Membership.objects.create(
        user=user, role=role, unit=unit, area=area, valid_from=date(2020, 1, 1)
    )


def make_unit(parent: Unit | None = None, **fields) -> Unit:
    """Create a unit below its parent, or below a ministry that is made when there is none."""
    if parent is None:
        parent = Unit.objects.filter(level=Unit.Level.MINISTRY).first() or _place(
            Unit(code="KBC", name="Kementerian Bahari Contoh", level="ministry", kind="ministry")
        )
    number = next(_numbers)
    values = {
        "code": f"U{number:04}",
        "name": f"Unit Contoh {number}",
        "level": Unit.Level.ESELON_3,
        "kind": Unit.Kind.PORT,
        "parent": parent,
    }
    return _place(Unit(**{**values, **fields}))


def _place(unit: Unit) -> Unit:
    unit.save()
    unit.path = f"{unit.parent.path if unit.parent else ''}{unit.pk}."
    unit.save(update_fields=["path"])
    return unit


def instrument(code: str = "lke-zi-2021") -> Instrument:
    """Return a shipped instrument, loading them all when they are not there yet."""
    if not Instrument.objects.filter(code=code).exists():
        load_shipped()
    return Instrument.objects.get(code=code)


def make_period(code: str = "lke-zi-2021", *, year: int = 2026, **fields) -> Period:
    """Create an open period of an instrument."""
    return Period.objects.create(
        year=year,
        name=fields.pop("name", f"Evaluasi TPI {year} {next(_numbers)}"),
        instrument=instrument(code),
        evidence_from=date(year - 1, 1, 1),
        evidence_to=date(year, 6, 30),
        **fields,
    )


def make_assessment(unit: Unit | None = None, period: Period | None = None, **fields):
    """Open a worksheet with blank answers."""
    return open_assessment(
        unit=unit or make_unit(), period=period or make_period(), by=None, **fields
    )


def make_team(assessment, **people: User) -> dict[str, User]:
    """Give a worksheet a letter of assignment and one person per rank; returns them by rank.

    people: who holds a rank (``member``, ``lead``, ``supervisor``, ``quality``); others are made.
    """
    ministry = Unit.objects.get(level=Unit.Level.MINISTRY)
    team = {}
    for rank in Rank:
        user = people.get(rank.value) or make_user(f"{rank.value}{next(_numbers)}")
        role = Role.QUALITY_CONTROLLER if rank == Rank.QUALITY else Role.AUDITOR
        if not user.memberships.filter(role=role).exists():
            grant(user, role, ministry)
        TeamMember.objects.create(assessment=assessment, user=user, rank=rank)
        team[rank.value] = user
    assessment.assignment = Assignment.objects.create(
        number=f"ST-{next(_numbers)}/ITJ/2026",
        dated_on=date(2026, 4, 1),
        starts_on=date(2026, 4, 6),
        ends_on=date(2026, 4, 17),
    )
    assessment.save(update_fields=["assignment"])
    return team


def add_member(assessment, name: str = "") -> User:
    """Put one more member on the team of a worksheet, beside the one of ``make_team``."""
    user = make_user(name or f"anggota{next(_numbers)}")
    grant(user, Role.AUDITOR, Unit.objects.get(level=Unit.Level.MINISTRY))
    TeamMember.objects.create(assessment=assessment, user=user, rank=Rank.MEMBER)
    return user
