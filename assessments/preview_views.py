"""Looking at a document's pages without fetching it, and fetching a whole area's documents."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments.catalog import catalog_of
from assessments.models import Evidence
from assessments.reports.archive import write_archive
from assessments.reports.evidence_list import evidence_list
from assessments.services.previews import PreviewState, page_file, preview_of, request_preview
from assessments.worksheet.library import twins_of
from assessments.worksheet_views import json_door, visible, wants_json
from zona import pages

KEPT_SECONDS = 3600


def _visible(request, pk: int) -> Evidence:
    rows = Evidence.objects.visible_to(request.user).select_related("unit")
    return get_object_or_404(rows, pk=pk)


@json_door
@require_http_methods(["GET", "HEAD", "POST"])
def evidence_preview(request, pk):
    """Show the pages of a document; a POST has them made."""
    piece = _visible(request, pk)
    if request.method == "POST":
        preview = request_preview(evidence=piece, by=request.user)
        if not (wants_json(request) or request.htmx):
            return redirect("assessments:evidence_preview", piece.pk)
    else:
        preview = preview_of(piece)
    if wants_json(request):
        return JsonResponse(_facts(piece, preview, twins_of(piece, request.user)))
    context = {
        "piece": piece,
        "preview": preview,
        "twins": _twins_sentence(twins_of(piece, request.user)),
        "is_missing": preview.state is PreviewState.MISSING,
        "is_making": preview.state is PreviewState.MAKING,
    }
    part = "_evidence_pages" if request.htmx else "evidence_preview"
    return render(request, f"assessments/{part}.html", context)


def _facts(piece: Evidence, preview, twins) -> dict[str, object]:
    return {
        "state": preview.state,
        "twins": _twins_sentence(twins),
        "message": preview.message,
        "page_count": preview.page_count,
        "pages": [
            {
                "n": page.number,
                "width": page.width,
                "height": page.height,
                "url": reverse("assessments:evidence_page", args=[piece.pk, page.number]),
            }
            for page in preview.pages
        ],
    }


def _twins_sentence(twins) -> str:
    if not twins:
        return ""
    return _("Berkas yang sama ada di pustaka {units}.").format(units=", ".join(twins))


@login_required
@require_safe
def evidence_page(request, pk, number):
    """Give out the picture of one page of a document."""
    path = page_file(_visible(request, pk), number)
    if path is None:
        raise Http404
    response = FileResponse(path.open("rb"), content_type=pages.CONTENT_TYPE)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@login_required
@require_safe
def evidence_archive(request, pk, section):
    """Send the evidence of a section as a zip, a folder for each row."""
    assessment = visible(request, pk)
    try:
        chosen = catalog_of(assessment.instrument).section(section)
    except KeyError as error:
        raise Http404 from error
    rows = evidence_list(assessment, chosen.indicator_codes)
    response = StreamingHttpResponse(
        write_archive(assessment, chosen.label, rows), content_type="application/zip"
    )
    name = f"Bukti {assessment.unit.code} {assessment.period.year} {section}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response
