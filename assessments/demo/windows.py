"""The windows of the running round in the demo, and who got longer than others."""

from __future__ import annotations

from collections.abc import Sequence

from assessments.demo.clock import StoryClock
from assessments.demo.story import Round
from assessments.models import Period, Stage
from assessments.windows.services import extend, set_windows
from units.models import Unit, User


def open_windows(*, period: Period, year: Round, clock: StoryClock, by: User) -> None:
    """Set the days of every stage, long before the first of them ends."""
    clock.go_to(year.day(-78), 9)
    set_windows(
        period=period,
        days={
            Stage.SELF: (year.day(-75), period.self_assessment_due),
            Stage.MEMBER: (year.day(-11), year.day(12)),
            Stage.LEAD: (None, year.day(14)),
            Stage.QUALITY: (None, period.evaluation_due),
            Stage.REPAIR: (None, year.day(14)),
        },
        by=by,
    )


def extend_drafts(
    *, period: Period, units: Sequence[Unit], year: Round, clock: StoryClock, by: User
) -> None:
    """Give the units that are still filling longer; without it the demo's drafts were closed."""
    clock.go_to(year.day(-13), 15)
    extend(
        period=period,
        stage=Stage.SELF,
        units=units,
        until=year.day(28),
        reason="Jaringan kantor terputus dua minggu karena cuaca; laporan kinerja terlambat.",
        approver="Inspektur III, ND-087/ITJEN.3",
        by=by,
    )
