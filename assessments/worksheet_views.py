"""The worksheet: its pages, and the doors through which rows are saved."""

from __future__ import annotations

import json
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessments.catalog import catalog_of
from assessments.models import Assessment, Reason
from assessments.permissions import can_manage_evidence, can_share_evidence
from assessments.services import answers
from assessments.worksheet import home_section, load, row_view, score_bar, worksheet_page
from assessments.worksheet.advice import guidance_of
from assessments.worksheet.bar_markup import print_bar, print_verdict
from assessments.worksheet.detail import row_detail as build_detail
from assessments.worksheet.finding import find_rows
from assessments.worksheet.markup import RowPrinter
from assessments.worksheet.page import (
    beside_of,
    hints_of,
    node_points,
    section_counts,
    section_url,
    warnings_of,
)
from assessments.worksheet.plain_form import read_form, unsaved
from assessments.worksheet.saving import (
    AnswersConflict,
    AnswersLocked,
    AnswersRefused,
    BadRequest,
    NoWorksheet,
    Saved,
    accept_row,
    as_it_stands,
    confirm_row,
    conflict_facts,
    read_request,
    refusal_facts,
    save_row,
)
from assessments.worksheet.steps import step_links
from assessments.worksheet.talk import talk_of, unread_by
from zona import panels


def visible(request: HttpRequest, pk: int, *, with_unread: bool = False) -> Assessment:
    """Return the worksheet with the person's place on its team; 404 for what he may not see.

    with_unread: bring along how many comments he has not read (``unread``), in the same query.
    """
    rows = Assessment.objects.visible_to(request.user).with_place_of(request.user)
    if with_unread:
        rows = rows.annotate(unread=unread_by(request.user))
    return get_object_or_404(rows.with_totals().for_page(), pk=pk)


@login_required
@require_GET
def worksheet_home(request, pk):
    """Go to the row that the address names, else to the first section with work for him."""
    assessment = visible(request, pk)
    catalog, code = catalog_of(assessment.instrument), request.GET.get("butir", "")
    if code in catalog.section_of:
        return redirect(section_url(assessment, catalog.section_of[code].code, code))
    return redirect("assessments:worksheet", pk, home_section(assessment, request.user))


@login_required
@require_GET
def worksheet(request, pk, section):
    """Show a section of the worksheet with the row in work and its detail.

    The comments of that row come in a request of their own, as those of every row opened later.
    """
    assessment = visible(request, pk, with_unread=True)
    try:
        page = worksheet_page(
            assessment,
            request.user,
            section,
            current=request.GET.get("butir", ""),
            chosen_filter=request.GET.get("saring", ""),
        )
    except KeyError as error:
        raise Http404 from error
    context = detail_context(request, assessment, page.detail, whole=False) | {
        "page": page,
        "printer": RowPrinter(
            assessment, token=get_token(request), current=page.current, light=page.is_whole
        ),
        "transitions": step_links(request.user, assessment),
        "can_add_evidence": can_manage_evidence(request.user, assessment),
        "can_share": can_share_evidence(request.user, assessment),
    }
    return render(request, "assessments/worksheet.html", context)


def wants_json(request) -> bool:
    """Tell whether a script asks, and not a person's form."""
    return request.content_type == "application/json" or "application/json" in request.headers.get(
        "Accept", ""
    )


def json_door(view):
    """Answer a script in JSON: 401 without a session, 404 for what is not there.

    A person's form is led to the sign-in page, or told on a page.
    """

    @wraps(view)
    def door(request, *args, **kwargs):
        if not request.user.is_authenticated:
            if not wants_json(request):
                return redirect_to_login(settings.LOGIN_REDIRECT_URL)
            return JsonResponse({"error": "login", "login": reverse("account_login")}, status=401)
        try:
            return view(request, *args, **kwargs)
        except NoWorksheet as error:
            if not wants_json(request):
                raise Http404 from error
            message = _("Lembar kerja ini tidak ada atau tidak dapat Anda buka lagi.")
            return JsonResponse({"error": "gone", "message": message}, status=404)

    return door


