"""Documents of a worksheet: who may make and read them, how they are kept, what anyone may ask."""

import hashlib
import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from assessments.catalog import catalog_of
from assessments.models import Answer, Assessment, State, Track
from assessments.permissions import can_read_report
from assessments.reports.builder import build_evaluation_report
from assessments.services.documents import KINDS, REPORT, SUMMARY, make_document, request_document
from assessments.services.scores import score_track
from assessments.services.seals import take_seal
from assessments.tests import sheets
from assessments.tests.reports import DRAFT
from zona import jobs
from zona.documents import (
    ALPHABET,
    new_public_code,
    qr_code,
    read_public_code,
    store_document,
)
from zona.models import AuditEntry, Document, Job

STATEMENTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@pytest.fixture
def worksheet(house):
    """The house's worksheet with both tracks filled, the unit's side sealed, under review."""
    assessment = house.assessment
    engine_answers = sheets.uniform(scoring_engine(assessment))
    sheets.write(assessment, Track.UNIT, engine_answers)
    take_seal(assessment, Track.UNIT, occasion="submit", by=house.head)
    sheets.write(assessment, Track.UNIT, {"A.I.1.i.b": "B"})
    sheets.write(assessment, Track.TPI, {**engine_answers, "A.I.1.i.b": "C"})
    Answer.objects.filter(
        assessment=assessment, track=Track.TPI, indicator__code="A.I.1.i.b"
    ).update(
        condition="Anggota ditunjuk langsung.",
        advice="Pakai prosedur.",
        document_check="adequate",
        implementation_check="not_done",
        check_method="interview",
        review_state="accepted_after_repair",
    )
    set_state(assessment, State.MEMBER_REVIEW)
    return house


def scoring_engine(assessment):
    return catalog_of(assessment.instrument).engine


def set_state(assessment, state):
    """Put the worksheet into a state, past the guards that other tests hold."""
    final = timezone.now() if state == State.FINAL else None
    Assessment.objects.filter(pk=assessment.pk).update(
        state=state, finalized_at=final, submitted_at=timezone.now()
    )
    assessment.refresh_from_db()


def load(assessment):
    return Assessment.objects.for_page().get(pk=assessment.pk)


def stored(assessment, *, kind=REPORT, by=None, is_final=True, **changes):
    """Keep a tiny document without setting pages."""
    document = store_document(
        kind=kind,
        subject=assessment.subject,
        title=f"Laporan hasil evaluasi: {assessment.unit.name}",
        public_code=new_public_code(),
        content=b"%PDF-1.7 contoh",
        page_count=25,
        facts={
            "unit": assessment.unit.name,
            "unit_code": assessment.unit.code,
            "total": "80,17",
            "met": {"WBK": True},
            "unmet": {"WBK": 0},
            "target": "WBK",
            "is_final": is_final,
            "signer": "Hasta Wiraguna",
            "signer_position": "Inspektur Jenderal",
        },
        by=by,
    )
    if changes:
        Document.objects.filter(pk=document.pk).update(**changes)
        document.refresh_from_db()
    return document


def status_of(client, address):
    """Fetch an address to the end, so that its file is closed; return the status."""
    reply = client.get(address)
    assert reply.getvalue() is not None
    return reply.status_code


def statements(queries):
    return [q["sql"] for q in queries if q["sql"].lstrip().startswith(STATEMENTS)]


# ── from the database to the report ─────────────────────────────────────────────────────────────


def test_the_report_is_built_from_seal_tracks_and_team(worksheet):
    assessment = load(worksheet.assessment)
    report = build_evaluation_report(assessment, document=DRAFT)
    lines = {
        row.code: row
        for section in report.sections
        for band in section.bands
        for part in band.parts
        for row in part.rows
    }
    row = lines["A.I.1.i.b"]

    assert report.about.unit.name == worksheet.unit.name
    assert report.about.house.ministry == "Kementerian Bahari Contoh"
    assert [person.role for person in report.about.team] == [
        "Pengendali mutu", "Pengendali teknis", "Ketua tim", "Anggota tim",
    ]  # fmt: skip
    assert report.about.signer.name == worksheet.inspector_general.name
    assert report.about.order.number == assessment.assignment.number
    assert (row.unit_text, row.repaired_text, row.tpi_text) == ("A", "B", "C")
    assert (row.condition, row.advice, row.method) == (
        "Anggota ditunjuk langsung.",
        "Pakai prosedur.",
        "wawancara",
    )
    assert row.is_paper_only
    assert [line.code for line in report.repairs] == ["A.I.1.i.b"]
    assert report.result == score_track(assessment, Track.TPI)
    assert report.unit_total - report.total == row.weight


