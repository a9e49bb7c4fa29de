"""A closed period is frozen: what belongs to it is read and never written.

Asked by every service under its lock; triggers hold the same below them (``assessments.triggers``).
What outlives a period goes on: follow-up of recommendations, the monitoring of a predicate, the
numbers of issued papers, a person's own scenarios.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from assessments.models.worksheets import Period


class PeriodClosed(Exception):
    """The period is closed; the text is a sentence for the user. The roof turns it into a reply."""

    def __init__(self, period: Period):
        super().__init__(
            _("{period} sudah ditutup: isinya dibekukan dan hanya dapat dibaca.").format(
                period=period
            )
        )
        self.period = period


def refuse_closed(period: Period) -> None:
    """Raise PeriodClosed where a period is closed."""
    if period.is_closed:
        raise PeriodClosed(period)
