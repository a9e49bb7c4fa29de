"""Pages of work units: list, one unit, its services and its pledge."""

from __future__ import annotations

from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from units import permissions, reports, services
from units.access_page import reaching
from units.forms import FiguresForm, PledgeForm, ServiceForm, UnitFilter, UnitForm
from units.models import Pledge, Service, Unit, UnitFigures
from units.services.figures import FiguresRefused, record_figures
from zona import panels

PAGE_ROWS = 40
DETAIL_SLOT = "units.unit_detail"
SORTS = {
    "nama": "name",
    "kode": "code",
    "provinsi": "province",
    "pegawai": "staff_count",
    "orang": "people_count",
}


@login_required
@require_safe
def unit_list(request):
    """List the units that the person may see, as a tree or sorted, 40 a page."""
    visible = Unit.objects.visible_to(request.user)
    form = UnitFilter(request.GET, units=visible)
    units = form.narrow(visible).for_list()
    sort = request.GET.get("urut", "")
    field = SORTS.get(sort.removeprefix("-"))
    if field:
        units = units.order_by(f"-{field}" if sort.startswith("-") else field, "pk")
    else:
        units, sort = units.in_tree_order(), ""
    context = {
        "form": form,
        "sort": sort,
        "page": Paginator(units, PAGE_ROWS).get_page(request.GET.get("hal")),
        "as_tree": not sort and not form.is_narrowed,
        "can_manage": permissions.can_manage_units(request.user),
    }
    return render(request, "units/unit_list.html", context)


def _unit(request, pk) -> Unit:
    """Return a unit that the person sees, with its parent; 404 otherwise."""
    visible = Unit.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("parent", "pledge"), pk=pk)


@login_required
@require_safe
def unit_detail(request, pk):
    """Show a unit: facts, services, people, pledge, what upper apps know of it, its history."""
    unit = _unit(request, pk)
    user = request.user
    sees_people = permissions.can_view_people(user, unit)
    context = {
        "unit": unit,
        "pledge": getattr(unit, "pledge", None),
        "services": unit.services.all(),
        "below": Unit.objects.filter(parent=unit).order_by("-is_active", "name"),
        "people": reports.members_of(unit, by=user) if sees_people else (),
        "sees_people": sees_people,
        "panels": panels.for_slot(DETAIL_SLOT, user, unit=unit),
        "can_manage": permissions.can_manage_units(user),
        "can_grant": permissions.can_manage_unit_people(user, unit),
        "can_pledge": permissions.can_record_pledge(user, unit),
        "can_serve": permissions.can_manage_services(user, unit),
        "history": reports.unit_history(unit) if permissions.can_view_history(user, unit) else (),
    }
    return render(request, "units/unit_detail.html", context)


