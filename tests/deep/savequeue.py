"""Kills network, tab and server at random moments while somebody types, then counts what was lost.

Types into the rows of a worksheet in Chromium; at 50 random moments the network is cut, the tab is
closed or the web server is killed with SIGKILL. Passes when no write that the server acknowledged
is missing from the database, no text that was typed more than a second before a tab was closed is
gone, the stored score equals a recomputed one, and the audit chain is whole.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import django
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import sync_playwright

BASE_DIR = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(BASE_DIR))
PASSWORD = "kata-sandi-panjang-sekali"
SURE_SECONDS = 1.0
WORDS = ("tim", "kerja", "mencatat", "bukti", "rapat", "surat", "unit", "layanan", "laporan")


@dataclass
class Typed:
    """What was typed into a row: the text after each word, with the moment."""

    history: list[tuple[float, str]] = field(default_factory=list)
    lowest: str = ""

    @property
    def last(self) -> str:
        return self.history[-1][1] if self.history else ""

    def before(self, moment: float) -> str:
        """Return the text as it stood at a moment."""
        return next((text for at, text in reversed(self.history) if at <= moment), "")


class Server:
    """The web server, in a process group of its own."""

    def __init__(self, var: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.var, self.process = var, None
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        log = (self.var / "web.log").open("a")
        self.process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "gunicorn",
                    "zona.wsgi",
                    "--bind",
                    f"127.0.0.1:{self.port}",
                ),
                *("--workers", "2", "--threads", "4"),
            ],
            cwd=BASE_DIR,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.address}/livez", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit((self.var / "web.log").read_text())

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def own_house(prefix: str) -> Path:
    """Let Django work in a folder of its own, and return the folder."""
    var = Path(tempfile.mkdtemp(prefix=prefix))
    os.environ |= {
        "ZONA_VAR": str(var),
        "ZONA_DEMO": "false",
        "SECRET_KEY": "only-for-this-check",
        "DJANGO_SETTINGS_MODULE": "zona.settings",
        # Playwright keeps an event loop in this thread; the database is asked from it alone.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }
    django.setup()
    return var


def launch(playwright):
    """Return Chromium."""
    return playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
        args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
    )


def sign_in(page, address: str, username: str) -> None:
    """Sign in through the form."""
    page.goto(f"{address}/akun/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("form[action*='akun/login'] button[type=submit]")
    page.wait_for_load_state()


def prepare():
    """Open one blank worksheet with a person who fills it, and return it."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from assessments.tests.factories import grant, make_assessment, make_unit, make_user
    from units.access import Role

    assessment = make_assessment(make_unit(code="U1", name="Unit Uji"))
    writer = make_user("penulis", name="Penulis Uji")
    writer.set_password(PASSWORD)
    writer.save()
    grant(writer, Role.ZI_LEAD, assessment.unit)
    return assessment


class Walk:
    """Somebody who types, and what happens to him."""

    def __init__(self, browser, server: Server, assessment_id: int, seed: int) -> None:
        self.server, self.random = server, random.Random(seed)
        self.kinds = {
            "network": self.cut_network,
            "tab": self.close_tab,
            "server": self.kill_server,
        }
        self.path = f"{server.address}/lke/{assessment_id}/bagian/5/"
        self.context = browser.new_context(viewport={"width": 1440, "height": 900})
        self.context.set_default_timeout(60_000)
        self.codes: list[str] = []
        self.typed: dict[str, Typed] = {}
        self.acknowledged: dict[str, set[str]] = {}
        self.events: Counter = Counter()
        self.page = None

    def sign_in(self) -> None:
        self.page = self.context.new_page()
        sign_in(self.page, self.server.address, "penulis")
        self.open()

    def open(self) -> None:
        """Open the worksheet in a fresh tab."""
        old, self.page = self.page, self.context.new_page()
        if old is not None:
            old.close()
        self.page.on("response", self._answered)
        self.page.goto(self.path)
        self.page.wait_for_selector("[data-sync] .z-say")
        self.codes = self.page.eval_on_selector_all(
            "[data-row]", "rows => rows.map(row => row.dataset.row)"
        )

    def _answered(self, response) -> None:
        """Remember what the server said is stored."""
        if not response.url.endswith("/simpan/") or response.status != 200:
            return
        sent = response.request.post_data_json
        if "condition" in sent["changes"]:
            self.acknowledged.setdefault(sent["code"], set()).add(sent["changes"]["condition"])

    def type_once(self) -> None:
        """Type into a row, with one event somewhere on the way."""
        code = self.random.choice(self.codes)
        field = f'[data-row="{code}"] textarea[name=condition]'
        event, at = self.random.choice(list(self.kinds)), self.random.randrange(8)
        self.page.click(f'[data-row="{code}"] [data-open]')
        self.page.focus(field)
        self.page.keyboard.press("Control+End")
        typed = self.typed.setdefault(code, Typed())
        text = self.page.input_value(field)
        for step in range(8):
            word = f"{self.random.choice(WORDS)}{len(typed.history)} "
            self.page.keyboard.type(word, delay=self.random.choice((0, 5, 20)))
            text += word
            typed.history.append((time.monotonic(), text))
            time.sleep(self.random.choice((0, 0.05, 0.3, 1.0)))
            if step == at:
                self.kinds[event]()
                self.events[event] += 1
                if event == "tab":
                    return

    def cut_network(self) -> None:
        self.context.set_offline(True)
        back = self.random.uniform(0, 1.5)
        self.page.wait_for_timeout(back * 1000)
        self.context.set_offline(False)

    def kill_server(self) -> None:
        self.server.kill()
        self.page.wait_for_timeout(self.random.uniform(0, 1500))
        self.server.start()

    def close_tab(self) -> None:
        sure = time.monotonic() - SURE_SECONDS
        for typed in self.typed.values():
            typed.lowest = max(typed.lowest, typed.before(sure), key=len)
        self.open()
        for code, typed in self.typed.items():
            shown = self.page.input_value(f'[data-row="{code}"] textarea[name=condition]')
            typed.history.append((time.monotonic(), shown))

    def settle(self) -> bool:
        """Wait until nothing is kept on the device any more."""
        self.context.set_offline(False)
        try:
            self.page.wait_for_function(
                "() => !Object.keys(localStorage).some((key) => key.startsWith('zona.save.'))",
                timeout=120_000,
            )
        except PlaywrightTimeout:
            return False
        return True


