"""The control room's page: what is not started, late or without a team, and who is loaded how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Page
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.control.forms import LATE, NOT_STARTED, SIEVES, ControlFilter, sheets_of
from assessments.control.holders import WITH_UNIT, Holder, due_day, holders_of, overdue_q
from assessments.models import Assessment, Nudge, Period, Rank, State, TeamMember
from assessments.permissions import RANK_OF_STATE
from assessments.portfolio import CountedPaginator, eselon1_name
from assessments.services.teams import RANK_ROLES
from units.access import Permission, access_of
from units.models import Membership, Unit, User
from zona import charts

PAGE_ROWS = 25
CHART_ROWS = 12
NAMED = 3
SORTS = {
    "tunggu": ("-is_late", "state_changed_at"),
    "unit": ("unit__name",),
    "eselon1": ("unit__path",),
    "tahap": ("state_order",),
    "tim": ("ranks",),
    "ingat": ("last_nudge",),
}
DEFAULT_SORT = "tunggu"


@dataclass(frozen=True, slots=True)
class Tab:
    """A quick filter with its count."""

    code: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage with worksheets in it: how many, how many past their day, the oldest since when."""

    state: str
    label: str
    side: str
    count: int
    late: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A worksheet in the list. ``due`` is the last day of its step, None where none is set."""

    pk: int
    url: str
    team_url: str
    unit: str
    code: str
    label: str
    eselon1: str
    state: str
    is_final: bool
    side: str
    people: tuple[str, ...]
    more: int
    lacks_people: bool
    since: datetime
    days_waiting: int
    due: date | None
    days_late: int
    answered: int
    indicators: int
    lacking_ranks: int
    letter: str
    nudged_on: date | None
    nudged_by: str


@dataclass(frozen=True, slots=True)
class Load:
    """What one assessor carries in a period: open worksheets by rank, and what waits for him."""

    user_id: int
    name: str
    member: int
    lead: int
    supervisor: int
    quality: int
    waiting: int
    late: int

    @property
    def total(self) -> int:
        """Return on how many open worksheets he stands."""
        return self.member + self.lead + self.supervisor + self.quality


@dataclass(frozen=True, slots=True)
class ControlPage:
    """All that the control room shows; ``period`` is None before there is one."""

    period: Period | None
    form: ControlFilter | None
    total: int
    late: int
    not_started: int
    unopened: int
    tabs: tuple[Tab, ...]
    stages: tuple[Stage, ...]
    rows: tuple[Row, ...]
    page: Page | None
    loads: tuple[Load, ...]
    chart: charts.Chart | None
    sort: str


NOTHING = ControlPage(None, None, 0, 0, 0, 0, (), (), (), None, (), None, DEFAULT_SORT)


@dataclass(frozen=True, slots=True)
class Selection:
    """What an address asks for: the period, and the worksheets that remain."""

    period: Period
    form: ControlFilter
    eselon1: dict[str, str]
    unopened: int
    sheets: QuerySet
    sieved: QuerySet


def select(user: User, data, *, now: datetime | None = None) -> Selection | None:
    """Read the control room's address; None before there is a period. Costs two statements."""
    now = now or timezone.now()
    periods = list(
        Period.objects.order_by("-is_open", "-year", "name")
        .select_related("instrument")
        .defer("instrument__document")
    )
    if not periods:
        return None
    wanted = data.get("periode", "")
    period = next((one for one in periods if str(one.pk) == wanted), periods[0])
    opened = Assessment.objects.filter(unit=OuterRef("pk"), period=period)
    unopened = Unit.objects.assessable().filter(~Exists(opened)).order_by()
    unopened = unopened.values(one=Value(1)).annotate(n=Count("pk")).values("n")
    eselon1 = list(
        Unit.objects.filter(level=Unit.Level.ESELON_1)
        .order_by("name")
        .values_list("pk", "path", "name", Subquery(unopened))
    )
    form = ControlFilter(
        data,
        periods=[(one.pk, str(one)) for one in periods],
        eselon1=[row[:3] for row in eselon1],
    )
    sheets = form.narrow(sheets_of(user, period))
    return Selection(
        period,
        form,
        {path: name for _pk, path, name, _n in eselon1},
        (eselon1[0][3] or 0) if eselon1 else 0,
        sheets,
        sheets.filter(SIEVES[form.sieve].condition(period, now)),
    )


