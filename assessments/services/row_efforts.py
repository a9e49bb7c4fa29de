"""What a unit says of a row's effort: set, changed, taken back; audited, never a track's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import Catalog, catalog_of
from assessments.models import Assessment, RowEffort
from assessments.permissions import can_set_efforts
from assessments.services.answers import clean_text
from assessments.services.freeze import refuse_closed
from units.models import User
from zona import audit

REASON_MAX = 300
FIELDS = ("effort", "is_pinned", "reason", "earliest_on", "index_target")


class EffortRefused(Exception):
    """The effort of a row can't be set like this; says why. ``field`` names what is wrong."""

    def __init__(self, message: str, field: str | None = None):
        super().__init__(message)
        self.field = field


class EffortStale(Exception):
    """Somebody else changed the row's plan meanwhile; ``fresh`` is it now, None when taken back."""

    def __init__(self, fresh: RowEffort | None):
        super().__init__()
        self.fresh = fresh


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the unit says of a row; the defaults say nothing, as if it had no plan."""

    effort: int = RowEffort.MIN_EFFORT
    is_pinned: bool = False
    reason: str = ""
    earliest_on: date | None = None
    index_target: Decimal | None = None


@transaction.atomic
def set_row_effort(
    *, assessment: Assessment, code: str, wanted: Wanted, base_version: int, by: User
) -> RowEffort | None:
    """Say what a row costs the unit; ``Wanted()`` takes back what was said and returns None.

    base_version: the version that the person has seen, 0 where nothing was said.

    Raises EffortRefused (not his row, an unknown row, a value that can't be) or EffortStale.
    """
    locked = (
        Assessment.objects.select_for_update(of=("self",))
        .select_related("unit", "instrument", "period")
        .get(pk=assessment.pk)
    )
    refuse_closed(locked.period)
    catalog = catalog_of(locked.instrument)
    if code not in catalog.ids:
        raise EffortRefused(_("Butir {x} tidak dikenal.").format(x=scoring.shown(code)))
    if not can_set_efforts(by, locked, catalog.section_of[code].code):
        message = _("Pengaturan butir ini bukan wewenang Anda, atau penilaian sudah final.")
        raise EffortRefused(message)
    cleaned = _cleaned(catalog, code, wanted)
    row = RowEffort.objects.filter(assessment=locked, indicator=catalog.ids[code]).first()
    before = _values(row)
    if before == cleaned:
        return row
    if base_version != (row.version if row else 0):
        raise EffortStale(row)
    if cleaned == Wanted():
        row.delete()
        row = None
    else:
        row = row or RowEffort(assessment=locked, indicator_id=catalog.ids[code], version=0)
        for name in FIELDS:
            setattr(row, name, getattr(cleaned, name))
        row.version += 1
        row.changed_at, row.changed_by = timezone.now(), by
        row.save()
    said = {
        "from": {name: _said(getattr(before, name)) for name in FIELDS},
        "to": {name: _said(getattr(cleaned, name)) for name in FIELDS},
    }
    audit.record(locked, [audit.Fact("effort_set", code, said)], by=by)
    return row


def _values(row: RowEffort | None) -> Wanted:
    return Wanted(**{name: getattr(row, name) for name in FIELDS}) if row else Wanted()


def _cleaned(catalog: Catalog, code: str, wanted: Wanted) -> Wanted:
    if not RowEffort.MIN_EFFORT <= wanted.effort <= RowEffort.MAX_EFFORT:
        raise EffortRefused(_("Upaya 1 sampai 5."), "effort")
    try:
        reason = clean_text(" ".join(wanted.reason.split()), REASON_MAX)
    except ValueError as error:
        raise EffortRefused(str(error), "reason") from error
    if wanted.is_pinned and not reason:
        message = _("Tulis alasan mengapa butir ini tahun ini tidak bisa dinaikkan.")
        raise EffortRefused(message, "reason")
    target = wanted.index_target
    if target is not None:
        row = catalog.engine.indicators[code]
        if not row.is_computed or row.computation.kind != scoring.SCORE04:
            message = _("Target indeks hanya untuk butir indeks survei.")
            raise EffortRefused(message, "index_target")
        if not target.is_finite() or not 0 <= target <= scoring.SURVEY_SCALE:
            raise EffortRefused(_("Target indeks 0 sampai 4."), "index_target")
        target = target.quantize(Decimal("0.01"))
    return Wanted(wanted.effort, wanted.is_pinned, reason, wanted.earliest_on, target)


def _said(value: object) -> str:
    return "" if value is None else str(value)


def effort_sentence(plan: RowEffort | None) -> str:
    """Return what is said of a row, in words: "upaya 3 per langkah · tahun ini tidak bisa"."""
    if plan is None:
        return _("tanpa pengaturan")
    parts = [_("upaya {n} per langkah").format(n=plan.effort)]
    if plan.is_pinned:
        parts.append(_("tahun ini tidak bisa"))
    if plan.earliest_on:
        day = date_format(plan.earliest_on, "j F Y")
        parts.append(_("tidak mungkin sebelum {day}").format(day=day))
    if plan.index_target is not None:
        parts.append(_("target indeks {x}").format(x=scoring.number_text(plan.index_target)))
    if plan.reason:
        parts.append(_("alasan: {x}").format(x=plan.reason))
    return " · ".join(parts)


def stale_effort_sentence(fresh: RowEffort | None) -> str:
    """Return what somebody else made of the row's plan meanwhile."""
    return _(
        "Rekan Anda baru saja mengubah pengaturan butir ini menjadi: {said}. "
        "Periksa isian Anda, lalu simpan sekali lagi bila tetap perlu diubah."
    ).format(said=effort_sentence(fresh))
