"""Pages of a worksheet's team: its letter of assignment and who holds which rank."""

from __future__ import annotations

from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments import permissions
from assessments.models import Assessment, Assignment, TeamMember
from assessments.period_forms import AssignmentChoice, AssignmentForm, MemberForm
from assessments.services import teams
from assessments.team_page import team_places
from units.reports import entries, row_conflict
from units.services import RowChanged
from zona.audit import SYSTEM


def _assessment(request, pk) -> Assessment:
    """Return a worksheet that the person sees; 404 otherwise."""
    seen = Assessment.objects.visible_to(request.user)
    return get_object_or_404(
        seen.select_related("unit", "period", "assignment", "instrument"), pk=pk
    )


def _managed(request, pk) -> Assessment:
    assessment = _assessment(request, pk)
    if not permissions.can_manage_team(request.user, assessment):
        raise PermissionDenied
    return assessment


@login_required
@require_http_methods(["GET", "POST"])
def team_detail(request, pk):
    """Show a worksheet's team; whoever sets it adds people here."""
    assessment = _assessment(request, pk)
    can_manage = permissions.can_manage_team(request.user, assessment)
    if request.method == "POST" and not can_manage:
        raise PermissionDenied
    form = MemberForm(request.POST or None, assessment=assessment) if can_manage else None
    if request.method == "POST" and form.is_valid():
        try:
            member = teams.add_member(assessment=assessment, by=request.user, **form.typed)
        except teams.TeamRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(person)s masuk tim.") % {"person": member.user})
            return redirect("assessments:team_detail", assessment.pk)
    context = {
        "assessment": assessment,
        "places": team_places(assessment),
        "form": form,
        "can_manage": can_manage,
    }
    return render(request, "assessments/team_detail.html", context)


def _member(request, pk) -> TeamMember:
    seen = Assessment.objects.visible_to(request.user)
    rows = TeamMember.objects.filter(assessment__in=seen)
    rows = rows.select_related("user", "assessment__unit", "assessment__instrument").defer(
        "assessment__instrument__document"
    )
    member = get_object_or_404(rows, pk=pk)
    if not permissions.can_manage_team(request.user, member.assessment):
        raise PermissionDenied
    return member


@login_required
@require_http_methods(["GET", "POST"])
def team_member_edit(request, pk):
    """Change the rank or the areas of a team member."""
    member = _member(request, pk)
    initial = {"rank": member.rank, "areas": member.areas, "assisted": member.assisted}
    initial["version"] = member.version
    form = MemberForm(
        request.POST or None, assessment=member.assessment, is_new=False, initial=initial
    )
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            teams.change_member(
                member=member, by=request.user, version=form.seen_version, **form.typed
            )
        except RowChanged as changed:
            stream = member.assessment.audit_stream
            known = entries(stream, "team.", f"user:{member.user_id}")
            conflict = row_conflict(changed.current, form.typed, known)
            form.show_newer(changed.current.version)
        except teams.TeamRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Kedudukan di tim tersimpan."))
            return redirect("assessments:team_detail", member.assessment_id)
    context = {"form": form, "member": member, "assessment": member.assessment}
    context["conflict"] = conflict
    return render(request, "assessments/team_member_form.html", context)


@login_required
@require_POST
def team_member_remove(request, pk):
    """Take somebody off a team."""
    member = _member(request, pk)
    try:
        teams.remove_member(member=member, by=request.user)
    except teams.TeamRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(person)s keluar dari tim.") % {"person": member.user})
    return redirect("assessments:team_detail", member.assessment_id)


@login_required
@require_http_methods(["GET", "POST"])
def team_assignment(request, pk):
    """Write down the letter of assignment of a team."""
    assessment = _managed(request, pk)
    form = AssignmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _sheet, assignment = teams.create_assignment_for(
                assessment=assessment, by=request.user, **form.assignment_values
            )
        except teams.TeamRefused as error:
            form.add_error(None, str(error))
        else:
            text = _("Surat tugas %(number)s dipakai.")
            messages.success(request, text % {"number": assignment.number})
            return redirect("assessments:team_detail", assessment.pk)
    context = {"form": form, "assessment": assessment, "choice": AssignmentChoice()}
    return render(request, "assessments/team_assignment.html", context)


@login_required
@require_POST
def team_assignment_choose(request, pk):
    """Name a letter that is written down already as that of this team."""
    assessment = _managed(request, pk)
    choice = AssignmentChoice(request.POST)
    if not choice.is_valid():
        messages.error(request, _("Pilih surat tugas yang sudah dicatat."))
        return redirect("assessments:team_assignment", assessment.pk)
    return _set_assignment(request, assessment, choice.cleaned_data["assignment"])


def _set_assignment(request, assessment, assignment):
    try:
        teams.set_assignment(assessment=assessment, assignment=assignment, by=request.user)
    except teams.TeamRefused as error:
        messages.error(request, str(error))
    else:
        text = _("Surat tugas %(number)s dipakai.")
        messages.success(request, text % {"number": assignment.number})
    return redirect("assessments:team_detail", assessment.pk)


@login_required
@require_http_methods(["GET", "POST"])
def assignment_edit(request, pk):
    """Correct a letter of assignment."""
    if not permissions.can_manage_assignments(request.user):
        raise PermissionDenied
    assignment = get_object_or_404(Assignment, pk=pk)
    form = AssignmentForm(request.POST or None, instance=copy(assignment))
    assessments = assignment.assessments.select_related("unit", "period")
    conflict = None
    if request.method == "POST" and form.is_valid():
        values = form.assignment_values
        try:
            teams.update_assignment(
                assignment=assignment, by=request.user, version=form.seen_version, **values
            )
        except RowChanged as changed:
            known = entries(SYSTEM, "assignment.", f"assignment:{assignment.pk}")
            conflict = row_conflict(changed.current, values, known)
            form.show_newer(changed.current.version)
        else:
            messages.success(request, _("Surat tugas tersimpan."))
            first = assessments.first()
            return redirect("assessments:team_detail", first.pk) if first else redirect("zona:home")
    context = {"form": form, "assignment": assignment, "assessments": assessments}
    context["conflict"] = conflict
    return render(request, "assessments/assignment_form.html", context)