def chosen(user: User, period: Period, data) -> QuerySet:
    """Return the worksheets of a period that a form chose: by their keys, or all of a filter.

    data: ``assessment`` (keys, repeated) or ``pilihan`` (keys with commas); with ``semua`` all
    that the query string in ``saringan`` selects.
    """
    if data.get("semua"):
        address = QueryDict(data.get("saringan", ""), mutable=True)
        address["periode"] = str(period.pk)
        selection = select(user, address)
        return selection.sieved if selection else Assessment.objects.none()
    keys = [*data.getlist("assessment"), *data.get("pilihan", "").split(",")]
    # Longer ones are no keys, and a database refuses them.
    numbers = {int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 18}
    return sheets_of(user, period).filter(pk__in=numbers)


def build_control_room(user: User, data) -> ControlPage:
    """Return the control room that an address asks for; eight statements."""
    now = timezone.now()
    selection = select(user, data, now=now)
    if selection is None:
        return NOTHING
    period = selection.period
    states = _by_state(selection.sheets, period, now)
    tabs = tuple(
        Tab(
            code,
            str(sieve.label),
            sum(row[f"n_{number}"] for row in states),
            code == selection.form.sieve,
        )
        for number, (code, sieve) in enumerate(SIEVES.items())
    )
    counts = {tab.code: tab.count for tab in tabs}
    sort = data.get("urut", "")
    sort = sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT
    ordered = _ordered(selection.sieved, sort, period, now)
    pages = CountedPaginator(ordered, PAGE_ROWS, number=counts[selection.form.sieve])
    page = pages.get_page(data.get("hal"))
    loads = _loads(period, now)
    return ControlPage(
        period=period,
        form=selection.form,
        total=counts[""],
        late=counts[LATE],
        not_started=counts[NOT_STARTED],
        unopened=selection.unopened,
        tabs=tabs,
        stages=tuple(
            Stage(
                row["state"],
                str(State(row["state"]).label),
                _side(row["state"], period),
                row["n_0"],
                row["late"],
                row["oldest"],
            )
            for row in states
            if row["state"] != State.FINAL
        ),
        rows=_rows(page, selection, now),
        page=page,
        loads=loads,
        chart=_chart(loads),
        sort=sort,
    )


def _side(state: str, period: Period) -> str:
    """Return which side holds the worksheets of a state."""
    if state in RANK_OF_STATE:
        return str(Rank(RANK_OF_STATE[state]).label)
    if state in WITH_UNIT:
        return _("Unit")
    if state == State.SUBMITTED and period.needs_forwarding:
        return _("Eselon I")
    return _("Sekretariat TPI")


def _by_state(sheets: QuerySet, period: Period, now: datetime) -> list[dict]:
    """Count the worksheets of each state under every quick filter; one statement."""
    late = overdue_q(period, now)
    counts = {
        f"n_{number}": Count("pk", filter=sieve.condition(period, now) or Q(pk__isnull=False))
        for number, sieve in enumerate(SIEVES.values())
    }
    order = Case(*(When(state=s, then=Value(n)) for n, s in enumerate(State.values)))
    rows = (
        sheets.order_by()
        .values("state")
        .annotate(**counts, late=Count("pk", filter=late), oldest=Min("state_changed_at"))
    )
    return list(rows.order_by(order))


