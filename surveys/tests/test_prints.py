"""Papers of a survey: made as jobs, whole, quiet, fetched only by those whom they concern."""

import io

import pypdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from surveys import printing
from surveys.models import Token
from surveys.services import lifecycle, prints, retention
from surveys.tests import factories
from zona import jobs, pdf
from zona.models import Document, Job

pytestmark = pytest.mark.django_db
SITE = "https://zona.example"


@pytest.fixture
def survey():
    """A locked survey of thirty answers with two services."""
    survey = factories.make_open_survey(
        services=["Tambat & labuh", "Sewa"], profile_fields=["jenis_kelamin", "pendidikan"]
    )
    services = [row.service_id for row in survey.covered.all()]
    for place in range(30):
        factories.answer(
            survey,
            points=[4, 4, 3, 4, 3 + place % 2],
            service_id=services[place % 2],
            profile=factories.some_profile(survey, place % 2),
        )
    factories.lock(survey)
    survey.refresh_from_db()
    return survey


def make(survey, kind, **options):
    job = prints.request_print(
        survey=survey,
        kind=kind,
        by=factories.make_manager(survey.unit),
        site=SITE,
        options=options,
    )
    assert jobs.run(job.pk) == Job.State.DONE
    job.refresh_from_db()
    return job


def text_of(file) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.read())).pages)


@pytest.mark.parametrize(("size", "width_mm"), [("a4", 210), ("a5", 148)])
def test_the_qr_poster_has_a_page_per_desk_in_its_size(survey, size, width_mm):
    job = make(survey, prints.POSTER, size=size, by_service=True)

    with prints.stored_file(job) as file:
        pages = pypdf.PdfReader(io.BytesIO(file.read())).pages
        texts = [page.extract_text() for page in pages]
    assert len(pages) == 2
    assert round(float(pages[0].mediabox.width) / 72 * 25.4) == width_mm
    assert "Sewa" in texts[0]
    assert f"zona.example/s/{survey.code}" in texts[1].replace("\n", "")


def test_a_poster_of_one_page_leads_to_the_open_form(survey):
    (page,) = printing.poster_pages(survey, site=SITE, by_service=False)

    assert page.url == f"{SITE}/s/{survey.code}/"


def test_a_token_sheet_prints_the_tokens_and_keeps_only_digests(survey):
    job = make(survey, retention.SHEET_KIND, count=16)

    with prints.stored_file(job) as file:
        text = text_of(file)
    assert (job.result["sheet"], job.result["count"], Token.objects.count()) == (1, 16, 16)
    assert text.count("sampai ") == 16


def test_token_sheets_are_thrown_away_after_the_survey(survey):
    job = make(survey, retention.SHEET_KIND, count=1)
    name = job.result["file"]

    retention.erase_due()

    job.refresh_from_db()
    assert (job.result, default_storage.exists(name)) == ({}, False)


def test_the_report_says_what_the_result_says(survey):
    job = make(survey, prints.REPORT)

    document = Document.objects.get(pk=job.result["document"])
    with document.file.open("rb") as file:
        text = text_of(file)
    assert "IPAK 3,70" in text
    assert "30 jawaban sah" in text
    assert document.public_code in text
    assert "Tambat & labuh" in text
    assert document.status == Document.Status.ISSUED


def test_a_new_report_supersedes_the_one_before(survey):
    first, second = (make(survey, prints.REPORT) for _ in range(2))

    old, new = (Document.objects.get(pk=job.result["document"]) for job in (first, second))
    assert (old.status, old.superseded_by, new.version) == ("superseded", new, 2)


def test_the_poster_of_the_result_is_one_page_even_with_long_names(survey):
    survey.unit.name = "Balai Besar Pengujian dan Penerapan Produk Kelautan " * 2
    mark = printing.mark_of("7K4M-2QXD", site=SITE, dated_on=survey.closes_on)

    made = pdf.render(printing.result_poster_html(survey, mark), css=printing.style_sheet())

    assert (made.page_count, made.messages) == (1, ())


