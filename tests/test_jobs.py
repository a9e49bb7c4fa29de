"""The Job row is the queue: no job is lost, none counts twice."""

import json
import os
import threading
import time
from datetime import timedelta

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connections, transaction
from django.utils import timezone

from zona import jobs
from zona.broker import Transport
from zona.celery import app
from zona.models import Job

pytestmark = pytest.mark.django_db

STALE = timedelta(seconds=jobs.STALE_SECONDS + 1)


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """A registry of this test's own."""
    monkeypatch.setattr(jobs, "_kinds", {})
    return jobs._kinds


@pytest.fixture
def silent_broker(settings, monkeypatch):
    """A broker that nobody listens on: port 9 answers no one."""
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    monkeypatch.setattr(
        app,
        "connection_for_write",
        lambda **options: app.connection(settings.REDIS_URL, **options),
    )


@jobs.register("test.unused")
def unused(job, report):
    """Stand outside of the tests' registries; registering must not need a database."""


def queued(kind="test.add", **fields) -> Job:
    return Job.objects.create(kind=kind, **fields)


def test_a_done_job_keeps_its_result_and_its_times():
    @jobs.register("test.add")
    def add(job, report):
        return {"sum": job.args["a"] + job.args["b"]}

    job = queued(args={"a": 2, "b": 3})

    assert jobs.run(job.pk) == Job.State.DONE

    job.refresh_from_db()
    assert (job.state, job.result, job.progress_percent) == ("done", {"sum": 5}, 100)
    assert (job.attempts, job.error) == (1, "")
    assert job.queued_at <= job.started_at <= job.heartbeat_at <= job.finished_at
    assert job.worker == jobs.worker_name()


def test_a_handlers_own_failure_is_told_in_its_words():
    @jobs.register("test.add")
    def add(job, report):
        raise jobs.JobFailed("Laporan belum dapat dibuat.")

    job = queued()

    assert jobs.run(job.pk) == Job.State.FAILED

    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "Laporan belum dapat dibuat.")
    assert job.finished_at is not None


def test_any_other_failure_is_told_in_general_and_logged_in_full(caplog):
    @jobs.register("test.add")
    def add(job, report):
        raise ZeroDivisionError("secret detail")

    job = queued()

    assert jobs.run(job.pk) == Job.State.FAILED

    job.refresh_from_db()
    assert job.error == (
        "Pekerjaan ini berhenti karena kesalahan di aplikasi. "
        "Coba sekali lagi; bila terulang, sampaikan kepada admin."
    )
    assert "ZeroDivisionError: secret detail" in caplog.text


def test_a_kind_unknown_to_this_version_fails_with_a_sentence():
    job = queued("test.forgotten")

    assert jobs.run(job.pk) == Job.State.FAILED

    job.refresh_from_db()
    assert job.error == "Pekerjaan ini tidak dikenal oleh versi aplikasi yang terpasang."


def test_enqueue_refuses_a_kind_without_handler():
    with pytest.raises(ValueError, match=r"no handler for jobs of kind test\.none"):
        jobs.enqueue("test.none", args={})

    assert Job.objects.count() == 0


def test_two_handlers_cannot_share_a_kind():
    jobs.register("test.add")(lambda job, report: None)

    def other(job, report):
        return None

    with pytest.raises(ValueError, match=r"two handlers for jobs of kind test\.add"):
        jobs.register("test.add")(other)


def test_a_job_is_claimed_once():
    calls = []

    @jobs.register("test.add")
    def add(job, report):
        calls.append(job.pk)
        assert jobs.claim(job.pk) is None

    job = queued()

    assert jobs.run(job.pk) == Job.State.DONE
    assert jobs.run(job.pk) is None
    assert jobs.run(job.pk + 1) is None
    assert calls == [job.pk]


def test_a_job_exists_exactly_when_its_change_does(django_capture_on_commit_callbacks):
    jobs.register("test.add")(unused)

    def change_and_fail():
        with transaction.atomic():
            jobs.enqueue("test.add", args={})
            raise RuntimeError("the change is taken back")

    with pytest.raises(RuntimeError, match="taken back"):
        change_and_fail()
    assert Job.objects.count() == 0

    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("test.add", args={"n": 1}, subject="assessment:7", max_attempts=2)
        assert job.published_at is None

    job.refresh_from_db()
    assert (job.kind, job.args, job.subject, job.max_attempts) == (
        "test.add",
        {"n": 1},
        "assessment:7",
        2,
    )
    assert job.published_at is not None


