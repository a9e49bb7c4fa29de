"""Editions of questionnaires: loaded from files, followed by new ones, frozen once used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from surveys import questionnaire_file
from surveys.models import Element, Question, Questionnaire
from surveys.questionnaire_file import Fault, QuestionnaireFile, QuestionnaireFileError
from units.models import User
from zona import audit

TEXT_FIELDS = (
    "title",
    "title_en",
    "heading",
    "heading_en",
    "basis",
    "comment",
    "comment_en",
    "story",
    "story_en",
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file: its edition and whether it is new."""

    questionnaire: Questionnaire
    created: bool


class QuestionnaireFrozen(Exception):
    """The edition was used; only a new one can say something else."""


class QuestionnaireChanged(Exception):
    """Somebody else saved the edition since its form was opened."""


class QuestionnaireCodeTaken(Exception):
    """An edition with this code exists."""


def load_files(paths: Iterable[Path]) -> list[Loaded]:
    """Store questionnaire files; one that is stored already changes nothing.

    Raises QuestionnaireFileError for a faulty file, and for one whose code is stored with other
    words: an edition is never changed, only followed.
    """
    return _store([questionnaire_file.read(path) for path in paths])


def load_shipped() -> list[Loaded]:
    """Store the questionnaires that come with Zona."""
    return load_files(questionnaire_file.shipped_paths())


@transaction.atomic
def _store(files: Sequence[QuestionnaireFile]) -> list[Loaded]:
    stored = {
        item.code: item
        for item in Questionnaire.objects.filter(code__in=[f.document["code"] for f in files])
    }
    loaded, faults = [], []
    for file in files:
        code = file.document["code"]
        known = stored.get(code)
        if known is None:
            loaded.append(Loaded(_store_one(file), created=True))
        elif known.checksum == file.checksum:
            loaded.append(Loaded(known, created=False))
        else:
            faults.append(Fault(code, "sudah dimuat dengan isi lain; beri kode edisi baru"))
    if faults:
        raise QuestionnaireFileError(faults)
    return loaded


def _store_one(file: QuestionnaireFile) -> Questionnaire:
    document = file.document
    questionnaire = Questionnaire.objects.create(
        kind=document["kind"],
        code=document["code"],
        scale_max=document["scale_max"],
        basis=document.get("basis", ""),
        checksum=file.checksum,
        **_both(document, "title"),
        **_both(document, "heading"),
        **_both(document, "comment"),
        **_both(document, "story"),
    )
    rows = [
        {
            "element": element["code"],
            **_both(element, "name"),
            "code": question["code"],
            **_both(question, "text"),
            **_both(question, "help", "help_text"),
            "labels": question["labels"]["id"],
            "labels_en": question["labels"].get("en", []),
        }
        for element in document["elements"]
        for question in element["questions"]
    ]
    _write_rows(questionnaire, rows)
    questionnaire.frozen_at = timezone.now()
    questionnaire.save(update_fields=["frozen_at"])
    return questionnaire


def _both(holder: Mapping[str, Any], key: str, name: str = "") -> dict[str, str]:
    words = holder.get(key) or {}
    return {name or key: words.get("id", ""), f"{name or key}_en": words.get("en", "")}


def _write_rows(questionnaire: Questionnaire, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write elements and questions from rows; rows with one element code are its sub-questions."""
    names: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        names.setdefault(row["element"], row)
    elements = Element.objects.bulk_create(
        Element(
            questionnaire=questionnaire,
            code=code,
            position=position,
            name=row["name"],
            name_en=row["name_en"],
        )
        for position, (code, row) in enumerate(names.items(), 1)
    )
    by_code = {element.code: element for element in elements}
    ordered = [row for code in names for row in rows if row["element"] == code]
    Question.objects.bulk_create(
        Question(
            questionnaire=questionnaire,
            element=by_code[row["element"]],
            code=row["code"],
            position=position,
            text=row["text"],
            text_en=row["text_en"],
            help_text=row["help_text"],
            help_text_en=row["help_text_en"],
            labels=row["labels"],
            labels_en=row["labels_en"],
        )
        for position, row in enumerate(ordered, 1)
    )


def rows_of(questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """Return the questions of an edition as rows, as the editor's form shows them."""
    questions = questionnaire.questions.select_related("element").order_by("position")
    return [
        {
            "element": question.element.code,
            "name": question.element.name,
            "name_en": question.element.name_en,
            "code": question.code,
            "text": question.text,
            "text_en": question.text_en,
            "help_text": question.help_text,
            "help_text_en": question.help_text_en,
            "labels": question.labels,
            "labels_en": question.labels_en,
        }
        for question in questions
    ]


@transaction.atomic
def follow_questionnaire(
    *, questionnaire: Questionnaire, code: str, scale_max: int, by: User
) -> Questionnaire:
    """Begin a new edition with the words of an older one; it can be changed until it is used.

    Where the scale differs the points get their numbers as words, to be replaced by the editor.
    Raises QuestionnaireCodeTaken.
    """
    if Questionnaire.objects.filter(code=code).exists():
        raise QuestionnaireCodeTaken
    fresh = Questionnaire.objects.create(
        kind=questionnaire.kind,
        code=code,
        scale_max=scale_max,
        follows=questionnaire,
        created_by=by,
        **{name: getattr(questionnaire, name) for name in TEXT_FIELDS},
    )
    rows = rows_of(questionnaire)
    if scale_max != questionnaire.scale_max:
        numbers = [str(point) for point in range(1, scale_max + 1)]
        rows = [{**row, "labels": numbers, "labels_en": numbers} for row in rows]
    _write_rows(fresh, rows)
    data = {"code": code, "follows": questionnaire.code}
    audit.record_system(
        [audit.Fact("questionnaire.created", f"questionnaire:{fresh.pk}", data)], by=by
    )
    return fresh


@transaction.atomic
def update_questionnaire(
    *,
    questionnaire: Questionnaire,
    version: int,
    texts: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    by: User,
) -> Questionnaire:
    """Write the words of an edition that nobody has used yet.

    Raises QuestionnaireFrozen, or QuestionnaireChanged when ``version`` is not the current one.
    """
    locked = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if locked.is_frozen:
        raise QuestionnaireFrozen
    if locked.version != version:
        raise QuestionnaireChanged
    for name in TEXT_FIELDS:
        setattr(locked, name, texts[name])
    locked.version += 1
    locked.save(update_fields=[*TEXT_FIELDS, "version"])
    locked.questions.all().delete()
    locked.elements.all().delete()
    _write_rows(locked, rows)
    audit.record_system(
        [
            audit.Fact(
                "questionnaire.changed",
                f"questionnaire:{locked.pk}",
                {"code": locked.code, "version": locked.version, "questions": len(rows)},
            )
        ],
        by=by,
    )
    return locked


def freeze(questionnaires: Iterable[Questionnaire]) -> None:
    """Freeze editions at their first use; the caller holds the transaction."""
    keys = [item.pk for item in questionnaires]
    Questionnaire.objects.filter(pk__in=keys, frozen_at=None).update(frozen_at=timezone.now())
