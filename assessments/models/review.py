"""What the ranks do on many rows at once, and can take back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.worksheets import Assessment, Rank


class BulkAcceptance(models.Model):
    """Rows that a rank accepted at once, and what they were before, so that it can be undone.

    ``rows``: one object per row with ``code``, ``version`` (after the act), ``before`` (choice,
    inputs, reason), ``uses`` (key of each use of evidence judged by it → verdict and reason
    before) and ``pieces`` (the keys of all evidence beside the row).
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="bulk_acceptances")
    rank = models.CharField(max_length=12, choices=Rank)
    rows = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("penerimaan banyak butir")
        verbose_name_plural = _("penerimaan banyak butir")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="bulk_undone_at_with_by",
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.at:%Y-%m-%d %H:%M}: {len(self.rows)}"
