"""Answers as JSON: a file for the commands, and the inputs that an answer row keeps.

``{"answers": {"A.I.1.i.a": "Ya", "A.II.1.i.a": {"jumlah_agen_perubahan": 7}, …}}``. Numbers are
JSON numbers or text with a decimal point, read exactly; ``null`` and an absent key mean
unanswered. Whatever a file holds, the outcome is answers or ``AnswerError`` with every problem.
"""

from __future__ import annotations

import json
import re
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

FILE = "file"
"""Stands where a problem concerns the file and no row of it."""

MAX_BYTES = 1_000_000
MAX_DIGITS = 30

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")


class _Object(dict):
    """A JSON object that remembers which keys came twice."""

    repeated: tuple[str, ...] = ()


class _Refused(str):
    """The text of a JSON number that is no acceptable figure, such as NaN or 1e999."""


def parse_number(text: str) -> Number | None:
    """Return the exact number that a text with a decimal point spells, or None.

    Whole numbers come as int. At most MAX_DIGITS characters; "3,60", "1_000", " 7" and "NaN" are
    no numbers.
    """
    if len(text) > MAX_DIGITS or not _NUMBER.fullmatch(text):
        return None
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else Decimal(text)


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
    if isinstance(value, str) and not isinstance(value, _Refused):
        number = parse_number(value)
        return value if number is None else number
    return value


def read_answers(instrument: Instrument, source: str | bytes) -> dict[str, Any]:
    """Return the answers in JSON text, fit for ``scoring.score``.

    Raises AnswerError that names every problem; the code ``file`` stands for the file as a whole.
    """
    document = _document(source)
    problems = [_repeated(FILE, key) for key in _repeated_in(document)]
    named = document.get("instrument")
    if named is not None and named != instrument.code:
        message = f"Berkas ini untuk instrumen “{shown(named)}”, bukan {instrument.code}."
        problems.append(Problem(FILE, message))
    rows = document.get("answers")
    if not isinstance(rows, dict):
        problems.append(Problem(FILE, "Berkas harus memuat objek “answers”."))
        raise AnswerError(problems)
    problems += [_repeated(key, key) for key in _repeated_in(rows)]
    answers: dict[str, Any] = {}
    for code, answer in rows.items():
        if isinstance(answer, dict):
            problems += [_repeated(code, key) for key in _repeated_in(answer)]
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
    problems = [_repeated(FILE, key) for key in _repeated_in(document)]
    for code, effort in document.items():
        if isinstance(effort, bool) or not isinstance(effort, int):
            problems.append(Problem(shown(code), "Upaya harus bilangan bulat 1 sampai 5."))
    if problems:
        raise AnswerError(problems)
    return dict(document)


def _repeated_in(value: dict) -> tuple[str, ...]:
    return value.repeated if isinstance(value, _Object) else ()


def _repeated(code: str, key: str) -> Problem:
    return Problem(shown(code), f"Kunci “{shown(key)}” muncul lebih dari sekali.")


def _document(source: str | bytes) -> _Object:
    """Parse JSON into an object, refusing all that later steps could stumble over."""
    if len(source) > MAX_BYTES:
        raise _file_error(f"Berkas lebih besar dari {MAX_BYTES // 1000} kB.")
    try:
        text = source if isinstance(source, str) else source.decode("utf-8-sig")
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_literal,
            parse_float=_literal,
            parse_constant=_Refused,
        )
        json.dumps(document, ensure_ascii=False, default=str).encode()
    except UnicodeDecodeError as error:
        raise _file_error("Berkas harus berupa teks UTF-8.") from error
    except UnicodeEncodeError as error:
        raise _file_error("Berkas memuat huruf yang tidak sah.") from error
    except json.JSONDecodeError as error:
        place = f"baris {error.lineno}, kolom {error.colno}"
        raise _file_error(f"Bukan JSON yang sah ({place}).") from error
    except RecursionError as error:
        raise _file_error("Susunan berkas terlalu dalam.") from error
    if not isinstance(document, _Object):
        raise _file_error("Berkas harus berisi satu objek JSON.")
    return document


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        repeated = [key for key, _ in pairs if key in seen or seen.add(key)]
        found.repeated = tuple(dict.fromkeys(repeated))
    return found


def _literal(text: str) -> Number | _Refused:
    number = parse_number(text)
    return _Refused(text) if number is None else number


def _file_error(message: str) -> AnswerError:
    return AnswerError([Problem(FILE, message)])
