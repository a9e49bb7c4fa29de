"""Checking the addresses of link evidence; nothing here decides about a row."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from assessments.models import Evidence
from zona import jobs, links

CHECK_ONE = "assessments.check_link"
AGAIN_AFTER = timedelta(days=7)
PER_RUN = 100

logger = logging.getLogger(__name__)


def check_soon(evidence: Evidence) -> None:
    """Have a new link's address looked at, where this house looks at addresses at all."""
    if settings.LINK_CHECK:
        jobs.enqueue(CHECK_ONE, args={"evidence": evidence.pk}, max_attempts=1)


def check_link(evidence: Evidence, *, allowed: links.Allowed = links.is_public) -> str:
    """Look at a link's address now and note what was found; returns it.

    allowed: which addresses may be asked; a test names its own machine.
    """
    result = links.check(evidence.url, allowed=allowed)
    logger.info("link of evidence %s: %s (%s)", evidence.pk, result.state, result.detail)
    note_link(evidence, result.state, at=timezone.now())
    return result.state


def note_link(evidence: Evidence, state: str, *, at: datetime) -> None:
    """Keep what a check of an address found."""
    Evidence.objects.filter(pk=evidence.pk, kind=Evidence.Kind.LINK).update(
        link_state=state, link_checked_at=at
    )


def check_due(report: jobs.Report) -> int:
    """Look at the links not looked at for a week, the longest ago first; return how many."""
    if not settings.LINK_CHECK:
        return 0
    old = Q(link_checked_at=None) | Q(link_checked_at__lt=timezone.now() - AGAIN_AFTER)
    due = Evidence.objects.filter(old, kind=Evidence.Kind.LINK).newest()
    pieces = list(due.order_by(F("link_checked_at").asc(nulls_first=True), "pk")[:PER_RUN])
    for number, piece in enumerate(pieces, start=1):
        check_link(piece)
        report(100 * number // len(pieces), "")
    return len(pieces)
