"""Forms of units and people: they turn posted text into clean values."""

from __future__ import annotations

from django import forms
from django.db.models import BLANK_CHOICE_DASH, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.access import AREA_ROLES, Role
from units.models import Pledge, Service, Unit, UnitFigures, User
from units.permissions import grantable_roles
from units.services.figures import FIGURE_FIELDS
from units.services.people import PERSON_FIELDS
from units.services.tree import PLEDGE_FIELDS, UNIT_FIELDS

# The six change areas; the same in every edition of the worksheet.
AREAS = (
    ("1", gettext_lazy("1 Manajemen perubahan")),
    ("2", gettext_lazy("2 Penataan tatalaksana")),
    ("3", gettext_lazy("3 Penataan sistem manajemen SDM")),
    ("4", gettext_lazy("4 Penguatan akuntabilitas")),
    ("5", gettext_lazy("5 Penguatan pengawasan")),
    ("6", gettext_lazy("6 Peningkatan kualitas pelayanan publik")),
)
LEVEL_ORDER = Unit.Level.values
STATES = (
    ("", gettext_lazy("Aktif")),
    ("tutup", gettext_lazy("Nonaktif")),
    ("semua", gettext_lazy("Aktif dan nonaktif")),
)


class DayInput(forms.DateInput):
    """The browser's own calendar; it speaks ISO dates."""

    input_type = "date"

    def __init__(self, **attrs):
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class UnitChoice(forms.ModelChoiceField):
    """A choice among units, indented as they stand in the tree."""

    def label_from_instance(self, unit: Unit) -> str:
        """Return the name with its code, behind as many spaces as the unit stands deep."""
        return "\u2003" * unit.depth + f"{unit.name} ({unit.code})"


class PleaseChoose:
    """Says "Pilih" where a form offers nothing chosen yet, instead of a row of dashes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.empty_label is not None:
                field.empty_label = _("Pilih")
            elif (
                isinstance(field, forms.ChoiceField)
                and list(field.choices)[:1] == BLANK_CHOICE_DASH
            ):
                field.choices = [("", _("Pilih")), *list(field.choices)[1:]]


class Versioned(forms.Form):
    """Carries the version of the row that the editor saw, 0 before the row was there."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        row = getattr(self, "instance", None)
        if row is not None and row.pk:
            self.fields["version"].initial = row.version

    @property
    def seen_version(self) -> int:
        """Return the version that the editor saw."""
        return self.cleaned_data["version"] or 0

    @property
    def typed(self) -> dict:
        """Return what was typed, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def show_newer(self, version: int) -> None:
        """Let the next save replace what the other wrote, now that the editor has seen it."""
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = version


class PreferencesForm(forms.ModelForm):
    """How the application behaves for one person."""

    class Meta:
        model = User
        fields = ("theme", "shortcuts")


class UnitFilter(forms.Form):
    """What the list of units is narrowed to; an unknown value narrows nothing."""

    q = forms.CharField(label=gettext_lazy("Cari nama, kode, atau provinsi"), required=False)
    eselon1 = forms.ModelChoiceField(
        Unit.objects.none(),
        label=gettext_lazy("Eselon I"),
        required=False,
        empty_label=gettext_lazy("Semua Eselon I"),
    )
    jenis = forms.ChoiceField(
        label=gettext_lazy("Jenis"),
        required=False,
        choices=[("", gettext_lazy("Semua jenis")), *Unit.Kind.choices],
    )
    tingkat = forms.ChoiceField(
        label=gettext_lazy("Tingkat"),
        required=False,
        choices=[("", gettext_lazy("Semua tingkat")), *Unit.Level.choices],
    )
    provinsi = forms.ChoiceField(label=gettext_lazy("Provinsi"), required=False)
    keadaan = forms.ChoiceField(label=gettext_lazy("Keadaan"), required=False, choices=STATES)

    def __init__(self, data, *, units):
        """units: those that the person may see; choices come from them alone. Two queries."""
        super().__init__(data)
        self.fields["eselon1"].queryset = units.filter(level=Unit.Level.ESELON_1).order_by("name")
        provinces = units.exclude(province="").order_by("province").values_list("province")
        self.fields["provinsi"].choices = [
            ("", _("Semua provinsi")),
            *((name, name) for (name,) in provinces.distinct()),
        ]

    def narrow(self, units):
        """Return the units that the filter keeps."""
        self.is_valid()
        wanted = self.cleaned_data
        units = units.search(wanted.get("q", ""))
        if wanted.get("eselon1"):
            units = units.below(wanted["eselon1"])
        for field, name in (("kind", "jenis"), ("level", "tingkat"), ("province", "provinsi")):
            if wanted.get(name):
                units = units.filter(**{field: wanted[name]})
        state = wanted.get("keadaan", "")
        return units if state == "semua" else units.filter(is_active=state != "tutup")

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything but the words hides part of the tree."""
        return any(value for value in self.cleaned_data.values())


