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
    open_rows = set(uses.values_list("indicator", flat=True))
    judged = [code for code in codes if catalog.ids[code] in open_rows]
    if judged:
        uses.update(
            verdict=EvidenceUse.Verdict.ADEQUATE, reason="", judged_at=timezone.now(), judged_by=by
        )
        refresh_document_check(locked, judged)
        audit.record(
            locked,
            [
                audit.Fact("evidence_judged", code, {"to": "adequate", "source": "accept"})
                for code in judged
            ],
            by=by,
        )
    _keep_decisions(locked, recorded, theirs, touched={*recorded.changed, *judged}, by=by)
    _settle(locked, recorded.answers.values(), by)
    if judged:
        for code, check in Answer.objects.filter(
            assessment=locked, track=Track.TPI, indicator__in=ids
        ).values_list("indicator__code", "document_check"):
            recorded.answers[code].document_check = check
    return recorded


def _keep_decisions(
    assessment: Assessment, recorded: Recorded, theirs, *, touched: set[str], by: User
) -> None:
    """Keep that the rank accepted the rows; what it had accepted alike already stays one decision.

    touched: the rows on which something changed just now. At most two statements.
    """
    rank = RANK_OF_STATE[assessment.state]
    last = {
        review.answer_id: review
        for review in Review.objects.filter(
            answer__in=[row.pk for row in recorded.answers.values()], rank=rank
        ).order_by("pk")
    }
    decisions = []
    for code, row in recorded.answers.items():
        after = {"choice": theirs[code].choice, "inputs": theirs[code].inputs}
        known = last.get(row.pk)
        same = known and known.verdict == Review.Verdict.ACCEPTED and known.after == after
        if code in touched or not same:
            decisions.append(
                Review(answer=row, rank=rank, verdict=Review.Verdict.ACCEPTED, after=after, by=by)
            )
    if decisions:
        Review.objects.bulk_create(decisions)


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
