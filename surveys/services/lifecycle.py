"""A survey from plan to published result; every step audited on the unit's chain.

Lock order: the unit (its row orders the audit entries), then the survey's running sums.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from surveys import results, signals, statistics, tally
from surveys.models import (
    Questionnaire,
    Reopening,
    Response,
    Result,
    State,
    Survey,
    SurveyPart,
    SurveyService,
    Tally,
)
from surveys.profile import profile
from surveys.services.questionnaires import freeze
from surveys.services.submission import lock_tally
from surveys.sheet import parts_of, sheets_of
from surveys.statistics import Method
from units.models import Service, Unit, User
from units.services.tree import lock_unit
from zona import audit
from zona.documents import ALPHABET

CODE_LETTERS = 7

PLAN_FIELDS = (
    "title",
    "opens_on",
    "closes_on",
    "population",
    "method",
    "access",
    "profile_fields",
    "contact",
    "complaint_url",
    "retention_months",
)
OPEN_FIELDS = ("title", "closes_on", "population", "method", "contact", "complaint_url")
"""What may still change while answers come in: nothing that they were told or asked."""


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A questionnaire that a survey will ask, and its conversion."""

    questionnaire: Questionnaire
    conversion: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """A service that a survey covers, and how many it served where that is known."""

    service: Service
    population: int | None = None


class SurveyMoved(Exception):
    """The survey is not in the state in which this can be done."""


class SurveyChanged(Exception):
    """Somebody else saved the survey since its form was opened."""


class SurveyIncomplete(Exception):
    """The survey asks nothing, or its last day has passed."""


class NothingToLock(Exception):
    """No valid answer is there, so there is no index."""


class ReasonMissing(Exception):
    """A locked result is opened only with a reason."""


