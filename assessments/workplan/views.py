"""Pages of the work plan: a year at a glance, activities, targets, the team, bulk starts."""

from __future__ import annotations

from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.catalog import catalog_of
from assessments.models import Activity, AreaTarget, TeamDecree
from assessments.services.evidence_library import EvidenceRefused
from assessments.workplan import services
from assessments.workplan.export import write_plan
from assessments.workplan.forms import (
    AREA_NAMES,
    ActivityForm,
    BeginForm,
    DoneForm,
    TargetForm,
    TeamForm,
)
from assessments.workplan.page import begun_words, line_of, plan_page, read_choice
from assessments.worksheet_views import visible
from units.models import Unit
from units.reports import row_conflict
from units.services.tree import RowChanged
from zona.models import AuditEntry
from zona.workbook import XLSX

FIRST_YEAR, LAST_YEAR = 2010, 2100


def _unit(request, pk: int, year: int) -> Unit:
    """Return a unit that the person sees, with a year that can be planned; 404 otherwise."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    seen = Unit.objects.visible_to(request.user).assessable()
    return get_object_or_404(seen, pk=pk)


def _entries(unit: Unit, target: str):
    return AuditEntry.objects.filter(
        stream=unit.audit_stream, action__startswith=services.PREFIX, target=target
    )


@login_required
@require_safe
def plan_detail(request, unit, year):
    """Show a unit's plan of a year: months by areas, the activities of one choice, targets."""
    unit = _unit(request, unit, year)
    choice = read_choice(request.GET, year, timezone.localdate())
    page = plan_page(unit, year, request.user, choice)
    return render(request, "assessments/plan_detail.html", {"page": page, "unit": unit})


@login_required
@require_safe
def plan_export(request, unit, year):
    """Hand out the plan as a workbook."""
    unit = _unit(request, unit, year)
    response = HttpResponse(write_plan(unit, year), content_type=XLSX)
    name = f"rencana-kerja-{unit.code}-{year}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@require_http_methods(["GET", "POST"])
