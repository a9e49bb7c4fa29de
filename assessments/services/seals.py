"""Seals: immutable snapshots of a track, taken at each hand-over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from assessments import scoring
from assessments.catalog import answer_value, catalog_of
from assessments.models import Answer, Assessment, Seal, Track
from assessments.services.answers import TPI_FIELDS, UNIT_FIELDS
from units.models import User
from zona.audit import canonical

_SEALED = sorted((UNIT_FIELDS | TPI_FIELDS | {"document_check", "review_state"}) - {"inputs"})


@dataclass(frozen=True, slots=True)
class Waived:
    """A warning that stood at a hand-over: the row (blank: the sheet), the rule, and why."""

    code: str
    rule: str
    reason: str


def seal_payload(assessment: Assessment, track: Track, waived: Sequence[Waived] = ()) -> str:
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
    kept = [{"code": item.code, "rule": item.rule, "reason": item.reason} for item in waived]
    return canonical(
        {
            **({"waived": kept} if kept else {}),
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
    assessment: Assessment,
    track: Track,
    *,
    occasion: str,
    by: User | None,
    reason: str = "",
    waived: Sequence[Waived] = (),
) -> Seal:
    """Keep a track as it stands now under its SHA-256; two statements.

    by: who hands over; None where a deadline did. waived: the warnings that stood, and why.
    """
    payload = seal_payload(assessment, track, waived)
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


def waived_in(payload: str) -> tuple[Waived, ...]:
    """Return the warnings that stood when a seal was taken, from its text."""
    kept = json.loads(payload).get("waived", ())
    return tuple(Waived(item["code"], item["rule"], item["reason"]) for item in kept)


def last_reasons(assessment: Assessment, track: Track) -> dict[str, str]:
    """Return why each rule stood broken at the newest hand-over of a track; one query."""
    payload = (
        Seal.objects.filter(assessment=assessment, track=track)
        .order_by("-pk")
        .values_list("payload", flat=True)
        .first()
    )
    return {item.rule: item.reason for item in waived_in(payload)} if payload else {}
