"""Forms of windows: the days of every stage, and longer time for chosen units."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Period, Stage, WindowExtension
from assessments.windows.services import PLANNED, Days
from units.forms import DayInput, Versioned
from units.models import Unit


class WindowsForm(Versioned):
    """First and last day of each stage, two fields per stage."""

    def __init__(self, *args, period: Period, days: Mapping[str, Days], **kwargs):
        """days: what is set now, by stage. Where nothing is, the planned day is offered."""
        self.instance = period
        super().__init__(*args, **kwargs)
        for stage in Stage:
            opens, closes = days.get(stage.value, (None, None))
            if stage.value not in days and stage in PLANNED:
                closes = getattr(period, PLANNED[stage])
            for name, label, value in (
                ("opens", _("dibuka"), opens),
                ("closes", _("ditutup"), closes),
            ):
                self.fields[f"{stage.value}.{name}"] = forms.DateField(
                    label=f"{stage.label}: {label}",
                    required=False,
                    initial=value,
                    widget=DayInput(),
                )

    def clean(self):
        """Each stage ends after it begins."""
        values = super().clean()
        for stage in Stage:
            first, last = values.get(f"{stage.value}.opens"), values.get(f"{stage.value}.closes")
            if first and last and last < first:
                self.add_error(
                    f"{stage.value}.closes", _("Akhir mendahului awal. Periksa kedua tanggal.")
                )
        return values

    @property
    def rows(self):
        """Return stage, its label and its two fields, in the order of the work."""
        return [
            (stage, self[f"{stage.value}.opens"], self[f"{stage.value}.closes"]) for stage in Stage
        ]

    @property
    def days(self) -> dict[str, Days]:
        """Return the days by stage, as the service takes them."""
        values = self.cleaned_data
        return {
            stage.value: (values[f"{stage.value}.opens"], values[f"{stage.value}.closes"])
            for stage in Stage
        }


class ExtensionForm(forms.ModelForm):
    """Longer time for a stage, for chosen units."""

    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(),
        label=gettext_lazy("Unit"),
        error_messages={"required": gettext_lazy("Pilih sedikitnya satu unit.")},
    )

    class Meta:
        model = WindowExtension
        fields = ("stage", "until", "reason", "approver")
        widgets = {"until": DayInput(), "reason": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "until": gettext_lazy("Berakhir pukul 24.00 WIB pada hari itu."),
            "approver": gettext_lazy("Nama atau jabatan, beserta nomor surat bila ada."),
        }

    def __init__(self, *args, units, **kwargs):
        """units: those that have a worksheet in the period."""
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = units
        self.fields["reason"].max_length = 1_000

    def clean_until(self):
        """A day that is over gives nobody time."""
        until = self.cleaned_data["until"]
        if until < timezone.localdate():
            raise forms.ValidationError(_("Hari itu sudah lewat. Pilih hari ini atau sesudahnya."))
        return until
