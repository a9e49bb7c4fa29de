"""Accepting many rows at once: the preview, the act, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from assessments.models import BulkAcceptance
from assessments.services import bulk
from assessments.services.answers import AnswersLocked
from assessments.worksheet.bulk import bulk_page
from assessments.worksheet_views import visible

NAMED = 8
"""How many of the rows that stayed a message names."""


@login_required
@require_http_methods(["GET", "POST"])
def accept_many(request, pk):
    """Show which rows would be accepted and which stay, and accept the chosen ones."""
    assessment = visible(request, pk)
    section = request.GET.get("bagian", "")
    try:
        if request.method == "POST":
            outcome = bulk.accept_many(
                assessment=assessment, versions=_chosen(request), by=request.user
            )
            _tell(request, outcome, _("{n} butir diterima. Periksa implementasinya satu per satu."))
            return redirect(_address(pk, section))
        page = bulk_page(assessment, request.user, section)
    except AnswersLocked as error:
        raise PermissionDenied from error
    context = {"assessment": assessment, "page": page}
    return render(request, "assessments/accept_many.html", context)


@login_required
@require_POST
def accept_undo(request, pk, act):
    """Take an acceptance of many rows back, as far as nobody touched them since."""
    assessment = visible(request, pk)
    kept = get_object_or_404(BulkAcceptance, pk=act, assessment=assessment)
    try:
        outcome = bulk.undo(act=kept, by=request.user)
    except AnswersLocked as error:
        raise PermissionDenied from error
    _tell(request, outcome, _("Penerimaan {n} butir diurungkan."))
    return redirect(_address(pk, request.POST.get("bagian", "")))


def _address(pk: int, section: str) -> str:
    address = reverse("assessments:accept_many", args=[pk])
    return f"{address}?bagian={section}" if section.isalnum() else address


def _chosen(request) -> dict[str, int]:
    """Return the rows that were ticked, each with the version that was shown."""
    chosen = {}
    for text in request.POST.getlist("rows"):
        code, _colon, version = text.rpartition(":")
        if version.isdecimal() and len(version) < 10:
            chosen[code] = int(version)
    return chosen


def _tell(request, outcome: bulk.Outcome, done: str) -> None:
    """Say how many rows were done, and name those that stayed, with the reason."""
    if outcome.done:
        messages.success(request, done.format(n=len(outcome.done)))
    elif not outcome.left:
        messages.info(request, _("Tidak ada butir yang berubah."))
    by_reason: dict[str, list[str]] = {}
    for code, reason in outcome.left:
        by_reason.setdefault(reason, []).append(code)
    for reason, codes in by_reason.items():
        text = ngettext(
            "{n} butir tidak diubah ({codes}): {reason}",
            "{n} butir tidak diubah ({codes}): {reason}",
            len(codes),
        )
        named = ", ".join(codes[:NAMED]) + (", …" if len(codes) > NAMED else "")
        messages.warning(request, text.format(n=len(codes), codes=named, reason=reason))
