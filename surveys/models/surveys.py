"""Surveys: which questionnaires, for which services, from when to when, and how many answers."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys.index import Conversion
from surveys.models.questionnaires import Questionnaire, SurveyKind
from surveys.querysets import SurveyQuerySet
from surveys.statistics import Method
from units.models import Service, Unit


class State(models.TextChoices):
    """Where a survey stands; ``surveys.services.lifecycle`` alone moves it."""

    PLANNED = "planned", _("Rencana")
    OPEN = "open", _("Berlangsung")
    CLOSED = "closed", _("Ditutup")
    LOCKED = "locked", _("Hasil terkunci")
    PUBLISHED = "published", _("Dipublikasikan")


class Access(models.TextChoices):
    """Who may answer: whoever has the link, or whoever holds an unused token."""

    OPEN = "open", _("Tautan terbuka")
    TOKEN = "token", _("Token sekali pakai")


class TargetMethod(models.TextChoices):
    """The formulas for the needed number of answers."""

    KREJCIE_MORGAN = Method.KREJCIE_MORGAN.value, _("Krejcie–Morgan")
    SLOVIN = Method.SLOVIN.value, _("Slovin")
    COCHRAN = Method.COCHRAN.value, _("Cochran")


class ConversionChoice(models.TextChoices):
    """How answers on another scale become an index of 0 to 4."""

    PROPORTIONAL = Conversion.PROPORTIONAL.value, _("Sebanding (nilai × 4 / skala tertinggi)")
    MINMAX = Conversion.MINMAX.value, _("Minimum–maksimum (1 + (nilai − 1) × 3 / (skala − 1))")


class Survey(models.Model):
    """A survey of a unit in a year: one or more questionnaires answered in one sitting.

    ``code`` stands in the public address. ``population`` is how many people were served in the
    period, ``target`` how many answers that asks for. ``erased_at`` says when the single answers
    were deleted after their retention; the locked results stay.
    """

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="surveys", verbose_name=_("unit kerja")
    )
    year = models.PositiveSmallIntegerField(_("tahun"))
    title = models.CharField(_("judul"), max_length=150)
    code = models.CharField(max_length=12, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED, editable=False)
    opens_on = models.DateField(_("dibuka"))
    closes_on = models.DateField(_("hari terakhir"))
    services = models.ManyToManyField(Service, through="SurveyService", related_name="surveys")
    population = models.PositiveIntegerField(_("jumlah orang yang dilayani"), null=True, blank=True)
    method = models.CharField(
        _("rumus sasaran"),
        max_length=15,
        choices=TargetMethod,
        default=TargetMethod.KREJCIE_MORGAN,
    )
    target = models.PositiveIntegerField(_("sasaran responden"), default=30)
    access = models.CharField(_("cara masuk"), max_length=5, choices=Access, default=Access.OPEN)
    profile_fields = models.JSONField(_("data diri yang ditanyakan"), default=list, blank=True)
    contact = models.CharField(_("kontak untuk bertanya"), max_length=150, blank=True)
    complaint_url = models.URLField(_("tautan kanal pengaduan"), blank=True)
    retention_months = models.PositiveSmallIntegerField(
        _("jawaban disimpan (bulan setelah hari terakhir)"), default=24
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    opened_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survei")
        verbose_name_plural = _("survei")
        ordering = ("-year", "-pk")
        constraints = [
            models.CheckConstraint(
                name="survey_days_order", condition=Q(closes_on__gte=F("opens_on"))
            ),
            models.CheckConstraint(name="survey_known_state", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="survey_erased_only_after_collection",
                condition=Q(erased_at=None) | ~Q(state__in=["planned", "open"]),
            ),
        ]
        indexes = [models.Index(fields=["unit", "-year"], name="survey_by_unit")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the survey's page for those who manage it."""
        return reverse("surveys:survey_detail", args=[self.pk])

    @property
    def public_path(self) -> str:
        """Return the path of the public form."""
        return reverse("surveys:public_form", args=[self.code])

    @property
    def subject(self) -> str:
        """Return the name under which jobs and documents of this survey are kept."""
        return f"survey:{self.pk}"

    @property
    def needs_token(self) -> bool:
        """Tell whether only holders of a token may answer."""
        return self.access == Access.TOKEN

    @property
    def is_collecting(self) -> bool:
        """Tell whether answers may still be added: open or not yet opened."""
        return self.state in (State.PLANNED, State.OPEN)

    @property
    def has_result(self) -> bool:
        """Tell whether the result is locked."""
        return self.state in (State.LOCKED, State.PUBLISHED)

    @property
    def asked_services(self) -> list[tuple[int, str]]:
        """Return key and name of the services among which a respondent chooses."""
        return [(row.service_id, row.service.name) for row in self.covered.all()]

    def takes_answers_on(self, day: date) -> bool:
        """Tell whether the public form takes answers on a day (in WIB)."""
        return self.state == State.OPEN and self.opens_on <= day <= self.closes_on


