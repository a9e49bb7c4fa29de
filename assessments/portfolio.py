"""Many units side by side: one leading score per worksheet, chosen and sorted by the database.

The leading score is the TPI's as soon as it says something and the person may see it, else the
unit's own. Which one leads is part of the query, so a hidden figure is never read. No verdict is
made here: the gates that a score fails were decided by the engine and stored with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Substr
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.catalog import catalog_of
from assessments.dashboard import short_name
from assessments.figures import area_marks, millionths, shown, shown_total, text, total_marks
from assessments.models import Period, Score, State, Track
from assessments.portfolio_forms import (
    QUICK_FILTERS,
    STANDING_COLUMNS,
    PortfolioFilter,
    Standing,
)
from assessments.portfolio_trend import PortfolioTrend, portfolio_trend
from units.access import Permission, has_permission
from units.models import Unit, User
from zona import charts

RANKING_ROWS = 20
MAP_ROWS = 40
WELL_ABOVE = 900_000
"""From 90 % of an area's weight on, in millionths, a cell is painted as well above its gates."""
NAMED = 2
"""How many unmet gates a row of the ranking names."""
BELOW = "0"
"""An area's sign in ``Score.area_steps`` where not even the first gate is met."""
AREAS = ("1", "2", "3", "4", "5", "6")

SORTS = {
    "kesiapan": ("unmet_wbk_count", "-safe_total"),
    "unit": ("assessment__unit__name",),
    "eselon1": ("assessment__unit__path",),
    "keadaan": ("state_order",),
    "nilai": ("safe_total",),
    "terisi": ("filled_total",),
    "mandiri": ("own_total",),
    "wbk": ("unmet_wbk_count",),
    "wbbm": ("unmet_wbbm_count",),
    "butir": ("answered_count",),
}
DEFAULT_SORT = "kesiapan"


@dataclass(frozen=True, slots=True)
class Sieve:
    """A quick filter with its count."""

    code: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class WeakArea:
    """An area and how many units stay below the WBK gate in it."""

    code: str
    name: str
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Blocker:
    """An unmet gate of a row: its short name and what is missing."""

    label: str
    gap: str


