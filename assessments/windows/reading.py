"""Whether a worksheet's stage is open now, until when, and what to say when it is not.

Costs no query after ``AssessmentQuerySet.with_window``, else two per worksheet and state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Assessment, Stage, StageWindow, State, WindowExtension
from assessments.models.worksheets import REVIEW_STATES
from units.access import Role
from units.models import User
from zona.templatetags.zona_numbers import deadline_in, moment

NAMED = 2


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a stage for one unit; ``until`` is its extension, the later end counts."""

    opens: date | None = None
    closes: date | None = None
    until: date | None = None

    @property
    def last_day(self) -> date | None:
        """Return the last day on which the stage is open; None where it has no end."""
        if self.closes is None or self.until is None:
            return self.closes
        return max(self.closes, self.until)

    @property
    def starts(self) -> datetime | None:
        """Return the moment from which the stage is open."""
        return _midnight(self.opens) if self.opens else None

    @property
    def ends(self) -> datetime | None:
        """Return the moment from which the stage is closed: 24.00 WIB of its last day."""
        return end_of(self.last_day) if self.last_day else None

    def is_open(self, now: datetime) -> bool:
        """Tell whether work is taken at a moment."""
        return not self.is_early(now) and (self.ends is None or now < self.ends)

    def is_early(self, now: datetime) -> bool:
        """Tell whether the stage has not been opened yet."""
        return self.starts is not None and now < self.starts


ALWAYS = Window()


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a worksheet's present step. ``is_closed``: nothing is taken any more.

    ``is_binding`` tells a window, after which nothing is taken, from a planned day.
    """

    label: str
    ends: datetime
    is_binding: bool
    is_closed: bool
    is_extended: bool = False

    @property
    def day(self) -> date:
        """Return the last day, as the law counts it."""
        return timezone.localdate(self.ends - timedelta(microseconds=1))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date) -> datetime:
    """Return 24.00 WIB of a day, which is the first moment of the next."""
    return _midnight(day + timedelta(days=1))


def window_of(assessment: Assessment) -> Window:
    """Return the window of the stage in which a worksheet stands; ALWAYS where none was set."""
    state, facts = assessment.state, assessment.__dict__
    if state not in Stage.values:
        return ALWAYS
    if facts.get("window_stage") == state:
        return Window(facts["window_opens"], facts["window_closes"], facts["window_until"])
    return stage_window(assessment, state)


def stage_window(assessment: Assessment, stage: str) -> Window:
    """Return the window of a stage for the worksheet's unit, as it stands; two queries."""
    where = {"period": assessment.period_id, "stage": stage}
    days = StageWindow.objects.filter(**where).values_list("opens_on", "closes_on").first()
    longer = WindowExtension.objects.filter(**where, unit=assessment.unit_id)
    until = longer.order_by("-pk").values_list("until", flat=True).first()
    return Window(*(days or (None, None)), until)


def is_closed(assessment: Assessment, now: datetime | None = None) -> bool:
    """Tell whether the stage of a worksheet takes no work now.

    A repair has a deadline of its own, and objections are a service of their own.
    """
    if assessment.state in (State.REPAIR, State.FINAL):
        return False
    return not window_of(assessment).is_open(now or timezone.now())


def closed_sentence(assessment: Assessment, now: datetime | None = None) -> str:
    """Return why the stage takes no work now and whom to ask; blank while it is open.

    One query for the names, and only where it is closed.
    """
    now = now or timezone.now()
    if not is_closed(assessment, now):
        return ""
    window, stage = window_of(assessment), Stage(assessment.state).label
    if window.is_early(now):
        said = _("{stage} baru dibuka {moment}.").format(stage=stage, moment=moment(window.starts))
    else:
        end = deadline_in(window.ends, assessment.unit.time_zone)
        said = _("{stage} sudah ditutup {end}.").format(stage=stage, end=end)
    return f"{said} {ask_whom()}"


def ask_whom() -> str:
    """Return the sentence that names who grants more time; one query."""
    today = timezone.localdate()
    people = User.objects.active().filter(
        memberships__role=Role.SECRETARIAT, memberships__valid_from__lte=today
    )
    people = people.exclude(memberships__valid_to__lt=today).order_by("name").distinct()
    names = ", ".join(str(person) for person in people[:NAMED])
    who = _("Sekretariat TPI ({names})").format(names=names) if names else _("Sekretariat TPI")
    return _("Perpanjangan diminta kepada {who}.").format(who=who)


def due_of(assessment: Assessment, now: datetime | None = None) -> Due | None:
    """Return the end of a worksheet's present step: the window's where one is set, else the
    period's plan; None where there is neither."""
    now, period, state = now or timezone.now(), assessment.period, assessment.state
    if state == State.REPAIR:
        ends = assessment.repair_due
        return Due(_("Batas perbaikan"), ends, True, ends <= now)
    window = window_of(assessment) if state != State.FINAL else ALWAYS
    planned = None
    if state == State.DRAFT:
        label, planned = _("Batas penilaian mandiri"), period.self_assessment_due
    elif state in REVIEW_STATES and window.last_day:
        label = _("Batas tahap ini")
    elif state == State.FINAL:
        label, planned = _("Batas usulan"), period.proposal_due
    else:
        label, planned = _("Batas evaluasi TPI"), period.evaluation_due
    if window.last_day:
        closed = not window.is_open(now)
        extended = window.until is not None and window.last_day != window.closes
        return Due(label, window.ends, True, closed, extended)
    return Due(label, end_of(planned), False, False) if planned else None


def opens_later(assessment: Assessment, now: datetime | None = None) -> datetime | None:
    """Return the moment at which the stage of a worksheet opens, while that is still to come."""
    now = now or timezone.now()
    if assessment.state in (State.REPAIR, State.FINAL):
        return None
    window = window_of(assessment)
    return window.starts if window.is_early(now) else None