class UnitForm(PleaseChoose, Versioned, forms.ModelForm):
    """A unit."""

    parent = UnitChoice(
        Unit.objects.none(),
        label=gettext_lazy("Induk"),
        error_messages={"required": gettext_lazy("Pilih induk unit ini.")},
    )

    class Meta:
        model = Unit
        fields = UNIT_FIELDS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        parents = Unit.objects.active().in_tree_order()
        if self.instance.pk:
            parents = parents.exclude(path__startswith=self.instance.path)
        self.fields["parent"].queryset = parents
        has_top = Unit.objects.filter(parent=None).exclude(pk=self.instance.pk).exists()
        self.fields["parent"].required = has_top
        if has_top:
            levels = self.fields["level"].choices
            self.fields["level"].choices = [
                (value, label) for value, label in levels if value != Unit.Level.MINISTRY
            ]

    def clean(self):
        """Refuse a place in the tree that the level does not allow."""
        values = super().clean()
        level, parent = values.get("level"), values.get("parent")
        if level == Unit.Level.MINISTRY and parent is not None:
            self.add_error("parent", _("Kementerian berada di puncak dan tidak mempunyai induk."))
        elif level and parent and LEVEL_ORDER.index(level) < LEVEL_ORDER.index(parent.level):
            message = _("Tingkat unit tidak dapat lebih tinggi daripada induknya (%(level)s).")
            self.add_error("level", message % {"level": parent.get_level_display()})
        elif level and level != Unit.Level.MINISTRY and not self.fields["parent"].required:
            self.add_error("level", _("Unit tanpa induk adalah kementerian."))
        return values

    def validate_constraints(self):
        """The rules of the tree are told in words by ``clean``; the database holds them too."""

    @property
    def unit_values(self) -> dict:
        """Return the unit's fields as the services take them."""
        return {name: self.cleaned_data[name] for name in UNIT_FIELDS}


class ServiceForm(Versioned, forms.ModelForm):
    """A service that a unit renders."""

    class Meta:
        model = Service
        fields = ("name", "is_strategic", "is_active")
        help_texts = {
            "is_strategic": gettext_lazy("Layanan inti yang paling banyak memengaruhi masyarakat.")
        }

    def __init__(self, *args, unit: Unit, **kwargs):
        super().__init__(*args, **kwargs)
        self.unit = unit
        if self.instance.pk is None:
            del self.fields["is_active"]

    def clean_name(self):
        """Refuse a second service of the same name."""
        name = self.cleaned_data["name"]
        others = self.unit.services.exclude(pk=self.instance.pk)
        if others.filter(name__iexact=name).exists():
            raise forms.ValidationError(_("Unit ini sudah mempunyai layanan dengan nama itu."))
        return name


BELOW_ESELON_3 = "below"


