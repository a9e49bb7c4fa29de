"""The shortest way: known minima, every kind of row, and exhaustive search on small instruments."""

import time
from decimal import Decimal
from fractions import Fraction as F
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assessments import planning
from assessments.instrument_file import bundled
from assessments.planning import Blocking, CrossingThresholds, Upgrade, plan
from assessments.scoring import (
    AnswerError,
    Indicator,
    Option,
    Problem,
    Rule,
    score,
)
from assessments.tests.worksheets import (
    SCALES,
    answer_to,
    area_minimum,
    best,
    choice,
    count_input,
    dataclasses_of,
    decrease,
    instrument,
    minimum,
    part,
    patient,
    ratio,
    sub,
    survey,
    worksheets,
    worst,
)


def moved(found):
    """Return a plan as {code: (from, to, cost)}."""
    return {u.code: (u.from_, u.to, u.cost) for u in found.upgrades}


def single(row, points, weight=100):
    """Return an instrument of one row whose total must reach points."""
    return instrument(part("A", sub("A.1", weight, row)), rules=(minimum("total", points),))


# Known minima


def test_nothing_to_do_when_every_threshold_is_met():
    edition = single(choice("a"), 50)

    found = plan(edition, {"a": "B"}, "WBK")

    assert (found.already_met, found.feasible, found.cost, found.steps) == (True, True, 0, 0)
    assert found.upgrades == found.blocking == found.totals_by_step == ()
    assert found.total_after == 50
    assert found.gates_after == score(edition, {"a": "B"}).gates
    assert found.answers_after == {"a": "B"}


@pytest.mark.parametrize(
    ("start", "needed", "to", "cost"),
    [
        pytest.param("D", 33, "C", 1, id="exactly the threshold is enough"),
        pytest.param("D", "33.000001", "B", 2, id="a millionth more takes another step"),
        pytest.param("D", 100, "A", 3, id="to the best option"),
        pytest.param("B", 100, "A", 1, id="from near"),
        pytest.param(None, 33, "C", 1, id="an unanswered row counts as its worst option"),
        pytest.param(None, 100, "A", 3, id="unanswered to the best option"),
    ],
)
def test_a_choice_costs_its_steps(start, needed, to, cost):
    found = plan(single(choice("a", "ABCD"), needed), {"a": start}, "WBK")

    assert moved(found) == {"a": (start, to, cost)}
    assert (found.cost, found.steps) == (cost, cost)
    assert found.gates_after["WBK"].met is True


def test_the_cheapest_way_is_not_the_greedy_one():
    rows = part(
        "A",
        sub("A.1", 40, choice("a", "ABCDE")),
        sub("A.2", 24, choice("b", "YA_TIDAK")),
        sub("A.3", 24, choice("c", "YA_TIDAK")),
        sub("A.4", 12, choice("d", "YA_TIDAK")),
    )
    edition = instrument(rows, rules=(minimum("total", 46),))

    found = plan(edition, worst(edition), "WBK")

    assert moved(found) == {"b": ("Tidak", "Ya", 1), "c": ("Tidak", "Ya", 1)}
    assert found.total_after == 48


def test_inner_thresholds_force_what_the_total_would_not_choose():
    edition = instrument(
        part(
            "A",
            part("A.I", sub("A.I.1", 10, choice("a", "ABCDE"))),
            part("A.II", sub("A.II.1", 50, choice("b", "YA_TIDAK"))),
        ),
        part("B", sub("B.1", 40, choice("c", "YA_TIDAK"))),
        rules=(minimum("total", 60), minimum(("A",), 50), area_minimum("0.75")),
        areas={"1": ("A.I",), "2": ("A.II",)},
    )

    found = plan(edition, worst(edition), "WBK")

    assert moved(found) == {
        "a": ("E", "B", 3),
        "b": ("Tidak", "Ya", 1),
        "c": ("Tidak", "Ya", 1),
    }
    assert found.total_after == F("97.5")


def test_without_a_total_threshold_only_the_named_parts_rise():
    edition = instrument(
        part("A", sub("A.1", 50, choice("a")), sub("A.2", 50, choice("b"))),
        rules=(minimum(("A.2",), 50),),
    )

    assert moved(plan(edition, worst(edition), "WBK")) == {"b": ("C", "A", 2)}


