"""Is the process alive, and is the installation ready? Asked by supervisors and proxies."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from zona import jobs, triggers

logger = logging.getLogger(__name__)


class NotReady(Exception):
    """A part does not work; the text says what is wrong, without addresses or secrets."""


def database() -> None:
    """The database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> None:
    """No migration of the installed code waits."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise NotReady(f"{len(waiting)} migrations wait; run manage.py migrate")


def immutability() -> None:
    """Every trigger that keeps immutable rows immutable is in place."""
    absent = triggers.missing(DEFAULT_DB_ALIAS)
    if absent:
        raise NotReady(f"missing: {', '.join(absent)}; run manage.py migrate")


def worker() -> None:
    """A worker said lately that it lives."""
    silent = jobs.worker_silent_seconds()
    if silent is None:
        raise NotReady("no worker has started yet")
    if silent > jobs.WORKER_SILENT_SECONDS:
        raise NotReady(f"silent for {silent:.0f} s")


def storage() -> None:
    """Evidence and documents can be written."""
    name = default_storage.save(f".readyz-{uuid.uuid4().hex}", ContentFile(b"ready"))
    default_storage.delete(name)


PARTS: dict[str, Callable[[], None]] = {
    "database": database,
    "migrations": migrations,
    "triggers": immutability,
    "worker": worker,
    "storage": storage,
}


def look_at(name: str) -> dict[str, object]:
    """Return how a part is: ``ok``, the time it took in ms, and ``detail`` when it fails."""
    begun = time.perf_counter()
    part: dict[str, object] = {"ok": True}
    try:
        PARTS[name]()
    except NotReady as fault:
        part |= {"ok": False, "detail": str(fault)}
    except (DatabaseError, OSError, RedisError) as fault:
        logger.exception("not ready: %s", name)
        part |= {"ok": False, "detail": type(fault).__name__}
    return part | {"ms": round((time.perf_counter() - begun) * 1000, 1)}


@require_safe
@never_cache
def livez(request) -> JsonResponse:
    """Say that this process answers; nothing else is asked."""
    return JsonResponse({"alive": True})


@require_safe
@never_cache
def readyz(request) -> JsonResponse:
    """Say for each part whether it works; 503 when one does not."""
    parts = {name: look_at(name) for name in PARTS}
    ready = all(part["ok"] for part in parts.values())
    return JsonResponse({"ready": ready, "parts": parts}, status=200 if ready else 503)
