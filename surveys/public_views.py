"""What anyone may open: the form, the thanks, the published result. No login, no session.

The form needs no CSRF token: there is no session that somebody could ride on, and a cookie before
the consent would be one too many. A signed mark in the form says that it came from here; a form
sent by another site is turned away by what the browser says of its origin.
"""

from __future__ import annotations

import functools

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from surveys import public_form, reports
from surveys.models import State, Survey
from surveys.public_form import PublicForm
from surveys.services import guard
from surveys.services.submission import (
    AlreadySent,
    SurveyClosed,
    TokenRefused,
    TokenUsed,
    submit_response,
)
from surveys.sheet import sheets_of

ENGLISH = "en"


def speaks(view):
    """Answer in the language that the address or the form asks for: Indonesian or English."""

    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        asked = request.POST.get("lang") or request.GET.get("lang")
        with translation.override(ENGLISH if asked == ENGLISH else settings.LANGUAGE_CODE):
            return view(request, *args, **kwargs)

    return wrapped


def _survey(code: str) -> Survey:
    survey = Survey.objects.for_public().filter(code=code.upper()).first()
    if survey is None:
        raise Http404
    return survey


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@speaks
def form(request, code):
    """Show the form, keep what was filled in so far, or add an answer."""
    survey = _survey(code)
    if not survey.takes_answers_on(timezone.localdate()):
        return _closed(request, survey)
    sheets, services = sheets_of(survey), survey.asked_services
    if request.method != "POST":
        return _fresh(request, PublicForm(survey, sheets, services, _first_values(request, survey)))
    posted = PublicForm.posted(survey, sheets, services, request.POST)
    if public_form.SAVE in request.POST:
        return _save(request, posted)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        posted.problem = _("Kirim jawaban dari halaman ini, bukan dari situs lain.")
    if not posted.is_valid:
        return _again(request, posted)
    return _send(request, posted)


def _first_values(request, survey) -> dict[str, str]:
    """Return what the form begins with: the address's own choices, then this device's draft."""
    values = public_form.read_draft(request.COOKIES.get(_cookie(survey), ""))
    if request.GET.get("m") == public_form.DESK:
        values = {public_form.MODE: public_form.DESK}
    for name, field in (("l", public_form.SERVICE), ("t", public_form.TOKEN)):
        if request.GET.get(name):
            values[field] = request.GET[name][:40]
    return values


def _fresh(request, shown: PublicForm):
    page = shown.page(is_saved="tersimpan" in request.GET)
    return render(request, "surveys/public/form.html", {"page": page, "survey": shown.survey})


def _again(request, posted: PublicForm, status: int = 422):
    """Show the form again with everything that was typed, and what is wrong with it."""
    context = {"page": posted.page(), "survey": posted.survey}
    return render(request, "surveys/public/form.html", context, status=status)


def _save(request, posted: PublicForm):
    response = redirect(f"{posted.survey.public_path}?tersimpan=1{_and_language()}")
    text = public_form.save_draft(posted.typed) if posted.mode != "desk" else ""
    if text:
        response.set_cookie(
            _cookie(posted.survey),
            text,
            max_age=public_form.DRAFT_SECONDS,
            path=posted.survey.public_path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _send(request, posted: PublicForm):
    survey = posted.survey
    look = guard.Look()
    try:
        look = guard.look_at(
            guard.sender_of(request),
            survey,
            service_id=posted.service_id,
            mode=posted.mode,
            values=posted.points(),
            profile=posted.profile_options(),
        )
        submit_response(survey=survey, submission=posted.submission(int(look.flags)))
    except AlreadySent:
        pass  # the first sending counted; the person gets the same receipt
    except guard.TooMany:
        posted.problem = _(
            "Terlalu banyak kiriman dari jaringan ini. Isian Anda masih ada; kirim lagi "
            "setelah satu menit."
        )
        return _again(request, posted, status=429)
    except (SurveyClosed, TokenUsed, TokenRefused) as refusal:
        look.forget()
        return _refused(request, posted, refusal)
    receipt = public_form.receipt_of(survey, posted.stamp)
    desk = f"&m={public_form.DESK}" if posted.mode == "desk" else ""
    address = reverse("surveys:public_thanks", args=[survey.code])
    response = redirect(f"{address}?r={receipt}{desk}{_and_language()}")
    response.delete_cookie(_cookie(survey), path=survey.public_path)
    return response


def _refused(request, posted: PublicForm, refusal: Exception):
    """Say why an answer could not be stored."""
    if isinstance(refusal, SurveyClosed):
        return _closed(request, _survey(posted.survey.code))
    posted.faults[public_form.TOKEN] = (
        _("Token ini sudah dipakai. Satu token untuk satu orang.")
        if isinstance(refusal, TokenUsed)
        else _("Token ini bukan untuk survei ini. Periksa kartu Anda.")
    )
    return _again(request, posted)


def _closed(request, survey: Survey):
    """Say kindly that the survey takes no answers now; a form that comes too late gets 409."""
    status = 409 if request.method == "POST" else 200
    begins = survey.state in (State.PLANNED, State.OPEN) and timezone.localdate() < survey.opens_on
    context = {
        "survey": survey,
        "begins": begins,
        "has_result": survey.state == State.PUBLISHED,
        "is_late": status == 409,
    }
    return render(request, "surveys/public/closed.html", context, status=status)


@never_cache
@require_safe
@speaks
def thanks(request, code):
    """Thank, and show the receipt; whoever is shown one can see here that it is genuine."""
    survey = _survey(code)
    receipt = request.GET.get("r", "")
    if not public_form.is_receipt(survey, receipt):
        raise Http404
    context = {
        "survey": survey,
        "receipt": receipt.upper(),
        "is_desk": request.GET.get("m") == public_form.DESK,
    }
    return render(request, "surveys/public/thanks.html", context)


@require_safe
@speaks
def result(request, code):
    """Show the published result; 404 while there is none."""
    survey = _survey(code)
    if survey.state != State.PUBLISHED:
        raise Http404
    context = {"survey": survey, "results": reports.public_results(survey)}
    return render(request, "surveys/public/result.html", context)


def _cookie(survey: Survey) -> str:
    return f"zona_survei_{survey.code}"


def _and_language() -> str:
    return "&lang=en" if translation.get_language() == ENGLISH else ""
