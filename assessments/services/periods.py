"""Periods: made and changed by the secretariat; audited on the system's stream."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from assessments.models import Assessment, Period, Predicate
from assessments.services.freeze import refuse_closed
from assessments.services.worksheets import CannotOpen, open_assessment
from assessments.windows.services import follow_plan
from units.models import Unit, User
from units.services.tree import check_version, differences, save_changes
from zona import audit

PERIOD_FIELDS = (
    "year",
    "name",
    "instrument",
    "evidence_from",
    "evidence_to",
    "self_assessment_due",
    "evaluation_due",
    "proposal_due",
    "quota",
    "objection_days",
    "lead_may_submit",
    "needs_forwarding",
    "is_open",
)


class InstrumentInUse(Exception):
    """The period's instrument stays: worksheets were opened with it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of opening worksheets for many units."""

    assessments: tuple[Assessment, ...]
    refused: tuple[str, ...]


def _target(period: Period) -> str:
    return f"period:{period.pk}"


@transaction.atomic
def create_period(*, by: User | None, **fields: Any) -> Period:
    """Add a period. fields: those of PERIOD_FIELDS."""
    period = Period.objects.create(**fields)
    data = {name: str(getattr(period, name)) for name in PERIOD_FIELDS}
    audit.record_system([audit.Fact("period.created", _target(period), data)], by=by)
    return period


@transaction.atomic
def update_period(
    *, period: Period, by: User, version: int | None = None, **changes: Any
) -> Period:
    """Change a period.

    Raises PeriodClosed, InstrumentInUse for another instrument once a worksheet is open, and
    RowChanged.
    """
    period = Period.objects.select_for_update().get(pk=period.pk)
    refuse_closed(period)
    check_version(period, version)
    changed = differences(period, changes)
    if "instrument" in changed and period.assessments.exists():
        raise InstrumentInUse
    if changed:
        save_changes(period, changed, changes)
        follow_plan(period, changed)
        fact = audit.Fact("period.changed", _target(period), {"changes": changed})
        audit.record_system([fact], by=by)
    return period


def open_many(
    *, period: Period, units: Iterable[Unit], target: str = Predicate.WBK, by: User
) -> Opened:
    """Open the worksheets of many units, each in a transaction of its own.

    A unit for which it cannot be done does not stop the others; ``refused`` holds the sentences.
    """
    opened, refused = [], []
    for unit in units:
        try:
            opened.append(open_assessment(unit=unit, period=period, target=target, by=by))
        except CannotOpen as error:
            refused.append(str(error))
    return Opened(tuple(opened), tuple(refused))
