"""Acts of the control room: reminders, once a day for the same thing, and announcements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.control.holders import holders_of
from assessments.models import (
    Announcement,
    AnnouncementRead,
    Assessment,
    Nudge,
    Period,
    State,
)
from assessments.services.freeze import refuse_closed
from units.access import MINISTRY_WIDE_ROLES, access_of
from units.models import Membership, Unit, User
from zona import audit
from zona.models import Notification

NUDGE_KIND = "nudge"
MAILED_WITHIN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Reminder:
    """What one person would be, or was, reminded of: his worksheets, the longest waiting first."""

    user: User
    sheets: tuple[Assessment, ...]


@dataclass(frozen=True, slots=True)
class NudgePlan:
    """Who is reminded of what; and the worksheets for which nobody is, by reason."""

    reminders: tuple[Reminder, ...]
    already: tuple[Assessment, ...]
    nobody: tuple[Assessment, ...]
    own: tuple[Assessment, ...]

    @property
    def sheet_count(self) -> int:
        """Return of how many worksheets somebody is reminded."""
        return len({sheet.pk for item in self.reminders for sheet in item.sheets})


def plan_nudges(
    *, period: Period, sheets: Sequence[Assessment], today: date | None = None
) -> NudgePlan:
    """Return whom a reminder about these worksheets would reach today; three statements.

    Who was reminded of the same step today is left out. sheets: with ``unit`` loaded.
    """
    today = today or timezone.localdate()
    sheets = sorted(sheets, key=lambda sheet: (sheet.state_changed_at, sheet.pk))
    holders = holders_of(sheets, period)
    known = Nudge.objects.filter(assessment__period=period, on=today)
    done = set(known.values_list("assessment_id", "user_id", "topic"))
    found: dict[int, tuple[User, list[Assessment]]] = {}
    already, nobody, own = [], [], []
    for sheet in sheets:
        holder = holders[sheet.pk]
        if holder.is_secretariat or sheet.state == State.FINAL:
            own.append(sheet)
            continue
        if not holder.people:
            nobody.append(sheet)
            continue
        told = [user for user in holder.people if (sheet.pk, user.pk, sheet.state) in done]
        if len(told) == len(holder.people):
            already.append(sheet)
        for user in holder.people:
            if user not in told:
                found.setdefault(user.pk, (user, []))[1].append(sheet)
    reminders = [Reminder(user, tuple(mine)) for user, mine in found.values()]
    reminders.sort(key=lambda item: (-len(item.sheets), str(item.user)))
    return NudgePlan(tuple(reminders), tuple(already), tuple(nobody), tuple(own))


@transaction.atomic
def nudge(*, period: Period, sheets: Iterable[Assessment], by: User) -> NudgePlan:
    """Remind whoever holds these worksheets, each person once a day for the same step.

    A notice stands at once; the mail is part of his next daily digest. Returns who was reminded.
    """
    # The period's lock puts two secretaries who press at once one after the other.
    refuse_closed(Period.objects.select_for_update().get(pk=period.pk))
    now = timezone.now()
    today = timezone.localdate(now)
    plan = plan_nudges(period=period, sheets=list(sheets), today=today)
    Nudge.objects.bulk_create(
        Nudge(assessment=sheet, user=item.user, topic=sheet.state, on=today, at=now, by=by)
        for item in plan.reminders
        for sheet in item.sheets
    )
    Notification.objects.bulk_create(
        Notification(user=item.user, kind=NUDGE_KIND, text=_text(item), url=_url(item))
        for item in plan.reminders
    )
    if plan.reminders:
        data = {
            "people": len(plan.reminders),
            "assessments": sorted({s.pk for item in plan.reminders for s in item.sheets}),
        }
        fact = audit.Fact("control.nudged", f"period:{period.pk}", data)
        audit.record_system([fact], by=by)
    return plan


def _text(item: Reminder) -> str:
    first = item.sheets[0]
    if len(item.sheets) == 1:
        return _("Diingatkan sekretariat: {unit} menunggu Anda ({state}).").format(
            unit=first.unit.label, state=State(first.state).label.lower()
        )
    return ngettext(
        "Diingatkan sekretariat: {n} LKE menunggu Anda, yang terlama {unit}.",
        "Diingatkan sekretariat: {n} LKE menunggu Anda, yang terlama {unit}.",
        len(item.sheets),
    ).format(n=len(item.sheets), unit=first.unit.label)


def _url(item: Reminder) -> str:
    if len(item.sheets) == 1:
        return reverse("assessments:worksheet_home", args=[item.sheets[0].pk])
    return reverse("zona:home")


def unmailed(today: date) -> dict[User, list[Nudge]]:
    """Return the reminders that no digest carries yet, by person; one statement.

    Only where the worksheet still waits in the same state: what was done meanwhile is not asked
    for again.
    """
    oldest = today - timedelta(days=MAILED_WITHIN_DAYS)
    rows = Nudge.objects.filter(mailed_on=None, on__gte=oldest, on__lte=today, user__is_active=True)
    found: dict[User, list[Nudge]] = {}
    for row in rows.select_related("user", "assessment__unit").order_by("pk"):
        if row.assessment.state == row.topic:
            found.setdefault(row.user, []).append(row)
    return found


def mark_mailed(nudges: Iterable[Nudge], today: date) -> None:
    """Note that a digest of this day carries these reminders."""
    Nudge.objects.filter(pk__in=[row.pk for row in nudges]).update(mailed_on=today)


# Announcements --------------------------------------------------------------------------------


@transaction.atomic
def announce(*, units: Iterable[Unit], by: User, **fields: Any) -> Announcement:
    """Show a text to the people of these units. fields: title, text, starts_on, ends_on."""
    announcement = Announcement.objects.create(created_by=by, **fields)
    announcement.units.set(units)
    data = {"title": announcement.title, "units": announcement.units.count()}
    fact = audit.Fact("announcement.made", f"announcement:{announcement.pk}", data)
    audit.record_system([fact], by=by)
    return announcement


@transaction.atomic
def withdraw_announcement(*, announcement: Announcement, by: User) -> Announcement:
    """Take an announcement from everybody's home page; doing it again changes nothing."""
    announcement = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if announcement.withdrawn_at is None:
        announcement.withdrawn_at, announcement.withdrawn_by = timezone.now(), by
        announcement.save(update_fields=["withdrawn_at", "withdrawn_by"])
        fact = audit.Fact("announcement.withdrawn", f"announcement:{announcement.pk}")
        audit.record_system([fact], by=by)
    return announcement


def audience_of(announcement: Announcement):
    """Return the memberships by which people are meant: roles on the units themselves."""
    rows = Membership.objects.in_force().filter(unit__announcements=announcement)
    return rows.filter(user__is_active=True).exclude(role__in=MINISTRY_WIDE_ROLES)


def units_of(user: User) -> set[int]:
    """Return the units by whose membership a person is meant by announcements."""
    grants = access_of(user).grants
    return {grant.unit_id for grant in grants if grant.role not in MINISTRY_WIDE_ROLES}


def unread_by(user: User):
    """Return the announcements that the person's home page shows today, the newest first."""
    today = timezone.localdate()
    rows = Announcement.objects.filter(
        units__in=units_of(user), starts_on__lte=today, ends_on__gte=today, withdrawn_at=None
    )
    return rows.exclude(reads__user=user).select_related("created_by").distinct()


@transaction.atomic
def mark_read(*, announcement: Announcement, by: User) -> None:
    """Note that a person has read an announcement; once."""
    AnnouncementRead.objects.get_or_create(announcement=announcement, user=by)
