"""Teams: who assesses which worksheet, by which letter, in which rank; audited per worksheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Assessment, Assignment, Rank, State, TeamMember
from assessments.services.answers import lock_assessment
from units.access import Role, access_of, belongs_to
from units.models import User
from units.services.tree import check_version, differences, save_changes
from zona import audit, panels
from zona.models import Notification

ASSIGNMENT_FIELDS = (
    "number",
    "dated_on",
    "basis",
    "starts_on",
    "ends_on",
    "signer_name",
    "signer_position",
)
RANK_ROLES: dict[str, frozenset[Role]] = {
    Rank.MEMBER: frozenset({Role.AUDITOR, Role.QUALITY_CONTROLLER}),
    Rank.LEAD: frozenset({Role.AUDITOR, Role.QUALITY_CONTROLLER}),
    Rank.SUPERVISOR: frozenset({Role.AUDITOR, Role.QUALITY_CONTROLLER}),
    Rank.QUALITY: frozenset({Role.QUALITY_CONTROLLER}),
}


ASSISTED_SLOT = "assessments.assisted"


@dataclass(frozen=True, slots=True)
class Assisted:
    """Who assisted which units in a period, told by the app that keeps the visits."""

    pairs: frozenset[tuple[int, int]]
    """(unit, user)"""


def assisted_pairs(by: User | None, period_id: int) -> frozenset[tuple[int, int]]:
    """Return who assisted which unit in a period, as (unit, user) keys; one statement per app."""
    told = panels.for_slot(ASSISTED_SLOT, by, period_id=period_id)
    return frozenset(pair for panel in told for pair in panel.data.pairs)


def mark_assisted(assessment: Assessment, users: Iterable[int]) -> int:
    """Flag those of a worksheet's team who assist its unit meanwhile; return how many.

    users: keys of those who assist.
    The flag is shown and forbids nothing; a final worksheet keeps its team as it was.
    """
    team = TeamMember.objects.filter(assessment=assessment, user__in=users, assisted=False)
    return team.exclude(assessment__state=State.FINAL).update(assisted=True)


class TeamRefused(Exception):
    """The team cannot be set like this; the text is a sentence for the user."""


def refusal(assessment: Assessment, user: User, rank: str, *, but: TeamMember | None = None) -> str:
    """Return why a person cannot take a rank on a worksheet's team; empty when he can.

    but: a place of the team that is being changed and does not count.
    """
    if not user.is_active:
        return _("Akun {person} tidak aktif.").format(person=user)
    if belongs_to(user, assessment.unit):
        return _("{person} berasal dari unit ini; tidak seorang pun menilai unitnya.").format(
            person=user
        )
    if not access_of(user).roles & RANK_ROLES[rank]:
        return _("{person} tidak memegang peran yang sesuai untuk {rank}.").format(
            person=user, rank=Rank(rank).label.lower()
        )
    others = assessment.team.exclude(pk=but.pk) if but else assessment.team.all()
    if others.filter(user=user).exists():
        return _("{person} sudah berada di tim ini.").format(person=user)
    if rank != Rank.MEMBER and others.filter(rank=rank).exists():
        return _("Tim ini sudah mempunyai {rank}.").format(rank=Rank(rank).label.lower())
    return ""


def _open_team(assessment: Assessment) -> Assessment:
    """Return the worksheet, locked. Raises TeamRefused once it is final."""
    assessment = lock_assessment(assessment)
    if assessment.is_final:
        raise TeamRefused(_("LKE sudah final; timnya tidak berubah lagi."))
    return assessment


def _still(assessment: Assessment, member: TeamMember) -> TeamMember:
    """Return the member as he stands under the lock. Raises TeamRefused for one who left."""
    found = assessment.team.select_related("user").filter(pk=member.pk).first()
    if found is None:
        raise TeamRefused(_("{person} sudah keluar dari tim.").format(person=member.user))
    return found


def member_fact(action: str, member: TeamMember, **more: Any) -> audit.Fact:
    """Return what is audited of a person's place on a team."""
    data = {
        "name": member.user.name,
        "rank": str(member.rank),
        "areas": list(member.areas),
        "assisted": member.assisted,
        **more,
    }
    return audit.Fact(action, f"user:{member.user_id}", data)


