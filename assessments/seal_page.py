"""Seals of a worksheet: what was handed over when, and in what two hand-overs differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.catalog import Catalog, catalog_of
from assessments.dashboard.facts import Links, visible_tracks
from assessments.dashboard.page import track_label
from assessments.models import (
    Assessment,
    DocumentCheck,
    ImplementationCheck,
    Rank,
    Reason,
    RowState,
    Seal,
)
from assessments.services.checks import WARNINGS
from assessments.services.seals import is_intact, waived_in
from units.models import User

OCCASIONS = {
    "submit": gettext_lazy("Diajukan ke TPI"),
    "repair": gettext_lazy("Perbaikan dikembalikan"),
    "final": gettext_lazy("Ditetapkan final"),
}


@dataclass(frozen=True, slots=True)
class SealLine:
    """One seal in the list."""

    pk: int
    occasion: str
    track: str
    signer: str
    signed_at: datetime
    total: Decimal
    sha256: str
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one row in which two seals differ; blank means it said nothing."""

    code: str
    url: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WaivedRule:
    """A rule that stood broken at the hand-over: its name, why, and the rows with their way."""

    title: str
    reason: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SealPage:
    """A seal opened: its figures, whether it still holds, and what changed since another.

    nodes: (code, name, points) of every area's nodes. other: the seal it is compared with.
    """

    line: SealLine
    intact: bool
    instrument: str
    engine_version: str
    answered: int
    met: tuple[tuple[str, bool], ...]
    nodes: tuple[tuple[str, str, Decimal], ...]
    other: SealLine | None
    others: tuple[SealLine, ...]
    differences: tuple[Difference, ...]
    waived: tuple[WaivedRule, ...]


def visible_seals(user: User, assessment: Assessment):
    """Return the seals of the tracks that a person sees in full, the newest first."""
    return assessment.seals.filter(track__in=visible_tracks(user, assessment)).select_related(
        "signed_by"
    )


def seal_list(assessment: Assessment, user: User) -> tuple[SealLine, ...]:
    """Return the seals that a person may see, the newest first; one statement."""
    return tuple(_line(seal) for seal in visible_seals(user, assessment).defer("payload"))


def seal_page(assessment: Assessment, user: User, seal: Seal, other: str = "") -> SealPage:
    """Return a seal opened and compared with another one of the same worksheet.

    other: that one's key; by default the one before it on the same track, if any.
    """
    catalog = catalog_of(assessment.instrument)
    rest = [item for item in visible_seals(user, assessment) if item.pk != seal.pk]
    before = next((item for item in rest if str(item.pk) == other), None) or next(
        (item for item in rest if item.track == seal.track and item.pk < seal.pk), None
    )
    payload = json.loads(seal.payload)
    points = payload["score"]["safe"]["nodes"]
    return SealPage(
        line=_line(seal),
        intact=is_intact(seal),
        instrument=payload["instrument"],
        engine_version=payload["engine_version"],
        answered=sum("choice" in row or "inputs" in row for row in payload["answers"].values()),
        met=tuple(payload["score"]["met"].items()),
        nodes=tuple(
            (code, catalog.engine.nodes[code].name, Decimal(points[code]))
            for area in catalog.engine.areas
            for code in area.nodes
        ),
        other=_line(before) if before else None,
        others=tuple(_line(item) for item in rest),
        differences=tuple(_differences(assessment, catalog, before, seal)) if before else (),
        waived=_waived(assessment, catalog, seal),
    )


def _waived(assessment: Assessment, catalog: Catalog, seal: Seal) -> tuple[WaivedRule, ...]:
    links = Links.of(assessment, catalog)
    rows: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for item in waived_in(seal.payload):
        found = rows.setdefault((item.rule, item.reason), [])
        if item.code:
            found.append((item.code, links.row(catalog, item.code)))
    return tuple(
        WaivedRule(str(WARNINGS.get(rule, rule)), reason, tuple(found))
        for (rule, reason), found in rows.items()
    )


def _line(seal: Seal) -> SealLine:
    return SealLine(
        pk=seal.pk,
        occasion=occasion_text(seal.occasion),
        track=track_label(seal.track),
        signer=str(seal.signed_by) if seal.signed_by else _("tenggat"),
        signed_at=seal.signed_at,
        total=seal.safe_total,
        sha256=seal.sha256,
        reason=seal.reason,
    )


def occasion_text(occasion: str) -> str:
    """Return an occasion in words: which hand-over it was."""
    if occasion in OCCASIONS:
        return str(OCCASIONS[occasion])
    name, _colon, rank = occasion.partition(":")
    if name == "hand_over" and rank in Rank.values:
        return _("Diteruskan oleh {rank}").format(rank=str(Rank(rank).label).lower())
    return occasion


FIELDS = {
    "choice": gettext_lazy("Nilai"),
    "inputs": gettext_lazy("Isian"),
    "condition": gettext_lazy("Uraian kondisi"),
    "advice": gettext_lazy("Saran perbaikan"),
    "reason": gettext_lazy("Alasan berbeda"),
    "document_check": gettext_lazy("Dokumen"),
    "implementation_check": gettext_lazy("Implementasi"),
    "review_state": gettext_lazy("Keadaan butir"),
    "awaits_data": gettext_lazy("Menunggu data"),
}
_LABELS = {
    "reason": Reason,
    "document_check": DocumentCheck,
    "implementation_check": ImplementationCheck,
    "review_state": RowState,
}


def _differences(assessment: Assessment, catalog: Catalog, before: Seal, after: Seal):
    """Yield what differs, in the worksheet's order."""
    old = json.loads(before.payload)["answers"]
    new = json.loads(after.payload)["answers"]
    links = Links.of(assessment, catalog)
    for code in catalog.ids:
        left, right = old.get(code, {}), new.get(code, {})
        for field, name in FIELDS.items():
            values = [_words(field, row.get(field), catalog, code) for row in (left, right)]
            if values[0] != values[1]:
                yield Difference(code, links.row(catalog, code), str(name), *values)


def _comma(number: str) -> str:
    return number.replace(".", ",")


def _words(field: str, value, catalog: Catalog, code: str) -> str:
    """Return a sealed value as people read it; the unreviewed state says nothing."""
    if not value or value == RowState.UNREVIEWED:
        return ""
    if field == "inputs":
        labels = {item.name: item.label for item in catalog.engine.indicators[code].inputs}
        parts = (f"{labels.get(name, name)}: {_comma(number)}" for name, number in value.items())
        return "; ".join(parts)
    if field in _LABELS:
        return str(_LABELS[field](value).label)
    return _("ya") if field == "awaits_data" else str(value)
