"""One registry by which an upper app adds to a lower app's page or report.

The lower app names a slot and shows whatever stands there; it never learns who provides it. Slots
are filled in ``AppConfig.ready``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Panel:
    """What a slot shows: a template and the frozen dataclass that it gets as ``panel``."""

    template: str
    data: Any


@dataclasses.dataclass(frozen=True, slots=True)
class _Entry:
    order: int
    number: int
    provider: Callable[..., Any]
    template: str


_slots: dict[str, dict[Callable[..., Any], _Entry]] = {}


def register(slot: str, provider: Callable[..., Any], template: str, order: int = 100) -> None:
    """Add a provider to a slot; registering it again changes nothing but template and order.

    provider: called as ``provider(user, **context)``; returns a frozen dataclass, or None when
        it has nothing to show to this user.
    template: shows it; it may be empty for a slot whose page reads the dataclasses itself.
    order: smaller comes first; equal ones keep the order in which they were registered.
    """
    entries = _slots.setdefault(slot, {})
    number = entries[provider].number if provider in entries else len(entries)
    entries[provider] = _Entry(order, number, provider, template)


def for_slot(slot: str, user, **context) -> list[Panel]:
    """Return the panels of a slot for this user, in order; empty when nobody provides one.

    Raises TypeError when a provider returns anything but a frozen dataclass: a panel that could
    change between page and PDF would print two truths.
    """
    shown = []
    entries = _slots.get(slot, {}).values()
    for entry in sorted(entries, key=lambda entry: (entry.order, entry.number)):
        data = entry.provider(user, **context)
        if data is None:
            continue
        if not dataclasses.is_dataclass(data) or not data.__dataclass_params__.frozen:
            raise TypeError(f"{entry.provider.__qualname__} must return a frozen dataclass")
        shown.append(Panel(entry.template, data))
    return shown
