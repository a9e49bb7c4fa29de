"""Many units side by side: counted by the database, verdicts by the engine, scoped by the tree."""

from __future__ import annotations

import csv
import io
import re
from fractions import Fraction

import openpyxl
import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments import portfolio_trend, scoring
from assessments.catalog import catalog_of
from assessments.models import Assessment, Period, Score, State, Track
from assessments.portfolio import build_portfolio
from assessments.tests.factories import grant, make_assessment, make_period, make_unit, make_user
from assessments.tests.sheets import uniform, write
from units.models import Unit

WRITES = ("SELECT", "INSERT", "UPDATE", "DELETE")


def portfolio(user, **wanted):
    data = QueryDict(mutable=True)
    data.update(wanted)
    return build_portfolio(user, data)


@pytest.fixture
def many(house):
    """Seven worksheets under two Eselon I, from blank to every gate met; by name of the unit."""
    other = make_unit(level="eselon_1", kind="directorate", code="DJPB", name="Ditjen Budi Daya")
    engine = catalog_of(house.period.instrument).engine
    below_area_5 = uniform(engine) | {
        **dict.fromkeys(("A.I.5.i.a", "A.I.5.iii.a", "A.I.5.iv.a", "A.I.5.iv.b"), "C"),
        "A.I.5.iv.c": "C",
        "A.II.5.i.a": "E",
        "A.II.5.ii.a": {
            "pengaduan_harus_ditindaklanjuti": 9,
            "pengaduan_diproses": 0,
            "pengaduan_selesai": 0,
        },
    }
    eselon1 = house.unit.parent
    plan = (
        # name, parent, state, unit track, TPI track
        ("Alfa", eselon1, State.FINAL, uniform(engine), uniform(engine, index="3.80")),
        ("Beta", eselon1, State.MEMBER_REVIEW, uniform(engine), below_area_5),
        ("Gama", eselon1, State.SUBMITTED, uniform(engine, 1), None),
        ("Delta", eselon1, State.DRAFT, None, None),
        ("Eta", other, State.FINAL, uniform(engine), uniform(engine, 2)),
        ("Zeta", other, State.DRAFT, uniform(engine, 1), None),
    )
    sheets, leading = {"": house.assessment}, {}
    for number, (name, parent, state, own, tpi) in enumerate(plan):
        unit = make_unit(
            parent, name=f"Unit {name}", code=name.upper(), province=("Bali", "Maluku")[number % 2]
        )
        sheet = make_assessment(unit, house.period)
        for track, answers in ((Track.UNIT, own), (Track.TPI, tpi)):
            if answers:
                leading[name] = write(sheet, track, answers)
        fields = {"finalized_at": timezone.now()} if state == State.FINAL else {}
        Assessment.objects.filter(pk=sheet.pk).update(state=state, **fields)
        sheets[name] = sheet
    house.sheets, house.leading = sheets, leading
    house.other = other
    return house


def names(page) -> list[str]:
    return [row.name.removeprefix("Unit ") for row in page.ranking]


# Sentence, counts, order ----------------------------------------------------------------------


def test_the_first_sentence_counts_units_and_says_by_whose_figure(many):
    totals = portfolio(many.inspector_general).totals

    assert (totals.total, totals.meets, totals.meets_by_tpi, totals.meets_by_unit) == (7, 1, 1, 0)
    assert (totals.meets_wbbm, totals.final) == (1, 2)


def test_the_nearest_to_wbk_stands_first(many):
    page = portfolio(many.inspector_general)

    assert names(page)[:3] == ["Alfa", "Beta", "Gama"]
    assert [row.number for row in page.ranking] == list(range(1, 8))
    assert [(b.label, b.gap) for b in page.ranking[1].blockers] == [("Area 5", "2,13")]


def test_the_ranking_can_be_turned_by_its_columns(many):
    for sort, column in {
        "nilai": lambda row: row.total or 0,
        "terisi": lambda row: row.filled_total or 0,
        "wbk": lambda row: row.unmet_wbk,
        "wbbm": lambda row: row.unmet_wbbm,
        "butir": lambda row: row.answered,
    }.items():
        up = [column(row) for row in portfolio(many.inspector_general, urut=sort).ranking]
        down = [column(row) for row in portfolio(many.inspector_general, urut=f"-{sort}").ranking]

        assert up == sorted(up), sort
        assert down == up[::-1], sort
        assert len(set(up)) > 1, sort