def new_code() -> str:
    """Return a random code for the public address."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))


def target_of(population: int | None, method: str) -> int:
    """Return how many answers are needed; the floor where nobody knows how many were served."""
    if not population:
        return statistics.MINIMUM
    return statistics.target(population, Method(method)).needed


@transaction.atomic
def create_survey(
    *,
    unit: Unit,
    year: int,
    parts: Sequence[PlannedPart],
    coverage: Sequence[Coverage],
    by: User | None,
    **fields: Any,
) -> Survey:
    """Plan a survey. Where no other feeds the unit's worksheet of the year, this one does.

    fields: those of PLAN_FIELDS. by: None for the demo and for commands.
    """
    unit = lock_unit(unit.pk)
    fields.setdefault("profile_fields", list(profile().defaults))
    survey = Survey(unit=unit, year=year, code=_free_code(), created_by=by, **fields)
    survey.target = target_of(survey.population, survey.method)
    survey.save()
    Tally.objects.create(survey=survey, sums=tally.empty())
    _write_parts(survey, parts)
    _write_coverage(survey, coverage)
    kinds = [part.questionnaire.kind for part in parts]
    data = {"title": survey.title, "year": year, "kinds": kinds}
    audit.record(unit, [_fact("survey.created", survey, data)], by=by)
    return survey


def _free_code() -> str:
    while True:
        code = new_code()
        if not Survey.objects.filter(code=code).exists():
            return code


def _write_parts(survey: Survey, parts: Sequence[PlannedPart]) -> None:
    feeding = set(
        SurveyPart.objects.filter(unit=survey.unit, year=survey.year, feeds_worksheet=True)
        .exclude(survey=survey)
        .values_list("kind", flat=True)
    )
    survey.parts.all().delete()
    SurveyPart.objects.bulk_create(
        SurveyPart(
            survey=survey,
            questionnaire=part.questionnaire,
            position=position,
            conversion=part.conversion,
            unit=survey.unit,
            year=survey.year,
            kind=part.questionnaire.kind,
            feeds_worksheet=part.questionnaire.kind not in feeding,
        )
        for position, part in enumerate(parts, 1)
    )


def _write_coverage(survey: Survey, coverage: Sequence[Coverage]) -> None:
    survey.covered.all().delete()
    SurveyService.objects.bulk_create(
        SurveyService(survey=survey, service=item.service, population=item.population)
        for item in coverage
    )


def _write_served(survey: Survey, coverage: Sequence[Coverage]) -> None:
    served = {item.service.pk: item.population for item in coverage}
    rows = [row for row in survey.covered.all() if row.service_id in served]
    for row in rows:
        row.population = served[row.service_id]
    SurveyService.objects.bulk_update(rows, ["population"])


@transaction.atomic
def update_survey(
    *,
    survey: Survey,
    version: int,
    by: User,
    parts: Sequence[PlannedPart] | None = None,
    coverage: Sequence[Coverage] | None = None,
    **changes: Any,
) -> Survey:
    """Change a plan; once it is open, only what no respondent was told or asked.

    parts, coverage: None keeps what is there. Once the survey is open, parts are ignored and of the
    coverage only how many each service served: no respondent was told that.
    Raises SurveyChanged when ``version`` is not the current one, SurveyMoved once it is closed.
    """
    unit, locked = _lock(survey)
    if locked.version != version:
        raise SurveyChanged
    if not locked.is_collecting:
        raise SurveyMoved
    planned = locked.state == State.PLANNED
    allowed = PLAN_FIELDS if planned else OPEN_FIELDS
    changed = {}
    for name in allowed:
        if name in changes and changes[name] != getattr(locked, name):
            changed[name] = [str(getattr(locked, name)), str(changes[name])]
            setattr(locked, name, changes[name])
    locked.target = target_of(locked.population, locked.method)
    locked.version += 1
    locked.save()
    if planned and parts is not None:
        _write_parts(locked, parts)
    if planned and coverage is not None:
        _write_coverage(locked, coverage)
    elif coverage is not None:
        _write_served(locked, coverage)
    audit.record(unit, [_fact("survey.changed", locked, {"changes": changed})], by=by)
    return locked


@transaction.atomic
def open_survey(*, survey: Survey, by: User | None) -> Survey:
    """Let the public answer from the first day on; its questionnaires are frozen.

    Raises SurveyMoved, or SurveyIncomplete when it asks nothing or its last day has passed.
    """
    unit, locked = _lock(survey)
    if locked.state != State.PLANNED:
        raise SurveyMoved
    parts = parts_of(locked)
    if not parts or locked.closes_on < timezone.localdate():
        raise SurveyIncomplete
    freeze(part.questionnaire for part in parts)
    locked.state, locked.opened_at = State.OPEN, timezone.now()
    locked.save(update_fields=["state", "opened_at"])
    audit.record(unit, [_fact("survey.opened", locked)], by=by)
    return locked


@transaction.atomic
def close_survey(*, survey: Survey, by: User | None) -> Survey:
    """End the collection. by: None when the last day has passed.

    Raises SurveyMoved when it is not open.
    """
    unit, locked = _lock(survey)
    if locked.state != State.OPEN:
        raise SurveyMoved
    lock_tally(locked)
    locked.state, locked.closed_at = State.CLOSED, timezone.now()
    locked.save(update_fields=["state", "closed_at"])
    audit.record(unit, [_fact("survey.closed", locked, {"by_date": by is None})], by=by)
    return locked


@transaction.atomic
def lock_result(*, survey: Survey, by: User | None) -> list[Result]:
    """Lock the result of every part under one version, and announce it.

    Raises SurveyMoved when it is not closed, NothingToLock without a valid answer.
    """
    unit, locked = _lock(survey)
    if locked.state != State.CLOSED:
        raise SurveyMoved
    sums = lock_tally(locked).sums
    if not tally.count(sums, tally.VALID):
        raise NothingToLock
    made = results.build_results(locked, sums, version=_next_version(locked), by=by)
    for result in made:
        result.save(force_insert=True)
    locked.state = State.LOCKED
    locked.save(update_fields=["state"])
    facts = [
        _fact(
            "survey.locked",
            locked,
            {
                "kind": result.part.kind,
                "version": result.version,
                "index4": str(result.index4),
                "answered": result.answered,
                "digest": result.digest,
            },
        )
        for result in made
    ]
    audit.record(unit, facts, by=by)
    signals.result_locked.send(sender=Result, results=made, by=by)
    return made


def _next_version(survey: Survey) -> int:
    found = Result.objects.filter(part__survey=survey).aggregate(highest=Max("version"))
    return (found["highest"] or 0) + 1


@transaction.atomic
def reopen_result(*, survey: Survey, reason: str, by: User) -> Survey:
    """Open a locked result again; it stays as history, and the next one is a new version.

    Raises ReasonMissing without a reason, SurveyMoved when nothing is locked or the single
    answers are gone.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    unit, locked = _lock(survey)
    if not locked.has_result or locked.erased_at is not None:
        raise SurveyMoved
    version = _next_version(locked) - 1
    Reopening.objects.create(survey=locked, version=version, reason=reason, by=by)
    locked.state = State.CLOSED
    locked.save(update_fields=["state"])
    data = {"version": version, "reason": reason}
    audit.record(unit, [_fact("survey.reopened", locked, data)], by=by)
    return locked


