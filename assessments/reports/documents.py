"""What the pages of documents show, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, When
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext_lazy as _

from assessments.models import Assessment
from assessments.models.worksheets import State
from assessments.permissions import sees_all_tracks
from assessments.services.documents import KINDS, WAITING, Kind
from units.access import Permission, access_of
from units.models import User
from zona.models import Document, Job

PREFIX = "assessment:"
OLDER_SHOWN = 10


@dataclass(frozen=True, slots=True)
class KindState:
    """One kind of document of a worksheet: the work under way, the newest, the older ones.

    ``failed`` is the last job where it ended in failure and nothing newer came of it.
    """

    kind: Kind
    job: Job | None
    failed: Job | None
    newest: Document | None
    older: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The documents of a worksheet by kind; ``is_waiting`` while one is being made."""

    kinds: tuple[KindState, ...]
    can_make: bool
    can_issue: bool

    @property
    def is_waiting(self) -> bool:
        """Tell whether the page should ask again."""
        return any(state.job for state in self.kinds)


@dataclass(frozen=True, slots=True)
class Verification:
    """What the public page says about a paper: only what stands on it, and whether it holds.

    ``state`` is one of ``valid``, ``draft``, ``superseded``, ``withdrawn``. Figures are repeated
    for documents that were issued; a draft's stay with those who hold it.
    """

    state: str
    kind: str
    number: str
    version: int
    code: str
    unit: str
    unit_code: str
    total: str
    target: str
    target_met: bool
    unmet: int
    signer: str
    signer_position: str
    dated_on: date | None
    made_at: datetime
    sha256: str
    signed_sha256: str
    newer_version: int | None
    newer_code: str
    withdrawn_reason: str


STATES = {
    Document.Status.DRAFT: "draft",
    Document.Status.AWAITING_SIGNATURE: "draft",
    Document.Status.ISSUED: "valid",
    Document.Status.SUPERSEDED: "superseded",
    Document.Status.WITHDRAWN: "withdrawn",
}


def documents_of(assessment: Assessment, user: User) -> QuerySet[Document]:
    """Return the documents of a worksheet that the person may fetch.

    A unit and Eselon I get what was made of the final result; drafts of the review stay inside.
    """
    rows = Document.objects.filter(subject=assessment.subject, kind__in=KINDS)
    return rows if sees_all_tracks(user, assessment) else rows.filter(facts__is_final=True)


def documents_visible_to(user: User) -> QuerySet[Document]:
    """Return the documents of all worksheets that the person may fetch, with ``assessment_id``.

    The worksheet's key is read from the subject, so that scope is one condition per row.
    """
    rows = Document.objects.filter(subject__startswith=PREFIX, kind__in=KINDS).annotate(
        assessment_id=Case(
            When(
                subject__startswith=PREFIX,
                then=Cast(Substr("subject", len(PREFIX) + 1), IntegerField()),
            )
        )
    )
    access = access_of(user)
    if access.units_q(Permission.TPI_TRACK_VIEW) is None:
        return rows
    seen = Assessment.objects.visible_to(user).filter(state=State.FINAL)
    return rows.filter(Exists(seen.filter(pk=OuterRef("assessment_id"))), facts__is_final=True)


def report_page(
    assessment: Assessment, user: User, *, can_make: bool, can_issue: bool
) -> ReportPage:
    """Return the documents of a worksheet and the work on them; two queries."""
    documents = list(
        documents_of(assessment, user).select_related("created_by").order_by("-version")
    )
    jobs = list(Job.objects.filter(subject=assessment.subject, kind__in=KINDS).order_by("-pk")[:20])
    states = []
    for code, kind in KINDS.items():
        own = [document for document in documents if document.kind == code]
        latest = next((job for job in jobs if job.kind == code), None)
        states.append(
            KindState(
                kind=kind,
                job=latest if latest and latest.state in WAITING else None,
                failed=latest if latest and latest.state == Job.State.FAILED else None,
                newest=own[0] if own else None,
                older=tuple(own[1 : 1 + OLDER_SHOWN]),
            )
        )
    return ReportPage(tuple(states), can_make, can_issue)


def verification(document: Document) -> Verification:
    """Return what anyone may learn about a document; one query where a newer one exists."""
    facts = document.facts
    # A draft's code stays with those who hold the draft.
    newer = document.superseded_by
    newer = newer if newer and newer.dated_on else None
    was_issued = document.dated_on is not None
    target = facts.get("target", "")
    kind = KINDS.get(document.kind)
    return Verification(
        state=STATES[Document.Status(document.status)],
        kind=str(kind.label) if kind else facts.get("kind") or str(_("Dokumen")),
        number=document.number,
        version=document.version,
        code=document.public_code,
        unit=facts.get("unit", ""),
        unit_code=facts.get("unit_code", ""),
        total=facts.get("total", "") if was_issued else "",
        target=target,
        target_met=facts.get("met", {}).get(target, False),
        unmet=facts.get("unmet", {}).get(target, 0),
        signer=facts.get("signer", "") if was_issued else "",
        signer_position=facts.get("signer_position", ""),
        dated_on=document.dated_on,
        made_at=document.created_at,
        sha256=document.sha256,
        signed_sha256=document.signed_sha256,
        newer_version=newer.version if newer else None,
        newer_code=newer.public_code if newer else "",
        withdrawn_reason=document.withdrawn_reason,
    )
