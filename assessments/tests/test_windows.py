"""Windows of the stages: closed means closed on the server, and it is said until when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessments.control.holders import overdue_q
from assessments.models import (
    Assessment,
    Period,
    Stage,
    StageWindow,
    State,
    Track,
    WindowExtension,
)
from assessments.permissions import can_finish_area, pen_of
from assessments.services import evidence, objections, periods, states
from assessments.services.answers import AnswersLocked, Change, record_answers
from assessments.services.states import ReturnedRow, TransitionRefused, perform
from assessments.tests import filling
from assessments.windows import services
from assessments.windows.reading import Window, due_of, end_of
from units.services import RowChanged
from zona.models import AuditEntry, Notification
from zona.templatetags.zona_numbers import deadline_in, own_time

ROW = "A.I.1.i.a"
TODAY = date(2027, 5, 31)


@pytest.fixture
def stage(house):
    """Set a window of a stage, in days from today; None for no end."""

    def make(stage, opens=None, closes=None):
        today = timezone.localdate()
        return StageWindow.objects.update_or_create(
            period=house.assessment.period,
            stage=stage,
            defaults={
                "opens_on": None if opens is None else today + timedelta(days=opens),
                "closes_on": None if closes is None else today + timedelta(days=closes),
            },
        )[0]

    return make


def longer(house, stage, days: int) -> WindowExtension:
    """Give the house's unit longer for a stage, some days from today."""
    (row,) = services.extend(
        period=house.assessment.period,
        stage=stage,
        units=[house.unit],
        until=timezone.localdate() + timedelta(days=days),
        reason="Cuaca",
        approver="Inspektur III",
        by=house.secretariat,
    )
    return row


def write(house, track=Track.UNIT, by=None) -> None:
    """Write one row of a track."""
    record_answers(
        assessment=house.assessment,
        track=track,
        changes=[Change(ROW, {"condition": "Ditulis."})],
        by=by or house.operator,
    )


@pytest.mark.parametrize(
    ("window", "moment", "expected"),
    [
        (Window(), datetime(2027, 6, 1), True),
        (Window(None, TODAY), datetime(2027, 5, 31, 23, 59, 59), True),
        (Window(None, TODAY), datetime(2027, 6, 1), False),
        (Window(TODAY), datetime(2027, 5, 30, 23, 59, 59), False),
        (Window(TODAY), datetime(2027, 5, 31), True),
        (Window(None, TODAY, date(2027, 6, 2)), datetime(2027, 6, 2, 23), True),
        (Window(None, TODAY, date(2027, 5, 1)), datetime(2027, 5, 30), True),
        (Window(None, None, date(2027, 5, 1)), datetime(2027, 5, 30), True),
    ],
)
def test_a_window_ends_with_its_last_day_in_wib(window, moment, expected):
    assert window.is_open(moment.replace(tzinfo=ZoneInfo("Asia/Jakarta"))) is expected


def test_a_deadline_is_said_in_the_units_own_time():
    ends = end_of(TODAY)
    assert deadline_in(ends, "Asia/Jakarta") == "31 Mei 2027 pukul 24.00 WIB"
    assert deadline_in(ends, "Asia/Jayapura") == (
        "31 Mei 2027 pukul 24.00 WIB (1 Juni pukul 02.00 WIT)"
    )
    assert own_time(ends, "Asia/Makassar") == "24.00 WIB (1 Juni pukul 01.00 WITA)"


