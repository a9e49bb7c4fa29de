"""Pages of evidence for people without an account: the national team."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.evidence import Evidence
from assessments.models.instruments import Indicator
from assessments.models.worksheets import Assessment


class SharePage(models.Model):
    """A page that shows the evidence of a worksheet, or of one of its rows, to whoever has its key.

    The key itself is told once and not kept; ``digest`` is its SHA-256. ``expires_on`` is the last
    day on which the page opens.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="share_pages")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("untuk siapa"), max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    expires_on = models.DateField(_("berlaku sampai"))
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("halaman berbagi")
        verbose_name_plural = _("halaman berbagi")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="share_revoked_at_with_by",
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessment}: {self.note}"

    @property
    def is_open(self) -> bool:
        """Tell whether the page opens today."""
        return self.revoked_at is None and timezone.localdate() <= self.expires_on


class ShareOpening(models.Model):
    """One opening of a share page, or of a document on it; history, never changed."""

    page = models.ForeignKey(SharePage, models.PROTECT, related_name="openings")
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-pk",)
        indexes = [models.Index(fields=["page", "at"], name="share_openings")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.at}"
