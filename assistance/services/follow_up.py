"""Moving a recommendation: what the unit does, what the inspectorate says of it.

One table tells who may do what from which state; every step is appended, none is ever changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import answer_value, catalog_of
from assessments.models import Answer, Evidence, State, Track
from assessments.services.answers import clean_text
from assessments.services.evidence import EvidenceRefused, add_file, add_link
from assistance import permissions
from assistance.models import (
    DueDateExtension,
    FollowUp,
    FollowUpEvidence,
    Recommendation,
    RecommendationState,
)
from assistance.services.recommendations import TEXT_MAX, RecommendationRefused, lock
from units.models import User
from zona import audit

MOST_EVIDENCE = 20


@dataclass(frozen=True, slots=True)
class Move:
    """One step: its kind, where it leads, who may, and what it needs.

    whose: the part of ``may`` that asks for the person alone, whatever state it is in.
    """

    kind: str
    leads_to: str
    may: Callable[..., bool]
    whose: Callable[..., bool]
    needs_text: bool = True
    needs_evidence: bool = False


Kind, To = FollowUp.Kind, RecommendationState
UNIT_ACTS = (permissions.can_follow_up, permissions.acts_for_unit)
JUDGES = (permissions.can_judge, permissions.may_judge)
MOVES = {
    "perkembangan": Move(Kind.PROGRESS, To.UNDER_WAY, *UNIT_ACTS),
    "selesai": Move(Kind.REPORTED, To.REPORTED, *UNIT_ACTS, needs_evidence=True),
    "tuntas": Move(Kind.DONE, To.DONE, *JUDGES, needs_text=False),
    "belum-sesuai": Move(Kind.REFUSED, To.NOT_MET, *JUDGES),
    "tidak-dapat": Move(
        Kind.IMPOSSIBLE, To.IMPOSSIBLE, permissions.can_give_up, permissions.supervises
    ),
    "buka": Move(Kind.REOPENED, To.OPEN, permissions.can_reopen, permissions.advises),
}
"""The steps by the word that stands in their address."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The evidence of a step: pieces of the unit's library, a new file, a new link."""

    chosen: Sequence[Evidence] = ()
    upload: UploadedFile | None = None
    url: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is given."""
        return not self.chosen and self.upload is None and not self.url.strip()


@transaction.atomic
def move(
    *, row: Recommendation, name: str, by: User, text: str = "", proof: Proof | None = None
) -> Recommendation:
    """Take a step of MOVES; returns the recommendation as it stands then.

    Raises RecommendationRefused: not his step or not now, no text, no evidence, closing what he
    wrote, owns or reported himself; EvidenceRefused for a file or link that can't be kept.
    """
    step, proof = MOVES[name], proof or Proof()
    unit, fresh = lock(row)
    if not step.may(by, fresh):
        raise RecommendationRefused(_refusal(step, fresh, by))
    text = _cleaned(text)
    if step.needs_text and not text:
        raise RecommendationRefused(_("Tulis penjelasannya."))
    pieces = _pieces(fresh, proof, by)
    if step.needs_evidence and not pieces:
        raise RecommendationRefused(_("Sertakan sedikitnya satu bukti dukung."))
    if step.kind == Kind.DONE and not _has_evidence(fresh):
        raise RecommendationRefused(
            _("Belum ada bukti tindak lanjut. Kembalikan kepada unit untuk dilengkapi.")
        )
    now = timezone.now()
    fresh.state, fresh.state_changed_at = step.leads_to, now
    fresh.done_at = now if step.leads_to == To.DONE else None
    fresh.done_value = value_now(fresh) if step.leads_to == To.DONE else None
    fresh.reported_by = by if step.kind == Kind.REPORTED else fresh.reported_by
    if step.leads_to in (To.DONE, To.IMPOSSIBLE):
        _drop_wish(fresh, by, now)
    fresh.save(update_fields=["state", "state_changed_at", "done_at", "done_value", "reported_by"])
    _append(fresh, step.kind, text, by, pieces)
    fact = audit.Fact(
        f"recommendation_{step.kind}",
        f"recommendation:{fresh.pk}",
        {"state": fresh.state, "text": text, "evidence": [piece.pk for piece in pieces]},
    )
    audit.record(unit, [fact], by=by)
    return fresh


def barred(row: Recommendation, name: str, by: User) -> str:
    """Return why a step of MOVES is not this person's in any state; empty where it is his.

    A step that is his but cannot be taken now is refused by ``move`` alone.
    """
    step = MOVES[name]
    if step.whose(by, row):
        return ""
    if step.may is permissions.can_follow_up:
        return _("Anda tidak dapat menindaklanjuti rekomendasi ini.")
    if step.kind == Kind.REOPENED:
        return _("Anda tidak dapat membuka kembali rekomendasi unit ini.")
    if step.kind == Kind.IMPOSSIBLE:
        return _("Hanya pengendali teknis yang dapat menyatakannya tidak dapat ditindaklanjuti.")
    return _not_his_to_judge(row, by)


def _refusal(step: Move, row: Recommendation, by: User) -> str:
    """Return why a step is refused, in a sentence."""
    if step.may is permissions.can_judge and row.state == To.REPORTED:
        return _not_his_to_judge(row, by)
    if step.kind == Kind.IMPOSSIBLE and row.is_living:
        return _("Hanya pengendali teknis yang dapat menyatakannya tidak dapat ditindaklanjuti.")
    return _("Langkah ini tidak dapat diambil sekarang: rekomendasi {state}.").format(
        state=str(row.get_state_display()).lower()
    )


def _not_his_to_judge(row: Recommendation, by: User) -> str:
    """Return why this person does not verify the recommendation."""
    if by.pk == row.reported_by_id or permissions.is_owner(by, row):
        return _("Yang melaporkan tidak dapat memverifikasi.")
    if by.pk == row.created_by_id:
        return _("Rekomendasi Anda sendiri diverifikasi oleh orang lain dari tim.")
    return _("Anda tidak dapat memverifikasi rekomendasi unit ini.")


def _cleaned(text: str) -> str:
    try:
        return clean_text(text.strip(), TEXT_MAX)
    except ValueError as error:
        raise RecommendationRefused(str(error)) from error


def _pieces(row: Recommendation, proof: Proof, by: User) -> list[Evidence]:
    """Return the pieces of evidence of a step, new ones kept in the unit's library."""
    pieces = list(proof.chosen)
    if any(piece.unit_id != row.unit_id for piece in pieces):
        raise EvidenceRefused(_("Bukti ini milik unit lain."))
    if proof.upload is not None:
        pieces.append(add_file(unit=row.unit, upload=proof.upload, by=by))
    if proof.url.strip():
        pieces.append(add_link(unit=row.unit, url=proof.url, by=by))
    if proof.upload is not None or proof.url.strip():
        # The library wrote to the unit's audit chain; ours goes on from there.
        row.unit.refresh_from_db(fields=["audit_seq", "audit_digest"])
    pieces = list({piece.pk: piece for piece in pieces}.values())
    if len(pieces) > MOST_EVIDENCE:
        raise EvidenceRefused(_("Paling banyak {n} bukti sekaligus.").format(n=MOST_EVIDENCE))
    return pieces


