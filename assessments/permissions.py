"""Who may see and write which side of a worksheet, in which state.

Built on ``units.access``. A worksheet has three tracks; a unit sees its own always and the TPI's
side row by row after a return, in full once it is final. The inspectorate sees all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from assessments.models import Assessment, Rank, RowState, Scenario, State, Track
from assessments.windows.reading import is_closed
from units.access import Permission, access_of, belongs_to, has_permission
from units.models import User


class TpiView(StrEnum):
    """How much of the TPI's side a person sees."""

    NOTHING = "nothing"
    RETURNED_ROWS = "returned_rows"
    EVERYTHING = "everything"


RANK_OF_STATE: dict[str, Rank] = {
    State.MEMBER_REVIEW: Rank.MEMBER,
    State.LEAD_REVIEW: Rank.LEAD,
    State.SUPERVISOR_REVIEW: Rank.SUPERVISOR,
    State.QUALITY_REVIEW: Rank.QUALITY,
}

REVEALED_ROW_STATES = frozenset({RowState.NEEDS_REPAIR, RowState.REPAIRED, RowState.ACCEPTED_AFTER})


@dataclass(frozen=True, slots=True)
class Pen:
    """What a person may write on one track now.

    ``sections`` limits it to sections ("1" to "6", "B"); None means all. ``returned_only``
    limits it to rows returned for repair.
    """

    track: Track
    sections: frozenset[str] | None = None
    returned_only: bool = False

    def reaches(self, section: str, row_state: str) -> bool:
        """Tell whether a row of a section, in a review state, may be written."""
        if self.sections is not None and section not in self.sections:
            return False
        return not self.returned_only or row_state in (RowState.NEEDS_REPAIR, RowState.REPAIRED)


@dataclass(frozen=True, slots=True)
class Place:
    """A person's place on a team: the rank, and the sections given to him (empty means all)."""

    rank: str
    areas: tuple[str, ...] = ()


def place_of(user: User, assessment: Assessment) -> Place | None:
    """Return the person's place on the team, or None.

    Costs no query after ``AssessmentQuerySet.with_place_of(user)``, else one per worksheet
    object. A member of the unit has no place even where a team row says so: nobody assesses a
    unit to which he belongs.
    """
    if belongs_to(user, assessment.unit):
        return None
    if assessment.__dict__.get("place_user") == user.pk:
        rank, areas = assessment.place_rank, assessment.place_areas
    else:
        rank, areas = assessment.team.filter(user=user).values_list("rank", "areas").first() or (
            None,
            None,
        )
    return Place(rank, tuple(areas or ())) if rank else None


