"""A unit's figures of a year: what it manages, and how its reform stands."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from units.models import Unit, UnitFigures, User
from units.services.tree import check_version, differences, lock_unit
from zona import audit

FIGURE_FIELDS = ("budget_idr", "revenue_idr", "staff", "services", "reform", "source")
FIRST_YEAR = 2000


class FiguresRefused(Exception):
    """Figures cannot be written down like this; the text is a sentence for the user."""


@transaction.atomic
def record_figures(
    *, unit: Unit, year: int, by: User | None, version: int | None = None, **fields: Any
) -> UnitFigures:
    """Write down a unit's figures of a year, or correct what is written.

    fields: those of FIGURE_FIELDS. Raises FiguresRefused for a year that has not come, for
    figures without a source and for none at all; RowChanged.
    """
    unit = lock_unit(unit.pk)
    if not FIRST_YEAR <= year <= timezone.localdate().year:
        raise FiguresRefused(_("Tahun angka belum tiba atau terlalu lama."))
    row = UnitFigures.objects.filter(unit=unit, year=year).first() or UnitFigures(
        unit=unit, year=year
    )
    check_version(row, version)
    changed = differences(row, fields)
    if not changed:
        return row
    for name in changed:
        setattr(row, name, fields[name])
    if row.is_empty:
        raise FiguresRefused(_("Isi sedikitnya satu angka."))
    if not row.source:
        raise FiguresRefused(_("Tulis sumber angkanya."))
    row.version += row.pk is not None
    row.save()
    data = {"year": year, "changes": changed}
    audit.record(unit, [audit.Fact("figures.recorded", f"figures:{row.pk}", data)], by=by)
    return row
