"""Accepting many rows at once: what would be taken and what stays out, the act, and its undoing.

Only rows on which nobody has decided otherwise are taken; the rest stays with its reason. An
undoing takes back the rows that nobody touched since, and names the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import answer_value, catalog_of
from assessments.models import Answer, Assessment, BulkAcceptance, EvidenceUse, RowState, Track
from assessments.permissions import RANK_OF_STATE, Pen, pen_of
from assessments.services.answers import (
    AnswersLocked,
    Change,
    lock_assessment,
    locked_sentence,
    write_answers,
)
from assessments.services.evidence import refresh_document_check
from assessments.services.review import accept_rows
from units.models import User
from zona import audit

Verdict = EvidenceUse.Verdict


@dataclass(frozen=True, slots=True)
class Offer:
    """What accepting many would do with a row: take it, or leave it and why.

    ``version`` is that of the TPI's row as it was looked at.
    """

    code: str
    version: int
    why_not: str = ""

    @property
    def goes(self) -> bool:
        """Tell whether the row would be accepted."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act on many rows: those done, and those left with the reason."""

    act: BulkAcceptance | None
    done: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def offers(assessment: Assessment, user: User) -> list[Offer]:
    """Return, for every row in worksheet order, whether it can be accepted with others.

    Two queries. Raises AnswersLocked when the TPI's side is not the person's to write now.
    """
    pen = pen_of(user, assessment, Track.TPI)
    if pen is None:
        raise AnswersLocked(locked_sentence(assessment, Track.TPI))
    catalog = catalog_of(assessment.instrument)
    rows: dict[tuple[str, str], Answer] = {
        (catalog.codes[row.indicator_id], row.track): row
        for row in Answer.objects.filter(assessment=assessment, track__in=(Track.UNIT, Track.TPI))
    }
    uses: dict[str, list[tuple[str, Any]]] = {code: [] for code in catalog.ids}
    found = EvidenceUse.objects.filter(assessment=assessment)
    for pk, verdict, day in found.values_list("indicator_id", "verdict", "evidence__dated_on"):
        uses[catalog.codes[pk]].append((verdict, day))
    values = {
        code: answer_value(rows[code, Track.UNIT].choice, rows[code, Track.UNIT].inputs)
        for code in catalog.ids
    }
    contradicted = {item.code for item in scoring.score(catalog.engine, values).contradictions}
    offered = []
    for code in catalog.ids:
        tpi = rows[code, Track.TPI]
        why = _why_not(assessment, pen, code, rows[code, Track.UNIT], tpi, uses[code])
        if not why and code in contradicted:
            why = _("Jumlah isian unit bertentangan.")
        offered.append(Offer(code, tpi.version, why))
    return offered


def _why_not(
    assessment: Assessment,
    pen: Pen,
    code: str,
    unit: Answer,
    tpi: Answer,
    uses: list[tuple[str, Any]],
) -> str:
    """Return why a row is not taken with others; blank where it is."""
    catalog = catalog_of(assessment.instrument)
    if not pen.reaches(catalog.section_of[code].code, tpi.review_state):
        return _("Bukan bagian Anda.")
    if tpi.review_state in (RowState.NEEDS_REPAIR, RowState.REPAIRED):
        return _("Pernah dikembalikan; periksa sendiri.")
    if not unit.is_answered:
        return _("Unit belum menjawab.")
    same = (tpi.choice, tpi.inputs) == (unit.choice, unit.inputs)
    if tpi.is_answered and not same:
        return _("TPI sudah memberi nilai lain.")
    verdicts = [verdict for verdict, _day in uses]
    if Verdict.INADEQUATE in verdicts:
        return _("Ada bukti yang dinilai belum sesuai.")
    if same and Verdict.UNJUDGED not in verdicts:
        return _("Nilai dan buktinya sudah diterima.")
    computation = catalog.engine.indicators[code].computation
    if not uses and (computation is None or computation.kind != scoring.SCORE04):
        return _("Belum ada bukti dukung.")
    period = assessment.period
    if any(
        day is not None and not period.evidence_from <= day <= period.evidence_to
        for verdict, day in uses
        if verdict == Verdict.UNJUDGED
    ):
        return _("Ada bukti di luar jendela periode.")
    return ""


