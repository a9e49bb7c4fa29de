"""The save protocol of a row, between the request and the one write path.

One transaction, one lock: who may, the same request sent twice, the write, and the reply.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Subquery
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.models import Answer, Assessment, RowState, SaveReceipt, Track
from assessments.services.answers import (
    AnswersConflict,
    AnswersLocked,
    AnswersRefused,
    Change,
    Conflict,
    Refusal,
    write_answers,
)
from assessments.services.review import accept_rows, confirm_rows
from assessments.worksheet.rows import base_of
from assessments.worksheet.sheet import Entry, Sheet, load
from units.models import User


class BadRequest(ValueError):
    """A save request that no page of ours would send; says what is wrong with it."""


class NoWorksheet(LookupError):
    """There is no such worksheet for this person."""


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """One row's changes as the browser's queue sends them.

    ``key`` names the request: sent twice, it is done once. ``user`` is whose entry it is.
    ``base_version`` is the row's version that he saw: nobody writes over what he never saw.
    """

    key: uuid.UUID
    user: int
    code: str
    track: Track
    base_version: int
    base: Mapping[str, Any]
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """A row after a save: what the browser must know, and the sheet to draw it from.

    ``facts`` is the reply that is kept under the request's key; drawings are made anew.
    """

    sheet: Sheet
    code: str
    result: scoring.Result
    has_evidence: bool
    facts: dict[str, Any] = field(default_factory=dict)


def read_request(data: Any) -> SaveRequest:
    """Return a save request from parsed JSON.

    Raises BadRequest: something is missing or of the wrong kind.
    """
    if not isinstance(data, dict):
        raise BadRequest("the body must be an object")
    try:
        key = uuid.UUID(str(data["key"]))
        user = int(data["user"])
        code, track = data["code"], Track(data["track"])
        version, base, changes = data["base_version"], data.get("base", {}), data["changes"]
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise BadRequest(f"missing or malformed: {error}") from error
    if not isinstance(code, str) or not isinstance(changes, dict):
        raise BadRequest("code must be text, changes must be an object")
    if isinstance(version, bool) or not isinstance(version, int):
        raise BadRequest("base_version must be a whole number")
    check_base(base)
    if not changes:
        raise BadRequest("there are no changes")
    return SaveRequest(key, user, code, track, version, base, changes)


def check_base(base: Any) -> None:
    """Refuse what no page of ours has shown as a row's old values; raises BadRequest."""
    if not isinstance(base, dict) or not isinstance(base.get("inputs"), dict | None):
        raise BadRequest("base must be an object, and so must its inputs")


def _locked(pk: int, user: User, key: uuid.UUID | None = None) -> Assessment:
    """Return the worksheet, locked, with the reply that the key has had; one statement."""
    rows = Assessment.objects.visible_to(user).with_place_of(user).with_totals().for_save()
    receipts = SaveReceipt.objects.filter(key=key, user=user)
    rows = rows.annotate(receipt=Subquery(receipts.values("reply")[:1]))
    assessment = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if assessment is None:
        raise NoWorksheet
    return assessment


def save_row(pk: int, request: SaveRequest, user: User) -> Saved:
    """Write one row and return it as it stands; a request that was done before changes nothing.

    Raises NoWorksheet, AnswersLocked, AnswersRefused or AnswersConflict, and BadRequest for the
    key of another person; nothing is stored then. Costs eight statements.
    """
    try:
        return _save_once(pk, request, user)
    except IntegrityError:
        # The same key was on its way twice, and the other one has just been done.
        pass
    try:
        return _save_once(pk, request, user)
    except IntegrityError as error:
        raise BadRequest("the key has been used by somebody else") from error


@transaction.atomic
def _save_once(pk: int, request: SaveRequest, user: User) -> Saved:
    assessment = _locked(pk, user, request.key)
    sheet = load(assessment, user, code=request.code)
    if assessment.receipt is not None:
        return _again(sheet, request, assessment.receipt)
    if sheet.pen is not None and sheet.pen.track != request.track:
        raise AnswersLocked(_("Isian ini bukan giliran Anda."))
    change = Change(request.code, request.changes, request.base_version, request.base)
    recorded = write_answers(
        assessment,
        request.track,
        [change],
        by=user,
        source="row",
        values=sheet.values(request.track) if sheet.pen is not None else None,
    )
    answer = recorded.answers[request.code]
    sheet.entries[request.track][request.code] = entry_of(answer)
    sheet.results[request.track] = recorded.result
    beside = sheet.entry(Track.TPI, request.code)
    if recorded.changed and sheet.pen.returned_only:
        beside.review_state = RowState.REPAIRED
    saved = Saved(
        sheet=sheet,
        code=request.code,
        result=recorded.result,
        has_evidence=answer.has_evidence,
        facts=_facts(sheet, request.code, merged=recorded.merged),
    )
    SaveReceipt.objects.create(
        key=request.key,
        user=user,
        assessment=assessment,
        status=200,
        reply=saved.facts | {"asked": _digest(pk, request)},
    )
    return saved


