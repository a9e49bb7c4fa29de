"""What the control room is narrowed to, and the forms of its acts for many units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django import forms
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.control.holders import overdue_q
from assessments.models import Announcement, Assessment, Assignment, Period, Rank, State, Track
from assessments.period_forms import RECENT_ASSIGNMENTS, PersonChoice, assessors
from assessments.services.teams import ASSIGNMENT_FIELDS
from units.forms import DayInput
from units.models import User

ALL, NOT_STARTED, LATE, NO_TEAM, NO_LETTER = "", "belum-mulai", "lewat", "tanpa-tim", "tanpa-surat"


class Sieve(NamedTuple):
    """A quick filter: its label and its condition, given the period and the moment."""

    label: str | Promise
    condition: Callable[[Period, datetime], Q]


SIEVES = {
    ALL: Sieve(gettext_lazy("Semua"), lambda period, now: Q()),
    NOT_STARTED: Sieve(
        gettext_lazy("Belum mulai"), lambda period, now: Q(state=State.DRAFT, answered=0)
    ),
    LATE: Sieve(gettext_lazy("Lewat tenggat"), overdue_q),
    NO_TEAM: Sieve(
        gettext_lazy("Tim belum lengkap"),
        lambda period, now: Q(ranks__lt=len(Rank)) & ~Q(state=State.FINAL),
    ),
    NO_LETTER: Sieve(
        gettext_lazy("Tanpa surat tugas"),
        lambda period, now: Q(assignment=None) & ~Q(state=State.FINAL),
    ),
}


def sheets_of(user: User, period: Period):
    """Return the newest worksheets of a period, with ``answered`` rows and ``ranks`` held."""
    places = Assessment._meta.get_field("team").related_model.objects
    held = places.filter(assessment=OuterRef("pk")).order_by().values("assessment")
    return (
        Assessment.objects.visible_to(user)
        .newest_versions()
        .filter(period=period, scores__track=Track.UNIT)
        .annotate(
            answered=F("scores__answered_count"),
            indicators=F("scores__indicator_count"),
            ranks=Coalesce(
                Subquery(held.annotate(n=Count("rank", distinct=True)).values("n")), Value(0)
            ),
        )
    )


class ControlFilter(forms.Form):
    """The filter bar; an unknown value narrows nothing.

    periods: (pk, name) pairs, the default first. eselon1: (pk, path, name).
    """

    q = forms.CharField(
        label=gettext_lazy("Cari unit"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    periode = forms.TypedChoiceField(
        label=gettext_lazy("Periode"), required=False, coerce=int, empty_value=None
    )
    eselon1 = forms.TypedChoiceField(
        label=gettext_lazy("Eselon I"), required=False, coerce=int, empty_value=None
    )
    tahap = forms.ChoiceField(
        label=gettext_lazy("Tahap"),
        required=False,
        choices=[("", gettext_lazy("Semua tahap")), *State.choices],
    )

    def __init__(self, data, *, periods, eselon1):
        super().__init__(data)
        self.paths = {pk: path for pk, path, _name in eselon1}
        self.fields["periode"].choices = periods
        self.fields["eselon1"].choices = [
            ("", _("Semua Eselon I")),
            *((pk, name) for pk, _path, name in eselon1),
        ]
        self.is_valid()
        sieve = data.get("saring", "")
        self.sieve = sieve if sieve in SIEVES else ALL

    def narrow(self, sheets):
        """Return the worksheets that search, Eselon I and stage keep."""
        wanted = self.cleaned_data
        if wanted.get("eselon1"):
            sheets = sheets.filter(unit__path__startswith=self.paths[wanted["eselon1"]])
        if wanted.get("tahap"):
            sheets = sheets.filter(state=wanted["tahap"])
        for word in wanted.get("q", "").split():
            sheets = sheets.filter(
                Q(unit__code__icontains=word)
                | Q(unit__name__icontains=word)
                | Q(unit__short_name__icontains=word)
                | Q(unit__province__icontains=word)
            )
        return sheets


class TeamPlanForm(forms.Form):
    """Who goes on the teams of many units at once, and by which letter.

    A blank rank stays as it is. Members are added to those that are there.
    """

    KEEP, KNOWN, NEW = "", "known", "new"

    lead = PersonChoice(
        User.objects.none(),
        label=Rank.LEAD.label,
        required=False,
        empty_label=gettext_lazy("Tetap"),
    )
    supervisor = PersonChoice(
        User.objects.none(),
        label=Rank.SUPERVISOR.label,
        required=False,
        empty_label=gettext_lazy("Tetap"),
    )
    quality = PersonChoice(
        User.objects.none(),
        label=Rank.QUALITY.label,
        required=False,
        empty_label=gettext_lazy("Tetap"),
    )
    members = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=gettext_lazy("Anggota tim yang ditambahkan"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Semua area; area tiap anggota diatur di halaman tim unit."),
    )
    replace = forms.BooleanField(
        label=gettext_lazy("Ganti orang yang sekarang memegang kedudukan itu"),
        required=False,
        help_text=gettext_lazy("Tanpa centang, unit yang kedudukannya sudah terisi ditolak."),
    )
    letter = forms.ChoiceField(
        label=gettext_lazy("Surat tugas"),
        required=False,
        choices=[
            (KEEP, gettext_lazy("Tetap")),
            (KNOWN, gettext_lazy("Yang sudah dicatat")),
            (NEW, gettext_lazy("Catat surat baru")),
        ],
    )
    assignment = forms.ModelChoiceField(
        Assignment.objects.none(),
        label=gettext_lazy("Surat tugas yang sudah dicatat"),
        required=False,
        empty_label=gettext_lazy("Pilih surat tugas"),
    )
    number = forms.CharField(label=gettext_lazy("Nomor"), required=False, max_length=120)
    dated_on = forms.DateField(label=gettext_lazy("Tanggal"), required=False, widget=DayInput())
    starts_on = forms.DateField(label=gettext_lazy("Mulai"), required=False, widget=DayInput())
    ends_on = forms.DateField(label=gettext_lazy("Selesai"), required=False, widget=DayInput())
    basis = forms.CharField(
        label=gettext_lazy("Dasar"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    signer_name = forms.CharField(
        label=gettext_lazy("Penanda tangan"), required=False, max_length=150
    )
    signer_position = forms.CharField(
        label=gettext_lazy("Jabatan penanda tangan"), required=False, max_length=150
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = assessors()
        choices = [
            (person.pk, self.fields["lead"].label_from_instance(person)) for person in people
        ]
        for name in ("lead", "supervisor", "quality"):
            self.fields[name].queryset = people
            self.fields[name].choices = [("", _("Tetap")), *choices]
        self.fields["members"].queryset = people
        self.fields["members"].choices = choices
        newest = Assignment.objects.order_by("-dated_on", "-pk").values("pk")
        recent = Assignment.objects.filter(pk__in=newest[:RECENT_ASSIGNMENTS])
        self.fields["assignment"].queryset = recent

    def clean(self):
        """Something is chosen, nobody twice, and a letter is named in full."""
        values = super().clean()
        ranks = [values.get(name) for name in ("lead", "supervisor", "quality")]
        people = [person for person in (*ranks, *(values.get("members") or ())) if person]
        twice = {str(person) for person in people if people.count(person) > 1}
        for name in sorted(twice):
            self.add_error(None, _("%(name)s dipilih untuk dua kedudukan.") % {"name": name})
        letter = values.get("letter")
        if (
            letter == self.KNOWN
            and not values.get("assignment")
            and "assignment" not in self.errors
        ):
            self.add_error("assignment", _("Pilih surat tugasnya."))
        if letter == self.NEW:
            self._clean_letter(values)
        if not people and not letter and not self.errors:
            self.add_error(None, _("Pilih sedikitnya satu orang atau surat tugas."))
        return values

    def _clean_letter(self, values) -> None:
        for name in ("number", "dated_on", "starts_on", "ends_on"):
            if not values.get(name) and name not in self.errors:
                self.add_error(name, _("Bidang ini tidak boleh kosong."))
        first, last = values.get("starts_on"), values.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("Tanggal selesai mendahului tanggal mulai."))
        number = values.get("number")
        if number and Assignment.objects.filter(number=number).exists():
            self.add_error(
                "number", _("Surat tugas bernomor ini sudah dicatat; pilih dari daftar.")
            )

    @property
    def people(self) -> tuple[tuple[str, User], ...]:
        """Return the chosen (rank, person) pairs."""
        values = self.cleaned_data
        heads = ((Rank.LEAD, "lead"), (Rank.SUPERVISOR, "supervisor"), (Rank.QUALITY, "quality"))
        chosen = [(rank.value, values[name]) for rank, name in heads if values[name]]
        return (*((Rank.MEMBER.value, person) for person in values["members"]), *chosen)

    @property
    def chosen_letter(self) -> Assignment | None:
        """Return the letter: one that is written down, a new unsaved one, or None to keep."""
        values = self.cleaned_data
        if values["letter"] == self.KNOWN:
            return values["assignment"]
        if values["letter"] == self.NEW:
            return Assignment(**{name: values[name] for name in ASSIGNMENT_FIELDS})
        return None


class AnnouncementForm(forms.ModelForm):
    """A text for the people of chosen units."""

    class Meta:
        model = Announcement
        fields = ("title", "text", "starts_on", "ends_on")
        widgets = {
            "text": forms.Textarea(attrs={"rows": 5}),
            "starts_on": DayInput(),
            "ends_on": DayInput(),
        }
        help_texts = {
            "text": gettext_lazy("Teks biasa; baris kosong menjadi alinea."),
            "ends_on": gettext_lazy("Sesudah hari ini pengumuman tidak tampil lagi."),
        }

    def clean(self):
        """The days run forward, and the last is not over."""
        values = super().clean()
        first, last = values.get("starts_on"), values.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("Hari terakhir mendahului hari pertama."))
        return values

    def validate_constraints(self):
        """The order of days is told in words by ``clean``."""

    @property
    def announcement_values(self) -> dict:
        """Return the fields as the service takes them."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
