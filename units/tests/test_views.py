"""Pages of units and people: what they show, what they change, what they cost."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.tests.factories import grant, make_assessment, make_unit, make_user
from units import services
from units.access import ROLE_PERMISSIONS, Role
from units.models import Membership, Service, Unit, User
from units.reports import permission_words

pytestmark = pytest.mark.django_db


def names(response):
    """Return the units or people on the page of a list, in order."""
    return [row.name for row in response.context["page"]]


def statements(client, address) -> int:
    """Return how many SELECT, INSERT, UPDATE and DELETE statements a page needs."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    # PostgreSQL reads the choices of a select through a cursor: DECLARE … FOR SELECT.
    words = ("SELECT", "INSERT", "UPDATE", "DELETE", "DECLARE")
    return sum(query["sql"].startswith(words) for query in captured.captured_queries)


def unit_form(unit, **changes):
    """Return what the browser posts when the form of a unit is sent."""
    values = {
        "version": unit.version,
        "code": unit.code,
        "name": unit.name,
        "short_name": unit.short_name,
        "parent": unit.parent_id or "",
        "level": unit.level,
        "kind": unit.kind,
        "province": unit.province,
        "time_zone": unit.time_zone,
        "staff_count": unit.staff_count,
    }
    return {**values, **changes}


@pytest.mark.parametrize("rows", [10, 200])
def test_the_list_of_units_costs_the_same_for_few_and_many(client, tree, secretariat, rows):
    for _ in range(rows):
        make_unit(tree.eselon1)
    client.force_login(secretariat)
    client.get("/unit/")

    assert statements(client, "/unit/") == 8


@pytest.mark.parametrize("rows", [10, 200])
def test_the_list_of_people_costs_the_same_for_few_and_many(client, tree, secretariat, rows):
    for _ in range(rows):
        grant(make_user(), "unit_operator", tree.unit)
    client.force_login(secretariat)
    client.get("/orang/")

    assert statements(client, "/orang/") == 7


@pytest.mark.parametrize("rows", [10, 200])
def test_a_units_page_costs_the_same_for_few_and_many(client, tree, secretariat, rows):
    make_assessment(tree.unit)
    for number in range(rows):
        grant(make_user(), "unit_operator", tree.unit)
        Service.objects.create(unit=tree.unit, name=f"Layanan {number}")
        make_unit(tree.unit)
    client.force_login(secretariat)
    address = tree.unit.get_absolute_url()
    client.get(address)

    assert statements(client, address) == 11


@pytest.mark.parametrize("rows", [10, 200])
def test_a_persons_page_costs_the_same_for_few_and_many(client, tree, secretariat, rows):
    person = make_user("sibuk")
    for _ in range(rows):
        grant(person, "unit_operator", make_unit(tree.eselon1))
    client.force_login(secretariat)
    address = reverse("units:person_detail", args=[person.pk])
    client.get(address)

    assert statements(client, address) == 11


def test_units_stand_in_the_order_of_the_tree(client, tree, secretariat):
    late = make_unit(tree.eselon1, name="Z yang terakhir dibuat")
    child = make_unit(tree.unit, name="A di bawah unit")
    client.force_login(secretariat)

    response = client.get("/unit/")

    found = names(response)
    assert found.index(child.name) == found.index(tree.unit.name) + 1
    assert found.index(late.name) < found.index(tree.other_eselon1.name)
    assert [row.depth for row in response.context["page"]][:3] == [0, 1, 2]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=lantera", ["Pelabuhan Teluk Lantera"]),
        ("q=PPSK", ["Pelabuhan Sungai Kelana"]),
        ("tingkat=eselon_1&urut=nama", ["Ditjen Budi Daya Contoh", "Ditjen Pelabuhan Contoh"]),
        ("tingkat=eselon_1&urut=-nama", ["Ditjen Pelabuhan Contoh", "Ditjen Budi Daya Contoh"]),
        ("provinsi=Bali", ["Balai Rimba Awan"]),
        ("keadaan=tutup", ["Balai Tutup"]),
        ("q=balai&keadaan=semua&urut=kode", ["Balai Rimba Awan", "Balai Tutup"]),
        ("jenis=training", []),
        ("tingkat=bukan-tingkat&q=lantera", ["Pelabuhan Teluk Lantera"]),
    ],
)
def test_the_list_of_units_is_narrowed_and_sorted(client, tree, secretariat, query, expected):
    Unit.objects.filter(pk=tree.stranger.pk).update(province="Bali")
    make_unit(tree.other_eselon1, code="ZZZ", name="Balai Tutup", is_active=False)
    client.force_login(secretariat)

    assert names(client.get(f"/unit/?{query}")) == expected


