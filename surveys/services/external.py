"""Indices of external surveys (BPS or a party named by the national team), with their report."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max

from surveys import signals
from surveys.models import ExternalIndex
from units.models import Unit, User
from units.services.tree import lock_unit
from zona import audit


@transaction.atomic
def record_external(
    *,
    unit: Unit,
    kind: str,
    year: int,
    index4: Decimal,
    surveyor: str,
    reported_on: date,
    report: File,
    by: User,
    answered: int | None = None,
    report_number: str = "",
) -> ExternalIndex:
    """Keep an external index and announce it; a correction is the next version.

    index4: 0 to 4 with two decimals, as printed in the report.
    """
    locked = lock_unit(unit.pk)
    earlier = ExternalIndex.objects.filter(unit=locked, kind=kind, year=year)
    version = (earlier.aggregate(highest=Max("version"))["highest"] or 0) + 1
    report.seek(0)
    digest = hashlib.sha256(report.read()).hexdigest()
    report.seek(0)
    external = ExternalIndex.objects.create(
        unit=locked,
        kind=kind,
        year=year,
        version=version,
        index4=index4,
        answered=answered,
        surveyor=surveyor,
        report_number=report_number,
        reported_on=reported_on,
        report=report,
        sha256=digest,
        recorded_by=by,
    )
    data = {
        "kind": kind,
        "year": year,
        "version": version,
        "index4": str(index4),
        "sha256": digest,
    }
    fact = audit.Fact("survey.external_recorded", f"external:{external.pk}", data)
    audit.record(locked, [fact], by=by)
    signals.external_recorded.send(sender=ExternalIndex, external=external, by=by)
    return external
