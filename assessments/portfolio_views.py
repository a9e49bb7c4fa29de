"""Pages on many units side by side, and their list as a file."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments import portfolio_export
from assessments.permissions import can_manage_periods, can_view_portfolio
from assessments.portfolio import DEFAULT_SORT, SORTS, build_portfolio, select

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@require_safe
def portfolio(request):
    """Show the units that the person may see: sentence, map of areas, ranking."""
    if not can_view_portfolio(request.user):
        raise PermissionDenied
    page = build_portfolio(request.user, request.GET)
    return render(
        request,
        "assessments/portfolio.html",
        {
            "portfolio": page,
            "page": page.page,
            "sort": page.sort,
            "can_manage": can_manage_periods(request.user),
        },
    )


@login_required
@require_safe
def portfolio_export_file(request, kind: str):
    """Send the list that the address shows as CSV or XLSX."""
    if not can_view_portfolio(request.user):
        raise PermissionDenied
    selection = select(request.user, request.GET)
    if selection is None:
        raise Http404
    sort = request.GET.get("urut", "")
    sort = sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT
    if kind == "xlsx":
        response = HttpResponse(portfolio_export.write_xlsx(selection, sort), content_type=XLSX)
    else:
        content = portfolio_export.write_csv(selection, sort)
        response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"pantauan-{selection.period.year}-{timezone.localdate():%Y%m%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
