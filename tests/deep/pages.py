"""Measures pages over HTTP: two workers of gunicorn on PostgreSQL, one browser's requests in a row.

Makes a database of its own, fills it with a ministry of 20 and then of 300 assessed units, serves
each and reads the pages of which design goals speak. DATABASE_SERVER names the PostgreSQL,
REDIS_SERVER the Redis and the number of a base in it that nobody else uses.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg2

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SERVER = os.environ.get("DATABASE_SERVER", "postgres://postgres@127.0.0.1:5432")
REDIS = os.environ.get("REDIS_SERVER", "redis://127.0.0.1:6379/9")
ROW = "A.I.5.i.b"
TURNS = 40
SMALL, LARGE = 20, 300
GROWTH_GOAL = 1.2
sys.path.insert(0, str(BASE_DIR))


def measure(units: int) -> dict[str, float]:
    """Return the medians in milliseconds for a ministry of this size; runs in its own process."""
    import django

    django.setup()
    from django.test import Client
    from django.test.utils import override_settings
    from django.urls import reverse

    from assessments.services.instruments import load_shipped
    from zona import bench

    load_shipped()
    house = bench.build_house(units)
    client = Client()
    client.force_login(house.auditor)
    session = client.cookies["zona_session"].value
    with override_settings(ALLOWED_HOSTS=["*"]):
        site, server = serve()
    try:
        browser = Browser(site, session)
        browser.get(reverse("assessments:whoami"))
        sheet = house.sheet
        whole = reverse("assessments:worksheet", args=[sheet.pk, "semua"])
        portfolio = reverse("assessments:portfolio")
        save = reverse("assessments:row_save", args=[sheet.pk])
        saver = Saver(browser, save, house.auditor.pk)
        return {
            "empty": median(lambda: browser.get("/livez")),
            "whole": median(lambda: browser.get(whole)),
            "save": median(saver.save),
            "portfolio": median(lambda: browser.get(portfolio)),
            "portfolio_best": min(times_of(lambda: browser.get(portfolio))),
        }
    finally:
        server.terminate()
        server.wait(15)


def serve() -> tuple[str, subprocess.Popen]:
    """Start gunicorn with two workers; return its address and the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "zona/gunicorn.py", "--log-level", "warning"],
        cwd=BASE_DIR,
        env=os.environ | {"ZONA_BIND": bind, "WEB_CONCURRENCY": "2", "LOG_LEVEL": "WARNING"},
    )
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            Browser(bind, "").get("/livez")
            return bind, server
        except OSError:
            time.sleep(0.2)
    raise SystemExit("gunicorn did not start")


class Browser:
    """One connection that stays open, with the cookies of a person who is signed in."""

    def __init__(self, site: str, session: str) -> None:
        self.connection = http.client.HTTPConnection(site, timeout=60)
        self.cookies = {"zona_session": session}

    def get(self, address: str) -> bytes:
        """Read a page whole."""
        return self._ask("GET", address)

    def post(self, address: str, data: dict) -> dict:
        """Send JSON as the save queue does, and return the reply."""
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-CSRFToken": self.cookies["zona_csrf"],
        }
        return json.loads(self._ask("POST", address, json.dumps(data), headers))

    def _ask(self, method: str, address: str, body: str | None = None, headers=None) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)
        self.connection.request(
            method, address, body, {"Cookie": cookies, "Accept-Encoding": "gzip"} | (headers or {})
        )
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{address} answers {answer.status}: {content[:200]!r}")
        for name, value in answer.getheaders():
            if name == "Set-Cookie":
                key, _sign, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return content


class Saver:
    """Saves one row again and again, a new text each time."""

    def __init__(self, browser: Browser, address: str, user: int) -> None:
        self.browser, self.address, self.user, self.version = browser, address, user, 0

    def save(self) -> None:
        """Save once; the reply tells the version on which the next one builds."""
        reply = self.browser.post(
            self.address,
            {
                "key": str(uuid.uuid4()),
                "user": self.user,
                "code": ROW,
                "track": "tpi",
                "base_version": self.version,
                "base": {},
                "changes": {"condition": f"Diperiksa ke-{self.version}."},
            },
        )
        self.version = reply["version"]


