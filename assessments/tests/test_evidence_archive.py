"""The zip of an area: every file under its row, an index that names all, nothing for strangers."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.services import evidence
from assessments.tests.test_evidence import PDF
from assessments.tests.test_worksheet_save import statements

pytestmark = pytest.mark.django_db


def put(house, code: str, name: str, content: bytes, **where):
    piece = evidence.add_file(
        unit=house.unit, upload=SimpleUploadedFile(name, content), by=house.operator
    )
    return evidence.attach(
        assessment=house.assessment, code=code, evidence=piece, by=house.operator, **where
    ).evidence


def fetch(client, house, section: str = "5") -> zipfile.ZipFile:
    address = reverse("assessments:evidence_archive", args=[house.assessment.pk, section])
    response = client.get(address)
    assert response["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def test_every_file_lies_under_its_row_and_the_index_names_all(client, house):
    shared = put(house, "A.I.5.i.a", "SK UPG.pdf", PDF, page="3", quote="<b>Isi</b>")
    evidence.attach(
        assessment=house.assessment, code="A.I.5.i.b", evidence=shared, by=house.operator
    )
    put(house, "A.I.5.i.b", "../../etc/passwd: *?.pdf", PDF + b"2")
    put(house, "A.I.6.i.a", "area lain.pdf", PDF + b"3")
    link = evidence.add_link(
        unit=house.unit, url="https://contoh.go.id/galeri", title="Galeri", by=house.operator
    )
    evidence.attach(assessment=house.assessment, code="A.I.5.i.b", evidence=link, by=house.operator)
    client.force_login(house.observer)

    archive = fetch(client, house)

    assert archive.testzip() is None
    assert archive.namelist() == [
        "index.html",
        "A.I.5.i.a/01 SK UPG.pdf",
        "A.I.5.i.b/01 SK UPG.pdf",
        "A.I.5.i.b/02 passwd.pdf",
    ]
    assert archive.read("A.I.5.i.b/02 passwd.pdf") == PDF + b"2"
    index = archive.read("index.html").decode()
    assert '<a href="A.I.5.i.a/01%20SK%20UPG.pdf">SK UPG</a>, hlm. 3' in index
    assert "&lt;b&gt;Isi&lt;/b&gt;" in index
    assert 'href="https://contoh.go.id/galeri"' in index
    assert "Tanpa bukti" in index


def test_a_file_that_is_gone_is_named_and_the_others_come(client, house):
    gone = put(house, "A.I.5.i.a", "hilang.pdf", PDF)
    put(house, "A.I.5.i.a", "ada.pdf", PDF + b"2")
    gone.file.storage.delete(gone.file.name)
    client.force_login(house.operator)

    archive = fetch(client, house)

    assert archive.namelist() == ["index.html", "A.I.5.i.a/02 ada.pdf"]
    assert "hilang (berkas tidak ditemukan di penyimpanan)" in archive.read("index.html").decode()


def test_the_statements_do_not_grow_with_the_documents(client, house):
    client.force_login(house.operator)
    fetch(client, house)
    counts = []
    for files in (1, 12):
        for number in range(files):
            put(house, "A.I.5.i.a", f"{files}-{number}.pdf", PDF + b"%d-%d" % (files, number))
        with CaptureQueriesContext(connection) as queries:
            fetch(client, house)
        counts.append(statements(queries))

    assert counts[0] == counts[1]


def test_an_area_that_does_not_exist_is_not_found(client, house):
    client.force_login(house.operator)
    address = reverse("assessments:evidence_archive", args=[house.assessment.pk, "9"])

    assert client.get(address).status_code == 404
