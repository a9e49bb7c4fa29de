"""The plenary (*rapat pleno*): a meeting on a period's results, and what it decided per unit."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.worksheets import Assessment, Period

TEXT_MAX = 4_000


class Plenary(models.Model):
    """One meeting: when, where, who led it, who was there (``attendance``: name and position).

    Once its minutes are issued (``closed_at``) nothing of it changes; a correction is the next
    meeting.
    """

    period = models.ForeignKey(Period, models.PROTECT, related_name="plenaries")
    held_on = models.DateField(_("tanggal rapat"))
    place = models.CharField(_("tempat"), max_length=150)
    chair_name = models.CharField(_("pimpinan rapat"), max_length=150)
    chair_position = models.CharField(_("jabatan pimpinan rapat"), max_length=150)
    attendance = models.JSONField(default=list)
    notes = models.TextField(_("jalannya rapat"), max_length=TEXT_MAX, blank=True)
    closed_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("rapat pleno")
        verbose_name_plural = _("rapat pleno")
        ordering = ("-held_on", "-pk")

    def __str__(self) -> str:
        return str(_("Rapat pleno {day}")).format(day=self.held_on.strftime("%d-%m-%Y"))

    def get_absolute_url(self) -> str:
        """Return the address of the meeting's page."""
        return reverse("assessments:plenary_detail", args=[self.pk])


class PlenaryDecision(models.Model):
    """What a meeting decided on one worksheet, with the figures that lay on the table.

    ``dissent`` keeps who saw it otherwise, and why.
    """

    class Verdict(models.TextChoices):
        WBK = "WBK", _("Diusulkan WBK")
        WBBM = "WBBM", _("Diusulkan WBBM")
        NOT_PROPOSED = "not", _("Tidak diusulkan")
        DEFERRED = "deferred", _("Ditunda")

    plenary = models.ForeignKey(Plenary, models.PROTECT, related_name="decisions")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="decisions")
    verdict = models.CharField(_("putusan"), max_length=8, choices=Verdict)
    reason = models.TextField(_("alasan"), max_length=TEXT_MAX)
    dissent = models.TextField(_("pendapat berbeda"), max_length=TEXT_MAX, blank=True)
    figures = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1, editable=False)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("putusan pleno")
        verbose_name_plural = _("putusan pleno")
        constraints = [
            models.UniqueConstraint(fields=["plenary", "assessment"], name="plenary_decides_once"),
            models.CheckConstraint(name="plenary_decision_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}: {self.get_verdict_display()}"

    @property
    def goes_up(self) -> bool:
        """Tell whether the unit may be proposed."""
        return self.verdict in (self.Verdict.WBK, self.Verdict.WBBM)