def test_the_report_costs_nine_queries(worksheet):
    assessment = load(worksheet.assessment)
    build_evaluation_report(assessment, document=DRAFT)

    with CaptureQueriesContext(
        connection,
    ) as caught:
        build_evaluation_report(assessment, document=DRAFT)

    assert len(statements(caught.captured_queries)) == 9


def test_legal_basis_names_regulation_and_amendment(worksheet):
    report = build_evaluation_report(load(worksheet.assessment), document=DRAFT)

    assert report.about.regulation == "Peraturan Menteri PANRB Nomor 90 Tahun 2021"
    assert report.about.legal_basis[-1] == (
        "Peraturan Menteri PANRB Nomor 5 Tahun 2024 tentang perubahan atas "
        "Peraturan Menteri PANRB Nomor 90 Tahun 2021."
    )
    assert [c.required for c in report.about.conditions if c.label == "Opini BPK"] == ["WTP"]
    assert "Sudah berpredikat Menuju WBK (WBK mandiri setara)" not in [
        c.label for c in report.about.conditions
    ]


# ── the job ─────────────────────────────────────────────────────────────────────────────────────


def test_asking_making_and_fetching(client, worksheet, django_capture_on_commit_callbacks):
    client.force_login(worksheet.secretariat)
    page = reverse("assessments:document_report", args=[worksheet.assessment.pk])
    make = reverse("assessments:document_make", args=[worksheet.assessment.pk, REPORT])

    assert "Buat PDF" in client.get(page).content.decode()
    assert client.post(make).status_code == 302
    waiting = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    assert "Menunggu giliran" in waiting
    assert '<meta http-equiv="refresh"' in client.get(page).content.decode()

    job = Job.objects.get(kind=REPORT)
    assert jobs.run(job.pk) == Job.State.DONE

    document = Document.objects.get()
    ready = client.get(page).content.decode()
    assert "every 1s" not in ready
    assert document.public_code in ready
    reply = client.get(reverse("assessments:document_download", args=[document.pk]))
    content = b"".join(reply.streaming_content)
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(content)).pages)
    assert document.public_code in text
    assert document.facts["total"] in text
    assert reply["Content-Type"] == "application/pdf"
    assert reply["Content-Disposition"].startswith("attachment; ")
    assert (document.status, document.version) == (Document.Status.DRAFT, 1)
    assert document.created_by == worksheet.secretariat
    assert document.page_count == len(PdfReader(io.BytesIO(content)).pages)
    entry = AuditEntry.objects.filter(action="document_made").get()
    assert entry.stream == worksheet.assessment.subject
    assert entry.data["sha256"] == document.sha256


def test_asking_twice_waits_for_the_one_job(worksheet):
    first, second = (
        request_document(
            assessment=worksheet.assessment, kind=REPORT, by=worksheet.lead, site="http://x"
        )
        for _ in range(2)
    )

    assert first == second
    assert Job.objects.count() == 1


def test_making_again_supersedes_the_older_draft_and_leaves_an_issued_one(worksheet):
    issued = stored(
        worksheet.assessment, status=Document.Status.ISSUED, dated_on=timezone.localdate()
    )
    draft = stored(worksheet.assessment)
    newest = make_document(
        assessment=load(worksheet.assessment),
        kind=KINDS[SUMMARY],
        by=worksheet.lead,
        site="https://zona.example",
        report=lambda percent, text="": None,
    )
    again = stored(worksheet.assessment)

    for document in (issued, draft, newest):
        document.refresh_from_db()
    assert issued.status == Document.Status.ISSUED
    assert (draft.status, draft.superseded_by) == (Document.Status.SUPERSEDED, again)
    assert (newest.kind, newest.version, newest.status) == (SUMMARY, 1, Document.Status.DRAFT)
    assert again.version == 3


