"""Changes of a unit's work plan, each under the unit's lock and on its audit chain."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, When
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.catalog import Catalog, catalog_of
from assessments.models import (
    Activity,
    AreaTarget,
    Assessment,
    Evidence,
    Indicator,
    Instrument,
    Period,
    TeamDecree,
)
from assessments.services.evidence_library import add_file, add_link
from units.access import Permission, access_of, has_permission
from units.models import Unit, User
from units.services.tree import RowChanged, check_version, differences, lock_unit
from zona import audit

PREFIX = "plan."
MOST_ACTIVITIES = 600
AREA_CODES = ("1", "2", "3", "4", "5", "6")
TITLE_LENGTH = 250
OUTPUT_LENGTH = 1_000

__all__ = ["PlanRefused", "RowChanged"]


class PlanRefused(Exception):
    """The plan can't be changed like this; the text is a sentence for the user."""


# Who may ----------------------------------------------------------------------------------------


def plan_areas(user: User, unit: Unit) -> frozenset[str]:
    """Return the change areas that the person may plan: all for the unit's lead, head and the
    secretariat, his own for a coordinator, none for others."""
    if has_permission(user, Permission.JOURNEY_BUILD, unit):
        return frozenset(AREA_CODES)
    if not has_permission(user, Permission.UNIT_AREA_FINISH, unit):
        return frozenset()
    areas = access_of(user).areas(Permission.UNIT_AREA_FINISH, unit)
    return frozenset(AREA_CODES) if areas is None else areas


def done_areas(user: User, unit: Unit) -> frozenset[str]:
    """Return the change areas whose activities the person may report as done."""
    planned = plan_areas(user, unit)
    if not has_permission(user, Permission.EVIDENCE_MANAGE, unit):
        return planned
    areas = access_of(user).areas(Permission.EVIDENCE_MANAGE, unit)
    return frozenset(AREA_CODES) if areas is None else planned | areas


def can_finish(user: User, activity: Activity) -> bool:
    """Whoever plans or fills the area, and whoever answers for the activity."""
    if activity.owner_id == user.pk and has_permission(
        user, Permission.ASSESSMENT_VIEW, activity.unit
    ):
        return True
    return activity.area in done_areas(user, activity.unit)


def can_record_team(user: User, unit: Unit) -> bool:
    """The unit's lead and head, and the secretariat."""
    return has_permission(user, Permission.JOURNEY_BUILD, unit)


def _check_area(user: User, unit: Unit, area: str) -> None:
    if area not in plan_areas(user, unit):
        raise PlanRefused(_("Anda tidak menyusun rencana kerja area ini."))


# What a plan is made with -----------------------------------------------------------------------


def instrument_for(unit: Unit, year: int) -> Instrument | None:
    """Return the worksheet that a year's plan is linked to; one query, two before any period.

    That of the newest period up to the year, the unit's own first; else the newest published.
    """
    own = Assessment.objects.filter(period=OuterRef("pk"), unit=unit)
    periods = Period.objects.select_related("instrument").defer("instrument__document")
    past = Case(When(year__lte=year, then=0), default=1)
    found = periods.annotate(is_own=Exists(own)).order_by(past, "-year", "-is_own", "-pk").first()
    if found is not None:
        return found.instrument
    return Instrument.objects.defer("document").order_by("-pk").first()


# Activities --------------------------------------------------------------------------------------


def _tell(unit: Unit, action: str, activity: Activity, data: dict, by: User | None) -> None:
    fact = audit.Fact(PREFIX + action, f"activity:{activity.pk}", {"title": activity.title, **data})
    audit.record(unit, [fact], by=by)


def _check_room(unit: Unit, year: int, more: int) -> None:
    if Activity.objects.of_year(unit, year).count() + more > MOST_ACTIVITIES:
        raise PlanRefused(
            _("Rencana kerja setahun paling banyak {n} kegiatan.").format(n=MOST_ACTIVITIES)
        )


