"""Comments and phrases beside a row, in a real browser: nothing typed is lost."""

from __future__ import annotations

from playwright.sync_api import expect

from assessments.models import Comment, CommentMention, Track
from assessments.services.advice import save_phrase
from assessments.services.comments import add_comment
from assessments.tests import filling
from tests.browser.test_worksheet_browser import CODE, open_area, row, saved


def test_a_comment_calls_somebody_by_keyboard_and_comes_back_without_leaving_the_row(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    field = page.locator("#komentar > form textarea")

    field.press_sequentially(f"Mohon cek @{house.lead.username[:4]}")
    expect(page.locator("#orang-disebut [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    field.press_sequentially("segera")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#komentar .z-comment")).to_contain_text(f"@{house.lead.name} segera")
    expect(page.locator("#komentar > form textarea")).to_have_value("")
    comment = Comment.objects.get()
    assert (comment.internal, comment.text) == (True, f"Mohon cek @{house.lead.name} segera")
    assert CommentMention.objects.get().user == house.lead


def test_a_comment_that_cannot_be_sent_stays_in_its_box_over_a_reload(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    page.route("**/komentar/", lambda route: route.abort())

    page.locator("#komentar > form textarea").fill("Belum terkirim.")
    page.locator("#komentar > form button").click()
    expect(page.locator(".z-toast")).to_contain_text("komentar belum terkirim")
    page.reload()

    expect(page.locator("#komentar > form textarea")).to_have_value("Belum terkirim.")
    assert not Comment.objects.exists()
    page.locator("summary.z-tool").click()
    page.locator("form[data-logout] button").click()
    expect(page.locator("#tanya")).to_contain_text("1 isian belum terkirim")
    page.locator("#tanya").get_by_role("button", name="Hapus isian dan keluar").click()
    page.wait_for_url("**/akun/login/**")
    left = page.evaluate("Object.keys(sessionStorage)")
    assert [key for key in left if not key.startswith("htmx")] == []


def test_comments_are_read_when_they_stood_before_the_eyes(site, house):
    filling.start_review(house)
    add_comment(assessment=house.assessment, code=CODE, text="Halo.", by=house.lead)
    page = open_area(site.visit(house.member), house, code=CODE)

    expect(page.locator("#komentar .z-card-head")).to_contain_text("1 baru")
    with page.expect_response("**/dibaca/") as read:
        page.locator("#komentar").scroll_into_view_if_needed()
    page.reload()

    assert read.value.status == 204
    expect(page.locator("#komentar h2")).to_have_text("Komentar (1)")
    expect(page.locator("#komentar .z-card-head")).not_to_contain_text("baru")


def test_a_phrase_enters_the_condition_and_is_saved_like_typed_text(site, house):
    filling.start_review(house)
    save_phrase(by=house.member, title="Kurang", text="Bukti {unit} baru [jumlah] dari 9.")
    page = open_area(site.visit(house.member), house, code=CODE)

    page.locator("[data-phrases] summary").click()
    page.locator("[data-phrase]").click()
    page.keyboard.type("3")

    field = row(page).locator("textarea[name=condition]")
    expect(field).to_have_value("Bukti PP Teluk Lantera baru 3 dari 9.")
    saved(page, CODE)
    stored = house.assessment.answers.get(track=Track.TPI, indicator__code=CODE)
    assert stored.condition == "Bukti PP Teluk Lantera baru 3 dari 9."
