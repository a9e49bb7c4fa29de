"""Visits, what they found, and recommendations with what became of them."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import (
    Assessment,
    Assignment,
    CheckMethod,
    DocumentCheck,
    Evidence,
    ImplementationCheck,
    Indicator,
    Rank,
    Reason,
    Scenario,
)
from assistance.querysets import ExtensionQuerySet, RecommendationQuerySet, VisitQuerySet
from units.access import UNIT_ROLES, Role
from units.models import Service, Unit
from zona.models import ChainHead

OWNER_ROLES = [role for role in Role if role in UNIT_ROLES]


class Source(models.TextChoices):
    """Where a recommendation comes from."""

    VISIT = "visit", _("Asistensi")
    DESK = "desk", _("Evaluasi TPI")
    SURVEY = "survey", _("Survei")
    TPN = "tpn", _("Permintaan atau catatan TPN")
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
    visit = models.ForeignKey(
        "Visit", models.PROTECT, null=True, blank=True, related_name="recommendations"
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


# Visits -----------------------------------------------------------------------------------------


class VisitPhase(models.TextChoices):
    """Before the unit is proposed, or while the national team assesses it."""

    BEFORE = "before", _("Sebelum penilaian TPN")
    DURING = "during", _("Selama penilaian TPN")


class VisitMode(models.TextChoices):
    """Where the visit takes place."""

    ON_SITE = "on_site", _("Di tempat")
    ONLINE = "online", _("Daring")


class VisitState(models.TextChoices):
    """How far a visit is; ``assistance.services.visits`` alone moves it."""

    PLANNED = "planned", _("Direncanakan")
    RUNNING = "running", _("Berjalan")
    HELD = "held", _("Selesai")
    CANCELLED = "cancelled", _("Dibatalkan")


class Visit(ChainHead):
    """An assistance visit to a unit: planned, assigned by a letter, held.

    It owns an audit chain, so that saving a check locks nothing else. Simulated values live in
    ``scenario``, made when the visit begins; no track is ever touched. The days lie inside those
    of the letter of assignment once there is one.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="visits")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="visits")
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="visits"
    )
    scenario = models.OneToOneField(
        Scenario, models.PROTECT, null=True, blank=True, related_name="visit"
    )
    phase = models.CharField(
        _("tahap"), max_length=10, choices=VisitPhase, default=VisitPhase.BEFORE
    )
    mode = models.CharField(_("cara"), max_length=10, choices=VisitMode, default=VisitMode.ON_SITE)
    starts_on = models.DateField(_("mulai"))
    ends_on = models.DateField(_("selesai"))
    place = models.CharField(_("tempat"), max_length=150, blank=True)
    purpose = models.TextField(_("tujuan"), blank=True)
    agenda = models.TextField(_("agenda"), blank=True)
    state = models.CharField(max_length=10, choices=VisitState, default=VisitState.PLANNED)
    cancel_reason = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("kunjungan")
        verbose_name_plural = _("kunjungan")
        ordering = ("-starts_on", "-pk")
        constraints = [
            models.CheckConstraint(
                name="visit_days_order", condition=Q(ends_on__gte=models.F("starts_on"))
            ),
            models.CheckConstraint(
                name="visit_known_state", condition=Q(state__in=VisitState.values)
            ),
        ]
        indexes = [models.Index(fields=["starts_on", "state"], name="visit_by_day")]

    def __str__(self) -> str:
        return f"{self.unit.label}, {self.starts_on}"

    def get_absolute_url(self) -> str:
        """Return the address of the visit's page."""
        return reverse("assistance:visit", args=[self.pk])

    @property
    def audit_stream(self) -> str:
        """Return the name of the visit's audit chain."""
        return f"visit:{self.pk}"

    @property
    def days(self) -> int:
        """Return how many days it lasts, both ends included."""
        return (self.ends_on - self.starts_on).days + 1


class VisitMember(models.Model):
    """A person of the inspectorate on a visit."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="visit_places")
    rank = models.CharField(_("jenjang"), max_length=12, choices=Rank, default=Rank.MEMBER)

    class Meta:
        ordering = ("visit", "rank", "user__name")
        constraints = [
            models.UniqueConstraint(fields=["visit", "user"], name="visit_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_rank_display()})"


class Attendance(models.Model):
    """Somebody who was there; the unit's people need no account."""

    class Side(models.TextChoices):
        UNIT = "unit", _("Unit")
        ITJEN = "itjen", _("Itjen")

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="attendance")
    side = models.CharField(_("pihak"), max_length=5, choices=Side, default=Side.UNIT)
    name = models.CharField(_("nama"), max_length=150)
    position = models.CharField(_("jabatan"), max_length=150, blank=True)
    on = models.DateField(_("tanggal"))

    class Meta:
        ordering = ("on", "side", "pk")
        constraints = [
            models.UniqueConstraint(fields=["visit", "name", "on"], name="attendance_once_a_day")
        ]

    def __str__(self) -> str:
        return self.name


class Check(models.Model):
    """What a visit found on one indicator; its simulated value is the scenario's.

    ``last_key`` is the key of the save that wrote it last: the same request sent again changes
    nothing. ``version`` also counts changes of the simulated value.
    """

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="checks")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    document_check = models.CharField(max_length=12, choices=DocumentCheck, blank=True)
    implementation_check = models.CharField(max_length=12, choices=ImplementationCheck, blank=True)
    check_method = models.CharField(max_length=12, choices=CheckMethod, blank=True)
    condition = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    last_key = models.UUIDField(null=True)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "indicator"], name="check_once_per_visit")
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.indicator_id}"


