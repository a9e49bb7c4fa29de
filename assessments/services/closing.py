"""Closing a period for good, and opening it again for a reason; audited on the system's stream."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Assessment, Objection, Period, State
from units.access import ROLE_PERMISSIONS, Permission, has_permission
from units.models import Membership, User
from zona import audit
from zona.jobs import enqueue
from zona.models import Job, Notification

ARCHIVE_JOB = "period_archive"


class ClosingRefused(Exception):
    """The period cannot be closed or opened again like this; the text is the user's sentence."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a period stands before it is closed: what would be frozen unfinished."""

    total: int
    final: int
    unfinished: tuple[tuple[str, int], ...]
    objections: int

    @property
    def open_count(self) -> int:
        """Return how many worksheets are not final."""
        return self.total - self.final


def standing_of(period: Period) -> Standing:
    """Return what closing a period now would freeze; two statements."""
    sheets = Assessment.objects.newest_versions().filter(period=period)
    counts = dict(sheets.order_by().values_list("state").annotate(Count("pk")))
    waiting = Objection.objects.filter(assessment__in=sheets, verdict="").count()
    return Standing(
        total=sum(counts.values()),
        final=counts.get(State.FINAL, 0),
        unfinished=tuple(
            (str(label), counts[value])
            for value, label in State.choices
            if value in counts and value != State.FINAL
        ),
        objections=waiting,
    )


@transaction.atomic
def close_period(*, period: Period, by: User, accepted_open: int = 0) -> Period:
    """Freeze a period and have its archive made in the background.

    accepted_open: of how many unfinished worksheets the person knows that they stay as they are.
    Raises ClosingRefused. Waits for those who write just now.
    """
    if not has_permission(by, Permission.PERIOD_MANAGE):
        raise ClosingRefused(_("Periode ditutup oleh sekretariat TPI."))
    # Lock order: worksheets, then what stands above them; a save under way ends first.
    list(Assessment.objects.select_for_update().filter(period=period).order_by("pk").values("pk"))
    period = Period.objects.select_for_update(of=("self",)).get(pk=period.pk)
    if period.is_closed:
        raise ClosingRefused(_("{period} sudah ditutup.").format(period=period))
    standing = standing_of(period)
    if standing.open_count != accepted_open:
        raise ClosingRefused(
            _("{n} LKE belum final. Centang bahwa LKE itu dibekukan seperti adanya.").format(
                n=standing.open_count
            )
        )
    period.closed_at, period.closed_by, period.is_open = timezone.now(), by, False
    period.version += 1
    period.save(update_fields=["closed_at", "closed_by", "is_open", "version"])
    data = {"sheets": standing.total, "final": standing.final}
    audit.record_system([audit.Fact("period.closed", period.subject, data)], by=by)
    request_archive(period=period, by=by)
    return period


def request_archive(*, period: Period, by: User) -> Job:
    """Queue the archive of a closed period; one that is under way is returned. In a transaction."""
    waiting = Job.objects.filter(
        kind=ARCHIVE_JOB, subject=period.subject, state__in=[Job.State.QUEUED, Job.State.RUNNING]
    ).first()
    if waiting is not None:
        return waiting
    return enqueue(ARCHIVE_JOB, args={"period": period.pk}, subject=period.subject, by=by)


@transaction.atomic
def reopen_period(*, period: Period, reason: str, by: User) -> Period:
    """Let a closed period be written again; its archives stay as they are.

    New worksheets are opened only once the secretariat opens the period for them too.
    Raises ClosingRefused: not his to do, no reason, or not closed.
    """
    if not has_permission(by, Permission.PERIOD_REOPEN):
        raise ClosingRefused(_("Periode dibuka kembali oleh Inspektur Jenderal."))
    reason = reason.strip()
    if not reason:
        raise ClosingRefused(_("Tulis alasannya."))
    period = Period.objects.select_for_update(of=("self",)).get(pk=period.pk)
    if not period.is_closed:
        raise ClosingRefused(_("{period} tidak sedang ditutup.").format(period=period))
    data = {"closed_at": period.closed_at.isoformat(), "reason": reason[:2000]}
    period.closed_at, period.closed_by = None, None
    period.version += 1
    period.save(update_fields=["closed_at", "closed_by", "version"])
    audit.record_system([audit.Fact("period.reopened", period.subject, data)], by=by)
    managing = [role for role, may in ROLE_PERMISSIONS.items() if Permission.PERIOD_MANAGE in may]
    offices = Membership.objects.in_force().filter(role__in=managing, user__is_active=True)
    Notification.objects.bulk_create(
        Notification(
            user_id=pk,
            kind="period",
            text=_("{period} dibuka kembali oleh {person}.").format(period=period, person=by),
            url=period.get_absolute_url(),
        )
        for pk in sorted(set(offices.values_list("user_id", flat=True)))
    )
    return period
