"""Pages of visits: the plan, one visit, its rows on a phone."""

from __future__ import annotations

import json
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.services.answers import AnswersRefused
from assessments.services.scenarios import ScenarioRefused
from assessments.worksheet.saving import refusal_facts
from assistance import papers
from assistance.effect_page import effects_side_by_side
from assistance.models import Consultation, Visit, VisitState
from assistance.permissions import can_hold, can_plan_visits
from assistance.services import visits
from assistance.services.visits import CheckConflict, VisitChanged, VisitRefused
from assistance.visit_forms import (
    AttendanceForm,
    CancelForm,
    ConsultationForm,
    PlanForm,
    ServiceNoteForm,
    TeamForm,
    plannable,
)
from assistance.visit_page import checks_page, sample_of, simulation_of, visit_page, year_plan
from units.access import Permission, has_permission

YEARS = range(2000, 2200)


def seen(request, pk) -> Visit:
    """Return a visit that the person sees; 404 otherwise."""
    rows = Visit.objects.visible_to(request.user).for_page().with_place_of(request.user)
    return get_object_or_404(rows.with_counts().select_related("consultation"), pk=pk)


@login_required
@require_safe
def visit_list(request):
    """Show the visits of a year by month, and to those who plan whom to visit first."""
    asked = request.GET.get("tahun", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 and int(asked) in YEARS else None
    return render(request, "assistance/visit_list.html", {"plan": year_plan(request.user, year)})


@login_required
@require_safe
def effect_list(request):
    """Show which visits helped: the unit when it ended, and as it was measured last."""
    if not has_permission(request.user, Permission.PORTFOLIO_VIEW):
        raise PermissionDenied
    page, sort = effects_side_by_side(request.user, request.GET)
    return render(request, "assistance/visit_effects.html", {"page": page, "sort": sort})


@login_required
@require_http_methods(["GET", "POST"])
def visit_create(request):
    """Plan a visit."""
    if not can_plan_visits(request.user):
        raise PermissionDenied
    initial = {"assessment": request.GET.get("lke"), "purpose": _("Pendampingan pembangunan ZI.")}
    form = PlanForm(request.POST or None, assessments=plannable(request.user), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            visit = visits.plan_visit(
                assessment=form.cleaned_data["assessment"], plan=form.plan(), by=request.user
            )
        except VisitRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Kunjungan direncanakan. Tetapkan timnya."))
            return redirect("assistance:visit_team", visit.pk)
    return render(request, "assistance/visit_form.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def visit_edit(request, pk):
    """Change a visit's plan."""
    visit = seen(request, pk)
    if not can_plan_visits(request.user, visit.unit) and not can_hold(request.user, visit):
        raise PermissionDenied
    form = PlanForm(request.POST or None, instance=visit, initial={"version": visit.version})
    if request.method == "POST" and form.is_valid():
        try:
            visits.change_visit(
                visit=visit,
                plan=form.plan(),
                version=form.cleaned_data["version"] or 0,
                by=request.user,
            )
        except VisitRefused as refusal:
            form.add_error(None, str(refusal))
        except VisitChanged:
            form.add_error(
                None,
                _("Rekan Anda menyimpan kunjungan ini lebih dulu. Muat ulang, lalu ubah lagi."),
            )
        else:
            messages.success(request, _("Kunjungan tersimpan."))
            return redirect("assistance:visit", pk)
    return render(request, "assistance/visit_form.html", {"form": form, "visit": seen(request, pk)})


@login_required
@require_http_methods(["GET", "POST"])
def visit_team(request, pk):
    """Set who goes."""
    visit = seen(request, pk)
    if not can_plan_visits(request.user, visit.unit):
        raise PermissionDenied
    form = TeamForm(request.POST or None, visit=visit)
    if request.method == "POST" and form.is_valid():
        try:
            visits.set_team(visit=visit, people=form.people(), by=request.user)
        except VisitRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Tim kunjungan tersimpan."))
            return redirect(visit)
    panel = papers.paper_panel(
        visit, papers.ORDER, request.user, is_written=papers.exists(visit, papers.ORDER)
    )
    context = {"form": form, "visit": visit, "panel": panel}
    return render(request, "assistance/visit_team.html", context)


@login_required
@require_safe
def visit(request, pk):
    """Show a visit."""
    return _page(request, seen(request, pk))


def _page(request, row, status=200, **forms):
    page = visit_page(row, request.user)
    if page.can_hold and page.is_running:
        forms.setdefault(
            "attendance", AttendanceForm(initial={"on": row.starts_on}, prefix="hadir")
        )
        forms.setdefault("note", ServiceNoteForm(visit=row, prefix="layanan"))
    forms.setdefault("cancel", CancelForm(prefix="batal"))
    context = {"page": page, "visit": row, "forms": forms}
    return render(request, "assistance/visit.html", context, status=status)


STEPS = {"mulai": visits.start_visit, "selesai": visits.end_visit}


@login_required
@require_POST
def visit_step(request, pk, step):
    """Begin, end or cancel a visit."""
    row = seen(request, pk)
    form = CancelForm(request.POST, prefix="batal")
    try:
        if step == "batal":
            if not form.is_valid():
                return _page(request, row, status=422, cancel=form)
            visits.cancel_visit(visit=row, reason=form.cleaned_data["reason"], by=request.user)
        elif step in STEPS:
            STEPS[step](visit=row, by=request.user)
        else:
            raise Http404
    except VisitRefused as refusal:
        messages.error(request, str(refusal))
    else:
        if step == "mulai":
            return redirect("assistance:visit_checks", pk)
    return redirect(row)


@login_required
@require_POST
def attendance_add(request, pk):
    """Write down who was there."""
    row = seen(request, pk)
    form = AttendanceForm(request.POST, prefix="hadir")
    if form.is_valid():
        try:
            visits.add_attendance(visit=row, by=request.user, **form.cleaned_data)
        except VisitRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(f"{row.get_absolute_url()}#hadir")
    return _page(request, row, status=422, attendance=form)


@login_required
@require_POST
def service_note_add(request, pk):
    """Note something on a service."""
    row = seen(request, pk)
    form = ServiceNoteForm(request.POST, visit=row, prefix="layanan")
    if form.is_valid():
        try:
            visits.add_service_note(visit=row, by=request.user, **form.cleaned_data)
        except VisitRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(f"{row.get_absolute_url()}#layanan")
    return _page(request, row, status=422, note=form)


@login_required
@require_http_methods(["GET", "POST"])
def consultation(request, pk):
    """Consult on the survey: whom it asks, how many, with what, when, and what was advised."""
    row = seen(request, pk)
    if not can_hold(request.user, row) or row.state != VisitState.RUNNING:
        raise PermissionDenied
    stored = Consultation.objects.filter(visit=row).first()
    initial = {"version": stored.version if stored else 0}
    form = ConsultationForm(request.POST or None, instance=stored, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            visits.save_consultation(
                visit=row,
                values=form.cleaned_data,
                version=form.cleaned_data["version"] or 0,
                by=request.user,
            )
        except VisitRefused as refusal:
            form.add_error(None, str(refusal))
        except VisitChanged:
            form.add_error(
                None,
                _("Rekan Anda menyimpan konsultasi ini lebih dulu. Muat ulang, lalu ubah lagi."),
            )
        else:
            messages.success(request, _("Konsultasi survei tersimpan."))
            return redirect(row)
    sample = sample_of(stored.population if stored else None)
    return render(
        request, "assistance/consultation.html", {"form": form, "visit": row, "sample": sample}
    )


# Rows -------------------------------------------------------------------------------------------


@login_required
@require_safe
def visit_checks(request, pk):
    """Show the rows of a visit, one after the other, what matters first."""
    row = seen(request, pk)
    if row.scenario_id is None:
        messages.info(request, _("Kunjungan ini belum dimulai."))
        return redirect(row)
    return render(request, "assistance/visit_checks.html", {"page": checks_page(row, request.user)})


@require_POST
def check_save(request, pk):
    """Save one row from the browser's queue."""
    if not request.user.is_authenticated:
        login = reverse("account_login")
        return JsonResponse({"error": "login", "login": login}, status=401)
    try:
        asked = json.loads(request.body)
        key, code = uuid.UUID(asked["key"]), str(asked["code"])
        changes, base = dict(asked["changes"]), dict(asked.get("base") or {})
        version, user = int(asked["base_version"]), int(asked["user"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return _refuse(400, "malformed", str(error))
    if user != request.user.pk:
        return _refuse(403, "user", _("Isian ini milik pengguna lain; masuk sebagai pemiliknya."))
    try:
        saved = visits.save_check(
            visit_pk=pk,
            code=code,
            changes=changes,
            base=base,
            base_version=version,
            key=key,
            by=request.user,
        )
    except Visit.DoesNotExist:
        return _refuse(404, "gone", _("Kunjungan ini tidak ada atau tidak dapat Anda buka lagi."))
    except CheckConflict as clash:
        return JsonResponse({"error": "conflict", "conflicts": clash.conflicts}, status=409)
    except AnswersRefused as error:
        facts = [refusal_facts(refusal) for refusal in error.refusals]
        return JsonResponse({"error": "refused", "errors": facts}, status=422)
    except (VisitRefused, ScenarioRefused) as refusal:
        return _refuse(423, "locked", str(refusal))
    facts = {
        "code": code,
        "version": saved.check.version,
        "saved_at": saved.check.changed_at.isoformat() if saved.check.changed_at else None,
        "merged": saved.merged,
        "base": saved.fields,
    }
    if {"choice", "inputs"} & set(changes):
        figures = {"simulation": simulation_of(saved.visit)}
        facts["figures"] = render_to_string("assistance/_visit_figures.html", figures)
    return JsonResponse(facts)


def _refuse(status: int, error: str, message: str) -> JsonResponse:
    return JsonResponse({"error": error, "message": message}, status=status)
