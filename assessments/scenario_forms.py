"""Forms of scenarios: posted text made clean."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class ScenarioForm(forms.Form):
    """Name, note and whether others may see it."""

    name = forms.CharField(label=gettext_lazy("Nama skenario"), max_length=80)
    note = forms.CharField(
        label=gettext_lazy("Catatan"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_shared = forms.BooleanField(
        label=gettext_lazy("Bagikan kepada semua yang melihat nilai ini"), required=False
    )


class NewScenarioForm(ScenarioForm):
    """A new scenario: also where it starts from.

    tracks: (code, label) pairs; starts: predicates with a shortest way.
    """

    track = forms.ChoiceField(label=gettext_lazy("Mulai dari"))
    start = forms.ChoiceField(label=gettext_lazy("Isi awal"), required=False)

    field_order = ("name", "track", "start", "note", "is_shared")

    def __init__(self, *args, tracks, starts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["track"].choices = tracks
        self.fields["start"].choices = [
            ("", _("Seperti isian sekarang")),
            *((code, _("Langkah tersingkat menuju {x}").format(x=code)) for code in starts),
        ]