@transaction.atomic
def accept_many(*, assessment: Assessment, versions: Mapping[str, int], by: User) -> Outcome:
    """Accept rows at once, as *Terima* does on each.

    versions: the version of each row as the person saw it; a row that changed meanwhile, or can
    no longer be taken, is left and named.

    Raises AnswersLocked when it is not his turn.
    """
    locked = lock_assessment(assessment, by)
    catalog = catalog_of(locked.instrument)
    left, codes = [], []
    for offer in offers(locked, by):
        if offer.code not in versions:
            continue
        if not offer.goes:
            left.append((offer.code, offer.why_not))
        elif offer.version != versions[offer.code]:
            left.append((offer.code, _("Baru saja diubah orang lain.")))
        else:
            codes.append(offer.code)
    if not codes:
        return Outcome(None, (), tuple(left))
    before = {
        catalog.codes[row.indicator_id]: _before(row) for row in _tpi_rows(locked, catalog, codes)
    }
    uses: dict[str, dict[str, list[str]]] = {code: {} for code in codes}
    pieces: dict[str, list[int]] = {code: [] for code in codes}
    for use in _uses(locked, catalog, codes):
        pieces[catalog.codes[use.indicator_id]].append(use.pk)
        if use.verdict != Verdict.ADEQUATE:
            uses[catalog.codes[use.indicator_id]][str(use.pk)] = [use.verdict, use.reason]
    accept_rows(assessment=locked, codes=codes, by=by)
    act = BulkAcceptance.objects.create(
        assessment=locked,
        rank=RANK_OF_STATE[locked.state],
        by=by,
        rows=[
            {
                "code": (code := catalog.codes[row.indicator_id]),
                "version": row.version,
                "before": before[code],
                "uses": uses[code],
                "pieces": sorted(pieces[code]),
            }
            for row in _tpi_rows(locked, catalog, codes)
        ],
    )
    return Outcome(act, tuple(codes), tuple(left))


@transaction.atomic
def undo(*, act: BulkAcceptance, by: User) -> Outcome:
    """Take an acceptance back on every row that nobody touched since; the others are named.

    Undoing what was undone changes nothing.

    Raises AnswersLocked when the worksheet lies with another rank, or a row is not his.
    """
    locked = lock_assessment(act.assessment, by)
    fresh = BulkAcceptance.objects.get(pk=act.pk)
    if fresh.undone_at is not None:
        return Outcome(fresh, (), ())
    pen = pen_of(by, locked, Track.TPI)
    if pen is None or RANK_OF_STATE[locked.state] != fresh.rank:
        raise AnswersLocked(locked_sentence(locked, Track.TPI))
    catalog = catalog_of(locked.instrument)
    kept = {row["code"]: row for row in fresh.rows}
    answers = {
        catalog.codes[row.indicator_id]: row for row in _tpi_rows(locked, catalog, list(kept))
    }
    uses: dict[str, dict[str, EvidenceUse]] = {code: {} for code in kept}
    for use in _uses(locked, catalog, kept):
        uses[catalog.codes[use.indicator_id]][str(use.pk)] = use
    back, left = [], []
    for code, row in kept.items():
        if not pen.reaches(catalog.section_of[code].code, answers[code].review_state):
            left.append((code, _("Bukan bagian Anda.")))
        elif answers[code].version != row["version"] or _evidence_moved(row, uses[code]):
            left.append((code, _("Sudah diubah sesudah diterima.")))
        else:
            back.append(code)
    if back:
        changes = [Change(code, kept[code]["before"]) for code in back]
        write_answers(locked, Track.TPI, changes, by=by, source="undo")
        _restore_verdicts(kept, uses, back)
        refresh_document_check(locked, back)
        audit.record(
            locked, [audit.Fact("accept_undone", code, {"act": fresh.pk}) for code in back], by=by
        )
    fresh.undone_at, fresh.undone_by = timezone.now(), by
    fresh.save(update_fields=["undone_at", "undone_by"])
    return Outcome(fresh, tuple(back), tuple(left))


def undoable(assessment: Assessment, user: User) -> list[BulkAcceptance]:
    """Return the acts of the rank that holds the worksheet which may still be undone, newest
    first; one query."""
    if pen_of(user, assessment, Track.TPI) is None:
        return []
    acts = assessment.bulk_acceptances.filter(
        rank=RANK_OF_STATE[assessment.state], undone_at=None, at__gte=assessment.state_changed_at
    )
    return list(acts.select_related("by")[:5])


def _tpi_rows(assessment: Assessment, catalog, codes: Iterable[str]):
    return Answer.objects.filter(
        assessment=assessment,
        track=Track.TPI,
        indicator__in=[catalog.ids[code] for code in codes],
    ).order_by("indicator__position")


def _uses(assessment: Assessment, catalog, codes: Iterable[str]):
    return EvidenceUse.objects.filter(
        assessment=assessment, indicator__in=[catalog.ids[code] for code in codes]
    )


def _before(row: Answer) -> dict[str, Any]:
    return {"choice": row.choice, "inputs": row.inputs, "reason": row.reason}


def _evidence_moved(row: Mapping[str, Any], uses: Mapping[str, EvidenceUse]) -> bool:
    """Tell whether evidence was added, taken away or judged otherwise since the act."""
    if any(use.verdict != Verdict.ADEQUATE for use in uses.values()):
        return True
    return {use.pk for use in uses.values()} != set(row["pieces"])


def _restore_verdicts(kept, uses, codes: Iterable[str]) -> None:
    restored = []
    for code in codes:
        for pk, (verdict, reason) in kept[code]["uses"].items():
            use = uses[code][pk]
            use.verdict, use.reason = verdict, reason
            use.judged_at, use.judged_by = None, None
            restored.append(use)
    if restored:
        EvidenceUse.objects.bulk_update(restored, ["verdict", "reason", "judged_at", "judged_by"])