def test_a_silent_broker_costs_a_second_and_no_job(
    silent_broker, django_capture_on_commit_callbacks
):
    jobs.register("test.add")(unused)

    begun = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue("test.add", args={})

    assert time.monotonic() - begun < jobs.PUBLISH_TIMEOUT_SECONDS + 1
    job.refresh_from_db()
    assert (job.state, job.published_at) == ("queued", None)


def test_reports_are_written_at_most_every_half_second_and_at_the_end():
    seen = []

    @jobs.register("test.add")
    def add(job, report):
        for percent, text in [(10, "satu"), (20, "dua"), (100, "selesai")]:
            report(percent, text)
            seen.append(Job.objects.values_list("progress_percent", "progress_text").get(pk=job.pk))

    assert jobs.run(queued().pk) == Job.State.DONE

    assert seen == [(10, "satu"), (10, "satu"), (100, "selesai")]


def test_a_run_that_lost_its_job_stops_at_its_next_report_and_writes_nothing():
    after = []

    @jobs.register("test.add")
    def add(job, report):
        Job.objects.filter(pk=job.pk).update(attempts=2, worker="another")
        report(50, "masih di sini")
        after.append("never")

    job = queued()

    assert jobs.run(job.pk) is None

    job.refresh_from_db()
    assert (job.state, job.worker, job.progress_percent) == ("running", "another", 0)
    assert after == []


def test_a_run_that_lost_its_job_cannot_store_its_result():
    @jobs.register("test.add")
    def add(job, report):
        Job.objects.filter(pk=job.pk).update(attempts=2)
        return {"sum": 5}

    job = queued()

    assert jobs.run(job.pk) is None

    job.refresh_from_db()
    assert (job.state, job.result) == ("running", {})


@pytest.mark.parametrize(
    ("attempts", "silent_for", "state", "counted"),
    [
        pytest.param(1, STALE, "queued", "requeued", id="a crashed run is tried again"),
        pytest.param(3, STALE, "failed", "failed", id="the last attempt was the last"),
        pytest.param(1, timedelta(seconds=30), "running", None, id="a living run is left alone"),
    ],
)
def test_the_sweep_takes_back_what_a_dead_worker_had(attempts, silent_for, state, counted):
    now = timezone.now()
    job = queued(
        state=Job.State.RUNNING,
        attempts=attempts,
        started_at=now,
        heartbeat_at=now - silent_for,
        published_at=now,
    )

    counts = jobs.sweep()

    job.refresh_from_db()
    assert job.state == state
    assert {name for name, count in counts.items() if count} - {"published"} == (
        {counted} if counted else set()
    )
    assert job.error == (
        "Pekerjaan ini berkali-kali terhenti sebelum selesai." if state == "failed" else ""
    )


@pytest.mark.parametrize(
    ("published_ago", "starting", "published"),
    [
        pytest.param(None, False, 1, id="never published"),
        pytest.param(5, False, 0, id="just published"),
        pytest.param(jobs.REPUBLISH_SECONDS + 1, False, 1, id="published long ago, never claimed"),
        pytest.param(5, True, 1, id="a starting worker asks for all"),
    ],
)
def test_the_sweep_publishes_what_nobody_has_claimed(published_ago, starting, published):
    now = timezone.now()
    at = None if published_ago is None else now - timedelta(seconds=published_ago)
    queued(published_at=at)

    assert jobs.sweep(starting=starting)["published"] == published


def test_the_sweep_stops_asking_a_silent_broker(silent_broker):
    for _number in range(20):
        queued()

    begun = time.monotonic()

    assert jobs.sweep()["published"] == 0
    assert time.monotonic() - begun < 3


