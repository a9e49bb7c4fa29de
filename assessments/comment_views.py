"""Comments beside a row: said, answered, resolved and seen; the list of a worksheet's comments."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessments.catalog import catalog_of
from assessments.models import Assessment, Comment
from assessments.permissions import can_comment, can_comment_internally
from assessments.services import comments
from assessments.worksheet.talk import talk_list, talk_of
from assessments.worksheet_views import json_door, visible, wants_json


def _row(request, pk: int, code: str) -> Assessment:
    """Return the worksheet; 404 for an unknown row."""
    assessment = visible(request, pk)
    if code not in catalog_of(assessment.instrument).ids:
        raise Http404
    return assessment


def _address(pk: int, code: str) -> str:
    return f"{reverse('assessments:worksheet_home', args=[pk])}?butir={code}"


def _reply(request, assessment: Assessment, code: str, message: str) -> JsonResponse:
    context = {"assessment": assessment, "talk": talk_of(assessment, request.user, code)}
    html = render_to_string("assessments/_comments.html", context, request)
    return JsonResponse({"html": html, "message": message})


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


@login_required
@require_GET
def comment_list(request, pk):
    """List a worksheet's comments by row."""
    assessment = visible(request, pk)
    chosen = request.GET.get("saring", "")
    context = {
        "assessment": assessment,
        "rows": talk_list(assessment, request.user, chosen),
        "chosen": chosen,
    }
    return render(request, "assessments/comment_list.html", context)


@require_POST
@json_door
def comment_add(request, pk, code):
    """Keep a comment, or an answer to one."""
    assessment = _row(request, pk, code)
    text, internal = request.POST.get("text", ""), request.POST.get("internal") == "1"
    readable = Comment.objects.visible_to(request.user).filter(assessment=assessment)
    answers = readable.filter(pk=_number(request.POST.get("answers", ""))).first()
    if request.POST.get("answers") and answers is None:
        raise Http404
    try:
        comments.add_comment(
            assessment=assessment,
            code=code,
            text=text,
            by=request.user,
            internal=internal,
            answers=answers,
        )
    except comments.CommentRefused as error:
        if not can_comment(request.user, assessment):
            raise PermissionDenied from error
        if wants_json(request):
            return JsonResponse({"error": "refused", "message": str(error)}, status=422)
        context = {
            "assessment": assessment,
            "code": code,
            "text": text,
            "internal": internal,
            "answers": answers,
            "message": str(error),
            "can_internal": can_comment_internally(request.user),
        }
        return render(request, "assessments/comment_unsaved.html", context, status=422)
    if wants_json(request):
        return _reply(request, assessment, code, _("Komentar terkirim."))
    messages.success(request, _("Komentar terkirim."))
    return redirect(_address(pk, code))


@require_POST
@json_door
def comment_resolve(request, pk, comment):
    """Close a thread, or open it again."""
    assessment = visible(request, pk)
    readable = Comment.objects.visible_to(request.user).filter(assessment=assessment)
    found = get_object_or_404(readable.select_related("assessment"), pk=comment)
    code = catalog_of(assessment.instrument).codes[found.indicator_id]
    resolved = request.POST.get("act") != "reopen"
    try:
        comments.set_resolved(comment=found, by=request.user, resolved=resolved)
    except comments.CommentRefused as error:
        raise PermissionDenied from error
    said = _("Ditandai selesai.") if resolved else _("Dibuka kembali.")
    if wants_json(request):
        return _reply(request, assessment, code, said)
    messages.success(request, said)
    return redirect(_address(pk, code))


@require_POST
@json_door
def comment_seen(request, pk, code):
    """Remember that the person has read a row's comments."""
    assessment = _row(request, pk, code)
    readable = Comment.objects.visible_to(request.user).filter(assessment=assessment)
    last = readable.filter(pk=_number(request.POST.get("last", ""))).first()
    if last is not None:
        comments.mark_seen(assessment=assessment, code=code, by=request.user, last=last.pk)
    if wants_json(request):
        return HttpResponse(status=204)
    return redirect(_address(pk, code))


@login_required
@require_GET
def comment_people(request, pk):
    """Suggest people to call in a comment: only those who may read it."""
    assessment = visible(request, pk)
    if not can_comment(request.user, assessment):
        raise PermissionDenied
    internal = request.GET.get("internal") == "1" and can_comment_internally(request.user)
    text = request.GET.get("q", "").replace("\x00", "")[:100]
    found = comments.suggest_people(assessment, request.user, text, internal=internal)
    people = [
        {"account": user.username, "name": user.name, "post": user.position} for user in found
    ]
    return JsonResponse({"people": people})