class PledgeForm(PleaseChoose, Versioned, forms.ModelForm):
    """The public declaration of a unit."""

    signer_level = forms.ChoiceField(
        label=gettext_lazy("Tingkat jabatan penanda tangan"),
        choices=[
            ("", gettext_lazy("Pilih")),
            *Pledge.SignerLevel.choices,
            (BELOW_ESELON_3, gettext_lazy("Di bawah eselon III")),
        ],
        help_text=gettext_lazy("Paling rendah eselon III."),
    )

    class Meta:
        model = Pledge
        fields = PLEDGE_FIELDS
        widgets = {"declared_on": DayInput(), "witnesses": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, unit: Unit, **kwargs):
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.fields["signed_count"].help_text = _("Dari %(count)d pegawai unit.") % {
            "count": unit.staff_count
        }

    def clean_declared_on(self):
        """A declaration has happened."""
        declared_on = self.cleaned_data["declared_on"]
        if declared_on > timezone.localdate():
            raise forms.ValidationError(_("Tanggal pencanangan belum tiba."))
        return declared_on

    def clean_signer_level(self):
        """A charter needs a signer of some weight."""
        level = self.cleaned_data["signer_level"]
        if level == BELOW_ESELON_3:
            message = _("Piagam ditandatangani paling rendah oleh pejabat eselon III.")
            raise forms.ValidationError(message)
        return level

    def clean_signed_count(self):
        """Not more people sign than work there."""
        count = self.cleaned_data["signed_count"]
        if count > self.unit.staff_count:
            message = _("Lebih banyak daripada jumlah pegawai unit (%(count)d).")
            raise forms.ValidationError(message % {"count": self.unit.staff_count})
        return count


class PersonFilter(forms.Form):
    """What the list of people is narrowed to."""

    q = forms.CharField(label=gettext_lazy("Cari nama, NIP, atau surel"), required=False)
    peran = forms.ChoiceField(
        label=gettext_lazy("Peran"),
        required=False,
        choices=[
            ("", gettext_lazy("Semua peran")),
            *Role.choices,
            ("tanpa", gettext_lazy("Tanpa peran")),
        ],
    )
    keadaan = forms.ChoiceField(label=gettext_lazy("Keadaan"), required=False, choices=STATES)

    def narrow(self, people, *, memberships):
        """Return the people that the filter keeps.

        memberships: the roles that count, those in force that the asking person may see.
        """
        self.is_valid()
        wanted = self.cleaned_data
        people = people.search(wanted.get("q", ""))
        role = wanted.get("peran", "")
        if role == "tanpa":
            people = people.exclude(pk__in=memberships.values("user"))
        elif role:
            people = people.filter(pk__in=memberships.filter(role=role).values("user"))
        state = wanted.get("keadaan", "")
        return people if state == "semua" else people.filter(is_active=state != "tutup")


class PersonForm(Versioned, forms.ModelForm):
    """An account."""

    nip = forms.CharField(
        label=gettext_lazy("NIP"),
        required=False,
        max_length=25,
        help_text=gettext_lazy("18 angka; spasi boleh."),
    )

    class Meta:
        model = User
        fields = PERSON_FIELDS
        labels = {
            "username": gettext_lazy("Nama pengguna"),
            "email": gettext_lazy("Surel kedinasan"),
        }
        help_texts = {
            "username": gettext_lazy("Dipakai untuk masuk; huruf, angka, titik, dan garis bawah."),
        }

    def clean_nip(self):
        """Eighteen digits; spaces that people copy along are dropped."""
        nip = self.cleaned_data["nip"].replace(" ", "")
        if nip and (len(nip) != 18 or not nip.isdecimal()):
            raise forms.ValidationError(_("NIP terdiri atas 18 angka."))
        return nip

    def clean_email(self):
        """An address opens one account only."""
        email = self.cleaned_data["email"].strip()
        others = User.objects.exclude(pk=self.instance.pk)
        if email and others.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Surel ini sudah dipakai akun lain."))
        return email

    @property
    def person_values(self) -> dict:
        """Return the account's fields as the services take them."""
        return {name: self.cleaned_data[name] for name in PERSON_FIELDS}


