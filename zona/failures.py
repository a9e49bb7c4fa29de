"""What is said when a request is turned away before any view has seen it."""

from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views import csrf


def csrf_failure(request, reason=""):
    """Answer a request without a valid CSRF token: JSON to a script, a page to a person.

    A script fetches a new token and sends again; a person is told to reload.
    """
    wants_json = "application/json" in (
        request.content_type or "",
        request.headers.get("Accept", "").split(",")[0],
    )
    if wants_json:
        message = _("Tanda pengaman halaman sudah berganti; isian dikirim lagi.")
        return JsonResponse({"error": "csrf", "message": message}, status=403)
    return csrf.csrf_failure(request, reason)
