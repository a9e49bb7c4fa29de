"""What waits for those who manage surveys, for the home page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.models import State, Survey
from units.access import Permission, access_of
from units.models import User
from zona.worklist import Task, TaskList, Tone

WAITING = (State.PLANNED, State.OPEN, State.CLOSED)
SOON_DAYS = 7


def tasks_of(user: User) -> TaskList | None:
    """Return the surveys of a person's units that wait for a step; one query, none for others."""
    access = access_of(user)
    if not access.has(Permission.SURVEY_MANAGE):
        return None
    rows = Survey.objects.filter(state__in=WAITING).select_related("unit")
    condition = access.units_q(Permission.SURVEY_MANAGE, "unit__")
    if condition is not None:
        rows = rows.filter(condition)
    rows = rows.annotate(answered=F("tally__sums__status__valid")).order_by("closes_on", "pk")
    tasks = tuple(_tasks(rows, timezone.localdate()))
    return TaskList(tasks) if tasks else None


def _tasks(rows, today: date) -> Iterator[Task]:
    for survey in rows:
        where = f"{survey.title}, {survey.unit.label}"
        address = survey.get_absolute_url()
        if survey.state == State.CLOSED:
            yield Task(
                _("Periksa mutu dan kunci hasil survei"),
                address,
                where,
                icon="lock",
                tone=Tone.INFO,
                since=survey.closed_at,
            )
        elif survey.state == State.PLANNED and survey.opens_on <= today:
            yield Task(
                _("Buka survei yang sudah waktunya"),
                address,
                where,
                icon="play",
                tone=Tone.WARN,
                due=survey.opens_on,
            )
        elif survey.state == State.OPEN and (survey.closes_on - today).days <= SOON_DAYS:
            missing = survey.target - (survey.answered or 0)
            if missing > 0:
                yield Task(
                    ngettext(
                        "Kumpulkan %(n)d jawaban lagi", "Kumpulkan %(n)d jawaban lagi", missing
                    )
                    % {"n": missing},
                    address,
                    where,
                    icon="message-square-heart",
                    tone=Tone.WARN,
                    due=survey.closes_on,
                )
