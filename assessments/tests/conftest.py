"""A worksheet with everybody around it: its unit's people, its team, the secretariat."""

from types import SimpleNamespace

import pytest

from assessments.tests.factories import (
    grant,
    make_assessment,
    make_period,
    make_team,
    make_unit,
    make_user,
)
from units.access import Role
from units.models import Unit


@pytest.fixture
def house(db):
    """One assessed unit with its people and team; ``house.assessment`` is a blank draft."""
    eselon1 = make_unit(level="eselon_1", kind="directorate", code="DJPC")
    unit = make_unit(eselon1, code="PPTL", short_name="PP Teluk Lantera")
    ministry = Unit.objects.get(level="ministry")
    people = {}
    for name, role, place in (
        ("operator", Role.UNIT_OPERATOR, unit),
        ("coordinator", Role.AREA_COORDINATOR, unit),
        ("zi_lead", Role.ZI_LEAD, unit),
        ("head", Role.UNIT_HEAD, unit),
        ("eselon1", Role.ESELON1_COORDINATOR, eselon1),
        ("secretariat", Role.SECRETARIAT, ministry),
        ("inspector_general", Role.INSPECTOR_GENERAL, ministry),
        ("admin", Role.SYSTEM_ADMIN, ministry),
        ("observer", Role.OBSERVER, ministry),
        ("outside_auditor", Role.AUDITOR, ministry),
    ):
        people[name] = make_user(name)
        grant(people[name], role, place)
    people["stranger"] = make_user("stranger")
    period = make_period()
    assessment = make_assessment(unit, period)
    team = make_team(assessment)
    return SimpleNamespace(
        unit=unit,
        sibling=make_unit(eselon1),
        period=period,
        assessment=assessment,
        **people,
        **team,
    )