def plan_begin(request, unit, year):
    """Begin a plan: from last year's, or from the evidence that the worksheet expects."""
    unit = _unit(request, unit, year)
    areas = services.plan_areas(request.user, unit)
    if not areas:
        raise PermissionDenied
    is_copy = request.POST.get("cara") == "salin"
    bound = request.POST if request.method == "POST" and not is_copy else None
    form = BeginForm(bound, areas=areas)
    where = {"unit": unit, "year": year, "by": request.user}
    try:
        begun = None
        if is_copy:
            begun = services.copy_last_year(**where)
        elif bound is not None and form.is_valid():
            begun = services.begin_from_instrument(**where, **form.cleaned_data)
    except services.PlanRefused as refused:
        messages.error(request, str(refused))
    else:
        if begun is not None:
            messages.success(request, begun_words(begun))
            return redirect("assessments:plan_detail", unit.pk, year)
    context = {
        "unit": unit,
        "year": year,
        "form": form,
        "last_count": Activity.objects.of_year(unit, year - 1).count(),
        "instrument": services.instrument_for(unit, year),
    }
    return render(request, "assessments/plan_begin.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plan_target(request, unit, year, area):
    """Write down an area's initial condition, target and result."""
    unit = _unit(request, unit, year)
    if area not in AREA_NAMES:
        raise Http404
    if area not in services.plan_areas(request.user, unit):
        raise PermissionDenied
    row = AreaTarget.objects.filter(unit=unit, year=year, area=area).first()
    form = TargetForm(request.POST or None, instance=copy(row))
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            services.write_target(
                unit=unit,
                year=year,
                area=area,
                by=request.user,
                version=form.seen_version,
                **form.typed,
            )
        except RowChanged as changed:
            entries = _entries(unit, f"target:{changed.current.pk}")
            conflict = row_conflict(changed.current, form.typed, entries)
            form.show_newer(changed.current.version)
        except services.PlanRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Target area tersimpan."))
            return redirect("assessments:plan_detail", unit.pk, year)
    context = {"unit": unit, "year": year, "form": form, "conflict": conflict}
    context["title"] = AREA_NAMES[area]
    return render(request, "assessments/plan_target.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plan_team(request, unit, year):
    """Write down the decree of the year's team."""
    unit = _unit(request, unit, year)
    if not services.can_record_team(request.user, unit):
        raise PermissionDenied
    row = TeamDecree.objects.filter(unit=unit, year=year).first()
    form = TeamForm(request.POST or None, request.FILES or None, instance=copy(row))
    if request.method == "POST" and form.is_valid():
        try:
            services.record_team(
                unit=unit,
                year=year,
                by=request.user,
                version=form.seen_version,
                number=form.cleaned_data["number"],
                dated_on=form.cleaned_data["dated_on"],
                document=form.cleaned_data["upload"],
            )
        except RowChanged as changed:
            form.add_error(
                None, _("Data ini baru saja diubah di tempat lain. Periksa, lalu simpan lagi.")
            )
            form.show_newer(changed.current.version)
        except services.PlanRefused as refused:
            form.add_error(None, str(refused))
        except EvidenceRefused as refused:
            form.add_error("upload", str(refused))
        else:
            messages.success(request, _("Keputusan tim tersimpan."))
            return redirect("assessments:plan_detail", unit.pk, year)
    context = {"unit": unit, "year": year, "form": form}
    return render(request, "assessments/plan_team.html", context)


# Activities --------------------------------------------------------------------------------------


def _activity(request, pk: int) -> Activity:
    """Return an activity that the person sees, with its unit; 404 otherwise."""
    seen = Activity.objects.visible_to(request.user).for_list().select_related("unit")
    return get_object_or_404(seen.select_related("unit", "owner", "proof", "done_by"), pk=pk)


def _back(activity: Activity) -> str:
    address = reverse("assessments:plan_detail", args=[activity.unit_id, activity.due_on.year])
    return f"{address}?bulan={activity.due_on.month}"


@login_required
@require_http_methods(["GET", "POST"])
def plan_activity_new(request, unit, year):
    """Add an activity to the plan."""
    unit = _unit(request, unit, year)
    return _activity_form(request, unit, year, None)


@login_required
@require_http_methods(["GET", "POST"])
def plan_activity_edit(request, pk):
    """Change an activity."""
    activity = _activity(request, pk)
    return _activity_form(request, activity.unit, activity.due_on.year, activity)


def _activity_form(request, unit: Unit, year: int, activity: Activity | None):
    areas = services.plan_areas(request.user, unit)
    if not areas or (activity is not None and activity.area not in areas):
        raise PermissionDenied
    first = {
        "area": request.GET.get("area", ""),
        "owner": request.user.pk if activity is None else None,
    }
    form = ActivityForm(
        request.POST or None,
        instance=copy(activity),
        initial=first if activity is None else None,
        unit=unit,
        year=year,
        areas=areas,
        instrument=services.instrument_for(unit, year),
    )
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_activity(
                unit=unit,
                by=request.user,
                activity=activity,
                version=form.seen_version if activity else None,
                **form.typed,
            )
        except RowChanged as changed:
            mine = {name: value for name, value in form.typed.items() if name != "indicators"}
            entries = _entries(unit, f"activity:{changed.current.pk}")
            conflict = row_conflict(changed.current, mine, entries)
            form.show_newer(changed.current.version)
        except services.PlanRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Kegiatan tersimpan."))
            return redirect(_back(saved))
    context = {
        "unit": unit,
        "year": year,
        "form": form,
        "activity": activity,
        "conflict": conflict,
    }
    return render(request, "assessments/plan_activity_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plan_activity(request, pk):
    """Show an activity, and take the report that it is done."""
    activity = _activity(request, pk)
    can_finish = services.can_finish(request.user, activity)
    form = None
    if can_finish and activity.done_at is None:
        form = DoneForm(request.POST or None, request.FILES or None, activity=activity)
    if request.method == "POST":
        if not can_finish:
            raise PermissionDenied
        if form is None:
            messages.info(request, _("Kegiatan ini sudah dilaporkan selesai."))
            return redirect("assessments:plan_activity", pk)
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.finish_activity(
                    activity=activity,
                    by=request.user,
                    version=form.seen_version,
                    proof=given["proof"] or given["upload"],
                    url=given["url"],
                    reason=given["reason"],
                )
            except RowChanged as changed:
                form.add_error(None, _("Kegiatan ini baru saja diubah. Periksa, lalu simpan lagi."))
                form.show_newer(changed.current.version)
            except services.PlanRefused as refused:
                form.add_error(None, str(refused))
            except EvidenceRefused as refused:
                form.add_error("url" if given["url"] else "upload", str(refused))
            else:
                messages.success(request, _("Kegiatan dilaporkan selesai."))
                return redirect(_back(activity))
    today = timezone.localdate()
    context = {
        "unit": activity.unit,
        "year": activity.due_on.year,
        "line": line_of(activity, today),
        "activity": activity,
        "form": form,
        "back": _back(activity),
        "can_finish": can_finish,
        "can_plan": activity.area in services.plan_areas(request.user, activity.unit),
    }
    return render(request, "assessments/plan_activity.html", context)


@login_required
@require_POST
def plan_activity_remove(request, pk):
    """Take an activity out of the plan."""
    activity = _activity(request, pk)
    if activity.area not in services.plan_areas(request.user, activity.unit):
        raise PermissionDenied
    try:
        services.remove_activity(activity=activity, by=request.user)
    except services.PlanRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Kegiatan dihapus dari rencana."))
    return redirect(_back(activity))


@login_required
@require_POST
def plan_activity_reopen(request, pk):
    """Take the report that an activity is done back."""
    activity = _activity(request, pk)
    if not services.can_finish(request.user, activity):
        raise PermissionDenied
    try:
        services.reopen_activity(activity=activity, by=request.user)
    except services.PlanRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Kegiatan dibuka kembali."))
    return redirect("assessments:plan_activity", pk)


@login_required
@require_safe
def plan_row(request, pk, code):
    """Show what a unit plans for a row of its worksheet: as a part, or as a page."""
    assessment = visible(request, pk)
    ids = catalog_of(assessment.instrument).ids
    if code not in ids:
        raise Http404
    year = assessment.period.year
    rows = Activity.objects.filter(unit=assessment.unit_id, indicators=ids[code])
    rows = rows.filter(due_on__year__in=(year - 1, year)).for_list()
    today = timezone.localdate()
    context = {
        "assessment": assessment,
        "code": code,
        "year": year,
        "lines": [line_of(row, today) for row in rows[:20]],
    }
    part = "X-Zona-Part" in request.headers
    name = "assessments/_plan_row.html" if part else "assessments/plan_row.html"
    return render(request, name, context)
