"""Stored files: whole or not at all, and none without its row."""

import contextlib
import os
import resource
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from zona import files
from zona.documents import new_public_code, store_document
from zona.models import Document

LIMIT = 9 * 1024 * 1024
TOO_MUCH = b"0" * (LIMIT + 1)


@contextlib.contextmanager
def small_disk():
    """Let no file of this process grow beyond 9 MiB, as a disk does that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def stored() -> set[Path]:
    """Return every file under the media root."""
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def pending() -> list[Path]:
    return list(Path(settings.PENDING_FILES).glob("*.json"))


@pytest.fixture(autouse=True)
def no_markers():
    """Begin without the markers of other tests, whose transactions are never committed."""
    for marker in pending():
        marker.unlink()


def make(code: str | None = None) -> Document:
    return store_document(
        kind="test",
        subject="test:1",
        title="Uji",
        public_code=code or new_public_code(),
        content=b"%PDF-1.7 isi",
        page_count=1,
        facts={},
        by=None,
    )


def test_a_file_that_outgrows_the_disk_leaves_no_half_behind():
    before = stored()

    with small_disk(), pytest.raises(OSError, match="File too large"):
        default_storage.save("uji/besar.bin", ContentFile(TOO_MUCH))

    assert stored() == before


def test_a_stored_file_has_the_rights_of_the_settings_and_its_whole_content():
    name = default_storage.save("uji/isi.bin", ContentFile(b"isi"))

    path = Path(default_storage.path(name))
    assert path.read_bytes() == b"isi"
    assert path.stat().st_mode & 0o777 == settings.FILE_UPLOAD_PERMISSIONS
    assert not path.with_name(path.name + files.PART).exists()


@pytest.mark.django_db(transaction=True)
def test_a_committed_row_keeps_its_file_and_loses_its_marker():
    document = make()

    assert Path(document.file.path).read_bytes() == b"%PDF-1.7 isi"
    assert pending() == []


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_refused_takes_its_file_with_it_at_once():
    make("AAAA-AAAA")
    before = stored()

    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        make("AAAA-AAAA")

    assert stored() == before
    assert pending() == []


@pytest.mark.django_db(transaction=True)
def test_the_sweep_removes_what_a_rollback_left_and_nothing_else():
    kept = make()
    before = stored()
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        lost = make()
        raise ZeroDivisionError
    (marker,) = pending()

    assert files.sweep() == 0  # it might still be under way
    assert Path(lost.file.path).exists()
    os.utime(marker, (0, 0))
    assert files.sweep() == 1

    assert stored() == before
    assert Path(kept.file.path).exists()
    assert pending() == []


@pytest.mark.django_db(transaction=True)
def test_the_sweep_spares_a_file_whose_row_came_to_be():
    document = make()
    marker = files._mark(document.file.name, document, "file")
    os.utime(marker, (0, 0))

    assert files.sweep() == 0

    assert Path(document.file.path).exists()
    assert pending() == []
