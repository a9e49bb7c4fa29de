"""What the control room adds to the home page: announcements that wait to be read."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.control.services import units_of, unread_by
from assessments.models import Announcement
from units.models import User

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Announcements:
    """The newest announcements that the person has not read."""

    rows: tuple[Announcement, ...]


def announcements(user: User, **_context) -> Announcements | None:
    """Return what the secretariat announces to the person's units; one statement or none."""
    if not units_of(user):
        return None
    rows = tuple(unread_by(user)[:SHOWN])
    return Announcements(rows) if rows else None
