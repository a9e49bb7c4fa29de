"""Visits as pages show them: the year's plan, who should be visited, one visit, and its rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby

from django.db.models import Count, Max, OuterRef, Subquery
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import Catalog, answer_value, catalog_of
from assessments.models import (
    Answer,
    Assessment,
    CheckMethod,
    DocumentCheck,
    ImplementationCheck,
    Period,
    ScenarioAnswer,
    Score,
    Track,
)
from assistance.effect_page import Effect, effect_of
from assistance.models import (
    Attendance,
    Check,
    Consultation,
    Recommendation,
    ServiceNote,
    Visit,
    VisitMember,
    VisitState,
)
from assistance.permissions import can_hold, can_plan_visits
from assistance.services.visits import clashes, stored_fields
from surveys.models import Survey
from surveys.statistics import Method, target
from units.access import Permission, access_of
from units.models import User

SUGGESTED = 8
NEAR_GATES = 4
WEAK_ROWS = 3
STATE_LOOKS = {
    VisitState.PLANNED: ("", "calendar"),
    VisitState.RUNNING: ("is-info", "footprints"),
    VisitState.HELD: ("is-ok", "circle-check"),
    VisitState.CANCELLED: ("", "circle-slash"),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A unit that should be visited soon, and why; points only sort."""

    assessment: Assessment
    points: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit in the plan."""

    visit: Visit
    look: str
    icon: str
    lead: str


@dataclass(frozen=True, slots=True)
class YearPlan:
    """The visits of a year by month, and whom to visit first (empty for those who plan nothing)."""

    year: int
    years: tuple[int, ...]
    months: tuple[tuple[str, tuple[VisitLine, ...]], ...]
    count: int
    suggestions: tuple[Suggestion, ...]
    can_plan: bool
    can_compare: bool


def line_of(visit: Visit) -> VisitLine:
    """Return a visit as a list shows it."""
    look, icon = STATE_LOOKS[VisitState(visit.state)]
    lead = next((str(m.user) for m in visit.team.all() if m.rank == "lead"), "")
    return VisitLine(visit, look, icon, lead)


def year_plan(user: User, year: int | None) -> YearPlan:
    """Return the plan of a year (this one by default); eight statements at most."""
    today = timezone.localdate()
    year = year or today.year
    rows = (
        Visit.objects.visible_to(user)
        .filter(starts_on__year=year)
        .for_list()
        .order_by("starts_on", "pk")
    )
    lines = [line_of(visit) for visit in rows]
    months = groupby(lines, key=lambda line: line.visit.starts_on.month)
    can_plan = can_plan_visits(user)
    return YearPlan(
        year=year,
        years=(year - 1, year, year + 1),
        months=tuple(
            (format_date(date(year, month, 1), "F Y"), tuple(group)) for month, group in months
        ),
        count=len(lines),
        suggestions=tuple(suggestions(user, today)[:SUGGESTED]) if can_plan else (),
        can_plan=can_plan,
        can_compare=access_of(user).has(Permission.PORTFOLIO_VIEW),
    )


def suggestions(user: User, today: date) -> list[Suggestion]:
    """Return the units of the current period that should be visited, most pressing first.

    Counted: few gates missing, practice behind the paper, recommendations overdue, no survey this
    year, no visit for half a year. Those with a visit ahead are left out. Five statements.
    """
    period = Period.objects.current()
    if period is None:
        return []
    scores = list(
        Score.objects.visible_to(user)
        .filter(assessment__period=period, assessment__superseded_by=None)
        .filter(track__in=(Track.UNIT, Track.TPI))
        .select_related("assessment__unit", "assessment__period")
        .defer("figures", "unmet_rules")
    )
    leading: dict[int, Score] = {}
    for score in sorted(scores, key=lambda score: score.track == Track.TPI):
        if score.answered_count or score.assessment_id not in leading:
            leading[score.assessment_id] = score
    units = [score.assessment.unit_id for score in leading.values()]
    weak = dict(
        Answer.objects.filter(
            assessment__in=leading,
            track=Track.TPI,
            implementation_check__in=(ImplementationCheck.PARTLY, ImplementationCheck.NOT_DONE),
        )
        .values_list("assessment")
        .annotate(rows=Count("pk"))
        .order_by()
    )
    late = dict(
        Recommendation.objects.overdue(today)
        .filter(unit__in=units)
        .order_by()
        .values_list("unit")
        .annotate(rows=Count("pk"))
    )
    surveyed = set(
        Survey.objects.filter(unit__in=units, opens_on__year=today.year).values_list(
            "unit", flat=True
        )
    )
    last = dict(
        Visit.objects.filter(unit__in=units)
        .exclude(state=VisitState.CANCELLED)
        .order_by()
        .values_list("unit")
        .annotate(last=Max("ends_on"))
    )
    found = [
        _suggestion(score, weak, late, surveyed, last.get(score.assessment.unit_id), today)
        for score in leading.values()
    ]
    kept = [item for item in found if item is not None and item.reasons]
    return sorted(kept, key=lambda item: (-item.points, item.assessment.unit.name))


def _suggestion(score: Score, weak, late, surveyed, last: date | None, today: date):
    sheet = score.assessment
    if last is not None and last >= today:
        return None
    points, reasons = 0, []
    unmet = score.unmet_wbk_count
    if score.answered_count and 0 < unmet <= NEAR_GATES:
        points += 10 - unmet
        reasons.append(_("tinggal {n} ambang WBK").format(n=unmet))
    rows = weak.get(sheet.pk, 0)
    if rows >= WEAK_ROWS:
        points += min(rows, 12) // 2
        reasons.append(_("{n} butir belum terlaksana penuh").format(n=rows))
    if late.get(sheet.unit_id):
        points += min(late[sheet.unit_id], 5) + 1
        reasons.append(_("{n} rekomendasi lewat tenggat").format(n=late[sheet.unit_id]))
    if sheet.unit_id not in surveyed:
        points += 2
        reasons.append(_("belum ada survei tahun ini"))
    if last is None:
        points += 1
        reasons.append(_("belum pernah dikunjungi"))
    elif last < today - timedelta(days=180):
        points += 1
        reasons.append(_("kunjungan terakhir lebih dari enam bulan lalu"))
    return Suggestion(sheet, points, tuple(reasons))


# One visit --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seat:
    """A person of the team, and what speaks against his going."""

    member: VisitMember
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisitPage:
    """One visit. sample: how many the survey should ask, None without a population."""

    visit: Visit
    look: str
    icon: str
    team: tuple[Seat, ...]
    attendance: tuple[Attendance, ...]
    consultation: Consultation | None
    sample: int | None
    notes: tuple[ServiceNote, ...]
    checked: int
    total: int
    recommendations: int
    can_plan: bool
    can_hold: bool
    is_running: bool
    has_begun: bool
    effect: Effect | None


def visit_page(visit: Visit, user: User) -> VisitPage:
    """Return what a visit's page shows; six statements.

    visit: loaded by ``for_page().with_place_of(user).with_counts()`` with its consultation.
    """
    team = list(visit.team.select_related("user"))
    access = access_of(user)
    warned = clashes(visit, team) if access.has(Permission.TPI_TRACK_VIEW, visit.unit) else {}
    consultation = getattr(visit, "consultation", None)
    begun = visit.state in (VisitState.RUNNING, VisitState.HELD)
    look, icon = STATE_LOOKS[VisitState(visit.state)]
    return VisitPage(
        visit=visit,
        look=look,
        icon=icon,
        team=tuple(Seat(member, tuple(warned.get(member.user_id, ()))) for member in team),
        attendance=tuple(visit.attendance.all()),
        consultation=consultation,
        sample=sample_of(consultation.population if consultation else None),
        notes=tuple(visit.service_notes.select_related("service", "by")),
        checked=visit.checked_count,
        total=catalog_of(visit.assessment.instrument).indicator_count,
        recommendations=visit.advice_count,
        can_plan=can_plan_visits(user, visit.unit),
        can_hold=can_hold(user, visit),
        is_running=visit.state == VisitState.RUNNING,
        has_begun=begun,
        effect=effect_of(visit, user) if visit.state == VisitState.HELD else None,
    )


def sample_of(population: int | None) -> int | None:
    """Return how many a survey should ask of a population, by Krejcie and Morgan."""
    return target(population, Method.KREJCIE_MORGAN).needed if population else None


# Its rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GateState:
    """A rule of the target as the simulated values have it. gap: points missing, empty when met."""

    label: str
    reached: Fraction
    is_met: bool
    gap: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """The figures of a visit's scenario beside the unit's own."""

    target: str
    total: Fraction
    own: Fraction
    gates: tuple[GateState, ...]
    met: int


@dataclass(frozen=True, slots=True)
class PickOption:
    """One choice of a row."""

    code: str
    criteria: str
    value: Fraction
    is_chosen: bool
    is_unit: bool


@dataclass(frozen=True, slots=True)
class PickInput:
    """One count of a row: the unit's, and the simulated one."""

    name: str
    label: str
    own: str
    value: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One row of a visit. why: what makes it matter; base: its fields as JSON, as the server has
    them."""

    number: int
    code: str
    statement: str
    section: str
    why: str
    expected: tuple[str, ...]
    options: tuple[PickOption, ...]
    inputs: tuple[PickInput, ...]
    fields: dict
    base: str
    version: int
    is_checked: bool


@dataclass(frozen=True, slots=True)
class ChecksPage:
    """The rows of a visit, what matters first."""

    visit: Visit
    simulation: Simulation
    rows: tuple[CheckRow, ...]
    can_write: bool
    checked: int
    day: int
    documents: tuple
    implementations: tuple
    methods: tuple


@dataclass(frozen=True, slots=True)
class Answers:
    """The unit's answers, and the simulated ones: the same but for the scenario's rows.

    values: per code the scenario's choice and counts, where it has a row.
    """

    own: dict[str, scoring.Answer]
    simulated: dict[str, scoring.Answer]
    values: dict[str, tuple[str, dict | None]]


def answers_of(visit: Visit, catalog: Catalog) -> Answers:
    """Return the answers of a visit's scenario beside the unit's; one statement."""
    rows = ScenarioAnswer.objects.filter(
        scenario=visit.scenario_id, indicator=OuterRef("indicator")
    )
    found = Answers({}, {}, {})
    for pk, choice, inputs, key, other, counts in (
        Answer.objects.filter(assessment=visit.assessment_id, track=Track.UNIT)
        .annotate(
            key=Subquery(rows.values("pk")),
            other=Subquery(rows.values("choice")),
            counts=Subquery(rows.values("inputs")),
        )
        .values_list("indicator_id", "choice", "inputs", "key", "other", "counts")
    ):
        code = catalog.codes[pk]
        found.own[code] = found.simulated[code] = answer_value(choice, inputs)
        if key is not None:
            found.values[code] = (other, counts)
            found.simulated[code] = answer_value(other, counts)
    return found


def simulation_of(visit: Visit) -> Simulation:
    """Return the figures of a visit's scenario; one statement."""
    catalog = catalog_of(visit.assessment.instrument)
    found = answers_of(visit, catalog)
    own, then = (scoring.score(catalog.engine, given) for given in (found.own, found.simulated))
    return _simulation(visit, own, then)


