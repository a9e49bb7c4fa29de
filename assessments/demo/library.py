"""A unit's evidence in one round: real small files and links, and the rows they stand beside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assessments.catalog import Catalog
from assessments.demo import files, source
from assessments.demo.facts import Facts
from assessments.demo.story import Round, long_date
from assessments.models import Evidence
from assessments.services import evidence as services
from assessments.services.links import note_link
from units.models import Unit, User
from zona.links import LinkState

TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SITE = "https://{code}.bahari.example/{year}/{page}"
ROWS_MAX = 60
LINK_STATES = (LinkState.ALIVE, LinkState.LOGIN, LinkState.DEAD)


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece of evidence in the library with the rows that it can stand beside.

    ``weak`` evidence does not prove what it is used for.
    """

    evidence: Evidence
    rows: tuple[str, ...]
    sections: frozenset[str]
    page: str
    weak: bool

    def supports(self, code: str, section: str) -> bool:
        """Tell whether the piece belongs beside a row."""
        if section in self.sections:
            return True
        return any(code == prefix or code.startswith(f"{prefix}.") for prefix in self.rows)


class Library:
    """What a unit kept in one round."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        self.kept = tuple(kept)

    def beside(self, code: str, catalog: Catalog, *, weak: bool) -> list[Kept]:
        """Return the evidence of a row; the weak pieces only where they are wanted."""
        section = catalog.section_of[code].code
        return [
            piece
            for piece in self.kept
            if piece.supports(code, section) and (weak or not piece.weak)
        ]


def covered(title: str, expected: Sequence[str]) -> tuple[int, ...]:
    """Return which expected documents a title speaks of, counted from 1: two words in common."""
    said = _words(title)
    found = []
    for number, text in enumerate(expected, start=1):
        meant = _words(text)
        if len(said & meant) >= min(2, len(meant)):
            found.append(number)
    return tuple(found)


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d]+", text.casefold()) if len(word) > 2}


def keep_library(
    *, unit: Unit, facts: Facts, year: Round, rng: Random, full: bool, by: User
) -> Library:
    """Put a round's documents into the unit's library, through the service.

    full: one document for each thing; otherwise one bundle for each area.
    """
    entries = source.read("library")["full" if full else "bundles"]
    return Library([_keep(entry, unit, facts, year, rng, by) for entry in entries])


def _keep(entry, unit: Unit, facts: Facts, year: Round, rng: Random, by: User) -> Kept:
    words = {**year.years(), **facts.words}
    day, month, years_back = entry["dated"]
    dated_on = date(year.year - years_back, month, day)
    about = {
        "unit": unit,
        "by": by,
        "title": entry["title"].format_map(words),
        "number": entry["number"].format_map(words),
        "dated_on": dated_on,
    }
    if entry["kind"] == "link":
        address = SITE.format(code=unit.code.lower(), year=year.year, page=entry["lines"][0])
        piece = services.add_link(url=address, **about)
        # By its own draw: the others of this round stay as they are.
        state = Random(address).choices(LINK_STATES, (6, 2, 1))[0]
        note_link(piece, state, at=timezone.now())
    else:
        content = _content(entry, about, facts, words, rng)
        name = f"{about['title']}.{entry['kind']}"
        upload = SimpleUploadedFile(name, content, TYPES[entry["kind"]])
        piece = services.add_file(upload=upload, **about)
    return Kept(
        evidence=piece,
        rows=tuple(entry.get("rows", ())),
        sections=frozenset(entry.get("sections", ())),
        page=entry.get("page", ""),
        weak=entry.get("weak", False),
    )


def _content(
    entry: Mapping[str, Any],
    about: Mapping[str, Any],
    facts: Facts,
    words: Mapping[str, Any],
    rng: Random,
) -> bytes:
    title, kind = about["title"], entry["kind"]
    day = long_date(about["dated_on"])
    if kind == "jpg":
        return files.jpg(title, f"{facts.name}, {day}", rng.randrange(60))
    if kind == "xlsx":
        count = min(facts.counts[entry["count"]], ROWS_MAX)
        rows = list(_rows(entry["lines"], count, rng))
        return files.xlsx(f"{title}, {facts.name}", entry["lines"], rows)
    heading = ["KEMENTERIAN BAHARI CONTOH", facts.name.upper()]
    number = f"Nomor {about['number']}, " if about["number"] else ""
    lines = [
        f"{number}{facts.place}, {day}",
        "",
        *(line.format_map(words) for line in entry["lines"]),
        "",
        f"{facts.head} {facts.name}",
    ]
    return getattr(files, kind)(title, heading, lines)


def _rows(columns: Sequence[str], count: int, rng: Random) -> Iterator[list[object]]:
    cells = source.read("library")["cells"]
    for number in range(1, count + 1):
        yield [
            number if column in ("Nomor", "Responden") else rng.choice(cells[column])
            for column in columns
        ]
