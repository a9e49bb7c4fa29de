"""Questionnaire editions: elements, their questions, and the words of each point of the scale."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from surveys.index import LOWEST, SCALES

ENGLISH = "en"


class SurveyKind(models.TextChoices):
    """The three perception surveys, by the short names that everybody uses."""

    SPAK = "spak", _("SPAK")
    SPKP = "spkp", _("SPKP")
    SKM = "skm", _("SKM")


INDEX_NAMES = {SurveyKind.SPAK: "IPAK", SurveyKind.SPKP: "IPKP", SurveyKind.SKM: "IKM"}
LONG_NAMES = {
    SurveyKind.SPAK: _("Survei Persepsi Anti Korupsi"),
    SurveyKind.SPKP: _("Survei Persepsi Kualitas Pelayanan"),
    SurveyKind.SKM: _("Survei Kepuasan Masyarakat"),
}
GRADE_LABELS = {
    "A": _("Sangat baik"),
    "B": _("Baik"),
    "C": _("Kurang baik"),
    "D": _("Tidak baik"),
}


def spoken(indonesian: str, english: str) -> str:
    """Return the text in the language of the page; Indonesian where there is no English."""
    return english if english and get_language() == ENGLISH else indonesian


class Questionnaire(models.Model):
    """One edition of a questionnaire; frozen from its first use on, then only followed.

    ``checksum`` is that of a shipped file; blank for an edition made in the application.
    ``version`` tells the editor's view apart from what stands now.
    """

    kind = models.CharField(_("jenis"), max_length=4, choices=SurveyKind)
    code = models.SlugField(_("kode edisi"), max_length=40, unique=True)
    title = models.CharField(_("judul"), max_length=150)
    title_en = models.CharField(_("judul (Inggris)"), max_length=150, blank=True)
    heading = models.CharField(_("sapaan di halaman publik"), max_length=150)
    heading_en = models.CharField(_("sapaan (Inggris)"), max_length=150, blank=True)
    scale_max = models.PositiveSmallIntegerField(_("skala tertinggi"), default=4)
    basis = models.CharField(_("dasar"), max_length=250, blank=True)
    comment = models.CharField(_("pertanyaan terbuka"), max_length=300, blank=True)
    comment_en = models.CharField(_("pertanyaan terbuka (Inggris)"), max_length=300, blank=True)
    story = models.CharField(_("pertanyaan bila ada jawaban terburuk"), max_length=300, blank=True)
    story_en = models.CharField(
        _("pertanyaan bila ada jawaban terburuk (Inggris)"), max_length=300, blank=True
    )
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followers"
    )
    checksum = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    frozen_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("kuesioner")
        verbose_name_plural = _("kuesioner")
        ordering = ("kind", "-pk")
        constraints = [
            models.CheckConstraint(
                name="questionnaire_known_scale", condition=Q(scale_max__in=SCALES)
            ),
            models.CheckConstraint(
                name="questionnaire_known_kind", condition=Q(kind__in=SurveyKind.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"

    def get_absolute_url(self) -> str:
        """Return the address of the edition's preview."""
        return reverse("surveys:questionnaire_detail", args=[self.pk])

    @property
    def index_name(self) -> str:
        """Return what the index is called: IPAK, IPKP or IKM."""
        return INDEX_NAMES[self.kind]

    @property
    def is_frozen(self) -> bool:
        """Tell whether the edition was used and can only be followed by another."""
        return self.frozen_at is not None

    @property
    def said_title(self) -> str:
        """Return the title in the language of the page."""
        return spoken(self.title, self.title_en)

    @property
    def said_heading(self) -> str:
        """Return the heading of the public page in its language."""
        return spoken(self.heading, self.heading_en)

    @property
    def said_comment(self) -> str:
        """Return the open question in the language of the page."""
        return spoken(self.comment, self.comment_en)

    @property
    def said_story(self) -> str:
        """Return the question after a bad answer in the language of the page."""
        return spoken(self.story, self.story_en)


class Element(models.Model):
    """An element (unsur) of an edition: the index is the mean over these."""

    questionnaire = models.ForeignKey(Questionnaire, models.CASCADE, related_name="elements")
    code = models.SlugField(_("kode unsur"), max_length=40)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("nama unsur"), max_length=100)
    name_en = models.CharField(_("nama unsur (Inggris)"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("unsur")
        verbose_name_plural = _("unsur")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "code"], name="element_code_once"),
            models.UniqueConstraint(
                fields=["questionnaire", "position"], name="element_position_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def said_name(self) -> str:
        """Return the name in the language of the page."""
        return spoken(self.name, self.name_en)


class Question(models.Model):
    """A question of an element; several questions of one element are its sub-questions.

    ``labels`` and ``labels_en`` hold the words of the points 1 to the scale's highest, in order.
    """

    questionnaire = models.ForeignKey(Questionnaire, models.CASCADE, related_name="questions")
    element = models.ForeignKey(Element, models.CASCADE, related_name="questions")
    code = models.SlugField(_("kode pertanyaan"), max_length=40)
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("pertanyaan"), max_length=400)
    text_en = models.CharField(_("pertanyaan (Inggris)"), max_length=400, blank=True)
    help_text = models.CharField(_("keterangan"), max_length=300, blank=True)
    help_text_en = models.CharField(_("keterangan (Inggris)"), max_length=300, blank=True)
    labels = models.JSONField(_("label jawaban"))
    labels_en = models.JSONField(_("label jawaban (Inggris)"), default=list, blank=True)

    class Meta:
        verbose_name = _("pertanyaan")
        verbose_name_plural = _("pertanyaan")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "code"], name="question_code_once"),
            models.UniqueConstraint(
                fields=["questionnaire", "position"], name="question_position_once"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def said_text(self) -> str:
        """Return the question in the language of the page."""
        return spoken(self.text, self.text_en)

    @property
    def said_help(self) -> str:
        """Return the help in the language of the page."""
        return spoken(self.help_text, self.help_text_en)

    @property
    def choices(self) -> list[tuple[int, str]]:
        """Return the points with their words, the best answer first."""
        words = self.labels_en if self.labels_en and get_language() == ENGLISH else self.labels
        return list(enumerate(words, LOWEST))[::-1]
