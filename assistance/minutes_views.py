"""Pages of a visit's minutes: write, confirm."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from assistance import minutes_page, papers
from assistance.models import Minutes
from assistance.permissions import can_hold, side_of
from assistance.services.minutes import (
    TEXT_MAX,
    MinutesChanged,
    MinutesRefused,
    confirm_minutes,
    write_minutes,
)
from assistance.visit_views import seen


class MinutesForm(forms.ModelForm):
    """The words of the minutes."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Minutes
        fields = ("summary", "agreed")
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 6, "maxlength": TEXT_MAX}),
            "agreed": forms.Textarea(attrs={"rows": 4, "maxlength": TEXT_MAX}),
        }


class ConfirmForm(forms.Form):
    """One side's word."""

    objection = forms.CharField(
        label=gettext_lazy("Keberatan"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Kosongkan bila setuju. Keberatan ikut tercetak."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


LATE = gettext_lazy("Rekan Anda menyimpan berita acara lebih dulu. Muat ulang, lalu periksa lagi.")


@login_required
@require_http_methods(["GET", "POST"])
def minutes(request, pk):
    """Show the minutes of a visit; its team writes them until a side has confirmed."""
    visit = seen(request, pk)
    row = Minutes.objects.filter(visit=visit).first()
    form = MinutesForm(
        request.POST or None, instance=row, initial={"version": row.version if row else 0}
    )
    if request.method == "POST":
        if not can_hold(request.user, visit):
            raise PermissionDenied
        if form.is_valid():
            try:
                write_minutes(
                    visit=visit,
                    summary=form.cleaned_data["summary"],
                    agreed=form.cleaned_data["agreed"],
                    version=form.cleaned_data["version"] or 0,
                    by=request.user,
                )
            except MinutesRefused as refusal:
                form.add_error(None, str(refusal))
            except MinutesChanged:
                form.add_error(None, str(LATE))
            else:
                messages.success(request, _("Berita acara tersimpan."))
                return redirect("assistance:minutes", pk)
    return _page(request, visit, form=form)


def _page(request, visit, *, form=None, confirm=None, status=200):
    row = Minutes.objects.filter(visit=visit).first()
    report = minutes_page.build_minutes(visit, row) if row and visit.scenario_id else None
    given = [c for c in (report.unit, report.itjen) if c] if report else []
    side = side_of(request.user, visit)
    may_confirm = (
        report is not None
        and visit.state == "held"
        and bool(side)
        and not any(c.side == side or c.by_id == request.user.pk for c in given)
    )
    may_write = can_hold(request.user, visit) and visit.state in ("running", "held") and not given
    if form is None:
        form = MinutesForm(instance=row, initial={"version": row.version if row else 0})
    if confirm is None and may_confirm:
        confirm = ConfirmForm(initial={"version": row.version}, prefix="konfirmasi")
    context = {
        "visit": visit,
        "report": report,
        "form": form if may_write else None,
        "confirm": confirm,
        "may_confirm": may_confirm,
        "panel": papers.paper_panel(visit, papers.MINUTES, request.user, is_written=bool(row)),
    }
    return render(request, "assistance/minutes.html", context, status=status)


@login_required
@require_POST
def minutes_confirm(request, pk):
    """Confirm the minutes for one's own side."""
    visit = seen(request, pk)
    form = ConfirmForm(request.POST, prefix="konfirmasi")
    if form.is_valid():
        try:
            confirm_minutes(
                visit=visit,
                version=form.cleaned_data["version"],
                objection=form.cleaned_data["objection"],
                by=request.user,
            )
        except MinutesRefused as refusal:
            form.add_error(None, str(refusal))
        except MinutesChanged:
            form.add_error(None, str(LATE))
        else:
            messages.success(request, _("Konfirmasi Anda tercatat."))
            return redirect("assistance:minutes", pk)
    return _page(request, visit, confirm=form, status=422)
