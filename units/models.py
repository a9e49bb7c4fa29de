"""Who there is: people, work units in their tree, services, memberships and pledges."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from units.access import Role
from units.querysets import MembershipQuerySet, UnitQuerySet, UserManager
from zona.models import ChainHead


class User(AbstractUser):
    """A person with an account. What he may do follows from his memberships alone.

    ``is_staff`` and ``is_superuser`` open Django's admin for reference data and nothing else.
    """

    class Theme(models.TextChoices):
        SYSTEM = "", _("Ikuti perangkat")
        LIGHT = "light", _("Terang")
        DARK = "dark", _("Gelap")

    first_name = None
    last_name = None
    name = models.CharField(_("nama"), max_length=150)
    nip = models.CharField(_("NIP"), max_length=18, blank=True)
    position = models.CharField(_("jabatan"), max_length=150, blank=True)
    theme = models.CharField(_("tampilan"), max_length=5, choices=Theme, blank=True)
    shortcuts = models.BooleanField(_("pintasan papan ketik"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = UserManager()

    class Meta:
        verbose_name = _("orang")
        verbose_name_plural = _("orang")
        constraints = [
            models.UniqueConstraint(fields=["nip"], name="user_nip_once", condition=~Q(nip="")),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """Return the name as it is printed."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return str(self).split(" ")[0]

    @property
    def initials(self) -> str:
        """Return up to two letters for the round sign beside the name."""
        words = str(self).split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if words[1:] else words)).upper()