def test_missing_libraries_fail_the_job_with_their_sentence(worksheet, monkeypatch, tmp_path):
    (tmp_path / "libpango-1.0.so.0").touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    job = request_document(
        assessment=worksheet.assessment, kind=SUMMARY, by=worksheet.lead, site="http://x"
    )

    assert jobs.run(job.pk) == Job.State.FAILED
    job.refresh_from_db()
    assert job.error.startswith("Pustaka pembuat PDF belum lengkap di peladen.")
    assert not Document.objects.exists()


# ── who may do what ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("person", "in_review", "when_final"),
    [
        ("operator", 403, 200),
        ("zi_lead", 403, 200),
        ("head", 403, 200),
        ("eselon1", 403, 200),
        ("observer", 403, 200),
        ("member", 200, 200),
        ("outside_auditor", 200, 200),
        ("secretariat", 200, 200),
        ("inspector_general", 200, 200),
        ("admin", 200, 200),
        ("stranger", 404, 404),
    ],
)
def test_who_reads_the_reports(client, worksheet, person, in_review, when_final):
    document = stored(worksheet.assessment)
    client.force_login(getattr(worksheet, person))
    page = reverse("assessments:document_report", args=[worksheet.assessment.pk])
    file = reverse("assessments:document_download", args=[document.pk])

    assert status_of(client, page) == in_review
    assert status_of(client, file) == (200 if in_review == 200 else 404)
    set_state(worksheet.assessment, State.FINAL)
    assert status_of(client, page) == when_final
    assert status_of(client, file) == when_final
    assert can_read_report(getattr(worksheet, person), worksheet.assessment) is (when_final == 200)


@pytest.mark.parametrize(
    ("person", "in_review", "when_final"),
    [
        ("operator", 403, 403),
        ("zi_lead", 403, 302),
        ("head", 403, 302),
        ("eselon1", 403, 302),
        ("observer", 403, 403),
        ("member", 302, 302),
        ("secretariat", 302, 302),
        ("admin", 302, 302),
        ("stranger", 404, 404),
    ],
)
def test_who_makes_the_reports(client, worksheet, person, in_review, when_final):
    client.force_login(getattr(worksheet, person))
    make = reverse("assessments:document_make", args=[worksheet.assessment.pk, SUMMARY])

    assert client.post(make).status_code == in_review
    assert Job.objects.count() == (in_review == 302)
    set_state(worksheet.assessment, State.FINAL)
    assert client.post(make).status_code == when_final
    assert client.get(make).status_code == 405


def test_a_unit_never_fetches_a_draft_of_the_review(client, worksheet):
    interim = stored(worksheet.assessment, is_final=False)
    set_state(worksheet.assessment, State.FINAL)
    final = stored(worksheet.assessment)
    client.force_login(worksheet.head)

    listed = client.get(reverse("assessments:document_list")).content.decode()
    page = client.get(
        reverse("assessments:document_report", args=[worksheet.assessment.pk])
    ).content.decode()

    assert interim.public_code not in listed + page
    assert final.public_code in listed
    assert final.public_code in page
    assert (
        client.get(reverse("assessments:document_download", args=[interim.pk])).status_code == 404
    )


def test_a_kind_that_does_not_exist_is_not_found(client, worksheet):
    client.force_login(worksheet.secretariat)
    address = reverse("assessments:document_make", args=[worksheet.assessment.pk, "poster"])

    assert client.post(address).status_code == 404


@pytest.mark.parametrize("number", [10, 200])
def test_the_list_costs_the_same_at_any_length(client, worksheet, number):
    for _ in range(number):
        stored(worksheet.assessment)
    set_state(worksheet.assessment, State.FINAL)
    client.force_login(worksheet.head)
    address = reverse("assessments:document_list")
    client.get(address)

    with CaptureQueriesContext(connection) as caught:
        client.get(address)

    assert len(statements(caught.captured_queries)) == 7


