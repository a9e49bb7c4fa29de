"""The open sessions of one person: from where he is signed in, and the end of one of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from units.models import User

STARTED, SEEN, DEVICE = "zona_started", "zona_seen", "zona_device"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session: a name for it that opens nothing, since when, last seen, in which browser."""

    name: str
    started_at: datetime | None
    seen_at: datetime | None
    device: str
    is_this: bool


BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_words(agent: str) -> str:
    """Return browser and system in two words; what is neither known is told as it names itself."""
    found = [
        next((word for mark, word in known if mark in agent), "") for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(word for word in found if word) or agent[:60]


def name_of(key: str) -> str:
    """Return a name for a session key from which the key cannot be found."""
    return hashlib.sha256(f"session:{key}".encode()).hexdigest()[:24]


def _moment(seconds) -> datetime | None:
    return datetime.fromtimestamp(seconds, tz=UTC) if isinstance(seconds, int) else None


def _rows(person: User):
    """Yield a person's sessions with what they hold. Reads all: no column says whose they are."""
    for row in Session.objects.filter(expire_date__gte=timezone.now()).iterator():
        held = row.get_decoded()
        if held.get(SESSION_KEY) == str(person.pk):
            yield row, held


def open_sessions(person: User, current_key: str) -> tuple[OpenSession, ...]:
    """Return a person's sessions, this one first, then the one seen last."""
    found = [
        OpenSession(
            name_of(row.session_key),
            _moment(held.get(STARTED)),
            _moment(held.get(SEEN)),
            device_words(held.get(DEVICE, "")),
            row.session_key == current_key,
        )
        for row, held in _rows(person)
    ]
    found.sort(key=lambda one: one.seen_at.timestamp() if one.seen_at else 0, reverse=True)
    return tuple(sorted(found, key=lambda one: not one.is_this))


def end_session(person: User, name: str) -> bool:
    """End one of a person's sessions by its name; tell whether there was one."""
    for row, _held in _rows(person):
        if name_of(row.session_key) == name:
            row.delete()
            return True
    return False
