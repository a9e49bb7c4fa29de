"""What a unit says about the effort of a row: the wishes that its shortest way keeps."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.instruments import Indicator
from assessments.models.worksheets import Assessment


class RowEffort(models.Model):
    """What the unit plans for one row of a worksheet; a row without one is free at effort 1.

    effort: cost of one step, 1 (light) to 5 (heavy). is_pinned: cannot be raised this year, for
    ``reason``. earliest_on: the first day on which it can be true; after the evidence window the
    row is ruled out. index_target: the survey index aimed at, 0 to 4; None takes what the
    predicate asks for.
    """

    MIN_EFFORT, MAX_EFFORT = 1, 5

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="row_efforts")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="row_efforts")
    effort = models.PositiveSmallIntegerField(_("upaya per langkah"), default=MIN_EFFORT)
    is_pinned = models.BooleanField(_("tahun ini tidak bisa"), default=False)
    reason = models.CharField(_("alasan"), max_length=300, blank=True)
    earliest_on = models.DateField(_("tidak mungkin sebelum"), null=True, blank=True)
    index_target = models.DecimalField(
        _("target indeks survei"), max_digits=3, decimal_places=2, null=True, blank=True
    )
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("upaya butir")
        verbose_name_plural = _("upaya butir")
        ordering = ("indicator__position",)
        constraints = [
            models.UniqueConstraint(fields=["assessment", "indicator"], name="row_effort_once"),
            models.CheckConstraint(
                name="row_effort_effort", condition=Q(effort__gte=1) & Q(effort__lte=5)
            ),
            models.CheckConstraint(
                name="row_effort_pin_has_reason", condition=Q(is_pinned=False) | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="row_effort_index",
                condition=Q(index_target=None) | (Q(index_target__gte=0) & Q(index_target__lte=4)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}: {self.indicator_id}"