class Unit(ChainHead):
    """A work unit (satker) in the tree ministry, eselon I, eselon II/III, UPT.

    ``path`` lists the keys from the root down, each ended by a dot (``1.4.17.``), so that
    "this unit and all below" is one prefix condition. A service keeps it when a unit moves.
    """

    class Level(models.TextChoices):
        MINISTRY = "ministry", _("Kementerian")
        ESELON_1 = "eselon_1", _("Eselon I")
        ESELON_2 = "eselon_2", _("Eselon II")
        ESELON_3 = "eselon_3", _("Eselon III")
        BELOW = "below", _("Di bawah eselon III")

    class Kind(models.TextChoices):
        MINISTRY = "ministry", _("Kementerian")
        DIRECTORATE = "directorate", _("Direktorat jenderal atau badan")
        INSPECTORATE = "inspectorate", _("Inspektorat")
        PORT = "port", _("Pelabuhan perikanan")
        AQUACULTURE = "aquaculture", _("Balai budi daya")
        SURVEILLANCE = "surveillance", _("Pangkalan atau stasiun pengawasan")
        TRAINING = "training", _("Pendidikan dan pelatihan")
        MARINE = "marine", _("Balai atau loka konservasi")
        QUALITY = "quality", _("Balai uji mutu")
        OFFICE = "office", _("Kantor pusat")

    class TimeZone(models.TextChoices):
        WIB = "Asia/Jakarta", _("WIB")
        WITA = "Asia/Makassar", _("WITA")
        WIT = "Asia/Jayapura", _("WIT")

    code = models.CharField(_("kode"), max_length=20, unique=True)
    name = models.CharField(_("nama"), max_length=150)
    short_name = models.CharField(_("nama singkat"), max_length=60, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("induk"),
    )
    path = models.CharField(max_length=200, db_index=True, editable=False)
    level = models.CharField(_("tingkat"), max_length=10, choices=Level)
    kind = models.CharField(_("jenis"), max_length=15, choices=Kind)
    province = models.CharField(_("provinsi"), max_length=60, blank=True)
    time_zone = models.CharField(
        _("zona waktu"), max_length=20, choices=TimeZone, default=TimeZone.WIB
    )
    staff_count = models.PositiveIntegerField(_("jumlah pegawai"), default=0)
    is_active = models.BooleanField(_("aktif"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit kerja")
        verbose_name_plural = _("unit kerja")
        ordering = ("path",)
        constraints = [
            models.CheckConstraint(
                name="unit_root_is_ministry",
                condition=Q(parent=None, level="ministry")
                | (Q(parent__isnull=False) & ~Q(level="ministry")),
            ),
            models.CheckConstraint(name="unit_not_own_parent", condition=~Q(parent=F("id"))),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the unit's page."""
        return reverse("units:unit_detail", args=[self.pk])

    @property
    def audit_stream(self) -> str:
        """Return the name of the unit's audit chain."""
        return f"unit:{self.pk}"

    @property
    def label(self) -> str:
        """Return the short name, or the code where there is none."""
        return self.short_name or self.code

    @property
    def depth(self) -> int:
        """Return how many units stand above this one."""
        return self.path.count(".") - 1

    @property
    def is_assessable(self) -> bool:
        """Tell whether a worksheet may be opened for the unit: not the ministry itself."""
        return self.is_active and self.level != self.Level.MINISTRY


class Service(models.Model):
    """A service that a unit renders to the public."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="services")
    name = models.CharField(_("nama layanan"), max_length=150)
    is_strategic = models.BooleanField(_("strategis"), default=False)
    is_active = models.BooleanField(_("aktif"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("layanan")
        verbose_name_plural = _("layanan")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["unit", "name"], name="service_once_per_unit")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A role of a person on a unit, from a day to a day; the only source of rights.

    ``area`` narrows an operator or coordinator to one change area ("1" to "6"); blank means all.
    """

    user = models.ForeignKey(
        User, models.PROTECT, related_name="memberships", verbose_name=_("orang")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="memberships", verbose_name=_("unit kerja")
    )
    role = models.CharField(_("peran"), max_length=25, choices=Role.choices)
    area = models.CharField(_("area"), max_length=2, blank=True)
    valid_from = models.DateField(_("berlaku dari"), default=timezone.localdate)
    valid_to = models.DateField(_("sampai"), null=True, blank=True)
    granted_at = models.DateTimeField(default=timezone.now, editable=False)
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("peran")
        verbose_name_plural = _("peran")
        ordering = ("unit__path", "role", "user__name")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role", "area", "valid_from"], name="membership_once"
            ),
            models.CheckConstraint(
                name="membership_ends_after_start",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
        ]
        indexes = [models.Index(fields=["user", "valid_to"], name="membership_by_user")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} {self.unit.label}"


class Pledge(models.Model):
    """The public declaration (pencanangan) of a unit: its charter and the signed pacts."""

    class SignerLevel(models.TextChoices):
        """The least that a signer must be is the head of an eselon III unit."""

        MINISTER = "minister", _("Menteri")
        ESELON_1 = "eselon_1", _("Eselon I")
        ESELON_2 = "eselon_2", _("Eselon II")
        ESELON_3 = "eselon_3", _("Eselon III")

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="pledge")
    declared_on = models.DateField(_("tanggal pencanangan"))
    place = models.CharField(_("tempat"), max_length=150)
    charter_number = models.CharField(_("nomor piagam"), max_length=120)
    signer_name = models.CharField(_("penanda tangan"), max_length=150)
    signer_position = models.CharField(_("jabatan penanda tangan"), max_length=150)
    signer_level = models.CharField(
        _("tingkat jabatan penanda tangan"), max_length=10, choices=SignerLevel, blank=True
    )
    witnesses = models.TextField(_("saksi"), blank=True)
    signed_count = models.PositiveIntegerField(_("pegawai yang menandatangani pakta"), default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("pencanangan")
        verbose_name_plural = _("pencanangan")
        constraints = [
            models.CheckConstraint(
                name="pledge_known_signer_level",
                condition=Q(signer_level__in=["", "minister", "eselon_1", "eselon_2", "eselon_3"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit.label}, {self.declared_on}"

    @property
    def is_complete(self) -> bool:
        """Tell whether a fit person signed the charter and all staff the pact."""
        return bool(self.signer_level) and self.signed_count >= self.unit.staff_count > 0


class UnitFigures(models.Model):
    """What a unit managed in a year and how its reform stood, with the source of the figures.

    Money in whole rupiah. None means "not known", which differs from nothing.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="figures")
    year = models.PositiveSmallIntegerField(_("tahun"))
    budget_idr = models.PositiveBigIntegerField(_("anggaran (Rp)"), null=True, blank=True)
    revenue_idr = models.PositiveBigIntegerField(_("PNBP (Rp)"), null=True, blank=True)
    staff = models.PositiveIntegerField(_("pegawai"), null=True, blank=True)
    services = models.PositiveIntegerField(_("layanan"), null=True, blank=True)
    reform = models.CharField(_("capaian reformasi birokrasi"), max_length=200, blank=True)
    source = models.CharField(_("sumber"), max_length=200)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("angka unit")
        verbose_name_plural = _("angka unit")
        ordering = ("-year",)
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="unit_figures_once_a_year"),
            models.CheckConstraint(name="unit_figures_have_source", condition=~Q(source="")),
        ]

    def __str__(self) -> str:
        return f"{self.unit.label} {self.year}"

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is known of the year."""
        known = (self.budget_idr, self.revenue_idr, self.staff, self.services)
        return all(value is None for value in known) and not self.reform


class RosterImport(models.Model):
    """A list of units or people that waits for its preview to be accepted; then it is deleted."""

    class Kind(models.TextChoices):
        UNITS = "units", _("Unit kerja")
        PEOPLE = "people", _("Orang")

    kind = models.CharField(max_length=6, choices=Kind)
    file_name = models.CharField(max_length=150)
    lines = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.file_name
