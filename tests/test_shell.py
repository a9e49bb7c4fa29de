"""What stands around every page: menu, search, notices, theme, my work, the demo's sign-in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Period, Track
from assessments.tests.factories import grant, make_assessment, make_period, make_team, make_user
from units.access import Role
from units.demo_login import PERSONAS
from units.models import Unit, User
from zona import menu, panels, worklist
from zona.models import Notification
from zona.templatetags import zona_ui
from zona.worklist import Task, TaskList

WIB = ZoneInfo("Asia/Jakarta")


def shell_of(user) -> menu.Shell:
    request = RequestFactory().get("/")
    request.user = user
    return menu.Shell(request)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("persona", "labels"),
    [
        (
            "operator",
            [
                "Tugas saya",
                "Dasbor unit",
                "LKE",
                "Bukti dukung",
                "Asistensi",
                "Rekomendasi",
                "Survei",
                "Dokumen",
            ],
        ),
        (
            "zi_lead",
            [
                "Tugas saya",
                "Dasbor unit",
                "LKE",
                "Bukti dukung",
                "Asistensi",
                "Rekomendasi",
                "Survei",
                "Dokumen",
                "Orang",
            ],
        ),
        (
            "eselon1",
            [
                "Tugas saya",
                "Pantauan unit",
                "Asistensi",
                "Rekomendasi",
                "Survei",
                "Dokumen",
                "Unit kerja",
            ],
        ),
        (
            "auditor",
            [
                "Tugas saya",
                "Pantauan unit",
                "Asistensi",
                "Rekomendasi",
                "Survei",
                "Dokumen",
                "Unit kerja",
                "Orang",
                "Periode",
                "Instrumen",
            ],
        ),
        (
            "secretariat",
            [
                "Tugas saya",
                "Pantauan unit",
                "Ruang kendali",
                "Asistensi",
                "Rekomendasi",
                "Survei",
                "Dokumen",
                "Unit kerja",
                "Orang",
                "Periode",
                "Kop surat",
                "Instrumen",
            ],
        ),
        ("stranger", ["Tugas saya"]),
    ],
)
def test_the_menu_shows_what_the_role_may_open(request, tree, persona, labels):
    menu_ = shell_of(request.getfixturevalue(persona)).menu

    assert [str(link.label) for link in menu_ if link.url] == labels


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_no_line_of_the_menu_has_more_than_nine_ways_and_each_leads_somewhere(client, tree, role):
    user = make_user("orang")
    places = {Role.ESELON1_COORDINATOR: tree.eselon1}
    unit_roles = (Role.UNIT_OPERATOR, Role.AREA_COORDINATOR, Role.ZI_LEAD, Role.UNIT_HEAD)
    grant(user, role, tree.unit if role in unit_roles else places.get(role, tree.ministry))
    client.force_login(user)

    shell = shell_of(user)
    links = shell.menu

    assert 2 <= len(shell.top) + bool(shell.settings) <= 9
    assert sorted(link.url for link in shell.top + shell.settings) == sorted(
        link.url for link in links
    )
    assert {client.get(link.url).status_code for link in links} <= {200, 302}


@pytest.mark.django_db
def test_the_current_entry_is_marked(client, tree, secretariat):
    client.force_login(secretariat)

    page = client.get(tree.unit.get_absolute_url())

    current = [str(link.label) for link in page.context["shell"].menu if link.is_current]
    assert current == ["Unit kerja"]
    assert page.content.decode().count('aria-current="page"') == 2


@pytest.mark.django_db
def test_the_house_is_read_once_and_forgotten_when_it_changes(tree, django_assert_num_queries):
    assert menu.read_house() == menu.House(tree.ministry.name, None, "")
    with django_assert_num_queries(0):
        menu.read_house()

    period = make_period(name="Periode 2027", year=2027)
    assert menu.read_house() == menu.House(tree.ministry.name, period.pk, "Periode 2027")

    tree.ministry.name = "Kementerian Lain"
    tree.ministry.save()
    assert menu.read_house().ministry == "Kementerian Lain"
    Period.objects.filter(pk=period.pk).get().delete()
    assert menu.read_house().period == ""


@pytest.mark.django_db
def test_a_visitor_has_no_menu_and_no_notices(tree):
    shell = shell_of(type("Nobody", (), {"is_authenticated": False})())

    assert (shell.user, shell.menu, shell.unread, shell.role, shell.theme) == (None, [], 0, "", "")
    assert shell.access.grants == ()


@pytest.mark.django_db
def test_a_person_is_introduced_by_the_role_that_says_most(tree, stranger):
    user = make_user("banyak")
    grant(user, Role.UNIT_OPERATOR, tree.unit)
    grant(user, Role.AUDITOR, tree.ministry)

    assert str(shell_of(user).role) == "Auditor Itjen"
    assert shell_of(stranger).role == ""


@pytest.mark.django_db
def test_home_costs_few_statements_for_everybody(client, tree, operator, auditor, secretariat):
    assessment = make_assessment(tree.unit)
    make_team(assessment, member=auditor)
    counts = {}
    for user in (operator, auditor, secretariat):
        client.force_login(user)
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        counts[user.username] = len(captured)

    assert max(counts.values()) <= 12, counts


# The three groups of my work ----------------------------------------------------------------


def task(title, **fields):
    return Task(title, "/", "di mana", **fields)


def test_tasks_are_sorted_into_urgent_waiting_and_others():
    today = date(2027, 4, 28)
    lists = [
        TaskList(
            (
                task("baru", since=datetime(2027, 4, 27, tzinfo=WIB)),
                task("lama", since=datetime(2027, 4, 20, tzinfo=WIB)),
                task("tanpa hari"),
            )
        ),
        TaskList(
            (
                task("lewat 2", due=date(2027, 4, 26)),
                task("lewat 9", due=date(2027, 4, 19)),
                task("mendesak", urgent=True),
                task("hari ini", due=date(2027, 4, 28)),
                task("orang lain", by_others=True, due=date(2027, 4, 1)),
            )
        ),
    ]

    work = worklist.build(lists, today=today)

    assert [line.task.title for line in work.urgent] == ["lewat 9", "lewat 2", "mendesak"]
    assert [line.days_late for line in work.urgent] == [9, 2, 0]
    assert [line.task.title for line in work.waiting] == ["lama", "baru", "hari ini", "tanpa hari"]
    assert [line.days_waiting for line in work.waiting] == [8, 1, None, None]
    assert [line.task.title for line in work.others] == ["orang lain"]
    assert work.count == 7


def test_a_deadline_at_midnight_belongs_to_the_day_that_ends():
    midnight = task("x", due=datetime(2027, 5, 8, 0, 0, tzinfo=WIB))

    assert midnight.due_day == date(2027, 5, 7)
    assert midnight.days_late(date(2027, 5, 7)) == 0
    assert midnight.days_late(date(2027, 5, 8)) == 1
    assert task("x").due_day is None


@dataclass(frozen=True)
class Card:
    text: str


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tasks", "sentence"),
    [
        ((), "Tidak ada yang menunggu Anda"),
        ((task("a"), task("b")), "2 hal menunggu Anda"),
        ((task("a"), task("b", urgent=True)), "2 hal menunggu Anda, 1 perlu segera"),
        ((task("a", by_others=True),), "Tidak ada yang menunggu Anda"),
    ],
)
def test_home_opens_with_a_sentence_that_answers(client, stranger, monkeypatch, tasks, sentence):
    monkeypatch.setattr(panels, "_slots", {})
    panels.register(worklist.SLOT, lambda user: TaskList(tasks), "")
    client.force_login(stranger)

    page = client.get("/").content.decode()

    assert sentence in " ".join(page.split())


@pytest.mark.django_db
def test_the_cards_of_home_tell_units_in_hand_and_coming_days(client, tree, auditor, operator):
    due = timezone.localdate() + timedelta(days=3)
    assessment = make_assessment(tree.unit, make_period(evaluation_due=due, proposal_due=due))
    make_team(assessment, member=auditor)
    assessment.scores.filter(track=Track.TPI).update(
        answered_count=5, safe_total="12.345678", area_steps="010000"
    )
    client.force_login(auditor)

    units, dates = (panel.data for panel in client.get("/").context["side"])

    (row,) = units.rows
    assert (row.name, str(row.total), row.answered, row.indicators) == ("PPTL", "12.35", 5, 113)
    assert "1 dari 6 area memenuhi ambang WBK" in row.ring
    assert [(line.text, line.days_left) for line in dates.lines] == [
        ("batas evaluasi TPI", 3),
        ("batas usulan", 3),
    ]

    client.force_login(operator)
    assert [type(panel.data).__name__ for panel in client.get("/").context["side"]] == ["Dates"]


@pytest.mark.django_db
def test_a_units_page_shows_the_figure_that_the_reader_may_see(client, tree, operator, auditor):
    assessment = make_assessment(tree.unit)
    assessment.scores.filter(track=Track.TPI).update(answered_count=1, safe_total=70)
    assessment.scores.filter(track=Track.UNIT).update(answered_count=1, safe_total=80)
    shown = {}
    for user in (operator, auditor):
        client.force_login(user)
        panel, *_others = client.get(tree.unit.get_absolute_url()).context["panels"]
        shown[user.username] = [(int(row.total), row.is_tpi) for row in panel.data.rows]

    assert shown == {"operator": [(80, False)], "auditor": [(70, True)]}


# Ways to one's own unit, search, notices, choices -------------------------------------------


@pytest.mark.django_db
def test_the_ways_to_ones_own_unit(client, tree, operator, stranger):
    older = make_assessment(tree.unit, make_period(year=2025))
    newest = make_assessment(tree.unit, make_period(year=2026))
    client.force_login(operator)

    assert client.get("/dasbor/").url == newest.get_absolute_url()
    assert client.get("/lke/").url == f"/lke/{newest.pk}/"
    assert client.get("/bukti/").url == f"/unit/{tree.unit.pk}/bukti/"
    assert client.get("/periode/sekarang/").url == newest.period.get_absolute_url()
    assert older.pk != newest.pk
    client.force_login(stranger)
    assert {client.get(way).url for way in ("/dasbor/", "/lke/", "/bukti/")} == {"/"}


@pytest.mark.django_db
def test_without_a_worksheet_the_way_leads_to_the_unit_and_says_so(client, tree, operator):
    client.force_login(operator)

    response = client.get("/dasbor/", follow=True)

    assert response.redirect_chain == [(tree.unit.get_absolute_url(), 302)]
    assert "belum mempunyai LKE" in response.content.decode()
    assert client.get("/periode/sekarang/").url == "/"


@pytest.mark.django_db
def test_search_finds_only_what_the_person_may_see(client, tree, operator, auditor):
    make_period(name="Periode 2026")
    found = {}
    for user in (operator, auditor):
        client.force_login(user)
        groups = client.get("/cari/?q=pelabuhan").context["groups"]
        found[user.username] = {group.title: [hit.title for hit in group.hits] for group in groups}

    assert found["operator"] == {"Unit kerja": ["Pelabuhan Teluk Lantera"]}
    assert sorted(found["auditor"]["Unit kerja"]) == [
        "Ditjen Pelabuhan Contoh",
        "Pelabuhan Sungai Kelana",
        "Pelabuhan Teluk Lantera",
    ]


@pytest.mark.django_db
def test_search_finds_people_for_those_who_may_see_them_and_indicators_by_code(
    client, tree, operator, auditor
):
    make_period()
    client.force_login(auditor)

    people = client.get("/cari/?q=operator").context["groups"]
    rows = client.get("/cari/?q=A.I.1.").context["groups"]

    assert [hit.title for hit in people[0].hits] == ["Operator"]
    assert {hit.code[:6] for hit in rows[0].hits} == {"A.I.1."}
    assert rows[0].hits[0].url.endswith("#A.I.1.i.a")
    client.force_login(operator)
    groups = client.get("/cari/?q=operator").context["groups"]
    assert "Orang" not in [group.title for group in groups]
    assert client.get("/cari/?q=a").context["groups"] == []
    assert "Tidak ditemukan" in client.get("/cari/?q=qqqqqq").content.decode()


@pytest.mark.django_db
def test_a_notice_is_read_once_it_is_opened_and_leads_to_its_row(client, operator, stranger):
    mine = Notification.objects.create(user=operator, kind="x", text="Kabar", url="/unit/")
    away = Notification.objects.create(user=operator, kind="x", text="Luar", url="//jahat.example/")
    theirs = Notification.objects.create(user=stranger, kind="x", text="Bukan Anda")
    client.force_login(operator)

    page = client.get("/pemberitahuan/").content.decode()
    assert "Kabar" in page
    assert "Bukan Anda" not in page
    assert client.post(f"/pemberitahuan/{mine.pk}/").url == "/unit/"
    assert client.post(f"/pemberitahuan/{away.pk}/").url == "/pemberitahuan/"
    assert client.post(f"/pemberitahuan/{theirs.pk}/").status_code == 404
    mine.refresh_from_db()
    first = mine.read_at
    client.post(f"/pemberitahuan/{mine.pk}/")
    mine.refresh_from_db()
    assert mine.read_at == first is not None


@pytest.mark.django_db
def test_all_notices_are_read_at_once(client, operator, stranger):
    for user in (operator, operator, stranger):
        Notification.objects.create(user=user, kind="x", text="Kabar")
    client.force_login(operator)

    client.post("/pemberitahuan/dibaca/")

    assert Notification.objects.filter(read_at=None).get().user == stranger


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("choice", "kept", "attribute"),
    [
        ("dark", "dark", ' data-bs-theme="dark"'),
        ("light", "light", ' data-bs-theme="light"'),
        ("", "", ""),
        ("pink", "dark", ' data-bs-theme="dark"'),
    ],
)
def test_the_look_is_kept_and_rendered_by_the_server(client, operator, choice, kept, attribute):
    User.objects.filter(pk=operator.pk).update(theme="dark")
    client.force_login(operator)

    response = client.post("/akun/tampilan/", {"theme": choice, "next": "/unit/"})

    operator.refresh_from_db()
    assert (response.url, operator.theme) == ("/unit/", kept)
    assert f'<html lang="id"{attribute}>' in client.get("/").content.decode()


@pytest.mark.django_db
def test_nobody_is_led_away_from_the_site(client, operator):
    client.force_login(operator)

    for away in ("https://jahat.example/", "//jahat.example/", "javascript:alert(1)"):
        assert client.post("/akun/tampilan/", {"theme": "dark", "next": away}).url == "/"


@pytest.mark.django_db
def test_ones_own_account_shows_duties_and_keeps_choices(client, unit, operator):
    client.force_login(operator)

    page = client.get("/akun/saya/")
    client.post("/akun/saya/", {"theme": "light"})

    assert [duty.unit for duty in page.context["duties"]] == [unit.name]
    operator.refresh_from_db()
    assert (operator.theme, operator.shortcuts) == ("light", False)
    assert "data-no-keys" in client.get("/").content.decode()


# The demo's sign-in -------------------------------------------------------------------------


@pytest.fixture
def demo(settings):
    settings.ZONA_DEMO = True
    return settings


@pytest.mark.django_db
def test_a_demo_offers_its_people_and_lets_the_visitor_in(client, demo, unit):
    person = make_user("operator", name="Nadia Tualeka")
    make_user("bukan-peraga", name="Bukan Peraga")

    page = client.get("/akun/login/?next=/unit/")
    response = client.post("/masuk-sebagai/", {"username": "operator", "next": "/unit/"})

    text = page.content.decode()
    assert [one.name for one in page.context["shell"].personas] == ["Nadia Tualeka"]
    assert "Operator unit" in text
    assert "Bukan Peraga" not in text
    assert response.url == "/unit/"
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["bukan-peraga", "", "irjen"])
def test_a_demo_lets_nobody_else_in(client, demo, username):
    make_user("bukan-peraga")
    make_user("irjen", is_active=False)

    assert client.post("/masuk-sebagai/", {"username": username}).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_a_demo_visitor_is_not_led_away(client, demo):
    make_user("operator")

    response = client.post(
        "/masuk-sebagai/", {"username": "operator", "next": "https://jahat.example/"}
    )

    assert response.url == "/"


@pytest.mark.django_db
def test_outside_a_demo_there_is_no_such_door(client):
    make_user("operator")

    page = client.get("/akun/login/")

    assert client.post("/masuk-sebagai/", {"username": "operator"}).status_code == 404
    assert "Masuk sebagai" not in page.content.decode()
    assert page.context["shell"].personas == []
    assert len(PERSONAS) == 13


# Errors and small parts ---------------------------------------------------------------------


@pytest.mark.django_db
def test_a_missing_page_says_how_to_go_on(client, operator):
    client.force_login(operator)

    response = client.get("/tidak-ada/")

    assert response.status_code == 404
    assert "Halaman tidak ditemukan" in response.content.decode()
    assert 'href="/"' in response.content.decode()


@pytest.mark.django_db
def test_a_fault_of_ours_shows_a_page_without_asking_the_database(client, monkeypatch, operator):
    client.force_login(operator)
    client.raise_request_exception = False
    monkeypatch.setattr("zona.home.panels.for_slot", lambda *args, **kwargs: 1 / 0)

    response = client.get("/")

    assert response.status_code == 500
    assert "Ada yang salah di pihak kami" in response.content.decode()


@pytest.mark.django_db
def test_a_form_that_is_too_old_says_so(operator):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator)

    response = strict.post("/akun/tampilan/", {"theme": "dark"})

    assert response.status_code == 403
    assert "Formulir kedaluwarsa" in response.content.decode()


def render(text, **context):
    return Template("{% load zona_ui %}" + text).render(Context(context))


def test_an_icon_is_decoration_unless_it_is_named():
    plain = render('{% icon "search" %}')
    named = render('{% icon "bell" "" said %}', said='3 "baru" <b>')

    assert 'class="z-ico"' in plain
    assert 'aria-hidden="true"' in plain
    assert 'aria-label="3 &quot;baru&quot; &lt;b&gt;"' in named
    assert "aria-hidden" not in named


def test_a_filter_changes_one_word_of_the_address_and_starts_at_page_one():
    request = RequestFactory().get("/unit/?q=teluk&hal=3&urut=nama")

    def link(text):
        return render(text, request=request)

    assert link("{% query urut='-nama' %}") == "?q=teluk&amp;urut=-nama"
    assert link("{% query hal=4 %}") == "?q=teluk&amp;urut=nama&amp;hal=4"
    assert link("{% query q='' urut='' %}") == "?"


def test_a_sorted_head_says_its_order_in_words():
    request = RequestFactory().get("/unit/?urut=nama")
    heads = {
        sort: zona_ui.sort_head({"request": request, "sort": sort}, "nama", "Nama")
        for sort in ("", "nama", "-nama")
    }

    assert 'aria-sort="none"' in heads[""]
    assert 'aria-sort="ascending"' in heads["nama"]
    assert 'href="?urut=-nama"' in heads["nama"]
    assert 'aria-sort="descending"' in heads["-nama"]
    assert 'href="?urut=nama"' in heads["-nama"]


@pytest.mark.django_db
def test_the_page_names_its_user_for_the_saving_queue(client, operator):
    client.force_login(operator)

    assert f'data-user="{operator.pk}"' in client.get("/").content.decode()


@pytest.mark.django_db
def test_no_page_of_the_shell_carries_style_or_script_of_its_own(client, tree, secretariat):
    client.force_login(secretariat)
    for address in ("/", "/unit/", tree.unit.get_absolute_url(), "/orang/", "/cari/?q=teluk"):
        page = client.get(address).content.decode()

        assert " style=" not in page
        assert "<style" not in page
        assert " onclick" not in page
        assert page.count("<script") == page.count("<script src=") + page.count(
            '<script type="module" src='
        )
    assert Unit.objects.count() == 6
