"""The building phase's rows: monitoring with its findings, scans of the declaration, papers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.journey.models import Monitoring, Proposal
from assessments.journey.plenary_models import Plenary
from assessments.models.evidence import Evidence
from assessments.models.worksheets import Period
from assessments.querysets import PaperQuerySet
from units.models import Unit
from zona.models import Document


def _person(**kwargs) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", **kwargs
    )


class BuildingMonitoring(models.Model):
    """A look at a unit's building phase: what of its plan was reached, what holds it up.

    ``figures`` is the plan as it stood on the day: per area what was planned until then, done and
    late. ``side`` says for whom the person looked, and who signs the report.
    """

    class Side(models.TextChoices):
        UNIT = "unit", _("Unit sendiri")
        ESELON_1 = "eselon1", _("Eselon I")
        ITJEN = "itjen", _("Inspektorat Jenderal")

    class Method(models.TextChoices):
        VISIT = "visit", _("Kunjungan")
        ONLINE = "online", _("Daring")
        DOCUMENTS = "documents", _("Pemeriksaan dokumen")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="building_monitorings")
    side = models.CharField(max_length=8, choices=Side)
    on = models.DateField(_("tanggal pemantauan"))
    starts_on = models.DateField(_("masa dari"))
    ends_on = models.DateField(_("masa sampai"))
    method = models.CharField(_("cara"), max_length=10, choices=Method)
    summary = models.TextField(_("simpulan"), max_length=4_000)
    advice = models.TextField(_("saran"), max_length=4_000, blank=True)
    figures = models.JSONField(default=list)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = _person()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ("-on", "-pk")
        constraints = [
            models.CheckConstraint(
                name="building_monitoring_days_order",
                condition=Q(ends_on__gte=F("starts_on"), on__gte=F("starts_on")),
            )
        ]
        indexes = [models.Index(fields=["unit", "on"], name="building_monitoring_by_day")]

    def __str__(self) -> str:
        return f"{self.unit.label} {self.on}"


class MonitoringFinding(models.Model):
    """What was seen in one change area, and what is advised."""

    monitoring = models.ForeignKey(BuildingMonitoring, models.CASCADE, related_name="findings")
    area = models.CharField(max_length=2)
    condition = models.TextField(_("kondisi dan kendala"), max_length=2_000, blank=True)
    advice = models.TextField(_("saran"), max_length=2_000, blank=True)

    class Meta:
        ordering = ("area",)
        constraints = [
            models.UniqueConstraint(
                fields=["monitoring", "area"], name="monitoring_finding_once_per_area"
            )
        ]

    def __str__(self) -> str:
        return f"{self.monitoring} {self.area}"


class PledgeScan(models.Model):
    """A scanned charter or signed pact, kept in the unit's library; older ones stay."""

    class Kind(models.TextChoices):
        CHARTER = "charter", _("Piagam pencanangan")
        PACT = "pact", _("Pakta integritas")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="pledge_scans")
    kind = models.CharField(_("jenis"), max_length=7, choices=Kind)
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    added_by = _person()

    class Meta:
        ordering = ("kind", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind", "evidence"], name="pledge_scan_once")
        ]

    def __str__(self) -> str:
        return str(self.evidence)


class JourneyPaper(models.Model):
    """A document of the journey, and what it is about.

    Exactly one of: a letter of proposal, a plenary, a unit's monitoring (of the building phase or
    of its predicate), or with none of these the unit's conditions in the period.
    """

    document = models.OneToOneField(Document, models.PROTECT, related_name="journey_paper")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="papers")
    period = models.ForeignKey(Period, models.PROTECT, null=True, related_name="papers")
    proposal = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="papers")
    building = models.ForeignKey(
        BuildingMonitoring, models.PROTECT, null=True, related_name="papers"
    )
    monitoring = models.ForeignKey(Monitoring, models.PROTECT, null=True, related_name="papers")
    plenary = models.ForeignKey(Plenary, models.PROTECT, null=True, related_name="papers")

    objects = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="journey_paper_about_one_thing",
                condition=Q(
                    proposal__isnull=False,
                    unit=None,
                    building=None,
                    monitoring=None,
                    plenary=None,
                )
                | Q(
                    proposal=None,
                    unit=None,
                    building=None,
                    monitoring=None,
                    plenary__isnull=False,
                )
                | Q(
                    proposal=None,
                    unit__isnull=False,
                    building__isnull=False,
                    monitoring=None,
                    plenary=None,
                )
                | Q(
                    proposal=None,
                    unit__isnull=False,
                    building=None,
                    monitoring__isnull=False,
                    plenary=None,
                )
                | Q(
                    proposal=None,
                    unit__isnull=False,
                    period__isnull=False,
                    building=None,
                    monitoring=None,
                    plenary=None,
                ),
            )
        ]

    def __str__(self) -> str:
        return str(self.document)

    def get_absolute_url(self) -> str:
        """Return the page on which the paper stands; no query."""
        if self.proposal_id:
            return reverse("assessments:proposal_detail", args=[self.proposal_id])
        if self.plenary_id:
            return reverse("assessments:plenary_detail", args=[self.plenary_id])
        if self.building_id:
            return reverse("assessments:building_detail", args=[self.building_id])
        if self.monitoring_id:
            return reverse("assessments:monitoring_detail", args=[self.monitoring_id])
        return reverse("assessments:journey_papers", args=[self.unit_id, self.period_id])
