"""What waits for a person: the one form in which every app hands its tasks to the home page.

An app registers a provider for ``SLOT`` in ``zona.panels``; it returns a ``TaskList``. Cards beside
the list (``SIDE_SLOT``) or above it (``TOP_SLOT``) bring their own frozen dataclass and template.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils import timezone

SLOT = "home.tasks"
SIDE_SLOT = "home.side"
TOP_SLOT = "home.top"


class Tone(StrEnum):
    """How a task's sign is coloured; the words say the same."""

    PLAIN = ""
    INFO = "is-info"
    WARN = "is-warn"
    BAD = "is-bad"
    OK = "is-ok"


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, with the way to its row.

    title: what to do, a sentence with a verb. place: where and why. icon: a lucide name.
    since: when it began to wait. due: the last day, or the moment, by which it is expected.
    zone: the unit's, where its own time is to be shown beside WIB. urgent: it blocks others or
    may be lost, whatever its due date. by_others: the person waits for somebody else, who is
    named in ``place``.
    """

    title: str
    url: str
    place: str
    icon: str = "circle-dot"
    tone: Tone = Tone.PLAIN
    since: datetime | None = None
    due: date | datetime | None = None
    urgent: bool = False
    by_others: bool = False
    zone: str = ""

    @property
    def due_day(self) -> date | None:
        """Return the last day in WIB on which the task is in time; 24.00 is that day's end."""
        if isinstance(self.due, datetime):
            return timezone.localtime(self.due - timedelta(microseconds=1)).date()
        return self.due

    def days_late(self, today: date) -> int:
        """Return by how many days the due day has passed; 0 while it is in time."""
        return max(0, (today - self.due_day).days) if self.due_day else 0

    def days_waiting(self, today: date) -> int | None:
        """Return for how many days the task waits; None when nobody knows."""
        return None if self.since is None else (today - timezone.localtime(self.since).date()).days


@dataclasses.dataclass(frozen=True, slots=True)
class TaskList:
    """What one app found for the person."""

    tasks: tuple[Task, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A task with how it is dated on this day."""

    task: Task
    days_late: int
    days_waiting: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Worklist:
    """All tasks in the three groups of the home page, the longest waiting first."""

    urgent: tuple[Line, ...]
    waiting: tuple[Line, ...]
    others: tuple[Line, ...]

    @property
    def count(self) -> int:
        """How many things wait for the person himself."""
        return len(self.urgent) + len(self.waiting)

    @property
    def first(self) -> Line | None:
        """What to begin with: the most urgent, else what waits longest; None when nothing does."""
        return next(iter(self.urgent or self.waiting), None)


def build(lists: Iterable[TaskList], *, today: date) -> Worklist:
    """Sort the tasks of all apps into urgent, waiting and waiting for others."""
    lines = [
        Line(task, task.days_late(today), task.days_waiting(today))
        for found in lists
        for task in found.tasks
    ]
    lines.sort(key=lambda line: (-line.days_late, -(line.days_waiting or 0), line.task.title))
    mine = [line for line in lines if not line.task.by_others]
    urgent = tuple(line for line in mine if line.task.urgent or line.days_late)
    return Worklist(
        urgent=urgent,
        waiting=tuple(line for line in mine if line not in urgent),
        others=tuple(line for line in lines if line.task.by_others),
    )