def test_equal_cost_goes_to_the_higher_total_and_then_to_the_earlier_row():
    rows = [sub(f"A.{n}", w, choice(f"r{n}", "YA_TIDAK")) for n, w in enumerate((10, 30, 20, 30))]
    higher = instrument(part("A", *rows), rules=(minimum("total", 15),))
    two = instrument(part("A", *rows), rules=(minimum("total", 45),))

    assert list(moved(plan(higher, worst(higher), "WBK"))) == ["r1"]
    assert list(moved(plan(two, worst(two), "WBK"))) == ["r1", "r3"]


def test_among_equals_one_row_rises_further_before_two_rise_a_little():
    edition = instrument(
        part("A", sub("A.1", 100, choice("a"), choice("b"))), rules=(minimum("total", 50),)
    )

    assert moved(plan(edition, {"a": "C", "b": "C"}, "WBK")) == {"a": ("C", "A", 2)}


def test_two_thresholds_on_the_same_nodes_ask_for_the_higher():
    edition = instrument(
        part("A", sub("A.1", 100, choice("a"))),
        rules=(minimum("total", 100), minimum(("A",), 50), minimum(("A.1",), 25)),
    )

    assert plan(edition, {"a": "C"}, "WBK").cost == 2


# Wishes


@pytest.mark.parametrize(
    ("efforts", "chosen", "cost"),
    [
        pytest.param({}, "a", 2, id="a step costs one"),
        pytest.param({"a": 1, "b": 1}, "a", 2, id="said so"),
        pytest.param({"a": 2}, "b", 2, id="dear steps are avoided"),
        pytest.param({"a": 5, "b": 5}, "a", 10, id="unless all are dear"),
    ],
)
def test_effort_multiplies_the_cost_of_each_step(efforts, chosen, cost):
    edition = instrument(
        part("A", sub("A.1", 50, choice("a")), sub("A.2", 50, choice("b"))),
        rules=(minimum("total", 50),),
    )

    found = plan(edition, worst(edition), "WBK", efforts=efforts)

    assert moved(found) == {chosen: ("C", "A", cost)}
    assert (found.cost, found.steps) == (cost, 2)


def test_a_pinned_row_and_a_row_out_of_time_stay_as_they_are():
    rows = [sub(f"A.{n}", 25, choice(f"r{n}", "YA_TIDAK")) for n in range(4)]
    edition = instrument(part("A", *rows), rules=(minimum("total", 50),))

    found = plan(edition, worst(edition), "WBK", pinned={"r0"}, ruled_out={"r2": "sebelum 31 Mei"})

    assert list(moved(found)) == ["r1", "r3"]


def test_every_wrong_wish_is_named_with_every_wrong_answer():
    edition = bundled("lke-zi-2021")

    with pytest.raises(AnswerError) as caught:
        plan(
            edition,
            {"A.I.1.i.a": "X"},
            "WBX",
            pinned=["nirwana"],
            efforts={"A.I.1.i.a": 6, "A.I.1.i.b": True, "A.I.1.ii.a": 0, "A.I.1.ii.b": "2"},
            ruled_out={"hilang": "tidak ada"},
            index_targets={
                "A.I.1.i.a": Decimal(3),
                "A.II.1.i.a": Decimal(3),
                "B.I.a.1": Decimal("4.5"),
                "tiada": Decimal(3),
            },
        )

    title, effort = edition.title, "Upaya harus bilangan bulat 1 sampai 5."
    index = "Target indeks hanya untuk butir indeks survei."
    assert caught.value.problems == (
        Problem("A.I.1.i.a", "Pilihan “X” tidak ada; pilihannya Ya, Tidak."),
        Problem("predicate", "Predikat “WBX” tidak ada; yang ada WBK, WBBM."),
        Problem("hilang", f"Kode indikator “hilang” tidak ada pada {title}."),
        Problem("nirwana", f"Kode indikator “nirwana” tidak ada pada {title}."),
        Problem("tiada", f"Kode indikator “tiada” tidak ada pada {title}."),
        Problem("A.I.1.i.a", effort),
        Problem("A.I.1.i.b", effort),
        Problem("A.I.1.ii.a", effort),
        Problem("A.I.1.ii.b", effort),
        Problem("A.I.1.i.a", index),
        Problem("A.II.1.i.a", index),
        Problem("B.I.a.1", "Isian “Nilai IPAK skala 0-4” (nilai_ipak) paling besar 4, terisi 4,5."),
    )


# Computed rows


