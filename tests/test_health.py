"""A supervisor learns whether the house is alive and ready, and which part is not."""

import re
import threading
import time

import pytest
from django.core.cache import cache
from django.db import connection

from zona import jobs, triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def living_worker():
    stop = threading.Event()
    stop.set()
    jobs.keep_worker_heartbeat(stop)


def test_a_living_process_says_so_without_asking_anybody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/livez")

    assert (response.status_code, response.json()) == (200, {"alive": True})
    assert response["Cache-Control"] == ("max-age=0, no-cache, no-store, must-revalidate, private")


def test_a_ready_house_says_so_for_each_part(client, living_worker):
    response = client.get("/readyz")

    assert response.status_code == 200
    told = response.json()
    assert told["ready"] is True
    assert {name: part["ok"] for name, part in told["parts"].items()} == {
        "database": True,
        "migrations": True,
        "triggers": True,
        "worker": True,
        "storage": True,
    }


def test_a_probe_may_ask_by_any_host_and_over_plain_http(client, living_worker, settings):
    settings.SECURE_SSL_REDIRECT = True

    response = client.get("/readyz", headers={"host": "10.0.0.7:8000"})

    assert response.status_code == 200


def test_health_is_not_to_be_posted_to(client):
    assert client.post("/livez").status_code == 405
    assert client.post("/readyz").status_code == 405


def failing(response) -> dict[str, str]:
    """Return the parts that are not ready and what they say."""
    assert response.status_code == 503
    assert response.json()["ready"] is False
    return {
        name: part["detail"] for name, part in response.json()["parts"].items() if not part["ok"]
    }


def test_without_a_worker_the_house_is_not_ready(client):
    assert failing(client.get("/readyz")) == {"worker": "no worker has started yet"}


def test_a_worker_that_fell_silent_is_noticed(client):
    cache.set(jobs.WORKER_KEY, time.time() - 1000)

    failed = failing(client.get("/readyz"))

    assert list(failed) == ["worker"]
    assert re.fullmatch(r"silent for 10\d\d s", failed["worker"])


def test_a_missing_trigger_is_noticed(client, living_worker):
    trigger = next(iter(triggers._declared.values()))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TRIGGER {trigger.name}"
            + (f" ON {trigger.table}" if connection.vendor == "postgresql" else "")
        )

    assert failing(client.get("/readyz")) == {
        "triggers": f"missing: {trigger.name}; run manage.py migrate"
    }


def test_a_waiting_migration_is_noticed(client, living_worker):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")

    assert failing(client.get("/readyz")) == {
        "migrations": "1 migrations wait; run manage.py migrate"
    }


def test_storage_that_cannot_be_written_is_noticed(client, living_worker, settings, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    settings.MEDIA_ROOT = blocked

    assert failing(client.get("/readyz")) == {"storage": "FileExistsError"}


def test_looking_leaves_no_file_behind(client, living_worker, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    client.get("/readyz")

    assert list(tmp_path.iterdir()) == []
