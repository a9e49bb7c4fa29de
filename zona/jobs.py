"""Work outside a request. The `Job` row is the queue; the broker only rings the bell.

A service calls `enqueue` inside its transaction, so the job exists exactly when the change does.
After the commit the job is published to the broker; when that fails nothing is lost, for `sweep`
publishes what nobody has claimed. A worker claims a job by compare-and-set, says by a heartbeat
that it lives, and writes its result only while the claim is still its own. A job may therefore run
twice and must be harmless when it does.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connections, transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from zona.celery import app
from zona.models import Job

PUBLISH_TIMEOUT_SECONDS = 1
REPORT_STEP_SECONDS = 0.5
HEARTBEAT_SECONDS = 10
STALE_SECONDS = 60
REPUBLISH_SECONDS = 120
SWEEP_LIMIT = 500
MESSAGE_KEPT_SECONDS = 3600
PERIODIC_KEPT = timedelta(days=14)
WORKER_KEY = "worker-heartbeat"
WORKER_SILENT_SECONDS = 45

Report = Callable[[int, str], None]
Handler = Callable[[Job, Report], dict[str, Any] | None]

logger = logging.getLogger(__name__)


class JobFailed(Exception):
    """A handler gives up; the text is the sentence that the user reads."""


class JobSuperseded(Exception):
    """The job was given to somebody else meanwhile; whatever this run does no longer counts."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work: its handler and, for work nobody asks for, how often it is due."""

    name: str
    handler: Handler
    every: timedelta | None


_kinds: dict[str, Kind] = {}


def register(kind: str, *, every: timedelta | None = None) -> Callable[[Handler], Handler]:
    """Make a function the handler of a kind of job.

    The function gets the job and ``report(percent, text)``, returns a JSON object or None, and
    raises JobFailed with a sentence for the user. Apps keep handlers in ``tasks.py``, which is
    loaded in every process.

    every: the sweep starts such a job when the last one is older than this and none is waiting.
    """

    def decorate(handler: Handler) -> Handler:
        taken = _kinds.get(kind)
        if taken and taken.handler.__qualname__ != handler.__qualname__:
            raise ValueError(f"two handlers for jobs of kind {kind}")
        _kinds[kind] = Kind(kind, handler, every)
        return handler

    return decorate


def enqueue(
    kind: str, *, args: dict[str, Any], subject: str = "", by: Any = None, max_attempts: int = 3
) -> Job:
    """Queue a job in the caller's transaction and publish it once that is committed.

    args: what the handler needs, as JSON; ids, never objects.
    subject: what the job is about, such as ``assessment:12``; its owner decides who may see it.
    by: who asked for it; None for the house itself.

    Raises ValueError for a kind without a handler.
    """
    if kind not in _kinds:
        raise ValueError(f"no handler for jobs of kind {kind}")
    job = Job.objects.create(
        kind=kind, args=args, subject=subject, requested_by=by, max_attempts=max_attempts
    )
    transaction.on_commit(lambda: publish(job.pk))
    return job


def publish(job_id: int) -> bool:
    """Ring the bell for a queued job; False when the broker cannot be reached within a second."""
    options = dict(settings.CELERY_BROKER_TRANSPORT_OPTIONS) | {"max_retries": 0}
    if settings.REDIS_URL:
        options |= {
            "socket_timeout": PUBLISH_TIMEOUT_SECONDS,
            "socket_connect_timeout": PUBLISH_TIMEOUT_SECONDS,
        }
    try:
        with app.connection_for_write(
            connect_timeout=PUBLISH_TIMEOUT_SECONDS, transport_options=options
        ) as connection:
            run_job.apply_async(args=[job_id], connection=connection, retry=False)
    except Exception:  # noqa: BLE001  whatever ails the broker: the change stands, the sweep publishes
        logger.warning("job %s not published, the sweep will do it", job_id, exc_info=True)
        return False
    Job.objects.filter(pk=job_id).update(published_at=timezone.now())
    return True


def claim(job_id: int) -> Job | None:
    """Take a queued job for this worker; None when it is gone or somebody else has it."""
    now = timezone.now()
    taken = Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING,
        attempts=F("attempts") + 1,
        started_at=now,
        heartbeat_at=now,
        worker=worker_name(),
        progress_percent=0,
        progress_text="",
    )
    return Job.objects.get(pk=job_id) if taken else None


def run(job_id: int) -> Job.State | None:
    """Claim a job and do it. Returns how it ended; None when it was not ours to do.

    A handler's JobFailed is stored as its sentence; any other exception as a general sentence,
    with the traceback in the log.
    """
    job = claim(job_id)
    if job is None:
        logger.info("job %s is not waiting any more", job_id)
        return None
    kind = _kinds.get(job.kind)
    outcome: dict[str, Any] = {"state": Job.State.FAILED}
    try:
        if kind is None:
            raise JobFailed(_("Pekerjaan ini tidak dikenal oleh versi aplikasi yang terpasang."))
        with _heartbeat(job):
            result = kind.handler(job, _reporter(job))
        outcome = {"state": Job.State.DONE, "progress_percent": 100, "result": result or {}}
    except JobFailed as failure:
        outcome["error"] = str(failure)
        logger.warning("job %s %s failed: %s", job.pk, job.kind, failure)
    except JobSuperseded:
        logger.warning("job %s %s was given to somebody else", job.pk, job.kind)
        return None
    except Exception:
        outcome["error"] = _(
            "Pekerjaan ini berhenti karena kesalahan di aplikasi. "
            "Coba sekali lagi; bila terulang, sampaikan kepada admin."
        )
        logger.exception("job %s %s failed", job.pk, job.kind)
    if not _mine(job).update(finished_at=timezone.now(), **outcome):
        logger.warning("job %s %s ended after it was given to somebody else", job.pk, job.kind)
        return None
    return outcome["state"]


