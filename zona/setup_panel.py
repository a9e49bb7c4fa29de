"""What the first run adds to the home page of those who look after the installation."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from zona import first_run, own_data


@dataclass(frozen=True, slots=True)
class SetupNote:
    """The way on: to the steps that are left, or out of the demo."""

    url: str
    is_demo: bool


def setup_note(user, **_context) -> SetupNote | None:
    """Return the way on for who may set up; no statement but once in half a minute."""
    if not first_run.may_set_up(user):
        return None
    if own_data.can_start():
        return SetupNote(reverse("zona:own_data"), is_demo=True)
    return SetupNote(reverse("zona:setup"), is_demo=False) if first_run.is_running() else None
