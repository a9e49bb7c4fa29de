"""What every room of the house stands on: the audit chain, jobs, documents, notices, keys.

Nothing here knows units or assessments: a row names what it is about by a subject such as
``assessment:12``, and the app that owns the subject decides who may see it.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ChainHead(models.Model):
    """The head of one audit chain: how many entries it has and the digest of the last one.

    The row that owns a stream (a unit, an assessment) inherits this, so that the lock which a
    service takes on it also orders its audit entries.
    """

    audit_seq = models.PositiveIntegerField(default=0, editable=False)
    audit_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True


class Stream(ChainHead):
    """An audit stream without a row of its own, such as ``system``."""

    name = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_stream(self) -> str:
        """Return the name under which this head's entries are chained."""
        return self.name


class AuditEntry(models.Model):
    """One fact that happened: who did what to what, chained to the entry before it.

    The actor is copied as id and name: an entry outlives the account. ``data`` never holds a
    survey respondent.
    """

    stream = models.CharField(max_length=60)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=80, blank=True)
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("catatan audit")
        verbose_name_plural = _("catatan audit")
        ordering = ("stream", "seq")
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="audit_seq_once")]
        indexes = [models.Index(fields=["stream", "target", "seq"], name="audit_by_target")]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq} {self.action}"


class AuditAnchor(models.Model):
    """One day's digest over the heads of all streams; exported, it proves what existed that day."""

    on = models.DateField(unique=True)
    streams = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.on} {self.digest[:12]}"


class Job(models.Model):
    """Work to be done outside a request; this row is the queue, the broker only rings the bell."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Menunggu giliran")
        RUNNING = "running", _("Sedang dikerjakan")
        DONE = "done", _("Selesai")
        FAILED = "failed", _("Gagal")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    args = models.JSONField(default=dict)
    subject = models.CharField(max_length=80, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    progress_percent = models.PositiveSmallIntegerField(default=0)
    progress_text = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    queued_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="job_progress_percent", condition=Q(progress_percent__lte=100)
            )
        ]
        indexes = [
            models.Index(fields=["state", "queued_at"], name="job_queue"),
            models.Index(fields=["subject", "kind"], name="job_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id} ({self.state})"


class Document(models.Model):
    """One issued PDF: what it is about, its file's digest, and whether it still holds.

    ``public_code`` is printed beside its QR code; whoever holds the paper can ask whether it is
    genuine, current, superseded or withdrawn. ``file`` is what Zona set; ``signed_file`` is the
    signed paper that came back with number and date, kept when the document is issued.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Konsep")
        AWAITING_SIGNATURE = "awaiting", _("Menunggu tanda tangan")
        ISSUED = "issued", _("Terbit")
        SUPERSEDED = "superseded", _("Digantikan")
        WITHDRAWN = "withdrawn", _("Ditarik")

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    title = models.CharField(max_length=250)
    number = models.CharField(max_length=120, blank=True)
    dated_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    public_code = models.CharField(max_length=20, unique=True)
    file = models.FileField(upload_to="documents/%Y/%m", max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    page_count = models.PositiveIntegerField(default=0)
    facts = models.JSONField(default=dict)
    signed_file = models.FileField(upload_to="documents/%Y/%m", max_length=200, blank=True)
    signed_sha256 = models.CharField(max_length=64, blank=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "version"], name="document_version_once"
            )
        ]
        indexes = [models.Index(fields=["subject", "kind"], name="document_by_subject")]

    def __str__(self) -> str:
        return f"{self.title} ({self.public_code})"


class Notification(models.Model):
    """A notice to one person: what happened and where to go. Read once it was opened."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = [models.Index(fields=["user", "read_at"], name="notification_unread")]

    def __str__(self) -> str:
        return self.text


class Letterhead(models.Model):
    """What stands on the ministry's papers besides its name; one row, or none before it is set.

    ``logo`` is a PNG that this house has drawn anew from the file that was given.
    """

    address = models.CharField(_("alamat pada kop"), max_length=250, blank=True)
    place = models.CharField(_("kota pada tanggal surat"), max_length=80, blank=True)
    logo = models.BinaryField(null=True)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return self.address or self.place


class Setup(models.Model):
    """How far the first run of an installation is; one row, made when the first link is.

    The link's key is kept as a digest and works once: ``begun_at`` is when it made the first
    admin. ``skipped`` names the steps that were put off for good. After ``done_at`` the pages of
    the first run do not exist any more.
    """

    token_digest = models.CharField(max_length=64, blank=True)
    token_made_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True)
    skipped = models.JSONField(default=list)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.begun_at} {self.done_at}"


class ApiKey(models.Model):
    """A key of the national portal's interface, stored as a hash and shown once."""

    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    rights = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
