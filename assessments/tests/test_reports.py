"""The evaluation report: what it says, that page and PDF say the same, and how it is set."""

import io
import re
from dataclasses import replace
from fractions import Fraction as F

import pytest
from pypdf import PdfReader

from assessments import scoring
from assessments.models.worksheets import DocumentCheck, ImplementationCheck, RowState
from assessments.reports.assembly import NOTES_PER_SECTION, answer_text
from assessments.reports.circumstances import ObjectionLine
from assessments.reports.printing import (
    evaluation_html,
    outline_of,
    style_sheet,
    summary_html,
)
from assessments.tests.reports import (
    DRAFT,
    LONGEST,
    blank,
    circumstances,
    lantera,
    lantera_rows,
    older,
)
from zona import pdf

HOSTILE = (
    '<img src="file:///etc/passwd"><img src="http://127.0.0.1:9/x.png">'
    "<script>alert(1)</script>{{ 7 }}</td></tr></table>"
)


# ── what the report says ────────────────────────────────────────────────────────────────────────


def test_figures_come_from_one_result():
    report = lantera()

    assert scoring.points_text(report.total) == "80,17"
    assert scoring.points_text(report.unit_total) == "84,95"
    assert scoring.points_text(report.difference) == "-4,78"
    assert report.components[-1].points == report.result.total
    assert [scoring.points_text(c.points) for c in report.main_components] == ["46,69", "33,48"]
    assert sum((s.points for s in report.sections), F(0)) == report.total
    assert report.differing_count == 13
    assert report.filled_total == report.total


def test_every_row_stands_once_and_adds_up():
    report = lantera()
    lines = [row for s in report.sections for b in s.bands for p in b.parts for row in p.rows]

    assert sorted(line.code for line in lines) == sorted(report.result.values)
    assert sum((line.points for line in lines), F(0)) == report.total


def test_predicates_tell_what_is_missing_and_what_is_thin():
    wbk, wbbm = lantera().predicates

    assert wbk.is_met
    assert [row.code for row in wbk.exact] == ["B.I", "B.I.a", "B.I.b"]
    assert (wbbm.kind, len(wbbm.unmet), wbbm.rule_count) == (scoring.Verdict.TOO_LOW, 7, 12)
    assert (wbbm.widest.code, wbbm.widest_gap_text) == ("total", "4,84")
    assert (wbbm.widest_area.code, wbbm.widest_area_gap_text) == ("area.5", "2,11")
    assert (wbk.requires, wbbm.requires) == (None, "WBK")


def test_gaps_are_rounded_up_and_margins_down():
    rows = {row.code: row for row in lantera().rules}
    area5 = rows["area.5"]

    assert F(14, 100) < area5.reached - area5.cells[0].required < F(15, 100)
    assert [cell.margin_text for cell in area5.cells] == ["+0,14", "−2,11"]
    assert [cell.margin_text for cell in rows["B.I.a"].cells] == ["0,00", "0,00"]


def test_an_unmet_figure_never_looks_met():
    report = lantera(B_I_a_1={"tpi": {"nilai_ipak": scoring.Decimal("3.5999")}})
    row = next(row for row in report.rules if row.code == "B.I.a")

    assert not row.cells[0].met
    assert row.reached_text == "15,7496"
    assert row.cells[0].margin_text == "−0,0005"


def test_paper_without_practice_is_counted_and_listed():
    report = lantera()

    assert report.checks.paper_only == len(report.paper_only) == 16
    marked = [cell.count for line in report.cross for cell in line.cells if cell.is_paper_only]
    assert sum(marked) == 16
    assert [line.total for line in report.cross] == [98, 10, 5]
    assert report.cross_totals == (82, 23, 8)


def test_findings_not_made_yet_are_shown_last_and_only_when_there_are_any():
    unchecked = lantera(
        A_I_1_i_a={
            "document": DocumentCheck.UNCHECKED,
            "implementation": ImplementationCheck.UNCHECKED,
        }
    )

    assert lantera().cross_heads == ("Terlaksana", "Terlaksana sebagian", "Belum terlaksana")
    assert unchecked.cross_heads[-1] == "Belum diperiksa"
    assert unchecked.cross[-1].label == "Belum diperiksa"
    assert unchecked.cross[-1].total == 1


def test_notes_are_the_weightiest_rows_in_worksheet_order():
    report = lantera()
    area5 = next(section for section in report.sections if section.code == "5")
    order = list(report.result.values)

    assert len(area5.notes) == NOTES_PER_SECTION
    assert area5.notes_left_out == 7
    codes = [line.code for line in area5.notes]
    assert codes == sorted(codes, key=order.index)
    kept = min(line.potential for line in area5.notes)
    left = [
        row
        for band in area5.bands
        for part in band.parts
        for row in part.rows
        if row.is_noteworthy and row.code not in codes
    ]
    assert all(row.potential <= kept for row in left)


