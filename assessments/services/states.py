"""The states of a worksheet: one table of transitions, one guarded function that takes them.

What is not in ``TRANSITIONS`` is impossible. Each transition names who may take it; the guards
are checked again under the lock. Leaving the unit's or a rank's hands seals the track.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.catalog import catalog_of
from assessments.models import (
    Answer,
    AreaCompletion,
    Assessment,
    EvidenceUse,
    Rank,
    Reason,
    Review,
    RowState,
    Score,
    Seal,
    State,
    Track,
)
from assessments.models.worksheets import REVIEW_STATES
from assessments.permissions import RANK_OF_STATE, place_of
from assessments.services.answers import clean_text, lock_assessment
from assessments.services.checks import (
    Finding,
    errors,
    hand_over_findings,
    submission_findings,
    warned,
)
from assessments.services.seals import Waived, take_seal
from assessments.services.worksheets import fill_blank
from assessments.windows.reading import closed_sentence, stage_window
from units.access import Permission, Role, access_of, has_permission
from units.models import Unit, User
from zona import audit
from zona.models import Notification
from zona.templatetags.zona_numbers import deadline

logger = logging.getLogger(__name__)

NEXT_RANK = {
    State.MEMBER_REVIEW: State.LEAD_REVIEW,
    State.LEAD_REVIEW: State.SUPERVISOR_REVIEW,
    State.SUPERVISOR_REVIEW: State.QUALITY_REVIEW,
}
PREVIOUS_RANK = {after: before for before, after in NEXT_RANK.items()}


class TransitionRefused(Exception):
    """A transition can't be taken now; the text is a sentence for the user.

    ``findings`` lists the broken rules where there are some.
    """

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = list(findings)


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A row that goes back to the unit: why, and what to do."""

    code: str
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What the person who takes a transition has given with it.

    ``waivers``: why a rule may stay broken, by the name of the rule.
    """

    by: User | None
    reason: str = ""
    waivers: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[ReturnedRow, ...] = ()
    due: datetime | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    ``may`` decides on person and worksheet; ``apply`` does what the step means beyond the state.
    ``target`` is None where it depends on the worksheet (the rank before, the origin of a repair).
    ``gate`` finds what must be complete, or be given a reason, before it. ``in_window``: not
    outside the window of the stage that it leaves.
    """

    name: str
    sources: tuple[str, ...]
    target: str | None
    label: str | Promise
    may: Callable[[User, Assessment], bool]
    apply: Callable[[Assessment, Request], Assessment | None]
    needs_reason: bool = False
    needs_rows: bool = False
    is_primary: bool = False
    gate: Callable[[Assessment], list[Finding]] | None = None
    in_window: bool = False


def transition(name: str) -> Transition:
    """Return a transition by its name; KeyError when there is none."""
    return _BY_NAME[name]


def available_transitions(user: User, assessment: Assessment) -> list[Transition]:
    """Return the transitions that the person may take now, in the order of the table."""
    return [
        item
        for item in TRANSITIONS
        if assessment.state in item.sources
        and not assessment.period.is_closed
        and item.may(user, assessment)
    ]


@transaction.atomic
def perform(
    name: str,
    *,
    assessment: Assessment,
    by: User | None,
    reason: str = "",
    rows: Sequence[ReturnedRow] = (),
    due: datetime | None = None,
    waivers: Mapping[str, str] | None = None,
) -> Assessment:
    """Take a transition and return the worksheet after it (a new version: the new worksheet).

    by: None only for the deadline of a repair. waivers: why a warning may stand, by its rule.

    Raises TransitionRefused: not possible from here, not his to take, a reason or rows missing,
    or broken rules (``findings``). Nothing changes then.
    """
    item = transition(name)
    locked = lock_assessment(assessment, by)
    if locked.state not in item.sources:
        raise TransitionRefused(
            _("Lembar kerja sudah {state}; muat ulang halaman ini.").format(
                state=locked.get_state_display().lower()
            )
        )
    if by is not None and not item.may(by, locked):
        raise TransitionRefused(_("Langkah ini bukan wewenang Anda."))
    closed = closed_sentence(locked) if item.in_window else ""
    if closed:
        raise TransitionRefused(closed)
    if by is None and name != "finish_repair":
        raise TransitionRefused(_("Langkah ini harus diambil oleh seseorang."))
    try:
        reason = clean_text(reason, 2_000).strip()
    except ValueError as error:
        raise TransitionRefused(str(error)) from error
    if item.needs_reason and not reason:
        raise TransitionRefused(_("Tulis alasannya lebih dahulu."))
    before = locked.state
    request = Request(by, reason, waivers or {}, tuple(rows), due, timezone.now())
    after = item.apply(locked, request) or locked
    audit.record(
        locked,
        [
            audit.Fact(
                "state",
                "",
                {"transition": name, "from": before, "to": locked.state, "reason": reason},
            )
        ],
        by=by,
    )
    _notify(item, locked, after, by)
    return after