@pytest.mark.parametrize(("opens", "closes"), [(None, -1), (1, None)], ids=["closed", "early"])
def test_outside_the_window_the_unit_writes_nothing_and_is_told_whom_to_ask(
    house, stage, opens, closes
):
    stage(Stage.SELF, opens, closes)
    upload = SimpleUploadedFile("bukti.pdf", b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    piece = evidence.add_file(unit=house.unit, upload=upload, by=house.operator)

    with pytest.raises(AnswersLocked, match="diminta kepada Sekretariat TPI") as refused:
        write(house)
    assert str(house.secretariat) in str(refused.value)
    with pytest.raises(AnswersLocked):
        evidence.attach(assessment=house.assessment, code=ROW, evidence=piece, by=house.operator)
    with pytest.raises(TransitionRefused, match="Perpanjangan diminta"):
        perform("submit", assessment=house.assessment, by=house.head)
    assert not can_finish_area(house.head, house.assessment, "1")

    if closes:
        longer(house, Stage.SELF, 2)
        house.assessment = Assessment.objects.get(pk=house.assessment.pk)
        write(house)
        assert due_of(house.assessment).is_extended


def test_a_rank_outside_its_window_neither_writes_nor_hands_over(house, stage):
    filling.start_review(house)
    stage(Stage.MEMBER, None, -1)

    with pytest.raises(AnswersLocked, match="Pemeriksaan anggota tim sudah ditutup"):
        write(house, Track.TPI, house.member)
    for name in ("hand_over", "return_rows"):
        with pytest.raises(TransitionRefused, match="sudah ditutup"):
            perform(name, assessment=house.assessment, by=house.member, reason="Ya")

    longer(house, Stage.MEMBER, 0)
    write(house, Track.TPI, house.member)
    told = Notification.objects.filter(kind="extended").values_list("user", flat=True)
    assert list(told) == [house.member.pk]


def test_a_window_costs_the_save_no_statement(house, stage, django_assert_max_num_queries):
    stage(Stage.SELF, -3, 3)
    longer(house, Stage.SELF, 9)
    sheet = Assessment.objects.for_page().with_place_of(house.operator).get()
    house.operator = type(house.operator).objects.get(pk=house.operator.pk)

    with django_assert_max_num_queries(1):  # the memberships
        assert pen_of(house.operator, sheet, Track.UNIT) is not None
        assert due_of(sheet).is_binding


def test_a_repair_ends_within_its_window_and_an_extension_moves_a_running_one(house, stage):
    filling.start_review(house)
    stage(Stage.REPAIR, None, 3)

    def give_back(days):
        return perform(
            "return_rows",
            assessment=house.assessment,
            by=house.member,
            reason="Lengkapi",
            rows=[ReturnedRow(ROW, "incomplete", "")],
            due=end_of(timezone.localdate() + timedelta(days=days)),
        )

    with pytest.raises(TransitionRefused, match="berakhir"):
        give_back(4)
    house.assessment = give_back(3)
    longer(house, Stage.REPAIR, 6)
    house.assessment.refresh_from_db()
    assert house.assessment.repair_due == end_of(timezone.localdate() + timedelta(days=6))
    assert states.close_overdue_repairs(end_of(timezone.localdate() + timedelta(days=3))) == 0
    assert states.close_overdue_repairs(end_of(timezone.localdate() + timedelta(days=6))) == 1


def test_the_window_of_objections_stands_in_place_of_the_days(house, stage):
    sheet = house.assessment
    sheet.state, sheet.finalized_at = State.FINAL, timezone.now() - timedelta(days=30)
    assert not objections.is_open(sheet)
    stage(Stage.OBJECTION, None, 2)
    longer(house, Stage.OBJECTION, 5)
    fresh = Assessment(
        pk=sheet.pk,
        unit=sheet.unit,
        period=sheet.period,
        state=State.FINAL,
        finalized_at=sheet.finalized_at,
    )
    assert objections.window_end(fresh) == end_of(timezone.localdate() + timedelta(days=5))
    assert objections.is_open(fresh)


def test_windows_and_the_periods_days_never_disagree(house):
    period, by = house.assessment.period, house.secretariat
    days = {Stage.SELF: (date(2027, 3, 1), TODAY), Stage.QUALITY: (None, date(2027, 6, 30))}
    services.set_windows(period=period, days=days, by=by, version=period.version)
    fresh = Period.objects.get(pk=period.pk)
    assert (fresh.self_assessment_due, fresh.evaluation_due) == (TODAY, date(2027, 6, 30))
    with pytest.raises(RowChanged):
        services.set_windows(period=period, days=days, by=by, version=period.version)

    periods.update_period(period=fresh, by=by, self_assessment_due=date(2027, 6, 9))
    assert StageWindow.objects.get(stage=Stage.SELF).closes_on == date(2027, 6, 9)
    entries = AuditEntry.objects.filter(action="period.windows")
    assert entries.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"units": []}, "sedikitnya satu unit"),
        ({"reason": " "}, "alasan"),
        ({"reason": "a\x00b"}, "karakter"),
        ({"approver": ""}, "menyetujui"),
        ({"until": date(2020, 1, 1)}, "sudah lewat"),
    ],
)
def test_an_extension_that_cannot_be_is_refused_with_a_sentence(house, change, sentence):
    given = {
        "period": house.assessment.period,
        "stage": Stage.SELF,
        "units": [house.unit],
        "until": timezone.localdate() + timedelta(days=3),
        "reason": "Cuaca",
        "approver": "Inspektur III",
        "by": house.secretariat,
    }
    with pytest.raises(services.WindowRefused, match=sentence):
        services.extend(**given | change)
    assert not WindowExtension.objects.exists()


def test_whoever_has_longer_is_not_late(house, stage):
    period = house.assessment.period
    period.self_assessment_due = timezone.localdate() - timedelta(days=2)
    period.save()
    late = Assessment.objects.filter(overdue_q(period, timezone.now()))
    assert late.exists()
    longer(house, Stage.SELF, 2)
    assert not Assessment.objects.filter(overdue_q(period, timezone.now())).exists()


def test_the_secretariat_sets_windows_and_extends_on_the_periods_pages(client, house):
    period = house.assessment.period
    client.force_login(house.secretariat)
    address = reverse("assessments:period_windows", args=[period.pk])
    today = timezone.localdate()
    past = (today - timedelta(days=1)).isoformat()

    page = client.post(address, {"version": "1", "draft.opens": "2030-01-01", "draft.closes": past})
    assert "Akhir mendahului awal" in page.content.decode()
    assert client.post(address, {"version": "1", "draft.closes": past}).status_code == 302
    stale = client.post(address, {"version": "1", "draft.closes": "2031-01-01"}).content.decode()
    assert "baru saja diubah orang lain" in stale
    assert 'value="2031-01-01"' in stale

    extend = reverse("assessments:period_extend", args=[period.pk])
    given = {
        "stage": "draft",
        "until": (today + timedelta(days=4)).isoformat(),
        "reason": "Cuaca <b>buruk</b>",
        "approver": "Inspektur III",
    }
    refused = client.post(extend, given).content.decode()
    assert "Pilih sedikitnya satu unit" in refused
    assert "Cuaca &lt;b&gt;buruk" in refused
    assert client.post(extend, given | {"units": [house.unit.pk]}).status_code == 302
    assert "Cuaca &lt;b&gt;buruk" in client.get(extend).content.decode()
    assert "1 unit diperpanjang" in client.get(period.get_absolute_url()).content.decode()

    client.force_login(house.operator)
    sheet = client.get(reverse("assessments:worksheet", args=[house.assessment.pk, "1"]))
    assert "(diperpanjang)" in sheet.content.decode()
    WindowExtension.objects.all().delete()
    closed = client.get(reverse("assessments:worksheet", args=[house.assessment.pk, "1"]))
    assert "perpanjangan diminta kepada Sekretariat TPI" in closed.content.decode()
    assert "Penilaian mandiri sudah ditutup" in client.get("/").content.decode()
