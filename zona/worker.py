"""What a Celery worker does when it starts and stops: it sweeps, and says that it lives."""

import logging
import threading

from celery import signals

from zona import jobs

logger = logging.getLogger(__name__)
_stop = threading.Event()


@signals.worker_ready.connect
def on_ready(**kwargs) -> None:
    """Begin the heartbeat and take up what the last worker left."""
    _stop.clear()
    threading.Thread(
        target=jobs.keep_worker_heartbeat, args=[_stop], name="worker-heartbeat", daemon=True
    ).start()
    logger.info("worker ready, swept jobs: %s", jobs.sweep(starting=True))


@signals.worker_shutting_down.connect
def on_shutdown(**kwargs) -> None:
    """End the heartbeat; readiness notices within WORKER_SILENT_SECONDS."""
    _stop.set()
