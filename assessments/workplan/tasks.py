"""What of a unit's plan waits for a person: the month's activities, and those that are late."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Activity
from assessments.workplan.page import MINE
from units.access import AREA_ROLES, access_of
from units.models import User
from zona.worklist import Task, Tone


def plan_tasks(user: User) -> Iterator[Task]:
    """Yield per unit what is late and what is due this month; one query.

    A person's own activities, and those of nobody in the areas that he looks after; lead and
    head are reminded of all that is late. A year that is over reminds nobody: its plan shows
    what was left undone.
    """
    today = timezone.localdate()
    ends = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    late = Q(due_on__lt=today)
    reach = Q(pk__in=[])
    for grant in access_of(user).unit_grants:
        own = Q(owner=user)
        own |= Q(owner=None, area=grant.area) if grant.area else Q(owner=None)
        if grant.role not in AREA_ROLES:
            own |= late
        reach |= Q(unit=grant.unit_id) & own
    span = (date(today.year, 1, 1), ends)
    waiting = Activity.objects.filter(reach, done_at=None, due_on__range=span)
    rows = waiting.order_by().values("unit", "unit__name", "unit__code", "unit__short_name")
    counted = rows.annotate(
        late=Count("pk", filter=late),
        late_mine=Count("pk", filter=late & Q(owner=user)),
        month=Count("pk", filter=~late),
        first_late=Min("due_on", filter=late),
        next_due=Min("due_on", filter=~late),
    )
    for row in counted:
        label = row["unit__short_name"] or row["unit__code"]
        home = reverse("assessments:plan_detail", args=[row["unit"], today.year])
        if row["late"]:
            shown = MINE if row["late"] == row["late_mine"] else Activity.Status.LATE
            yield Task(
                _("Selesaikan {n} kegiatan {unit} yang terlambat").format(
                    n=row["late"], unit=label
                ),
                f"{home}?saring={shown}",
                _("{unit} · Rencana kerja").format(unit=row["unit__name"]),
                icon="calendar-check",
                tone=Tone.WARN,
                due=row["first_late"],
            )
        if row["month"]:
            yield Task(
                _("Kerjakan {n} kegiatan {unit} bulan ini").format(n=row["month"], unit=label),
                f"{home}?bulan={today.month}",
                _("{unit} · Rencana kerja").format(unit=row["unit__name"]),
                icon="calendar-check",
                tone=Tone.INFO,
                due=row["next_due"],
            )
