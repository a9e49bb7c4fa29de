"""Forms of the evidence library."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import Evidence


class DetailsForm(forms.ModelForm):
    """What a document is called, its number and its date."""

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