def _move(assessment: Assessment, state: str, request: Request, **fields) -> None:
    assessment.state = state
    assessment.state_changed_at, assessment.state_changed_by = request.now, request.by
    for name, value in fields.items():
        setattr(assessment, name, value)
    assessment.save(update_fields=["state", "state_changed_at", "state_changed_by", *fields.keys()])


# Who may ------------------------------------------------------------------------------------


def _may_submit(user: User, assessment: Assessment) -> bool:
    if not has_permission(user, Permission.ASSESSMENT_SUBMIT, assessment.unit):
        return False
    if assessment.period.lead_may_submit:
        return True
    return any(
        grant.role == Role.UNIT_HEAD and grant.unit_id == assessment.unit_id
        for grant in access_of(user).grants
    )


def _may_finish_repair(user: User, assessment: Assessment) -> bool:
    return has_permission(user, Permission.ASSESSMENT_SUBMIT, assessment.unit)


def _may_forward(user: User, assessment: Assessment) -> bool:
    return assessment.period.needs_forwarding and has_permission(
        user, Permission.ASSESSMENT_FORWARD, assessment.unit
    )


def _may_start(user: User, assessment: Assessment) -> bool:
    if assessment.state == State.SUBMITTED and assessment.period.needs_forwarding:
        return False
    return has_permission(user, Permission.TEAM_MANAGE, assessment.unit)


def _may_manage(user: User, assessment: Assessment) -> bool:
    return has_permission(user, Permission.TEAM_MANAGE, assessment.unit)


def _holds_rank(user: User, assessment: Assessment) -> bool:
    """Tell whether the worksheet lies with the person's own rank, and with no other."""
    place = place_of(user, assessment)
    rank = RANK_OF_STATE.get(assessment.state)
    if place is None or rank is None:
        return False
    if rank == Rank.QUALITY and not has_permission(
        user, Permission.QUALITY_CONTROL, assessment.unit
    ):
        return False
    return place.rank == rank and has_permission(user, Permission.TPI_ASSESS, assessment.unit)


# What each step does ------------------------------------------------------------------------


def _submit(assessment: Assessment, request: Request) -> None:
    found = submission_findings(assessment)
    broken = errors(found)
    if broken:
        raise TransitionRefused(
            _("Belum dapat diajukan: {n} hal belum lengkap.").format(n=len(broken)), broken
        )
    waived = _waive(assessment, found, request, Track.UNIT)
    take_seal(assessment, Track.UNIT, occasion="submit", by=request.by, waived=waived)
    _move(
        assessment,
        State.SUBMITTED,
        request,
        submitted_at=request.now,
        submitted_by=request.by,
        without_self=False,
        without_self_reason="",
    )


def _return_to_draft(assessment: Assessment, request: Request) -> None:
    AreaCompletion.objects.filter(assessment=assessment).delete()
    _move(assessment, State.DRAFT, request, submitted_at=None, submitted_by=None)


def _forward(assessment: Assessment, request: Request) -> None:
    _move(assessment, State.FORWARDED, request)


def _require_team(assessment: Assessment) -> None:
    ranks = set(assessment.team.values_list("rank", flat=True))
    lacking = [str(rank.label).lower() for rank in Rank if rank not in ranks]
    if lacking:
        raise TransitionRefused(
            _("Tim belum lengkap: {ranks} belum ditunjuk.").format(ranks=", ".join(lacking))
        )
    if assessment.assignment_id is None:
        raise TransitionRefused(_("Surat tugas belum dicatat."))


def _start_review(assessment: Assessment, request: Request) -> None:
    _require_team(assessment)
    _move(assessment, State.MEMBER_REVIEW, request)


def _start_without_self(assessment: Assessment, request: Request) -> None:
    _require_team(assessment)
    _move(
        assessment,
        State.MEMBER_REVIEW,
        request,
        without_self=True,
        without_self_reason=request.reason,
    )


def _require_complete(assessment: Assessment, request: Request) -> tuple[Waived, ...]:
    """Refuse a sheet that is not complete; return what stays open with a reason."""
    found = hand_over_findings(assessment)
    broken = errors(found)
    if broken:
        raise TransitionRefused(
            _("Belum dapat diteruskan: {n} hal belum lengkap.").format(n=len(broken)), broken
        )
    return _waive(assessment, found, request, Track.TPI)


