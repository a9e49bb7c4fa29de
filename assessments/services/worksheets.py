"""Opening worksheets: one per unit and period, with every answer blank."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import Catalog, catalog_of
from assessments.models import Answer, Assessment, Period, Predicate, Score, Track
from assessments.services.scores import score_fields
from units.models import Unit, User
from zona import audit


class CannotOpen(Exception):
    """A worksheet can't be opened for a unit; says why."""


@transaction.atomic
def open_assessment(
    *, unit: Unit, period: Period, target: str = Predicate.WBK, by: User | None
) -> Assessment:
    """Open the worksheet of a unit in a period, with blank answers on all three tracks.

    Raises CannotOpen for a closed unit or period, or where one is open already.
    """
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    rows = Period.objects.select_for_update(of=("self",)).select_related("instrument")
    period = rows.defer("instrument__document").get(pk=period.pk)
    if not unit.is_assessable:
        raise CannotOpen(_("{unit} tidak dapat dinilai.").format(unit=unit))
    if not period.is_open or period.is_closed:
        raise CannotOpen(_("{period} sudah ditutup.").format(period=period))
    if Assessment.objects.filter(unit=unit, period=period).exists():
        raise CannotOpen(
            _("LKE {unit} untuk {period} sudah dibuka.").format(unit=unit, period=period)
        )
    assessment = Assessment.objects.create(
        unit=unit, period=period, instrument=period.instrument, target=target, opened_by=by
    )
    fill_blank(assessment, catalog_of(period.instrument))
    audit.record(assessment, [audit.Fact("opened", "", {"target": str(target)})], by=by)
    return assessment


def fill_blank(assessment: Assessment, catalog: Catalog) -> None:
    """Create the blank answers and zero scores of a new worksheet; two statements."""
    Answer.objects.bulk_create(
        Answer(assessment=assessment, indicator_id=pk, track=track)
        for track in Track
        for pk in catalog.ids.values()
    )
    fields = score_fields(scoring.score(catalog.engine, {}), catalog)
    Score.objects.bulk_create(
        Score(assessment=assessment, track=track, **fields) for track in Track
    )
