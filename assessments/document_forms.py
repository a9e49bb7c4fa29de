"""What issuing and withdrawing a document ask for."""

from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class IssueForm(forms.Form):
    """Number, date and the signed paper, as the ministry's correspondence system gave them."""

    number = forms.CharField(
        label=_("Nomor dokumen"),
        max_length=120,
        help_text=_("Dari sistem persuratan, misalnya 123/ITJEN.3/PW.410/XI/2026."),
    )
    dated_on = forms.DateField(
        label=_("Tanggal dokumen"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    signed = forms.FileField(
        label=_("Naskah bertanda tangan"),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        help_text=_("PDF bertanda tangan elektronik atau hasil pindai."),
    )


class WithdrawForm(forms.Form):
    """Why a document no longer holds; its public page repeats it."""

    reason = forms.CharField(
        label=_("Alasan"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Tampil di halaman pemeriksaan keaslian bagi siapa pun."),
    )
