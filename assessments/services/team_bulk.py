"""Teams of many worksheets at once: looked at as a whole first, then set for all or for none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Assessment, Assignment, Rank, TeamMember
from assessments.models.worksheets import REVIEW_STATES
from assessments.services.freeze import refuse_closed
from assessments.services.teams import (
    ASSIGNMENT_FIELDS,
    RANK_ROLES,
    assisted_pairs,
    create_assignment,
    member_fact,
)
from units.access import UNIT_ROLES, access_of, belongs_to, load_access
from units.models import Membership, User
from zona import audit
from zona.models import Notification

TEAMS_AT_ONCE = 100


class BulkRefused(Exception):
    """Not every unit can get the team; ``plans`` say for each unit why. Nothing was changed."""

    def __init__(self, plans: Sequence[UnitPlan]):
        super().__init__("some units refuse the team")
        self.plans = plans


class PlansChanged(Exception):
    """The teams are not what the preview showed; ``plans`` is how they stand now."""

    def __init__(self, plans: Sequence[UnitPlan]):
        super().__init__("the teams changed since the preview")
        self.plans = plans


@dataclass(frozen=True, slots=True)
class Seat:
    """A person who comes onto a team, or leaves it; ``assisted`` is shown and not forbidden."""

    user: User
    rank: str
    assisted: bool = False

    @property
    def rank_label(self) -> str:
        """Return the rank in words."""
        return str(Rank(self.rank).label)


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """What would happen to one worksheet: who comes, who goes, which letter; faults forbid all."""

    assessment: Assessment
    comes: tuple[Seat, ...]
    goes: tuple[Seat, ...]
    letter: str
    letter_before: str
    faults: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Tell whether anything would change."""
        return bool(self.comes or self.goes or self.letter)


