"""What holds for every worksheet of both editions, and the committed golden worksheets."""

import json
import random
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments import answer_file, instrument_file, outcome_json
from assessments.scoring import Reading, potential, score
from assessments.tests import oracle
from assessments.tests.worksheets import answer_to, best, patient, worksheets, worst

DATA = Path(__file__).parent / "data"
GOLDEN = sorted(DATA.glob("golden-*.json"))
CODES = ["lke-zi-2021", "lke-zi-2014"]
EDITIONS = {code: instrument_file.bundled(code) for code in CODES}
DOCUMENTS = {code: instrument_file.load(instrument_file.bundled_paths()[code]) for code in CODES}
SAFE, FILLED = Reading.SAFE, Reading.FILLED
FEW = patient(30)

both_editions = pytest.mark.parametrize("code", CODES)


# Golden worksheets


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_worksheet_comes_out_to_the_last_digit(path):
    golden = json.loads(path.read_text(encoding="utf-8"))
    edition = EDITIONS[golden["instrument"]]

    answers = answer_file.read_answers(edition, json.dumps({"answers": golden["answers"]}))

    assert outcome_json.result(score(edition, answers)) == golden["result"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_second_opinion_agrees_with_the_golden_worksheets(path):
    golden = json.loads(path.read_text(encoding="utf-8"))
    edition, document = (kind[golden["instrument"]] for kind in (EDITIONS, DOCUMENTS))
    answers = answer_file.read_answers(edition, json.dumps({"answers": golden["answers"]}))

    for name, filled in (("safe", False), ("filled", True)):
        expected = golden["result"]["readings"][name]["nodes"]
        found = oracle.nodes(document, answers, filled=filled)
        assert {code: round(float(found[code]), 6) for code in expected} == {
            code: float(points) for code, points in expected.items()
        }
    for predicate, gate in golden["result"]["gates"].items():
        failing = [rule["code"] for rule in gate["rules"] if not rule["met"]]
        assert failing == oracle.unmet(document, answers, predicate)


def test_there_are_golden_worksheets_of_both_editions():
    editions = [json.loads(path.read_text(encoding="utf-8"))["instrument"] for path in GOLDEN]

    assert {code: editions.count(code) for code in CODES} == {
        "lke-zi-2021": 5,
        "lke-zi-2014": 3,
    }


# Ends


@both_editions
def test_the_worst_worksheet_earns_nothing_and_the_best_everything(code):
    edition = EDITIONS[code]

    lowest, highest = score(edition, worst(edition)), score(edition, best(edition))

    for reading in Reading:
        assert set(lowest.readings[reading].nodes.values()) == {F(0)}
        assert highest.readings[reading].total == 100
        assert highest.readings[reading].nodes == {
            name: node.weight for name, node in edition.nodes.items()
        }
    assert lowest.answered == highest.answered == len(edition.indicators)
    assert highest.warnings == ()
    assert [gate.met for gate in lowest.gates.values()] == [False, False]
    assert [gate.met for gate in highest.gates.values()] == [True, True]


@both_editions
def test_an_empty_worksheet_is_unfinished_and_not_ready(code):
    edition = EDITIONS[code]

    result = score(edition, {})

    assert result.answered == 0
    assert result.missing == tuple(edition.indicators)
    assert result.total == result.readings[FILLED].total == 0
    assert len(result.warnings) == len(edition.sub_components)
    assert not any(gate.met for gate in result.gates.values())


def test_a_half_filled_perfect_worksheet_never_looks_ready():
    edition = EDITIONS["lke-zi-2021"]
    first_of_each = {node.indicators[0].code for node in edition.sub_components}
    answers = {c: answer for c, answer in best(edition).items() if c in first_of_each}

    result = score(edition, answers)

    assert result.readings[FILLED].total == 100
    assert result.total < 75
    assert result.gates["WBK"].met is False


# Properties


@both_editions
@FEW
@given(data=st.data())
def test_points_lie_between_nothing_and_the_weight_and_parts_make_the_whole(code, data):
    edition = EDITIONS[code]
    result = score(edition, data.draw(worksheets(edition)))

    for reading in result.readings.values():
        for name, node in edition.nodes.items():
            assert 0 <= reading.nodes[name] <= node.weight
            if node.children:
                parts = [reading.nodes[child.code] for child in node.children]
                assert sum(parts) == reading.nodes[name]
        assert reading.total == sum(reading.nodes[root.code] for root in edition.roots)
        for area in edition.areas:
            parts = [reading.nodes[name] for name in area.nodes]
            assert reading.areas[area.code].points == sum(parts)
            assert reading.areas[area.code].ratio == sum(parts) / area.weight


@both_editions
@FEW
@given(data=st.data())
def test_the_safe_reading_is_never_above_the_filled_one(code, data):
    edition = EDITIONS[code]
    result = score(edition, data.draw(worksheets(edition)))

    safe, filled = result.readings[SAFE].nodes, result.readings[FILLED].nodes
    assert all(safe[name] <= filled[name] for name in edition.nodes)


@both_editions
@FEW
@given(data=st.data())
def test_a_finished_worksheet_has_one_figure_in_both_readings(code, data):
    edition = EDITIONS[code]
    result = score(edition, data.draw(worksheets(edition, may_be_blank=False)))

    assert result.missing == ()
    assert result.readings[SAFE] == result.readings[FILLED]


@both_editions
@FEW
@given(data=st.data(), seed=st.integers(0, 2**16))
def test_the_order_of_answers_changes_nothing(code, data, seed):
    edition = EDITIONS[code]
    answers = data.draw(worksheets(edition))
    shuffled = list(answers.items())
    random.Random(seed).shuffle(shuffled)

    assert score(edition, dict(shuffled)) == score(edition, answers)


@both_editions
@FEW
@given(data=st.data())
def test_the_second_opinion_agrees(code, data):
    edition, document = EDITIONS[code], DOCUMENTS[code]
    answers = data.draw(worksheets(edition))

    result = score(edition, answers)

    assert result.readings[SAFE].nodes == oracle.nodes(document, answers)
    assert result.readings[FILLED].nodes == oracle.nodes(document, answers, filled=True)
    for predicate, gate in result.gates.items():
        failing = [rule.code for rule in gate.rules if not rule.met]
        assert failing == oracle.unmet(document, answers, predicate)
        assert gate.met is (failing == [])


@both_editions
@FEW
@given(data=st.data())
def test_a_better_option_or_a_larger_numerator_never_lowers_a_node(code, data):
    edition = EDITIONS[code]
    answers = data.draw(worksheets(edition))
    row = edition.indicators[data.draw(st.sampled_from(list(edition.indicators)))]
    answer = data.draw(answer_to(row, may_be_blank=False))
    if row.is_computed:
        roles = {"pembilang": 1, "skor": Decimal("0.01"), "pembanding": -1}
        better = {
            i.name: min(max(answer[i.name] + roles.get(i.role, 0), 0), i.maximum or 99)
            for i in row.inputs
        }
    else:
        letters = [option.code for option in row.options]
        better = letters[max(letters.index(answer) - 1, 0)]

    before = score(edition, {**answers, row.code: answer})
    after = score(edition, {**answers, row.code: better})

    for reading in Reading:
        for name in edition.nodes:
            assert before.readings[reading].nodes[name] <= after.readings[reading].nodes[name]


@both_editions
@FEW
@given(data=st.data())
def test_potential_is_what_scoring_would_say(code, data):
    edition = EDITIONS[code]
    answers = data.draw(worksheets(edition))
    name = data.draw(st.sampled_from(list(edition.indicators)))
    before = score(edition, answers)

    found = potential(edition, answers, before)

    after = score(edition, {**answers, name: best(edition)[name]})
    if name in before.excluded:
        assert found[name].points == 0
    else:
        assert found[name].points == after.total - before.total
        met_now = {
            f"{predicate}:{rule.code}"
            for predicate, gate in after.gates.items()
            for rule in gate.rules
            if rule.met
        }
        assert set(found[name].closes) == set(found[name].rules) & met_now


@both_editions
@FEW
@given(data=st.data())
def test_gates_agree_with_their_own_figures(code, data):
    edition = EDITIONS[code]
    result = score(edition, data.draw(worksheets(edition)))

    for gate in result.gates.values():
        for rule in gate.rules:
            assert rule.met is (rule.reached >= rule.required)
            assert rule.gap == max(F(0), rule.required - rule.reached)
            assert rule.reached <= rule.weight
