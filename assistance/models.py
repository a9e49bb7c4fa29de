"""Recommendations and what became of them: the register of all sources."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import Assessment, Evidence, Indicator, Reason
from assistance.querysets import ExtensionQuerySet, RecommendationQuerySet
from units.access import UNIT_ROLES, Role
from units.models import Unit

OWNER_ROLES = [role for role in Role if role in UNIT_ROLES]


class Source(models.TextChoices):
    """Where a recommendation comes from."""

    VISIT = "visit", _("Asistensi")
    DESK = "desk", _("Evaluasi TPI")
    SURVEY = "survey", _("Survei")
    TPN = "tpn", _("Catatan TPN")
    OWN = "own", _("Rencana unit sendiri")


class Priority(models.IntegerChoices):
    """How soon it matters; the number sorts."""

    HIGH = 1, _("Tinggi")
    MEDIUM = 2, _("Sedang")
    LOW = 3, _("Rendah")


class RecommendationState(models.TextChoices):
    """Where a recommendation stands; ``assistance.services.follow_up`` alone moves it."""

    OPEN = "open", _("Terbuka")
    UNDER_WAY = "under_way", _("Ditindaklanjuti")
    REPORTED = "reported", _("Menunggu verifikasi")
    NOT_MET = "not_met", _("Belum sesuai")
    DONE = "done", _("Tuntas")
    IMPOSSIBLE = "impossible", _("Tidak dapat ditindaklanjuti")


LIVING = (
    RecommendationState.OPEN,
    RecommendationState.UNDER_WAY,
    RecommendationState.REPORTED,
    RecommendationState.NOT_MET,
)
"""The states in which something is still to be done."""
WITH_UNIT = (RecommendationState.OPEN, RecommendationState.UNDER_WAY, RecommendationState.NOT_MET)
"""The states in which the unit acts next."""


class Recommendation(models.Model):
    """What a unit is advised to do: condition, criterion, effect, advice, owner and due date.

    ``indicator`` is blank for advice on the unit as a whole; ``section`` names the page of the
    worksheet it belongs to ("1" to "6", "B", or blank). The owner is one person or one role of
    the unit, never both. ``repeats`` points at the earlier one about the same indicator and
    reason. ``done_value`` is the indicator's value (0..1) when it was closed: a lower one next
    year opens it again. ``version`` counts the changes of its wording.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="recommendations")
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="recommendations"
    )
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="+"
    )
    section = models.CharField(_("area"), max_length=10, blank=True)
    source = models.CharField(_("sumber"), max_length=10, choices=Source)
    reason = models.CharField(_("alasan"), max_length=15, choices=Reason, blank=True)
    condition = models.TextField(_("kondisi"))
    criterion = models.TextField(_("kriteria"), blank=True)
    effect = models.TextField(_("akibat"), blank=True)
    advice = models.TextField(_("saran"))
    priority = models.PositiveSmallIntegerField(
        _("prioritas"), choices=Priority, default=Priority.MEDIUM
    )
    owner_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner_role = models.CharField(max_length=25, choices=Role.choices, blank=True)
    due_on = models.DateField(_("batas waktu"))
    state = models.CharField(
        max_length=12, choices=RecommendationState, default=RecommendationState.OPEN
    )
    state_changed_at = models.DateTimeField(default=timezone.now)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True)
    done_value = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    repeats = models.ForeignKey("self", models.PROTECT, null=True, related_name="repeated_by")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = _("rekomendasi")
        verbose_name_plural = _("rekomendasi")
        ordering = ("due_on", "pk")
        constraints = [
            models.CheckConstraint(
                name="recommendation_one_owner",
                condition=Q(owner_user__isnull=False, owner_role="")
                | (Q(owner_user=None) & ~Q(owner_role="")),
            ),
            models.CheckConstraint(
                name="recommendation_done_has_moment",
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at=None)),
            ),
            models.CheckConstraint(
                name="recommendation_known_state",
                condition=Q(state__in=RecommendationState.values),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state"], name="recommendation_by_unit"),
            models.Index(fields=["state", "due_on"], name="recommendation_by_due"),
            models.Index(fields=["owner_user", "state"], name="recommendation_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.unit.label}"

    def get_absolute_url(self) -> str:
        """Return the address of the recommendation's page."""
        return reverse("assistance:recommendation", args=[self.pk])

    @property
    def code(self) -> str:
        """Return the number by which people speak of it: ``R-2027-0012``."""
        return f"R-{timezone.localtime(self.created_at).year}-{self.pk:04d}"

    @property
    def is_living(self) -> bool:
        """Tell whether something is still to be done."""
        return self.state in LIVING

    @property
    def owner_name(self) -> str:
        """Return who shall do it: a person's name, or the role in the unit."""
        return str(self.owner_user) if self.owner_user_id else str(Role(self.owner_role).label)

    def days_late(self, today: date) -> int:
        """Return by how many days the due date has passed while it lives; 0 else."""
        return max(0, (today - self.due_on).days) if self.is_living else 0

    def age_days(self, today: date) -> int:
        """Return for how many days it has stood."""
        return (today - timezone.localtime(self.created_at).date()).days


class FollowUp(models.Model):
    """One thing that was said or done about a recommendation; never changed, never removed.

    ``state`` is where the recommendation stood after it.
    """

    class Kind(models.TextChoices):
        ISSUED = "issued", _("Rekomendasi dibuat")
        CHANGED = "changed", _("Rekomendasi diubah")
        PROGRESS = "progress", _("Perkembangan dicatat")
        REPORTED = "reported", _("Dilaporkan selesai")
        REFUSED = "refused", _("Dinyatakan belum sesuai")
        DONE = "done", _("Diverifikasi tuntas")
        IMPOSSIBLE = "impossible", _("Dinyatakan tidak dapat ditindaklanjuti")
        REOPENED = "reopened", _("Dibuka kembali")
        ASKED = "asked", _("Perpanjangan diminta")
        GRANTED = "granted", _("Perpanjangan disetujui")
        DENIED = "denied", _("Perpanjangan ditolak")

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=RecommendationState)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("tindak lanjut")
        verbose_name_plural = _("tindak lanjut")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.recommendation_id}"


class FollowUpEvidence(models.Model):
    """A piece of the unit's library that proves a follow-up."""

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="evidence")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up", "evidence"], name="follow_up_evidence_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.follow_up_id}: {self.evidence_id}"


class DueDateExtension(models.Model):
    """A wish for a later due date, and what the inspectorate decided on it."""

    class Decision(models.TextChoices):
        WAITING = "", _("Menunggu keputusan")
        GRANTED = "granted", _("Disetujui")
        DENIED = "denied", _("Ditolak")

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="extensions")
    due_before = models.DateField()
    due_asked = models.DateField(_("batas waktu baru"))
    reason = models.TextField(_("alasan"))
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    note = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("perpanjangan batas waktu")
        verbose_name_plural = _("perpanjangan batas waktu")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation"],
                name="extension_one_waiting",
                condition=Q(decision=""),
            ),
            models.CheckConstraint(
                name="extension_decided_whole",
                condition=Q(decision="", decided_at=None, decided_by=None)
                | (~Q(decision="") & Q(decided_at__isnull=False, decided_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="extension_is_later", condition=Q(due_asked__gt=models.F("due_before"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation_id}: {self.due_before} → {self.due_asked}"