@pytest.mark.parametrize(
    ("row", "before", "after", "label"),
    [
        pytest.param(
            ratio("r", info="proses"),
            {"sasaran": 9, "tercapai": 4, "proses": 5},
            {"sasaran": 9, "tercapai": 9, "proses": 0},
            "tambah 5 tercapai",
            id="the numerator rises to the denominator, nothing stays in process",
        ),
        pytest.param(
            ratio("r"),
            {"sasaran": 0, "tercapai": 0},
            {"sasaran": 1, "tercapai": 1},
            "tambah 1 sasaran, tambah 1 tercapai",
            id="from nothing of nothing",
        ),
        pytest.param(
            ratio("r"),
            {"sasaran": 0, "tercapai": 3},
            {"sasaran": 3, "tercapai": 3},
            "tambah 3 sasaran",
            id="a numerator without denominator",
        ),
        pytest.param(
            ratio("r", "score_one"),
            None,
            {"sasaran": 1, "tercapai": 1},
            "isi jumlahnya dan capai nilai penuh",
            id="an unanswered ratio",
        ),
        pytest.param(
            decrease("r"),
            {"lalu": 4, "ini": 3, "sanksi": 2},
            {"lalu": 4, "ini": 0, "sanksi": 0},
            "turunkan ini dari 3 menjadi 0",
            id="violations fall to none",
        ),
        pytest.param(
            decrease("r"),
            {"lalu": 0, "ini": 3},
            {"lalu": 0, "ini": 0},
            "turunkan ini dari 3 menjadi 0",
            id="none last year",
        ),
        pytest.param(
            decrease("r"),
            None,
            {"lalu": 1, "ini": 0, "sanksi": 0},
            "isi jumlahnya dan capai nilai penuh",
            id="an unanswered decrease",
        ),
    ],
)
def test_a_computed_row_rises_to_its_full_value_in_one_step(row, before, after, label):
    found = plan(single(row, 100), {"r": before}, "WBK", efforts={"r": 3})

    assert found.upgrades == (
        Upgrade(
            code="r",
            from_=before,
            to=after,
            steps=1,
            cost=3,
            gain=100 - score(single(row, 100), {"r": before}).total,
            area=None,
            label=label,
        ),
    )
    assert found.answers_after == {"r": after}
    assert found.total_after == 100


def test_real_counts_are_named_in_words():
    edition = bundled("lke-zi-2021")
    answers = {**best(edition), "A.II.5.ii.a": {
        "pengaduan_harus_ditindaklanjuti": 9, "pengaduan_diproses": 5, "pengaduan_selesai": 4,
    }, "A.II.5.i.a": "E", "A.I.5.v.a": "D", "A.I.5.v.b": "D"}  # fmt: skip

    found = plan(edition, answers, "WBBM")

    assert [(u.code, u.label, u.area) for u in found.upgrades] == [
        ("A.II.5.ii.a", "tambah 5 pengaduan yang tuntas ditindaklanjuti", "5")
    ]


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Jumlah ASN yang sudah melapor", "tambah 3 ASN yang sudah melapor"),
        ("Jumlah seluruh wajib LHKPN", "tambah 3 wajib LHKPN"),
        ("Sasaran tercapai", "tambah 3 sasaran tercapai"),
    ],
)
def test_a_count_is_called_by_what_it_counts(label, words):
    row = ratio("r")
    inputs = (row.inputs[0], type(row.inputs[1])(*_with_label(row.inputs[1], label)))
    row = Indicator("r", 1, "PERSEN", "?", (), inputs, row.computation)

    found = plan(single(row, 100), {"r": {"sasaran": 4, "tercapai": 1}}, "WBK")

    assert found.upgrades[0].label == words


def _with_label(item, label):
    return (item.name, label, item.type, item.minimum, item.maximum, item.role, item.required)


@pytest.mark.parametrize("policy", ["score_zero", "exclude"])
def test_a_row_that_no_count_can_raise_is_left_alone(policy):
    row = decrease("r", policy)
    edition = single(row, 100)

    found = plan(edition, {"r": {"lalu": 0, "ini": 2}}, "WBK")

    assert found.feasible is False
    assert found.upgrades == ()


def test_a_goal_beyond_what_an_input_allows_is_no_goal():
    row = ratio("r")
    capped = type(row.inputs[1])(
        "tercapai", "Jumlah tercapai", "integer", Decimal(0), Decimal(3), "pembilang"
    )
    row = Indicator("r", 1, "PERSEN", "?", (), (row.inputs[0], capped), row.computation)

    assert plan(single(row, 100), {"r": {"sasaran": 4, "tercapai": 1}}, "WBK").feasible is False


