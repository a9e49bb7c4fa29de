"""The heat map: units by areas as a table of links, built in code because it is large."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

NO_GATE = 4


class HeatCell(NamedTuple):
    """A cell: where it leads, its figure, and its step.

    ``step`` is 0 below the first gate, 1 and 2 at the gates of the two predicates, 3 well above,
    NO_GATE where the edition asks for none, None with nothing filled in; the score decides it,
    not the drawing.
    """

    url: str
    text: str
    step: int | None


class HeatRow(NamedTuple):
    """A unit: its group (the heading it stands under), code, name, page, cells and total."""

    group: str
    code: str
    name: str
    url: str
    cells: Sequence[HeatCell]
    total_text: str


def heat_map(
    rows: Iterable[HeatRow],
    *,
    columns: Sequence[tuple[str, str]],
    caption: str,
    row_name: str,
    total_name: str,
) -> SafeString:
    """Return units × areas as a table of links; each link says unit, area, figure and verdict.

    columns: code and short name of each area. Built in code, with the plain ``html.escape`` on
    every word, because thousands of cells cost a template ten times as much (1,000 units × 6
    areas: about 15 ms here).
    """
    says = {
        None: _("belum diisi"),
        0: _("di bawah ambang WBK"),
        1: _("memenuhi WBK"),
        2: _("memenuhi WBBM"),
        3: _("memenuhi WBBM, di atas 90 persen"),
        NO_GATE: _("tanpa ambang"),
    }
    # One format per combination of steps: our own words are put in once, a row's own each time.
    area = _("area")
    formats: dict[tuple[int | None, ...], str] = {}
    parts = []
    group = None
    for row in rows:
        if row.group != group:
            group = row.group
            parts.append(
                format_html(
                    '<tr class="z-group"><th colspan="{}" scope="colgroup">{}</th></tr>',
                    len(columns) + 2,
                    group,
                )
            )
        steps = tuple(cell.step for cell in row.cells)
        if steps not in formats:
            formats[steps] = _heat_format(steps, columns, says, area)
        words = [row.url, row.code, row.name, row.total_text]
        for cell in row.cells:
            words += (cell.url, cell.text)
        parts.append(formats[steps].format(*map(escape, words)))
    head = format_html_join(
        "",
        '<th scope="col">{}<span class="z-hide-s"><br>{}</span></th>',
        columns,
    )
    return format_html(
        '<table class="z-heat"><caption class="visually-hidden">{}</caption><thead><tr>'
        '<th scope="col">{}</th>{}<th scope="col" class="z-num">{}</th></tr></thead>'
        "<tbody>{}</tbody></table>",
        caption,
        row_name,
        head,
        total_name,
        SafeString("".join(parts)),
    )


def _heat_format(
    steps: Sequence[int | None],
    columns: Sequence[tuple[str, str]],
    says: dict[int | None, str],
    area: str,
) -> str:
    """Return the format of a row with these steps.

    It takes the row's escaped words by position: page, code, name, total, then two per cell.
    """
    cells = "".join(
        f'<td class="hm-{"x" if step is None else step}"><a href="{{{place}}}" '
        f'aria-label="{{1}} {_literal(area)} {_literal(code)}: {{{place + 1}}}, '
        f'{_literal(says[step])}">{{{place + 1}}}</a></td>'
        for place, step, (code, _name) in zip(
            range(4, 4 + 2 * len(steps), 2), steps, columns, strict=True
        )
    )
    return (
        '<tr><th scope="row"><a href="{0}"><b class="z-code">{1}</b> '
        f'<span class="z-hide-s">{{2}}</span></a></th>{cells}'
        '<td class="z-plain"><b>{3}</b></td></tr>'
    )


def _literal(text: str) -> str:
    """Escape a word that becomes part of a format."""
    return escape(text).replace("{", "{{").replace("}", "}}")
