"""The table of the journey: what can follow what, by whom; what is not in it cannot happen.

Plain values: no database, no request. ``services`` performs what this table allows.
Source: PermenPANRB 90/2021, Lampiran II; PermenKP 62/2017; design of a unit's journey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from units.access import Permission


class Phase(StrEnum):
    """Where a unit stands in a year, apart from its worksheet's own state."""

    PREPARING = "preparing"
    BUILDING = "building"
    PROPOSED = "proposed"
    NATIONAL = "national"
    AWARDED = "awarded"
    COACHED = "coached"
    REVOKED = "revoked"


class Act(StrEnum):
    """What can be done on the way."""

    DECLARE = "mulai"
    DESIGNATE = "tetapkan-calon"
    CANCEL_DESIGNATION = "batalkan-calon"
    PROPOSE = "usulkan"
    WITHDRAW = "tarik-usulan"
    COACH = "bina"
    RECORD_STAGE = "hasil-tpn"
    FAIL = "tidak-lolos"
    AWARD_MINISTRY = "predikat-kementerian"
    AWARD_NATIONAL = "predikat-nasional"
    MONITOR = "pantau"
    REVOKE = "cabut"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    target: the phase that follows; None where the act changes none. fields: what the act asks
    for besides; needs_document: it is refused without a file.
    """

    act: Act
    sources: frozenset[Phase]
    target: Phase | None
    permission: Permission
    fields: tuple[str, ...] = ()
    needs_document: bool = False


def _rule(act: Act, sources: str, target: Phase | None, permission: Permission, *fields: str):
    found = frozenset(Phase(word) for word in sources.split())
    return Rule(act, found, target, permission, fields, "document" in fields)


TABLE: tuple[Rule, ...] = (
    _rule(Act.DECLARE, "preparing", Phase.BUILDING, Permission.JOURNEY_BUILD),
    _rule(
        Act.DESIGNATE,
        "preparing building",
        None,
        Permission.JOURNEY_DESIGNATE,
        "number",
        "on",
        "signer",
        "document",
    ),
    _rule(
        Act.CANCEL_DESIGNATION,
        "preparing building",
        None,
        Permission.JOURNEY_DESIGNATE,
        "reason",
    ),
    # Proposed by a letter that carries many units, so it is not asked for unit by unit.
    _rule(Act.PROPOSE, "building", Phase.PROPOSED, Permission.JOURNEY_PROPOSE),
    _rule(Act.WITHDRAW, "proposed", Phase.BUILDING, Permission.JOURNEY_PROPOSE, "reason"),
    _rule(Act.COACH, "preparing building", Phase.COACHED, Permission.JOURNEY_PROPOSE, "reason"),
    _rule(
        Act.RECORD_STAGE,
        "proposed national",
        Phase.NATIONAL,
        Permission.NATIONAL_RECORD,
        "stage",
        "result",
        "on",
        "note",
    ),
    _rule(Act.FAIL, "national", Phase.COACHED, Permission.NATIONAL_RECORD, "reason"),
    _rule(
        Act.AWARD_MINISTRY,
        "building",
        Phase.AWARDED,
        Permission.JOURNEY_PROPOSE,
        "number",
        "on",
        "document",
    ),
    _rule(
        Act.AWARD_NATIONAL,
        "national",
        Phase.AWARDED,
        Permission.NATIONAL_RECORD,
        "number",
        "on",
        "document",
    ),
    _rule(Act.MONITOR, "awarded", None, Permission.JOURNEY_PROPOSE, "on", "outcome", "note"),
    _rule(
        Act.REVOKE,
        "awarded",
        Phase.REVOKED,
        Permission.JOURNEY_PROPOSE,
        "number",
        "on",
        "reason",
        "document",
    ),
)
RULES: Mapping[Act, Rule] = {rule.act: rule for rule in TABLE}

NATIONAL_STAGES = ("administration", "objection", "desk", "survey", "field", "panel")
"""The stages of the national team, in their order. Source: PermenPANRB 90/2021; portal ZI."""

MONITORING_YEARS = 2
EXCLUSION_YEARS = 2
"""A unit whose predicate was revoked is not proposed for so many years after."""


def after(phase: Phase, act: Act) -> Phase | None:
    """Return the phase that follows an act; None where the table does not allow it."""
    rule = RULES[act]
    if phase not in rule.sources:
        return None
    return rule.target or phase


def open_stages(results: Mapping[str, bool]) -> tuple[str, ...]:
    """Return the national stages whose result may be recorded next.

    results: passed or not, per recorded stage. The objection (sanggah) can be left out where the
    selection was passed and decides where it was not; a stage that was failed ends the way.
    """
    if "administration" not in results:
        return ("administration",)
    if not results["administration"] and "objection" not in results:
        return ("objection",)
    if has_failed(results):
        return ()
    recorded = [place for place, stage in enumerate(NATIONAL_STAGES) if stage in results]
    following = NATIONAL_STAGES[max(recorded) + 1 :]
    return following[:2] if following[:1] == ("objection",) else following[:1]


def has_failed(results: Mapping[str, bool]) -> bool:
    """Tell whether the national team has turned the unit down."""
    failed = {stage for stage, passed in results.items() if not passed}
    if results.get("objection"):
        failed.discard("administration")
    return bool(failed - {"administration"}) or (
        "administration" in failed and "objection" in results
    )


def is_through(results: Mapping[str, bool]) -> bool:
    """Tell whether the last national stage was passed."""
    return results.get(NATIONAL_STAGES[-1], False) and not has_failed(results)


def years_later(day: date, years: int) -> date:
    """Return the same day so many years later; the last of February stays in February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a proposal, outside the score.

    scope: ``unit`` or ``instansi``. required: what the target asks for; blank for a plain yes.
    """

    scope: str
    code: str
    label: str
    required: str = ""
    source: str = ""

    @property
    def is_of_unit(self) -> bool:
        """Tell whether each unit is judged for itself, not the ministry once for all."""
        return self.scope == UNIT_SCOPE


UNIT_SCOPE, HOUSE_SCOPE = "unit", "instansi"
SOURCE_MINISTRY = "PermenKP 62/2017"
MINISTRY_CONDITIONS = (
    ("eselon", "Setingkat eselon I sampai dengan eselon III"),
    ("layanan_strategis", "Menyelenggarakan fungsi pelayanan yang strategis"),
    ("rb_baik", "Telah menjalankan reformasi birokrasi dengan baik"),
    ("sumber_daya", "Mengelola sumber daya yang cukup besar"),
)
NO_CORRUPTION = Condition(
    UNIT_SCOPE,
    "bebas_kkn",
    "Tidak ada perbuatan KKN di unit pada tahun pengajuan",
    source="PermenPANRB 90/2021 Lampiran II",
)


def conditions(
    rules: tuple[tuple[str, str, str, Mapping[str, object]], ...], target: str
) -> tuple[Condition, ...]:
    """Return all conditions that a target asks for, the ministry's own among them.

    rules: scope, code, label and what is required per predicate, as the instrument lists them.
    A condition that the instrument itself words is not asked twice.
    """
    found = []
    for scope, code, label, required in rules:
        wanted = required.get(target)
        if wanted is None or wanted is False:
            continue
        found.append(Condition(scope, code, label, "" if wanted is True else str(wanted)))
    worded = {code for _scope, code, _label, _required in rules}
    found += [
        Condition(UNIT_SCOPE, code, label, source=SOURCE_MINISTRY)
        for code, label in MINISTRY_CONDITIONS
        if code not in worded
    ]
    found.append(NO_CORRUPTION)
    return tuple(sorted(found, key=lambda item: item.is_of_unit))