# ── what anyone may ask ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "says", "hides"),
    [
        ({}, "Konsep, belum terbit", "80,17"),
        (
            {"status": "issued", "dated_on": "2027-05-18", "number": "LHE-027"},
            "Dokumen asli dan berlaku",
            "Konsep, belum",
        ),
        (
            {"status": "superseded", "dated_on": "2027-05-18"},
            "Dokumen asli, tetapi sudah digantikan",
            "Dokumen asli dan berlaku",
        ),
        (
            {"status": "withdrawn", "dated_on": "2027-05-18", "withdrawn_reason": "Salah unit."},
            "Dokumen sudah ditarik",
            "Dokumen asli dan berlaku",
        ),
    ],
)
def test_anyone_may_check_a_paper(client, worksheet, changes, says, hides):
    document = stored(worksheet.assessment, **changes)

    reply = client.get(reverse("assessments:document_verify", args=[document.public_code]))

    page = reply.content.decode()
    assert reply.status_code == 200
    assert says in page.split("Arti keterangan")[0]
    assert hides not in page.split("Arti keterangan")[0]
    assert document.sha256 in page
    assert worksheet.unit.name in page
    assert ("80,17" in page) is bool(changes)
    assert "Salah unit." in page or "withdrawn_reason" not in changes


def test_the_page_of_a_superseded_paper_names_its_successor(client, worksheet):
    old = stored(worksheet.assessment)
    new = stored(worksheet.assessment, status="issued", dated_on=timezone.localdate())

    page = client.get(
        reverse("assessments:document_verify", args=[old.public_code])
    ).content.decode()

    assert f"Versi 2 yang lebih baru berkode {new.public_code}." in page


def test_an_unknown_code_says_so(client, db):
    reply = client.get(reverse("assessments:document_verify", args=["7K4M-2QXD"]))

    assert reply.status_code == 404
    assert "Kode tidak dikenal" in reply.content.decode()


def test_a_typed_code_finds_its_page(client, worksheet):
    document = stored(worksheet.assessment)
    typed = document.public_code.lower().replace("-", " ")

    found = client.get(reverse("assessments:document_find"), {"kode": typed})
    wrong = client.get(reverse("assessments:document_find"), {"kode": "<b>"})

    assert found.url == reverse("assessments:document_verify", args=[document.public_code])
    assert wrong.status_code == 200
    assert "&lt;b&gt;" in wrong.content.decode()


def test_guessing_is_slowed_down(client, db):
    address = reverse("assessments:document_verify", args=["7K4M-2QXD"])
    codes = [client.get(address).status_code for _ in range(31)]

    # The minute may turn once within the loop; the limit then counts anew.
    assert set(codes[:30]) == {404}
    assert codes[30] == 429


# ── the row that vouches ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "change"),
    [
        ("draft", {"public_code": "AAAA-AAAA"}),
        ("draft", {"subject": "assessment:0"}),
        ("issued", {"sha256": "0" * 64}),
        ("issued", {"facts": {}}),
        ("superseded", {"number": "X"}),
        ("withdrawn", {"file": "x.pdf"}),
    ],
)
def test_what_a_paper_says_cannot_be_changed(worksheet, status, change):
    document = stored(worksheet.assessment, status=status)

    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(**change)


def test_a_document_cannot_be_deleted(worksheet):
    document = stored(worksheet.assessment)

    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.filter(pk=document.pk).delete()


def test_codes_are_random_and_readable():
    codes = {new_public_code() for _ in range(200)}

    assert len(codes) == 200
    assert all(read_public_code(code.lower()) == code for code in codes)
    assert not set("01ILOU") & set(ALPHABET)
    assert [read_public_code(bad) for bad in ("", "7K4M-2QX", "7K4M-2QX0", "x" * 99)] == [""] * 4


def test_the_qr_code_is_one_path_inside_its_frame():
    code = qr_code("https://zona.bahari.example/v/7K4M-2QXD/")

    assert code.path.startswith("M2 2h7v1h-7z")
    assert code.size == 33
    assert set(code.path) <= set("Mhvz -0123456789")


# ── from draft to issued ────────────────────────────────────────────────────────────────────────

SIGNED = b"%PDF-1.7 bertanda tangan"


@pytest.fixture
def final(worksheet):
    set_state(worksheet.assessment, State.FINAL)
    return worksheet


def issue_form(content=SIGNED, name="lhe.pdf", **changes):
    today = timezone.localdate().isoformat()
    upload = SimpleUploadedFile(name, content)
    return {"number": "12/ITJEN/2026", "dated_on": today, "signed": upload} | changes


