"""The roof's own pages: my work, search, notices, my account, and the ways to one's own unit."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.models import Assessment, Period
from assessments.permissions import can_manage_periods
from units.access import access_of
from units.forms import PreferencesForm
from units.models import User
from units.reports import duties_of
from units.sessions import end_session, open_sessions
from zona import panels, worklist
from zona.models import Notification
from zona.search import find

NOTICES_SHOWN = 100


@login_required
@require_safe
def home(request):
    """Show what waits for the person, the longest waiting first."""
    lists = [panel.data for panel in panels.for_slot(worklist.SLOT, request.user)]
    context = {
        "work": worklist.build(lists, today=timezone.localdate()),
        "top": panels.for_slot(worklist.TOP_SLOT, request.user),
        "side": panels.for_slot(worklist.SIDE_SLOT, request.user),
    }
    return render(request, "zona/home.html", context)


def newest_own_assessment(user) -> Assessment | None:
    """Return the newest worksheet of a unit to which the person belongs, or None."""
    unit_ids = {grant.unit_id for grant in access_of(user).unit_grants}
    own = Assessment.objects.filter(unit_id__in=unit_ids).newest_versions()
    return own.order_by("-period__year", "-pk").first()


@login_required
@require_safe
def own_dashboard(request):
    """Lead to the dashboard of one's own unit, or to the unit while it has no worksheet."""
    return _to_own(request, "assessments:dashboard")


@login_required
@require_safe
def own_worksheet(request):
    """Lead to the newest worksheet of one's own unit, or to the unit while it has none."""
    return _to_own(request, "assessments:worksheet_home")


@login_required
@require_safe
def own_evidence(request):
    """Lead to the library of one's own unit."""
    grants = access_of(request.user).unit_grants
    if not grants:
        return redirect("zona:home")
    return redirect("assessments:evidence_library", grants[0].unit_id)


def _to_own(request, url_name):
    assessment = newest_own_assessment(request.user)
    if assessment is not None:
        return redirect(url_name, assessment.pk)
    messages.info(request, _("Unit Anda belum mempunyai LKE. Sekretariat TPI yang membukanya."))
    grants = access_of(request.user).unit_grants
    return redirect("units:unit_detail", grants[0].unit_id) if grants else redirect("zona:home")


@login_required
@require_safe
def period(request):
    """Lead to the current period; without one to their list, for who makes them, or home."""
    current = Period.objects.defer("instrument__document").current()
    if current:
        return redirect(current)
    return redirect("assessments:period_list" if can_manage_periods(request.user) else "zona:home")


@login_required
@require_safe
def search(request):
    """Show what the words of ``q`` find among all that the person may see."""
    text = request.GET.get("q", "").strip()[:100]
    context = {"text": text, "groups": find(request.user, text)}
    return render(request, "zona/search.html", context)


@login_required
@require_safe
def notices(request):
    """Show the newest notices of the person."""
    rows = Notification.objects.filter(user=request.user)[:NOTICES_SHOWN]
    return render(request, "zona/notices.html", {"rows": rows})


@login_required
@require_POST
def notice_open(request, pk):
    """Note that a notice was read and lead to what it tells of."""
    notice = get_object_or_404(Notification, pk=pk, user=request.user)
    Notification.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())
    return _safe_redirect(request, notice.url, "zona:notices")


@login_required
@require_POST
def notices_read(request):
    """Note that all notices of the person were read."""
    unread = Notification.objects.filter(user=request.user, read_at=None)
    unread.update(read_at=timezone.now())
    return redirect("zona:notices")


@login_required
@require_POST
def theme(request):
    """Keep the person's choice between light, dark and the device's own."""
    choice = request.POST.get("theme", "")
    if choice in User.Theme.values:
        request.user.theme = choice
        request.user.save(update_fields=["theme"])
    return _safe_redirect(request, request.POST.get("next", ""), "zona:home")


@login_required
@require_http_methods(["GET", "POST"])
def profile(request):
    """Show one's own account and let the person choose how the application behaves for him."""
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Pilihan Anda tersimpan."))
        return redirect("zona:profile")
    context = {
        "form": form,
        "duties": duties_of(request.user),
        "sessions": open_sessions(request.user, request.session.session_key),
    }
    return render(request, "zona/profile.html", context)


@login_required
@require_POST
def session_end(request, name):
    """End another session of one's own."""
    if end_session(request.user, name):
        messages.success(request, _("Sesi itu diakhiri."))
    else:
        messages.info(request, _("Sesi itu sudah berakhir."))
    return redirect("zona:profile")


def _safe_redirect(request, address, fallback):
    """Redirect to an address of this site, else to a named page."""
    if address and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return HttpResponseRedirect(address)
    return redirect(fallback)
