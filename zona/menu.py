"""What stands around every page: the menu by permission, the house, the period, the notices.

The roof builds it once per request and lazily: a partial page that shows no app bar pays nothing.
Entries whose page does not exist are left out, so that the menu never leads nowhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache, cached_property

from django.core.cache import cache as shared_cache
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import Period
from units import demo_login
from units.access import Access, Permission, Role, access_of
from units.models import Unit
from zona.models import Notification
from zona.second_factor import is_bound

HOUSE_KEY = "zona.house"
HOUSE_SECONDS = 30
DOCK_PLACES = 4

# Reached from their unit, or by those who watch over many from the portfolio.
WORKSHEET_PAGES = ("assessments:worksheet", "assessments:findings", "assessments:transition")
DASHBOARD_PAGES = (
    "assessments:dashboard",
    "assessments:journey_",
    "assessments:check_",
    "assessments:building_",
    "assessments:monitoring_",
    "assessments:paper_",
    "assessments:plan_",
)

# The role by which a person is introduced beside his name: the one that says most.
FIRST_ROLE = (
    Role.INSPECTOR_GENERAL,
    Role.QUALITY_CONTROLLER,
    Role.AUDITOR,
    Role.SECRETARIAT,
    Role.SYSTEM_ADMIN,
    Role.ESELON1_COORDINATOR,
    Role.UNIT_HEAD,
    Role.ZI_LEAD,
    Role.AREA_COORDINATOR,
    Role.UNIT_OPERATOR,
    Role.OBSERVER,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One way from the menu: where to, what it says, for whom, and which pages it covers.

    covers: the start of the url names (with namespace) under which the entry is the current one.
    is_setting: stands with its like under "Pengaturan" for those who have several of them.
    """

    url_name: str
    label: str
    short: str
    icon: str
    covers: tuple[str, ...]
    is_for: Callable[[Access], bool]
    is_setting: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """An entry as one request shows it."""

    url: str
    label: str
    short: str
    icon: str
    is_current: bool
    is_setting: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class House:
    """The ministry that this installation serves and its current period (id and name)."""

    ministry: str
    period_id: int | None
    period: str


def _with(permission: Permission) -> Callable[[Access], bool]:
    return lambda access: access.has(permission)


def _of_a_unit(access: Access) -> bool:
    return bool(access.unit_grants)


def _of_many_units(access: Access) -> bool:
    return access.has(Permission.PORTFOLIO_VIEW) or access.has(Permission.UNIT_MANAGE)


ENTRIES = (
    Entry("zona:home", _("Tugas saya"), _("Tugas"), "list-checks", ("zona:home",), lambda _: True),
    Entry(
        "assessments:portfolio",
        _("Pantauan unit"),
        _("Pantauan"),
        "chart-column",
        ("assessments:portfolio", *WORKSHEET_PAGES, *DASHBOARD_PAGES),
        _with(Permission.PORTFOLIO_VIEW),
    ),
    Entry(
        "assessments:control_room",
        _("Ruang kendali"),
        _("Kendali"),
        "radar",
        ("assessments:control_", "assessments:announcement_"),
        _with(Permission.TEAM_MANAGE),
    ),
    Entry(
        "zona:own_dashboard",
        _("Dasbor unit"),
        _("Dasbor"),
        "gauge",
        DASHBOARD_PAGES,
        _of_a_unit,
    ),
    Entry(
        "zona:own_worksheet",
        _("LKE"),
        _("LKE"),
        "table-2",
        WORKSHEET_PAGES,
        _of_a_unit,
    ),
    Entry(
        "zona:own_evidence",
        _("Bukti dukung"),
        _("Bukti"),
        "folder-open",
        ("assessments:evidence_",),
        _of_a_unit,
    ),
    Entry(
        "assistance:visit_list",
        _("Asistensi"),
        _("Asistensi"),
        "handshake",
        ("assistance:visit", "assistance:minutes", "assistance:consultation"),
        _with(Permission.ASSESSMENT_VIEW),
    ),
    Entry(
        "assistance:register",
        _("Rekomendasi"),
        _("Rekomendasi"),
        "flag",
        (
            "assistance:register",
            "assistance:unit_register",
            "assistance:portfolio",
            "assistance:recommendation",
            "assistance:extension",
        ),
        _with(Permission.ASSESSMENT_VIEW),
    ),
    Entry(
        "surveys:survey_list",
        _("Survei"),
        _("Survei"),
        "message-square-heart",
        (
            "surveys:survey_",
            "surveys:answer_",
            "surveys:comment_",
            "surveys:import_",
            "surveys:print_",
            "surveys:questionnaire_",
            "surveys:unit_",
            "surveys:external_",
        ),
        _with(Permission.SURVEY_VIEW),
    ),
    Entry(
        "assessments:document_list",
        _("Dokumen"),
        _("Dokumen"),
        "file-text",
        ("assessments:document_",),
        _with(Permission.ASSESSMENT_VIEW),
    ),
    Entry(
        "units:unit_list",
        _("Unit kerja"),
        _("Unit"),
        "building-2",
        ("units:unit_", "units:service_", "units:pledge_"),
        _of_many_units,
        is_setting=True,
    ),
    Entry(
        "units:person_list",
        _("Orang"),
        _("Orang"),
        "users",
        ("units:person_", "units:membership_"),
        _with(Permission.PEOPLE_VIEW),
        is_setting=True,
    ),
    Entry(
        "assessments:period_list",
        _("Periode"),
        _("Periode"),
        "calendar-range",
        ("assessments:period_", "assessments:team", "assessments:proposal_", "assessments:house_"),
        lambda access: access.is_itjen,
        is_setting=True,
    ),
    Entry(
        "zona:letterhead",
        _("Kop surat"),
        _("Kop surat"),
        "stamp",
        ("zona:letterhead",),
        lambda access: (
            access.has(Permission.SETTINGS_MANAGE) or access.has(Permission.PERIOD_MANAGE)
        ),
        is_setting=True,
    ),
    Entry(
        "assessments:instrument_list",
        _("Instrumen"),
        _("Instrumen"),
        "book-open-check",
        ("assessments:instrument_", "assessments:guidance"),
        lambda access: access.is_itjen,
        is_setting=True,
    ),
)


