"""Changes of the journey: each asks the table, the person's rights and the facts under the lock.

Lock order: unit, then candidacy; for the ministry's own conditions the period. Audited on the
unit's stream, those of the ministry on the system's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.journey import rules
from assessments.journey.eligibility import Checklist, checklist, conditions_of
from assessments.journey.plenary import latest_decisions, objection_to_proposal
from assessments.journey.rules import Act, Phase
from assessments.models import (
    Assessment,
    Candidacy,
    EligibilityCheck,
    Evidence,
    JourneyDocument,
    Monitoring,
    PactSignature,
    Period,
    PredicateAward,
    Proposal,
    ProposalLine,
    Score,
    StageResult,
    Track,
    Verdict,
)
from assessments.services.evidence_library import add_file
from assessments.services.freeze import refuse_closed
from units.access import Permission, has_permission
from units.models import Pledge, Unit, User
from units.services import record_pledge
from units.services.tree import lock_unit
from zona import audit

STREAM_PREFIX = "journey."
PROPOSAL_FIELDS = (
    "number",
    "dated_on",
    "signer_name",
    "signer_position",
    "sptjm_number",
    "sptjm_on",
)


# A predicate outlives the period in which it was given.
OUTLIVING = frozenset({Act.MONITOR, Act.REVOKE})


class JourneyRefused(Exception):
    """The act cannot be done; ``reasons`` are sentences that say why."""

    def __init__(self, *reasons: str):
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class CheckChanged(Exception):
    """Somebody else saved the condition since its form was opened; ``current`` is how it stands."""

    def __init__(self, current: EligibilityCheck):
        super().__init__(f"check {current.pk} is at version {current.version}")
        self.current = current


def candidacy_of(unit: Unit, period: Period) -> Candidacy:
    """Return a unit's candidacy in a period, unsaved before the first act of the year.

    A declaration lasts over the years: where it is complete, the unit is building from the start.
    """
    found = Candidacy.objects.filter(unit=unit, period=period).select_related("award").first()
    if found is not None:
        return found
    pledge = Pledge.objects.filter(unit=unit).first()
    return fresh_candidacy(unit, period, pledge)


def fresh_candidacy(unit: Unit, period: Period, pledge: Pledge | None) -> Candidacy:
    """Return the unsaved candidacy with which a unit begins a period."""
    if pledge is not None:
        pledge.unit = unit
    is_building = pledge is not None and pledge.is_complete
    phase = Candidacy.Phase.BUILDING if is_building else Candidacy.Phase.PREPARING
    return Candidacy(unit=unit, period=period, phase=phase)


def sheet_of(unit: Unit, period: Period) -> Assessment | None:
    """Return the newest version of the unit's worksheet in a period."""
    sheets = Assessment.objects.filter(unit=unit, period=period).newest_versions()
    return (
        sheets.select_related("period", "instrument", "unit").defer("instrument__document").first()
    )


def available_acts(user: User, candidacy: Candidacy) -> list[rules.Rule]:
    """Return what the table lets the person do now; guards are asked when it is done."""
    found = []
    for rule in rules.TABLE:
        if candidacy.period.is_closed and rule.act not in OUTLIVING:
            continue
        if rules.after(Phase(candidacy.phase), rule.act) is None:
            continue
        if rule.act == Act.DESIGNATE and candidacy.designated_on:
            continue
        if rule.act == Act.CANCEL_DESIGNATION and not candidacy.designated_on:
            continue
        if has_permission(user, rule.permission, candidacy.unit):
            found.append(rule)
    return found


