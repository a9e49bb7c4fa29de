"""Forms of periods, letters of assignment and teams."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.catalog import catalog_of
from assessments.models import Assessment, Assignment, Instrument, Period, Predicate, Rank
from assessments.services.periods import PERIOD_FIELDS
from assessments.services.roll_over import Carried
from assessments.services.teams import ASSIGNMENT_FIELDS, RANK_ROLES
from units.access import Role
from units.forms import DayInput, PleaseChoose, Versioned
from units.models import Membership, Unit, User

OPEN_AT_ONCE = 100
RECENT_ASSIGNMENTS = 50


class PeriodForm(PleaseChoose, Versioned, forms.ModelForm):
    """A round of assessments."""

    class Meta:
        model = Period
        fields = PERIOD_FIELDS
        widgets = {
            "evidence_from": DayInput(),
            "evidence_to": DayInput(),
            "self_assessment_due": DayInput(),
            "evaluation_due": DayInput(),
            "proposal_due": DayInput(),
        }
        help_texts = {
            "evidence_from": gettext_lazy("Bukti harus tentang kejadian di dalam jendela ini."),
            "lead_may_submit": gettext_lazy("Bila tidak, hanya kepala unit yang mengajukan."),
            "needs_forwarding": gettext_lazy(
                "Koordinator Eselon I meneruskan LKE sebelum diperiksa TPI."
            ),
            "is_open": gettext_lazy("LKE baru hanya dapat dibuka selama periode dibuka."),
            "objection_days": gettext_lazy(
                "Lama unit dapat menyanggah sesudah final; 0 berarti tanpa sanggah."
            ),
            "quota": gettext_lazy("Jumlah unit yang dapat diusulkan; kosongkan bila tanpa batas."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["instrument"].queryset = Instrument.objects.defer("document")
        self.fields["year"].min_value = 2014
        self.fields["objection_days"].required = False

    def clean(self):
        """Dates run in the order of the work."""
        values = super().clean()
        first, last = values.get("evidence_from"), values.get("evidence_to")
        if first and last and last < first:
            self.add_error("evidence_to", _("Akhir jendela bukti mendahului awalnya."))
        steps = ("self_assessment_due", "evaluation_due", "proposal_due")
        before = None
        for name in steps:
            day = values.get(name)
            if day and before and day < before:
                self.add_error(name, _("Batas ini mendahului langkah sebelumnya."))
            before = day or before
        return values

    def clean_objection_days(self):
        """A blank field leaves the days as they are."""
        days = self.cleaned_data["objection_days"]
        return self.instance.objection_days if days is None else days

    def validate_constraints(self):
        """The window's order is told in words by ``clean``; a second name by ``clean_name``."""

    def clean_name(self):
        """Refuse a second period of the same year and name."""
        name, year = self.cleaned_data["name"], self.cleaned_data.get("year")
        others = Period.objects.exclude(pk=self.instance.pk)
        if others.filter(year=year, name__iexact=name).exists():
            raise forms.ValidationError(_("Tahun ini sudah mempunyai periode dengan nama itu."))
        return name

    @property
    def period_values(self) -> dict:
        """Return the period's fields as the services take them."""
        return {name: self.cleaned_data[name] for name in PERIOD_FIELDS}


class OpenForm(forms.Form):
    """The units for which worksheets are to be opened, and at what they aim."""

    target = forms.ChoiceField(
        label=gettext_lazy("Target predikat"), choices=Predicate.choices, initial=Predicate.WBK
    )
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(),
        label=gettext_lazy("Unit"),
        error_messages={"required": gettext_lazy("Pilih sedikitnya satu unit.")},
    )

    def __init__(self, *args, units, **kwargs):
        """units: those for which a worksheet may be opened."""
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = units

    def clean_units(self):
        """Not more at once than one request can open."""
        units = self.cleaned_data["units"]
        if len(units) > OPEN_AT_ONCE:
            message = _("Buka paling banyak %(count)d LKE sekali jalan.")
            raise forms.ValidationError(message % {"count": OPEN_AT_ONCE})
        return units


class AssignmentForm(Versioned, forms.ModelForm):
    """A letter of assignment."""

    class Meta:
        model = Assignment
        fields = ASSIGNMENT_FIELDS
        widgets = {
            "dated_on": DayInput(),
            "starts_on": DayInput(),
            "ends_on": DayInput(),
            "basis": forms.Textarea(attrs={"rows": 3}),
        }

    def clean(self):
        """The work ends after it begins."""
        values = super().clean()
        first, last = values.get("starts_on"), values.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("Tanggal selesai mendahului tanggal mulai."))
        return values

    def validate_constraints(self):
        """The order of days is told in words by ``clean``; the number is checked as unique."""

    @property
    def assignment_values(self) -> dict:
        """Return the letter's fields as the services take them."""
        return {name: self.cleaned_data[name] for name in ASSIGNMENT_FIELDS}


