"""Signs: small drawings that stand beside words which say the same."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians, sin

from django.utils.html import format_html

from zona.charts.svg import (
    PAINT,
    PRINT_FONT,
    Markup,
    Medium,
    Number,
    Tick,
    clamp,
    joined,
    num,
    rect,
    text_at,
)


def gate_bar(
    ratio: Number,
    *,
    ticks: Sequence[Tick] = (),
    met: bool | None = True,
    unit_ratio: Number | None = None,
    label: str = "",
) -> Markup:
    """Return a bar with its gates; hatched while its first gate is not met.

    met: None where no gate is asked for.

    ratio: how much of the full weight is reached, 0..1 (cut).
    unit_ratio: the unit's own figure, a ring dot; None draws none.
    label: what a screen reader says; leave it empty where a text beside it says the same.
    """
    paint = PAINT[Medium.SCREEN]
    width = 100 * clamp(ratio)
    parts = [rect(paint["track"], 0, 0, 100, 12)]
    if width:
        parts.append(rect(paint[{True: "ok", False: "low", None: "mid"}[met]], 0, 0, width, 12))
    if met is False and width > 5:
        strokes = "".join(f"M{x} 12l5-12" for x in range(0, int(width - 5) + 1, 4))
        parts.append(_fixed(paint["hatch"], strokes))
    for tick in ticks:
        line = f"M{num(100 * clamp(tick.ratio))} 0v12"
        parts.append(_fixed(paint["gap"], line))
        parts.append(_fixed(paint["tick-2" if tick.dashed else "tick"], line))
    if unit_ratio is not None:
        dot = f"M{num(100 * clamp(unit_ratio))} 6h.01"
        parts += [_fixed(paint["unit"], dot), _fixed(paint["unit-in"], dot)]
    return format_html(
        '<svg class="z-gate-bar" viewBox="0 0 100 12" preserveAspectRatio="none" {}>{}</svg>',
        _spoken(label),
        joined(parts),
    )


def _fixed(paint: Markup, d: str) -> Markup:
    """Return a path whose stroke keeps its width while the bar is stretched."""
    return format_html('<path {} d="{}" vector-effect="non-scaling-stroke"/>', paint, d)


def _spoken(label: str) -> Markup:
    if not label:
        return Markup('aria-hidden="true"')
    return format_html('role="img" aria-label="{}"', label)


def ring(
    segments: Sequence[bool | None],
    *,
    label: str,
    size: int = 26,
    figure: str = "",
    caption: str = "",
    medium: Medium = Medium.SCREEN,
) -> Markup:
    """Return the mark of the house as data: one segment per change area, clockwise from the top.

    segments: True meets its gate (thick), False does not (thin, inset), None has no data (faint).
    size: px; from about 100 on there is room for ``figure`` and ``caption`` in the middle.
    label: what the ring says, in words.
    """
    paint = PAINT[medium]
    centre = size / 2
    outer = centre - 1
    width = outer * 0.29 if figure else outer / 2
    inner = outer - width
    step = 360 / max(1, len(segments))
    gap = 3.5 if figure else 5.5
    parts = []
    for index, met in enumerate(segments):
        thickness = 0.42 * width if met is False else width
        radius = inner + thickness / 2
        turns = (radians(index * step + gap), radians((index + 1) * step - gap))
        start, end = ((centre + radius * sin(a), centre - radius * cos(a)) for a in turns)
        name = {True: "ring-ok", False: "ring-low", None: "ring-none"}[met]
        parts.append(
            format_html(
                '<path {} stroke-width="{}" d="M{} {}A{} {} 0 0 1 {} {}"/>',
                paint[name],
                num(thickness),
                *(num(x) for x in (*start, radius, radius, *end)),
            )
        )
    if figure:
        drop = 4 if caption else 9
        parts.append(text_at(paint["figure"], centre, centre + drop, figure, anchor="middle"))
    if caption:
        parts.append(text_at(paint["caption"], centre, centre + 22, caption, anchor="middle"))
    if medium is Medium.PRINT:
        return format_html(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" width="{0}" '
            'height="{0}" role="img"{1}><title>{2}</title>{3}</svg>',
            size,
            PRINT_FONT,
            label,
            joined(parts),
        )
    return format_html(
        '<svg class="z-ring" width="{0}" height="{0}" viewBox="0 0 {0} {0}" role="img" '
        'aria-label="{1}">{2}</svg>',
        size,
        label,
        joined(parts),
    )
