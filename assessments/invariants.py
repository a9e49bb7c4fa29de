"""What must always be true of worksheets, beyond what constraints can say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from django.db.models import Count, F, Q

from assessments.models import Assessment, Evidence, Score, Seal, Track
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


@invariant("assessments.files")
def evidence_has_its_files() -> Iterator[str]:
    """Every file of the evidence lies where its row says, as long as it was."""
    files = (
        Evidence.objects.filter(kind=Evidence.Kind.FILE).only("file", "size_bytes").order_by("pk")
    )
    for piece in files.iterator(chunk_size=500):
        path = Path(piece.file.path)
        if not path.is_file():
            yield f"evidence {piece.pk}: no file {piece.file.name}"
        elif path.stat().st_size != piece.size_bytes:
            yield f"evidence {piece.pk}: {path.stat().st_size} bytes, not {piece.size_bytes}"