@login_required
@require_safe
def unit_access(request, pk):
    """Show who may do what on a unit, and why."""
    unit = _unit(request, pk)
    if not permissions.can_view_people(request.user, unit):
        raise PermissionDenied
    context = {"unit": unit, "roles": reaching(unit)}
    return render(request, "units/unit_access.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def unit_create(request):
    """Add a unit."""
    if not permissions.can_manage_units(request.user):
        raise PermissionDenied
    initial = {"parent": request.GET.get("induk")}
    form = UnitForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            unit = services.create_unit(by=request.user, **form.unit_values)
        except services.ParentInactive:
            form.add_error("parent", _("Induk ini baru saja dinonaktifkan."))
        else:
            messages.success(request, _("%(unit)s dibuat.") % {"unit": unit})
            return redirect(unit)
    return render(request, "units/unit_form.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def unit_edit(request, pk):
    """Change a unit; who saved meanwhile is shown, and nothing that was typed is lost."""
    unit = _unit(request, pk)
    if not permissions.can_manage_units(request.user):
        raise PermissionDenied
    form = UnitForm(request.POST or None, instance=copy(unit))
    conflict = None
    if request.method == "POST" and form.is_valid():
        seen = form.seen_version
        try:
            services.update_unit(unit=unit, version=seen, by=request.user, **form.unit_values)
        except services.UnitChanged as changed:
            conflict = reports.edit_conflict(changed.current, form.unit_values)
            form.show_newer(changed.current.version)
        except services.UnitCycle:
            form.add_error("parent", _("Unit tidak dapat dipindahkan ke bawah dirinya sendiri."))
        except services.ParentInactive:
            form.add_error("parent", _("Induk ini sudah dinonaktifkan."))
        else:
            messages.success(request, _("Perubahan %(unit)s tersimpan.") % {"unit": unit})
            return redirect(unit)
    context = {"form": form, "unit": unit, "conflict": conflict}
    return render(request, "units/unit_form.html", context)


@login_required
@require_POST
def unit_deactivate(request, pk):
    """Close a unit."""
    unit = _unit(request, pk)
    if not permissions.can_manage_units(request.user):
        raise PermissionDenied
    try:
        services.deactivate_unit(unit=unit, by=request.user)
    except services.UnitHasActiveBelow:
        messages.error(request, _("Nonaktifkan atau pindahkan dahulu unit di bawahnya."))
    else:
        messages.success(request, _("%(unit)s dinonaktifkan.") % {"unit": unit})
    return redirect(unit)


@login_required
@require_POST
def unit_reactivate(request, pk):
    """Open a closed unit again."""
    unit = _unit(request, pk)
    if not permissions.can_manage_units(request.user):
        raise PermissionDenied
    try:
        services.reactivate_unit(unit=unit, by=request.user)
    except services.ParentInactive:
        messages.error(request, _("Aktifkan dahulu induknya."))
    else:
        messages.success(request, _("%(unit)s aktif kembali.") % {"unit": unit})
    return redirect(unit)


@login_required
@require_http_methods(["GET", "POST"])
def service_create(request, pk):
    """Add a service to a unit."""
    unit = _unit(request, pk)
    if not permissions.can_manage_services(request.user, unit):
        raise PermissionDenied
    form = ServiceForm(request.POST or None, unit=unit)
    if request.method == "POST" and form.is_valid():
        services.add_service(unit=unit, by=request.user, **form.typed)
        messages.success(request, _("Layanan ditambahkan."))
        return redirect(unit)
    return render(request, "units/service_form.html", {"form": form, "unit": unit})


@login_required
@require_http_methods(["GET", "POST"])
def service_edit(request, pk):
    """Rename a service, mark it strategic, or close it."""
    seen = Service.objects.filter(unit__in=Unit.objects.visible_to(request.user))
    service = get_object_or_404(seen.select_related("unit"), pk=pk)
    unit = service.unit
    if not permissions.can_manage_services(request.user, unit):
        raise PermissionDenied
    form = ServiceForm(request.POST or None, instance=copy(service), unit=unit)
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            services.update_service(
                service=service, by=request.user, version=form.seen_version, **form.typed
            )
        except services.RowChanged as changed:
            entries = reports.entries(unit.audit_stream, "service.", f"service:{service.pk}")
            conflict = reports.row_conflict(changed.current, form.typed, entries)
            form.show_newer(changed.current.version)
        else:
            messages.success(request, _("Layanan tersimpan."))
            return redirect(unit)
    context = {"form": form, "unit": unit, "service": service, "conflict": conflict}
    return render(request, "units/service_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def pledge_edit(request, pk):
    """Write down the public declaration of a unit."""
    unit = _unit(request, pk)
    if not permissions.can_record_pledge(request.user, unit):
        raise PermissionDenied
    pledge = Pledge.objects.filter(unit=unit).first()
    form = PledgeForm(request.POST or None, instance=copy(pledge), unit=unit)
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            services.record_pledge(
                unit=unit, by=request.user, version=form.seen_version, **form.typed
            )
        except services.PledgeRefused as refused:
            form.add_error(None, str(refused))
        except services.RowChanged as changed:
            entries = reports.entries(unit.audit_stream, "pledge.")
            conflict = reports.row_conflict(changed.current, form.typed, entries)
            form.show_newer(changed.current.version)
        else:
            messages.success(request, _("Pencanangan tersimpan."))
            return redirect(unit)
    context = {"form": form, "unit": unit, "conflict": conflict}
    return render(request, "units/pledge_form.html", context)


@login_required
@require_http_methods(["GET", "HEAD"])
def figures(request, pk):
    """Show what a unit managed, year by year."""
    unit = _unit(request, pk)
    this_year = timezone.localdate().year
    rows = list(unit.figures.all())
    known = {row.year for row in rows}
    context = {
        "unit": unit,
        "rows": rows,
        "can_write": permissions.can_record_pledge(request.user, unit),
        "years": [year for year in range(this_year, this_year - 4, -1) if year not in known],
    }
    return render(request, "units/figures.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def figures_edit(request, pk, year):
    """Write down what a unit managed in a year."""
    unit = _unit(request, pk)
    if not permissions.can_record_pledge(request.user, unit):
        raise PermissionDenied
    row = UnitFigures.objects.filter(unit=unit, year=year).first()
    form = FiguresForm(request.POST or None, instance=copy(row))
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            record_figures(
                unit=unit, year=year, by=request.user, version=form.seen_version, **form.typed
            )
        except FiguresRefused as refused:
            form.add_error(None, str(refused))
        except services.RowChanged as changed:
            found = reports.entries(unit.audit_stream, "figures.", f"figures:{changed.current.pk}")
            conflict = reports.row_conflict(changed.current, form.typed, found)
            form.show_newer(changed.current.version)
        else:
            messages.success(request, _("Angka tersimpan."))
            return redirect("units:figures", unit.pk)
    context = {"form": form, "unit": unit, "year": year, "conflict": conflict}
    return render(request, "units/figures_form.html", context)
