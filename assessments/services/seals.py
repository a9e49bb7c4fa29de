"""Seals: immutable snapshots of a track, taken at each hand-over."""

from __future__ import annotations

import hashlib

from assessments import scoring
from assessments.catalog import answer_value, catalog_of
from assessments.models import Answer, Assessment, Seal, Track
from assessments.services.answers import TPI_FIELDS, UNIT_FIELDS
from units.models import User
from zona.audit import canonical

_SEALED = sorted((UNIT_FIELDS | TPI_FIELDS | {"document_check", "review_state"}) - {"inputs"})


def seal_payload(assessment: Assessment, track: Track) -> str:
    """Return a track as canonical JSON: keys sorted, numbers as text, blank fields left out."""
    catalog = catalog_of(assessment.instrument)
    rows, values = {}, {}
    for answer in Answer.objects.filter(assessment=assessment, track=track):
        code = catalog.codes[answer.indicator_id]
        values[code] = answer_value(answer.choice, answer.inputs)
        row = {name: str(value) for name in _SEALED if (value := getattr(answer, name))}
        if answer.inputs is not None:
            row["inputs"] = {name: str(number) for name, number in answer.inputs.items()}
        rows[code] = row
    result = scoring.score(catalog.engine, values)
    safe = result.readings[scoring.Reading.SAFE]
    filled = result.readings[scoring.Reading.FILLED]
    return canonical(
        {
            "schema": "zona-seal/1",
            "unit": assessment.unit.code,
            "period": assessment.period.name,
            "version": assessment.version,
            "track": str(track),
            "instrument": assessment.instrument.code,
            "instrument_checksum": catalog.checksum,
            "engine_version": scoring.ENGINE_VERSION,
            "answers": rows,
            "score": {
                "safe": {"total": scoring.six(safe.total), "nodes": _texts(safe.nodes)},
                "filled": {"total": scoring.six(filled.total), "nodes": _texts(filled.nodes)},
                "met": {code: gate.met for code, gate in result.gates.items()},
            },
        }
    )


def _texts(nodes) -> dict[str, str]:
    return {code: scoring.six(points) for code, points in nodes.items()}


def take_seal(
    assessment: Assessment, track: Track, *, occasion: str, by: User | None, reason: str = ""
) -> Seal:
    """Keep a track as it stands now under its SHA-256; two statements.

    by: who hands over; None where a deadline did.
    """
    payload = seal_payload(assessment, track)
    score = assessment.scores.get(track=track)
    return Seal.objects.create(
        assessment=assessment,
        track=track,
        occasion=occasion,
        payload=payload,
        sha256=hashlib.sha256(payload.encode()).hexdigest(),
        instrument_checksum=score.instrument_checksum,
        engine_version=score.engine_version,
        safe_total=score.safe_total,
        reason=reason,
        signed_by=by,
    )


def is_intact(seal: Seal) -> bool:
    """Tell whether a seal's text still has the digest under which it was taken."""
    return hashlib.sha256(seal.payload.encode()).hexdigest() == seal.sha256
