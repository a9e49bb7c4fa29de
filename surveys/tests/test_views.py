"""The pages of those who manage surveys: every step by its form, few statements, nothing leaked."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from surveys.models import (
    ExternalIndex,
    Improvement,
    Questionnaire,
    Response,
    ResponseComment,
    Survey,
    SurveyPart,
)
from surveys.services.submission import Comment
from surveys.tests import factories
from units.access import Role
from units.models import Service

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return factories.make_unit()


@pytest.fixture
def manager(client, unit):
    user = factories.make_manager(unit)
    client.force_login(user)
    return user


def statements(client, address) -> int:
    """Return how many SELECT, INSERT, UPDATE and DELETE statements a page needs, seen again."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    words = ("SELECT", "INSERT", "UPDATE", "DELETE", "DECLARE")
    return sum(query["sql"].startswith(words) for query in captured.captured_queries)


def plan_form(unit, **changes):
    """Return what a browser posts for a new survey of SPAK and SPKP."""
    today = timezone.localdate()
    editions = [factories.questionnaire(code).pk for code in ("spkp-2021", "spak-2021")]
    values = {
        "title": "SPAK dan SPKP semester I",
        "year": today.year,
        "questionnaires": editions,
        "conversion": "proportional",
        "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=30)).isoformat(),
        "population": "",
        "method": "krejcie_morgan",
        "access": "open",
        "profile_fields": ["usia", "jenis_kelamin"],
        "contact": "Loket",
        "complaint_url": "https://wbs.example.go.id",
        "retention_months": 12,
    }
    return {**values, **changes}


