"""Stored figures: what scoring says of a track, kept beside the worksheet."""

from __future__ import annotations

from django.utils import timezone

from assessments import scoring
from assessments.catalog import Catalog, answer_value, catalog_of
from assessments.models import Answer, Assessment, Score, Track

AREA_CODES = ("1", "2", "3", "4", "5", "6")


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
