"""Forms of the first run: the first admin, the letterhead, one's own data."""

from __future__ import annotations

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.models import Unit, User
from zona.letterhead import LogoRefused, drawn_logo


class FirstAdminForm(forms.Form):
    """The ministry, and the person who looks after this installation first."""

    ministry = forms.CharField(label=gettext_lazy("Nama kementerian"), max_length=150)
    code = forms.CharField(
        label=gettext_lazy("Kode kementerian"),
        max_length=20,
        help_text=gettext_lazy("Singkatan, misalnya KKP."),
    )
    name = forms.CharField(label=gettext_lazy("Nama Anda"), max_length=150)
    username = forms.CharField(
        label=gettext_lazy("Nama pengguna"),
        max_length=150,
        validators=[User.username_validator],
    )
    email = forms.EmailField(label=gettext_lazy("Surel kedinasan"))
    password = forms.CharField(
        label=gettext_lazy("Kata sandi"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Paling sedikit 12 karakter."),
        strip=False,
    )
    again = forms.CharField(
        label=gettext_lazy("Kata sandi sekali lagi"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean(self):
        """The password holds the rules, and was typed twice alike."""
        values = super().clean()
        password = values.get("password")
        if password and values.get("again") and password != values["again"]:
            self.add_error("again", _("Kedua kata sandi berbeda."))
        if password:
            person = User(
                username=values.get("username", ""),
                name=values.get("name", ""),
                email=values.get("email", ""),
            )
            try:
                validate_password(password, person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return values

    def clean_code(self):
        """A root that is there already keeps its code."""
        code = self.cleaned_data["code"].strip()
        if Unit.objects.filter(code__iexact=code).exclude(parent=None).exists():
            raise forms.ValidationError(_("Kode ini sudah dipakai."))
        return code

    @property
    def admin_values(self) -> dict[str, str]:
        """Return the fields as the service takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "again"}


class LetterheadForm(forms.Form):
    """What stands on the ministry's papers."""

    address = forms.CharField(
        label=gettext_lazy("Alamat pada kop"),
        max_length=250,
        required=False,
        help_text=gettext_lazy("Satu baris: jalan, kota, telepon, surel."),
    )
    place = forms.CharField(
        label=gettext_lazy("Kota pada tanggal surat"), max_length=80, required=False
    )
    logo = forms.FileField(
        label=gettext_lazy("Lambang (PNG atau JPG)"),
        required=False,
        help_text=gettext_lazy("Paling besar 2 MB; digambar ulang paling lebar 512 piksel."),
    )
    drop_logo = forms.BooleanField(label=gettext_lazy("Hapus lambang yang ada"), required=False)

    def clean_logo(self):
        """Return the picture drawn anew, or None where no file was given."""
        upload = self.cleaned_data["logo"]
        if not upload:
            return None
        try:
            return drawn_logo(upload.read())
        except LogoRefused as error:
            raise forms.ValidationError(
                _("Berkas ini bukan gambar PNG atau JPG yang dapat dipakai.")
            ) from error


class OwnDataForm(forms.Form):
    """The word of whoever leaves the demo that he means it."""

    sure = forms.BooleanField(
        label=gettext_lazy("Ya, mulai lagi Zona dengan data sendiri; semua yang masuk akan keluar.")
    )
