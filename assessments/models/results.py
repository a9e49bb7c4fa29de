"""Results: the stored score of each track, seals of what was handed over, save receipts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from assessments.models.worksheets import Assessment, Track
from assessments.querysets import ScoreQuerySet


def figure(**options) -> models.DecimalField:
    """Return a field for a stored figure: six decimals, half up, because SQLite keeps floats."""
    return models.DecimalField(max_digits=9, decimal_places=6, **options)


class Score(models.Model):
    """The figures of one track of a worksheet, kept beside it in the same transaction.

    Points are of 100. ``area_n_ratio`` is 0..1 of an area's combined weight on the safe reading.
    The verdicts were decided on exact fractions; no query compares a figure with a threshold:
    ``area_steps`` has one sign per area, the number of predicates whose gate it meets ("-" where
    the edition asks for none), and ``unmet_rules`` names per predicate what is missing to each
    unmet gate, rounded up.
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="scores")
    track = models.CharField(max_length=4, choices=Track)
    safe_total = figure(default=0)
    filled_total = figure(default=0)
    area_1_ratio = figure(null=True)
    area_2_ratio = figure(null=True)
    area_3_ratio = figure(null=True)
    area_4_ratio = figure(null=True)
    area_5_ratio = figure(null=True)
    area_6_ratio = figure(null=True)
    meets_wbk = models.BooleanField(default=False)
    meets_wbbm = models.BooleanField(default=False)
    unmet_wbk_count = models.PositiveSmallIntegerField(default=0)
    unmet_wbbm_count = models.PositiveSmallIntegerField(default=0)
    answered_count = models.PositiveSmallIntegerField(default=0)
    indicator_count = models.PositiveSmallIntegerField(default=0)
    area_steps = models.CharField(max_length=6, default="")
    unmet_rules = models.JSONField(default=dict)
    contradiction_count = models.PositiveSmallIntegerField(default=0)
    figures = models.JSONField(default=dict)
    engine_version = models.CharField(max_length=20)
    instrument_checksum = models.CharField(max_length=64)
    computed_at = models.DateTimeField(default=timezone.now)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "track"], name="score_once_per_track")
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.track} {self.safe_total}"

    @property
    def area_ratios(self) -> tuple:
        """Return the six area figures in order; None where the edition has no such area."""
        return tuple(getattr(self, f"area_{n}_ratio") for n in range(1, 7))

    @property
    def is_complete(self) -> bool:
        """Tell whether every indicator has an answer on this track."""
        return self.answered_count == self.indicator_count


class Seal(models.Model):
    """An immutable snapshot of a track at a hand-over: canonical text, its SHA-256, the signer.

    ``signed_by`` is None where a deadline handed over, not a person.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="seals")
    track = models.CharField(max_length=4, choices=Track)
    occasion = models.CharField(max_length=40)
    payload = models.TextField()
    sha256 = models.CharField(max_length=64)
    instrument_checksum = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=20)
    safe_total = figure()
    reason = models.TextField(blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    signed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.track} {self.occasion}"


class SaveReceipt(models.Model):
    """The reply to one save request, so that a request sent twice is answered once."""

    key = models.UUIDField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+")
    status = models.PositiveSmallIntegerField()
    reply = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return str(self.key)
