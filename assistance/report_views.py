"""Pages of a visit's report: write, review, correct; and of its papers: make, send, issue."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.document_forms import IssueForm, WithdrawForm
from assessments.services.files import EvidenceRefused
from assistance import papers
from assistance.models import Visit, VisitMember, VisitReport
from assistance.permissions import can_hold
from assistance.services.reports import (
    ACTS,
    CORRECT,
    PASS,
    RETURN,
    SUBMIT,
    TEXT_MAX,
    ReportChanged,
    ReportRefused,
    available_acts,
    move_report,
    write_report,
)
from assistance.visit_views import seen
from units.access import Permission, has_permission
from zona.documents import DocumentRefused
from zona.models import Document

LATE = gettext_lazy("Rekan Anda menyimpan laporan lebih dulu. Muat ulang, lalu periksa lagi.")
DONE = {
    SUBMIT: gettext_lazy("Laporan diajukan untuk direviu."),
    PASS: gettext_lazy("Laporan diteruskan."),
    RETURN: gettext_lazy("Laporan dikembalikan kepada tim."),
    CORRECT: gettext_lazy("Laporan dibuka untuk koreksi; edisi berikutnya direviu ulang."),
}
WORDS = {
    SUBMIT: gettext_lazy("Ajukan untuk direviu"),
    PASS: gettext_lazy("Setujui dan teruskan"),
    RETURN: gettext_lazy("Kembalikan kepada tim"),
    CORRECT: gettext_lazy("Koreksi laporan"),
}


class ReportForm(forms.ModelForm):
    """The words of the report; figures and findings come from the visit."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = VisitReport
        fields = ("overview", "background", "conclusion")
        widgets = {
            "overview": forms.Textarea(attrs={"rows": 7, "maxlength": TEXT_MAX}),
            "background": forms.Textarea(attrs={"rows": 4, "maxlength": TEXT_MAX}),
            "conclusion": forms.Textarea(attrs={"rows": 5, "maxlength": TEXT_MAX}),
        }
        help_texts = {
            "overview": gettext_lazy(
                "Kondisi utama dan rekomendasi utama dalam tiga sampai lima kalimat."
            ),
            "background": gettext_lazy(
                "Yang perlu diketahui di luar profil, layanan, dan pencanangan yang sudah tercatat."
            ),
            "conclusion": gettext_lazy("Wajib sebelum laporan diajukan."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["conclusion"].is_asked_sometimes = True


class StepForm(forms.Form):
    """What a reviewer says with his step."""

    note = forms.CharField(
        label=gettext_lazy("Catatan"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Wajib bila dikembalikan atau dikoreksi."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


def _report_of(visit: Visit) -> VisitReport | None:
    return VisitReport.objects.filter(visit=visit).first()


@login_required
@require_http_methods(["GET", "POST"])
def visit_report(request, pk):
    """Show the report of a visit; its team writes it while it is a draft."""
    visit = seen(request, pk)
    form = None
    if request.method == "POST":
        if not can_hold(request.user, visit):
            raise PermissionDenied
        form = ReportForm(request.POST, instance=_report_of(visit))
        if form.is_valid():
            texts = {name: form.cleaned_data[name] for name in ReportForm.Meta.fields}
            try:
                write_report(
                    visit=visit,
                    texts=texts,
                    version=form.cleaned_data["version"] or 0,
                    by=request.user,
                )
            except ReportRefused as refusal:
                form.add_error(None, str(refusal))
            except ReportChanged:
                form.add_error(None, str(LATE))
            else:
                messages.success(request, _("Laporan tersimpan."))
                return redirect("assistance:visit_report", pk)
    return _page(request, visit, form=form, status=422 if form else 200)


def _page(request, visit: Visit, *, form=None, step=None, status=200):
    row = _report_of(visit)
    sees_words = has_permission(request.user, Permission.TPI_TRACK_VIEW, visit.unit)
    members = list(visit.team.select_related("user")) if sees_words else []
    rank = next((item.rank for item in members if item.user_id == request.user.pk), None)
    rank = rank if rank and can_hold(request.user, visit) else None
    is_open = visit.state in ("running", "held") and (row is None or row.state == "draft")
    if form is None and rank and is_open:
        form = ReportForm(instance=row, initial={"version": row.version if row else 0})
    acts = available_acts(visit, row, rank)
    if step is None and acts:
        step = StepForm(initial={"version": row.version}, prefix="langkah")
    context = {
        "visit": visit,
        "report": row if sees_words else None,
        "form": form,
        "step": step,
        "acts": [(act, WORDS[act]) for act in acts],
        "team": members,
        "steps": list(row.steps.select_related("by")) if row and sees_words else [],
        "panel": papers.paper_panel(visit, papers.REPORT, request.user, is_written=row is not None),
    }
    return render(request, "assistance/report.html", context, status=status)


@login_required
@require_POST
def visit_report_step(request, pk, act):
    """Send the report on, let it through, give it back, or open it for a correction."""
    visit = seen(request, pk)
    if act not in ACTS:
        raise Http404
    if not VisitMember.objects.filter(visit=visit, user=request.user).exists():
        raise PermissionDenied
    form = StepForm(request.POST, prefix="langkah")
    if form.is_valid():
        try:
            move_report(
                visit=visit,
                act=act,
                version=form.cleaned_data["version"],
                note=form.cleaned_data["note"],
                by=request.user,
            )
        except ReportRefused as refusal:
            form.add_error(None, str(refusal))
        except ReportChanged:
            form.add_error(None, str(LATE))
        else:
            messages.success(request, str(DONE[act]))
            return redirect("assistance:visit_report", pk)
    return _page(request, visit, step=form, status=422)


# Papers -----------------------------------------------------------------------------------------

PAGES = {
    papers.MINUTES: "assistance:minutes",
    papers.REPORT: "assistance:visit_report",
    papers.ORDER: "assistance:visit_team",
}


@login_required
@require_POST
def paper_make(request, pk, kind):
    """Ask for a paper; it is made in the background."""
    visit = seen(request, pk)
    if kind not in papers.KINDS:
        raise Http404
    if not papers.can_make(request.user, visit):
        raise PermissionDenied
    if papers.exists(visit, kind):
        site = request.build_absolute_uri("/").rstrip("/")
        papers.request_paper(visit=visit, kind=kind, by=request.user, site=site)
    else:
        messages.error(request, _("Belum ada isinya; tulis lebih dahulu."))
    return redirect(PAGES[kind], pk)


@login_required
@require_safe
def paper_state(request, pk, kind):
    """Show how far the making of a paper is; asked again by the page itself."""
    visit = seen(request, pk)
    if kind not in papers.KINDS:
        raise Http404
    panel = papers.paper_panel(visit, kind, request.user, is_written=papers.exists(visit, kind))
    return render(request, "assistance/_papers.html", {"panel": panel})


def _document(request, pk, document) -> tuple[Visit, Document]:
    """Return a paper of a visit that the person may fetch; 404 otherwise."""
    visit = seen(request, pk)
    return visit, get_object_or_404(papers.readable(request.user, visit), pk=document)


def _to_issue(request, pk, document) -> tuple[Visit, Document]:
    visit, row = _document(request, pk, document)
    if not papers.can_issue(request.user, visit):
        raise PermissionDenied
    return visit, row


@login_required
@require_safe
def paper_download(request, pk, document):
    """Hand out a paper: the signed one, or with ``?konsep`` what Zona set."""
    visit, row = _document(request, pk, document)
    unsigned = "konsep" in request.GET or not row.signed_file
    file = row.file if unsigned else row.signed_file
    name = f"{papers.KINDS[row.kind].short} {visit.unit.code} v{row.version}.pdf"
    return FileResponse(
        file.open("rb"), as_attachment=True, filename=name, content_type="application/pdf"
    )


@login_required
@require_POST
def paper_send(request, pk, document):
    """Mark a draft as sent to its signer."""
    visit, row = _to_issue(request, pk, document)
    try:
        papers.send(visit=visit, document=row, by=request.user)
    except DocumentRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("Konsep dicatat menunggu tanda tangan. Terbitkan setelah naskah kembali.")
        )
    return redirect(PAGES[row.kind], pk)


@login_required
@require_http_methods(["GET", "POST"])
def paper_issue(request, pk, document):
    """Ask for number, date and signed paper, and issue it."""
    visit, row = _to_issue(request, pk, document)
    is_sent = request.method == "POST"
    form = IssueForm(request.POST, request.FILES) if is_sent else IssueForm()
    if is_sent and form.is_valid():
        try:
            papers.issue(visit=visit, document=row, by=request.user, **form.cleaned_data)
        except (DocumentRefused, EvidenceRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Dokumen terbit."))
            return redirect(PAGES[row.kind], pk)
    return _ask(request, form, visit, row, is_withdrawal=False)


@login_required
@require_http_methods(["GET", "POST"])
def paper_withdraw(request, pk, document):
    """Ask for the reason, and take an issued paper out of force."""
    visit, row = _to_issue(request, pk, document)
    is_sent = request.method == "POST"
    form = WithdrawForm(request.POST) if is_sent else WithdrawForm()
    if is_sent and form.is_valid():
        try:
            papers.withdraw(visit=visit, document=row, by=request.user, **form.cleaned_data)
        except DocumentRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Dokumen ditarik dan tidak berlaku lagi."))
            return redirect(PAGES[row.kind], pk)
    return _ask(request, form, visit, row, is_withdrawal=True)


def _ask(request, form, visit: Visit, document: Document, *, is_withdrawal: bool):
    context = {
        "form": form,
        "visit": visit,
        "document": document,
        "back": PAGES[document.kind],
        "is_withdrawal": is_withdrawal,
    }
    status = 422 if form.is_bound else 200
    return render(request, "assistance/paper_ask.html", context, status=status)
