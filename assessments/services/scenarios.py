"""Changes of scenarios. None of them touches a track, but for the one that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import answer_value, catalog_of
from assessments.models import Assessment, Scenario, ScenarioAnswer, Track
from assessments.permissions import can_change_scenario, can_simulate
from assessments.services.answers import (
    AnswersRefused,
    Change,
    Recorded,
    Refusal,
    clean_field,
    clean_text,
    record_answers,
)
from units.models import User

MOST_PER_PERSON = 20
"""Scenarios that one person may keep on one worksheet."""
NOTE_MAX = 2_000


class ScenarioRefused(Exception):
    """A scenario can't be made or changed like this; says why."""


@transaction.atomic
def create_scenario(
    *,
    assessment: Assessment,
    track: Track,
    name: str,
    by: User,
    note: str = "",
    is_shared: bool = False,
    purpose: str = Scenario.Purpose.WHAT_IF,
    answers: scoring.Answers | None = None,
) -> Scenario:
    """Make a scenario on a track, answering some rows otherwise from the start.

    answers: as scoring takes them; rows that are None are left as the track has them.

    Raises ScenarioRefused for a missing or used name, too many scenarios, or a person who may
    keep none here.
    """
    if not can_simulate(by, assessment):
        raise ScenarioRefused(_("Anda tidak dapat membuat skenario di lembar kerja ini."))
    # The worksheet's row orders two who count to the limit at once; nothing of it changes.
    Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    own = Scenario.objects.filter(assessment=assessment, created_by=by)
    if own.count() >= MOST_PER_PERSON:
        raise ScenarioRefused(
            _("Paling banyak {n} skenario. Hapus yang tidak dipakai lagi.").format(
                n=MOST_PER_PERSON
            )
        )
    scenario = Scenario(
        assessment=assessment,
        track=track,
        purpose=purpose,
        is_shared=is_shared,
        created_by=by,
        **_cleaned_words(own, name, note),
    )
    scenario.save()
    catalog = catalog_of(assessment.instrument)
    ScenarioAnswer.objects.bulk_create(
        ScenarioAnswer(scenario=scenario, indicator_id=catalog.ids[code], **_stored(answer))
        for code, answer in (answers or {}).items()
        if answer is not None
    )
    return scenario


def _cleaned_words(others, name: str, note: str) -> dict[str, str]:
    name = " ".join(name.split())
    if not name:
        raise ScenarioRefused(_("Beri skenario ini nama."))
    if len(name) > Scenario._meta.get_field("name").max_length:
        raise ScenarioRefused(_("Nama skenario terlalu panjang."))
    if others.filter(name=name).exists():
        raise ScenarioRefused(_("Anda sudah mempunyai skenario bernama “{x}”.").format(x=name))
    try:
        return {"name": clean_text(name, 80), "note": clean_text(note.strip(), NOTE_MAX)}
    except ValueError as error:
        raise ScenarioRefused(str(error)) from error


def _stored(answer: scoring.Answer) -> dict[str, Any]:
    """Return an answer of the engine as the columns that keep it."""
    if isinstance(answer, str):
        return {"choice": answer, "inputs": None}
    numbers = {
        name: number if isinstance(number, int) else str(number) for name, number in answer.items()
    }
    return {"choice": "", "inputs": numbers}


def overrides(scenario: Scenario) -> dict[str, scoring.Answer]:
    """Return what a scenario answers otherwise, as scoring takes it; one statement."""
    catalog = catalog_of(scenario.assessment.instrument)
    return {
        catalog.codes[pk]: answer_value(choice, inputs)
        for pk, choice, inputs in scenario.answers.values_list("indicator_id", "choice", "inputs")
    }


def _own(scenario: Scenario, by: User) -> Scenario:
    if not can_change_scenario(by, scenario):
        raise ScenarioRefused(_("Hanya pembuatnya yang dapat mengubah skenario; salin dahulu."))
    return scenario