def _simulation(visit: Visit, own: scoring.Result, then: scoring.Result) -> Simulation:
    rules = then.gates[visit.assessment.target].rules
    gates = [
        GateState(
            rule.label,
            rule.reached,
            rule.met,
            "" if rule.met else scoring.gap_text(rule.required, rule.reached),
        )
        for rule in rules
    ]
    gates.sort(key=lambda gate: gate.is_met)
    return Simulation(
        target=visit.assessment.target,
        total=then.total,
        own=own.total,
        gates=tuple(gates),
        met=sum(gate.is_met for gate in gates),
    )


def checks_page(visit: Visit, user: User) -> ChecksPage:
    """Return a visit with all its rows, so that a day without network is possible; two
    statements."""
    catalog = catalog_of(visit.assessment.instrument)
    engine = catalog.engine
    found = answers_of(visit, catalog)
    then = scoring.score(engine, found.simulated)
    potential = scoring.potential(engine, found.simulated, then)
    checks = {check.indicator_id: check for check in Check.objects.filter(visit=visit)}
    aim = visit.assessment.target
    unmet = {f"{aim}:{rule.code}": rule.label for rule in then.gates[aim].rules if not rule.met}

    def weight(code: str):
        item = potential.get(code)
        helps = [rule for rule in item.rules if rule in unmet] if item else []
        return (-bool(helps), -(item.points if item else 0), engine.indicators[code].position)

    codes = sorted(catalog.ids, key=weight)
    rows = [
        _check_row(number, code, catalog, found, checks, potential.get(code), unmet)
        for number, code in enumerate(codes, start=1)
    ]
    today = timezone.localdate()
    return ChecksPage(
        visit=visit,
        simulation=_simulation(visit, scoring.score(engine, found.own), then),
        rows=tuple(rows),
        can_write=visit.state == VisitState.RUNNING and can_hold(user, visit),
        checked=sum(row.is_checked for row in rows),
        day=max(1, min(visit.days, (today - visit.starts_on).days + 1)),
        documents=tuple(DocumentCheck.choices),
        implementations=tuple(ImplementationCheck.choices),
        methods=tuple(CheckMethod.choices),
    )


