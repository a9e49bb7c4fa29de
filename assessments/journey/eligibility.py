"""The conditions of a proposal as they stand: what is asked, what was found, who said so.

"Not judged" is not "passed": only a verdict, or an exception granted by name, settles one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.db.models import Q
from django.utils.translation import gettext as _

from assessments.journey import rules
from assessments.models import EligibilityCheck, EligibilityRule, Instrument, Period, Verdict
from units.models import Unit, UnitFigures
from zona.templatetags.zona_numbers import whole

OTHER_BASIS = "lain"
FIGURED = frozenset({"sumber_daya", "rb_baik"})


@dataclass(frozen=True, slots=True)
class Item:
    """One condition with what stands beside it.

    check: what was found; None before anybody wrote. exception: the row that carries one granted
    to the unit. hint: what Zona itself knows about the matter.
    """

    condition: rules.Condition
    check: EligibilityCheck | None = None
    exception: EligibilityCheck | None = None
    hint: str = ""

    @property
    def has_figures(self) -> bool:
        """Tell whether the unit's yearly figures stand behind the condition."""
        return self.condition.code in FIGURED

    @property
    def verdict(self) -> Verdict:
        """Return the verdict; not judged where nothing is written."""
        return Verdict(self.check.verdict) if self.check else Verdict.UNJUDGED

    @property
    def is_met(self) -> bool:
        """Tell whether the condition itself holds, without any exception."""
        return self.verdict in (Verdict.PASSED, Verdict.NOT_APPLICABLE)

    @property
    def is_settled(self) -> bool:
        """Tell whether a proposal may pass it."""
        return self.is_met or self.exception is not None

    @property
    def tone(self) -> str:
        """Return the tone of its chip: ok, info for an exception, bad, or none."""
        if self.is_met:
            return "is-ok"
        if self.exception:
            return "is-info"
        return "is-bad" if self.verdict == Verdict.FAILED else ""

    @property
    def word(self) -> str:
        """Return where it stands in words."""
        if not self.is_met and self.exception:
            return _("Dikecualikan")
        return str(self.verdict.label)

    @property
    def icon(self) -> str:
        """Return the sign beside the word."""
        return {"is-ok": "circle-check", "is-info": "info", "is-bad": "circle-x"}.get(
            self.tone, "circle-dashed"
        )


@dataclass(frozen=True, slots=True)
class Checklist:
    """All conditions of one unit in one period; those of the ministry come first."""

    items: tuple[Item, ...]

    @property
    def of_house(self) -> tuple[Item, ...]:
        """Return the conditions of the ministry."""
        return tuple(item for item in self.items if not item.condition.is_of_unit)

    @property
    def of_unit(self) -> tuple[Item, ...]:
        """Return the conditions of the unit."""
        return tuple(item for item in self.items if item.condition.is_of_unit)

    @property
    def failed(self) -> tuple[Item, ...]:
        """Return the conditions that do not hold and are not excepted."""
        return tuple(
            item for item in self.items if item.verdict == Verdict.FAILED and not item.exception
        )

    @property
    def unjudged(self) -> tuple[Item, ...]:
        """Return the conditions that nobody judged and that are not excepted."""
        return tuple(
            item for item in self.items if item.verdict == Verdict.UNJUDGED and not item.exception
        )

    @property
    def excepted(self) -> tuple[Item, ...]:
        """Return the conditions that an exception settles."""
        return tuple(item for item in self.items if item.exception and not item.is_met)

    @property
    def settled_count(self) -> int:
        """Return how many conditions stand in no proposal's way."""
        return sum(item.is_settled for item in self.items)

    @property
    def is_settled(self) -> bool:
        """Tell whether none stands in a proposal's way."""
        return self.settled_count == len(self.items)

    @property
    def short(self) -> str:
        """Return the state in a few words, as a sentence continues with it."""
        if self.is_settled:
            count = len(self.excepted)
            if count:
                return _("syarat usulan terpenuhi, {n} dengan pengecualian").format(n=count)
            return _("semua syarat usulan terpenuhi")
        parts = []
        if self.failed:
            parts.append(_("{n} syarat usulan belum terpenuhi").format(n=len(self.failed)))
        if self.unjudged:
            words = _("{n} belum dinilai") if parts else _("{n} syarat usulan belum dinilai")
            parts.append(words.format(n=len(self.unjudged)))
        return ", ".join(parts)

    @property
    def tone(self) -> str:
        """Return the tone of ``short``: ok, bad or warn."""
        return "ok" if self.is_settled else "bad" if self.failed else "warn"


Listed = tuple[tuple[str, str, str, dict], ...]


@lru_cache(maxsize=16)
def _listed(instrument_id: int, checksum: str) -> Listed:
    rows = EligibilityRule.objects.filter(instrument=instrument_id, instrument__checksum=checksum)
    return tuple(
        rows.order_by("scope", "position").values_list("scope", "code", "label", "required")
    )


