"""Windows are set for a period, extensions granted to units; both audited, people told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import (
    Assessment,
    Period,
    Stage,
    StageWindow,
    State,
    WindowExtension,
)
from assessments.permissions import RANK_OF_STATE
from assessments.services.answers import clean_text, lock_assessment
from assessments.services.freeze import refuse_closed
from assessments.windows.reading import end_of
from units.access import Role
from units.models import Unit, User
from units.services.tree import check_version
from zona import audit
from zona.models import Notification
from zona.templatetags.zona_numbers import deadline_in

Days = tuple[date | None, date | None]
# The period's planned days that a window's end replaces.
PLANNED = {Stage.SELF: "self_assessment_due", Stage.QUALITY: "evaluation_due"}
REASON_MAX = 1_000


class WindowRefused(Exception):
    """A window or an extension can't be as asked; the text is a sentence for the user."""


@transaction.atomic
def set_windows(
    *, period: Period, days: Mapping[str, Days], by: User, version: int | None = None
) -> Period:
    """Set first and last day of each stage; both blank takes the window away.

    days: by stage. The period's planned days follow, so that two never disagree. Raises
    WindowRefused for an end before its beginning, and RowChanged.
    """
    period = Period.objects.select_for_update().get(pk=period.pk)
    refuse_closed(period)
    check_version(period, version)
    known = {row.stage: row for row in StageWindow.objects.filter(period=period)}
    changed: dict[str, list[str]] = {}
    for stage, (opens, closes) in days.items():
        if opens and closes and closes < opens:
            raise WindowRefused(
                _("{stage}: akhir mendahului awal.").format(stage=Stage(stage).label)
            )
        row = known.get(stage)
        before = (row.opens_on, row.closes_on) if row else (None, None)
        if before == (opens, closes):
            continue
        changed[str(stage)] = [_days_text(before), _days_text((opens, closes))]
        if not opens and not closes:
            row.delete()
            continue
        row = row or StageWindow(period=period, stage=stage)
        row.opens_on, row.closes_on = opens, closes
        row.save()
        if stage in PLANNED and closes:
            setattr(period, PLANNED[Stage(stage)], closes)
    if changed:
        period.version += 1
        period.save(update_fields=["version", *PLANNED.values()])
        fact = audit.Fact("period.windows", f"period:{period.pk}", {"changes": changed})
        audit.record_system([fact], by=by)
    return period


def follow_plan(period: Period, changed: Iterable[str]) -> None:
    """Let the windows of a period follow its planned days after those were changed.

    A window that would end before it opens loses its first day. changed: names of fields.
    """
    for stage, name in PLANNED.items():
        if name not in changed:
            continue
        row = StageWindow.objects.filter(period=period, stage=stage).first()
        if row is None:
            continue
        row.closes_on = getattr(period, name)
        if row.opens_on and row.closes_on and row.closes_on < row.opens_on:
            row.opens_on = None
        if row.opens_on or row.closes_on:
            row.save(update_fields=["opens_on", "closes_on"])
        else:
            row.delete()


def _days_text(days: Days) -> str:
    return "/".join(day.isoformat() if day else "" for day in days)


@transaction.atomic
def extend(
    *,
    period: Period,
    stage: str,
    units: Sequence[Unit],
    until: date,
    reason: str,
    approver: str,
    by: User,
) -> list[WindowExtension]:
    """Give units longer for a stage, until 24.00 WIB of a day; a running repair gets it at once.

    Raises WindowRefused: no unit, no reason, a day that is over or not later than the stage's own.
    """
    # The period first, so that two who extend at once follow one another.
    period = Period.objects.select_for_update().get(pk=period.pk)
    refuse_closed(period)
    reason, approver = _said(reason, REASON_MAX), _said(approver, 200)
    if not units:
        raise WindowRefused(_("Pilih sedikitnya satu unit."))
    if not reason:
        raise WindowRefused(_("Tulis alasan perpanjangan."))
    if not approver:
        raise WindowRefused(_("Tulis siapa yang menyetujui perpanjangan."))
    if until < timezone.localdate():
        raise WindowRefused(_("Hari itu sudah lewat. Pilih hari ini atau sesudahnya."))
    closes = (
        StageWindow.objects.filter(period=period, stage=stage)
        .values_list("closes_on", flat=True)
        .first()
    )
    if closes and until <= closes:
        raise WindowRefused(_("Perpanjangan harus sesudah akhir jendela tahap ini."))
    rows = WindowExtension.objects.bulk_create(
        WindowExtension(
            period=period,
            unit=unit,
            stage=stage,
            until=until,
            reason=reason,
            approver=approver,
            by=by,
        )
        for unit in units
    )
    sheets = Assessment.objects.newest_versions().filter(period=period, unit__in=units)
    sheets = list(sheets.select_related("unit").order_by("pk"))
    facts = {
        "stage": str(stage),
        "until": until.isoformat(),
        "reason": reason,
        "approver": approver,
    }
    for sheet in sheets:
        locked = lock_assessment(sheet)
        if stage == Stage.REPAIR and locked.state == State.REPAIR:
            ends = end_of(until)
            if ends <= locked.repair_due:
                raise WindowRefused(
                    _("{unit}: perbaikan sudah berbatas {end}.").format(
                        unit=locked.unit.label,
                        end=deadline_in(locked.repair_due, locked.unit.time_zone),
                    )
                )
            locked.repair_due = ends
            locked.save(update_fields=["repair_due"])
        audit.record(locked, [audit.Fact("window_extended", str(stage), facts)], by=by)
    _tell(sheets, stage, until)
    units_known = [unit.pk for unit in units]
    fact = audit.Fact("period.extended", f"period:{period.pk}", facts | {"units": units_known})
    audit.record_system([fact], by=by)
    return rows


def _said(text: str, most: int) -> str:
    try:
        return clean_text(text, most).strip()
    except ValueError as error:
        raise WindowRefused(str(error)) from error


def _tell(sheets: Sequence[Assessment], stage: str, until: date) -> None:
    """Tell whoever works on the stage: the unit's people, or the rank of its team."""
    today, label = timezone.localdate(), Stage(stage).label
    rank = RANK_OF_STATE.get(stage)
    for sheet in sheets:
        if rank:
            people = Q(team_places__assessment=sheet, team_places__rank=rank)
        else:
            people = Q(
                memberships__unit=sheet.unit_id,
                memberships__role__in=(
                    Role.UNIT_HEAD,
                    Role.ZI_LEAD,
                    Role.UNIT_OPERATOR,
                    Role.AREA_COORDINATOR,
                ),
                memberships__valid_from__lte=today,
            ) & (Q(memberships__valid_to=None) | Q(memberships__valid_to__gte=today))
        text = _("{unit}: {stage} diperpanjang sampai {end}.").format(
            unit=sheet.unit.label,
            stage=str(label).lower(),
            end=deadline_in(end_of(until), sheet.unit.time_zone),
        )
        Notification.objects.bulk_create(
            Notification(user=user, kind="extended", text=text, url=sheet.get_absolute_url())
            for user in User.objects.active().filter(people).distinct()
        )