def test_a_survey_is_planned_changed_opened_closed_locked_and_published(client, unit, manager):
    tambat, labuh = (Service.objects.create(unit=unit, name=name) for name in ("Tambat", "Labuh"))
    served = {
        f"covers_{tambat.pk}": "on",
        f"served_{tambat.pk}": "300",
        f"covers_{labuh.pk}": "on",
        f"served_{labuh.pk}": "200",
    }
    created = client.post(
        reverse("surveys:survey_create", args=[unit.pk]), plan_form(unit, **served)
    )
    survey = Survey.objects.get()
    assert created["Location"] == survey.get_absolute_url()
    assert (survey.population, survey.target) == (500, 217)
    assert list(survey.parts.values_list("kind", "feeds_worksheet")) == [
        ("spak", True),
        ("spkp", True),
    ]
    assert list(survey.covered.values_list("population", flat=True)) == [200, 300]

    changed = plan_form(unit, version=survey.version, title="Judul lain", **served)
    client.post(reverse("surveys:survey_edit", args=[survey.pk]), changed)
    client.post(reverse("surveys:survey_open", args=[survey.pk]))
    for _ in range(5):
        factories.answer(Survey.objects.get(), service_id=tambat.pk, points=4)
    client.post(reverse("surveys:survey_close", args=[survey.pk]))
    locked = client.post(reverse("surveys:survey_lock", args=[survey.pk]))
    client.post(reverse("surveys:survey_publish", args=[survey.pk]))

    survey.refresh_from_db()
    public = client.get(reverse("surveys:public_result", args=[survey.code])).content.decode()
    assert locked["Location"] == reverse("surveys:survey_result", args=[survey.pk])
    assert (survey.title, survey.state) == ("Judul lain", "published")
    assert "4,00" in public
    assert "jumlah responden di bawah batas terkecil" in public


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"questionnaires": []}, "Bidang ini tidak boleh kosong."),
        ({"closes_on": "2020-01-01"}, "Hari terakhir mendahului hari dibuka."),
        ({"title": ""}, "Bidang ini tidak boleh kosong."),
        ({"population": "-3"}, "Pastikan nilai ini lebih besar dari atau sama dengan 1."),
        ({"profile_fields": ["nik"]}, "Masukkan pilihan yang valid. nik bukan salah satu"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(client, unit, manager, changes, message):
    page = client.post(reverse("surveys:survey_create", args=[unit.pk]), plan_form(unit, **changes))

    assert page.status_code == 200
    assert message in page.content.decode()
    assert Survey.objects.count() == 0


def test_two_editions_of_one_kind_are_refused(client, unit, manager):
    editions = [factories.questionnaire(code).pk for code in ("spak-2021", "spak-2021-skala-6")]

    page = client.post(
        reverse("surveys:survey_create", args=[unit.pk]), plan_form(unit, questionnaires=editions)
    )

    assert "Pilih paling banyak satu edisi tiap jenis survei." in page.content.decode()


def test_a_service_of_another_unit_is_not_offered(client, unit, manager):
    other = Service.objects.create(unit=factories.make_unit(), name="Rahasia")

    page = client.post(
        reverse("surveys:survey_create", args=[unit.pk]),
        plan_form(unit, **{f"covers_{other.pk}": "on"}),
    )

    assert page.status_code == 302
    assert Survey.objects.get().covered.count() == 0


def test_whoever_saves_second_is_told(client, unit, manager):
    survey = factories.make_survey(unit)
    Survey.objects.update(version=7)

    page = client.post(reverse("surveys:survey_edit", args=[survey.pk]), plan_form(unit, version=1))

    assert "Rekan Anda menyimpan survei ini lebih dulu." in page.content.decode()


def test_the_page_of_an_open_survey_shows_counts_and_no_index(client, unit, manager):
    survey = factories.make_open_survey(unit)
    for _ in range(40):
        factories.answer(survey)

    page = client.get(survey.get_absolute_url()).content.decode()
    result = client.get(reverse("surveys:survey_result", args=[survey.pk])).content.decode()

    assert "dari 217 jawaban" in page
    assert "Indeks tampil setelah hasil dikunci" in page
    assert "Belum ada hasil." in result
    assert "4,00" not in page + result


def test_answers_are_listed_without_points_or_profile_and_decided(client, unit, manager):
    survey = factories.make_open_survey(unit, profile_fields=["usia"])
    for _ in range(2):
        factories.answer(survey, points=4, profile={"usia": "30_39"}, seconds=1)
    address = reverse("surveys:answer_list", args=[survey.pk])
    key = Response.objects.first().pk

    page = client.get(address).content.decode()
    client.post(
        reverse("surveys:answer_judge", args=[survey.pk]),
        {"jawaban": [key], "reason": "careless", "note": "Terlalu cepat", "tampil": "1"},
    )
    excluded = client.get(f"{address}?tampil=excluded").content.decode()

    assert page.count('name="jawaban"') == 2
    assert "30–39" not in page
    assert "30_39" not in page
    assert "Terlalu cepat" in excluded
    assert Response.objects.get(pk=key).status == "excluded"


@pytest.mark.parametrize("shown", ["", "9999", "-1", "x", "127", "valid", "incomplete"])
def test_any_filter_of_answers_answers(client, unit, manager, shown):
    survey = factories.make_open_survey(unit)
    factories.answer(survey)

    address = f"{reverse('surveys:answer_list', args=[survey.pk])}?tampil={shown}"
    assert client.get(address).status_code == 200


def test_a_decision_without_answers_or_reason_changes_nothing(client, unit, manager):
    survey = factories.make_open_survey(unit)
    factories.answer(survey)
    address = reverse("surveys:answer_judge", args=[survey.pk])
    key = Response.objects.get().pk

    for data in ({}, {"jawaban": ["x"]}, {"jawaban": [key]}, {"jawaban": [key], "reason": "lain"}):
        client.post(address, data)

    assert Response.objects.get().status == "valid"


def test_comments_are_escaped_and_moderated(client, unit, manager):
    survey = factories.make_open_survey(unit)
    edition = survey.parts.get().questionnaire
    factories.answer(survey, comments=[Comment(edition.pk, "advice", "<img src=x onerror=y>")])
    comment = ResponseComment.objects.get()

    page = client.get(reverse("surveys:comment_list", args=[survey.pk])).content.decode()
    client.post(
        reverse("surveys:comment_moderate", args=[comment.pk]),
        {"putusan": "hidden", "alasan": "bukan saran", "keadaan": "new"},
    )

    comment.refresh_from_db()
    assert "&lt;img src=x onerror=y&gt;" in page
    assert (comment.state, comment.reason) == ("hidden", "bukan saran")


def test_a_file_is_previewed_then_added(client, unit, manager):
    survey = factories.make_open_survey(unit, opens_on=timezone.localdate() - timedelta(days=40))
    address = reverse("surveys:answer_import", args=[survey.pk])
    month = timezone.localdate().strftime("%Y-%m")
    content = f"bulan,diskriminasi,kecurangan,imbalan,pungli,percaloan\n{month},4,4,4,4,3\n"
    file = SimpleUploadedFile("kertas.csv", content.encode())

    sent = client.post(address, {"file": file, "mode": "paper", "enumerator": "P-1"})
    preview = client.get(sent["Location"]).content.decode()
    client.post(reverse("surveys:import_add", args=[survey.imports.get().pk]))

    assert "1 jawaban dapat ditambahkan" in preview
    assert Response.objects.get().mode == "paper"


@pytest.mark.parametrize(
    ("name", "content", "data", "message"),
    [
        ("a.csv", b"x,y\n1,2\n", {}, "Kolom tidak dikenal atau ganda: x, y."),
        ("a.txt", b"x", {}, "Unggah berkas berakhiran .xlsx atau .csv."),
        ("a.csv", b"x", {"enumerator": ""}, "Isi kode petugas yang mewawancarai atau mengentri."),
        ("a.csv", b"", {}, "Berkas yang dikirimkan kosong."),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_words(
    client, unit, manager, name, content, data, message
):
    survey = factories.make_open_survey(unit)
    values = {"file": SimpleUploadedFile(name, content), "mode": "paper", "enumerator": "P"}

    page = client.post(reverse("surveys:answer_import", args=[survey.pk]), values | data)

    assert message in page.content.decode()


def test_the_template_has_the_columns_that_an_import_takes(client, unit, manager):
    survey = factories.make_open_survey(unit, profile_fields=["usia"])

    reply = client.get(reverse("surveys:import_template", args=[survey.pk]))

    book = openpyxl.load_workbook(io.BytesIO(reply.content))
    assert [cell.value for cell in book.worksheets[0][1]] == [
        "bulan",
        "usia",
        "spak.diskriminasi",
        "spak.kecurangan",
        "spak.imbalan",
        "spak.pungli",
        "spak.percaloan",
        "saran",
        "cerita",
    ]


@pytest.fixture
def locked(unit):
    """A locked survey with a large, a middling and a small service."""
    survey = factories.make_open_survey(
        unit, services=["Besar", "Sedang", "Kecil"], profile_fields=["usia"]
    )
    keys = {row.service.name: row.service_id for row in survey.covered.all()}
    for name, count in (("Besar", 9), ("Sedang", 6), ("Kecil", 2)):
        for place in range(count):
            factories.answer(
                survey,
                points=[4, 4, 3 + place % 2, 4, 4],
                service_id=keys[name],
                profile={"usia": "30_39"},
            )
    factories.lock(survey)
    survey.refresh_from_db()
    return survey


def test_the_workbook_prints_the_figures_of_the_page(client, manager, locked):
    page = client.get(reverse("surveys:survey_result", args=[locked.pk])).content.decode()
    reply = client.get(reverse("surveys:survey_workbook", args=[locked.pk]))

    book = openpyxl.load_workbook(io.BytesIO(reply.content))
    facts = {row[0].value: row[1].value for row in book["IPAK"].iter_rows()}
    assert facts["IPAK"] == 3.89
    assert "3,89" in page
    assert (facts["Besar"], facts["Sedang"], facts["Kecil"]) == (
        9,
        "disembunyikan",
        "disembunyikan",
    )
    assert facts["Sidik SHA-256"] in page


def test_single_answers_leave_without_group_and_in_no_order(client, manager, locked):
    reply = client.get(reverse("surveys:survey_workbook", args=[locked.pk]))

    sheet = openpyxl.load_workbook(io.BytesIO(reply.content))["Jawaban"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == tuple(
        f"spak.{code}" for code in ("diskriminasi", "kecurangan", "imbalan", "pungli", "percaloan")
    )
    assert len(rows) == 18
    assert sorted(row[2] for row in rows[1:]) == [3] * 9 + [4] * 8


@pytest.mark.parametrize("role", [Role.ESELON1_COORDINATOR, Role.OBSERVER])
def test_those_who_only_read_get_no_single_answers(client, unit, locked, role):
    reader = factories.make_user()
    factories.grant(reader, role, unit.parent if role != Role.OBSERVER else unit)
    client.force_login(reader)

    page = client.get(reverse("surveys:survey_result", args=[locked.pk]))
    book = client.get(reverse("surveys:survey_workbook", args=[locked.pk]))
    answers = client.get(reverse("surveys:answer_list", args=[locked.pk]))

    assert (page.status_code, answers.status_code) == (200, 403)
    if book.status_code == 200:
        names = openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames
        assert names == ["IPAK"]
    assert book.status_code == (403 if role == Role.OBSERVER else 200)


def test_a_small_group_stands_nowhere_on_page_or_report(client, manager, locked):
    page = client.get(reverse("surveys:survey_result", args=[locked.pk])).content.decode()

    kecil = page[page.index("Kecil") : page.index("Kecil") + 120]
    assert kecil.count("•") == 2


def test_reopening_asks_for_a_reason_and_says_it(client, manager, locked):
    address = reverse("surveys:survey_reopen", args=[locked.pk])
    client.post(address, {"reason": " "})
    locked.refresh_from_db()
    assert locked.state == "locked"

    client.post(address, {"reason": "Kertas tertinggal"})

    page = client.get(locked.get_absolute_url()).content.decode()
    assert "Kertas tertinggal" in page


def test_improvements_are_planned_and_finished(client, manager, locked):
    data = {
        "subject": "Imbalan",
        "action": "Memasang papan tarif",
        "owner": "Kepala loket",
        "due_on": "2027-01-31",
    }
    client.post(reverse("surveys:improvement_add", args=[locked.pk]), data)
    client.post(reverse("surveys:improvement_add", args=[locked.pk]), {"subject": "Kosong"})
    planned = Improvement.objects.get()

    client.post(reverse("surveys:improvement_finish", args=[planned.pk]))

    planned.refresh_from_db()
    assert planned.done_on == timezone.localdate()


def test_another_survey_can_be_named_for_the_worksheet(client, unit, manager):
    factories.make_survey(unit)
    other = factories.make_survey(unit)

    client.post(reverse("surveys:survey_part_feed", args=[other.parts.get().pk]))

    assert SurveyPart.objects.get(feeds_worksheet=True).survey == other


def test_a_plan_is_deleted(client, unit, manager):
    survey = factories.make_survey(unit)

    client.post(reverse("surveys:survey_delete", args=[survey.pk]))

    assert Survey.objects.count() == 0


def test_the_calculator_says_what_each_formula_asks(client, manager):
    page = client.get(f"{reverse('surveys:survey_calculator')}?orang=500&galat=5").content.decode()

    assert [number in page for number in ("217", "223", "218")] == [True] * 3


@pytest.mark.parametrize("query", ["orang=0&galat=5", "orang=x&galat=0", "orang=12"])
def test_a_calculation_that_cannot_be_is_refused(client, manager, query):
    page = client.get(f"{reverse('surveys:survey_calculator')}?{query}")

    assert page.status_code == 200
    assert "Yang berlaku" not in page.content.decode()


@pytest.fixture
def secretariat(client, unit):
    user = factories.make_user()
    factories.grant(user, Role.SECRETARIAT, unit.parent)
    client.force_login(user)
    return user


def external_form(**changes):
    values = {
        "kind": "spak",
        "year": 2026,
        "index4": "3,72",
        "answered": 60,
        "surveyor": "BPS",
        "report_number": "12/2026",
        "reported_on": "2026-09-01",
        "report": SimpleUploadedFile("laporan.pdf", b"%PDF-1.7 isi"),
    }
    return {**values, **changes}


def test_an_external_index_is_recorded_with_its_report(client, unit, secretariat):
    address = reverse("surveys:external_record", args=[unit.pk])

    for value in ("3,72", "3,70"):
        client.post(address, external_form(index4=value))

    rows = ExternalIndex.objects.order_by("version").values_list("version", "index4")
    page = client.get(reverse("surveys:unit_surveys", args=[unit.pk])).content.decode()
    newest = ExternalIndex.objects.get(version=2)
    report = client.get(reverse("surveys:external_report", args=[newest.pk]))
    assert [(version, str(index)) for version, index in rows] == [(1, "3.72"), (2, "3.70")]
    assert "3,70" in page
    assert "3,72" not in page
    assert b"".join(report.streaming_content) == b"%PDF-1.7 isi"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"index4": "4,01"}, "Pastikan nilai ini lebih kecil dari atau sama dengan 4."),
        ({"index4": "3,721"}, "Pastikan bilangan tidak memiliki lebih dari 2 angka desimal"),
        ({"kind": "skm"}, "Masukkan pilihan yang valid."),
        ({"report": SimpleUploadedFile("x.pdf", b"bukan")}, "Laporan harus berupa PDF."),
    ],
)
def test_an_external_index_that_cannot_be_is_refused(client, unit, secretariat, changes, message):
    page = client.post(reverse("surveys:external_record", args=[unit.pk]), external_form(**changes))

    assert message in page.content.decode()
    assert ExternalIndex.objects.count() == 0


