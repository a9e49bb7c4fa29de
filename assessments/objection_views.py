"""Objections to rows of a final worksheet: filed, answered, listed."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from assessments.catalog import catalog_of
from assessments.models import Objection
from assessments.objection_page import objection_lines, objection_page
from assessments.permissions import can_answer_objection, can_object
from assessments.services import objections
from assessments.worksheet_views import visible


@login_required
@require_GET
def objection_list(request, pk):
    """List the objections to a worksheet with their answers."""
    assessment = visible(request, pk)
    context = {
        "assessment": assessment,
        "lines": objection_lines(assessment),
        "end": objections.window_end(assessment),
        "is_open": objections.is_open(assessment),
    }
    return render(request, "assessments/objection_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def objection(request, pk, code):
    """Show a row with its objection; file one, or answer it."""
    assessment = visible(request, pk)
    if code not in catalog_of(assessment.instrument).ids:
        raise Http404
    if not assessment.is_final:
        messages.info(request, _("Sanggah dapat diajukan sesudah lembar kerja final."))
        return redirect("assessments:worksheet_home", pk)
    found = Objection.objects.filter(assessment=assessment, indicator__code=code).first()
    typed, problem = "", ""
    if request.method == "POST":
        may = can_answer_objection if found else can_object
        if not may(request.user, assessment):
            raise PermissionDenied
        typed = request.POST.get("text", "")
        try:
            if found:
                objections.answer_objection(
                    objection=found,
                    verdict=request.POST.get("verdict", ""),
                    text=typed,
                    by=request.user,
                )
                messages.success(request, _("Jawaban tersimpan dan unit diberi tahu."))
            else:
                objections.file_objection(
                    assessment=assessment, code=code, text=typed, by=request.user
                )
                messages.success(request, _("Sanggah terkirim ke tim TPI."))
        except objections.ObjectionRefused as error:
            problem = str(error)
        else:
            return redirect("assessments:objection_list", pk)
    context = {
        "assessment": assessment,
        "page": objection_page(assessment, request.user, code),
        "typed": typed,
        "verdict": request.POST.get("verdict", ""),
        "verdicts": Objection.Verdict.choices,
        "problem": problem,
    }
    return render(request, "assessments/objection.html", context, status=422 if problem else 200)
