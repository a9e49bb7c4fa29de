"""The way from a unit's page to its surveys."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from surveys.permissions import can_manage
from units.access import Permission, has_permission
from units.models import Unit, User


@dataclass(frozen=True, slots=True)
class UnitPanel:
    """Where the unit's indices stand, and where a survey is planned (empty for who may not)."""

    url: str
    create_url: str


def unit_panel(user: User, *, unit: Unit) -> UnitPanel | None:
    """Return the way to a unit's surveys; None for the ministry and for who sees none."""
    if not unit.is_assessable or not has_permission(user, Permission.SURVEY_VIEW, unit):
        return None
    create = reverse("surveys:survey_create", args=[unit.pk]) if can_manage(user, unit) else ""
    return UnitPanel(reverse("surveys:unit_surveys", args=[unit.pk]), create)
