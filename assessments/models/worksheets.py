"""Worksheets: a unit's assessment in a period, its answers, its team and its reviews."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.instruments import Indicator, Instrument
from assessments.querysets import AnswerQuerySet, AssessmentQuerySet, PeriodQuerySet
from units.models import Unit
from zona.models import ChainHead


class Period(models.Model):
    """A year's round of assessments with one instrument and one window of evidence.

    Evidence must concern events inside ``evidence_from`` to ``evidence_to``. Objections are taken
    for ``objection_days`` after a worksheet became final; 0 takes none. ``is_open`` lets new
    worksheets be opened; once ``closed_at`` is set nothing of the period is written any more.
    ``rolled_from`` is the period whose units and teams it took over.
    """

    year = models.PositiveSmallIntegerField(_("tahun"))
    name = models.CharField(_("nama"), max_length=100)
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="periods", verbose_name=_("instrumen")
    )
    evidence_from = models.DateField(_("jendela bukti dari"))
    evidence_to = models.DateField(_("jendela bukti sampai"))
    self_assessment_due = models.DateField(_("batas penilaian mandiri"), null=True, blank=True)
    evaluation_due = models.DateField(_("batas evaluasi TPI"), null=True, blank=True)
    proposal_due = models.DateField(_("batas usulan"), null=True, blank=True)
    quota = models.PositiveSmallIntegerField(_("kuota usulan"), null=True, blank=True)
    objection_days = models.PositiveSmallIntegerField(
        _("hari sanggah"), default=7, validators=[MaxValueValidator(90)]
    )
    lead_may_submit = models.BooleanField(_("Ketua Tim ZI boleh mengajukan"), default=False)
    needs_forwarding = models.BooleanField(_("diteruskan lewat Eselon I"), default=False)
    is_open = models.BooleanField(_("dibuka"), default=True)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    rolled_from = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="rolled_into"
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("periode")
        verbose_name_plural = _("periode")
        ordering = ("-year", "name")
        constraints = [
            models.UniqueConstraint(fields=["year", "name"], name="period_once"),
            models.CheckConstraint(
                name="period_window_order", condition=Q(evidence_to__gte=F("evidence_from"))
            ),
            models.CheckConstraint(
                name="period_closed_is_not_open",
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, is_open=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the period's page."""
        return reverse("assessments:period_detail", args=[self.pk])

    @property
    def is_closed(self) -> bool:
        """Tell whether the period is frozen."""
        return self.closed_at is not None

    @property
    def subject(self) -> str:
        """Return the name under which jobs of this period are kept."""
        return f"period:{self.pk}"


