"""The work plan: what is done has proof or a reason, and a year starts from what is there."""

import io
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Activity, AreaTarget, Evidence
from assessments.tests.factories import grant, make_assessment, make_period, make_user
from assessments.workplan import services
from assessments.workplan.page import Choice, plan_page
from assessments.workplan.services import PlanRefused, RowChanged
from assessments.workplan.tasks import plan_tasks
from units.access import Role
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db
YEAR = 2026


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    moment = timezone.make_aware(timezone.datetime(YEAR, 6, 10, 9))
    monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.fixture
def period():
    return make_period(name="Evaluasi 2026")


@pytest.fixture
def coordinator(unit):
    user = make_user("koordinator5")
    grant(user, Role.AREA_COORDINATOR, unit, area="5")
    return user


def plan(unit, by, **fields):
    values = {
        "area": "5",
        "title": "Sosialisasi benturan kepentingan",
        "output": "Notulen dan daftar hadir",
        "due_on": date(YEAR, 6, 30),
        "owner": None,
        "owner_name": "Pokja 5",
    }
    return services.save_activity(unit=unit, by=by, **{**values, **fields})


def paper(name="notulen.pdf"):
    return SimpleUploadedFile(name, f"%PDF-1.7 {name}".encode(), "application/pdf")


def test_an_activity_is_done_only_with_proof_or_a_reason(unit, zi_lead, operator):
    activity = plan(unit, zi_lead)

    with pytest.raises(PlanRefused, match="Sertakan bukti"):
        services.finish_activity(activity=activity, by=operator)
    with pytest.raises(RowChanged):
        services.finish_activity(activity=activity, by=operator, version=9, proof=paper())
    done = services.finish_activity(activity=activity, by=operator, version=1, proof=paper())

    assert (done.proof.title, done.done_by, done.status_on(date(YEAR, 12, 1))) == (
        "notulen",
        operator,
        "selesai",
    )
    assert list(Evidence.objects.values_list("unit", "title")) == [(unit.pk, "notulen")]
    with pytest.raises(PlanRefused, match="sudah selesai"):
        plan(unit, zi_lead, activity=activity)
    with pytest.raises(PlanRefused, match="tidak dihapus"):
        services.remove_activity(activity=activity, by=zi_lead)
    assert services.reopen_activity(activity=activity, by=operator).proof is None
    assert Evidence.objects.count() == 1
    actions = AuditEntry.objects.filter(action__startswith="plan.").order_by("pk")
    assert [row.action for row in actions] == [
        "plan.activity_added",
        "plan.activity_done",
        "plan.activity_reopened",
    ]


def test_proof_of_another_unit_is_refused(unit, sibling_unit, zi_lead, operator):
    foreign = Evidence.objects.create(
        unit=sibling_unit,
        kind="link",
        title="Lain",
        url="https://lain.example",
        uploaded_by=operator,
    )
    activity = plan(unit, zi_lead)

    with pytest.raises(PlanRefused, match="bukan dari pustaka unit"):
        services.finish_activity(activity=activity, by=operator, proof=foreign)


@pytest.mark.parametrize(
    ("who", "area", "may"),
    [
        ("zi_lead", "2", True),
        ("unit_head", "2", True),
        ("secretariat", "2", True),
        ("coordinator", "5", True),
        ("coordinator", "2", False),
        ("operator", "5", False),
        ("auditor", "5", False),
        ("eselon1", "5", False),
    ],
)
def test_who_plans_which_area(request, unit, who, area, may):
    user = request.getfixturevalue(who)

    assert (area in services.plan_areas(user, unit)) is may
    if not may:
        with pytest.raises(PlanRefused):
            plan(unit, user, area=area)


def test_who_answers_for_an_activity_reports_it_in_any_area(unit, zi_lead, coordinator):
    others = plan(unit, zi_lead, area="2")
    own = plan(unit, zi_lead, area="2", title="Reviu SOP", owner=coordinator)

    with pytest.raises(PlanRefused, match="tidak melaporkan"):
        services.finish_activity(activity=others, by=coordinator, reason="Sudah")
    done = services.finish_activity(activity=own, by=coordinator, reason="Digabung rapat Mei")

    assert (done.proof, done.done_reason) == (None, "Digabung rapat Mei")


def test_a_plan_begins_from_the_worksheet_once(unit, period, zi_lead):
    begin = {"unit": unit, "year": YEAR, "by": zi_lead, "areas": ["1", "5"]}

    first = services.begin_from_instrument(**begin, first_month=2, last_month=4)
    again = services.begin_from_instrument(**begin, first_month=2, last_month=4)

    rows = Activity.objects.of_year(unit, YEAR)
    assert first.added == rows.count() > 20
    assert (again.added, again.skipped) == (0, first.added)
    assert {row.due_on for row in rows} == {
        date(YEAR, 2, 28),
        date(YEAR, 3, 31),
        date(YEAR, 4, 30),
    }
    assert {row.area for row in rows} == {"1", "5"}
    assert all(row.indicators.count() == 1 and row.output for row in rows)