@transaction.atomic
def save_activity(
    *,
    unit: Unit,
    by: User,
    activity: Activity | None = None,
    version: int | None = None,
    indicators: Iterable[Indicator] = (),
    **fields: Any,
) -> Activity:
    """Add an activity to the plan, or change one that is not done yet.

    fields: area, title, output, due_on, owner, owner_name. Raises PlanRefused, RowChanged.
    """
    unit = lock_unit(unit.pk)
    _check_area(by, unit, fields["area"])
    if activity is None:
        _check_room(unit, fields["due_on"].year, 1)
        row = Activity(unit=unit, **fields)
        changed, links = {}, []
    else:
        row = Activity.objects.select_related("owner").get(pk=activity.pk, unit=unit)
        _check_area(by, unit, row.area)
        check_version(row, version)
        if row.done_at is not None:
            raise PlanRefused(_("Kegiatan ini sudah selesai. Buka kembali sebelum mengubahnya."))
        changed = differences(row, fields)
        links = list(row.indicators.order_by("pk"))
        for name in changed:
            setattr(row, name, fields[name])
    wanted = sorted(set(indicators), key=lambda one: one.pk)
    if activity is not None and not changed and links == wanted:
        return row
    row.version += activity is not None
    row.save()
    row.indicators.set(wanted)
    data = {"area": row.area, "due_on": row.due_on.isoformat(), "changes": changed}
    data["indicators"] = [one.code for one in wanted]
    _tell(unit, "activity_added" if activity is None else "activity_changed", row, data, by)
    return row


@transaction.atomic
def remove_activity(*, activity: Activity, by: User) -> None:
    """Take an activity out of the plan; what is done stays. Raises PlanRefused."""
    unit = lock_unit(activity.unit_id)
    row = Activity.objects.filter(pk=activity.pk).first()
    if row is None:
        raise PlanRefused(_("Kegiatan ini sudah dihapus."))
    _check_area(by, unit, row.area)
    if row.done_at is not None:
        raise PlanRefused(_("Kegiatan yang selesai tidak dihapus; buktinya bagian dari riwayat."))
    data = {"area": row.area, "due_on": row.due_on.isoformat()}
    _tell(unit, "activity_removed", row, data, by)
    row.delete()


@transaction.atomic
def finish_activity(
    *,
    activity: Activity,
    by: User,
    version: int | None = None,
    proof: Evidence | UploadedFile | None = None,
    url: str = "",
    reason: str = "",
) -> Activity:
    """Report an activity as done, with proof or with a stated reason.

    proof: a piece of the unit's library, or a file that joins it; url: an address that does.
    Raises PlanRefused, RowChanged, and EvidenceRefused for a file that can't be kept.
    """
    unit = lock_unit(activity.unit_id)
    row = Activity.objects.select_related("unit").get(pk=activity.pk)
    if not can_finish(by, row):
        raise PlanRefused(_("Anda tidak melaporkan kegiatan ini."))
    check_version(row, version)
    if row.done_at is not None:
        raise PlanRefused(_("Kegiatan ini sudah dilaporkan selesai."))
    if isinstance(proof, Evidence):
        if proof.unit_id != unit.pk:
            raise PlanRefused(_("Bukti ini bukan dari pustaka unit."))
    elif proof is not None:
        proof = add_file(unit=unit, upload=proof, by=by)
    elif url:
        proof = add_link(unit=unit, url=url, by=by)
    if proof is None and not reason:
        raise PlanRefused(_("Sertakan bukti, atau tulis alasan mengapa tidak ada buktinya."))
    row.proof, row.done_reason = proof, reason
    row.done_at, row.done_by = timezone.now(), by
    row.version += 1
    row.save()
    # The library's own entry moved the head of the stream on.
    unit.refresh_from_db(fields=["audit_seq", "audit_digest"])
    data = {"proof": proof.title if proof else "", "reason": reason}
    _tell(unit, "activity_done", row, data, by)
    return row


@transaction.atomic
def reopen_activity(*, activity: Activity, by: User) -> Activity:
    """Take a report back; the proof stays in the library. Raises PlanRefused."""
    unit = lock_unit(activity.unit_id)
    row = Activity.objects.select_related("unit").get(pk=activity.pk)
    if not can_finish(by, row):
        raise PlanRefused(_("Anda tidak melaporkan kegiatan ini."))
    if row.done_at is None:
        raise PlanRefused(_("Kegiatan ini belum dilaporkan selesai."))
    row.proof, row.done_reason, row.done_at, row.done_by = None, "", None, None
    row.version += 1
    row.save()
    _tell(unit, "activity_reopened", row, {}, by)
    return row


