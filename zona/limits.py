"""A brake for pages that anyone may open."""

from __future__ import annotations

import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache

WINDOW_SECONDS = 60


def too_many(request, name: str, most: int) -> bool:
    """Count a request of this address in this minute; tell whether there were more than ``most``.

    The address stays in the cache for two minutes and nowhere else.
    """
    window = int(time.time()) // WINDOW_SECONDS
    key = f"limit:{name}:{get_adapter().get_client_ip(request)}:{window}"
    cache.add(key, 0, 2 * WINDOW_SECONDS)
    try:
        return cache.incr(key) > most
    except ValueError:
        # The entry ended between the two calls: a new minute.
        return False


def too_many_of(user, name: str, most: int, *, count: int = 1, window_seconds: int) -> bool:
    """Count what a person does in this window; tell whether it is more than ``most``.

    What is refused is not counted.
    """
    window = int(time.time()) // window_seconds
    key = f"limit:{name}:user-{user.pk}:{window}"
    cache.add(key, 0, 2 * window_seconds)
    try:
        reached = cache.incr(key, count)
        if reached > most:
            cache.decr(key, count)
    except ValueError:
        # The entry ended between the two calls: a new window.
        return count > most
    return reached > most
