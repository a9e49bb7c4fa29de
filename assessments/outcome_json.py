"""What scoring and planning found, as the JSON that commands print and programs read.

Figures are text with six decimals, half up; counts are numbers; unknown is null.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from assessments import answer_file, instrument_file, planning, scoring
from assessments.scoring import six

DEFAULT_INSTRUMENT = "lke-zi-2021"


def add_file_arguments(parser: ArgumentParser) -> None:
    """Declare what every command on a file of answers takes."""
    parser.add_argument("file", metavar="ANSWERS.json", help="berkas jawaban")
    parser.add_argument(
        "--instrument",
        metavar="KODE",
        default=DEFAULT_INSTRUMENT,
        help=f"edisi LKE (bawaan {DEFAULT_INSTRUMENT})",
    )


def run(stdout: TextIO, outcome: Callable[[Mapping[str, Any]], dict], options: Mapping) -> None:
    """Print an outcome; print the problems and leave with status 1 when there are any."""
    try:
        printed = outcome(options)
    except scoring.AnswerError as error:
        _print(stdout, {"errors": [{"code": p.code, "message": p.message} for p in error.problems]})
        sys.exit(1)
    _print(stdout, printed)


def _print(stdout: TextIO, printed: dict[str, Any]) -> None:
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    text = json.dumps(printed, ensure_ascii=False, indent=2)
    if text.encode(encoding, "replace").decode(encoding) != text:
        text = json.dumps(printed, indent=2)
    stdout.write(text)


def content(name: str) -> bytes:
    """Return a file's bytes. Raises AnswerError when it cannot be read."""
    try:
        with Path(name).open("rb") as file:
            return file.read(answer_file.MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        message = f"Berkas {scoring.shown(name)} tidak dapat dibaca."
        raise scoring.AnswerError([scoring.Problem(answer_file.FILE, message)]) from error


def instrument(code: str) -> scoring.Instrument:
    """Return an edition of the house by its code. Raises AnswerError when there is none."""
    known = instrument_file.bundled_paths()
    if code not in known:
        message = f"Instrumen “{scoring.shown(code)}” tidak ada; yang ada {', '.join(known)}."
        raise scoring.AnswerError([scoring.Problem("instrument", message)])
    return instrument_file.bundled(code)


def result(found: scoring.Result) -> dict[str, Any]:
    """Return a score as printed by ``manage.py score``."""
    return {
        "instrument": found.instrument_code,
        "answered": found.answered,
        "missing": list(found.missing),
        "warnings": [{"code": w.code, "message": w.message} for w in found.warnings],
        "readings": {
            reading.value: _reading(found.readings[reading])
            for reading in (scoring.Reading.FILLED, scoring.Reading.SAFE)
        },
        "gates": gates(found.gates),
    }


def _reading(reading: scoring.ReadingResult) -> dict[str, Any]:
    return {
        "total": six(reading.total),
        "nodes": {code: six(points) for code, points in reading.nodes.items()},
        "areas": {
            code: {"points": six(area.points), "ratio": six(area.ratio)}
            for code, area in reading.areas.items()
        },
    }


def gates(found: Mapping[str, scoring.Gate]) -> dict[str, Any]:
    """Return gates as printed: per predicate the verdict and every rule."""
    return {
        gate.predicate: {
            "met": gate.met,
            "requires": gate.requires,
            "rules": [
                {
                    "code": rule.code,
                    "label": rule.label,
                    "required": six(rule.required),
                    "reached": six(rule.reached),
                    "gap": six(rule.gap),
                    "met": rule.met,
                }
                for rule in gate.rules
            ],
        }
        for gate in found.values()
    }


def explanation(found: scoring.Explanation) -> dict[str, Any]:
    """Return an explanation as a tree of printed lines."""
    return {
        "target": found.target,
        "reading": found.reading.value,
        "line": _line(found.line),
    }


def _line(line: scoring.Line) -> dict[str, Any]:
    return {
        "code": line.code,
        "label": line.label,
        "formula": line.formula,
        "value": None if line.value is None else six(line.value),
        "weight": None if line.weight is None else six(line.weight),
        "points": None if line.points is None else six(line.points),
        "notes": list(line.notes),
        "children": [_line(child) for child in line.children],
    }


def plan(found: planning.Plan) -> dict[str, Any]:
    """Return a plan as printed by ``manage.py plan``."""
    return {
        "predicate": found.predicate,
        "already_met": found.already_met,
        "feasible": found.feasible,
        "blocking": [blocking.code for blocking in found.blocking],
        "cost": found.cost,
        "steps": found.steps,
        "upgrades": [
            {
                "code": upgrade.code,
                "from": _answer(upgrade.from_),
                "to": _answer(upgrade.to),
                "cost": upgrade.cost,
                "gain": six(upgrade.gain),
            }
            for upgrade in found.upgrades
        ],
        "total_after": six(found.total_after),
        "gates_after": gates(found.gates_after),
    }


def _answer(answer: scoring.Answer) -> str | dict[str, Any] | None:
    if answer is None or isinstance(answer, str):
        return answer
    return {name: _whole_or_text(value) for name, value in answer.items()}


def _whole_or_text(value: scoring.Number) -> int | str:
    """Return a number as JSON keeps it exact: whole as number, decimals as text."""
    if isinstance(value, Decimal) and value != int(value):
        return f"{value:f}"
    return int(value)
