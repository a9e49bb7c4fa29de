"""A worksheet as one person may see it: the answers of every track, in one query.

What the person may not see never enters this object, so no page, fragment or reply made from it
can leak it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Q

from assessments import scoring
from assessments.catalog import Catalog, answer_value, catalog_of
from assessments.models import Answer, Assessment, Rank, RowState, Seal, State, Track
from assessments.permissions import (
    Pen,
    TpiView,
    sees_tpi_row,
    tpi_view,
    writing_track,
)
from units.models import User

_COLUMNS = (
    "indicator_id",
    "track",
    "choice",
    "inputs",
    "awaits_data",
    "condition",
    "advice",
    "reason",
    "document_check",
    "implementation_check",
    "check_method",
    "check_place",
    "checked_on",
    "review_state",
    "repair_reason",
    "repair_note",
    "version",
    "changed_at",
    "changed_by_id",
    "changed_by__name",
)


@dataclass(slots=True)
class Entry:
    """One row of one track as it is stored; a blank one stands for a row that nobody may see."""

    choice: str = ""
    inputs: dict[str, Any] | None = None
    awaits_data: bool = False
    condition: str = ""
    advice: str = ""
    reason: str = ""
    document_check: str = ""
    implementation_check: str = ""
    check_method: str = ""
    check_place: str = ""
    checked_on: date | None = None
    review_state: str = RowState.UNREVIEWED
    repair_reason: str = ""
    repair_note: str = ""
    version: int = 0
    changed_at: datetime | None = None
    changed_by_id: int | None = None
    changed_by: str = ""

    @property
    def is_answered(self) -> bool:
        """Tell whether the row has a value."""
        return bool(self.choice) or self.inputs is not None


@dataclass(frozen=True, slots=True)
class Handed:
    """What the rank before gave on: its name, and the value of each row."""

    rank: str
    values: dict[str, tuple[str, dict[str, str] | None]]


BLANK = Entry()
BEFORE_REVIEW = (State.DRAFT, State.SUBMITTED, State.FORWARDED)
AFTER_FIRST_REVIEW = (State.LEAD_REVIEW, State.SUPERVISOR_REVIEW, State.QUALITY_REVIEW)
HAND_OVER = "hand_over:"


@dataclass
class Sheet:
    """The answers that a person may see, the pen he holds, and the scores of what he sees.

    ``entries`` has the tracks that were loaded; rows of the TPI's side that are hidden from the
    person are blank there. ``pen`` is None for a reader.
    """

    assessment: Assessment
    user: User
    catalog: Catalog
    view: TpiView
    pen: Pen | None
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)
    results: dict[str, scoring.Result] = field(default_factory=dict)
    handed: Handed | None = None

    @property
    def track(self) -> str:
        """Return the track that stands in front: the one that is written, or read."""
        if self.pen is not None:
            return self.pen.track
        if self.view is TpiView.EVERYTHING and self.shows_tpi:
            return Track.TPI
        return Track.UNIT

    @property
    def shows_tpi(self) -> bool:
        """Tell whether anything of the TPI's side may be seen, and there is a side to see."""
        return self.view is not TpiView.NOTHING and self.assessment.state not in BEFORE_REVIEW

    def entry(self, track: str, code: str) -> Entry:
        """Return a row of a track; a blank one where it is hidden or was not loaded."""
        return self.entries.get(track, {}).get(code, BLANK)

    def sees_tpi(self, code: str) -> bool:
        """Tell whether the TPI's side of a row may be shown."""
        if not self.shows_tpi:
            return False
        return self.view is TpiView.EVERYTHING or code in self.entries.get(Track.TPI, {})

    def reaches(self, code: str) -> bool:
        """Tell whether the person may write the row now."""
        if self.pen is None:
            return False
        return self.pen.reaches(
            self.catalog.section_of[code].code, self.entry(Track.TPI, code).review_state
        )

    def values(self, track: str) -> dict[str, scoring.Answer]:
        """Return a track's answers as scoring takes them."""
        return {
            code: answer_value(entry.choice, entry.inputs)
            for code, entry in self.entries.get(track, {}).items()
        }

    def changed_by_rank(self, code: str) -> bool:
        """Tell whether this rank gave the row another value than the one before it."""
        if self.handed is None:
            return False
        entry = self.entry(Track.TPI, code)
        inputs = entry.inputs and {name: str(count) for name, count in entry.inputs.items()}
        return self.handed.values.get(code, ("", None)) != (entry.choice, inputs)

    def value(self, track: str, code: str) -> Fraction | None:
        """Return what a row of a track is worth, 0..1; None while unanswered or excluded."""
        entry = self.entry(track, code)
        indicator = self.catalog.engine.indicators[code]
        if entry.choice:
            return next(item.value for item in indicator.options if item.code == entry.choice)
        if entry.inputs is None:
            return None
        return scoring.computed_value(indicator, answer_value("", entry.inputs)).value

    def points(self, track: str, code: str) -> Fraction | None:
        """Return the points that a row of a track adds to the total; None while unanswered."""
        entry = self.entry(track, code)
        if not entry.is_answered:
            return None
        node = self.catalog.engine.sub_component_of(code)
        counted = len(node.indicators) - sum(
            row.is_computed
            and self.entry(track, row.code).is_answered
            and self.value(track, row.code) is None
            for row in node.indicators
        )
        value = self.value(track, code)
        return scoring.ZERO if value is None else node.weight * value / counted

    def result(self, track: str) -> scoring.Result:
        """Return the score of a track from what was loaded, computed once."""
        if track not in self.results:
            self.results[track] = scoring.score(self.catalog.engine, self.values(track))
        return self.results[track]


