"""Pages of periods: list, one period with its worksheets, opening worksheets for many units."""

from __future__ import annotations

from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from assessments import permissions
from assessments.closing_views import period_work
from assessments.models import Period, State
from assessments.period_forms import OpenForm, PeriodForm
from assessments.services import periods
from assessments.services.freeze import refuse_closed
from assessments.windows.page import window_lines
from units.forms import UnitFilter
from units.models import Unit
from units.reports import entries, row_conflict
from units.services import RowChanged
from zona.audit import SYSTEM

PAGE_ROWS = 50


@login_required
@require_safe
def period_list(request):
    """List all periods, the newest first."""
    if not permissions.can_view_periods(request.user):
        raise PermissionDenied
    rows = Period.objects.select_related("instrument").defer("instrument__document")
    finals = Count("assessments", filter=Q(assessments__state=State.FINAL))
    rows = rows.annotate(opened=Count("assessments"), finals=finals).order_by("-year", "name")
    context = {
        "page": Paginator(rows, PAGE_ROWS).get_page(request.GET.get("hal")),
        "can_manage": permissions.can_manage_periods(request.user),
    }
    return render(request, "assessments/period_list.html", context)


def _period(request, pk) -> Period:
    if not permissions.can_view_periods(request.user):
        raise PermissionDenied
    rows = Period.objects.select_related("instrument", "closed_by", "rolled_from")
    return get_object_or_404(rows.defer("instrument__document"), pk=pk)


@login_required
@require_safe
def period_detail(request, pk):
    """Show a period with those of its worksheets that the person may see."""
    period = _period(request, pk)
    seen = period.assessments.visible_to(request.user).newest_versions()
    counts = dict(seen.order_by().values_list("state").annotate(Count("pk")))
    state = request.GET.get("keadaan", "")
    rows = seen.filter(state=state) if state in State.values else seen
    rows = rows.with_window().select_related("unit", "unit__parent", "period", "assignment")
    rows = rows.annotate(people_count=Count("team"))
    context = {
        "period": period,
        "windows": window_lines(period),
        "page": Paginator(rows.order_by("unit__name"), PAGE_ROWS).get_page(request.GET.get("hal")),
        "states": [
            (value, label, counts[value]) for value, label in State.choices if value in counts
        ],
        "state": state,
        "total": sum(counts.values()),
        "can_manage": permissions.can_manage_periods(request.user),
        "sees_list": permissions.can_view_portfolio(request.user),
        "can_open": permissions.can_open_assessment(request.user) and period.is_open,
        "can_reopen": permissions.can_reopen_periods(request.user),
    }
    if context["can_manage"]:
        context |= period_work(request.user, period)
    return render(request, "assessments/period_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def period_create(request):
    """Add a period."""
    if not permissions.can_manage_periods(request.user):
        raise PermissionDenied
    form = PeriodForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        period = periods.create_period(by=request.user, **form.period_values)
        messages.success(request, _("%(period)s dibuat.") % {"period": period})
        return redirect(period)
    return render(request, "assessments/period_form.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def period_edit(request, pk):
    """Change a period."""
    period = _period(request, pk)
    if not permissions.can_manage_periods(request.user):
        raise PermissionDenied
    refuse_closed(period)
    form = PeriodForm(request.POST or None, instance=copy(period))
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            periods.update_period(
                period=period, by=request.user, version=form.seen_version, **form.period_values
            )
        except RowChanged as changed:
            known = entries(SYSTEM, "period.", f"period:{period.pk}")
            conflict = row_conflict(changed.current, form.period_values, known)
            form.show_newer(changed.current.version)
        except periods.InstrumentInUse:
            form.add_error("instrument", _("LKE sudah dibuka dengan instrumen yang sekarang."))
        else:
            messages.success(request, _("Perubahan periode tersimpan."))
            return redirect(period)
    context = {"form": form, "period": period, "conflict": conflict}
    return render(request, "assessments/period_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def period_open(request, pk):
    """Open the worksheets of chosen units."""
    period = _period(request, pk)
    if not permissions.can_open_assessment(request.user) or not period.is_open:
        raise PermissionDenied
    visible = Unit.objects.visible_to(request.user)
    free = visible.assessable().exclude(pk__in=period.assessments.values("unit"))
    narrow = UnitFilter(request.GET, units=visible)
    form = OpenForm(request.POST or None, units=free)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        result = periods.open_many(
            period=period, units=chosen["units"], target=chosen["target"], by=request.user
        )
        tell_opened(request, result)
        return redirect(period)
    units = narrow.narrow(free).select_related("parent").in_tree_order()
    context = {"period": period, "form": form, "filter": narrow, "units": units[:500]}
    return render(request, "assessments/period_open.html", context)


def tell_opened(request, result: periods.Opened) -> None:
    """Say how many worksheets were opened, and why some were not."""
    count = len(result.assessments)
    if count:
        text = ngettext("%(count)d LKE dibuka.", "%(count)d LKE dibuka.", count)
        messages.success(request, text % {"count": count})
    for sentence in result.refused:
        messages.warning(request, sentence)