def test_units_without_a_value_of_their_own_stand_last_either_way(many):
    for sort in ("mandiri", "-mandiri"):
        figures = [row.own_total for row in portfolio(many.inspector_general, urut=sort).ranking]
        assert figures[5:] == [None, None]
        assert figures[:5] == sorted(figures[:5], reverse=sort.startswith("-"))


def test_names_and_states_sort_too(many):
    by_name = names(portfolio(many.inspector_general, urut="unit"))
    rows = portfolio(many.inspector_general, urut="keadaan").ranking
    by_state = [row.state for row in rows]

    assert by_name == sorted(by_name)
    assert by_state == sorted(by_state, key=[str(label) for label in State.labels].index)


EVERYBODY = {"", "Alfa", "Beta", "Gama", "Delta", "Eta", "Zeta"}
FILTERED = (
    ({"saring": "final"}, {"Alfa", "Eta"}),
    ({"saring": "memenuhi"}, {"Alfa"}),
    ({"saring": "kurang-1"}, {"Beta"}),
    ({"saring": "belum-diajukan"}, {"", "Delta", "Zeta"}),
    ({"saring": "belum-mulai"}, {"", "Delta"}),
    ({"saring": "tidak-ada"}, EVERYBODY),
    ({"lemah": "5"}, {"Beta", "Gama", "Eta", "Zeta"}),
    ({"keadaan": "submitted"}, {"Gama"}),
    ({"provinsi": "Bali"}, {"Alfa", "Gama", "Eta"}),
    ({"jenis": "training"}, set()),
    ({"q": "gam"}, {"Gama"}),
    ({"q": "bali eta"}, {"Eta"}),
    ({"eselon1": "other"}, {"Eta", "Zeta"}),
    ({"eselon1": "999999"}, EVERYBODY),
)


def test_every_filter_keeps_its_units_in_table_and_map(many):
    for wanted, found in FILTERED:
        if wanted.get("eselon1") == "other":
            wanted = {"eselon1": str(many.other.pk)}
        keys = {sheet.pk for name, sheet in many.sheets.items() if name in found}

        page = portfolio(many.inspector_general, **wanted)

        assert {row.assessment_id for row in page.ranking} == keys, wanted
        dashboards = re.findall(r'<th scope="row"><a href="/dasbor/(\d+)/"', page.heat)
        assert {int(key) for key in dashboards} == keys, wanted
        assert page.map_total == len(keys), wanted


def test_quick_filters_count_within_the_filter_bar(many):
    page = portfolio(many.inspector_general, eselon1=str(many.other.pk), saring="final")

    assert {sieve.code: sieve.count for sieve in page.sieves} == {
        "": 2,
        "final": 1,
        "memenuhi": 0,
        "kurang-1": 0,
        "belum-diajukan": 1,
        "belum-mulai": 0,
    }
    assert page.totals.total == 2


def test_another_period_is_chosen_by_address_and_a_strange_one_is_ignored(many):
    older = make_period(year=2020, is_open=False)
    sheet = make_assessment_in_closed(many.unit, older)

    assert [
        row.assessment_id
        for row in portfolio(many.inspector_general, periode=str(older.pk)).ranking
    ] == [sheet.pk]
    assert portfolio(many.inspector_general, periode="x").period.pk == many.period.pk


def make_assessment_in_closed(unit, period):
    Period.objects.filter(pk=period.pk).update(is_open=True)
    period.refresh_from_db()
    sheet = make_assessment(unit, period)
    Period.objects.filter(pk=period.pk).update(is_open=False)
    return sheet


def test_a_superseded_version_is_not_counted_twice(many):
    old = many.sheets["Alfa"]
    Assessment.objects.create(
        unit=old.unit, period=old.period, instrument=old.instrument, version=2, supersedes=old
    )

    assert portfolio(many.inspector_general).totals.total == 6


# Who sees what --------------------------------------------------------------------------------


def test_eselon_one_sees_its_own_units_and_tpi_figures_only_once_final(many):
    page = portfolio(many.eselon1)

    shown = {row.name: row.source for row in page.ranking}
    assert set(shown) == {many.unit.name, "Unit Alfa", "Unit Beta", "Unit Gama", "Unit Delta"}
    assert (shown["Unit Alfa"], shown["Unit Beta"]) == ("TPI", "unit")


