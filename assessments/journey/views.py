"""Pages of the journey: a unit's year, its acts and conditions, the letters of a period."""

from __future__ import annotations

from copy import copy

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from assessments import permissions
from assessments.journey import rules, services
from assessments.journey.building import can_see_all
from assessments.journey.eligibility import conditions_of, house_checklist
from assessments.journey.forms import ActForm, CheckForm, ExceptionForm, PactForm, ProposalForm
from assessments.journey.pact_file import read_pacts
from assessments.journey.page import (
    ACT_WORDS,
    DONE_WORDS,
    candidate_rows,
    journey_page,
    units_for_page,
)
from assessments.journey.plenary import with_decision
from assessments.models import (
    Candidacy,
    EligibilityCheck,
    PactSignature,
    Period,
    Proposal,
    ProposalLine,
    State,
)
from assessments.services.evidence_library import EvidenceRefused
from units.access import Permission, has_permission
from units.models import Unit
from units.permissions import can_record_pledge, can_view_people
from units.reports import row_conflict
from zona.audit import SYSTEM
from zona.models import AuditEntry
from zona.table_file import TableFileError

PAGE_ROWS = 50


def _unit(request, pk) -> Unit:
    """Return a unit that the person sees; 404 otherwise."""
    seen = Unit.objects.visible_to(request.user).select_related("parent", "pledge")
    return get_object_or_404(seen.assessable(), pk=pk)


def _period(request, pk) -> Period:
    rows = Period.objects.select_related("instrument").defer("instrument__document")
    return get_object_or_404(rows, pk=pk)


