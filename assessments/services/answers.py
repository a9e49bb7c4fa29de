"""The one write path of answers: every change, from a row, a bulk, an import, goes through here.

``record_answers`` takes one lock on the worksheet, checks access, state, version and value,
writes the rows, scores once, appends one set of audit entries, all in one transaction. Saving a
row is its one-element case.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import Catalog, answer_value, catalog_of
from assessments.models import (
    Answer,
    AreaCompletion,
    Assessment,
    EvidenceUse,
    SaveReceipt,
    Score,
    State,
    Track,
)
from assessments.models.worksheets import (
    REVIEW_STATES,
    CheckMethod,
    DocumentCheck,
    ImplementationCheck,
    Reason,
    RowState,
)
from assessments.permissions import Pen, can_finish_area, is_overdue, pen_of
from assessments.services.freeze import refuse_closed
from assessments.services.scores import store_score
from assessments.windows.reading import ask_whom, closed_sentence
from units.models import User
from zona import audit

TEXT_MAX = 20_000
PLACE_MAX = 150

UNIT_FIELDS = frozenset({"choice", "inputs", "condition", "awaits_data"})
TPI_FIELDS = frozenset(
    {
        "choice",
        "inputs",
        "condition",
        "advice",
        "reason",
        "implementation_check",
        "check_method",
        "check_place",
        "checked_on",
    }
)
TPN_FIELDS = frozenset({"choice", "inputs", "condition"})
FIELDS_OF_TRACK = {Track.UNIT: UNIT_FIELDS, Track.TPI: TPI_FIELDS, Track.TPN: TPN_FIELDS}

_CODES = {
    "reason": frozenset(Reason.values),
    "implementation_check": frozenset(ImplementationCheck.values),
    "check_method": frozenset(CheckMethod.values),
}
_ALWAYS_SAVED = ("document_check", "review_state", "version", "changed_at", "changed_by")


@dataclass(frozen=True, slots=True)
class Change:
    """What shall become of one row.

    ``fields`` maps field names to new values. ``base_version`` is the version that the writer
    saw; None says that he writes whatever stands there (import, promotion). ``base`` holds the
    old value of each changed field as he saw it, by which a conflict is told from a merge.
    """

    code: str
    fields: Mapping[str, Any]
    base_version: int | None = None
    base: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one field of one row can't be stored: a sentence for the user."""

    code: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody else changed meanwhile: both values, who and when."""

    code: str
    field: str
    mine: Any
    theirs: Any
    by: str
    at: datetime | None
    version: int


class AnswersRefused(Exception):
    """Some value can't be stored; nothing was. ``refusals`` names each."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(f"{item.code}: {item.message}" for item in refusals))
        self.refusals = list(refusals)


class AnswersConflict(Exception):
    """Somebody else changed the same field; nothing was stored. ``conflicts`` names each."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__(", ".join(f"{item.code}.{item.field}" for item in conflicts))
        self.conflicts = list(conflicts)


class AnswersLocked(Exception):
    """The track, or one of the rows, is not the writer's to change now; says why."""


class AreaUnfinished(Exception):
    """A section can't be marked finished; ``codes`` are its rows without an answer."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = list(codes)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a write has done: the rows as they stand, the score, what really changed."""

    assessment: Assessment
    answers: dict[str, Answer]
    result: scoring.Result
    score: Score
    changed: tuple[str, ...]
    merged: bool


def lock_assessment(
    assessment: Assessment, user: User | None = None, *, frozen_ok: bool = False
) -> Assessment:
    """Return the worksheet, locked until the transaction ends, as it stands now.

    Every service takes this lock first; it also orders the worksheet's audit entries.
    frozen_ok: also in a closed period, for what is no part of it.

    Raises PeriodClosed.
    """
    rows = Assessment.objects.select_for_update(of=("self",)).for_page()
    if user is not None:
        rows = rows.with_place_of(user)
    locked = rows.get(pk=assessment.pk)
    if not frozen_ok:
        refuse_closed(locked.period)
    return locked


