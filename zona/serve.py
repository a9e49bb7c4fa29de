"""Starts the whole house and stops all of it: `bin/serve` runs this file.

It needs the standard library alone and stays small: web, worker and beat are children, each in a
process group of its own. They end with this process, however it ends, and their children with
them.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
FIRST_PORT, LAST_PORT = 8000, 8099
READY_SECONDS = 120
STOP_SECONDS = 6
SHORT_LIFE_SECONDS = 10
SHORT_LIVES = 5
BACKLOG = 512
LOG_TAIL_LINES = 30
DEMO, OWN = "peragaan", "sendiri"
CHOICE, CHOICE_VARIABLE, PROMISED_KEY = "pilihan", "ZONA_CHOICE", "kunci-pertama"
"""The file that says whose data are served, how the house learns of it, and the key of the first
link that was shown before one's own data began."""
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class Stopped(Exception):
    """Somebody asked this process to end."""


class CannotStart(Exception):
    """The house does not stand; the text says why."""


def say(text: str = "") -> None:
    """Write a line for the person at the terminal, who may have left already."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def on_signal(number, frame) -> None:
    """Turn a signal into an exception, once; a second one is not heard while we tidy up."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    raise Stopped(signal.Signals(number).name)


def libc_prctl(option: int, value: int) -> None:
    """Set a property of this process; elsewhere than on Linux there is none to set."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def end_with_parent() -> None:
    """Runs in a child before its program: when the parent dies, it gets SIGTERM."""
    libc_prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def descendants(root: int) -> set[int]:
    """Return all processes below ``root``, itself left out (from /proc; empty without it)."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            # The name stands in brackets and may hold spaces; the parent is the second after it.
            text = entry.read_text()
            parent = int(text[text.rindex(")") + 1 :].split()[1])
            children.setdefault(parent, []).append(int(entry.parent.name))
    found: set[int] = set()
    waiting = [root]
    while waiting:
        for child in children.get(waiting.pop(), []):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each process that still exists."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def listen(host: str, wanted: int | None) -> socket.socket:
    """Return a socket that listens on ``wanted``, or on the first free port from 8000 on.

    It is ours and handed to the web server, so nobody takes the port in between, and visitors
    wait instead of being refused while the web server starts again.

    Raises CannotStart when the wanted port, or all of them, are taken.
    """
    for port in [wanted] if wanted else range(FIRST_PORT, LAST_PORT + 1):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
        else:
            return listener
    raise CannotStart(
        f"Porta {wanted} sedang dipakai."
        if wanted
        else f"Porta {FIRST_PORT} sampai {LAST_PORT} semuanya sedang dipakai."
    )


def variable(name: str) -> str:
    """Return a variable of the environment, else of `.env`, else nothing."""
    if name in os.environ:
        return os.environ[name]
    with contextlib.suppress(FileNotFoundError):
        for line in (BASE_DIR / ".env").read_text().splitlines():
            key, _equals, value = line.partition("=")
            if key.strip() == name:
                return value.strip().strip("'\"")
    return ""


def ensure_env_file(path: Path) -> None:
    """Write a `.env` with a random key at the first start; never change one that exists."""
    if path.exists():
        return
    text = (
        "# Dibuat oleh bin/serve pada mulai pertama. Semua variabel: .env.example\n"
        f"SECRET_KEY={secrets.token_urlsafe(64)}\n"
    )
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)


def read_choice(path: Path) -> str:
    """Return whose data are served: those of the demo unless one's own were chosen."""
    with contextlib.suppress(FileNotFoundError):
        if path.read_text().strip() == OWN:
            return OWN
    return DEMO


def write_choice(path: Path, choice: str) -> None:
    """Choose whose data are served, from the next start of the house on."""
    part = path.with_suffix(".part")
    part.write_text(f"{choice}\n")
    part.replace(path)