@require_POST
@json_door
def row_save(request, pk):
    """Save one row: JSON from the browser's queue, or a plain form without a script."""
    if request.content_type != "application/json":
        return _save_form(request, pk)
    try:
        asked = read_request(json.loads(request.body))
    except RequestDataTooBig:
        return _refuse(413, "too_big", _("Isian terlalu besar untuk disimpan."))
    except (ValueError, RecursionError) as error:
        return _refuse(400, "malformed", str(error))
    if asked.user != request.user.pk:
        return _refuse(403, "user", _("Isian ini milik pengguna lain; masuk sebagai pemiliknya."))
    try:
        return JsonResponse(saved_reply(request, save_row(pk, asked, request.user)))
    except AnswersConflict as error:
        facts = [conflict_facts(conflict) for conflict in error.conflicts]
        return JsonResponse({"error": "conflict", "conflicts": facts}, status=409)
    except AnswersRefused as error:
        facts = [refusal_facts(refusal) for refusal in error.refusals]
        return JsonResponse({"error": "refused", "errors": facts}, status=422)
    except AnswersLocked as error:
        return _refuse(423, "locked", str(error))
    except BadRequest as error:
        return _refuse(400, "malformed", str(error))


@require_POST
@json_door
def row_accept(request, pk):
    """Take over the unit's value of a row (*Terima*)."""
    return _decide(request, pk, accept_row, _("Butir {code} diterima."))


@require_POST
@json_door
def row_confirm(request, pk):
    """Let the TPI's value of a returned row stand as it is."""
    return _decide(request, pk, confirm_row, _("Nilai TPI butir {code} dipertahankan."))


def _decide(request, pk: int, decide, done: str):
    code = request.POST.get("code", "")
    try:
        saved = decide(pk, code, request.user)
    except AnswersLocked as error:
        if wants_json(request):
            return _refuse(423, "locked", str(error))
        messages.error(request, str(error))
        return redirect(_after_save(visible(request, pk), code, ""))
    except (AnswersRefused, KeyError):
        return _refuse(422, "refused", _("Butir {code} tidak dikenal.").format(code=code))
    if wants_json(request):
        return JsonResponse(saved_reply(request, saved, with_detail=True))
    messages.success(request, done.format(code=code))
    return redirect(_after_save(visible(request, pk), code, ""))


def _refuse(status: int, error: str, message: str) -> JsonResponse:
    return JsonResponse({"error": error, "message": message}, status=status)


def saved_reply(request, saved: Saved, *, with_detail: bool = False) -> dict:
    """Return what the browser needs after a save: the row, the score bar, the counts."""
    sheet, code = saved.sheet, saved.code
    detail = build_detail(sheet, code) if with_detail else None
    row = row_view(
        sheet,
        code,
        evidence=detail.evidence if detail else (),
        evidence_count=None if detail else int(saved.has_evidence),
        hints=hints_of(sheet, [code]).get(code, ()),
        warnings=warnings_of(sheet, saved.result).get(code, ()),
    )
    printer = RowPrinter(sheet.assessment, token="", current=code)
    bar = score_bar(sheet, saved.result, beside=beside_of(sheet))
    section = sheet.catalog.section_of[code]
    return saved.facts | {
        "flags": row.flags,
        "done": row.done,
        "html": printer.article(row, with_evidence=with_detail),
        "score_bar": print_bar(bar),
        "verdict": print_verdict(bar),
        "detail": render_to_string(
            "assessments/_row_detail.html",
            detail_context(request, sheet.assessment, detail),
            request,
        )
        if detail
        else "",
        "counts": section_counts(sheet, section),
        "points": node_points(sheet, code, saved.result),
    }


@login_required
@require_GET
def row_detail(request, pk, code):
    """Show the pane of a row alone: for the browser, as a part; without a script, as a page."""
    assessment = visible(request, pk)
    sheet = load(assessment, request.user)
    if code not in sheet.catalog.ids:
        raise Http404
    if "application/json" in request.headers.get("Accept", ""):
        saved = as_it_stands(sheet, code)
        return JsonResponse(saved_reply(request, saved, with_detail=True))
    whole = request.GET.get("riwayat") == "semua"
    detail = build_detail(sheet, code, whole_history=whole)
    context = detail_context(request, assessment, detail)
    part = "X-Zona-Part" in request.headers
    name = "assessments/_row_detail.html" if part else "assessments/row_detail.html"
    return render(request, name, context)