def test_the_list_is_narrowed_to_all_below_an_eselon1(client, tree, secretariat):
    client.force_login(secretariat)

    response = client.get(f"/unit/?eselon1={tree.eselon1.pk}&urut=nama")

    assert names(response) == [
        "Ditjen Pelabuhan Contoh",
        "Pelabuhan Sungai Kelana",
        "Pelabuhan Teluk Lantera",
    ]


def test_the_list_shows_only_what_the_person_may_see(client, tree, operator, eselon1, stranger):
    seen = {}
    for person in (operator, eselon1, stranger):
        client.force_login(person)
        seen[person.username] = sorted(names(client.get("/unit/")))

    assert seen == {
        "operator": ["Pelabuhan Teluk Lantera"],
        "eselon1": [
            "Ditjen Pelabuhan Contoh",
            "Pelabuhan Sungai Kelana",
            "Pelabuhan Teluk Lantera",
        ],
        "stranger": [],
    }


def test_forty_units_stand_on_a_page_and_the_filter_goes_along(client, tree, secretariat):
    for number in range(60):
        make_unit(tree.eselon1, name=f"Balai {number:02}")
    client.force_login(secretariat)

    first = client.get("/unit/?q=balai&urut=nama&hal=1")
    last = client.get("/unit/?q=balai&urut=nama&hal=2")

    assert len(names(first)) == 40
    assert names(last)[-1] == "Balai Rimba Awan"
    assert len(names(last)) == 21
    assert 'href="?q=balai&amp;urut=nama&amp;hal=2"' in first.content.decode()


def test_a_unit_is_made_below_the_unit_from_which_one_came(client, tree, secretariat):
    client.force_login(secretariat)
    form = unit_form(Unit(level="eselon_3", kind="port", parent=tree.eselon1), code="PPXX")

    shown = client.get(f"/unit/baru/?induk={tree.eselon1.pk}")
    response = client.post("/unit/baru/", {**form, "name": "Pelabuhan Baru"})

    assert shown.context["form"]["parent"].value() == str(tree.eselon1.pk)
    unit = Unit.objects.get(code="PPXX")
    assert response.url == unit.get_absolute_url()
    assert (unit.parent, unit.path) == (tree.eselon1, f"{tree.eselon1.path}{unit.pk}.")


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"level": "eselon_1"}, "level", "Tingkat unit tidak dapat lebih tinggi"),
        ({"parent": ""}, "parent", "Pilih induk unit ini."),
        ({"level": "ministry"}, "level", "bukan salah satu dari pilihan"),
        ({"code": "PPSK"}, "code", "telah ada"),
    ],
)
def test_a_place_that_the_tree_does_not_know_is_told_in_words(
    client, tree, secretariat, changes, field, message
):
    tree.unit.level = "eselon_3"
    child = make_unit(tree.unit)
    client.force_login(secretariat)

    response = client.post(f"/unit/{child.pk}/ubah/", unit_form(child, **changes))

    assert response.status_code == 200
    assert message in " ".join(response.context["form"].errors[field])
    assert Unit.objects.get(pk=child.pk).version == 1


def test_a_unit_is_not_offered_to_itself_or_those_above_as_parent(client, tree, secretariat):
    child = make_unit(tree.unit)
    client.force_login(secretariat)

    response = client.get(f"/unit/{tree.unit.pk}/ubah/")

    offered = set(response.context["form"].fields["parent"].queryset)
    assert offered == {
        tree.ministry,
        tree.eselon1,
        tree.other_eselon1,
        tree.sibling,
        tree.stranger,
    }
    assert child not in offered


def test_two_editors_meet_and_nothing_that_was_typed_is_lost(
    client, unit, secretariat, system_admin
):
    opened = unit_form(unit)
    services.update_unit(unit=unit, version=1, by=system_admin, staff_count=55)
    client.force_login(secretariat)

    response = client.post(f"/unit/{unit.pk}/ubah/", {**opened, "name": "Nama dari saya"})

    page = response.content.decode()
    conflict = response.context["conflict"]
    assert conflict.by == "System_Admin"
    assert [(one.label, one.mine, one.saved) for one in conflict.differences] == [
        ("Nama", "Nama dari saya", "Pelabuhan Teluk Lantera"),
        ("Jumlah pegawai", "40", "55"),
    ]
    assert 'value="Nama dari saya"' in page
    assert Unit.objects.get(pk=unit.pk).name == "Pelabuhan Teluk Lantera"

    again = client.post(
        f"/unit/{unit.pk}/ubah/",
        {**opened, "name": "Nama dari saya", "version": response.context["form"].data["version"]},
    )

    assert again.status_code == 302
    saved = Unit.objects.get(pk=unit.pk)
    assert (saved.name, saved.staff_count, saved.version) == ("Nama dari saya", 40, 3)


