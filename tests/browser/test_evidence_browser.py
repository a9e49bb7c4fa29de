"""Documents beside the row: their pages are read, judged and left without the mouse."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from assessments.models import EvidenceUse
from assessments.services import evidence, previews
from assessments.tests import filling
from assessments.tests.test_evidence import office
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_worksheet_browser import CODE, open_area
from tests.test_pages import pdf
from zona import jobs
from zona.models import Job


def attach(house, name: str, content: bytes, page: str = "") -> EvidenceUse:
    piece = evidence.add_file(
        unit=house.unit, upload=SimpleUploadedFile(name, content), by=house.operator
    )
    if name.endswith(".pdf"):
        previews.request_preview(evidence=piece, by=house.operator)
        for job in Job.objects.filter(state=Job.State.QUEUED, kind=previews.KIND):
            jobs.run(job.pk)
    return evidence.attach(
        assessment=house.assessment, code=CODE, evidence=piece, by=house.member, page=page
    )


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_rows_documents_are_read_and_judged_by_keyboard(site, house, size):
    filling.start_review(house)
    first = attach(house, "SK UPG.pdf", pdf(3), page="2-3")
    attach(house, "Rekap.xlsx", office("xl/workbook.xml"))
    page = open_area(site.visit(house.member, size=size), house, code=CODE)
    viewer = page.locator("[data-viewer]")

    page.keyboard.press("l")
    expect(viewer.locator("img")).to_have_count(3)
    expect(viewer.locator("[data-viewer-at]")).to_have_text("Hlm. 2 dari 3")
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
