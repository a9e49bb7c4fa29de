"""The end of a period: frozen at the services and below them, archived, opened again for a reason;
and the next one, made from it."""

import io
import json
import zipfile
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from assessments.archive_check import check_archive
from assessments.control.services import nudge
from assessments.journey import services as journey
from assessments.models import (
    Answer,
    Assessment,
    Period,
    PeriodArchive,
    Rank,
    State,
    TeamMember,
    Track,
)
from assessments.services import closing, periods, roll_over, states, team_bulk, teams
from assessments.services.answers import Change, finish_area, record_answers
from assessments.services.archives import CannotArchive, make_archive
from assessments.services.comments import add_comment
from assessments.services.evidence import attach
from assessments.services.freeze import PeriodClosed
from assessments.services.objections import file_objection
from assessments.services.row_efforts import Wanted, set_row_effort
from assessments.services.worksheets import CannotOpen, open_assessment
from assessments.tests.factories import grant, make_unit, make_user
from assessments.tests.filling import fill_unit
from units.access import Role
from zona.models import AuditEntry, Job, Notification

pytestmark = pytest.mark.django_db

ROW = "A.I.1.i.a"
FIELDS = (
    "name",
    "instrument",
    "evidence_from",
    "evidence_to",
    "self_assessment_due",
    "evaluation_due",
    "proposal_due",
    "quota",
    "objection_days",
    "lead_may_submit",
    "needs_forwarding",
    "is_open",
)


def silent(percent, text=""):
    """Take a job's progress."""


@pytest.fixture
def closed(house):
    """The house with its unit's blank draft, its period closed."""
    house.period = closing.close_period(period=house.period, by=house.secretariat, accepted_open=1)
    house.assessment = Assessment.objects.for_page().get(pk=house.assessment.pk)
    return house


WRITES = {
    "an answer": lambda h: record_answers(
        assessment=h.assessment,
        track=Track.UNIT,
        changes=[Change(ROW, {"choice": "Ya"}, 0)],
        by=h.operator,
    ),
    "a step": lambda h: states.perform("submit", assessment=h.assessment, by=h.head),
    "a team": lambda h: teams.add_member(
        assessment=h.assessment, user=h.outside_auditor, rank=Rank.MEMBER, by=h.secretariat
    ),
    "many teams": lambda h: team_bulk.assign_many(
        assessments=[h.assessment.pk],
        people=[],
        assignment=None,
        replace=False,
        seen="",
        by=h.secretariat,
    ),
    "evidence": lambda h: attach(assessment=h.assessment, code=ROW, evidence=None, by=h.operator),
    "a comment": lambda h: add_comment(
        assessment=h.assessment, code=ROW, text="Mohon dicek.", by=h.operator
    ),
    "an objection": lambda h: file_objection(
        assessment=h.assessment, code=ROW, text="Keliru.", by=h.head
    ),
    "a plan of a row": lambda h: set_row_effort(
        assessment=h.assessment, code=ROW, wanted=Wanted(effort=2), base_version=0, by=h.zi_lead
    ),
    "a condition": lambda h: journey.write_check(
        unit=h.unit,
        period=h.period,
        scope="unit",
        code="x",
        by=h.secretariat,
        version=0,
        value="1",
        proof="",
        verdict=None,
        note="",
    ),
    "a proposal": lambda h: journey.propose(
        period=h.period,
        units=[h.unit],
        by=h.secretariat,
        number="1",
        dated_on=date(2026, 1, 1),
        sptjm_on=date(2026, 1, 1),
    ),
    "a reminder": lambda h: nudge(period=h.period, sheets=[h.assessment], by=h.secretariat),
    "the period itself": lambda h: periods.update_period(
        period=h.period, by=h.secretariat, quota=9
    ),
}


def test_nothing_of_a_closed_period_is_written(closed):
    before = AuditEntry.objects.count()

    for write in WRITES.values():
        with pytest.raises(PeriodClosed, match="sudah ditutup"):
            write(closed)

    assert AuditEntry.objects.count() == before


def test_no_worksheet_is_opened_and_no_step_offered_in_a_closed_period(closed):
    with pytest.raises(CannotOpen):
        open_assessment(unit=closed.sibling, period=closed.period, by=None)

    assert states.available_transitions(closed.head, closed.assessment) == []
    candidacy = journey.fresh_candidacy(closed.unit, closed.period, None)
    assert journey.available_acts(closed.secretariat, candidacy) == []


