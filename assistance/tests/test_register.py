"""The register's pages: filters, order, figures, files, and few statements."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.catalog import catalog_of
from assistance.models import Recommendation, RecommendationState, Source
from assistance.printing import MATRIX, make_matrix, matrices_of
from assistance.register import build_register, units_side_by_side
from assistance.services.follow_up import Proof, move
from assistance.worklist import tasks_of
from units.access import Role
from zona.models import Document

pytestmark = pytest.mark.django_db
WRITES = ("SELECT", "INSERT", "UPDATE", "DELETE")


def statements(client, address) -> int:
    """Return how many statements a page needs, seen again."""
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return sum(q["sql"].lstrip(" (").upper().startswith(WRITES) for q in caught)


def data(text=""):
    return QueryDict(text)


def many(house, count, **fields):
    """Write rows past the services: lists do not care how they came about."""
    catalog = catalog_of(house.assessment.instrument)
    codes = list(catalog.ids)
    today = timezone.localdate()
    values = {"owner_role": Role.UNIT_OPERATOR, "source": Source.VISIT, **fields}
    return Recommendation.objects.bulk_create(
        Recommendation(
            unit=house.unit,
            assessment=house.assessment,
            indicator_id=catalog.ids[codes[n % len(codes)]],
            condition=f"Kondisi {n}",
            advice=f"Saran {n}",
            due_on=today + timedelta(days=n % 60 - 20),
            created_by=house.lead,
            **values,
        )
        for n in range(count)
    )


@pytest.mark.parametrize("count", [10, 200])
def test_every_list_asks_the_same_few_questions_at_any_length(client, house, count):
    many(house, count)
    client.force_login(house.member)

    asked = {
        name: statements(client, address)
        for name, address in (
            ("all", reverse("assistance:register")),
            ("unit", reverse("assistance:unit_register", args=[house.unit.pk])),
            ("portfolio", reverse("assistance:portfolio")),
        )
    }

    assert asked == {"all": 7, "unit": 9, "portfolio": 6}


def test_a_large_register_is_sorted_filtered_and_paged(house):
    rows = many(house, 300)

    page = build_register(house.member, data("hal=2&urut=-tenggat"))

    due = [line.row.due_on for line in page.lines]
    assert (len(page.lines), page.page.paginator.count) == (25, 300)
    assert due == sorted(due, reverse=True)
    found = build_register(house.member, data(f"q={rows[7].code}"))
    assert [line.row.pk for line in found.lines] == [rows[7].pk]
    late = build_register(house.member, data("tampil=lewat"))
    assert late.page.paginator.count == sum(row.due_on < timezone.localdate() for row in rows)


def test_the_quick_filters_count_what_they_show(house, write):
    write()
    mine = write(owner=house.operator)
    done = write(owner=Role.UNIT_HEAD.value)
    move(row=done, name="selesai", by=house.head, text="x", proof=Proof(url="https://a.example"))

    page = build_register(house.operator, data())

    counts = {sieve.code: sieve.count for sieve in page.sieves}
    assert counts == {
        "": 3,
        "saya": 2,
        "lewat": 0,
        "verifikasi": 1,
        "berulang": 0,
        "tuntas": 0,
        "semua": 3,
    }
    own = build_register(house.operator, data("tampil=saya"))
    assert mine in [line.row for line in own.lines]


@pytest.mark.parametrize(
    ("days", "step"),
    [(0, "0"), (30, "0"), (31, "30"), (60, "30"), (61, "60"), (90, "60"), (91, "90"), (400, "90")],
)
def test_each_age_has_its_place(house, write, days, step):
    row = write()
    Recommendation.objects.filter(pk=row.pk).update(
        created_at=timezone.now() - timedelta(days=days)
    )

    page = build_register(house.member, data())

    assert {s: n for _label, s, n in page.ages if n} == {step: 1}
    assert len(build_register(house.member, data(f"umur={step}")).lines) == 1


def test_an_unknown_filter_narrows_nothing(house, write):
    write()

    page = build_register(house.member, data("tampil=apa&umur=7&unit=99&keadaan=x&urut=zz"))

    assert len(page.lines) == 1


def test_units_stand_side_by_side(house, write):
    write()
    Recommendation.objects.update(due_on=timezone.localdate() - timedelta(days=1))

    page, _sort, totals = units_side_by_side(house.secretariat, data())

    assert [(line.name, line.living, line.overdue) for line in page] == [(house.unit.name, 1, 1)]
    assert totals["overdue"] == 1


def test_the_workbook_has_the_rows_of_the_page_and_no_formulas(client, house, write):
    write(advice="=HYPERLINK(1)")
    write(owner=Role.UNIT_HEAD.value)
    client.force_login(house.member)

    response = client.get(f"{reverse('assistance:register_export')}?q=HYPERLINK")

    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2
    assert (rows[1][9], sheet["J2"].data_type) == ("=HYPERLINK(1)", "s")


def test_the_workbook_holds_nothing_that_the_page_hides(client, house, write):
    write(source=Source.DESK, advice="RAHASIA")
    client.force_login(house.head)

    response = client.get(reverse("assistance:register_export"))

    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet.max_row == 1


def test_two_clicks_make_a_recommendation(client, house):
    client.force_login(house.member)
    address = reverse("assistance:recommendation_for_row", args=[house.assessment.pk, "A.I.1.i.a"])

    form = client.get(address).context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    response = client.post(address, typed)

    row = Recommendation.objects.get()
    assert response.status_code == 302
    assert (row.indicator.code, row.state) == ("A.I.1.i.a", RecommendationState.OPEN)
    assert row.owner_role == Role.ZI_LEAD


def test_what_was_typed_comes_back_with_every_fault(client, house, soon):
    client.force_login(house.member)
    address = reverse("assistance:recommendation_create", args=[house.unit.pk])

    page = client.post(
        address,
        {
            "source": "visit",
            "condition": "Petugas belum tahu prosedur.",
            "advice": "",
            "owner": "peran:unit_head",
            "due_on": "2020-01-01",
            "priority": "1",
        },
    ).content.decode()

    assert "Petugas belum tahu prosedur." in page
    assert "Batas waktu sudah lewat" in page
    assert "Tulis saran perbaikannya." in page
    assert not Recommendation.objects.exists()


def test_a_refused_step_keeps_what_was_typed(client, house, write):
    row = write()
    client.force_login(house.operator)

    response = client.post(
        reverse("assistance:recommendation_move", args=[row.pk, "selesai"]),
        {"selesai-text": "Sudah ditetapkan kemarin."},
    )

    assert response.status_code == 422
    page = response.content.decode()
    assert "Sudah ditetapkan kemarin." in page
    assert "Sertakan sedikitnya satu bukti dukung." in page


@pytest.mark.parametrize(
    ("who", "step", "status", "said"),
    [
        ("operator", "tuntas", 403, "Yang melaporkan tidak dapat memverifikasi"),
        ("lead", "tuntas", 403, "diverifikasi oleh orang lain"),
        ("member", "selesai", 403, "tidak dapat menindaklanjuti"),
        ("operator", "tidak-dapat", 403, "Hanya pengendali teknis"),
        ("operator", "buka", 403, "tidak dapat membuka kembali"),
        ("lead", "buka", 422, "tidak dapat diambil sekarang"),
        ("operator", "perkembangan", 422, "Tulis penjelasannya."),
    ],
)
def test_a_step_of_others_is_forbidden_and_one_out_of_turn_refused(
    client, house, write, who, step, status, said
):
    row = write()
    client.force_login(getattr(house, who))
    typed = "" if step == "perkembangan" else "Sudah ditetapkan."

    response = client.post(
        reverse("assistance:recommendation_move", args=[row.pk, step]), {f"{step}-text": typed}
    )

    assert response.status_code == status
    assert said in response.content.decode()
    row.refresh_from_db()
    assert row.state == RecommendationState.OPEN


def test_the_way_makes_several_at_once(client, house):
    client.force_login(house.lead)
    address = reverse("assistance:recommendation_way", args=[house.assessment.pk, "WBK"])
    form = client.get(address).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    typed |= {"pilih-0": "on", "pilih-1": "on"}
    for name in form.fields:
        if name.startswith("pilih-") and name not in ("pilih-0", "pilih-1"):
            typed.pop(name)

    response = client.post(address, typed)

    assert response.status_code == 302
    assert Recommendation.objects.count() == 2


def test_home_tells_owner_and_adviser_what_waits(house, write):
    row = write()
    assert [task.url for task in tasks_of(house.operator).tasks] == [row.get_absolute_url()]
    assert tasks_of(house.head) is None
    move(row=row, name="selesai", by=house.operator, text="x", proof=Proof(url="https://a.example"))

    assert tasks_of(house.operator) is None
    assert [task.title for task in tasks_of(house.member).tasks] == [f"Verifikasi {row.code}"]
    assert tasks_of(house.lead) is None
    assert tasks_of(house.outside_auditor) is None


def test_the_row_and_the_dashboard_show_it(client, house, write):
    row = write()
    client.force_login(house.member)

    pane = client.get(
        reverse("assessments:row_detail", args=[house.assessment.pk, "A.I.1.i.a"])
    ).content.decode()
    dashboard = client.get(house.assessment.get_absolute_url()).content.decode()

    assert row.get_absolute_url() in pane
    assert row.get_absolute_url() in dashboard


def test_the_matrix_is_a_whole_paper_and_one_of_an_evaluation_stays_inside(house, write):
    write(source=Source.DESK)
    row = write()
    move(
        row=row,
        name="selesai",
        by=house.operator,
        text="Ada.",
        proof=Proof(url="https://a.example"),
    )

    document = make_matrix(
        unit=house.unit, by=house.lead, site="https://zona.example", report=lambda *said: None
    )

    with document.file.open("rb") as file:
        assert file.read(5) == b"%PDF-"
    assert (document.kind, document.page_count) == (MATRIX, 1)
    assert list(matrices_of(house.unit, house.member)) == [document]
    assert not matrices_of(house.unit, house.head).exists()
    Recommendation.objects.filter(source=Source.DESK).update(source=Source.VISIT)
    outside = make_matrix(
        unit=house.unit, by=house.head, site="https://zona.example", report=lambda *said: None
    )
    assert list(matrices_of(house.unit, house.head)) == [outside]
    assert Document.objects.count() == 2