def test_an_index_is_taken_as_given_unless_a_target_is_typed():
    edition = single(survey("s"), 90)
    answers = {"s": {"indeks": Decimal("3.20")}}

    given_index = plan(edition, answers, "WBK")
    typed = plan(edition, answers, "WBK", index_targets={"s": Decimal("3.60")}, efforts={"s": 2})

    assert given_index.feasible is False
    assert typed.upgrades == (
        Upgrade(
            "s",
            {"indeks": Decimal("3.20")},
            {"indeks": Decimal("3.60")},
            1,
            2,
            F(10),
            None,
            "capai indeks: 3,60",
        ),
    )


def test_an_unanswered_index_can_have_a_target_and_a_lower_target_changes_nothing():
    edition = single(survey("s"), 90)

    from_blank = plan(edition, {}, "WBK", index_targets={"s": Decimal("3.60")})
    lower = plan(
        edition, {"s": {"indeks": Decimal(3)}}, "WBK", index_targets={"s": Decimal("2.50")}
    )

    assert moved(from_blank) == {"s": (None, {"indeks": Decimal("3.60")}, 1)}
    assert lower.feasible is False


def test_an_excluded_row_takes_no_part():
    edition = instrument(
        part("A", sub("A.1", 100, choice("a"), ratio("r", "exclude"))),
        rules=(minimum("total", 100),),
    )

    found = plan(edition, {"a": "C", "r": {"sasaran": 0, "tercapai": 0}}, "WBK")

    assert moved(found) == {"a": ("C", "A", 2)}
    assert found.upgrades[0].gain == 100


def test_a_worst_option_worth_something_costs_no_step():
    row = Indicator("a", 1, "X", "?", (Option("A", F(1)), Option("B", F(1, 2))))

    found = plan(single(row, 50), {}, "WBK")

    assert moved(found) == {"a": (None, "B", 0)}
    assert (found.cost, found.steps) == (0, 0)


def test_an_option_that_is_no_better_is_never_chosen():
    options = (Option("A", F(1)), Option("B", F(1, 4)), Option("C", F(1, 2)))
    row = Indicator("a", 1, "X", "?", options)

    assert moved(plan(single(row, 25), {}, "WBK")) == {"a": (None, "C", 0)}
    assert moved(plan(single(row, 100), {"a": "C"}, "WBK")) == {"a": ("C", "A", 2)}


# Shared counts


def chain(points, extra=()):
    """Return an instrument in which what one row reaches is what the next one divides by."""
    return instrument(
        part(
            "A",
            sub("A.1", 60, ratio("a", above="dibuat", below="agen"),
                ratio("b", above="terpadu", below="dibuat")),
            sub("A.2", 40, choice("c")),
        ),
        rules=(minimum("total", points), *extra),
    )  # fmt: skip


def test_raising_one_count_alone_shows_what_it_costs_the_other_row():
    answers = {
        "a": {"agen": 8, "dibuat": 2},
        "b": {"dibuat": 2, "terpadu": 1},
        "c": "C",
    }

    found = plan(chain(33), answers, "WBK", pinned={"b", "c"})

    assert [(u.code, u.to, u.steps, u.gain, u.label) for u in found.upgrades] == [
        ("a", {"agen": 8, "dibuat": 8}, 1, F("22.5"), "tambah 6 dibuat"),
        ("b", {"dibuat": 8, "terpadu": 1}, 0, F("-11.25"), "ikut berubah: tambah 6 dibuat"),
    ]
    assert found.total_after == F("33.75")
    assert score(chain(33), found.answers_after).total == F("33.75")
    assert found.totals_by_step == (F(45), F("33.75"))


def test_both_rows_of_a_chain_can_be_raised_together():
    answers = {"a": {"agen": 8, "dibuat": 2}, "b": {"dibuat": 2, "terpadu": 1}, "c": "A"}

    found = plan(chain(100), answers, "WBK")

    assert moved(found) == {
        "a": ({"agen": 8, "dibuat": 2}, {"agen": 8, "dibuat": 8}, 1),
        "b": ({"dibuat": 2, "terpadu": 1}, {"dibuat": 8, "terpadu": 8}, 1),
    }
    assert found.total_after == 100
    assert score(chain(100), found.answers_after).warnings == ()


@pytest.mark.parametrize(
    ("a", "b", "after"),
    [
        pytest.param(
            None, None,
            {"a": {"agen": 1, "dibuat": 1}, "b": {"dibuat": 1, "terpadu": 1}}, id="both open",
        ),
        pytest.param(
            {"agen": 5, "dibuat": 5}, None,
            {"a": {"agen": 5, "dibuat": 5}, "b": {"dibuat": 5, "terpadu": 5}}, id="second open",
        ),
        pytest.param(
            None, {"dibuat": 6, "terpadu": 6},
            {"a": {"agen": 6, "dibuat": 6}, "b": {"dibuat": 6, "terpadu": 6}}, id="first open",
        ),
    ],
)  # fmt: skip
def test_an_open_row_takes_the_count_that_the_other_row_already_has(a, b, after):
    edition = chain(100)

    found = plan(edition, {"a": a, "b": b, "c": "A"}, "WBK")

    assert found.answers_after == {**after, "c": "A"}
    assert found.gates_after["WBK"].met is True


