"""Anonymous answers. No row here holds who, from where, or when beyond the month.

Keys of answers and comments are random, so that their order tells nothing about the moment.
"""

from __future__ import annotations

import enum
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys.models.questionnaires import Question, Questionnaire
from surveys.models.surveys import Survey
from units.models import Service

KEY_BITS = 62


def random_key() -> int:
    """Return a random key for a row whose order must not tell when it came."""
    return secrets.randbits(KEY_BITS) or 1


class Status(models.TextChoices):
    """What an answer counts for; only valid ones enter the index."""

    VALID = "valid", _("Sah")
    INCOMPLETE = "incomplete", _("Tidak lengkap")
    DUPLICATE = "duplicate", _("Duplikat")
    DOUBTFUL = "doubtful", _("Diragukan")
    EXCLUDED = "excluded", _("Dikeluarkan")


class Mode(models.TextChoices):
    """How an answer was given."""

    ONLINE = "online", _("Mandiri daring")
    DESK = "desk", _("QR di loket")
    INTERVIEW = "interview", _("Wawancara tatap muka")
    PHONE = "phone", _("Wawancara telepon")
    PAPER = "paper", _("Kertas yang dientri")


class Flag(enum.IntFlag):
    """What is odd about an answer. A flag alone excludes nothing."""

    FAST = 1
    STRAIGHT = 2
    SAME_DEVICE = 4
    SAME_PATTERN = 8
    OUTSIDE_PERIOD = 16
    TRAP = 32
    BURST = 64


FLAG_LABELS = {
    Flag.FAST: _("Sangat cepat"),
    Flag.STRAIGHT: _("Semua jawaban sama"),
    Flag.SAME_DEVICE: _("Perangkat dan layanan sama dalam 24 jam"),
    Flag.SAME_PATTERN: _("Isian sama persis beruntun"),
    Flag.OUTSIDE_PERIOD: _("Di luar masa survei"),
    Flag.TRAP: _("Kolom jebakan terisi"),
    Flag.BURST: _("Banyak kiriman dari satu jaringan"),
}
ALL_FLAGS = sum(Flag)


class ImportBatch(models.Model):
    """Answers collected elsewhere: read for a preview, then added once or thrown away.

    ``rows`` holds what was read until then and is emptied in either case. ``enumerator`` is the
    code of who asked or typed, never of who answered.
    """

    class State(models.TextChoices):
        PREVIEW = "preview", _("Pratinjau")
        ADDED = "added", _("Ditambahkan")
        DISCARDED = "discarded", _("Dibatalkan")

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=150)
    sha256 = models.CharField(max_length=64)
    mode = models.CharField(max_length=10, choices=Mode)
    enumerator = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEW)
    rows = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "sha256"],
                name="import_file_once",
                condition=Q(state="added"),
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class Response(models.Model):
    """One person's answers. ``month`` (``2027-03``) is all that is known of when.

    ``profile`` maps profile fields to option codes. ``flags`` is a sum of ``Flag``. Only the
    status ever changes, and only through an ``Exclusion`` that says why and by whom.
    """

    id = models.BigIntegerField(primary_key=True, default=random_key, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="responses")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    month = models.CharField(max_length=7)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.ONLINE)
    language = models.CharField(max_length=2, default="id")
    notice = models.CharField(max_length=10)
    profile = models.JSONField(default=dict)
    flags = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.VALID)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, related_name="responses")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="response_known_status", condition=Q(status__in=Status.values)
            ),
        ]
        indexes = [models.Index(fields=["survey", "status"], name="response_by_status")]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def flag_labels(self) -> list[str]:
        """Return what is odd about the answer, in words."""
        return [label for flag, label in FLAG_LABELS.items() if self.flags & flag]


class ResponseValue(models.Model):
    """The point that one person chose at one question."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="values")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", db_index=False)
    value = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "question"], name="response_value_once"),
            models.CheckConstraint(
                name="response_value_on_a_scale", condition=Q(value__gte=1, value__lte=10)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.value}"


class ResponseComment(models.Model):
    """A free text, kept apart from the answers of who wrote it; shown after moderation."""

    class State(models.TextChoices):
        NEW = "new", _("Belum ditelaah")
        SHOWN = "shown", _("Ditampilkan")
        HIDDEN = "hidden", _("Disembunyikan")

    class Topic(models.TextChoices):
        ADVICE = "advice", _("Saran")
        STORY = "story", _("Kejadian")

    id = models.BigIntegerField(primary_key=True, default=random_key, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="comments")
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="+")
    topic = models.CharField(max_length=6, choices=Topic)
    text = models.TextField()
    language = models.CharField(max_length=2, default="id")
    state = models.CharField(max_length=6, choices=State, default=State.NEW)
    reason = models.CharField(max_length=200, blank=True)
    moderated_at = models.DateTimeField(null=True)
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="comment_moderated_at_with_by",
                condition=Q(moderated_at=None, moderated_by=None)
                | Q(moderated_at__isnull=False, moderated_by__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["survey", "state"], name="comment_by_state")]

    def __str__(self) -> str:
        return self.text[:60]


class Exclusion(models.Model):
    """A change of what an answer counts for: from, to, why, who, when. Never changed itself."""

    class Reason(models.TextChoices):
        DUPLICATE = "duplicate", _("Orang yang sama menjawab lebih dari sekali")
        NOT_SERVED = "not_served", _("Bukan penerima layanan unit ini")
        STAFF = "staff", _("Pegawai unit atau calo")
        CARELESS = "careless", _("Diisi asal-asalan")
        MACHINE = "machine", _("Diisi mesin")
        ENTRY_ERROR = "entry_error", _("Salah entri")
        RESTORED = "restored", _("Diperiksa dan ternyata sah")

    response = models.ForeignKey(Response, models.CASCADE, related_name="exclusions")
    before = models.CharField(max_length=10, choices=Status)
    after = models.CharField(max_length=10, choices=Status)
    reason = models.CharField(_("alasan"), max_length=12, choices=Reason)
    note = models.CharField(_("catatan"), max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class SpentForm(models.Model):
    """A form that was sent, so that sending it twice counts once. Forgotten after a day or two.

    Holds the digest of the form's own random number and the day, nothing of the answers.
    """

    digest = models.CharField(max_length=64, unique=True)
    on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["on"], name="spent_form_by_day")]

    def __str__(self) -> str:
        return self.digest[:12]
