"""The HTML of the score bar, built as text like the rows; every text passes ``_e``."""

from __future__ import annotations

from html import escape as _e

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from assessments.worksheet.bar import GateView, ScoreBar
from assessments.worksheet.words import vocabulary


def print_bar(bar: ScoreBar) -> SafeString:
    """Return the score bar: the figure that counts, the other reading, every gate."""
    required = _e(_("ambang {required}").format(required=bar.required))
    filled = _e(_("Butir terisi {filled}").format(filled=bar.filled))
    beside = f"<p>{_e(bar.beside)}</p>" if bar.beside else ""
    gates = "".join(_gate(gate) for gate in bar.gates)
    label = _e(_("Ambang {predicate}").format(predicate=bar.predicate))
    return mark_safe(  # every part is escaped where it is made
        f'<div class="z-score-total"><span class="z-fig">{bar.total}</span>'
        f"<p><b>{_e(str(bar.label))}</b>, {required}</p><p>{filled}</p>{beside}</div>"
        f'<ul class="z-gates" tabindex="0" aria-label="{label}">{gates}</ul>'
    )


def _gate(gate: GateView) -> str:
    said = vocabulary()
    sign, verdict, fill = ("circle-check", "met", 'class="c-ok"')
    if not gate.met:
        sign, verdict, fill = ("triangle-alert", "unmet", 'fill="url(#h-low)"')
    classes = f"z-gate{' z-gate-sep' if gate.starts_group else ''}{'' if gate.met else ' is-low'}"
    tick = f'd="M{gate.tick} 0v10" vector-effect="non-scaling-stroke"'
    return (
        f'<li class="{classes}"><a href="{_e(gate.url)}" title="{_e(gate.title)}" data-explain>'
        f'<span class="z-gate-name">{said.icons[sign]}{_e(gate.name)}'
        f'<span class="visually-hidden">, {said.words[verdict]}</span></span>'
        '<svg class="z-gate-bar" viewBox="0 0 100 10" preserveAspectRatio="none"'
        ' aria-hidden="true" focusable="false"><rect class="c-track" width="100" height="10"/>'
        f'<rect {fill} width="{gate.fill}" height="10"/><path class="c-gap" {tick}/>'
        f'<path class="c-tick" {tick}/></svg><b>{gate.reached}</b>'
        f"<small>{_e(gate.note)}</small></a></li>"
    )


def print_verdict(bar: ScoreBar) -> SafeString:
    """Return the sentence under the bar: where the worksheet stands, and why."""
    said = vocabulary()
    sign = {"ok": "circle-check", "info": "hourglass"}.get(bar.kind, "triangle-alert")
    first = f"<b>{_e(bar.verdict)}</b>"
    if bar.incomplete:
        open_rows = _("Nilai sementara: {n} butir belum dijawab dan dihitung 0.")
        first = f"<b>{_e(open_rows.format(n=bar.incomplete))}</b> {_e(bar.verdict)}"
    return mark_safe(  # every part is escaped where it is made
        f'<div class="z-note is-{bar.kind}">{said.icons[sign]}<div>{first} '
        f'{_e(bar.verdict_detail)} <a href="{_e(bar.verdict_url)}" data-explain>'
        f"{said.words['why']}</a></div></div>"
    )