def test_a_unit_with_units_below_says_why_it_stays_open(client, tree, secretariat):
    client.force_login(secretariat)

    response = client.post(f"/unit/{tree.eselon1.pk}/nonaktifkan/", follow=True)

    assert "Nonaktifkan atau pindahkan dahulu unit di bawahnya." in response.content.decode()
    assert Unit.objects.get(pk=tree.eselon1.pk).is_active is True


def test_a_unit_below_a_closed_one_says_why_it_stays_closed(client, tree, secretariat):
    child = make_unit(tree.unit, is_active=False)
    Unit.objects.filter(pk=tree.unit.pk).update(is_active=False)
    client.force_login(secretariat)

    response = client.post(f"/unit/{child.pk}/aktifkan/", follow=True)

    assert "Aktifkan dahulu induknya." in response.content.decode()
    assert Unit.objects.get(pk=child.pk).is_active is False


def test_the_page_of_a_unit_tells_its_history_to_itjen_only(client, unit, secretariat, zi_lead):
    services.update_unit(unit=unit, version=1, by=secretariat, level="eselon_2")
    told = {}
    for person in (secretariat, zi_lead):
        client.force_login(person)
        told[person.username] = [
            (line.text, line.by, line.details)
            for line in client.get(unit.get_absolute_url()).context["history"]
        ]

    assert told == {
        "secretariat": [("Data unit diubah", "Secretariat", ("Tingkat: Eselon III → Eselon II",))],
        "zi_lead": [],
    }


def test_people_of_a_unit_are_hidden_from_its_operator(client, unit, operator, zi_lead):
    pages = {}
    for person in (operator, zi_lead):
        client.force_login(person)
        pages[person.username] = client.get(unit.get_absolute_url()).content.decode()

    assert "Orang dan peran" not in pages["operator"]
    assert "Orang dan peran" in pages["zi_lead"]


def test_a_pledge_needs_a_past_day_and_no_more_signatures_than_people(client, unit, zi_lead):
    client.force_login(zi_lead)
    pledge = {
        "declared_on": "2999-01-01",
        "place": "Aula",
        "charter_number": "PI-01",
        "signer_name": "Kepala",
        "signer_position": "Kepala Pelabuhan",
        "signer_level": "eselon_3",
        "signed_count": "41",
    }

    refused = client.post(f"/unit/{unit.pk}/pencanangan/", pledge)
    accepted = client.post(
        f"/unit/{unit.pk}/pencanangan/",
        {**pledge, "declared_on": "2025-02-12", "signed_count": "40"},
    )

    assert sorted(refused.context["form"].errors) == ["declared_on", "signed_count"]
    assert accepted.status_code == 302
    assert Unit.objects.get(pk=unit.pk).pledge.declared_on == date(2025, 2, 12)


def test_a_service_has_one_name_in_a_unit(client, unit, zi_lead):
    service = Service.objects.create(unit=unit, name="Tambat labuh")
    client.force_login(zi_lead)

    refused = client.post(f"/unit/{unit.pk}/layanan/baru/", {"name": "TAMBAT LABUH"})
    renamed = client.post(
        f"/layanan/{service.pk}/ubah/", {"name": "Tambat", "is_active": "", "version": "1"}
    )

    assert "Unit ini sudah mempunyai layanan" in refused.content.decode()
    assert renamed.status_code == 302
    service.refresh_from_db()
    assert (service.name, service.is_active) == ("Tambat", False)


def test_a_made_account_shows_its_link_once_and_is_never_kept(client, secretariat, tree):
    client.force_login(secretariat)

    response = client.post(
        "/orang/baru/",
        {"name": "Orang Baru", "username": "baru", "nip": "198501012010011001", "email": ""},
    )

    person = User.objects.get(username="baru")
    assert response.context["link"].startswith("http://testserver/akun/password/reset/key/")
    assert "no-store" in response.headers["Cache-Control"]
    assert person.has_usable_password() is False
    assert "password/reset" not in client.get(f"/orang/{person.pk}/").content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"nip": "123"}, "nip"),
        ({"nip": "19850101201001100X"}, "nip"),
        ({"username": "secretariat"}, "username"),
        ({"email": "ADA@contoh.example"}, "email"),
        ({"name": ""}, "name"),
    ],
)
def test_an_account_with_a_fault_is_not_made(client, secretariat, changes, field):
    make_user("ada", email="ada@contoh.example")
    client.force_login(secretariat)
    values = {"name": "Orang Baru", "username": "baru", "nip": "", "email": ""}

    response = client.post("/orang/baru/", {**values, **changes})

    assert list(response.context["form"].errors) == [field]
    assert User.objects.filter(name="Orang Baru").exists() is False


