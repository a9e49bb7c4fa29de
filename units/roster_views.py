"""Pages by which lists of units and people come in and go out."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from units import permissions, rosters
from units.forms import PersonFilter, UnitFilter
from units.models import Membership, RosterImport, Unit, User
from units.services import rosters as service
from zona.table_file import TableFileError
from zona.workbook import XLSX, list_workbook

SHOWN_ROWS = 100
SHOWN_FAULTS = 100
Kind = RosterImport.Kind


class RosterForm(forms.Form):
    """A list to take over."""

    file = forms.FileField(
        label=gettext_lazy("Berkas"), help_text=gettext_lazy("XLSX atau CSV, paling besar 5 MB.")
    )


@login_required
@require_http_methods(["GET", "POST"])
def roster_import(request, kind):
    """Take a list in; its faults are told by row and column, or its preview is shown."""
    if not service.may_import(request.user, kind):
        raise PermissionDenied
    form = RosterForm(request.POST or None, request.FILES or None)
    faults = ()
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            found = service.preview(
                kind=kind, name=upload.name, content=upload.read(), by=request.user
            )
        except TableFileError as error:
            form.add_error("file", str(error))
        else:
            if isinstance(found, RosterImport):
                return redirect("units:roster_preview", found.pk)
            faults = found.faults
    context = {
        "form": form,
        "kind": Kind(kind),
        "columns": service.COLUMNS[kind],
        "more_columns": rosters.FIGURE_COLUMNS if kind == Kind.UNITS else (),
        "faults": faults[:SHOWN_FAULTS],
        "fault_count": len(faults),
    }
    return render(request, "units/roster_import.html", context)


def _roster(request, pk) -> RosterImport:
    """Return a list that the person himself gave in; 404 otherwise."""
    return get_object_or_404(RosterImport, pk=pk, created_by=request.user)


@login_required
@require_http_methods(["GET", "POST"])
def roster_preview(request, pk):
    """Show what a list would change, and take it over."""
    roster = _roster(request, pk)
    if not service.may_import(request.user, roster.kind):
        raise PermissionDenied
    back = "units:unit_list" if roster.kind == Kind.UNITS else "units:person_list"
    if request.method == "POST":
        try:
            plan = service.take_over(roster=roster, by=request.user)
        except service.RosterChanged as changed:
            plan = changed.plan
            messages.error(request, _("Data berubah sejak pratinjau; tidak ada yang diimpor."))
        else:
            text = _("%(new)d baris baru dan %(changed)d perubahan diimpor.")
            counts = {"new": plan.new_count, "changed": plan.changed_count}
            messages.success(request, text % counts)
            if roster.kind == Kind.PEOPLE and plan.new_count:
                return redirect("units:people_invite")
            return redirect(back)
    else:
        plan = service.plan_of(roster.kind, service.lines_of(roster), by=request.user)
    context = {
        "roster": roster,
        "plan": plan,
        "entries": [one for one in plan.entries if one.status != rosters.SAME][:SHOWN_ROWS],
        "shown": SHOWN_ROWS,
        "back": back,
    }
    return render(request, "units/roster_preview.html", context)


@login_required
@require_POST
def roster_discard(request, pk):
    """Forget a list."""
    roster = _roster(request, pk)
    back = "units:unit_import" if roster.kind == Kind.UNITS else "units:person_import"
    service.discard(roster=roster)
    messages.info(request, _("Daftar dibuang; tidak ada yang diimpor."))
    return redirect(back)


def _download(name: str, title: str, header, rows) -> HttpResponse:
    response = HttpResponse(list_workbook(title, header, rows), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


@login_required
@require_safe
def unit_export(request):
    """Give the list of units, narrowed as its page is, as a workbook."""
    visible = Unit.objects.visible_to(request.user)
    units = UnitFilter(request.GET, units=visible).narrow(visible)
    units = units.select_related("parent").in_tree_order()
    return _download(
        "unit",
        _("Unit kerja"),
        [*rosters.UNIT_COLUMNS, *rosters.FIGURE_COLUMNS],
        rosters.unit_rows(units),
    )


@login_required
@require_safe
def person_export(request):
    """Give the list of people with the roles that the reader may see, as a workbook."""
    user = request.user
    if not permissions.can_view_people(user):
        raise PermissionDenied
    memberships = Membership.objects.in_force().visible_to(user)
    people = User.objects.visible_to(user)
    people = PersonFilter(request.GET).narrow(people, memberships=memberships)
    rows = rosters.people_rows(people.for_list(memberships).order_by("name", "pk"))
    return _download("orang", _("Orang"), rosters.PEOPLE_COLUMNS, rows)