def files_kept():
    storage = Document._meta.get_field("signed_file").storage
    return sorted(str(path) for path in Path(storage.location).rglob("*.pdf"))


def test_a_draft_is_signed_issued_and_withdrawn(client, final):
    document = stored(final.assessment)
    client.force_login(final.secretariat)
    step = {
        name: reverse(f"assessments:document_{name}", args=[document.pk])
        for name in ("send", "issue", "withdraw", "download")
    }
    public = reverse("assessments:document_verify", args=[document.public_code])

    client.post(step["send"])
    document.refresh_from_db()
    assert document.status == Document.Status.AWAITING_SIGNATURE
    assert client.post(step["issue"], issue_form()).status_code == 302
    document.refresh_from_db()
    assert (document.status, document.number) == (Document.Status.ISSUED, "12/ITJEN/2026")
    assert document.signed_sha256 == hashlib.sha256(SIGNED).hexdigest()
    assert client.get(step["download"]).getvalue() == SIGNED
    assert client.get(step["download"] + "?konsep").getvalue() == b"%PDF-1.7 contoh"
    shown = client.get(public).content.decode()
    assert "Dokumen asli dan berlaku" in shown
    assert document.signed_sha256 in shown
    assert client.post(step["withdraw"], {"reason": "Salah unit."}).status_code == 302
    assert "Salah unit." in client.get(public).content.decode()

    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(signed_sha256="0" * 64)
    noted = AuditEntry.objects.filter(target=f"document:{document.pk}").order_by("seq")
    assert [entry.action for entry in noted] == [
        "document_sent",
        "document_issued",
        "document_withdrawn",
    ]


def test_issuing_the_next_version_supersedes_the_one_in_force(client, final):
    first = stored(final.assessment)
    client.force_login(final.secretariat)
    client.post(reverse("assessments:document_issue", args=[first.pk]), issue_form())
    second = stored(final.assessment)
    first.refresh_from_db()
    assert first.status == Document.Status.ISSUED

    client.post(
        reverse("assessments:document_issue", args=[second.pk]), issue_form(number="13/ITJEN/2026")
    )

    first.refresh_from_db()
    assert (first.status, first.superseded_by) == (Document.Status.SUPERSEDED, second)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dated_on": "2999-01-01"}, "masa depan"),
        ({"dated_on": "2001-01-01"}, "mendahului konsepnya"),
        ({"number": "7/itjen/2026"}, "sudah dipakai"),
        ({"signed": SimpleUploadedFile("a.pdf", b"MZ bukan pdf")}, "tidak sesuai"),
        ({"signed": SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n0000")}, "harus berupa PDF"),
    ],
    ids=["future", "before the draft", "number taken", "not a PDF inside", "not a PDF"],
)
def test_what_cannot_be_issued_is_refused_and_nothing_is_kept(client, final, changes, said):
    stored(final.assessment, kind=REPORT, number="7/ITJEN/2026", status="withdrawn")
    document = stored(final.assessment)
    client.force_login(final.secretariat)
    before = files_kept()

    reply = client.post(
        reverse("assessments:document_issue", args=[document.pk]), issue_form(**changes)
    )

    document.refresh_from_db()
    assert reply.status_code == 422
    assert said in reply.content.decode()
    assert (document.status, document.number) == (Document.Status.DRAFT, "")
    assert files_kept() == before


def test_interim_figures_are_never_issued(client, worksheet):
    document = stored(worksheet.assessment, is_final=False)
    client.force_login(worksheet.secretariat)

    reply = client.post(reverse("assessments:document_issue", args=[document.pk]), issue_form())

    assert "angka sementara" in reply.content.decode()
    assert not Document.objects.filter(status=Document.Status.ISSUED).exists()


def test_a_superseded_draft_does_not_tell_the_newer_drafts_code(client, worksheet):
    older = stored(worksheet.assessment)
    newer = stored(worksheet.assessment)

    shown = client.get(reverse("assessments:document_verify", args=[older.public_code]))

    assert "sudah digantikan" in shown.content.decode()
    assert newer.public_code not in shown.content.decode()
