"""The demo's accounts: one fixed person for each role, known by name on the sign-in page."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.demo import source
from units.demo_login import PERSONAS

DEMO_PASSWORD = "peragaan-zona"
"""Every demo person's password; set only where ``ZONA_DEMO`` says that the data are invented."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person as whom a visitor of the demo can sign in."""

    username: str
    name: str
    role: str
    unit: str


def demo_accounts() -> list[Account]:
    """Return the demo people in the order of the work; reads no database."""
    people = {entry["username"]: entry for entry in source.read("people")["personas"]}
    return [
        Account(username, people[username]["name"], str(role), people[username]["unit"])
        for username, role in PERSONAS.items()
    ]
