"""Forms of the journey: acts, conditions, exceptions, letters and lists of signers."""

from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.journey import rules
from assessments.journey.eligibility import exception_bases
from assessments.journey.rules import Act
from assessments.journey.services import PROPOSAL_FIELDS
from assessments.models import (
    EligibilityCheck,
    Monitoring,
    NationalStage,
    Period,
    Proposal,
    Verdict,
)
from units.forms import DayInput, Versioned
from units.models import Unit

NUMBER_LABELS = {
    Act.DESIGNATE: gettext_lazy("Nomor keputusan Eselon I"),
    Act.AWARD_MINISTRY: gettext_lazy("Nomor keputusan Menteri"),
    Act.AWARD_NATIONAL: gettext_lazy("Nomor keputusan Menteri PANRB"),
    Act.REVOKE: gettext_lazy("Nomor keputusan pencabutan"),
}


def past_day(day):
    """Return a day that has come; the journey tells what happened."""
    if day is not None and day > timezone.localdate():
        raise forms.ValidationError(_("Tanggal belum tiba."))
    return day


class ActForm(forms.Form):
    """The fields of one act, those that the table names."""

    stage = forms.ChoiceField(label=gettext_lazy("Tahap"))
    result = forms.ChoiceField(
        label=gettext_lazy("Hasil"),
        choices=[("1", gettext_lazy("Lolos")), ("0", gettext_lazy("Tidak lolos"))],
        widget=forms.RadioSelect,
    )
    number = forms.CharField(label=gettext_lazy("Nomor"), max_length=120)
    on = forms.DateField(label=gettext_lazy("Tanggal"), widget=DayInput())
    signer = forms.CharField(label=gettext_lazy("Penanda tangan dan jabatannya"), max_length=150)
    outcome = forms.ChoiceField(
        label=gettext_lazy("Hasil pemantauan"), choices=Monitoring.Outcome.choices
    )
    reason = forms.CharField(
        label=gettext_lazy("Alasan"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    note = forms.CharField(
        label=gettext_lazy("Catatan"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    document = forms.FileField(
        label=gettext_lazy("Dokumen"),
        help_text=gettext_lazy("PDF atau pindaian; disimpan dalam pustaka bukti unit."),
    )

    def __init__(self, *args, rule: rules.Rule, stages: tuple[str, ...] = (), **kwargs):
        """stages: the national stages whose result may be recorded now."""
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if name not in rule.fields:
                del self.fields[name]
        if "stage" in self.fields:
            self.fields["stage"].choices = [(one, NationalStage(one).label) for one in stages]
        if "number" in self.fields:
            self.fields["number"].label = NUMBER_LABELS[rule.act]

    def clean_on(self):
        """What is recorded has happened."""
        return past_day(self.cleaned_data["on"])

    def clean_result(self):
        """Return whether the stage was passed."""
        return self.cleaned_data["result"] == "1"

    @property
    def given(self) -> dict:
        """Return what the service takes besides the document."""
        return {name: value for name, value in self.cleaned_data.items() if name != "document"}


class CheckForm(Versioned, forms.ModelForm):
    """A condition: value and proof, and for those who judge the verdict with a note."""

    class Meta:
        model = EligibilityCheck
        fields = ("value", "proof", "verdict", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3}), "verdict": forms.RadioSelect}
        help_texts = {
            "proof": gettext_lazy("Nomor dan tanggal dokumen, atau tautan."),
            "note": gettext_lazy("Wajib bila belum terpenuhi atau tidak berlaku."),
        }

    def __init__(self, *args, can_judge: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if can_judge:
            self.fields["verdict"].choices = Verdict.choices
        else:
            del self.fields["verdict"], self.fields["note"]


class ExceptionForm(forms.Form):
    """An exception: on what it stands, why, and the proof."""

    basis = forms.ChoiceField(label=gettext_lazy("Dasar"))
    reason = forms.CharField(
        label=gettext_lazy("Alasan"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    proof = forms.CharField(
        label=gettext_lazy("Bukti"),
        max_length=300,
        help_text=gettext_lazy("Nomor dan tanggal dokumen yang mendasarinya."),
    )

    def __init__(self, *args, period: Period, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["basis"].choices = exception_bases(period.instrument)


class UnitNames(forms.ModelMultipleChoiceField):
    """Units by their names."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, unit: Unit) -> str:
        """Return name and code."""
        return f"{unit.name} ({unit.code})"


class ProposalForm(forms.ModelForm):
    """A letter of proposal and the units that it carries."""

    units = UnitNames(
        Unit.objects.none(),
        label=gettext_lazy("Unit yang diusulkan"),
        error_messages={"required": gettext_lazy("Pilih sedikitnya satu unit.")},
    )

    class Meta:
        model = Proposal
        fields = PROPOSAL_FIELDS
        widgets = {"dated_on": DayInput(), "sptjm_on": DayInput()}

    def __init__(self, *args, units, **kwargs):
        """units: those whose evaluation is final and who were not sent up yet."""
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = units

    def clean_dated_on(self):
        """A letter is recorded once it is written."""
        return past_day(self.cleaned_data["dated_on"])

    def clean_sptjm_on(self):
        """A statement is recorded once it is written."""
        return past_day(self.cleaned_data["sptjm_on"])

    @property
    def letter(self) -> dict:
        """Return the letter's fields as the service takes them."""
        return {name: self.cleaned_data[name] for name in PROPOSAL_FIELDS}


class PactForm(forms.Form):
    """A list of those who signed the pact."""

    file = forms.FileField(
        label=gettext_lazy("Daftar penanda tangan"),
        help_text=gettext_lazy("XLSX atau CSV dengan kolom nama, nip, dan tanggal."),
    )
