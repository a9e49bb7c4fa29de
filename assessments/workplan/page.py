"""What the pages of the work plan show: months by areas, activities, targets, the team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Activity, AreaTarget, Assessment, Period, TeamDecree
from assessments.workplan.services import can_record_team, done_areas, plan_areas
from units.access import AREA_ROLES, UNIT_ROLES, Role, access_of
from units.forms import AREAS
from units.models import Membership, Unit, User
from units.permissions import can_view_people

SHOWN = 200
TONES = {
    Activity.Status.DONE: ("is-ok", "circle-check"),
    Activity.Status.LATE: ("is-bad", "clock-alert"),
    Activity.Status.OPEN: ("", "circle-dashed"),
}
STATES = {status.value: status.label for status in Activity.Status}
MINE = "saya"
LEADERS = (Role.UNIT_HEAD, Role.ZI_LEAD)


@dataclass(frozen=True, slots=True)
class Cell:
    """A month of an area: how much is planned, done and late, and the sign of the three."""

    month: int
    name: str
    total: int = 0
    done: int = 0
    late: int = 0

    @property
    def look(self) -> str:
        """Return the cell's class: nothing planned, late, open or done."""
        if not self.total:
            return "hm-x"
        if self.late:
            return "hm-0"
        return "hm-2" if self.done == self.total else "hm-1"

    @property
    def says(self) -> str:
        """Return the cell in words."""
        if not self.total:
            return _("tidak ada kegiatan")
        words = _("{done} dari {total} kegiatan selesai").format(done=self.done, total=self.total)
        return _("{words}, {n} terlambat").format(words=words, n=self.late) if self.late else words


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area's line of months with its sums, and what is meant to change in it."""

    code: str
    name: str
    cells: tuple[Cell, ...]
    total: int
    done: int
    late: int
    target: AreaTarget | None
    can_plan: bool


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """An activity as the list shows it on a day."""

    activity: Activity
    area_name: str
    codes: tuple[str, ...]
    word: str
    tone: str
    icon: str
    days_late: int
    can_finish: bool


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the unit's team, with his part in it."""

    name: str
    role: str
    area: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What the list is narrowed to; None and blank narrow nothing."""

    month: int | None = None
    area: str = ""
    state: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A unit's plan of a year."""

    unit: Unit
    year: int
    today: date
    months: tuple[tuple[int, str, str], ...]
    areas: tuple[AreaRow, ...]
    lines: tuple[ActivityLine, ...]
    has_more: bool
    choice: Choice
    heading: str
    decree: TeamDecree | None
    team: tuple[Member, ...]
    can_plan: bool
    can_record_team: bool
    period_id: int | None

    @property
    def total(self) -> int:
        """Return how many activities are planned."""
        return sum(row.total for row in self.areas)

    @property
    def done(self) -> int:
        """Return how many are done."""
        return sum(row.done for row in self.areas)

    @property
    def late(self) -> int:
        """Return how many are late."""
        return sum(row.late for row in self.areas)

    @property
    def is_this_year(self) -> bool:
        """Tell whether the plan is the running year's."""
        return self.today.year == self.year


def read_choice(given: Mapping[str, str], year: int, today: date) -> Choice:
    """Return what an address narrows the list to; unknown words narrow nothing.

    Without any word the list shows the running month.
    """
    month = given.get("bulan", "")
    number = int(month) if month.isdecimal() and len(month) < 3 and 1 <= int(month) <= 12 else None
    known = {"bulan", "area", "saring", "butir"}
    if number is None and year == today.year and not known & set(given):
        number = today.month
    area, state = given.get("area", ""), given.get("saring", "")
    return Choice(
        number,
        area if area in dict(AREAS) else "",
        state if state in {*STATES, MINE} else "",
        given.get("butir", "")[:30].replace("\x00", ""),
    )


def narrowed(rows, choice: Choice, user: User, today: date):
    """Return the activities that a choice keeps."""
    if choice.month:
        rows = rows.filter(due_on__month=choice.month)
    if choice.area:
        rows = rows.filter(area=choice.area)
    if choice.code:
        rows = rows.filter(indicators__code=choice.code)
    if choice.state == MINE:
        rows = rows.filter(owner=user)
    elif choice.state == Activity.Status.DONE:
        rows = rows.filter(done_at__isnull=False)
    elif choice.state == Activity.Status.LATE:
        rows = rows.filter(done_at=None, due_on__lt=today)
    elif choice.state == Activity.Status.OPEN:
        rows = rows.filter(done_at=None, due_on__gte=today)
    return rows


