"""Pictures of a document's pages: asked for once, made in the background, kept by its digest.

The pictures are derived and can always be made again; what tells of them is the job that made
them. The same content in two libraries is rendered once; who may look is asked of the evidence.
"""

from __future__ import annotations

import logging
import secrets
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.models import Evidence
from units.models import User
from zona import jobs, pages
from zona.models import Job

KIND = "assessments.preview"
SHOWN_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png"})
WAITING = (Job.State.QUEUED, Job.State.RUNNING)

logger = logging.getLogger(__name__)


class CannotPreview(Exception):
    """No pictures can be kept; the text is a sentence for the user."""


class PreviewState(StrEnum):
    """How far the pictures of a document are."""

    NONE = "none"  # a kind of document that has none
    MISSING = "missing"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PageSize:
    """One page that can be shown: its number from 1, its picture's size in pixels."""

    number: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The pictures of a document.

    ``page_count`` is how many pages the document has, of which ``pages`` are the first.
    ``message`` says why there is nothing to see, or that not all is shown.
    """

    state: PreviewState
    message: str = ""
    pages: tuple[PageSize, ...] = ()
    page_count: int = 0


def preview_of(evidence: Evidence) -> Preview:
    """Return how far the pictures of a document are; one query."""
    if evidence.kind == Evidence.Kind.LINK:
        return Preview(
            PreviewState.NONE, _("Ini tautan. Buka alamatnya di tab baru untuk melihat isinya.")
        )
    if evidence.content_type not in SHOWN_TYPES:
        return Preview(
            PreviewState.NONE,
            _("Berkas {kind} tidak punya pratinjau halaman. Unduh untuk membukanya.").format(
                kind=evidence.kind_label
            ),
        )
    job = _latest(evidence)
    if job is None:
        return Preview(PreviewState.MISSING)
    if job.state in WAITING:
        return Preview(PreviewState.MAKING)
    if job.state == Job.State.FAILED:
        return Preview(PreviewState.FAILED, job.error)
    if not _folder(evidence).is_dir():
        return Preview(PreviewState.MISSING)
    sizes = tuple(
        PageSize(number, *size) for number, size in enumerate(job.result["sizes"], start=1)
    )
    count = job.result["page_count"]
    message = ""
    if len(sizes) < count:
        message = _(
            "Pratinjau memuat {shown} dari {count} halaman. Unduh berkas untuk membaca selebihnya."
        ).format(shown=len(sizes), count=count)
    return Preview(PreviewState.READY, message, sizes, count)


@transaction.atomic
def request_preview(*, evidence: Evidence, by: User) -> Preview:
    """Have the pictures made unless they are there or being made; return how far they are."""
    Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    preview = preview_of(evidence)
    if preview.state not in (PreviewState.MISSING, PreviewState.FAILED):
        return preview
    jobs.enqueue(
        KIND,
        args={"evidence": evidence.pk},
        subject=_subject(evidence),
        by=by,
        max_attempts=2,
    )
    return Preview(PreviewState.MAKING)


def make_preview(evidence: Evidence, report: jobs.Report) -> dict[str, object]:
    """Render a document's pages and keep them; return their sizes and the number of all pages.

    Raises PagesError or CannotPreview, each with a sentence for the user.
    """
    report(10, _("Membaca halaman"))
    try:
        with Path(evidence.file.path).open("rb") as document:
            made = pages.render(document, evidence.content_type)
    except FileNotFoundError as error:
        raise CannotPreview(_("Berkas tidak ditemukan di penyimpanan.")) from error
    report(80, _("Menyimpan halaman"))
    folder = _folder(evidence)
    part = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}.part")
    try:
        part.mkdir(mode=0o750, parents=True)
        for number, page in enumerate(made.pages, start=1):
            (part / f"{number}.webp").write_bytes(page.content)
        # A second run finds the folder of the first, with the same pictures.
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    except OSError as error:
        logger.exception("pictures of evidence %s could not be stored", evidence.pk)
        raise CannotPreview(
            _("Ruang penyimpanan penuh; halaman tidak dapat ditampilkan sekarang.")
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return {
        "page_count": made.page_count,
        "sizes": [[page.width, page.height] for page in made.pages],
    }


def page_file(evidence: Evidence, number: int) -> Path | None:
    """Return the picture of a page; None where there is none."""
    if evidence.kind != Evidence.Kind.FILE or not 1 <= number <= pages.PAGES_MAX:
        return None
    path = _folder(evidence) / f"{number}.webp"
    return path if path.is_file() else None


def _folder(evidence: Evidence) -> Path:
    return Path(settings.PREVIEWS) / evidence.sha256[:2] / evidence.sha256


def _subject(evidence: Evidence) -> str:
    return f"preview:{evidence.sha256}"


def _latest(evidence: Evidence) -> Job | None:
    return Job.objects.filter(subject=_subject(evidence), kind=KIND).order_by("-pk").first()
