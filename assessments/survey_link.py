"""Survey results beside the worksheet: fed where the track is open, otherwise a suggestion.

A unit's own survey feeds the ``unit`` track when its result is locked; the TPI adopts it by an
explicit act. An external index goes to the ``tpn`` track. Where a track is locked nothing is
written: the pane of the row shows the result beside the value. A survey with too few answers
("belum sah") is shown and never written.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.urls import reverse

from assessments.catalog import Catalog, catalog_of
from assessments.models import Assessment, Track
from assessments.permissions import TpiView, pen_of, tpi_view, writing_track
from assessments.scoring import SCORE04
from assessments.services.answers import (
    AnswersLocked,
    AnswersRefused,
    Change,
    record_answers,
)
from surveys import signals
from surveys.models import ExternalIndex, Result, SurveyPart
from surveys.models.questionnaires import INDEX_NAMES, SurveyKind
from surveys.reports import is_near_gate
from units.models import User
from zona import panels

SOURCE = "survey"
ROW_SLOT = "worksheet_row"
KIND_OF_INPUT = {"nilai_ipak": SurveyKind.SPAK, "nilai_ipkp": SurveyKind.SPKP}
COUNTED = {
    "lke-zi-2021": ("A.I.6.iv.a", ((4, "A"), (3, "B"), (2, "C"), (1, "D"), (0, "E"))),
}
"""Per edition: the row that asks how often a year the SKM is held, and from which count a letter.
Source: PermenPANRB 90/2021, A.I.6.iv.a."""

logger = logging.getLogger(__name__)


class NothingToAdopt(Exception):
    """No valid result stands beside the row for this track."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A row that asks for a survey's index: its code, its input, the kind of survey."""

    code: str
    input: str
    kind: str


@dataclass(frozen=True, slots=True)
class SurveyPanel:
    """What stands beside a row that a survey answers.

    ``external`` is None until BPS or a named party has reported. ``adopt_track`` is the track on
    which the person may take a figure over now, empty where there is nothing to take or he holds
    no pen; ``stands_on`` names the tracks that hold the survey's figure already.
    """

    index_name: str
    result: Result | None
    survey_url: str
    is_near: bool
    external: ExternalIndex | None
    report_url: str
    stands_on: tuple[str, ...]
    adopt_track: str
    adopt_value: Decimal | None
    adopt_url: str


@dataclass(frozen=True, slots=True)
class CountPanel:
    """How many satisfaction surveys of the year have a locked result, and which letter that is."""

    count: int
    letter: str
    year: int
    url: str


def connect() -> None:
    """Listen to surveys, and stand beside the rows that they answer."""
    signals.result_locked.connect(on_result_locked, dispatch_uid="assessments.survey_link")
    signals.external_recorded.connect(on_external_recorded, dispatch_uid="assessments.survey_link")
    panels.register(ROW_SLOT, index_panel, "assessments/_survey_index.html", order=20)
    panels.register(ROW_SLOT, count_panel, "assessments/_survey_count.html", order=20)


def index_rows(catalog: Catalog) -> dict[str, IndexRow]:
    """Return the rows of an edition that ask for a survey's index, by their code."""
    found = {}
    for code, indicator in catalog.engine.indicators.items():
        if indicator.is_computed and indicator.computation.kind == SCORE04:
            name = indicator.inputs[0].name
            if name in KIND_OF_INPUT:
                found[code] = IndexRow(code, name, KIND_OF_INPUT[name])
    return found


def row_of_kind(catalog: Catalog, kind: str) -> IndexRow | None:
    """Return the row that asks for the index of a kind of survey, if the edition has one."""
    return next((row for row in index_rows(catalog).values() if row.kind == kind), None)


def on_result_locked(sender, *, results: Sequence[Result], by: User | None, **_signal) -> None:
    """Write locked indices to the open unit tracks of the year; leave the others as suggestions."""
    for result in results:
        part = result.part
        if part.feeds_worksheet and result.is_valid and by is not None:
            _write(part.unit_id, part.year, part.kind, result.index4, Track.UNIT, by)


def on_external_recorded(sender, *, external: ExternalIndex, by: User, **_signal) -> None:
    """Write an external index to the national track of the year where that is open."""
    _write(external.unit_id, external.year, external.kind, external.index4, Track.TPN, by)


def _write(unit_id: int, year: int, kind: str, index4: Decimal, track: Track, by: User) -> None:
    sheets = Assessment.objects.newest_versions().filter(unit_id=unit_id, period__year=year)
    for assessment in sheets.for_page().order_by("pk"):
        row = row_of_kind(catalog_of(assessment.instrument), kind)
        if row is None or pen_of(by, assessment, track) is None:
            continue
        try:
            with transaction.atomic():
                _record(assessment, track, row, index4, by)
        except (AnswersLocked, AnswersRefused) as refusal:
            logger.debug("survey index not written to %s/%s: %s", assessment.pk, track, refusal)


