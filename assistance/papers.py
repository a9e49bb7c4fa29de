"""The papers of a visit: its order, minutes and report, made in the background and issued.

A paper is a draft (konsep) until its number, its date and the signed file are recorded. Minutes
can be issued once both sides have confirmed them, a report once its review has approved it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.reports.printing import style_sheet
from assessments.services.files import check_file
from assistance import minutes_page, order_page, report_page
from assistance.models import Minutes, Visit, VisitReport
from assistance.permissions import can_hold, can_plan_visits
from assistance.printing import WAITING, house, mark
from units.access import Permission, has_permission
from units.models import User
from zona import audit, jobs, pdf
from zona.documents import (
    DocumentRefused,
    await_signature,
    issue_document,
    store_document,
    withdraw_document,
)
from zona.models import Document, Job

MINUTES, REPORT, ORDER = "visit_minutes", "visit_report", "visit_order"
OLDER_SHOWN = 10
PREFIX = "visit:"


@dataclass(frozen=True, slots=True)
class PaperKind:
    """One kind of paper: its name, its short name for files, and why it can't be issued yet."""

    code: str
    label: str | Promise
    short: str
    not_ready: str | Promise


KINDS = {
    kind.code: kind
    for kind in (
        PaperKind(
            MINUTES,
            gettext_lazy("Berita acara asistensi"),
            "Berita acara",
            gettext_lazy(
                "Konsep ini dibuat sebelum kedua pihak mengonfirmasi. Buat ulang PDF-nya."
            ),
        ),
        PaperKind(
            REPORT,
            gettext_lazy("Laporan hasil asistensi"),
            "Laporan asistensi",
            gettext_lazy("Konsep ini belum disetujui semua jenjang. Buat ulang setelah disetujui."),
        ),
        PaperKind(
            ORDER,
            gettext_lazy("Surat tugas"),
            "Surat tugas",
            gettext_lazy("Surat ini dibuat sebelum timnya ditetapkan. Buat ulang PDF-nya."),
        ),
    )
}


def subject_of(visit: Visit) -> str:
    """Return the name under which a visit's papers and jobs are kept."""
    return f"{PREFIX}{visit.pk}"


def exists(visit: Visit, kind: str) -> bool:
    """Tell whether there is anything to print."""
    if kind == ORDER:
        return visit.assignment_id is not None
    model = Minutes if kind == MINUTES else VisitReport
    return model.objects.filter(visit=visit).exists()


# Who may ----------------------------------------------------------------------------------------


def can_make(user: User, visit: Visit) -> bool:
    """The visit's team and the secretariat make papers."""
    return can_hold(user, visit) or can_plan_visits(user, visit.unit)


def can_issue(user: User, visit: Visit) -> bool:
    """The secretariat records number, date and signed file."""
    return can_plan_visits(user, visit.unit)


def readable(user: User, visit: Visit):
    """Return the visit's papers that a person may fetch.

    The inspectorate reads all; the unit reads the minutes, and of the others what was issued.
    """
    rows = Document.objects.filter(subject=subject_of(visit), kind__in=KINDS).order_by("-version")
    if has_permission(user, Permission.TPI_TRACK_VIEW, visit.unit):
        return rows
    return rows.exclude(kind__in=(REPORT, ORDER), dated_on=None)


# Made -------------------------------------------------------------------------------------------


@transaction.atomic
def request_paper(*, visit: Visit, kind: str, by: User, site: str) -> Job:
    """Queue the making of a paper, or return the job that waits for it already."""
    Visit.objects.select_for_update().get(pk=visit.pk)
    subject = subject_of(visit)
    waiting = Job.objects.filter(kind=kind, subject=subject, state__in=WAITING).first()
    if waiting is not None:
        return waiting
    args = {"visit": visit.pk, "site": settings.SITE_URL or site}
    return jobs.enqueue(kind, args=args, subject=subject, by=by)


def make_paper(
    *, visit: Visit, kind: str, by: User | None, site: str, report: Callable
) -> Document:
    """Build, print and keep a paper as the visit stands now; PdfError carries a sentence.

    visit: loaded by ``for_page()``.
    """
    report(10, _("Mengumpulkan hasil kunjungan"))
    document = mark(site)
    html, facts = _content(visit, kind, document)
    report(30, _("Menata halaman"))
    printed = pdf.render(html, css=style_sheet())
    report(90, _("Menyimpan dokumen"))
    with transaction.atomic():
        locked = Visit.objects.select_for_update().get(pk=visit.pk)
        stored = store_document(
            kind=kind,
            subject=subject_of(visit),
            title=f"{KINDS[kind].label}: {visit.unit.name}, {visit.starts_on:%d-%m-%Y}"[:250],
            public_code=document.public_code,
            content=printed.content,
            page_count=printed.page_count,
            facts={
                "kind": str(KINDS[kind].label),
                "unit": visit.unit.name,
                "unit_code": visit.unit.code,
                **facts,
            },
            by=by,
        )
        _tell(locked, "document_made", stored, by)
    return stored


