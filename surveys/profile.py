"""What a survey may ask about the respondent: a reviewed list, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.utils.translation import get_language

PROFILE_FILE = Path(__file__).resolve().parent / "questionnaires" / "profile.yaml"
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages of the public page."""

    id: str
    en: str

    def __str__(self) -> str:
        return self.en if get_language() == ENGLISH else self.id


@dataclass(frozen=True, slots=True)
class Field:
    """A question about the respondent with its answers by code."""

    code: str
    label: Words
    options: dict[str, Words]


@dataclass(frozen=True, slots=True)
class Profile:
    """All fields by code, and those that a new survey asks for."""

    fields: dict[str, Field]
    defaults: tuple[str, ...]

    def chosen(self, codes) -> list[Field]:
        """Return the fields with these codes, in the order of the list."""
        return [field for code, field in self.fields.items() if code in set(codes)]


@cache
def profile() -> Profile:
    """Return the list of fields; read from its file once per process."""
    document = yaml.safe_load(PROFILE_FILE.read_text(encoding="utf-8"))
    fields = {
        entry["code"]: Field(
            entry["code"],
            Words(entry["label"]["id"], entry["label"]["en"]),
            {item["code"]: Words(item["id"], item["en"]) for item in entry["options"]},
        )
        for entry in document["fields"]
    }
    return Profile(fields, tuple(document["defaults"]))