# Targets and team --------------------------------------------------------------------------------


@transaction.atomic
def write_target(
    *, unit: Unit, year: int, area: str, by: User, version: int | None = None, **fields: str
) -> AreaTarget:
    """Write down an area's initial condition, target and result. Raises PlanRefused, RowChanged."""
    unit = lock_unit(unit.pk)
    _check_area(by, unit, area)
    row = AreaTarget.objects.filter(unit=unit, year=year, area=area).first()
    row = row or AreaTarget(unit=unit, year=year, area=area)
    check_version(row, version)
    changed = differences(row, fields)
    if not changed:
        return row
    for name in changed:
        setattr(row, name, fields[name])
    row.version += row.pk is not None
    row.changed_at, row.changed_by = timezone.now(), by
    row.save()
    data = {"year": year, "area": area, "changes": changed}
    audit.record(unit, [audit.Fact(PREFIX + "target", f"target:{row.pk}", data)], by=by)
    return row


@transaction.atomic
def record_team(
    *,
    unit: Unit,
    year: int,
    by: User,
    number: str,
    dated_on: date,
    version: int | None = None,
    document: UploadedFile | None = None,
) -> TeamDecree:
    """Write down the decree of a year's team; a new file takes the old one's place here.

    The older file stays in the library. Raises PlanRefused, RowChanged, EvidenceRefused.
    """
    unit = lock_unit(unit.pk)
    if not can_record_team(by, unit):
        raise PlanRefused(_("Tim dicatat oleh Ketua Tim ZI atau kepala unit."))
    if dated_on > timezone.localdate():
        raise PlanRefused(_("Tanggal belum tiba."))
    row = TeamDecree.objects.filter(unit=unit, year=year).first()
    row = row or TeamDecree(unit=unit, year=year)
    check_version(row, version)
    if document is not None:
        row.document = add_file(unit=unit, upload=document, by=by, number=number, dated_on=dated_on)
    row.number, row.dated_on = number, dated_on
    row.version += row.pk is not None
    row.save()
    unit.refresh_from_db(fields=["audit_seq", "audit_digest"])
    data = {"year": year, "number": number, "document": row.document.title if row.document else ""}
    audit.record(unit, [audit.Fact(PREFIX + "team", f"decree:{row.pk}", data)], by=by)
    return row


# Beginnings --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begun:
    """What a bulk start brought: new activities, those left out because they stand already, and
    targets begun from last year's results."""

    added: int
    skipped: int
    targets: int = 0


@transaction.atomic
def copy_last_year(*, unit: Unit, year: int, by: User) -> Begun:
    """Take over last year's activities, undone, a year later, and begin the areas' targets.

    What stands already by area and title is left out. Rows of the worksheet come along while the
    edition is the same: equal codes of two editions mean different things. An area's initial
    condition is last year's result. Only areas that the person plans. Raises PlanRefused where
    last year has nothing.
    """
    unit = lock_unit(unit.pk)
    areas = plan_areas(by, unit)
    if not areas:
        raise PlanRefused(_("Anda tidak menyusun rencana kerja unit ini."))
    last = Activity.objects.of_year(unit, year - 1).filter(area__in=areas)
    old = list(last.prefetch_related("indicators"))
    targets = _begin_targets(unit, year, areas, by)
    if not old and not targets:
        raise PlanRefused(_("Rencana kerja {year} tidak ada.").format(year=year - 1))
    instrument = instrument_for(unit, year)
    ids = catalog_of(instrument).ids if instrument else {}
    edition = (
        {row.pk for row in Instrument.objects.filter(code=instrument.code).only("pk")}
        if ids
        else ()
    )
    known = set(Activity.objects.of_year(unit, year).values_list("area", "title"))
    fresh = [
        (
            Activity(
                unit=unit,
                area=row.area,
                title=row.title,
                output=row.output,
                due_on=_same_day(row.due_on, year),
                owner_id=row.owner_id,
                owner_name=row.owner_name,
            ),
            [
                ids[one.code]
                for one in row.indicators.all()
                if one.code in ids and one.instrument_id in edition
            ],
        )
        for row in old
        if (row.area, row.title) not in known
    ]
    _add_many(unit, year, fresh, by, "copied")
    return Begun(len(fresh), len(old) - len(fresh), targets)


