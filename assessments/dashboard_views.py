"""Pages that answer a leader: the dashboard of a unit, and where each of its figures comes from."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments import scoring
from assessments.dashboard import (
    build_dashboard,
    comparison_page,
    explain_page,
    potential_page,
    way_page,
)
from assessments.dashboard.facts import visible_tracks
from assessments.models import Assessment, Track
from assessments.permissions import can_export_report, can_set_efforts
from assessments.scoring import shown
from assessments.seal_page import seal_list, seal_page, visible_seals
from assessments.services.row_efforts import (
    EffortRefused,
    EffortStale,
    Wanted,
    set_row_effort,
    stale_effort_sentence,
)
from assessments.way_forms import RowEffortForm
from zona import panels

DASHBOARD_SLOT = "assessments.dashboard"


def _assessment(request, pk: int, *, with_objections: bool = False) -> Assessment:
    """Return a worksheet that the person may see, with all that its pages name; 404 else."""
    rows = Assessment.objects.visible_to(request.user).for_page().select_related("unit__pledge")
    if with_objections:
        rows = rows.with_objections()
    return get_object_or_404(rows, pk=pk)


def _track(request, assessment: Assessment) -> Track | None:
    """Return the track that the address names; 403 for one that the person may not see."""
    wanted = request.GET.get("jalur", "")
    if not wanted:
        return None
    if wanted not in Track.values:
        raise Http404
    if wanted not in visible_tracks(request.user, assessment):
        raise PermissionDenied
    return Track(wanted)


@login_required
@require_safe
def dashboard(request, pk: int):
    """Show a unit's one screen."""
    assessment = _assessment(request, pk, with_objections=True)
    page = build_dashboard(assessment, request.user, toward=request.GET.get("menuju", ""))
    return render(
        request,
        "assessments/dashboard.html",
        {
            "page": page,
            "assessment": assessment,
            "can_export": can_export_report(request.user, assessment),
            "panels": panels.for_slot(DASHBOARD_SLOT, request.user, assessment=assessment),
        },
    )


@login_required
@require_safe
def figure(request, pk: int, target: str):
    """Show where a figure comes from: a page, or its inside for a dialog."""
    assessment = _assessment(request, pk)
    track = _track(request, assessment)
    reading = (
        scoring.Reading.FILLED if request.GET.get("bacaan") == "filled" else scoring.Reading.SAFE
    )
    try:
        page = explain_page(assessment, request.user, target, track=track, reading=reading)
    except scoring.UnknownTarget as unknown:
        raise Http404 from unknown
    name = "_dashboard_explain" if request.htmx else "dashboard_explain"
    return render(request, f"assessments/{name}.html", {"page": page, "assessment": assessment})


@login_required
@require_safe
def potential(request, pk: int):
    """Show what every row can still add, sorted as the address says."""
    assessment = _assessment(request, pk)
    page = potential_page(assessment, request.user, sort=request.GET.get("urut", ""))
    return render(
        request,
        "assessments/dashboard_potential.html",
        {"page": page, "assessment": assessment, "sort": page.sort},
    )


@login_required
@require_safe
def shortest_way(request, pk: int, predicate: str):
    """Show the shortest way to a predicate, step by step, and what the unit says of its rows."""
    assessment = _assessment(request, pk)
    code = request.GET.get("atur", "")
    page = way_page(assessment, request.user, predicate, editing=code)
    if page is None:
        raise Http404
    if code and page.edited is None:
        return _no_row_to_set(request, assessment, predicate, code)
    form = None
    if page.edited:
        form = RowEffortForm(is_index=page.edited.is_index, plan=page.edited.plan)
    return _way(request, assessment, page, form)


def _no_row_to_set(request, assessment: Assessment, predicate: str, code: str):
    messages.error(
        request, _("Butir {x} tidak dikenal atau bukan wewenang Anda.").format(x=shown(code))
    )
    return redirect("assessments:shortest_way", assessment.pk, predicate)


def _way(request, assessment: Assessment, page, form, status: int = 200):
    context = {"page": page, "form": form, "assessment": assessment}
    return render(request, "assessments/dashboard_way.html", context, status=status)


@login_required
@require_POST
def row_effort(request, pk: int, predicate: str, code: str):
    """Say what a row costs the unit, or take back what was said."""
    assessment = _assessment(request, pk)
    if not can_set_efforts(request.user, assessment):
        raise PermissionDenied
    page = way_page(assessment, request.user, predicate, editing=code)
    if page is None:
        raise Http404
    if page.edited is None:
        return _no_row_to_set(request, assessment, predicate, code)
    form = RowEffortForm(request.POST, is_index=page.edited.is_index, plan=page.edited.plan)
    takes_back = "lepas" in request.POST
    if form.is_valid() or takes_back:
        fields = {} if takes_back else form.wanted()
        try:
            set_row_effort(
                assessment=assessment,
                code=code,
                wanted=Wanted(**fields),
                base_version=form.version(),
                by=request.user,
            )
        except EffortStale as stale:
            form.add_error(None, stale_effort_sentence(stale.fresh))
            form.shown_version(stale.fresh.version if stale.fresh else 0)
        except EffortRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("Pengaturan butir {x} tersimpan.").format(x=code))
            return redirect("assessments:shortest_way", pk, predicate)
    return _way(request, assessment, page, form, 422)


@login_required
@require_safe
def year_comparison(request, pk: int):
    """Show a worksheet beside an earlier year's."""
    assessment = _assessment(request, pk)
    page = comparison_page(assessment, request.user, request.GET.get("tahun", ""))
    return render(
        request,
        "assessments/dashboard_years.html",
        {"page": page, "assessment": assessment},
    )


@login_required
@require_safe
def seals(request, pk: int):
    """List what was sealed of a worksheet."""
    assessment = _assessment(request, pk)
    lines = seal_list(assessment, request.user)
    return render(request, "assessments/seal_list.html", {"seals": lines, "assessment": assessment})


@login_required
@require_safe
def seal(request, pk: int, seal_pk: int):
    """Open a seal and compare it with another."""
    assessment = _assessment(request, pk)
    opened = get_object_or_404(visible_seals(request.user, assessment), pk=seal_pk)
    page = seal_page(assessment, request.user, opened, request.GET.get("banding", ""))
    return render(request, "assessments/seal_detail.html", {"page": page, "assessment": assessment})
