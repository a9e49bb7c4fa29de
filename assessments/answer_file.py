"""Answers as JSON: a file for the commands, and the inputs that an answer row keeps.

``{"answers": {"A.I.1.i.a": "Ya", "A.II.1.i.a": {"jumlah_agen_perubahan": 7}, …}}``. Numbers are
JSON numbers or text with a decimal point, read exactly; ``null`` and an absent key mean
unanswered. Whatever a file holds, the outcome is answers or ``AnswerError`` with every problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from assessments.scoring import (
    AnswerError,
    Instrument,
    Number,
    Problem,
    check_answers,
    shown,
)
from surveys import strict_json
from surveys.strict_json import JsonRefused, Refused, parse_number, read_object, repeated_in

FILE = "file"
"""Stands where a problem concerns the file and no row of it."""

MAX_BYTES = 1_000_000


def inputs_to_json(inputs: Mapping[str, Number]) -> dict[str, int | str]:
    """Return inputs as an answer row keeps them: counts as numbers, decimals as text."""
    return {
        name: f"{value:f}" if isinstance(value, Decimal) else value
        for name, value in inputs.items()
    }


def inputs_from_json(stored: Mapping[str, object]) -> dict[str, Any]:
    """Return the numbers in stored or posted inputs; what is no number stays for the check."""
    return {name: _number(value) for name, value in stored.items()}


def _number(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Refused):
        number = parse_number(value)
        return value if number is None else number
    return value


def read_answers(instrument: Instrument, source: str | bytes) -> dict[str, Any]:
    """Return the answers in JSON text, fit for ``scoring.score``.

    Raises AnswerError that names every problem; the code ``file`` stands for the file as a whole.
    """
    document = _document(source)
    problems = [_repeated(FILE, key) for key in repeated_in(document)]
    named = document.get("instrument")
    if named is not None and named != instrument.code:
        message = f"Berkas ini untuk instrumen “{shown(named)}”, bukan {instrument.code}."
        problems.append(Problem(FILE, message))
    rows = document.get("answers")
    if not isinstance(rows, dict):
        problems.append(Problem(FILE, "Berkas harus memuat objek “answers”."))
        raise AnswerError(problems)
    problems += [_repeated(key, key) for key in repeated_in(rows)]
    answers: dict[str, Any] = {}
    for code, answer in rows.items():
        if isinstance(answer, dict):
            problems += [_repeated(code, key) for key in repeated_in(answer)]
            answers[code] = inputs_from_json(answer)
        else:
            answers[code] = answer
    return checked(instrument, answers, problems)


def checked(
    instrument: Instrument, answers: dict[str, Any], problems: list[Problem] | None = None
) -> dict[str, Any]:
    """Return answers that fit the instrument; raise AnswerError with all that is wrong."""
    problems = [*(problems or []), *check_answers(instrument, answers)]
    if problems:
        raise AnswerError(problems)
    return answers


def read_efforts(source: str | bytes) -> dict[str, int]:
    """Return the effort per step (1 to 5) by indicator code from a JSON object.

    Raises AnswerError; whether the figures are within 1 to 5 is the plan's own check.
    """
    document = _document(source)
    problems = [_repeated(FILE, key) for key in repeated_in(document)]
    for code, effort in document.items():
        if isinstance(effort, bool) or not isinstance(effort, int):
            problems.append(Problem(shown(code), "Upaya harus bilangan bulat 1 sampai 5."))
    if problems:
        raise AnswerError(problems)
    return dict(document)


def _repeated(code: str, key: str) -> Problem:
    return Problem(shown(code), f"Kunci “{shown(key)}” muncul lebih dari sekali.")


def _document(source: str | bytes) -> strict_json.Object:
    too_large = f"Berkas lebih besar dari {MAX_BYTES // 1000} kB."
    try:
        return read_object(source, too_large=too_large, max_bytes=MAX_BYTES)
    except JsonRefused as refusal:
        raise AnswerError([Problem(FILE, str(refusal))]) from refusal
