"""From the running sums to a result: index, spread, alpha, and groups that may be told.

Everything that a page, a report or an export prints of a result is decided here, once, when it
is locked: what is withheld is not stored with the result, so no export can give it away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from surveys import disclosure, index, statistics, tally
from surveys.index import Conversion, ElementMean, Kind
from surveys.models import Response, ResponseValue, Result, Survey, SurveyPart
from surveys.profile import profile
from surveys.services.submission import answered
from surveys.sheet import Sheet, parts_of, sheet_of
from units.models import User
from zona.audit import canonical

SCHEMA = "zona-survey-result/1"
SERVICE = "service"
CHUNK = 2000
FIGURES = 6
UNKNOWN_SPREAD: dict[str, str | None] = {"deviation": None, "margin": None}


def fraction_text(value: Fraction) -> str:
    """Write a fraction as it is stored: ``719/200``."""
    return f"{value.numerator}/{value.denominator}"


def sha256(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def edition_digest(sheet: Sheet) -> str:
    """Return the digest of what an edition asks: its file's, or that of its questions."""
    if sheet.questionnaire.checksum:
        return sheet.questionnaire.checksum
    asked = [
        [question.element.code, question.code, question.text, question.labels]
        for question in sheet.questions
    ]
    return sha256(canonical([sheet.questionnaire.code, sheet.questionnaire.scale_max, asked]))


def build_results(
    survey: Survey, sums: tally.Sums, *, version: int, by: User | None
) -> list[Result]:
    """Return the unsaved results of all parts of a survey from its sums.

    The sums hold at least one valid answer.
    """
    sizes = {
        row.service_id: row.service.name for row in survey.covered.select_related("service").all()
    }
    previous = {
        result.part_id: result for result in Result.objects.newest().filter(part__survey=survey)
    }
    return [
        _build(part, survey, sums, sizes, previous.get(part.pk), version=version, by=by)
        for part in parts_of(survey)
    ]


def _build(
    part: SurveyPart,
    survey: Survey,
    sums: tally.Sums,
    services: Mapping[int, str],
    previous: Result | None,
    *,
    version: int,
    by: User | None,
) -> Result:
    sheet = sheet_of(part.questionnaire)
    conversion, kind = Conversion(part.conversion), Kind(part.kind)
    scale_max = sheet.questionnaire.scale_max
    answered_count = tally.count(sums, tally.VALID)
    elements = element_rows(sheet, sums, tally.ALL)
    found = index.compute(
        [ElementMean(row["code"], Fraction(row["mean"])) for row in elements],
        kind=kind,
        scale_max=scale_max,
        conversion=conversion,
    )
    told = answered_count >= disclosure.MINIMUM
    census = survey.population is not None and 0 < survey.population < statistics.MINIMUM
    details = {
        "elements": elements if told else [],
        "element_count": len(elements),
        # Index and spread of two people together are the two people.
        "spread": _spread(sheet, sums, conversion, survey.population) if told else UNKNOWN_SPREAD,
        "alpha": _alpha(sheet, sums) if told else None,
        "groups": _groups(sheet, sums, survey, services, conversion, previous),
        "status": dict(sums["status"]),
        "flags": dict(sums["flags"]),
        "scale_max": scale_max,
        "conversion": conversion.value,
        "method": survey.method,
        "days": [survey.opens_on.isoformat(), survey.closes_on.isoformat()],
    }
    document = canonical(
        {
            "schema": SCHEMA,
            "survey": survey.code,
            "unit": survey.unit.code,
            "year": survey.year,
            "kind": part.kind,
            "version": version,
            "previous": previous.digest if previous else None,
            "edition": {
                "code": sheet.questionnaire.code,
                "digest": edition_digest(sheet),
                "scale_max": scale_max,
                "conversion": conversion.value,
            },
            "days": details["days"],
            "population": survey.population,
            "target": survey.target,
            "status": details["status"],
            "answered": answered_count,
            "elements": [
                {
                    "code": row["code"],
                    "questions": {item["code"]: item["counts"] for item in row["questions"]},
                }
                for row in (elements if told else [])
            ],
            "exact4": fraction_text(found.exact4),
            "index4": str(found.index4),
            "index100": str(found.index100),
            "grade": found.band.grade,
        }
    )
    return Result(
        part=part,
        version=version,
        index4=found.index4,
        index100=found.index100,
        exact4=fraction_text(found.exact4),
        grade=found.band.grade,
        answered=answered_count,
        population=survey.population,
        target=survey.target,
        is_census=census,
        is_valid=statistics.is_enough(answered_count, survey.population),
        details=details,
        document=document,
        digest=sha256(document),
        locked_by=by,
    )


def element_rows(sheet: Sheet, sums: tally.Sums, cell: str) -> list[dict[str, Any]]:
    """Return every element with its mean and its questions' counts, within one group."""
    rows: dict[str, dict[str, Any]] = {}
    for question in sheet.questions:
        element = question.element
        row = rows.setdefault(
            element.code,
            {
                "code": element.code,
                "name": element.name,
                "name_en": element.name_en,
                "questions": [],
            },
        )
        counts = tally.counts_of(sums, cell, question.pk, sheet.questionnaire.scale_max)
        row["questions"].append(
            {
                "code": question.code,
                "text": question.text,
                "counts": counts,
                "mean": fraction_text(index.mean_of_counts(counts)),
            }
        )
    for row in rows.values():
        means = [Fraction(item["mean"]) for item in row["questions"]]
        row["mean"] = fraction_text(index.mean_of_means(means))
    return list(rows.values())