def digest_of(plans: Iterable[UnitPlan]) -> str:
    """Return a fingerprint of what a preview shows."""
    text = "\n".join(
        "|".join(
            (
                str(plan.assessment.pk),
                ",".join(f"+{seat.rank}:{seat.user.pk}" for seat in plan.comes),
                ",".join(f"-{seat.rank}:{seat.user.pk}" for seat in plan.goes),
                plan.letter,
                plan.letter_before,
            )
        )
        for plan in plans
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plan_teams(
    *,
    sheets: Sequence[Assessment],
    people: Sequence[tuple[str, User]],
    assignment: Assignment | None,
    replace: bool,
    by: User,
) -> tuple[UnitPlan, ...]:
    """Return what setting these people and this letter would do to each worksheet.

    sheets: worksheets of one period with ``unit`` loaded. people: (rank, person) pairs.
    assignment: the letter, None to leave each one's own. replace: whoever holds a rank leaves.
    Costs five statements, whatever the number of worksheets.
    """
    if not sheets:
        return ()
    chosen = [user for _rank, user in people]
    load_access(chosen)
    elsewhere = _other_units(chosen)
    teams: dict[int, list[TeamMember]] = {sheet.pk: [] for sheet in sheets}
    for member in TeamMember.objects.filter(assessment__in=sheets).select_related("user"):
        teams[member.assessment_id].append(member)
    assisted = assisted_pairs(by, sheets[0].period_id)
    return tuple(
        _plan(sheet, teams[sheet.pk], people, assignment, replace, elsewhere, assisted)
        for sheet in sheets
    )


def _other_units(people: Sequence[User]) -> dict[int, list[tuple[int, str, str]]]:
    """Return, by person, the units to which he belongs besides the inspectorate."""
    roles = Membership.objects.in_force().filter(user__in=people, role__in=UNIT_ROLES)
    found: dict[int, list[tuple[int, str, str]]] = {}
    for member in roles.select_related("unit"):
        entry = (member.unit_id, member.unit.label, str(member.get_role_display()))
        found.setdefault(member.user_id, []).append(entry)
    return found


def _plan(sheet, team, people, assignment, replace, elsewhere, assisted) -> UnitPlan:
    faults: list[str] = []
    warnings: list[str] = []
    comes: list[Seat] = []
    goes: list[Seat] = []
    if sheet.is_final:
        faults.append(_("LKE sudah final; timnya tidak berubah lagi."))
    places = {member.user_id: member for member in team}
    leaving: set[int] = set()
    for rank, user in people:
        held = next((m for m in team if m.rank == rank and rank != Rank.MEMBER), None)
        own = places.get(user.pk)
        if own is not None and own.rank == rank:
            continue
        fault = _person_fault(sheet, user, rank)
        if held is not None and not fault:
            if not replace:
                fault = _("{person} sudah menjadi {rank} di sini.").format(
                    rank=held.get_rank_display().lower(), person=held.user
                )
            else:
                goes.append(Seat(held.user, held.rank, held.assisted))
                leaving.add(held.user_id)
        if own is not None and user.pk not in leaving and not fault:
            fault = _("{person} sudah di tim ini sebagai {rank}.").format(
                person=user, rank=own.get_rank_display().lower()
            )
        if fault:
            faults.append(fault)
            continue
        helped = (sheet.unit_id, user.pk) in assisted
        comes.append(Seat(user, rank, helped))
        if helped:
            warnings.append(
                _("{person} mendampingi unit ini pada periode yang sama.").format(person=user)
            )
        for unit_id, unit, role in elsewhere.get(user.pk, ()):
            if unit_id != sheet.unit_id:
                warnings.append(
                    _("{person} juga {role} di {unit}.").format(person=user, role=role, unit=unit)
                )
    before = sheet.assignment.number if sheet.assignment else ""
    letter = assignment.number if assignment and assignment.number != before else ""
    if (comes or goes) and sheet.state in REVIEW_STATES:
        warnings.append(_("LKE sedang dinilai; pekerjaan tim lama tetap tersimpan atas namanya."))
    return UnitPlan(
        sheet, tuple(comes), tuple(goes), letter, before, tuple(faults), tuple(warnings)
    )


def _person_fault(sheet: Assessment, user: User, rank: str) -> str:
    """Return why a person cannot take a rank on a worksheet, whoever else is on its team."""
    if not user.is_active:
        return _("Akun {person} tidak aktif.").format(person=user)
    if belongs_to(user, sheet.unit):
        return _("{person} berasal dari unit ini; tidak seorang pun menilai unitnya.").format(
            person=user
        )
    if not access_of(user).roles & RANK_ROLES[rank]:
        return _("{person} tidak memegang peran yang sesuai untuk {rank}.").format(
            person=user, rank=Rank(rank).label.lower()
        )
    return ""


@transaction.atomic
def assign_many(
    *,
    assessments: Iterable[int],
    people: Sequence[tuple[str, User]],
    assignment: Assignment | None,
    replace: bool,
    seen: str,
    by: User,
) -> tuple[UnitPlan, ...]:
    """Set teams and letter of many worksheets: all of them or none.

    assessments: keys of worksheets of one period. assignment: may be a new letter, saved here.
    seen: ``digest_of`` the preview that the person has accepted.
    Raises PeriodClosed, BulkRefused where a unit cannot get this team, PlansChanged where the teams
    are not what he saw. People are told once, not per unit. Three or four statements per worksheet.
    """
    rows = Assessment.objects.select_for_update(of=("self",)).for_page()
    sheets = list(rows.filter(pk__in=list(assessments)).order_by("pk"))
    for sheet in sheets[:1]:
        refuse_closed(sheet.period)
    plans = plan_teams(sheets=sheets, people=people, assignment=assignment, replace=replace, by=by)
    if any(plan.faults for plan in plans):
        raise BulkRefused(plans)
    if digest_of(plans) != seen:
        raise PlansChanged(plans)
    if assignment is not None and assignment.pk is None:
        fields = {name: getattr(assignment, name) for name in ASSIGNMENT_FIELDS}
        assignment = create_assignment(by=by, **fields)
    told: dict[int, tuple[User, str, list[Assessment]]] = {}
    for plan in plans:
        _apply(plan, assignment, by)
        for seat in plan.comes:
            told.setdefault(seat.user.pk, (seat.user, seat.rank, []))[2].append(plan.assessment)
    Notification.objects.bulk_create(
        _notice(user, rank, joined) for user, rank, joined in told.values()
    )
    return plans


def _apply(plan: UnitPlan, assignment: Assignment | None, by: User) -> None:
    sheet, facts = plan.assessment, []
    if plan.goes:
        leaving = TeamMember.objects.filter(
            assessment=sheet, user__in=[seat.user for seat in plan.goes]
        )
        for member in leaving.select_related("user"):
            facts.append(member_fact("team.removed", member))
        leaving.delete()
    new = [
        TeamMember(assessment=sheet, user=seat.user, rank=seat.rank, assisted=seat.assisted)
        for seat in plan.comes
    ]
    TeamMember.objects.bulk_create(new)
    facts += [member_fact("team.added", member) for member in new]
    if plan.letter:
        sheet.assignment = assignment
        sheet.save(update_fields=["assignment"])
        data = {"number": assignment.number, "dated_on": assignment.dated_on.isoformat()}
        facts.append(audit.Fact("team.assignment", data=data))
    audit.record(sheet, facts, by=by)


def _notice(user: User, rank: str, joined: Sequence[Assessment]) -> Notification:
    """Tell a person once of all the teams onto which he came."""
    if len(joined) == 1:
        text = _("Anda ditunjuk sebagai {rank} untuk LKE {unit}.").format(
            rank=Rank(rank).label.lower(), unit=joined[0].unit.label
        )
        url = reverse("assessments:team_detail", args=[joined[0].pk])
    else:
        text = ngettext(
            "Anda ditunjuk sebagai {rank} untuk {n} LKE.",
            "Anda ditunjuk sebagai {rank} untuk {n} LKE.",
            len(joined),
        ).format(rank=Rank(rank).label.lower(), n=len(joined))
        url = reverse("zona:home")
    return Notification(user=user, kind="team", text=text, url=url)
