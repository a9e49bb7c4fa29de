"""Evidence: a unit's library of documents and links, and their use beside indicators."""

from __future__ import annotations

import hashlib
import json
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.instruments import Indicator
from assessments.models.worksheets import Assessment, Reason
from assessments.querysets import EvidenceQuerySet
from units.models import Unit


def stored_name(_evidence, original_name: str) -> str:
    """Return a random name for a stored file: nothing of the uploaded name reaches the disk."""
    token = secrets.token_hex(16)
    suffix = original_name.rsplit(".", 1)[-1].lower() if "." in original_name else "bin"
    return f"evidence/{token[:2]}/{token}.{suffix}"


class Evidence(models.Model):
    """A document or link in a unit's library; one piece may support many indicators.

    ``sha256`` is the digest of a file's content, unique within the unit. ``replaces`` keeps the
    older file of a document that was uploaded again. ``dated_on`` is the day of the event it
    proves; outside the period's window it is shown as such. ``version`` counts the changes of its
    description. ``link_state`` is what the last check of a link's address found, blank before it.
    """

    class Kind(models.TextChoices):
        FILE = "file", _("Berkas")
        LINK = "link", _("Tautan")

    class LinkState(models.TextChoices):
        UNKNOWN = "", _("Belum diperiksa")
        ALIVE = "alive", _("Terbuka")
        LOGIN = "login", _("Perlu masuk")
        DEAD = "dead", _("Mati")
        REFUSED = "refused", _("Alamat dalam jaringan sendiri")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=5, choices=Kind)
    title = models.CharField(_("nama dokumen"), max_length=200)
    number = models.CharField(_("nomor dokumen"), max_length=120, blank=True)
    dated_on = models.DateField(_("tanggal dokumen"), null=True, blank=True)
    file = models.FileField(upload_to=stored_name, max_length=200, blank=True)
    original_name = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    url = models.URLField(_("tautan"), max_length=500, blank=True)
    link_state = models.CharField(max_length=8, choices=LinkState, blank=True)
    link_checked_at = models.DateTimeField(null=True, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("bukti dukung")
        verbose_name_plural = _("bukti dukung")
        ordering = ("-uploaded_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "sha256"], name="evidence_once_per_unit", condition=Q(kind="file")
            ),
            models.UniqueConstraint(
                fields=["unit", "url"], name="evidence_link_once", condition=Q(kind="link")
            ),
            models.CheckConstraint(
                name="evidence_link_state_with_moment",
                condition=Q(link_state="", link_checked_at=None)
                | (~Q(link_state="") & Q(link_checked_at__isnull=False, kind="link")),
            ),
            models.CheckConstraint(
                name="evidence_file_or_link",
                condition=(Q(kind="file", url="") & ~Q(file="") & ~Q(sha256=""))
                | (Q(kind="link", file="", sha256="") & ~Q(url="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def kind_label(self) -> str:
        """Return the short sign shown before the title: the file's type, or LINK."""
        if self.kind == self.Kind.LINK:
            return "URL"
        return self.original_name.rsplit(".", 1)[-1].upper()[:4]


class EvidenceUse(models.Model):
    """A piece of evidence beside one indicator of a worksheet, and the verdict on it there.

    ``covers`` lists which of the indicator's expected documents it is, counted from 1.
    """

    class Verdict(models.TextChoices):
        UNJUDGED = "", _("Belum dinilai")
        ADEQUATE = "adequate", _("Sesuai")
        INADEQUATE = "inadequate", _("Belum sesuai")

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="evidence_uses")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="uses")
    page = models.CharField(_("halaman"), max_length=30, blank=True)
    quote = models.TextField(_("kutipan"), blank=True)
    covers = models.JSONField(default=list)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    reason = models.CharField(max_length=15, choices=Reason, blank=True)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    attached_at = models.DateTimeField(default=timezone.now)
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "indicator", "evidence"], name="evidence_used_once_per_row"
            )
        ]

    def __str__(self) -> str:
        return f"{self.evidence} → {self.indicator.code}"

    @property
    def pointer(self) -> str:
        """Return page, quote and covers as one short stamp: what a form was drawn from."""
        said = json.dumps([self.page, self.quote, self.covers])
        return hashlib.sha256(said.encode()).hexdigest()[:16]