def _not_of_a_visit(scenario: Scenario) -> Scenario:
    """Return the scenario; raises ScenarioRefused for a visit's, which many share."""
    if scenario.purpose == Scenario.Purpose.VISIT:
        raise ScenarioRefused(
            _("Skenario kunjungan dipakai bersama; namanya tetap dan tidak dihapus.")
        )
    return scenario


@transaction.atomic
def set_row(*, scenario: Scenario, code: str, fields: Mapping[str, Any], by: User) -> Scenario:
    """Answer a row otherwise, or as the track has it again when ``fields`` hold nothing.

    fields: ``choice`` or ``inputs``. Raises AnswersRefused for a value that can't be, and
    ScenarioRefused for somebody else's scenario.
    """
    _own(scenario, by)
    catalog = catalog_of(scenario.assessment.instrument)
    if code not in catalog.ids:
        raise AnswersRefused([Refusal(code, "", _("Butir {x} tidak dikenal.").format(x=code))])
    values: dict[str, Any] = {"choice": "", "inputs": None}
    for name in values:
        try:
            values[name] = clean_field(name, fields.get(name), code, catalog)
        except ValueError as error:
            raise AnswersRefused([Refusal(code, name, str(error))]) from error
    rows = ScenarioAnswer.objects.filter(scenario=scenario, indicator=catalog.ids[code])
    if values["choice"] or values["inputs"] is not None:
        ScenarioAnswer.objects.update_or_create(
            scenario=scenario, indicator_id=catalog.ids[code], defaults=values
        )
    else:
        rows.delete()
    return _touched(scenario)


def _touched(scenario: Scenario, *fields: str) -> Scenario:
    scenario.changed_at = timezone.now()
    scenario.save(update_fields=[*fields, "changed_at"])
    return scenario


@transaction.atomic
def edit_scenario(
    *, scenario: Scenario, name: str, note: str, is_shared: bool, by: User
) -> Scenario:
    """Rename a scenario, note something, share it or take it back.

    Raises ScenarioRefused as ``create_scenario`` does.
    """
    _not_of_a_visit(_own(scenario, by))
    others = Scenario.objects.filter(assessment=scenario.assessment, created_by=by)
    words = _cleaned_words(others.exclude(pk=scenario.pk), name, note)
    scenario.name, scenario.note, scenario.is_shared = words["name"], words["note"], is_shared
    return _touched(scenario, "name", "note", "is_shared")


def copy_scenario(*, scenario: Scenario, name: str, by: User) -> Scenario:
    """Make an own scenario out of one that the person sees; raises ScenarioRefused."""
    return create_scenario(
        assessment=scenario.assessment,
        track=Track(scenario.track),
        name=name,
        by=by,
        note=scenario.note,
        answers=overrides(scenario),
    )


@transaction.atomic
def delete_scenario(*, scenario: Scenario, by: User) -> None:
    """Delete a scenario; raises ScenarioRefused for somebody else's."""
    _not_of_a_visit(_own(scenario, by)).delete()


def promote(*, scenario: Scenario, codes: Iterable[str], by: User) -> Recorded:
    """Take rows of a scenario over into its track: an explicit act of one who may write there.

    Goes through ``record_answers``, the one write path, which checks access, state and value;
    raises what that raises, and ScenarioRefused when no row is chosen.
    """
    wanted = set(codes)
    catalog = catalog_of(scenario.assessment.instrument)
    changes = [
        Change(catalog.codes[pk], {"choice": choice, "inputs": inputs})
        for pk, choice, inputs in scenario.answers.order_by("indicator__position").values_list(
            "indicator_id", "choice", "inputs"
        )
        if catalog.codes[pk] in wanted
    ]
    if not changes:
        raise ScenarioRefused(_("Pilih butir yang akan diterapkan."))
    return record_answers(
        assessment=scenario.assessment,
        track=Track(scenario.track),
        changes=changes,
        by=by,
        source="scenario",
    )
