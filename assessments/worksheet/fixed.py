"""What the instrument says of each row, in the form in which pages print it."""

from __future__ import annotations

from dataclasses import dataclass

from assessments import scoring
from assessments.catalog import Catalog

LETTERS = "ABCDEFGH"
"""The keys that choose an option, by its place."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What the instrument says of a row; options and inputs as plain tuples."""

    statement: str
    options: tuple[tuple[str, str, str, str], ...]
    inputs: tuple[tuple[str, str, str], ...]


_FIXED: dict[str, dict[str, Fixed]] = {}


def fixed_of(catalog: Catalog) -> dict[str, Fixed]:
    """Return what the instrument says of every row; built once per process."""
    found = _FIXED.get(catalog.checksum)
    if found is None:
        found = _FIXED[catalog.checksum] = {
            code: Fixed(
                statement=row.statement,
                options=tuple(
                    (option.code, LETTERS[place], option.criteria, scoring.value_text(option.value))
                    for place, option in enumerate(row.options)
                ),
                inputs=tuple((item.name, item.label, item.type) for item in row.inputs),
            )
            for code, row in catalog.engine.indicators.items()
        }
    return found
