"""The worksheet that docs/scoring.md works out on paper, read from the page and redone."""

import ast
import operator
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import pytest

from assessments.instrument_file import bundled
from assessments.planning import plan
from assessments.scoring import Reading, Verdict, gap_text, readiness, score, six

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scoring.md"
EDITION = bundled("lke-zi-2021")
SIGNS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
         ast.Div: operator.truediv}  # fmt: skip


def tables():
    """Return the tables below "A worksheet by hand": (header cells, rows of cells)."""
    text = PAGE.read_text(encoding="utf-8").split("## A worksheet by hand")[1]
    found = []
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        cells = [[cell.strip().strip("*") for cell in line[1:-1].split("|")] for line in lines]
        if cells:
            found.append((cells[0], cells[2:]))
    return found


def rows(*header):
    """Return the rows of all tables with a header that starts like this."""
    return [row for head, body in tables() if head[: len(header)] == list(header) for row in body]


def worked(sum_text, known=None):
    """Return what a printed sum amounts to; names stand for figures already worked out."""
    if known is not None:
        return sum((known[name] for name in sum_text.split(" + ")), F(0))
    source = sum_text.replace("×", "*")

    def value(node):
        if isinstance(node, ast.BinOp):
            return SIGNS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.Call):
            return min(value(argument) for argument in node.args)
        return F(ast.get_source_segment(source, node))

    return value(ast.parse(source, mode="eval").body)


def counts(text):
    """Return the inputs in "a = 1, b = 2"."""
    pairs = (pair.split(" = ") for pair in text.split(", "))
    return {name: Decimal(n) if "." in n else int(n) for name, n in pairs}


def answers():
    """Return the worksheet that the page shows."""
    found = {}
    for code, answer, _ in rows("Row", "Answer"):
        found[code] = None if answer == "–" else counts(answer) if " = " in answer else answer
    return found


@pytest.fixture(scope="module")
def result():
    return score(EDITION, answers())


def test_the_page_shows_every_row_once_in_order():
    assert [code for code, _, _ in rows("Row", "Answer")] == list(EDITION.indicators)


def test_each_value_is_what_stands_beside_the_answer(result):
    for code, _, printed in rows("Row", "Answer"):
        if printed == "unanswered":
            assert code in result.missing
        elif printed == "out of the mean":
            assert code in result.excluded
        else:
            assert worked(printed) == result.values[code]


def test_each_sum_on_the_page_gives_its_figure_and_the_engine_agrees(result):
    safe, filled = (result.readings[reading].nodes for reading in Reading)
    by_hand = {"safe": {}, "filled": {}}
    for code, sum_text, *figures in [*rows("Part", "Weight × mean"), *rows("Part", "Sum")]:
        code, _, only_filled = code.partition(", ")
        is_leaf = code in EDITION.nodes and EDITION.nodes[code].indicators
        if only_filled:
            by_hand["filled"][code] = worked(sum_text)
            assert figures == ["", six(by_hand["filled"][code])]
        elif is_leaf:
            by_hand["safe"][code] = by_hand["filled"][code] = worked(sum_text)
            assert figures[0] == six(by_hand["safe"][code])
        else:
            for name in ("safe", "filled"):
                by_hand[name][code] = worked(sum_text, by_hand[name])
            assert figures == [six(by_hand[name][code]) for name in ("safe", "filled")]

    assert by_hand["safe"].pop("total") == result.total
    assert by_hand["filled"].pop("total") == result.readings[Reading.FILLED].total
    assert by_hand == {"safe": safe, "filled": filled}


def test_the_areas_on_the_page_are_those_of_the_engine(result):
    safe, filled = (result.readings[reading] for reading in Reading)

    assert rows("Area") == [
        [
            f"{area.code} {area.name}",
            " + ".join(area.nodes),
            six(safe.areas[area.code].points),
            six(safe.areas[area.code].ratio),
            six(filled.areas[area.code].points),
        ]
        for area in EDITION.areas
    ]


def test_the_gates_on_the_page_are_those_of_the_engine(result):
    assert rows("Threshold") == [
        [
            f"{gate.predicate}:{rule.code}",
            six(rule.required),
            six(rule.reached),
            six(rule.gap),
            "terpenuhi" if rule.met else "belum terpenuhi",
        ]
        for gate in result.gates.values()
        for rule in gate.rules
    ]


def test_the_warnings_and_the_verdict_are_those_of_the_engine(result):
    verdict = readiness(result, "WBK")

    assert [row[0] for row in rows("Row", "Why")] == [w.code for w in result.warnings]
    assert [w.code for w in result.contradictions] == ["A.II.6.i.b"]
    assert verdict.kind is Verdict.RULE_FAILS
    assert [rule.code for rule in verdict.unmet] == ["area.5"]
    assert gap_text(verdict.unmet[0].required, verdict.unmet[0].reached) == "2,15"


def test_the_shortest_way_on_the_page_is_the_plan():
    found = plan(EDITION, answers(), "WBK")

    printed = [
        [
            code,
            counts(before) if " = " in before else before,
            counts(after) if " = " in after else after,
            steps,
            gain,
            total,
        ]
        for code, before, after, steps, gain, total in rows("Row", "From")
    ]
    assert printed == [
        [u.code, u.from_, u.to, str(u.steps), six(u.gain), six(total)]
        for u, total in zip(found.upgrades, found.totals_by_step, strict=True)
    ]
    assert found.cost == 2