class Consultation(models.Model):
    """What was advised on the perception survey: whom it asks, how many, with what, and when."""

    class Status(models.TextChoices):
        NOT_STARTED = "not_started", _("Belum direncanakan")
        PLANNED = "planned", _("Direncanakan")
        RUNNING = "running", _("Berlangsung")
        ANALYSED = "analysed", _("Diolah")
        PUBLISHED = "published", _("Dipublikasikan")

    visit = models.OneToOneField(Visit, models.CASCADE, related_name="consultation")
    population = models.PositiveIntegerField(_("populasi penerima layanan"), null=True, blank=True)
    questionnaire = models.CharField(_("kuesioner"), max_length=200, blank=True)
    period = models.CharField(_("masa survei"), max_length=150, blank=True)
    status = models.CharField(
        _("keadaan survei"), max_length=12, choices=Status, default=Status.NOT_STARTED
    )
    advice = models.TextField(_("saran"), blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.status}"


class ServiceNote(models.Model):
    """What a visit noted about one service of the unit."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="service_notes")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    note = models.TextField(_("catatan"))
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.service_id}"


class Minutes(models.Model):
    """The minutes of a visit (berita acara); its words stand still once a side has confirmed."""

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="minutes")
    summary = models.TextField(_("ringkasan hasil"))
    agreed = models.TextField(_("yang disepakati"), blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("berita acara")
        verbose_name_plural = _("berita acara")

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.version}"


class MinutesConfirmation(models.Model):
    """One side's word on the minutes, given by its own login; an objection is kept beside it."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="confirmations")
    side = models.CharField(max_length=5, choices=Attendance.Side)
    objection = models.TextField(_("keberatan"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("side",)
        constraints = [
            models.UniqueConstraint(fields=["minutes", "side"], name="minutes_confirmed_once"),
            models.UniqueConstraint(fields=["minutes", "by"], name="minutes_by_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_id}: {self.side}"


class Digest(models.Model):
    """One day's reminder to one person: all his recommendations that are due soon or late.

    There is at most one per person and day. ``sending`` is written before the mail is handed
    over and ``sent`` after it: what a killed worker leaves in between is never sent a second time
    and ends as ``uncertain``; the notice in the application stands in any case.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Menunggu dikirim")
        SENDING = "sending", _("Sedang dikirim")
        SENT = "sent", _("Terkirim")
        UNCERTAIN = "uncertain", _("Tidak diketahui")
        FAILED = "failed", _("Gagal")
        NO_ADDRESS = "no_address", _("Tanpa alamat surel")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests")
    on = models.DateField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["user", "on"], name="digest_once_a_day"),
        ]
        indexes = [models.Index(fields=["state"], name="digest_by_state")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.on} ({self.state})"


class VisitEffect(models.Model):
    """How a unit stood when a visit ended and 30, 60 and 90 days after it; never changed.

    Totals are points of 100 on the reading that counts, None where that side says nothing yet;
    ``unmet`` counts the gates of the target that the leading side misses. The checks are those of
    the evaluation: rows with an adequate document, and rows that are put into practice.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="effects")
    days = models.PositiveSmallIntegerField()
    on = models.DateField()
    unit_total = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    tpi_total = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    unmet = models.PositiveSmallIntegerField()
    documents_adequate = models.PositiveSmallIntegerField()
    practice_done = models.PositiveSmallIntegerField()
    advice_open = models.PositiveIntegerField()
    advice_done = models.PositiveIntegerField()
    measured_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("visit", "days")
        constraints = [
            models.UniqueConstraint(fields=["visit", "days"], name="effect_once_per_step")
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.days}"


class VisitReport(models.Model):
    """The report on a visit (laporan hasil asistensi): its words, and where its review stands.

    Figures, findings and recommendations are read from the visit when it is printed. ``edition``
    counts the corrections of an approved report; each is reviewed again.
    """

    class State(models.TextChoices):
        """With whom the report is; the review ranks bear the names of the team's ranks."""

        DRAFT = "draft", _("Disusun tim")
        LEAD = "lead", _("Reviu ketua tim")
        SUPERVISOR = "supervisor", _("Reviu pengendali teknis")
        QUALITY = "quality", _("Reviu pengendali mutu")
        APPROVED = "approved", _("Disetujui")

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="report")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    edition = models.PositiveSmallIntegerField(default=1)
    overview = models.TextField(_("ikhtisar"))
    background = models.TextField(_("gambaran umum unit"), blank=True)
    conclusion = models.TextField(_("simpulan"), blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("laporan hasil asistensi")
        verbose_name_plural = _("laporan hasil asistensi")
        constraints = [
            models.CheckConstraint(
                name="visit_report_known_state",
                condition=Q(state__in=["draft", "lead", "supervisor", "quality", "approved"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.edition}"


class VisitReportStep(models.Model):
    """One step of a report's review: who let it go where, and what he said; never changed."""

    report = models.ForeignKey(VisitReport, models.PROTECT, related_name="steps")
    edition = models.PositiveSmallIntegerField()
    before = models.CharField(max_length=10, choices=VisitReport.State)
    after = models.CharField(max_length=10, choices=VisitReport.State)
    note = models.TextField(_("catatan"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.report_id}: {self.before} → {self.after}"
