"""The demo's data files, read once per process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent / "data"


@cache
def read(name: str) -> dict[str, Any]:
    """Return a data file by its name without the ending."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def texts() -> dict[str, dict[str, Any]]:
    """Return the condition texts of every indicator by code.

    An indicator of another edition than the one in force has the edition's year before its code.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((FOLDER / "texts").glob("*.yaml")):
        found.update(yaml.safe_load(path.read_text(encoding="utf-8")))
    return found