@transaction.atomic
def add_member(
    *,
    assessment: Assessment,
    user: User,
    rank: str,
    by: User | None,
    areas: Sequence[str] = (),
    assisted: bool = False,
) -> TeamMember:
    """Put a person on the team and tell him.

    areas: section codes to which a member is limited; empty means all. assisted: he assisted the
    unit in the same cycle, which is shown and not forbidden; a visit on record says so by itself.
    Raises TeamRefused.
    """
    assessment = _open_team(assessment)
    reason = refusal(assessment, user, rank)
    if reason:
        raise TeamRefused(reason)
    assisted = assisted or (assessment.unit_id, user.pk) in assisted_pairs(by, assessment.period_id)
    member = TeamMember.objects.create(
        assessment=assessment, user=user, rank=rank, areas=list(areas), assisted=assisted
    )
    audit.record(assessment, [member_fact("team.added", member)], by=by)
    words = {"rank": Rank(rank).label.lower(), "unit": assessment.unit.label}
    Notification.objects.create(
        user=user,
        kind="team",
        text=_("Anda ditunjuk sebagai {rank} untuk LKE {unit}.").format(**words),
        url=reverse("assessments:team_detail", args=[assessment.pk]),
    )
    return member


@transaction.atomic
def change_member(
    *,
    member: TeamMember,
    by: User,
    rank: str,
    areas: Sequence[str],
    assisted: bool,
    version: int | None = None,
) -> TeamMember:
    """Change rank, areas or the flag of a team member. Raises TeamRefused and RowChanged."""
    assessment = _open_team(member.assessment)
    member = _still(assessment, member)
    check_version(member, version)
    reason = refusal(assessment, member.user, rank, but=member)
    if reason:
        raise TeamRefused(reason)
    changes = {"rank": rank, "areas": list(areas), "assisted": assisted}
    changed = differences(member, changes)
    if changed:
        save_changes(member, changed, changes)
        audit.record(assessment, [member_fact("team.changed", member, changes=changed)], by=by)
    return member


@transaction.atomic
def remove_member(*, member: TeamMember, by: User) -> None:
    """Take a person off the team; what he decided stays under his name. Raises TeamRefused."""
    assessment = _open_team(member.assessment)
    member = _still(assessment, member)
    audit.record(assessment, [member_fact("team.removed", member)], by=by)
    member.delete()


@transaction.atomic
def create_assignment(*, by: User | None, **fields: Any) -> Assignment:
    """Write down a letter of assignment. fields: those of ASSIGNMENT_FIELDS."""
    assignment = Assignment.objects.create(**fields)
    data = {name: str(getattr(assignment, name)) for name in ASSIGNMENT_FIELDS}
    fact = audit.Fact("assignment.created", f"assignment:{assignment.pk}", data)
    audit.record_system([fact], by=by)
    return assignment


@transaction.atomic
def create_assignment_for(
    *, assessment: Assessment, by: User, **fields: Any
) -> tuple[Assessment, Assignment]:
    """Write down a letter and name it as that of a team, both or neither. Raises TeamRefused."""
    _open_team(assessment)
    assignment = create_assignment(by=by, **fields)
    return set_assignment(assessment=assessment, assignment=assignment, by=by), assignment


@transaction.atomic
def update_assignment(
    *, assignment: Assignment, by: User, version: int | None = None, **changes: Any
) -> Assignment:
    """Correct what is written down of a letter of assignment. Raises RowChanged."""
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    check_version(assignment, version)
    changed = differences(assignment, changes)
    if changed:
        save_changes(assignment, changed, changes)
        target = f"assignment:{assignment.pk}"
        fact = audit.Fact("assignment.changed", target, {"changes": changed})
        audit.record_system([fact], by=by)
    return assignment


@transaction.atomic
def set_assignment(
    *, assessment: Assessment, assignment: Assignment, by: User | None
) -> Assessment:
    """Name the letter by which the team works. Raises TeamRefused once the worksheet is final."""
    assessment = _open_team(assessment)
    if assessment.assignment_id != assignment.pk:
        assessment.assignment = assignment
        assessment.save(update_fields=["assignment"])
        data = {"number": assignment.number, "dated_on": assignment.dated_on.isoformat()}
        audit.record(assessment, [audit.Fact("team.assignment", data=data)], by=by)
    return assessment