@transaction.atomic
def perform(
    act: str,
    *,
    unit: Unit,
    period: Period,
    by: User,
    given: Mapping[str, Any] | None = None,
    document: UploadedFile | Evidence | None = None,
) -> Candidacy:
    """Take one step of the journey.

    given: the fields that the table names for the act. document: the paper that goes with it, a
    new file or a piece of the unit's evidence.
    Raises JourneyRefused for what the table, the person's rights or the facts do not allow, and
    EvidenceRefused for a file that cannot be kept.
    """
    rule = rules.RULES[Act(act)]
    given = dict(given or {})
    unit = lock_unit(unit.pk)
    candidacy = candidacy_of(unit, period)
    if rule.act == Act.PROPOSE or rule not in available_acts(by, candidacy):
        raise JourneyRefused(_("Langkah ini tidak tersedia pada keadaan unit sekarang."))
    day = given.get("on")
    if day is not None and day > timezone.localdate():
        raise JourneyRefused(_("Tanggal belum tiba."))
    for name in ("number", "on", "signer", "reason"):
        if name in rule.fields and not given.get(name):
            raise JourneyRefused(_("Isian langkah ini belum lengkap."))
    if rule.needs_document and document is None:
        raise JourneyRefused(_("Sertakan dokumennya."))
    reasons = _guards(rule.act, candidacy, given)
    if reasons:
        raise JourneyRefused(*reasons)
    target = rules.after(Phase(candidacy.phase), rule.act)
    _move(candidacy, target, by, given.get("reason", ""))
    _effect(rule.act, candidacy, given, by)
    piece = _keep(document, candidacy, rule.act, given, by)
    data = {name: str(value) for name, value in given.items() if value not in (None, "")}
    if piece is not None:
        data["document"] = piece.title
        # The library's own entry moved the head of the stream on.
        unit.refresh_from_db(fields=["audit_seq", "audit_digest"])
    fact = audit.Fact(STREAM_PREFIX + rule.act, f"period:{period.pk}", {**data, "phase": target})
    audit.record(unit, [fact], by=by)
    return candidacy


def _move(candidacy: Candidacy, phase: Phase, by: User, reason: str) -> None:
    if candidacy.pk is None or candidacy.phase != phase:
        candidacy.phase = phase.value
        candidacy.phase_changed_at, candidacy.phase_changed_by = timezone.now(), by
        candidacy.reason = reason
    candidacy.version += 1
    candidacy.save()


def _guards(act: Act, candidacy: Candidacy, given: Mapping[str, Any]) -> list[str]:
    """Return why the facts do not allow an act that the table allows."""
    unit, period = candidacy.unit, candidacy.period
    if act == Act.DECLARE:
        return pledge_gaps(Pledge.objects.filter(unit=unit).first(), unit)
    if act == Act.AWARD_MINISTRY:
        return proposal_gaps(candidacy)
    if act == Act.COACH:
        sheet = sheet_of(unit, period)
        if sheet is None or not sheet.is_final:
            return [_("Pembinaan ditetapkan setelah evaluasi TPI final.")]
    if act in (Act.RECORD_STAGE, Act.FAIL, Act.AWARD_NATIONAL):
        if candidacy.lines.filter(withdrawn_at=None, proposal__dated_on=None).exists():
            return [_("Surat usulan belum terbit; terbitkan dahulu dengan nomor dan tanggalnya.")]
        results = results_of(candidacy)
        if act == Act.RECORD_STAGE and given.get("stage") not in rules.open_stages(results):
            return [_("Hasil TPN dicatat menurut urutan tahapnya.")]
        if act == Act.RECORD_STAGE and not isinstance(given.get("result"), bool):
            return [_("Isian langkah ini belum lengkap.")]
        if act == Act.FAIL and not rules.has_failed(results):
            return [_("Belum ada tahap TPN yang dinyatakan tidak lolos.")]
        if act == Act.AWARD_NATIONAL and not rules.is_through(results):
            return [_("Predikat nasional dicatat setelah unit lolos panel TPN.")]
    if act in (Act.MONITOR, Act.REVOKE) and given["on"] < candidacy.award.decided_on:
        return [_("Tanggal mendahului penetapan predikat.")]
    return []


def pledge_gaps(pledge: Pledge | None, unit: Unit) -> list[str]:
    """Return what the public declaration lacks."""
    if pledge is None:
        return [_("Pencanangan belum dicatat.")]
    gaps = []
    if not pledge.signer_level:
        gaps.append(_("Tingkat jabatan penanda tangan piagam belum dicatat."))
    if pledge.signed_count < unit.staff_count or not unit.staff_count:
        gaps.append(
            _("Pakta integritas baru ditandatangani {n} dari {all} pegawai.").format(
                n=pledge.signed_count, all=unit.staff_count
            )
        )
    return gaps


def proposal_gaps(candidacy: Candidacy) -> list[str]:
    """Return everything that keeps a unit from being proposed, each as a sentence."""
    unit, period = candidacy.unit, candidacy.period
    sheet = sheet_of(unit, period)
    return gaps_of(
        candidacy,
        pledge=Pledge.objects.filter(unit=unit).first(),
        sheet=sheet,
        listed=checklist(unit, period, sheet.target) if sheet else Checklist(()),
        revoked_on=last_revoked_on(unit),
    )


