"""Locked results: what was published or entered the worksheet, never changed again."""

from __future__ import annotations

import secrets
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys.models.questionnaires import GRADE_LABELS, INDEX_NAMES, SurveyKind
from surveys.models.surveys import Survey, SurveyPart
from surveys.querysets import ResultQuerySet
from units.models import Unit


class Result(models.Model):
    """The locked result of one part of a survey. A reopening makes a new version.

    ``document`` is the canonical statement over which ``digest`` (SHA-256) was taken: edition,
    conversion, counts per question and point. ``details`` holds what pages and reports print:
    element means, spread, alpha, groups (those under 5 already withheld). ``is_valid`` says that
    at least 30 answered, or everybody of fewer.
    """

    part = models.ForeignKey(SurveyPart, models.PROTECT, related_name="results")
    version = models.PositiveSmallIntegerField()
    index4 = models.DecimalField(max_digits=4, decimal_places=2)
    index100 = models.DecimalField(max_digits=5, decimal_places=2)
    exact4 = models.CharField(max_length=80)
    grade = models.CharField(max_length=1)
    answered = models.PositiveIntegerField()
    population = models.PositiveIntegerField(null=True)
    target = models.PositiveIntegerField()
    is_census = models.BooleanField()
    is_valid = models.BooleanField()
    details = models.JSONField()
    document = models.TextField()
    digest = models.CharField(max_length=64)
    locked_at = models.DateTimeField(default=timezone.now)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("hasil survei")
        verbose_name_plural = _("hasil survei")
        ordering = ("part", "-version")
        constraints = [
            models.UniqueConstraint(fields=["part", "version"], name="result_version_once"),
            models.CheckConstraint(
                name="result_index_0_to_4", condition=Q(index4__gte=0, index4__lte=4)
            ),
            models.CheckConstraint(name="result_has_answers", condition=Q(answered__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.index_name} {self.index4} ({self.part}, v{self.version})"

    @property
    def index_name(self) -> str:
        """Return what the index is called."""
        return INDEX_NAMES[self.part.kind]

    @property
    def grade_label(self) -> str:
        """Return the grade in words."""
        return GRADE_LABELS[self.grade]

    @property
    def exact(self) -> Fraction:
        """Return the index before rounding, on the scale of 4."""
        return Fraction(self.exact4)


class Reopening(models.Model):
    """Why a locked result was opened again, by whom, and which version it was."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="reopenings")
    version = models.PositiveSmallIntegerField()
    reason = models.TextField(_("alasan"))
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.survey} v{self.version}"


def report_path(external: ExternalIndex, name: str) -> str:
    """Return where the report of an external survey is kept: a random name, no user text."""
    return f"survey-reports/{external.unit_id}/{secrets.token_hex(16)}.pdf"


class ExternalIndex(models.Model):
    """An index found by BPS or a party named by the national team, with its report.

    A correction is a new version; the highest holds.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="external_indices")
    year = models.PositiveSmallIntegerField(_("tahun"))
    kind = models.CharField(
        _("jenis"), max_length=4, choices=[(kind.value, kind.label) for kind in SurveyKind]
    )
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    index4 = models.DecimalField(_("indeks (0 sampai 4)"), max_digits=4, decimal_places=2)
    answered = models.PositiveIntegerField(_("jumlah responden"), null=True, blank=True)
    surveyor = models.CharField(_("pelaksana survei"), max_length=150)
    report_number = models.CharField(_("nomor laporan"), max_length=120, blank=True)
    reported_on = models.DateField(_("tanggal laporan"))
    report = models.FileField(_("laporan (PDF)"), upload_to=report_path, max_length=200)
    sha256 = models.CharField(max_length=64, editable=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("indeks survei eksternal")
        verbose_name_plural = _("indeks survei eksternal")
        ordering = ("-year", "kind", "-version")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year", "kind", "version"], name="external_index_once"
            ),
            models.CheckConstraint(
                name="external_index_0_to_4",
                condition=Q(index4__gte=Decimal(0), index4__lte=Decimal(4)),
            ),
        ]

    def __str__(self) -> str:
        return f"{INDEX_NAMES[self.kind]} {self.index4} {self.unit.label} {self.year}"

    @property
    def index_name(self) -> str:
        """Return what the index is called."""
        return INDEX_NAMES[self.kind]
