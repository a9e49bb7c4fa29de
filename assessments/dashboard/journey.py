"""The dashboard's part of the journey: its line of stages and the state of the conditions."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.dashboard.facts import Facts
from assessments.journey import timeline
from assessments.journey.eligibility import Checklist, checklist
from assessments.journey.services import fresh_candidacy
from assessments.journey.timeline import Journey
from assessments.models import Candidacy, ProposalLine, State, Track
from units.models import Pledge


@dataclass(frozen=True, slots=True)
class Way:
    """The unit's journey in this year and its conditions outside the score."""

    journey: Journey
    checklist: Checklist


def way_of(facts: Facts) -> Way:
    """Return journey and conditions; three statements, two more for a unit that went up."""
    assessment = facts.assessment
    unit, period = assessment.unit, assessment.period
    period.instrument = assessment.instrument
    try:
        pledge = unit.pledge
    except Pledge.DoesNotExist:
        pledge = None
    letters = ProposalLine.objects.filter(candidacy=OuterRef("pk"), withdrawn_at=None)
    candidacies = Candidacy.objects.filter(unit=unit, period=period).select_related("award")
    candidacy = candidacies.annotate(
        proposed_on=Subquery(letters.values("proposal__dated_on")[:1])
    ).first()
    results = {}
    if candidacy is None:
        candidacy = fresh_candidacy(unit, period, pledge)
    elif candidacy.proposed_on:
        results = dict(candidacy.stage_results.values_list("stage", "passed"))
    candidacy.unit, candidacy.period = unit, period
    own = facts.results[Track.UNIT]
    drawn = timeline.Facts(
        candidacy=candidacy,
        pledge=pledge,
        sheet=assessment,
        award=getattr(candidacy, "award", None) if candidacy.pk else None,
        results=results,
        proposed_on=getattr(candidacy, "proposed_on", None),
        self_note=_("nilai {x}").format(x=scoring.points_text(own.total)) if own.answered else "",
        tpi_note=_tpi_note(facts),
    )
    return Way(timeline.journey_of(drawn), checklist(unit, period, assessment.target))


def _tpi_note(facts: Facts) -> str:
    assessment, result = facts.assessment, facts.results.get(Track.TPI) or facts.interim
    if assessment.is_final and result is not None:
        return _("nilai {x}").format(x=scoring.points_text(result.total))
    if assessment.is_in_review or assessment.state == State.REPAIR:
        return assessment.get_state_display()
    return ""
