"""Lists of units and people: previewed, all of it or nothing, faults by row and column."""

import csv
import io
import time

import openpyxl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.tests.factories import grant, make_user
from units.access import Role
from units.models import Membership, RosterImport, Unit, User
from units.rosters import PEOPLE_COLUMNS, UNIT_COLUMNS, plan_people, plan_units
from units.services import rosters
from zona.models import AuditEntry
from zona.table_file import read_list

pytestmark = pytest.mark.django_db


def sheet(columns, rows) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def unit_row(code, parent, **changes):
    return {
        "kode": code,
        "nama": f"Unit {code}",
        "kode_induk": parent,
        "tingkat": "Eselon III",
        "jenis": "Pelabuhan perikanan",
        "provinsi": "Maluku",
        "zona_waktu": "WIT",
        "jumlah_pegawai": "12",
        **changes,
    }


def person_row(username, **changes):
    return {"nama_pengguna": username, "nama": username.title(), **changes}


def units_of(rows):
    return plan_units(read_list("a.csv", sheet(UNIT_COLUMNS, rows), UNIT_COLUMNS).lines)


def people_of(rows, by):
    lines = read_list("a.csv", sheet(PEOPLE_COLUMNS, rows), PEOPLE_COLUMNS).lines
    return plan_people(lines, by=by)


def told(plan):
    return [(fault.row, fault.column, fault.text) for fault in plan.faults]


def upload(client, address, content, name="daftar.csv"):
    return client.post(address, {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_a_list_is_previewed_and_taken_over_with_parents_after_their_children(
    client, tree, secretariat
):
    client.force_login(secretariat)
    rows = [
        unit_row("ANAK", "BARU"),
        unit_row("BARU", "DJPC"),
        unit_row("PPTL", "BARU", nama="Pelabuhan Teluk Lantera", jumlah_pegawai="41", provinsi=""),
    ]

    preview = upload(client, "/unit/impor/", sheet(UNIT_COLUMNS, rows))
    before = Unit.objects.count()
    plan = preview.context["plan"]
    client.post(preview.request["PATH_INFO"])

    assert (plan.new_count, plan.changed_count, before) == (2, 1, 6)
    child = Unit.objects.get(code="ANAK")
    assert child.path == f"{Unit.objects.get(code='BARU').path}{child.pk}."
    assert (child.level, child.kind, child.time_zone, child.staff_count) == (
        "eselon_3",
        "port",
        "Asia/Jayapura",
        12,
    )
    assert Unit.objects.get(code="PPTL").parent.code == "BARU"
    assert not RosterImport.objects.exists()
    assert AuditEntry.objects.get(action="roster.units").data["new"] == 2


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        pytest.param(
            [unit_row("A", "B"), unit_row("B", "A")],
            [
                (
                    number,
                    "kode_induk",
                    "Induk ini membuat lingkaran: unit berada di bawah dirinya sendiri.",
                )
                for number in (2, 3)
            ],
            id="a ring",
        ),
        pytest.param(
            [unit_row("DJPC", "PPTL", tingkat="Eselon III")],
            [
                (
                    2,
                    "kode_induk",
                    "Induk ini membuat lingkaran: unit berada di bawah dirinya sendiri.",
                )
            ],
            id="a ring with what is there",
        ),
        pytest.param(
            [unit_row("A", "DJPC"), unit_row("A", "DJPC")],
            [(3, "kode", "Kode sama dengan baris 2.")],
            id="a code twice",
        ),
        pytest.param(
            [unit_row("A", "XX"), unit_row("B", "PPTL", tingkat="Eselon I")],
            [
                (2, "kode_induk", "Tidak ada unit berkode XX."),
                (3, "tingkat", "Tingkat unit tidak dapat lebih tinggi daripada induknya."),
            ],
            id="parents and levels",
        ),
        pytest.param(
            [unit_row("A", "", zona_waktu="GMT", jumlah_pegawai="-3")],
            [
                (2, "zona_waktu", "Tulis WIB, WITA, atau WIT."),
                (2, "jumlah_pegawai", "Tulis bilangan bulat, paling banyak 100000."),
                (2, "kode_induk", "Hanya kementerian yang tanpa induk, dan hanya satu."),
            ],
            id="cells",
        ),
    ],
)
def test_faults_of_units_are_told_by_row_and_column(tree, rows, faults):
    assert told(units_of(rows)) == faults


def test_merged_cells_and_formulas_are_refused_and_nothing_is_kept(client, tree, secretariat):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, UNIT_COLUMNS)
        page.write_row(1, 0, ["A", "Unit A", "", "DJPC", "Eselon III", "Kantor pusat", "", "WIB"])
        page.write_formula(1, 8, "=5+7", value=12)
        page.merge_range(2, 0, 2, 1, "B")
    client.force_login(secretariat)

    reply = upload(client, "/unit/impor/", stream.getvalue(), "unit.xlsx")

    assert [(f.row, f.column, f.text) for f in reply.context["faults"]] == [
        (2, "I", "Rumus tidak diterima; tulis isinya."),
        (3, "A", "Sel digabung tidak diterima; pisahkan selnya."),
    ]
    assert not RosterImport.objects.exists()


