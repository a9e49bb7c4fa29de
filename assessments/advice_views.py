"""Guidance on an indicator, and the phrases that a person uses in conditions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.catalog import catalog_of
from assessments.models import Indicator, Instrument, Phrase
from assessments.permissions import can_share_phrases, can_write_guidance
from assessments.services import advice
from assessments.worksheet.advice import filled_phrases
from assessments.worksheet_views import visible


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@login_required
@require_http_methods(["GET", "POST"])
def guidance(request, pk, code):
    """Show what Itjen says about an indicator, in all versions; the secretariat writes the next."""
    instrument = get_object_or_404(Instrument.objects.defer("document"), pk=pk)
    indicator = get_object_or_404(Indicator, instrument=instrument, code=code)
    can_write = can_write_guidance(request.user)
    versions = list(indicator.guidance.select_related("by")[:50])
    newest = versions[0] if versions else None
    text, base = (newest.text, newest.version) if newest else ("", 0)
    problem = None
    if request.method == "POST":
        if not can_write:
            raise PermissionDenied
        text, base = request.POST.get("text", ""), _number(request.POST.get("base", ""))
        try:
            advice.write_guidance(indicator=indicator, text=text, base=base, by=request.user)
        except advice.GuidanceStale as error:
            problem, base = error, error.newest.version
        except advice.AdviceRefused as error:
            problem = error
        else:
            messages.success(request, _("Petunjuk butir {code} tersimpan.").format(code=code))
            return redirect("assessments:guidance", pk, code)
    context = {
        "instrument": instrument,
        "indicator": indicator,
        "versions": versions,
        "newest": newest,
        "can_write": can_write,
        "text": text,
        "base": base,
        "problem": problem,
    }
    return render(request, "assessments/guidance.html", context, status=422 if problem else 200)


@login_required
@require_http_methods(["GET", "POST"])
def phrase_list(request):
    """List one's own phrases and the shared ones, and keep a new one."""
    return _phrases(request, None)


@login_required
@require_http_methods(["GET", "POST"])
def phrase_edit(request, pk):
    """Change a phrase of one's own."""
    phrase = get_object_or_404(Phrase.objects.visible_to(request.user), pk=pk)
    if phrase.owner_id != request.user.pk:
        raise PermissionDenied
    return _phrases(request, phrase)


def _phrases(request, phrase: Phrase | None):
    typed = {
        "title": phrase.title if phrase else "",
        "text": phrase.text if phrase else "",
        "code": phrase.code if phrase else request.GET.get("butir", "")[:30],
        "is_shared": phrase.is_shared if phrase else False,
    }
    base = phrase.version if phrase else 0
    problem = None
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in ("title", "text", "code")}
        typed["is_shared"] = request.POST.get("is_shared") == "1"
        base = _number(request.POST.get("base", ""))
        try:
            if typed["code"] and not Indicator.objects.filter(code=typed["code"]).exists():
                raise advice.AdviceRefused(_("Kode butir ini tidak ada di instrumen mana pun."))
            advice.save_phrase(by=request.user, phrase=phrase, base=base, **typed)
        except advice.PhraseStale as error:
            problem, base = error, error.current.version
        except advice.AdviceRefused as error:
            problem = error
        else:
            messages.success(request, _("Frasa tersimpan."))
            return redirect("assessments:phrase_list")
    context = {
        "phrases": Phrase.objects.visible_to(request.user).select_related("owner")[:300],
        "phrase": phrase,
        "typed": typed,
        "base": base,
        "problem": problem,
        "can_share": can_share_phrases(request.user),
    }
    return render(request, "assessments/phrase_list.html", context, status=422 if problem else 200)


@login_required
@require_POST
def phrase_delete(request, pk):
    """Remove a phrase of one's own."""
    phrase = get_object_or_404(Phrase.objects.visible_to(request.user), pk=pk)
    try:
        advice.delete_phrase(phrase=phrase, by=request.user)
    except advice.AdviceRefused as error:
        raise PermissionDenied from error
    messages.success(request, _("Frasa dihapus."))
    return redirect("assessments:phrase_list")


@login_required
@require_GET
def phrase_pick(request, pk, code):
    """Offer phrases for a row, filled in with what is known of it."""
    assessment = visible(request, pk)
    if code not in catalog_of(assessment.instrument).ids:
        raise Http404
    context = {
        "assessment": assessment,
        "code": code,
        "phrases": filled_phrases(assessment, request.user, code),
    }
    part = "X-Zona-Part" in request.headers
    name = "assessments/_phrase_picker.html" if part else "assessments/phrase_pick.html"
    return render(request, name, context)
