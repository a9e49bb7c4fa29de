"""What is kept of a closed period: one file with its checksum."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.worksheets import Period


class PeriodArchive(models.Model):
    """The zip of a period as it stood at one closing; a later closing makes another.

    ``closed_at`` is the moment of the closing that it belongs to.
    """

    period = models.ForeignKey(Period, models.PROTECT, related_name="archives")
    closed_at = models.DateTimeField()
    file = models.FileField(upload_to="archives/%Y", max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    entry_count = models.PositiveIntegerField()
    sheet_count = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("arsip periode")
        verbose_name_plural = _("arsip periode")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["period", "closed_at"], name="archive_once_per_closing")
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.closed_at:%Y-%m-%d}"
