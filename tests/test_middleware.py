"""Every request has an id; a session that rested too long ends; logs carry the id."""

import json
import logging
import sys
import time

import pytest
from django.contrib.auth import SESSION_KEY, get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from zona import middleware
from zona.logging import JsonFormatter, RequestIdFilter, request_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, django_user_model):
    client.force_login(django_user_model.objects.create(username="siti", name="Siti"))
    return client


@pytest.fixture
def client_without_login():
    return Client()


def logged_in(client) -> bool:
    return SESSION_KEY in client.session


def age(client, **seconds) -> None:
    """Make the session older: ``seen`` and ``started`` so many seconds ago."""
    session = client.session
    for name, ago in seconds.items():
        session[f"zona_{name}"] = int(time.time()) - ago
    session.save()


@pytest.mark.parametrize(
    ("seen", "started", "stays"),
    [
        pytest.param(29 * 60, 60 * 60, True, id="rested 29 minutes"),
        pytest.param(30 * 60, 60 * 60, False, id="rested 30 minutes"),
        pytest.param(60, 12 * 60 * 60 - 60, True, id="almost 12 hours"),
        pytest.param(60, 12 * 60 * 60, False, id="12 hours, however busy"),
    ],
)
def test_a_session_ends_by_rest_or_by_age(client, seen, started, stays):
    age(client, seen=seen, started=started)

    client.get("/robots.txt")

    assert logged_in(client) is stays


def test_reading_on_keeps_the_session_awake(client):
    client.get("/robots.txt")
    age(client, seen=20 * 60)

    client.get("/robots.txt")

    assert time.time() - client.session["zona_seen"] < 5


def test_a_page_that_asks_by_itself_does_not_keep_it_awake(client):
    client.get("/robots.txt")
    age(client, seen=20 * 60)

    client.get("/robots.txt", headers={"X-Zona-Background": "1"})

    assert time.time() - client.session["zona_seen"] >= 20 * 60
    assert logged_in(client)


def test_the_session_is_written_at_most_once_a_minute(client):
    client.get("/robots.txt")

    with CaptureQueriesContext(connection) as captured:
        client.get("/robots.txt")

    statements = {query["sql"].split(" ")[0] for query in captured}
    assert statements == {"SELECT"}


def test_a_disabled_person_is_out_at_once(client):
    get_user_model().objects.update(is_active=False)

    assert client.get("/").status_code == 302


def test_each_answer_carries_an_id_of_its_own(client_without_login):
    first, second = (client_without_login.get("/robots.txt")["X-Request-ID"] for _ in range(2))

    assert len(first) == 32
    assert first != second


@pytest.mark.parametrize(
    ("given", "kept"),
    [("proxy-id_1.2", True), ("short", False), ("x" * 65, False), ("new\nline-here", False)],
)
def test_a_proxys_id_is_kept_when_it_looks_like_one(client_without_login, given, kept):
    response = client_without_login.get("/robots.txt", headers={"X-Request-ID": given})

    assert (response["X-Request-ID"] == given) is kept


def test_a_request_is_logged_with_its_id_and_without_its_query(client_without_login, caplog):
    caplog.set_level(logging.INFO, logger="zona.request")

    client_without_login.get("/robots.txt?q=rahasia", headers={"X-Request-ID": "abcdefgh"})

    (record,) = [record for record in caplog.records if record.name == "zona.request"]
    assert record.getMessage().startswith("GET /robots.txt 404 ")
    assert (record.method, record.path, record.status) == ("GET", "/robots.txt", 404)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/berbagi/", "/akun/password/reset/key/"])
def test_a_key_in_an_address_is_not_logged(client_without_login, caplog, address):
    with caplog.at_level("INFO", logger="zona.request"):
        client_without_login.get(f"{address}9-rahasia/")

    (line,) = [record for record in caplog.records if record.name == "zona.request"]
    assert line.path == f"{address}…/"
    assert "rahasia" not in line.getMessage()


def test_what_django_logs_about_a_request_carries_its_id(client_without_login, caplog):
    caplog.handler.addFilter(RequestIdFilter())

    client_without_login.get("/robots.txt", headers={"X-Request-ID": "abcdefgh"})

    told = {record.name: record.request_id for record in caplog.records}
    assert told["django.request"] == "abcdefgh"


def test_a_json_line_says_all_and_survives_a_traceback():
    token = request_id.set("abcdefgh")
    try:
        raise ValueError("dua\nbaris")
    except ValueError:
        record = logging.getLogger("zona").makeRecord(
            "zona",
            logging.ERROR,
            __file__,
            1,
            "gagal %s",
            ("ü",),
            sys.exc_info(),
            extra={"status": 500, "object": object()},
        )
    RequestIdFilter().filter(record)
    request_id.reset(token)

    text = JsonFormatter().format(record)

    line = json.loads(text)
    assert "\n" not in text
    assert line.pop("traceback").endswith("ValueError: dua\nbaris")
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "ERROR",
        "logger": "zona",
        "request_id": "abcdefgh",
        "message": "gagal ü",
        "status": 500,
    }


def test_pages_may_load_nothing_from_elsewhere(client_without_login):
    policy = client_without_login.get("/robots.txt")["Content-Security-Policy"]

    assert sorted(policy.split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "manifest-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "worker-src 'self'",
    ]


def test_the_step_of_being_seen_is_shorter_than_the_rest_allowed(settings):
    assert middleware.SEEN_STEP_SECONDS < settings.SESSION_IDLE_SECONDS
