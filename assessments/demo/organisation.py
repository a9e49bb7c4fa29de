"""The ministry of the demo: its units, services, pledges, people and their roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from assessments.demo import source
from assessments.demo.accounts import DEMO_PASSWORD
from assessments.demo.clock import StoryClock
from assessments.demo.facts import Facts, facts_of
from assessments.demo.story import ROMAN, Story
from assessments.models import Rank
from units import services
from units.access import UNIT_ROLES, Role
from units.models import Pledge, Unit, User

MAIL_DOMAIN = "bahari.example"
ZONES = {"WIB": Unit.TimeZone.WIB, "WITA": Unit.TimeZone.WITA, "WIT": Unit.TimeZone.WIT}
RANKS = {
    "lead": Rank.LEAD,
    "supervisor": Rank.SUPERVISOR,
    "quality": Rank.QUALITY,
}
ALL_SECTIONS = ("1", "2", "3", "4", "5", "6", "B")
MEMBER_SECTIONS = (("1", "2", "3"), ("4", "5", "6", "B"))


@dataclass(frozen=True, slots=True)
class Place:
    """One person's place on a TPI team, with the sections he works on."""

    user: User
    rank: Rank
    sections: tuple[str, ...] = ALL_SECTIONS


@dataclass
class Organisation:
    """Everybody and everything, by code or username."""

    units: dict[str, Unit] = field(default_factory=dict)
    facts: dict[str, Facts] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    of_unit: dict[tuple[str, str], User] = field(default_factory=dict)
    teams: dict[str, tuple[Place, ...]] = field(default_factory=dict)

    def person(self, unit_code: str, role: str) -> User:
        """Return who holds a role on a unit (the first, where several do)."""
        return self.of_unit[unit_code, role]


