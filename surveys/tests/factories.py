"""Plain factories: units by their services, surveys and answers by the surveys' own."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from django.utils import timezone

from surveys.models import Questionnaire, Survey
from surveys.profile import profile
from surveys.services import lifecycle, submission
from surveys.services.lifecycle import Coverage, PlannedPart
from surveys.services.questionnaires import load_shipped
from surveys.services.submission import Submission
from surveys.sheet import sheets_of
from units.access import Role
from units.models import Membership, Service, Unit, User
from units.services.tree import create_unit

_numbers = itertools.count(1)


def make_unit(parent: Unit | None = None, **fields) -> Unit:
    """Create a unit below its parent, or below a ministry that is made when there is none."""
    if parent is None:
        parent = Unit.objects.filter(parent=None).first() or create_unit(
            by=None,
            code="KBC",
            name="Kementerian Bahari Contoh",
            level=Unit.Level.MINISTRY,
            kind=Unit.Kind.MINISTRY,
        )
    number = next(_numbers)
    values = {
        "code": f"S{number:04}",
        "name": f"Pelabuhan Contoh {number}",
        "level": Unit.Level.ESELON_3,
        "kind": Unit.Kind.PORT,
    }
    return create_unit(by=None, parent=parent, **{**values, **fields})


def make_user(username: str = "", **fields) -> User:
    """Create a person who can't sign in by password."""
    username = username or f"petugas{next(_numbers)}"
    return User.objects.create(
        username=username, name=fields.pop("name", username.title()), password="!", **fields
    )


def grant(user: User, role: str, unit: Unit, *, area: str = "") -> Membership:
    """Give a person a role on a unit, in force since long ago."""
    return Membership.objects.create(
        user=user, role=role, unit=unit, area=area, valid_from=date(2020, 1, 1)
    )


def make_manager(unit: Unit) -> User:
    """Create the unit's ZI lead."""
    user = make_user()
    grant(user, Role.ZI_LEAD, unit)
    return user


def questionnaire(code: str = "spak-2021") -> Questionnaire:
    """Return a shipped edition, loading them all when they are not there yet."""
    if not Questionnaire.objects.filter(code=code).exists():
        load_shipped()
    return Questionnaire.objects.get(code=code)


def make_survey(unit: Unit | None = None, *, editions=("spak-2021",), services=(), **fields):
    """Plan a survey that runs around today; ``services`` are names to be made."""
    unit = unit or make_unit()
    today = timezone.localdate()
    values = {
        "year": today.year,
        "title": "Survei contoh",
        "opens_on": today - timedelta(days=5),
        "closes_on": today + timedelta(days=5),
        "population": 500,
        "profile_fields": [],
    }
    return lifecycle.create_survey(
        unit=unit,
        by=None,
        parts=[
            PlannedPart(questionnaire(code), fields.pop("conversion", "proportional"))
            for code in editions
        ],
        coverage=[Coverage(Service.objects.create(unit=unit, name=name)) for name in services],
        **{**values, **fields},
    )


def make_open_survey(unit: Unit | None = None, **fields) -> Survey:
    """Plan a survey and open it."""
    return lifecycle.open_survey(survey=make_survey(unit, **fields), by=None)


def answer(survey: Survey, *, points: int | list[int] = 4, **fields) -> None:
    """Add one answer: the same point everywhere, or one point per question in order."""
    asked = [question for sheet in sheets_of(survey) for question in sheet.questions]
    chosen = [points] * len(asked) if isinstance(points, int) else points
    submission.submit_response(
        survey=survey,
        submission=Submission(
            values={item.pk: point for item, point in zip(asked, chosen, strict=True)},
            form=f"formulir-{next(_numbers)}",
            **fields,
        ),
    )


def some_profile(survey: Survey, place: int = 0) -> dict[str, str]:
    """Return an option for every profile field of a survey: the ``place``-th of each."""
    return {
        field.code: list(field.options)[place % len(field.options)]
        for field in profile().chosen(survey.profile_fields)
    }


def lock(survey: Survey):
    """Close a survey, lock its result, and return the results of its parts."""
    lifecycle.close_survey(survey=survey, by=None)
    return lifecycle.lock_result(survey=survey, by=None)
