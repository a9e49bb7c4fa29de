"""A unit's evidence: adding, attaching to rows, judging, replacing.

The document check of a row follows from the verdicts on its evidence, so nothing is entered
twice. Nothing is deleted once the worksheet was submitted; an older file stays behind its
replacement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.catalog import catalog_of
from assessments.models import (
    Answer,
    Assessment,
    DocumentCheck,
    Evidence,
    EvidenceUse,
    Reason,
    RowState,
    State,
    Track,
)
from assessments.permissions import can_judge_evidence, can_manage_evidence, pen_of
from assessments.services.answers import AnswersLocked, lock_assessment, locked_sentence
from assessments.services.evidence_library import (
    AlreadyThere,
    add_file,
    add_link,
    can_add_to_library,
    check_room,
    clean_line,
    clean_paragraph,
    file_kept,
    file_piece,
    store,
)
from assessments.services.files import EvidenceRefused, check_file
from units.models import User
from zona import audit

__all__ = [
    "EvidenceRefused",
    "Judgement",
    "NewUse",
    "add_file",
    "add_link",
    "attach",
    "attach_many",
    "can_add_to_library",
    "detach",
    "judge",
    "judge_many",
    "replace_file",
]

Verdict = EvidenceUse.Verdict


@dataclass(frozen=True, slots=True)
class NewUse:
    """A piece of evidence that shall stand beside a row, and where in it to look."""

    code: str
    evidence: Evidence
    page: str = ""
    quote: str = ""
    covers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an assessor says of one use; ``reason`` is needed to call it not adequate."""

    use_id: int
    verdict: str
    reason: str = ""


def replace_file(*, evidence: Evidence, upload: UploadedFile, by: User) -> Evidence:
    """Keep a newer file in the place of an older one, which stays behind it.

    Uses beside rows that the person may change now move to the new file and are to be judged
    again; all others stay with the older one. Raises EvidenceRefused; nothing is stored then.
    """
    checked = check_file(upload)
    fresh = file_piece(
        checked,
        unit=evidence.unit,
        by=by,
        title=evidence.title,
        number=evidence.number,
        dated_on=evidence.dated_on,
        replaces=evidence,
    )
    try:
        check_room(fresh)
        with file_kept(fresh, upload), transaction.atomic():
            store(fresh)
            _move_uses(evidence, fresh, by)
    except AlreadyThere as found:
        raise EvidenceRefused(
            _("Berkas yang sama sudah ada di pustaka: {title}.").format(title=found.evidence)
        ) from found
    return fresh


def _move_uses(old: Evidence, fresh: Evidence, by: User) -> None:
    """Let the rows that the person may change now stand on the newer file."""
    uses = EvidenceUse.objects.filter(evidence=old, assessment__period__closed_at=None)
    uses = uses.exclude(assessment__state=State.FINAL)
    for assessment_id, code in sorted(uses.values_list("assessment_id", "indicator__code")):
        locked = lock_assessment(Assessment(pk=assessment_id), by)
        try:
            require_row(locked, code, by)
        except AnswersLocked:
            continue
        EvidenceUse.objects.filter(assessment=locked, indicator__code=code, evidence=old).update(
            evidence=fresh, verdict="", reason="", judged_at=None, judged_by=None
        )
        _mark_repaired(locked, [code])
        refresh_document_check(locked, [code])
        audit.record(
            locked,
            [audit.Fact("evidence_replaced", code, {"old": old.title, "new": fresh.pk})],
            by=by,
        )


@transaction.atomic
def attach(
    *,
    assessment: Assessment,
    code: str,
    evidence: Evidence,
    by: User,
    page: str = "",
    quote: str = "",
) -> EvidenceUse:
    """Put a piece of the unit's evidence beside a row; attaching it again returns the use.

    Raises AnswersLocked (not now, not his row) or EvidenceRefused (another unit's evidence).
    """
    use = NewUse(code, evidence, page, quote)
    return attach_many(assessment=assessment, uses=[use], by=by)[0]


