"""Scenarios: named copies of a track on which people try what a change would bring."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.instruments import Indicator
from assessments.models.worksheets import Assessment, Track
from assessments.querysets import ScenarioQuerySet


class Scenario(models.Model):
    """A named copy of one track: its rows as they stand, but for those answered otherwise here.

    Nothing in it is part of a track; taking it over is an act of its own, through
    ``record_answers``. ``is_shared`` shows it to everybody who sees the track in full.
    """

    class Purpose(models.TextChoices):
        WHAT_IF = "what_if", _("Simulasi")
        VISIT = "visit", _("Asistensi")

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="scenarios")
    track = models.CharField(max_length=4, choices=Track)
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.WHAT_IF)
    name = models.CharField(_("nama skenario"), max_length=80)
    note = models.TextField(_("catatan"), blank=True)
    is_shared = models.BooleanField(_("dibagikan"), default=False)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("skenario")
        verbose_name_plural = _("skenario")
        ordering = ("-changed_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "created_by", "name"], name="scenario_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ScenarioAnswer(models.Model):
    """A row that a scenario answers otherwise: an option's code or the counts of a computed row."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="answers")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    choice = models.CharField(max_length=5, blank=True)
    inputs = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scenario", "indicator"], name="scenario_answer_once"),
            models.CheckConstraint(
                name="scenario_answer_choice_or_inputs",
                condition=(Q(choice="") & Q(inputs__isnull=False))
                | (~Q(choice="") & Q(inputs__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scenario}: {self.indicator.code}"
