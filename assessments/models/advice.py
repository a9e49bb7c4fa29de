"""What helps an assessor decide and write: Itjen's guidance per indicator, and phrases."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.instruments import Indicator
from assessments.querysets import PhraseQuerySet


class Guidance(models.Model):
    """One version of Itjen's own guidance on an indicator (*petunjuk penilaian*).

    The newest one holds; an earlier one never changes, so that a row can name the version that
    held when it was judged. A blank text withdraws the guidance.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="guidance")
    version = models.PositiveIntegerField()
    text = models.TextField(_("petunjuk"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("petunjuk penilaian")
        verbose_name_plural = _("petunjuk penilaian")
        ordering = ("-version",)
        constraints = [
            models.UniqueConstraint(fields=["indicator", "version"], name="guidance_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} v{self.version}"


class Phrase(models.Model):
    """A sentence that somebody uses again in conditions; shared ones serve all of Itjen.

    ``{unit}``, ``{tahun}``, ``{butir}`` and ``{nilai_unit}`` are filled in where it is used; what
    stands in square brackets is typed there. ``code`` offers it first on that indicator.
    """

    title = models.CharField(_("nama"), max_length=60)
    text = models.TextField(_("kalimat"), max_length=1000)
    code = models.CharField(_("butir"), max_length=30, blank=True)
    is_shared = models.BooleanField(_("dibagikan ke Itjen"), default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="phrases")
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = PhraseQuerySet.as_manager()

    class Meta:
        verbose_name = _("frasa")
        verbose_name_plural = _("frasa")
        ordering = ("title", "pk")
        constraints = [models.UniqueConstraint(fields=["owner", "title"], name="phrase_title_once")]

    def __str__(self) -> str:
        return self.title
