"""Reports of a worksheet: asked for, made in the background, kept as documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import scoring
from assessments.models import Assessment
from assessments.reports.builder import build_evaluation_report
from assessments.reports.circumstances import DocumentMark
from assessments.reports.evaluation import EvaluationReport
from assessments.reports.printing import evaluation_html, style_sheet, summary_html
from assessments.services.files import check_file
from units.models import User
from zona import audit, jobs, pdf
from zona.documents import (
    DocumentRefused,
    await_signature,
    issue_document,
    new_public_code,
    store_document,
    withdraw_document,
)
from zona.models import Document, Job

REPORT = "evaluation_report"
SUMMARY = "evaluation_summary"
WAITING = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document of a worksheet: its name, its short name, and how it is printed."""

    code: str
    label: str
    short: str
    html: Callable[[EvaluationReport], str]


KINDS = {
    kind.code: kind
    for kind in (
        Kind(REPORT, gettext_lazy("Laporan hasil evaluasi"), "LHE", evaluation_html),
        Kind(SUMMARY, gettext_lazy("Ringkasan satu halaman"), "Ringkasan", summary_html),
    )
}


class CannotReport(Exception):
    """The worksheet cannot be reported; the text is a sentence for the user."""


@transaction.atomic
def request_document(*, assessment: Assessment, kind: str, by: User, site: str) -> Job:
    """Queue the making of a document, or return the job that already waits for it.

    site: address under which the document can be checked, such as ``https://zona.example``; the
    setting SITE_URL comes first.
    """
    Assessment.objects.select_for_update().get(pk=assessment.pk)
    waiting = Job.objects.filter(kind=kind, subject=assessment.subject, state__in=WAITING).first()
    if waiting is not None:
        return waiting
    return jobs.enqueue(
        kind,
        args={"assessment": assessment.pk, "site": settings.SITE_URL or site},
        subject=assessment.subject,
        by=by,
    )


def make_document(
    *, assessment: Assessment, kind: Kind, by: User | None, site: str, report: jobs.Report
) -> Document:
    """Build, print and keep a document of a worksheet as it stands now, as a draft (konsep).

    An older draft is superseded. report: told how far the work is.
    Raises CannotReport, or PdfError, each with a sentence for the user.
    """
    report(5, _("Mengumpulkan data penilaian"))
    code = new_public_code()
    mark = DocumentMark(
        number="",
        dated_on=None,
        is_issued=False,
        public_code=code,
        verify_url=site + reverse("assessments:document_verify", args=[code]),
    )
    try:
        content = build_evaluation_report(assessment, document=mark)
    except scoring.AnswerError as error:
        raise CannotReport(
            _("Jawaban yang tersimpan tidak dapat dinilai: %(problems)s") % {"problems": error}
        ) from error
    report(20, _("Menata halaman"))
    printed = pdf.render(kind.html(content), css=style_sheet())
    report(90, _("Menyimpan dokumen"))
    return _keep(assessment, kind, content, printed, by)


@transaction.atomic
def _keep(
    assessment: Assessment,
    kind: Kind,
    content: EvaluationReport,
    printed: pdf.RenderedPdf,
    by: User | None,
) -> Document:
    locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
    document = store_document(
        kind=kind.code,
        subject=assessment.subject,
        title=f"{kind.label}: {content.about.unit.name}, {content.about.period.name}"[:250],
        public_code=content.about.document.public_code,
        content=printed.content,
        page_count=printed.page_count,
        facts=facts_of(content),
        by=by,
    )
    fact = audit.Fact(
        "document_made",
        f"document:{document.pk}",
        {"kind": kind.code, "version": document.version, "sha256": document.sha256},
    )
    audit.record(locked, [fact], by=by)
    return document


@transaction.atomic
def send_to_signer(*, assessment: Assessment, document: Document, by: User) -> Document:
    """Mark a draft as waiting for its signature. Raises DocumentRefused with a sentence."""
    locked = _final(assessment, document)
    sent = await_signature(document)
    return _noted(locked, "document_sent", sent, by)


def issue(
    *,
    assessment: Assessment,
    document: Document,
    number: str,
    dated_on: date,
    signed: UploadedFile,
    by: User,
) -> Document:
    """Issue a document: its number, its date and the signed PDF are recorded.

    Raises DocumentRefused or EvidenceRefused (the file), each with a sentence; nothing is stored.
    """
    # Before any lock: a virus scanner may take its time.
    if check_file(signed).extension != "pdf":
        raise DocumentRefused(_("Naskah bertanda tangan harus berupa PDF."))
    with transaction.atomic():
        locked = _final(assessment, document)
        issued = issue_document(document, number=number, dated_on=dated_on, signed=signed)
        return _noted(locked, "document_issued", issued, by)


@transaction.atomic
def withdraw(*, assessment: Assessment, document: Document, reason: str, by: User) -> Document:
    """Take an issued document out of force. Raises DocumentRefused with a sentence."""
    locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
    return _noted(locked, "document_withdrawn", withdraw_document(document, reason=reason), by)


def _final(assessment: Assessment, document: Document) -> Assessment:
    """Return the worksheet, locked; only what was made of a final result may be signed."""
    locked = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if not (locked.is_final and document.facts.get("is_final")):
        raise DocumentRefused(
            _("Konsep ini memuat angka sementara. Buat ulang setelah penilaian final.")
        )
    return locked


def _noted(locked: Assessment, action: str, document: Document, by: User) -> Document:
    fact = audit.Fact(
        action,
        f"document:{document.pk}",
        {
            "kind": document.kind,
            "version": document.version,
            "number": document.number,
            "signed_sha256": document.signed_sha256,
            "reason": document.withdrawn_reason,
        },
    )
    audit.record(locked, [fact], by=by)
    return document


def facts_of(content: EvaluationReport) -> dict[str, object]:
    """Return what the paper says and the public page may repeat."""
    return {
        "unit": content.about.unit.name,
        "unit_code": content.about.unit.code,
        "period": content.about.period.name,
        "total": scoring.points_text(content.total),
        "met": {predicate.code: predicate.is_met for predicate in content.predicates},
        "unmet": {predicate.code: len(predicate.unmet) for predicate in content.predicates},
        "target": content.about.target,
        "is_final": content.about.is_final,
        "signer": content.about.signer.name if content.about.signer else "",
        "signer_position": content.about.signer.position if content.about.signer else "",
    }