def _begin_targets(unit: Unit, year: int, areas: frozenset[str], by: User) -> int:
    held = set(AreaTarget.objects.filter(unit=unit, year=year).values_list("area", flat=True))
    rows = [
        AreaTarget(unit=unit, year=year, area=row.area, initial=row.result, changed_by=by)
        for row in AreaTarget.objects.filter(unit=unit, year=year - 1, area__in=areas - held)
        if row.result
    ]
    AreaTarget.objects.bulk_create(rows)
    return len(rows)


def _same_day(day: date, year: int) -> date:
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


@transaction.atomic
def begin_from_instrument(
    *, unit: Unit, year: int, by: User, areas: Sequence[str], first_month: int, last_month: int
) -> Begun:
    """Add an activity for each row of the worksheet that expects evidence, month by month.

    The rows of an area are spread evenly over the months, each due on the month's last day. A row
    that an activity of the year names already is left out. Raises PlanRefused.
    """
    unit = lock_unit(unit.pk)
    if not areas or set(areas) - plan_areas(by, unit):
        raise PlanRefused(_("Pilih area yang rencana kerjanya Anda susun."))
    if not 1 <= first_month <= last_month <= 12:
        raise PlanRefused(_("Bulan terakhir tidak mendahului bulan pertama."))
    instrument = instrument_for(unit, year)
    if instrument is None:
        raise PlanRefused(_("Belum ada instrumen."))
    catalog = catalog_of(instrument)
    known = set(
        Activity.objects.of_year(unit, year)
        .filter(indicators__isnull=False)
        .values_list("indicators__code", flat=True)
    )
    fresh, skipped = [], 0
    for area in sorted(areas):
        codes = [
            code for code in catalog.section(area).indicator_codes if catalog.evidence.get(code)
        ]
        missing = [code for code in codes if code not in known]
        skipped += len(codes) - len(missing)
        days = _spread(year, first_month, last_month, len(missing))
        for code, day in zip(missing, days, strict=True):
            fresh.append((_from_row(unit, area, catalog, code, day), [catalog.ids[code]]))
    _add_many(unit, year, fresh, by, "begun")
    return Begun(len(fresh), skipped)


def _spread(year: int, first: int, last: int, count: int) -> list[date]:
    """Return so many last days of months, spread evenly from the first month to the last."""
    months = last - first + 1
    found = []
    for number in range(count):
        month = first + number * months // count
        found.append(date(year, month, calendar.monthrange(year, month)[1]))
    return found


def _from_row(unit: Unit, area: str, catalog: Catalog, code: str, day: date) -> Activity:
    statement = catalog.engine.indicators[code].statement
    title = _("Siapkan bukti: {statement}").format(statement=statement)
    output = "\n".join(catalog.evidence[code])
    return Activity(
        unit=unit,
        area=area,
        title=title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…",
        output=output if len(output) <= OUTPUT_LENGTH else output[: OUTPUT_LENGTH - 1] + "…",
        due_on=day,
    )


def _add_many(unit: Unit, year: int, fresh: Sequence[tuple], by: User, action: str) -> None:
    """Add activities with the keys of their rows; the number of statements does not grow."""
    _check_room(unit, year, len(fresh))
    rows = Activity.objects.bulk_create([activity for activity, _keys in fresh])
    link = Activity.indicators.through
    link.objects.bulk_create(
        link(activity_id=row.pk, indicator_id=key)
        for row, (_same, keys) in zip(rows, fresh, strict=True)
        for key in keys
    )
    data = {"year": year, "activities": len(fresh)}
    audit.record(unit, [audit.Fact(f"{PREFIX}{action}", f"year:{year}", data)], by=by)
