"""The search over all that a person may see: units, people, indicators."""

from __future__ import annotations

import dataclasses

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Indicator, Period
from units.access import Permission, has_permission
from units.models import Unit, User

SHOWN = 15
SHORTEST = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what it is called, where it stands, what it is."""

    title: str
    url: str
    note: str
    code: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind; ``more`` says that there are others not shown."""

    title: str
    icon: str
    hits: tuple[Hit, ...]
    more: bool = False
    more_url: str = ""


def find(user: User, text: str) -> list[Group]:
    """Return what the words find, in groups; nothing for a text shorter than two letters.

    At most 15 hits a group, each group one query and only of rows that the person may see.
    """
    text = text.replace("\x00", " ")  # PostgreSQL takes no NUL
    if len(text.strip()) < SHORTEST:
        return []
    groups = [_units(user, text), _indicators(text)]
    if has_permission(user, Permission.PEOPLE_VIEW):
        groups.insert(1, _people(user, text))
    return [group for group in groups if group.hits]


def _group(title: str, icon: str, hits: list[Hit], more_url: str = "") -> Group:
    return Group(title, icon, tuple(hits[:SHOWN]), len(hits) > SHOWN, more_url)


def _units(user, text) -> Group:
    rows = Unit.objects.visible_to(user).search(text).select_related("parent")[: SHOWN + 1]
    hits = [
        Hit(unit.name, unit.get_absolute_url(), unit.parent.name if unit.parent else "", unit.code)
        for unit in rows
    ]
    return _group(_("Unit kerja"), "building-2", hits, reverse("units:unit_list"))


def _people(user, text) -> Group:
    rows = User.objects.visible_to(user).search(text).order_by("name")[: SHOWN + 1]
    hits = [
        Hit(person.name, reverse("units:person_detail", args=[person.pk]), person.position)
        for person in rows
    ]
    return _group(_("Orang"), "user-round", hits, reverse("units:person_list"))


def _indicators(text) -> Group:
    """Find indicators of the current period's instrument by code or by the words they ask."""
    period = Period.objects.defer("instrument__document").current()
    if period is None:
        return _group(_("Indikator"), "list", [])
    words = Q()
    for word in text.split():
        words &= Q(statement__icontains=word)
    rows = Indicator.objects.filter(
        Q(code__istartswith=text.strip()) | words, instrument_id=period.instrument_id
    ).select_related("node")[: SHOWN + 1]
    address = period.instrument.get_absolute_url()
    hits = [Hit(row.statement, f"{address}#{row.code}", row.node.name, row.code) for row in rows]
    return _group(
        _("Indikator %(instrument)s") % {"instrument": period.instrument}, "list", hits, address
    )