def can_view(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may open the worksheet at all."""
    return has_permission(user, Permission.ASSESSMENT_VIEW, assessment.unit)


def sees_all_tracks(user: User, assessment: Assessment) -> bool:
    """Tell whether the person sees every track in every state: the inspectorate and admins."""
    return has_permission(user, Permission.TPI_TRACK_VIEW, assessment.unit)


def tpi_view(user: User, assessment: Assessment) -> TpiView:
    """Return how much of the TPI's side the person sees.

    Eselon I and observers wait for the final result; a unit sees returned rows before it.
    """
    if sees_all_tracks(user, assessment) or assessment.is_final:
        return TpiView.EVERYTHING
    is_of_unit = any(grant.unit_id == assessment.unit_id for grant in access_of(user).unit_grants)
    if is_of_unit and assessment.tpi_revealed_at is not None:
        return TpiView.RETURNED_ROWS
    return TpiView.NOTHING


def sees_tpi_totals(user: User, assessment: Assessment) -> bool:
    """Tell whether the person sees the TPI's totals, interim ones from the first return on."""
    return tpi_view(user, assessment) is not TpiView.NOTHING


def sees_tpi_row(view: TpiView, row_state: str) -> bool:
    """Tell whether a row of the TPI's side is shown under a view."""
    return view is TpiView.EVERYTHING or (
        view is TpiView.RETURNED_ROWS and row_state in REVEALED_ROW_STATES
    )


def is_overdue(assessment: Assessment) -> bool:
    """Tell whether a repair is over its deadline, though the clock has not closed it yet."""
    return assessment.state == State.REPAIR and assessment.repair_due <= timezone.now()


def pen_of(user: User, assessment: Assessment, track: Track) -> Pen | None:
    """Return what the person may write on a track now, or None for nothing.

    The table: unit track in draft by operator, coordinator, ZI lead (returned rows only in
    repair, until its deadline); TPI track in the review of the person's own rank; national
    track once final by the secretariat. Nothing in a closed period, nor outside the window of
    the stage.
    """
    if assessment.period.is_closed:
        return None
    if track == Track.UNIT:
        if assessment.state not in (State.DRAFT, State.REPAIR) or is_overdue(assessment):
            return None
        if not has_permission(user, Permission.UNIT_TRACK_WRITE, assessment.unit):
            return None
        if is_closed(assessment):
            return None
        sections = access_of(user).areas(Permission.UNIT_TRACK_WRITE, assessment.unit)
        return Pen(track, sections, returned_only=assessment.state == State.REPAIR)
    if track == Track.TPI:
        rank = RANK_OF_STATE.get(assessment.state)
        if rank is None or not has_permission(user, Permission.TPI_ASSESS, assessment.unit):
            return None
        place = place_of(user, assessment)
        if place is None or place.rank != rank or is_closed(assessment):
            return None
        sections = frozenset(place.areas) if place.areas and place.rank == Rank.MEMBER else None
        return Pen(track, sections)
    if assessment.is_final and has_permission(user, Permission.NATIONAL_RECORD, assessment.unit):
        return Pen(track)
    return None


def writing_track(user: User, assessment: Assessment) -> Pen | None:
    """Return the pen of the track that the person works on now, if any."""
    for track in (Track.TPI, Track.UNIT, Track.TPN):
        pen = pen_of(user, assessment, track)
        if pen is not None:
            return pen
    return None


def can_finish_area(user: User, assessment: Assessment, section: str) -> bool:
    """Tell whether the person may mark a section of the self-assessment as finished."""
    if not assessment.is_draft or assessment.period.is_closed:
        return False
    if not has_permission(user, Permission.UNIT_AREA_FINISH, assessment.unit):
        return False
    if is_closed(assessment):
        return False
    sections = access_of(user).areas(Permission.UNIT_AREA_FINISH, assessment.unit)
    return sections is None or section in sections


def can_manage_evidence(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may add evidence to the unit's library from this worksheet."""
    if assessment.is_final or assessment.period.is_closed:
        return False
    if pen_of(user, assessment, Track.TPI) is not None:
        return True
    if assessment.state not in (State.DRAFT, State.REPAIR) or is_overdue(assessment):
        return False
    if not has_permission(user, Permission.EVIDENCE_MANAGE, assessment.unit):
        return False
    return not is_closed(assessment)


def can_judge_evidence(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may judge evidence: whoever holds the TPI's pen."""
    return pen_of(user, assessment, Track.TPI) is not None


def can_manage_team(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may set the team: the secretariat, until the end of the review."""
    if assessment.is_final or assessment.period.is_closed:
        return False
    return has_permission(user, Permission.TEAM_MANAGE, assessment.unit)


def can_open_assessment(user: User) -> bool:
    """Tell whether the person may open worksheets for units."""
    return has_permission(user, Permission.ASSESSMENT_OPEN)


def can_view_portfolio(user: User) -> bool:
    """Tell whether the person may look at many units side by side."""
    return has_permission(user, Permission.PORTFOLIO_VIEW)


def can_read_report(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may read reports: whoever sees the whole TPI side now."""
    return can_view(user, assessment) and tpi_view(user, assessment) is TpiView.EVERYTHING


def can_export_report(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may make the evaluation report: the inspectorate at any time,
    unit and Eselon I once it is final."""
    if not has_permission(user, Permission.REPORT_EXPORT, assessment.unit):
        return False
    return assessment.is_final or sees_all_tracks(user, assessment)


def can_issue_report(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may record signature, number and end of a document: secretariat."""
    return can_view(user, assessment) and has_permission(user, Permission.PERIOD_MANAGE)


def can_share_evidence(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may show the evidence to the national team by a page of its own:
    the unit's head and the secretariat."""
    return has_permission(user, Permission.EVIDENCE_SHARE, assessment.unit)


def can_view_periods(user: User) -> bool:
    """Tell whether the person may read periods: whoever may read some worksheet."""
    return has_permission(user, Permission.ASSESSMENT_VIEW)


def can_manage_periods(user: User) -> bool:
    """Tell whether the person may make and change periods: the secretariat."""
    return has_permission(user, Permission.PERIOD_MANAGE)


def can_reopen_periods(user: User) -> bool:
    """Tell whether the person may open a closed period again: the Inspector General."""
    return has_permission(user, Permission.PERIOD_REOPEN)


def can_manage_assignments(user: User) -> bool:
    """Tell whether the person may correct letters of assignment: whoever sets teams."""
    return has_permission(user, Permission.TEAM_MANAGE)


def can_simulate(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may keep scenarios on a worksheet: its unit's people, the
    Eselon I coordinator above, the inspectorate; not those who only read or administer."""
    return takes_part(user, assessment)


def takes_part(user: User, assessment: Assessment) -> bool:
    """Tell whether the person works on the worksheet from some side: its unit's people, the
    Eselon I coordinator above, the inspectorate; not those who only read or administer."""
    if not can_view(user, assessment):
        return False
    access = access_of(user)
    return (
        access.is_itjen
        or any(grant.unit_id == assessment.unit_id for grant in access.unit_grants)
        or access.has(Permission.ASSESSMENT_FORWARD, assessment.unit)
    )


def can_change_scenario(user: User, scenario: Scenario) -> bool:
    """Tell whether the person may change a scenario: only the one who made it; others copy it.

    That of an assistance visit is shared: assessors and the unit's people work on it together.
    """
    if not can_simulate(user, scenario.assessment):
        return False
    if scenario.purpose == Scenario.Purpose.VISIT and scenario.is_shared:
        access, unit = access_of(user), scenario.assessment.unit
        return access.has(Permission.TPI_ASSESS, unit) or access.has(
            Permission.UNIT_TRACK_WRITE, unit
        )
    return scenario.created_by_id == user.pk


def can_comment(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may comment on rows: whoever takes part, in every state, until
    the period is closed."""
    return not assessment.period.is_closed and takes_part(user, assessment)


def can_comment_internally(user: User) -> bool:
    """Tell whether the person may read and write what is for the inspectorate alone."""
    return access_of(user).is_itjen


def can_write_guidance(user: User) -> bool:
    """Tell whether the person may write Itjen's guidance on indicators: the secretariat."""
    return has_permission(user, Permission.PERIOD_MANAGE)


def can_share_phrases(user: User) -> bool:
    """Tell whether the person may share phrases: the inspectorate's own people."""
    return access_of(user).is_itjen


def can_object(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may object to rows: head or ZI lead of the unit, once it is final.

    The window and the one objection per row are the service's to decide.
    """
    if not assessment.is_final or assessment.period.is_closed:
        return False
    return has_permission(user, Permission.ASSESSMENT_SUBMIT, assessment.unit)


def can_answer_objection(user: User, assessment: Assessment) -> bool:
    """Tell whether the person may answer objections: the team's ranks above its members."""
    if not assessment.is_final or assessment.period.is_closed:
        return False
    if not has_permission(user, Permission.TPI_ASSESS, assessment.unit):
        return False
    place = place_of(user, assessment)
    return place is not None and place.rank != Rank.MEMBER


def can_set_efforts(user: User, assessment: Assessment, section: str | None = None) -> bool:
    """Tell whether the person may say what a row costs the unit, until the worksheet is final.

    The people who fill or finish the unit's side; a coordinator in his own sections. section:
    the row's section, or None for "any at all".
    """
    if assessment.is_final or assessment.period.is_closed:
        return False
    for permission in (Permission.UNIT_TRACK_WRITE, Permission.UNIT_AREA_FINISH):
        if has_permission(user, permission, assessment.unit):
            sections = access_of(user).areas(permission, assessment.unit)
            if section is None or sections is None or section in sections:
                return True
    return False
