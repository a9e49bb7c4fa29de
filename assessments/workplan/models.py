"""The work plan's rows: the team's decree, targets per change area, activities by day."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.evidence import Evidence
from assessments.models.instruments import Indicator
from assessments.querysets import ActivityQuerySet
from units.models import Unit


def _person(**kwargs) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", **kwargs
    )


class TeamDecree(models.Model):
    """The decree by which a unit's head sets up the team of a year (SK tim kerja ZI).

    Who is on it follows from the memberships in force; the decree is the paper behind them.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="team_decrees")
    year = models.PositiveSmallIntegerField(_("tahun"))
    number = models.CharField(_("nomor keputusan"), max_length=120)
    dated_on = models.DateField(_("tanggal keputusan"))
    document = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="team_decree_once_a_year")
        ]

    def __str__(self) -> str:
        return self.number


class AreaTarget(models.Model):
    """Where a unit stands in a change area at the year's start, where it wants to go, and did."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="area_targets")
    year = models.PositiveSmallIntegerField(_("tahun"))
    area = models.CharField(_("area"), max_length=2)
    initial = models.TextField(_("kondisi awal"), max_length=2_000, blank=True)
    target = models.TextField(_("target"), max_length=2_000, blank=True)
    result = models.TextField(_("hasil"), max_length=2_000, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = _person()

    class Meta:
        ordering = ("area",)
        constraints = [
            models.UniqueConstraint(fields=["unit", "year", "area"], name="area_target_once")
        ]

    def __str__(self) -> str:
        return f"{self.unit.label} {self.year} {self.area}"


class Activity(models.Model):
    """One thing that a unit means to do by a day, and the evidence that will come of it.

    It is done only with proof from the unit's library or with a stated reason. ``owner`` answers
    for it; ``owner_name`` names a working group or somebody without an account.
    """

    class Status(models.TextChoices):
        """How it stands on a day; nothing of this is stored."""

        OPEN = "belum", _("Belum")
        DONE = "selesai", _("Selesai")
        LATE = "terlambat", _("Terlambat")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="activities")
    area = models.CharField(_("area"), max_length=2)
    title = models.CharField(_("kegiatan"), max_length=250)
    output = models.TextField(_("bukti yang dihasilkan"), max_length=1_000, blank=True)
    due_on = models.DateField(_("batas waktu"))
    owner = _person(verbose_name=_("penanggung jawab"), blank=True)
    owner_name = models.CharField(_("kelompok atau nama lain"), max_length=120, blank=True)
    indicators = models.ManyToManyField(
        Indicator, related_name="activities", blank=True, verbose_name=_("butir LKE")
    )
    proof = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="activities")
    done_reason = models.TextField(max_length=1_000, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = _person()
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "area", "pk")
        constraints = [
            models.CheckConstraint(
                name="activity_done_with_proof_or_reason",
                condition=Q(done_at=None, done_by=None, proof=None, done_reason="")
                | (
                    Q(done_at__isnull=False, done_by__isnull=False)
                    & (Q(proof__isnull=False) | ~Q(done_reason=""))
                ),
            )
        ]
        indexes = [models.Index(fields=["unit", "due_on"], name="activity_by_day")]

    def __str__(self) -> str:
        return self.title

    @property
    def who(self) -> str:
        """Return who answers for it; blank while nobody does."""
        return str(self.owner) if self.owner_id else self.owner_name

    def status_on(self, today: date) -> str:
        """Return how it stands on a day."""
        if self.done_at is not None:
            return self.Status.DONE
        return self.Status.LATE if self.due_on < today else self.Status.OPEN
