"""Pages of windows: the days of a period's stages, and extensions for its units."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from assessments import permissions
from assessments.models import Assessment, Period
from assessments.windows import services
from assessments.windows.forms import ExtensionForm, WindowsForm
from units.forms import UnitFilter
from units.models import Unit
from units.services import RowChanged

PAGE_ROWS = 50


def _period(request, pk) -> Period:
    if not permissions.can_manage_periods(request.user):
        raise PermissionDenied
    return get_object_or_404(Period, pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def period_windows(request, pk):
    """Set from when to when each stage is open."""
    period = _period(request, pk)
    days = {row.stage: (row.opens_on, row.closes_on) for row in period.windows.all()}
    form = WindowsForm(request.POST or None, period=period, days=days)
    newer = False
    if request.method == "POST" and form.is_valid():
        try:
            services.set_windows(
                period=period, days=form.days, by=request.user, version=form.seen_version
            )
        except RowChanged as changed:
            newer = True
            form.show_newer(changed.current.version)
        else:
            messages.success(request, _("Jendela tahap tersimpan dan berlaku sekarang."))
            return redirect(period)
    context = {"period": period, "form": form, "newer": newer}
    return render(request, "assessments/period_windows.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def period_extend(request, pk):
    """Give chosen units longer for a stage, and list what was given."""
    period = _period(request, pk)
    opened = Assessment.objects.newest_versions().filter(period=period)
    units = Unit.objects.visible_to(request.user).filter(pk__in=opened.values("unit"))
    narrow = UnitFilter(request.GET, units=units)
    wanted = {"stage": request.GET.get("tahap", ""), "units": request.GET.getlist("unit")}
    form = ExtensionForm(request.POST or None, units=units, initial=wanted)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            rows = services.extend(
                period=period,
                by=request.user,
                stage=given["stage"],
                units=list(given["units"]),
                until=given["until"],
                reason=given["reason"],
                approver=given["approver"],
            )
        except services.WindowRefused as error:
            form.add_error(None, str(error))
        else:
            text = ngettext("%(n)d unit diperpanjang.", "%(n)d unit diperpanjang.", len(rows))
            messages.success(request, text % {"n": len(rows)})
            return redirect("assessments:period_extend", pk)
    granted = period.extensions.select_related("unit", "by")
    chosen = request.POST.getlist("units") if request.method == "POST" else wanted["units"]
    context = {
        "period": period,
        "form": form,
        "filter": narrow,
        "chosen": set(chosen),
        "units": narrow.narrow(units).select_related("parent").in_tree_order()[:500],
        "page": Paginator(granted, PAGE_ROWS).get_page(request.GET.get("hal")),
    }
    return render(request, "assessments/period_extend.html", context)