def test_an_open_row_that_is_not_raised_stays_open():
    found = plan(chain(30), {"a": {"agen": 5, "dibuat": 1}, "c": "C"}, "WBK", pinned={"c", "b"})

    assert moved(found) == {"a": ({"agen": 5, "dibuat": 1}, {"agen": 5, "dibuat": 5}, 1)}


def spanning(points_one, points_two):
    """Return an instrument whose linked rows stand under different thresholds."""
    return instrument(
        part("A", sub("A.1", 50, ratio("a", above="dibuat", below="agen"))),
        part("B", sub("B.1", 50, ratio("b", above="terpadu", below="dibuat"))),
        rules=(minimum(("A",), points_one), minimum(("B",), points_two)),
    )


LINKED = {"a": {"agen": 8, "dibuat": 4}, "b": {"dibuat": 4, "terpadu": 2}}


@pytest.mark.parametrize(
    ("one", "two", "raised", "cost"),
    [
        pytest.param(
            50, 10, {"a": 1, "b": 0}, 1, id="the second row falls but still meets its own"
        ),
        pytest.param(50, 20, {"a": 1, "b": 1}, 2, id="the second row must rise too"),
        pytest.param(25, 50, {"b": 1}, 1, id="the second alone"),
    ],
)
def test_linked_rows_under_different_thresholds_are_weighed_together(one, two, raised, cost):
    edition = spanning(one, two)

    found = plan(edition, LINKED, "WBK")

    assert {u.code: u.steps for u in found.upgrades} == raised
    assert found.cost == cost
    assert score(edition, found.answers_after).gates["WBK"].met is True


def test_linked_rows_that_cannot_both_be_satisfied_block():
    found = plan(spanning(50, 20), LINKED, "WBK", pinned={"b"})

    assert found.feasible is False
    assert [b.code for b in found.blocking] == ["A"]


def test_a_count_that_would_bring_a_row_back_into_the_mean_is_not_raised():
    edition = instrument(
        part(
            "A",
            sub("A.1", 50, ratio("a", above="dibuat", below="agen")),
            sub("A.2", 50, ratio("b", "exclude", above="terpadu", below="dibuat"), choice("c")),
        ),
        rules=(minimum("total", 100),),
    )
    answers = {"a": {"agen": 4, "dibuat": 0}, "b": {"dibuat": 0, "terpadu": 0}, "c": "A"}

    found = plan(edition, answers, "WBK")

    assert found.feasible is False


@pytest.mark.parametrize(
    ("one", "after"),
    [
        pytest.param(4, {"a": {"n": 4, "x": 4}, "b": {"n": 4, "y": 4}}, id="equal wholes"),
        pytest.param(2, None, id="the larger whole would outgrow the smaller one"),
    ],
)
def test_two_rows_sharing_a_numerator_rise_while_neither_outgrows_its_whole(one, after):
    edition = instrument(
        part(
            "A", sub("A.1", 100, ratio("a", above="n", below="x"), ratio("b", above="n", below="y"))
        ),
        rules=(minimum("total", 100),),
    )
    answers = {"a": {"n": 1, "x": one}, "b": {"n": 1, "y": 4}}

    found = plan(edition, answers, "WBK")

    assert found.feasible is (after is not None)
    assert found.answers_after == (after or answers)


def test_counts_that_would_contradict_each_other_are_no_way():
    nobody = {"a": {"agen": 0, "dibuat": 0}, "b": {"dibuat": 0, "terpadu": 0}, "c": "C"}

    alone = plan(chain(30), nobody, "WBK", pinned={"a", "c"})
    together = plan(chain(30), nobody, "WBK", pinned={"c"})

    assert alone.feasible is False
    assert together.cost == 1
    assert score(chain(30), together.answers_after).contradictions == ()


def test_counts_that_contradict_today_may_still_follow_a_shared_one():
    answers = {"a": {"agen": 4, "dibuat": 2}, "b": {"dibuat": 2, "terpadu": 9}, "c": "C"}

    found = plan(chain(60), answers, "WBK", pinned={"b", "c"})

    assert found.answers_after["b"] == {"dibuat": 4, "terpadu": 9}


