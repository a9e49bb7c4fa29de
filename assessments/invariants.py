"""What must always be true of worksheets, beyond what constraints can say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from django.db.models import Count, F, Q

from assessments.models import Assessment, Score, Seal, Track
from assessments.services.scores import fresh_scores
from assessments.services.seals import is_intact
from zona.invariants import invariant

_COMPARED = (
    "safe_total",
    "filled_total",
    *(f"area_{n}_ratio" for n in range(1, 7)),
    "meets_wbk",
    "meets_wbbm",
    "unmet_wbk_count",
    "unmet_wbbm_count",
    "area_steps",
    "unmet_rules",
    "answered_count",
    "indicator_count",
    "contradiction_count",
    "figures",
    "instrument_checksum",
)


def score_differences() -> Iterator[tuple[Score, Score]]:
    """Yield every stored score that differs from a fresh computation, and that computation."""
    for pk, scores in groupby(
        fresh_scores(Assessment.objects.all()), key=attrgetter("assessment_id")
    ):
        stored = {score.track: score for score in Score.objects.filter(assessment=pk)}
        for fresh in scores:
            score = stored[fresh.track]
            if any(getattr(score, name) != getattr(fresh, name) for name in _COMPARED):
                yield score, fresh


@invariant("assessments.scores")
def stored_scores_are_true() -> Iterator[str]:
    """A stored score is what scoring says of the answers."""
    for score, fresh in score_differences():
        yield (
            f"score {score.pk} ({score.track} of assessment {score.assessment_id}):"
            f" stored {score.safe_total}, computed {fresh.safe_total}"
        )


@invariant("assessments.rows")
def worksheets_are_whole() -> Iterator[str]:
    """Every worksheet has one answer per indicator and track, and a score per track."""
    whole = Assessment.objects.annotate(
        rows=Count("answers", distinct=True),
        expected=Count("instrument__indicators", distinct=True) * len(Track),
    ).filter(~Q(rows=F("expected")))
    for assessment in whole:
        yield f"assessment {assessment.pk}: {assessment.rows} rows, not {assessment.expected}"


@invariant("assessments.seals")
def seals_are_intact() -> Iterator[str]:
    """A seal's text still has the digest under which it was taken."""
    for seal in Seal.objects.iterator(chunk_size=50):
        if not is_intact(seal):
            yield f"seal {seal.pk} of assessment {seal.assessment_id} was changed"
