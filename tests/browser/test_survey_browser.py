"""The public survey on a phone: without a script, by keyboard, left and taken up again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from surveys.models import Response, ResponseValue
from surveys.tests import factories
from tests.browser.conftest import DESK, PHONE

WORST, BEST = "1", "4"


@pytest.fixture
def survey(transactional_db):
    return factories.make_open_survey(
        editions=("spak-2021", "spkp-2021"),
        services=["Persetujuan berlayar", "Tambat dan labuh"],
        profile_fields=["usia", "kanal"],
    )


def fill(page: Page, *, leave_out: str = "") -> None:
    """Fill the form as a hasty but honest person does."""
    page.get_by_label("Saya paham dan bersedia mengisi.").check()
    page.get_by_label("Layanan yang Anda terima").select_option(index=1)
    for group in page.locator("fieldset").all():
        if group.get_attribute("id") != f"f-{leave_out}":
            group.locator("input[type=radio]").first.check()
    page.get_by_label("Kelompok usia").select_option("30_39")
    page.get_by_label("Cara layanan diberikan").select_option("daring")


@pytest.mark.parametrize("script", [False, True])
def test_a_phone_fills_the_form_with_or_without_a_script(site, survey, script):
    page = site.visit(size=PHONE, script=script)
    page.goto(survey.public_path)
    fill(page, leave_out="spak.imbalan")
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.get_by_role("alert")).to_contain_text("Belum terkirim: 1 isian perlu dilengkapi.")
    expect(page.locator("input[type=radio]:checked")).to_have_count(12)

    page.get_by_role("alert").get_by_role("link", name="Pertanyaan 3").click()
    page.locator("[name='spak.imbalan']").first.check()
    page.get_by_role("button", name="Kirim jawaban").click()

    expect(page.locator("h1")).to_have_text("Terima kasih, jawaban Anda sudah kami terima")
    expect(page.locator(".receipt")).to_have_count(1)
    assert Response.objects.get().profile == {"usia": "30_39", "kanal": "daring"}
    assert set(ResponseValue.objects.values_list("value", flat=True)) == {4}


def test_the_form_is_filled_by_keyboard_alone_and_nothing_moves_by_itself(site, survey):
    page = site.visit(size=DESK)
    page.goto(survey.public_path)
    page.get_by_label("Saya paham dan bersedia mengisi.").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Persetujuan")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    first = page.evaluate("document.activeElement.name")
    page.keyboard.press("ArrowDown")

    assert page.evaluate("document.activeElement.name") == first == "spak.diskriminasi"
    assert page.evaluate("document.activeElement.value") == "3"


def test_the_question_after_a_bad_answer_appears_with_it(site, survey):
    page = site.visit(size=PHONE)
    page.goto(survey.public_path)
    story = page.locator("#cerita")
    expect(story).to_be_hidden()

    page.locator(f"[name='spak.pungli'][value='{WORST}']").check()
    expect(story).to_be_visible()
    page.locator(f"[name='spak.pungli'][value='{BEST}']").check()
    expect(story).to_be_hidden()


def test_a_form_that_was_left_goes_on_on_the_same_device(site, survey):
    page = site.visit(size=PHONE)
    page.goto(survey.public_path)
    page.locator("[name='spak.pungli'][value='3']").check()
    page.locator("#saran").fill("Ruang tunggu panas")

    with page.expect_response(lambda reply: reply.request.method == "POST"):
        page.evaluate(
            "Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
    again = page.context.new_page()
    again.goto(survey.public_path)

    expect(again.locator("[name='spak.pungli'][value='3']")).to_be_checked()
    expect(again.locator("#saran")).to_have_value("Ruang tunggu panas")
    assert Response.objects.count() == 0


def test_saving_for_later_works_without_a_script(site, survey):
    page = site.visit(size=PHONE, script=False)
    page.goto(survey.public_path)
    page.locator("[name='spak.pungli'][value='3']").check()

    page.get_by_role("button", name="Simpan, lanjutkan nanti").click()

    expect(page.get_by_role("status")).to_contain_text("tersimpan di perangkat ini selama 7 hari")
    expect(page.locator("[name='spak.pungli'][value='3']")).to_be_checked()


def test_the_whole_page_with_everything_it_loads_is_under_60_kb(site, survey):
    page = site.visit(size=PHONE)
    sizes = []
    page.on("response", lambda reply: sizes.append(len(reply.body())))

    page.goto(survey.public_path, wait_until="networkidle")

    assert len(sizes) >= 3
    assert sum(sizes) < 60_000


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_form_faults_thanks_and_closed_pages_are_accessible(site, axe, survey, size, dark):
    page = site.visit(size=size, dark=dark)
    page.goto(survey.public_path)
    assert axe(page) == []
    page.get_by_role("button", name="Kirim jawaban").click()
    assert axe(page) == []
    fill(page)
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.locator(".receipt")).to_have_count(1)
    assert axe(page) == []
    factories.lock(survey)
    page.goto(survey.public_path)
    assert axe(page) == []
