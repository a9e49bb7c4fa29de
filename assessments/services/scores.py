"""Stored figures: what scoring says of a track, kept beside the worksheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter

from django.db.models import QuerySet
from django.utils import timezone

from assessments import scoring
from assessments.catalog import Catalog, answer_value, catalog_of
from assessments.models import Answer, Assessment, Score, Track

AREA_CODES = ("1", "2", "3", "4", "5", "6")
SHEETS_AT_ONCE = 50
_FIGURES = [
    field.name
    for field in Score._meta.concrete_fields
    if field.name not in {"id", "assessment", "track"}
]


def score_fields(result: scoring.Result, catalog: Catalog) -> dict:
    """Return a result as the columns of a Score: figures half up, verdicts as they were decided."""
    safe = result.readings[scoring.Reading.SAFE]
    filled = result.readings[scoring.Reading.FILLED]
    wbk, wbbm = (_unmet(result, predicate) for predicate in ("WBK", "WBBM"))
    return {
        "safe_total": scoring.stored(safe.total),
        "filled_total": scoring.stored(filled.total),
        **{
            f"area_{code}_ratio": scoring.stored(safe.areas[code].ratio)
            if code in safe.areas
            else None
            for code in AREA_CODES
        },
        "meets_wbk": wbk == 0,
        "meets_wbbm": wbbm == 0,
        "unmet_wbk_count": wbk,
        "unmet_wbbm_count": wbbm,
        "area_steps": "".join(
            _area_step(result, code) for code in AREA_CODES if code in safe.areas
        ),
        "unmet_rules": {
            predicate: {
                rule.code: scoring.gap_text(rule.required, rule.reached)
                for rule in gate.rules
                if not rule.met
            }
            for predicate, gate in result.gates.items()
        },
        "answered_count": result.answered,
        "indicator_count": catalog.indicator_count,
        "contradiction_count": sum(warning.blocks for warning in result.warnings),
        "figures": {
            "safe": {code: scoring.six(points) for code, points in safe.nodes.items()},
            "filled": {code: scoring.six(points) for code, points in filled.nodes.items()},
        },
        "engine_version": scoring.ENGINE_VERSION,
        "instrument_checksum": catalog.checksum,
        "computed_at": timezone.now(),
    }


def _unmet(result: scoring.Result, predicate: str) -> int:
    gate = result.gates.get(predicate)
    return sum(not rule.met for rule in gate.rules) if gate else 0


def _area_step(result: scoring.Result, area: str) -> str:
    """Return how many predicates' gates an area meets; "-" where none asks anything of it."""
    name = f"area.{area}"
    met = [
        all(rule.met for rule in rules)
        for gate in result.gates.values()
        if (rules := [r for r in gate.rules if r.code == name or r.code.startswith(f"{name}.")])
    ]
    return str(sum(met)) if met else "-"


def store_score(
    assessment: Assessment, track: Track, result: scoring.Result, catalog: Catalog
) -> Score:
    """Write the figures of a track over the old ones and return them; one statement."""
    fields = score_fields(result, catalog)
    Score.objects.filter(assessment=assessment, track=track).update(**fields)
    return Score(assessment=assessment, track=track, **fields)


def track_values(assessment: Assessment, track: Track) -> dict:
    """Return the answers of a track as scoring takes them, by indicator code; one query."""
    catalog = catalog_of(assessment.instrument)
    rows = Answer.objects.filter(assessment=assessment, track=track).values_list(
        "indicator_id", "choice", "inputs"
    )
    return {catalog.codes[pk]: answer_value(choice, inputs) for pk, choice, inputs in rows}


def score_track(assessment: Assessment, track: Track) -> scoring.Result:
    """Score a track from its answers as they stand; one query."""
    return scoring.score(catalog_of(assessment.instrument).engine, track_values(assessment, track))


def fresh_scores(
    sheets: QuerySet[Assessment], tracks: Iterable[Track] = tuple(Track)
) -> Iterator[Score]:
    """Yield what scoring says now of these tracks of these worksheets, unsaved, in their order.

    One query for the worksheets and one for the answers of each fifty.
    """
    sheets = sheets.select_related("instrument").defer("instrument__document").order_by("pk")
    waiting = sheets.iterator(chunk_size=SHEETS_AT_ONCE)
    while some := list(islice(waiting, SHEETS_AT_ONCE)):
        catalogs = {sheet.pk: catalog_of(sheet.instrument) for sheet in some}
        rows = (
            Answer.objects.filter(assessment__in=catalogs, track__in=tracks)
            .order_by("assessment_id", "track")
            .values_list("assessment_id", "track", "indicator_id", "choice", "inputs")
        )
        for (pk, track), answers in groupby(rows, key=itemgetter(0, 1)):
            catalog = catalogs[pk]
            values = {
                catalog.codes[indicator]: answer_value(choice, inputs)
                for _sheet, _track, indicator, choice, inputs in answers
            }
            fields = score_fields(scoring.score(catalog.engine, values), catalog)
            yield Score(assessment_id=pk, track=track, **fields)


def store_scores(scores: list[Score]) -> None:
    """Write the figures of many tracks over the old ones.

    The caller holds the worksheets' locks, or knows that nobody else writes.
    """
    if scores:
        Score.objects.bulk_create(
            scores,
            batch_size=200,
            update_conflicts=True,
            unique_fields=["assessment", "track"],
            update_fields=_FIGURES,
        )