def gaps_of(
    candidacy: Candidacy,
    *,
    pledge: Pledge | None,
    sheet: Assessment | None,
    listed: Checklist,
    revoked_on: date | None,
) -> list[str]:
    """Return the same from facts that are already read; one query for the score at most."""
    unit = candidacy.unit
    gaps = pledge_gaps(pledge, unit)
    if candidacy.designated_on is None:
        gaps.append(_("Penetapan calon oleh pimpinan Eselon I belum dicatat."))
    if sheet is None or not sheet.is_final:
        return [*gaps, _("Evaluasi TPI belum final.")]
    score = Score.objects.defer("figures").get(assessment=sheet, track=Track.TPI)
    unmet = score.unmet_rules.get(sheet.target, {})
    if unmet:
        gaps.append(
            _("{n} ambang {target} belum terpenuhi menurut nilai TPI.").format(
                n=len(unmet), target=sheet.target
            )
        )
    gaps += [
        _("Syarat belum terpenuhi: {label}.").format(label=item.condition.label)
        for item in listed.failed
    ]
    gaps += [
        _("Syarat belum dinilai: {label}.").format(label=item.condition.label)
        for item in listed.unjudged
    ]
    ends = excluded_until(revoked_on)
    if ends is not None:
        gaps.append(
            _("Predikat unit pernah dicabut; usulan baru paling cepat {day}.").format(
                day=date_format(ends, "j F Y")
            )
        )
    return gaps


def last_revoked_on(unit: Unit) -> date | None:
    """Return the day on which the unit's predicate was last revoked."""
    revoked = PredicateAward.objects.filter(candidacy__unit=unit, revoked_on__isnull=False)
    return revoked.order_by("-revoked_on").values_list("revoked_on", flat=True).first()


def excluded_until(revoked_on: date | None) -> date | None:
    """Return the day from which a unit may go up again after a revocation, if it is to come."""
    if revoked_on is None:
        return None
    ends = rules.years_later(revoked_on, rules.EXCLUSION_YEARS)
    return ends if ends > timezone.localdate() else None


def results_of(candidacy: Candidacy) -> dict[str, bool]:
    """Return what the national team said so far, per stage."""
    return dict(candidacy.stage_results.values_list("stage", "passed")) if candidacy.pk else {}


def _effect(act: Act, candidacy: Candidacy, given: Mapping[str, Any], by: User) -> None:
    """Write down what an act brings besides the phase."""
    if act == Act.DESIGNATE:
        candidacy.designated_on = given["on"]
        candidacy.decree_number, candidacy.decree_signer = given["number"], given["signer"]
        candidacy.save(update_fields=["designated_on", "decree_number", "decree_signer"])
    elif act == Act.CANCEL_DESIGNATION:
        candidacy.designated_on, candidacy.decree_number, candidacy.decree_signer = None, "", ""
        candidacy.save(update_fields=["designated_on", "decree_number", "decree_signer"])
    elif act == Act.WITHDRAW:
        candidacy.lines.filter(withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_by=by, withdrawn_reason=given["reason"]
        )
    elif act == Act.RECORD_STAGE:
        StageResult.objects.create(
            candidacy=candidacy,
            stage=given["stage"],
            passed=given["result"],
            on=given["on"],
            note=given.get("note", ""),
            recorded_by=by,
        )
    elif act in (Act.AWARD_MINISTRY, Act.AWARD_NATIONAL):
        track = PredicateAward.Track
        PredicateAward.objects.create(
            candidacy=candidacy,
            predicate=sheet_of(candidacy.unit, candidacy.period).target,
            track=track.MINISTRY if act == Act.AWARD_MINISTRY else track.NATIONAL,
            decree_number=given["number"],
            decided_on=given["on"],
            next_monitoring_on=rules.years_later(given["on"], rules.MONITORING_YEARS),
        )
    elif act == Act.MONITOR:
        award = candidacy.award
        Monitoring.objects.create(
            award=award,
            on=given["on"],
            outcome=given.get("outcome") or Monitoring.Outcome.KEPT,
            note=given.get("note", ""),
            recorded_by=by,
        )
        award.next_monitoring_on = rules.years_later(given["on"], rules.MONITORING_YEARS)
        award.save(update_fields=["next_monitoring_on"])
    elif act == Act.REVOKE:
        award = candidacy.award
        award.revoked_on, award.revocation_number = given["on"], given["number"]
        award.revocation_reason = given["reason"]
        award.save(update_fields=["revoked_on", "revocation_number", "revocation_reason"])