class SurveyService(models.Model):
    """A service that a survey covers; ``population`` is how many it served, if known."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="covered")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    population = models.PositiveIntegerField(_("orang yang dilayani"), null=True, blank=True)

    class Meta:
        verbose_name = _("layanan yang disurvei")
        verbose_name_plural = _("layanan yang disurvei")
        ordering = ("service__name",)
        constraints = [
            models.UniqueConstraint(fields=["survey", "service"], name="survey_service_once")
        ]

    def __str__(self) -> str:
        return f"{self.survey}: {self.service}"


class SurveyPart(models.Model):
    """One questionnaire of a survey, with its conversion; the result is locked per part.

    ``unit``, ``year`` and ``kind`` repeat the survey's and the questionnaire's, so that the
    database itself holds that one survey alone feeds a unit's worksheet.
    """

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="parts")
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="parts")
    position = models.PositiveSmallIntegerField()
    conversion = models.CharField(
        _("konversi skala"),
        max_length=12,
        choices=ConversionChoice,
        default=ConversionChoice.PROPORTIONAL,
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=4, choices=SurveyKind)
    feeds_worksheet = models.BooleanField(_("dipakai untuk LKE"), default=False)

    class Meta:
        verbose_name = _("bagian survei")
        verbose_name_plural = _("bagian survei")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["survey", "kind"], name="survey_kind_once"),
            models.UniqueConstraint(fields=["survey", "position"], name="survey_part_position"),
            models.UniqueConstraint(
                fields=["unit", "year", "kind"],
                name="survey_feeds_once",
                condition=Q(feeds_worksheet=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.year}"


class Tally(models.Model):
    """The running sums of a survey, kept on every answer; ``surveys.tally`` knows their shape.

    Its row is the lock under which answers are added and the survey is closed.
    """

    survey = models.OneToOneField(Survey, models.CASCADE, related_name="tally")
    sums = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.survey}"


class Token(models.Model):
    """A right to answer once. Only its digest is kept, and that it was used, never when."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64)
    sheet = models.PositiveSmallIntegerField(_("lembar"))
    is_used = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "digest"], name="token_once")]
        indexes = [models.Index(fields=["survey", "sheet"], name="token_by_sheet")]

    def __str__(self) -> str:
        return f"{self.survey_id}/{self.sheet}"


class Improvement(models.Model):
    """What a unit will do about a result: which element, what, who, by when, done or not."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="improvements")
    subject = models.CharField(_("unsur atau hal"), max_length=150)
    action = models.CharField(_("perbaikan"), max_length=300)
    owner = models.CharField(_("penanggung jawab"), max_length=150)
    due_on = models.DateField(_("tenggat"))
    done_on = models.DateField(_("selesai"), null=True, blank=True)

    class Meta:
        verbose_name = _("rencana tindak lanjut")
        verbose_name_plural = _("rencana tindak lanjut")
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return self.action