def test_recommendations_are_the_same_words_once_by_what_they_may_add():
    report = lantera(
        A_I_1_i_b={"advice": "Tetapkan jadwal."}, A_I_1_iii_b={"advice": "Tetapkan jadwal."}
    )

    found = [item for item in report.recommendations if item.advice == "Tetapkan jadwal."]
    points = [item.points for item in report.recommendations]
    assert not found or found[0].codes == ("A.I.1.i.b", "A.I.1.iii.b")
    assert points == sorted(points, reverse=True)
    assert report.recommendations[0].codes == ("B.I.b.1",)
    assert report.recommendations[0].points == F(5, 2)
    assert report.recommendations[0].helps == (("WBBM", 3),)


def test_the_shortest_way_leads_to_the_next_predicate():
    way = lantera().way

    assert (way.predicate, way.is_feasible) == ("WBBM", True)
    assert [step.code for step in way.steps] == [
        "A.I.2.ii.a", "A.I.2.ii.b", "A.I.5.i.b", "A.II.5.i.a", "B.I.b.1", "B.II.a.1",
    ]  # fmt: skip
    assert scoring.points_text(way.total_after) == "85,82"


def test_a_repair_shows_both_values_of_the_unit():
    rows = {line.code: line for line in lantera().repairs}

    assert list(rows) == ["A.II.5.ii.a", "A.II.5.iii.b"]
    repaired = rows["A.II.5.ii.a"]
    assert (repaired.unit_text, repaired.repaired_text, repaired.tpi_text) == ("8/9", "9/9", "9/9")
    assert rows["A.II.5.iii.b"].repaired_text == ""
    assert repaired.state == RowState.ACCEPTED_AFTER


def test_an_empty_worksheet_is_a_report_too():
    report = blank()

    assert report.total == 0
    assert report.unit_total is None
    assert report.missing_count == report.row_count == 113
    assert report.is_provisional
    assert report.way is None
    assert report.recommendations == report.repairs == report.paper_only == report.warnings == ()


def test_the_older_edition_has_no_aspects_and_no_area_gates():
    report = older()

    assert report.aspect_names == ()
    assert not report.has_area_gates
    assert [row.code for row in report.rules if row.is_area] == []
    service = next(row for row in report.rules if row.code == "B.II")
    assert service.cells[0] is None
    assert service.cells[1].predicate == "WBBM"
    assert "areas" not in outline_of(report).headings


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("A.I.1.i.a", "Ya"),
        ("A.II.1.i.a", "6/8"),
        ("A.II.3.iii.a", "0 → 0"),
        ("B.I.a.1", "3,60"),
    ],
)
def test_answers_are_short_in_a_cell(code, expected):
    report = lantera()
    lines = [row for s in report.sections for b in s.bands for p in b.parts for row in p.rows]

    assert next(line.tpi_text for line in lines if line.code == code) == expected


def test_no_answer_is_a_dash():
    row = lantera_rows()["A.I.1.i.a"]
    engine_row = scoring.Indicator(row.code, 1, "ABC", "?")

    assert answer_text(engine_row, None) == "–"


# ── how it is set ───────────────────────────────────────────────────────────────────────────────


def printed(html: str) -> tuple[pdf.RenderedPdf, PdfReader]:
    made = pdf.render(html, css=style_sheet())
    assert made.messages == ()
    return made, PdfReader(io.BytesIO(made.content))


def text_of(reader: PdfReader) -> str:
    """Return the text of all pages, hyphens at line ends joined, one space between words."""
    text = "\n".join(page.extract_text() for page in reader.pages)
    return re.sub(r"\s+", " ", re.sub(r"-\n(?=[a-z])", "", text))


@pytest.fixture(scope="module")
def final():
    report = lantera()
    made, reader = printed(evaluation_html(report))
    return report, made, reader, text_of(reader)


def test_the_pdf_prints_the_figures_of_the_result(final):
    report, _made, _reader, text = final

    for row in report.rules:
        for cell in row.cells:
            assert cell.margin_text in text
        assert row.reached_text in text
    for area in report.areas:
        assert scoring.percent_text(area.ratio) in text
    for code in report.result.values:
        assert code in text
    assert "LHE-027/ITJEN/V/2027" in text
    assert "7K4M-2QXD" in text
    assert "DEMO · data contoh" in text
    assert "KONSEP" not in text


def test_the_pdf_is_tagged_numbered_and_bookmarked(final):
    report, made, reader, text = final

    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "id"
    assert reader.metadata.title == (
        "Laporan Hasil Evaluasi Zona Integritas 2027: Pelabuhan Perikanan Teluk Lantera"
    )
    assert f"Halaman {made.page_count} dari {made.page_count}" in text
    top = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert top[:3] == ["Laporan Hasil Evaluasi", "Surat pengantar", "Daftar isi"]
    assert top[3:] == [
        f"{heading.number} {heading.title}".strip()
        for heading in outline_of(report).headings.values()
        if heading.level == 2
    ]
    assert made.page_count <= 30


