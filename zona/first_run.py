"""The first run of an installation: one link makes the first admin, who is led through the rest.

What is done is read from the data, so every step can be left, done elsewhere, and come back to.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Assessment, Period, Rank
from units.access import Permission, Role, has_permission
from units.models import Unit, User
from units.services import create_person, create_unit, grant_membership
from zona import audit
from zona.models import Letterhead, Setup

STATE_KEY, STATE_SECONDS = "zona.setup", 30
STEPS = ("kementerian", "kop", "unit", "orang", "periode", "tim")


class FirstRunRefused(Exception):
    """The link does not open anything any more, or a step cannot be taken."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a step: what the button says and where it leads."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the first run: what it is for, how far it is, and the ways to it."""

    code: str
    title: str
    text: str
    said: str
    is_done: bool
    is_skipped: bool
    ways: tuple[Way, ...]

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left to do here."""
        return self.is_done or self.is_skipped


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def offer_link(token: str = "") -> str | None:
    """Return the key of a fresh link for the first admin; None once somebody has an account.

    token: a key that was promised before, else a random one. An older link ends with this one.
    """
    if User.objects.exists():
        return None
    token = token or secrets.token_urlsafe(32)
    setup = Setup.objects.select_for_update().order_by("pk").first() or Setup()
    setup.token_digest, setup.token_made_at = _digest(token), timezone.now()
    setup.save()
    return token


def first_link_words(token: str) -> str:
    """Return what the terminal says of the link for the first admin."""
    site = settings.SITE_URL or "alamat Zona + "
    return (
        f"\nadmin pertama, tautan sekali pakai: {site}{reverse('zona:first_admin', args=[token])}"
    )


def opens(token: str) -> bool:
    """Tell whether a key makes the first admin now."""
    setup = Setup.objects.order_by("pk").first()
    if setup is None or not setup.token_digest or setup.begun_at or User.objects.exists():
        return False
    return hmac.compare_digest(setup.token_digest, _digest(token))


@transaction.atomic
def begin(
    *,
    token: str,
    ministry: str,
    code: str,
    name: str,
    username: str,
    email: str,
    password: str,
) -> User:
    """Make the ministry and its first admin, who may also act as the secretariat.

    Raises FirstRunRefused when the link has been used meanwhile.
    """
    setup = Setup.objects.select_for_update().order_by("pk").first()
    if setup is None or not opens(token):
        raise FirstRunRefused
    root = Unit.objects.filter(parent=None).first() or create_unit(
        by=None,
        code=code,
        name=ministry,
        level=Unit.Level.MINISTRY,
        kind=Unit.Kind.MINISTRY,
    )
    user = create_person(by=None, username=username, name=name, email=email, password=password)
    for role in (Role.SYSTEM_ADMIN, Role.SECRETARIAT):
        grant_membership(user=user, unit=root, role=role, by=None)
    setup.token_digest, setup.begun_at = "", timezone.now()
    setup.save()
    audit.record_system([audit.Fact("setup.begun", f"user:{user.pk}")], by=user)
    cache.delete(STATE_KEY)
    return user


def running() -> Setup | None:
    """Return the first run while it is under way."""
    return Setup.objects.filter(begun_at__isnull=False, done_at=None).order_by("pk").first()


def is_running() -> bool:
    """Tell whether a first run is under way; asked at most every 30 seconds."""
    known = cache.get(STATE_KEY)
    if known is None:
        known = running() is not None
        cache.set(STATE_KEY, known, STATE_SECONDS)
    return known


def may_set_up(user: User) -> bool:
    """Tell whether the person may walk the first run: who looks after the settings."""
    return has_permission(user, Permission.SETTINGS_MANAGE)


