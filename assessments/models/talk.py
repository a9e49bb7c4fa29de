"""Comments beside a row: who said what, who was called, who has seen it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.instruments import Indicator
from assessments.models.worksheets import Assessment
from assessments.querysets import CommentQuerySet


class Comment(models.Model):
    """What somebody said about a row, or an answer to it.

    ``internal`` keeps a thread to the inspectorate; an answer is as internal as what it answers.
    ``names`` are the people called by ``@`` as the text names them. A thread is resolved on its
    first comment. Nothing is changed or removed afterwards.
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="comments")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    answers = models.ForeignKey("self", models.CASCADE, null=True, related_name="replies")
    text = models.TextField()
    names = models.JSONField(default=list)
    internal = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("komentar")
        verbose_name_plural = _("komentar")
        ordering = ("pk",)
        indexes = [models.Index(fields=["assessment", "indicator"], name="comment_of_row")]
        constraints = [
            models.CheckConstraint(
                name="comment_resolved_at_with_by",
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False, answers=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.text[:40]}"


class CommentMention(models.Model):
    """A person called by name in a comment; read once he has seen the row's comments."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="mention_once_per_comment")
        ]
        indexes = [models.Index(fields=["user", "read_at"], name="mention_unread")]

    def __str__(self) -> str:
        return f"{self.user} @ {self.comment_id}"


class CommentSeen(models.Model):
    """How far a person has read the comments of a row: the key of the last one he has seen."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="+")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    last = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "assessment", "indicator"], name="comments_seen_once_per_row"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.assessment_id} {self.indicator_id}: {self.last}"
