"""What happens to every request: an id, a line in the log, an end to sessions that rested long."""

import logging
import re
import time
import uuid

from django.conf import settings
from django.contrib import auth, messages
from django.http import JsonResponse
from django.shortcuts import redirect

from zona import health
from zona.logging import request_id

logger = logging.getLogger("zona.request")

GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
STARTED, SEEN, DEVICE = "zona_started", "zona_seen", "zona_device"
DEVICE_MAX = 160
SEEN_STEP_SECONDS = 60


# The part of an address that opens something by itself; whoever reads logs must not learn it.
KEYS = re.compile(r"^(/berbagi/|/akun/password/reset/key/)[^/]+")

HEALTH = {"/livez": health.livez, "/readyz": health.readyz}


class RequestIdMiddleware:
    """Names the request for the logs, echoes the name in ``X-Request-ID``, logs how it went.

    A proxy's own id is kept when it looks like one. Addresses are logged without their query,
    which may hold what people search for, and without the keys that stand in a path.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get("X-Request-ID", "")
        request.id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        # Stays until the thread's next request: Django logs errors after all middleware.
        request_id.set(request.id)
        begun = time.perf_counter()
        response = self.get_response(request)
        facts = {
            "method": request.method,
            "path": KEYS.sub(r"\1…", request.path),
            "status": response.status_code,
            "ms": round((time.perf_counter() - begun) * 1000, 1),
        }
        logger.info("%(method)s %(path)s %(status)s %(ms)s ms", facts, extra=facts)
        response["X-Request-ID"] = request.id
        return response


class HealthMiddleware:
    """Answers /livez and /readyz before hosts, https and sessions are looked at.

    A probe asks by the machine's address and over plain http.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        view = HEALTH.get(request.path_info)
        return view(request) if view else self.get_response(request)


class PeriodClosedMiddleware:
    """Turns a write into a closed period, refused by whichever service, into a sentence.

    Scripts get 423 as JSON, people are led to the period's page.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        """Answer PeriodClosed; anything else is not for this one."""
        # Models exist only once the apps are loaded.
        from assessments.services.freeze import PeriodClosed

        if not isinstance(exception, PeriodClosed):
            return None
        if "application/json" in request.headers.get("Accept", ""):
            facts = {"error": "locked", "message": str(exception)}
            return JsonResponse(facts, status=423)
        messages.error(request, str(exception))
        return redirect(exception.period)


class SessionLimitsMiddleware:
    """Ends a session after SESSION_IDLE_SECONDS of rest, and SESSION_COOKIE_AGE after its login.

    Rest is known to the minute, so that reading a page writes the session at most once a minute.
    A request that no person made (the page asks how a job gets on) says ``X-Zona-Background: 1``
    and does not keep the session awake.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.session.get(auth.SESSION_KEY):
            self.check(request)
        return self.get_response(request)

    def check(self, request) -> None:
        """Log the user out when a limit is passed, else note that he is here."""
        now = int(time.time())
        started = request.session.setdefault(STARTED, now)
        seen = request.session.get(SEEN, now)
        too_old = now - started >= settings.SESSION_COOKIE_AGE
        if too_old or now - seen >= settings.SESSION_IDLE_SECONDS:
            auth.logout(request)
        elif SEEN not in request.session or (
            now - seen >= SEEN_STEP_SECONDS and "X-Zona-Background" not in request.headers
        ):
            request.session[SEEN] = now
            request.session[DEVICE] = request.headers.get("User-Agent", "")[:DEVICE_MAX]
