"""What a unit says of its rows' effort: kept, audited, refused where wrong, kept by every way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.catalog import catalog_of
from assessments.models import Assessment, RowEffort, State, Track
from assessments.reports.builder import build_evaluation_report
from assessments.services.row_efforts import EffortRefused, Wanted, set_row_effort
from assessments.tests.reports import ISSUED
from assessments.tests.sheets import uniform, write
from zona.models import AuditEntry

ROW, INDEX = "A.I.1.i.a", "B.I.a.1"


@pytest.fixture
def engine(house):
    engine = catalog_of(house.assessment.instrument).engine
    write(house.assessment, Track.UNIT, uniform(engine, 1, index="3.00"))
    return engine


def say(house, code=ROW, version=0, by=None, **wanted):
    return set_row_effort(
        assessment=house.assessment,
        code=code,
        wanted=Wanted(**wanted),
        base_version=version,
        by=by or house.operator,
    )


def way_of(client, house, predicate="WBK", **query):
    client.force_login(house.operator)
    address = reverse("assessments:shortest_way", args=[house.assessment.pk, predicate])
    return client.get(address, query)


def post(client, house, code=ROW, **data):
    client.force_login(house.operator)
    address = reverse("assessments:row_effort", args=[house.assessment.pk, "WBK", code])
    fields = {"effort": "1", "earliest_on": "", "reason": "", "base_version": "0"}
    return client.post(address, fields | data)


def test_a_heavy_row_costs_more_and_a_pinned_one_is_left_out(client, house, engine):
    before = way_of(client, house).context["page"].way
    first = before.steps[0].row.code
    say(house, first, is_pinned=True, reason="Menunggu formasi pegawai")
    say(house, before.steps[1].row.code, effort=5, earliest_on=date(2026, 5, 31))

    page = way_of(client, house)

    way = page.context["page"].way
    assert way.feasible
    assert way.cost > before.cost
    assert way.plan_count == 2
    assert first not in {step.row.code for step in way.steps}
    text = page.content.decode()
    assert "Menunggu formasi pegawai" in text
    assert "tidak mungkin sebelum 31 Mei 2026" in text


def test_a_row_that_comes_after_the_evidence_window_is_ruled_out(client, house, engine):
    codes = [s.row.code for s in way_of(client, house).context["page"].way.steps]
    late = house.assessment.period.evidence_to.replace(month=12)
    say(house, codes[0], earliest_on=house.assessment.period.evidence_to)
    say(house, codes[1], earliest_on=late)

    page = way_of(client, house).context["page"]

    kept = {step.row.code for step in page.way.steps}
    assert codes[1] not in kept
    assert [bool(row.late) for row in page.planned] == [False, True]


def test_a_typed_index_replaces_what_the_predicate_asks_for(client, house, engine):
    asked = {s.row.code: s.after for s in way_of(client, house).context["page"].way.steps}
    assert asked[INDEX] == "3,60"
    say(house, INDEX, index_target=Decimal("3.10"))

    way = way_of(client, house).context["page"].way

    assert not way.feasible
    assert any("Target indeks 3,10" in why for _label, why in way.blocking)


def test_the_report_keeps_the_same_way(client, house, engine):
    write(house.assessment, Track.TPI, uniform(engine, 1))
    client.force_login(house.inspector_general)
    say(house, "A.I.2.i.a", effort=5)
    say(house, ROW, is_pinned=True, reason="Belum ada anggaran")
    sheet = Assessment.objects.for_page().get(pk=house.assessment.pk)
    report = build_evaluation_report(sheet, document=ISSUED)
    address = reverse("assessments:shortest_way", args=[sheet.pk, "WBK"])

    way = client.get(address).context["page"].way

    assert [step.code for step in report.way.steps] == [
        step.row.code for step in way.steps[: len(report.way.steps)]
    ]
    assert report.way.total_after == way.total_after
    assert report.way.wishes == (
        f"Mengikuti yang dikatakan unit tentang upayanya: tahun ini tidak bisa {ROW}; "
        "lebih berat dari butir lain A.I.2.i.a."
    )


def test_the_form_keeps_what_was_typed_and_says_what_is_missing(client, house, engine):
    page = post(client, house, is_pinned="on", effort="4")

    assert page.status_code == 422
    assert not RowEffort.objects.exists()
    assert "Tulis alasan mengapa" in page.content.decode()
    assert page.context["form"]["effort"].value() == "4"

    for wrong in (
        {"effort": "9"},
        {"effort": "banyak"},
        {"earliest_on": "31 Mei"},
        {"reason": "x" * 301},
        {"reason": "a\x00b"},
        {"base_version": "-1"},
    ):
        assert post(client, house, **wrong).status_code == 422, wrong
    for figure in ("4,01", "-1", "tiga", "NaN", "3,605"):
        assert post(client, house, INDEX, index_target=figure).status_code == 422, figure
    assert post(client, house, "A.X.9").status_code == 302
    assert not RowEffort.objects.exists()

    assert post(client, house, INDEX, index_target="3,60").status_code == 302
    assert RowEffort.objects.get().index_target == Decimal("3.60")


def test_a_stale_form_shows_what_the_other_said_and_keeps_the_typing(client, house, engine):
    say(house, by=house.zi_lead, effort=3, reason="Perlu pelatihan")

    page = post(client, house, effort="2")

    text = page.content.decode()
    assert page.status_code == 422
    assert "Perlu pelatihan" in text
    assert page.context["form"]["effort"].value() == "2"
    assert post(client, house, effort="2", base_version="1").status_code == 302
    saved = RowEffort.objects.get()
    assert (saved.effort, saved.reason, saved.version) == (2, "", 2)


def test_each_change_is_audited_once_and_taking_back_leaves_nothing(client, house, engine):
    say(house, effort=3)
    say(house, version=1, effort=3)
    post(client, house, lepas="1", base_version="1", effort="", earliest_on="bukan tanggal")

    assert not RowEffort.objects.exists()
    entries = AuditEntry.objects.filter(action="effort_set").order_by("seq")
    assert [entry.data["to"]["effort"] for entry in entries] == ["3", "1"]
    assert entries[1].data["from"]["effort"] == "3"


def test_only_the_units_own_people_say_it_and_not_after_final(client, house, engine):
    for stranger in (house.inspector_general, house.eselon1, house.stranger):
        with pytest.raises(EffortRefused):
            say(house, by=stranger, effort=2)
    say(house, by=house.head, effort=2)
    Assessment.objects.filter(pk=house.assessment.pk).update(
        state=State.FINAL, finalized_at=timezone.now()
    )
    with pytest.raises(EffortRefused):
        say(house, version=1, effort=3)


def test_the_pages_statements_do_not_grow_with_what_is_said(
    client, house, engine, django_assert_max_num_queries
):
    for code in list(engine.indicators)[:40]:
        say(house, code, effort=2)
    way_of(client, house)
    with django_assert_max_num_queries(14):
        assert way_of(client, house, atur=ROW).status_code == 200
