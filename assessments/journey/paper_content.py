"""What the journey's papers print, as frozen dataclasses: letter, statement, list, report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.journey import plenary
from assessments.journey.eligibility import Item, checklist
from assessments.models import (
    Activity,
    AreaTarget,
    BuildingMonitoring,
    Monitoring,
    Period,
    Plenary,
    PlenaryDecision,
    PredicateAward,
    Proposal,
    Score,
    TeamDecree,
    Track,
)
from assessments.reports.builder import house
from assessments.reports.circumstances import DocumentMark, House, Person
from units.access import Role
from units.forms import AREAS
from units.models import Membership, Pledge, Unit
from zona.documents import qr_code

LATE_SHOWN = 40


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A unit in the list of a letter."""

    code: str
    name: str
    parent: str
    target: str
    total: object
    exceptions: tuple[dict, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of proposal or its statement: the units in their order, by predicate counted."""

    house: House
    document: DocumentMark
    period: Period
    proposal: Proposal
    lines: tuple[LetterLine, ...]
    counts: tuple[tuple[str, int], ...]

    @property
    def excepted(self) -> tuple[LetterLine, ...]:
        """Return the units that go up with an exception."""
        return tuple(line for line in self.lines if line.exceptions)


def build_letter(proposal: Proposal, document: DocumentMark) -> Letter:
    """Return what a letter carries now; lines that were withdrawn are left out."""
    rows = proposal.lines.filter(withdrawn_at=None).select_related("candidacy__unit__parent")
    lines = tuple(
        LetterLine(
            code=row.candidacy.unit.code,
            name=row.candidacy.unit.name,
            parent=row.candidacy.unit.parent.name,
            target=row.target,
            total=row.total,
            exceptions=tuple(row.exceptions),
        )
        for row in rows.order_by(
            F("target").asc(), "candidacy__unit__parent__name", "candidacy__unit__name"
        )
    )
    targets = sorted({line.target for line in lines})
    return Letter(
        house=house(),
        document=document,
        period=proposal.period,
        proposal=proposal,
        lines=lines,
        counts=tuple((name, sum(line.target == name for line in lines)) for name in targets),
    )


@dataclass(frozen=True, slots=True)
class ConditionList:
    """The conditions of a unit in a period as they stand; those of the ministry apart."""

    house: House
    document: DocumentMark
    unit: Unit
    period: Period
    target: str
    of_unit: tuple[Item, ...]
    of_house: tuple[Item, ...]
    settled: int
    total: int
    failed: int
    unjudged: int
    score: object
    unmet_count: int | None
    is_final: bool
    as_of: datetime


def build_conditions(unit: Unit, period: Period, sheet, document: DocumentMark) -> ConditionList:
    """Return a unit's list. sheet: its newest worksheet, whose result is told once final."""
    target = sheet.target if sheet else "WBK"
    listed = checklist(unit, period, target)
    score = None
    if sheet is not None and sheet.is_final:
        score = Score.objects.only("safe_total", "unmet_rules").get(
            assessment=sheet, track=Track.TPI
        )
    return ConditionList(
        house=house(),
        document=document,
        unit=unit,
        period=period,
        target=target,
        of_unit=listed.of_unit,
        of_house=listed.of_house,
        settled=listed.settled_count,
        total=len(listed.items),
        failed=len(listed.failed),
        unjudged=len(listed.unjudged),
        score=score.safe_total if score else None,
        unmet_count=len(score.unmet_rules.get(target, {})) if score else None,
        is_final=score is not None,
        as_of=timezone.now(),
    )


@dataclass(frozen=True, slots=True)
class AreaReport:
    """A change area in a report: plan, target, what was seen and advised."""

    code: str
    name: str
    total: int
    done: int
    late: int
    target: AreaTarget | None
    condition: str
    advice: str


@dataclass(frozen=True, slots=True)
class LateActivity:
    """An activity that was late on the day of a look."""

    area: str
    title: str
    who: str
    due_on: date


@dataclass(frozen=True, slots=True)
class MonitoringReport:
    """The report on a look at a unit: of its building phase, or of its predicate (``look``)."""

    house: House
    document: DocumentMark
    unit: Unit
    year: int
    on: date
    starts_on: date
    ends_on: date
    side: str
    method: str
    summary: str
    advice: str
    areas: tuple[AreaReport, ...]
    late: tuple[LateActivity, ...]
    late_rest: int
    pledge: Pledge | None
    decree: TeamDecree | None
    services: int
    awards: tuple[PredicateAward, ...]
    look: Monitoring | None
    by: Person | None
    signer: Person | None

    @property
    def total(self) -> int:
        """Return how many activities the span held."""
        return sum(area.total for area in self.areas)

    @property
    def done(self) -> int:
        """Return how many of them were done."""
        return sum(area.done for area in self.areas)

    @property
    def late_count(self) -> int:
        """Return how many of them were late."""
        return sum(area.late for area in self.areas)

    @property
    def has_targets(self) -> bool:
        """Tell whether something was meant to change in some area."""
        return any(area.target for area in self.areas)

    @property
    def signs_apart(self) -> bool:
        """Tell whether the one who looked signs beside the one who answers for it."""
        if self.by is None:
            return False
        return self.signer is None or self.by.name != self.signer.name

    @property
    def has_texts(self) -> bool:
        """Tell whether something was written down about an area."""
        return any(area.condition or area.advice for area in self.areas)


SIGNERS = {
    BuildingMonitoring.Side.UNIT: Role.UNIT_HEAD,
    BuildingMonitoring.Side.ITJEN: Role.INSPECTOR_GENERAL,
}


def _signer(unit: Unit, side: str) -> Person | None:
    """Return who signs for a side: the unit's head, the Inspector General; one query."""
    role = SIGNERS.get(side)
    if role is None:
        return Person(_("Pimpinan Eselon I"), "", position=_("Pimpinan Eselon I"))
    held = Membership.objects.in_force().filter(role=role).select_related("user")
    if role == Role.UNIT_HEAD:
        held = held.filter(unit=unit)
    row = held.order_by("pk").first()
    if row is None:
        return None
    return _person(row.user, str(Role(role).label))


def _person(user, role: str) -> Person | None:
    if user is None:
        return None
    return Person(role, str(user), user.nip, user.position or role)


def build_monitoring(
    unit: Unit,
    document: DocumentMark,
    *,
    building: BuildingMonitoring | None = None,
    look: Monitoring | None = None,
) -> MonitoringReport:
    """Return the report on a look at the building phase, or on one at a predicate."""
    if building is not None:
        on, starts_on, ends_on = building.on, building.starts_on, building.ends_on
        figures = {row["area"]: row for row in building.figures}
        texts = {row.area: row for row in building.findings.all()}
        side, method = building.side, str(building.get_method_display())
        summary, advice, recorder = building.summary, building.advice, building.recorded_by
    else:
        on, starts_on, ends_on = look.on, look.award.decided_on, look.on
        figures, texts = {}, {}
        side, method, recorder = BuildingMonitoring.Side.ITJEN, "", look.recorded_by
        summary, advice = look.note, ""
    targets = {row.area: row for row in AreaTarget.objects.filter(unit=unit, year=on.year)}
    areas = []
    for code, label in AREAS:
        counted, text = figures.get(code, {}), texts.get(code)
        areas.append(
            AreaReport(
                code=code,
                name=str(label)[2:],
                total=counted.get("total", 0),
                done=counted.get("done", 0),
                late=counted.get("late", 0),
                target=targets.get(code),
                condition=text.condition if text else "",
                advice=text.advice if text else "",
            )
        )
    head = house()
    if side != BuildingMonitoring.Side.ITJEN:
        office = unit if side == BuildingMonitoring.Side.UNIT else unit.parent
        head = replace(head, office=office.name, address="")
    late = _late_on(unit, starts_on, ends_on, on) if building is not None else []
    return MonitoringReport(
        house=head,
        document=document,
        unit=unit,
        year=on.year,
        on=on,
        starts_on=starts_on,
        ends_on=ends_on,
        side=side,
        method=method,
        summary=summary,
        advice=advice,
        areas=tuple(areas),
        late=tuple(late[:LATE_SHOWN]),
        late_rest=max(0, len(late) - LATE_SHOWN),
        pledge=Pledge.objects.filter(unit=unit).first(),
        decree=TeamDecree.objects.filter(unit=unit, year=on.year).first(),
        services=unit.services.filter(is_active=True).count(),
        awards=tuple(
            PredicateAward.objects.filter(candidacy__unit=unit, decided_on__lte=on)
            .select_related("candidacy__period")
            .order_by("decided_on")
        ),
        look=look,
        by=_person(recorder, _("Pelaksana pemantauan")),
        signer=_signer(unit, side),
    )


def _late_on(unit: Unit, starts_on: date, ends_on: date, on: date) -> list[LateActivity]:
    """Return what was due in a span and not done on a day; one query."""
    rows = Activity.objects.filter(unit=unit, due_on__range=(starts_on, ends_on), due_on__lt=on)
    return [
        LateActivity(row.area, row.title, row.who, row.due_on)
        for row in rows.select_related("owner")
        if row.done_at is None or timezone.localdate(row.done_at) > on
    ]


@dataclass(frozen=True, slots=True)
class PlenaryMinutes:
    """The minutes of a plenary: its decisions by verdict, with the figures that lay on the table.

    ``revision`` is the meeting's version that is printed.
    """

    house: House
    document: DocumentMark
    period: Period
    plenary: Plenary
    decisions: tuple[PlenaryDecision, ...]
    counts: tuple[tuple[str, int], ...]
    open_count: int
    revision: int
    as_of: datetime

    @property
    def dissents(self) -> tuple[PlenaryDecision, ...]:
        """Return the decisions on which somebody thought otherwise."""
        return tuple(row for row in self.decisions if row.dissent)


def build_minutes(held: Plenary, document: DocumentMark) -> PlenaryMinutes:
    """Return what the minutes of a meeting carry now; five statements."""
    rows = tuple(plenary.decided(held))
    counts = [(str(one.label), sum(row.verdict == one for row in rows)) for one in plenary.Verdict]
    return PlenaryMinutes(
        house=house(),
        document=document,
        period=held.period,
        plenary=held,
        decisions=rows,
        counts=tuple(counts),
        open_count=plenary.on_table(held.period).exclude(decisions__plenary=held).count(),
        revision=held.version,
        as_of=timezone.now(),
    )


def paper_html(template: str, report) -> str:
    """Return a paper as a page for ``zona.pdf.render``."""
    context = {
        "report": report,
        "house": report.house,
        "document": report.document,
        "qr": qr_code(report.document.verify_url),
    }
    return render_to_string(template, context)
