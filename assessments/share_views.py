"""Share pages: their list for those who make them, the pages for anyone with a key."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.catalog import catalog_of
from assessments.evidence_views import handed_out
from assessments.models import Assessment, SharePage
from assessments.permissions import can_share_evidence
from assessments.services import shares
from assessments.share_forms import ShareForm
from assessments.worksheet_views import visible
from zona.limits import too_many

OPENINGS_PER_MINUTE = 60


def _own(request, pk: int) -> Assessment:
    assessment = visible(request, pk)
    if not can_share_evidence(request.user, assessment):
        raise PermissionDenied
    return assessment


@login_required
@require_http_methods(["GET", "POST"])
def share_list(request, pk):
    """List the share pages of a worksheet with their openings; make one and tell its address."""
    assessment = _own(request, pk)
    indicators = catalog_of(assessment.instrument).engine.indicators
    form = ShareForm(request.POST or None, indicators=indicators)
    address = ""
    if request.method == "POST" and form.is_valid():
        try:
            new = shares.share_evidence(assessment=assessment, by=request.user, **form.cleaned_data)
        except shares.ShareRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            address = request.build_absolute_uri(reverse("assessments:share_page", args=[new.key]))
            form = ShareForm(indicators=indicators)
    pages = (
        SharePage.objects.filter(assessment=assessment)
        .select_related("indicator", "created_by", "revoked_by")
        .annotate(opened=Count("openings"), last_opened_at=Max("openings__at"))
        .order_by("-pk")
    )
    context = {"assessment": assessment, "form": form, "pages": pages, "address": address}
    return render(request, "assessments/share_list.html", context)


@login_required
@require_POST
def share_revoke(request, pk, share):
    """Close a share page for good."""
    assessment = _own(request, pk)
    page = get_object_or_404(
        SharePage.objects.select_related("assessment"), pk=share, assessment=assessment
    )
    shares.revoke_share(page=page, by=request.user)
    messages.success(request, _("Halaman untuk {note} dicabut.").format(note=page.note))
    return redirect("assessments:share_list", assessment.pk)


def _public(response):
    """Keep a page out of search engines, caches, and the next site's log."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _closed(request, status: int = 404):
    context = {"is_limited": status == 429}
    return _public(render(request, "assessments/share_closed.html", context, status=status))


@require_safe
def share_page(request, key):
    """Show the evidence of a worksheet to whoever has the key of an open page."""
    if too_many(request, "share", OPENINGS_PER_MINUTE):
        return _closed(request, 429)
    page = shares.page_of_key(key)
    if page is None:
        return _closed(request)
    rows = shares.open_share(page)
    context = {"page": page, "key": key, "rows": rows, "count": sum(len(r.pieces) for r in rows)}
    return _public(render(request, "assessments/share_page.html", context))


@require_safe
def share_file(request, key, evidence):
    """Hand out a document that stands on an open share page, or lead to its address."""
    if too_many(request, "share", OPENINGS_PER_MINUTE):
        return _closed(request, 429)
    page = shares.page_of_key(key)
    piece = shares.open_piece(page, evidence) if page is not None else None
    if piece is None:
        return _closed(request)
    if piece.url:
        return _public(HttpResponseRedirect(piece.url))
    return _public(handed_out(piece))
