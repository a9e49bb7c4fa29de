"""What the page of a survey's papers shows."""

from __future__ import annotations

from dataclasses import dataclass

from surveys import permissions
from surveys.models import Survey
from surveys.services import prints
from surveys.services.prints import PrintKind
from surveys.services.retention import SHEET_KIND
from units.models import User
from zona.models import Job

JOBS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class PrintState:
    """A kind of paper: work under way, the last failure, finished files with what they are."""

    kind: PrintKind
    job: Job | None
    failed: Job | None
    done: tuple[Job, ...]
    can_make: bool


@dataclass(frozen=True, slots=True)
class PrintsPage:
    """All papers of a survey; ``is_waiting`` while one is being made."""

    kinds: tuple[PrintState, ...]

    @property
    def is_waiting(self) -> bool:
        """Tell whether the page should ask again."""
        return any(state.job for state in self.kinds)


def prints_page(survey: Survey, user: User) -> PrintsPage:
    """Return the papers of a survey that the person may fetch; one query."""
    manages = permissions.can_manage(user, survey.unit)
    jobs = Job.objects.filter(subject=survey.subject, kind__in=prints.KINDS).order_by("-pk")
    found = list(jobs.select_related("requested_by")[:JOBS_SHOWN])
    states = []
    for code, kind in prints.KINDS.items():
        if code == SHEET_KIND and not (manages and survey.needs_token):
            continue
        own = [job for job in found if job.kind == code]
        latest = own[0] if own else None
        states.append(
            PrintState(
                kind=kind,
                job=latest if latest and latest.state in prints.WAITING else None,
                failed=latest if latest and latest.state == Job.State.FAILED else None,
                done=tuple(job for job in own if job.state == Job.State.DONE and job.result)[:5],
                can_make=(survey.has_result if kind.needs_result else manages),
            )
        )
    return PrintsPage(tuple(states))
