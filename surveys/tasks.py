"""Background doors to the services: papers, the last day of surveys, the end of single answers."""

from __future__ import annotations

from datetime import timedelta

from zona.jobs import JobFailed, register


def _make(job, report) -> dict:
    from surveys.services.prints import CannotPrint, make_print
    from zona.pdf import PdfError

    try:
        return make_print(job, report)
    except (CannotPrint, PdfError) as failure:
        raise JobFailed(str(failure)) from failure


@register("surveys.qr_poster")
def make_qr_poster(job, report) -> dict:
    """Make the poster that leads to a survey's form."""
    return _make(job, report)


@register("surveys.token_sheet")
def make_token_sheet(job, report) -> dict:
    """Make tokens and the sheet on which they are printed."""
    return _make(job, report)


@register("surveys.report")
def make_survey_report(job, report) -> dict:
    """Make the report of a locked survey; a second run makes the next version."""
    return _make(job, report)


@register("surveys.result_poster")
def make_result_poster(job, report) -> dict:
    """Make the public poster of a locked result."""
    return _make(job, report)


@register("surveys.close_due", every=timedelta(minutes=15))
def close_due_surveys(job, report) -> dict:
    """Close the surveys whose last day has passed."""
    from surveys.services.lifecycle import close_due

    return {"closed": close_due()}


@register("surveys.erase_due", every=timedelta(days=1))
def erase_due_answers(job, report) -> dict:
    """Delete the single answers whose term has ended, and other leftovers."""
    from surveys.services.retention import erase_due

    return erase_due()
