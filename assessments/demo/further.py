"""Where apps above add to the demo: what they tell is built last, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[..., str]

_tellers: list[Tell] = []


def add(tell: Tell) -> None:
    """Let a function build more of the demo; adding it again changes nothing.

    It is called as ``tell(story, seed, everybody, clock)`` and returns the line that is reported.
    """
    if tell not in _tellers:
        _tellers.append(tell)


def tellers() -> tuple[Tell, ...]:
    """Return who builds more, in order."""
    return tuple(_tellers)
