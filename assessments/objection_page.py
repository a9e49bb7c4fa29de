"""What the pages of objections show: the row's values, the objection, its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assessments.catalog import catalog_of
from assessments.models import Answer, Assessment, Objection, Track
from assessments.permissions import can_answer_objection, can_object
from assessments.services import objections
from assessments.worksheet.fixed import fixed_of
from assessments.worksheet.rows import value_name
from units.models import User


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    """An objection in the list, with its row."""

    code: str
    statement: str
    objection: Objection


@dataclass(frozen=True, slots=True)
class ObjectionPage:
    """A row of a final worksheet, what both sides said, and what the person may do."""

    code: str
    statement: str
    unit_value: str
    tpi_value: str
    condition: str
    objection: Objection | None
    end: datetime | None
    can_file: bool
    can_answer: bool


@dataclass(frozen=True, slots=True)
class ObjectionPanel:
    """The objections to a worksheet on its dashboard: counts, and until when they are taken."""

    pk: int
    count: int
    waiting: int
    accepted: int
    end: datetime | None
    can_file: bool

    @property
    def rejected(self) -> int:
        """Return how many were rejected."""
        return self.count - self.waiting - self.accepted


def objection_lines(assessment: Assessment) -> tuple[ObjectionLine, ...]:
    """Return the objections to a worksheet in its order; one query."""
    catalog = catalog_of(assessment.instrument)
    fixed = fixed_of(catalog)
    found = assessment.objections.select_related("by", "answered_by")
    return tuple(
        ObjectionLine(code, fixed[code].statement, item)
        for item in found.order_by("indicator__position")
        for code in [catalog.codes[item.indicator_id]]
    )


def objection_page(assessment: Assessment, user: User, code: str) -> ObjectionPage:
    """Return the page of a row; two queries, and one for the person's place on the team."""
    catalog = catalog_of(assessment.instrument)
    rows = {
        row.track: row
        for row in Answer.objects.filter(
            assessment=assessment,
            indicator=catalog.ids[code],
            track__in=(Track.UNIT, Track.TPI),
        )
    }
    unit, tpi = rows[Track.UNIT], rows[Track.TPI]
    found = assessment.objections.select_related("by", "answered_by")
    objection = found.filter(indicator=catalog.ids[code]).first()
    return ObjectionPage(
        code=code,
        statement=fixed_of(catalog)[code].statement,
        unit_value=value_name(catalog, code, unit.choice, unit.inputs),
        tpi_value=value_name(catalog, code, tpi.choice, tpi.inputs),
        condition=tpi.condition,
        objection=objection,
        end=objections.window_end(assessment),
        can_file=objection is None
        and can_object(user, assessment)
        and objections.is_open(assessment),
        can_answer=objection is not None
        and objection.answered_at is None
        and can_answer_objection(user, assessment),
    )


def dashboard_panel(user: User, *, assessment: Assessment) -> ObjectionPanel | None:
    """Return the objections for the dashboard of a final worksheet; None where there is nothing
    to say. No query after ``AssessmentQuerySet.with_objections``."""
    if not assessment.is_final:
        return None
    is_open = objections.is_open(assessment)
    can_file = is_open and can_object(user, assessment)
    if not assessment.objection_count and not can_file:
        return None
    return ObjectionPanel(
        pk=assessment.pk,
        count=assessment.objection_count,
        waiting=assessment.objections_waiting,
        accepted=assessment.objections_accepted,
        end=objections.window_end(assessment) if is_open else None,
        can_file=can_file,
    )