def rows_form(questionnaire, **changes):
    """Return what the editor posts for an edition of one question."""
    values = {
        "version": questionnaire.version,
        "title": "Judul",
        "heading": "Sapaan",
        "q-TOTAL_FORMS": 1,
        "q-INITIAL_FORMS": 0,
        "q-0-element": "waktu",
        "q-0-name": "Waktu",
        "q-0-code": "waktu",
        "q-0-text": "Seberapa cepat?",
        "q-0-labels": "Lambat | Slow\nAgak lambat | Rather slow\nCepat | Fast\nSangat cepat | Very",
    }
    return {**values, **changes}


def test_a_new_edition_is_begun_and_written(client, secretariat):
    old = factories.questionnaire("skm-2017")
    begun = client.post(
        reverse("surveys:questionnaire_follow", args=[old.pk]), {"code": "skm-kkp", "scale_max": 4}
    )
    fresh = Questionnaire.objects.get(code="skm-kkp")

    saved = client.post(begun["Location"], rows_form(fresh))
    page = client.get(fresh.get_absolute_url()).content.decode()

    question = fresh.questions.get()
    assert saved.status_code == 302
    assert (question.labels[0], question.labels_en[3]) == ("Lambat", "Very")
    assert "Seberapa cepat?" in page


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"q-0-labels": "Satu\nDua"}, "Tulis tepat 4 label, satu tiap baris."),
        ({"q-0-labels": "Satu\nSatu\nDua\nTiga"}, "Label tidak boleh sama."),
        ({"q-0-code": "Kode Salah"}, "Masukkan nilai yang valid."),
        ({"q-TOTAL_FORMS": 0}, "Kuesioner harus berisi sedikitnya satu pertanyaan."),
        ({"version": 9}, "Rekan Anda menyimpan edisi ini lebih dulu."),
        ({"title": ""}, "Bidang ini tidak boleh kosong."),
    ],
)
def test_an_edition_that_cannot_be_is_refused(client, secretariat, changes, message):
    old = factories.questionnaire("skm-2017")
    client.post(
        reverse("surveys:questionnaire_follow", args=[old.pk]), {"code": "skm-kkp", "scale_max": 4}
    )
    fresh = Questionnaire.objects.get(code="skm-kkp")

    page = client.post(
        reverse("surveys:questionnaire_edit", args=[fresh.pk]), rows_form(fresh, **changes)
    )

    assert message in page.content.decode()
    assert fresh.questions.count() == 9


