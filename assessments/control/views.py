"""Pages of the control room: the overview, teams for many units, reminders, announcements."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from assessments.control import services
from assessments.control.forms import AnnouncementForm, TeamPlanForm
from assessments.control.page import build_control_room, chosen, may_run
from assessments.models import Announcement, AnnouncementRead, Period
from assessments.services import team_bulk

PAGE_ROWS = 50
FORM, PREVIEW, SAVE = "isi", "pratinjau", "simpan"


def _allowed(request) -> None:
    if not may_run(request.user):
        raise PermissionDenied


@login_required
@require_safe
def control_room(request):
    """Show what waits where, who is loaded how, and the worksheets to act on."""
    _allowed(request)
    page = build_control_room(request.user, request.GET)
    context = {"control": page, "page": page.page, "sort": page.sort, "now": timezone.now()}
    return render(request, "assessments/control_room.html", context)


def _chosen(request, pk):
    """Return the period, the chosen worksheets in a list, and their keys as one text."""
    _allowed(request)
    rows = Period.objects.select_related("instrument").defer("instrument__document")
    period = get_object_or_404(rows, pk=pk)
    sheets = chosen(request.user, period, request.POST).select_related("unit", "assignment")
    sheets = list(sheets.order_by("unit__name", "pk"))
    return period, sheets, ",".join(str(sheet.pk) for sheet in sheets)


def _back(request, period) -> HttpResponseRedirect:
    """Lead back to the list as it was filtered."""
    address = QueryDict(request.POST.get("saringan", ""), mutable=True)
    address["periode"] = str(period.pk)
    return HttpResponseRedirect(f"{reverse('assessments:control_room')}?{address.urlencode()}")


def _nothing(request, period):
    messages.info(request, _("Pilih sedikitnya satu unit dari daftar."))
    return _back(request, period)


@login_required
@require_POST
def control_team(request, pk):
    """Set people and letter of many worksheets: choose, look, save."""
    period, sheets, keys = _chosen(request, pk)
    if not sheets:
        return _nothing(request, period)
    if len(sheets) > team_bulk.TEAMS_AT_ONCE:
        text = _("Atur tim paling banyak %(n)d unit sekali jalan; %(m)d dipilih.")
        messages.error(request, text % {"n": team_bulk.TEAMS_AT_ONCE, "m": len(sheets)})
        return _back(request, period)
    step = request.POST.get("langkah", FORM)
    form = TeamPlanForm(None if step == FORM else request.POST)
    context = {
        "period": period,
        "sheets": sheets,
        "keys": keys,
        "form": form,
        "back": request.POST.get("saringan", ""),
    }
    if step == FORM or not form.is_valid():
        return render(request, "assessments/control_team.html", context)
    plan = {"people": form.people, "assignment": form.chosen_letter}
    plan["replace"] = form.cleaned_data["replace"]
    if step == SAVE:
        try:
            plans = team_bulk.assign_many(
                assessments=[sheet.pk for sheet in sheets],
                seen=request.POST.get("dilihat", ""),
                by=request.user,
                **plan,
            )
        except (team_bulk.BulkRefused, team_bulk.PlansChanged) as refused:
            plans = refused.plans
            context["is_stale"] = isinstance(refused, team_bulk.PlansChanged)
        else:
            _tell_teams(request, plans)
            return _back(request, period)
    else:
        plans = team_bulk.plan_teams(sheets=sheets, by=request.user, **plan)
    context |= {
        "plans": plans,
        "seen": team_bulk.digest_of(plans),
        "faulty": sum(bool(item.faults) for item in plans),
        "changing": sum(item.changes for item in plans),
        "posted": [
            (name, value) for name in form.fields for value in request.POST.getlist(name) if value
        ],
    }
    return render(request, "assessments/control_team_preview.html", context)


def _tell_teams(request, plans) -> None:
    count = sum(item.changes for item in plans)
    text = ngettext("Tim %(n)d LKE tersimpan.", "Tim %(n)d LKE tersimpan.", count)
    messages.success(request, text % {"n": count})


@login_required
@require_POST
def control_nudge(request, pk):
    """Show whom a reminder would reach, then send it."""
    period, sheets, keys = _chosen(request, pk)
    if not sheets:
        return _nothing(request, period)
    if request.POST.get("langkah") != SAVE:
        context = {
            "period": period,
            "plan": services.plan_nudges(period=period, sheets=sheets),
            "keys": keys,
            "back": request.POST.get("saringan", ""),
        }
        return render(request, "assessments/control_nudge.html", context)
    plan = services.nudge(period=period, sheets=sheets, by=request.user)
    if plan.reminders:
        text = _("%(people)d orang diingatkan tentang %(sheets)d LKE.")
        words = {"people": len(plan.reminders), "sheets": plan.sheet_count}
        messages.success(request, text % words)
    else:
        messages.info(request, _("Tidak ada yang baru diingatkan; semua sudah hari ini."))
    return _back(request, period)


@login_required
@require_POST
def announcement_create(request, pk):
    """Write a text for the people of the chosen units."""
    period, sheets, keys = _chosen(request, pk)
    if not sheets:
        return _nothing(request, period)
    is_sent = request.POST.get("langkah") == SAVE
    form = AnnouncementForm(request.POST if is_sent else None)
    units = [sheet.unit for sheet in sheets]
    if is_sent and form.is_valid():
        announcement = services.announce(units=units, by=request.user, **form.announcement_values)
        messages.success(request, _("Pengumuman tampil pada beranda orang di unit yang dipilih."))
        return redirect("assessments:announcement_detail", announcement.pk)
    context = {
        "period": period,
        "form": form,
        "units": units,
        "keys": keys,
        "back": request.POST.get("saringan", ""),
    }
    return render(request, "assessments/announcement_form.html", context)


@login_required
@require_safe
def announcement_list(request):
    """List the announcements, the newest first."""
    _allowed(request)
    rows = Announcement.objects.select_related("created_by").annotate(
        unit_count=Count("units", distinct=True), read_count=Count("reads", distinct=True)
    )
    rows = rows.order_by("-pk")
    context = {
        "page": Paginator(rows, PAGE_ROWS).get_page(request.GET.get("hal")),
        "today": timezone.localdate(),
    }
    return render(request, "assessments/announcement_list.html", context)


@login_required
@require_safe
def announcement_detail(request, pk):
    """Show an announcement with who has read it and who has not."""
    _allowed(request)
    announcement = get_object_or_404(
        Announcement.objects.select_related("created_by", "withdrawn_by"), pk=pk
    )
    reads = AnnouncementRead.objects.filter(announcement=announcement, user=OuterRef("user"))
    people = (
        services.audience_of(announcement)
        .annotate(has_read=Exists(reads), read_at=reads.values("at")[:1])
        .select_related("user", "unit")
        .order_by("has_read", "unit__name", "user__name")
    )
    context = {
        "announcement": announcement,
        "page": Paginator(people, PAGE_ROWS).get_page(request.GET.get("hal")),
        "unit_count": announcement.units.count(),
        "read_count": announcement.reads.count(),
        "today": timezone.localdate(),
    }
    return render(request, "assessments/announcement_detail.html", context)


@login_required
@require_POST
def announcement_withdraw(request, pk):
    """Take an announcement back."""
    _allowed(request)
    announcement = get_object_or_404(Announcement, pk=pk)
    services.withdraw_announcement(announcement=announcement, by=request.user)
    messages.success(request, _("Pengumuman ditarik dari semua beranda."))
    return redirect("assessments:announcement_detail", pk)


@login_required
@require_POST
def announcement_read(request, pk):
    """Note that the person has read an announcement that is meant for him."""
    meant = Announcement.objects.filter(units__in=services.units_of(request.user), pk=pk)
    announcement = get_object_or_404(meant.distinct())
    services.mark_read(announcement=announcement, by=request.user)
    return redirect("zona:home")
