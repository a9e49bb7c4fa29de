"""An auditor and a unit at work in the browser: nothing typed is lost, nothing is overwritten."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from assessments.models import Answer, EvidenceUse, Track
from assessments.services import answers, evidence
from assessments.tests import filling
from assessments.tests.factories import add_member
from tests.browser.conftest import DESK, PASSWORD, PHONE

CODE = "A.I.5.i.b"
FIRST = "A.I.5.i.a"
COMPUTED = "A.II.5.ii.a"


def open_area(page: Page, house, section: str = "5", code: str = "") -> Page:
    """Open a section of the worksheet, with a row in work."""
    page.goto(f"/lke/{house.assessment.pk}/bagian/{section}/{f'?butir={code}' if code else ''}")
    expect(page.locator("[data-sync]")).to_contain_text("Semua tersimpan")
    return page


def row(page: Page, code: str = CODE):
    """Return a row of the page."""
    return page.locator(f'[data-row="{code}"]')


def stored(house, code: str = CODE, track: str = Track.TPI) -> Answer:
    """Return a row as the database has it."""
    return Answer.objects.get(assessment=house.assessment, indicator__code=code, track=track)


def saved(page: Page, code: str = CODE):
    """Wait until nothing is kept on the device any more, and a row says that it is saved."""
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.startsWith('zona.save.'))"
    )
    expect(row(page, code).locator("[data-say]")).to_contain_text(re.compile("Tersimpan"))
    expect(page.locator("[data-sync]")).to_contain_text("Semua tersimpan")


def test_an_auditor_signs_in_fills_a_row_and_sees_score_and_gate_move(site, house):
    filling.start_review(house)
    house.member.set_password(PASSWORD)
    house.member.save()
    page = site.visit()
    page.goto(f"/lke/{house.assessment.pk}/bagian/5/?butir={CODE}")
    page.fill("input[name=login]", house.member.username)
    page.fill("input[name=password]", PASSWORD)
    page.click("form[action*='akun'] button[type=submit] >> nth=0")
    expect(page.locator("h1")).to_have_text("Area 5. Penguatan Pengawasan")
    total = page.locator(".z-score-total .z-fig")
    gate = page.locator(".z-gate", has_text="Area 5").locator("b")
    expect(total).to_have_text("0,00")
    expect(gate).to_have_text("0,00")

    row(page).locator("input[name=choice][value=B]").check()
    row(page).locator("textarea[name=condition]").fill("Prosedur mulai berjalan.")

    saved(page)
    expect(total).to_have_text("0,50")
    expect(gate).to_have_text("0,50")
    answer = stored(house)
    assert (answer.choice, answer.condition) == ("B", "Prosedur mulai berjalan.")
    assert answer.changed_by == house.member


def test_what_is_typed_without_network_is_kept_and_sent_when_it_is_back(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)

    page.context.set_offline(True)
    row(page).locator("textarea[name=condition]").fill("Diketik tanpa jaringan.")
    expect(row(page).locator("[data-say]")).to_contain_text("Menunggu jaringan")
    expect(page.locator("[data-sync]")).to_contain_text("1 menunggu jaringan")
    assert stored(house).condition == ""
    page.context.set_offline(False)

    saved(page)
    assert stored(house).condition == "Diketik tanpa jaringan."


def test_a_closed_tab_loses_nothing(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    page.context.set_offline(True)
    row(page).locator("textarea[name=condition]").fill("Tab ditutup sebelum terkirim.")
    row(page, FIRST).locator("input[name=choice][value=A]").check()
    expect(page.locator("[data-sync]")).to_contain_text("2 menunggu jaringan")
    context = page.context
    page.close()

    context.set_offline(False)
    page = site.watch(context.new_page())
    page.goto(f"/lke/{house.assessment.pk}/bagian/5/?butir={CODE}")

    saved(page)
    expect(row(page).locator("textarea[name=condition]")).to_have_value(
        "Tab ditutup sebelum terkirim."
    )
    assert stored(house).condition == "Tab ditutup sebelum terkirim."
    assert stored(house, FIRST).choice == "A"


def test_two_people_on_one_text_choose_between_both(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    answers.record_answers(
        assessment=house.assessment,
        track=Track.TPI,
        changes=[answers.Change(CODE, {"condition": "Tanpa laporan berjenjang."})],
        by=add_member(house.assessment),
    )

    row(page).locator("textarea[name=condition]").fill("Tanpa peta risiko.")
    clash = row(page).locator(".z-clash")

    expect(clash).to_contain_text("diubah dua orang")
    expect(clash).to_contain_text("Tanpa laporan berjenjang.")
    expect(page.locator("[data-sync]")).to_contain_text("1 bentrok")
    assert stored(house).condition == "Tanpa laporan berjenjang."
    page.reload()
    expect(clash).to_contain_text("Tanpa laporan berjenjang.")
    expect(row(page).locator("textarea[name=condition]")).to_have_value("Tanpa peta risiko.")
    clash.get_by_role("button", name="Pakai isian saya").click()
    saved(page)
    expect(clash).to_have_count(0)
    assert stored(house).condition == "Tanpa peta risiko."


def test_theirs_may_be_kept_or_both_joined(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    for code, text in ((CODE, "Dari ketua."), (FIRST, "Dari ketua juga.")):
        answers.record_answers(
            assessment=house.assessment,
            track=Track.TPI,
            changes=[answers.Change(code, {"condition": text})],
            by=add_member(house.assessment),
        )

    row(page).locator("textarea[name=condition]").fill("Dari anggota.")
    row(page).get_by_role("button", name="Gabungkan").click()
    row(page).get_by_role("button", name="Pakai isian saya").click()
    saved(page)
    row(page, FIRST).locator("[data-open]").click()
    row(page, FIRST).locator("textarea[name=condition]").fill("Dari anggota.")
    row(page, FIRST).get_by_role("button", name=re.compile("Pakai isian [^s]")).click()
    saved(page, FIRST)

    expect(row(page, FIRST).locator("textarea[name=condition]")).to_have_value("Dari ketua juga.")
    assert stored(house).condition == "Dari ketua.\n\nDari anggota."
    assert stored(house, FIRST).condition == "Dari ketua juga."


def test_other_fields_of_the_same_row_are_merged(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    answers.record_answers(
        assessment=house.assessment,
        track=Track.TPI,
        changes=[answers.Change(CODE, {"choice": "C"})],
        by=add_member(house.assessment),
    )

    row(page).locator("textarea[name=condition]").fill("Hanya uraian yang saya isi.")

    saved(page)
    answer = stored(house)
    assert (answer.choice, answer.condition) == ("C", "Hanya uraian yang saya isi.")
    expect(row(page).locator("input[name=choice][value=C]")).to_be_checked()


def test_a_row_is_accepted_with_three_keys(site, house):
    filling.start_review(house)
    link = evidence.add_link(
        unit=house.unit, url="https://contoh.go.id/sk", title="SK UPG", by=house.operator
    )
    evidence.attach(assessment=house.assessment, code=CODE, evidence=link, by=house.member)
    page = open_area(site.visit(house.member), house, code=CODE)

    page.keyboard.press("t")
    expect(row(page).locator("input[name=choice][value=A]")).to_be_checked()
    expect(page.locator(".z-ws-info")).to_contain_text("Sesuai")
    page.keyboard.press("1")
    saved(page)
    expect(row(page)).to_have_class(re.compile("is-done"))
    page.keyboard.press("j")

    expect(row(page, "A.I.5.ii.a")).to_have_class(re.compile("is-on"))
    answer = stored(house)
    assert (answer.choice, answer.implementation_check, answer.review_state) == (
        "A",
        "done",
        "accepted",
    )
    assert answer.document_check == "adequate"
    assert EvidenceUse.objects.get(assessment=house.assessment).verdict == "adequate"


def test_a_session_that_ended_is_renewed_in_place(site, house):
    filling.start_review(house)
    house.member.set_password(PASSWORD)
    house.member.save()
    page = open_area(site.visit(house.member), house, code=CODE)
    Session.objects.all().delete()

    row(page).locator("textarea[name=condition]").fill("Sesi habis saat mengetik.")
    dialog = page.locator("#masuk")
    expect(dialog).to_be_visible()
    expect(row(page).locator("[data-say]")).to_contain_text("Menunggu masuk")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    page.get_by_role("button", name="Masuk lagi").click()
    dialog.locator("input[name=login]").fill(house.member.username)
    dialog.locator("input[name=password]").fill("salah")
    dialog.locator("button[type=submit]").first.click()
    expect(dialog.locator("input[name=password]")).to_have_value("")
    dialog.locator("input[name=login]").fill(house.member.username)
    dialog.locator("input[name=password]").fill(PASSWORD)
    dialog.locator("button[type=submit]").first.click()

    expect(dialog).not_to_be_visible()
    saved(page)
    assert stored(house).condition == "Sesi habis saat mengetik."


def test_a_token_that_changed_is_fetched_anew(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    page.context.clear_cookies(name="zona_csrf")

    row(page).locator("textarea[name=condition]").fill("Tanda pengaman berganti.")

    saved(page)
    assert stored(house).condition == "Tanda pengaman berganti."


def test_counts_go_together_and_show_their_formula(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=COMPUTED)
    field = row(page, COMPUTED).locator

    field('input[name="inputs.pengaduan_harus_ditindaklanjuti"]').fill("9")
    expect(row(page, COMPUTED).locator("[data-say]")).to_contain_text("Lengkapi semua jumlah")
    assert stored(house, COMPUTED).inputs is None
    field('input[name="inputs.pengaduan_diproses"]').fill("5")
    field('input[name="inputs.pengaduan_selesai"]').fill("4")

    saved(page, COMPUTED)
    expect(field(".z-formula")).to_contain_text("4 ÷ 9 = 44,44%")
    expect(field(".z-formula")).to_contain_text("1,33 poin")
    assert stored(house, COMPUTED).inputs == {
        "pengaduan_harus_ditindaklanjuti": 9,
        "pengaduan_diproses": 5,
        "pengaduan_selesai": 4,
    }


def test_a_second_tab_shows_what_the_first_one_saved(site, house):
    filling.start_review(house)
    first = open_area(site.visit(house.member), house, code=CODE)
    second = site.watch(first.context.new_page())
    open_area(second, house, code=CODE)

    row(first).locator("input[name=choice][value=B]").check()
    row(second, FIRST).locator("input[name=choice][value=B]").check()

    saved(first)
    expect(row(second).locator("input[name=choice][value=B]")).to_be_checked()
    expect(row(first, FIRST).locator("input[name=choice][value=B]")).to_be_checked()
    expect(first.locator(".z-score-total .z-fig")).to_have_text("0,88")
    expect(second.locator(".z-score-total .z-fig")).to_have_text("0,88")


OLD_BROWSER = """
Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });
delete Crypto.prototype.randomUUID;
"""


def test_where_locks_are_missing_tabs_share_a_lease(site, house):
    filling.start_review(house)
    first = site.visit(house.member)
    first.context.add_init_script(OLD_BROWSER)
    open_area(first, house, code=CODE)
    second = site.watch(first.context.new_page())
    open_area(second, house, code=CODE)

    row(second, FIRST).locator("input[name=choice][value=B]").check()
    row(first).locator("input[name=choice][value=C]").check()
    saved(first)
    first.close()
    row(second).locator("textarea[name=condition]").fill("Tab pertama sudah ditutup.")

    saved(second)
    answer = stored(house)
    assert (answer.choice, answer.condition) == ("C", "Tab pertama sudah ditutup.")
    assert stored(house, FIRST).choice == "B"


def test_a_full_storage_is_said_and_the_row_is_still_sent(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    page.evaluate(
        """() => { Storage.prototype.setItem = () => {
            throw new DOMException("full", "QuotaExceededError"); } }"""
    )

    page.context.set_offline(True)
    row(page).locator("textarea[name=condition]").fill("Penyimpanan penuh.")
    expect(page.locator("[data-sync]")).to_contain_text("Penyimpanan perangkat penuh")
    page.context.set_offline(False)

    saved(page)
    assert stored(house).condition == "Penyimpanan penuh."


def test_logging_out_warns_of_unsent_entries(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    page.route("**/simpan/", lambda route: route.abort())
    row(page).locator("textarea[name=condition]").fill("Belum terkirim.")
    expect(page.locator("[data-sync]")).to_contain_text("1 menunggu jaringan")

    page.locator("summary.z-tool").click()
    page.locator("form[data-logout] button").click()
    expect(page.locator("#tanya")).to_contain_text("1 isian belum terkirim")
    page.locator("#tanya").get_by_role("button", name="Batal").click()
    assert page.evaluate("Object.keys(localStorage).length") == 1
    page.locator("summary.z-tool").click()
    page.locator("form[data-logout] button").click()
    page.locator("#tanya").get_by_role("button", name="Hapus isian dan keluar").click()

    page.wait_for_url("**/akun/login/**")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_a_worksheet_is_filled_by_keyboard_alone(site, house):
    page = open_area(site.visit(house.zi_lead), house, section="1", code="A.I.1.i.a")

    page.keyboard.press("a")
    page.keyboard.press("u")
    page.keyboard.type("Tim dibentuk dengan SK.")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("b")
    page.keyboard.press("n")
    saved(page, "A.I.1.i.a")
    saved(page, "A.I.1.i.b")

    expect(row(page, "A.I.1.ii.a")).to_have_class(re.compile("is-on"))
    first = stored(house, "A.I.1.i.a", Track.UNIT)
    assert (first.choice, first.condition) == ("Ya", "Tim dibentuk dengan SK.")
    assert stored(house, "A.I.1.i.b", Track.UNIT).choice == "B"
    expect(page.locator('[data-done="1"]')).to_have_text("2")


def test_filters_count_and_hide_as_rows_change(site, house):
    page = open_area(site.visit(house.zi_lead), house, section="1", code="A.I.1.i.a")
    unanswered = page.locator('[data-filter="belum"]')
    expect(unanswered.locator("[data-count]")).to_have_text("16")

    page.keyboard.press("a")
    saved(page, "A.I.1.i.a")
    expect(unanswered.locator("[data-count]")).to_have_text("15")
    unanswered.click()

    expect(row(page, "A.I.1.i.a")).to_be_hidden()
    expect(page.locator("[data-row]:visible")).to_have_count(15)
    assert page.url.endswith("saring=belum")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(site, house, axe, size, dark):
    filling.start_review(house)
    page = open_area(site.visit(house.member, size=size, dark=dark), house, code=CODE)

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


def test_the_page_holds_at_320_pixels(site, house):
    filling.start_review(house)
    page = open_area(
        site.visit(house.member, size={"width": 320, "height": 640}), house, code=COMPUTED
    )

    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_without_a_script_a_row_is_a_plain_form(site, house):
    filling.start_review(house)
    page = site.visit(house.member, script=False)
    page.goto(f"/lke/{house.assessment.pk}/bagian/5/?butir={CODE}")

    row(page).locator("input[name=choice][value=B]").check()
    row(page).locator("textarea[name=condition]").fill("Tanpa skrip.")
    row(page).get_by_role("button", name="Simpan", exact=True).click()

    expect(page.locator("#pesan")).to_contain_text(f"Butir {CODE} tersimpan.")
    answer = stored(house)
    assert (answer.choice, answer.condition) == ("B", "Tanpa skrip.")


PDF = {"mimeType": "application/pdf", "buffer": b"%PDF-1.7\ntrailer<<>>\n%%EOF\n"}


def test_evidence_is_uploaded_judged_and_detached_beside_the_row(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    pane = page.locator("[data-evidence-pane]")

    pane.locator("input[type=file]").set_input_files(
        [{"name": "SK UPG.pdf", **PDF}, {"name": "palsu.pdf", **PDF, "buffer": b"MZ"}]
    )
    expect(pane).to_contain_text("Bukti dukung (1)")
    expect(pane.locator("[data-uploads]")).to_contain_text("isi berkas tidak sesuai")
    expect(row(page).locator("[data-part=strip]")).to_contain_text("SK UPG")
    pane.locator("input[name=verdict][value=inadequate]").check()
    pane.locator("select[name=reason]").select_option("plan_only")
    expect(row(page).locator("[data-part=document]")).to_contain_text("belum sesuai")

    use = EvidenceUse.objects.get(assessment=house.assessment)
    assert (use.evidence.title, use.verdict, use.reason) == ("SK UPG", "inadequate", "plan_only")
    expect(page.locator('[data-filter="dokumen"] [data-count]')).to_have_text("1")


def test_evidence_of_the_library_is_found_and_used(site, house):
    for title in ("SK UPG 2026", "Notula rapat"):
        evidence.add_link(
            unit=house.unit,
            url=f"https://contoh.go.id/{len(title)}",
            title=title,
            by=house.operator,
        )
    page = open_area(site.visit(house.operator), house, code=CODE)
    pane = page.locator("[data-evidence-pane]")

    pane.get_by_text("Pakai bukti yang ada").click()
    pane.locator("input[name=q]").fill("notula")
    pane.locator("input[name=q]").press("Enter")
    expect(pane.locator(".z-pick-list li")).to_have_count(1)
    pane.locator(".z-pick-list input").check()
    pane.get_by_role("button", name="Pakai yang dipilih").click()

    expect(pane).to_contain_text("Bukti dukung (1)")
    assert EvidenceUse.objects.get(assessment=house.assessment).evidence.title == "Notula rapat"
    pane.get_by_role("button", name="Lepas Notula rapat").click()
    expect(pane).to_contain_text("Bukti dukung (0)")
    assert not EvidenceUse.objects.filter(assessment=house.assessment).exists()


def test_a_link_is_added_beside_the_row(site, house):
    page = open_area(site.visit(house.operator), house, code=CODE)
    pane = page.locator("[data-evidence-pane]")

    pane.get_by_text("Tambah tautan").first.click()
    pane.locator("input[name=url]").fill("https://contoh.go.id/laman")
    pane.locator("input[name=title]").fill("Laman UPG")
    pane.get_by_role("button", name="Tambah tautan").click()

    expect(pane).to_contain_text("Laman UPG")
    assert EvidenceUse.objects.get(assessment=house.assessment).evidence.title == "Laman UPG"


def test_the_whole_sheet_is_filled_at_rest_and_loads_a_row_when_it_is_opened(site, house):
    page = open_area(site.visit(house.zi_lead), house, section="semua")
    expect(page.locator("[data-row]")).to_have_count(113)

    row(page, "A.I.6.i.a").locator("input[name=choice]").nth(1).check()
    saved(page, "A.I.6.i.a")
    row(page, CODE).locator("[data-open]").click()
    row(page, CODE).locator("textarea[name=condition]").fill("Dari lembar penuh.")
    saved(page)

    assert stored(house, "A.I.6.i.a", Track.UNIT).choice == "B"
    assert stored(house, CODE, Track.UNIT).condition == "Dari lembar penuh."


def test_a_step_is_taken_from_the_page(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)

    row(page).get_by_role("link", name="Kembalikan…").click()
    expect(page.locator(f'input[name=rows][value="{CODE}"]')).to_be_checked()
    page.locator(f'select[name="reason.{CODE}"]').select_option("incomplete")
    page.locator(f'textarea[name="note.{CODE}"]').fill("Unggah laporan triwulan IV.")
    page.locator("textarea[name=reason]").fill("Lengkapi sebelum pleno.")
    page.get_by_role("button", name="Kembalikan untuk diperbaiki").click()
    expect(page.locator("#pesan")).to_contain_text("perbaikan oleh unit")
    unit = open_area(site.visit(house.operator, size=PHONE), house, code=CODE)

    expect(row(unit)).to_contain_text("Unggah laporan triwulan IV.")
    assert unit.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    row(unit).locator("textarea[name=condition]").fill("Sudah diunggah.")
    saved(unit)
    assert stored(house).review_state == "repaired"


def test_on_a_phone_the_detail_stands_right_under_the_row(site, house):
    page = open_area(site.visit(house.operator, size=PHONE), house, code=CODE)

    assert row(page).evaluate("row => row.nextElementSibling.matches('[data-info]')")
    page.locator('[data-row="A.I.5.ii.a"] [data-open]').click()
    expect(page.locator("[data-detail]")).to_have_attribute("data-detail", "A.I.5.ii.a")
    assert row(page, "A.I.5.ii.a").evaluate("row => row.nextElementSibling.matches('[data-info]')")


def test_a_row_opens_without_network_and_takes_text(site, house):
    page = open_area(site.visit(house.operator), house, code=CODE)

    page.context.set_offline(True)
    row(page, "A.II.5.i.a").locator("[data-open]").click()
    expect(page.locator("[data-detail]")).to_contain_text("perlu jaringan")
    row(page, "A.II.5.i.a").locator("textarea[name=condition]").fill("Tanpa jaringan.")
    page.context.set_offline(False)

    saved(page, "A.II.5.i.a")
    assert stored(house, "A.II.5.i.a", Track.UNIT).condition == "Tanpa jaringan."


def test_text_for_a_row_that_was_locked_meanwhile_can_still_be_read_and_dropped(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=CODE)
    page.context.set_offline(True)
    row(page).locator("textarea[name=condition]").fill("Ditulis terlambat.")
    house.assessment.team.filter(user=house.member).update(areas=["1"])
    page.context.set_offline(False)
    expect(row(page)).to_contain_text(f"Butir {CODE} bukan bagian Anda.")

    page.reload()
    kept = row(page).get_by_label("Isian Anda yang tidak tersimpan")
    expect(kept).to_have_value("Ditulis terlambat.")
    row(page).get_by_role("button", name="Buang isian ini").click()

    expect(kept).to_have_count(0)
    saved(page)
    assert stored(house).condition == ""


def test_what_the_server_refuses_is_said_and_kept(site, house):
    filling.start_review(house)
    page = open_area(site.visit(house.member), house, code=COMPUTED)
    field = row(page, COMPUTED).locator

    for name, value in (("harus_ditindaklanjuti", "9"), ("diproses", "-5"), ("selesai", "4")):
        field(f'input[name="inputs.pengaduan_{name}"]').fill(value)
    expect(row(page, COMPUTED).locator("[data-say]")).to_contain_text("Gagal disimpan")
    expect(row(page, COMPUTED)).to_contain_text("tidak boleh negatif")
    assert stored(house, COMPUTED).inputs is None
    field('input[name="inputs.pengaduan_diproses"]').fill("5")

    saved(page, COMPUTED)
    assert stored(house, COMPUTED).inputs["pengaduan_diproses"] == 5