def test_periodic_work_is_started_when_it_is_due_and_not_twice():
    jobs.register("test.daily", every=timedelta(days=1))(unused)

    assert jobs.sweep()["started"] == 1
    assert jobs.sweep()["started"] == 0
    jobs.run(Job.objects.get().pk)
    assert jobs.sweep()["started"] == 0

    Job.objects.update(queued_at=timezone.now() - timedelta(days=1))
    assert jobs.sweep()["started"] == 1
    assert list(Job.objects.values_list("state", flat=True)) == ["queued", "done"]


def test_finished_periodic_work_is_forgotten_and_asked_for_work_is_kept():
    jobs.register("test.daily", every=timedelta(days=1))(unused)
    jobs.register("test.add")(unused)
    long_ago = timezone.now() - jobs.PERIODIC_KEPT - timedelta(days=1)
    times = {"state": Job.State.DONE, "queued_at": long_ago, "finished_at": long_ago}
    queued("test.daily", **times)
    asked = queued("test.add", **times)

    jobs.sweep()

    assert list(Job.objects.exclude(state="queued")) == [asked]


def test_a_workers_heartbeat_is_seen(clean_cache):
    assert jobs.worker_silent_seconds() is None
    stop = threading.Event()
    stop.set()

    jobs.keep_worker_heartbeat(stop)

    assert jobs.worker_silent_seconds() == pytest.approx(0, abs=1)


@pytest.mark.django_db(transaction=True)
def test_a_handler_that_says_nothing_still_has_a_heartbeat(kinds, monkeypatch):
    monkeypatch.setattr(jobs, "HEARTBEAT_SECONDS", 0.05)

    @jobs.register("test.add")
    def add(job, report):
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if Job.objects.get(pk=job.pk).heartbeat_at > job.heartbeat_at:
                return {"alive": True}
            time.sleep(0.02)
        return {"alive": False}

    job = queued()
    threads = threading.active_count()

    assert jobs.run(job.pk) == Job.State.DONE

    job.refresh_from_db()
    assert job.result == {"alive": True}
    assert threading.active_count() == threads


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_does_what_was_published(kinds):
    @jobs.register("test.add")
    def add(job, report):
        report(50, "setengah")
        return {"sum": job.args["a"] + 1}

    with start_worker(
        app, pool="threads", concurrency=2, perform_ping_check=False, shutdown_timeout=20
    ):
        with transaction.atomic():
            made = [jobs.enqueue("test.add", args={"a": number}) for number in range(5)]
        until = time.monotonic() + 20
        while time.monotonic() < until and Job.objects.exclude(state=Job.State.DONE).exists():
            time.sleep(0.05)
    connections.close_all()

    assert [Job.objects.get(pk=job.pk).result for job in made] == [
        {"sum": number + 1} for number in range(5)
    ]


def test_a_message_appears_whole_or_not_at_all(tmp_path):
    folders = {name: tmp_path / name for name in ("queue", "control", "processed")}
    for folder in folders.values():
        folder.mkdir()
    options = {
        "data_folder_in": str(folders["queue"]),
        "data_folder_out": str(folders["queue"]),
        "control_folder": str(folders["control"]),
        "processed_folder": str(folders["processed"]),
        "store_processed": True,
    }
    sent = [{"job": number} for number in range(100)]

    with app.connection("filesystem://", transport_options=options) as connection:
        assert isinstance(connection.transport, Transport)
        queue = connection.SimpleQueue("bells")
        writer = threading.Thread(target=lambda: [queue.put(message) for message in sent])
        writer.start()
        while writer.is_alive():
            for message in folders["queue"].glob("*.msg"):
                assert json.loads(message.read_text())["properties"]["delivery_tag"]
        writer.join()
        got = [queue.get(timeout=5) for _message in sent]
        for message in got:
            message.ack()
        queue.close()

    assert [message.payload for message in got] == sent
    assert list(folders["queue"].iterdir()) == []


def test_read_messages_are_removed_after_their_time(settings, tmp_path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = settings.CELERY_BROKER_TRANSPORT_OPTIONS | {
        "processed_folder": str(tmp_path)
    }
    old, new = tmp_path / "1.celery.msg", tmp_path / "2.celery.msg"
    for message in (old, new):
        message.write_text("{}")
    past = time.time() - jobs.MESSAGE_KEPT_SECONDS - 1
    os.utime(old, (past, past))

    jobs.sweep()

    assert [path.name for path in tmp_path.iterdir()] == [new.name]