def _waive(
    assessment: Assessment, found: list[Finding], request: Request, track: Track
) -> tuple[Waived, ...]:
    """Keep why each warning may stand, in the row's history and for the seal.

    Raises TransitionRefused with the findings whose rule was given no reason.
    """
    try:
        reasons = {rule: clean_text(text, 2_000).strip() for rule, text in request.waivers.items()}
    except ValueError as error:
        raise TransitionRefused(str(error)) from error
    by_rule = warned(found)
    silent = [item for rule, items in by_rule.items() if not reasons.get(rule) for item in items]
    if silent:
        raise TransitionRefused(
            _("Tulis alasan untuk hal yang patut diperhatikan ({n}).").format(n=len(silent)), silent
        )
    waived = tuple(
        Waived(item.code, rule, reasons[rule]) for rule, items in by_rule.items() for item in items
    )
    audit.record(
        assessment,
        [
            audit.Fact(
                "warning_waived",
                item.code,
                {"rule": item.rule, "reason": item.reason, "track": str(track)},
            )
            for item in waived
        ],
        by=request.by,
    )
    return waived


def _require_other_hands(assessment: Assessment, by: User) -> None:
    """Refuse whoever handed the worksheet on in another rank: nobody approves his own work."""
    own = f"hand_over:{RANK_OF_STATE[assessment.state]}"
    handed = Seal.objects.filter(
        assessment=assessment, occasion__startswith="hand_over:", signed_by=by
    )
    if handed.exclude(occasion=own).exists():
        raise TransitionRefused(
            _("Anda sudah meneruskan lembar kerja ini pada jenjang lain; orang lain yang mereviu.")
        )


def _hand_over(assessment: Assessment, request: Request) -> None:
    _require_other_hands(assessment, request.by)
    waived = _require_complete(assessment, request)
    take_seal(
        assessment,
        Track.TPI,
        occasion=f"hand_over:{RANK_OF_STATE[assessment.state]}",
        by=request.by,
        reason=request.reason,
        waived=waived,
    )
    _move(assessment, NEXT_RANK[assessment.state], request)


def _step_back(assessment: Assessment, request: Request) -> None:
    _move(assessment, PREVIOUS_RANK[assessment.state], request)


def _return_rows(assessment: Assessment, request: Request) -> None:
    """Open named rows to the unit until a deadline; the first return reveals interim totals.

    A member returns for the whole team, whatever his areas: the repair closes the review to all.
    """
    catalog = catalog_of(assessment.instrument)
    if not request.rows:
        raise TransitionRefused(_("Pilih butir yang dikembalikan."))
    if request.due is None or request.due <= request.now:
        raise TransitionRefused(_("Batas perbaikan harus sesudah saat ini."))
    last = stage_window(assessment, State.REPAIR).ends
    if last and request.due > last:
        raise TransitionRefused(
            _("Perbaikan pada periode ini berakhir {end}; pilih batas yang lebih awal.").format(
                end=deadline(last)
            )
        )
    for row in request.rows:
        if row.code not in catalog.ids:
            raise TransitionRefused(_("Butir {code} tidak dikenal.").format(code=row.code))
        if not row.reason or row.reason not in Reason.values:
            raise TransitionRefused(_("Pilih alasan untuk butir {code}.").format(code=row.code))
    rank = RANK_OF_STATE[assessment.state]
    by_code = {row.code: replace(row, note=_note(row)) for row in request.rows}
    answers = list(
        Answer.objects.filter(
            assessment=assessment,
            track=Track.TPI,
            indicator__in=[catalog.ids[code] for code in by_code],
        )
    )
    for answer in answers:
        row = by_code[catalog.codes[answer.indicator_id]]
        answer.review_state = RowState.NEEDS_REPAIR
        answer.repair_reason = row.reason
        answer.repair_note = row.note
        answer.version += 1
    Answer.objects.bulk_update(answers, ["review_state", "repair_reason", "repair_note", "version"])
    Review.objects.bulk_create(
        Review(
            answer=answer,
            rank=rank,
            verdict=Review.Verdict.RETURNED,
            reason=answer.repair_reason,
            note=answer.repair_note,
            by=request.by,
        )
        for answer in answers
    )
    audit.record(
        assessment,
        [
            audit.Fact("row_returned", row.code, {"reason": row.reason, "note": row.note})
            for row in by_code.values()
        ],
        by=request.by,
    )
    _move(
        assessment,
        State.REPAIR,
        request,
        repair_from=assessment.state,
        repair_due=request.due,
        tpi_revealed_at=assessment.tpi_revealed_at or request.now,
    )


