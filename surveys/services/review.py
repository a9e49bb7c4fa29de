"""Quality of the answers: what counts, why not, by whom; and which comments are shown."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from surveys.models import (
    Exclusion,
    Response,
    ResponseComment,
    ResponseValue,
    State,
    Status,
    Survey,
)
from surveys.services.submission import add_to_tally, answered, lock_tally
from surveys.sheet import sheets_of
from units.models import User
from units.services.tree import lock_unit
from zona import audit

AFTER = {
    Exclusion.Reason.DUPLICATE: Status.DUPLICATE,
    Exclusion.Reason.RESTORED: Status.VALID,
}
"""What an answer counts for after a decision; EXCLUDED for every other reason."""

REVIEWABLE = frozenset({State.OPEN, State.CLOSED})


class ReviewClosed(Exception):
    """The result is locked; what counts changes only after it was reopened."""


class ReasonMissing(Exception):
    """A decision names its reason; hiding a comment needs one in words."""


@transaction.atomic
def judge_responses(
    *, survey: Survey, responses: Sequence[int], reason: str, note: str, by: User
) -> int:
    """Decide what answers count for, with a reason; nothing is ever deleted.

    responses: keys; those of other surveys and incomplete ones are passed over.
    Returns how many changed. Raises ReasonMissing for an unknown reason, ReviewClosed when the
    result is locked.
    """
    if reason not in Exclusion.Reason.values:
        raise ReasonMissing
    unit = lock_unit(survey.unit_id)
    kept = lock_tally(survey)
    state = Survey.objects.values_list("state", flat=True).get(pk=survey.pk)
    if state not in REVIEWABLE:
        raise ReviewClosed
    after = AFTER.get(Exclusion.Reason(reason), Status.EXCLUDED)
    rows = list(
        Response.objects.filter(survey=survey, pk__in=responses)
        .exclude(status__in=[after, Status.INCOMPLETE])
        .order_by("pk")
    )
    if not rows:
        return 0
    values: dict[int, dict[int, int]] = {row.pk: {} for row in rows}
    stored = ResponseValue.objects.filter(response__in=values)
    for key, question, value in stored.values_list("response_id", "question_id", "value"):
        values[key][question] = value
    sheets = sheets_of(survey)
    add_to_tally(kept, [answered(row, values[row.pk]) for row in rows], sheets, times=-1)
    Exclusion.objects.bulk_create(
        Exclusion(
            response=row, before=row.status, after=after, reason=reason, note=note.strip(), by=by
        )
        for row in rows
    )
    for row in rows:
        row.status = after
    Response.objects.bulk_update(rows, ["status"])
    add_to_tally(kept, [answered(row, values[row.pk]) for row in rows], sheets)
    data = {"count": len(rows), "reason": reason, "after": str(after)}
    audit.record(unit, [audit.Fact("survey.answers_judged", survey.subject, data)], by=by)
    return len(rows)


@transaction.atomic
def moderate_comment(
    *, comment: ResponseComment, show: bool, reason: str, by: User
) -> ResponseComment:
    """Show a comment, or hide it with a reason (a name, an insult, nothing said)."""
    if not show and not reason.strip():
        raise ReasonMissing
    locked = ResponseComment.objects.select_for_update().get(pk=comment.pk)
    states = ResponseComment.State
    locked.state = states.SHOWN if show else states.HIDDEN
    locked.reason = "" if show else reason.strip()
    locked.moderated_at, locked.moderated_by = timezone.now(), by
    locked.save(update_fields=["state", "reason", "moderated_at", "moderated_by"])
    return locked