def detail_context(request, assessment, detail, *, whole: bool = True) -> dict:
    """Return what the pane's template takes.

    whole: with guidance and comments; without them the pane says where they are.
    """
    return {
        "assessment": assessment,
        "detail": detail,
        "reasons": Reason.choices,
        "token": get_token(request),
        "guidance": guidance_of(assessment, request.user, detail.code, detail.judged_at)
        if whole
        else None,
        "talk": talk_of(assessment, request.user, detail.code) if whole else None,
        "panels": panels.for_slot(
            "worksheet_row",
            request.user,
            assessment=assessment,
            code=detail.code,
            inputs=detail.inputs,
        ),
    }


@login_required
@require_POST
def area_finish(request, pk, section):
    """Mark a section of the self-assessment as finished, or open it again."""
    assessment = visible(request, pk)
    change = answers.reopen_area if request.POST.get("act") == "reopen" else answers.finish_area
    try:
        change(assessment=assessment, section=section, by=request.user)
    except KeyError as error:
        raise Http404 from error
    except answers.AreaUnfinished as error:
        messages.error(
            request,
            _("Belum dapat ditandai selesai: {n} butir belum dijawab ({codes}).").format(
                n=len(error.codes), codes=", ".join(error.codes[:5])
            ),
        )
        return redirect(f"{section_url(assessment, section)}?saring=belum")
    except answers.AnswersLocked as error:
        messages.error(request, str(error))
    return redirect(section_url(assessment, section))


@login_required
@require_GET
def worksheet_find(request, pk):
    """Find rows by code or words in every section; one hit on its code goes straight there."""
    assessment = visible(request, pk)
    hits = find_rows(assessment, request.GET.get("q", ""))
    if request.htmx:
        return render(request, "assessments/_find_hits.html", {"hits": hits[:8]})
    if len(hits) == 1:
        return redirect(hits[0].url)
    context = {"assessment": assessment, "hits": hits, "q": request.GET.get("q", "")}
    return render(request, "assessments/worksheet_find.html", context)


@require_GET
def whoami(request):
    """Tell the page's script who is signed in, and give it a fresh CSRF cookie."""
    get_token(request)
    user = request.user
    return JsonResponse(
        {"user": user.pk, "name": str(user)} if user.is_authenticated else {"user": None}
    )


def _save_form(request, pk: int) -> HttpResponse:
    """Save a row that was sent as a plain form; what can't be stored is shown beside its like."""
    post = request.POST
    try:
        asked = read_form(post, request.user)
    except BadRequest as error:
        raise SuspiciousOperation(str(error)) from error
    assessment = visible(request, pk)
    after = _after_save(assessment, asked.code, post.get("act", ""))
    if not asked.changes:
        return redirect(after)
    failure: dict = {}
    try:
        save_row(pk, asked, request.user)
    except AnswersLocked as error:
        failure, status = {"message": str(error)}, 423
    except AnswersConflict as error:
        failure, status = {"conflicts": error.conflicts}, 409
    except AnswersRefused as error:
        failure, status = {"refusals": error.refusals}, 422
    if failure:
        context = {
            "assessment": assessment,
            "unsaved": unsaved(catalog_of(assessment.instrument), asked, **failure),
            "back": _after_save(assessment, asked.code, ""),
        }
        return render(request, "assessments/row_unsaved.html", context, status=status)
    messages.success(request, _("Butir {code} tersimpan.").format(code=asked.code))
    return redirect(after)


def _after_save(assessment: Assessment, code: str, act: str) -> str:
    """Return the address of the row, or of the next one on its page; 404 for an unknown row."""
    catalog = catalog_of(assessment.instrument)
    if code not in catalog.section_of:
        raise Http404
    section = catalog.section_of[code]
    codes = section.indicator_codes
    place = codes.index(code)
    if act == "next" and place + 1 < len(codes):
        code = codes[place + 1]
    return section_url(assessment, section.code, code)
