"""What the demo's unit heads say of their rows' effort."""

from __future__ import annotations

from assessments.demo import source
from assessments.demo.clock import StoryClock
from assessments.demo.organisation import Organisation
from assessments.demo.story import Round
from assessments.models import Assessment, Period
from assessments.services.row_efforts import Wanted, set_row_effort
from units.access import Role


def tell_efforts(
    *, period: Period, year: Round, everybody: Organisation, clock: StoryClock
) -> None:
    """Let heads say which rows are heavy and which can't rise this year."""
    clock.go_to(year.day(-1), 17, 30)
    for code, rows in source.read("efforts").items():
        unit = everybody.units[code]
        assessment = Assessment.objects.get(unit=unit, period=period, superseded_by=None)
        for row, said in rows.items():
            set_row_effort(
                assessment=assessment,
                code=row,
                wanted=Wanted(**said),
                base_version=0,
                by=everybody.person(code, Role.UNIT_HEAD),
            )
