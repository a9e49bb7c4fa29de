"""A second factor for those who see everything: Itjen's roles and admins, where the setting asks.

Who enters by the ministry's own sign-on is left to that: its second factor is not ours to see.
"""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.access import ITJEN_ROLES, Role, access_of
from units.models import User

KNOWN = "zona_second_factor"
BOUND_ROLES = ITJEN_ROLES | {Role.SYSTEM_ADMIN}
OPEN_PATHS = ("/akun/", "/static/")
SINGLE_SIGN_ON = "socialaccount"


def is_bound(user: User) -> bool:
    """Tell whether the person must have a second factor."""
    return settings.MFA_REQUIRED and bool(access_of(user).roles & BOUND_ROLES)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the second factor of those who must have one."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": gettext_lazy(
            "Peran Anda memerlukan verifikasi dua langkah; tidak dapat dimatikan."
        )
    }

    def can_delete_authenticator(self, authenticator) -> bool:
        """A bound person replaces his second factor through an admin, never drops it."""
        is_key = authenticator.type == Authenticator.Type.TOTP
        if is_key and is_bound(authenticator.user):
            return False
        return super().can_delete_authenticator(authenticator)


class SecondFactorMiddleware:
    """Leads a bound person without a second factor to where he sets one up, from every page.

    Asked once per session: the second factor of a bound person does not go away.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not settings.MFA_REQUIRED or request.path.startswith(OPEN_PATHS):
            return self.get_response(request)
        if not request.user.is_authenticated or self.has_one(request):
            return self.get_response(request)
        text = _("Peran Anda memerlukan verifikasi dua langkah. Aktifkan dahulu untuk melanjutkan.")
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"error": "second_factor", "message": text}, status=403)
        messages.info(request, text)
        return redirect("mfa_activate_totp")

    def has_one(self, request) -> bool:
        """Tell whether the person needs none, has one, or entered by single sign-on."""
        if request.session.get(KNOWN) or not is_bound(request.user):
            return True
        methods = {record.get("method") for record in get_authentication_records(request)}
        keys = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP)
        if SINGLE_SIGN_ON in methods or keys.exists():
            request.session[KNOWN] = True
            return True
        return False
