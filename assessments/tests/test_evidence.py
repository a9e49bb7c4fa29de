"""Evidence: what is taken, what is refused without a trace, and what follows from verdicts."""

import contextlib
import io
import os
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from PIL import Image

from assessments.invariants import evidence_has_its_files
from assessments.models import Answer, Evidence, Track
from assessments.services import evidence
from assessments.services.answers import AnswersLocked
from assessments.services.evidence import EvidenceRefused
from assessments.services.evidence_details import DescriptionStale, describe
from assessments.tests import filling
from assessments.tests.factories import make_assessment, make_period
from tests.test_files import TOO_MUCH, small_disk
from tests.test_scanner import EICAR, daemon  # noqa: F401  (a fixture, used by its name)
from zona import files
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def stored_files() -> set[Path]:
    """Return every file under the media root."""
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def office(part: str, *, extra: dict[str, bytes] | None = None) -> bytes:
    """Return the smallest archive that is an office file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<x/>")
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return content.getvalue()


def image(kind: str) -> bytes:
    """Return a real small picture."""
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(content, kind)
    return content.getvalue()


def add(house, name: str, content: bytes, **options) -> Evidence:
    """Add a file to the unit's library as its operator."""
    return evidence.add_file(
        unit=house.unit, upload=SimpleUploadedFile(name, content), by=house.operator, **options
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("SK UPG 2026.pdf", PDF),
        ("foto.JPG", image("JPEG")),
        ("tangkapan.png", image("PNG")),
        ("laporan.docx", office("word/document.xml")),
        ("rekap.xlsx", office("xl/workbook.xml")),
        ("paparan.pptx", office("ppt/presentation.xml")),
    ],
    ids=["pdf", "jpg", "png", "docx", "xlsx", "pptx"],
)
def test_allowed_files_are_kept_under_a_random_name(house, name, content):
    kept = add(house, name, content)

    assert kept.original_name == name
    assert kept.title == name.rsplit(".", 1)[0]
    assert kept.title not in kept.file.name
    with kept.file.open() as file:
        assert file.read() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("virus.exe", b"MZ", id="type not allowed"),
        pytest.param("tanpa-akhiran", PDF, id="no extension"),
        pytest.param("kosong.pdf", b"", id="empty"),
        pytest.param("palsu.pdf", image("PNG"), id="picture called pdf"),
        pytest.param("palsu.png", PDF, id="pdf called png"),
        pytest.param("palsu.jpg", image("PNG"), id="png called jpg"),
        pytest.param("campuran.pdf", b"GIF89a" + PDF, id="pdf behind another type"),
        pytest.param(
            "campuran.jpg",
            image("JPEG")[:40] + b"<script>alert(1)</script>",
            id="picture and script",
        ),
        pytest.param("palsu.docx", b"PK\x03\x04rusak", id="broken archive"),
        pytest.param("palsu.xlsx", office("word/document.xml"), id="docx called xlsx"),
        pytest.param(
            "makro.docx",
            office("word/document.xml", extra={"word/vbaProject.bin": b"x"}),
            id="macros",
        ),
        pytest.param(
            "bom.xlsx",
            office("xl/workbook.xml", extra={"xl/sheet.xml": b"0" * 30_000_000}),
            id="decompression bomb",
        ),
        pytest.param("besar.pdf", PDF + b"0" * (21 * 1024 * 1024), id="too large"),
    ],
)
def test_a_bad_file_gets_a_sentence_and_leaves_no_trace(house, name, content):
    before = stored_files()

    with pytest.raises(EvidenceRefused) as refusal:
        add(house, name, content)

    assert str(refusal.value).startswith(f"{name}: ")
    assert str(refusal.value).endswith(".")
    assert not Evidence.objects.exists()
    assert stored_files() == before


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\laporan.pdf", "laporan.pdf"),
        ("a\x00b\u202efdp.pdf", "abfdp.pdf"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
    ids=["path", "windows path", "control characters", "too long"],
)
def test_hostile_names_are_only_shown_and_made_harmless(house, name, shown):
    upload = SimpleUploadedFile("x.pdf", PDF)
    upload._name = name

    kept = evidence.add_file(unit=house.unit, upload=upload, by=house.operator)

    assert kept.original_name == shown
    assert Path(kept.file.path).resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve())


def test_the_same_content_is_kept_once_per_unit(house):
    first = add(house, "a.pdf", PDF)
    second = add(house, "b.pdf", PDF)
    other = evidence.add_file(
        unit=house.sibling, upload=SimpleUploadedFile("a.pdf", PDF), by=house.operator
    )

    assert second == first
    assert other != first


def test_a_quota_that_is_used_up_refuses_the_next_file(house, settings):
    settings.EVIDENCE_QUOTA_MIB = 0

    with pytest.raises(EvidenceRefused, match="pustaka unit sudah mencapai batas"):
        add(house, "a.pdf", PDF)