def test_last_year_comes_along_undone_with_its_results_as_the_start(unit, period, zi_lead):
    row = period.instrument.indicators.filter(section="5").first()
    old = plan(unit, zi_lead, due_on=date(YEAR - 1, 3, 31), indicators=[row])
    services.finish_activity(activity=old, by=zi_lead, reason="Selesai")
    services.write_target(
        unit=unit, year=YEAR - 1, area="5", by=zi_lead, initial="a", target="b", result="UPG aktif"
    )

    first = services.copy_last_year(unit=unit, year=YEAR, by=zi_lead)
    again = services.copy_last_year(unit=unit, year=YEAR, by=zi_lead)

    copy = Activity.objects.of_year(unit, YEAR).get()
    assert (first.added, first.targets, again.added, again.skipped) == (1, 1, 0, 1)
    assert (copy.title, copy.due_on, copy.done_at) == (old.title, date(YEAR, 3, 31), None)
    assert list(copy.indicators.all()) == [row]
    target = AreaTarget.objects.get(year=YEAR)
    assert (target.initial, target.target, target.result) == ("UPG aktif", "", "")
    with pytest.raises(PlanRefused, match="2029 tidak ada"):
        services.copy_last_year(unit=unit, year=2030, by=zi_lead)


def test_the_calendar_counts_and_the_home_page_reminds(unit, zi_lead, operator, coordinator):
    late = plan(unit, zi_lead, due_on=date(YEAR, 3, 31), owner=operator, owner_name="")
    now = plan(unit, zi_lead, title="Survei internal")
    done = plan(unit, zi_lead, title="Apel", due_on=date(YEAR, 3, 2))
    services.finish_activity(activity=done, by=zi_lead, reason="Terlaksana")

    page = plan_page(unit, YEAR, zi_lead, Choice(month=3))

    area = next(row for row in page.areas if row.code == "5")
    assert [(c.month, c.total, c.done, c.late, c.look) for c in area.cells if c.total] == [
        (3, 2, 1, 1, "hm-0"),
        (6, 1, 0, 0, "hm-1"),
    ]
    assert [(line.activity, line.word) for line in page.lines] == [
        (done, "Selesai"),
        (late, "Terlambat"),
    ]
    assert [task.title for task in plan_tasks(coordinator)] == [
        "Kerjakan 1 kegiatan PPTL bulan ini"
    ]
    assert [task.url for task in plan_tasks(operator)] == [
        f"/unit/{unit.pk}/rencana/2026/?saring=saya",
        f"/unit/{unit.pk}/rencana/2026/?bulan=6",
    ]
    assert [task.title for task in plan_tasks(zi_lead)] == [
        "Selesaikan 1 kegiatan PPTL yang terlambat",
        "Kerjakan 1 kegiatan PPTL bulan ini",
    ]
    assert now.status_on(date(YEAR, 6, 30)) == "belum"


def test_the_workbook_holds_the_plan_and_keeps_formulas_as_text(client, unit, zi_lead):
    plan(unit, zi_lead, title="=1+1")
    services.write_target(unit=unit, year=YEAR, area="5", by=zi_lead, initial="Belum ada UPG")
    client.force_login(zi_lead)

    reply = client.get(reverse("assessments:plan_export", args=[unit.pk, YEAR]))

    book = openpyxl.load_workbook(io.BytesIO(reply.content))
    first = [cell.value for cell in book.worksheets[0][2]]
    assert first[2:4] == ["=1+1", "Notulen dan daftar hadir"]
    assert (first[5], first[6]) == ("Pokja 5", "Belum")
    assert [cell.value for cell in book.worksheets[1][6]][1] == "Belum ada UPG"


def test_forms_keep_what_was_typed_and_say_what_is_wrong(client, unit, period, zi_lead):
    client.force_login(zi_lead)
    address = reverse("assessments:plan_activity_new", args=[unit.pk, YEAR])

    html = client.post(
        address, {"title": "Rapat", "area": "5", "due_on": "2027-01-05", "output": "Notulen"}
    ).content.decode()

    assert "Batas waktu di luar tahun rencana (2026)." in html
    assert "Pilih penanggung jawab, atau tulis nama kelompoknya." in html
    assert 'value="Rapat"' in html
    assert not Activity.objects.exists()
    activity = plan(unit, zi_lead)
    html = client.post(
        reverse("assessments:plan_activity", args=[activity.pk]),
        {"version": "1", "upload": SimpleUploadedFile("a.exe", b"MZ"), "reason": "Alasan"},
    ).content.decode()
    assert "jenis berkas tidak diterima" in html
    assert ">\nAlasan</textarea>" in html


def statements(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    words = ("SELECT", "INSERT", "UPDATE", "DELETE")
    return sum(query["sql"].startswith(words) for query in captured.captured_queries)


def test_the_plans_pages_ask_the_same_few_questions_at_any_length(client, unit, period, zi_lead):
    sheet = make_assessment(unit, period)
    code = "A.I.5.i.a"
    row = period.instrument.indicators.get(code=code)
    activity = plan(unit, zi_lead, indicators=[row])
    services.finish_activity(activity=activity, by=zi_lead, proof=paper())
    client.force_login(zi_lead)
    addresses = [
        reverse("assessments:plan_detail", args=[unit.pk, YEAR]) + "?bulan=semua",
        reverse("assessments:plan_activity", args=[activity.pk]),
        reverse("assessments:plan_row", args=[sheet.pk, code]),
    ]
    counts = []
    for more in (10, 190):
        fresh = Activity.objects.bulk_create(
            Activity(unit=unit, area="5", title=f"{more} {number}", due_on=date(YEAR, 7, 1))
            for number in range(more)
        )
        link = Activity.indicators.through
        link.objects.bulk_create(link(activity=one, indicator=row) for one in fresh)
        counts.append([statements(client, address) for address in addresses])

    assert counts[0] == counts[1]
    assert max(counts[1]) <= 12, counts