class Builder:
    """Builds the organisation; the same seed names the same people."""

    def __init__(self, story: Story, seed: int) -> None:
        self.story, self.seed = story, seed
        self.rng = Random(f"{seed}:people")
        self.data, self.who = source.read("organisation"), source.read("people")
        self.made = Organisation()
        self.since = date(story.year - 3, 1, 2)
        self.names: set[str] = set()
        self.nips = 30
        self.pledges: list[dict[str, Any]] = []

    def build(self) -> Organisation:
        """Make units first, then the people on them; one password hash serves all."""
        self._units()
        self._people()
        password = make_password(DEMO_PASSWORD if settings.ZONA_DEMO else None)
        User.objects.update(password=password)
        return self.made

    # Units ----------------------------------------------------------------------------------

    def _units(self) -> None:
        ministry = self._unit(self.data["ministry"], None, Unit.Level.MINISTRY, Unit.Kind.MINISTRY)
        self._unit(self.data["inspectorate"], ministry, Unit.Level.ESELON_1, Unit.Kind.INSPECTORATE)
        for entry in self.data["eselon_1"]:
            self._unit(
                {**entry, "province": self.data["ministry"]["province"]},
                ministry,
                Unit.Level.ESELON_1,
                Unit.Kind.DIRECTORATE,
            )
        for entry in self.data["units"]:
            parent = self.made.units[entry["parent"]]
            unit = self._unit(entry, parent, entry["level"], entry["kind"])
            facts = facts_of(entry, Random(f"{self.seed}:facts:{entry['code']}"))
            self.made.facts[entry["code"]] = facts
            strategic = self.data["kinds"][entry["kind"]]["strategic"]
            for number, name in enumerate(facts.services):
                services.add_service(unit=unit, by=None, name=name, is_strategic=number < strategic)

    def _unit(self, entry: dict[str, Any], parent: Unit | None, level: str, kind: str) -> Unit:
        unit = services.create_unit(
            by=None,
            parent=parent,
            code=entry["code"],
            name=entry["name"],
            short_name=entry.get("short_name", ""),
            level=level,
            kind=kind,
            province=entry.get("province", ""),
            time_zone=ZONES[entry.get("zone", "WIB")],
            staff_count=entry.get("staff", 0),
        )
        self.made.units[entry["code"]] = unit
        return unit

    # People ---------------------------------------------------------------------------------

    def _people(self) -> None:
        for entry in (*self.who["personas"], *self.who["others"]):
            self._told(entry)
        for entry in self.data["eselon_1"]:
            self._fill(entry["code"], "eselon1", Role.ESELON1_COORDINATOR, "Kepala Bagian Program")
        for entry in self.data["units"]:
            code = entry["code"]
            head = self.made.facts[code].head
            self._fill(code, "operator", Role.UNIT_OPERATOR, "Pengelola Data")
            self._fill(code, "ketua", Role.ZI_LEAD, "Kepala Subbagian Umum")
            self._fill(code, "kepala", Role.UNIT_HEAD, head)
        for name, team in self.who["teams"].items():
            self.made.teams[name] = tuple(self._team(team))

    def pledge(self, clock: StoryClock, *, early: bool) -> None:
        """Let the units declare: some two years ago (``early``), the others this year."""
        said = source.read("journey")
        for fields in self._pledges(said):
            code = fields.pop("code")
            if (code in said["early"]) is early:
                clock.go_to(fields["declared_on"], 10)
                services.record_pledge(unit=self.made.units[code], by=None, **fields)

    def _pledges(self, said: dict[str, Any]) -> list[dict[str, Any]]:
        """Return each unit's declaration; drawn once, so that both calls tell the same."""
        if not self.pledges:
            self.pledges = [self._pledge(entry, said) for entry in self.data["units"]]
        return [dict(fields) for fields in self.pledges]

    def _told(self, entry: dict[str, Any]) -> None:
        user = self._person(
            entry["username"], entry["name"], entry["position"], entry.get("nip", "")
        )
        self._grant(user, entry["unit"], Role(entry["role"]), entry.get("area", ""))
        self.names.add(entry["name"])

    def _fill(self, code: str, prefix: str, role: Role, position: str) -> None:
        """Give a unit somebody in a role that nobody holds yet."""
        if (code, role) in self.made.of_unit:
            return
        user = self._person(f"{prefix}.{code.lower()}", self._name(), position)
        self._grant(user, code, role)

    def _person(self, username: str, name: str, position: str, nip: str = "") -> User:
        return services.create_person(
            by=None,
            username=username,
            name=name,
            email=f"{username}@{MAIL_DOMAIN}",
            nip=nip or self._nip(),
            position=position,
        )

    def _grant(self, user: User, code: str, role: Role, area: str = "") -> None:
        services.grant_membership(
            user=user,
            unit=self.made.units[code],
            role=role,
            by=None,
            areas=[area] if area else [],
            valid_from=self.since,
        )
        self.made.people[user.username] = user
        if role in UNIT_ROLES and area:
            self.made.of_unit[code, f"{role}:{area}"] = user
        else:
            self.made.of_unit.setdefault((code, role), user)

    def _team(self, team: dict[str, Any]):
        for sections, who in zip(MEMBER_SECTIONS, team["members"], strict=True):
            yield Place(self._auditor(who, "members"), Rank.MEMBER, sections)
        for key, rank in RANKS.items():
            yield Place(self._auditor(team[key], key), rank)

    def _auditor(self, who: str, place: str) -> User:
        """Return a person of the inspectorate by username, or by a name who has no account yet."""
        username = who.lower().replace(" ", ".")
        if username not in self.made.people:
            name = f"{who}, {self.rng.choice(self.who['titles'])}"
            user = self._person(username, name, self.who["positions"][place])
            role = Role.QUALITY_CONTROLLER if place == "quality" else Role.AUDITOR
            self._grant(user, self.data["inspectorate"]["code"], role)
        return self.made.people[username]

    def _name(self) -> str:
        while True:
            given = self.rng.choice(
                self.who["given"]["pria" if self.rng.random() < 0.55 else "wanita"]
            )
            name = f"{given} {self.rng.choice(self.who['family'])}"
            if name not in self.names:
                break
        self.names.add(name)
        titled = self.rng.random() < 0.8
        return f"{name}, {self.rng.choice(self.who['titles'])}" if titled else name

    def _nip(self) -> str:
        """Return a number that belongs to nobody: born in 1900."""
        self.nips += 1
        month, day = self.rng.randint(1, 12), self.rng.randint(1, 28)
        return f"1900{month:02d}{day:02d}190001{self.rng.randint(1, 2)}{self.nips:03d}"

    def _pledge(self, entry: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
        code = entry["code"]
        year = self.story.year - 2 if code in said["early"] else self.story.year
        told = self.data["pledges"].get(code, {})
        head = self.made.person(code, Role.UNIT_HEAD)
        day = told.get("day") or self.rng.randint(6, 27)
        month = told.get("month") or self.rng.randint(1, 3)
        number = (
            told.get("number") or f"{self.rng.randint(1, 9):03d}/PGM-ZI/{code}/{ROMAN[month - 1]}"
        )
        signed = told.get("signed") or max(1, entry["staff"] - self.rng.choice((0, 0, 0, 2, 5)))
        level = Pledge.SignerLevel
        return {
            "code": code,
            "declared_on": date(year, month, day),
            "place": told.get("place") or entry["place"],
            "charter_number": f"{number}/{year}",
            "signer_name": head.name,
            "signer_position": f"{head.position} {entry['name']}",
            "signer_level": level.ESELON_2
            if entry["level"] == Unit.Level.ESELON_2
            else level.ESELON_3,
            "witnesses": told.get("witnesses")
            or f"Kepala Ombudsman Perwakilan Contoh\nWakil {self.made.facts[code].users}",
            "signed_count": entry["staff"] if code in said["signed"] else signed,
        }