def test_a_nip_is_taken_without_its_spaces(client, secretariat):
    client.force_login(secretariat)

    client.post(
        "/orang/baru/",
        {"name": "Orang Baru", "username": "baru", "nip": "19850101 201001 1 001", "email": ""},
    )

    assert User.objects.get(username="baru").nip == "198501012010011001"


def test_the_page_of_a_closing_account_lists_what_the_person_holds(
    client, unit, secretariat, operator
):
    client.force_login(secretariat)

    shown = client.get(f"/orang/{operator.pk}/nonaktifkan/")
    client.post(f"/orang/{operator.pk}/nonaktifkan/", {"end_roles": "1"})

    assert [row.unit for row in shown.context["open_roles"]] == [unit]
    operator.refresh_from_db()
    assert operator.is_active is False
    assert operator.memberships.in_force().count() == 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=oper", ["Operator"]),
        ("peran=secretariat", ["Secretariat"]),
        ("peran=tanpa", ["Stranger"]),
        ("keadaan=tutup", ["Tutup"]),
        ("keadaan=semua&urut=-nama", ["Tutup", "Stranger", "Secretariat", "Operator"]),
        ("urut=tidak-ada", ["Operator", "Secretariat", "Stranger"]),
    ],
)
def test_the_list_of_people_is_narrowed_and_sorted(
    client, secretariat, operator, stranger, query, expected
):
    make_user("tutup", is_active=False)
    client.force_login(secretariat)

    assert names(client.get(f"/orang/?{query}")) == expected


def test_a_lead_sees_of_his_people_only_what_they_are_in_his_unit(client, tree, zi_lead, operator):
    grant(operator, "unit_operator", tree.stranger)
    client.force_login(zi_lead)

    listed = client.get("/orang/").context["page"].object_list
    detail = client.get(f"/orang/{operator.pk}/")

    roles = {person.name: [role.unit for role in person.roles] for person in listed}
    assert roles["Operator"] == [tree.unit]
    assert [duty.unit for duty in detail.context["duties"]] == [tree.unit.name]
    assert [line.unit for line in detail.context["roles"]] == [tree.unit.name]
    assert detail.context["history"] == ()


def test_a_persons_page_says_what_he_may_do_and_why(client, unit, secretariat, operator):
    client.force_login(secretariat)

    (duty,) = client.get(f"/orang/{operator.pk}/").context["duties"]

    assert (duty.role, duty.unit, duty.reach) == ("Operator", unit.name, "unit ini saja")
    assert "Mengisi penilaian mandiri unit" in duty.may
    assert "Mengajukan LKE ke TPI" not in duty.may


@pytest.mark.parametrize("role", list(Role))
def test_every_permission_of_a_role_is_told_in_words(role):
    assert len(permission_words(role)) == len(ROLE_PERMISSIONS[role])


def test_areas_of_one_role_are_told_together(client, unit, secretariat):
    person = make_user("koordinator")
    for area in ("5", "4"):
        grant(person, "area_coordinator", unit, area=area)
    client.force_login(secretariat)

    (duty,) = client.get(f"/orang/{person.pk}/").context["duties"]

    assert duty.areas == ("4", "5")


