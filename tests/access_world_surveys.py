"""The surveys of the world in which the access table is tried: one of each kind on each place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from surveys.models import ImportBatch, Questionnaire, ResponseComment
from surveys.services.external import record_external
from surveys.services.improvements import add_improvement
from surveys.services.questionnaires import follow_questionnaire
from surveys.services.submission import Comment
from surveys.tests import factories
from units.models import Unit, User
from zona.models import Job


def survey_objects(unit: Unit, colleague: User) -> dict[str, object]:
    """Return a planned, an open and a locked survey of a unit, and what hangs on them."""
    plan = factories.make_survey(unit)
    running = factories.make_open_survey(unit)
    edition = running.parts.get().questionnaire
    factories.answer(running, comments=[Comment(edition.pk, "advice", "Pertahankan")])
    locked = factories.make_open_survey(unit)
    factories.answer(locked)
    factories.lock(locked)
    locked.refresh_from_db()
    report = ContentFile(b"%PDF-1.7", name="laporan.pdf")
    job = Job.objects.create(
        kind="surveys.qr_poster",
        subject=locked.subject,
        state=Job.State.DONE,
        result={"file": report_file(unit)},
    )
    return {
        "plan": plan,
        "running": running,
        "locked": locked,
        "part": locked.parts.get(),
        "comment": ResponseComment.objects.get(survey=running),
        "batch": ImportBatch.objects.create(
            survey=running,
            file_name="kertas.csv",
            sha256="0" * 64,
            mode="paper",
            created_by=colleague,
        ),
        "improvement": add_improvement(
            survey=locked,
            subject="Pungutan liar",
            action="Memasang papan tarif",
            owner="Kepala loket",
            due_on=date(2027, 1, 31),
            by=colleague,
        ),
        "external": record_external(
            unit=unit,
            kind="spak",
            year=2026,
            index4=Decimal("3.70"),
            surveyor="BPS",
            reported_on=date(2026, 9, 1),
            report=report,
            by=colleague,
        ),
        "survey_print": SimpleNamespace(pk=job.public_id),
        "edition": Questionnaire.objects.filter(code="edisi-draf").first()
        or follow_questionnaire(
            questionnaire=edition, code="edisi-draf", scale_max=4, by=colleague
        ),
    }


def report_file(unit: Unit) -> str:
    """Keep a small file and return its name."""
    return default_storage.save(f"survey-prints/{unit.code}.pdf", ContentFile(b"%PDF-1.7"))
