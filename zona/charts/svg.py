"""What every drawing is made of: media, paint, escaped elements and the frame around them.

The other modules join what this one returns; the heat map alone escapes by itself, for speed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Markup = SafeString
Paint = dict[str, Markup]
Number = int | float | Decimal | Fraction


class Medium(Enum):
    """Where a chart is shown: on the screen (classes of zona.css) or in a document (ink)."""

    SCREEN = "screen"
    PRINT = "print"


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart and the equal data table: ``rows`` are as long as ``header``."""

    svg: Markup
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A gate on a bar: where (0..1 of the full length), its name, dashed for the higher one."""

    ratio: Number
    label: str = ""
    dashed: bool = False


# Literals of this module, marked safe below: nobody else's words are in them.
_INK = {
    Medium.SCREEN: {
        "track": 'class="c-track"',
        "ok": 'class="c-ok"',
        "mid": 'class="c-navy"',
        "low": 'class="c-low"',
        "hatch": 'class="c-hatch"',
        "gap": 'class="c-gap"',
        "tick": 'class="c-tick"',
        "tick-2": 'class="c-tick-2"',
        "axis": 'class="c-axis"',
        "line": 'class="c-line"',
        "link": 'class="c-link"',
        "dot": 'class="c-dot"',
        "dot-full": 'class="c-dot-full"',
        "dot-2": 'class="c-dot-2"',
        "unit": 'class="c-unit"',
        "unit-in": 'class="c-unit-in"',
        "ring-ok": 'class="r-ok"',
        "ring-low": 'class="r-low"',
        "ring-none": 'class="r-none"',
        "text": "",
        "bold": 'class="t-b"',
        "small": 'class="t-s"',
        "warn": 'class="t-r"',
        "figure": "",
        "caption": 'class="t-s"',
    },
    Medium.PRINT: {
        "track": 'fill="#eef2f5"',
        "ok": 'fill="#0b7568"',
        "mid": 'fill="#12416f"',
        "low": 'fill="#b5590b"',
        "hatch": 'stroke="#ffffff" stroke-width="1.2"',
        "gap": 'stroke="#ffffff" stroke-width="4"',
        "tick": 'stroke="#0b2846" stroke-width="1.5"',
        "tick-2": 'stroke="#7d4500" stroke-width="1.5" stroke-dasharray="4 2.4"',
        "axis": 'stroke="#dfe5ea" stroke-width=".8"',
        "line": 'stroke="#0b7568" stroke-width="2.2" fill="none" stroke-linejoin="round"',
        "link": 'stroke="#b9c4ce" stroke-width="2.4"',
        "dot": 'fill="#ffffff" stroke="#0b2846" stroke-width="1.5"',
        "dot-full": 'fill="#0b7568"',
        "dot-2": 'fill="#12416f"',
        "unit": 'stroke="#0b2846" stroke-width="9" stroke-linecap="round"',
        "unit-in": 'stroke="#ffffff" stroke-width="5" stroke-linecap="round"',
        "ring-ok": 'stroke="#0b7568" fill="none"',
        "ring-low": 'stroke="#b5590b" fill="none"',
        "ring-none": 'stroke="#dfe8ee" fill="none"',
        "text": 'fill="#0d1f33"',
        "bold": 'font-weight="700" fill="#0d1f33"',
        "small": 'font-size="9.6" fill="#3e5268"',
        "warn": 'font-weight="700" fill="#7d4500"',
        "figure": 'font-size="24" font-weight="700" fill="#0b2846"',
        "caption": 'font-size="10" fill="#3e5268"',
    },
}
PAINT = {
    medium: {name: SafeString(attributes) for name, attributes in ink.items()}
    for medium, ink in _INK.items()
}
PRINT_FONT = SafeString(
    " font-family=\"'PT Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif\" "
    'font-size="11.4" fill="#0d1f33"'
)
_IDENT = re.compile(r"[a-z][a-z0-9-]*")


def num(value: Number) -> str:
    """Return a coordinate with at most two decimals and a full stop."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def clamp(ratio: Number) -> float:
    return min(1.0, max(0.0, float(ratio)))


def joined(parts: Iterable[Markup]) -> Markup:
    return format_html_join("", "{}", ((part,) for part in parts))


def rect(paint: Markup, x: Number, y: Number, width: Number, height: Number) -> Markup:
    return format_html(
        '<rect {} x="{}" y="{}" width="{}" height="{}"/>',
        paint,
        num(x),
        num(y),
        num(width),
        num(height),
    )


def stroke(paint: Markup, d: str) -> Markup:
    return format_html('<path {} d="{}"/>', paint, d)


def text_at(
    paint: Markup, x: Number, y: Number, text: str, *, anchor: str = "start", size: Number = 0
) -> Markup:
    """Return one line of text; ``size`` overrides the medium's size where it must fit."""
    attributes = SafeString("") if anchor == "start" else format_html(' text-anchor="{}"', anchor)
    if size:
        attributes = format_html('{} font-size="{}"', attributes, num(size))
    return format_html(
        '<text {} x="{}" y="{}"{}>{}</text>', paint, num(x), num(y), attributes, text
    )


def name_lines(paint: Markup, y: Number, text: str, *, most: int) -> list[Markup]:
    """Return a row's name from the left edge, on two lines where it is longer than ``most``."""
    lines = two_lines(text, most)
    first = y - 7.5 * (len(lines) - 1)
    return [text_at(paint, 0, first + 15 * index, line) for index, line in enumerate(lines)]


def two_lines(text: str, most: int) -> list[str]:
    """Break a name after the last word that fits into ``most`` characters."""
    if len(text) <= most or " " not in text:
        return [text]
    head = text[: most + 1].rpartition(" ")[0] or text.partition(" ")[0]
    return [head, text[len(head) + 1 :]]


def fit(text: str, room: Number, size: Number) -> float:
    """Return the largest size, at most ``size``, at which the text fits into ``room``.

    A letter of the narrow faces in use is about half as wide as it is high.
    """
    return min(float(size), 2 * float(room) / max(1, len(text)))


def picture(
    ident: str,
    *,
    title: str,
    description: str,
    width: Number,
    height: Number,
    parts: Iterable[Markup],
    medium: Medium,
) -> Markup:
    """Return the whole ``<svg>``: on the screen title and description, in print one title.

    Readers of a tagged PDF are told the title alone, so there it holds the description too.
    Raises ValueError for an identifier that is no plain word; it must be unique on the page.
    """
    if not _IDENT.fullmatch(ident):
        raise ValueError(f"not a plain identifier: {ident!r}")
    if medium is Medium.PRINT:
        return format_html(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" '
            'height="{1}" role="img"{2}><title>{3}. {4}</title>{5}</svg>',
            num(width),
            num(height),
            PRINT_FONT,
            title,
            description,
            joined(parts),
        )
    return format_html(
        '<svg class="z-chart" viewBox="0 0 {1} {2}" role="img" aria-labelledby="{0}-t {0}-d">'
        '<title id="{0}-t">{3}</title><desc id="{0}-d">{4}</desc>{5}</svg>',
        ident,
        num(width),
        num(height),
        title,
        description,
        joined(parts),
    )
