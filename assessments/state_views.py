"""The steps of a worksheet: what must be complete before, and the forms that take them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from assessments.models import Reason, Track
from assessments.services import checks, seals, states
from assessments.transition_forms import TransitionForm
from assessments.windows.reading import closed_sentence
from assessments.worksheet.steps import (
    finding_groups,
    findings_page,
    return_candidates,
    step_links,
    step_text,
    warning_fields,
)
from assessments.worksheet_views import visible


@login_required
@require_GET
def findings(request, pk):
    """List what keeps the worksheet from being handed on, each line leading to its row."""
    assessment = visible(request, pk)
    page = findings_page(assessment, request.user)
    if page is None:
        raise PermissionDenied
    context = {
        "assessment": assessment,
        "page": page,
        "transitions": step_links(request.user, assessment),
    }
    return render(request, "assessments/findings.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def transition(request, pk, name):
    """Show the form of a step, and take it."""
    assessment = visible(request, pk)
    try:
        step = states.transition(name)
    except KeyError as error:
        raise Http404 from error
    if step not in states.available_transitions(request.user, assessment):
        if request.method == "POST":
            raise PermissionDenied
        messages.info(request, _("Langkah ini tidak tersedia sekarang."))
        return redirect("assessments:worksheet_home", pk)
    found = step.gate(assessment) if step.gate else []
    warnings = checks.warned(found)
    track = Track.UNIT if step.name == "submit" else Track.TPI
    reasons = seals.last_reasons(assessment, track) if warnings else {}
    form = TransitionForm(step, request.POST or None, warnings=warnings, reasons=reasons)
    broken = checks.errors(found)
    if request.method == "POST" and form.is_valid():
        try:
            after = states.perform(
                name, assessment=assessment, by=request.user, **form.given(request.POST)
            )
        except states.TransitionRefused as error:
            form.add_error(None, str(error))
            broken = error.findings or broken
        else:
            messages.success(request, step_text(step, after).done)
            return redirect("assessments:worksheet_home", after.pk)
    context = {
        "assessment": assessment,
        "step": step,
        "text": step_text(step, assessment),
        "form": form,
        "broken": finding_groups(assessment, broken),
        "warnings": warning_fields(assessment, form),
        "candidates": return_candidates(assessment, request.user, request.GET, request.POST)
        if step.needs_rows
        else (),
        "closed": closed_sentence(assessment) if step.in_window else "",
        "reasons": [choice for choice in Reason.choices if choice[0]],
    }
    part = "X-Zona-Part" in request.headers
    name = "assessments/_transition_form.html" if part else "assessments/transition.html"
    return render(request, name, context, status=422 if form.errors else 200)
