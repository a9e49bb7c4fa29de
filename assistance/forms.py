"""Forms of recommendations: posted text becomes clean values."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Evidence, Reason
from assistance.models import Priority, Recommendation, RecommendationState, Source
from assistance.querysets import AGE_STEPS
from assistance.services.follow_up import MOVES
from assistance.services.recommendations import TEXT_MAX, Draft
from units.access import UNIT_ROLES, Role
from units.forms import DayInput
from units.models import Membership, Unit, User

LIBRARY_SHOWN = 200
ROLE_MARK, PERSON_MARK = "peran:", "orang:"


def _area(rows: int, maximum: int = TEXT_MAX) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": maximum})


def owner_choices(unit: Unit) -> list[tuple[str, str]]:
    """Return the roles held in a unit, then its people, as a select's choices; one query."""
    members = (
        Membership.objects.in_force()
        .filter(unit=unit, role__in=UNIT_ROLES, user__is_active=True)
        .order_by("user__name", "user_id")
        .values_list("user_id", "user__name", "role", "area")
    )
    held: dict[str, None] = {}
    people: dict[int, tuple[str, list[str]]] = {}
    for pk, name, role, area in members:
        held[role] = None
        label = str(Role(role).label)
        people.setdefault(pk, (name, []))[1].append(f"{label} {area}".strip())
    roles = [
        (f"{ROLE_MARK}{role.value}", _("Peran: {role}").format(role=role.label))
        for role in Role
        if role in held
    ]
    return roles + [
        (f"{PERSON_MARK}{pk}", f"{name} ({', '.join(labels)})")
        for pk, (name, labels) in people.items()
    ]


def owner_value(row: Recommendation) -> str:
    """Return the choice that names a recommendation's owner."""
    if row.owner_user_id is not None:
        return f"{PERSON_MARK}{row.owner_user_id}"
    return f"{ROLE_MARK}{row.owner_role}"


def suggested_owner(choices: list[tuple[str, str]]) -> str:
    """Return whom a form offers as owner: who leads the work in the unit, else its head."""
    values = [value for value, _label in choices]
    for role in (Role.ZI_LEAD, Role.UNIT_HEAD):
        if f"{ROLE_MARK}{role.value}" in values:
            return f"{ROLE_MARK}{role.value}"
    return values[0] if values else ""


class OwnerField(forms.ChoiceField):
    """A person or a role of a unit; the clean value is a User or the role's name."""

    def clean(self, value):
        """Return the User, or the role's name."""
        value = super().clean(value)
        if value.startswith(PERSON_MARK):
            return User.objects.get(pk=int(value.removeprefix(PERSON_MARK)))
        return value.removeprefix(ROLE_MARK)


class DueField(forms.DateField):
    """A day from today on."""

    widget = DayInput

    def __init__(self, **kwargs):
        super().__init__(label=kwargs.pop("label", gettext_lazy("Batas waktu")), **kwargs)
        self.kept = None

    def clean(self, value):
        """Refuse a day that has passed, unless it is the one kept already."""
        day = super().clean(value)
        if day and day != self.kept and day < timezone.localdate():
            raise forms.ValidationError(
                _("Batas waktu sudah lewat. Pilih hari ini atau sesudahnya.")
            )
        return day


class RecommendationForm(forms.Form):
    """One recommendation."""

    source = forms.ChoiceField(label=gettext_lazy("Sumber"))
    condition = forms.CharField(
        label=gettext_lazy("Kondisi"),
        max_length=TEXT_MAX,
        widget=_area(4),
        help_text=gettext_lazy("Apa yang ditemukan, di mana, dan dalam bukti yang mana."),
        error_messages={"required": gettext_lazy("Tulis kondisi yang ditemukan.")},
    )
    criterion = forms.CharField(
        label=gettext_lazy("Kriteria"), max_length=TEXT_MAX, required=False, widget=_area(3)
    )
    effect = forms.CharField(
        label=gettext_lazy("Akibat"), max_length=TEXT_MAX, required=False, widget=_area(2)
    )
    advice = forms.CharField(
        label=gettext_lazy("Saran"),
        max_length=TEXT_MAX,
        widget=_area(4),
        error_messages={"required": gettext_lazy("Tulis saran perbaikannya.")},
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Alasan"),
        required=False,
        choices=Reason.choices,
        help_text=gettext_lazy("Alasan yang sama pada butir yang sama ditandai berulang."),
    )
    owner = OwnerField(label=gettext_lazy("Penanggung jawab"))
    due_on = DueField()
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Prioritas"),
        choices=Priority.choices,
        coerce=int,
        widget=forms.RadioSelect,
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, unit: Unit, sources=(), row: Recommendation | None = None, **kwargs):
        """sources: the choices open to the person; row: what is changed, None for a new one."""
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = owner_choices(unit)
        if row is None:
            self.fields["source"].choices = [(s.value, s.label) for s in sources]
            self.fields["owner"].initial = suggested_owner(self.fields["owner"].choices)
            return
        del self.fields["source"], self.fields["reason"]
        self.fields["due_on"].kept = row.due_on

    def draft(self, code: str = "", reason: str = "") -> Draft:
        """Return the clean values as the service takes them."""
        values = self.cleaned_data
        return Draft(
            code=code,
            condition=values["condition"],
            criterion=values["criterion"],
            effect=values["effect"],
            advice=values["advice"],
            owner=values["owner"],
            due_on=values["due_on"],
            priority=values["priority"],
            reason=values.get("reason", reason),
        )


