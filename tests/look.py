"""Visits every page that each demo person can reach and takes its picture: `bin/look`.

Starts a house of its own (own folder, free port, demo data), enters as each person by the login
page's button and follows the links on the pages, GET only. Pages that differ by a number alone are
one kind: of each kind a few are visited. What a browser or the server complains about is printed,
and the exit code counts it.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from playwright.sync_api import Browser, Page, Response, sync_playwright

BASE_DIR = Path(__file__).resolve().parent.parent
FOLDER = BASE_DIR / "var" / "look"
VIEWPORTS = {1440: 900, 390: 844}
SCHEMES = ("light", "dark")
START_SECONDS = 300
# Leaving, and what is no page: files, feeds, the addresses for machines and Django's admin.
LEFT_OUT = re.compile(r"^/(akun/logout|akun/keluar|admin|static|livez|readyz)\b")
NO_PAGE = re.compile(r"\.(pdf|xlsx|zip|ics|json|csv|svg|png)$")
CHROMIUM_OPTIONS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Finding:
    """What went wrong while a person looked at a page."""

    person: str
    address: str
    words: str


@dataclass
class Look:
    """One run: where the house is, how much to visit, and what was found."""

    site: str
    folder: Path
    pages_per_kind: int
    findings: list[Finding] = field(default_factory=list)
    shots: int = 0


def kind_of(address: str) -> str:
    """Return an address with its numbers and codes taken out: pages of one kind look alike."""
    parts = urlsplit(address)
    path = re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27,}(?=/|$)", "/U", parts.path)
    path = re.sub(r"/[^/]*\d[^/]*(?=/|$)", "/N", path)
    names = sorted({pair.split("=")[0] for pair in parts.query.split("&") if pair})
    return path + ("?" + "&".join(names) if names else "")


def file_name(address: str) -> str:
    """Return a file name that tells the page."""
    parts = urlsplit(address)
    text = f"{parts.path}{'_' + parts.query if parts.query else ''}".strip("/") or "beranda"
    return re.sub(r"[^\w.-]+", "-", text)[:100].strip("-")


def links_on(page: Page, site: str) -> list[str]:
    """Return the addresses of this house that the page links to, in order."""
    hrefs = page.eval_on_selector_all("a[href]", "links => links.map(a => a.getAttribute('href'))")
    found = []
    for href in hrefs:
        address = urldefrag(urljoin(page.url, href)).url
        path = urlsplit(address).path
        ours = address.startswith(site)
        if ours and not LEFT_OUT.match(path) and not NO_PAGE.search(path):
            found.append(address)
    return list(dict.fromkeys(found))


def watch(page: Page, look: Look, person: str) -> None:
    """Note what the browser complains about: scripts, styles against the policy, failed loads."""

    def note(words: str) -> None:
        look.findings.append(Finding(person, page.url, words))

    def on_response(response: Response) -> None:
        if response.status >= 400 and response.request.is_navigation_request() is False:
            note(f"{response.status} {response.url}")

    page.on("pageerror", lambda error: note(f"script: {error}"))
    page.on("console", lambda said: note(said.text) if said.type in ("error", "warning") else None)
    page.on("response", on_response)


def take_pictures(page: Page, look: Look, person: str, address: str) -> None:
    """Take the page at each width in light and dark; note what scrolls sideways."""
    for width, height in VIEWPORTS.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            name = f"{file_name(address)}-{width}-{scheme}.png"
            page.screenshot(path=look.folder / person / name, full_page=True)
            look.shots += 1
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            look.findings.append(Finding(person, address, f"{wide} px too wide at {width} px"))


def walk(page: Page, look: Look, person: str, limit: int) -> int:
    """Follow the links from the home page, breadth first; return how many pages were visited."""
    waiting = deque([look.site])
    seen = {look.site}
    of_kind: Counter[str] = Counter()
    visited = 0
    while waiting and visited < limit:
        address = waiting.popleft()
        kind = kind_of(address)
        if of_kind[kind] >= look.pages_per_kind:
            continue
        of_kind[kind] += 1
        try:
            response = page.goto(address, wait_until="load")
        except Exception as error:  # noqa: BLE001  a download or a broken page: told, and on we go
            if "Download is starting" not in str(error):
                look.findings.append(Finding(person, address, str(error).splitlines()[0]))
            continue
        if response is None or "text/html" not in response.headers.get("content-type", ""):
            continue
        visited += 1
        if response.status >= 400:
            look.findings.append(Finding(person, address, f"answered {response.status}"))
        page.wait_for_timeout(100)
        take_pictures(page, look, person, address)
        for link in links_on(page, look.site):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return visited


def look_as(browser: Browser, look: Look, person: str | None, limit: int) -> int:
    """Walk as a demo person, or as a visitor without login."""
    name = person or "tamu"
    (look.folder / name).mkdir(parents=True, exist_ok=True)
    context = browser.new_context(locale="id-ID", timezone_id="Asia/Jakarta")
    page = context.new_page()
    watch(page, look, name)
    page.goto(f"{look.site}akun/login/")
    if person:
        page.locator(f'form:has(input[name="username"][value="{person}"]) button').click()
        page.wait_for_load_state("load")
    visited = walk(page, look, name, limit)
    context.close()
    return visited


def people_on(browser: Browser, site: str) -> list[str]:
    """Return the people whom the login page offers."""
    page = browser.new_page()
    page.goto(f"{site}akun/login/")
    people = page.eval_on_selector_all(
        'form input[type="hidden"][name="username"]', "fields => fields.map(f => f.value)"
    )
    page.close()
    return people


def start_house(var: Path) -> tuple[subprocess.Popen, str]:
    """Start a house in a folder of its own; return the process and the address."""
    environ = os.environ | {"ZONA_VAR": str(var), "ZONA_DEMO": "true", "ZONA_MODE": "embedded"}
    process = subprocess.Popen(
        [sys.executable, "-P", "zona/serve.py"],
        cwd=BASE_DIR,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        line = process.stdout.readline()
        if not line:
            break
        sys.stdout.write(line)
        ready = re.search(r"Zona siap .*(http://\S+)", line)
        if ready:
            return process, ready.group(1)
    process.kill()
    raise SystemExit("the house did not start")


def main() -> int:
    """Look, print what was found, return 1 when something was."""
    parser = argparse.ArgumentParser(prog="bin/look", description=__doc__.splitlines()[0])
    parser.add_argument("--person", action="append", help="only this person; may be repeated")
    parser.add_argument("--site", help="look at a house that runs already, e.g. for speed")
    parser.add_argument("--pages", type=int, default=60, help="at most so many pages per person")
    parser.add_argument("--per-kind", type=int, default=2, help="pages that differ by a number")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    house = None
    if options.site:
        site = options.site.rstrip("/") + "/"
    else:
        house, site = start_house(FOLDER / "house")
    look = Look(site=site, folder=FOLDER, pages_per_kind=options.per_kind)
    arguments = CHROMIUM_OPTIONS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=arguments
            )
            for person in options.person or [None, *people_on(browser, site)]:
                visited = look_as(browser, look, person, options.pages)
                sys.stdout.write(f"{person or 'tamu'}: {visited} pages\n")
                sys.stdout.flush()
            browser.close()
    finally:
        if house:
            house.send_signal(signal.SIGTERM)
            house.wait(30)
    for finding in look.findings:
        sys.stdout.write(f"{finding.person} {finding.address}: {finding.words}\n")
    sys.stdout.write(f"{look.shots} pictures in {FOLDER}, {len(look.findings)} findings\n")
    return 1 if look.findings else 0


if __name__ == "__main__":
    sys.exit(main())
