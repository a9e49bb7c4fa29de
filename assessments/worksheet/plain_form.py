"""Rows without a script: a plain form becomes a save request, and what failed is shown again."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from assessments.catalog import Catalog
from assessments.models import (
    CheckMethod,
    ImplementationCheck,
    Reason,
    Track,
)
from assessments.services.answers import FIELDS_OF_TRACK, Conflict, Refusal
from assessments.worksheet.fixed import fixed_of
from assessments.worksheet.rows import value_name
from assessments.worksheet.saving import BadRequest, SaveRequest, check_base
from units.models import User

INPUT_PREFIX = "inputs."

FIELD_NAMES = {
    "choice": _("Nilai"),
    "inputs": _("Jumlah"),
    "condition": _("Uraian kondisi"),
    "advice": _("Saran perbaikan"),
    "reason": _("Alasan berbeda dengan unit"),
    "implementation_check": _("Implementasi"),
    "check_method": _("Cara memeriksa"),
    "check_place": _("Tempat atau siapa"),
    "checked_on": _("Tanggal"),
    "awaits_data": _("Menunggu data"),
}
_LONG = ("condition", "advice")
_LABELS = {
    "reason": Reason,
    "implementation_check": ImplementationCheck,
    "check_method": CheckMethod,
}


@dataclass(frozen=True, slots=True)
class UnsavedField:
    """A field that could not be stored: what was typed, what is stored, and why."""

    name: str
    label: Any
    typed: str
    typed_shown: str
    stored_shown: str
    by: str
    at: datetime | None
    message: str
    is_long: bool
    is_conflict: bool


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What the page after a failed save shows, and what its form sends again."""

    code: str
    track: str
    statement: str
    message: str
    fields: tuple[UnsavedField, ...]
    carried: tuple[tuple[str, str], ...]
    base: str
    base_version: int


def read_form(post: QueryDict, user: User) -> SaveRequest:
    """Return the changes of a row's form: the fields that differ from what the page showed.

    Raises BadRequest for a form that no page of ours has sent.
    """
    try:
        track, base = Track(post["track"]), json.loads(post["base"])
        version = int(post["base_version"])
    except (KeyError, ValueError) as error:
        raise BadRequest(f"missing or malformed: {error}") from error
    check_base(base)
    if "code" not in post:
        raise BadRequest("code must be there")
    changes: dict[str, Any] = {}
    for name in sorted(FIELDS_OF_TRACK[track] - {"inputs", "awaits_data"}):
        if name in post and _text(post[name]) != _text(base.get(name)):
            changes[name] = _text(post[name])
    if "full" in post and "awaits_data" in base:
        awaits = "awaits_data" in post
        if awaits != base["awaits_data"]:
            changes["awaits_data"] = awaits
    counts = {
        name.removeprefix(INPUT_PREFIX): value.strip()
        for name, value in post.items()
        if name.startswith(INPUT_PREFIX)
    }
    if counts and _plain(counts) != _plain(base.get("inputs") or {}):
        changes["inputs"] = counts if any(counts.values()) else None
    return SaveRequest(
        key=uuid.uuid4(),
        user=user.pk,
        code=post["code"],
        track=track,
        base_version=version,
        base=base,
        changes=changes,
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value).replace("\r\n", "\n")


def _plain(counts: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(value).replace(",", ".")
        for name, value in counts.items()
        if value not in (None, "")
    }


def unsaved(
    catalog: Catalog,
    asked: SaveRequest,
    *,
    message: str = "",
    conflicts: Sequence[Conflict] = (),
    refusals: Sequence[Refusal] = (),
) -> Unsaved:
    """Return what a failed save has to show: every typed value, and the stored one beside it."""
    by_field = {item.field: item for item in conflicts}
    faults = {item.field: item.message for item in refusals}
    fields, carried = [], []
    for name, typed in asked.changes.items():
        conflict = by_field.get(name)
        if conflict is None and name not in faults and not message:
            carried += _pairs(name, typed)
            continue
        fields.append(
            UnsavedField(
                name=name,
                label=FIELD_NAMES[name],
                typed=_text(typed) if not isinstance(typed, Mapping) else "",
                typed_shown=shown(catalog, asked.code, name, typed),
                stored_shown=shown(catalog, asked.code, name, conflict.theirs) if conflict else "",
                by=conflict.by if conflict else "",
                at=conflict.at if conflict else None,
                message=faults.get(name, ""),
                is_long=name in _LONG,
                is_conflict=conflict is not None,
            )
        )
        if name not in _LONG:
            carried += _pairs(name, typed)
    version = conflicts[0].version if conflicts else asked.base_version
    base = dict(asked.base) | {item.field: _json(item.theirs) for item in conflicts}
    return Unsaved(
        code=asked.code,
        track=asked.track,
        statement=fixed_of(catalog)[asked.code].statement,
        message=message,
        fields=tuple(fields),
        carried=tuple(carried),
        base=json.dumps(base, ensure_ascii=False),
        base_version=version,
    )


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _pairs(name: str, typed: Any) -> list[tuple[str, str]]:
    """Return the form fields that send a value again."""
    if name == "inputs":
        return [(f"{INPUT_PREFIX}{key}", str(value)) for key, value in (typed or {}).items()]
    if name == "awaits_data":
        return [("full", "1"), ("awaits_data", "1")] if typed else [("full", "1")]
    return [(name, _text(typed))]


def shown(catalog: Catalog, code: str, name: str, value: Any) -> str:
    """Return a field's value in words."""
    if name == "choice":
        return value_name(catalog, code, value or "", None)
    if name == "inputs":
        labels = {item: label for item, label, _type in fixed_of(catalog)[code].inputs}
        counts = value or {}
        return "; ".join(f"{labels.get(key, key)}: {count}" for key, count in counts.items())
    if name in _LABELS and value in _LABELS[name].values:
        return str(_LABELS[name](value).label)
    if name == "awaits_data":
        return str(_("ya") if value else _("tidak"))
    return _text(_json(value))