class Assignment(models.Model):
    """A letter of assignment (surat tugas): who goes by which order, when and for which units."""

    number = models.CharField(_("nomor surat tugas"), max_length=120, unique=True)
    dated_on = models.DateField(_("tanggal surat tugas"))
    basis = models.TextField(_("dasar"), blank=True)
    starts_on = models.DateField(_("mulai"))
    ends_on = models.DateField(_("selesai"))
    signer_name = models.CharField(_("penanda tangan"), max_length=150, blank=True)
    signer_position = models.CharField(_("jabatan penanda tangan"), max_length=150, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("surat tugas")
        verbose_name_plural = _("surat tugas")
        ordering = ("-dated_on",)
        constraints = [
            models.CheckConstraint(
                name="assignment_days_order", condition=Q(ends_on__gte=F("starts_on"))
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def days(self) -> int:
        """Return how many calendar days the assignment lasts, both ends included."""
        return (self.ends_on - self.starts_on).days + 1


class State(models.TextChoices):
    """Where a worksheet stands; ``assessments.services.states`` alone moves it."""

    DRAFT = "draft", _("Draf")
    SUBMITTED = "submitted", _("Diajukan ke TPI")
    FORWARDED = "forwarded", _("Diteruskan Eselon I")
    MEMBER_REVIEW = "member_review", _("Diperiksa anggota tim")
    LEAD_REVIEW = "lead_review", _("Reviu ketua tim")
    SUPERVISOR_REVIEW = "supervisor_review", _("Reviu pengendali teknis")
    QUALITY_REVIEW = "quality_review", _("Reviu pengendali mutu")
    REPAIR = "repair", _("Perbaikan oleh unit")
    FINAL = "final", _("Final")


REVIEW_STATES = (
    State.MEMBER_REVIEW,
    State.LEAD_REVIEW,
    State.SUPERVISOR_REVIEW,
    State.QUALITY_REVIEW,
)


class Predicate(models.TextChoices):
    """The predicate that a unit aims at."""

    WBK = "WBK", _("WBK")
    WBBM = "WBBM", _("WBBM")


class Assessment(ChainHead):
    """The worksheet of a unit in a period; a correction after final is a new version.

    ``repair_from`` remembers the review from which rows were returned, ``repair_due`` the end of
    the repair. ``tpi_revealed_at`` is set at the first return: from then on the unit sees the
    interim totals of the TPI.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assessments")
    period = models.ForeignKey(Period, models.PROTECT, related_name="assessments")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="assessments")
    version = models.PositiveSmallIntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    target = models.CharField(_("target"), max_length=10, choices=Predicate, default=Predicate.WBK)
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    state_changed_at = models.DateTimeField(default=timezone.now)
    state_changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    without_self = models.BooleanField(default=False)
    without_self_reason = models.TextField(blank=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    repair_from = models.CharField(max_length=20, blank=True)
    repair_due = models.DateTimeField(null=True)
    tpi_revealed_at = models.DateTimeField(null=True)
    finalized_at = models.DateTimeField(null=True)
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="assessments"
    )
    revision = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("penilaian")
        verbose_name_plural = _("penilaian")
        ordering = ("-period__year", "unit__path", "-version")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "period", "version"], name="assessment_version_once"
            ),
            models.CheckConstraint(
                name="assessment_repair_has_origin_and_due",
                condition=(Q(state="repair", repair_due__isnull=False) & ~Q(repair_from=""))
                | (~Q(state="repair") & Q(repair_due=None, repair_from="")),
            ),
            models.CheckConstraint(
                name="assessment_final_has_moment",
                condition=Q(state="final", finalized_at__isnull=False)
                | (~Q(state="final") & Q(finalized_at=None)),
            ),
            models.CheckConstraint(
                name="assessment_known_state", condition=Q(state__in=State.values)
            ),
        ]
        indexes = [models.Index(fields=["period", "state"], name="assessment_by_state")]

    def __str__(self) -> str:
        return f"{self.unit.label} {self.period}"

    def get_absolute_url(self) -> str:
        """Return the address of the worksheet's readiness dashboard."""
        return reverse("assessments:dashboard", args=[self.pk])

    @property
    def audit_stream(self) -> str:
        """Return the name of the worksheet's audit chain."""
        return f"assessment:{self.pk}"

    @property
    def subject(self) -> str:
        """Return the name under which jobs and documents of this worksheet are kept."""
        return self.audit_stream

    @property
    def is_in_review(self) -> bool:
        """Tell whether one of the four ranks of Itjen holds the worksheet."""
        return self.state in REVIEW_STATES

    @property
    def is_final(self) -> bool:
        """Tell whether the worksheet is closed for good."""
        return self.state == State.FINAL

    @property
    def is_draft(self) -> bool:
        """Tell whether the unit still fills its own side."""
        return self.state == State.DRAFT


class Rank(models.TextChoices):
    """The four ranks of a team; each reviews what the one before it decided."""

    MEMBER = "member", _("Anggota tim")
    LEAD = "lead", _("Ketua tim")
    SUPERVISOR = "supervisor", _("Pengendali teknis")
    QUALITY = "quality", _("Pengendali mutu")


class TeamMember(models.Model):
    """One person's place on the team of an assessment; a member may be given areas.

    ``areas`` lists section codes ("1" to "6", "B"); an empty list means all of them.
    ``assisted`` marks that he assisted the unit in the same cycle (shown, not forbidden).
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="team_places")
    rank = models.CharField(_("kedudukan"), max_length=12, choices=Rank)
    areas = models.JSONField(_("area"), default=list, blank=True)
    assisted = models.BooleanField(_("mendampingi unit pada siklus yang sama"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("anggota tim")
        verbose_name_plural = _("anggota tim")
        ordering = ("assessment", "rank", "user__name")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "user"], name="team_person_once"),
            models.UniqueConstraint(
                fields=["assessment", "rank"],
                name="team_one_lead_supervisor_quality",
                condition=~Q(rank="member"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_rank_display()})"


class Track(models.TextChoices):
    """Whose statement an answer is; none is ever written over another."""

    UNIT = "unit", _("Unit")
    TPI = "tpi", _("TPI")
    TPN = "tpn", _("TPN")


class DocumentCheck(models.TextChoices):
    """What the verdicts on a row's evidence amount to; never typed in."""

    UNCHECKED = "", _("Belum diperiksa")
    ADEQUATE = "adequate", _("Ada dan sesuai")
    INADEQUATE = "inadequate", _("Ada, belum sesuai")
    ABSENT = "absent", _("Tidak ada")


class ImplementationCheck(models.TextChoices):
    """Whether what the document says is really done."""

    UNCHECKED = "", _("Belum diperiksa")
    DONE = "done", _("Terlaksana")
    PARTLY = "partly", _("Terlaksana sebagian")
    NOT_DONE = "not_done", _("Belum terlaksana")


class CheckMethod(models.TextChoices):
    """How an implementation was seen."""

    NONE = "", _("Belum dipilih")
    INTERVIEW = "interview", _("Wawancara")
    OBSERVATION = "observation", _("Pengamatan")
    SAMPLING = "sampling", _("Uji petik")
    SYSTEM = "system", _("Pemeriksaan sistem")


class Reason(models.TextChoices):
    """Why a value differs from the unit's, or why a row or document is not accepted."""

    NONE = "", _("Pilih alasan")
    IRRELEVANT = "irrelevant", _("Tidak relevan")
    WRONG_PERIOD = "wrong_period", _("Periode tidak sesuai")
    UNSIGNED = "unsigned", _("Belum ditandatangani atau tanpa tanggal")
    PLAN_ONLY = "plan_only", _("Rencana tanpa hasil")
    PHOTO_ONLY = "photo_only", _("Hanya foto")
    OFF_QUESTION = "off_question", _("Tidak menjawab pertanyaan")
    DEAD_LINK = "dead_link", _("Tautan mati atau tertutup")
    INCOMPLETE = "incomplete", _("Tidak lengkap")


class RowState(models.TextChoices):
    """Where a row stands in review."""

    UNREVIEWED = "unreviewed", _("Belum diperiksa")
    ACCEPTED = "accepted", _("Diterima")
    NEEDS_REPAIR = "needs_repair", _("Perlu perbaikan")
    REPAIRED = "repaired", _("Sudah diperbaiki")
    ACCEPTED_AFTER = "accepted_after_repair", _("Diterima setelah perbaikan")


class Answer(models.Model):
    """What one track says about one indicator of a worksheet.

    ``choice`` is an option code of the indicator's scale, ``inputs`` the counts of a computed
    row. Both blank means "not answered yet", which is a different fact from the lowest option;
    ``awaits_data`` says that the figure does not exist yet. ``condition`` is the unit's
    explanation on its own track and the condition found on the TPI's. The checks, the reason
    and the review state stand on the TPI's row only.
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="answers")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="answers")
    track = models.CharField(max_length=4, choices=Track)
    choice = models.CharField(max_length=5, blank=True)
    inputs = models.JSONField(null=True, blank=True)
    awaits_data = models.BooleanField(default=False)
    condition = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    reason = models.CharField(max_length=15, choices=Reason, blank=True)
    document_check = models.CharField(max_length=12, choices=DocumentCheck, blank=True)
    implementation_check = models.CharField(max_length=12, choices=ImplementationCheck, blank=True)
    check_method = models.CharField(max_length=12, choices=CheckMethod, blank=True)
    check_place = models.CharField(max_length=150, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    review_state = models.CharField(max_length=25, choices=RowState, default=RowState.UNREVIEWED)
    repair_reason = models.CharField(max_length=15, choices=Reason, blank=True)
    repair_note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("jawaban")
        verbose_name_plural = _("jawaban")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "indicator", "track"], name="answer_once_per_track"
            ),
            models.CheckConstraint(
                name="answer_changed_at_with_by",
                condition=Q(changed_at=None, changed_by=None)
                | Q(changed_at__isnull=False, changed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="answer_choice_or_inputs", condition=Q(choice="") | Q(inputs__isnull=True)
            ),
            models.CheckConstraint(
                name="answer_checks_on_tpi_only",
                condition=Q(track="tpi")
                | Q(document_check="", implementation_check="", reason="", repair_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.code} ({self.track})"

    @property
    def is_answered(self) -> bool:
        """Tell whether the row has a value on this track."""
        return bool(self.choice) or self.inputs is not None


class Review(models.Model):
    """One decision of a rank on a row: accepted, returned, or its value changed."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("Diterima")
        CHANGED = "changed", _("Diubah")
        RETURNED = "returned", _("Dikembalikan")

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="reviews")
    rank = models.CharField(max_length=12, choices=Rank)
    verdict = models.CharField(max_length=10, choices=Verdict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=15, choices=Reason, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.answer}"


class AreaCompletion(models.Model):
    """The unit's word that one section of its self-assessment is finished (area *selesai*)."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="finished_areas")
    section = models.CharField(max_length=10)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "section"], name="area_finished_once")
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.section}"