def _record(assessment: Assessment, track: Track, row: IndexRow, index4: Decimal, by: User):
    return record_answers(
        assessment=assessment,
        track=track,
        changes=[Change(row.code, {"inputs": {row.input: str(index4)}})],
        by=by,
        source=SOURCE,
    )


def standing_result(assessment: Assessment, kind: str) -> Result | None:
    """Return the locked result that feeds this worksheet, if there is one; one query."""
    rows = Result.objects.feeding(assessment.unit, assessment.period.year)
    return rows.filter(part__kind=kind).defer("document", "details").first()


def standing_external(assessment: Assessment, kind: str) -> ExternalIndex | None:
    """Return the newest external index of the worksheet's year, if there is one; one query."""
    rows = ExternalIndex.objects.filter(
        unit_id=assessment.unit_id, year=assessment.period.year, kind=kind
    )
    return rows.order_by("-version").first()


def index_panel(
    user: User, *, assessment: Assessment, code: str, inputs: Mapping[str, Any]
) -> SurveyPanel | None:
    """Return the survey beside a row that asks for an index; None elsewhere. Two queries.

    inputs: what stands in the row, by the tracks that the person sees.
    """
    row = index_rows(catalog_of(assessment.instrument)).get(code)
    return None if row is None else _index_panel(user, assessment, row, inputs)


def count_panel(user: User, *, assessment: Assessment, code: str, **_row: Any) -> CountPanel | None:
    """Return the count beside the row that asks how often satisfaction is surveyed."""
    counted, letters = COUNTED.get(assessment.instrument.code, ("", ()))
    return _count_panel(assessment, letters) if code == counted else None


def _count_panel(assessment: Assessment, letters) -> CountPanel:
    parts = SurveyPart.objects.filter(
        unit_id=assessment.unit_id,
        year=assessment.period.year,
        kind=SurveyKind.SKM,
        survey__state__in=("locked", "published"),
    )
    count = parts.count()
    letter = next(letter for least, letter in letters if count >= least)
    url = reverse("surveys:unit_surveys", args=[assessment.unit_id])
    return CountPanel(count, letter, assessment.period.year, url)


def _index_panel(
    user: User, assessment: Assessment, row: IndexRow, values: Mapping[str, Any]
) -> SurveyPanel:
    result = standing_result(assessment, row.kind)
    external = standing_external(assessment, row.kind)
    track, value = _to_adopt(user, assessment, row, result, external)
    if value is not None and _number(values.get(track), row) == value:
        track, value = "", None
    own = result.index4 if result is not None else None
    return SurveyPanel(
        index_name=INDEX_NAMES[row.kind],
        result=result,
        survey_url=reverse("surveys:survey_result", args=[result.part.survey_id]) if result else "",
        is_near=result is not None and is_near_gate(result),
        external=external,
        report_url=reverse("surveys:external_report", args=[external.pk]) if external else "",
        stands_on=tuple(
            str(Track(name).label)
            for name in (Track.UNIT, Track.TPI)
            if own is not None
            and _sees(user, assessment, name)
            and _number(values.get(name), row) == own
        ),
        adopt_track=str(Track(track).label) if track else "",
        adopt_value=value,
        adopt_url=reverse("assessments:survey_adopt", args=[assessment.pk, row.code])
        if track
        else "",
    )


def _sees(user: User, assessment: Assessment, track: Track) -> bool:
    """Tell whether the person may learn what a track says: the TPI's only in full view."""
    return track != Track.TPI or tpi_view(user, assessment) is TpiView.EVERYTHING


def _to_adopt(
    user: User,
    assessment: Assessment,
    row: IndexRow,
    result: Result | None,
    external: ExternalIndex | None,
) -> tuple[str, Decimal | None]:
    """Return the track on which the person writes now, and the figure that belongs there."""
    pen = writing_track(user, assessment)
    if pen is None:
        return "", None
    if pen.track == Track.TPN:
        return (pen.track, external.index4) if external else ("", None)
    if result is None or not result.is_valid:
        return "", None
    section = catalog_of(assessment.instrument).section_of[row.code].code
    if pen.sections is not None and section not in pen.sections:
        return "", None
    return pen.track, result.index4


def _number(inputs, row: IndexRow) -> Decimal | None:
    value = (inputs or {}).get(row.input)
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


@transaction.atomic
def adopt_index(*, assessment: Assessment, code: str, by: User) -> Track:
    """Take the survey's figure over into the track on which the person writes now.

    Raises NothingToAdopt, or AnswersLocked when the row is not his to change.
    """
    row = index_rows(catalog_of(assessment.instrument)).get(code)
    if row is None:
        raise NothingToAdopt
    track, value = _to_adopt(
        by,
        assessment,
        row,
        standing_result(assessment, row.kind),
        standing_external(assessment, row.kind),
    )
    if value is None:
        raise NothingToAdopt
    _record(assessment, Track(track), row, value, by)
    return Track(track)
