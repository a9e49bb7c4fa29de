"""What a rank decides on rows: taking over the unit's statement, and keeping who decided what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.catalog import catalog_of
from assessments.models import (
    Answer,
    Assessment,
    EvidenceUse,
    Review,
    Track,
)
from assessments.permissions import RANK_OF_STATE, pen_of
from assessments.services.answers import (
    AnswersLocked,
    Change,
    Recorded,
    lock_assessment,
    locked_sentence,
    settled,
    write_answers,
)
from assessments.services.evidence import refresh_document_check
from units.models import User
from zona import audit


@transaction.atomic
def accept_rows(*, assessment: Assessment, codes: Sequence[str], by: User) -> Recorded:
    """Take over the unit's values of rows and judge their evidence adequate (*Terima*).

    The implementation check stays a decision of its own. A row that the unit left blank is taken
    over as it is: still blank.

    Raises AnswersLocked when it is not his turn or not his section.
    """
    locked = lock_assessment(assessment, by)
    pen = pen_of(by, locked, Track.TPI)
    if pen is None:
        raise AnswersLocked(locked_sentence(locked, Track.TPI))
    catalog = catalog_of(locked.instrument)
    ids = [catalog.ids[code] for code in codes]
    theirs = {
        catalog.codes[answer.indicator_id]: answer
        for answer in Answer.objects.filter(assessment=locked, track=Track.UNIT, indicator__in=ids)
    }
    changes = [
        Change(code, {"choice": theirs[code].choice, "inputs": theirs[code].inputs, "reason": ""})
        for code in codes
    ]
    recorded = write_answers(locked, Track.TPI, changes, by=by, source="accept")
    uses = EvidenceUse.objects.filter(assessment=locked, indicator__in=ids).exclude(
        verdict=EvidenceUse.Verdict.ADEQUATE
    )
    judged = uses.update(
        verdict=EvidenceUse.Verdict.ADEQUATE, reason="", judged_at=timezone.now(), judged_by=by
    )
    if judged:
        refresh_document_check(locked, codes)
        audit.record(
            locked,
            [
                audit.Fact("evidence_judged", code, {"to": "adequate", "source": "accept"})
                for code in codes
            ],
            by=by,
        )
    rank = RANK_OF_STATE[locked.state]
    Review.objects.bulk_create(
        Review(
            answer=recorded.answers[code],
            rank=rank,
            verdict=Review.Verdict.ACCEPTED,
            after={"choice": theirs[code].choice, "inputs": theirs[code].inputs},
            by=by,
        )
        for code in codes
    )
    _settle(locked, recorded.answers.values(), by)
    for code, check in Answer.objects.filter(
        assessment=locked, track=Track.TPI, indicator__in=ids
    ).values_list("indicator__code", "document_check"):
        recorded.answers[code].document_check = check
    return recorded


@transaction.atomic
def confirm_rows(*, assessment: Assessment, codes: Sequence[str], by: User) -> list[Answer]:
    """Let the TPI's values of rows stand as they are, returned ones included.

    Rows that lack a value or the implementation check stay open. Returns the rows that changed.

    Raises AnswersLocked when it is not his turn or not his section.
    """
    locked = lock_assessment(assessment, by)
    pen = pen_of(by, locked, Track.TPI)
    if pen is None:
        raise AnswersLocked(locked_sentence(locked, Track.TPI))
    catalog = catalog_of(locked.instrument)
    if not all(pen.reaches(catalog.section_of[code].code, "") for code in codes):
        raise AnswersLocked(_("Sebagian butir bukan bagian Anda."))
    rows = Answer.objects.filter(
        assessment=locked, track=Track.TPI, indicator__in=[catalog.ids[code] for code in codes]
    )
    return _settle(locked, rows, by)


def _settle(assessment: Assessment, rows: Iterable[Answer], by: User) -> list[Answer]:
    """Close the review of the rows whose checks are made; at most two statements."""
    catalog = catalog_of(assessment.instrument)
    changed = []
    for row in rows:
        state = settled(row.review_state)
        if row.is_answered and row.implementation_check and state != row.review_state:
            row.review_state = state
            row.version += 1
            changed.append(row)
    if changed:
        Answer.objects.bulk_update(changed, ["review_state", "version"])
        audit.record(
            assessment,
            [
                audit.Fact("row_settled", catalog.codes[row.indicator_id], {"to": row.review_state})
                for row in changed
            ],
            by=by,
        )
    return changed


def history_of(assessment: Assessment, code: str) -> list[audit.AuditEntry]:
    """Return what happened to a row on every track, newest first; one query.

    The caller filters by what the reader may see.
    """
    return list(
        audit.AuditEntry.objects.filter(
            stream=assessment.audit_stream,
            target__in=[code, *(f"{code}/{track}" for track in Track)],
        ).order_by("-seq")
    )
