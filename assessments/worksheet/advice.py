"""What helps beside a row: Itjen's guidance with its version, and phrases filled in for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assessments.catalog import catalog_of
from assessments.models import Answer, Assessment, Guidance, Phrase, Track
from assessments.permissions import can_write_guidance
from assessments.services.advice import fill_in
from assessments.worksheet.rows import value_name
from units.models import User


@dataclass(frozen=True, slots=True)
class GuidanceView:
    """The guidance that holds for a row now; ``judged_under`` is the version that held when the
    row was last judged, None where it is the same one or nobody may know."""

    code: str
    text: str
    version: int
    by: str
    at: datetime | None
    judged_under: int | None
    can_write: bool


@dataclass(frozen=True, slots=True)
class PhraseView:
    """A phrase as it would be put into the condition of a row."""

    title: str
    text: str
    is_own: bool
    owner: str
    is_of_row: bool


def guidance_of(
    assessment: Assessment, user: User, code: str, judged_at: datetime | None
) -> GuidanceView | None:
    """Return the guidance on a row; None where there is none and nobody here to write one.

    judged_at: when the row was last judged, where the reader may know. One query.
    """
    pk = catalog_of(assessment.instrument).ids[code]
    versions = list(
        Guidance.objects.filter(indicator=pk).select_related("by").order_by("-version")[:20]
    )
    can_write = can_write_guidance(user)
    newest = versions[0] if versions else None
    if newest is None or not newest.text:
        if not can_write:
            return None
        return GuidanceView(code, "", newest.version if newest else 0, "", None, None, can_write)
    then = None
    if judged_at is not None:
        then = next((item for item in versions if item.at <= judged_at), None)
    judged_under = then.version if then is not None and then.pk != newest.pk else None
    return GuidanceView(
        code, newest.text, newest.version, str(newest.by), newest.at, judged_under, can_write
    )


def filled_phrases(assessment: Assessment, user: User, code: str) -> tuple[PhraseView, ...]:
    """Return the phrases that a person may use, those of the row first, filled in; two queries."""
    catalog = catalog_of(assessment.instrument)
    choice, inputs = Answer.objects.values_list("choice", "inputs").get(
        assessment=assessment, track=Track.UNIT, indicator=catalog.ids[code]
    )
    places = {
        "unit": assessment.unit.label,
        "tahun": str(assessment.period.year),
        "butir": code,
        "nilai_unit": value_name(catalog, code, choice, inputs),
    }
    found = [
        PhraseView(
            title=phrase.title,
            text=fill_in(phrase.text, places),
            is_own=phrase.owner_id == user.pk,
            owner=str(phrase.owner),
            is_of_row=phrase.code == code,
        )
        for phrase in Phrase.objects.visible_to(user).select_related("owner")[:300]
    ]
    return tuple(sorted(found, key=lambda item: (not item.is_of_row, not item.is_own)))
