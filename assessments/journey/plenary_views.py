"""Pages of the plenary: meetings of a period, the agenda, a decision, the minutes."""

from __future__ import annotations

from copy import copy

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.journey import papers, plenary
from assessments.journey.building import can_see_all
from assessments.journey.paper_views import make_paper_of
from assessments.journey.papers import Subject, paper_panel
from assessments.journey.views import _period
from assessments.models import Plenary, PlenaryDecision
from units.forms import DayInput, Versioned
from units.services import RowChanged

PAGE_ROWS = 25
PEOPLE_MAX = 200


class PlenaryForm(Versioned, forms.ModelForm):
    """A meeting; who was there is written one person per line."""

    people = forms.CharField(
        label=gettext_lazy("Daftar hadir"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=20_000,
        help_text=gettext_lazy("Satu orang per baris: nama; jabatan."),
    )

    class Meta:
        model = Plenary
        fields = ("held_on", "place", "chair_name", "chair_position", "notes")
        widgets = {"held_on": DayInput(), "notes": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        there = self.instance.attendance
        self.fields["people"].initial = "\n".join(
            "; ".join(filter(None, (name, position))) for name, position in there
        )

    def clean_held_on(self):
        """A meeting that has not been held decided nothing."""
        day = self.cleaned_data["held_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Rapat belum berlangsung; tanggalnya belum tiba."))
        return day

    def clean_people(self):
        """Return name and position per line."""
        found = []
        for line in self.cleaned_data["people"].splitlines():
            name, _mark, position = (part.strip() for part in line.partition(";"))
            if not name:
                continue
            if len(name) > 150 or len(position) > 150:
                raise forms.ValidationError(
                    _("Nama dan jabatan paling panjang 150 huruf: {name}").format(name=name[:40])
                )
            found.append([name, position])
        if not found:
            raise forms.ValidationError(_("Tulis sedikitnya satu orang yang hadir."))
        if len(found) > PEOPLE_MAX:
            raise forms.ValidationError(_("Paling banyak {n} orang.").format(n=PEOPLE_MAX))
        return found

    @property
    def told(self) -> dict:
        """Return the meeting's fields as the service takes them."""
        values = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return values | {"attendance": self.cleaned_data["people"]}


class DecisionForm(Versioned, forms.ModelForm):
    """What the meeting decided on a unit."""

    class Meta:
        model = PlenaryDecision
        fields = ("verdict", "reason", "dissent")
        widgets = {
            "verdict": forms.RadioSelect,
            "reason": forms.Textarea(attrs={"rows": 4}),
            "dissent": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "dissent": gettext_lazy("Siapa berpendapat lain dan mengapa; kosong bila bulat.")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["verdict"].choices = PlenaryDecision.Verdict.choices


def _seen(request) -> None:
    """Meetings name many units: they are the inspectorate's."""
    if not can_see_all(request.user):
        raise PermissionDenied


def _plenary(request, pk: int) -> Plenary:
    if not can_see_all(request.user):
        raise Http404
    rows = Plenary.objects.select_related("period__instrument").defer(
        "period__instrument__document"
    )
    return get_object_or_404(rows, pk=pk)


@login_required
@require_safe
def plenary_list(request, period):
    """List the meetings of a period."""
    period = _period(request, period)
    _seen(request)
    rows = period.plenaries.annotate(n=Count("decisions"))
    context = {
        "period": period,
        "rows": rows,
        "waiting": plenary.on_table(period).filter(decisions=None).count(),
        "can_write": plenary.can_write(request.user) and not period.is_closed,
    }
    return render(request, "assessments/plenary_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plenary_create(request, period):
    """Record a meeting."""
    period = _period(request, period)
    if not plenary.can_write(request.user):
        raise PermissionDenied
    form = PlenaryForm(request.POST or None, initial={"held_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        held = plenary.hold(period=period, by=request.user, **form.told)
        messages.success(request, _("Rapat pleno tercatat. Putuskan tiap unit pada agendanya."))
        return redirect(held)
    context = {"form": form, "period": period}
    return render(request, "assessments/plenary_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plenary_edit(request, pk):
    """Change what is recorded of a meeting."""
    row = _plenary(request, pk)
    if not plenary.can_write(request.user):
        raise PermissionDenied
    form = PlenaryForm(request.POST or None, instance=copy(row))
    newer = None
    if request.method == "POST" and form.is_valid():
        try:
            plenary.change(plenary=row, by=request.user, version=form.seen_version, **form.told)
        except RowChanged as changed:
            newer = changed.current
            form.show_newer(newer.version)
        except plenary.PlenaryRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Rapat pleno tersimpan."))
            return redirect(row)
    context = {"form": form, "period": row.period, "row": row, "newer": newer}
    return render(request, "assessments/plenary_form.html", context)


@login_required
@require_safe
def plenary_detail(request, pk):
    """Show a meeting: its agenda with the decisions, who was there, its minutes."""
    row = _plenary(request, pk)
    page = Paginator(plenary.on_table(row.period), PAGE_ROWS).get_page(request.GET.get("hal"))
    context = {
        "row": row,
        "period": row.period,
        "page": page,
        "lines": plenary.agenda(row, page.object_list),
        "panel": paper_panel(Subject(plenary=row), request.user),
        "can_write": plenary.can_write(request.user)
        and row.closed_at is None
        and not row.period.is_closed,
    }
    return render(request, "assessments/plenary_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plenary_decide(request, pk, assessment):
    """Record what a meeting decided on one unit."""
    row = _plenary(request, pk)
    if not plenary.can_write(request.user):
        raise PermissionDenied
    sheet = get_object_or_404(plenary.on_table(row.period), pk=assessment)
    (line,) = plenary.agenda(row, [sheet])
    form = DecisionForm(
        request.POST or None,
        instance=copy(line.decision),
        initial=None if line.decision else {"verdict": line.suggestion},
    )
    newer = None
    if request.method == "POST" and form.is_valid():
        try:
            plenary.decide(
                plenary=row,
                assessment=sheet,
                by=request.user,
                version=form.seen_version,
                **form.typed,
            )
        except RowChanged as changed:
            newer = changed.current
            form.show_newer(newer.version)
        except plenary.PlenaryRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Putusan {unit} tercatat.").format(unit=sheet.unit.label))
            return redirect(row)
    context = {"row": row, "period": row.period, "line": line, "form": form, "newer": newer}
    return render(request, "assessments/plenary_decide.html", context)


@login_required
@require_POST
def plenary_paper(request, pk):
    """Make the minutes."""
    return make_paper_of(request, Subject(plenary=_plenary(request, pk)), papers.MINUTES)
