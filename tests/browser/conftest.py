"""Walks in Chromium against a live server: the browser, signed-in pages, what axe says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from assessments.tests.conftest import house  # noqa: F401 - a fixture, used by its name

PASSWORD = "kata-sandi-panjang-sekali"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """Return where Chromium is: named by CHROMIUM, or on the path."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items):
    """Mark every walk, so that the other tests can run without them."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    path = find_chromium()
    if path is None:
        pytest.fail("CHROMIUM TIDAK ADA. Pasang: apt-get install -y chromium", pytrace=False)
    # Playwright keeps an event loop in this thread; the database is still asked from it alone.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Site:
    """A live server, and people who walk through it."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    def visit(self, user=None, *, size=DESK, dark=False, script=True) -> Page:
        """Return a fresh page, signed in as a person; faults of its scripts are kept."""
        context = self.browser.new_context(
            viewport=size,
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            base_url=self.address,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
        )
        self.contexts.append(context)
        context.set_default_timeout(15_000)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.address}])
        return self.watch(context.new_page())

    def watch(self, page: Page) -> Page:
        """Keep what goes wrong in a page: script errors and refused content."""
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._said(page, message))
        return page

    def _said(self, page: Page, message) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"{page.url}: {message.text}")

    def close(self) -> None:
        """Close every page."""
        for context in self.contexts:
            context.close()


@pytest.fixture
def site(browser, live_server) -> Iterator[Site]:
    """The live server with its visitors; a script error on any page fails the test."""
    walk = Site(browser, live_server.url)
    yield walk
    walk.close()
    assert walk.faults == []


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Return what axe holds against a page: rule and place, nothing when all is well."""

    def check(page: Page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [
            f"{item['id']}: {node['target']} {node['html'][:160]}"
            for item in found
            for node in item["nodes"]
        ]

    return check