def test_letter_and_contents_take_one_page_each(final):
    _report, _made, reader, _text = final

    assert "Tembusan" in reader.pages[1].extract_text()
    assert "Daftar isi" in reader.pages[2].extract_text()
    assert "Landasan penugasan" in reader.pages[3].extract_text()[:200]


def test_fonts_are_embedded(final):
    _report, _made, reader, _text = final
    fonts = {
        font.get_object()["/BaseFont"]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }

    assert fonts
    assert all("+" in name for name in fonts)


def long_names(**changes):
    unit = replace(circumstances().unit, name=LONGEST[:150], parent=LONGEST[:150])
    return circumstances(unit=unit, **changes)


def test_a_draft_wears_its_mark_and_no_number_and_long_names_fit():
    report = lantera(long_names(document=DRAFT, is_final=False, finalized_at=None))
    _made, reader = printed(evaluation_html(report))
    text = text_of(reader)

    assert all("KONSEP" in page.extract_text() for page in reader.pages)
    assert "LHE-027" not in text
    assert "diisi saat terbit" in text
    assert "Nilai sementara" in text
    assert "Tembusan" in reader.pages[1].extract_text()
    assert "Daftar isi" in reader.pages[2].extract_text()


def test_hostile_text_stays_text():
    report = lantera(
        A_I_5_i_b={"condition": HOSTILE, "advice": HOSTILE},
    )
    report = replace(
        report, about=replace(report.about, unit=replace(report.about.unit, name=HOSTILE))
    )
    made, reader = printed(evaluation_html(report))

    assert '<img src="file:///etc/passwd">' in text_of(reader)
    assert "root:" not in text_of(reader)
    assert made.messages == ()


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(blank(), id="nothing filled"),
        pytest.param(older(document=DRAFT), id="older edition"),
    ],
)
def test_every_worksheet_can_be_printed(report):
    made, reader = printed(evaluation_html(report))

    text = text_of(reader)
    assert made.page_count > 10
    assert all(code in text for code in report.result.values)


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(lantera(long_names()), id="longest names"),
        pytest.param(lantera(long_names(document=DRAFT, is_final=False)), id="draft"),
        pytest.param(blank(), id="nothing filled"),
        pytest.param(older(), id="older edition"),
    ],
)
def test_the_summary_is_one_page(report):
    made, reader = printed(summary_html(report))

    assert made.page_count == 1
    text = text_of(reader)
    assert scoring.points_text(report.total) in text
    assert f"{report.target.met_count}/{report.target.rule_count}" in text


def test_every_drawing_has_a_title(final):
    report, _made, _reader, _text = final

    for html in (evaluation_html(report), summary_html(report)):
        drawings = re.findall(r"<svg[^>]*>(.{7})", html)
        assert drawings
        assert set(drawings) == {"<title>"}


def test_contents_headings_and_captions_agree(final):
    report, _made, _reader, _text = final
    html = evaluation_html(report)
    outline = outline_of(report)

    for item in (*outline.headings.values(), *outline.captions.values()):
        assert html.count(f'href="#{item.anchor}"') == 1
        assert html.count(f'id="{item.anchor}"') == 1


def test_no_inline_style_or_script(final):
    report, _made, _reader, _text = final

    for html in (evaluation_html(report), summary_html(report)):
        assert not re.search(r"<(script|style|link|img)|\sstyle=|\son[a-z]+=", html)


def test_every_figure_is_printed_with_the_sum_behind_it():
    sums = {(line.code, line.label): line for line in lantera().sums}

    assert sums["", "Nilai total"].formula == "46,69 + 33,48 = 80,17"
    share = next(line for line in lantera().sums if line.code == "A.II.1.i.a")
    assert (share.formula, share.is_row) == ("6 ÷ 8 = 75,00%", True)
    assert share.notes[0] == "Jumlah agen perubahan: 8; Jumlah perubahan yang dihasilkan: 6"
    assert sums["WBK", "Area 5. Penguatan Pengawasan"].formula == (
        "3,52 + 5,63 = 9,15 ≥ 9,00, terpenuhi"
    )
    assert sums["WBBM", "Nilai total"].formula.endswith("kurang 4,84")
    page = evaluation_html(lantera())
    assert "Lampiran 2. Asal setiap angka" in page
    assert "3,52 + 5,63 = 9,15 ≥ 9,00, terpenuhi" in page


def test_objections_stand_in_an_annex_as_they_were_written():
    line = ObjectionLine(
        "A.I.5.iii.c", "Monev <b>ada</b>.", circumstances().computed_at, "Sanggah ditolak", "Belum."
    )

    page = evaluation_html(lantera(circumstances(objections=(line,))))

    assert "Lampiran 3. Sanggah unit dan jawabannya" in page
    assert "Monev &lt;b&gt;ada&lt;/b&gt;." in page
    assert "Sanggah ditolak" in page
    assert "Lampiran 3" not in evaluation_html(lantera())
