"""A survey's questions ready to be shown, checked and counted.

The questions of an edition in use never change, so they are kept for the life of the process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from surveys.models import Question, Questionnaire, Survey, SurveyPart
from surveys.tally import PartLayout


@dataclass(frozen=True)
class Sheet:
    """One questionnaire of a survey: its questions in order, and how its sums are laid out."""

    questionnaire: Questionnaire
    questions: tuple[Question, ...]

    @cached_property
    def layout(self) -> PartLayout:
        """How the answers of this questionnaire are added up."""
        elements: dict[int, list[int]] = {}
        for question in self.questions:
            elements.setdefault(question.element_id, []).append(question.pk)
        return PartLayout(
            key=self.questionnaire.pk,
            scale_max=self.questionnaire.scale_max,
            elements=tuple(tuple(keys) for keys in elements.values()),
        )

    @cached_property
    def field_names(self) -> dict[str, Question]:
        """The questions by the names of their fields in forms and files: ``spak.imbalan``."""
        kind = self.questionnaire.kind
        return {f"{kind}.{question.code}": question for question in self.questions}


def _load(questionnaire_id: int) -> Sheet:
    questionnaire = Questionnaire.objects.get(pk=questionnaire_id)
    questions = Question.objects.filter(questionnaire=questionnaire).select_related("element")
    return Sheet(questionnaire, tuple(questions.order_by("position")))


@lru_cache(maxsize=256)
def _frozen(questionnaire_id: int, checksum: str, version: int, created: str) -> Sheet:
    return _load(questionnaire_id)


def sheet_of(questionnaire: Questionnaire) -> Sheet:
    """Return the questions of an edition; read once per process when it is in use."""
    if not questionnaire.is_frozen:
        return _load(questionnaire.pk)
    return _frozen(
        questionnaire.pk,
        questionnaire.checksum,
        questionnaire.version,
        questionnaire.created_at.isoformat(),
    )


def parts_of(survey: Survey) -> list[SurveyPart]:
    """Return the parts of a survey with their questionnaires, in order; one query at most."""
    cached = getattr(survey, "_prefetched_objects_cache", {}).get("parts")
    if cached is not None:
        return list(cached)
    return list(survey.parts.select_related("questionnaire").order_by("position"))


def sheets_of(survey: Survey) -> list[Sheet]:
    """Return the questionnaires of a survey, in the order in which they are asked."""
    return [sheet_of(part.questionnaire) for part in parts_of(survey)]
