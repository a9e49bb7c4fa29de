"""The form of a row's effort on the shortest way."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import RowEffort

EFFORTS = (
    (1, _("1 – ringan")),
    (2, _("2")),
    (3, _("3 – sedang")),
    (4, _("4")),
    (5, _("5 – berat")),
)


class RowEffortForm(forms.ModelForm):
    """What the unit says of a row; carries the version it was shown.

    is_index: a survey index, which also takes a target.
    """

    effort = forms.TypedChoiceField(
        label=_("Upaya per langkah"), choices=EFFORTS, coerce=int, initial=1
    )
    index_target = forms.DecimalField(
        label=_("Target indeks survei"),
        required=False,
        localize=True,
        min_value=0,
        max_value=4,
        max_digits=3,
        decimal_places=2,
        help_text=_("0 sampai 4, misalnya 3,60. Kosong: sebesar yang diminta predikat."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    base_version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args, is_index: bool, plan: RowEffort | None, **kwargs):
        super().__init__(*args, instance=plan, **kwargs)
        self.fields["base_version"].initial = plan.version if plan else 0
        self.fields["reason"].is_asked_sometimes = True
        if not is_index:
            del self.fields["index_target"]

    def version(self) -> int:
        """Return the version that the person saw, whatever else is wrong; -1 for none."""
        return self.cleaned_data.get("base_version", -1)

    def wanted(self) -> dict:
        """Return what the unit says of the row, by the names of ``Wanted``."""
        return {name: value for name, value in self.cleaned_data.items() if name != "base_version"}

    def shown_version(self, version: int) -> None:
        """Show the form again for a newer version, with what was typed."""
        self.data = {**self.data.dict(), "base_version": version}

    def _post_clean(self):
        """Leave the instance alone: the service checks and stores."""

    class Meta:
        model = RowEffort
        fields = ("effort", "is_pinned", "earliest_on", "index_target", "reason")
        labels = {
            "is_pinned": _("Tahun ini tidak bisa dinaikkan"),
            "earliest_on": _("Tidak mungkin sebelum"),
            "reason": _("Alasan"),
        }
        widgets = {"earliest_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {"reason": _("Wajib bila tahun ini tidak bisa.")}
