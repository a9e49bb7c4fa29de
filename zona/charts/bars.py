"""Values of one kind as bars below each other, each against the same full length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from zona.charts.svg import (
    PAINT,
    Chart,
    Medium,
    Number,
    clamp,
    name_lines,
    picture,
    rect,
    text_at,
)

LEFT, FULL, ROW = 212, 300, 34


class Bar(NamedTuple):
    """A row of ``value_bars``: its name, its share of the full length, its figure in words."""

    label: str
    ratio: Number
    text: str


def value_bars(
    ident: str,
    bars: Sequence[Bar],
    *,
    title: str,
    row_name: str,
    value_name: str,
    ends: tuple[str, str],
    medium: Medium = Medium.SCREEN,
) -> Chart:
    """Return one bar per value with its figure; ``ends`` are written at both ends of the scale."""
    paint = PAINT[medium]
    height = 26 + ROW * len(bars)
    parts = [
        text_at(paint["small"], LEFT, 14, ends[0]),
        text_at(paint["small"], LEFT + FULL, 14, ends[1], anchor="end"),
    ]
    for place, bar in enumerate(bars):
        y = 26 + ROW * place
        parts += [
            *name_lines(paint["text"], y + 15, bar.label, most=30),
            rect(paint["track"], LEFT, y + 4, FULL, 14),
            rect(paint["ok"], LEFT, y + 4, FULL * clamp(bar.ratio), 14),
            text_at(paint["bold"], LEFT + FULL + 10, y + 16, bar.text),
        ]
    return Chart(
        svg=picture(
            ident,
            title=title,
            description=f"{'; '.join(f'{bar.label}: {bar.text}' for bar in bars)}.",
            width=LEFT + FULL + 52,
            height=height,
            parts=parts,
            medium=medium,
        ),
        header=(row_name, value_name),
        rows=tuple((bar.label, bar.text) for bar in bars),
    )
