"""Forms of the work plan: activities, their proof, targets, the team's decree, bulk starts."""

from __future__ import annotations

from itertools import groupby

from django import forms
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Activity, AreaTarget, Evidence, Indicator, Instrument, TeamDecree
from assessments.workplan.services import OUTPUT_LENGTH
from units.forms import AREAS, DayInput, PleaseChoose, Versioned
from units.models import Unit, User

AREA_NAMES = dict(AREAS)
PROOFS_SHOWN = 100
STATEMENT_LENGTH = 90


def short(text: str, length: int = STATEMENT_LENGTH) -> str:
    """Return a text cut to a line."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


class RowChoice(forms.ModelMultipleChoiceField):
    """Rows of the worksheet by code and statement."""

    def label_from_instance(self, row: Indicator) -> str:
        """Return the row's code and the beginning of what it asks."""
        return f"{row.code} {short(row.statement)}"


class ActivityForm(PleaseChoose, Versioned, forms.ModelForm):
    """An activity of the plan."""

    area = forms.ChoiceField(label=gettext_lazy("Area perubahan"))
    indicators = RowChoice(
        Indicator.objects.none(),
        label=gettext_lazy("Butir LKE yang didukung"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=gettext_lazy("Beberapa butir: tahan Ctrl (atau Cmd) saat memilih."),
    )

    class Meta:
        model = Activity
        fields = ("area", "title", "due_on", "output", "indicators", "owner", "owner_name")
        widgets = {
            "due_on": DayInput(),
            "output": forms.Textarea(attrs={"rows": 3, "maxlength": OUTPUT_LENGTH}),
        }
        help_texts = {
            "output": gettext_lazy("Misalnya: notulen rapat, laporan triwulan, foto kegiatan."),
            "owner_name": gettext_lazy("Bila bukan satu orang yang mempunyai akun."),
        }

    def __init__(
        self,
        *args,
        unit: Unit,
        year: int,
        areas: frozenset[str],
        instrument: Instrument | None,
        **kwargs,
    ):
        """areas: those that the person may plan; instrument: whose rows are offered."""
        super().__init__(*args, **kwargs)
        self.year = year
        choices = [choice for choice in AREAS if choice[0] in areas]
        self.fields["area"].choices = choices if len(choices) == 1 else [("", _("Pilih")), *choices]
        people = User.objects.filter(memberships__unit=unit, is_active=True).distinct()
        self.fields["owner"].queryset = people.order_by("name")
        rows = Indicator.objects.filter(instrument=instrument) if instrument else None
        if self.instance.pk and rows is not None:
            # A row of an older edition that the activity names stays among the choices.
            rows = rows | Indicator.objects.filter(activities=self.instance)
        if rows is not None:
            field = self.fields["indicators"]
            field.queryset = rows.distinct().order_by("position")
            field.widget.choices = list(self._by_area(field))
        self.fields["due_on"].widget.attrs |= {"min": f"{year}-01-01", "max": f"{year}-12-31"}

    @staticmethod
    def _by_area(field):
        """Yield the rows under their areas."""
        listed = sorted(field.queryset, key=lambda row: row.section)
        for section, rows in groupby(listed, key=lambda row: row.section):
            name = str(AREA_NAMES.get(section, _("Hasil")))
            yield name, [(row.pk, field.label_from_instance(row)) for row in rows]

    def clean_due_on(self):
        """A plan's activities are due within its year."""
        day = self.cleaned_data["due_on"]
        if day.year != self.year:
            raise forms.ValidationError(
                _("Batas waktu di luar tahun rencana ({year}).").format(year=self.year)
            )
        return day

    def clean(self):
        """Somebody answers for every activity."""
        found = super().clean()
        if not found.get("owner") and not found.get("owner_name"):
            self.add_error("owner", _("Pilih penanggung jawab, atau tulis nama kelompoknya."))
        return found


class DoneForm(Versioned, forms.Form):
    """The report that an activity is done: with a piece of the library, a file, an address, or
    the reason why there is none."""

    instance = None
    proof = forms.ModelChoiceField(
        Evidence.objects.none(),
        label=gettext_lazy("Bukti dari pustaka unit"),
        required=False,
        empty_label=gettext_lazy("Pilih"),
    )
    upload = forms.FileField(
        label=gettext_lazy("Atau unggah bukti baru"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.docx,.xlsx,.pptx"}),
        help_text=gettext_lazy("Disimpan dalam pustaka bukti unit."),
    )
    url = forms.URLField(
        label=gettext_lazy("Atau tautan bukti"),
        required=False,
        max_length=500,
        assume_scheme="https",
    )
    reason = forms.CharField(
        label=gettext_lazy("Atau alasan tanpa bukti"),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, activity: Activity, **kwargs):
        self.instance = activity
        super().__init__(*args, **kwargs)
        field = self.fields["proof"]
        field.queryset = Evidence.objects.filter(unit=activity.unit_id).newest()
        offered = field.queryset.order_by("-uploaded_at", "-pk")[:PROOFS_SHOWN]
        field.widget.choices = [
            ("", _("Pilih")),
            *((piece.pk, f"{piece.title} ({piece.kind_label})") for piece in offered),
        ]

    def clean(self):
        """One proof at most, and something at all."""
        found = super().clean()
        given = [name for name in ("proof", "upload", "url") if found.get(name)]
        if len(given) > 1:
            raise forms.ValidationError(_("Pilih satu cara saja: pustaka, unggahan, atau tautan."))
        if not given and not found.get("reason") and not self.errors:
            raise forms.ValidationError(
                _("Sertakan bukti, atau tulis alasan mengapa tidak ada buktinya.")
            )
        return found


class TargetForm(Versioned, forms.ModelForm):
    """Where an area stands, where it is to go, and where it went."""

    class Meta:
        model = AreaTarget
        fields = ("initial", "target", "result")
        widgets = {
            name: forms.Textarea(attrs={"rows": 4, "maxlength": 2_000})
            for name in ("initial", "target", "result")
        }
        help_texts = {
            "target": gettext_lazy("Yang hendak dicapai sampai akhir tahun, sebaiknya terukur."),
            "result": gettext_lazy("Diisi ketika hasilnya sudah terlihat."),
        }


class TeamForm(Versioned, forms.ModelForm):
    """The decree of the year's team."""

    upload = forms.FileField(
        label=gettext_lazy("Naskah keputusan"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text=gettext_lazy("PDF atau pindaian; disimpan dalam pustaka bukti unit."),
    )

    class Meta:
        model = TeamDecree
        fields = ("number", "dated_on")
        widgets = {"dated_on": DayInput()}

    def clean_dated_on(self):
        """A decree is recorded once it is signed."""
        day = self.cleaned_data["dated_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Tanggal belum tiba."))
        return day


MONTH_CHOICES = [(number, name) for number, name in MONTHS.items()]


class BeginForm(forms.Form):
    """A start from the evidence that the worksheet expects: which areas, over which months."""

    areas = forms.MultipleChoiceField(
        label=gettext_lazy("Area"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Pilih sedikitnya satu area.")},
    )
    first_month = forms.TypedChoiceField(
        label=gettext_lazy("Dari bulan"), coerce=int, choices=MONTH_CHOICES, initial=1
    )
    last_month = forms.TypedChoiceField(
        label=gettext_lazy("Sampai bulan"), coerce=int, choices=MONTH_CHOICES, initial=12
    )

    def __init__(self, *args, areas: frozenset[str], **kwargs):
        super().__init__(*args, **kwargs)
        choices = [choice for choice in AREAS if choice[0] in areas]
        self.fields["areas"].choices = choices
        self.fields["areas"].initial = [code for code, _name in choices]

    def clean(self):
        """The months stand in order."""
        found = super().clean()
        first, last = found.get("first_month"), found.get("last_month")
        if first and last and last < first:
            self.add_error("last_month", _("Bulan terakhir tidak mendahului bulan pertama."))
        return found
