"""What a visit brought: the unit's figures when it ended and 30, 60 and 90 days after it."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from assessments.models import (
    Answer,
    Assessment,
    DocumentCheck,
    ImplementationCheck,
    Predicate,
    Score,
    Track,
)
from assistance.models import Recommendation, Visit, VisitEffect, VisitState

STEPS = (30, 60, 90)
LATEST_DAYS = 45
"""A step that nobody measured for so long after its day is left out: it would tell of another."""


def measure(visit: Visit, days: int) -> VisitEffect:
    """Measure the unit now, in the newest version of the visit's worksheet; five statements.

    Raises IntegrityError when this step was measured already.
    """
    sheet = (
        Assessment.objects.filter(unit=visit.unit_id, period=visit.assessment.period_id)
        .newest_versions()
        .first()
    )
    scores = {
        score.track: score
        for score in Score.objects.filter(assessment=sheet, track__in=(Track.UNIT, Track.TPI))
        .defer("figures", "unmet_rules")
        .exclude(answered_count=0)
    }
    lead = scores.get(Track.TPI) or scores.get(Track.UNIT)
    checks = Answer.objects.filter(assessment=sheet, track=Track.TPI).aggregate(
        documents=Count("pk", filter=Q(document_check=DocumentCheck.ADEQUATE)),
        practice=Count("pk", filter=Q(implementation_check=ImplementationCheck.DONE)),
    )
    advice = Recommendation.objects.filter(unit=visit.unit_id).counts(timezone.localdate())
    return VisitEffect.objects.create(
        visit=visit,
        days=days,
        on=timezone.localdate(),
        unit_total=scores[Track.UNIT].safe_total if Track.UNIT in scores else None,
        tpi_total=scores[Track.TPI].safe_total if Track.TPI in scores else None,
        unmet=_unmet(lead, sheet.target),
        documents_adequate=checks["documents"],
        practice_done=checks["practice"],
        advice_open=advice["living"],
        advice_done=advice["done"],
    )


def _unmet(score: Score | None, target: str) -> int:
    if score is None:
        return 0
    return score.unmet_wbbm_count if target == Predicate.WBBM else score.unmet_wbk_count


def measure_due() -> int:
    """Measure every held visit whose step has come; returns how many were measured.

    Each is a transaction of its own, and a step is kept once, so that a run that was killed is
    finished by the next.
    """
    today = timezone.localdate()
    visits = (
        Visit.objects.filter(state=VisitState.HELD, effects__days=0)
        .filter(effects__on__gte=today - timedelta(days=STEPS[-1] + LATEST_DAYS))
        .select_related("assessment")
        .prefetch_related("effects")
        .order_by("pk")
    )
    measured = 0
    for visit in visits:
        done = {effect.days: effect.on for effect in visit.effects.all()}
        age = (today - done[0]).days
        for days in STEPS:
            if days in done or not days <= age < days + LATEST_DAYS:
                continue
            try:
                with transaction.atomic():
                    measure(visit, days)
            except IntegrityError:
                continue  # another worker was faster
            measured += 1
    return measured
