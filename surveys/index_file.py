"""Survey means or scores as a JSON file for ``manage.py survey_index``; no Django, no database.

``{"instrument": "spak", "scale_max": 4, "elements": [{"code": "imbalan", "mean": 3.62}, {"code":
"pungli", "scores": [4, 3, 4]}]}``. Numbers are JSON numbers or text with a decimal point, read
exactly. Whatever a file holds, the outcome is an index or ``IndexFileError`` with every problem.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from surveys import index, strict_json
from surveys.index import Conversion, ElementMean, Index, Kind
from surveys.strict_json import JsonRefused, Refused, parse_number, read_object, repeated_in

FILE = "file"
"""Stands where a problem concerns the file and no element of it."""

MAX_BYTES = 20_000_000
MAX_ELEMENTS = 2000
CODE_MAX = 60
SIX = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where: an element's code, a key, or FILE."""

    code: str
    message: str


class IndexFileError(Exception):
    """The file holds no survey that can be computed; ``problems`` names everything wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{item.code}: {item.message}" for item in problems))
        self.problems = problems


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= CODE_MAX else f"{text[: CODE_MAX - 1]}…"


def read(source: bytes) -> Index:
    """Return the index of the survey in JSON text. Raises IndexFileError with all that is wrong."""
    document = _document(source)
    problems: list[Problem] = []
    if repeated_in(document):
        problems.append(Problem(FILE, "Ada kunci yang muncul lebih dari sekali."))
    kind = _kind(document, problems)
    scale_max = _scale(document, problems)
    conversion = _conversion(document, problems)
    elements = _elements(document, scale_max, problems)
    if problems:
        raise IndexFileError(problems)
    return index.compute(elements, kind=kind, scale_max=scale_max, conversion=conversion)


def printed(found: Index) -> dict[str, Any]:
    """Return an index as the command prints it: every figure as text with a decimal point."""
    points = found.lke_points
    return {
        "index4": str(found.index4),
        "index100": str(found.index100),
        "grade": found.band.grade,
        "elements": [
            {"code": element.code, "mean": str(index.half_up(element.mean, SIX))}
            for element in found.elements
        ],
        "lke_points": None if points is None else str(index.half_up(points, SIX)),
    }


def _document(source: bytes) -> strict_json.Object:
    too_large = f"Berkas lebih besar dari {MAX_BYTES // 1_000_000} MB."
    try:
        return read_object(source, too_large=too_large, max_bytes=MAX_BYTES)
    except JsonRefused as refusal:
        raise IndexFileError([Problem(FILE, str(refusal))]) from refusal


def _kind(document: dict, problems: list[Problem]) -> Kind:
    given = document.get("instrument")
    if isinstance(given, str) and given in set(Kind):
        return Kind(given)
    problems.append(Problem("instrument", "Instrumen harus skm, spkp, atau spak."))
    return Kind.SKM


def _scale(document: dict, problems: list[Problem]) -> int:
    given = document.get("scale_max")
    if isinstance(given, int) and not isinstance(given, bool) and given in index.SCALES:
        return given
    allowed = ", ".join(str(scale) for scale in index.SCALES)
    problems.append(Problem("scale_max", f"Skala tertinggi harus salah satu dari {allowed}."))
    return max(index.SCALES)


def _conversion(document: dict, problems: list[Problem]) -> Conversion:
    given = document.get("conversion", Conversion.PROPORTIONAL)
    if isinstance(given, str) and given in set(Conversion):
        return Conversion(given)
    problems.append(Problem("conversion", "Konversi harus proportional atau minmax."))
    return Conversion.PROPORTIONAL


def _elements(document: dict, scale_max: int, problems: list[Problem]) -> list[ElementMean]:
    rows = document.get("elements")
    if not isinstance(rows, list) or not rows:
        problems.append(Problem("elements", "Berkas harus memuat sedikitnya satu unsur."))
        return []
    if len(rows) > MAX_ELEMENTS:
        problems.append(Problem("elements", f"Unsur lebih dari {MAX_ELEMENTS}."))
        return []
    elements, seen = [], set()
    for number, row in enumerate(rows, 1):
        place = f"elements[{number}]"
        if not isinstance(row, dict):
            problems.append(Problem(place, "Unsur harus berupa objek JSON."))
            continue
        code = row.get("code")
        if not isinstance(code, str) or not code.strip() or len(code) > CODE_MAX:
            message = f"Kode unsur harus berupa teks 1 sampai {CODE_MAX} huruf."
            problems.append(Problem(place, message))
        elif code in seen:
            problems.append(Problem(code, "Unsur ini muncul lebih dari sekali."))
        else:
            seen.add(code)
            place = code
        if repeated_in(row):
            problems.append(Problem(place, "Ada kunci yang muncul lebih dari sekali."))
        mean = _mean(row, place, scale_max, problems)
        if mean is not None:
            elements.append(ElementMean(place, mean))
    return elements


def _mean(row: dict, place: str, scale_max: int, problems: list[Problem]) -> Fraction | None:
    """Return the mean of an element, or None after adding what is wrong to ``problems``."""
    if ("mean" in row) == ("scores" in row):
        problems.append(Problem(place, "Unsur harus memuat tepat satu dari mean dan scores."))
        return None
    if "mean" in row:
        number = _number(row["mean"])
        if number is None:
            problems.append(Problem(place, "Rata-rata (mean) harus berupa angka."))
            return None
        if not index.LOWEST <= number <= scale_max:
            message = f"Rata-rata {_shown(str(row['mean']))} di luar skala 1–{scale_max}."
            problems.append(Problem(place, message))
            return None
        return Fraction(number)
    return _mean_of_scores(row["scores"], place, scale_max, problems)


def _mean_of_scores(
    scores: Any, place: str, scale_max: int, problems: list[Problem]
) -> Fraction | None:
    if not isinstance(scores, list) or not scores:
        problems.append(Problem(place, "Skor (scores) harus berupa daftar dengan isi."))
        return None
    numbers = []
    for number, score in enumerate(scores, 1):
        exact = _number(score)
        if exact is None or exact != int(exact):
            message = f"Skor ke-{number} harus bilangan bulat 1–{scale_max}."
        elif not index.LOWEST <= exact <= scale_max:
            message = (
                f"Skor ke-{number} bernilai {_shown(str(score))}, di luar skala 1–{scale_max}."
            )
        else:
            numbers.append(int(exact))
            continue
        problems.append(Problem(place, message))
        return None
    return index.mean_of_scores(numbers, scale_max=scale_max)


def _number(value: Any) -> int | Decimal | None:
    """Return an exact number; None for what is none (booleans, lists, NaN, free text)."""
    if isinstance(value, bool | Refused):
        return None
    if isinstance(value, str):
        return parse_number(value)
    return value if isinstance(value, int | Decimal) else None
