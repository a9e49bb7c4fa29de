"""What waits for a person in the recommendations, for the home page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import TeamMember
from assistance.models import Recommendation, RecommendationState
from units.access import Permission, access_of
from units.models import User
from zona.worklist import Task, TaskList, Tone

SOON_DAYS = 14
SHOWN = 6
WITH_UNIT = (
    RecommendationState.OPEN,
    RecommendationState.UNDER_WAY,
    RecommendationState.NOT_MET,
)


def tasks_of(user: User) -> TaskList | None:
    """Return what the person shall do or decide; at most one query for a role."""
    access = access_of(user)
    today = timezone.localdate()
    tasks: list[Task] = []
    if access.unit_grants:
        tasks += _owner_tasks(user, today)
    if access.has(Permission.TPI_ASSESS):
        tasks += _adviser_tasks(user, today)
    return TaskList(tuple(tasks)) if tasks else None


def _owner_tasks(user: User, today: date) -> Iterator[Task]:
    """Yield what the person owns: the first ones singly, the rest in one line."""
    mine = (
        Recommendation.objects.visible_to(user)
        .owned_by(user)
        .filter(state__in=WITH_UNIT)
        .select_related("unit", "indicator")
        .order_by("due_on", "pk")
    )
    rows = list(mine[: 10 * SHOWN])
    for row in rows[:SHOWN]:
        again = row.state == RecommendationState.NOT_MET
        title = _("Perbaiki tindak lanjut {code}") if again else _("Tindak lanjuti {code}")
        yield Task(
            title.format(code=row.code),
            row.get_absolute_url(),
            _first_line(row.advice),
            icon="undo-2" if again else "flag",
            tone=Tone.WARN if again or (row.due_on - today).days <= SOON_DAYS else Tone.PLAIN,
            since=row.state_changed_at,
            due=row.due_on,
        )
    rest = len(rows) - SHOWN
    if rest > 0:
        yield Task(
            ngettext(
                "Tindak lanjuti %(n)d rekomendasi lain",
                "Tindak lanjuti %(n)d rekomendasi lain",
                rest,
            )
            % {"n": rest},
            f"{reverse('assistance:register')}?tampil=saya",
            _("Urut menurut batas waktu"),
            icon="flag",
        )


def _adviser_tasks(user: User, today: date) -> Iterator[Task]:
    """Yield, per unit of the person's teams, what waits for verification or a decision."""
    rows = (
        Recommendation.objects.living()
        .filter(Exists(TeamMember.objects.filter(user=user, assessment__unit=OuterRef("unit"))))
        .for_list()
        .filter(Q(state=RecommendationState.REPORTED) | Q(wish_waits=True))
        .exclude(state=RecommendationState.REPORTED, created_by=user, wish_waits=False)
        .order_by("state_changed_at", "pk")[: 2 * SHOWN]
    )
    for row in rows:
        if row.wish_waits:
            yield Task(
                _("Putuskan perpanjangan {code}").format(code=row.code),
                row.get_absolute_url(),
                f"{row.unit.label}: {_first_line(row.advice)}",
                icon="calendar-clock",
                tone=Tone.INFO,
                due=row.due_on,
            )
        else:
            yield Task(
                _("Verifikasi {code}").format(code=row.code),
                row.get_absolute_url(),
                f"{row.unit.label}: {_first_line(row.advice)}",
                icon="badge-check",
                tone=Tone.INFO,
                since=row.state_changed_at,
            )


def _first_line(text: str, most: int = 110) -> str:
    line = text.strip().split("\n", 1)[0]
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