def test_the_database_refuses_what_would_pass_the_services(closed):
    for statement in (
        "UPDATE assessments_answer SET choice = 'A' WHERE assessment_id = {pk}",
        "DELETE FROM assessments_teammember WHERE assessment_id = {pk}",
        "UPDATE assessments_assessment SET state = 'final' WHERE id = {pk}",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(pk=closed.assessment.pk))


def test_a_save_from_the_browser_gets_the_sentence_and_the_page_shows_no_pen(client, closed):
    client.force_login(closed.operator)
    address = reverse("assessments:comment_add", args=[closed.assessment.pk, ROW])

    script = client.post(address, {"text": "a"}, headers={"Accept": "application/json"})
    person = client.post(address, {"text": "a"}, follow=True)
    page = client.get(reverse("assessments:worksheet", args=[closed.assessment.pk, "1"]))

    assert (script.status_code, script.json()["error"]) == (423, "locked")
    assert "dibekukan dan hanya dapat dibaca" in person.content.decode()
    assert person.redirect_chain[0][0] == closed.period.get_absolute_url()
    assert "Simpan butir" not in page.content.decode()


# Closing ----------------------------------------------------------------------------------------


def test_unfinished_worksheets_are_frozen_only_with_ones_word(client, house):
    client.force_login(house.secretariat)
    address = reverse("assessments:period_close", args=[house.period.pk])
    typed = {"name": house.period.name.upper(), "open_count": "1"}

    silent_form = client.post(address, typed)
    wrong_name = client.post(address, {**typed, "accepted": "on", "name": "lain"})
    stale = client.post(address, {**typed, "accepted": "on", "open_count": "0"})
    done = client.post(address, {**typed, "accepted": "on"})

    assert "Centang bila" in silent_form.content.decode()
    assert "berbeda dengan nama periode" in wrong_name.content.decode()
    assert "1 LKE belum final" in stale.content.decode()
    assert done.status_code == 302
    period = Period.objects.get(pk=house.period.pk)
    assert (period.is_closed, period.is_open, period.closed_by) == (True, False, house.secretariat)
    assert Job.objects.get(kind="period_archive").args == {"period": period.pk}


def test_only_the_inspector_general_opens_a_closed_period_again_and_says_why(closed):
    for by, reason in ((closed.secretariat, "Keliru"), (closed.inspector_general, " ")):
        with pytest.raises(closing.ClosingRefused):
            closing.reopen_period(period=closed.period, reason=reason, by=by)

    closing.reopen_period(period=closed.period, reason="Keliru", by=closed.inspector_general)

    WRITES["a comment"](closed)
    entry = AuditEntry.objects.get(action="period.reopened")
    assert (entry.data["reason"], entry.actor_id) == ("Keliru", closed.inspector_general.pk)
    assert Notification.objects.filter(user=closed.secretariat, kind="period").count() == 1
    with pytest.raises(CannotOpen):
        open_assessment(unit=closed.sibling, period=closed.period, by=None)


# The archive ------------------------------------------------------------------------------------


@pytest.fixture
def archive(house, settings, tmp_path):
    """The archive of a period with one worksheet that was handed in, and its path."""
    settings.MEDIA_ROOT = tmp_path
    fill_unit(house)
    for section in "123456B":
        finish_area(assessment=house.assessment, section=section, by=house.zi_lead)
    states.perform(
        "submit",
        assessment=house.assessment,
        by=house.head,
        waivers=dict.fromkeys(("no_evidence", "best_without_evidence"), "Menyusul."),
    )
    house.period = closing.close_period(period=house.period, by=house.secretariat, accepted_open=1)
    made = make_archive(period=house.period, by=house.secretariat, report=silent)
    return made, tmp_path / made.file.name


def test_the_archive_holds_seals_scores_and_lists_and_verifies(archive, capsys):
    made, path = archive

    again = make_archive(period=made.period, by=None, report=silent)

    with zipfile.ZipFile(path) as content:
        names = content.namelist()
        state = json.loads(content.read("lke/PPTL/v1/keadaan-unit.json"))
    assert "lke/PPTL/v1/segel/01-submit-unit.json" in names
    assert {"manifest.json", "SHA256SUMS", "nilai.csv", "dokumen.csv", "instrumen.json"} <= set(
        names
    )
    assert len(state["answers"]) == 113
    assert (again, made.entry_count, made.sheet_count) == (made, len(names), 1)
    call_command("verify_archive", str(path), "--database")
    assert made.sha256 in capsys.readouterr().out
    with pytest.raises(IntegrityError), transaction.atomic():
        PeriodArchive.objects.update(sha256="0" * 64)


