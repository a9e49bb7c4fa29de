"""Monitoring of the building phase, and scans of the declaration: written under the unit's lock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.journey.services import STREAM_PREFIX, JourneyRefused
from assessments.models import Activity, BuildingMonitoring, MonitoringFinding, PledgeScan
from assessments.services.evidence_library import add_file
from units.access import Permission, access_of, has_permission
from units.forms import AREAS
from units.models import Pledge, Unit, User
from units.permissions import can_record_pledge
from units.services.tree import check_version, lock_unit
from zona import audit
from zona.models import Document

FIELDS = ("on", "starts_on", "ends_on", "method", "summary", "advice")
CLOSED = (Document.Status.AWAITING_SIGNATURE, Document.Status.ISSUED)


def side_of(user: User, unit: Unit) -> str:
    """Return for whom the person monitors the unit; blank for who may not.

    Itjen's auditors, controllers and secretariat; the Eselon I above; the unit's lead and head.
    """
    access = access_of(user)
    if access.is_itjen and (
        access.has(Permission.TPI_ASSESS, unit) or access.has(Permission.JOURNEY_PROPOSE, unit)
    ):
        return BuildingMonitoring.Side.ITJEN
    if access.has(Permission.JOURNEY_DESIGNATE, unit):
        return BuildingMonitoring.Side.ESELON_1
    if access.has(Permission.JOURNEY_BUILD, unit):
        return BuildingMonitoring.Side.UNIT
    return ""


def can_write(user: User, monitoring: BuildingMonitoring) -> bool:
    """Whoever monitors for the same side; the service asks whether its report is signed."""
    return side_of(user, monitoring.unit) == monitoring.side


def plan_figures(unit: Unit, starts_on: date, ends_on: date, on: date) -> list[dict[str, Any]]:
    """Return per area what was planned in a span, done by a day, and late on it; one query."""
    found = {
        code: {"area": code, "name": str(label)[2:], "total": 0, "done": 0, "late": 0}
        for code, label in AREAS
    }
    rows = Activity.objects.filter(unit=unit, due_on__range=(starts_on, ends_on))
    for area, due_on, done_at in rows.values_list("area", "due_on", "done_at"):
        if area not in found:
            continue
        is_done = done_at is not None and timezone.localdate(done_at) <= on
        found[area]["total"] += 1
        found[area]["done"] += is_done
        found[area]["late"] += not is_done and due_on < on
    return list(found.values())


@transaction.atomic
def record_monitoring(
    *,
    unit: Unit,
    by: User,
    findings: Mapping[str, tuple[str, str]],
    monitoring: BuildingMonitoring | None = None,
    version: int | None = None,
    **fields: Any,
) -> BuildingMonitoring:
    """Write down a look at the building phase, or correct it until its report is signed.

    fields: those of FIELDS. findings: per area what was seen and what is advised. The plan's
    figures are kept as they stand on the day. Raises JourneyRefused, RowChanged.
    """
    unit = lock_unit(unit.pk)
    side = side_of(by, unit)
    if not side or (monitoring is not None and monitoring.side != side):
        raise JourneyRefused(_("Anda tidak mencatat pemantauan unit ini."))
    if fields["on"] > timezone.localdate():
        raise JourneyRefused(_("Tanggal belum tiba."))
    if fields["ends_on"] < fields["starts_on"] or fields["on"] < fields["starts_on"]:
        raise JourneyRefused(_("Masa pemantauan tidak berurutan."))
    if monitoring is None:
        row = BuildingMonitoring(unit=unit, side=side)
    else:
        row = BuildingMonitoring.objects.get(pk=monitoring.pk, unit=unit)
        check_version(row, version)
        if row.papers.filter(document__status__in=CLOSED).exists():
            raise JourneyRefused(
                _("Laporannya sudah dikirim untuk ditandatangani. Catat pemantauan baru.")
            )
        row.version += 1
    for name in FIELDS:
        setattr(row, name, fields[name])
    row.figures = plan_figures(unit, row.starts_on, row.ends_on, row.on)
    row.recorded_at, row.recorded_by = timezone.now(), by
    row.save()
    row.findings.all().delete()
    MonitoringFinding.objects.bulk_create(
        MonitoringFinding(monitoring=row, area=area, condition=condition, advice=advice)
        for area, (condition, advice) in sorted(findings.items())
        if condition or advice
    )
    data = {"on": row.on.isoformat(), "side": side, "version": row.version}
    fact = audit.Fact(f"{STREAM_PREFIX}building_monitored", f"monitoring:{row.pk}", data)
    audit.record(unit, [fact], by=by)
    return row


@transaction.atomic
def add_scan(*, unit: Unit, kind: str, upload: UploadedFile, by: User) -> PledgeScan:
    """Keep a scanned charter or pact; what was there before stays as an older version.

    Raises JourneyRefused, and EvidenceRefused for a file that can't be kept.
    """
    unit = lock_unit(unit.pk)
    if not can_record_pledge(by, unit):
        raise JourneyRefused(_("Pindaian diunggah oleh pengelola unit atau sekretariat."))
    pledge = Pledge.objects.filter(unit=unit).first()
    if pledge is None:
        raise JourneyRefused(_("Catat pencanangan dahulu; pindaiannya menyertainya."))
    number = pledge.charter_number if kind == PledgeScan.Kind.CHARTER else ""
    piece = add_file(unit=unit, upload=upload, by=by, number=number, dated_on=pledge.declared_on)
    row, is_new = PledgeScan.objects.get_or_create(
        unit=unit, kind=kind, evidence=piece, defaults={"added_by": by}
    )
    if is_new:
        # The library's own entry moved the head of the stream on.
        unit.refresh_from_db(fields=["audit_seq", "audit_digest"])
        data = {"kind": kind, "document": piece.title, "sha256": piece.sha256}
        audit.record(unit, [audit.Fact(f"{STREAM_PREFIX}scan", f"scan:{row.pk}", data)], by=by)
    return row


def can_monitor(user: User, unit: Unit) -> bool:
    """Tell whether the person may write down a look at the building phase."""
    return bool(side_of(user, unit))


def can_see_all(user: User) -> bool:
    """Tell whether the person may read papers that name many units: the inspectorate."""
    return has_permission(user, Permission.TPI_TRACK_VIEW)
