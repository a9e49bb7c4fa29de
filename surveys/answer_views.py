"""Pages of single answers: their quality, comments, and files of answers collected elsewhere."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys import export, permissions
from surveys.forms import ImportForm, JudgeForm
from surveys.models import (
    ALL_FLAGS,
    FLAG_LABELS,
    ImportBatch,
    Response,
    ResponseComment,
    State,
    Status,
    Survey,
)
from surveys.services import imports, review
from surveys.views import managed_survey, seen_survey
from zona.table_file import TableFileError

ANSWER_ROWS = 50
COMMENT_ROWS = 25
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODD = "ditandai"


def _with_answers(request, pk) -> Survey:
    """Return a survey whose single answers the person may see; 404 unseen, 403 otherwise."""
    survey = seen_survey(request, pk)
    if not permissions.can_see_answers(request.user, survey.unit):
        raise PermissionDenied
    return survey


@login_required
@require_safe
def answer_list(request, pk):
    """List the answers by what is odd about them; never their points, never the profile."""
    survey = _with_answers(request, pk)
    shown = request.GET.get("tampil", ODD)
    rows = Response.objects.filter(survey=survey)
    if shown in Status.values:
        rows = rows.filter(status=shown)
    else:
        mask = int(shown) if shown.isdigit() and int(shown) <= ALL_FLAGS else ALL_FLAGS
        rows = rows.annotate(odd=F("flags").bitand(mask)).exclude(odd=0)
    rows = rows.select_related("service").prefetch_related("exclusions__by").order_by("pk")
    context = {
        "survey": survey,
        "page": Paginator(rows, ANSWER_ROWS).get_page(request.GET.get("hal")),
        "shown": shown,
        "flags": [(str(int(flag)), label) for flag, label in FLAG_LABELS.items()],
        "statuses": [pair for pair in Status.choices if pair[0] != Status.VALID],
        "form": JudgeForm(),
        "can_judge": survey.state in review.REVIEWABLE
        and permissions.can_manage(request.user, survey.unit),
    }
    return render(request, "surveys/answer_list.html", context)


@login_required
@require_POST
def answer_judge(request, pk):
    """Decide what chosen answers count for, with a reason."""
    survey = managed_survey(request, pk)
    form = JudgeForm(request.POST)
    keys = [int(key) for key in request.POST.getlist("jawaban") if key.isdigit()]
    back = redirect("surveys:answer_list", pk=survey.pk)
    back["Location"] += f"?tampil={request.POST.get('tampil', ODD)[:12]}"
    if not keys:
        messages.error(request, _("Pilih dahulu jawaban yang diputuskan."))
    elif not form.is_valid():
        messages.error(request, _("Pilih alasan keputusan ini."))
    else:
        try:
            count = review.judge_responses(
                survey=survey, responses=keys, by=request.user, **form.cleaned_data
            )
        except review.ReviewClosed:
            messages.error(request, _("Hasil sudah terkunci. Buka kembali hasil dengan alasan."))
        else:
            messages.success(request, _("%(count)d jawaban diputuskan.") % {"count": count})
    return back


@login_required
@require_safe
def comment_list(request, pk):
    """List the free texts by their state, without any tie to an answer."""
    survey = _with_answers(request, pk)
    state = request.GET.get("keadaan", ResponseComment.State.NEW)
    if state not in ResponseComment.State.values:
        state = ResponseComment.State.NEW
    rows = ResponseComment.objects.filter(survey=survey, state=state)
    rows = rows.select_related("moderated_by").order_by("pk")
    context = {
        "survey": survey,
        "page": Paginator(rows, COMMENT_ROWS).get_page(request.GET.get("hal")),
        "state": state,
        "states": ResponseComment.State.choices,
        "can_moderate": permissions.can_manage(request.user, survey.unit),
    }
    return render(request, "surveys/comment_list.html", context)


@login_required
@require_POST
def comment_moderate(request, pk):
    """Show a comment, or hide it with a reason."""
    visible = Survey.objects.visible_to(request.user)
    rows = ResponseComment.objects.filter(survey__in=visible).select_related("survey__unit")
    comment = get_object_or_404(rows, pk=pk)
    if not permissions.can_manage(request.user, comment.survey.unit):
        raise PermissionDenied
    show = request.POST.get("putusan") == ResponseComment.State.SHOWN
    try:
        review.moderate_comment(
            comment=comment,
            show=show,
            reason=request.POST.get("alasan", "")[:200],
            by=request.user,
        )
    except review.ReasonMissing:
        messages.error(request, _("Tulis alasan menyembunyikan komentar."))
    back = redirect("surveys:comment_list", pk=comment.survey_id)
    back["Location"] += f"?keadaan={request.POST.get('keadaan', '')[:8]}"
    return back


@login_required
@require_http_methods(["GET", "POST"])
def answer_import(request, pk):
    """Read a file of answers and show what would be added."""
    survey = managed_survey(request, pk)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = imports.preview_import(
                survey=survey,
                name=file.name,
                content=file.read(),
                mode=form.cleaned_data["mode"],
                enumerator=form.cleaned_data["enumerator"],
                by=request.user,
            )
        except (TableFileError, imports.HeaderWrong) as wrong:
            form.add_error("file", str(wrong))
        except imports.ImportClosed:
            form.add_error(None, _("Impor hanya untuk survei yang berlangsung atau baru ditutup."))
        else:
            return redirect("surveys:import_preview", pk=batch.pk)
    context = {
        "survey": survey,
        "form": form,
        "batches": survey.imports.select_related("created_by")[:10],
        "can_import": survey.state in (State.OPEN, State.CLOSED),
    }
    return render(request, "surveys/answer_import.html", context)


def _batch(request, pk) -> ImportBatch:
    visible = Survey.objects.visible_to(request.user)
    rows = ImportBatch.objects.filter(survey__in=visible).select_related("survey__unit")
    batch = get_object_or_404(rows, pk=pk)
    if not permissions.can_manage(request.user, batch.survey.unit):
        raise PermissionDenied
    return batch


@login_required
@require_safe
def import_preview(request, pk):
    """Show what a file would add, and what is wrong with it."""
    batch = _batch(request, pk)
    context = {"batch": batch, "survey": batch.survey, "counts": batch.counts}
    return render(request, "surveys/import_preview.html", context)


@login_required
@require_POST
def import_add(request, pk):
    """Add the answers of a preview."""
    batch = _batch(request, pk)
    try:
        count = imports.add_import(batch=batch, by=request.user)
    except imports.AlreadyImported:
        messages.error(request, _("Berkas ini sudah pernah ditambahkan."))
        return redirect("surveys:answer_import", pk=batch.survey_id)
    except imports.ImportClosed:
        messages.error(request, _("Hasil survei sudah terkunci; berkas tidak ditambahkan."))
        return redirect("surveys:answer_import", pk=batch.survey_id)
    messages.success(request, _("%(count)d jawaban ditambahkan.") % {"count": count})
    return redirect(batch.survey)


@login_required
@require_POST
def import_discard(request, pk):
    """Throw a preview away."""
    batch = _batch(request, pk)
    imports.discard_import(batch=batch, by=request.user)
    messages.success(request, _("Pratinjau dibuang; tidak ada yang ditambahkan."))
    return redirect("surveys:answer_import", pk=batch.survey_id)


@login_required
@require_safe
def import_template(request, pk):
    """Hand out an empty workbook with the columns of this survey."""
    survey = managed_survey(request, pk)
    response = HttpResponse(export.import_template(survey), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="impor-{survey.code}.xlsx"'
    return response
