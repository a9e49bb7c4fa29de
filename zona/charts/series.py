"""Charts with a table of their own: pairs on a line, values over the years, stages of a funnel."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.translation import gettext as _

from zona.charts.svg import (
    PAINT,
    Chart,
    Medium,
    Number,
    clamp,
    name_lines,
    num,
    picture,
    rect,
    stroke,
    text_at,
)

LETTER_HEIGHT = 14


class Pair(NamedTuple):
    """A row of ``dumbbell``: two ratios of the same thing and how they are written."""

    label: str
    first: Number
    first_text: str
    second: Number
    second_text: str


def dumbbell(
    ident: str,
    pairs: Sequence[Pair],
    *,
    title: str,
    row_name: str,
    first_name: str,
    second_name: str,
    medium: Medium = Medium.SCREEN,
) -> Chart:
    """Return two ratios per row as disc (first) and square (second) on one line from 0 to 100 %."""
    paint = PAINT[medium]
    left, full = 172, 200
    height = 32 + 38 * len(pairs)
    parts = []
    for percent in (25, 50, 75, 100):
        x = left + full * percent / 100
        parts.append(stroke(paint["axis"], f"M{num(x)} 22V{height - 4}"))
        parts.append(text_at(paint["small"], x, 14, f"{percent}%", anchor="middle"))
    for index, pair in enumerate(pairs):
        y = 44 + 38 * index
        first, second = (left + full * clamp(ratio) for ratio in (pair.first, pair.second))
        parts += [
            *name_lines(paint["bold"], y + 5, pair.label, most=23),
            stroke(paint["link"], f"M{num(first)} {y}H{num(second)}"),
            format_html('<circle {} cx="{}" cy="{}" r="7"/>', paint["dot-2"], num(first), y),
            rect(paint["dot-full"], second - 6.5, y - 6.5, 13, 13),
        ]
    description = "; ".join(
        f"{pair.label}: {first_name} {pair.first_text}, {second_name} {pair.second_text}"
        for pair in pairs
    )
    return Chart(
        svg=picture(
            ident,
            title=title,
            description=f"{description}.",
            width=400,
            height=height,
            parts=parts,
            medium=medium,
        ),
        header=(row_name, first_name, second_name),
        rows=tuple((pair.label, pair.first_text, pair.second_text) for pair in pairs),
    )


class Point(NamedTuple):
    """A value of ``trend`` in points of the 100: when, how much, how it is written."""

    label: str
    value: Number
    text: str


class Level(NamedTuple):
    """A gate of ``trend`` in points: how much, how it is written, its name."""

    value: Number
    text: str
    label: str
    dashed: bool = False


def trend(
    ident: str,
    points: Sequence[Point],
    *,
    levels: Sequence[Level] = (),
    title: str,
    row_name: str,
    value_name: str,
    medium: Medium = Medium.SCREEN,
) -> Chart:
    """Return values over the years as a line, with the gates as level lines across."""
    paint = PAINT[medium]
    drawn = [float(value) for value in (*(p.value for p in points), *(r.value for r in levels))]
    low = max(0, 5 * floor((min(drawn, default=0) - 10) / 5))
    high = min(100, 5 * ceil((max(drawn, default=100) + 5) / 5))
    scale = 134 / max(1, high - low)

    def height_of(value: Number) -> float:
        return 158 - (float(value) - low) * scale

    parts = []
    crossed = [height_of(level.value) for level in levels]
    for level, y in zip(levels, crossed, strict=True):
        parts += [
            stroke(paint["tick-2" if level.dashed else "tick"], f"M40 {num(y)}H400"),
            text_at(paint["small"], 0, y + 5, level.text),
            text_at(paint["small"], 44, y - 6, level.label),
        ]
    parts.append(stroke(paint["axis"], "M40 158H400"))
    step = 345 / max(1, len(points))
    places = [(40 + step * (i + 0.5), height_of(p.value)) for i, p in enumerate(points)]
    if len(places) > 1:
        line = "L".join(f"{num(x)} {num(y)}" for x, y in places)
        parts.append(stroke(paint["line"], f"M{line}"))
    for (x, y), point in zip(places, points, strict=True):
        # The last figure stands right of its dot, the others below, clear of the line.
        is_last = point is points[-1]
        parts += [
            format_html('<circle {} cx="{}" cy="{}" r="6"/>', paint["dot-full"], num(x), num(y)),
            text_at(paint["bold"], x + 12, _clear_of(crossed, y), point.text)
            if is_last and x < 345
            else text_at(paint["bold"], x, min(y + 24, 152), point.text, anchor="middle"),
            text_at(paint["text"], x, 177, point.label, anchor="middle"),
        ]
    said = [f"{p.label}: {p.text}" for p in points]
    said += [_("ambang %(name)s %(value)s") % {"name": r.label, "value": r.text} for r in levels]
    return Chart(
        svg=picture(
            ident,
            title=title,
            description=f"{'; '.join(said)}.",
            width=400,
            height=182,
            parts=parts,
            medium=medium,
        ),
        header=(row_name, value_name),
        rows=tuple((point.label, point.text) for point in points),
    )


def _clear_of(lines: Sequence[float], y: float) -> float:
    """Return where a figure beside a dot at ``y`` stands so that no level strikes it through."""
    nearest = min(lines, key=lambda line: abs(line - y), default=None)
    if nearest is None or abs(nearest - y) > LETTER_HEIGHT:
        return y + 5
    return nearest + 20 if nearest < y else nearest - 7


class Stage(NamedTuple):
    """A bar of ``funnel``: a stage, how many reached it, whether it is the one aimed at."""

    label: str
    count: int
    is_goal: bool = False


def funnel(
    ident: str,
    stages: Sequence[Stage],
    *,
    title: str,
    row_name: str,
    count_name: str,
    quota: int | None = None,
    quota_name: str = "",
    medium: Medium = Medium.SCREEN,
) -> Chart:
    """Return one bar per stage, longest first; ``quota`` is a line through the last two bars."""
    paint = PAINT[medium]
    most = max([stage.count for stage in stages] + [quota or 0, 1])
    height = 32 * len(stages) + 10
    parts = []
    for index, stage in enumerate(stages):
        y = 8 + 32 * index
        parts += [
            *name_lines(paint["text"], y + 14, stage.label, most=20),
            rect(paint["track"], 150, y, 270, 19),
            rect(paint["mid" if stage.is_goal else "ok"], 150, y, 270 * stage.count / most, 19),
            text_at(paint["bold"], 434, y + 14, str(stage.count)),
        ]
    if quota is not None:
        line = f"M{num(150 + 270 * quota / most)} {max(8, height - 66)}V{height - 6}"
        parts += [stroke(paint["gap"], line), stroke(paint["tick"], line)]
    said = [f"{stage.label} {stage.count}" for stage in stages]
    if quota is not None:
        said.append(f"{quota_name} {quota}")
    return Chart(
        svg=picture(
            ident,
            title=title,
            description=f"{'; '.join(said)}.",
            width=480,
            height=height,
            parts=parts,
            medium=medium,
        ),
        header=(row_name, count_name),
        rows=tuple((stage.label, str(stage.count)) for stage in stages),
    )