def plan_page(unit: Unit, year: int, user: User, choice: Choice) -> PlanPage:
    """Return a unit's plan; eight statements whatever its length."""
    today = timezone.localdate()
    rows = Activity.objects.of_year(unit, year)
    mine, may_finish = plan_areas(user, unit), done_areas(user, unit)
    found = list(narrowed(rows, choice, user, today).for_list()[: SHOWN + 1])
    decree = TeamDecree.objects.filter(unit=unit, year=year).select_related("document").first()
    return PlanPage(
        unit=unit,
        year=year,
        today=today,
        months=tuple((n, str(MONTHS_3[n]).capitalize(), str(MONTHS[n])) for n in range(1, 13)),
        areas=tuple(_area_rows(rows, unit, year, today, mine)),
        lines=tuple(line_of(row, today, user, may_finish) for row in found[:SHOWN]),
        has_more=len(found) > SHOWN,
        choice=choice,
        heading=_heading(choice, year),
        decree=decree,
        team=_team(unit, user),
        can_plan=bool(mine),
        can_record_team=can_record_team(user, unit),
        period_id=period_of(unit, year),
    )


def period_of(unit: Unit, year: int) -> int | None:
    """Return the key of a year's round, the unit's own first; one query."""
    own = Assessment.objects.filter(period=OuterRef("pk"), unit=unit)
    rows = Period.objects.filter(year=year).annotate(is_own=Exists(own))
    return rows.order_by("-is_own", "-pk").values_list("pk", flat=True).first()


def _heading(choice: Choice, year: int) -> str:
    """Return what the list shows, in words."""
    parts = [f"{MONTHS[choice.month]} {year}" if choice.month else str(year)]
    if choice.area:
        parts.append(_("area {area}").format(area=dict(AREAS)[choice.area]))
    if choice.state:
        parts.append(_("milik saya") if choice.state == MINE else str(STATES[choice.state]).lower())
    if choice.code:
        parts.append(_("butir {code}").format(code=choice.code))
    return ", ".join(parts)


def area_counts(rows, today: date) -> dict[tuple[str, int], Cell]:
    """Return how much is planned, done and late per area and month; one query."""
    late = Q(done_at=None, due_on__lt=today)
    counted = (
        rows.order_by()
        .values("area", "due_on__month")
        .annotate(
            total=Count("pk"),
            done=Count("pk", filter=Q(done_at__isnull=False)),
            late=Count("pk", filter=late),
        )
    )
    return {
        (row["area"], row["due_on__month"]): Cell(
            row["due_on__month"],
            str(MONTHS[row["due_on__month"]]),
            row["total"],
            row["done"],
            row["late"],
        )
        for row in counted
    }


def _area_rows(rows, unit: Unit, year: int, today: date, mine: frozenset[str]):
    counted = area_counts(rows, today)
    targets = {row.area: row for row in AreaTarget.objects.filter(unit=unit, year=year)}
    for code, label in AREAS:
        cells = tuple(
            counted.get((code, month), Cell(month, str(MONTHS[month]))) for month in range(1, 13)
        )
        yield AreaRow(
            code=code,
            name=str(label)[2:],
            cells=cells,
            total=sum(cell.total for cell in cells),
            done=sum(cell.done for cell in cells),
            late=sum(cell.late for cell in cells),
            target=targets.get(code),
            can_plan=code in mine,
        )


def line_of(
    activity: Activity, today: date, user: User | None = None, areas: Iterable[str] = ()
) -> ActivityLine:
    """Return an activity as a list shows it. areas: those of which the person reports."""
    status = activity.status_on(today)
    tone, icon = TONES[status]
    is_late = status == Activity.Status.LATE
    return ActivityLine(
        activity=activity,
        area_name=str(dict(AREAS).get(activity.area, activity.area)),
        codes=tuple(row.code for row in activity.indicators.all()),
        word=str(STATES[status]),
        tone=tone,
        icon=icon,
        days_late=(today - activity.due_on).days if is_late else 0,
        can_finish=activity.done_at is None
        and (activity.area in areas or (user is not None and activity.owner_id == user.pk)),
    )


def _team(unit: Unit, user: User) -> tuple[Member, ...]:
    """Return the unit's people with their parts, for those who may know them; one query."""
    is_own = any(grant.unit_id == unit.pk for grant in access_of(user).unit_grants)
    if not is_own and not can_view_people(user, unit):
        return ()
    held = Membership.objects.in_force().filter(unit=unit, role__in=UNIT_ROLES)
    order = {role: place for place, role in enumerate((*LEADERS, *sorted(AREA_ROLES)))}
    rows = sorted(
        held.select_related("user"), key=lambda row: (order[row.role], row.area, str(row.user))
    )
    return tuple(
        Member(
            str(row.user), str(row.get_role_display()), row.area if row.role in AREA_ROLES else ""
        )
        for row in rows
    )


def begun_words(begun) -> str:
    """Return what a bulk start brought, as a sentence."""
    text = ngettext("{n} kegiatan ditambahkan.", "{n} kegiatan ditambahkan.", begun.added).format(
        n=begun.added
    )
    if begun.skipped:
        text += " " + _("{n} sudah ada dan dilewati.").format(n=begun.skipped)
    if begun.targets:
        text += " " + _("Kondisi awal {n} area diisi dari hasil tahun lalu.").format(
            n=begun.targets
        )
    return text
