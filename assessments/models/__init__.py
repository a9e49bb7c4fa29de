"""The tables of the assessment: instruments, worksheets, evidence, results."""

from assessments.journey.building_models import (
    BuildingMonitoring,
    JourneyPaper,
    MonitoringFinding,
    PledgeScan,
)
from assessments.journey.models import (
    Candidacy,
    EligibilityCheck,
    JourneyDocument,
    Monitoring,
    NationalStage,
    PactSignature,
    PredicateAward,
    Proposal,
    ProposalLine,
    StageResult,
    Verdict,
)
from assessments.journey.plenary_models import Plenary, PlenaryDecision
from assessments.models.advice import Guidance, Phrase
from assessments.models.archives import PeriodArchive
from assessments.models.control import Announcement, AnnouncementRead, Nudge
from assessments.models.efforts import RowEffort
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
from assessments.models.objections import Objection
from assessments.models.results import SaveReceipt, Score, Seal
from assessments.models.review import BulkAcceptance
from assessments.models.scenarios import Scenario, ScenarioAnswer
from assessments.models.shares import ShareOpening, SharePage
from assessments.models.talk import Comment, CommentMention, CommentSeen
from assessments.models.windows import Stage, StageWindow, WindowExtension
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
from assessments.workplan.models import Activity, AreaTarget, TeamDecree

__all__ = [
    "Activity",
    "Announcement",
    "AnnouncementRead",
    "Answer",
    "AreaCompletion",
    "AreaTarget",
    "Assessment",
    "Assignment",
    "BuildingMonitoring",
    "BulkAcceptance",
    "Candidacy",
    "CheckMethod",
    "Comment",
    "CommentMention",
    "CommentSeen",
    "DocumentCheck",
    "EligibilityCheck",
    "EligibilityRule",
    "Evidence",
    "EvidenceUse",
    "Guidance",
    "ImplementationCheck",
    "Indicator",
    "Input",
    "Instrument",
    "JourneyDocument",
    "JourneyPaper",
    "Mapping",
    "Monitoring",
    "MonitoringFinding",
    "NationalStage",
    "Node",
    "Nudge",
    "Objection",
    "Option",
    "PactSignature",
    "Period",
    "PeriodArchive",
    "Phrase",
    "PledgeScan",
    "Plenary",
    "PlenaryDecision",
    "Predicate",
    "PredicateAward",
    "Proposal",
    "ProposalLine",
    "Rank",
    "Reason",
    "Review",
    "RowEffort",
    "RowState",
    "SaveReceipt",
    "Scenario",
    "ScenarioAnswer",
    "Score",
    "Seal",
    "ShareOpening",
    "SharePage",
    "Stage",
    "StageResult",
    "StageWindow",
    "State",
    "TeamDecree",
    "TeamMember",
    "ThresholdRule",
    "Track",
    "Verdict",
    "WindowExtension",
]