def test_a_hidden_tpi_figure_is_in_no_page_and_no_file(client, many):
    hidden = Score.objects.get(assessment=many.sheets["Beta"], track=Track.TPI)
    client.force_login(many.eselon1)

    page = client.get(reverse("assessments:portfolio")).content.decode()
    sheet = client.get(reverse("assessments:portfolio_export", args=["csv"])).getvalue().decode()

    total = scoring.points_text(scoring.Fraction(hidden.safe_total))
    area = f"{hidden.area_5_ratio * 100:.1f}".replace(".", ",")
    for text in (page, sheet):
        assert "Unit Beta" in text
        assert total not in text
        assert area not in text


def test_another_eselon_ones_units_cannot_be_asked_for(many):
    page = portfolio(many.eselon1, eselon1=str(many.other.pk))

    assert {row.eselon1 for row in page.ranking} == {many.unit.parent.name}
    assert str(many.other.pk) not in {
        str(value) for value, _label in page.form.fields["eselon1"].choices
    }


def test_the_portfolio_is_for_those_who_watch_many_units(client, many):
    urls = [reverse("assessments:portfolio")]
    urls += [reverse("assessments:portfolio_export", args=[kind]) for kind in ("csv", "xlsx")]
    expected = dict.fromkeys(("operator", "zi_lead", "head", "stranger"), 403) | dict.fromkeys(
        ("eselon1", "observer", "outside_auditor", "secretariat", "inspector_general", "admin"), 200
    )
    for persona, status in expected.items():
        client.force_login(getattr(many, persona))
        assert [client.get(url).status_code for url in urls] == [status] * 3, persona


# Map ------------------------------------------------------------------------------------------


def test_a_cell_says_unit_area_figure_and_verdict_and_leads_to_the_area(many):
    heat = portfolio(many.inspector_general).heat
    sheet = many.sheets["Beta"]
    url = reverse("assessments:worksheet", args=[sheet.pk, "5"])

    assert (
        f'<td class="hm-0"><a href="{url}" aria-label="BETA area 5: 45,8, di bawah ambang WBK">'
        "45,8</a></td>"
    ) in heat
    assert heat.count("belum diisi") == 12


def test_the_map_pages_by_forty_and_shows_all_on_demand(many):
    for number in range(60):
        make_assessment(make_unit(many.other, name=f"Satker {number:02}"), many.period)

    first, second = (portfolio(many.inspector_general, peta=n) for n in ("", "2"))
    whole = portfolio(many.inspector_general, peta="semua")

    rows = [page.heat.count('<th scope="row">') for page in (first, second, whole)]
    assert rows == [40, 27, 67]
    assert whole.map_page is None


def test_the_older_edition_paints_areas_without_a_verdict(house):
    period = make_period("lke-zi-2014", year=2030)
    sheet = make_assessment(house.unit, period)
    write(sheet, Track.UNIT, uniform(catalog_of(period.instrument).engine))

    page = portfolio(house.inspector_general, periode=str(period.pk))

    assert page.heat.count('class="hm-4"') == 6
    assert not page.has_gates
    assert [area.count for area in page.weak] == [0] * 6


def test_weak_areas_count_units_with_answers_below_the_wbk_gate(many):
    counts = {area.code: area.count for area in portfolio(many.inspector_general).weak}

    for code, count in counts.items():
        rules = [
            rule
            for result in many.leading.values()
            for rule in result.gates["WBK"].rules
            if rule.code == f"area.{code}"
        ]
        assert count == sum(not rule.met for rule in rules), code
    assert counts["5"] == 4


# Files ----------------------------------------------------------------------------------------


def test_the_csv_has_the_rows_of_the_address_in_its_order(client, many):
    client.force_login(many.inspector_general)
    url = reverse("assessments:portfolio_export", args=["csv"])

    text = client.get(f"{url}?saring=final&urut=-nilai").getvalue().decode()

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["Unit"] for row in rows] == ["Unit Alfa", "Unit Eta"]
    assert (rows[0]["Nilai"], rows[0]["Sumber nilai"]) == ("98,25", "TPI")
    assert [row["Semua ambang WBK"] for row in rows] == ["ya", "belum"]


def test_a_name_that_looks_like_a_formula_stays_a_name(client, many):
    Unit.objects.filter(pk=many.unit.pk).update(name='=HYPERLINK("http://x","y")')
    client.force_login(many.inspector_general)

    text = client.get(reverse("assessments:portfolio_export", args=["csv"])).getvalue().decode()
    content = client.get(reverse("assessments:portfolio_export", args=["xlsx"])).content
    book = openpyxl.load_workbook(io.BytesIO(content))

    assert "\"'=HYPERLINK" in text
    cells = {cell.value: cell.data_type for cell in book.active["B"]}
    assert cells['=HYPERLINK("http://x","y")'] == "s"