@dataclass(frozen=True, slots=True)
class RankingRow:
    """A unit in the ranking, with the figures of its leading track.

    url: its dashboard. source: whose figures they are. total and filled_total: points of both
    readings; own_total: the unit's own value; each None where nothing is filled, and with the
    decimals that tell it from a threshold. ring: the six
    areas. blockers: what stands between it and WBK, the first few; more: how many others.
    """

    number: int
    assessment_id: int
    url: str
    name: str
    code: str
    eselon1: str
    state: str
    source: str
    total: Decimal | None
    filled_total: Decimal | None
    own_total: Decimal | None
    answered: int
    indicators: int
    meets_wbk: bool
    meets_wbbm: bool
    unmet_wbk: int
    unmet_wbbm: int
    ring: str
    blockers: tuple[Blocker, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How many worksheets there are of each kind, within the filter bar.

    meets: those that meet every WBK gate, by the TPI's figure or only by the unit's own.
    """

    total: int
    meets: int
    meets_by_tpi: int
    meets_wbbm: int
    final: int

    @property
    def meets_by_unit(self) -> int:
        """Return how many meet the gates only by the unit's own figure."""
        return self.meets - self.meets_by_tpi


@dataclass(frozen=True, slots=True)
class PortfolioPage:
    """All that the portfolio shows. map_page is None where the whole map is shown."""

    period: Period | None
    form: PortfolioFilter | None
    totals: Totals
    sieves: tuple[Sieve, ...]
    weak: tuple[WeakArea, ...]
    funnel: charts.Chart | None
    trend: PortfolioTrend | None
    heat: str
    map_page: Page | None
    map_total: int
    ranking: tuple[RankingRow, ...]
    page: Page | None
    sort: str
    has_gates: bool


NO_TOTALS = Totals(0, 0, 0, 0, 0)


def leading_scores(user: User, period: Period) -> QuerySet:
    """Return one score per newest worksheet of a period: the one that leads for this person."""
    shown = Q(track=Track.TPI, answered_count__gt=0)
    if not has_permission(user, Permission.TPI_TRACK_VIEW):
        shown &= Q(assessment__state=State.FINAL)
    tpi = Score.objects.filter(shown, assessment=OuterRef("assessment"))
    return Score.objects.visible_to(user).filter(
        shown | (Q(track=Track.UNIT) & ~Exists(tpi)),
        assessment__period=period,
        assessment__superseded_by=None,
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """What an address asks for: the scores of a period that remain, before and after the sieve."""

    period: Period
    form: PortfolioFilter
    eselon1: dict[str, str]
    scores: QuerySet
    sieved: QuerySet
    sieve: str
    weak: str

    def keeps(self, row: Standing) -> bool:
        """Tell whether a counted row passes the quick filter and the weak area."""
        if self.weak:
            place = int(self.weak) - 1
            if row.area_steps[place : place + 1] != BELOW or not row.answered_count:
                return False
        return QUICK_FILTERS[self.sieve].keeps(row)


def select(user: User, data) -> Selection | None:
    """Read the address of a portfolio or its export; None when there is no period yet.

    Costs three statements: periods, Eselon I, provinces.
    """
    periods = list(
        Period.objects.order_by("-is_open", "-year", "name")
        .select_related("instrument")
        .defer("instrument__document")
    )
    if not periods:
        return None
    units = Unit.objects.visible_to(user)
    eselon1 = list(
        units.filter(level=Unit.Level.ESELON_1).order_by("name").values_list("pk", "path", "name")
    )
    provinces = units.exclude(province="").order_by("province").values_list("province", flat=True)
    form = PortfolioFilter(
        data,
        periods=[(period.pk, str(period)) for period in periods],
        eselon1=eselon1,
        provinces=list(provinces.distinct()),
    )
    wanted = form.cleaned_data.get("periode")
    period = next((p for p in periods if p.pk == wanted), periods[0])
    scores = form.narrow(leading_scores(user, period))
    sieve = data.get("saring", "")
    sieve = sieve if sieve in QUICK_FILTERS else ""
    weak = data.get("lemah", "")
    weak = weak if weak in AREAS else ""
    sieved = scores.filter(QUICK_FILTERS[sieve].condition)
    if weak:
        sieved = sieved.annotate(weak_step=Substr("area_steps", int(weak), 1)).filter(
            weak_step=BELOW, answered_count__gt=0
        )
    return Selection(
        period, form, {path: name for _pk, path, name in eselon1}, scores, sieved, sieve, weak
    )


def build_portfolio(user: User, data) -> PortfolioPage:
    """Return the portfolio that an address asks for, of the units that the person may see.

    data: the address's parameters. Costs eight statements, whatever the number of units.
    """
    selection = select(user, data)
    if selection is None:
        return PortfolioPage(
            None, None, NO_TOTALS, (), (), None, None, "", None, 0, (), None, DEFAULT_SORT, False
        )
    period = selection.period
    standings = _standings(selection.scores)
    sort = data.get("urut", "")
    sort = sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT
    engine = catalog_of(period.instrument).engine
    ranked = ordered(selection.sieved, sort).values_list(*RANKING_COLUMNS)
    number = sum(map(selection.keeps, standings))
    page = CountedPaginator(ranked, RANKING_ROWS, number=number).get_page(data.get("hal"))
    heat, map_page = _heat(selection, data.get("peta", ""), number, engine)
    return PortfolioPage(
        period=period,
        form=selection.form,
        totals=_totals(standings),
        sieves=tuple(
            Sieve(
                item.code, item.label, sum(map(item.keeps, standings)), item.code == selection.sieve
            )
            for item in QUICK_FILTERS.values()
        ),
        weak=_weak(standings, engine, selection.weak),
        funnel=_funnel(standings, period),
        trend=portfolio_trend(user, selection.form),
        heat=heat,
        map_page=map_page,
        map_total=number,
        ranking=tuple(_ranking(page, selection.eselon1, engine)),
        page=page,
        sort=sort,
        has_gates=any(
            rule.code.startswith("area.") for rules in engine.thresholds.values() for rule in rules
        ),
    )


class CountedPaginator(Paginator):
    """A paginator that was told how many rows there are, so that it need not ask."""

    def __init__(self, rows, per_page: int, *, number: int) -> None:
        super().__init__(rows, per_page)
        self.__dict__["count"] = number


def _standings(scores: QuerySet) -> list[Standing]:
    """Return one narrow row per worksheet within the filter bar, for counting; one statement."""
    return [Standing(*row) for row in scores.order_by().values_list(*STANDING_COLUMNS)]


def _totals(standings: Sequence[Standing]) -> Totals:
    meeting = [row for row in standings if row.meets_wbk]
    return Totals(
        total=len(standings),
        meets=len(meeting),
        meets_by_tpi=sum(row.track == Track.TPI for row in meeting),
        meets_wbbm=sum(row.meets_wbbm for row in standings),
        final=sum(row.state == State.FINAL for row in standings),
    )


def _weak(standings: Sequence[Standing], engine, current: str) -> tuple[WeakArea, ...]:
    """Count, per area, the units with answers that stay below its WBK gate."""
    signs = [row.area_steps for row in standings if row.answered_count]
    return tuple(
        WeakArea(
            area.code,
            short_name(area.name),
            sum(steps[number : number + 1] == BELOW for steps in signs),
            area.code == current,
        )
        for number, area in enumerate(engine.areas)
    )


def ordered(scores: QuerySet, sort: str) -> QuerySet:
    """Return scores in an order of the ranking, with the unit's own value as ``own_total``."""
    own = Score.objects.filter(
        assessment=OuterRef("assessment"), track=Track.UNIT, answered_count__gt=0
    )
    key = sort.removeprefix("-")
    if key == "keadaan":
        states = [When(assessment__state=s, then=Value(n)) for n, s in enumerate(State.values)]
        scores = scores.annotate(state_order=Case(*states, output_field=IntegerField()))
    order = []
    for name in SORTS[key]:
        down = name.startswith("-") != sort.startswith("-")
        field = F(name.removeprefix("-"))
        order.append(field.desc(nulls_last=True) if down else field.asc(nulls_last=True))
    return scores.annotate(own_total=Subquery(own.values("safe_total"))).order_by(
        *order, "-safe_total", "assessment__unit__path"
    )


RANKING_COLUMNS = (
    "assessment_id",
    "assessment__unit__name",
    "assessment__unit__code",
    "assessment__unit__path",
    "assessment__state",
    "track",
    "safe_total",
    "filled_total",
    "own_total",
    "answered_count",
    "indicator_count",
    "meets_wbk",
    "meets_wbbm",
    "unmet_wbk_count",
    "unmet_wbbm_count",
    "area_steps",
    "unmet_rules",
)


def eselon1_name(path: str, names: dict[str, str]) -> str:
    """Return the Eselon I under which a path stands; empty where the person does not see it."""
    return names.get(".".join(path.split(".")[:2]) + ".", "")


def _ranking(page: Page, names: dict[str, str], engine) -> Iterator[RankingRow]:
    labels = {
        rule.code: _("Area {n}").format(n=rule.code.removeprefix("area."))
        if rule.code.startswith("area.")
        else rule.label
        for rule in engine.thresholds.get("WBK", ())
    }
    head, tail = _parts("assessments:dashboard")
    sources = {Track.UNIT.value: _("unit"), Track.TPI.value: _("TPI")}
    states = {state.value: str(state.label) for state in State}
    for number, row in enumerate(page.object_list, start=page.start_index()):
        pk, name, code, path, state, track, total, filled_total, own_total = row[:9]
        answered, indicators, wbk, wbbm, unmet_wbk, unmet_wbbm, steps, unmet_rules = row[9:]
        filled = answered > 0
        unmet = list(unmet_rules.get("WBK", {}).items()) if filled else []
        yield RankingRow(
            number=number,
            assessment_id=pk,
            url=f"{head}{pk}{tail}",
            name=name,
            code=code,
            eselon1=eselon1_name(path, names),
            state=states[state],
            source=sources[track],
            total=shown_total(engine, total) if filled else None,
            filled_total=shown_total(engine, filled_total) if filled else None,
            own_total=shown_total(engine, own_total),
            answered=answered,
            indicators=indicators,
            meets_wbk=wbk,
            meets_wbbm=wbbm,
            unmet_wbk=unmet_wbk,
            unmet_wbbm=unmet_wbbm,
            ring=_ring(steps if filled else "-" * len(engine.areas)),
            blockers=tuple(Blocker(labels.get(key, key), gap) for key, gap in unmet[:NAMED]),
            more=max(0, len(unmet) - NAMED),
        )


@lru_cache(maxsize=1024)
def _ring(steps: str) -> str:
    """Return the areas as a small ring: thick where the WBK gate is met, faint without one."""
    segments = [None if step == "-" else step != BELOW for step in steps]
    met = sum(segment is True for segment in segments)
    label = _("{met} dari {all} area memenuhi ambang WBK").format(met=met, all=len(segments))
    return charts.ring(segments, label=label)


def _funnel(standings: Sequence[Standing], period: Period) -> charts.Chart | None:
    if not standings:
        return None
    final = [row for row in standings if row.state == State.FINAL]
    stages = [
        charts.Stage(_("LKE dibuka"), len(standings)),
        charts.Stage(_("Diajukan ke TPI"), sum(row.state != State.DRAFT for row in standings)),
        charts.Stage(_("Evaluasi TPI final"), len(final)),
        charts.Stage(_("Final, ambang WBK"), sum(row.meets_wbk for row in final), is_goal=True),
    ]
    return charts.funnel(
        "tahapan",
        stages,
        title=_("Tahapan {n} unit").format(n=len(standings)),
        row_name=_("Tahapan"),
        count_name=_("Unit"),
        quota=period.quota,
        quota_name=_("kuota usulan"),
    )


# Heat map -------------------------------------------------------------------------------------


def _heat(selection: Selection, wanted: str, count: int, engine) -> tuple[str, Page | None]:
    """Return the map of one page of units, or of all of them when the address says "semua"."""
    rows = map_rows(selection.sieved)
    page = None
    if wanted != "semua" and count > MAP_ROWS:
        page = CountedPaginator(rows, MAP_ROWS, number=count).get_page(wanted or 1)
        rows = page.object_list
    heat = charts.heat_map(
        _heat_rows(rows, selection.eselon1, engine),
        columns=[(area.code, short_name(area.name)) for area in engine.areas],
        caption=_("Nilai enam area tiap unit, dalam persen dari bobot"),
        row_name=_("Unit"),
        total_name=_("Nilai"),
    )
    return heat, page


def map_rows(scores: QuerySet) -> QuerySet:
    """Return what the map needs of each score, as plain tuples in the order of the tree.

    Figures come as floats of exactly six decimals: converting thousands of them to Decimal would
    cost more than the rest of the page.
    """
    floats = {f"share_{code}": Cast(f"area_{code}_ratio", FloatField()) for code in AREAS}
    return (
        scores.order_by("assessment__unit__path")
        .annotate(total_float=Cast("safe_total", FloatField()), **floats)
        .values_list(
            "assessment_id",
            "assessment__unit__path",
            "assessment__unit__code",
            "assessment__unit__name",
            "answered_count",
            "area_steps",
            "total_float",
            *floats,
        )
    )


def _heat_rows(rows, names: dict[str, str], engine) -> Iterator[charts.HeatRow]:
    head, tail = _parts("assessments:dashboard")
    areas = [
        (*_parts("assessments:worksheet", area.code), _percent_marks(engine, area.code))
        for area in engine.areas
    ]
    marks = total_marks(engine)
    none = _("Unit lain")
    for pk, path, code, name, answered, steps, total, *shares in rows:
        cells = []
        for (start, end, asked), step, share in zip(areas, steps, shares, strict=False):
            address = f"{start}{pk}{end}"
            if not answered or share is None:
                cells.append(charts.HeatCell(address, "–", None))
                continue
            figure = millionths(share)
            cells.append(charts.HeatCell(address, _percent(figure, asked), _step(step, figure)))
        yield charts.HeatRow(
            eselon1_name(path, names) or none,
            code,
            name,
            f"{head}{pk}{tail}",
            cells,
            text(shown(millionths(total), marks, 2)) if answered else "–",
        )


def _parts(name: str, *rest: str) -> tuple[str, str]:
    """Return an address before and after a worksheet's key: one look-up for a thousand links."""
    before, _zero, after = reverse(name, args=[0, *rest]).partition("/0/")
    return f"{before}/", f"/{after}"


def _step(sign: str, figure: int) -> int:
    if sign == "-":
        return charts.NO_GATE
    return 3 if sign == "2" and figure >= WELL_ABOVE else int(sign)


def _percent_marks(engine, area: str) -> tuple[int, ...]:
    """Return what the predicates ask of an area, in millionths of a percent."""
    return tuple(mark * 100 for mark in area_marks(engine, area))


HUNDRED = Decimal(100)


@lru_cache(maxsize=4096)
def _percent(figure: int, marks: tuple[int, ...]) -> str:
    """Return a stored share as percent with one decimal, half up; 100 without one.

    marks: the shares asked for; below one that is not reached it shows more decimals.
    """
    number = shown(figure * 100, marks, 1)
    return "100" if number == HUNDRED else text(number)
