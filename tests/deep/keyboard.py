"""Reviews a whole worksheet by keyboard and says how many seconds a row takes.

An auditor accepts each of the 113 rows with three keys (Terima, implementation, next row), and
goes from section to section. The figure is what the page costs; reading comes on top.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent))

from savequeue import PASSWORD, Server, launch, own_house, sign_in

GOAL_SECONDS = 25


def prepare():
    """Open a worksheet that its unit has filled, and return it with its auditor."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from assessments.tests import filling
    from assessments.tests.factories import grant, make_assessment, make_team, make_unit, make_user
    from units.access import Role
    from units.models import Unit

    unit = make_unit(code="U1", name="Unit Uji")
    people = {}
    for name, role, place in (
        ("operator", Role.UNIT_OPERATOR, unit),
        ("zi_lead", Role.ZI_LEAD, unit),
        ("head", Role.UNIT_HEAD, unit),
        ("secretariat", Role.SECRETARIAT, Unit.objects.get(parent=None)),
    ):
        people[name] = make_user(name)
        grant(people[name], role, place)
    assessment = make_assessment(unit)
    house = SimpleNamespace(unit=unit, assessment=assessment, **people, **make_team(assessment))
    filling.start_review(house)
    house.member.set_password(PASSWORD)
    house.member.save()
    return house


def review(page, address: str, assessment_id: int) -> list[float]:
    """Accept every row by keys; return the seconds that each row took until it was stored."""
    seconds = []
    for section in "123456B":
        page.goto(f"{address}/lke/{assessment_id}/bagian/{section}/")
        page.wait_for_selector("[data-sync] .z-say")
        count = page.locator("[data-row]").count()
        for place in range(count):
            started = time.perf_counter()
            row = page.locator(".z-item.is-on")
            page.keyboard.press("t")
            row.locator("input[name=choice]:checked, .z-formula b").first.wait_for(state="attached")
            page.keyboard.press("1")
            page.wait_for_function("() => document.querySelector('.z-item.is-on.is-done') !== null")
            seconds.append(time.perf_counter() - started)
            if place + 1 < count:
                page.keyboard.press("j")
    return seconds


def report(seconds: list[float], accepted: int) -> str:
    """Return the figures as a page of Markdown."""
    ordered = sorted(seconds)
    return "\n".join(
        [
            "# keyboard",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}; goal: well under {GOAL_SECONDS} s a row with reading.",
            "",
            "| what | figure |",
            "|---|---|",
            f"| rows accepted, stored as accepted | {len(seconds)}, {accepted} |",
            f"| seconds a row, median | {ordered[len(ordered) // 2]:.2f} |",
            f"| seconds a row, slowest | {ordered[-1]:.2f} |",
            f"| the whole sheet, seconds | {sum(seconds):.0f} |",
            "",
        ]
    )


def main() -> int:
    """Review, write the figures, return 1 when a row was not stored."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    var = own_house("zona-keyboard-")
    house = prepare()
    server = Server(var)
    server.start()
    try:
        with sync_playwright() as playwright:
            chromium = launch(playwright)
            page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
            sign_in(page, server.address, house.member.username)
            seconds = review(page, server.address, house.assessment.pk)
            chromium.close()
    finally:
        server.kill()
    accepted = house.assessment.answers.filter(track="tpi", review_state="accepted").count()
    text = report(seconds, accepted)
    options.out.write_text(text)
    sys.stdout.write(text)
    shutil.rmtree(var, ignore_errors=True)
    return int(accepted != len(seconds))


if __name__ == "__main__":
    raise SystemExit(main())