def test_the_workbook_holds_numbers_as_numbers(client, many):
    client.force_login(many.inspector_general)

    content = client.get(reverse("assessments:portfolio_export", args=["xlsx"])).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active

    head = [cell.value for cell in sheet[1]]
    alfa = next(row for row in sheet.iter_rows(values_only=True) if row[1] == "Unit Alfa")
    values = dict(zip(head, alfa, strict=True))
    assert values["Nilai"] == 98.25
    assert values["Area 5 Pengawasan (%)"] == 100
    assert values["Ambang WBK belum terpenuhi"] == 0


def test_an_unknown_kind_of_file_is_no_address(client, many):
    client.force_login(many.inspector_general)

    assert client.get("/pantauan/unduh/pdf/").status_code == 404


# Over the years -------------------------------------------------------------------------------


def test_final_values_over_the_years_tell_the_same_units_apart(client, many):
    older = make_period(year=many.period.year - 1)
    engine = catalog_of(older.instrument).engine
    for unit, choice in ((many.sheets["Eta"].unit, 3), (make_unit(name="Unit Lama"), 0)):
        sheet = make_assessment(unit, older)
        write(sheet, Track.TPI, uniform(engine, choice))
        Assessment.objects.filter(pk=sheet.pk).update(
            state=State.FINAL, finalized_at=timezone.now()
        )
    totals = {
        (row.assessment.period.year, row.assessment.unit.name): row.safe_total
        for row in Score.objects.filter(
            track=Track.TPI, assessment__state=State.FINAL
        ).select_related("assessment__period", "assessment__unit")
    }
    year = many.period.year
    moved = totals[year, "Unit Eta"] - totals[year - 1, "Unit Eta"]
    client.force_login(many.inspector_general)
    url = reverse("assessments:portfolio")
    client.get(url)

    with CaptureQueriesContext(connection) as captured:
        trend = client.get(url).context["portfolio"].trend

    assert [(line.year, line.units, line.meets_wbk) for line in trend.years] == [
        (year - 1, 2, 1),
        (year, 2, 1),
    ]
    assert trend.years[1].mean == scoring.points_text(
        Fraction(totals[year, "Unit Alfa"] + totals[year, "Unit Eta"]) / 2
    )
    assert f"{year}: 1 dari 2 unit final memenuhi semua ambang WBK." in trend.say
    points = scoring.points_text(abs(Fraction(moved)))
    assert f"1 unit yang final pada {year - 1} dan {year}: rata-ratanya naik {points} poin" in (
        trend.say
    )
    assert trend.chart.svg.count("<circle") == 2
    asked = [q["sql"] for q in captured if q["sql"].lstrip().upper().startswith(WRITES)]
    assert len(asked) == 12
    assert portfolio(many.inspector_general, eselon1=str(many.unit.parent.pk)).trend.years == (
        portfolio_trend.TrendYear(year, "LKE ZI 2021", 1, "98,25", 1, 1),
    )
    assert portfolio(many.inspector_general, keadaan=State.DRAFT).trend is None


# Cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("units", [10, 200])
def test_the_portfolio_asks_the_same_questions_of_ten_and_of_two_hundred_units(
    client, house, units
):
    blank = Score.objects.filter(assessment=house.assessment)
    for number in range(units):
        unit = make_unit(house.unit.parent, name=f"Satker {number:03}")
        sheet = Assessment.objects.create(
            unit=unit, period=house.period, instrument=house.period.instrument
        )
        Score.objects.bulk_create(copy_of(score, sheet) for score in blank)
    client.force_login(house.inspector_general)
    url = reverse("assessments:portfolio")
    client.get(url)

    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)

    asked = [q["sql"] for q in captured if q["sql"].lstrip().upper().startswith(WRITES)]
    assert response.context["portfolio"].totals.total == units + 1
    assert len(asked) == 11


def copy_of(score, sheet):
    score.pk, score.assessment = None, sheet
    return score


def test_no_period_yet_is_said_in_a_sentence(client, db):
    person = make_user()
    grant(person, "inspector_general", make_unit().parent)
    client.force_login(person)

    page = client.get(reverse("assessments:portfolio"))

    assert "Belum ada periode penilaian." in page.content.decode()
    assert client.get(reverse("assessments:portfolio_export", args=["csv"])).status_code == 404