def test_two_rows_that_pull_a_shared_count_apart_cannot_both_rise():
    fall = decrease("d")
    edition = instrument(
        part("A", sub("A.1", 50, fall), sub("A.2", 50, ratio("r", above="ini", below="sasaran"))),
        rules=(minimum("total", 100),),
    )
    answers = {"d": {"lalu": 4, "ini": 2}, "r": {"sasaran": 4, "ini": 2}}

    found = plan(edition, answers, "WBK")

    assert found.feasible is False
    assert found.blocking == (
        Blocking(
            "total",
            "Ambang total",
            F(100),
            F(50),
            "Paling tinggi dapat mencapai 50,00 poin dari 100,00 yang disyaratkan.",
        ),
    )


def test_the_first_of_several_numerators_rises():
    row = ratio("r")
    inputs = (*row.inputs, count_input("lain", "pembilang"))
    row = Indicator("r", 1, "PERSEN", "?", (), inputs, row.computation)

    found = plan(single(row, 100), {"r": {"sasaran": 9, "tercapai": 2, "lain": 3}}, "WBK")

    assert found.answers_after == {"r": {"sasaran": 9, "tercapai": 6, "lain": 3}}


def test_indices_that_share_a_figure_cannot_have_two_targets():
    edition = instrument(
        part("A", sub("A.1", 50, survey("s")), sub("A.2", 50, survey("t"))),
        rules=(minimum("total", 80),),
    )
    answers = {"s": {"indeks": Decimal(2)}, "t": {"indeks": Decimal(2)}}

    found = plan(edition, answers, "WBK", index_targets={"s": Decimal("3.2"), "t": Decimal("3.6")})

    assert moved(found) == {
        "s": (answers["s"], {"indeks": Decimal("3.6")}, 0),
        "t": (answers["t"], {"indeks": Decimal("3.6")}, 1),
    }


# No way


def test_what_blocks_is_named_with_the_reason():
    edition = instrument(
        part(
            "A",
            sub("A.1", 30, choice("a"), choice("b"), choice("c")),
            sub("A.2", 30, ratio("r", "exclude"), choice("d")),
        ),
        part("B", sub("B.1", 20, survey("s")), sub("B.2", 20, survey("t", "mutu"))),
        rules=(minimum("total", 75), minimum(("A.1",), 30), minimum(("B.1", "B.2"), 36)),
    )
    answers = {
        "a": "C", "b": "C", "c": "A", "d": "A",
        "r": {"sasaran": 0, "tercapai": 0},
        "s": {"indeks": Decimal("3.20")}, "t": {"mutu": Decimal("3.20")},
    }  # fmt: skip

    found = plan(
        edition,
        answers,
        "WBK",
        pinned={"a"},
        ruled_out={"b": "perlu 6 bulan"},
        index_targets={"t": Decimal("3.40")},
    )

    assert (found.already_met, found.feasible, found.cost, found.steps) == (False, False, None, 0)
    assert found.upgrades == found.totals_by_step == ()
    assert found.total_after == score(edition, answers).total
    assert found.gates_after == score(edition, answers).gates
    assert found.answers_after == answers
    held = "Dikunci tahun ini: a. Tidak mungkin (perlu 6 bulan): b."
    index = "Indeks survei tanpa target: s. Target indeks 3,40: t."
    assert found.blocking == (
        Blocking(
            "total", "Ambang total", F(75), F(73),
            f"Paling tinggi dapat mencapai 73,00 poin dari 75,00 yang disyaratkan. {held} "
            f"Tidak ikut dihitung karena penyebutnya 0: r. {index}",
        ),
        Blocking(
            "A.1", "Ambang A.1", F(30), F(10),
            f"Paling tinggi dapat mencapai 10,00 poin dari 30,00 yang disyaratkan. {held}",
        ),
        Blocking(
            "B.1+B.2", "Ambang B.1+B.2", F(36), F(33),
            f"Paling tinggi dapat mencapai 33,00 poin dari 36,00 yang disyaratkan. {index}",
        ),
    )  # fmt: skip


def test_a_threshold_beyond_every_full_row_blocks_without_a_culprit():
    edition = single(decrease("r", "score_zero"), 100)

    found = plan(edition, {"r": {"lalu": 0, "ini": 1}}, "WBK")

    assert found.blocking[0].reason == (
        "Paling tinggi dapat mencapai 0,00 poin dari 100,00 yang disyaratkan."
    )