def test_a_used_edition_has_no_editor(client, secretariat):
    old = factories.questionnaire("skm-2017")

    assert client.get(reverse("surveys:questionnaire_edit", args=[old.pk])).status_code == 403


@pytest.mark.parametrize("count", [10, 200])
def test_the_list_costs_the_same_for_10_and_200(client, unit, secretariat, count):
    edition = factories.questionnaire()
    for number in range(count):
        survey = factories.make_survey(unit, editions=(), title=f"Survei {number}")
        SurveyPart.objects.create(
            survey=survey,
            questionnaire=edition,
            position=1,
            unit=unit,
            year=survey.year,
            kind="spak",
        )

    assert statements(client, reverse("surveys:survey_list")) == 9


@pytest.mark.parametrize("count", [10, 200])
def test_answers_and_comments_cost_the_same_for_10_and_200(client, unit, manager, count):
    survey = factories.make_open_survey(unit, services=["Tambat"])
    service = survey.covered.get().service_id
    edition = survey.parts.get().questionnaire
    Response.objects.bulk_create(
        Response(
            survey=survey,
            service_id=service,
            month="2026-03",
            notice="x",
            flags=1,
        )
        for _ in range(count)
    )
    ResponseComment.objects.bulk_create(
        ResponseComment(survey=survey, questionnaire=edition, topic="advice", text="Baik")
        for _ in range(count)
    )

    assert statements(client, reverse("surveys:answer_list", args=[survey.pk])) == 8
    assert statements(client, reverse("surveys:comment_list", args=[survey.pk])) == 7