def _has_evidence(row: Recommendation) -> bool:
    return FollowUpEvidence.objects.filter(follow_up__recommendation=row).exists()


def _append(
    row: Recommendation, kind: str, text: str, by: User | None, pieces: Sequence[Evidence] = ()
) -> FollowUp:
    entry = FollowUp.objects.create(
        recommendation=row, kind=kind, text=text, state=row.state, by=by
    )
    FollowUpEvidence.objects.bulk_create(
        FollowUpEvidence(follow_up=entry, evidence=piece) for piece in pieces
    )
    return entry


def _drop_wish(row: Recommendation, by: User, now) -> None:
    """Close a wish for more time that a closing step made pointless."""
    DueDateExtension.objects.waiting().filter(recommendation=row).update(
        decision=DueDateExtension.Decision.DENIED, decided_at=now, decided_by=by
    )


# Extensions -----------------------------------------------------------------------------------


def barred_from_asking(row: Recommendation, by: User) -> str:
    """Return why the person asks for no later date here in any state; empty where he may."""
    if permissions.acts_for_unit(by, row):
        return ""
    return _("Anda tidak dapat meminta perpanjangan untuk rekomendasi ini.")


def barred_from_deciding(row: Recommendation, wish: DueDateExtension, by: User) -> str:
    """Return why the person never decides on this wish; empty where he may."""
    if permissions.advises(by, row) and wish.asked_by_id != by.pk:
        return ""
    return _("Anda tidak dapat memutuskan permintaan ini.")


@transaction.atomic
def ask_extension(*, row: Recommendation, due_on: date, reason: str, by: User) -> DueDateExtension:
    """Ask for a later due date; raises RecommendationRefused with a sentence."""
    unit, fresh = lock(row)
    if not permissions.can_follow_up(by, fresh):
        raise RecommendationRefused(_("Anda tidak dapat meminta perpanjangan sekarang."))
    reason = _cleaned(reason)
    if not reason:
        raise RecommendationRefused(_("Tulis alasan perpanjangan."))
    if due_on < timezone.localdate():
        raise RecommendationRefused(_("Batas waktu sudah lewat. Pilih hari ini atau sesudahnya."))
    if due_on <= fresh.due_on:
        raise RecommendationRefused(_("Batas waktu baru harus sesudah yang berlaku sekarang."))
    if fresh.extensions.waiting().exists():
        raise RecommendationRefused(_("Permintaan sebelumnya masih menunggu keputusan."))
    wish = DueDateExtension.objects.create(
        recommendation=fresh,
        due_before=fresh.due_on,
        due_asked=due_on,
        reason=reason,
        asked_by=by,
    )
    _append(fresh, Kind.ASKED, reason, by)
    data = {"from": fresh.due_on.isoformat(), "to": due_on.isoformat(), "reason": reason}
    fact = audit.Fact("extension_asked", f"recommendation:{fresh.pk}", data)
    audit.record(unit, [fact], by=by)
    return wish


