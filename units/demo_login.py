"""Sign in as a person of the demo, without a password; exists only where the data are invented."""

from __future__ import annotations

import dataclasses

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from units.models import User

# The people that the demo data always make, in the order of the work.
PERSONAS = {
    "operator": _("Operator unit"),
    "koordinator": _("Koordinator area"),
    "ketua": _("Ketua Tim ZI"),
    "kepala": _("Kepala unit"),
    "eselon1": _("Koordinator Eselon I"),
    "anggota": _("Anggota tim TPI"),
    "ketuatim": _("Ketua tim TPI"),
    "dalnis": _("Pengendali teknis"),
    "mutu": _("Pengendali mutu"),
    "irjen": _("Inspektur Jenderal"),
    "sekretariat": _("Sekretariat TPI"),
    "admin": _("Admin sistem"),
    "pembaca": _("Pembaca"),
}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclasses.dataclass(frozen=True, slots=True)
class Persona:
    """One person whom a visitor of the demo can be."""

    username: str
    name: str
    role: str


def personas() -> list[Persona]:
    """Return the demo people on file, in the order of the work; none outside a demo."""
    if not settings.ZONA_DEMO:
        return []
    names = dict(
        User.objects.active().filter(username__in=PERSONAS).values_list("username", "name")
    )
    return [
        Persona(username, names[username], str(role))
        for username, role in PERSONAS.items()
        if username in names
    ]


@require_POST
def demo_login(request):
    """Sign the visitor in as the named demo person; 404 outside a demo and for anyone else."""
    username = request.POST.get("username", "")
    if not settings.ZONA_DEMO or username not in PERSONAS:
        raise Http404
    user = get_object_or_404(User.objects.active(), username=username)
    login(request, user, backend=BACKEND)
    address = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        address = settings.LOGIN_REDIRECT_URL
    return HttpResponseRedirect(address)
