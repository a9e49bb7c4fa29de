"""What the secretariat does for many units at once: reminders and announcements."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.worksheets import Assessment
from units.models import Unit


class Nudge(models.Model):
    """One reminder to one person about one worksheet; at most one a day for the same step.

    ``topic`` is the state in which the worksheet waits for him. ``mailed_on`` is the day of the
    digest that carries it; None while it waits for the next one.
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="nudges")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="nudges")
    topic = models.CharField(max_length=20)
    on = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    mailed_on = models.DateField(null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "user", "topic", "on"], name="nudge_once_a_day"
            )
        ]
        indexes = [models.Index(fields=["mailed_on", "user"], name="nudge_unmailed")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.assessment_id} {self.on}"


class Announcement(models.Model):
    """A text for the people of chosen units, on their home page from a day to a day."""

    title = models.CharField(_("judul"), max_length=120)
    text = models.TextField(_("isi"), max_length=2000)
    starts_on = models.DateField(_("tampil dari"), default=timezone.localdate)
    ends_on = models.DateField(_("sampai"))
    units = models.ManyToManyField(Unit, related_name="announcements")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("pengumuman")
        verbose_name_plural = _("pengumuman")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="announcement_days_order", condition=Q(ends_on__gte=F("starts_on"))
            )
        ]

    def __str__(self) -> str:
        return self.title


class AnnouncementRead(models.Model):
    """A person's word that he has read an announcement; it leaves his home page then."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="reads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["announcement", "user"], name="announcement_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} {self.user_id}"