def _check_row(number, code, catalog, found, checks, potential, unmet) -> CheckRow:
    indicator = catalog.engine.indicators[code]
    pk = catalog.ids[code]
    check = checks[pk]
    fields = stored_fields(check, *found.values.get(code, ("", None)))
    answer = found.own.get(code)
    return CheckRow(
        number=number,
        code=code,
        statement=indicator.statement,
        section=catalog.section_of[code].label,
        why=_why(potential, unmet),
        expected=catalog.evidence.get(code, ()),
        options=tuple(
            PickOption(
                option.code,
                option.criteria,
                option.value,
                option.code == fields["choice"],
                option.code == answer,
            )
            for option in indicator.options
        ),
        inputs=tuple(
            PickInput(
                item.name,
                item.label,
                _count(answer, item.name),
                _count(fields["inputs"], item.name),
            )
            for item in indicator.inputs
        ),
        fields=fields,
        base=json.dumps(fields),
        version=check.version,
        is_checked=check.changed_at is not None,
    )


def _count(answer, name: str) -> str:
    if not isinstance(answer, dict) or answer.get(name) is None:
        return ""
    return str(answer[name]).replace(".", ",")


def _why(potential, unmet: dict[str, str]) -> str:
    if potential is None or not potential.points:
        return ""
    said = _("dapat menambah {x} poin").format(x=scoring.points_text(potential.points))
    helps = _labels(unmet[rule] for rule in potential.rules if rule in unmet)
    return f"{said}; {helps}" if helps else said


def _labels(labels: Iterable[str]) -> str:
    names = list(labels)
    return _("membantu {rules}").format(rules=", ".join(names)) if names else ""
