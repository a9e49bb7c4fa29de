"""Papers on recommendations: the follow-up matrix of a unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import State
from assessments.reports.builder import house
from assessments.reports.circumstances import DocumentMark, House
from assessments.reports.printing import style_sheet
from assistance.models import FollowUp, Recommendation, Source
from assistance.register import chip_of
from units.access import Permission, has_permission
from units.models import Unit, User
from zona import audit, jobs, pdf
from zona.documents import new_public_code, qr_code, store_document
from zona.models import Document, Job

MATRIX = "recommendation_matrix"
MATRIX_LABEL = gettext_lazy("Matriks tindak lanjut")
WAITING = (Job.State.QUEUED, Job.State.RUNNING)
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One recommendation as the matrix prints it; actions and checks newest first."""

    code: str
    indicator: str
    condition: str
    advice: str
    owner: str
    priority: str
    due_on: date
    days_late: int
    state: str
    actions: tuple[tuple[datetime, str], ...]
    evidence: tuple[str, ...]
    checks: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """All that the paper prints."""

    house: House
    unit: Unit
    document: DocumentMark
    rows: tuple[MatrixRow, ...]
    living: int
    done: int
    overdue: int
    as_of: datetime


def mark(site: str) -> DocumentMark:
    """Return what identifies a new draft."""
    code = new_public_code()
    return DocumentMark(
        number="",
        dated_on=None,
        is_issued=False,
        public_code=code,
        verify_url=site + reverse(settings.DOCUMENT_VERIFY_URL, args=[code]),
    )


ACTIONS = (FollowUp.Kind.PROGRESS, FollowUp.Kind.REPORTED)
CHECKS = (FollowUp.Kind.DONE, FollowUp.Kind.REFUSED, FollowUp.Kind.IMPOSSIBLE)


def build_matrix(unit: Unit, user: User, document: DocumentMark) -> Matrix:
    """Return the matrix of what a person sees of a unit's recommendations; five queries."""
    steps = FollowUp.objects.filter(kind__in=(*ACTIONS, *CHECKS)).prefetch_related(
        "evidence__evidence"
    )
    rows = (
        Recommendation.objects.visible_to(user)
        .filter(unit=unit)
        .select_related("indicator", "owner_user")
        .prefetch_related(Prefetch("follow_ups", queryset=steps, to_attr="steps"))
        .order_by("due_on", "pk")[:MOST_ROWS]
    )
    today = timezone.localdate()
    printed = tuple(_matrix_row(row, today) for row in rows)
    living = [row for row in rows if row.is_living]
    return Matrix(
        house=house(),
        unit=unit,
        document=document,
        rows=printed,
        living=len(living),
        done=len(printed) - len(living),
        overdue=sum(row.days_late > 0 for row in printed),
        as_of=timezone.now(),
    )


def _matrix_row(row: Recommendation, today: date) -> MatrixRow:
    evidence = dict.fromkeys(
        use.evidence.title for step in row.steps for use in step.evidence.all()
    )
    return MatrixRow(
        code=row.code,
        indicator=row.indicator.code if row.indicator_id else "",
        condition=row.condition,
        advice=row.advice,
        owner=row.owner_name,
        priority=str(row.get_priority_display()),
        due_on=row.due_on,
        days_late=row.days_late(today),
        state=chip_of(row.state).label,
        actions=tuple((step.at, step.text) for step in row.steps if step.kind in ACTIONS),
        evidence=tuple(evidence),
        checks=tuple(
            (step.at, step.text or str(step.get_kind_display()))
            for step in row.steps
            if step.kind in CHECKS
        ),
    )


def matrix_html(matrix: Matrix) -> str:
    """Return the matrix as a page for ``zona.pdf.render``."""
    context = {
        "matrix": matrix,
        "house": matrix.house,
        "document": matrix.document,
        "qr": qr_code(matrix.document.verify_url),
    }
    return render_to_string("reports/recommendation_matrix.html", context)


# Asked for, made, kept ----------------------------------------------------------------------


def subject_of(unit: Unit) -> str:
    """Return the name under which a unit's papers and jobs are kept."""
    return f"unit:{unit.pk}"


def can_print(user: User, unit: Unit) -> bool:
    """The inspectorate, Eselon I, and the unit's lead and head make papers."""
    return has_permission(user, Permission.REPORT_EXPORT, unit)


@transaction.atomic
def request_matrix(*, unit: Unit, by: User, site: str) -> Job:
    """Queue the making of the matrix, or return the same person's job that already waits."""
    Unit.objects.select_for_update().get(pk=unit.pk)
    waiting = Job.objects.filter(
        kind=MATRIX, subject=subject_of(unit), requested_by=by, state__in=WAITING
    ).first()
    if waiting is not None:
        return waiting
    args = {"unit": unit.pk, "site": settings.SITE_URL or site}
    return jobs.enqueue(MATRIX, args=args, subject=subject_of(unit), by=by)


def make_matrix(*, unit: Unit, by: User, site: str, report: jobs.Report) -> Document:
    """Build, print and keep the matrix as its maker sees it; PdfError carries a sentence."""
    report(10, _("Mengumpulkan rekomendasi"))
    matrix = build_matrix(unit, by, mark(site))
    report(30, _("Menata halaman"))
    printed = pdf.render(matrix_html(matrix), css=style_sheet())
    report(90, _("Menyimpan dokumen"))
    inside = Recommendation.objects.visible_to(by).filter(unit=unit, source=Source.DESK)
    with transaction.atomic():
        locked = Unit.objects.select_for_update().get(pk=unit.pk)
        document = store_document(
            kind=MATRIX,
            subject=subject_of(unit),
            title=f"{MATRIX_LABEL}: {unit.name}"[:250],
            public_code=matrix.document.public_code,
            content=printed.content,
            page_count=printed.page_count,
            facts={
                "kind": str(MATRIX_LABEL),
                "unit": unit.name,
                "unit_code": unit.code,
                "is_internal": inside.exclude(assessment__state=State.FINAL).exists(),
            },
            by=by,
        )
        data = {"kind": MATRIX, "version": document.version, "sha256": document.sha256}
        audit.record(locked, [audit.Fact("document_made", f"document:{document.pk}", data)], by=by)
    return document


def matrices_of(unit: Unit, user: User):
    """Return the matrices of a unit that the person may fetch, the newest first.

    One that tells of an evaluation under way stays with the inspectorate.
    """
    rows = Document.objects.filter(kind=MATRIX, subject=subject_of(unit)).order_by("-version")
    if has_permission(user, Permission.TPI_TRACK_VIEW, unit):
        return rows
    return rows.filter(facts__is_internal=False)