@transaction.atomic
def record_answers(
    *,
    assessment: Assessment,
    track: Track,
    changes: Sequence[Change],
    by: User,
    source: str = "row",
) -> Recorded:
    """Write rows of one track: all of them or none.

    source: where the change comes from (``row``, ``bulk``, ``accept``, ``import``,
        ``scenario``, ``demo``); kept in the audit entries.

    Raises AnswersLocked (not now, not his), AnswersRefused (a value that can't be), or
    AnswersConflict (somebody else changed the same field since the writer looked).
    Costs one statement for the lock, two to read, three to write and one for the audit.
    """
    locked = lock_assessment(assessment, by)
    return write_answers(locked, track, changes, by=by, source=source)


def write_answers(
    assessment: Assessment,
    track: Track,
    changes: Sequence[Change],
    *,
    by: User,
    source: str,
    values: Mapping[str, Any] | None = None,
) -> Recorded:
    """Do what ``record_answers`` says on a worksheet that the caller has locked already.

    values: the answers of the track as scoring takes them, where the caller has read them under
        the lock; saves a query.
    """
    track = Track(track)
    pen = pen_of(by, assessment, track)
    if pen is None:
        raise AnswersLocked(locked_sentence(assessment, track))
    catalog = catalog_of(assessment.instrument)
    rows = _rows(assessment, track, changes, catalog)
    _check_reach(pen, changes, rows, catalog)
    cleaned = _clean(changes, track, catalog)
    merged = _check_conflicts(changes, cleaned, rows, track)

    moment = timezone.now()
    facts, changed, columns = [], [], set(_ALWAYS_SAVED)
    for change in changes:
        answer = rows[change.code, track]
        difference = _apply(answer, cleaned[change.code])
        if not difference:
            continue
        answer.version += 1
        answer.changed_at, answer.changed_by = moment, by
        _move_row_state(assessment, answer, rows.get((change.code, Track.TPI)))
        changed.append(change.code)
        columns.update(difference["to"])
        facts.append(
            audit.Fact("answer", f"{change.code}/{track}", {**difference, "source": source})
        )

    values = dict(values) if values is not None else _values(assessment, track, catalog)
    for code in changed:
        values[code] = answer_value(rows[code, track].choice, rows[code, track].inputs)
    result = scoring.score(catalog.engine, values)
    if changed:
        _save_rows(_written(rows, changed, track, assessment), sorted(columns))
        score = store_score(assessment, track, result, catalog)
        audit.record(assessment, facts, by=by, at=moment, save=False)
        assessment.revision += 1
        assessment.save(update_fields=["audit_seq", "audit_digest", "revision"])
    else:
        score = assessment.scores.get(track=track)
    return Recorded(
        assessment,
        {change.code: rows[change.code, track] for change in changes},
        result,
        score,
        tuple(changed),
        merged,
    )


def _written(rows, changed, track: Track, assessment: Assessment) -> list[Answer]:
    """Return the rows to store; in repair a unit's row moves the TPI's row beside it."""
    tracks = {track, Track.TPI} if assessment.state == State.REPAIR else {track}
    wanted = set(changed)
    return [row for (code, of), row in rows.items() if code in wanted and of in tracks]


def _save_rows(rows: Sequence[Answer], columns: Sequence[str]) -> None:
    """Store columns of rows that exist: a plain UPDATE of one, an upsert of many.

    An upsert carries its values as rows; the CASE of ``bulk_update`` takes ten times as long.
    """
    if len(rows) == 1:
        rows[0].save(update_fields=columns)
        return
    Answer.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=columns
    )


def locked_sentence(assessment: Assessment, track: Track) -> str:
    """Return why nobody of the user's standing may write the track now."""
    if assessment.is_final:
        return _("Lembar kerja sudah final. Perbaikan hanya lewat versi baru.")
    if track == Track.UNIT and is_overdue(assessment):
        return _("Batas perbaikan sudah lewat; isian unit terkunci.") + f" {ask_whom()}"
    own = (State.DRAFT,) if track == Track.UNIT else REVIEW_STATES
    if track != Track.TPN and assessment.state in own:
        closed = closed_sentence(assessment)
        if closed:
            return closed
    if track == Track.UNIT and assessment.state != State.DRAFT:
        return _("Isian unit terkunci: lembar kerja sedang {state}.").format(
            state=assessment.get_state_display().lower()
        )
    return _("Lembar kerja berada pada tahap {state}; isian ini bukan giliran Anda.").format(
        state=assessment.get_state_display().lower()
    )


