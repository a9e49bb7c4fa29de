"""Pages of results: figures, papers, improvements, the years of a unit, external indices."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys import export, pages, permissions, printing, prints_page, reports
from surveys.answer_views import XLSX
from surveys.forms import ExternalForm, ImprovementForm, TokenForm
from surveys.models import ExternalIndex, Improvement, ResponseComment, Survey
from surveys.services import external, improvements, prints
from surveys.services.retention import SHEET_KIND
from surveys.views import managed_survey, seen_survey, site_of
from units.models import Unit
from zona.models import Job

COMMENTS_SHOWN = 50


@login_required
@require_safe
def survey_result(request, pk):
    """Show the locked result of a survey with charts and their tables."""
    return _result_page(request, seen_survey(request, pk), ImprovementForm())


def _result_page(request, survey: Survey, improvement: ImprovementForm, status: int = 200):
    results = reports.results_in_force(survey)
    shown = ResponseComment.objects.filter(survey=survey, state=ResponseComment.State.SHOWN)
    manages = permissions.can_manage(request.user, survey.unit)
    context = {
        "survey": survey,
        "results": [
            (report, printing.element_chart(report) if report.elements else None)
            for report in results
        ],
        "comments": shown.order_by("pk")[:COMMENTS_SHOWN],
        "improvements": survey.improvements.all(),
        "improvement_form": improvement if manages else None,
        "reopenings": survey.reopenings.select_related("by"),
        "can_manage": manages,
        "can_export": permissions.can_export(request.user, survey.unit),
    }
    return render(request, "surveys/survey_result.html", context, status=status)


@login_required
@require_safe
def survey_workbook(request, pk):
    """Hand out the result as XLSX; single answers only to those who may see them."""
    survey = seen_survey(request, pk)
    if not permissions.can_export(request.user, survey.unit):
        raise PermissionDenied
    if not survey.has_result:
        raise Http404
    content = export.result_workbook(
        survey, with_answers=permissions.can_see_answers(request.user, survey.unit)
    )
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="survei-{survey.code}.xlsx"'
    return response


@login_required
@require_POST
def improvement_add(request, pk):
    """Plan an improvement that follows from a result."""
    survey = managed_survey(request, pk)
    form = ImprovementForm(request.POST)
    if form.is_valid():
        improvements.add_improvement(survey=survey, by=request.user, **form.cleaned_data)
        messages.success(request, _("Rencana tindak lanjut dicatat."))
        return redirect("surveys:survey_result", pk=survey.pk)
    messages.error(request, _("Isi unsur, perbaikan, penanggung jawab, dan tenggat."))
    return _result_page(request, survey, form, 422)


@login_required
@require_POST
def improvement_finish(request, pk):
    """Say that an improvement is done."""
    visible = Survey.objects.visible_to(request.user)
    rows = Improvement.objects.filter(survey__in=visible).select_related("survey__unit")
    improvement = get_object_or_404(rows, pk=pk)
    if not permissions.can_manage(request.user, improvement.survey.unit):
        raise PermissionDenied
    improvements.finish_improvement(improvement=improvement, by=request.user)
    messages.success(request, _("Tindak lanjut ditandai selesai."))
    return redirect("surveys:survey_result", pk=improvement.survey_id)


@login_required
@require_safe
def print_list(request, pk):
    """Show the papers of a survey and, while one is being made, how far it is."""
    survey = seen_survey(request, pk)
    if not permissions.can_export(request.user, survey.unit):
        raise PermissionDenied
    context = {
        "survey": survey,
        "page": prints_page.prints_page(survey, request.user),
        "token_form": TokenForm(),
    }
    template = "_print_state" if request.htmx else "print_list"
    return render(request, f"surveys/{template}.html", context)


@login_required
@require_POST
def print_make(request, pk, kind):
    """Ask for a paper; it is made in the background."""
    survey = seen_survey(request, pk)
    if kind not in prints.KINDS:
        raise Http404
    if kind in (prints.POSTER, SHEET_KIND):
        allowed = permissions.can_manage(request.user, survey.unit)
    else:
        allowed = permissions.can_export(request.user, survey.unit)
    if not allowed:
        raise PermissionDenied
    options = _print_options(request, survey, kind)
    if options is None:
        messages.error(request, _("Isi jumlah token antara 1 dan 500."))
    else:
        try:
            prints.request_print(
                survey=survey, kind=kind, by=request.user, site=site_of(request), options=options
            )
        except prints.CannotPrint as refusal:
            messages.error(request, str(refusal))
    return redirect("surveys:print_list", pk=survey.pk)


def _print_options(request, survey, kind) -> dict | None:
    """Return what the form asks of a paper; None where it cannot be."""
    if kind == prints.POSTER:
        size = request.POST.get("ukuran", printing.A4)
        by_service = request.POST.get("per") == "layanan" and bool(survey.asked_services)
        return {
            "size": size if size in printing.SIZES else printing.A4,
            "by_service": by_service,
        }
    if kind == SHEET_KIND:
        form = TokenForm(request.POST)
        return {"count": form.cleaned_data["count"]} if form.is_valid() else None
    return {}


@login_required
@require_safe
def print_download(request, public_id):
    """Hand out a finished paper to those whom it concerns; token sheets to managers alone."""
    job = get_object_or_404(Job, public_id=public_id, kind__in=prints.KINDS, state=Job.State.DONE)
    survey = seen_survey(request, int(job.subject.removeprefix("survey:")))
    if job.kind == SHEET_KIND:
        allowed = permissions.can_manage(request.user, survey.unit)
    else:
        allowed = permissions.can_export(request.user, survey.unit)
    if not allowed:
        raise PermissionDenied
    file = prints.stored_file(job)
    if file is None:
        raise Http404
    name = f"{job.kind.removeprefix('surveys.')}-{survey.code}.pdf".replace("_", "-")
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/pdf")


@login_required
@require_safe
def unit_surveys(request, pk):
    """Show every index of a unit over the years, its own and external ones."""
    unit = get_object_or_404(Unit.objects.visible_to(request.user), pk=pk)
    context = {
        "unit": unit,
        "lines": pages.trend_lines(unit),
        "charts": pages.trend_charts(unit),
        "can_record": permissions.can_record_external(request.user, unit),
        "can_manage": permissions.can_manage(request.user, unit),
    }
    return render(request, "surveys/unit_surveys.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def external_record(request, pk):
    """Write down an external index with its report."""
    unit = get_object_or_404(Unit.objects.visible_to(request.user), pk=pk)
    if not permissions.can_record_external(request.user, unit):
        raise PermissionDenied
    form = ExternalForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        external.record_external(unit=unit, by=request.user, **form.cleaned_data)
        messages.success(request, _("Indeks survei eksternal dicatat."))
        return redirect("surveys:unit_surveys", pk=unit.pk)
    return render(request, "surveys/external_form.html", {"form": form, "unit": unit})


@login_required
@require_safe
def external_report(request, pk):
    """Hand out the report of an external survey."""
    seen = Unit.objects.visible_to(request.user)
    row = get_object_or_404(ExternalIndex.objects.filter(unit__in=seen), pk=pk)
    return FileResponse(
        row.report.open("rb"),
        as_attachment=True,
        filename=f"survei-eksternal-{row.kind}-{row.year}-v{row.version}.pdf",
        content_type="application/pdf",
    )