def _keep(document, candidacy: Candidacy, act: str, given: Mapping[str, Any], by: User):
    """Put the paper of an act into the unit's evidence and beside the act."""
    if document is None:
        return None
    if isinstance(document, Evidence):
        piece = document
    else:
        piece = add_file(
            unit=candidacy.unit,
            upload=document,
            by=by,
            number=given.get("number", ""),
            dated_on=given.get("on"),
        )
    JourneyDocument.objects.get_or_create(
        candidacy=candidacy, act=act, evidence=piece, defaults={"added_by": by}
    )
    return piece


# Conditions --------------------------------------------------------------------------------------


def can_write_check(user: User, unit: Unit | None) -> bool:
    """The unit's people write down value and proof of their conditions; Itjen of all."""
    if can_judge_check(user, unit):
        return True
    return unit is not None and has_permission(user, Permission.EVIDENCE_MANAGE, unit)


def can_judge_check(user: User, unit: Unit | None) -> bool:
    """Whoever may give a verdict: the secretariat and the quality controller."""
    return has_permission(user, Permission.JOURNEY_JUDGE, unit)


def can_except(user: User, unit: Unit) -> bool:
    """Whoever may grant an exception: not the one who proposes."""
    return has_permission(user, Permission.JOURNEY_EXEMPT, unit)


def _condition(period: Period, scope: str, code: str, *, target: str = "") -> rules.Condition:
    """Return a condition of the period by its code, for either target."""
    for wanted in (target,) if target else ("WBK", "WBBM"):
        for one in conditions_of(period.instrument, wanted):
            if (one.scope, one.code) == (scope, code):
                return one
    raise KeyError(code)


def _lock(unit: Unit | None, period: Period) -> Unit | None:
    """Lock the unit, or the period for the ministry's own conditions. Raises PeriodClosed."""
    refuse_closed(period)
    if unit is not None:
        return lock_unit(unit.pk)
    Period.objects.select_for_update().only("pk").get(pk=period.pk)
    return None


def _tell(unit: Unit | None, period: Period, action: str, code: str, data: dict, by: User) -> None:
    fact = audit.Fact(STREAM_PREFIX + action, f"period:{period.pk}", {"condition": code, **data})
    if unit is None:
        audit.record_system([fact], by=by)
    else:
        audit.record(unit, [fact], by=by)


@transaction.atomic
def write_check(
    *,
    unit: Unit | None,
    period: Period,
    scope: str,
    code: str,
    by: User,
    version: int,
    value: str,
    proof: str,
    verdict: str | None = None,
    note: str = "",
    upload: UploadedFile | None = None,
) -> EligibilityCheck:
    """Write down value and proof of a condition and, by Itjen, the verdict on it.

    unit: None for a condition of the ministry. upload: the proof as a file, kept in the library
    of the unit or of the ministry; a later one takes its place here. version: that which the
    editor saw, 0 before anything was written. verdict: None leaves it to those who judge; a value
    that changes afterwards is to be judged again. Raises CheckChanged, JourneyRefused, and
    EvidenceRefused for a file that can't be kept.
    """
    house = None
    if unit is None and upload is not None:
        house = Unit.objects.select_for_update().filter(parent=None).first()
    unit = _lock(unit, period)
    if not can_write_check(by, unit):
        raise JourneyRefused(_("Anda tidak dapat mengisi syarat ini."))
    _condition(period, scope, code)
    row = EligibilityCheck.objects.filter(period=period, unit=unit, scope=scope, code=code).first()
    row = row or EligibilityCheck(period=period, unit=unit, scope=scope, code=code, version=0)
    if row.version != version:
        raise CheckChanged(row)
    if verdict is not None and not can_judge_check(by, unit):
        raise JourneyRefused(_("Putusan diberikan oleh Itjen."))
    if verdict == Verdict.PASSED and not (proof or upload or row.proof_file_id):
        raise JourneyRefused(_("Syarat dinyatakan terpenuhi hanya dengan bukti."))
    if verdict in (Verdict.FAILED, Verdict.NOT_APPLICABLE) and not note:
        raise JourneyRefused(_("Tulis alasannya pada catatan."))
    is_other = (row.value, row.proof) != (value, proof)
    row.value, row.proof = value, proof
    if upload is not None:
        piece = add_file(unit=unit or house, upload=upload, by=by)
        is_other = is_other or piece.pk != row.proof_file_id
        row.proof_file = piece
        if unit is not None:
            # The library's own entry moved the head of the stream on.
            unit.refresh_from_db(fields=["audit_seq", "audit_digest"])
    if verdict is not None:
        row.verdict, row.note = verdict, note
        row.judged_at, row.judged_by = (timezone.now(), by) if verdict else (None, None)
    elif is_other:
        row.verdict, row.judged_at, row.judged_by = "", None, None
    row.changed_at, row.changed_by = timezone.now(), by
    row.version += 1
    row.save()
    data = {"value": value, "proof": proof, "verdict": str(row.verdict), "note": note}
    if upload is not None:
        data["file"] = row.proof_file.title
    _tell(unit, period, "check", code, data, by)
    return row