class GrantForm(forms.Form):
    """A role for somebody: on a unit given (``unit``), or for a person given (``person``)."""

    who = forms.CharField(
        label=gettext_lazy("Nama pengguna, NIP, atau surel"),
        help_text=gettext_lazy("Tulis lengkap. Belum punya akun? Mintalah kepada sekretariat TPI."),
    )
    unit = UnitChoice(Unit.objects.none(), label=gettext_lazy("Unit kerja"))
    role = forms.ChoiceField(label=gettext_lazy("Peran"))
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("Area"),
        choices=AREAS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Hanya untuk operator dan koordinator area. Tanpa pilihan berarti semua area."
        ),
    )
    valid_from = forms.DateField(label=gettext_lazy("Berlaku dari"), widget=DayInput())
    valid_to = forms.DateField(
        label=gettext_lazy("Sampai"),
        widget=DayInput(),
        required=False,
        help_text=gettext_lazy("Kosongkan bila belum ada batasnya."),
    )

    def __init__(self, *args, by: User, unit: Unit | None = None, person: User | None = None):
        initial = {"valid_from": timezone.localdate()}
        super().__init__(*args, initial=initial)
        self.by, self.given_unit, self.given_person = by, unit, person
        roles = frozenset(Role)
        if unit is not None:
            del self.fields["unit"]
            roles = grantable_roles(by, unit)
        if person is not None:
            del self.fields["who"]
            self.fields["unit"].queryset = Unit.objects.active().visible_to(by).in_tree_order()
        self.fields["role"].choices = [("", _("Pilih peran"))] + [
            (role.value, role.label) for role in Role if role in roles
        ]

    def clean_who(self):
        """Find the one account that is meant; only a full and exact word finds it."""
        word = self.cleaned_data["who"].strip()
        meant = Q(username__iexact=word) | Q(email__iexact=word) | Q(nip=word.replace(" ", ""))
        found = list(User.objects.active().filter(meant)[:2])
        if len(found) != 1:
            raise forms.ValidationError(_("Tidak ada akun aktif dengan nama, NIP, atau surel itu."))
        return found[0]

    def clean(self):
        """Bring person, unit and role together and ask whether this one may be given."""
        values = super().clean()
        person = self.given_person or values.get("who")
        unit = self.given_unit or values.get("unit")
        role = values.get("role")
        if person is not None and person.pk == self.by.pk:
            self.add_error(None, _("Anda tidak dapat memberi peran kepada diri sendiri."))
        if unit and role and role not in grantable_roles(self.by, unit):
            message = _("Peran ini tidak berlaku untuk unit itu, atau di luar wewenang Anda.")
            self.add_error("role", message)
        if values.get("areas") and role and role not in AREA_ROLES:
            self.add_error("areas", _("Peran ini tidak dibatasi area."))
        first, last = values.get("valid_from"), values.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("Tanggal akhir mendahului tanggal awal."))
        values["person"], values["unit"] = person, unit
        return values

    @property
    def grant_values(self) -> dict:
        """Return what ``grant_membership`` takes."""
        return {
            "user": self.cleaned_data["person"],
            "unit": self.cleaned_data["unit"],
            "role": self.cleaned_data["role"],
            "areas": self.cleaned_data["areas"],
            "valid_from": self.cleaned_data["valid_from"],
            "valid_to": self.cleaned_data["valid_to"],
        }


class EndForm(forms.Form):
    """The last day of a role."""

    last_day = forms.DateField(
        label=gettext_lazy("Hari terakhir berlaku"),
        widget=DayInput(),
        help_text=gettext_lazy(
            "Kemarin berarti berakhir sekarang juga. Tanggal sebelum awal peran membatalkannya."
        ),
    )


class MoneyField(forms.IntegerField):
    """Whole rupiah, with dots between the thousands or without."""

    def to_python(self, value):
        """Leave out what people write around the digits."""
        if isinstance(value, str):
            value = value.replace("Rp", "").replace(".", "").replace(" ", "")
        return super().to_python(value)


class FiguresForm(Versioned, forms.ModelForm):
    """What a unit managed in a year."""

    budget_idr = MoneyField(
        label=gettext_lazy("Anggaran (Rp)"), required=False, min_value=0, max_value=10**15
    )
    revenue_idr = MoneyField(
        label=gettext_lazy("PNBP (Rp)"), required=False, min_value=0, max_value=10**15
    )

    class Meta:
        model = UnitFigures
        fields = FIGURE_FIELDS
        help_texts = {
            "reform": gettext_lazy("Misalnya: SAKIP BB, nilai ZI 78,20, penghargaan layanan."),
            "source": gettext_lazy("Misalnya: DIPA revisi 4, LKj, aplikasi SIMPEG."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("budget_idr", "revenue_idr"):
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "numeric"})
