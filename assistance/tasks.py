"""Background doors to the services: papers, and what a later year opens again."""

from __future__ import annotations

from datetime import timedelta

from zona.jobs import JobFailed, register


@register("recommendation_matrix")
def make_matrix_pdf(job, report) -> dict[str, int]:
    """Make the follow-up matrix of a unit; a second run makes the next version."""
    from assistance.printing import make_matrix
    from units.models import Unit
    from zona.pdf import PdfError

    unit = Unit.objects.get(pk=job.args["unit"])
    try:
        document = make_matrix(unit=unit, by=job.requested_by, site=job.args["site"], report=report)
    except PdfError as failure:
        raise JobFailed(str(failure)) from failure
    return {"document": document.pk}


@register("assistance.reopen_fallen", every=timedelta(days=1))
def reopen_fallen(job, report) -> dict[str, int]:
    """Open again the recommendations whose indicator fell in a later year."""
    from assistance.services.follow_up import reopen_fallen

    return {"opened": reopen_fallen()}


@register("visit_minutes")
def make_minutes_pdf(job, report) -> dict[str, int]:
    """Make the minutes of a visit; a second run makes the next version."""
    return _make_paper(job, report)


@register("visit_report")
def make_report_pdf(job, report) -> dict[str, int]:
    """Make the report on a visit; a second run makes the next version."""
    return _make_paper(job, report)


@register("visit_order")
def make_order_pdf(job, report) -> dict[str, int]:
    """Make the letter of assignment of a visit; a second run makes the next version."""
    return _make_paper(job, report)


def _make_paper(job, report) -> dict[str, int]:
    from assistance.models import Visit
    from assistance.papers import make_paper
    from zona.pdf import PdfError

    visit = Visit.objects.for_page().select_related("consultation").get(pk=job.args["visit"])
    try:
        document = make_paper(
            visit=visit, kind=job.kind, by=job.requested_by, site=job.args["site"], report=report
        )
    except PdfError as failure:
        raise JobFailed(str(failure)) from failure
    return {"document": document.pk}


@register("assistance.reminders", every=timedelta(hours=1))
def send_reminders(job, report) -> dict[str, int]:
    """Write today's digests and hand over those that wait; a second run repeats nothing.

    Nobody is woken: before the morning (WIB) it does nothing.
    """
    from django.utils import timezone

    from assistance.services.reminders import MORNING_HOUR, prepare, send_waiting

    if timezone.localtime().hour < MORNING_HOUR:
        return {"written": 0, "sent": 0, "failed": 0}
    return {"written": prepare(), **send_waiting()}


@register("assistance.measure_effects", every=timedelta(hours=12))
def measure_effects(job, report) -> dict[str, int]:
    """Measure the units whose visit is 30, 60 or 90 days over; a second run measures nothing."""
    from assistance.services.effects import measure_due

    return {"measured": measure_due()}