@cache
def _address(url_name: str) -> str:
    """Return the address of an entry; empty when the page does not exist."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def read_house() -> House:
    """Return ministry and current period; read from the database at most every 30 seconds."""
    house = shared_cache.get(HOUSE_KEY)
    if house is None:
        ministry = Unit.objects.filter(parent=None).values_list("name", flat=True).first() or ""
        newest = Period.objects.order_by("-is_open", "-year", "name").values_list("pk", "name")
        house = House(ministry, *(newest.first() or (None, "")))
        shared_cache.set(HOUSE_KEY, house, HOUSE_SECONDS)
    return house


def forget_house() -> None:
    """Drop the remembered house, after a period or the ministry's name changed."""
    shared_cache.delete(HOUSE_KEY)


@receiver(post_save, sender=Period)
@receiver(post_delete, sender=Period)
def _period_changed(sender, **kwargs) -> None:
    forget_house()


@receiver(post_save, sender=Unit)
def _ministry_changed(sender, instance, **kwargs) -> None:
    if instance.parent_id is None:
        forget_house()


class Shell:
    """What the base template asks for, each part only when it is shown."""

    def __init__(self, request):
        self.request = request

    @cached_property
    def user(self):
        """The signed-in person, or None; also on an error page before the session was read."""
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def theme(self) -> str:
        """The person's own choice: light, dark, or empty to follow the device."""
        return self.user.theme if self.user else ""

    @cached_property
    def access(self) -> Access:
        """What the person may do."""
        return access_of(self.user) if self.user else Access()

    @cached_property
    def house(self) -> House:
        """The ministry and its current period."""
        return read_house()

    @cached_property
    def menu(self) -> list[Link]:
        """The ways open to this person, in order."""
        match = getattr(self.request, "resolver_match", None)
        here = match.view_name if match else ""
        if self.user is None:
            return []
        return [
            Link(
                url,
                entry.label,
                entry.short,
                entry.icon,
                here.startswith(entry.covers),
                entry.is_setting,
            )
            for entry in ENTRIES
            if entry.is_for(self.access) and (url := _address(entry.url_name))
        ]

    @cached_property
    def settings(self) -> list[Link]:
        """What stands together under "Pengaturan": two ways or more, otherwise none."""
        links = [link for link in self.menu if link.is_setting]
        return links if len(links) > 1 else []

    @cached_property
    def top(self) -> list[Link]:
        """What stands in the menu's own line."""
        return [link for link in self.menu if link not in self.settings]

    @cached_property
    def is_in_settings(self) -> bool:
        """Say whether the page belongs to one of ``settings``."""
        return any(link.is_current for link in self.settings)

    @cached_property
    def dock(self) -> list[Link]:
        """The first ways, for the foot of a phone."""
        return self.menu[:DOCK_PLACES]

    @cached_property
    def unread(self) -> int:
        """How many notices the person has not opened."""
        if self.user is None:
            return 0
        return Notification.objects.filter(user=self.user, read_at=None).count()

    @cached_property
    def keeps_second_factor(self) -> bool:
        """Whether the person must keep a second factor once he has one."""
        return self.user is not None and is_bound(self.user)

    @cached_property
    def role(self) -> str:
        """The role by which the person is introduced; empty without one."""
        for role in FIRST_ROLE:
            if role in self.access.roles:
                return role.label
        return ""

    @cached_property
    def personas(self) -> list[demo_login.Persona]:
        """The demo people as whom a visitor may sign in."""
        return demo_login.personas()

    @cached_property
    def now(self):
        """The moment at which the page was made."""
        return timezone.now()


def shell(request) -> dict[str, Shell]:
    """Give every template ``shell``."""
    return {"shell": Shell(request)}