def _content(visit: Visit, kind: str, document) -> tuple[str, dict]:
    """Return a paper's page, and what decides whether it can be issued."""
    if kind == MINUTES:
        told = minutes_page.build_minutes(visit, Minutes.objects.get(visit=visit))
        return minutes_page.minutes_html(told, document, house()), {"is_ready": told.is_complete}
    if kind == ORDER:
        order = order_page.build_order(visit.assignment, house=house(), document=document)
        return order_page.order_html(order), {"is_ready": bool(order.people)}
    row = VisitReport.objects.get(visit=visit)
    content = report_page.build_visit_report(visit, row, house=house(), document=document)
    is_ready = row.state == VisitReport.State.APPROVED
    return report_page.visit_report_html(content), {"is_ready": is_ready, "edition": row.edition}


def _tell(visit: Visit, action: str, document: Document, by: User | None) -> None:
    data = {
        "kind": document.kind,
        "version": document.version,
        "number": document.number,
        "sha256": document.signed_sha256 or document.sha256,
        "reason": document.withdrawn_reason,
    }
    kept = {name: value for name, value in data.items() if value}
    audit.record(visit, [audit.Fact(action, f"document:{document.pk}", kept)], by=by)


# Signed -----------------------------------------------------------------------------------------


def _ready(visit: Visit, document: Document) -> Visit:
    """Return the visit, locked; what is not ready is refused."""
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    refusal = str(KINDS[document.kind].not_ready)
    if not document.facts.get("is_ready"):
        raise DocumentRefused(refusal)
    if document.kind == REPORT:
        row = VisitReport.objects.get(visit=visit)
        if row.state != VisitReport.State.APPROVED or row.edition != document.facts["edition"]:
            raise DocumentRefused(refusal)
    return locked


@transaction.atomic
def send(*, visit: Visit, document: Document, by: User) -> Document:
    """Mark a draft as waiting for its signature. Raises DocumentRefused with a sentence."""
    locked = _ready(visit, document)
    sent = await_signature(document)
    _tell(locked, "document_sent", sent, by)
    return sent


def issue(
    *,
    visit: Visit,
    document: Document,
    number: str,
    dated_on: date,
    signed: UploadedFile,
    by: User,
) -> Document:
    """Issue a paper: number, day and the signed PDF are recorded.

    Raises DocumentRefused or EvidenceRefused (the file), each with a sentence; nothing is stored.
    """
    # Before any lock: a virus scanner may take its time.
    if check_file(signed).extension != "pdf":
        raise DocumentRefused(_("Naskah bertanda tangan harus berupa PDF."))
    with transaction.atomic():
        locked = _ready(visit, document)
        issued = issue_document(document, number=number, dated_on=dated_on, signed=signed)
        _tell(locked, "document_issued", issued, by)
    return issued


@transaction.atomic
def withdraw(*, visit: Visit, document: Document, reason: str, by: User) -> Document:
    """Take an issued paper out of force. Raises DocumentRefused with a sentence."""
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    gone = withdraw_document(document, reason=reason)
    _tell(locked, "document_withdrawn", gone, by)
    return gone


# Shown ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperPanel:
    """One kind of paper of a visit: the work under way, the newest, the older ones.

    can_make: there is something to print and the person may. is_ready: the newest can be issued.
    """

    kind: PaperKind
    visit: Visit
    job: Job | None
    failed: Job | None
    newest: Document | None
    older: tuple[Document, ...]
    can_make: bool
    can_issue: bool
    is_ready: bool


def paper_panel(visit: Visit, kind: str, user: User, *, is_written: bool) -> PaperPanel:
    """Return what the page of a paper shows of its PDF; two statements."""
    own = list(readable(user, visit).filter(kind=kind)[: OLDER_SHOWN + 1])
    latest = Job.objects.filter(subject=subject_of(visit), kind=kind).order_by("-pk").first()
    return PaperPanel(
        kind=KINDS[kind],
        visit=visit,
        job=latest if latest and latest.state in WAITING else None,
        failed=latest if latest and latest.state == Job.State.FAILED else None,
        newest=own[0] if own else None,
        older=tuple(own[1:]),
        can_make=is_written and can_make(user, visit),
        can_issue=can_issue(user, visit),
        is_ready=bool(own and own[0].facts.get("is_ready")),
    )
