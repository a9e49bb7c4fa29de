"""One recommendation as its page shows it: its steps, and what the person may do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assistance import permissions
from assistance.models import (
    WITH_UNIT,
    DueDateExtension,
    FollowUp,
    Priority,
    Recommendation,
    RecommendationState,
)
from assistance.register import StateChip, chip_of
from units.access import Role
from units.models import User

STEP_FORMS = {
    "verify": "tuntas",
    "refuse": "belum-sesuai",
    "give_up": "tidak-dapat",
    "reopen": "buka",
}
ALL_FORMS = STEP_FORMS | {"progress": "perkembangan", "finish": "selesai"}
"""Which form stands for which step."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A recommendation's page. holder: who acts next, in a sentence.

    judge_note: why an adviser who cannot judge it cannot.
    """

    chip: StateChip
    days_late: int
    age_days: int
    days_left: int
    holder: str
    statement: str
    row_url: str
    steps: tuple[FollowUp, ...]
    wish: DueDateExtension | None
    earlier: Recommendation | None
    repeated_by: tuple[Recommendation, ...]
    can_change: bool
    can_follow_up: bool
    can_judge: bool
    judge_note: str
    can_give_up: bool
    can_reopen: bool
    can_decide: bool
    can_ask: bool


def build_detail(row: Recommendation, user: User) -> Detail:
    """Return what the page shows; four statements, five for assessors."""
    today = timezone.localdate()
    standing = permissions.standing_of(user, row.unit)
    steps = tuple(
        row.follow_ups.select_related("by").prefetch_related("evidence__evidence").order_by("-pk")
    )
    wish = row.extensions.waiting().select_related("asked_by").first() if row.is_living else None
    can_follow_up = permissions.can_follow_up(user, row, standing)
    can_judge = permissions.can_judge(user, row, standing)
    statement, row_url = _row_of(row)
    waits = standing.advises and row.state == RecommendationState.REPORTED and not can_judge
    return Detail(
        chip=chip_of(row.state),
        days_late=row.days_late(today),
        age_days=row.age_days(today),
        days_left=(row.due_on - today).days,
        holder=_holder(row),
        statement=statement,
        row_url=row_url,
        steps=steps,
        wish=wish,
        earlier=row.repeats,
        repeated_by=tuple(row.repeated_by.order_by("pk")[:5]),
        can_change=permissions.can_change(user, row, standing),
        can_follow_up=can_follow_up,
        can_judge=can_judge,
        judge_note=_("Rekomendasi Anda sendiri diverifikasi oleh orang lain dari tim.")
        if waits
        else "",
        can_give_up=permissions.can_give_up(user, row, standing),
        can_reopen=permissions.can_reopen(user, row, standing),
        can_decide=wish is not None
        and wish.asked_by_id != user.pk
        and permissions.can_decide_extension(user, row, standing),
        can_ask=can_follow_up and wish is None,
    )


def _holder(row: Recommendation) -> str:
    if row.state in WITH_UNIT:
        return _("Menunggu tindak lanjut {owner}.").format(owner=row.owner_name)
    if row.state == RecommendationState.REPORTED:
        return _("Menunggu verifikasi tim penilai.")
    if row.state == RecommendationState.DONE:
        return _("Tuntas; tidak ada yang menunggu.")
    return _("Dinyatakan tidak dapat ditindaklanjuti; tidak ada yang menunggu.")


def _row_of(row: Recommendation) -> tuple[str, str]:
    """Return the statement of the indicator and the way to its row in the worksheet."""
    if row.indicator_id is None:
        return "", ""
    if row.assessment_id is None:
        return row.indicator.statement, ""
    section = reverse("assessments:worksheet", args=[row.assessment_id, row.section])
    return row.indicator.statement, f"{section}?butir={row.indicator.code}#{row.indicator.code}"


# Two people at once -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which what was typed differs from what somebody else saved."""

    label: str
    mine: str
    saved: str


@dataclass(frozen=True, slots=True)
class EditConflict:
    """Somebody else saved first: the fields that differ."""

    by: str
    differences: tuple[Difference, ...]


def edit_conflict(current: Recommendation, mine: dict[str, Any]) -> EditConflict:
    """Return where the typed values differ from the saved ones; one statement."""
    last = current.follow_ups.select_related("by").order_by("-pk").first()
    owner = mine["owner"]
    pairs = (
        (_("Kondisi"), mine["condition"], current.condition),
        (_("Kriteria"), mine["criterion"], current.criterion),
        (_("Akibat"), mine["effect"], current.effect),
        (_("Saran"), mine["advice"], current.advice),
        (_("Prioritas"), str(Priority(mine["priority"]).label), current.get_priority_display()),
        (_("Batas waktu"), _iso(mine["due_on"]), _iso(current.due_on)),
        (
            _("Penanggung jawab"),
            str(Role(owner).label) if isinstance(owner, str) else str(owner),
            current.owner_name,
        ),
    )
    return EditConflict(
        by=str(last.by) if last and last.by else "",
        differences=tuple(
            Difference(label, str(typed), str(saved))
            for label, typed, saved in pairs
            if str(typed) != str(saved)
        ),
    )


def _iso(day: date) -> str:
    return f"{day:%d-%m-%Y}"