def _rows(assessment, track, changes, catalog) -> dict[tuple[str, str], Answer]:
    codes = [change.code for change in changes]
    unknown = [code for code in codes if code not in catalog.ids]
    if unknown:
        raise AnswersRefused(
            [
                Refusal(code, "", _("Butir {code} tidak dikenal.").format(code=code))
                for code in unknown
            ]
        )
    if len(set(codes)) != len(codes):
        raise ValueError("one row is changed twice in one write")
    tracks = [track] if track == Track.TPN else [track, Track.TPI]
    answers = Answer.objects.filter(
        assessment=assessment, indicator__in=[catalog.ids[code] for code in codes], track__in=tracks
    ).select_related("changed_by")
    answers = answers.annotate(
        has_evidence=Exists(
            EvidenceUse.objects.filter(assessment=assessment, indicator=OuterRef("indicator"))
        )
    )
    return {(catalog.codes[answer.indicator_id], Track(answer.track)): answer for answer in answers}


def _check_reach(pen: Pen, changes, rows, catalog: Catalog) -> None:
    for change in changes:
        review = rows.get((change.code, Track.TPI))
        state = review.review_state if review else RowState.UNREVIEWED
        if not pen.reaches(catalog.section_of[change.code].code, state):
            raise AnswersLocked(
                _("Butir {code} tidak dikembalikan untuk diperbaiki.").format(code=change.code)
                if pen.returned_only
                else _("Butir {code} bukan bagian Anda.").format(code=change.code)
            )


def _clean(changes, track: Track, catalog: Catalog) -> dict[str, dict[str, Any]]:
    """Return the fields of each change as they are stored, or raise AnswersRefused."""
    cleaned, refusals = {}, []
    for change in changes:
        fields = {}
        for name, value in change.fields.items():
            if name not in FIELDS_OF_TRACK[track]:
                refusals.append(
                    Refusal(change.code, name, _("Isian {name} tidak dikenal.").format(name=name))
                )
                continue
            try:
                fields[name] = clean_field(name, value, change.code, catalog)
            except ValueError as error:
                refusals.append(Refusal(change.code, name, str(error)))
        if fields.get("choice"):
            fields["inputs"] = None
        elif fields.get("inputs") is not None:
            fields["choice"] = ""
        cleaned[change.code] = fields
    if refusals:
        raise AnswersRefused(refusals)
    return cleaned


def clean_field(name: str, value: Any, code: str, catalog: Catalog) -> Any:
    """Return a field of a row as it is stored; ValueError with a sentence for what can't be."""
    indicator = catalog.engine.indicators[code]
    if name == "choice":
        if value in ("", None):
            return ""
        _raise_problems(scoring.check_answer(indicator, value))
        if indicator.is_computed:
            raise ValueError(_("Butir ini diisi dengan jumlah, bukan pilihan."))
        return value
    if name == "inputs":
        return _clean_inputs(value, indicator)
    if name == "awaits_data":
        if not isinstance(value, bool):
            raise ValueError(_("Tanda menunggu data harus ya atau tidak."))
        return value
    if name == "checked_on":
        return _clean_day(value)
    if name in _CODES:
        if (value or "") not in _CODES[name]:
            raise ValueError(_("Pilihan tidak dikenal."))
        return value or ""
    return clean_text(value, PLACE_MAX if name == "check_place" else TEXT_MAX)


