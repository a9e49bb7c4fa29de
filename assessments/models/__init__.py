"""The tables of the assessment: instruments, worksheets, evidence, results."""

from assessments.models.evidence import Evidence, EvidenceUse
from assessments.models.instruments import (
    EligibilityRule,
    Indicator,
    Input,
    Instrument,
    Mapping,
    Node,
    Option,
    ThresholdRule,
)
from assessments.models.results import SaveReceipt, Score, Seal
from assessments.models.review import BulkAcceptance
from assessments.models.scenarios import Scenario, ScenarioAnswer
from assessments.models.shares import ShareOpening, SharePage
from assessments.models.talk import Comment, CommentMention, CommentSeen
from assessments.models.worksheets import (
    Answer,
    AreaCompletion,
    Assessment,
    Assignment,
    CheckMethod,
    DocumentCheck,
    ImplementationCheck,
    Period,
    Predicate,
    Rank,
    Reason,
    Review,
    RowState,
    State,
    TeamMember,
    Track,
)

__all__ = [
    "Answer",
    "AreaCompletion",
    "Assessment",
    "Assignment",
    "BulkAcceptance",
    "CheckMethod",
    "Comment",
    "CommentMention",
    "CommentSeen",
    "DocumentCheck",
    "EligibilityRule",
    "Evidence",
    "EvidenceUse",
    "ImplementationCheck",
    "Indicator",
    "Input",
    "Instrument",
    "Mapping",
    "Node",
    "Option",
    "Period",
    "Predicate",
    "Rank",
    "Reason",
    "Review",
    "RowState",
    "SaveReceipt",
    "Scenario",
    "ScenarioAnswer",
    "Score",
    "Seal",
    "ShareOpening",
    "SharePage",
    "State",
    "TeamMember",
    "ThresholdRule",
    "Track",
]