@pytest.mark.parametrize(
    "url", ["", "ftp://contoh.go.id/a", "javascript:alert(1)", "contoh", "https://" + "a" * 600]
)
def test_only_whole_web_addresses_are_links(house, url):
    with pytest.raises(EvidenceRefused):
        evidence.add_link(unit=house.unit, url=url, by=house.operator)

    assert not Evidence.objects.exists()


def tpi(house, code: str) -> Answer:
    """Read the TPI's row."""
    return Answer.objects.get(assessment=house.assessment, indicator__code=code, track=Track.TPI)


def test_the_document_check_follows_the_verdicts(house):
    code = "A.I.1.i.a"
    first = add(house, "a.pdf", PDF)
    second = add(house, "b.pdf", PDF + b"2")
    filling.start_review(house)
    seen = [tpi(house, code).document_check]

    one = evidence.attach(
        assessment=house.assessment, code=code, evidence=first, by=house.member, page="1–3"
    )
    two = evidence.attach(assessment=house.assessment, code=code, evidence=second, by=house.member)
    seen.append(tpi(house, code).document_check)
    evidence.judge(use=one, verdict="adequate", by=house.member)
    seen.append(tpi(house, code).document_check)
    evidence.judge(use=two, verdict="inadequate", reason="plan_only", by=house.member)
    seen.append(tpi(house, code).document_check)
    evidence.judge(use=two, verdict="adequate", by=house.member)
    seen.append(tpi(house, code).document_check)

    assert seen == ["", "", "", "inadequate", "adequate"]


def test_calling_evidence_inadequate_needs_a_reason(house):
    filling.start_review(house)
    use = evidence.attach(
        assessment=house.assessment,
        code="A.I.1.i.a",
        evidence=add(house, "a.pdf", PDF),
        by=house.member,
    )

    with pytest.raises(EvidenceRefused, match="alasan"):
        evidence.judge(use=use, verdict="inadequate", by=house.member)


def test_nobody_but_the_team_judges(house):
    filling.start_review(house)
    use = evidence.attach(
        assessment=house.assessment,
        code="A.I.1.i.a",
        evidence=add(house, "a.pdf", PDF),
        by=house.member,
    )

    for person in (
        house.operator,
        house.outside_auditor,
        house.secretariat,
        house.supervisor,
    ):
        with pytest.raises(AnswersLocked):
            evidence.judge(use=use, verdict="adequate", by=person)


def test_another_units_evidence_cannot_be_attached(house):
    foreign = evidence.add_link(unit=house.sibling, url="https://contoh.go.id/x", by=house.operator)

    with pytest.raises(EvidenceRefused, match="unit lain"):
        evidence.attach(
            assessment=house.assessment, code="A.I.1.i.a", evidence=foreign, by=house.operator
        )


def test_after_submission_the_unit_adds_and_removes_nothing(house):
    kept = add(house, "a.pdf", PDF)
    use = evidence.attach(
        assessment=house.assessment, code="A.I.1.i.a", evidence=kept, by=house.operator
    )
    filling.submit(house)

    with pytest.raises(AnswersLocked):
        evidence.detach(use=use, by=house.operator)
    with pytest.raises(AnswersLocked):
        evidence.attach(
            assessment=house.assessment, code="A.I.1.i.b", evidence=kept, by=house.operator
        )


def test_a_newer_file_takes_the_place_of_the_older_and_is_judged_again(house):
    filling.start_review(house)
    old = add(house, "a.pdf", PDF)
    use = evidence.attach(
        assessment=house.assessment, code="A.I.1.i.a", evidence=old, by=house.member
    )
    evidence.judge(use=use, verdict="adequate", by=house.member)

    fresh = evidence.replace_file(
        evidence=old, upload=SimpleUploadedFile("a2.pdf", PDF + b"baru"), by=house.member
    )

    use.refresh_from_db()
    assert (use.evidence, use.verdict) == (fresh, "")
    assert (fresh.replaces, fresh.title) == (old, "a")
    assert Evidence.objects.newest().get() == fresh
    assert tpi(house, "A.I.1.i.a").document_check == ""


def test_a_full_disk_gets_a_sentence_and_leaves_neither_row_nor_file(house):
    before = stored_files()

    with small_disk(), pytest.raises(EvidenceRefused) as refusal:
        add(house, "besar.pdf", PDF + TOO_MUCH)

    assert str(refusal.value) == (
        "besar.pdf: ruang penyimpanan penuh atau tidak dapat ditulis. Coba lagi nanti."
    )
    assert not Evidence.objects.exists()
    assert stored_files() == before