@transaction.atomic
def decide_extension(
    *, wish: DueDateExtension, grant: bool, by: User, note: str = ""
) -> DueDateExtension:
    """Grant or deny a wish; nobody decides on his own. A denial needs its reason."""
    unit, fresh = lock(wish.recommendation)
    wish = fresh.extensions.get(pk=wish.pk)
    if wish.decision:
        raise RecommendationRefused(_("Permintaan ini sudah diputuskan."))
    if not permissions.can_decide_extension(by, fresh) or wish.asked_by_id == by.pk:
        raise RecommendationRefused(_("Anda tidak dapat memutuskan permintaan ini."))
    note = _cleaned(note)
    if not grant and not note:
        raise RecommendationRefused(_("Tulis alasan penolakan."))
    decision = DueDateExtension.Decision
    wish.decision = decision.GRANTED if grant else decision.DENIED
    wish.note, wish.decided_by, wish.decided_at = note, by, timezone.now()
    wish.save(update_fields=["decision", "note", "decided_by", "decided_at"])
    if grant:
        fresh.due_on, fresh.version = wish.due_asked, fresh.version + 1
        fresh.save(update_fields=["due_on", "version"])
    _append(fresh, Kind.GRANTED if grant else Kind.DENIED, note, by)
    data = {"decision": wish.decision, "due_on": fresh.due_on.isoformat(), "note": note}
    fact = audit.Fact("extension_decided", f"recommendation:{fresh.pk}", data)
    audit.record(unit, [fact], by=by)
    return wish


# Next year's answer -----------------------------------------------------------------------------


def value_of(indicator: scoring.Indicator, answer: scoring.Answer | None):
    """Return what an answer is worth, 0..1 with six decimals; None where it counts nothing."""
    if answer is None:
        return None
    if isinstance(answer, str):
        found = next(option.value for option in indicator.options if option.code == answer)
    else:
        found = scoring.computed_value(indicator, answer).value
    return None if found is None else scoring.stored(found)


def value_now(row: Recommendation):
    """Return the indicator's value on the worksheet: the TPI's, else the unit's; None without."""
    if row.indicator_id is None or row.assessment_id is None:
        return None
    catalog = catalog_of(row.assessment.instrument)
    indicator = catalog.engine.indicators[catalog.codes[row.indicator_id]]
    answers = Answer.objects.filter(
        assessment=row.assessment_id,
        indicator=row.indicator_id,
        track__in=(Track.TPI, Track.UNIT),
    )
    values = {
        track: value_of(indicator, answer_value(choice, inputs))
        for track, choice, inputs in answers.values_list("track", "choice", "inputs")
    }
    tpi = values.get(Track.TPI)
    return values.get(Track.UNIT) if tpi is None else tpi


def reopen_fallen() -> int:
    """Open again what was closed and whose indicator fell in a later year's final worksheet.

    Compares the TPI's value there with the one at the closing, on the same row of the same
    edition. Returns how many were opened.
    """
    closed = Recommendation.objects.filter(state=To.DONE, done_value__isnull=False).select_related(
        "assessment__period", "assessment__instrument", "indicator"
    )
    opened = 0
    for row in closed.iterator(chunk_size=500):
        later = (
            Answer.objects.filter(
                track=Track.TPI,
                indicator__code=row.indicator.code,
                assessment__instrument__code=row.assessment.instrument.code,
                assessment__unit=row.unit_id,
                assessment__state=State.FINAL,
                assessment__superseded_by=None,
                assessment__period__year__gt=row.assessment.period.year,
                assessment__finalized_at__gt=row.done_at,
            )
            .select_related("assessment__period", "assessment__instrument", "indicator")
            .order_by("-assessment__period__year", "-assessment")
            .first()
        )
        if later is not None and _has_fallen(row, later):
            opened += _reopen(row, later.assessment.period.year)
    return opened


def _has_fallen(row: Recommendation, later: Answer) -> bool:
    catalog = catalog_of(later.assessment.instrument)
    indicator = catalog.engine.indicators[later.indicator.code]
    value = value_of(indicator, answer_value(later.choice, later.inputs))
    return value is not None and value < row.done_value


@transaction.atomic
def _reopen(row: Recommendation, year: int) -> int:
    unit, fresh = lock(row)
    if fresh.state != To.DONE:
        return 0
    fresh.state, fresh.state_changed_at = To.OPEN, timezone.now()
    fresh.done_at = fresh.done_value = None
    fresh.save(update_fields=["state", "state_changed_at", "done_at", "done_value"])
    text = _("Nilai butir turun dalam evaluasi {year}.").format(year=year)
    _append(fresh, Kind.REOPENED, text, None)
    data = {"state": fresh.state, "text": text, "evidence": []}
    fact = audit.Fact("recommendation_reopened", f"recommendation:{fresh.pk}", data)
    audit.record(unit, [fact], by=None)
    return 1