def test_crossing_thresholds_are_refused():
    edition = instrument(
        part("A", sub("A.1", 30, choice("a")), sub("A.2", 40, choice("b")),
             sub("A.3", 30, choice("c"))),
        rules=(minimum(("A.1", "A.2"), 60), minimum(("A.2", "A.3"), 60)),
    )  # fmt: skip

    with pytest.raises(CrossingThresholds, match="the thresholds of WBK are not nested"):
        plan(edition, worst(edition), "WBK")


# Both editions


@pytest.mark.parametrize(
    ("code", "predicate", "cost"),
    [
        ("lke-zi-2021", "WBK", 88),
        ("lke-zi-2021", "WBBM", 137),
        ("lke-zi-2014", "WBK", 82),
        ("lke-zi-2014", "WBBM", 124),
    ],
)
def test_the_whole_way_up_takes_less_than_a_second(code, predicate, cost):
    edition = bundled(code)
    indices = {
        row.code: {row.inputs[0].name: Decimal("3.60")}
        for row in edition.indicators.values()
        if row.scale == "SKOR_0_4"
    }
    answers = {**worst(edition), **indices}

    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        found = plan(edition, answers, predicate)
        seconds.append(time.perf_counter() - start)

    assert min(seconds) < 1
    assert found.cost == found.steps == cost
    assert found.gates_after[predicate].met is True
    after = score(edition, found.answers_after)
    assert after.total == found.total_after == found.totals_by_step[-1]
    assert after.gates == found.gates_after


@patient(25)
@given(data=st.data())
def test_a_plan_keeps_its_word_on_any_worksheet(data):
    edition = bundled("lke-zi-2021")
    answers = data.draw(worksheets(edition))
    predicate = data.draw(st.sampled_from(["WBK", "WBBM"]))
    efforts = data.draw(
        st.dictionaries(st.sampled_from(list(edition.indicators)), st.integers(1, 5), max_size=20)
    )
    pinned = data.draw(st.sets(st.sampled_from(list(edition.indicators)), max_size=5))
    indices = {"B.I.a.1": Decimal("3.60"), "B.II.a.1": Decimal("3.60")}

    found = plan(edition, answers, predicate, efforts=efforts, pinned=pinned, index_targets=indices)

    before, after = score(edition, answers), score(edition, found.answers_after)
    assert after.total == found.total_after
    assert after.gates == found.gates_after
    assert found.feasible is after.gates[predicate].met
    assert before.total + sum(u.gain for u in found.upgrades) == after.total
    assert not pinned & {u.code for u in found.upgrades if u.steps}
    if found.feasible:
        assert found.cost == sum(u.cost for u in found.upgrades)
        assert found.steps == sum(u.steps for u in found.upgrades)
        assert [u.cost for u in found.upgrades] == [
            u.steps * efforts.get(u.code, 1) for u in found.upgrades
        ]
        assert before.contradictions or not after.contradictions
    else:
        assert found.blocking != ()


def test_what_planning_returns_cannot_be_changed_by_mistake():
    classes = dataclasses_of(planning)

    loose = [c.__name__ for c in classes if not c.__dataclass_params__.frozen]
    assert loose == ["_Part"]
    assert [c.__name__ for c in classes if not hasattr(c, "__slots__")] == []
    assert len(classes) == 9


# Exhaustive search


@st.composite
def small_cases(draw):
    """Return an instrument of at most six rows, a worksheet, and wishes."""
    numbers = iter(range(99))

    def rows(many):
        return [
            choice(f"r{next(numbers)}", draw(st.sampled_from(["YA_TIDAK", "ABC", "ABCD"])))
            for _ in range(many)
        ]

    sizes = draw(st.lists(st.integers(1, 2), min_size=2, max_size=3))
    subs = [sub(f"A.{n}.1", draw(st.integers(1, 20)), *rows(size)) for n, size in enumerate(sizes)]
    linked = draw(st.booleans())
    if linked:
        first = ratio("ka", above="dibuat", below="agen")
        second = ratio("kb", above="terpadu", below="dibuat")
        subs.append(sub("A.9.1", draw(st.integers(1, 20)), first, second))
    areas = [part(f"A.{n}", node, kind="area") for n, node in enumerate(subs)]
    last = sub("B.1", draw(st.integers(1, 20)), choice("z", "ABCDE"))
    shares = st.fractions(0, 1, max_denominator=12).filter(bool)
    roots = part("A", *areas), part("B", last)
    total = sum(root.weight for root in roots)
    rules = [
        minimum("total", total * draw(shares)),
        minimum(("A",), roots[0].weight * draw(shares)),
    ]
    if draw(st.booleans()):
        rules.append(area_minimum(draw(shares)))
    if draw(st.booleans()):
        rules.append(minimum(("B.1",), last.weight * draw(shares)))
    edition = instrument(
        *roots, rules=tuple(rules), areas={str(n): (a.code,) for n, a in enumerate(areas)}
    )
    answers = {row.code: draw(answer_to(row, largest=5)) for row in edition.indicators.values()}
    if linked and answers["ka"] and answers["kb"]:
        answers["kb"]["dibuat"] = answers["ka"]["dibuat"]
    codes = st.sampled_from(list(edition.indicators))
    return (
        edition,
        answers,
        draw(st.dictionaries(codes, st.integers(1, 5), max_size=4)),
        draw(st.sets(codes, max_size=1)),
    )