class AssignmentChoice(forms.Form):
    """A letter that is written down already."""

    assignment = forms.ModelChoiceField(
        Assignment.objects.none(),
        label=gettext_lazy("Surat tugas yang sudah dicatat"),
        empty_label=gettext_lazy("Pilih surat tugas"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        newest = Assignment.objects.order_by("-dated_on", "-pk").values("pk")
        recent = Assignment.objects.filter(pk__in=newest[:RECENT_ASSIGNMENTS])
        self.fields["assignment"].queryset = recent


class PersonChoice(forms.ModelChoiceField):
    """A choice among assessors; the one who may control quality is marked."""

    def label_from_instance(self, person: User) -> str:
        """Return the name, with the role that matters for the rank."""
        if any(role.role == Role.QUALITY_CONTROLLER for role in person.roles):
            return _("%(name)s, pengendali mutu") % {"name": person.name}
        return person.name


def assessors():
    """Return the people who may stand on some team: auditors and quality controllers."""
    suited = Membership.objects.in_force().filter(role__in=RANK_ROLES[Rank.MEMBER])
    people = User.objects.active().filter(pk__in=suited.values("user"))
    return people.for_list(suited).order_by("name")


class MemberForm(Versioned):
    """A place on a worksheet's team."""

    user = PersonChoice(
        User.objects.none(), label=gettext_lazy("Orang"), empty_label=gettext_lazy("Pilih orang")
    )
    rank = forms.ChoiceField(label=gettext_lazy("Kedudukan"), choices=Rank.choices)
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("Area"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Tanpa pilihan berarti semua area."),
    )
    assisted = forms.BooleanField(
        label=gettext_lazy("Mendampingi unit ini pada siklus yang sama"),
        required=False,
        help_text=gettext_lazy("Tidak dilarang, tetapi ditandai di tim dan laporan."),
    )

    def __init__(self, *args, assessment: Assessment, is_new: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        sections = catalog_of(assessment.instrument).sections
        self.fields["areas"].choices = [(one.code, one.label) for one in sections]
        if is_new:
            held = Membership.objects.in_force().filter(unit=assessment.unit)
            self.fields["user"].queryset = (
                assessors()
                .exclude(pk__in=held.values("user"))
                .exclude(pk__in=assessment.team.values("user"))
            )
        else:
            del self.fields["user"]

    def clean(self):
        """Only members are limited to areas."""
        values = super().clean()
        if values.get("areas") and values.get("rank") != Rank.MEMBER:
            self.add_error("areas", _("Hanya anggota tim yang dibatasi area."))
        return values


class CloseForm(forms.Form):
    """The word of whoever closes a period that he knows what it freezes."""

    open_count = forms.IntegerField(widget=forms.HiddenInput, required=False)
    accepted = forms.BooleanField(required=False)
    name = forms.CharField(
        label=gettext_lazy("Ketik nama periode untuk memastikan"), max_length=100
    )

    def __init__(self, *args, standing, period, **kwargs):
        """standing: ``closing.Standing`` of the period now."""
        super().__init__(*args, **kwargs)
        self.standing, self.period = standing, period
        self.fields["open_count"].initial = standing.open_count
        self.fields["accepted"].label = _(
            "%(n)d LKE yang belum final dibekukan seperti adanya."
        ) % {"n": standing.open_count}
        if not standing.open_count:
            del self.fields["accepted"]

    def clean_name(self):
        """Who closes a period has read which one."""
        name = self.cleaned_data["name"].strip()
        if name.casefold() != self.period.name.casefold():
            raise forms.ValidationError(_("Nama itu berbeda dengan nama periode."))
        return name

    def clean(self):
        """Unfinished worksheets are accepted by a tick."""
        values = super().clean()
        if "accepted" in self.fields and not values.get("accepted"):
            self.add_error("accepted", _("Centang bila LKE itu memang dibekukan seperti adanya."))
        return values


class ReopenForm(forms.Form):
    """Why a closed period is opened again."""

    reason = forms.CharField(
        label=gettext_lazy("Alasan"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


def _years_later(day, years: int):
    """Return the same day some years later; 29 February becomes the 28th."""
    if day is None:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


class RollForm(PeriodForm):
    """A new period on the ground of an old one: its days a year later, its rules the same."""

    carry_units = forms.BooleanField(
        label=gettext_lazy("Buka LKE kosong untuk unit yang sama"), required=False, initial=True
    )
    carry_teams = forms.BooleanField(
        label=gettext_lazy("Bawa susunan tim (kedudukan dan area)"), required=False, initial=True
    )

    def __init__(self, data=None, *, source: Period):
        """source: the period that is rolled over; its newest edition is suggested."""
        self.source = source
        super().__init__(data, initial=self._suggested(source))
        self.fields["is_open"].widget = forms.HiddenInput()
        self.fields["is_open"].initial = True

    @staticmethod
    def _suggested(source: Period) -> dict:
        later = source.year + 1
        named = source.name.replace(str(source.year), str(later))
        days = ("evidence_from", "evidence_to", "self_assessment_due", "evaluation_due")
        return {
            "year": later,
            "name": named if named != source.name else f"{source.name} {later}",
            "instrument": source.instrument_id,
            **{name: _years_later(getattr(source, name), 1) for name in (*days, "proposal_due")},
            "quota": source.quota,
            "objection_days": source.objection_days,
            "lead_may_submit": source.lead_may_submit,
            "needs_forwarding": source.needs_forwarding,
        }

    def clean_is_open(self):
        """A new period takes worksheets."""
        return True

    def clean_year(self):
        """The new year comes after the old one, and was not made from it already."""
        year = self.cleaned_data["year"]
        if year <= self.source.year:
            raise forms.ValidationError(
                _("Tahun baru harus sesudah %(year)d.") % {"year": self.source.year}
            )
        made = Period.objects.filter(rolled_from=self.source, year=year).first()
        if made is not None:
            text = _("Tahun ini sudah digulirkan menjadi %(period)s; lanjutkan dari halamannya.")
            raise forms.ValidationError(text % {"period": made})
        return year

    @property
    def year(self) -> int:
        """Return the year that the preview is about."""
        if self.is_bound and self.cleaned_data.get("year"):
            return self.cleaned_data["year"]
        return self.source.year + 1

    @property
    def wanted(self) -> Carried:
        """Return what is to be carried over."""
        values = self.cleaned_data
        return Carried(units=values["carry_units"], teams=values["carry_teams"])
