"""A unit's yearly figures: kept with a source, brought by a sheet, shown at conditions."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.journey.eligibility import checklist, with_hints
from assessments.tests.factories import make_period
from units.models import UnitFigures
from units.rosters import FIGURE_COLUMNS, UNIT_COLUMNS, plan_units
from units.services.figures import FiguresRefused, record_figures
from units.services.tree import RowChanged
from units.tests.test_rosters import sheet, told, unit_row
from zona.table_file import read_list

pytestmark = pytest.mark.django_db


def brought(*rows):
    content = sheet([*UNIT_COLUMNS, *FIGURE_COLUMNS], rows)
    return plan_units(read_list("a.csv", content, UNIT_COLUMNS).lines)


@pytest.mark.parametrize(
    ("year", "fields", "sentence"),
    [
        (2099, {"staff": 3, "source": "LKj"}, "Tahun angka belum tiba atau terlalu lama."),
        (2025, {"staff": 3, "source": ""}, "Tulis sumber angkanya."),
        (2025, {"source": "LKj"}, "Isi sedikitnya satu angka."),
    ],
)
def test_figures_that_cannot_be_are_refused(unit, year, fields, sentence):
    with pytest.raises(FiguresRefused) as caught:
        record_figures(unit=unit, year=year, by=None, **fields)

    assert str(caught.value) == sentence
    assert not UnitFigures.objects.exists()


def test_the_form_takes_dots_and_shows_a_conflict(client, unit, zi_lead):
    year = timezone.localdate().year - 1
    address = reverse("units:figures_edit", args=[unit.pk, year])
    client.force_login(zi_lead)

    client.post(address, {"version": "0", "budget_idr": "Rp 12.500.000.000", "source": "DIPA"})
    row = UnitFigures.objects.get()
    with pytest.raises(RowChanged):
        record_figures(unit=unit, year=year, by=zi_lead, version=0, staff=4)
    stale = client.post(address, {"version": "0", "budget_idr": "1", "source": "DIPA"})
    wrong = client.post(address, {"version": "1", "budget_idr": "banyak", "source": "DIPA"})

    assert (row.budget_idr, row.revenue_idr, row.version) == (12_500_000_000, None, 1)
    assert "menyimpan data ini" in stale.content.decode()
    assert 'value="banyak"' in wrong.content.decode()


def test_the_units_sheet_brings_figures_or_says_where_they_are_wrong(tree, secretariat):
    row = unit_row("PPTL", "DJPC", angka_tahun="2025", anggaran="7.500.000", sumber_angka="DIPA")

    good = brought(row, unit_row("PPSK", "DJPC"))
    bad = brought({**row, "angka_tahun": "2099"}, {**row, "kode": "A", "pnbp": "x"})

    assert [entry.figures and entry.figures["budget_idr"] for entry in good.entries] == [
        7_500_000,
        None,
    ]
    assert {(fault.row, fault.column) for fault in bad.faults} >= {(2, "angka_tahun"), (3, "pnbp")}
    assert told(good) == []


def test_conditions_name_the_figures_behind_them(client, unit, zi_lead):
    row = record_figures(
        unit=unit, year=2025, by=None, revenue_idr=12_000, staff=40, reform="SAKIP BB", source="LKj"
    )
    listed = with_hints(
        checklist(unit, make_period(), "WBK"),
        unit,
        declared_on=None,
        day=date(2026, 6, 1),
        services=0,
        figures=[row],
    )

    hints = {item.condition.code: item.hint for item in listed.items}
    assert hints["sumber_daya"] == "2025: PNBP Rp12.000, 40 pegawai (LKj)"
    assert hints["rb_baik"] == "2025: SAKIP BB (LKj)"
