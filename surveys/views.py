"""Pages of surveys: list, plan, one survey and its steps, the calculator."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys import pages, permissions
from surveys.forms import CalculatorForm, ReasonForm, SurveyFilter, SurveyForm, TokenForm
from surveys.models import Survey, SurveyPart
from surveys.services import lifecycle
from units.access import Permission, access_of
from units.models import Unit

PAGE_ROWS = 25
LIST, RESULT = "surveys:survey_list", "surveys:survey_result"
MANAGED_SHOWN = 12


def seen_survey(request, pk) -> Survey:
    """Return a survey that the person sees, with its unit; 404 otherwise."""
    rows = Survey.objects.visible_to(request.user).select_related("unit")
    return get_object_or_404(rows, pk=pk)


def managed_survey(request, pk) -> Survey:
    """Return a survey that the person manages; 404 unseen, 403 seen only."""
    survey = seen_survey(request, pk)
    if not permissions.can_manage(request.user, survey.unit):
        raise PermissionDenied
    return survey


def site_of(request) -> str:
    """Return the address of this house, as it is printed."""
    return settings.SITE_URL or request.build_absolute_uri("/").rstrip("/")


def managed_units(user):
    """Return the units whose surveys the person manages."""
    condition = access_of(user).units_q(Permission.SURVEY_MANAGE)
    rows = Unit.objects.assessable().order_by("name")
    return rows if condition is None else rows.filter(condition)


@login_required
@require_safe
def survey_list(request):
    """List the surveys that the person may see, the newest first."""
    visible = Survey.objects.visible_to(request.user)
    form = SurveyFilter(request.GET, surveys=visible)
    rows = form.narrow(visible).for_list()
    managed = (
        list(managed_units(request.user)[:MANAGED_SHOWN])
        if permissions.manages_any(request.user)
        else []
    )
    context = {
        "form": form,
        "page": Paginator(rows, PAGE_ROWS).get_page(request.GET.get("hal")),
        "managed": managed,
        "can_edit_questionnaires": permissions.can_edit_questionnaires(request.user),
    }
    return render(request, "surveys/survey_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def survey_create(request, unit_pk):
    """Plan a survey of a unit."""
    unit = get_object_or_404(Unit.objects.visible_to(request.user), pk=unit_pk)
    if not permissions.can_manage(request.user, unit):
        raise PermissionDenied
    form = SurveyForm(request.POST or None, unit=unit)
    if request.method == "POST" and form.is_valid():
        survey = lifecycle.create_survey(
            unit=unit,
            year=form.cleaned_data["year"],
            parts=form.parts,
            coverage=form.coverage,
            by=request.user,
            **form.plan_values,
        )
        messages.success(request, _("Survei direncanakan. Periksa, lalu buka."))
        return redirect(survey)
    return render(request, "surveys/survey_form.html", {"form": form, "unit": unit})


@login_required
@require_http_methods(["GET", "POST"])
def survey_edit(request, pk):
    """Change a plan, or the few things that may change while answers come in."""
    survey = managed_survey(request, pk)
    if not survey.is_collecting:
        raise PermissionDenied
    form = SurveyForm(request.POST or None, unit=survey.unit, survey=survey)
    if request.method == "POST" and form.is_valid():
        try:
            lifecycle.update_survey(
                survey=survey,
                version=form.cleaned_data["version"] or 0,
                by=request.user,
                parts=None if form.is_open else form.parts,
                coverage=form.coverage,
                **form.plan_values,
            )
        except lifecycle.SurveyChanged:
            form.add_error(
                None,
                _("Rekan Anda menyimpan survei ini lebih dulu. Muat ulang, lalu ubah lagi."),
            )
        except lifecycle.SurveyMoved:
            form.add_error(None, _("Survei ini baru saja ditutup."))
        else:
            messages.success(request, _("Perubahan tersimpan."))
            return redirect(survey)
    context = {"form": form, "unit": survey.unit, "survey": survey}
    return render(request, "surveys/survey_form.html", context)


@login_required
@require_safe
def survey_detail(request, pk):
    """Show a survey: how far it is, what is odd, what can be done now."""
    survey = seen_survey(request, pk)
    context = {
        "page": pages.survey_page(survey, request.user, site=site_of(request)),
        "survey": survey,
        "reason_form": ReasonForm(),
        "token_form": TokenForm(),
        "can_record_external": permissions.can_record_external(request.user, survey.unit),
    }
    return render(request, "surveys/survey_detail.html", context)


def _step(request, pk, step, done, refusals, *, to="", **values):
    """Take a step of a survey, say how it went, and go back to it, or on to ``to``.

    refusals: what is said when the step raises one of these; where only the state has moved on
    it is news, everything else is a mistake.
    """
    survey = managed_survey(request, pk)
    try:
        step(survey=survey, by=request.user, **values)
    except tuple(refusals) as refusal:
        moved = isinstance(refusal, lifecycle.SurveyMoved)
        messages.add_message(
            request, messages.INFO if moved else messages.ERROR, refusals[type(refusal)]
        )
        return redirect(survey)
    messages.success(request, done)
    return redirect(to, *([pk] if to == RESULT else [])) if to else redirect(survey)


@login_required
@require_POST
def survey_open(request, pk):
    """Open a survey to the public."""
    refusals = {
        lifecycle.SurveyIncomplete: _("Pilih kuesioner dan hari terakhir yang belum lewat."),
        lifecycle.SurveyMoved: _("Survei ini sudah dibuka."),
    }
    done = _("Survei dibuka. Bagikan tautan atau poster QR-nya.")
    return _step(request, pk, lifecycle.open_survey, done, refusals)


@login_required
@require_POST
def survey_close(request, pk):
    """End the collection."""
    refusals = {lifecycle.SurveyMoved: _("Survei ini tidak sedang berlangsung.")}
    done = _("Survei ditutup. Periksa mutu jawaban, lalu kunci hasilnya.")
    return _step(request, pk, lifecycle.close_survey, done, refusals)


@login_required
@require_POST
def survey_lock(request, pk):
    """Lock the result."""
    refusals = {
        lifecycle.NothingToLock: _("Belum ada jawaban sah, jadi belum ada indeks."),
        lifecycle.SurveyMoved: _("Hasil hanya dapat dikunci setelah survei ditutup."),
    }
    return _step(request, pk, lifecycle.lock_result, _("Hasil terkunci."), refusals, to=RESULT)


@login_required
@require_POST
def survey_reopen(request, pk):
    """Open a locked result again, with a reason."""
    refusals = {
        lifecycle.ReasonMissing: _("Tulis alasan membuka kembali hasil ini."),
        lifecycle.SurveyMoved: _("Hasil ini tidak dapat dibuka kembali."),
    }
    done = _("Hasil dibuka kembali; hasil berikutnya menjadi versi baru.")
    reason = request.POST.get("reason", "")[:1000]
    return _step(request, pk, lifecycle.reopen_result, done, refusals, reason=reason)


@login_required
@require_POST
def survey_publish(request, pk):
    """Show the locked result to the public."""
    refusals = {lifecycle.SurveyMoved: _("Kunci dahulu hasil survei ini.")}
    return _step(request, pk, lifecycle.publish_result, _("Hasil dipublikasikan."), refusals)


@login_required
@require_POST
def survey_delete(request, pk):
    """Remove a plan that was never opened."""
    refusals = {lifecycle.SurveyMoved: _("Survei yang pernah dibuka tidak dapat dihapus.")}
    done = _("Rencana survei dihapus.")
    return _step(request, pk, lifecycle.delete_plan, done, refusals, to=LIST)


@login_required
@require_POST
def part_feed(request, pk):
    """Name the survey that feeds the unit's worksheet."""
    visible = Survey.objects.visible_to(request.user)
    rows = SurveyPart.objects.filter(survey__in=visible).select_related("survey__unit")
    part = get_object_or_404(rows, pk=pk)
    if not permissions.can_manage(request.user, part.survey.unit):
        raise PermissionDenied
    lifecycle.choose_feeding(part=part, by=request.user)
    messages.success(
        request, _("Survei ini dipakai untuk LKE tahun %(year)s.") % {"year": part.year}
    )
    return redirect(part.survey)


@login_required
@require_safe
def calculator(request):
    """Say how many answers are needed, by each formula."""
    form = CalculatorForm(request.GET or None)
    targets = form.targets() if request.GET and form.is_valid() else []
    return render(request, "surveys/calculator.html", {"form": form, "targets": targets})