def sweep(*, starting: bool = False) -> dict[str, int]:
    """Set right what a crash or a silent broker left behind.

    Stale jobs (no heartbeat for STALE_SECONDS) go back into the queue, or fail after their last
    attempt; queued jobs nobody has claimed are published again; periodic kinds that are due are
    queued. ``starting`` publishes every queued job at once, for a worker that died took the
    messages it had read along.

    Returns how many were requeued, failed, published and started.
    """
    now = timezone.now()
    counts = {"requeued": 0, "failed": 0, "published": 0, "started": 0}
    stale = Job.objects.filter(
        state=Job.State.RUNNING, heartbeat_at__lt=now - timedelta(seconds=STALE_SECONDS)
    )
    for job in stale.order_by("pk")[:SWEEP_LIMIT]:
        silent = _mine(job).filter(heartbeat_at=job.heartbeat_at)
        if job.attempts >= job.max_attempts:
            sentence = _("Pekerjaan ini berkali-kali terhenti sebelum selesai.")
            counts["failed"] += silent.update(
                state=Job.State.FAILED, error=sentence, finished_at=now
            )
        else:
            counts["requeued"] += silent.update(state=Job.State.QUEUED, published_at=None)

    waiting = Job.objects.filter(state=Job.State.QUEUED)
    if not starting:
        waiting = waiting.filter(
            Q(published_at=None) | Q(published_at__lt=now - timedelta(seconds=REPUBLISH_SECONDS))
        )
    for job_id in waiting.order_by("pk").values_list("pk", flat=True)[:SWEEP_LIMIT]:
        if not publish(job_id):
            break
        counts["published"] += 1
    counts["started"] = _start_due(now)
    _forget_old(now)
    return counts


def worker_name() -> str:
    """Return host, process and thread: who has a job."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.current_thread().name}"[:120]


def worker_silent_seconds() -> float | None:
    """Return how long ago a worker last said that it lives; None when none ever did."""
    at = cache.get(WORKER_KEY)
    return None if at is None else max(0.0, time.time() - at)


def keep_worker_heartbeat(stop: threading.Event) -> None:
    """Say in the cache that this worker lives, until ``stop`` is set. Runs in a thread."""
    while True:
        cache.set(WORKER_KEY, time.time(), timeout=24 * 3600)
        if stop.wait(HEARTBEAT_SECONDS):
            return


@shared_task(name="zona.run_job")
def run_job(job_id: int) -> None:
    """Do one job; the only message the house sends, beside the sweep."""
    run(job_id)


@shared_task(name="zona.sweep_jobs")
def sweep_jobs() -> None:
    """Sweep; beat asks for it every minute."""
    counts = sweep()
    if any(counts.values()):
        logger.info("swept jobs: %s", counts)


def note_result(job: Job, result: dict[str, Any]) -> bool:
    """Write down what a running job is about to make; False when the job is no longer this run's.

    A worker that is killed then leaves the row that names what it left.
    """
    return bool(_mine(job).update(result=result))


def _mine(job: Job):
    """Return the row while this very attempt holds it: another attempt has another number."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)


def _reporter(job: Job) -> Report:
    """Return ``report(percent, text)``: writes at most every REPORT_STEP_SECONDS, and at 100.

    Inside a transaction of the handler nobody sees it before the commit. Raises JobSuperseded
    when the job is no longer this run's.
    """
    written_at = 0.0

    def report(percent: int, text: str = "") -> None:
        nonlocal written_at
        now = time.monotonic()
        if percent < 100 and now - written_at < REPORT_STEP_SECONDS:
            return
        written_at = now
        held = _mine(job).update(
            progress_percent=max(0, min(100, percent)),
            progress_text=text[:200],
            heartbeat_at=timezone.now(),
        )
        if not held:
            raise JobSuperseded

    return report


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """Renew the job's heartbeat beside the handler, which may be silent for minutes (a PDF)."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(HEARTBEAT_SECONDS):
                try:
                    _mine(job).update(heartbeat_at=timezone.now())
                except DatabaseError:
                    logger.warning("heartbeat of job %s missed", job.pk, exc_info=True)
        finally:
            connections.close_all()

    thread = threading.Thread(target=beat, name=f"heartbeat-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _start_due(now: datetime) -> int:
    """Queue each periodic kind whose last job is older than its period and that has none open."""
    periodic = {kind.name: kind.every for kind in _kinds.values() if kind.every}
    if not periodic:
        return 0
    jobs = Job.objects.filter(kind__in=periodic)
    last = dict(jobs.values_list("kind").annotate(Max("queued_at")).order_by())
    open_states = [Job.State.QUEUED, Job.State.RUNNING]
    waiting = set(jobs.filter(state__in=open_states).order_by().values_list("kind", flat=True))
    due = [
        kind
        for kind, every in periodic.items()
        if kind not in waiting and (kind not in last or last[kind] <= now - every)
    ]
    for kind in due:
        enqueue(kind, args={})
    return len(due)


def _forget_old(now: datetime) -> None:
    """Remove finished periodic jobs and, in embedded mode, the messages that were read."""
    periodic = [kind.name for kind in _kinds.values() if kind.every]
    if periodic:
        Job.objects.filter(
            kind__in=periodic, requested_by=None, finished_at__lt=now - PERIODIC_KEPT
        ).delete()
    processed = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("processed_folder")
    if processed:
        oldest = time.time() - MESSAGE_KEPT_SECONDS
        for message in Path(processed).glob("*.msg"):
            if message.stat().st_mtime < oldest:
                message.unlink(missing_ok=True)
