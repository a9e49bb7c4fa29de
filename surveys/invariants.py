"""What must always be true of surveys, beyond what constraints can say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from surveys.models import Result, State, Survey, Tally
from surveys.results import is_intact
from surveys.services.lifecycle import rebuild_sums
from zona.invariants import invariant


def sum_differences() -> Iterator[tuple[Tally, dict[str, Any]]]:
    """Yield every survey whose kept sums differ from its stored answers, with the true sums."""
    tallies = Tally.objects.filter(survey__erased_at=None).select_related("survey")
    for kept in tallies.order_by("pk").iterator(chunk_size=100):
        fresh = rebuild_sums(kept.survey)
        if without_zeros(kept.sums) != fresh:
            yield kept, fresh


def without_zeros(sums: dict[str, Any]) -> dict[str, Any]:
    """Return sums without the rows of zeros that a taken out answer leaves behind."""
    return {**sums, "sums": {key: row for key, row in sums["sums"].items() if any(row)}}


@invariant("surveys.sums")
def kept_sums_are_true() -> Iterator[str]:
    """The running sums of a survey are those of its stored answers."""
    for kept, fresh in sum_differences():
        yield f"survey {kept.survey_id}: kept {kept.sums['status']}, stored {fresh['status']}"


@invariant("surveys.results")
def results_are_intact() -> Iterator[str]:
    """A locked result still has the digest under which its statement was taken."""
    for result in Result.objects.order_by("pk").iterator(chunk_size=100):
        if not is_intact(result):
            yield f"result {result.pk} of part {result.part_id} was changed"


@invariant("surveys.states")
def locked_surveys_have_results() -> Iterator[str]:
    """Every part of a locked survey has a result."""
    locked = [State.LOCKED, State.PUBLISHED]
    for survey in Survey.objects.filter(state__in=locked, parts__results=None).distinct():
        yield f"survey {survey.pk} is {survey.state} without a result"
