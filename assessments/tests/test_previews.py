"""The pages of a document: asked for once, made by a job, shown to those who may see it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessments.services import evidence, previews
from assessments.services.previews import PreviewState
from assessments.tests.test_evidence import image, office
from tests.test_pages import pdf
from zona import jobs
from zona.models import Job

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def add(house, name: str, content: bytes, unit=None):
    return evidence.add_file(
        unit=unit or house.unit, upload=SimpleUploadedFile(name, content), by=house.operator
    )


def preview_url(piece) -> str:
    return reverse("assessments:evidence_preview", args=[piece.pk])


def page_url(piece, number: int) -> str:
    return reverse("assessments:evidence_page", args=[piece.pk, number])


def code_of(client, url: str) -> int:
    response = client.get(url)
    if response.streaming:
        b"".join(response.streaming_content)  # closes the file
    return response.status_code


def work() -> None:
    for job in Job.objects.filter(state=Job.State.QUEUED, kind=previews.KIND):
        jobs.run(job.pk)


def test_pages_are_asked_for_once_made_and_given_out(client, house):
    piece = add(house, "SK.pdf", pdf(2))
    client.force_login(house.member)

    states = [client.get(preview_url(piece), headers=JSON).json()["state"]]
    states += [client.post(preview_url(piece), headers=JSON).json()["state"] for _n in range(2)]
    waiting = Job.objects.filter(kind=previews.KIND).count()
    work()
    facts = client.get(preview_url(piece), headers=JSON).json()

    assert (states, waiting) == (["missing", "making", "making"], 1)
    assert (facts["state"], facts["page_count"], facts["message"]) == ("ready", 2, "")
    assert [(page["width"], page["height"]) for page in facts["pages"]] == [(1272, 1800)] * 2
    response = client.get(facts["pages"][1]["url"])
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content)[:4] == b"RIFF"
    assert client.get(page_url(piece, 3)).status_code == 404


def test_the_page_without_a_script_asks_and_shows(client, house):
    piece = add(house, "foto.png", image("PNG"))
    client.force_login(house.operator)

    before = client.get(preview_url(piece)).content.decode()
    made = client.post(preview_url(piece))
    between = client.get(preview_url(piece)).content.decode()
    work()
    after = client.get(preview_url(piece)).content.decode()

    assert "Tampilkan halaman" in before
    assert made.status_code == 302
    assert "Menyiapkan halaman" in between
    assert f'src="{page_url(piece, 1)}"' in after


def test_a_long_document_says_how_much_of_it_is_shown(client, house):
    piece = add(house, "tebal.pdf", pdf(60, 100, 100))
    previews.request_preview(evidence=piece, by=house.operator)
    work()

    preview = previews.preview_of(piece)

    assert (len(preview.pages), preview.page_count) == (50, 60)
    assert preview.message.startswith("Pratinjau memuat 50 dari 60 halaman.")


def test_an_office_file_has_no_pages_and_says_what_to_do(client, house):
    piece = add(house, "laporan.docx", office("word/document.xml"))
    client.force_login(house.operator)

    facts = client.post(preview_url(piece), headers=JSON).json()

    assert facts["state"] == "none"
    assert facts["message"] == (
        "Berkas DOCX tidak punya pratinjau halaman. Unduh untuk membukanya."
    )
    assert not Job.objects.filter(kind=previews.KIND).exists()


def test_a_damaged_document_says_so_and_may_be_tried_again(client, house):
    piece = add(house, "rusak.pdf", b"%PDF-1.7 rusak")
    previews.request_preview(evidence=piece, by=house.operator)
    work()

    preview = previews.preview_of(piece)
    again = previews.request_preview(evidence=piece, by=house.operator)

    assert preview.state is PreviewState.FAILED
    assert preview.message == "Berkas ini rusak atau tidak lengkap; halamannya tidak terbaca."
    assert again.state is PreviewState.MAKING


def test_another_units_people_see_no_page_though_the_content_is_theirs_too(client, house):
    content = pdf(1)
    piece = add(house, "a.pdf", content, unit=house.sibling)
    own = add(house, "a.pdf", content)
    previews.request_preview(evidence=own, by=house.operator)
    work()
    client.force_login(house.operator)

    codes = [code_of(client, url(piece)) for url in (preview_url, lambda p: page_url(p, 1))]

    assert code_of(client, page_url(own, 1)) == 200
    assert codes == [404, 404]


def test_pictures_that_were_removed_are_made_again(house):
    piece = add(house, "SK.pdf", pdf(1))
    previews.request_preview(evidence=piece, by=house.operator)
    work()
    previews.page_file(piece, 1).unlink()
    previews._folder(piece).rmdir()

    assert previews.preview_of(piece).state is PreviewState.MISSING
    previews.request_preview(evidence=piece, by=house.operator)
    work()

    assert previews.page_file(piece, 1) is not None


def test_the_same_file_in_another_library_is_told_to_the_inspectorate_alone(client, house):
    piece = add(house, "SK.pdf", pdf(1))
    add(house, "Salinan.pdf", pdf(1), unit=house.sibling)
    told = []
    for person in (house.member, house.operator, house.head, house.eselon1):
        client.force_login(person)
        page = client.get(preview_url(piece)).content.decode()
        facts = client.get(preview_url(piece), headers=JSON).json()
        assert (facts["twins"] in page) is True
        told.append(facts["twins"])

    assert told == [f"Berkas yang sama ada di pustaka {house.sibling.label}.", "", "", ""]