@transaction.atomic
def accept_row(pk: int, code: str, user: User) -> Saved:
    """Take over the unit's value of a row and judge its evidence adequate (*Terima*).

    Raises NoWorksheet, AnswersLocked or AnswersRefused.
    """
    assessment = _locked(pk, user)
    recorded = accept_rows(assessment=assessment, codes=[code], by=user)
    sheet = load(assessment, user, code=code)
    answer = recorded.answers[code]
    sheet.results[Track.TPI] = recorded.result
    return Saved(
        sheet=sheet,
        code=code,
        result=recorded.result,
        has_evidence=answer.has_evidence,
        facts=_facts(sheet, code, merged=False),
    )


@transaction.atomic
def confirm_row(pk: int, code: str, user: User) -> Saved:
    """Let the TPI's value of a returned row stand as it is.

    Raises NoWorksheet, AnswersLocked, or KeyError for an unknown row.
    """
    assessment = _locked(pk, user)
    confirm_rows(assessment=assessment, codes=[code], by=user)
    return as_it_stands(load(assessment, user), code)


def _again(sheet: Sheet, request: SaveRequest, reply: dict[str, Any]) -> Saved:
    """Return the reply of a request that was done before, drawn as the row stands now.

    Raises BadRequest where the key comes back with another body: nothing of that one was saved.
    """
    facts = {name: fact for name, fact in reply.items() if name != "asked"}
    if reply.get("asked") != _digest(sheet.assessment.pk, request):
        raise BadRequest("the key has been used for another change")
    return Saved(sheet, request.code, sheet.result(sheet.track), has_evidence=True, facts=facts)


def _digest(pk: int, request: SaveRequest) -> str:
    """Return the SHA-256 of what a request asks for: worksheet, row, track and changes."""
    asked = [pk, request.code, str(request.track), request.changes]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def as_it_stands(sheet: Sheet, code: str) -> Saved:
    """Return a row without a write, as a reply to whatever else changed it."""
    facts = _facts(sheet, code, merged=False)
    return Saved(sheet, code, sheet.result(sheet.track), has_evidence=True, facts=facts)


def _facts(sheet: Sheet, code: str, *, merged: bool) -> dict[str, Any]:
    entry = sheet.entry(sheet.track, code)
    return {
        "code": code,
        "version": entry.version,
        "row_state": sheet.entry(Track.TPI, code).review_state,
        "saved_at": entry.changed_at.isoformat() if entry.changed_at else None,
        "merged": merged,
        "base": base_of(entry, sheet.track),
    }


_STORED = tuple(item.name for item in fields(Entry) if item.name != "changed_by")


def entry_of(answer: Answer) -> Entry:
    """Return a stored answer as the sheet holds it."""
    return Entry(
        **{name: getattr(answer, name) for name in _STORED},
        changed_by=str(answer.changed_by) if answer.changed_by else "",
    )


def conflict_facts(conflict: Conflict) -> dict[str, Any]:
    """Return a conflict as the browser shows it."""
    return {
        "code": conflict.code,
        "field": conflict.field,
        "mine": conflict.mine,
        "theirs": conflict.theirs,
        "by": conflict.by,
        "at": conflict.at.isoformat() if conflict.at else None,
        "version": conflict.version,
    }


def refusal_facts(refusal: Refusal) -> dict[str, Any]:
    """Return a refused value as the browser shows it."""
    return {"code": refusal.code, "field": refusal.field, "message": refusal.message}


__all__ = [
    "AnswersConflict",
    "AnswersLocked",
    "AnswersRefused",
    "BadRequest",
    "NoWorksheet",
    "SaveRequest",
    "Saved",
    "accept_row",
    "as_it_stands",
    "confirm_row",
    "conflict_facts",
    "read_request",
    "refusal_facts",
    "save_row",
]