@transaction.atomic
def publish_result(*, survey: Survey, by: User | None) -> Survey:
    """Show the locked result to the public. Raises SurveyMoved when none is locked."""
    unit, locked = _lock(survey)
    if locked.state != State.LOCKED:
        raise SurveyMoved
    locked.state = State.PUBLISHED
    locked.save(update_fields=["state"])
    audit.record(unit, [_fact("survey.published", locked)], by=by)
    return locked


@transaction.atomic
def choose_feeding(*, part: SurveyPart, by: User) -> SurveyPart:
    """Name the survey whose index feeds the unit's worksheet for its kind and year.

    A result that is locked already is announced again, so that the worksheet learns of it.
    """
    unit = lock_unit(part.unit_id)
    others = SurveyPart.objects.filter(
        unit=unit, year=part.year, kind=part.kind, feeds_worksheet=True
    ).exclude(pk=part.pk)
    others.update(feeds_worksheet=False)
    SurveyPart.objects.filter(pk=part.pk).update(feeds_worksheet=True)
    part.feeds_worksheet = True
    data = {"kind": part.kind, "year": part.year}
    audit.record(unit, [_fact("survey.feeds_worksheet", part.survey, data)], by=by)
    standing = list(Result.objects.in_force().filter(part=part))
    if standing:
        signals.result_locked.send(sender=Result, results=standing, by=by)
    return part


@transaction.atomic
def delete_plan(*, survey: Survey, by: User) -> None:
    """Remove a survey that was never opened. Raises SurveyMoved for any other."""
    unit, locked = _lock(survey)
    if locked.state != State.PLANNED or Response.objects.filter(survey=locked).exists():
        raise SurveyMoved
    audit.record(unit, [_fact("survey.deleted", locked, {"title": locked.title})], by=by)
    locked.delete()


def close_due() -> int:
    """Close every open survey whose last day has passed; returns how many."""
    due = Survey.objects.due_to_close(timezone.localdate())
    closed = 0
    for survey in due.order_by("pk"):
        try:
            close_survey(survey=survey, by=None)
        except SurveyMoved:  # somebody closed it meanwhile
            continue
        closed += 1
    return closed


def rebuild_sums(survey: Survey) -> dict[str, Any]:
    """Return the running sums added up from the stored answers."""
    return tally.rebuild(results.stored_answers(survey), [s.layout for s in sheets_of(survey)])


def _lock(survey: Survey) -> tuple[Unit, Survey]:
    unit = lock_unit(survey.unit_id)
    locked = Survey.objects.select_for_update().get(pk=survey.pk)
    locked.unit = unit
    return unit, locked


def _fact(action: str, survey: Survey, data: Mapping[str, Any] | None = None) -> audit.Fact:
    return audit.Fact(action, survey.subject, dict(data or {}))