@transaction.atomic
def grant_exception(
    *,
    unit: Unit,
    period: Period,
    scope: str,
    code: str,
    by: User,
    basis: str,
    reason: str,
    proof: str,
) -> EligibilityCheck:
    """Let a unit go up though a condition does not hold: by whom, why, with what proof.

    Raises JourneyRefused.
    """
    refuse_closed(period)
    unit = lock_unit(unit.pk)
    if not can_except(by, unit):
        raise JourneyRefused(_("Pengecualian diberikan oleh Inspektur Jenderal."))
    if code == rules.NO_CORRUPTION.code:
        raise JourneyRefused(_("Perbuatan KKN tidak dapat dikecualikan."))
    if not (reason and proof):
        raise JourneyRefused(_("Pengecualian memerlukan alasan dan bukti."))
    _condition(period, scope, code)
    row = EligibilityCheck.objects.filter(period=period, unit=unit, scope=scope, code=code).first()
    row = row or EligibilityCheck(period=period, unit=unit, scope=scope, code=code, version=0)
    row.exception_basis, row.exception_reason, row.exception_proof = basis, reason, proof
    row.excepted_at, row.excepted_by = timezone.now(), by
    row.version += 1
    row.save()
    data = {"basis": basis, "reason": reason, "proof": proof}
    _tell(unit, period, "exception", code, data, by)
    return row


@transaction.atomic
def withdraw_exception(*, unit: Unit, period: Period, scope: str, code: str, by: User) -> None:
    """Take an exception back. Raises JourneyRefused."""
    refuse_closed(period)
    unit = lock_unit(unit.pk)
    if not can_except(by, unit):
        raise JourneyRefused(_("Pengecualian diberikan oleh Inspektur Jenderal."))
    row = EligibilityCheck.objects.filter(
        period=period, unit=unit, scope=scope, code=code, excepted_at__isnull=False
    ).first()
    if row is None:
        raise JourneyRefused(_("Syarat ini tidak dikecualikan."))
    row.exception_basis = row.exception_reason = row.exception_proof = ""
    row.excepted_at = row.excepted_by = None
    row.version += 1
    row.save()
    _tell(unit, period, "exception_withdrawn", code, {}, by)


# Proposals ---------------------------------------------------------------------------------------