def test_a_replacement_that_is_rolled_back_leaves_no_file(house):
    first = add(house, "a.pdf", PDF)
    evidence.attach(
        assessment=house.assessment, code="A.I.1.i.a", evidence=first, by=house.operator
    )
    before = stored_files()

    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        evidence.replace_file(
            evidence=first, upload=SimpleUploadedFile("b.pdf", PDF + b"2"), by=house.operator
        )
        raise ZeroDivisionError

    assert Evidence.objects.get() == first
    for marker in Path(settings.PENDING_FILES).glob("*.json"):
        os.utime(marker, (0, 0))
    files.sweep()
    assert stored_files() - before == set()
    assert Path(first.file.path).exists()


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_do_not_both_take_the_last_room(house, settings):
    settings.EVIDENCE_QUOTA_MIB = 1
    barrier = threading.Barrier(2)

    def upload(number: int) -> str:
        content = PDF + bytes([number]) * (700 * 1024)
        try:
            barrier.wait()
            add(house, f"{number}.pdf", content)
        except EvidenceRefused as refusal:
            return str(refusal)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(upload, (1, 2)))

    assert sorted(bool(text) for text in said) == [False, True]
    assert Evidence.objects.count() == 1


class TestDescribing:
    """A description may change until a worksheet that was handed in stands by it."""

    @pytest.fixture
    def piece(self, house):
        piece = add(house, "SK.pdf", PDF)
        evidence.attach(
            assessment=house.assessment, code="A.I.1.i.a", evidence=piece, by=house.operator
        )
        return piece

    def change(self, house, piece, **fields):
        said = {"title": piece.title, "number": "SK-1", "dated_on": date(2026, 2, 3)}
        return describe(
            evidence=piece, by=house.operator, **{**said, "base_version": piece.version, **fields}
        )

    def test_in_a_draft_it_changes_and_the_audit_keeps_what_stood_before(self, house, piece):
        fresh = self.change(house, piece)

        assert (fresh.number, fresh.dated_on, fresh.version) == ("SK-1", date(2026, 2, 3), 1)
        entry = AuditEntry.objects.get(action="evidence_described")
        assert entry.data == {
            "from": {"number": "", "dated_on": ""},
            "to": {"number": "SK-1", "dated_on": "2026-02-03"},
        }

    def test_once_handed_in_it_stands_and_the_sentence_names_the_row(self, house, piece):
        filling.submit(house)

        with pytest.raises(AnswersLocked, match=r"sudah diajukan pada butir A\.I\.1\.i\.a \("):
            self.change(house, piece)

        piece.refresh_from_db()
        assert (piece.number, piece.version) == ("", 0)

    def test_a_worksheet_of_another_year_holds_it_too(self, house, piece):
        other = make_assessment(house.unit, make_period(year=2025))
        evidence.attach(assessment=other, code="A.I.1.i.a", evidence=piece, by=house.operator)
        type(other).objects.filter(pk=other.pk).update(state="lead_review")

        with pytest.raises(AnswersLocked):
            self.change(house, piece)

    def test_saving_the_same_again_is_no_change(self, house, piece):
        filling.submit(house)

        same = self.change(house, piece, number="", dated_on=None)

        assert same.version == 0

    def test_an_older_view_is_refused_with_what_stands_there_now(self, house, piece):
        self.change(house, piece)

        with pytest.raises(DescriptionStale) as stale:
            self.change(house, piece, number="SK-2")

        assert stale.value.fresh.number == "SK-1"


def test_a_virus_gets_a_sentence_and_leaves_no_trace(house, settings, daemon):  # noqa: F811
    settings.CLAMAV_ADDRESS = daemon.address
    before = stored_files()

    with pytest.raises(EvidenceRefused) as refusal:
        add(house, "hadiah.pdf", PDF + EICAR)
    kept = add(house, "bersih.pdf", PDF)

    assert str(refusal.value).startswith(
        "hadiah.pdf: pemindai menemukan virus (Win.Test.EICAR_HDB-1)"
    )
    assert list(Evidence.objects.all()) == [kept]
    assert {path.suffix for path in stored_files() - before} == {".pdf"}
    assert len(stored_files() - before) == 1


def test_without_a_verdict_nothing_is_kept(house, settings):
    settings.CLAMAV_ADDRESS = "tcp://127.0.0.1:9"
    before = stored_files()

    with pytest.raises(EvidenceRefused, match="pemindai virus tidak memberi hasil"):
        add(house, "bersih.pdf", PDF)

    assert not Evidence.objects.exists()
    assert stored_files() == before


def test_a_file_that_is_missing_or_cut_short_is_found(house):
    gone, cut, whole = (add(house, f"{n}.pdf", PDF + str(n).encode()) for n in range(3))
    Path(gone.file.path).unlink()
    Path(cut.file.path).write_bytes(PDF)

    said = list(evidence_has_its_files())

    assert said == [
        f"evidence {gone.pk}: no file {gone.file.name}",
        f"evidence {cut.pk}: {len(PDF)} bytes, not {len(PDF) + 1}",
    ]
    assert Path(whole.file.path).is_file()
