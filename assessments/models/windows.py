"""Windows: from when to when each stage of a period's work is open, and for whom longer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.worksheets import Period, State
from units.models import Unit


class Stage(models.TextChoices):
    """A stage is the state of the worksheet in which its work is done; objections follow final."""

    SELF = State.DRAFT.value, _("Penilaian mandiri unit")
    MEMBER = State.MEMBER_REVIEW.value, _("Pemeriksaan anggota tim")
    LEAD = State.LEAD_REVIEW.value, _("Reviu ketua tim")
    SUPERVISOR = State.SUPERVISOR_REVIEW.value, _("Reviu pengendali teknis")
    QUALITY = State.QUALITY_REVIEW.value, _("Reviu pengendali mutu")
    REPAIR = State.REPAIR.value, _("Perbaikan oleh unit")
    OBJECTION = State.FINAL.value, _("Sanggah")


class StageWindow(models.Model):
    """The days on which a stage is open: from 00.00 of the first to 24.00 WIB of the last.

    A blank end is none. Of the repair the last day limits the deadline that a return may set; of
    the objections it stands in place of the days counted from final.
    """

    period = models.ForeignKey(Period, models.CASCADE, related_name="windows")
    stage = models.CharField(_("tahap"), max_length=20, choices=Stage)
    opens_on = models.DateField(_("dibuka"), null=True, blank=True)
    closes_on = models.DateField(_("ditutup"), null=True, blank=True)

    class Meta:
        verbose_name = _("jendela tahap")
        verbose_name_plural = _("jendela tahap")
        constraints = [
            models.UniqueConstraint(fields=["period", "stage"], name="window_once_per_stage"),
            models.CheckConstraint(
                name="window_order",
                condition=Q(opens_on=None) | Q(closes_on=None) | Q(closes_on__gte=F("opens_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.stage}"


class WindowExtension(models.Model):
    """A unit's longer time for a stage: why, and who approved it. The newest one counts.

    ``approver`` is the official who approved, by name and letter; ``by`` who recorded it.
    """

    period = models.ForeignKey(Period, models.CASCADE, related_name="extensions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="window_extensions")
    stage = models.CharField(_("tahap"), max_length=20, choices=Stage)
    until = models.DateField(_("diperpanjang sampai"))
    reason = models.TextField(_("alasan"))
    approver = models.CharField(_("disetujui oleh"), max_length=200)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("perpanjangan")
        verbose_name_plural = _("perpanjangan")
        ordering = ("-pk",)
        indexes = [models.Index(fields=["period", "unit", "stage"], name="extension_of_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.stage} {self.until}"
