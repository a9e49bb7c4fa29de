"""Pages of documents: make one and watch it, fetch it, list them, and let anyone check a paper."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.document_forms import IssueForm, WithdrawForm
from assessments.models import Assessment, JourneyPaper
from assessments.permissions import can_export_report, can_issue_report, can_read_report
from assessments.reports.documents import (
    documents_visible_to,
    report_page,
    verification,
)
from assessments.services.documents import (
    KINDS,
    issue,
    request_document,
    send_to_signer,
    withdraw,
)
from assessments.services.files import EvidenceRefused
from zona.documents import DocumentRefused, read_public_code
from zona.limits import too_many
from zona.models import Document

PAGE_SIZE = 25
CHECKS_PER_MINUTE = 30


def _assessment(request, pk: int) -> Assessment:
    """Return a worksheet whose reports the person may read; 404 unseen, 403 not yet."""
    rows = Assessment.objects.visible_to(request.user).for_page()
    assessment = get_object_or_404(rows, pk=pk)
    if not can_read_report(request.user, assessment):
        raise PermissionDenied
    return assessment


@login_required
@require_safe
def document_report(request, pk: int):
    """Show the documents of a worksheet and, while one is being made, how far it is."""
    assessment = _assessment(request, pk)
    page = report_page(
        assessment,
        request.user,
        can_make=can_export_report(request.user, assessment),
        can_issue=can_issue_report(request.user, assessment),
    )
    template = "_document_state" if request.htmx else "document_report"
    return render(request, f"assessments/{template}.html", {"page": page, "assessment": assessment})


@login_required
@require_POST
def document_make(request, pk: int, kind: str):
    """Ask for a document; it is made in the background."""
    assessment = _assessment(request, pk)
    if kind not in KINDS:
        raise Http404
    if not can_export_report(request.user, assessment):
        raise PermissionDenied
    site = request.build_absolute_uri("/").rstrip("/")
    request_document(assessment=assessment, kind=kind, by=request.user, site=site)
    return redirect("assessments:document_report", pk=assessment.pk)


@login_required
@require_safe
def document_download(request, pk: int):
    """Hand out the file of a document to those whom it concerns."""
    document = get_object_or_404(documents_visible_to(request.user), pk=pk)
    assessment = _assessment(request, document.assessment_id)
    name = f"{KINDS[document.kind].short} {assessment.unit.code} {assessment.period.year}"
    unsigned = "konsep" in request.GET or not document.signed_file
    file = document.file if unsigned else document.signed_file
    return FileResponse(
        file.open("rb"),
        as_attachment=True,
        filename=f"{name} v{document.version}.pdf",
        content_type="application/pdf",
    )


def _to_issue(request, pk: int) -> tuple[Assessment, Document]:
    """Return a document whose course the person may record; 404 unseen, 403 otherwise."""
    document = get_object_or_404(documents_visible_to(request.user), pk=pk)
    assessment = _assessment(request, document.assessment_id)
    if not can_issue_report(request.user, assessment):
        raise PermissionDenied
    return assessment, document


@login_required
@require_POST
def document_send(request, pk: int):
    """Mark a draft as sent to its signer."""
    assessment, document = _to_issue(request, pk)
    try:
        send_to_signer(assessment=assessment, document=document, by=request.user)
    except DocumentRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("Konsep dicatat menunggu tanda tangan. Terbitkan setelah naskah kembali.")
        )
    return redirect("assessments:document_report", pk=assessment.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def document_issue(request, pk: int):
    """Ask for number, date and signed paper, and issue the document."""
    assessment, document = _to_issue(request, pk)
    is_sent = request.method == "POST"
    form = IssueForm(request.POST, request.FILES) if is_sent else IssueForm()
    if is_sent and form.is_valid():
        try:
            issue(assessment=assessment, document=document, by=request.user, **form.cleaned_data)
        except (DocumentRefused, EvidenceRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Dokumen terbit."))
            return redirect("assessments:document_report", pk=assessment.pk)
    return _ask(request, "issue", form, assessment, document)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def document_withdraw(request, pk: int):
    """Ask for the reason, and take an issued document out of force."""
    assessment, document = _to_issue(request, pk)
    is_sent = request.method == "POST"
    form = WithdrawForm(request.POST) if is_sent else WithdrawForm()
    if is_sent and form.is_valid():
        try:
            withdraw(assessment=assessment, document=document, by=request.user, **form.cleaned_data)
        except DocumentRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Dokumen ditarik dan tidak berlaku lagi."))
            return redirect("assessments:document_report", pk=assessment.pk)
    return _ask(request, "withdraw", form, assessment, document)


def _ask(request, name: str, form, assessment: Assessment, document: Document):
    context = {"form": form, "assessment": assessment, "document": document}
    status = 422 if form.is_bound else 200
    return render(request, f"assessments/document_{name}.html", context, status=status)


@login_required
@require_safe
def document_list(request):
    """List the documents that the person may fetch, the newest first."""
    rows = documents_visible_to(request.user).order_by("-pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("hal"))
    papers = JourneyPaper.objects.visible_to(request.user).for_list()[:PAGE_SIZE]
    context = {"page": page, "kinds": KINDS, "papers": papers}
    return render(request, "assessments/document_list.html", context)


@require_safe
def document_find(request):
    """Let anyone type the code that stands on a paper."""
    code = read_public_code(request.GET.get("kode", ""))
    if code:
        return redirect("assessments:document_verify", code=code)
    return render(
        request, "assessments/document_verify.html", {"typed": request.GET.get("kode", "")}
    )


@require_safe
def document_verify(request, code: str):
    """Say whether a document is genuine, current, superseded or withdrawn, to anyone who asks."""
    if too_many(request, "verify", CHECKS_PER_MINUTE):
        return render(request, "assessments/document_verify.html", {"is_limited": True}, status=429)
    printed = read_public_code(code)
    if printed and printed != code:
        return redirect(reverse("assessments:document_verify", args=[printed]))
    document = Document.objects.filter(public_code=printed).first() if printed else None
    page = verification(document) if document else None
    return render(
        request,
        "assessments/document_verify.html",
        {"page": page, "code": code[:20]},
        status=200 if page else 404,
    )