def _ordered(sheets: QuerySet, sort: str, period: Period, now: datetime) -> QuerySet:
    nudges = Nudge.objects.filter(assessment=OuterRef("pk")).order_by("-pk")
    states = [When(state=state, then=Value(n)) for n, state in enumerate(State.values)]
    late = Case(
        When(overdue_q(period, now), then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    sheets = sheets.annotate(
        is_late=late,
        state_order=Case(*states, output_field=IntegerField()),
        last_nudge=Subquery(nudges.values("at")[:1]),
        last_nudge_by=Subquery(nudges.values("by__name")[:1]),
    )
    order = []
    for name in SORTS[sort.removeprefix("-")]:
        down = name.startswith("-") != sort.startswith("-")
        field = F(name.removeprefix("-"))
        order.append(field.desc(nulls_last=True) if down else field.asc(nulls_last=True))
    sheets = sheets.with_window().select_related("unit", "assignment")
    return sheets.order_by(*order, "unit__path")


def _rows(page: Page, selection: Selection, now: datetime) -> tuple[Row, ...]:
    sheets = list(page.object_list)
    holders = holders_of(sheets, selection.period)
    today = timezone.localdate(now)
    return tuple(_row(sheet, holders[sheet.pk], selection, today) for sheet in sheets)


def _row(sheet: Assessment, holder: Holder, selection: Selection, today: date) -> Row:
    due = due_day(sheet, selection.period)
    names = tuple(str(person) for person in holder.people)
    return Row(
        pk=sheet.pk,
        url=reverse("assessments:dashboard", args=[sheet.pk]),
        team_url=reverse("assessments:team_detail", args=[sheet.pk]),
        unit=sheet.unit.name,
        code=sheet.unit.code,
        label=sheet.unit.label,
        eselon1=eselon1_name(sheet.unit.path, selection.eselon1),
        state=str(State(sheet.state).label),
        is_final=sheet.is_final,
        side=holder.side,
        people=names[:NAMED],
        more=max(0, len(names) - NAMED),
        lacks_people=bool(holder.side) and not names and not holder.is_secretariat,
        since=sheet.state_changed_at,
        days_waiting=(today - timezone.localdate(sheet.state_changed_at)).days,
        due=due,
        days_late=max(0, (today - due).days) if due else 0,
        answered=sheet.answered,
        indicators=sheet.indicators,
        lacking_ranks=len(Rank) - sheet.ranks,
        letter=sheet.assignment.number if sheet.assignment else "",
        nudged_on=timezone.localdate(sheet.last_nudge) if sheet.last_nudge else None,
        nudged_by=sheet.last_nudge_by or "",
    )


def _loads(period: Period, now: datetime) -> tuple[Load, ...]:
    """Return what each assessor carries in a period, the most loaded first; two statements.

    Assessors without any worksheet stand at the end: they are free for the next one.
    """
    rows = (
        TeamMember.objects.filter(assessment__period=period, assessment__superseded_by=None)
        .exclude(assessment__state=State.FINAL)
        .order_by()
        .values_list("user_id", "user__name", "rank", "assessment__state")
        .annotate(
            n=Count("pk"), late=Count("pk", filter=overdue_q(period, now, prefix="assessment__"))
        )
    )
    suited = Membership.objects.in_force().filter(
        role__in=RANK_ROLES[Rank.MEMBER], user__is_active=True
    )
    found = {
        pk: [name, dict.fromkeys(Rank.values, 0), 0, 0]
        for pk, name in suited.order_by().values_list("user_id", "user__name").distinct()
    }
    for user_id, name, rank, state, count, late in rows:
        load = found.setdefault(user_id, [name, dict.fromkeys(Rank.values, 0), 0, 0])
        load[1][rank] += count
        if RANK_OF_STATE.get(state) == rank:
            load[2] += count
            load[3] += late
    loads = [
        Load(pk, name, *(ranks[rank] for rank in Rank.values), waiting, late)
        for pk, (name, ranks, waiting, late) in found.items()
    ]
    return tuple(sorted(loads, key=lambda load: (-load.total, -load.waiting, load.name)))


def _chart(loads: Sequence[Load]) -> charts.Chart | None:
    shown = [load for load in loads[:CHART_ROWS] if load.total]
    if not shown:
        return None
    most = shown[0].total
    return charts.value_bars(
        "beban",
        [charts.Bar(load.name, load.total / most, str(load.total)) for load in shown],
        title=_("LKE yang belum final per penilai"),
        row_name=_("Penilai"),
        value_name=_("LKE"),
        ends=("0", str(most)),
    )


def may_run(user: User) -> bool:
    """Tell whether the person runs the control room: the secretariat."""
    return access_of(user).has(Permission.TEAM_MANAGE)
