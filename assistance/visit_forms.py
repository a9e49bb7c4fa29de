"""Forms of visits."""

from __future__ import annotations

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Assessment, Assignment, Rank
from assistance.models import Attendance, Consultation, Visit
from assistance.services.visits import PLAN_FIELDS, TEXT_MAX, Plan
from units.access import Role, load_access
from units.forms import DayInput
from units.models import Service, User

LETTERS_SHOWN = 60


class PlanForm(forms.ModelForm):
    """When, how and why a visit takes place."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Visit
        fields = PLAN_FIELDS
        widgets = {
            "starts_on": DayInput(),
            "ends_on": DayInput(),
            "purpose": forms.Textarea(attrs={"rows": 3}),
            "agenda": forms.Textarea(attrs={"rows": 5}),
        }
        labels = {"assignment": gettext_lazy("Surat tugas")}
        help_texts = {
            "agenda": gettext_lazy("Satu kegiatan per baris, misalnya: 09.00 Rapat pembukaan."),
            "assignment": gettext_lazy("Hari kunjungan harus di dalam masa surat tugas."),
        }

    def __init__(self, *args, assessments=None, **kwargs):
        """assessments: those for which one may be planned; None when one is changed."""
        super().__init__(*args, **kwargs)
        letters = Assignment.objects.order_by("-dated_on", "-pk")[:LETTERS_SHOWN]
        kept = self.instance.assignment_id
        keys = [letter.pk for letter in letters] + ([kept] if kept else [])
        self.fields["assignment"].queryset = Assignment.objects.filter(pk__in=keys)
        self.fields["assignment"].empty_label = _("Belum ada surat tugas")
        self.fields["assignment"].label_from_instance = _letter_name
        if assessments is not None:
            self.fields["assessment"] = forms.ModelChoiceField(
                assessments, label=_("Unit dan periode"), empty_label=_("Pilih")
            )
            self.order_fields(["assessment", *PLAN_FIELDS])

    def clean(self):
        """The end follows the start."""
        values = super().clean()
        first, last = values.get("starts_on"), values.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("Hari selesai mendahului hari mulai."))
        return values

    def validate_constraints(self):
        """The order of the days is told in words by ``clean``."""

    def plan(self) -> Plan:
        """Return the clean values as the service takes them."""
        return Plan(**{name: self.cleaned_data[name] for name in PLAN_FIELDS})


def _letter_name(letter: Assignment) -> str:
    return f"{letter.number} ({letter.starts_on:%d-%m-%Y} – {letter.ends_on:%d-%m-%Y})"


def plannable(user: User):
    """Return the worksheets whose units may be visited, the newest period first."""
    rows = Assessment.objects.visible_to(user).newest_versions().filter(period__is_open=True)
    return rows.select_related("unit", "period").order_by("-period__year", "unit__name")


class TeamForm(forms.Form):
    """Who goes: a lead, members, and who reviews the report above them."""

    lead = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Ketua tim"), empty_label=gettext_lazy("Pilih")
    )
    supervisor = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Pengendali teknis"),
        required=False,
        empty_label=gettext_lazy("Tidak ada"),
    )
    quality = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Pengendali mutu"),
        required=False,
        empty_label=gettext_lazy("Tidak ada"),
        help_text=gettext_lazy("Jenjang di atas ketua tim mereviu laporan hasil asistensi."),
    )
    members = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=gettext_lazy("Anggota"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("Tahan Ctrl untuk memilih lebih dari satu."),
    )

    def __init__(self, *args, visit: Visit, **kwargs):
        team = list(visit.team.all())
        initial = {
            "lead": next((m.user_id for m in team if m.rank == Rank.LEAD), None),
            "supervisor": next((m.user_id for m in team if m.rank == Rank.SUPERVISOR), None),
            "quality": next((m.user_id for m in team if m.rank == Rank.QUALITY), None),
            "members": [m.user_id for m in team if m.rank == Rank.MEMBER],
        }
        super().__init__(*args, initial=initial, **kwargs)
        auditors = (
            User.objects.active()
            .filter(
                Q(memberships__role=Role.AUDITOR) | Q(memberships__role=Role.QUALITY_CONTROLLER),
                memberships__valid_from__lte=timezone.localdate(),
            )
            .distinct()
            .order_by("name")
        )
        for name in self.fields:
            self.fields[name].queryset = auditors

    def clean(self):
        """Refuse a person in two ranks, so that nobody drops out without a word."""
        values = super().clean()
        chosen = [values.get(name) for name in ("lead", "supervisor", "quality")]
        named = [user for user in (*chosen, *(values.get("members") or ())) if user]
        twice = next((user for user in named if named.count(user) > 1), None)
        if twice:
            raise forms.ValidationError(
                _("{person} dipilih dalam dua jenjang. Pilih satu saja.").format(person=twice)
            )
        return values

    def people(self) -> dict[User, str]:
        """Return who goes with which rank."""
        values = self.cleaned_data
        people = dict.fromkeys(values["members"], Rank.MEMBER)
        for name, rank in (("supervisor", Rank.SUPERVISOR), ("quality", Rank.QUALITY)):
            if values.get(name):
                people[values[name]] = rank
        people[values["lead"]] = Rank.LEAD
        load_access(people)
        return people


class AttendanceForm(forms.ModelForm):
    """Somebody who was there."""

    class Meta:
        model = Attendance
        fields = ("name", "position", "side", "on")
        widgets = {"on": DayInput()}

    def validate_constraints(self):
        """The service tells in words who is there already."""


class ConsultationForm(forms.ModelForm):
    """What was advised on the survey."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Consultation
        fields = ("population", "questionnaire", "period", "status", "advice")
        widgets = {"advice": forms.Textarea(attrs={"rows": 4, "maxlength": TEXT_MAX})}
        help_texts = {
            "population": gettext_lazy(
                "Orang yang dilayani dalam setahun; sampel dihitung darinya."
            ),
            "period": gettext_lazy("Misalnya: 1–31 Maret 2027."),
        }


class ServiceNoteForm(forms.Form):
    """A note on a service."""

    service = forms.ModelChoiceField(
        Service.objects.none(), label=gettext_lazy("Layanan"), empty_label=gettext_lazy("Pilih")
    )
    note = forms.CharField(
        label=gettext_lazy("Catatan"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, visit: Visit, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.filter(unit=visit.unit_id, is_active=True)


class CancelForm(forms.Form):
    """Why a visit is cancelled."""

    reason = forms.CharField(
        label=gettext_lazy("Alasan"),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
