"""Two results side by side: across years, and across editions through a mapping.

Pure like scoring. Points of different editions do not compare (weights differ), so every part is
compared as a share of its own weight, 0..1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from assessments.scoring import TOTAL, ZERO, Instrument, Reading, Result

SAME, SIMILAR, NONE = "same", "similar", "none"


class Correspondence(Protocol):
    """One line of a mapping: what a part of the newer edition had in the older one."""

    kind: str
    to: str
    from_: tuple[str, ...]
    relation: str
    note: str


@dataclass(frozen=True, slots=True)
class ComparedPart:
    """A part of the worksheet now and before.

    kind: "total", "area", "node" or "indicator". before_codes: the parts it is compared with.
    relation: "same", "similar" (compare with care), or "none" (tidak dapat dibandingkan).
    now, before: shares of the own weight, 0..1; None where nothing is answered or nothing maps.
    """

    kind: str
    code: str
    name: str
    before_codes: tuple[str, ...]
    relation: str
    note: str
    now: Fraction | None
    before: Fraction | None

    @property
    def change(self) -> Fraction | None:
        """The rise in share of the weight; None where the two do not compare."""
        return None if self.now is None or self.before is None else self.now - self.before


def compare(
    instrument: Instrument,
    result: Result,
    older: Instrument,
    earlier: Result,
    mapping: Iterable[Correspondence] = (),
) -> tuple[ComparedPart, ...]:
    """Return total, areas, nodes and indicators of a result beside an earlier one.

    mapping: needed when the editions differ; without it their parts do not compare. The total and
    the change areas compare by their codes, which both editions share.
    Everything is in the safe reading, the one that counts.
    """
    lines = {(line.kind, line.to): line for line in mapping}
    same_edition = instrument.code == older.code
    now, before = result.readings[Reading.SAFE], earlier.readings[Reading.SAFE]
    relation = SAME if same_edition else SIMILAR
    parts = [
        ComparedPart(
            kind=TOTAL,
            code=TOTAL,
            name="Nilai total",
            before_codes=(TOTAL,),
            relation=relation,
            note="",
            now=now.total / instrument.total_weight,
            before=before.total / older.total_weight,
        )
    ]
    for area in instrument.areas:
        earlier_area = before.areas.get(area.code)
        parts.append(
            ComparedPart(
                kind="area",
                code=area.code,
                name=area.name,
                before_codes=() if earlier_area is None else (area.code,),
                relation=NONE if earlier_area is None else relation,
                note="",
                now=now.areas[area.code].ratio,
                before=None if earlier_area is None else earlier_area.ratio,
            )
        )
    for node in instrument.nodes.values():
        codes, how, note = _origin("node", node.code, lines, same_edition=same_edition)
        share = now.nodes[node.code] / node.weight
        then = _share_of_nodes(older, before.nodes, codes)
        parts.append(ComparedPart("node", node.code, node.name, codes, how, note, share, then))
    for row in instrument.indicators.values():
        codes, how, note = _origin("indicator", row.code, lines, same_edition=same_edition)
        then = earlier.values.get(codes[0]) if codes else None
        value = result.values[row.code]
        parts.append(
            ComparedPart("indicator", row.code, row.statement, codes, how, note, value, then)
        )
    return tuple(parts)


def _origin(
    kind: str,
    code: str,
    lines: Mapping[tuple[str, str], Correspondence],
    *,
    same_edition: bool,
) -> tuple[tuple[str, ...], str, str]:
    """Return the codes that a part is compared with, the relation, and a note."""
    if same_edition:
        return (code,), SAME, ""
    line = lines.get((kind, code))
    if line is None or line.relation == NONE:
        return (), NONE, "" if line is None else line.note
    return tuple(line.from_), line.relation, line.note


def _share_of_nodes(
    instrument: Instrument, points: Mapping[str, Fraction], codes: Iterable[str]
) -> Fraction | None:
    """Return what nodes earned together, as a share of their weights; None for no nodes."""
    weight = sum((instrument.nodes[code].weight for code in codes), ZERO)
    return sum((points[code] for code in codes), ZERO) / weight if weight else None
