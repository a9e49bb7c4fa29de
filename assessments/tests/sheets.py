"""Whole tracks put into worksheets in one go, past the guards that other tests hold."""

from __future__ import annotations

import random
from decimal import Decimal

from assessments import scoring
from assessments.catalog import answer_value, catalog_of
from assessments.models import Answer, Assessment, Score, Track
from assessments.services.scores import score_fields


def write(assessment: Assessment, track: Track, answers: dict) -> scoring.Result:
    """Put answers into a track and store its score; return the result.

    answers: indicator code → option code, inputs, or None.
    """
    catalog = catalog_of(assessment.instrument)
    rows = {
        catalog.codes[row.indicator_id]: row
        for row in Answer.objects.filter(assessment=assessment, track=track)
    }
    for code, answer in answers.items():
        rows[code].choice = answer if isinstance(answer, str) else ""
        rows[code].inputs = answer if isinstance(answer, dict) else None
    Answer.objects.bulk_update([rows[code] for code in answers], ["choice", "inputs"])
    values = {code: answer_value(row.choice, row.inputs) for code, row in rows.items()}
    result = scoring.score(catalog.engine, values)
    fields = score_fields(result, catalog)
    Score.objects.filter(assessment=assessment, track=track).update(**fields)
    return result


def uniform(engine: scoring.Instrument, level: int = 0, index: str = "3.60") -> dict:
    """Return an answer to every row: the option ``level`` steps below the best, the worst at most.

    Counts are full (level 0) or none; survey indices are ``index``.
    """
    answers: dict = {}
    for code, row in engine.indicators.items():
        if not row.is_computed:
            answers[code] = row.options[min(level, len(row.options) - 1)].code
        elif row.computation.kind == scoring.SCORE04:
            answers[code] = {row.inputs[0].name: index}
        else:
            answers[code] = counts(row, full=level == 0)
    return answers


def counts(row: scoring.Indicator, *, full: bool) -> dict[str, int]:
    """Return counts of 4 in each whole and, when full, as much in its part."""
    whole = (scoring.DENOMINATOR, scoring.REFERENCE)
    found = {item.name: 4 if item.role in whole else 0 for item in row.inputs}
    part = next(i for i in row.inputs if i.role in (scoring.NUMERATOR, scoring.COMPARED))
    if (part.role == scoring.NUMERATOR) is full:
        found[part.name] = sum(found[item.name] for item in row.inputs if item.role in whole)
    return found


def draw(engine: scoring.Instrument, dice: random.Random) -> dict[str, tuple[str, dict | None]]:
    """Return a random worksheet: letters, counts with zeros among them, and blanks."""
    sheet = {}
    for code, indicator in engine.indicators.items():
        if dice.random() < 0.1:
            sheet[code] = ("", None)
        elif not indicator.is_computed:
            sheet[code] = (dice.choice(indicator.options).code, None)
        else:
            sheet[code] = (
                "",
                {
                    item.name: str(Decimal(dice.randint(0, 400)) / 100)
                    if item.type == "decimal"
                    else dice.choice([0, 0, dice.randint(0, 12)])
                    for item in indicator.inputs
                },
            )
    return sheet
