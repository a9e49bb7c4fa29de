"""Background doors of people: the letter by which a new person chooses a password."""

from __future__ import annotations

from zona.jobs import JobFailed, register


@register("units.invitation")
def send_invitation(job, report) -> dict:
    """Send a person the way to a first password; run twice it sends a second, as good letter."""
    from units.services.people import CannotInvite, send_invitation

    try:
        return {"sent_to": send_invitation(job.args["person"], site=job.args["site"])}
    except CannotInvite as refused:
        raise JobFailed(str(refused)) from refused