def listed_rules(period: Period) -> Listed:
    """Return scope, code, label and requirement of all that the period's instrument lists."""
    return _listed(period.instrument.pk, period.instrument.checksum)


def conditions_of(instrument: Instrument, target: str) -> tuple[rules.Condition, ...]:
    """Return what a target asks for; one query per instrument and process.

    A published instrument never changes, so its list is kept under key and checksum.
    """
    return rules.conditions(_listed(instrument.pk, instrument.checksum), target)


@lru_cache(maxsize=16)
def _bases(instrument_id: int, checksum: str) -> tuple[tuple[str, str], ...]:
    document = Instrument.objects.values_list("document", flat=True).get(
        pk=instrument_id, checksum=checksum
    )
    listed = (document.get("eligibility") or {}).get("exceptions") or ()
    return tuple(
        (entry["code"], f"{entry['label']} ({entry['source']})")
        for entry in listed
        if entry.get("in_force", True)
    )


def exception_bases(instrument: Instrument) -> list[tuple[str, str]]:
    """Return on what an exception can stand: those that the instrument names, and another."""
    other = (OTHER_BASIS, _("Dasar lain, diuraikan dalam alasan"))
    return [*_bases(instrument.pk, instrument.checksum), other]


def checks_of(period: Period, units: Iterable[Unit]) -> dict:
    """Return all rows of a period by unit key (None: the ministry's), scope and code; one query."""
    rows = EligibilityCheck.objects.filter(period=period)
    rows = rows.filter(Q(unit=None) | Q(unit__in=list(units)))
    rows = rows.select_related("judged_by", "excepted_by", "proof_file")
    return {(row.unit_id, row.scope, row.code): row for row in rows}


def checklist_from(unit: Unit, conditions: Iterable[rules.Condition], found: dict) -> Checklist:
    """Return a unit's checklist from rows that are already read."""
    items = []
    for condition in conditions:
        own = found.get((unit.pk, condition.scope, condition.code))
        house = found.get((None, condition.scope, condition.code))
        excepted = own if own is not None and own.excepted_at else None
        items.append(Item(condition, own if condition.is_of_unit else house, excepted))
    return Checklist(tuple(items))


def checklist(unit: Unit, period: Period, target: str) -> Checklist:
    """Return a unit's checklist; one query once the instrument's list is known."""
    conditions = conditions_of(period.instrument, target)
    return checklist_from(unit, conditions, checks_of(period, [unit]))


def house_checklist(period: Period, target: str) -> Checklist:
    """Return the ministry's conditions alone; one query."""
    found = checks_of(period, [])
    conditions = [one for one in conditions_of(period.instrument, target) if not one.is_of_unit]
    return Checklist(tuple(Item(one, found.get((None, one.scope, one.code))) for one in conditions))


def figure_words(row: UnitFigures | None) -> str:
    """Return a unit's figures of a year in a line, with their source; blank for none."""
    if row is None:
        return ""
    told = (
        (_("anggaran Rp{x}"), row.budget_idr),
        (_("PNBP Rp{x}"), row.revenue_idr),
        (_("{x} pegawai"), row.staff),
        (_("{x} layanan"), row.services),
    )
    parts = [words.format(x=whole(value)) for words, value in told if value is not None]
    return f"{row.year}: {', '.join(parts)} ({row.source})" if parts else ""


def with_hints(
    listed: Checklist,
    unit: Unit,
    *,
    declared_on,
    day,
    services: int,
    figures: Sequence[UnitFigures] = (),
) -> Checklist:
    """Return the list with what Zona itself knows beside the conditions; no query.

    figures: of the unit, the newest first.
    """
    said = {
        "eselon": _("Tingkat unit: {level}").format(level=unit.get_level_display()),
        "layanan_strategis": _("{n} layanan strategis tercatat").format(n=services),
        "core_layanan": _("{n} layanan strategis tercatat").format(n=services),
        "sumber_daya": _("{n} pegawai tercatat").format(n=unit.staff_count),
    }
    lines = [words for words in map(figure_words, figures[:2]) if words]
    if lines:
        said["sumber_daya"] = "; ".join(lines)
    reform = [f"{row.year}: {row.reform} ({row.source})" for row in figures[:2] if row.reform]
    if reform:
        said["rb_baik"] = "; ".join(reform)
    if declared_on is not None:
        years = (
            day.year
            - declared_on.year
            - ((day.month, day.day) < (declared_on.month, declared_on.day))
        )
        said["lama_pembangunan"] = _("{n} tahun penuh sejak pencanangan").format(n=years)
    items = [replace(item, hint=said.get(item.condition.code, "")) for item in listed.items]
    return Checklist(tuple(items))