def losses(walk: Walk, assessment_id: int) -> dict[str, int]:
    """Return what was lost, by kind; the database tells."""
    from assessments.catalog import catalog_of
    from assessments.models import Answer, Assessment, Score, Track
    from assessments.services.scores import score_fields, score_track
    from zona import audit
    from zona.models import AuditEntry

    assessment = Assessment.objects.get(pk=assessment_id)
    stored = {
        answer.indicator.code: answer.condition
        for answer in Answer.objects.filter(assessment=assessment, track=Track.UNIT).select_related(
            "indicator"
        )
    }
    written: dict[str, set[str]] = {}
    for entry in AuditEntry.objects.filter(stream=assessment.audit_stream, action="answer"):
        if "condition" in entry.data["to"]:
            code = entry.target.partition("/")[0]
            written.setdefault(code, set()).add(entry.data["to"]["condition"])
    lost = Counter(acknowledged=0, typed=0, last=0)
    for code, texts in walk.acknowledged.items():
        lost["acknowledged"] += len(texts - written.get(code, set()))
    for code, typed in walk.typed.items():
        lost["typed"] += not stored[code].startswith(typed.lowest)
        lost["last"] += stored[code] != typed.last
    expected = score_fields(score_track(assessment, Track.UNIT), catalog_of(assessment.instrument))
    score = Score.objects.get(assessment=assessment, track=Track.UNIT)
    lost["score"] = int(str(score.safe_total) != str(expected["safe_total"]))
    lost["audit"] = len(list(audit.verify([assessment.audit_stream])))
    return dict(lost)


def report(walk: Walk, lost: dict[str, int], options, seconds: float, *, drained: bool) -> str:
    """Return the figures as a page of Markdown."""
    events = ", ".join(f"{kind} {count}" for kind, count in sorted(walk.events.items()))
    typed = sum(len(item.history) for item in walk.typed.values())
    acknowledged = sum(len(texts) for texts in walk.acknowledged.values())
    return "\n".join(
        [
            "# savequeue",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, seed {options.seed}, {seconds:.0f} s.",
            "",
            "| what | figure |",
            "|---|---|",
            f"| moments at which something was killed | {sum(walk.events.values())} ({events}) |",
            f"| words typed, into rows | {typed}, {len(walk.typed)} |",
            f"| writes that the server acknowledged | {acknowledged} |",
            f"| acknowledged writes lost | {lost['acknowledged']} |",
            f"| rows that lost text older than {SURE_SECONDS:.0f} s | {lost['typed']} |",
            f"| rows whose last text is not what was last shown | {lost['last']} |",
            f"| stored score unlike the recomputed one | {lost['score']} |",
            f"| breaks of the audit chain | {lost['audit']} |",
            f"| queue empty at the end | {'yes' if drained else 'no'} |",
            "",
        ]
    )


def main() -> int:
    """Walk, write the figures, return 1 when something was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    var = own_house("zona-savequeue-")
    assessment = prepare()
    server = Server(var)
    started = time.monotonic()
    server.start()
    try:
        with sync_playwright() as playwright:
            chromium = launch(playwright)
            walk = Walk(chromium, server, assessment.pk, options.seed)
            walk.sign_in()
            while sum(walk.events.values()) < options.moments:
                walk.type_once()
            drained = walk.settle()
            chromium.close()
    finally:
        server.kill()
    lost = losses(walk, assessment.pk)
    text = report(walk, lost, options, time.monotonic() - started, drained=drained)
    options.out.write_text(text)
    sys.stdout.write(text)
    shutil.rmtree(var, ignore_errors=True)
    return int(any(lost.values()) or not drained)


if __name__ == "__main__":
    raise SystemExit(main())