def _clean_inputs(value: Any, indicator: scoring.Indicator) -> dict[str, Any] | None:
    """Return counts as whole numbers and decimals as text; None when all are blank."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ValueError(_("Isian jumlah tidak terbaca."))
    if not any(_filled(number) for number in value.values()):
        return None
    if not indicator.is_computed:
        raise ValueError(_("Butir ini dijawab dengan pilihan, bukan jumlah."))
    kinds = {item.name: item.type for item in indicator.inputs}
    numbers = {}
    for name, raw in value.items():
        if not _filled(raw):
            continue
        numbers[name] = _number(raw, kinds.get(name, "integer"))
    _raise_problems(scoring.check_answer(indicator, numbers))
    return {
        name: number if isinstance(number, int) else str(number) for name, number in numbers.items()
    }


def _filled(value: Any) -> bool:
    return value is not None and value != ""


def _number(raw: Any, kind: str) -> int | Decimal | Any:
    """Return typed digits as a number; what is none stays as it is for the engine to refuse.

    People type a decimal comma; the stored form has a point.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | str | Decimal):
        return raw
    text = str(raw).strip()
    if kind == "integer":
        return int(text) if re.fullmatch(r"-?[0-9]{1,12}", text) else text
    point = text.replace(",", ".", 1)
    return Decimal(point) if re.fullmatch(r"-?[0-9]{1,6}([.][0-9]{1,6})?", point) else text


def _clean_day(value: Any) -> date | None:
    if value in ("", None):
        return None
    try:
        day = value if isinstance(value, date) else parse_date(str(value)[:20])
    except ValueError:
        day = None
    if day is None:
        raise ValueError(_("Tanggal tidak terbaca. Tulis seperti 2027-04-28."))
    if day > timezone.localdate():
        raise ValueError(_("Tanggal pemeriksaan belum terjadi."))
    return day


def clean_text(value: Any, maximum: int) -> str:
    """Return typed text as it is stored: line ends made equal, nothing else changed.

    Raises ValueError with a sentence for text that is too long, is no text, or holds NUL or
    other control characters, which no database keeps faithfully.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(_("Isian ini harus berupa teks."))
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > maximum:
        raise ValueError(
            _("Teks terlalu panjang: {n} huruf dari paling banyak {maximum}.").format(
                n=len(text), maximum=maximum
            )
        )
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in text) or any(
        0xD800 <= ord(letter) <= 0xDFFF for letter in text
    ):
        raise ValueError(_("Teks memuat karakter kendali yang tidak dapat disimpan."))
    return text


def _raise_problems(problems) -> None:
    if problems:
        raise ValueError(" ".join(problem.message for problem in problems))


def _check_conflicts(changes, cleaned, rows, track: Track) -> bool:
    """Raise AnswersConflict where a field changed since the writer looked; tell if it merges."""
    conflicts, merged = [], False
    for change in changes:
        answer = rows[change.code, track]
        if change.base_version is None or change.base_version == answer.version:
            continue
        merged = True
        for name, mine in cleaned[change.code].items():
            theirs = getattr(answer, name)
            if name not in change.fields:
                continue
            seen = change.base.get(name, _UNSEEN)
            if not _same(theirs, mine) and (seen is _UNSEEN or not _same(theirs, seen)):
                conflicts.append(
                    Conflict(
                        change.code,
                        name,
                        mine,
                        theirs,
                        str(answer.changed_by) if answer.changed_by else "",
                        answer.changed_at,
                        answer.version,
                    )
                )
    if conflicts:
        raise AnswersConflict(conflicts)
    return merged


_UNSEEN = object()


def _same(stored: Any, seen: Any) -> bool:
    """Tell whether a stored value is what a client saw, blank and None being the same."""
    if isinstance(stored, date):
        stored = stored.isoformat()
    if isinstance(seen, date):
        seen = seen.isoformat()
    if isinstance(stored, Mapping) and isinstance(seen, Mapping):
        return {k: str(v) for k, v in stored.items() if _filled(v)} == {
            k: str(v) for k, v in seen.items() if _filled(v)
        }
    if isinstance(seen, Mapping) and not any(_filled(v) for v in seen.values()):
        seen = None
    return (stored or None) == (seen or None)


def _apply(answer: Answer, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Set the fields that differ and return them as ``{"from": {…}, "to": {…}}``, or nothing."""
    before, after = {}, {}
    if fields.get("choice") or fields.get("inputs") is not None:
        fields = {**fields, **({"awaits_data": False} if answer.track == Track.UNIT else {})}
    for name, value in fields.items():
        old = getattr(answer, name)
        if old == value:
            continue
        before[name], after[name] = _plain(old), _plain(value)
        setattr(answer, name, value)
    return {"from": before, "to": after} if after else {}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _move_row_state(assessment: Assessment, answer: Answer, tpi: Answer | None) -> None:
    """Keep the document check and the review state true after a write.

    A row with a value and no evidence at all has no document.
    On the TPI's row: both checks made (a value and the implementation) accept it, taking one
    back opens it again. On the unit's row in repair: its TPI row becomes "repaired".
    """
    if answer.track == Track.TPI:
        if not answer.has_evidence:
            answer.document_check = (
                DocumentCheck.ABSENT if answer.is_answered else DocumentCheck.UNCHECKED
            )
        checked = answer.is_answered and bool(answer.implementation_check)
        answer.review_state = (
            settled(answer.review_state) if checked else unsettled(answer.review_state)
        )
    elif (
        answer.track == Track.UNIT
        and assessment.state == State.REPAIR
        and tpi is not None
        and tpi.review_state == RowState.NEEDS_REPAIR
    ):
        tpi.review_state = RowState.REPAIRED
        tpi.version += 1


