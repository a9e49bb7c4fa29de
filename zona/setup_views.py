"""Pages of the first run: the one-time link, the steps, the letterhead, and one's own data."""

from __future__ import annotations

import base64

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from units.access import Permission, has_permission
from units.demo_login import BACKEND
from zona import first_run, own_data
from zona.letterhead import set_letterhead
from zona.limits import too_many
from zona.models import Letterhead
from zona.setup_forms import FirstAdminForm, LetterheadForm, OwnDataForm

TRIES_PER_MINUTE = 20


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def first_admin(request, token: str):
    """Make the first admin by the one-time link; to everybody else there is no such page."""
    if too_many(request, "first-admin", TRIES_PER_MINUTE) or not first_run.opens(token):
        raise Http404
    form = FirstAdminForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = first_run.begin(token=token, **form.admin_values)
        except first_run.FirstRunRefused as refused:
            raise Http404 from refused
        login(request, user, backend=BACKEND)
        return redirect("zona:setup")
    return render(request, "zona/first_admin.html", {"form": form})


def _setup(request):
    """Return the first run while it is under way, for who may walk it; 404 for all others."""
    found = first_run.running() if first_run.may_set_up(request.user) else None
    if found is None:
        raise Http404
    return found


@login_required
@require_safe
def setup(request):
    """Show the steps and how far they are."""
    steps = first_run.steps_of(_setup(request))
    settled = sum(step.is_settled for step in steps)
    context = {
        "steps": steps,
        "settled": settled,
        "next": next((step for step in steps if not step.is_settled), None),
    }
    return render(request, "zona/setup.html", context)


@login_required
@require_POST
def setup_put_off(request, code: str):
    """Settle a step without doing it, or take that back."""
    _setup(request)
    try:
        first_run.put_off(code=code, back="kembali" in request.POST)
    except first_run.FirstRunRefused as refused:
        raise Http404 from refused
    return redirect("zona:setup")


@login_required
@require_POST
def setup_finish(request):
    """End the first run."""
    _setup(request)
    try:
        first_run.finish(by=request.user)
    except first_run.FirstRunRefused:
        messages.error(request, _("Masih ada langkah yang belum selesai atau dilewati."))
        return redirect("zona:setup")
    messages.success(request, _("Penyiapan selesai. Selamat bekerja."))
    return redirect("zona:home")


@login_required
@require_http_methods(["GET", "POST"])
def letterhead_edit(request):
    """Set address, town and emblem of the ministry's papers."""
    may = (Permission.SETTINGS_MANAGE, Permission.PERIOD_MANAGE)
    if not any(has_permission(request.user, one) for one in may):
        raise PermissionDenied
    row = Letterhead.objects.order_by("pk").first()
    initial = {"address": row.address, "place": row.place} if row else None
    is_sent = request.method == "POST"
    form = (
        LetterheadForm(request.POST, request.FILES) if is_sent else LetterheadForm(initial=initial)
    )
    if is_sent and form.is_valid():
        set_letterhead(by=request.user, **form.cleaned_data)
        messages.success(request, _("Kop surat tersimpan; dokumen berikutnya memakainya."))
        return redirect("zona:setup" if first_run.running() else "zona:letterhead")
    logo = base64.b64encode(bytes(row.logo)).decode() if row and row.logo else ""
    context = {"form": form, "logo": logo, "is_setup": first_run.is_running()}
    return render(request, "zona/letterhead.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def own_data_start(request):
    """Leave the demo for one's own data; exists only in a demo under `bin/serve`."""
    if not own_data.can_start() or not first_run.may_set_up(request.user):
        raise Http404
    form = OwnDataForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        token = own_data.start_own()
        link = reverse("zona:first_admin", args=[token]) if token else "/"
        context = {"link": request.build_absolute_uri(link), "is_new": bool(token)}
        return render(request, "zona/own_data_begun.html", context)
    context = {"form": form, "has_begun": own_data.has_begun()}
    return render(request, "zona/own_data.html", context)
