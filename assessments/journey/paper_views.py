"""Pages of the journey's papers: scans, monitoring, letters; make, send, issue, withdraw."""

from __future__ import annotations

from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.document_forms import IssueForm, WithdrawForm
from assessments.journey import building, papers
from assessments.journey.forms import MonitoringForm, ScanForm
from assessments.journey.page import history_of
from assessments.journey.papers import Subject, paper_panel, subject_of
from assessments.journey.services import JourneyRefused
from assessments.journey.views import _period, _unit
from assessments.models import (
    BuildingMonitoring,
    JourneyDocument,
    JourneyPaper,
    Monitoring,
    PledgeScan,
    Proposal,
)
from assessments.services.files import EvidenceRefused
from assessments.workplan.page import period_of
from assessments.workplan.views import FIRST_YEAR, LAST_YEAR
from units.models import Unit
from units.permissions import can_record_pledge
from units.reports import row_conflict
from units.services.tree import RowChanged
from zona.documents import DocumentRefused
from zona.models import AuditEntry


def _site(request) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def make_paper_of(request, subject: Subject, kind: str):
    """Ask for a paper; it is made in the background."""
    if not papers.can_read(request.user, subject) or kind not in subject.kinds:
        raise Http404
    if not papers.can_make(request.user, subject):
        raise PermissionDenied
    papers.request_paper(subject=subject, kind=kind, by=request.user, site=_site(request))
    return redirect(subject.url)


# Scans and the unit's papers ---------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def journey_papers(request, unit, period):
    """Show the papers of a unit's year, the scans of its declaration, and its history."""
    unit, period = _unit(request, unit), _period(request, period)
    can_scan = can_record_pledge(request.user, unit)
    if request.method == "POST" and not can_scan:
        raise PermissionDenied
    form = ScanForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            building.add_scan(unit=unit, by=request.user, **form.cleaned_data)
        except JourneyRefused as refused:
            form.add_error(None, str(refused))
        except EvidenceRefused as refused:
            form.add_error("upload", str(refused))
        else:
            messages.success(request, _("Pindaian tersimpan."))
            return redirect("assessments:journey_papers", unit.pk, period.pk)
    scans = list(PledgeScan.objects.filter(unit=unit).select_related("evidence", "added_by"))
    kept = JourneyDocument.objects.filter(candidacy__unit=unit, candidacy__period=period)
    context = {
        "unit": unit,
        "period": period,
        "form": form,
        "can_scan": can_scan,
        "scans": [
            (kind.label, [scan for scan in scans if scan.kind == kind]) for kind in PledgeScan.Kind
        ],
        "documents": kept.select_related("evidence"),
        "panel": paper_panel(Subject(unit, period), request.user),
        "history": history_of(unit, period),
    }
    return render(request, "assessments/journey_papers.html", context)


@login_required
@require_POST
def conditions_paper(request, unit, period):
    """Make the list of a unit's conditions."""
    subject = Subject(_unit(request, unit), _period(request, period))
    return make_paper_of(request, subject, papers.CONDITIONS)


# Monitoring --------------------------------------------------------------------------------------


