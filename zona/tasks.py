"""Work of the house itself."""

from datetime import timedelta

from zona.jobs import register


@register("zona.clear_sessions", every=timedelta(days=1))
def clear_sessions(job, report) -> None:
    """Remove the sessions that have ended: nothing else ever does."""
    from django.core.management import call_command

    call_command("clearsessions")


@register("zona.sweep_files", every=timedelta(hours=1))
def sweep_files(job, report) -> dict[str, int]:
    """Remove stored files whose rows were never committed."""
    from zona import files

    return {"removed": files.sweep()}


@register("zona.anchor_audit", every=timedelta(days=1))
def anchor_audit(job, report) -> dict[str, str]:
    """Keep one digest a day over the heads of all audit chains."""
    from django.utils import timezone

    from zona import audit

    return {"digest": audit.anchor(audit.heads(), on=timezone.localdate()).digest}