def _note(row: ReturnedRow) -> str:
    try:
        return clean_text(row.note, 2_000)
    except ValueError as error:
        raise TransitionRefused(f"{row.code}: {error}") from error


def _finish_repair(assessment: Assessment, request: Request) -> None:
    take_seal(assessment, Track.UNIT, occasion="repair", by=request.by, reason=request.reason)
    _move(assessment, assessment.repair_from, request, repair_from="", repair_due=None)


def _finalize(assessment: Assessment, request: Request) -> None:
    _require_other_hands(assessment, request.by)
    waived = _require_complete(assessment, request)
    for track in (Track.UNIT, Track.TPI):
        take_seal(
            assessment,
            track,
            occasion="final",
            by=request.by,
            reason=request.reason,
            waived=waived if track == Track.TPI else (),
        )
    _move(assessment, State.FINAL, request, finalized_at=request.now)


def _new_version(assessment: Assessment, request: Request) -> Assessment:
    """Open the next version in the first review, with answers, evidence and team carried over."""
    if Assessment.objects.filter(supersedes=assessment).exists():
        raise TransitionRefused(_("Versi berikutnya sudah dibuat."))
    fresh = Assessment.objects.create(
        unit=assessment.unit,
        period=assessment.period,
        instrument=assessment.instrument,
        version=assessment.version + 1,
        supersedes=assessment,
        target=assessment.target,
        state=State.MEMBER_REVIEW,
        state_changed_at=request.now,
        state_changed_by=request.by,
        without_self=assessment.without_self,
        without_self_reason=assessment.without_self_reason,
        submitted_at=assessment.submitted_at,
        submitted_by=assessment.submitted_by,
        tpi_revealed_at=assessment.tpi_revealed_at,
        assignment=assessment.assignment,
        opened_by=request.by,
    )
    fill_blank(fresh, catalog_of(assessment.instrument))
    _copy_answers(assessment, fresh)
    _copy_evidence(assessment, fresh)
    for member in assessment.team.all():
        member.pk, member.assessment = None, fresh
        member.save(force_insert=True)
    audit.record(
        fresh,
        [audit.Fact("opened", "", {"supersedes": assessment.pk, "reason": request.reason})],
        by=request.by,
    )
    return fresh


_COPIED = (
    "choice",
    "inputs",
    "awaits_data",
    "condition",
    "advice",
    "reason",
    "document_check",
    "implementation_check",
    "check_method",
    "check_place",
    "checked_on",
    "changed_at",
    "changed_by_id",
)


def _copy_answers(old: Assessment, fresh: Assessment) -> None:
    tracks = (Track.UNIT, Track.TPI)
    before = {
        (row.indicator_id, row.track): row
        for row in Answer.objects.filter(assessment=old, track__in=tracks)
    }
    copies = list(Answer.objects.filter(assessment=fresh, track__in=tracks))
    for row in copies:
        for name in _COPIED:
            setattr(row, name, getattr(before[row.indicator_id, row.track], name))
    Answer.objects.bulk_update(copies, [name.removesuffix("_id") for name in _COPIED])
    for score in Score.objects.filter(assessment=old, track__in=tracks):
        Score.objects.filter(assessment=fresh, track=score.track).delete()
        score.pk, score.assessment = None, fresh
        score.save(force_insert=True)


def _copy_evidence(old: Assessment, fresh: Assessment) -> None:
    uses = list(EvidenceUse.objects.filter(assessment=old))
    for use in uses:
        use.pk, use.assessment = None, fresh
    EvidenceUse.objects.bulk_create(uses)


def close_overdue_repairs(now: datetime | None = None) -> int:
    """Take back the worksheets whose repair is over its deadline; returns how many.

    Runs from the clock; running it twice changes nothing. A worksheet that can't be closed is
    logged and stays for the next run; the others are closed all the same.
    """
    moment = now or timezone.now()
    overdue = Assessment.objects.filter(
        state=State.REPAIR, repair_due__lte=moment, period__closed_at=None
    )
    closed = 0
    for pk in list(overdue.order_by("repair_due", "pk").values_list("pk", flat=True)):
        try:
            closed += _close_overdue(pk, moment)
        except Exception:
            logger.exception("the repair of worksheet %s could not be closed", pk)
    return closed


@transaction.atomic
def _close_overdue(pk: int, moment: datetime) -> bool:
    """Take a worksheet back if its repair is still overdue; a new return has a new deadline."""
    locked = lock_assessment(Assessment(pk=pk))
    if locked.state != State.REPAIR or locked.repair_due > moment:
        return False
    perform("finish_repair", assessment=locked, by=None, reason=_("Batas waktu berakhir"))
    return True


TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        "submit",
        (State.DRAFT,),
        State.SUBMITTED,
        gettext_lazy("Ajukan ke TPI"),
        _may_submit,
        _submit,
        is_primary=True,
        gate=submission_findings,
        in_window=True,
    ),
    Transition(
        "forward",
        (State.SUBMITTED,),
        State.FORWARDED,
        gettext_lazy("Teruskan ke TPI"),
        _may_forward,
        _forward,
        is_primary=True,
    ),
    Transition(
        "return_to_draft",
        (State.SUBMITTED,),
        State.DRAFT,
        gettext_lazy("Kembalikan ke unit"),
        _may_forward,
        _return_to_draft,
        needs_reason=True,
    ),
    Transition(
        "start_review",
        (State.SUBMITTED, State.FORWARDED),
        State.MEMBER_REVIEW,
        gettext_lazy("Mulai evaluasi TPI"),
        _may_start,
        _start_review,
        is_primary=True,
    ),
    Transition(
        "start_without_self",
        (State.DRAFT,),
        State.MEMBER_REVIEW,
        gettext_lazy("Mulai tanpa penilaian mandiri"),
        _may_manage,
        _start_without_self,
        needs_reason=True,
    ),
    Transition(
        "hand_over",
        tuple(NEXT_RANK),
        None,
        gettext_lazy("Teruskan ke jenjang berikutnya"),
        _holds_rank,
        _hand_over,
        is_primary=True,
        gate=hand_over_findings,
        in_window=True,
    ),
    Transition(
        "finalize",
        (State.QUALITY_REVIEW,),
        State.FINAL,
        gettext_lazy("Tetapkan final"),
        _holds_rank,
        _finalize,
        is_primary=True,
        gate=hand_over_findings,
        in_window=True,
    ),
    Transition(
        "return_rows",
        REVIEW_STATES,
        State.REPAIR,
        gettext_lazy("Kembalikan untuk diperbaiki"),
        _holds_rank,
        _return_rows,
        needs_reason=True,
        needs_rows=True,
        in_window=True,
    ),
    Transition(
        "step_back",
        tuple(PREVIOUS_RANK),
        None,
        gettext_lazy("Kembalikan ke jenjang sebelumnya"),
        _holds_rank,
        _step_back,
        needs_reason=True,
    ),
    Transition(
        "finish_repair",
        (State.REPAIR,),
        None,
        gettext_lazy("Selesaikan perbaikan"),
        _may_finish_repair,
        _finish_repair,
        is_primary=True,
    ),
    Transition(
        "new_version",
        (State.FINAL,),
        State.FINAL,
        gettext_lazy("Buat versi baru"),
        _may_manage,
        _new_version,
        needs_reason=True,
    ),
)
_BY_NAME = {item.name: item for item in TRANSITIONS}


# Who is told --------------------------------------------------------------------------------


def _notify(item: Transition, assessment: Assessment, after: Assessment, by: User | None) -> None:
    """Tell those who hold the next step; nobody is told of his own act."""
    text = _("{unit}: {state}.").format(
        unit=assessment.unit.label, state=after.get_state_display().lower()
    )
    people = _next_people(after).exclude(pk=by.pk if by else None).distinct()
    Notification.objects.bulk_create(
        Notification(user=user, kind=item.name, text=text, url=after.get_absolute_url())
        for user in people
    )


def _next_people(assessment: Assessment):
    """Return the people who hold the next step of a worksheet."""
    people = User.objects.active()
    state = assessment.state
    if state in RANK_OF_STATE:
        return people.filter(
            team_places__assessment=assessment, team_places__rank=RANK_OF_STATE[state]
        )
    if state == State.SUBMITTED and assessment.period.needs_forwarding:
        return people.filter(
            _in_force(Role.ESELON1_COORDINATOR),
            memberships__unit__in=_above(assessment.unit),
        )
    if state in (State.SUBMITTED, State.FORWARDED):
        return people.filter(_in_force(Role.SECRETARIAT))
    return people.filter(
        _in_force(Role.ZI_LEAD, Role.UNIT_HEAD, Role.UNIT_OPERATOR),
        memberships__unit_id=assessment.unit_id,
    )


def _above(unit: Unit) -> list[int]:
    """Return the keys of a unit and of all above it, as its path names them."""
    return [int(key) for key in unit.path.split(".") if key]


def _in_force(*roles: str) -> Q:
    today = timezone.localdate()
    return Q(memberships__role__in=roles, memberships__valid_from__lte=today) & (
        Q(memberships__valid_to=None) | Q(memberships__valid_to__gte=today)
    )