class BulkForm(forms.Form):
    """Recommendations for several rows: which, and what they share."""

    source = forms.ChoiceField(label=gettext_lazy("Sumber"))
    owner = OwnerField(label=gettext_lazy("Penanggung jawab"))
    due_on = DueField()

    def __init__(self, *args, unit: Unit, sources, offers, **kwargs):
        """offers: per row (wording.Offer); each gets a check and a text of its own."""
        super().__init__(*args, **kwargs)
        self.offers = offers
        self.fields["source"].choices = [(s.value, s.label) for s in sources]
        self.fields["owner"].choices = owner_choices(unit)
        self.fields["owner"].initial = suggested_owner(self.fields["owner"].choices)
        for number, offer in enumerate(offers.values()):
            self.fields[f"pilih-{number}"] = forms.BooleanField(
                label=_("Pilih"), required=False, initial=True
            )
            self.fields[f"saran-{number}"] = forms.CharField(
                label=_("Saran untuk {code}").format(code=offer.code),
                required=False,
                max_length=TEXT_MAX,
                initial=offer.advice,
                widget=_area(3),
            )

    @property
    def lines(self):
        """Return (offer, check, text) per row, for the page."""
        return [
            (offer, self[f"pilih-{number}"], self[f"saran-{number}"])
            for number, offer in enumerate(self.offers.values())
        ]

    def clean(self):
        """Ask for one row at least, and for the advice of each that is chosen."""
        values = super().clean()
        chosen = [n for n in range(len(self.offers)) if values.get(f"pilih-{n}")]
        if not chosen:
            raise forms.ValidationError(_("Pilih sedikitnya satu butir."))
        for number in chosen:
            if not values.get(f"saran-{number}") and f"saran-{number}" not in self.errors:
                self.add_error(f"saran-{number}", _("Tulis saran perbaikannya."))
        return values

    def drafts(self) -> list[Draft]:
        """Return the chosen rows as the service takes them."""
        values = self.cleaned_data
        return [
            Draft(
                code=offer.code,
                condition=offer.condition,
                criterion=offer.criterion,
                effect=offer.effect,
                advice=values[f"saran-{number}"],
                owner=values["owner"],
                due_on=values["due_on"],
                priority=offer.priority,
                reason=offer.reason,
            )
            for number, offer in enumerate(self.offers.values())
            if values.get(f"pilih-{number}")
        ]