def settled(row_state: str) -> str:
    """Return the review state of a row once both of its checks are made."""
    return RowState.ACCEPTED if row_state in _NEVER_RETURNED else RowState.ACCEPTED_AFTER


def unsettled(row_state: str) -> str:
    """Return the review state of a row when one of its checks is missing."""
    if row_state in _NEVER_RETURNED:
        return RowState.UNREVIEWED
    return RowState.REPAIRED if row_state == RowState.ACCEPTED_AFTER else row_state


_NEVER_RETURNED = frozenset({RowState.UNREVIEWED, RowState.ACCEPTED})


def _values(assessment: Assessment, track: Track, catalog: Catalog) -> dict[str, Any]:
    rows = Answer.objects.filter(assessment=assessment, track=track).values_list(
        "indicator_id", "choice", "inputs"
    )
    return {
        catalog.codes[indicator_id]: answer_value(choice, inputs)
        for indicator_id, choice, inputs in rows
    }


def receipt_of(key: uuid.UUID, user: User) -> SaveReceipt | None:
    """Return the stored reply to a request that was sent before by the same person."""
    return SaveReceipt.objects.filter(key=key, user=user).first()


@transaction.atomic
def finish_area(*, assessment: Assessment, section: str, by: User) -> AreaCompletion:
    """Mark a section of the self-assessment as finished.

    Raises AnswersLocked (not now, not his) or AreaUnfinished (rows neither answered nor
    waiting for data).
    """
    locked = lock_assessment(assessment)
    if not can_finish_area(by, locked, section):
        raise AnswersLocked(locked_sentence(locked, Track.UNIT))
    catalog = catalog_of(locked.instrument)
    codes = catalog.section(section).indicator_codes
    blank = set(
        Answer.objects.filter(
            assessment=locked, track=Track.UNIT, indicator__code__in=codes, awaits_data=False
        )
        .unanswered()
        .values_list("indicator__code", flat=True)
    )
    if blank:
        raise AreaUnfinished([code for code in codes if code in blank])
    completion, created = AreaCompletion.objects.get_or_create(
        assessment=locked, section=section, defaults={"by": by}
    )
    if created:
        audit.record(locked, [audit.Fact("area_finished", section)], by=by)
    return completion


@transaction.atomic
def reopen_area(*, assessment: Assessment, section: str, by: User) -> None:
    """Take back that a section is finished; nothing happens when it is not."""
    locked = lock_assessment(assessment)
    if not can_finish_area(by, locked, section):
        raise AnswersLocked(locked_sentence(locked, Track.UNIT))
    deleted, _rows_by_model = AreaCompletion.objects.filter(
        assessment=locked, section=section
    ).delete()
    if deleted:
        audit.record(locked, [audit.Fact("area_reopened", section)], by=by)