@login_required
@require_safe
def building_list(request, unit, year):
    """List the looks at a unit in a year, at its building phase and at its predicate."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    unit = _unit(request, unit)
    rows = BuildingMonitoring.objects.filter(unit=unit, on__year=year)
    looks = Monitoring.objects.filter(award__candidacy__unit=unit, on__year=year)
    context = {
        "unit": unit,
        "year": year,
        "rows": rows.select_related("recorded_by"),
        "looks": looks.select_related("award", "recorded_by"),
        "can_monitor": building.can_monitor(request.user, unit),
        "period_id": period_of(unit, year),
    }
    return render(request, "assessments/building_list.html", context)


def _building(request, pk: int) -> BuildingMonitoring:
    seen = Unit.objects.visible_to(request.user).assessable()
    rows = BuildingMonitoring.objects.select_related("unit__parent", "recorded_by")
    return get_object_or_404(rows.filter(unit__in=seen), pk=pk)


@login_required
@require_safe
def building_detail(request, pk):
    """Show a look at the building phase, with its report."""
    row = _building(request, pk)
    texts = {one.area: one for one in row.findings.all()}
    panel = paper_panel(Subject(row.unit, building=row), request.user)
    context = {
        "row": row,
        "unit": row.unit,
        "year": row.on.year,
        "areas": [(figures, texts.get(figures["area"])) for figures in row.figures],
        "can_write": building.can_write(request.user, row) and not (panel and panel.is_signed),
        "panel": panel,
    }
    return render(request, "assessments/building_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def building_new(request, unit, year):
    """Write down a look at the building phase."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    return _building_form(request, _unit(request, unit), year, None)


@login_required
@require_http_methods(["GET", "POST"])
def building_edit(request, pk):
    """Correct a look at the building phase."""
    row = _building(request, pk)
    return _building_form(request, row.unit, row.on.year, row)


def _building_form(request, unit: Unit, year: int, row: BuildingMonitoring | None):
    if not building.can_monitor(request.user, unit):
        raise PermissionDenied
    if row is not None and not building.can_write(request.user, row):
        raise PermissionDenied
    today = timezone.localdate()
    day = today if today.year == year else today.replace(year=year, month=12, day=31)
    first = {"on": min(day, today), "starts_on": day.replace(month=1, day=1), "ends_on": day}
    texts = {one.area: (one.condition, one.advice) for one in row.findings.all()} if row else {}
    form = MonitoringForm(
        request.POST or None,
        instance=copy(row),
        initial=None if row else first,
        findings=texts,
    )
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            saved = building.record_monitoring(
                unit=unit,
                by=request.user,
                monitoring=row,
                version=form.seen_version if row else None,
                findings=form.findings,
                **form.told,
            )
        except RowChanged as changed:
            entries = AuditEntry.objects.filter(
                stream=unit.audit_stream, target=f"monitoring:{changed.current.pk}"
            )
            conflict = row_conflict(changed.current, form.told, entries)
            form.show_newer(changed.current.version)
        except JourneyRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Pemantauan tersimpan."))
            return redirect("assessments:building_detail", saved.pk)
    context = {"form": form, "unit": unit, "year": year, "row": row, "conflict": conflict}
    return render(request, "assessments/building_form.html", context)


@login_required
@require_POST
def building_paper(request, pk):
    """Make the report on a look at the building phase."""
    row = _building(request, pk)
    return make_paper_of(request, Subject(row.unit, building=row), papers.MONITORING)


def _look(request, pk: int) -> tuple[Monitoring, Unit]:
    """Return a look at a predicate with its unit; 404 unless the person sees the unit."""
    seen = Unit.objects.visible_to(request.user).assessable()
    rows = Monitoring.objects.select_related("award__candidacy__unit__parent", "recorded_by")
    row = get_object_or_404(rows.filter(award__candidacy__unit__in=seen), pk=pk)
    return row, row.award.candidacy.unit


@login_required
@require_safe
def monitoring_detail(request, pk):
    """Show a look at a predicate, with its report."""
    row, unit = _look(request, pk)
    context = {
        "row": row,
        "unit": unit,
        "year": row.on.year,
        "panel": paper_panel(Subject(unit, monitoring=row), request.user),
    }
    return render(request, "assessments/monitoring_detail.html", context)


@login_required
@require_POST
def monitoring_paper(request, pk):
    """Make the report on a look at a predicate."""
    row, unit = _look(request, pk)
    return make_paper_of(request, Subject(unit, monitoring=row), papers.MONITORING)


# Letters -----------------------------------------------------------------------------------------


def _proposal(request, pk: int) -> Proposal:
    """Return a letter; 404 for who may not read what names many units."""
    row = get_object_or_404(Proposal.objects.select_related("period"), pk=pk)
    if not building.can_see_all(request.user):
        raise Http404
    return row


