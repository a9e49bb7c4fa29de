"""One command starts the whole house, and all of it ends with that command."""

import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from zona import serve

BASE_DIR = Path(__file__).resolve().parent.parent


class Run:
    """`bin/serve` without its set-up: the supervisor itself, in a folder of its own."""

    def __init__(self, folder: Path, said: Path):
        self.folder, self.said = folder, said
        environ = os.environ | {"ZONA_VAR": str(folder), "ZONA_DEMO": "false", "PORT": ""}
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "zona/serve.py"],
                cwd=BASE_DIR,
                env=environ | {"ZONA_MODE": "embedded"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def address(self) -> str:
        """Wait until the house is ready; return where it is."""
        until = time.monotonic() + 120
        while time.monotonic() < until and self.process.poll() is None:
            ready = re.search(r"Zona siap dalam \d+ detik: (\S+)", self.said.read_text())
            if ready:
                return ready.group(1)
            time.sleep(0.1)
        raise AssertionError(self.said.read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One folder for all: the second start finds everything made."""
    return tmp_path_factory.mktemp("serve")


@pytest.fixture
def start(folder, tmp_path):
    runs = []

    def started() -> Run:
        runs.append(Run(folder, tmp_path / f"said{len(runs)}.txt"))
        return runs[-1]

    yield started
    for run in runs:
        serve.send(serve.descendants(run.process.pid), signal.SIGKILL)
        if run.process.poll() is None:
            run.process.kill()
        run.process.wait()


def alive(pids: set[int]) -> set[int]:
    """Return those that still run; a zombie waiting for its parent does not."""
    running = set()
    for pid in pids:
        path = Path(f"/proc/{pid}/stat")
        if path.exists() and path.read_text().rsplit(")", 1)[1].split()[0] != "Z":
            running.add(pid)
    return running


def wait_until_gone(pids: set[int], seconds: float) -> set[int]:
    until = time.monotonic() + seconds
    while alive(pids) and time.monotonic() < until:
        time.sleep(0.1)
    return alive(pids)


def test_the_house_starts_works_and_stops_with_all_its_children(start):
    run = start()
    address = run.address()
    children = serve.descendants(run.process.pid)

    with urllib.request.urlopen(f"{address}readyz") as answer:
        assert answer.status == 200
    until = time.monotonic() + 20
    state = None
    while state != ("done",) and time.monotonic() < until:
        database = sqlite3.connect(run.folder / "zona.sqlite3")
        state = database.execute(
            "SELECT state FROM zona_job WHERE kind = 'zona.clear_sessions'"
        ).fetchone()
        database.close()
        time.sleep(0.1)
    assert state == ("done",), "the worker does what beat or its start asked for"

    second = start()
    assert second.process.wait(30) == 1
    assert second.said.read_text().endswith(f"Zona sudah berjalan dari folder ini: {address}\n")

    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(15) == 0
    assert len(children) >= 5
    assert alive(children) == set()


def test_children_end_when_the_supervisor_is_killed(start):
    run = start()
    run.address()
    children = serve.descendants(run.process.pid)

    run.process.kill()
    run.process.wait()

    assert len(children) >= 5
    assert wait_until_gone(children, 20) == set()


def test_a_child_that_dies_is_started_again(start):
    run = start()
    address = run.address()
    (web,) = [
        pid
        for pid in serve.descendants(run.process.pid)
        if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()
        and Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
        == str(run.process.pid)
    ]

    os.kill(web, signal.SIGKILL)

    until = time.monotonic() + 20
    while "web berhenti (-9) dan dimulai lagi.\n" not in run.said.read_text():
        assert time.monotonic() < until
        time.sleep(0.1)
    with urllib.request.urlopen(f"{address}livez", timeout=30) as answer:
        assert answer.status == 200, "visitors wait and are served by the next one"


def test_a_taken_port_is_avoided_unless_it_was_asked_for():
    with serve.listen("127.0.0.1", None) as first, serve.listen("127.0.0.1", None) as second:
        port = first.getsockname()[1]
        assert serve.FIRST_PORT <= port < second.getsockname()[1] <= serve.LAST_PORT

        with pytest.raises(serve.CannotStart, match=f"Porta {port} sedang dipakai"):
            serve.listen("127.0.0.1", port)

    with serve.listen("127.0.0.1", port) as again:
        assert again.getsockname() == ("127.0.0.1", port)


def test_the_first_start_draws_a_key_and_keeps_it(tmp_path):
    path = tmp_path / ".env"

    serve.ensure_env_file(path)
    first = path.read_text()
    serve.ensure_env_file(path)

    assert path.read_text() == first
    assert re.search(r"^SECRET_KEY=[\w-]{80,}$", first, re.MULTILINE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_variable_comes_from_the_environment_or_from_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "BASE_DIR", tmp_path)
    (tmp_path / ".env").write_text("# PORT=1\nPORT='8123'\nHOST = 0.0.0.0\n")
    monkeypatch.delenv("PORT", raising=False)

    assert (serve.variable("PORT"), serve.variable("HOST")) == ("8123", "0.0.0.0")
    monkeypatch.setenv("PORT", "9000")
    assert serve.variable("PORT") == "9000"
    assert serve.variable("ZONA_NOTHING") == ""
