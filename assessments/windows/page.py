"""What the period's page shows of its windows: each stage, its days, whether it is open now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.utils import timezone

from assessments.models import Period, Stage
from assessments.windows.reading import Window


@dataclass(frozen=True, slots=True)
class WindowLine:
    """A stage with its days; ``extended`` units have longer."""

    label: str
    opens: date | None
    closes: date | None
    is_open: bool
    is_early: bool
    extended: int


def window_lines(period: Period) -> tuple[WindowLine, ...]:
    """Return the stages that have a window or an extension, in the order of the work."""
    now = timezone.now()
    days = {row.stage: row for row in period.windows.all()}
    longer = dict(
        period.extensions.order_by()
        .values_list("stage")
        .annotate(units=Count("unit", distinct=True))
    )
    lines = []
    for stage in Stage:
        row = days.get(stage.value)
        if row is None and stage.value not in longer:
            continue
        window = Window(row.opens_on, row.closes_on) if row else Window()
        lines.append(
            WindowLine(
                str(stage.label),
                window.opens,
                window.closes,
                window.is_open(now),
                window.is_early(now),
                longer.get(stage.value, 0),
            )
        )
    return tuple(lines)