def can_choose() -> bool:
    """Say whether there is a demo beside which one's own data may stand."""
    asked = variable("ZONA_DEMO").lower() or "true"
    is_demo = asked in ("true", "on", "ok", "y", "yes", "1")
    return is_demo and variable("ZONA_MODE") in ("", "embedded")


@dataclass
class Child:
    """One program of the house and the log that it writes."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    short_lives: int = 0

    def start(self, environ: dict[str, str], listener: socket.socket) -> None:
        """Start the program; its words go to the log. It inherits the listening socket."""
        self.started_at = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=BASE_DIR,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[listener.fileno()],
                preexec_fn=end_with_parent,
            )

    @property
    def died(self) -> bool:
        """Say whether the program has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def last_words(self) -> str:
        """Return the end of the log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])


class House:
    """Web, worker and beat of one installation, and the folder that they share."""

    def __init__(self, *, host: str, port: int | None, var: Path, environ: dict[str, str]):
        self.host, self.wanted_port, self.var = host, port, var
        self.listener: socket.socket | None = None
        self.environ = environ | {"ZONA_VAR": str(var), "PYTHONUNBUFFERED": "1"}
        self.logs = var / "log"
        self.logs.mkdir(parents=True, exist_ok=True)
        celery = [sys.executable, "-m", "celery", "-A", "zona"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        worker_options = ["-P", "threads", "-c", "2", *quiet, "-l", "INFO"]
        self.children = [
            self.child("web", [sys.executable, "-m", "gunicorn", "-c", "zona/gunicorn.py"]),
            self.child("worker", [*celery, "worker", *worker_options]),
            self.child("beat", [*celery, "beat", "-l", "INFO", "--pidfile="]),
        ]

    def child(self, name: str, command: list[str]) -> Child:
        """Return a program that writes to a fresh log; the last start's log is kept as ``.1``."""
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        log.touch()
        return Child(name, command, log)

    @property
    def address(self) -> str:
        """Return where a browser finds the house."""
        everywhere = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]"}  # nosec B104
        shown = everywhere.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        return f"http://{shown}:{self.listener.getsockname()[1]}/"

    def manage(self, *arguments: str) -> None:
        """Run a management command to its end.

        Raises CannotStart when it fails; its errors stand on the terminal.
        """
        with subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            preexec_fn=end_with_parent,
        ) as process:
            try:
                process.wait()
            except Stopped:
                process.terminate()
                raise
        if process.returncode:
            raise CannotStart(f"manage.py {arguments[0]} gagal.")

    def start(self) -> None:
        """Start all programs and wait until the house says that it is ready."""
        # Asked for as late as can be: making things ready takes a minute the first time.
        self.listener = self.listener or listen(self.host, self.wanted_port)
        self.environ["ZONA_BIND"] = f"fd://{self.listener.fileno()}"
        for child in self.children:
            child.start(self.environ, self.listener)
        until = time.monotonic() + READY_SECONDS
        answer = ""
        while time.monotonic() < until:
            for child in self.children:
                if child.died:
                    raise CannotStart(f"{child.name} berhenti:\n{child.last_words()}")
            ready, answer = self.ask("readyz")
            if ready:
                return
            time.sleep(0.1)
        raise CannotStart(f"belum siap setelah {READY_SECONDS} detik: {answer}")

    def ask(self, path: str) -> tuple[bool, str]:
        """Ask the house for its health: whether all is well, and what it said."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:  # nosec B310
                return True, answer.read().decode()
        except urllib.error.HTTPError as error:
            return False, error.read().decode(errors="replace")
        except OSError as error:
            return False, str(error)

    def watch(self, choice: Path, chosen: str) -> None:
        """Start again what dies; give up on a program that dies young again and again.

        Returns when other data were chosen. Raises CannotStart where a program dies young, and
        Stopped when somebody asks us to end.
        """
        while read_choice(choice) == chosen or not can_choose():
            time.sleep(0.5)
            for child in self.children:
                if not child.died:
                    continue
                lived_seconds = time.monotonic() - child.started_at
                child.short_lives = (
                    child.short_lives + 1 if lived_seconds < SHORT_LIFE_SECONDS else 0
                )
                if child.short_lives >= SHORT_LIVES:
                    raise CannotStart(f"{child.name} terus berhenti:\n{child.last_words()}")
                say(f"{child.name} berhenti ({child.process.returncode}) dan dimulai lagi.")
                child.start(self.environ, self.listener)

    def stop(self) -> None:
        """End all programs and all of their children, by force after STOP_SECONDS."""
        started = [child.process for child in self.children if child.process]
        below = descendants(os.getpid())
        send((process.pid for process in started if process.poll() is None), signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for process in started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
        # Whoever lost his parent is ours now; whoever began meanwhile is found as well.
        send(below | descendants(os.getpid()), signal.SIGKILL)
        for process in started:
            process.wait()
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)


@contextlib.contextmanager
def sole_owner(var: Path):
    """Hold the folder for one house: two would migrate and seed the same database at once.

    Raises CannotStart with the address of the house that runs already.
    """
    with (var / "serve.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            where = lock.read().strip() or "alamatnya belum tercatat"
            raise CannotStart(f"Zona sudah berjalan dari folder ini: {where}") from error
        lock.truncate(0)
        yield lock


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="bin/serve", description="Menjalankan Zona.")
    parser.add_argument("--host", default=variable("HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=int(variable("PORT") or 0) or None)
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument(
        "--own", action="store_const", const=OWN, dest="choice", help="sajikan data sendiri"
    )
    whose.add_argument(
        "--demo", action="store_const", const=DEMO, dest="choice", help="sajikan data peragaan"
    )
    return parser.parse_args(arguments)


def house_of(chosen: str, options: argparse.Namespace, var: Path, choice: Path) -> House:
    """Return the house that serves the chosen data: the demo's folder, or one's own in it."""
    environ = dict(os.environ)
    if can_choose():
        environ[CHOICE_VARIABLE] = str(choice)
    if chosen == OWN:
        var = var / OWN
        var.mkdir(mode=0o700, exist_ok=True)
        environ["ZONA_DEMO"] = "false"
    return House(host=options.host, port=options.port, var=var, environ=environ)


def serve(options: argparse.Namespace) -> None:
    """Prepare, start, tell where, and watch until somebody asks us to end."""
    begun = time.monotonic()
    ensure_env_file(BASE_DIR / ".env")
    var = Path(variable("ZONA_VAR") or BASE_DIR / "var").resolve()
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    choice = var / CHOICE
    with sole_owner(var) as lock:
        if options.choice and not can_choose():
            raise CannotStart("Memilih data hanya ada pada mode embedded dengan peragaan.")
        if options.choice:
            write_choice(choice, options.choice)
        listener = None
        while True:
            chosen = read_choice(choice) if can_choose() else DEMO
            house = house_of(chosen, options, var, choice)
            # The address stays: the page that chose other data names it.
            house.listener = listener
            try:
                house.manage("prepare")
                house.start()
                lock.truncate(0)
                lock.write(house.address)
                lock.flush()
                say(f"\nZona siap dalam {time.monotonic() - begun:.0f} detik: {house.address}")
                if chosen == OWN:
                    say("Yang disajikan data Anda sendiri; peragaan: bin/serve --demo.")
                say(f"Catatan: {house.logs}. Hentikan dengan Ctrl-C.")
                house.watch(choice, chosen)
            finally:
                house.stop()
            listener = house.listener
            say("\nData lain dipilih; Zona dimulai lagi.")
            begun = time.monotonic()


def main(arguments: list[str]) -> int:
    """Return 0 when asked to end, 1 when the house could not stand."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), on_signal)
    libc_prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        serve(parse(arguments))
    except Stopped as stopped:
        say(f"\n{stopped}: semua bagian dihentikan.")
        return 0
    except CannotStart as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
