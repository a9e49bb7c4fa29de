"""What stands beside a worksheet in a report: house, unit, period, order, team, document, rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from assessments import scoring
from assessments.models.worksheets import (
    DocumentCheck,
    ImplementationCheck,
    Reason,
    RowState,
)

RESULTS = "B"
"""The code of the section that holds what is in no change area."""


@dataclass(frozen=True, slots=True)
class House:
    """Whose letterhead it is: the ministry, the inspectorate within, its address and town."""

    ministry: str
    office: str
    address: str
    place: str
    is_demo: bool
    logo: str = ""
    """The ministry's emblem as a data address; empty shows the application's own."""


@dataclass(frozen=True, slots=True)
class UnitIdentity:
    """The unit under evaluation; ``zone`` is the name of its time zone."""

    code: str
    name: str
    parent: str
    province: str
    zone: str


@dataclass(frozen=True, slots=True)
class PeriodIdentity:
    """The round of assessment and its window of evidence."""

    name: str
    year: int
    evidence_from: date
    evidence_to: date


@dataclass(frozen=True, slots=True)
class Order:
    """The letter of assignment (surat tugas) on which the team worked."""

    number: str
    dated_on: date
    starts_on: date
    ends_on: date
    basis: str
    signer_position: str


@dataclass(frozen=True, slots=True)
class Person:
    """One of the team, or a signer; ``sections`` are the areas given to him, empty for all.

    ``signs``: his name stands under the report's last chapter.
    """

    role: str
    name: str
    nip: str = ""
    position: str = ""
    sections: tuple[str, ...] = ()
    has_assisted: bool = False
    signs: bool = False

    @property
    def areas(self) -> tuple[str, ...]:
        """The change areas given to him."""
        return tuple(code for code in self.sections if code != RESULTS)

    @property
    def has_results(self) -> bool:
        """Tell whether the results are among what was given to him."""
        return RESULTS in self.sections

    @property
    def nip_text(self) -> str:
        """The NIP in its groups: birth date, start, sex, number."""
        if len(self.nip) != 18:
            return self.nip
        return f"{self.nip[:8]} {self.nip[8:14]} {self.nip[14]} {self.nip[15:]}"


@dataclass(frozen=True, slots=True)
class DocumentMark:
    """What identifies the paper: number and date come with its issue, the code from the start."""

    number: str
    dated_on: date | None
    is_issued: bool
    public_code: str
    verify_url: str

    @property
    def verify_text(self) -> str:
        """The address as it is printed: without scheme and closing stroke."""
        return self.verify_url.partition("://")[2].rstrip("/") or self.verify_url


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition outside the score (syarat usulan); ``required`` is empty for a plain yes.

    found: what was found, empty before anybody wrote. status: where it stands in words; tone:
    ok, no or wait.
    """

    label: str
    required: str
    is_of_unit: bool
    found: str = ""
    status: str = ""
    tone: str = "wait"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the round: when it ended, or when it must; ``done``, ``now`` or ``next``."""

    name: str
    state: str
    on: date | None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One indicator as the tracks stand: what the unit handed in, has now, and what TPI found."""

    code: str
    sealed: scoring.Answer = None
    unit: scoring.Answer = None
    tpi: scoring.Answer = None
    awaits_data: bool = False
    condition: str = ""
    advice: str = ""
    reason: Reason = Reason.NONE
    document: DocumentCheck = DocumentCheck.UNCHECKED
    implementation: ImplementationCheck = ImplementationCheck.UNCHECKED
    method: str = ""
    state: RowState = RowState.UNREVIEWED


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    """A unit's objection to a row of the final worksheet, and what the team answered."""

    code: str
    text: str
    on: datetime
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that stands beside the worksheet's rows.

    submitted_at: when the unit handed in; None for a worksheet still with the unit or filled
    without a self-assessment. computed_at: the moment of these figures.
    """

    house: House
    unit: UnitIdentity
    period: PeriodIdentity
    instrument_title: str
    instrument_code: str
    regulation: str
    legal_basis: tuple[str, ...]
    target: str
    state_label: str
    is_final: bool
    version: int
    submitted_at: datetime | None
    finalized_at: datetime | None
    computed_at: datetime
    without_self_reason: str
    order: Order | None
    team: tuple[Person, ...]
    signer: Person | None
    conditions: tuple[Condition, ...]
    stages: tuple[Stage, ...]
    document: DocumentMark
    objections: tuple[ObjectionLine, ...] = ()

    @property
    def has_assisted(self) -> bool:
        """Tell whether somebody of the team assisted the unit in the same cycle."""
        return any(person.has_assisted for person in self.team)

    @property
    def signers(self) -> tuple[Person, ...]:
        """Who signs the report's last chapter, the lowest rank first."""
        return tuple(person for person in reversed(self.team) if person.signs)
