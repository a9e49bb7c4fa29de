"""Pages of scenarios: keep them, change them, look at two, take rows over."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.models import Assessment, Scenario, Track
from assessments.permissions import can_change_scenario, can_simulate, pen_of
from assessments.scenario_forms import NewScenarioForm, ScenarioForm
from assessments.scenario_page import (
    may_start_on,
    scenario_list,
    scenario_page,
    starting_answers,
)
from assessments.services import scenarios as services
from assessments.services.answers import AnswersLocked, AnswersRefused


def _scenario(request, pk: int) -> Scenario:
    """Return a scenario that the person sees, with its worksheet; 404 else."""
    scenario = get_object_or_404(Scenario.objects.visible_to(request.user).for_page(), pk=pk)
    rows = Assessment.objects.visible_to(request.user).for_page().select_related("unit__pledge")
    scenario.assessment = get_object_or_404(rows, pk=scenario.assessment_id)
    if not may_start_on(scenario.assessment, request.user, scenario.track):
        raise Http404
    return scenario


def _own(request, pk: int) -> Scenario:
    """Return a scenario that the person may change; 403 where he only sees it."""
    scenario = _scenario(request, pk)
    if not can_change_scenario(request.user, scenario):
        raise PermissionDenied
    return scenario


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_index(request, pk: int):
    """List the scenarios of a worksheet, and make one."""
    rows = Assessment.objects.visible_to(request.user).for_page().select_related("unit__pledge")
    assessment = get_object_or_404(rows, pk=pk)
    if request.method == "POST" and not can_simulate(request.user, assessment):
        raise PermissionDenied
    page = scenario_list(assessment, request.user)
    form = NewScenarioForm(request.POST or None, tracks=page.tracks, starts=page.starts)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("assessments:scenario", pk=_create(request, assessment, form).pk)
        except services.ScenarioRefused as refused:
            form.add_error(None, str(refused))
    context = {"page": page, "form": form, "assessment": assessment}
    return render(request, "assessments/scenario_list.html", context)


def _create(request, assessment: Assessment, form: NewScenarioForm) -> Scenario:
    wanted = form.cleaned_data
    return services.create_scenario(
        assessment=assessment,
        track=Track(wanted["track"]),
        name=wanted["name"],
        note=wanted["note"],
        is_shared=wanted["is_shared"],
        answers=starting_answers(assessment, request.user, wanted["track"], wanted["start"]),
        by=request.user,
    )


@login_required
@require_safe
def scenario(request, pk: int):
    """Show a scenario beside the track, and beside another one."""
    found = _scenario(request, pk)
    others = Scenario.objects.visible_to(request.user).filter(
        assessment=found.assessment_id, track=found.track
    )
    wanted = request.GET.get("dengan", "")
    other = others.exclude(pk=pk).filter(pk=wanted).first() if wanted.isdecimal() else None
    if other is not None:
        other.assessment = found.assessment
    page = scenario_page(found, request.user, editing=request.GET.get("butir", ""), other=other)
    form = ScenarioForm(
        initial={"name": found.name, "note": found.note, "is_shared": found.is_shared}
    )
    context = {"page": page, "form": form, "assessment": found.assessment}
    return render(request, "assessments/scenario_detail.html", context)


@login_required
@require_POST
def scenario_row(request, pk: int, code: str):
    """Answer a row otherwise, or as it stands again."""
    found = _own(request, pk)
    fields = {}
    if "lepas" not in request.POST:
        names = [key.removeprefix("i-") for key in request.POST if key.startswith("i-")]
        fields["choice"] = request.POST.get("choice", "")
        fields["inputs"] = {name: request.POST[f"i-{name}"] for name in names} or None
    try:
        services.set_row(scenario=found, code=code, fields=fields, by=request.user)
    except AnswersRefused as refused:
        messages.error(request, " ".join(item.message for item in refused.refusals))
        return redirect(f"{_address(found)}?butir={code}#sunting")
    return redirect(f"{_address(found)}#butir")


def _address(found: Scenario) -> str:
    return reverse("assessments:scenario", args=[found.pk])


@login_required
@require_POST
def scenario_edit(request, pk: int):
    """Rename a scenario, note something, share it."""
    found = _own(request, pk)
    form = ScenarioForm(request.POST)
    if form.is_valid():
        try:
            services.edit_scenario(scenario=found, by=request.user, **form.cleaned_data)
            messages.success(request, _("Skenario tersimpan."))
        except services.ScenarioRefused as refused:
            messages.error(request, str(refused))
    else:
        messages.error(request, _("Beri skenario ini nama."))
    return redirect("assessments:scenario", pk=pk)


@login_required
@require_POST
def scenario_copy(request, pk: int):
    """Make an own scenario out of one that the person sees."""
    found = _scenario(request, pk)
    if not can_simulate(request.user, found.assessment):
        raise PermissionDenied
    name = _("{x} (salinan)").format(x=found.name)[:80]
    try:
        found = services.copy_scenario(scenario=found, name=name, by=request.user)
    except services.ScenarioRefused as refused:
        messages.error(request, str(refused))
    return redirect("assessments:scenario", pk=found.pk)


@login_required
@require_POST
def scenario_delete(request, pk: int):
    """Delete an own scenario."""
    found = _own(request, pk)
    services.delete_scenario(scenario=found, by=request.user)
    messages.success(request, _("Skenario “{x}” dihapus.").format(x=found.name))
    return redirect("assessments:scenario_list", pk=found.assessment_id)


@login_required
@require_POST
def scenario_promote(request, pk: int):
    """Take chosen rows over into the track."""
    found = _scenario(request, pk)
    if pen_of(request.user, found.assessment, Track(found.track)) is None:
        raise PermissionDenied
    try:
        recorded = services.promote(
            scenario=found, codes=request.POST.getlist("butir"), by=request.user
        )
        messages.success(
            request,
            _("{n} butir diterapkan ke {track}.").format(
                n=len(recorded.changed), track=Track(found.track).label
            ),
        )
    except (AnswersLocked, services.ScenarioRefused) as refused:
        messages.error(request, str(refused))
    except AnswersRefused as refused:
        messages.error(request, " ".join(item.message for item in refused.refusals))
    return redirect("assessments:scenario", pk=pk)