@transaction.atomic
def attach_many(*, assessment: Assessment, uses: Sequence[NewUse], by: User) -> list[EvidenceUse]:
    """Put evidence beside rows, all or nothing; the cost does not grow with their number.

    Returns a use for each in the order given. Raises what ``attach`` raises.
    """
    locked = lock_assessment(assessment)
    require_rows(locked, [use.code for use in uses], by)
    if any(use.evidence.unit_id != locked.unit_id for use in uses):
        raise EvidenceRefused(_("Bukti ini milik unit lain."))
    ids = catalog_of(locked.instrument).ids
    indicators = {ids[use.code] for use in uses}
    known = {
        (use.indicator_id, use.evidence_id): use
        for use in EvidenceUse.objects.filter(assessment=locked, indicator__in=indicators)
    }
    fresh: dict[tuple[int, int], EvidenceUse] = {}
    facts = []
    for use in uses:
        key = (ids[use.code], use.evidence.pk)
        if key in known or key in fresh:
            continue
        fresh[key] = EvidenceUse(
            assessment=locked,
            indicator_id=key[0],
            evidence=use.evidence,
            attached_by=by,
            page=clean_line(use.page, 30),
            quote=clean_paragraph(use.quote),
            covers=list(use.covers),
        )
        data = {"id": use.evidence.pk, "title": use.evidence.title}
        facts.append(audit.Fact("evidence_attached", use.code, data))
    if fresh:
        EvidenceUse.objects.bulk_create(fresh.values())
        codes = list(dict.fromkeys(fact.target for fact in facts))
        _mark_repaired(locked, codes)
        refresh_document_check(locked, codes)
        audit.record(locked, facts, by=by)
    known |= fresh
    return [known[ids[use.code], use.evidence.pk] for use in uses]


@transaction.atomic
def detach(*, use: EvidenceUse, by: User) -> None:
    """Take a piece of evidence away from a row; it stays in the unit's library.

    Raises AnswersLocked: after submission a unit takes nothing away any more, and nobody takes
    away what was judged. Nothing happens when it is gone already.
    """
    locked = lock_assessment(use.assessment)
    code = catalog_of(locked.instrument).codes[use.indicator_id]
    require_row(locked, code, by)
    fresh = EvidenceUse.objects.filter(pk=use.pk).select_related("evidence").first()
    if fresh is None:
        return
    if locked.state != State.DRAFT and (fresh.verdict or fresh.attached_by_id != by.pk):
        raise AnswersLocked(_("Bukti yang sudah diajukan atau dinilai tidak dapat dilepas."))
    fresh.delete()
    refresh_document_check(locked, [code])
    facts = {"title": fresh.evidence.title}
    audit.record(locked, [audit.Fact("evidence_detached", code, facts)], by=by)


@transaction.atomic
def judge(*, use: EvidenceUse, verdict: str, by: User, reason: str = "") -> EvidenceUse:
    """Say whether a piece of evidence supports its row; the document check follows.

    reason: a code of Reason; needed to call it not adequate.

    Raises AnswersLocked (not his to judge) or EvidenceRefused (no reason, unknown verdict).
    """
    judgement = Judgement(use.pk, verdict, reason)
    return judge_many(assessment=use.assessment, judgements=[judgement], by=by)[0]


@transaction.atomic
def judge_many(
    *, assessment: Assessment, judgements: Sequence[Judgement], by: User
) -> list[EvidenceUse]:
    """Judge pieces of evidence of one worksheet, all or nothing; raises what ``judge`` raises."""
    locked = lock_assessment(assessment, by)
    catalog = catalog_of(locked.instrument)
    pen = pen_of(by, locked, Track.TPI)
    uses = EvidenceUse.objects.filter(assessment=locked).select_related("evidence")
    by_pk = uses.in_bulk([judgement.use_id for judgement in judgements])
    facts = []
    for judgement in judgements:
        verdict, reason = judgement.verdict, judgement.reason
        if judgement.use_id not in by_pk:
            raise EvidenceUse.DoesNotExist
        use = by_pk[judgement.use_id]
        code = catalog.codes[use.indicator_id]
        section = catalog.section_of[code].code
        if not can_judge_evidence(by, locked) or not pen.reaches(section, RowState.UNREVIEWED):
            raise AnswersLocked(locked_sentence(locked, Track.TPI))
        if verdict not in Verdict.values or reason not in Reason.values:
            raise EvidenceRefused(_("Pilihan tidak dikenal."))
        if verdict == Verdict.INADEQUATE and not reason:
            raise EvidenceRefused(_("Pilih alasan mengapa bukti ini belum sesuai."))
        reason = reason if verdict == Verdict.INADEQUATE else ""
        data = {
            "title": use.evidence.title,
            "from": use.verdict,
            "to": verdict,
            "reason": reason,
        }
        facts.append(audit.Fact("evidence_judged", code, data))
        use.verdict, use.reason = verdict, reason
        use.judged_at, use.judged_by = (timezone.now(), by) if verdict else (None, None)
    EvidenceUse.objects.bulk_update(by_pk.values(), ["verdict", "reason", "judged_at", "judged_by"])
    refresh_document_check(locked, dict.fromkeys(fact.target for fact in facts))
    audit.record(locked, facts, by=by)
    return [by_pk[judgement.use_id] for judgement in judgements]