def test_the_pages_of_one_survey_need_few_statements(client, manager, locked):
    names = ("survey_detail", "survey_edit", "survey_result", "print_list")
    planned = factories.make_survey(locked.unit, services=["Baru"])
    keys = {"survey_edit": planned.pk}

    counts = {
        name: statements(client, reverse(f"surveys:{name}", args=[keys.get(name, locked.pk)]))
        for name in names
    }

    assert counts == {
        "survey_detail": 11,
        "survey_edit": 9,
        "survey_result": 9,
        "print_list": 6,
    }
    assert statements(client, reverse("surveys:unit_surveys", args=[locked.unit_id])) == 9
    assert statements(client, locked.public_path) == 4


def test_how_many_were_served_may_be_said_while_answers_come_in(client, unit, manager):
    survey = factories.make_open_survey(unit, services=["Tambat", "Labuh"])
    asked = {row.service.name: row.service_id for row in survey.covered.all()}
    data = {
        "version": survey.version,
        "title": survey.title,
        "closes_on": survey.closes_on.isoformat(),
        "method": "slovin",
        f"covers_{asked['Labuh']}": "on",
        f"served_{asked['Tambat']}": "300",
        f"served_{asked['Labuh']}": "100",
    }

    saved = client.post(reverse("surveys:survey_edit", args=[survey.pk]), data)

    survey.refresh_from_db()
    assert saved.status_code == 302
    assert (survey.population, survey.target, survey.covered.count()) == (400, 200, 2)
    assert "isi jumlah yang dilayani" not in client.get(survey.get_absolute_url()).content.decode()