@transaction.atomic
def propose(*, period: Period, units: Sequence[Unit], by: User, **fields: Any) -> Proposal:
    """Send units up by one letter; all of them or none.

    fields: those of PROPOSAL_FIELDS; number and day of letter and statement may follow with the
    signed papers. Raises JourneyRefused with a sentence for each unit that
    cannot go up and for a quota that is used up.
    """
    refuse_closed(period)
    if not has_permission(by, Permission.JOURNEY_PROPOSE):
        raise JourneyRefused(_("Usulan disiapkan oleh sekretariat TPI."))
    if not units:
        raise JourneyRefused(_("Pilih sedikitnya satu unit."))
    _check_numbers(fields)
    if fields.get("number") and Proposal.objects.filter(number=fields["number"]).exists():
        raise JourneyRefused(_("Nomor surat usulan sudah dipakai."))
    refuse_closed(Period.objects.select_for_update().get(pk=period.pk))
    wanted = sorted({unit.pk for unit in units})
    locked = list(Unit.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
    reasons, ready = [], []
    decisions = latest_decisions(period, locked)
    for unit in locked:
        candidacy = candidacy_of(unit, period)
        if rules.after(Phase(candidacy.phase), Act.PROPOSE) is None:
            gaps = [_("berada pada tahap {phase}.").format(phase=candidacy.get_phase_display())]
        else:
            gaps = proposal_gaps(candidacy)
        against = objection_to_proposal(decisions.get(unit.pk))
        gaps = [*gaps, against] if against else gaps
        reasons += [f"{unit.label}: {gap}" for gap in gaps]
        ready.append(candidacy)
    reasons += _over_quota(period, len(ready))
    if reasons:
        raise JourneyRefused(*reasons)
    proposal = Proposal.objects.create(period=period, created_by=by, **fields)
    for candidacy in ready:
        _send_up(proposal, candidacy, by)
    return proposal


def _check_numbers(fields: Mapping[str, Any]) -> None:
    """Raise unless each number stands with a day that has come, or neither is there yet."""
    for number, day in (("number", "dated_on"), ("sptjm_number", "sptjm_on")):
        if bool(fields.get(number)) != bool(fields.get(day)):
            raise JourneyRefused(
                _("Nomor dan tanggal diisi bersama, atau keduanya menyusul saat naskah terbit.")
            )
        if fields.get(day) and fields[day] > timezone.localdate():
            raise JourneyRefused(_("Tanggal belum tiba."))


def proposed_count(period: Period) -> int:
    """Return how many units of a period are in a letter that stands."""
    return ProposalLine.objects.filter(proposal__period=period, withdrawn_at=None).count()


def _over_quota(period: Period, more: int) -> list[str]:
    if period.quota is None:
        return []
    sent = proposed_count(period)
    if sent + more <= period.quota:
        return []
    return [
        _("Kuota usulan periode ini {quota}; sudah diusulkan {sent}, dipilih {more}.").format(
            quota=period.quota, sent=sent, more=more
        )
    ]


def _send_up(proposal: Proposal, candidacy: Candidacy, by: User) -> None:
    sheet = sheet_of(candidacy.unit, candidacy.period)
    listed = checklist(candidacy.unit, candidacy.period, sheet.target)
    score = Score.objects.only("safe_total").get(assessment=sheet, track=Track.TPI)
    exceptions = [
        {
            "label": item.condition.label,
            "reason": item.exception.exception_reason,
            "proof": item.exception.exception_proof,
            "by": str(item.exception.excepted_by),
        }
        for item in listed.excepted
    ]
    _move(candidacy, Phase.PROPOSED, by, "")
    ProposalLine.objects.create(
        proposal=proposal,
        candidacy=candidacy,
        target=sheet.target,
        total=score.safe_total,
        exceptions=exceptions,
    )
    data = {"number": proposal.number, "target": str(sheet.target), "exceptions": len(exceptions)}
    fact = audit.Fact(STREAM_PREFIX + Act.PROPOSE, f"period:{proposal.period_id}", data)
    audit.record(candidacy.unit, [fact], by=by)


# Pacts -------------------------------------------------------------------------------------------


@transaction.atomic
def import_pacts(*, unit: Unit, rows: Sequence[tuple[str, str, date]], by: User) -> int:
    """Take over a list of who signed the pact, all or nothing; return how many were new.

    rows: name, NIP (may be blank) and day. Who is on the list already is not counted twice; the
    declaration's figure follows the list. Raises JourneyRefused.
    """
    unit = lock_unit(unit.pk)
    pledge = Pledge.objects.filter(unit=unit).first()
    if pledge is None:
        raise JourneyRefused(_("Catat pencanangan dahulu; daftar pakta menyertainya."))
    known = set(PactSignature.objects.filter(unit=unit).values_list("nip", "name"))
    nips = {nip for nip, _name in known if nip}
    fresh = [
        PactSignature(unit=unit, name=name, nip=nip, signed_on=day, recorded_by=by)
        for name, nip, day in rows
        if (nip not in nips if nip else ("", name) not in known)
    ]
    count = len(known) + len(fresh)
    if count > unit.staff_count:
        raise JourneyRefused(
            _("Daftar menjadi {n} tanda tangan, lebih banyak daripada {all} pegawai unit.").format(
                n=count, all=unit.staff_count
            )
        )
    PactSignature.objects.bulk_create(fresh)
    if count != pledge.signed_count:
        record_pledge(unit=unit, by=by, signed_count=count)
    data = {"rows": len(rows), "new": len(fresh)}
    # The declaration above moved the head of the stream on.
    unit.refresh_from_db(fields=["audit_seq", "audit_digest"])
    audit.record(unit, [audit.Fact(STREAM_PREFIX + "pacts", data=data)], by=by)
    return len(fresh)
