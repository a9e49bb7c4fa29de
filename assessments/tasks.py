"""Background doors to the services: reports of worksheets, and the deadlines of repairs."""

from __future__ import annotations

from datetime import timedelta

from zona.jobs import JobFailed, register


@register("evaluation_report")
def make_evaluation_pdf(job, report) -> dict[str, int]:
    """Make the evaluation report (LHE) of a worksheet; a second run makes the next version."""
    return _make(job, report)


@register("evaluation_summary")
def make_summary_pdf(job, report) -> dict[str, int]:
    """Make the one-page summary of a worksheet; a second run makes the next version."""
    return _make(job, report)


def _make(job, report) -> dict[str, int]:
    """Make the document that a job asks for, in the name of whoever asked."""
    from assessments.models import Assessment
    from assessments.services.documents import KINDS, CannotReport, make_document
    from zona.pdf import PdfError

    assessment = Assessment.objects.for_page().get(pk=job.args["assessment"])
    try:
        document = make_document(
            assessment=assessment,
            kind=KINDS[job.kind],
            by=job.requested_by,
            site=job.args["site"],
            report=report,
        )
    except (CannotReport, PdfError) as failure:
        raise JobFailed(str(failure)) from failure
    return {"document": document.pk}


@register("assessments.preview")
def make_preview(job, report) -> dict[str, object]:
    """Make the pictures of a document's pages; a second run makes the same."""
    from assessments.models import Evidence
    from assessments.services import previews
    from zona.pages import PagesError

    evidence = Evidence.objects.get(pk=job.args["evidence"])
    try:
        return previews.make_preview(evidence, report)
    except (PagesError, previews.CannotPreview) as failure:
        raise JobFailed(str(failure)) from failure


@register("assessments.check_link")
def check_link(job, report) -> dict[str, str]:
    """Look at the address of one piece of evidence."""
    from assessments.models import Evidence
    from assessments.services.links import check_link as look

    return {"state": look(Evidence.objects.get(pk=job.args["evidence"]))}


@register("assessments.check_links", every=timedelta(hours=6))
def check_links(job, report) -> dict[str, int]:
    """Look at the addresses that nobody has looked at for a week."""
    from assessments.services.links import check_due

    return {"checked": check_due(report)}


@register("assessments.close_repairs", every=timedelta(minutes=5))
def close_repairs(job, report) -> dict[str, int]:
    """Take back the worksheets whose repair is over its deadline."""
    from assessments.services.states import close_overdue_repairs

    return {"closed": close_overdue_repairs()}


@register("assessments.forget_receipts", every=timedelta(days=1))
def forget_receipts(job, report) -> dict[str, int]:
    """Remove replies to saves that no client sends again: older than thirty days."""
    from django.utils import timezone

    from assessments.models import SaveReceipt

    old = SaveReceipt.objects.filter(created_at__lt=timezone.now() - timedelta(days=30))
    return {"removed": old.delete()[0]}


def _make_journey_paper(job, report) -> dict[str, int]:
    """Make the paper that a job asks for; a second run makes the next version."""
    from assessments.journey.papers import make_paper, subject_from
    from zona.pdf import PdfError

    try:
        document = make_paper(
            subject=subject_from(job.args),
            kind=job.kind,
            by=job.requested_by,
            site=job.args["site"],
            report=report,
        )
    except PdfError as failure:
        raise JobFailed(str(failure)) from failure
    return {"document": document.pk}


@register("proposal_letter")
def make_proposal_letter(job, report) -> dict[str, int]:
    """Make a letter of proposal."""
    return _make_journey_paper(job, report)


@register("proposal_statement")
def make_proposal_statement(job, report) -> dict[str, int]:
    """Make the statement of responsibility (SPTJM) that goes with a letter."""
    return _make_journey_paper(job, report)


@register("eligibility_checklist")
def make_eligibility_checklist(job, report) -> dict[str, int]:
    """Make the list of a unit's conditions in a period."""
    return _make_journey_paper(job, report)


@register("monitoring_report")
def make_monitoring_report(job, report) -> dict[str, int]:
    """Make the report on a look at a unit."""
    return _make_journey_paper(job, report)


@register("period_archive")
def make_period_archive(job, report) -> dict[str, int]:
    """Make the archive of a closed period; a second run makes none."""
    from assessments.models import Period
    from assessments.services.archives import CannotArchive, make_archive

    rows = Period.objects.select_related("instrument", "closed_by")
    try:
        archive = make_archive(
            period=rows.get(pk=job.args["period"]), by=job.requested_by, report=report
        )
    except CannotArchive as failure:
        raise JobFailed(str(failure)) from failure
    return {"archive": archive.pk}


@register("period_roll_over")
def roll_over_period(job, report) -> dict[str, int]:
    """Open the worksheets and teams that a new period takes over; a second run adds the rest."""
    from assessments.models import Period
    from assessments.services.roll_over import Carried, carry_over

    carried = carry_over(
        source=Period.objects.get(pk=job.args["source"]),
        target=Period.objects.select_related("instrument").get(pk=job.args["target"]),
        wanted=Carried(**job.args["wanted"]),
        by=job.requested_by,
        report=report,
    )
    return {"opened": carried.opened, "places": carried.places, "refused": carried.refused}


@register("plenary_minutes")
def make_plenary_minutes(job, report) -> dict[str, int]:
    """Make the minutes of a plenary."""
    return _make_journey_paper(job, report)
