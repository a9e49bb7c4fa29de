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
    BuildingMonitoring,
    EligibilityCheck,
    Monitoring,
    NationalStage,
    Period,
    PledgeScan,
    Proposal,
    Verdict,
)
from units.forms import AREAS, DayInput, PleaseChoose, Versioned
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

    upload = forms.FileField(
        label=gettext_lazy("Berkas bukti"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.docx,.xlsx,.pptx"}),
        help_text=gettext_lazy("Disimpan dalam pustaka bukti; berkas baru menggantikan yang lama."),
    )

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
        if self.instance.proof_file_id:
            self.fields["upload"].label = _("Ganti berkas bukti")
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
        self.fields["number"].help_text = _("Kosongkan bila naskahnya belum bernomor.")
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


class ScanForm(forms.Form):
    """A scanned charter or pact."""

    kind = forms.ChoiceField(label=gettext_lazy("Naskah"), choices=PledgeScan.Kind.choices)
    upload = forms.FileField(
        label=gettext_lazy("Pindaian"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text=gettext_lazy("PDF atau foto yang terbaca. Versi lama tetap tersimpan."),
    )


class MonitoringForm(PleaseChoose, Versioned, forms.ModelForm):
    """A look at the building phase; two texts per area stand beside the plan's figures."""

    class Meta:
        model = BuildingMonitoring
        fields = ("on", "method", "starts_on", "ends_on", "summary", "advice")
        widgets = {
            "on": DayInput(),
            "starts_on": DayInput(),
            "ends_on": DayInput(),
            "summary": forms.Textarea(attrs={"rows": 4, "maxlength": 4_000}),
            "advice": forms.Textarea(attrs={"rows": 3, "maxlength": 4_000}),
        }

    def __init__(self, *args, findings: dict[str, tuple[str, str]], **kwargs):
        """findings: what is written down per area so far."""
        super().__init__(*args, **kwargs)
        texts = ((_("Kondisi dan kendala"), "kondisi"), (_("Saran"), "saran"))
        for code, name in AREAS:
            for place, (label, key) in enumerate(texts):
                self.fields[f"{key}-{code}"] = forms.CharField(
                    label=f"{label}, {name}",
                    required=False,
                    max_length=2_000,
                    initial=findings.get(code, ("", ""))[place],
                    widget=forms.Textarea(attrs={"rows": 2, "maxlength": 2_000}),
                )

    def clean_on(self):
        """What is recorded has happened."""
        return past_day(self.cleaned_data["on"])

    def clean(self):
        """The days stand in order."""
        found = super().clean()
        first, last, on = (found.get(name) for name in ("starts_on", "ends_on", "on"))
        if first and last and last < first:
            self.add_error("ends_on", _("Masa pemantauan tidak berurutan."))
        elif first and on and on < first:
            self.add_error("on", _("Tanggal pemantauan mendahului masanya."))
        return found

    @property
    def findings(self) -> dict[str, tuple[str, str]]:
        """Return what was typed per area."""
        found = self.cleaned_data
        return {code: (found[f"kondisi-{code}"], found[f"saran-{code}"]) for code, _name in AREAS}

    @property
    def told(self) -> dict:
        """Return the record's own fields."""
        return {name: self.cleaned_data[name] for name in self._meta.fields}

    @property
    def pairs(self):
        """Return per area its name and its two fields, for the page."""
        return [(name, self[f"kondisi-{code}"], self[f"saran-{code}"]) for code, name in AREAS]


class PactForm(forms.Form):
    """A list of those who signed the pact."""

    file = forms.FileField(
        label=gettext_lazy("Daftar penanda tangan"),
        help_text=gettext_lazy("XLSX atau CSV dengan kolom nama, nip, dan tanggal."),
    )
