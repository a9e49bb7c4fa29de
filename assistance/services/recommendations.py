"""Writing recommendations: one, several at once, and changing their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.catalog import catalog_of
from assessments.models import Assessment, Reason
from assessments.services.answers import clean_text
from assistance.models import (
    FollowUp,
    Priority,
    Recommendation,
    RecommendationState,
    Source,
    Visit,
)
from assistance.permissions import can_change, standing_of
from units.access import UNIT_ROLES
from units.models import Membership, Unit, User
from zona import audit

TEXT_MAX = 4_000
MOST_AT_ONCE = 60


class RecommendationRefused(Exception):
    """A recommendation can't be made or moved like this; the text is the user's sentence."""


class RecommendationChanged(Exception):
    """Somebody else changed it since the form was opened; ``current`` is how it stands now."""

    def __init__(self, current: Recommendation):
        super().__init__(f"recommendation {current.pk} is at version {current.version}")
        self.current = current


@dataclass(frozen=True, slots=True)
class Draft:
    """What a recommendation shall say. code: the indicator, or empty for the unit as a whole.

    owner: a person of the unit, or the name of a role in it.
    """

    condition: str
    advice: str
    owner: User | str
    due_on: date
    code: str = ""
    criterion: str = ""
    effect: str = ""
    priority: int = Priority.MEDIUM
    reason: str = ""


def lock(row: Recommendation) -> tuple[Unit, Recommendation]:
    """Return unit and recommendation, locked in that order, as they stand now."""
    unit = Unit.objects.select_for_update().get(pk=row.unit_id)
    fresh = (
        Recommendation.objects.select_for_update(of=("self",))
        .select_related("indicator", "owner_user", "assessment")
        .get(pk=row.pk)
    )
    fresh.unit = unit
    return unit, fresh


def create_recommendation(
    *,
    unit: Unit,
    draft: Draft,
    source: str,
    by: User,
    assessment: Assessment | None = None,
    visit: Visit | None = None,
) -> Recommendation:
    """Write one recommendation; raises RecommendationRefused with a sentence."""
    return create_many(
        unit=unit, drafts=[draft], source=source, by=by, assessment=assessment, visit=visit
    )[0]


@transaction.atomic
def create_many(
    *,
    unit: Unit,
    drafts: Sequence[Draft],
    source: str,
    by: User,
    assessment: Assessment | None = None,
    visit: Visit | None = None,
) -> list[Recommendation]:
    """Write recommendations for a unit, all or none; the cost hardly grows with their number.

    assessment: the worksheet of the unit whose rows they are about; needed for a draft with an
        indicator and for those of an evaluation. visit: the one that found it.

    Raises RecommendationRefused: not his to write, a due date before today, an owner without
    access to the unit, no text, too many at once.
    """
    locked = Unit.objects.select_for_update().get(pk=unit.pk)
    standing = standing_of(by, locked)
    if not standing.advises and not (standing.plans and source == Source.OWN):
        raise RecommendationRefused(_("Anda tidak dapat membuat rekomendasi untuk unit ini."))
    if source not in Source.values:
        raise RecommendationRefused(_("Sumber rekomendasi tidak dikenal."))
    if not drafts or len(drafts) > MOST_AT_ONCE:
        raise RecommendationRefused(
            _("Pilih 1 sampai {n} rekomendasi sekaligus.").format(n=MOST_AT_ONCE)
        )
    if assessment is not None and assessment.unit_id != locked.pk:
        raise RecommendationRefused(_("Lembar kerja ini milik unit lain."))
    if source == Source.DESK and assessment is None:
        raise RecommendationRefused(
            _("Rekomendasi dari evaluasi TPI dibuat dari butir LKE. Pilih sumber lain.")
        )
    if visit is not None and visit.unit_id != locked.pk:
        raise RecommendationRefused(_("Kunjungan ini ke unit lain."))
    rows = [_row(locked, assessment, draft, source, by) for draft in drafts]
    for row in rows:
        row.visit = visit
        row.repeats = earlier_like(row)
    for row in rows:
        row.save()
    FollowUp.objects.bulk_create(
        FollowUp(recommendation=row, kind=FollowUp.Kind.ISSUED, state=row.state, by=by)
        for row in rows
    )
    facts = [
        audit.Fact("recommendation_issued", f"recommendation:{row.pk}", _told(row)) for row in rows
    ]
    audit.record(locked, facts, by=by)
    return rows


def _row(
    unit: Unit, assessment: Assessment | None, draft: Draft, source: str, by: User
) -> Recommendation:
    indicator_id, section = None, ""
    if draft.code:
        if assessment is None:
            raise RecommendationRefused(_("Butir hanya dapat dirujuk dari sebuah LKE."))
        catalog = catalog_of(assessment.instrument)
        if draft.code not in catalog.ids:
            raise RecommendationRefused(_("Butir {x} tidak dikenal.").format(x=draft.code))
        indicator_id, section = catalog.ids[draft.code], catalog.section_of[draft.code].code
    if draft.reason not in Reason.values:
        raise RecommendationRefused(_("Alasan tidak dikenal."))
    row = Recommendation(
        unit=unit,
        assessment=assessment,
        indicator_id=indicator_id,
        section=section,
        source=source,
        reason=draft.reason,
        created_by=by,
    )
    _write(row, draft)
    return row


def _write(row: Recommendation, draft: Draft) -> None:
    """Put a draft's words, owner and date on a row; raises RecommendationRefused."""
    try:
        for name in ("condition", "criterion", "effect", "advice"):
            setattr(row, name, clean_text(getattr(draft, name).strip(), TEXT_MAX))
    except ValueError as error:
        raise RecommendationRefused(str(error)) from error
    if not row.condition:
        raise RecommendationRefused(_("Tulis kondisi yang ditemukan."))
    if not row.advice:
        raise RecommendationRefused(_("Tulis saran perbaikannya."))
    if draft.priority not in Priority.values:
        raise RecommendationRefused(_("Prioritas tidak dikenal."))
    if draft.due_on != row.due_on and draft.due_on < timezone.localdate():
        raise RecommendationRefused(_("Batas waktu sudah lewat. Pilih hari ini atau sesudahnya."))
    row.priority, row.due_on = draft.priority, draft.due_on
    person, role = owner_of(row.unit, draft.owner)
    row.owner_user, row.owner_role = person, role


