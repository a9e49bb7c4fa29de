"""Papers of a survey: asked for, made in the background, kept where only its people fetch them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys import printing
from surveys.models import Survey
from surveys.services.retention import POSTER_KIND, SHEET_KIND, forget_file
from surveys.services.tokens import make_tokens
from units.models import User
from zona import jobs, pdf
from zona.documents import new_public_code, store_document
from zona.models import Document, Job

POSTER, REPORT, RESULT_POSTER = POSTER_KIND, "surveys.report", "surveys.result_poster"
WAITING = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True, slots=True)
class PrintKind:
    """A kind of paper: its name and whether it needs a locked result."""

    code: str
    label: str
    needs_result: bool


KINDS = {
    kind.code: kind
    for kind in (
        PrintKind(POSTER, gettext_lazy("Poster QR"), False),
        PrintKind(SHEET_KIND, gettext_lazy("Lembar token"), False),
        PrintKind(REPORT, gettext_lazy("Laporan survei"), True),
        PrintKind(RESULT_POSTER, gettext_lazy("Poster hasil"), True),
    )
}


class CannotPrint(Exception):
    """The survey has nothing to print of this kind; the text is a sentence for the user."""


def request_print(
    *, survey: Survey, kind: str, by: User, site: str, options: dict[str, Any] | None = None
) -> Job:
    """Queue the making of a paper, or return the same order that already waits.

    site: address of this house; the setting SITE_URL comes first.
    Raises CannotPrint where the result is not locked.
    """
    if KINDS[kind].needs_result and not survey.has_result:
        raise CannotPrint(_("Kunci dahulu hasil survei ini."))
    args = {"survey": survey.pk, "site": settings.SITE_URL or site, **(options or {})}
    with transaction.atomic():
        Survey.objects.select_for_update().get(pk=survey.pk)
        waiting = Job.objects.filter(kind=kind, subject=survey.subject, state__in=WAITING)
        same = next((job for job in waiting if job.args == args), None)
        if same is not None and kind != SHEET_KIND:
            return same
        return jobs.enqueue(kind, args=args, subject=survey.subject, by=by)


def make_print(job: Job, report: jobs.Report) -> dict[str, Any]:
    """Make the paper that a job asks for; returns the name of its file.

    Raises CannotPrint or PdfError, each with a sentence for the user.
    """
    survey = Survey.objects.select_related("unit").get(pk=job.args["survey"])
    report(10, _("Menata halaman"))
    return _MAKERS[job.kind](survey, job, report)


def _make_poster(survey: Survey, job: Job, report: jobs.Report) -> dict[str, Any]:
    html = printing.poster_html(
        survey,
        site=job.args["site"],
        size=job.args["size"],
        by_service=job.args["by_service"],
    )
    return _keep(html, job, survey, report)


def _make_tokens(survey: Survey, job: Job, report: jobs.Report) -> dict[str, Any]:
    """Make tokens and their sheet; a second run makes other tokens, the first ones stay unused."""
    sheet, tokens = make_tokens(survey=survey, count=job.args["count"], by=job.requested_by)
    html = printing.tokens_html(survey, site=job.args["site"], sheet=sheet, tokens=tokens)
    return {**_keep(html, job, survey, report), "sheet": sheet, "count": len(tokens)}


def _keep(html: str, job: Job, survey: Survey, report: jobs.Report) -> dict[str, Any]:
    """Keep a paper's file. The job names it before it exists, so that a killed worker leaves none
    that nobody knows of: the next attempt, or the retention job, removes what an attempt left.
    """
    printed = pdf.render(html, css=printing.style_sheet())
    report(90, _("Menyimpan berkas"))
    name = f"survey-prints/{survey.pk}/{secrets.token_hex(16)}.pdf"
    forget_file(job)
    if not jobs.note_result(job, {"file": name}):
        raise jobs.JobSuperseded
    default_storage.save(name, ContentFile(printed.content))
    return {"file": name, "pages": printed.page_count}


def _make_document(survey: Survey, job: Job, report: jobs.Report) -> dict[str, Any]:
    if not survey.has_result:
        raise CannotPrint(_("Hasil survei sudah dibuka kembali; kunci dahulu hasil yang baru."))
    code = new_public_code()
    mark = printing.mark_of(code, site=job.args["site"], dated_on=timezone.localdate())
    if job.kind == REPORT:
        html = printing.report_html(survey, mark, as_of=timezone.now())
    else:
        html = printing.result_poster_html(survey, mark)
    printed = pdf.render(html, css=printing.style_sheet())
    report(90, _("Menyimpan dokumen"))
    document = _issue(
        kind=job.kind,
        subject=survey.subject,
        title=f"{KINDS[job.kind].label}: {survey.title}"[:250],
        public_code=code,
        content=printed.content,
        page_count=printed.page_count,
        facts={
            "kind": str(KINDS[job.kind].label),
            "unit": survey.unit.name,
            "unit_code": survey.unit.code,
        },
        by=job.requested_by,
    )
    return {"document": document.pk, "pages": printed.page_count}


@transaction.atomic
def _issue(**fields: Any) -> Document:
    """Keep a document that holds at once; the one before it is superseded."""
    document = store_document(**fields)
    earlier = Document.objects.filter(
        kind=document.kind, subject=document.subject, status=Document.Status.ISSUED
    )
    earlier.update(status=Document.Status.SUPERSEDED, superseded_by=document)
    document.status, document.dated_on = Document.Status.ISSUED, timezone.localdate()
    document.save(update_fields=["status", "dated_on"])
    return document


_MAKERS: dict[str, Callable[[Survey, Job, jobs.Report], dict[str, Any]]] = {
    POSTER: _make_poster,
    SHEET_KIND: _make_tokens,
    REPORT: _make_document,
    RESULT_POSTER: _make_document,
}


def stored_file(job: Job):
    """Return the open file that a finished job made; None where it was deleted since."""
    if "document" in job.result:
        return Document.objects.get(pk=job.result["document"]).file.open("rb")
    name = job.result.get("file")
    return default_storage.open(name, "rb") if name and default_storage.exists(name) else None