def test_people_come_in_with_their_roles_once(client, tree, secretariat, operator):
    client.force_login(secretariat)
    nip = "190006181900011021"
    rows = [
        person_row("rian", nip=nip, kode_unit="PPTL", peran="Operator", area="5"),
        person_row("rian", nip=nip, kode_unit="PPTL", peran="Ketua Tim ZI"),
        person_row("sari"),
        person_row("operator", kode_unit="PPTL", peran="Operator"),
    ]

    preview = upload(client, "/orang/impor/", sheet(PEOPLE_COLUMNS, rows))
    counts = preview.context["plan"]
    client.post(preview.request["PATH_INFO"])

    assert (counts.new_count, counts.changed_count, counts.same_count) == (3, 0, 1)
    rian = User.objects.get(username="rian")
    assert not rian.has_usable_password()
    roles = rian.memberships.order_by("role").values_list("role", "area", "granted_by")
    assert list(roles) == [("unit_operator", "5", secretariat.pk), ("zi_lead", "", secretariat.pk)]
    assert not User.objects.get(username="sari").memberships.exists()
    assert Membership.objects.filter(user=operator).count() == 1


def test_faults_of_people_are_told_and_nobody_raises_his_own_rights(tree, secretariat, operator):
    rows = [
        person_row("a", kode_unit="PPTL", peran="Bendahara"),
        person_row("b", kode_unit="XX", peran="Operator"),
        person_row("c", kode_unit="KBC", peran="Admin sistem"),
        person_row("secretariat", kode_unit="KBC", peran="Auditor Itjen"),
        person_row("d", nip="12", surel="bukan surel"),
    ]

    found = told(people_of(rows, secretariat))

    assert [(row, column) for row, column, _text in found] == [
        (2, "peran"),
        (3, "kode_unit"),
        (4, "peran"),
        (5, "nama_pengguna"),
        (6, "nip"),
        (6, "surel"),
    ]
    assert found[2][2] == "Peran ini tidak berlaku untuk unit itu, atau di luar wewenang Anda."


def test_what_changed_since_the_preview_is_checked_again(tree, secretariat):
    rows = sheet(UNIT_COLUMNS, [unit_row("A", "DJPC"), unit_row("B", "PPTL")])
    roster = rosters.preview(kind="units", name="a.csv", content=rows, by=secretariat)
    Unit.objects.filter(code="PPTL").update(is_active=False)

    with pytest.raises(rosters.RosterChanged) as caught:
        rosters.take_over(roster=roster, by=secretariat)

    assert told(caught.value.plan) == [(3, "kode_induk", "Unit PPTL sudah dinonaktifkan.")]
    assert not Unit.objects.filter(code="A").exists()


def test_a_thousand_units_are_previewed_in_five_seconds_and_two_queries(tree, secretariat):
    rows = [unit_row(f"N{n:04}", "DJPC" if n < 50 else f"N{n % 50:04}") for n in range(1000)]
    content = sheet(UNIT_COLUMNS, rows)
    began = time.perf_counter()

    with CaptureQueriesContext(connection) as captured:
        roster = rosters.preview(kind="units", name="a.csv", content=content, by=secretariat)
    plan = rosters.plan_of("units", rosters.lines_of(roster), by=secretariat)

    assert time.perf_counter() - began < 5
    assert plan.new_count == 1000
    assert sum(query["sql"].startswith("SELECT") for query in captured) <= 3


def test_lists_go_out_as_they_come_in_and_only_what_one_sees(client, tree, zi_lead, secretariat):
    grant(make_user("lain", name="=HYPERLINK(1)"), Role.UNIT_OPERATOR, tree.sibling)
    grant(make_user("dekat", name="=SUM(1)"), Role.UNIT_OPERATOR, tree.unit)
    client.force_login(zi_lead)

    people = openpyxl.load_workbook(io.BytesIO(client.get("/orang/unduh/").content)).active
    own = openpyxl.load_workbook(io.BytesIO(client.get("/unit/unduh/").content)).active
    client.force_login(secretariat)
    everything = client.get("/unit/unduh/?keadaan=semua").content
    back = rosters.preview(kind="units", name="u.xlsx", content=everything, by=secretariat)

    rows = list(people.iter_rows(values_only=True))
    assert rows[0] == PEOPLE_COLUMNS
    assert [row[1] for row in rows[1:]] == ["=SUM(1)", "Zi_Lead"]
    assert people["B2"].data_type == "s"
    assert [row[0] for row in own.iter_rows(min_row=2, values_only=True)] == ["PPTL"]
    plan = rosters.plan_of("units", rosters.lines_of(back), by=secretariat)
    assert (plan.new_count, plan.changed_count, plan.same_count) == (0, 0, 6)
