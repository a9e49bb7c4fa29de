"""The form of a share page."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.services.shares import DAYS_MAX

USUAL_DAYS = 60


class ShareForm(forms.Form):
    """For whom, of what, and until when.

    codes: the indicators of the worksheet, in order.
    """

    note = forms.CharField(
        label=_("Untuk siapa"),
        max_length=120,
        help_text=_("Misalnya: TPN, seleksi administrasi. Terlihat di halaman itu."),
    )
    code = forms.ChoiceField(label=_("Bukti yang terlihat"), required=False)
    expires_on = forms.DateField(
        label=_("Berlaku sampai"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args, codes, **kwargs):
        super().__init__(*args, **kwargs)
        whole = ("", _("Semua butir"))
        self.fields["code"].choices = [whole, *((code, code) for code in codes)]
        today = timezone.localdate()
        field = self.fields["expires_on"]
        field.initial = today + timedelta(days=USUAL_DAYS)
        field.widget.attrs["min"] = today.isoformat()
        field.widget.attrs["max"] = (today + timedelta(days=DAYS_MAX)).isoformat()
