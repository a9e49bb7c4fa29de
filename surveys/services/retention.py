"""The end of single answers: after their term they are deleted, locked results stay."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from surveys.models import (
    Exclusion,
    ImportBatch,
    Response,
    ResponseComment,
    ResponseValue,
    SpentForm,
    State,
    Survey,
    Token,
)
from units.services.tree import lock_unit
from zona import audit
from zona.models import Job

SPENT_FORM_DAYS = 2
PREVIEW_DAYS = 1
ENDED = (State.CLOSED, State.LOCKED, State.PUBLISHED)
SHEET_KIND = "surveys.token_sheet"
POSTER_KIND = "surveys.qr_poster"
FILE_KINDS = (SHEET_KIND, POSTER_KIND)
"""The papers that are files of their job; the others are documents."""

logger = logging.getLogger(__name__)


def months_later(day: date, months: int) -> date:
    """Return the day so many months later; the last of the month where it has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise ValueError(f"no day {day.day} in {year}-{month}")


def is_due(survey: Survey, today: date) -> bool:
    """Tell whether the term of a survey's single answers has ended."""
    return (
        survey.erased_at is None
        and survey.state in ENDED
        and months_later(survey.closes_on, survey.retention_months) <= today
    )


def erase_due(today: date | None = None) -> dict[str, int]:
    """Delete what has outlived its purpose; returns how many surveys, forms and previews."""
    today = today or timezone.localdate()
    counts = {"surveys": 0, "forms": 0, "previews": 0}
    candidates = Survey.objects.filter(erased_at=None, state__in=ENDED, closes_on__lt=today)
    for survey in candidates.order_by("pk"):
        if is_due(survey, today):
            erase_answers(survey=survey)
            counts["surveys"] += 1
    spent = SpentForm.objects.filter(on__lt=today - timedelta(days=SPENT_FORM_DAYS))
    counts["forms"] = spent.delete()[0]
    stale = ImportBatch.objects.filter(
        state=ImportBatch.State.PREVIEW,
        created_at__lt=timezone.now() - timedelta(days=PREVIEW_DAYS),
    )
    counts["previews"] = stale.update(state=ImportBatch.State.DISCARDED, rows=[], faults=[])
    forget_papers()
    return counts


@transaction.atomic
def erase_answers(*, survey: Survey) -> int:
    """Delete the single answers, unshown comments and tokens of a survey; returns how many answers.

    Locked results, shown comments and the audit stay: they name nobody.
    """
    unit = lock_unit(survey.unit_id)
    locked = Survey.objects.select_for_update().get(pk=survey.pk)
    if locked.erased_at is not None:
        return 0
    locked.erased_at = timezone.now()
    locked.save(update_fields=["erased_at"])
    mine = {"response__survey": locked}
    Exclusion.objects.filter(**mine)._raw_delete(connection.alias)
    ResponseValue.objects.filter(response__in=Response.objects.filter(survey=locked))._raw_delete(
        connection.alias
    )
    erased = Response.objects.filter(survey=locked)._raw_delete(connection.alias)
    hidden = ResponseComment.objects.filter(survey=locked)
    hidden.exclude(state=ResponseComment.State.SHOWN).delete()
    Token.objects.filter(survey=locked).delete()
    data = {"count": erased}
    audit.record(unit, [audit.Fact("survey.answers_erased", locked.subject, data)], by=None)
    logger.info("erased %d answers of survey %s", erased, locked.pk)
    return erased


def forget_papers() -> None:
    """Delete the token sheets of surveys that are over, and what failed jobs have left."""
    ended = [
        f"survey:{pk}" for pk in Survey.objects.filter(state__in=ENDED).values_list("pk", flat=True)
    ]
    over = Q(kind=SHEET_KIND, subject__in=ended, state=Job.State.DONE)
    left = Q(kind__in=FILE_KINDS, state=Job.State.FAILED)
    for job in Job.objects.filter(over | left).exclude(result={}):
        forget_file(job)
        Job.objects.filter(pk=job.pk).update(result={})


def forget_file(job: Job) -> None:
    """Delete the file that a job names; a file that is gone already is no fault."""
    name = job.result.get("file")
    if name:
        default_storage.delete(name)
