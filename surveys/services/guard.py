"""Against machines and repeated answers: counters in the cache, nothing beside an answer.

What is remembered of a sender is a keyed digest whose key is random, lives in the cache and is
forgotten after a day; with it the digest can be traced to nobody. Where the cache is silent the
form works on without the guard.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from redis.exceptions import RedisError

from surveys.models import Flag, Mode, Survey

KEY_NAME = "surveys.guard.key"
KEY_SECONDS = DEVICE_SECONDS = 24 * 3600
PATTERN_SECONDS = 10 * 60
WINDOW_SECONDS = 60
MARKED_FROM = 30
"""Answers per minute from one address from which on they are marked: a desk has no more."""
REFUSED_FROM = 1800
"""Answers per minute from one address at which the door closes for the rest of the minute."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender as the guard knows him: digests of address and of address with browser."""

    address: str
    device: str


@dataclass(slots=True)
class Look:
    """What the guard noticed about one sending, and what it remembered because of it."""

    flags: int = 0
    remembered: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Take back what was remembered: the answer was not stored after all."""
        try:
            cache.delete_many(self.remembered)
        except (OSError, RedisError):
            logger.warning("the survey guard has no cache", exc_info=True)

    def seen_before(self, name: str, seconds: int) -> bool:
        """Remember something for a while; tell whether it was remembered already."""
        if cache.add(name, True, seconds):
            self.remembered.append(name)
            return False
        return True


class TooMany(Exception):
    """More answers come from one address than any hall of people could send."""


def sender_of(request) -> Sender | None:
    """Return the sender of a request; None where his address or the cache can't be had."""
    try:
        address = get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        return None
    browser = request.headers.get("User-Agent", "")[:300]
    try:
        key = _key()
    except (OSError, RedisError):
        logger.warning("the survey guard has no cache", exc_info=True)
        return None
    return Sender(_digest(key, address), _digest(key, f"{address}\n{browser}"))


def look_at(
    sender: Sender | None,
    survey: Survey,
    *,
    service_id: int | None,
    mode: str,
    values: Mapping[int, int],
    profile: Mapping[str, str],
) -> Look:
    """Count an answer about to be stored and return what its sending earns.

    A desk is one device for many people: there the same device is no sign of anything. Where the
    answer is refused afterwards the caller lets the look forget.
    Raises TooMany.
    """
    look = Look()
    if sender is None:
        return look
    try:
        if _count(f"surveys.guard.rate:{sender.address}") > MARKED_FROM:
            look.flags |= Flag.BURST
        if mode != Mode.DESK:
            device = f"surveys.guard.device:{survey.pk}:{service_id}:{sender.device}"
            if look.seen_before(device, DEVICE_SECONDS):
                look.flags |= Flag.SAME_DEVICE
        told = f"{sorted(values.items())}{sorted(profile.items())}{service_id}"
        pattern = hashlib.sha256(f"{survey.pk}{told}".encode()).hexdigest()
        if profile and look.seen_before(f"surveys.guard.pattern:{pattern}", PATTERN_SECONDS):
            look.flags |= Flag.SAME_PATTERN
    except (OSError, RedisError):
        logger.warning("the survey guard has no cache", exc_info=True)
    return look


def _count(name: str) -> int:
    """Return how many came in this minute, this one included. Raises TooMany."""
    window = f"{name}:{int(time.time() // WINDOW_SECONDS)}"
    cache.add(window, 0, 2 * WINDOW_SECONDS)
    try:
        seen = cache.incr(window)
    except ValueError:  # another process emptied the cache between the two
        seen = 1
    if seen > REFUSED_FROM:
        raise TooMany
    return seen


def _key() -> str:
    key = cache.get(KEY_NAME)
    if key is None:
        cache.add(KEY_NAME, secrets.token_hex(32), KEY_SECONDS)
        key = cache.get(KEY_NAME) or secrets.token_hex(32)
    return key


def _digest(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