def document_check_of(verdicts: Iterable[str], *, answered: bool) -> str:
    """Return what the verdicts on a row's evidence amount to.

    No evidence beside an answered row: absent. Any not judged yet: unchecked. Any not adequate:
    inadequate. All adequate: adequate.
    """
    verdicts = list(verdicts)
    if not verdicts:
        return DocumentCheck.ABSENT if answered else DocumentCheck.UNCHECKED
    if Verdict.UNJUDGED in verdicts:
        return DocumentCheck.UNCHECKED
    if Verdict.INADEQUATE in verdicts:
        return DocumentCheck.INADEQUATE
    return DocumentCheck.ADEQUATE


def refresh_document_check(assessment: Assessment, codes: Iterable[str]) -> None:
    """Bring the document checks of rows in line with their evidence; three statements."""
    catalog = catalog_of(assessment.instrument)
    ids = [catalog.ids[code] for code in codes]
    verdicts: dict[int, list[str]] = {pk: [] for pk in ids}
    uses = EvidenceUse.objects.filter(assessment=assessment, indicator__in=ids)
    for pk, verdict in uses.values_list("indicator_id", "verdict"):
        verdicts[pk].append(verdict)
    changed = []
    for answer in Answer.objects.filter(assessment=assessment, track=Track.TPI, indicator__in=ids):
        check = document_check_of(verdicts[answer.indicator_id], answered=answer.is_answered)
        if check != answer.document_check:
            answer.document_check = check
            changed.append(answer)
    if changed:
        Answer.objects.bulk_update(changed, ["document_check"])


def require_row(assessment: Assessment, code: str, by: User) -> None:
    """Raise AnswersLocked unless the person may change the evidence of this very row now."""
    require_rows(assessment, [code], by)


def require_rows(assessment: Assessment, codes: Sequence[str], by: User) -> None:
    """Raise AnswersLocked unless the person may change the evidence of all these rows now."""
    catalog = catalog_of(assessment.instrument)
    for code in codes:
        if code not in catalog.ids:
            raise EvidenceRefused(_("Butir {code} tidak dikenal.").format(code=code))
    if not can_manage_evidence(by, assessment):
        raise AnswersLocked(locked_sentence(assessment, Track.UNIT))
    pen = pen_of(by, assessment, Track.TPI) or pen_of(by, assessment, Track.UNIT)
    states = dict(
        Answer.objects.filter(
            assessment=assessment,
            track=Track.TPI,
            indicator__in=[catalog.ids[code] for code in codes],
        ).values_list("indicator_id", "review_state")
    )
    for code in codes:
        state = states[catalog.ids[code]]
        if pen is None or not pen.reaches(catalog.section_of[code].code, state):
            raise AnswersLocked(_("Butir {code} bukan bagian Anda sekarang.").format(code=code))


def _mark_repaired(assessment: Assessment, codes: Sequence[str]) -> None:
    if assessment.state == State.REPAIR:
        ids = catalog_of(assessment.instrument).ids
        Answer.objects.filter(
            assessment=assessment,
            track=Track.TPI,
            indicator__in=[ids[code] for code in codes],
            review_state=RowState.NEEDS_REPAIR,
        ).update(review_state=RowState.REPAIRED, version=models.F("version") + 1)
