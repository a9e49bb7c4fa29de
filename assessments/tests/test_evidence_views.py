"""Evidence through its pages: beside a row, in the library, and out of the door."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments import evidence_views
from assessments.models import Evidence, EvidenceUse, Track
from assessments.services import evidence, states
from assessments.tests import filling
from assessments.tests.factories import make_assessment, make_period
from assessments.tests.test_worksheet_save import statements

CODE = "A.I.5.i.b"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"
JSON = {"Accept": "application/json"}


def upload(name: str = "SK UPG.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def attach_url(house, code: str = CODE) -> str:
    return reverse("assessments:evidence_attach", args=[house.assessment.pk, code])


def add(house, title: str = "SK UPG", **fields) -> Evidence:
    url = fields.pop("url", f"https://contoh.go.id/{title.replace(' ', '-')}")
    return evidence.add_link(unit=house.unit, url=url, title=title, by=house.operator, **fields)


def use_of(house, piece: Evidence, by=None) -> EvidenceUse:
    return evidence.attach(
        assessment=house.assessment, code=CODE, evidence=piece, by=by or house.operator
    )


def stored_files() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_several_files_are_attached_at_once(client, house):
    client.force_login(house.operator)

    reply = client.post(
        attach_url(house),
        {"how": "upload", "files": [upload(), upload("Laporan.pdf", PDF + b"2")]},
        headers=JSON,
    ).json()

    uses = EvidenceUse.objects.filter(assessment=house.assessment)
    assert [use.evidence.title for use in uses] == ["SK UPG", "Laporan"]
    assert reply["message"] == f"2 bukti ditambahkan pada butir {CODE}."
    assert "SK UPG" in reply["detail"]
    assert "tanpa-bukti" not in reply["flags"].split()
    assert Path(uses[0].evidence.file.path).read_bytes() == PDF


def test_one_bad_file_among_good_ones_is_named(client, house):
    client.force_login(house.operator)

    response = client.post(
        attach_url(house),
        {"how": "upload", "files": [upload(), upload("program.exe", b"MZ")]},
        follow=True,
    )

    said = [str(message) for message in response.context["messages"]]
    assert said == [
        "program.exe: jenis berkas tidak diterima. Unggah PDF, JPG, PNG, DOCX, XLSX, atau PPTX.",
        f"1 bukti ditambahkan pada butir {CODE}.",
    ]
    assert EvidenceUse.objects.count() == 1


def _bomb() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("word/document.xml", b"0" * 20_000_000)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("kosong.pdf", b"", "kosong.pdf: berkas kosong."),
        ("palsu.pdf", b"MZ\x90", "palsu.pdf: isi berkas tidak sesuai dengan jenisnya (PDF)."),
        ("foto.png", PDF, "foto.png: isi berkas tidak sesuai dengan jenisnya (PNG)."),
        (
            "bom.docx",
            _bomb(),
            "bom.docx: isi berkas terlalu besar setelah dibuka, jadi tidak diterima.",
        ),
    ],
    ids=["empty", "another type", "a picture that is none", "a bomb"],
)
def test_a_file_that_is_refused_leaves_nothing_behind(client, house, name, content, sentence):
    client.force_login(house.operator)
    before = stored_files()

    response = client.post(
        attach_url(house), {"how": "upload", "files": upload(name, content)}, headers=JSON
    )

    assert response.status_code == 422
    assert response.json() == {"error": "refused", "message": sentence}
    assert not Evidence.objects.exists()
    assert stored_files() == before


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>.pdf",
        "../../etc/passwd.pdf",
        "a\u202efdp.pdf",
        "n" * 300 + ".pdf",
    ],
)
def test_a_hostile_name_is_shown_as_text_and_never_reaches_the_disk(client, house, name):
    client.force_login(house.operator)

    reply = client.post(attach_url(house), {"how": "upload", "files": upload(name)}, headers=JSON)

    piece = Evidence.objects.get()
    assert re.fullmatch(r"evidence/[0-9a-f]{2}/[0-9a-f]{32}\.pdf", piece.file.name)
    assert "/" not in piece.original_name
    assert "\u202e" not in piece.original_name
    assert len(piece.original_name) <= 255
    assert "<img src=x" not in reply.json()["detail"]


def test_a_link_is_attached_and_a_false_one_refused(client, house):
    client.force_login(house.operator)
    form = {"how": "link", "title": "Laman UPG"}

    good = client.post(attach_url(house), form | {"url": "https://contoh.go.id/upg"}, headers=JSON)
    bad = client.post(attach_url(house), form | {"url": "javascript:alert(1)"}, headers=JSON)

    assert (good.status_code, bad.status_code) == (200, 422)
    assert list(Evidence.objects.values_list("title", "url")) == [
        ("Laman UPG", "https://contoh.go.id/upg")
    ]


def test_a_piece_of_the_library_is_picked_but_not_of_another_units(client, house):
    mine = add(house)
    theirs = evidence.add_link(
        unit=house.sibling, url="https://contoh.go.id/x", title="Milik lain", by=house.operator
    )
    client.force_login(house.operator)

    client.post(attach_url(house), {"how": "pick", "evidence": [mine.pk, theirs.pk]})

    uses = EvidenceUse.objects.values_list("evidence", flat=True)
    assert list(uses) == [mine.pk]


@pytest.mark.parametrize(
    ("persona", "status"), [("stranger", 404), ("head", 403), ("member", 403), ("eselon1", 403)]
)
def test_who_may_not_attach(client, house, persona, status):
    client.force_login(getattr(house, persona))

    response = client.post(attach_url(house), {"how": "upload", "files": upload()}, headers=JSON)

    assert response.status_code == status
    assert not Evidence.objects.exists()


def test_a_verdict_moves_the_document_check_and_returns_the_row(client, house):
    filling.start_review(house)
    use = use_of(house, add(house), by=house.member)
    client.force_login(house.member)
    judge = reverse("assessments:evidence_judge", args=[house.assessment.pk, use.pk])

    without = client.post(judge, {"verdict": "inadequate", "reason": ""}, headers=JSON)
    reply = client.post(judge, {"verdict": "inadequate", "reason": "plan_only"}, headers=JSON)

    assert without.status_code == 422
    assert without.json()["message"] == "Pilih alasan mengapa bukti ini belum sesuai."
    assert "Dokumen: belum sesuai" in reply.json()["html"]
    assert "dokumen" in reply.json()["flags"].split()
    use.refresh_from_db()
    assert (use.verdict, use.reason, use.judged_by) == ("inadequate", "plan_only", house.member)


def test_a_unit_never_reads_the_verdict_before_it_may(client, house):
    filling.start_review(house)
    use = use_of(house, add(house), by=house.member)
    evidence.judge(use=use, verdict="inadequate", reason="plan_only", by=house.member)
    client.force_login(house.operator)

    shown = client.get(
        reverse("assessments:row_detail", args=[house.assessment.pk, CODE])
    ).content.decode()

    assert "SK UPG" in shown
    assert "belum sesuai" not in shown
    assert "Rencana tanpa hasil" not in shown


def test_a_piece_is_detached_while_it_is_a_draft(client, house):
    use = use_of(house, add(house))
    client.force_login(house.operator)

    reply = client.post(
        reverse("assessments:evidence_detach", args=[house.assessment.pk, use.pk]), headers=JSON
    ).json()

    assert reply["message"] == "SK UPG dilepas."
    assert not EvidenceUse.objects.exists()
    assert Evidence.objects.count() == 1


def test_a_use_of_another_worksheet_is_not_found(client, house):
    use = use_of(house, add(house))
    other = make_assessment(house.unit, make_period(year=2031))
    client.force_login(house.operator)

    response = client.post(
        reverse("assessments:evidence_detach", args=[other.pk, use.pk]), headers=JSON
    )

    assert response.status_code == 404
    assert EvidenceUse.objects.count() == 1


def test_page_and_quote_are_kept_and_shown(client, house):
    use = use_of(house, add(house))
    client.force_login(house.operator)

    reply = client.post(
        reverse("assessments:evidence_point", args=[house.assessment.pk, use.pk]),
        {"page": "3–4", "quote": "UPG dibentuk", "base": use.pointer},
        headers=JSON,
    ).json()

    use.refresh_from_db()
    assert (use.page, use.quote) == ("3–4", "UPG dibentuk")
    assert "hlm. 3–4" in reply["html"]


def test_a_page_that_a_colleague_pointed_at_meanwhile_is_told_and_kept(client, house):
    use = use_of(house, add(house))
    seen = use.pointer
    point = reverse("assessments:evidence_point", args=[house.assessment.pk, use.pk])
    client.force_login(house.zi_lead)
    client.post(point, {"page": "7", "base": seen}, headers=JSON)
    client.force_login(house.operator)

    late = client.post(point, {"page": "3", "base": seen}, headers=JSON)

    use.refresh_from_db()
    assert use.page == "7"
    assert late.status_code == 422
    assert late.json()["message"].startswith(
        "Rekan Anda baru saja mengubah halaman dan kutipan ini menjadi: 7."
    )


def test_a_file_goes_out_as_an_attachment_only(client, house):
    piece = evidence.add_file(unit=house.unit, upload=upload("SK é.pdf"), by=house.operator)
    client.force_login(house.operator)

    response = client.get(reverse("assessments:evidence_open", args=[piece.pk]))

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Content-Type"] == "application/pdf"


def test_a_file_that_is_gone_from_the_disk_is_not_found(client, house):
    piece = evidence.add_file(unit=house.unit, upload=upload(), by=house.operator)
    piece.file.storage.delete(piece.file.name)
    client.force_login(house.operator)

    assert client.get(reverse("assessments:evidence_open", args=[piece.pk])).status_code == 404


def test_the_library_says_where_a_document_is_used_and_that_it_is_too_old(client, house):
    old = add(house, "SK lama", dated_on=house.period.evidence_from - timedelta(days=1))
    use_of(house, old)
    client.force_login(house.operator)

    shown = client.get(
        reverse("assessments:evidence_library", args=[house.unit.pk])
    ).content.decode()

    assert CODE in shown
    assert "di luar periode bukti" in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Laporan", "SK UPG", "Notula"]),
        ({"q": "sk"}, ["SK UPG"]),
        ({"q": "B-1"}, ["Notula"]),
        ({"jenis": "file"}, ["Laporan"]),
        ({"pakai": "used"}, ["SK UPG"]),
        ({"pakai": "unused"}, ["Laporan", "Notula"]),
        ({"pakai": "outside"}, ["Notula"]),
        ({"q": "tidak ada"}, []),
    ],
)
def test_the_library_is_searched_and_filtered(client, house, query, found):
    add(house, "Notula", number="B-1", dated_on=date(2001, 1, 1))
    use_of(house, add(house, "SK UPG", dated_on=house.period.evidence_from))
    evidence.add_file(unit=house.unit, upload=upload("Laporan.pdf"), by=house.operator)
    client.force_login(house.operator)

    response = client.get(reverse("assessments:evidence_library", args=[house.unit.pk]), query)

    assert [row.title for row in response.context["library"].rows] == found


@pytest.mark.parametrize("count", [10, 200])
def test_the_library_costs_the_same_at_any_size(client, house, count):
    Evidence.objects.bulk_create(
        Evidence(
            unit=house.unit,
            kind="link",
            title=f"Dokumen {number}",
            url=f"https://contoh.go.id/{number}",
            uploaded_by=house.operator,
        )
        for number in range(count)
    )
    for piece in Evidence.objects.all()[:20]:
        use_of(house, piece)
    client.force_login(house.operator)
    url = reverse("assessments:evidence_library", args=[house.unit.pk])
    client.get(url)

    with CaptureQueriesContext(connection) as queries:
        client.get(url)

    assert statements(queries) == 9


def test_a_document_is_described_and_replaced(client, house):
    piece = evidence.add_file(unit=house.unit, upload=upload(), by=house.operator)
    use = use_of(house, piece)
    client.force_login(house.operator)
    edit = reverse("assessments:evidence_edit", args=[piece.pk])

    said = {"title": "SK UPG 2026", "number": "SK-1", "dated_on": "2026-03-04"}
    client.post(edit, {**said, "base_version": "0"})
    client.post(
        reverse("assessments:evidence_replace", args=[piece.pk]),
        {"upload": upload("baru.pdf", PDF + b"baru")},
    )

    piece.refresh_from_db()
    use.refresh_from_db()
    assert (piece.title, piece.number, piece.dated_on) == ("SK UPG 2026", "SK-1", date(2026, 3, 4))
    assert use.evidence.replaces == piece
    assert use.evidence.title == "SK UPG 2026"


def test_a_description_that_a_colleague_changed_meanwhile_is_shown_again(client, house):
    piece = add(house)
    client.force_login(house.operator)
    edit = reverse("assessments:evidence_edit", args=[piece.pk])
    client.post(edit, {"title": "SK UPG", "number": "SK-1", "base_version": "0"})

    late = {"title": "SK UPG", "number": "SK-2", "base_version": "0"}
    page = client.post(edit, late).content.decode()

    assert "Rekan Anda baru saja mengubah keterangan ini menjadi: SK UPG · SK-1." in page
    assert 'value="SK-2"' in page
    client.post(edit, {**late, "base_version": "1"})
    piece.refresh_from_db()
    assert (piece.number, piece.version) == ("SK-2", 2)


def test_a_description_that_was_handed_in_is_shown_and_not_asked_for(client, house):
    piece = add(house, number="SK-1")
    use_of(house, piece)
    filling.submit(house)
    client.force_login(house.operator)
    edit = reverse("assessments:evidence_edit", args=[piece.pk])

    page = client.get(edit).content.decode()
    posted = client.post(edit, {"title": "Lain", "base_version": "0"}).content.decode()

    sentence = f"Dokumen ini sudah diajukan pada butir {CODE}"
    assert sentence in page
    assert 'name="title"' not in page
    assert sentence in posted
    assert 'value="Lain"' in posted


def test_too_many_files_in_one_request_are_refused_whole(client, house, settings):
    settings.EVIDENCE_FILES_PER_REQUEST = 2
    client.force_login(house.operator)
    three = [upload(f"{n}.pdf", PDF + str(n).encode()) for n in range(3)]

    reply = client.post(attach_url(house), {"how": "upload", "files": three}, headers=JSON)

    assert reply.status_code == 422
    assert reply.json()["message"] == (
        "Paling banyak 2 berkas sekali unggah; Anda memilih 3. "
        "Tidak ada yang disimpan: bagi menjadi beberapa kali unggah."
    )
    assert not Evidence.objects.exists()


def test_one_person_uploads_so_many_files_and_no_more_for_a_while(
    client, house, settings, monkeypatch
):
    monkeypatch.setattr(evidence_views, "UPLOAD_WINDOW_SECONDS", 10**9)  # none ends in between
    settings.EVIDENCE_UPLOADS_PER_WINDOW = 2
    codes, said = [], []
    for person in (house.operator, house.operator, house.operator, house.zi_lead):
        client.force_login(person)
        content = PDF + str(len(codes)).encode()
        files = {"how": "upload", "files": upload("a.pdf", content)}
        reply = client.post(attach_url(house), files, headers=JSON)
        codes.append(reply.status_code)
        said.append(reply.json()["message"])

    assert codes == [200, 200, 422, 200]
    assert said[2].startswith("Anda sudah mengunggah 2 berkas dalam ")


def test_the_same_file_does_not_replace_itself(client, house):
    piece = evidence.add_file(unit=house.unit, upload=upload(), by=house.operator)
    client.force_login(house.operator)

    response = client.post(
        reverse("assessments:evidence_replace", args=[piece.pk]), {"upload": upload()}
    )

    assert response.status_code == 422
    assert "Berkas yang sama sudah ada di pustaka" in response.content.decode()


def test_after_submission_a_unit_takes_nothing_away(client, house):
    use = use_of(house, add(house))
    filling.submit(house)
    client.force_login(house.operator)

    response = client.post(
        reverse("assessments:evidence_detach", args=[house.assessment.pk, use.pk]), headers=JSON
    )

    assert response.status_code == 422
    assert EvidenceUse.objects.count() == 1


def test_a_document_brought_in_a_repair_marks_the_row_repaired(client, house):
    filling.start_review(house)
    house.assessment = states.perform(
        "return_rows",
        assessment=house.assessment,
        by=house.member,
        reason="Lengkapi",
        due=timezone.now() + timedelta(days=3),
        rows=[states.ReturnedRow(CODE, "incomplete")],
    )
    client.force_login(house.operator)

    reply = client.post(
        attach_url(house), {"how": "upload", "files": upload()}, headers=JSON
    ).json()

    answer = house.assessment.answers.get(track=Track.TPI, indicator__code=CODE)
    assert answer.review_state == "repaired"
    assert reply["row_state"] == "repaired"


def test_the_expected_documents_are_a_checklist(client, house):
    use = use_of(house, add(house, "SK UPG 2026"))
    client.force_login(house.operator)
    detail = reverse("assessments:row_detail", args=[house.assessment.pk, CODE])
    point = reverse("assessments:evidence_point", args=[house.assessment.pk, use.pk])

    before = client.get(detail).content.decode()
    # A number beyond the list, and one that is none, are left out.
    client.post(point, {"page": "2", "covers": ["1", "9", "x"], "base": use.pointer}, headers=JSON)
    after = client.get(detail).content.decode()

    use.refresh_from_db()
    assert (use.covers, use.page) == ([1], "2")
    assert "0 dari 2 ditandai" in before
    assert "1 dari 2 ditandai" in after
    assert "SK UPG<small>SK UPG 2026</small>" in after


def test_more_files_than_any_request_may_hold_is_no_server_error(client, house):
    client.force_login(house.operator)
    files = [upload(f"{n}.pdf", PDF + str(n).encode()) for n in range(101)]

    response = client.post(attach_url(house), {"how": "upload", "files": files})

    assert response.status_code == 400
    assert not Evidence.objects.exists()
