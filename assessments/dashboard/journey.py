"""The way of a unit, as far as its pledge and the worksheet's own states tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from assessments import scoring
from assessments.dashboard.facts import Facts
from assessments.models import State, Track
from units.models import Pledge

DONE, NOW, NEXT = "is-done", "is-now", "is-next"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: done, now or next; when, and one line about it."""

    name: str
    place: str
    when: date | datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """The stages in order, and who holds the next step."""

    stages: tuple[Stage, ...]
    holder: str
    due: date | datetime | None


def journey_of(facts: Facts) -> Journey:
    """Return the stages that the data tell, and those that are still to come without dates."""
    assessment = facts.assessment
    stages = [_pledge(assessment.unit)]
    sent = assessment.state != State.DRAFT
    own = facts.results[Track.UNIT]
    stages.append(
        Stage(
            _("Penilaian mandiri"),
            DONE if sent else NOW,
            assessment.submitted_at,
            _("tanpa penilaian mandiri")
            if assessment.without_self
            else _("nilai {x}").format(x=scoring.points_text(own.total))
            if own.answered
            else "",
        )
    )
    if assessment.period.needs_forwarding:
        waiting = assessment.state == State.SUBMITTED
        place = NOW if waiting else DONE if sent else NEXT
        stages.append(Stage(_("Penerusan Eselon I"), place))
    reviewed = assessment.is_in_review or assessment.state == State.REPAIR
    waits = assessment.state == State.FORWARDED or (
        assessment.state == State.SUBMITTED and not assessment.period.needs_forwarding
    )
    place = DONE if assessment.is_final else NOW if reviewed or waits else NEXT
    stages.append(Stage(_("Evaluasi TPI"), place, assessment.finalized_at, _tpi_note(facts)))
    stages.append(Stage(_("Usulan"), NOW if assessment.is_final else NEXT))
    stages += [Stage(name, NEXT) for name in (_("Evaluasi TPN"), _("Penetapan"), _("Pemantauan"))]
    holder, due = _holder(facts)
    return Journey(tuple(stages), holder, due)


def _pledge(unit) -> Stage:
    try:
        pledge = unit.pledge
    except Pledge.DoesNotExist:
        return Stage(_("Pencanangan"), NEXT, note=_("belum tercatat"))
    signed = _("{n} dari {all} pakta").format(n=pledge.signed_count, all=unit.staff_count)
    complete = pledge.signed_count >= unit.staff_count
    return Stage(_("Pencanangan"), DONE if complete else NOW, pledge.declared_on, signed)


def _tpi_note(facts: Facts) -> str:
    assessment, result = facts.assessment, facts.results.get(Track.TPI) or facts.interim
    if assessment.is_final and result is not None:
        return _("nilai {x}").format(x=scoring.points_text(result.total))
    if assessment.is_in_review or assessment.state == State.REPAIR:
        return assessment.get_state_display()
    return ""


def _holder(facts: Facts) -> tuple[str, date | datetime | None]:
    """Return who holds the next step and until when."""
    assessment = facts.assessment
    period = assessment.period
    if assessment.state == State.DRAFT:
        who = _("Ketua Tim ZI") if period.lead_may_submit else _("Kepala unit")
        return who, period.self_assessment_due
    if assessment.state == State.SUBMITTED and period.needs_forwarding:
        return _("Koordinator Eselon I"), period.self_assessment_due
    if assessment.state == State.REPAIR:
        return _("Unit"), assessment.repair_due
    if assessment.is_final:
        return _("Sekretariat TPI"), period.proposal_due
    holders = {
        State.MEMBER_REVIEW: _("Anggota tim"),
        State.LEAD_REVIEW: _("Ketua tim"),
        State.SUPERVISOR_REVIEW: _("Pengendali teknis"),
        State.QUALITY_REVIEW: _("Pengendali mutu"),
    }
    return holders.get(assessment.state, _("Sekretariat TPI")), period.evaluation_due