def _spread(
    sheet: Sheet, sums: tally.Sums, conversion: Conversion, population: int | None
) -> dict[str, str | None]:
    """Return deviation and margin of error on the scale of 4, six decimals."""
    scale_max = sheet.questionnaire.scale_max
    count = tally.count(sums, tally.VALID)
    one, two = tally.mean_moments(sums, sheet.layout)
    lowest = index.to_index4(Fraction(1), scale_max=scale_max, conversion=conversion)
    highest = index.to_index4(Fraction(scale_max), scale_max=scale_max, conversion=conversion)
    slope = (highest - lowest) / (scale_max - 1)
    shift = lowest - slope
    found = statistics.spread(
        count,
        count * shift + slope * one,
        count * shift**2 + 2 * shift * slope * one + slope**2 * two,
        population=population,
    )
    return {
        "deviation": None if found.deviation is None else str(index.half_up(found.deviation, 6)),
        "margin": None if found.margin is None else str(index.half_up(found.margin, FIGURES)),
    }


def _alpha(sheet: Sheet, sums: tally.Sums) -> str | None:
    found = statistics.cronbach_alpha(
        tally.count(sums, tally.VALID),
        tally.item_moments(sums, sheet.layout),
        tally.plain_moments(sums, sheet.layout),
    )
    return None if found is None else fraction_text(found)


def breakdowns(survey: Survey, services: Mapping[int, str]) -> Iterator[tuple[str, str, dict]]:
    """Yield every breakdown of a survey: its code, its prefix in the sums, labels by key."""
    if services:
        yield SERVICE, SERVICE, {str(key): {"id": name} for key, name in services.items()}
    for field in profile().chosen(survey.profile_fields):
        labels = {code: {"id": words.id, "en": words.en} for code, words in field.options.items()}
        yield field.code, f"profile:{field.code}", labels


def _groups(
    sheet: Sheet,
    sums: tally.Sums,
    survey: Survey,
    services: Mapping[int, str],
    conversion: Conversion,
    previous: Result | None,
) -> list[dict[str, Any]]:
    earlier = _earlier_counts(previous)
    found = []
    for code, prefix, labels in breakdowns(survey, services):
        sizes = tally.group_sizes(sums, prefix)
        changed = {
            key
            for key in sizes
            if (code, key) in earlier
            and disclosure.changed_too_little(
                earlier[code, key], _counts_by_code(sheet, sums, f"{prefix}:{key}")
            )
        }
        hidden = disclosure.withheld(sizes, also=changed)
        if hidden.issuperset(sizes):
            continue  # the names alone would tell who answered
        rows = []
        for key, words in labels.items():
            # Beside a withheld group an empty one is withheld too: else it is told which exists.
            if not sizes.get(key) and not hidden:
                continue
            row: dict[str, Any] = {"key": key, "label": words, "answered": None}
            if sizes.get(key) and key not in hidden:
                row |= _told(sheet, sums, f"{prefix}:{key}", conversion)
            rows.append(row)
        if rows:
            found.append({"code": code, "rows": rows})
    return found


def _told(sheet: Sheet, sums: tally.Sums, cell: str, conversion: Conversion) -> dict[str, Any]:
    elements = element_rows(sheet, sums, cell)
    exact = index.to_index4(
        index.mean_of_means([Fraction(row["mean"]) for row in elements]),
        scale_max=sheet.questionnaire.scale_max,
        conversion=conversion,
    )
    return {
        "answered": sums["cells"][cell]["n"],
        "index4": str(index.half_up(exact)),
        "means": {row["code"]: row["mean"] for row in elements},
        "counts": _counts_by_code(sheet, sums, cell),
    }


def _counts_by_code(sheet: Sheet, sums: tally.Sums, cell: str) -> dict[str, list[int]]:
    scale_max = sheet.questionnaire.scale_max
    return {
        question.code: tally.counts_of(sums, cell, question.pk, scale_max)
        for question in sheet.questions
    }


def _earlier_counts(previous: Result | None) -> dict[tuple[str, str], Mapping[str, list[int]]]:
    if previous is None:
        return {}
    return {
        (group["code"], row["key"]): row["counts"]
        for group in previous.details["groups"]
        for row in group["rows"]
        if row["answered"] is not None
    }


def stored_answers(survey: Survey) -> Iterator[tally.Answered]:
    """Yield the stored answers of a survey as the sums need them, CHUNK at a time."""
    responses = Response.objects.filter(survey=survey).order_by("pk")
    for chunk in _chunks(responses.iterator(chunk_size=CHUNK)):
        values: dict[int, dict[int, int]] = {response.pk: {} for response in chunk}
        rows = ResponseValue.objects.filter(response__in=[response.pk for response in chunk])
        for key, question, value in rows.values_list("response_id", "question_id", "value"):
            values[key][question] = value
        for response in chunk:
            yield answered(response, values[response.pk])


def _chunks(rows: Iterable[Response]) -> Iterator[Sequence[Response]]:
    chunk: list[Response] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def is_intact(result: Result) -> bool:
    """Tell whether a result's statement still has the digest under which it was locked."""
    return sha256(result.document) == result.digest
