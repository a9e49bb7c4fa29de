"""Results side by side, within one edition and across two."""

from fractions import Fraction as F

import pytest

from assessments import instrument_file
from assessments.comparison import ComparedPart, compare
from assessments.instrument_file import Correspondence, bundled
from assessments.scoring import score
from assessments.tests.worksheets import best, choice, instrument, part, ratio, sub, worst

NEW = bundled("lke-zi-2021")
OLD = bundled("lke-zi-2014")
MAPPING = tuple(
    instrument_file.iter_correspondences(
        instrument_file.load(instrument_file.INSTRUMENTS_DIR / "map_2014_2021.yaml")
    )
)


def found(parts, kind, code):
    return next(part for part in parts if (part.kind, part.code) == (kind, code))


def test_two_years_of_one_edition_compare_part_by_part():
    earlier, later = score(NEW, worst(NEW)), score(NEW, best(NEW))

    parts = compare(NEW, later, NEW, earlier)

    assert [p.kind for p in parts] == ["total", *["area"] * 6, *["node"] * 63, *["indicator"] * 113]
    assert {(p.now, p.before, p.change, p.relation) for p in parts} == {(1, 0, 1, "same")}
    assert found(parts, "indicator", "A.I.1.i.a") == ComparedPart(
        kind="indicator",
        code="A.I.1.i.a",
        name=NEW.indicators["A.I.1.i.a"].statement,
        before_codes=("A.I.1.i.a",),
        relation="same",
        note="",
        now=F(1),
        before=F(0),
    )


@pytest.mark.parametrize(
    ("kind", "code", "codes", "relation", "before"),
    [
        ("total", "total", ("total",), "similar", F(1)),
        ("area", "5", ("5",), "similar", F(1)),
        ("node", "A.I", ("A",), "similar", F(1)),
        ("node", "B.I.a", ("B.I.1",), "same", F(1)),
        ("node", "A.II.1", (), "none", None),
        ("indicator", "A.I.1.i.a", ("A.I.1.a",), "same", F(1)),
        ("indicator", "A.II.5.iii.a", (), "none", None),
    ],
)
def test_two_editions_compare_through_the_mapping(kind, code, codes, relation, before):
    parts = compare(NEW, score(NEW, worst(NEW)), OLD, score(OLD, best(OLD)), MAPPING)

    part_found = found(parts, kind, code)
    assert (part_found.before_codes, part_found.relation) == (codes, relation)
    assert (part_found.now, part_found.before) == (0, before)
    assert part_found.change == (None if before is None else -1)


def test_nothing_compares_across_editions_without_a_mapping():
    parts = compare(NEW, score(NEW, {}), OLD, score(OLD, {}))

    assert {p.relation for p in parts if p.kind in ("node", "indicator")} == {"none"}


def test_an_open_row_has_no_change():
    parts = compare(NEW, score(NEW, {"A.I.1.i.a": "Ya"}), NEW, score(NEW, {}))

    row = found(parts, "indicator", "A.I.1.i.a")
    assert (row.now, row.before, row.change) == (1, None, None)


def small(code, *nodes):
    edition = instrument(part("A", *nodes), areas={"1": ("A",)} if code == "uji" else {})
    object.__setattr__(edition, "code", code)
    return edition


def test_a_part_made_of_several_older_parts_takes_their_common_share():
    older = small("lama", sub("X", 30, choice("x")), sub("Y", 10, choice("y"), ratio("z")))
    newer = small("uji", sub("N", 40, choice("n")))
    lines = [
        Correspondence("node", "N", ("X", "Y"), "similar", "Digabung."),
        Correspondence("indicator", "n", ("y", "x"), "similar", ""),
        Correspondence("node", "A", (), "none", "Baru."),
    ]

    parts = compare(
        newer, score(newer, {"n": "B"}), older, score(older, {"x": "A", "y": "B"}), lines
    )

    joined = found(parts, "node", "N")
    assert (joined.before, joined.note) == (F(30 + F(5, 2)) / 40, "Digabung.")
    assert joined.change == F(1, 2) - joined.before
    assert found(parts, "indicator", "n").before == F(1, 2)
    assert found(parts, "node", "A").note == "Baru."
    assert found(parts, "area", "1") == ComparedPart(
        "area", "1", "Area 1", (), "none", "", F(1, 2), None
    )