def steps_of(setup: Setup) -> tuple[Step, ...]:
    """Return the steps with how far each is; seven statements."""
    root = Unit.objects.filter(parent=None).first()
    units = Unit.objects.assessable()
    eselon1 = units.filter(level=Unit.Level.ESELON_1).count()
    below = units.exclude(level=Unit.Level.ESELON_1).count()
    people = User.objects.active().count()
    period = Period.objects.order_by("-is_open", "-year").first()
    letterhead = Letterhead.objects.exists()
    sheets = Assessment.objects.newest_versions()
    opened = sheets.count()
    teams = sheets.filter(team__rank=Rank.QUALITY).filter(assignment__isnull=False).count()
    edit = [Way(_("Ubah data"), reverse("units:unit_edit", args=[root.pk]))] if root else []
    facts = {
        "kementerian": (
            _("Kementerian"),
            _("Nama dan kode yang tampil di setiap halaman."),
            root.name if root else "",
            root is not None,
            edit,
        ),
        "kop": (
            _("Kop surat dan logo"),
            _("Alamat, kota, dan lambang pada laporan dan surat."),
            _("sudah diisi") if letterhead else _("belum diisi"),
            letterhead,
            [Way(_("Isi kop surat"), reverse("zona:letterhead"))],
        ),
        "unit": (
            _("Unit kerja"),
            _("Eselon I lebih dahulu, lalu unit di bawahnya; satu per satu atau dari daftar."),
            _("{n} Eselon I, {m} unit lain").format(n=eselon1, m=below),
            bool(eselon1),
            [
                Way(_("Tambah unit"), reverse("units:unit_create")),
                Way(_("Impor daftar unit"), reverse("units:unit_import")),
            ],
        ),
        "orang": (
            _("Orang dan perannya"),
            _("Itjen, Eselon I, dan unit. Undangan dikirim lewat surel."),
            _("{n} orang").format(n=people),
            people > 1,
            [
                Way(_("Tambah orang"), reverse("units:person_create")),
                Way(_("Impor daftar orang"), reverse("units:person_import")),
            ],
        ),
        "periode": (
            _("Periode penilaian"),
            _("Tahun, instrumen, jendela bukti, dan batas waktu."),
            str(period) if period else _("belum ada"),
            period is not None,
            [Way(_("Buat periode"), reverse("assessments:period_create"))],
        ),
        "tim": (
            _("LKE dan tim penilai"),
            _("Buka LKE unit, lalu susun tim dan surat tugasnya di ruang kendali."),
            _("{n} LKE, {m} bertim").format(n=opened, m=teams),
            bool(teams),
            [
                Way(_("Buka LKE"), reverse("assessments:period_open", args=[period.pk]))
                if period
                else Way(_("Buat periode dahulu"), reverse("assessments:period_create")),
                Way(_("Ruang kendali"), reverse("assessments:control_room")),
            ],
        ),
    }
    return tuple(
        Step(code, title, text, said, is_done, code in setup.skipped and not is_done, tuple(ways))
        for code, (title, text, said, is_done, ways) in facts.items()
    )


@transaction.atomic
def put_off(*, code: str, back: bool) -> None:
    """Settle a step without doing it, or take that back. Raises FirstRunRefused."""
    setup = Setup.objects.select_for_update().filter(done_at=None).order_by("pk").first()
    if setup is None or code not in STEPS:
        raise FirstRunRefused
    kept = [one for one in setup.skipped if one != code]
    setup.skipped = kept if back else [*kept, code]
    setup.save(update_fields=["skipped"])


@transaction.atomic
def finish(*, by: User) -> None:
    """End the first run; its pages are gone then. Raises FirstRunRefused while a step is open."""
    setup = Setup.objects.select_for_update().filter(done_at=None).order_by("pk").first()
    if setup is None or not all(step.is_settled for step in steps_of(setup)):
        raise FirstRunRefused
    setup.done_at, setup.done_by = timezone.now(), by
    setup.save(update_fields=["done_at", "done_by"])
    audit.record_system([audit.Fact("setup.done", data={"skipped": setup.skipped})], by=by)
    cache.delete(STATE_KEY)