def load(assessment: Assessment, user: User, *, code: str = "") -> Sheet:
    """Return the worksheet as the person may see it; one query, two after the first hand-over.

    code: load the track in front, and of the others only the section of this row: enough for the
        reply to a save. Blank loads everything.
    """
    catalog = catalog_of(assessment.instrument)
    view = tpi_view(user, assessment)
    sheet = Sheet(assessment, user, catalog, view, writing_track(user, assessment))
    tracks = [Track.UNIT]
    if sheet.shows_tpi:
        tracks.append(Track.TPI)
    if assessment.is_final and view is TpiView.EVERYTHING:
        tracks.append(Track.TPN)
    rows = Answer.objects.filter(assessment=assessment, track__in=tracks)
    if code in catalog.section_of:
        near = catalog.section_of[code].indicator_codes
        rows = rows.filter(
            Q(track=sheet.track) | Q(indicator__in=[catalog.ids[item] for item in near])
        )
    found: dict[str, dict[str, Entry]] = {track: {} for track in tracks}
    for indicator_id, track, *facts in rows.values_list(*_COLUMNS):
        entry = Entry(*facts)
        if track == Track.TPI and not sees_tpi_row(view, entry.review_state):
            continue
        found[track][catalog.codes[indicator_id]] = entry
    sheet.entries = {
        track: {item: found[track][item] for item in catalog.ids if item in found[track]}
        for track in tracks
    }
    if sheet.track == Track.TPI and assessment.state in AFTER_FIRST_REVIEW:
        sheet.handed = handed_over(assessment)
    return sheet


def handed_over(assessment: Assessment) -> Handed | None:
    """Return the TPI's values as the rank before handed them on; one query."""
    seals = Seal.objects.filter(
        assessment=assessment, track=Track.TPI, occasion__startswith=HAND_OVER
    )
    found = seals.order_by("-pk").values_list("occasion", "payload").first()
    if found is None:
        return None
    occasion, payload = found
    rows = json.loads(payload)["answers"]
    return Handed(
        rank=str(Rank(occasion.removeprefix(HAND_OVER)).label),
        values={code: (row.get("choice", ""), row.get("inputs")) for code, row in rows.items()},
    )
