"""Objections (*sanggah*): a unit's written word against a row of a final worksheet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.instruments import Indicator
from assessments.models.worksheets import Assessment
from assessments.querysets import ObjectionQuerySet


class Objection(models.Model):
    """One objection to one row, and its one answer; both stay as they were written.

    An accepted one changes nothing by itself: the next version of the worksheet does.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("Sanggah diterima")
        REJECTED = "rejected", _("Sanggah ditolak")

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="objections")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    text = models.TextField(_("alasan sanggah"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    answer = models.TextField(_("jawaban"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sanggah")
        verbose_name_plural = _("sanggah")
        ordering = ("indicator__position",)
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "indicator"], name="objection_once_per_row"
            ),
            models.CheckConstraint(
                name="objection_answer_whole",
                condition=Q(answered_at=None, answered_by=None, verdict="", answer="")
                | (
                    Q(answered_at__isnull=False, answered_by__isnull=False)
                    & ~Q(verdict="")
                    & ~Q(answer="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.indicator_id}"

    @property
    def state_label(self) -> str:
        """Return where the objection stands, in words."""
        return self.get_verdict_display() if self.verdict else str(_("Menunggu jawaban"))