class MoveForm(forms.Form):
    """A step of a recommendation: words, and evidence where the unit acts."""

    text = forms.CharField(
        label=gettext_lazy("Penjelasan"), max_length=TEXT_MAX, required=False, widget=_area(3)
    )
    chosen = forms.ModelMultipleChoiceField(
        Evidence.objects.none(),
        label=gettext_lazy("Bukti dari pustaka unit"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text=gettext_lazy("Tahan Ctrl untuk memilih lebih dari satu."),
    )
    upload = forms.FileField(label=gettext_lazy("Unggah bukti"), required=False)
    url = forms.CharField(label=gettext_lazy("Tautan"), required=False, max_length=500)

    def __init__(self, *args, library: QuerySet | None = None, **kwargs):
        """library: the unit's evidence; None where the step takes none."""
        super().__init__(*args, **kwargs)
        step = MOVES.get(self.prefix)
        self.fields["text"].required = step is not None and step.needs_text
        self.fields["text"].error_messages["required"] = _("Tulis penjelasannya.")
        if library is None:
            del self.fields["chosen"], self.fields["upload"], self.fields["url"]
            return
        self.fields["chosen"].queryset = library


class ExtensionForm(forms.Form):
    """A wish for a later due date."""

    due_on = DueField(label=gettext_lazy("Batas waktu baru"))
    reason = forms.CharField(
        label=gettext_lazy("Alasan"),
        max_length=TEXT_MAX,
        widget=_area(3),
        error_messages={"required": gettext_lazy("Tulis alasan perpanjangan.")},
    )


class DecisionForm(forms.Form):
    """What is decided on a wish for a later due date."""

    note = forms.CharField(
        label=gettext_lazy("Catatan"),
        max_length=TEXT_MAX,
        required=False,
        widget=_area(2),
        help_text=gettext_lazy("Wajib bila ditolak."),
    )


QUICK = (
    ("", gettext_lazy("Belum tuntas"), "living"),
    ("saya", gettext_lazy("Milik saya"), "mine"),
    ("lewat", gettext_lazy("Lewat tenggat"), "overdue"),
    ("verifikasi", gettext_lazy("Menunggu verifikasi"), "reported"),
    ("berulang", gettext_lazy("Berulang"), "repeated"),
    ("tuntas", gettext_lazy("Tuntas"), "done"),
    ("semua", gettext_lazy("Semua"), "every"),
)
SORTS = {
    "tenggat": ("due_on", "pk"),
    "umur": ("-created_at", "-pk"),
    "prioritas": ("priority", "due_on", "pk"),
    "unit": ("unit__name", "due_on", "pk"),
    "keadaan": ("state", "due_on", "pk"),
}
DEFAULT_SORT = "tenggat"
AGE_CHOICES = (
    ("", gettext_lazy("Semua umur")),
    ("0", gettext_lazy("Sampai 30 hari")),
    ("30", gettext_lazy("31–60 hari")),
    ("60", gettext_lazy("61–90 hari")),
    ("90", gettext_lazy("Lebih dari 90 hari")),
)


class RegisterFilter(forms.Form):
    """What the register is narrowed to; an unknown value narrows nothing."""

    q = forms.CharField(
        label=gettext_lazy("Cari nomor, unit, butir, atau kata"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    unit = forms.TypedChoiceField(
        label=gettext_lazy("Unit"), required=False, coerce=int, empty_value=None
    )
    keadaan = forms.ChoiceField(
        label=gettext_lazy("Keadaan"),
        required=False,
        choices=[("", gettext_lazy("Semua keadaan")), *RecommendationState.choices],
    )
    sumber = forms.ChoiceField(
        label=gettext_lazy("Sumber"),
        required=False,
        choices=[("", gettext_lazy("Semua sumber")), *Source.choices],
    )
    prioritas = forms.ChoiceField(
        label=gettext_lazy("Prioritas"),
        required=False,
        choices=[("", gettext_lazy("Semua prioritas")), *Priority.choices],
    )
    umur = forms.ChoiceField(label=gettext_lazy("Umur"), required=False, choices=AGE_CHOICES)
    tampil = forms.ChoiceField(
        required=False, choices=[(code, label) for code, label, _count in QUICK]
    )

    def __init__(self, data, *, units=None):
        """units: (pk, name) pairs of the select; None leaves it out, on a unit's own page."""
        super().__init__(data)
        if units is None:
            del self.fields["unit"]
        else:
            self.fields["unit"].choices = [("", _("Semua unit")), *units]
        self.is_valid()

    def narrow(self, rows):
        """Return the rows that the fields keep, the quick filter apart."""
        wanted = self.cleaned_data
        rows = rows.search(wanted.get("q", ""))
        if wanted.get("unit"):
            rows = rows.filter(unit=wanted["unit"])
        for name, field in (("keadaan", "state"), ("sumber", "source"), ("prioritas", "priority")):
            if wanted.get(name):
                rows = rows.filter(**{field: wanted[name]})
        if wanted.get("umur") and int(wanted["umur"]) in (0, *AGE_STEPS):
            rows = rows.aged(int(wanted["umur"]))
        return rows

    @property
    def quick(self) -> str:
        """Return the quick filter in force."""
        return self.cleaned_data.get("tampil", "")

    def quickly(self, rows, user):
        """Return the rows that the quick filter keeps; a chosen state shows that state's rows."""
        if self.quick == "saya":
            return rows.living().owned_by(user)
        if self.quick == "lewat":
            return rows.overdue()
        if self.quick == "verifikasi":
            return rows.filter(state=RecommendationState.REPORTED)
        if self.quick == "berulang":
            return rows.living().filter(repeats__isnull=False)
        if self.quick == "tuntas":
            return rows.filter(state=RecommendationState.DONE)
        if self.quick == "semua" or self.cleaned_data.get("keadaan"):
            return rows
        return rows.living()
