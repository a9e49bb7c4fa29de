"""Forms of the evidence library."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import Evidence


class DetailsForm(forms.ModelForm):
    """What a document is called, its number and its date; carries the version it was shown."""

    base_version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["base_version"].initial = self.instance.version

    def shown_version(self, version: int) -> None:
        """Show the form again for a newer version, with what was typed."""
        self.data = {**self.data.dict(), "base_version": version}

    class Meta:
        model = Evidence
        fields = ("title", "number", "dated_on")
        widgets = {"dated_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {
            "dated_on": _("Tanggal kejadian yang dibuktikan; dicocokkan dengan periode bukti.")
        }


class ReplaceForm(forms.Form):
    """A newer file for a document."""

    upload = forms.FileField(
        label=_("Berkas pengganti"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.docx,.xlsx,.pptx"}),
    )
