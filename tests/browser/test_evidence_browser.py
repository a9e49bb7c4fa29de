"""Documents beside the row: their pages are read, judged and left without the mouse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from playwright.sync_api import expect

from assessments.models import EvidenceUse
from assessments.services import evidence, previews, shares
from assessments.tests import filling
from assessments.tests.test_evidence import office
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_worksheet_browser import CODE, open_area
from tests.test_pages import pdf
from zona import jobs
from zona.models import Job


def attach(house, name: str, content: bytes, page: str = "", by=None) -> EvidenceUse:
    piece = evidence.add_file(
        unit=house.unit, upload=SimpleUploadedFile(name, content), by=house.operator
    )
    if name.endswith(".pdf"):
        previews.request_preview(evidence=piece, by=house.operator)
        for job in Job.objects.filter(state=Job.State.QUEUED, kind=previews.KIND):
            jobs.run(job.pk)
    return evidence.attach(
        assessment=house.assessment, code=CODE, evidence=piece, by=by or house.member, page=page
    )


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_rows_documents_are_read_and_judged_by_keyboard(site, house, axe, size):
    filling.start_review(house)
    first = attach(house, "SK UPG.pdf", pdf(3), page="2-3")
    attach(house, "Rekap.xlsx", office("xl/workbook.xml"))
    page = open_area(site.visit(house.member, size=size), house, code=CODE)
    viewer = page.locator("[data-viewer]")

    page.keyboard.press("l")
    expect(viewer.locator("img")).to_have_count(3)
    expect(viewer.locator("[data-viewer-at]")).to_have_text("Hlm. 2 dari 3")
    assert axe(page) == []
    viewer.locator("[data-viewer-body]").focus()
    page.keyboard.press("ArrowRight")
    expect(viewer.locator("[data-viewer-at]")).to_have_text("Hlm. 3 dari 3")
    page.keyboard.press("j")
    expect(viewer.locator("[data-viewer-title]")).to_have_text("Rekap")
    expect(viewer.locator("[data-viewer-body]")).to_contain_text("tidak punya pratinjau halaman")
    page.keyboard.press("k")
    expect(viewer.locator("[data-viewer-place]")).to_have_text("Dokumen 1 dari 2")
    viewer.locator("label", has_text="Sesuai").first.click()
    expect(page.locator(".z-toast", has_text="Penilaian bukti tersimpan.")).to_be_attached()
    page.keyboard.press("Escape")

    expect(viewer).not_to_be_visible()
    first.refresh_from_db()
    assert first.verdict == EvidenceUse.Verdict.ADEQUATE


def test_a_folder_finds_its_rows_and_nothing_is_sent_before_it_was_checked(site, house, tmp_path):
    files = {
        "A.I.5.i.b/SK UPG.pdf": pdf(1),
        "Area 5/A-I-5-i-a_Foto kampanye.pdf": pdf(2),
        "Area 5/Tanpa kode.pdf": pdf(3),
        "A.I.5.i.b/program.exe": b"MZ",
        "A.I.5.i.b/Thumbs.db": b"x",
    }
    for name, content in files.items():
        path = tmp_path / "Bukti" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    page = site.visit(house.operator)
    page.goto(f"/lke/{house.assessment.pk}/folder/")

    page.set_input_files("[data-folder-input]", tmp_path / "Bukti")
    expect(page.locator("[data-folder-count]")).to_have_text(
        "4 berkas, 2 siap diunggah, 2 dilewati."
    )
    assert not EvidenceUse.objects.exists()
    expect(page.get_by_label("Butir untuk A-I-5-i-a_Foto kampanye.pdf")).to_have_value("A.I.5.i.a")
    expect(page.get_by_label("Butir untuk SK UPG.pdf")).to_have_value("A.I.5.i.b")
    page.get_by_label("Butir untuk Tanpa kode.pdf").select_option("A.I.1.i.a")
    page.get_by_role("button", name="Unggah 3 berkas").click()

    expect(page.locator("[data-folder-count]")).to_have_text(
        "4 berkas, 0 siap diunggah, 3 terunggah, 1 dilewati."
    )
    uses = EvidenceUse.objects.order_by("pk").values_list("indicator__code", "evidence__title")
    assert sorted(uses) == [
        ("A.I.1.i.a", "Tanpa kode"),
        ("A.I.5.i.a", "A-I-5-i-a_Foto kampanye"),
        ("A.I.5.i.b", "SK UPG"),
    ]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_evidence(site, house, axe, size, dark):
    use = attach(house, "SK UPG.pdf", pdf(2), by=house.operator)
    share = shares.share_evidence(
        assessment=house.assessment,
        by=house.head,
        note="TPN",
        expires_on=timezone.localdate() + timedelta(days=9),
    )
    worksheet = f"/lke/{house.assessment.pk}"
    faults = []
    for person, address in (
        (house.operator, f"/bukti/{use.evidence_id}/lihat/"),
        (house.operator, f"{worksheet}/folder/"),
        (house.head, f"{worksheet}/berbagi/"),
        (None, f"/berbagi/{share.key}/"),
        (None, "/berbagi/keliru/"),
    ):
        page = site.visit(person, size=size, dark=dark)
        page.goto(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        faults += [f"{address}: {fault}" for fault in axe(page)]
        if width > size["width"]:
            faults.append(f"{address}: {width} px wide")

    assert faults == []
