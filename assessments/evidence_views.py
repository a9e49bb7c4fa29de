"""Evidence: beside a row of the worksheet, and the library of a unit."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.evidence_forms import DetailsForm, ReplaceForm
from assessments.models import Evidence, EvidenceUse
from assessments.permissions import can_manage_evidence
from assessments.services import evidence as service
from assessments.services.answers import AnswersLocked
from assessments.services.evidence_details import (
    DescriptionStale,
    describe,
    locked_description,
    locked_uses,
    point_at,
    stale_sentence,
)
from assessments.services.files import ALLOWED
from assessments.worksheet import load
from assessments.worksheet.library import library_page, picker_page
from assessments.worksheet.page import section_url
from assessments.worksheet.saving import as_it_stands
from assessments.worksheet_views import json_door, saved_reply, visible, wants_json
from units.access import Permission, has_permission
from units.models import Unit
from zona.limits import too_many_of

UPLOAD_WINDOW_SECONDS = 10 * 60
COVERS = {str(number) for number in range(1, 21)}
KEY_DIGITS = 18
"""A longer number is no key: no database has room for it."""


def _answer(request, assessment, code: str, faults: list[str], done: str):
    """Return the row and its pane to a script; to a form the row's page with a message."""
    sheet = load(assessment, request.user)
    if not wants_json(request):
        for fault in faults:
            messages.error(request, fault)
        if done:
            messages.success(request, done)
        return redirect(section_url(assessment, sheet.catalog.section_of[code].code, code))
    if faults and not done:
        return JsonResponse({"error": "refused", "message": " ".join(faults)}, status=422)
    saved = as_it_stands(sheet, code)
    return JsonResponse(saved_reply(request, saved, with_detail=True) | {"message": done})


