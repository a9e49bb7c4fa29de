"""What must always be true of the data, told as questions that a command can ask.

The database's constraints hold most of it. Here stands what they cannot hold: apps declare theirs
in a module ``invariants.py``, and ``manage.py check_invariants`` asks them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db import IntegrityError, connection

from zona import triggers
from zona.models import Job

Check = Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """A name and the function that yields one sentence for each place where it does not hold."""

    name: str
    check: Check


_declared: dict[str, Invariant] = {}


def invariant(name: str) -> Callable[[Check], Check]:
    """Make a function one of the house's invariants; ``name`` is what the command prints."""

    def decorate(check: Check) -> Check:
        _declared[name] = Invariant(name, check)
        return check

    return decorate


def declared() -> list[Invariant]:
    """Return all invariants, by name."""
    return [_declared[name] for name in sorted(_declared)]


@invariant("zona.triggers")
def triggers_stand() -> Iterator[str]:
    """Immutable rows are protected by their triggers."""
    for name in triggers.missing():
        yield f"trigger {name} is missing or different"


@invariant("zona.references")
def references_lead_somewhere() -> Iterator[str]:
    """No row refers to a row that is gone."""
    try:
        connection.check_constraints()
    except IntegrityError as error:
        yield str(error)


@invariant("zona.jobs")
def finished_jobs_say_when() -> Iterator[str]:
    """A job has a moment of its end exactly when it has ended."""
    ended = [Job.State.DONE, Job.State.FAILED]
    for job in Job.objects.filter(state__in=ended, finished_at=None):
        yield f"job {job.pk} is {job.state} without a moment"
    for job in Job.objects.exclude(state__in=ended).exclude(finished_at=None):
        yield f"job {job.pk} is {job.state} and has ended at {job.finished_at}"
