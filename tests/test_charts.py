"""Charts: well-formed, escaped, free of inline style, equal to their tables, and fast."""

import re
import time
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from zona import charts
from zona.charts import (
    AreaBar,
    HeatCell,
    HeatRow,
    Level,
    Medium,
    Pair,
    Point,
    Stage,
    Tick,
)

HOSTILE = "<img src=x onerror='alert(1)'>\" & {0}"
GATES = (Tick(Fraction(60, 100), "WBK 60%"), Tick(Fraction(75, 100), "WBBM 75%", dashed=True))
COLUMNS = tuple((str(n), f"Area {n}") for n in range(1, 7))


def bars(name="Penguatan Pengawasan", gates_met=1):
    return [
        AreaBar(
            "5",
            name,
            Fraction(6098, 10000),
            "9,15",
            "15,00",
            "60,98%",
            gates_met,
            Fraction(9, 10),
            "90,00%",
        )
    ]


def drawn(text="Unit", medium=Medium.SCREEN):
    """Return every kind of chart with ``text`` wherever a caller's words go."""
    return {
        "gate_bar": charts.gate_bar(0.4, ticks=GATES, met=False, unit_ratio=0.9, label=text),
        "ring": charts.ring(
            [True, False, None], label=text, figure=text, caption=text, size=132, medium=medium
        ),
        "dumbbell": charts.dumbbell(
            "c1",
            [Pair(text, 0.8, text, 0.5, text)],
            title=text,
            row_name=text,
            first_name=text,
            second_name=text,
            medium=medium,
        ).svg,
        "trend": charts.trend(
            "c2",
            [Point(text, 62, text), Point(text, 80, text)],
            levels=[Level(75, text, text), Level(85, text, text, True)],
            title=text,
            row_name=text,
            value_name=text,
            medium=medium,
        ).svg,
        "funnel": charts.funnel(
            "c3",
            [Stage(text, 24), Stage(text, 1, True)],
            title=text,
            row_name=text,
            count_name=text,
            quota=3,
            quota_name=text,
            medium=medium,
        ).svg,
        "area_bars": charts.area_bars(
            "c4", bars(text), ticks=GATES, title=text, value_name=text, unit_name=text
        ).svg,
        "heat_map": charts.heat_map(
            [
                HeatRow(
                    text,
                    text,
                    text,
                    text,
                    [HeatCell(text, text, n) for n in (0, 1, 2, 3, None, 0)],
                    text,
                )
            ],
            columns=tuple((text, text) for _ in range(6)),
            caption=text,
            row_name=text,
            total_name=text,
        ),
    }


@pytest.mark.parametrize("medium", list(Medium))
@pytest.mark.parametrize("name", list(drawn()))
def test_foreign_words_stay_words(name, medium):
    markup = drawn(HOSTILE, medium)[name]

    tree = ElementTree.fromstring(markup.replace("<br>", "<br/>"))
    assert not [e.tag for e in tree.iter() if e.tag.rpartition("}")[2] == "img"]
    assert not [a for e in tree.iter() for a in e.attrib if a.startswith("on") or a == "style"]
    words = [*tree.itertext(), *(v for e in tree.iter() for v in e.attrib.values())]
    assert any("<img src=x" in word for word in words)


@pytest.mark.parametrize("medium", list(Medium))
def test_charts_carry_title_and_description(medium):
    for name in ("dumbbell", "trend", "funnel"):
        tree = ElementTree.fromstring(drawn("Unit", medium)[name])
        tags = [element.tag.rpartition("}")[2] for element in tree]
        if medium is Medium.SCREEN:
            ids = [element.attrib["id"] for element in tree if "id" in element.attrib]
            assert tree.attrib["aria-labelledby"].split() == ids
            assert tags[:2] == ["title", "desc"]
        else:
            assert tags[0] == "title"
            assert "desc" not in tags
            assert not [e for e in tree.iter() if "class" in e.attrib]


def test_an_identifier_must_be_a_plain_word():
    with pytest.raises(ValueError, match="not a plain identifier"):
        charts.funnel('x" onload="', [], title="", row_name="", count_name="")


def test_an_unmet_gate_is_hatched_and_coloured_low():
    met = charts.gate_bar(0.6, ticks=GATES, met=True)
    unmet = charts.gate_bar(0.6, ticks=GATES, met=False)

    assert 'class="c-ok"' in met
    assert "c-hatch" not in met
    assert 'class="c-low"' in unmet
    assert "c-hatch" in unmet
    assert 'aria-hidden="true"' in unmet


def test_a_bar_without_a_gate_is_neither_met_nor_unmet():
    bar = charts.gate_bar(0.6, met=None)

    assert 'class="c-navy" x="0" y="0" width="60"' in bar
    assert "c-ok" not in bar
    assert "c-low" not in bar


def test_a_cell_without_a_gate_says_so():
    row = charts.HeatRow(
        "G", "A", "Unit", "/a/", [charts.HeatCell("/1/", "38,5", charts.NO_GATE)], "60,07"
    )

    table = charts.heat_map(
        [row], columns=[("1", "Perubahan")], caption="c", row_name="Unit", total_name="Nilai"
    )

    assert '<td class="hm-4"><a href="/1/" aria-label="A area 1: 38,5, tanpa ambang">' in table