def _too_many(request) -> str:
    """Return why so many files are not taken now; blank when they are."""
    count, most = len(request.FILES.getlist("files")), settings.EVIDENCE_FILES_PER_REQUEST
    if count > most:
        return _(
            "Paling banyak {most} berkas sekali unggah; Anda memilih {n}. "
            "Tidak ada yang disimpan: bagi menjadi beberapa kali unggah."
        ).format(most=most, n=count)
    if count and too_many_of(
        request.user,
        "evidence-upload",
        settings.EVIDENCE_UPLOADS_PER_WINDOW,
        count=count,
        window_seconds=UPLOAD_WINDOW_SECONDS,
    ):
        return _(
            "Anda sudah mengunggah {most} berkas dalam {n} menit terakhir. "
            "Tunggu beberapa menit, lalu unggah lagi."
        ).format(most=settings.EVIDENCE_UPLOADS_PER_WINDOW, n=UPLOAD_WINDOW_SECONDS // 60)
    return ""


@require_POST
@json_door
def evidence_attach(request, pk, code):
    """Put evidence beside a row: files, a link, or pieces of the library."""
    assessment = visible(request, pk)
    sheet = load(assessment, request.user)
    if code not in sheet.catalog.ids:
        raise Http404
    if not (sheet.reaches(code) and can_manage_evidence(request.user, assessment)):
        raise PermissionDenied
    how = {"upload": _uploaded, "link": _linked, "pick": _picked}.get(request.POST.get("how", ""))
    if how is None:
        raise Http404
    too_many = _too_many(request)
    if too_many:
        return _answer(request, assessment, code, [too_many], "")
    faults, count = [], 0
    for source in how(request, assessment):
        try:
            service.attach(assessment=assessment, code=code, evidence=source(), by=request.user)
            count += 1
        except (service.EvidenceRefused, AnswersLocked) as error:
            faults.append(str(error))
    done = _("{n} bukti ditambahkan pada butir {code}.").format(n=count, code=code)
    return _answer(request, assessment, code, faults, done if count else "")


def _uploaded(request, assessment):
    for upload in request.FILES.getlist("files"):
        yield lambda upload=upload: service.add_file(
            unit=assessment.unit, upload=upload, by=request.user
        )


def _linked(request, assessment):
    yield lambda: service.add_link(
        unit=assessment.unit,
        url=request.POST.get("url", ""),
        title=request.POST.get("title", ""),
        by=request.user,
    )


def _picked(request, assessment):
    sent = request.POST.getlist("evidence")[:50]
    chosen = [value for value in sent if value.isdecimal() and len(value) <= KEY_DIGITS]
    for piece in Evidence.objects.filter(unit=assessment.unit, pk__in=chosen):
        yield lambda piece=piece: piece


@login_required
@require_GET
def evidence_folder(request, pk):
    """Choose a folder, see where each file would go, and only then upload."""
    assessment = visible(request, pk)
    sheet = load(assessment, request.user)
    engine = sheet.catalog.engine
    codes = [code for code in engine.indicators if sheet.reaches(code)]
    if not (codes and can_manage_evidence(request.user, assessment)):
        raise PermissionDenied
    context = {
        "assessment": assessment,
        "rows": [(code, engine.indicators[code].statement) for code in codes],
        "extensions": " ".join(ALLOWED),
        "max_mib": settings.EVIDENCE_MAX_MIB,
        "files_max": settings.EVIDENCE_UPLOADS_PER_WINDOW,
        "row_count": len(codes),
    }
    return render(request, "assessments/evidence_folder.html", context)


def _use(request, pk: int, use: int) -> EvidenceUse:
    """Return a use of evidence in a worksheet that the person may see; 404 else."""
    assessment = visible(request, pk)
    rows = EvidenceUse.objects.select_related("evidence", "indicator")
    found = get_object_or_404(rows, pk=use, assessment=assessment)
    found.assessment = assessment
    return found


@require_POST
@json_door
def evidence_judge(request, pk, use):
    """Say whether a piece of evidence supports its row."""
    found = _use(request, pk, use)
    verdict, reason = request.POST.get("verdict", ""), request.POST.get("reason", "")
    faults = []
    try:
        service.judge(use=found, verdict=verdict, reason=reason, by=request.user)
    except (service.EvidenceRefused, AnswersLocked) as error:
        faults.append(str(error))
    done = "" if faults else _("Penilaian bukti tersimpan.")
    return _answer(request, found.assessment, found.indicator.code, faults, done)


@require_POST
@json_door
def evidence_detach(request, pk, use):
    """Take a piece of evidence away from a row; it stays in the library."""
    found = _use(request, pk, use)
    faults = []
    try:
        service.detach(use=found, by=request.user)
    except (service.EvidenceRefused, AnswersLocked) as error:
        faults.append(str(error))
    done = "" if faults else _("{title} dilepas.").format(title=found.evidence.title)
    return _answer(request, found.assessment, found.indicator.code, faults, done)


@require_POST
@json_door
def evidence_point(request, pk, use):
    """Say on which page of a document the proof stands, and what it says."""
    found = _use(request, pk, use)
    page, quote = request.POST.get("page", ""), request.POST.get("quote", "")
    covers = [int(value) for value in request.POST.getlist("covers") if value in COVERS]
    faults = []
    try:
        point_at(
            use=found,
            page=page,
            quote=quote,
            covers=covers,
            base=request.POST.get("base", ""),
            by=request.user,
        )
    except (service.EvidenceRefused, AnswersLocked) as error:
        faults.append(str(error))
    done = "" if faults else _("Halaman dan kutipan tersimpan.")
    return _answer(request, found.assessment, found.indicator.code, faults, done)


@login_required
@require_GET
def evidence_pick(request, pk, code):
    """Offer the unit's library for a row."""
    assessment = visible(request, pk)
    sheet = load(assessment, request.user)
    if code not in sheet.catalog.ids:
        raise Http404
    if not (sheet.reaches(code) and can_manage_evidence(request.user, assessment)):
        raise PermissionDenied
    page = picker_page(assessment, code, request.GET.get("q", ""))
    context = {"assessment": assessment, "code": code, "picker": page, "token": get_token(request)}
    part = "X-Zona-Part" in request.headers
    name = "assessments/_evidence_picker.html" if part else "assessments/evidence_pick.html"
    return render(request, name, context)


@login_required
@require_GET
def evidence_open(request, pk):
    """Give out a document as an attachment, or lead to its address."""
    piece = get_object_or_404(Evidence.objects.visible_to(request.user), pk=pk)
    if piece.kind == Evidence.Kind.LINK:
        return HttpResponseRedirect(piece.url)
    return handed_out(piece)


def handed_out(piece: Evidence) -> FileResponse:
    """Return a stored document as an attachment that no browser runs; 404 when it is gone."""
    try:
        content = piece.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("Berkas tidak ditemukan di penyimpanan.")) from error
    response = FileResponse(
        content,
        as_attachment=True,
        filename=piece.original_name,
        content_type=piece.content_type or "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _own_library(request, unit: int) -> Unit:
    """Return a unit whose library the person may read; 404 else."""
    owner = get_object_or_404(Unit, pk=unit)
    if not has_permission(request.user, Permission.ASSESSMENT_VIEW, owner):
        raise Http404
    return owner


@login_required
@require_http_methods(["GET", "POST"])
def evidence_library(request, unit):
    """List a unit's evidence with its uses; those who keep it add to it here."""
    owner = _own_library(request, unit)
    if request.method == "POST":
        return _add_to_library(request, owner)
    library = library_page(
        owner,
        request.user,
        text=request.GET.get("q", ""),
        kind=request.GET.get("jenis", ""),
        use=request.GET.get("pakai", ""),
        number=request.GET.get("hal"),
    )
    return render(request, "assessments/evidence_library.html", {"unit": owner, "library": library})


def _add_to_library(request, owner: Unit):
    if not service.can_add_to_library(request.user, owner):
        raise PermissionDenied
    too_many = _too_many(request)
    if too_many:
        messages.error(request, too_many)
        return redirect("assessments:evidence_library", owner.pk)
    sources = [("upload", upload) for upload in request.FILES.getlist("files")]
    if request.POST.get("url"):
        sources.append(("link", request.POST["url"]))
    for kind, content in sources:
        try:
            if kind == "upload":
                piece = service.add_file(unit=owner, upload=content, by=request.user)
            else:
                title = request.POST.get("title", "")
                piece = service.add_link(unit=owner, url=content, title=title, by=request.user)
            messages.success(request, _("{title} ada di pustaka.").format(title=piece.title))
        except service.EvidenceRefused as error:
            messages.error(request, str(error))
    return redirect("assessments:evidence_library", owner.pk)


def _own_piece(request, pk: int) -> Evidence:
    """Return a document of a library that the person keeps: 404 unseen, 403 not his to change."""
    rows = Evidence.objects.visible_to(request.user).select_related("unit")
    piece = get_object_or_404(rows, pk=pk)
    if not service.can_add_to_library(request.user, piece.unit):
        raise PermissionDenied
    return piece


@login_required
@require_http_methods(["GET", "POST"])
def evidence_edit(request, pk):
    """Change a document's name, number and date, or put a newer file in its place."""
    piece = _own_piece(request, pk)
    form = DetailsForm(request.POST or None, instance=Evidence.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        try:
            describe(evidence=piece, by=request.user, **form.cleaned_data)
        except DescriptionStale as stale:
            form.add_error(None, stale_sentence(stale.fresh))
            form.shown_version(stale.fresh.version)
        except (service.EvidenceRefused, AnswersLocked) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Keterangan bukti tersimpan."))
            return redirect("assessments:evidence_library", piece.unit_id)
    return _edit_page(request, piece, form, ReplaceForm())


def _edit_page(request, piece: Evidence, form, replace_form, status: int = 200):
    uses = locked_uses(piece)
    context = {
        "piece": piece,
        "form": form,
        "replace_form": replace_form,
        "locked": locked_description(uses) if uses else "",
    }
    return render(request, "assessments/evidence_edit.html", context, status=status)


@login_required
@require_POST
def evidence_replace(request, pk):
    """Put a newer file in the place of a document; the older one stays behind it."""
    piece = _own_piece(request, pk)
    form = ReplaceForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            service.replace_file(
                evidence=piece, upload=form.cleaned_data["upload"], by=request.user
            )
        except service.EvidenceRefused as error:
            form.add_error("upload", str(error))
        else:
            messages.success(request, _("Versi baru tersimpan; versi lama tetap disimpan."))
            return redirect("assessments:evidence_library", piece.unit_id)
    return _edit_page(request, piece, DetailsForm(instance=piece), form, 422)