def test_a_changed_archive_is_found_out(archive, tmp_path):
    _made, path = archive
    other = tmp_path / "lain.zip"
    for name, content, fault in (
        ("nilai.csv", b"unit\n", "nilai.csv: isi berubah"),
        ("lke/PPTL/v1/keadaan-unit.json", None, "lke/PPTL/v1/keadaan-unit.json: tidak ada"),
        ("tambahan.txt", b"x", "tambahan.txt: tidak tercatat"),
    ):
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(other, "w") as target:
            for entry in source.namelist():
                if entry != name:
                    target.writestr(entry, source.read(entry))
            if content is not None:
                target.writestr(name, content)
        assert fault in list(check_archive(other))
    with pytest.raises(CommandError, match="tidak utuh"):
        call_command("verify_archive", str(other), stderr=io.StringIO())


def test_a_period_opened_again_while_it_is_archived_gets_no_archive(closed, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    stale = Period.objects.select_related("instrument", "closed_by").get(pk=closed.period.pk)
    closing.reopen_period(period=closed.period, reason="Keliru", by=closed.inspector_general)

    with pytest.raises(CannotArchive):
        make_archive(period=stale, by=None, report=silent)

    assert list(tmp_path.rglob("*.zip")) == []


# Rolling over -----------------------------------------------------------------------------------


def roll(house, **changes):
    fields = {name: getattr(house.period, name) for name in FIELDS}
    fields |= {"year": house.period.year + 1, "name": "Periode baru", "is_open": True, **changes}
    wanted = roll_over.Carried()
    target, job = roll_over.roll_over(
        source=house.period, wanted=wanted, by=house.secretariat, **fields
    )
    outcome = roll_over.carry_over(
        source=house.period, target=target, wanted=wanted, by=house.secretariat, report=silent
    )
    return target, job, outcome


def test_a_new_year_takes_units_and_teams_and_nothing_twice(house):
    fill_unit(house)
    grant(house.member, Role.UNIT_OPERATOR, house.unit)
    gone = make_unit(house.unit.parent)
    open_assessment(unit=gone, period=house.period, by=None)
    gone.is_active = False
    gone.save()

    plan = roll_over.preview(house.period, None, roll_over.Carried(), year=2027)
    target, job, first = roll(house)
    again, same_job, second = roll(house)

    assert (plan.opens, plan.exists, plan.places) == (1, 0, 3)
    assert {(item.what, item.why) for item in plan.left} == {
        ("unit", "unit sudah ditutup"),
        (house.member.name, "sekarang berasal dari unit ini"),
    }
    assert (first.opened, first.places, second.opened) == (1, 3, 0)
    assert (again, same_job, target.rolled_from) == (target, job, house.period)
    sheet = target.assessments.get()
    assert (sheet.state, sheet.assignment) == (State.DRAFT, None)
    assert not Answer.objects.filter(assessment=sheet).answered().exists()
    assert set(TeamMember.objects.filter(assessment=sheet).values_list("user", "rank")) == {
        (house.lead.pk, "lead"),
        (house.supervisor.pk, "supervisor"),
        (house.quality.pk, "quality"),
    }


def test_the_page_says_what_comes_along_and_refuses_an_earlier_year(client, house):
    client.force_login(house.secretariat)
    address = reverse("assessments:period_roll", args=[house.period.pk])

    page = client.get(address)
    values = {
        name: value
        for name, value in page.context["form"].initial.items()
        if value not in (None, False)
    }
    early = client.post(address, {**values, "year": house.period.year})
    done = client.post(address, {**values, "carry_units": "on", "carry_teams": "on"})
    twice = client.post(address, {**values, "name": "Lain"})

    assert (page.context["plan"].opens, page.context["plan"].places) == (1, 4)
    assert "harus sesudah" in early.content.decode()
    target = Period.objects.get(rolled_from=house.period)
    assert (done.url, target.year) == (target.get_absolute_url(), house.period.year + 1)
    assert "sudah digulirkan menjadi" in twice.content.decode()
    assert "Menunggu giliran" in client.get(done.url).content.decode()


def test_people_who_left_the_inspectorate_stay_behind(house):
    house.lead.memberships.update(valid_to=date(2021, 1, 1))
    other = make_user("lain")

    plan = roll_over.preview(house.period, None, roll_over.Carried(), year=2027)

    assert [(item.what, item.why) for item in plan.left] == [
        (house.lead.name, "tidak lagi memegang peran untuk ketua tim")
    ]
    assert other.is_active
