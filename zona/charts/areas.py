"""The change areas as bars against their gates, for documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.translation import gettext as _

from zona.charts.svg import (
    PAINT,
    Chart,
    Markup,
    Medium,
    Number,
    Paint,
    Tick,
    clamp,
    fit,
    num,
    picture,
    rect,
    stroke,
    text_at,
    two_lines,
)


class AreaBar(NamedTuple):
    """A row of ``area_bars``.

    ``ratio`` and ``unit_ratio`` are of the area's full weight (0..1; None: no figure of the unit's
    own); ``gates_met`` counts the ticks that are met: decided by the score, not by the drawing.
    """

    code: str
    name: str
    ratio: Number
    points_text: str
    weight_text: str
    percent_text: str
    gates_met: int
    unit_ratio: Number | None = None
    unit_percent_text: str = ""


def area_bars(
    ident: str,
    bars: Sequence[AreaBar],
    *,
    ticks: Sequence[Tick] = (),
    title: str,
    value_name: str,
    unit_name: str,
    is_compact: bool = False,
) -> Chart:
    """Return the areas as bars in percent of their weight, with gates and the unit's own figure.

    The colour of a bar is the highest gate it meets; position and number say the same. Without
    ticks (an edition that has no area gate) all bars wear one colour. ``is_compact`` draws closer
    rows for a one-page document. For documents only: a page sets ``gate_bar`` into its table.
    """
    paint = PAINT[Medium.PRINT]
    left, full, pitch = 196, 304, 20 if is_compact else 31
    top = 45 if is_compact else 50
    foot = top + pitch * len(bars)
    parts = []
    for percent in range(0, 101, 20):
        x = left + full * percent / 100
        parts += [
            stroke(paint["axis"], f"M{num(x)} 40V{num(foot)}"),
            text_at(paint["small"], x, foot + 15, f"{percent}%", anchor="middle"),
        ]
    points_name = _("%(value)s / bobot") % {"value": value_name}
    parts += [
        text_at(paint["small"], 512, 31, points_name),
        text_at(paint["small"], 664, 31, _("Persen"), anchor="end"),
    ]
    names = [[bar.name] if is_compact else two_lines(bar.name, 27) for bar in bars]
    size = min((fit(line, 176, 11.4) for lines in names for line in lines), default=11.4)
    for index, (bar, lines) in enumerate(zip(bars, names, strict=True)):
        parts += _area_row(paint, bar, lines, size, top + pitch * index, len(ticks))
    for tick in ticks:
        x = left + full * clamp(tick.ratio)
        anchor, nudge = ("start", -5) if tick.dashed else ("end", 5)
        parts += [
            stroke(paint["tick-2" if tick.dashed else "tick"], f"M{num(x)} 36V{num(foot)}"),
            text_at(paint["bold"], x + nudge, 31, tick.label, anchor=anchor, size=10.2),
        ]
    parts += _area_legend(
        paint,
        ticks,
        value_name,
        unit_name if any(bar.unit_ratio is not None for bar in bars) else "",
    )
    said = [f"{bar.name} {bar.percent_text}" for bar in bars]
    said += [_("ambang %(name)s") % {"name": tick.label} for tick in ticks]
    return Chart(
        svg=picture(
            ident,
            title=title,
            description=f"{'; '.join(said)}.",
            width=664,
            height=foot + 20,
            parts=parts,
            medium=Medium.PRINT,
        ),
        header=(_("Area"), value_name, _("Bobot"), _("Persen"), unit_name),
        rows=tuple(
            (
                f"{bar.code}. {bar.name}",
                bar.points_text,
                bar.weight_text,
                bar.percent_text,
                bar.unit_percent_text,
            )
            for bar in bars
        ),
    )


def _area_row(
    paint: Paint,
    bar: AreaBar,
    lines: Sequence[str],
    size: float,
    y: float,
    tick_count: int,
) -> list[Markup]:
    """Return one bar with its name (at most two lines), its unit's diamond and its figures."""
    first = y + 12 - 6.6 * (len(lines) - 1)
    fill = "mid"
    if tick_count:
        fill = "low" if not bar.gates_met else "ok" if bar.gates_met >= tick_count else "mid"
    parts = [
        text_at(paint["bold"], 0, first, bar.code),
        *(text_at(paint["text"], 14, first + 13.2 * i, t, size=size) for i, t in enumerate(lines)),
        rect(paint["track"], 196, y, 304, 16),
        rect(paint[fill], 196, y, 304 * clamp(bar.ratio), 16),
    ]
    if bar.unit_ratio is not None:
        parts.append(_diamond(paint, 196 + 304 * clamp(bar.unit_ratio), y + 8))
    parts += [
        format_html(
            '<text {} x="512" y="{}"><tspan font-weight="700">{}</tspan> / {}</text>',
            paint["text"],
            num(y + 12),
            bar.points_text,
            bar.weight_text,
        ),
        text_at(
            paint["warn" if fill == "low" else "bold"],
            664,
            y + 12,
            bar.percent_text,
            anchor="end",
        ),
    ]
    return parts


def _diamond(paint: Paint, x: Number, y: Number) -> Markup:
    return stroke(paint["dot"], f"M{num(x)} {num(y - 6.4)}l5.6 6.4-5.6 6.4-5.6-6.4z")


def _area_legend(
    paint: Paint, ticks: Sequence[Tick], value_name: str, unit_name: str
) -> list[Markup]:
    """Return the key above the bars: highest gate first, the unit's diamond last."""
    keys = [("mid", value_name)]
    if ticks:
        names = [tick.label.split()[0] if tick.label else "" for tick in ticks]
        words = {"value": value_name, "first": names[0], "last": names[-1]}
        keys = [
            ("ok", _("%(value)s, ambang %(last)s tercapai") % words),
            ("low", _("%(value)s, di bawah ambang %(first)s") % words),
        ]
        if len(ticks) > 1:
            keys.insert(1, ("mid", _("%(value)s, ambang %(first)s tercapai") % words))
    parts = []
    x = 0.0
    for name, text in keys:
        parts += [
            rect(paint[name], x, 7, 11, 11),
            text_at(paint["text"], x + 16, 16.4, text, size=9.8),
        ]
        x += 34 + 4.7 * len(text)
    if unit_name:
        parts += [
            _diamond(paint, x + 6, 12.6),
            text_at(paint["text"], x + 17, 16.4, unit_name, size=9.8),
        ]
    return parts
