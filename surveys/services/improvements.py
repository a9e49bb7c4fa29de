"""What a unit does about a result: planned, done, in its audit chain."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from surveys.models import Improvement, Survey
from units.models import User
from units.services.tree import lock_unit
from zona import audit


@transaction.atomic
def add_improvement(
    *, survey: Survey, subject: str, action: str, owner: str, due_on: date, by: User
) -> Improvement:
    """Plan an improvement that follows from a survey."""
    unit = lock_unit(survey.unit_id)
    made = Improvement.objects.create(
        survey=survey, subject=subject, action=action, owner=owner, due_on=due_on
    )
    data = {"subject": subject, "due_on": due_on.isoformat()}
    audit.record(unit, [audit.Fact("survey.improvement", survey.subject, data)], by=by)
    return made


@transaction.atomic
def finish_improvement(*, improvement: Improvement, by: User) -> Improvement:
    """Say that an improvement is done today; saying it again changes nothing."""
    unit = lock_unit(improvement.survey.unit_id)
    locked = Improvement.objects.select_for_update().get(pk=improvement.pk)
    if locked.done_on is None:
        locked.done_on = timezone.localdate()
        locked.save(update_fields=["done_on"])
        data = {"subject": locked.subject}
        fact = audit.Fact("survey.improvement_done", improvement.survey.subject, data)
        audit.record(unit, [fact], by=by)
    return locked