def every_way(edition, answers, efforts, pinned):
    """Yield (cost, taste, answers) of every set of upgrades; taste grows with earlier rises."""
    result, already = score(edition, answers), contradicting(edition, answers)
    choices = []
    for row in edition.indicators.values():
        now = answers[row.code]
        if row.code in pinned:
            choices.append([(0, 0, None)])
        elif row.is_computed:
            full = (result.values[row.code] or 0) == 1
            choices.append([(0, 0, None), *([] if full else [(1, efforts.get(row.code, 1), "up")])])
        else:
            letters = list(SCALES[row.scale])
            start = len(letters) - 1 if now is None else letters.index(now)
            choices.append(
                [(n, n * efforts.get(row.code, 1), letters[start - n]) for n in range(start + 1)]
            )
    for picks in product(*choices):
        after = dict(answers)
        for code, (rise, _, to) in zip(edition.indicators, picks, strict=True):
            if rise and to != "up":
                after[code] = to
        raised = {c for c, p in zip(edition.indicators, picks, strict=True) if p[2] == "up"}
        link(after, raised)
        if raised and contradicting(edition, after) - already:
            continue
        yield sum(p[1] for p in picks), tuple(p[0] for p in picks), after


def contradicting(edition, answers):
    return {warning.code for warning in score(edition, answers).contradictions}


def link(after, raised):
    """Raise the rows of the chain by hand: what is made is what can be made part of the system."""
    first, second = after.get("ka"), after.get("kb")
    made = first["dibuat"] if first else second["dibuat"] if second else 0
    if "ka" in raised:
        agents = (first["agen"] if first else 0) or max(made, 1)
        made = max(made, agents)
        after["ka"] = {"agen": agents, "dibuat": made}
    if "kb" in raised:
        joined = second["terpadu"] if second else 0
        made = made or max(joined, 1)
        after["kb"] = {"dibuat": made, "terpadu": max(joined, made)}
    for code in ("ka", "kb"):
        if after.get(code):
            after[code] = {**after[code], "dibuat": made}


@patient(80)
@given(case=small_cases())
def test_no_set_of_upgrades_beats_the_plan(case):
    edition, answers, efforts, pinned = case
    assume(not score(edition, answers).gates["WBK"].met)

    found = plan(edition, answers, "WBK", efforts=efforts, pinned=pinned)

    ways = []
    for cost, taste, after in every_way(edition, answers, efforts, pinned):
        result = score(edition, after)
        if result.gates["WBK"].met:
            ways.append((-cost, result.total, taste, after))
    if not ways:
        assert found.feasible is False
        return
    cost, total, _, after = max(ways, key=lambda way: way[:3])
    assert found.feasible is True
    assert (found.cost, found.total_after) == (-cost, total)
    assert found.answers_after == after


@patient(40)
@given(case=small_cases(), basis=st.sampled_from(["combined", "per_aspect"]))
def test_a_blocking_rule_is_out_of_reach_of_every_way(case, basis):
    edition, answers, efforts, pinned = case
    rule = Rule("WBK", "semua", "Semua", ("A",), minimum_ratio=F(1))
    edition = instrument(
        *edition.roots,
        rules=(rule, area_minimum("0.9", basis)),
        areas={area.code: area.nodes for area in edition.areas},
    )
    assume(not score(edition, answers).gates["WBK"].met)

    found = plan(edition, answers, "WBK", efforts=efforts, pinned=pinned)

    for blocking in found.blocking:
        for _, _, after in every_way(edition, answers, efforts, pinned):
            gate = score(edition, after).gates["WBK"]
            reached = next(r for r in gate.rules if r.code == blocking.code)
            assert reached.reached <= blocking.reachable < blocking.required
