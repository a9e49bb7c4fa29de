"""The countable things of a unit, so that its rows and texts tell of the same unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from assessments.demo import source

RANGES = {
    "team": (12, 20),
    "activities_plan": (18, 32),
    "priorities": (8, 14),
    "recs": (5, 12),
    "agents": (4, 9),
    "zi_targets": (8, 14),
    "sops": (22, 46),
    "sops_main": (8, 14),
    "positions": (14, 26),
    "recruits": (2, 6),
    "moves": (6, 14),
    "decisions": (12, 30),
    "targets": (8, 14),
    "accountable": (3, 6),
    "rewards": (20, 60),
    "risks": (24, 52),
    "complaints": (5, 16),
    "tasks": (7, 12),
    "activities": (5, 9),
    "officers": (6, 20),
    "skm_recs": (4, 9),
    "respondents": (96, 180),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """A unit as its texts need it: names, words of its kind, and counts by name."""

    code: str
    name: str
    place: str
    head: str
    users: str
    spot: str
    services: tuple[str, ...]
    counts: dict[str, int]
    innovation: str
    words: dict[str, Any] = field(default_factory=dict)


def facts_of(unit: dict[str, Any], rng: Random) -> Facts:
    """Return the facts of a unit from its entry in ``organisation``; drawn where not told."""
    organisation = source.read("organisation")
    kind = organisation["kinds"][unit["kind"]]
    told = organisation["facts"].get(unit["code"], {})
    staff = unit["staff"]
    counts = {name: rng.randint(*limits) for name, limits in RANGES.items()}
    counts |= {"staff": staff, "services": unit["services"], "lhkpn": rng.randint(3, 9)}
    counts["changes"] = max(1, counts["agents"] - rng.randint(0, 2))
    counts["officers"] = min(counts["officers"], staff // 2)
    counts["recruits"] = min(counts["recruits"], staff // 6)
    counts |= {name: value for name, value in told.items() if isinstance(value, int)}
    counts["lhkasn"] = staff - counts["lhkpn"]
    services = tuple(kind["services"][: unit["services"]])
    innovation = told.get("innovation") or rng.choice(kind["innovations"])
    head = organisation["heads"].get(unit["code"], kind["head"])
    words = {
        "unit": unit["name"],
        "code": unit["code"],
        "users": kind["users"],
        "spot": kind["spot"],
        "svc1": inside(services[0]),
        "svc2": inside(services[min(3, len(services) - 1)]),
        "innovation": innovation,
        "place": unit["place"],
        **counts,
    }
    return Facts(
        code=unit["code"],
        name=unit["name"],
        place=unit["place"],
        head=head,
        users=kind["users"],
        spot=kind["spot"],
        services=services,
        counts=counts,
        innovation=innovation,
        words=words,
    )


def inside(text: str) -> str:
    """Return a sentence's beginning as it stands inside one; abbreviations stay capital."""
    first = text.split(" ", 1)[0]
    return text if first.isupper() and len(first) > 1 else text[:1].lower() + text[1:]
