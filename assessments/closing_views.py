"""Pages of a period's end and of the next one: closing, its archive, opening again, roll-over."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import permissions
from assessments.models import Period, PeriodArchive
from assessments.period_forms import CloseForm, ReopenForm, RollForm
from assessments.services import closing, roll_over
from zona.models import Job

LEFT_SHOWN = 100


def _period(pk) -> Period:
    rows = Period.objects.select_related("instrument", "closed_by", "rolled_from")
    return get_object_or_404(rows.defer("instrument__document"), pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def period_close(request, pk):
    """Say what closing would freeze, then do it."""
    if not permissions.can_manage_periods(request.user):
        raise PermissionDenied
    period = _period(pk)
    standing = closing.standing_of(period)
    form = CloseForm(request.POST or None, standing=standing, period=period)
    if request.method == "POST" and form.is_valid():
        try:
            closing.close_period(
                period=period, by=request.user, accepted_open=form.cleaned_data["open_count"] or 0
            )
        except closing.ClosingRefused as refused:
            form.add_error(None, str(refused))
        else:
            text = _("%(period)s ditutup; arsipnya sedang dibuat.")
            messages.success(request, text % {"period": period})
            return redirect(period)
    context = {"period": period, "standing": standing, "form": form}
    return render(request, "assessments/period_close.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def period_reopen(request, pk):
    """Ask for the reason and open a closed period again."""
    if not permissions.can_reopen_periods(request.user):
        raise PermissionDenied
    period = _period(pk)
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            closing.reopen_period(period=period, by=request.user, **form.cleaned_data)
        except closing.ClosingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(period)s dibuka kembali.") % {"period": period})
            return redirect(period)
    return render(request, "assessments/period_reopen.html", {"period": period, "form": form})


@login_required
@require_safe
def period_state(request, pk):
    """Show how far the work on a period is: its archive, or what is carried over into it."""
    if not permissions.can_manage_periods(request.user):
        raise PermissionDenied
    return render(request, "assessments/_period_work.html", period_work(request.user, _period(pk)))


def period_work(user, period: Period) -> dict:
    """Return the newest job of each kind on a period and its archives, for the secretariat."""
    kinds = (closing.ARCHIVE_JOB, roll_over.ROLL_JOB)
    jobs = Job.objects.filter(subject=period.subject, kind__in=kinds).order_by("-pk")[:10]
    newest: dict[str, Job] = {}
    for job in jobs:
        newest.setdefault(job.kind, job)
    live = (Job.State.QUEUED, Job.State.RUNNING)
    return {
        "period": period,
        "archives": list(period.archives.select_related("made_by")),
        "archiving": newest.get(closing.ARCHIVE_JOB),
        "rolling": newest.get(roll_over.ROLL_JOB),
        "is_waiting": any(job.state in live for job in newest.values()),
        "can_reopen": permissions.can_reopen_periods(user),
    }


@login_required
@require_POST
def archive_make(request, pk):
    """Have the archive of a closed period made again after it failed."""
    if not permissions.can_manage_periods(request.user):
        raise PermissionDenied
    period = _period(pk)
    if period.is_closed:
        with transaction.atomic():
            closing.request_archive(period=period, by=request.user)
    return redirect(period)


@login_required
@require_safe
def archive_download(request, pk):
    """Hand out the archive of a period."""
    if not permissions.can_manage_periods(request.user):
        raise PermissionDenied
    archive = get_object_or_404(PeriodArchive.objects.select_related("period"), pk=pk)
    return FileResponse(
        archive.file.open("rb"),
        as_attachment=True,
        filename=archive.file.name.rsplit("/", 1)[-1],
        content_type="application/zip",
    )


@login_required
@require_http_methods(["GET", "POST"])
def period_roll(request, pk):
    """Make a new period from this one: what comes along, what does not, then do it."""
    if not permissions.can_manage_periods(request.user):
        raise PermissionDenied
    period = _period(pk)
    form = RollForm(request.POST or None, source=period)
    if request.method == "POST" and form.is_valid():
        try:
            target, _job = roll_over.roll_over(
                source=period, wanted=form.wanted, by=request.user, **form.period_values
            )
        except roll_over.RollRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(period)s sedang disiapkan.") % {"period": target})
            return redirect(target)
    year = form.year
    target = roll_over.rolled_period(period, year)
    plan = roll_over.preview(period, target, roll_over.Carried(), year=year)
    context = {
        "period": period,
        "form": form,
        "target": target,
        "plan": plan,
        "left": plan.left[:LEFT_SHOWN],
        "year": year,
    }
    return render(request, "assessments/period_roll.html", context)


@login_required
@require_POST
def period_roll_on(request, pk):
    """Carry over again what a period that was rolled over still lacks."""
    if not permissions.can_manage_periods(request.user):
        raise PermissionDenied
    target = _period(pk)
    if target.rolled_from is None:
        messages.info(request, _("Periode ini tidak digulirkan dari periode lain."))
        return redirect(target)
    try:
        roll_over.roll_over(
            source=target.rolled_from,
            wanted=roll_over.Carried(),
            by=request.user,
            year=target.year,
        )
    except roll_over.RollRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Unit yang belum terbawa sedang dibukakan LKE."))
    return redirect(target)