@pytest.mark.parametrize("kind", [prints.REPORT, prints.RESULT_POSTER])
def test_without_a_locked_result_there_is_no_report(kind):
    survey = factories.make_open_survey()

    with pytest.raises(prints.CannotPrint):
        prints.request_print(survey=survey, kind=kind, by=None, site=SITE)


def test_a_result_reopened_meanwhile_fails_the_job_in_words(survey):
    manager = factories.make_manager(survey.unit)
    job = prints.request_print(survey=survey, kind=prints.REPORT, by=manager, site=SITE)
    lifecycle.reopen_result(survey=survey, reason="Duplikat", by=manager)

    assert jobs.run(job.pk) == Job.State.FAILED

    job.refresh_from_db()
    assert job.error == "Hasil survei sudah dibuka kembali; kunci dahulu hasil yang baru."


def test_asking_twice_makes_one_job_and_tokens_are_made_each_time(survey):
    manager = factories.make_manager(survey.unit)

    def ask(kind, **options):
        return prints.request_print(
            survey=survey, kind=kind, by=manager, site=SITE, options=options
        ).pk

    assert ask(prints.REPORT) == ask(prints.REPORT)
    assert ask(retention.SHEET_KIND, count=3) != ask(retention.SHEET_KIND, count=3)


def test_the_page_follows_the_work_and_hands_out_the_file(client, survey):
    manager = factories.make_manager(survey.unit)
    client.force_login(manager)
    make_it = reverse("surveys:print_make", args=[survey.pk, prints.POSTER])
    page = reverse("surveys:print_list", args=[survey.pk])

    client.post(make_it, {"ukuran": "a5", "per": "semua"})
    waiting = client.get(page).content.decode()
    jobs.run(Job.objects.get(kind=prints.POSTER).pk)
    done = client.get(page, headers={"HX-Request": "true"}).content.decode()
    address = reverse("surveys:print_download", args=[Job.objects.get().public_id])
    file = client.get(address)

    assert 'hx-trigger="every 1s"' in waiting
    assert "hx-trigger" not in done
    assert address in done
    assert b"".join(file.streaming_content).startswith(b"%PDF-")


def test_a_token_sheet_is_for_those_who_run_the_survey(client, survey):
    job = make(survey, retention.SHEET_KIND, count=1)
    reader = factories.make_user()
    factories.grant(reader, "unit_head", survey.unit)
    client.force_login(reader)

    assert client.get(reverse("surveys:print_download", args=[job.public_id])).status_code == 403


def test_a_foreign_job_is_no_paper_of_surveys(client, survey):
    client.force_login(factories.make_manager(survey.unit))
    other = Job.objects.create(
        kind="evaluation_report", subject=survey.subject, state=Job.State.DONE
    )

    assert client.get(reverse("surveys:print_download", args=[other.public_id])).status_code == 404


def test_what_a_killed_worker_left_goes_with_the_next_attempt_or_with_the_failure(survey):
    job = prints.request_print(
        survey=survey,
        kind=prints.POSTER,
        by=None,
        site=SITE,
        options={"size": "a5", "by_service": False},
    )
    left = default_storage.save("survey-prints/mati.pdf", ContentFile(b"%PDF-"))
    Job.objects.filter(pk=job.pk).update(result={"file": left}, attempts=1)

    jobs.run(job.pk)
    job.refresh_from_db()
    made = job.result["file"]
    after_retry = (default_storage.exists(left), default_storage.exists(made))
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    retention.erase_due()

    assert after_retry == (False, True)
    assert not default_storage.exists(made)


def test_a_run_that_was_given_to_another_keeps_no_file(survey):
    job = prints.request_print(
        survey=survey,
        kind=prints.POSTER,
        by=None,
        site=SITE,
        options={"size": "a5", "by_service": False},
    )
    claimed = jobs.claim(job.pk)
    Job.objects.filter(pk=job.pk).update(attempts=2)

    with pytest.raises(jobs.JobSuperseded):
        prints.make_print(claimed, lambda percent, text="": None)

    job.refresh_from_db()
    assert job.result == {}