@login_required
@require_safe
def proposal_detail(request, pk):
    """Show a letter of proposal with its units and papers."""
    row = _proposal(request, pk)
    lines = row.lines.select_related("candidacy__unit__parent", "withdrawn_by")
    context = {
        "row": row,
        "period": row.period,
        "lines": lines.order_by("candidacy__unit__name"),
        "panel": paper_panel(Subject(proposal=row), request.user),
    }
    return render(request, "assessments/proposal_detail.html", context)


@login_required
@require_POST
def proposal_paper(request, pk, kind):
    """Make the letter or its statement."""
    return make_paper_of(request, Subject(proposal=_proposal(request, pk)), kind)


# Any paper ---------------------------------------------------------------------------------------


def _paper(request, pk: int) -> JourneyPaper:
    rows = JourneyPaper.objects.visible_to(request.user).select_related(
        "document",
        "unit",
        "period",
        "proposal__period",
        "building__unit",
        "monitoring__award",
        "plenary__period",
    )
    return get_object_or_404(rows.defer("period__instrument"), pk=pk)


def _to_issue(request, pk: int) -> JourneyPaper:
    paper = _paper(request, pk)
    if not papers.can_issue(request.user, subject_of(paper)):
        raise PermissionDenied
    return paper


@login_required
@require_safe
def paper_download(request, pk):
    """Hand out a paper: the signed one, or with ``?konsep`` what Zona set."""
    paper = _paper(request, pk)
    document = paper.document
    unsigned = "konsep" in request.GET or not document.signed_file
    file = document.file if unsigned else document.signed_file
    many = paper.proposal or paper.plenary
    about = paper.unit.code if paper.unit else f"{many.period.year}-{many.pk}"
    name = f"{papers.KINDS[document.kind].short} {about} v{document.version}.pdf"
    return FileResponse(
        file.open("rb"), as_attachment=True, filename=name, content_type="application/pdf"
    )


@login_required
@require_POST
def paper_send(request, pk):
    """Mark a draft as sent to its signer."""
    paper = _to_issue(request, pk)
    try:
        papers.send(paper=paper, by=request.user)
    except DocumentRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("Konsep dicatat menunggu tanda tangan. Terbitkan setelah naskah kembali.")
        )
    return redirect(subject_of(paper).url)


@login_required
@require_http_methods(["GET", "POST"])
def paper_issue(request, pk):
    """Ask for number, date and signed paper, and issue it."""
    paper = _to_issue(request, pk)
    is_sent = request.method == "POST"
    initial = {"number": papers.known_number(paper)}
    form = IssueForm(request.POST, request.FILES) if is_sent else IssueForm(initial=initial)
    if is_sent and form.is_valid():
        try:
            papers.issue(paper=paper, by=request.user, **form.cleaned_data)
        except (DocumentRefused, EvidenceRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Dokumen terbit."))
            return redirect(subject_of(paper).url)
    return _ask(request, "issue", form, paper)


@login_required
@require_http_methods(["GET", "POST"])
def paper_withdraw(request, pk):
    """Ask for the reason, and take an issued paper out of force."""
    paper = _to_issue(request, pk)
    is_sent = request.method == "POST"
    form = WithdrawForm(request.POST) if is_sent else WithdrawForm()
    if is_sent and form.is_valid():
        try:
            papers.withdraw(paper=paper, by=request.user, **form.cleaned_data)
        except DocumentRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Dokumen ditarik dan tidak berlaku lagi."))
            return redirect(subject_of(paper).url)
    return _ask(request, "withdraw", form, paper)


def _ask(request, name: str, form, paper: JourneyPaper):
    context = {"form": form, "document": paper.document, "back": subject_of(paper).url}
    status = 422 if form.is_bound else 200
    return render(request, f"assessments/paper_{name}.html", context, status=status)
