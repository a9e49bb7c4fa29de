"""The register as pages show it: a person's, a unit's, all he may see, units side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.functional import Promise

from assistance.forms import AGE_CHOICES, DEFAULT_SORT, QUICK, SORTS, RegisterFilter
from assistance.models import LIVING, Recommendation, RecommendationState
from assistance.querysets import AGE_STEPS, age_conditions, owned_q
from units.models import Unit, User

PAGE_ROWS = 25
UNITS_OFFERED = 300

STATE_LOOKS = {
    RecommendationState.OPEN: ("", "circle-dot"),
    RecommendationState.UNDER_WAY: ("is-info", "refresh-cw"),
    RecommendationState.REPORTED: ("is-warn", "hourglass"),
    RecommendationState.NOT_MET: ("is-bad", "undo-2"),
    RecommendationState.DONE: ("is-ok", "circle-check"),
    RecommendationState.IMPOSSIBLE: ("", "circle-slash"),
}
"""Chip class and icon of each state."""


@dataclass(frozen=True, slots=True)
class StateChip:
    """A state as a chip: word, class, icon."""

    label: str
    look: str
    icon: str


def chip_of(state: str) -> StateChip:
    """Return the chip of a state."""
    look, icon = STATE_LOOKS[RecommendationState(state)]
    return StateChip(str(RecommendationState(state).label), look, icon)


@dataclass(frozen=True, slots=True)
class Line:
    """One recommendation in a list."""

    row: Recommendation
    chip: StateChip
    days_late: int
    age_days: int


def line_of(row: Recommendation, today: date) -> Line:
    """Return a recommendation as a list shows it."""
    return Line(row, chip_of(row.state), row.days_late(today), row.age_days(today))


@dataclass(frozen=True, slots=True)
class Sieve:
    """A quick filter with its count."""

    code: str
    label: str | Promise
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Register:
    """A page of the register.

    ages: how many living ones by age (label, step, count). unit: set on a unit's own page.
    """

    form: RegisterFilter
    counts: dict[str, int]
    sieves: tuple[Sieve, ...]
    ages: tuple[tuple[str | Promise, str, int], ...]
    page: Page
    lines: tuple[Line, ...]
    sort: str
    unit: Unit | None


class _CountedPaginator(Paginator):
    """A paginator that was told how many rows there are, so that it need not ask."""

    def __init__(self, rows, per_page: int, *, number: int) -> None:
        super().__init__(rows, per_page)
        self.__dict__["count"] = number


def selected(user: User, data, unit: Unit | None = None):
    """Return the filter form and the rows it keeps, quick filter and order included."""
    form, rows = _narrowed(user, data, unit)
    return form, _ordered(form.quickly(rows, user), sort_of(data))


def _narrowed(user: User, data, unit: Unit | None):
    visible = Recommendation.objects.visible_to(user)
    if unit is not None:
        form = RegisterFilter(data)
        return form, form.narrow(visible.filter(unit=unit))
    units = (
        visible.order_by("unit__name")
        .values_list("unit_id", "unit__name")
        .distinct()[:UNITS_OFFERED]
    )
    form = RegisterFilter(data, units=list(units))
    return form, form.narrow(visible)


def sort_of(data) -> str:
    """Return the order that an address asks for; the default for an unknown one."""
    sort = data.get("urut", "")
    return sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT


def _ordered(rows, sort: str):
    keys = SORTS[sort.removeprefix("-")]
    if not sort.startswith("-"):
        return rows.order_by(*keys)
    return rows.order_by(*(key[1:] if key.startswith("-") else f"-{key}" for key in keys))


def build_register(user: User, data, unit: Unit | None = None) -> Register:
    """Return the register that an address asks for; three statements, two on a unit's page."""
    today = timezone.localdate()
    form, rows = _narrowed(user, data, unit)
    counts = rows.counts(today, mine=owned_q(user) & Q(state__in=LIVING))
    sort = sort_of(data)
    shown = _ordered(form.quickly(rows, user), sort).for_list()
    current = "every" if form.cleaned_data.get("keadaan") and not form.quick else None
    number = counts[current or next(name for code, _l, name in QUICK if code == form.quick)]
    page = _CountedPaginator(shown, PAGE_ROWS, number=number).get_page(data.get("hal"))
    return Register(
        form=form,
        counts=counts,
        sieves=tuple(
            Sieve(code, label, counts[name], code == form.quick) for code, label, name in QUICK
        ),
        ages=tuple((label, step, counts[f"age_{step}"]) for step, label in AGE_CHOICES[1:]),
        page=page,
        lines=tuple(line_of(row, today) for row in page),
        sort=sort,
        unit=unit,
    )


# Units side by side ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit's recommendations in figures; done_ratio is 0..1 of all that were ever written."""

    unit_id: int
    name: str
    code: str
    living: int
    overdue: int
    reported: int
    repeated: int
    ages: tuple[int, ...]
    done: int
    every: int

    @property
    def done_percent(self) -> int:
        """Return the share that is closed, in whole percent, rounded down."""
        return self.done * 100 // self.every


def units_side_by_side(user: User, data) -> tuple[Page, str, dict[str, int]]:
    """Return the units that have recommendations, with their figures; two statements.

    The order is that of ``urut``: lewat, terbuka, tuntas, unit.
    """
    today = timezone.localdate()
    visible = Recommendation.objects.visible_to(user)
    totals = visible.counts(today)
    living = Q(state__in=LIVING)
    ages = age_conditions(today)
    groups = (
        visible.order_by()
        .values("unit_id", "unit__name", "unit__code")
        .annotate(
            living=Count("pk", filter=living),
            overdue=Count("pk", filter=living & Q(due_on__lt=today)),
            reported=Count("pk", filter=Q(state=RecommendationState.REPORTED)),
            repeated=Count("pk", filter=living & Q(repeats__isnull=False)),
            done=Count("pk", filter=Q(state=RecommendationState.DONE)),
            every=Count("pk"),
            **{f"age_{step}": Count("pk", filter=condition) for step, condition in ages.items()},
        )
    )
    lines = [
        UnitLine(
            unit_id=group["unit_id"],
            name=group["unit__name"],
            code=group["unit__code"],
            living=group["living"],
            overdue=group["overdue"],
            reported=group["reported"],
            repeated=group["repeated"],
            ages=tuple(group[f"age_{step}"] for step in (0, *AGE_STEPS)),
            done=group["done"],
            every=group["every"],
        )
        for group in groups
    ]
    sort = data.get("urut", "-lewat")
    keys = {
        "lewat": lambda line: line.overdue,
        "terbuka": lambda line: line.living,
        "tuntas": lambda line: line.done_percent,
        "unit": lambda line: line.name,
    }
    if sort.removeprefix("-") not in keys:
        sort = "-lewat"
    lines.sort(key=lambda line: line.name)
    lines.sort(key=keys[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return Paginator(lines, PAGE_ROWS).get_page(data.get("hal")), sort, totals