def median(work) -> float:
    """Return the median time of some work in milliseconds."""
    return statistics.median(times_of(work))


def times_of(work) -> list[float]:
    """Return the times of some work in milliseconds, after three turns to warm up."""
    for _turn in range(3):
        work()
    times = []
    for _turn in range(TURNS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return times


def in_a_house_of_its_own(word: str, command: list[str]) -> dict:
    """Make a database, run a measuring command on it that prints JSON, and drop it."""
    name = f"zona_{word}_{os.getpid()}"
    connection = psycopg2.connect(f"{SERVER}/postgres")
    connection.autocommit = True
    with closing(connection), connection.cursor() as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            with tempfile.TemporaryDirectory(prefix="zona-pages-") as var:
                # Only production reads DATABASE_URL; the embedded mode would take SQLite.
                env = os.environ | {
                    "ZONA_MODE": "production",
                    "DATABASE_URL": f"{SERVER}/{name}",
                    "REDIS_URL": REDIS,
                    "ALLOWED_HOSTS": "127.0.0.1,testserver",
                    "SSL_REDIRECT": "false",
                    "MFA_REQUIRED": "false",
                    "ZONA_VAR": var,
                    "ZONA_DEMO": "false",
                    "SECRET_KEY": uuid.uuid4().hex * 2,
                    "DJANGO_SETTINGS_MODULE": "zona.settings",
                }
                run = [sys.executable, "manage.py", "prepare"]
                subprocess.run(run, cwd=BASE_DIR, env=env, check=True, stdout=subprocess.DEVNULL)
                run = [sys.executable, *command]
                done = subprocess.run(
                    run, cwd=BASE_DIR, env=env, check=True, stdout=subprocess.PIPE
                )
                return json.loads(done.stdout.splitlines()[-1])
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def loop_ms() -> float:
    """Return what a fixed loop of a million turns takes: the floor."""

    def loop():
        total = 0
        for number in range(1_000_000):
            total += number
        return total

    return median(loop)


def main() -> int:
    """Measure both sizes and write the figures; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, help="only measure, and print JSON")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.units:
        sys.stdout.write(json.dumps(measure(options.units)) + "\n")
        return 0
    floor = loop_ms()
    small, large = (
        in_a_house_of_its_own(f"pages_{units}", [__file__, "--units", str(units)])
        for units in (SMALL, LARGE)
    )
    # Two houses, two moments: the fastest turns tell growth from the machine's other work.
    growth = large["portfolio_best"] / small["portfolio_best"]
    rows = [
        ("floor: a fixed loop of a million turns", floor, None, "ms"),
        ("floor: empty page", large["empty"], None, "ms"),
        ("the whole worksheet of 113 rows, fillable", large["whole"], 60, "ms"),
        ("saving one row", large["save"], 20, "ms"),
        (f"portfolio of {LARGE} units", large["portfolio"], 100, "ms"),
        (f"portfolio, growth from {SMALL} to {LARGE} units", growth, GROWTH_GOAL, "times"),
    ]
    lines = [
        "# Pages over HTTP",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, two workers on PostgreSQL, one request at a time, "
        f"medians of {TURNS}.",
        "",
        "| what | median | goal | |",
        "|---|---|---|---|",
        *(
            f"| {name} | {value:.1f} {unit} | {goal or ''} |"
            f" {'' if goal is None else 'reached' if value <= goal else 'NOT REACHED'} |"
            for name, value, goal, unit in rows
        ),
    ]
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if options.out:
        options.out.write_text(text)
    return int(any(goal is not None and value > goal for _name, value, goal, _unit in rows))


if __name__ == "__main__":
    sys.exit(main())