def test_gate_bar_matches_the_theme():
    assert charts.gate_bar(
        Fraction(8017, 10000), ticks=[Tick(0.75)], met=True, unit_ratio=Fraction(8495, 10000)
    ) == (
        '<svg class="z-gate-bar" viewBox="0 0 100 12" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="c-track" x="0" y="0" width="100" height="12"/>'
        '<rect class="c-ok" x="0" y="0" width="80.17" height="12"/>'
        '<path class="c-gap" d="M75 0v12" vector-effect="non-scaling-stroke"/>'
        '<path class="c-tick" d="M75 0v12" vector-effect="non-scaling-stroke"/>'
        '<path class="c-unit" d="M84.95 6h.01" vector-effect="non-scaling-stroke"/>'
        '<path class="c-unit-in" d="M84.95 6h.01" vector-effect="non-scaling-stroke"/></svg>'
    )


@pytest.mark.parametrize(("ratio", "width"), [(-1, None), (0, None), (2, "100")])
def test_a_bar_never_leaves_its_track(ratio, width):
    bar = charts.gate_bar(ratio)

    assert re.findall(r'c-ok" x="0" y="0" width="([0-9.]+)"', bar) == ([width] if width else [])


def test_the_ring_tells_met_unmet_and_unknown_by_form():
    ring = charts.ring([True, False, None], label="1 dari 3 area memenuhi")

    widths = dict(re.findall(r'class="(r-[a-z]+)" stroke-width="([0-9.]+)"', ring))
    assert float(widths["r-low"]) < float(widths["r-ok"])
    assert list(widths) == ["r-ok", "r-low", "r-none"]
    assert 'aria-label="1 dari 3 area memenuhi"' in ring


@pytest.mark.parametrize(("gates_met", "fill"), [(0, "#b5590b"), (1, "#12416f"), (2, "#0b7568")])
def test_a_printed_bar_wears_the_highest_gate_it_meets(gates_met, fill):
    svg = charts.area_bars(
        "g1", bars(gates_met=gates_met), ticks=GATES, title="t", value_name="TPI", unit_name="Unit"
    ).svg

    assert f'<rect fill="{fill}" x="196"' in svg


def test_without_gates_all_bars_wear_one_colour():
    svg = charts.area_bars("g1", bars(gates_met=0), title="t", value_name="TPI", unit_name="U").svg

    assert '<rect fill="#12416f" x="196"' in svg
    assert "#b5590b" not in svg


def test_the_table_says_what_the_picture_says():
    chart = charts.trend(
        "t1",
        [Point("2026", Fraction(7140, 100), "71,40"), Point("2027", Fraction(8017, 100), "80,17")],
        levels=[Level(75, "75,00", "WBK")],
        title="Nilai TPI",
        row_name="Tahun",
        value_name="Nilai",
    )

    assert chart.header == ("Tahun", "Nilai")
    assert chart.rows == (("2026", "71,40"), ("2027", "80,17"))
    assert "2026: 71,40; 2027: 80,17; ambang WBK 75,00." in chart.svg


def test_one_point_or_none_is_drawn_without_a_line():
    for points in ([], [Point("2027", 80, "80,00")]):
        svg = charts.trend("t1", points, title="t", row_name="a", value_name="b").svg
        assert "c-line" not in svg
        assert svg.count("<circle") == len(points)


def test_heat_map_rows_are_links_under_their_group():
    row = HeatRow(
        "Ditjen A",
        "PPTL",
        "Pelabuhan",
        "/u/1/",
        [HeatCell(f"/a/{n}/", f"{n},0", step) for n, step in enumerate((0, 1, 2, 3, None, 2))],
        "80,17",
    )

    table = charts.heat_map(
        [row, row], columns=COLUMNS, caption="Peta", row_name="Unit", total_name="Nilai"
    )

    assert table.count("z-group") == 1
    assert re.findall(r'<td class="(hm-.)">', table)[:6] == [
        "hm-0", "hm-1", "hm-2", "hm-3", "hm-x", "hm-2",
    ]  # fmt: skip
    assert '<a href="/a/0/" aria-label="PPTL area 1: 0,0, di bawah ambang WBK">0,0</a>' in table


def test_a_thousand_units_are_quick():
    rows = [
        HeatRow(
            "G", f"U{n}", f"Unit {n}", f"/u/{n}/", [HeatCell("/a/", "75,0", n % 4)] * 6, "80,17"
        )
        for n in range(1000)
    ]
    best = min(_seconds_of_heat_map(rows) for _ in range(5))

    assert best < 0.06


def _seconds_of_heat_map(rows):
    started = time.thread_time()
    charts.heat_map(rows, columns=COLUMNS, caption="", row_name="", total_name="")
    return time.thread_time() - started


def test_long_names_stand_on_two_lines_inside_their_column():
    svg = charts.area_bars(
        "g1",
        bars("Penataan Sistem Manajemen Sumber Daya Manusia Aparatur yang Sangat Panjang"),
        ticks=GATES,
        title="t",
        value_name="TPI",
        unit_name="Unit",
    ).svg

    lines = re.findall(r'x="14" y="[0-9.]+" font-size="([0-9.]+)">([^<]+)<', svg)
    assert len(lines) == 2
    assert all(float(size) * len(text) / 2 <= 180 for size, text in lines)
