"""The pages of the instruments: everything that the regulation asks stands on them."""

from __future__ import annotations

import copy

import pytest
from django.urls import reverse

from assessments.catalog import catalog_of
from assessments.models import Instrument
from assessments.services.instruments import load_instrument
from assessments.tests.factories import instrument


@pytest.mark.parametrize("edition", ["lke-zi-2021", "lke-zi-2014"])
def test_every_row_option_and_weight_is_on_the_page(client, house, edition):
    shown_instrument = instrument(edition)
    client.force_login(house.operator)

    response = client.get(shown_instrument.get_absolute_url())

    shown = response.content.decode()
    engine = catalog_of(shown_instrument).engine
    assert [code for code in engine.indicators if f'id="{code}"' not in shown] == []
    assert shown.count('<span class="k">') == sum(
        len(row.options) for row in engine.indicators.values()
    )
    page = response.context["page"]
    assert [(node.code, node.weight) for node in page.tree] == [("A", "60,00"), ("B", "40,00")]


def test_thresholds_stand_beside_each_other(client, house):
    client.force_login(house.operator)

    page = client.get(instrument().get_absolute_url()).context["page"]

    assert page.predicates == ("WBK", "WBBM")
    assert {rule.label: rule.required for rule in page.thresholds} == {
        "Nilai total": ("75,00", "85,00"),
        "Nilai pengungkit": ("40,00", "48,00"),
        "Nilai tiap area perubahan": ("60,00% dari bobot", "75,00% dari bobot"),
        "Birokrasi yang Bersih dan Akuntabel": ("18,25", "19,50"),
        "Nilai Survei Persepsi Anti Korupsi (IPAK)": ("15,75", "15,75"),
        "Capaian Kinerja Lebih Baik": ("2,50", "3,75"),
        "Pelayanan Publik yang Prima (IPKP)": ("14,00", "15,75"),
    }


def test_a_new_version_says_what_changed(client, house):
    document = copy.deepcopy(Instrument.objects.get(code="lke-zi-2021").document)
    document["tree"][0]["children"][0]["children"][0]["children"][0]["indicators"][0][
        "statement"
    ] += " (diperjelas)"
    load_instrument(document)
    client.force_login(house.operator)

    page = client.get(Instrument.objects.get(version=2).get_absolute_url()).context["page"]

    assert (page.before, page.changes) == ("LKE ZI 2021", ("butir A.I.1.i.a: berubah",))


def test_the_list_names_every_edition_and_its_periods(client, house):
    client.force_login(house.operator)

    shown = client.get(reverse("assessments:instrument_list")).content.decode()

    assert "LKE ZI 2021" in shown
    assert "LKE ZI 2014" in shown
    assert house.period.name in shown
