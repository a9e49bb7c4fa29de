"""Instruments: the editions of the official worksheet, loaded from data and never changed.

A published edition is frozen by triggers; a correction is a new version beside it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Instrument(models.Model):
    """One edition of the worksheet with all its nodes, indicators and rules.

    ``document`` is the validated file itself; the engine is built from it once per process.
    ``checksum`` is the SHA-256 of its canonical form.
    """

    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    short_title = models.CharField(max_length=60)
    checksum = models.CharField(max_length=64, unique=True)
    document = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        verbose_name = _("instrumen")
        verbose_name_plural = _("instrumen")
        ordering = ("-code", "-version")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="instrument_version_once")
        ]

    def __str__(self) -> str:
        return self.short_title if self.version == 1 else f"{self.short_title} v{self.version}"

    def get_absolute_url(self) -> str:
        """Return the address of the instrument's page."""
        return reverse("assessments:instrument_detail", args=[self.pk])


class Node(models.Model):
    """A part of the worksheet's tree above the indicators, with its weight in points."""

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="nodes")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    code = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    weight_points = models.DecimalField(max_digits=9, decimal_places=6)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="node_code_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Indicator(models.Model):
    """One question of the worksheet, answered by an option or by counts."""

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="indicators")
    node = models.ForeignKey(Node, models.CASCADE, related_name="indicators")
    code = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    section = models.CharField(max_length=10)
    scale = models.CharField(max_length=12)
    statement = models.TextField()
    evidence = models.JSONField(default=list)
    is_computed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("indikator")
        verbose_name_plural = _("indikator")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["instrument", "code"], name="indicator_code_once"),
            models.UniqueConstraint(
                fields=["instrument", "position"], name="indicator_position_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Option(models.Model):
    """A letter of an indicator's scale, its value 0..1 and the criteria for choosing it."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="options")
    code = models.CharField(max_length=5)
    position = models.PositiveSmallIntegerField()
    value = models.DecimalField(max_digits=4, decimal_places=2)
    criteria = models.TextField()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["indicator", "code"], name="option_code_once"),
            models.CheckConstraint(
                name="option_value_0_to_1", condition=Q(value__gte=0, value__lte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Input(models.Model):
    """A count or index that feeds a computed indicator."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="inputs")
    name = models.CharField(max_length=60)
    label = models.CharField(max_length=150)
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=12)
    type = models.CharField(max_length=8)
    minimum = models.DecimalField(max_digits=9, decimal_places=2)
    maximum = models.DecimalField(max_digits=9, decimal_places=2, null=True)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["indicator", "name"], name="input_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class ThresholdRule(models.Model):
    """A minimum that a predicate asks of the total, of nodes, or of each change area."""

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="threshold_rules")
    predicate = models.CharField(max_length=10)
    code = models.CharField(max_length=20)
    label = models.CharField(max_length=150)
    target = models.JSONField()
    minimum_points = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    minimum_ratio = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    basis = models.CharField(max_length=12, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "predicate", "code"], name="threshold_rule_once"
            ),
            models.CheckConstraint(
                name="threshold_points_or_ratio",
                condition=Q(minimum_points=None, minimum_ratio__isnull=False)
                | Q(minimum_points__isnull=False, minimum_ratio=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predicate} {self.code}"


class EligibilityRule(models.Model):
    """A condition outside the score, of the institution or of the unit, per predicate."""

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="eligibility_rules")
    scope = models.CharField(max_length=10)
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    required = models.JSONField()
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "scope", "code"], name="eligibility_rule_once"
            )
        ]

    def __str__(self) -> str:
        return self.label


class Mapping(models.Model):
    """Which node or indicator of an older edition a newer one may be compared with."""

    class Relation(models.TextChoices):
        SAME = "same", _("sama")
        SIMILAR = "similar", _("serupa")
        NONE = "none", _("tidak dapat dibandingkan")

    source = models.ForeignKey(Instrument, models.CASCADE, related_name="+")
    target = models.ForeignKey(Instrument, models.CASCADE, related_name="mappings")
    level = models.CharField(max_length=10)
    target_code = models.CharField(max_length=20)
    source_codes = models.JSONField(default=list)
    relation = models.CharField(max_length=8, choices=Relation)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "level", "target_code"], name="mapping_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.target_code} ← {', '.join(self.source_codes) or '–'}"