@login_required
@require_safe
def journey_detail(request, unit, period):
    """Show a unit's year."""
    user = request.user
    seen = units_for_page(Unit.objects.visible_to(user).assessable())
    unit = get_object_or_404(seen, pk=unit)
    sheet = services.sheet_of(unit, period)
    period = sheet.period if sheet else _period(request, period)
    if sheet:
        period.instrument = sheet.instrument
    can_propose = has_permission(user, Permission.JOURNEY_PROPOSE, unit)
    context = {
        "page": journey_page(unit, period, sheet, user, sees_gaps=can_propose),
        "can_write": services.can_write_check(user, unit),
        "can_except": services.can_except(user, unit),
        "can_pledge": can_record_pledge(user, unit),
        "sees_names": _sees_names(user, unit),
        "can_propose": can_propose,
        "sees_letters": can_see_all(user),
        "sees_list": permissions.can_view_portfolio(user),
    }
    return render(request, "assessments/journey_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def journey_act(request, unit, period, act):
    """Show the form of an act, and take it."""
    unit, period = _unit(request, unit), _period(request, period)
    try:
        rule = rules.RULES[rules.Act(act)]
    except ValueError as error:
        raise Http404 from error
    if rule.act == rules.Act.PROPOSE:
        raise Http404
    if not has_permission(request.user, rule.permission, unit):
        raise PermissionDenied
    candidacy = services.candidacy_of(unit, period)
    if rule not in services.available_acts(request.user, candidacy):
        messages.info(request, _("Langkah ini tidak tersedia sekarang."))
        return redirect("assessments:journey_detail", unit.pk, period.pk)
    stages = rules.open_stages(services.results_of(candidacy))
    form = ActForm(request.POST or None, request.FILES or None, rule=rule, stages=stages)
    if request.method == "POST" and form.is_valid():
        try:
            services.perform(
                act,
                unit=unit,
                period=period,
                by=request.user,
                given=form.given,
                document=form.cleaned_data.get("document"),
            )
        except services.JourneyRefused as refused:
            for reason in refused.reasons:
                form.add_error(None, reason)
        except EvidenceRefused as refused:
            form.add_error("document", str(refused))
        else:
            messages.success(request, f"{DONE_WORDS[rule.act]}.")
            return redirect("assessments:journey_detail", unit.pk, period.pk)
    context = {"form": form, "unit": unit, "period": period, "title": ACT_WORDS[rule.act]}
    return render(request, "assessments/journey_act.html", context)


def _condition(period: Period, scope: str, code: str) -> rules.Condition:
    """Return a condition of the period as its list words it; 404 for one that it has not."""
    for target in ("WBK", "WBBM"):
        for one in conditions_of(period.instrument, target):
            if (one.scope, one.code) == (scope, code):
                return one
    raise Http404


@login_required
@require_http_methods(["GET", "POST"])
def check_edit(request, unit, period, code):
    """Write down a unit's condition, and judge it."""
    unit, period = _unit(request, unit), _period(request, period)
    condition = _condition(period, rules.UNIT_SCOPE, code)
    back = redirect("assessments:journey_detail", unit.pk, period.pk)
    return _check(request, unit, period, condition, back)


@login_required
@require_http_methods(["GET", "POST"])
def house_check_edit(request, period, code):
    """Write down a condition of the ministry, and judge it for all units."""
    period = _period(request, period)
    condition = _condition(period, rules.HOUSE_SCOPE, code)
    return _check(request, None, period, condition, redirect("assessments:house_checks", period.pk))


def _check(request, unit, period, condition, back):
    if not services.can_write_check(request.user, unit):
        raise PermissionDenied
    rows = EligibilityCheck.objects.filter(period=period, unit=unit).select_related("proof_file")
    row = rows.filter(scope=condition.scope, code=condition.code).first()
    can_judge = services.can_judge_check(request.user, unit)
    form = CheckForm(
        request.POST or None, request.FILES or None, instance=copy(row), can_judge=can_judge
    )
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            services.write_check(
                unit=unit,
                period=period,
                scope=condition.scope,
                code=condition.code,
                by=request.user,
                version=form.seen_version,
                **form.typed,
            )
        except services.CheckChanged as changed:
            typed = {name: value for name, value in form.typed.items() if name != "upload"}
            entries = _entries(unit, period, condition.code)
            conflict = row_conflict(changed.current, typed, entries)
            form.show_newer(changed.current.version)
        except EvidenceRefused as refused:
            form.add_error("upload", str(refused))
        except services.JourneyRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Syarat tersimpan."))
            return back
    context = {
        "form": form,
        "unit": unit,
        "period": period,
        "condition": condition,
        "conflict": conflict,
        "back": back.url,
        "file": row.proof_file if row else None,
    }
    return render(request, "assessments/journey_check.html", context)


def _entries(unit, period, code):
    stream = unit.audit_stream if unit else SYSTEM
    return AuditEntry.objects.filter(
        stream=stream,
        action=f"{services.STREAM_PREFIX}check",
        target=f"period:{period.pk}",
        data__condition=code,
    )


@login_required
@require_http_methods(["GET", "POST"])
def exception_edit(request, unit, period, scope, code):
    """Grant an exception to a unit, or take it back."""
    unit, period = _unit(request, unit), _period(request, period)
    condition = _condition(period, scope, code)
    if not services.can_except(request.user, unit):
        raise PermissionDenied
    where = {"unit": unit, "period": period, "scope": scope, "code": code, "by": request.user}
    held = EligibilityCheck.objects.filter(
        period=period, unit=unit, scope=scope, code=code, excepted_at__isnull=False
    ).first()
    is_taking_back = request.POST.get("cabut") == "1"
    bound = request.POST if request.method == "POST" and not is_taking_back else None
    form = ExceptionForm(bound, period=period)
    try:
        if is_taking_back:
            services.withdraw_exception(**where)
            messages.success(request, _("Pengecualian dicabut."))
            return redirect("assessments:journey_detail", unit.pk, period.pk)
        if bound is not None and form.is_valid():
            services.grant_exception(**where, **form.cleaned_data)
            messages.success(request, _("Pengecualian tercatat."))
            return redirect("assessments:journey_detail", unit.pk, period.pk)
    except services.JourneyRefused as refused:
        if bound is None:
            messages.info(request, str(refused))
            return redirect("assessments:journey_detail", unit.pk, period.pk)
        form.add_error(None, str(refused))
    context = {"form": form, "unit": unit, "period": period, "condition": condition, "held": held}
    return render(request, "assessments/journey_exception.html", context)


@login_required
@require_safe
def house_checks(request, period):
    """Show the conditions of the ministry in a period."""
    period = _period(request, period)
    if not permissions.can_view_periods(request.user):
        raise PermissionDenied
    target = "WBBM" if request.GET.get("predikat") == "WBBM" else "WBK"
    context = {
        "period": period,
        "target": target,
        "checklist": house_checklist(period, target),
        "can_write": services.can_write_check(request.user, None),
        "opens_house": can_see_all(request.user),
        "sees_list": permissions.can_view_portfolio(request.user),
    }
    return render(request, "assessments/journey_house.html", context)


@login_required
@require_safe
def proposal_list(request, period):
    """List the units of a period with where they stand, and the letters that carry them."""
    period = _period(request, period)
    if not permissions.can_view_portfolio(request.user):
        raise PermissionDenied
    sheets = period.assessments.visible_to(request.user).newest_versions()
    sheets = with_decision(sheets).select_related("unit", "unit__pledge").order_by("unit__name")
    page = Paginator(sheets, PAGE_ROWS).get_page(request.GET.get("hal"))
    seen = Unit.objects.visible_to(request.user)
    letters = Proposal.objects.filter(period=period, lines__candidacy__unit__in=seen).distinct()
    lines = ProposalLine.objects.select_related("candidacy__unit")
    rows = candidate_rows(page.object_list, period)
    context = {
        "period": period,
        "page": page,
        "rows": list(zip(rows, page.object_list, strict=True)),
        "sees_plenary": can_see_all(request.user),
        "letters": letters.prefetch_related(Prefetch("lines", lines))[:20],
        "sent": services.proposed_count(period),
        "sees_letters": can_see_all(request.user),
        "can_propose": has_permission(request.user, Permission.JOURNEY_PROPOSE),
    }
    return render(request, "assessments/proposal_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def proposal_create(request, period):
    """Write a letter of proposal; who is not ready is named with the reason."""
    period = _period(request, period)
    if not has_permission(request.user, Permission.JOURNEY_PROPOSE):
        raise PermissionDenied
    finals = period.assessments.visible_to(request.user).newest_versions()
    finals = finals.filter(state=State.FINAL)
    gone = Candidacy.objects.filter(period=period).exclude(
        phase__in=(Candidacy.Phase.PREPARING, Candidacy.Phase.BUILDING)
    )
    free = Unit.objects.filter(pk__in=finals.values("unit")).exclude(pk__in=gone.values("unit"))
    chosen = [value for value in request.GET.getlist("unit") if value.isdecimal()]
    form = ProposalForm(
        request.POST or None, units=free.order_by("name"), initial={"units": chosen}
    )
    if request.method == "POST" and form.is_valid():
        units = form.cleaned_data["units"]
        try:
            letter = services.propose(
                period=period, units=list(units), by=request.user, **form.letter
            )
        except services.JourneyRefused as refused:
            for reason in refused.reasons:
                form.add_error(None, reason)
        else:
            count = len(units)
            text = ngettext("%(n)d unit diusulkan.", "%(n)d unit diusulkan.", count)
            messages.success(request, text % {"n": count})
            return redirect("assessments:proposal_detail", letter.pk)
    context = {"form": form, "period": period}
    return render(request, "assessments/proposal_form.html", context)


def _sees_names(user, unit: Unit) -> bool:
    """Names and NIP of signers are for those who look after the unit's people."""
    return can_record_pledge(user, unit) or can_view_people(user, unit)


@login_required
@require_http_methods(["GET", "POST"])
def pact_list(request, unit):
    """Show who signed the integrity pact, and take over a list from a sheet."""
    unit = _unit(request, unit)
    if not _sees_names(request.user, unit):
        raise PermissionDenied
    can_import = can_record_pledge(request.user, unit)
    if request.method == "POST" and not can_import:
        raise PermissionDenied
    form = PactForm(request.POST or None, request.FILES or None)
    faults = ()
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            read = read_pacts(upload.name, upload.read(), today=timezone.localdate())
            faults = read.faults
            if not faults:
                count = services.import_pacts(unit=unit, rows=read.rows, by=request.user)
                messages.success(request, _("%(n)d tanda tangan ditambahkan.") % {"n": count})
                return redirect("assessments:pact_list", unit.pk)
        except (TableFileError, services.JourneyRefused) as error:
            form.add_error("file", str(error))
    rows = PactSignature.objects.filter(unit=unit)
    context = {
        "unit": unit,
        "pledge": getattr(unit, "pledge", None),
        "page": Paginator(rows, PAGE_ROWS).get_page(request.GET.get("hal")),
        "form": form,
        "faults": faults,
        "can_import": can_import,
    }
    return render(request, "assessments/pact_list.html", context)
