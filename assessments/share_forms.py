"""The form of a share page."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.services.shares import DAYS_MAX

USUAL_DAYS = 60
WHOLE = "semua"
LABEL_LETTERS = 90


class ShareForm(forms.Form):
    """For whom, of what, and until when.

    indicators: those of the worksheet by code, in order. A clean ``code`` is blank for all.
    """

    note = forms.CharField(
        label=_("Untuk siapa"),
        max_length=120,
        help_text=_("Misalnya: TPN, seleksi administrasi. Terlihat di halaman itu."),
    )
    code = forms.ChoiceField(label=_("Bukti yang terlihat"))
    expires_on = forms.DateField(
        label=_("Berlaku sampai"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args, indicators, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [
            (WHOLE, _("Semua butir")),
            *(
                (code, f"{code} {indicator.statement}"[:LABEL_LETTERS])
                for code, indicator in indicators.items()
            ),
        ]
        today = timezone.localdate()
        field = self.fields["expires_on"]
        field.initial = today + timedelta(days=USUAL_DAYS)
        field.widget.attrs["min"] = today.isoformat()
        field.widget.attrs["max"] = (today + timedelta(days=DAYS_MAX)).isoformat()

    def clean_code(self):
        """Return the code of the one row, blank for all rows."""
        code = self.cleaned_data["code"]
        return "" if code == WHOLE else code