@pytest.mark.parametrize("word", ["rekan", "REKAN@contoh.example", "19850101 201001 1 001"])
def test_a_lead_gives_a_role_to_whom_he_names_exactly(client, unit, zi_lead, word):
    person = make_user("rekan", email="rekan@contoh.example", nip="198501012010011001")
    client.force_login(zi_lead)

    response = client.post(
        f"/unit/{unit.pk}/peran/baru/",
        {
            "who": word,
            "role": "area_coordinator",
            "areas": ["4", "5"],
            "valid_from": "2026-01-01",
            "valid_to": "2026-12-31",
        },
    )

    assert response.status_code == 302
    held = person.memberships.order_by("area").values_list("role", "area", "valid_to")
    assert list(held) == [
        ("area_coordinator", "4", date(2026, 12, 31)),
        ("area_coordinator", "5", date(2026, 12, 31)),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"who": "rek"}, "Tidak ada akun aktif"),
        ({"who": "tutup"}, "Tidak ada akun aktif"),
        ({"who": ""}, "tidak boleh kosong"),
        ({"who": "zi_lead"}, "kepada diri sendiri"),
        ({"role": "zi_lead"}, "bukan salah satu dari pilihan"),
        ({"role": "auditor"}, "bukan salah satu dari pilihan"),
        ({"valid_to": "2025-01-01"}, "mendahului tanggal awal"),
        ({"areas": ["9"]}, "bukan salah satu dari pilihan"),
    ],
)
def test_a_role_that_cannot_be_given_is_explained(client, unit, zi_lead, changes, message):
    make_user("rekan")
    make_user("tutup", is_active=False)
    client.force_login(zi_lead)
    values = {"who": "rekan", "role": "unit_operator", "valid_from": "2026-01-01"}

    response = client.post(f"/unit/{unit.pk}/peran/baru/", {**values, **changes})

    errors = " ".join(text for texts in response.context["form"].errors.values() for text in texts)
    assert message in errors
    assert Membership.objects.exclude(user=zi_lead).count() == 0


def test_a_role_held_already_is_explained(client, unit, zi_lead, operator):
    client.force_login(zi_lead)

    response = client.post(
        f"/unit/{unit.pk}/peran/baru/",
        {"who": "operator", "role": "unit_operator", "valid_from": "2026-01-01"},
    )

    assert "sudah memegang peran itu" in response.content.decode()
    assert operator.memberships.count() == 1


@pytest.mark.parametrize(
    ("unit_of", "role", "message"),
    [
        ("unit", "auditor", "Peran ini tidak berlaku untuk unit itu"),
        ("ministry", "unit_operator", "Peran ini tidak berlaku untuk unit itu"),
        ("ministry", "system_admin", "Peran ini tidak berlaku untuk unit itu"),
        ("unit", "unit_head", ""),
        ("ministry", "auditor", ""),
    ],
)
def test_the_secretariat_gives_roles_where_they_fit(
    client, tree, secretariat, unit_of, role, message
):
    person = make_user("rekan")
    client.force_login(secretariat)

    response = client.post(
        f"/orang/{person.pk}/peran/baru/",
        {"unit": getattr(tree, unit_of).pk, "role": role, "valid_from": "2026-01-01"},
    )

    assert person.memberships.count() == (0 if message else 1)
    if message:
        assert message in " ".join(response.context["form"].errors["role"])


def test_an_area_on_a_role_without_areas_is_explained(client, tree, secretariat):
    person = make_user("rekan")
    client.force_login(secretariat)

    response = client.post(
        f"/orang/{person.pk}/peran/baru/",
        {
            "unit": tree.unit.pk,
            "role": "unit_head",
            "areas": ["4"],
            "valid_from": "2026-01-01",
        },
    )

    assert response.context["form"].errors["areas"] == ["Peran ini tidak dibatasi area."]
    assert person.memberships.count() == 0


def test_nobody_reaches_the_form_of_his_own_roles(client, secretariat):
    client.force_login(secretariat)

    assert client.get(f"/orang/{secretariat.pk}/peran/baru/").status_code == 403
    own = secretariat.memberships.get()
    assert client.post(f"/peran/{own.pk}/akhiri/", {"last_day": "2026-01-01"}).status_code == 403
    assert secretariat.memberships.in_force().count() == 1


def test_a_role_is_ended_from_its_page(client, unit, zi_lead, operator):
    membership = operator.memberships.get()
    client.force_login(zi_lead)

    shown = client.get(f"/peran/{membership.pk}/akhiri/")
    client.post(f"/peran/{membership.pk}/akhiri/", {"last_day": "2026-01-31"})

    assert shown.context["form"]["last_day"].value() is not None
    membership.refresh_from_db()
    assert membership.valid_to == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"level": "eselon_1"}, "level", "Unit tanpa induk adalah kementerian."),
        ({"parent": "below"}, "parent", "pilihan yang valid"),
        ({"name": "Kementerian Baru"}, "", ""),
    ],
)
def test_the_ministry_stays_at_the_top(client, tree, secretariat, changes, field, message):
    client.force_login(secretariat)
    if changes.get("parent") == "below":
        changes = {"parent": tree.eselon1.pk}

    response = client.post(f"/unit/{tree.ministry.pk}/ubah/", unit_form(tree.ministry, **changes))

    ministry = Unit.objects.get(pk=tree.ministry.pk)
    assert (ministry.level, ministry.parent) == ("ministry", None)
    if field:
        assert message in " ".join(response.context["form"].errors[field])
    else:
        assert ministry.name == "Kementerian Baru"
