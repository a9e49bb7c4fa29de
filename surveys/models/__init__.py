"""Questionnaires, surveys, anonymous answers, locked results."""

from surveys.models.questionnaires import Element, Question, Questionnaire
from surveys.models.responses import (
    ALL_FLAGS,
    FLAG_LABELS,
    Exclusion,
    Flag,
    ImportBatch,
    Mode,
    Response,
    ResponseComment,
    ResponseValue,
    SpentForm,
    Status,
)
from surveys.models.results import ExternalIndex, Reopening, Result
from surveys.models.surveys import (
    Access,
    Improvement,
    State,
    Survey,
    SurveyPart,
    SurveyService,
    Tally,
    TargetMethod,
    Token,
)

__all__ = [
    "ALL_FLAGS",
    "FLAG_LABELS",
    "Access",
    "Element",
    "Exclusion",
    "ExternalIndex",
    "Flag",
    "ImportBatch",
    "Improvement",
    "Mode",
    "Question",
    "Questionnaire",
    "Reopening",
    "Response",
    "ResponseComment",
    "ResponseValue",
    "Result",
    "SpentForm",
    "State",
    "Status",
    "Survey",
    "SurveyPart",
    "SurveyService",
    "Tally",
    "TargetMethod",
    "Token",
]