def owner_of(unit: Unit, owner: User | str) -> tuple[User | None, str]:
    """Return an owner as the two columns that keep it.

    Raises RecommendationRefused for a person who is no member of the unit today, and for a role
    that nobody holds there.
    """
    members = Membership.objects.in_force().filter(
        unit=unit, role__in=UNIT_ROLES, user__is_active=True
    )
    if isinstance(owner, str):
        if owner not in UNIT_ROLES or not members.filter(role=owner).exists():
            raise RecommendationRefused(
                _(
                    "Belum ada yang memegang peran ini di {unit}. Pilih penanggung jawab lain."
                ).format(unit=unit.label)
            )
        return None, owner
    if not members.filter(user=owner).exists():
        raise RecommendationRefused(
            _(
                "{name} tidak mempunyai akses ke {unit}. Pilih penanggung jawab dari unit ini."
            ).format(name=owner, unit=unit.label)
        )
    return owner, ""


def earlier_like(row: Recommendation) -> Recommendation | None:
    """Return the newest earlier recommendation on the same indicator for the same reason.

    Both count: the same row of the same instrument, and the same reason code; a row without a
    reason repeats nothing.
    """
    if row.indicator_id is None or not row.reason:
        return None
    earlier = Recommendation.objects.filter(
        unit=row.unit_id,
        indicator__code=row.indicator.code,
        indicator__instrument__code=row.assessment.instrument.code,
        reason=row.reason,
    )
    return earlier.order_by("-pk").first()


@transaction.atomic
def update_recommendation(
    *, row: Recommendation, draft: Draft, version: int, by: User
) -> Recommendation:
    """Change wording, owner, priority or due date while nothing was reported.

    version: the one that the form was opened with. Raises RecommendationChanged when somebody
    else was faster, RecommendationRefused for what can't be.
    """
    unit, fresh = lock(row)
    if not can_change(by, fresh):
        raise RecommendationRefused(_("Rekomendasi ini tidak dapat diubah lagi."))
    if fresh.version != version:
        raise RecommendationChanged(fresh)
    before = _told(fresh)
    _write(fresh, draft)
    after = _told(fresh)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changes:
        return fresh
    fresh.version += 1
    fresh.save(
        update_fields=[
            "condition",
            "criterion",
            "effect",
            "advice",
            "priority",
            "due_on",
            "owner_user",
            "owner_role",
            "version",
        ]
    )
    FollowUp.objects.create(
        recommendation=fresh,
        kind=FollowUp.Kind.CHANGED,
        text=_changed_text(changes),
        state=fresh.state,
        by=by,
    )
    fact = audit.Fact("recommendation_changed", f"recommendation:{fresh.pk}", changes)
    audit.record(unit, [fact], by=by)
    return fresh


FIELD_NAMES = {
    "condition": gettext_lazy("kondisi"),
    "criterion": gettext_lazy("kriteria"),
    "effect": gettext_lazy("akibat"),
    "advice": gettext_lazy("saran"),
    "priority": gettext_lazy("prioritas"),
    "due_on": gettext_lazy("batas waktu"),
    "owner": gettext_lazy("penanggung jawab"),
}


def _changed_text(changes: dict[str, list[str]]) -> str:
    names = [str(FIELD_NAMES[name]) for name in changes if name in FIELD_NAMES]
    return _("Diubah: {names}.").format(names=", ".join(names))


def _told(row: Recommendation) -> dict[str, Any]:
    """Return what the audit keeps of a recommendation."""
    return {
        "source": row.source,
        "indicator": row.indicator.code if row.indicator_id else "",
        "condition": row.condition,
        "criterion": row.criterion,
        "effect": row.effect,
        "advice": row.advice,
        "priority": row.priority,
        "due_on": row.due_on.isoformat(),
        "owner": row.owner_name,
        "state": RecommendationState(row.state).value,
    }
