"""What the portfolio is narrowed to: clean values from the address."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django import forms
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import State
from units.models import Unit

ALL, FINAL, ONE_SHORT, MEETS = "", "final", "kurang-1", "memenuhi"
NOT_SUBMITTED, NOT_STARTED = "belum-diajukan", "belum-mulai"


class Standing(NamedTuple):
    """What counting needs to know of one leading score."""

    state: str
    track: str
    meets_wbk: bool
    meets_wbbm: bool
    unmet_wbk_count: int
    answered_count: int
    area_steps: str


STANDING_COLUMNS = (
    "assessment__state",
    "track",
    "meets_wbk",
    "meets_wbbm",
    "unmet_wbk_count",
    "answered_count",
    "area_steps",
)


class QuickFilter(NamedTuple):
    """A quick filter: as a condition of the query, and as the same test on a counted row."""

    code: str
    label: str | Promise
    condition: Q
    keeps: Callable[[Standing], bool]


QUICK_FILTERS = {
    item.code: item
    for item in (
        QuickFilter(ALL, gettext_lazy("Semua"), Q(), lambda row: True),
        QuickFilter(
            FINAL,
            gettext_lazy("Final"),
            Q(assessment__state=State.FINAL),
            lambda row: row.state == State.FINAL,
        ),
        QuickFilter(
            MEETS,
            gettext_lazy("Semua ambang WBK"),
            Q(meets_wbk=True),
            lambda row: row.meets_wbk,
        ),
        QuickFilter(
            ONE_SHORT,
            gettext_lazy("Tinggal 1 ambang"),
            Q(unmet_wbk_count=1),
            lambda row: row.unmet_wbk_count == 1,
        ),
        QuickFilter(
            NOT_SUBMITTED,
            gettext_lazy("Belum diajukan"),
            Q(assessment__state=State.DRAFT),
            lambda row: row.state == State.DRAFT,
        ),
        QuickFilter(
            NOT_STARTED,
            gettext_lazy("Belum mulai"),
            Q(assessment__state=State.DRAFT, answered_count=0),
            lambda row: row.state == State.DRAFT and not row.answered_count,
        ),
    )
}
SORT_CHOICES = (
    ("kesiapan", gettext_lazy("Kesiapan WBK")),
    ("-nilai", gettext_lazy("Nilai tertinggi")),
    ("nilai", gettext_lazy("Nilai terendah")),
    ("-mandiri", gettext_lazy("Nilai unit tertinggi")),
    ("-terisi", gettext_lazy("Nilai butir terisi tertinggi")),
    ("butir", gettext_lazy("Paling sedikit terjawab")),
    ("wbbm", gettext_lazy("Kesiapan WBBM")),
    ("keadaan", gettext_lazy("Keadaan")),
    ("eselon1", gettext_lazy("Eselon I")),
    ("unit", gettext_lazy("Nama unit")),
)


class PortfolioFilter(forms.Form):
    """The filter bar; an unknown value narrows nothing.

    periods: (pk, name) pairs, the default first. eselon1: (pk, path, name) of those that the
    person may see. provinces: names.
    """

    q = forms.CharField(
        label=gettext_lazy("Cari unit"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    periode = forms.TypedChoiceField(
        label=gettext_lazy("Periode"), required=False, coerce=int, empty_value=None
    )
    eselon1 = forms.TypedChoiceField(
        label=gettext_lazy("Eselon I"), required=False, coerce=int, empty_value=None
    )
    jenis = forms.ChoiceField(
        label=gettext_lazy("Jenis"),
        required=False,
        choices=[("", gettext_lazy("Semua jenis")), *Unit.Kind.choices],
    )
    provinsi = forms.ChoiceField(label=gettext_lazy("Provinsi"), required=False)
    keadaan = forms.ChoiceField(
        label=gettext_lazy("Keadaan"),
        required=False,
        choices=[("", gettext_lazy("Semua keadaan")), *State.choices],
    )
    urut = forms.ChoiceField(label=gettext_lazy("Urutan"), required=False, choices=SORT_CHOICES)

    def __init__(self, data, *, periods, eselon1, provinces):
        super().__init__(data)
        self.paths = {pk: path for pk, path, _name in eselon1}
        self.fields["periode"].choices = periods
        self.fields["eselon1"].choices = [
            ("", _("Semua Eselon I")),
            *((pk, name) for pk, _path, name in eselon1),
        ]
        self.fields["provinsi"].choices = [
            ("", _("Semua provinsi")),
            *((name, name) for name in provinces),
        ]
        self.is_valid()

    def narrow(self, scores):
        """Return the scores whose units the filter keeps."""
        wanted = self.cleaned_data
        if wanted.get("eselon1"):
            scores = scores.filter(assessment__unit__path__startswith=self.paths[wanted["eselon1"]])
        for field, name in (
            ("assessment__unit__kind", "jenis"),
            ("assessment__unit__province", "provinsi"),
            ("assessment__state", "keadaan"),
        ):
            if wanted.get(name):
                scores = scores.filter(**{field: wanted[name]})
        for word in wanted.get("q", "").split():
            scores = scores.filter(
                Q(assessment__unit__code__icontains=word)
                | Q(assessment__unit__name__icontains=word)
                | Q(assessment__unit__short_name__icontains=word)
                | Q(assessment__unit__province__icontains=word)
            )
        return scores
