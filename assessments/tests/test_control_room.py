"""The control room: what is late and with whom, teams for many units, reminders, announcements."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.control.page import build_control_room
from assessments.control.services import announce, mark_read, nudge, plan_nudges, unread_by
from assessments.models import Announcement, Assessment, Assignment, Nudge, Rank, State, TeamMember
from assessments.services import team_bulk
from assessments.services.team_bulk import BulkRefused, PlansChanged, assign_many, digest_of
from assessments.tests.factories import grant, make_assessment, make_unit, make_user
from assessments.tests.test_periods_and_teams import LETTER, statements
from units.access import Role
from units.models import Unit
from zona.models import AuditEntry, Notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(house):
    """The house's worksheet in review past its day, and three blank drafts past theirs."""
    house.period.self_assessment_due = timezone.localdate() - timedelta(days=3)
    house.period.evaluation_due = timezone.localdate() - timedelta(days=1)
    house.period.save()
    Assessment.objects.filter(pk=house.assessment.pk).update(state=State.LEAD_REVIEW)
    house.assessment.refresh_from_db()
    house.drafts = [make_assessment(make_unit(house.sibling.parent), house.period) for _n in "abc"]
    return house


def assessor(name, role=Role.AUDITOR):
    user = make_user(name)
    grant(user, role, Unit.objects.get(level="ministry"))
    return user


def plan(house, sheets, people, **more):
    values = {"assignment": None, "replace": False, "by": house.secretariat, **more}
    return team_bulk.plan_teams(sheets=sheets, people=people, **values)


def assign(house, sheets, people, plans, **more):
    values = {"assignment": None, "replace": False, "by": house.secretariat, **more}
    return assign_many(
        assessments=[sheet.pk for sheet in sheets], people=people, seen=digest_of(plans), **values
    )


# The page -------------------------------------------------------------------------------------


def test_the_room_tells_what_is_late_where_and_with_whom(late):
    page = build_control_room(late.secretariat, {})

    assert (page.total, page.late, page.not_started) == (4, 4, 3)
    assert page.unopened == Unit.objects.exclude(level="ministry").count() - 4
    assert [(one.state, one.side, one.count, one.late) for one in page.stages] == [
        (State.DRAFT, "Unit", 3, 3),
        (State.LEAD_REVIEW, "Ketua tim", 1, 1),
    ]
    row = next(row for row in page.rows if row.pk == late.assessment.pk)
    assert (row.side, row.people, row.days_late) == ("Ketua tim", (late.lead.name,), 1)
    assert (row.lacking_ranks, row.letter != "") == (0, True)
    draft = next(row for row in page.rows if row.pk == late.drafts[0].pk)
    assert (draft.lacks_people, draft.lacking_ranks, draft.letter) == (True, 4, "")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ({"saring": "belum-mulai"}, 3),
        ({"saring": "tanpa-tim"}, 3),
        ({"saring": "tanpa-surat"}, 3),
        ({"saring": "lewat", "tahap": "lead_review"}, 1),
        ({"q": "PPTL"}, 1),
        ({"saring": "bukan", "tahap": "bukan", "periode": "bukan", "urut": "bukan"}, 4),
    ],
)
def test_the_room_is_narrowed(late, address, shown):
    assert len(build_control_room(late.secretariat, address).rows) == shown


def test_the_load_counts_open_worksheets_and_names_the_free(late):
    free = assessor("bebas")

    loads = {load.user_id: load for load in build_control_room(late.secretariat, {}).loads}

    assert (loads[late.lead.pk].lead, loads[late.lead.pk].waiting, loads[late.lead.pk].late) == (
        1,
        1,
        1,
    )
    assert (loads[late.member.pk].total, loads[late.member.pk].waiting) == (1, 0)
    assert loads[free.pk].total == 0


def test_the_room_costs_the_same_for_few_and_many(client, late):
    client.force_login(late.secretariat)
    client.get("/kendali/")

    few = statements(client, "/kendali/")
    for number in range(30):
        sheet = late.drafts[0] if number else late.assessment
        Assessment.objects.create(
            unit=make_unit(late.sibling.parent),
            period=late.period,
            instrument=late.period.instrument,
            state=State.DRAFT if sheet.is_draft else State.LEAD_REVIEW,
        ).scores.create(
            track="unit",
            **{
                field: getattr(sheet.scores.get(track="unit"), field)
                for field in ("safe_total", "filled_total", "indicator_count", "figures")
            },
        )
    many = statements(client, "/kendali/")

    assert (few, many) == (12, 12)


# Teams for many units -------------------------------------------------------------------------


def test_a_team_is_set_for_many_units_or_for_none(late):
    lead, member = assessor("ketua"), assessor("anggota")
    letter = Assignment(**LETTER)
    people = [(Rank.MEMBER, member), (Rank.LEAD, lead)]
    sheets = late.drafts
    plans = plan(late, sheets, people, assignment=letter)

    assign(late, sheets, people, plans, assignment=letter)

    assert Assignment.objects.get(number=LETTER["number"]).assessments.count() == 3
    assert set(TeamMember.objects.filter(assessment__in=sheets).values_list("user", "rank")) == {
        (member.pk, "member"),
        (lead.pk, "lead"),
    }
    for sheet in sheets:
        actions = AuditEntry.objects.filter(stream=f"assessment:{sheet.pk}")
        assert list(actions.order_by("seq").values_list("action", flat=True))[1:] == [
            "team.added",
            "team.added",
            "team.assignment",
        ]
    assert list(Notification.objects.filter(user=lead).values_list("text", flat=True)) == [
        "Anda ditunjuk sebagai ketua tim untuk 3 LKE."
    ]


def test_one_unit_that_refuses_leaves_all_as_they_were(late):
    insider = assessor("orang-dalam")
    grant(insider, Role.UNIT_OPERATOR, late.drafts[0].unit)
    people = [(Rank.LEAD, insider)]
    sheets = [*late.drafts, late.assessment]

    with pytest.raises(BulkRefused) as refused:
        assign(late, sheets, people, plan(late, sheets, people))

    faults = {item.assessment.pk: item.faults for item in refused.value.plans}
    assert "berasal dari unit ini" in faults[late.drafts[0].pk][0]
    assert faults[late.drafts[1].pk] == ()
    assert "sudah menjadi ketua tim" in faults[late.assessment.pk][0]
    assert not TeamMember.objects.filter(user=insider).exists()


def test_the_preview_names_dual_membership_and_who_assisted(late, monkeypatch):
    person = assessor("rangkap")
    grant(person, Role.UNIT_OPERATOR, late.unit)
    pair = frozenset({(late.drafts[0].unit_id, person.pk)})
    monkeypatch.setattr(team_bulk, "assisted_pairs", lambda by, period_id: pair)
    people = [(Rank.MEMBER, person)]

    first, second, _third = plan(late, late.drafts, people)

    assert [seat.assisted for seat in first.comes] == [True]
    assert "mendampingi unit ini" in first.warnings[0]
    assert second.warnings == ("Rangkap juga Operator di PP Teluk Lantera.",)
    assert (first.faults, second.faults) == ((), ())


def test_a_holder_is_replaced_only_when_asked(late):
    lead = assessor("ketua-baru")
    people, sheets = [(Rank.LEAD, lead)], [late.assessment]

    (item,) = plans = plan(late, sheets, people, replace=True)
    assign(late, sheets, people, plans, replace=True)

    assert [seat.user for seat in item.goes] == [late.lead]
    assert late.assessment.team.get(rank=Rank.LEAD).user == lead


def test_a_team_that_changed_since_the_preview_is_shown_again(late):
    lead = assessor("ketua")
    people, sheets = [(Rank.LEAD, lead)], late.drafts
    plans = plan(late, sheets, people)
    TeamMember.objects.create(assessment=sheets[0], user=lead, rank=Rank.LEAD)

    with pytest.raises(PlansChanged):
        assign(late, sheets, people, plans)


def test_the_secretariat_walks_from_the_list_over_the_preview_to_a_saved_team(client, late):
    client.force_login(late.secretariat)
    lead = assessor("ketua")
    address = reverse("assessments:control_team", args=[late.period.pk])
    chosen = [sheet.pk for sheet in late.drafts]

    form = client.post(address, {"assessment": chosen, "saringan": "saring=tanpa-tim"})
    blank = client.post(address, {"pilihan": form.context["keys"], "langkah": "pratinjau"})
    values = {"pilihan": form.context["keys"], "lead": lead.pk, "letter": "new", "number": "ST-9"}
    unfinished = client.post(address, {**values, "langkah": "pratinjau"})
    values |= {"dated_on": "2026-04-01", "starts_on": "2026-04-06", "ends_on": "2026-04-17"}
    preview = client.post(address, {**values, "langkah": "pratinjau"})
    values |= {"dilihat": preview.context["seen"], "saringan": "saring=tanpa-tim"}
    saved = client.post(address, {**values, "langkah": "simpan"})

    assert "sedikitnya satu orang" in blank.content.decode()
    assert set(unfinished.context["form"].errors) == {"dated_on", "starts_on", "ends_on"}
    assert (preview.context["changing"], preview.context["faulty"]) == (3, 0)
    assert "saring=tanpa-tim" in saved.url
    assert TeamMember.objects.filter(user=lead).count() == 3


# Reminders ------------------------------------------------------------------------------------


def test_whoever_holds_it_is_reminded_once_a_day_for_the_same_step(late):
    head = make_user("kepala-lain")
    grant(head, Role.UNIT_HEAD, late.drafts[0].unit)
    sheets = [late.assessment, *late.drafts]

    first = nudge(period=late.period, sheets=sheets, by=late.secretariat)
    again = nudge(period=late.period, sheets=sheets, by=late.secretariat)

    assert {item.user for item in first.reminders} == {late.lead, head}
    assert {sheet.pk for sheet in first.nobody} == {late.drafts[1].pk, late.drafts[2].pk}
    assert (again.reminders, len(again.already)) == ((), 2)
    assert Nudge.objects.count() == 2
    assert Notification.objects.filter(user__in=[late.lead, head], kind="nudge").count() == 2
    row = build_control_room(late.secretariat, {"q": "PPTL"}).rows[0]
    assert (row.nudged_on, row.nudged_by) == (timezone.localdate(), late.secretariat.name)


def test_another_step_of_the_same_day_may_be_reminded_of(late):
    nudge(period=late.period, sheets=[late.assessment], by=late.secretariat)
    Assessment.objects.filter(pk=late.assessment.pk).update(state=State.SUPERVISOR_REVIEW)
    late.assessment.refresh_from_db()

    plan_now = plan_nudges(period=late.period, sheets=[late.assessment])

    assert [item.user for item in plan_now.reminders] == [late.supervisor]


def test_all_of_a_filter_are_chosen_by_one_tick(client, late):
    client.force_login(late.secretariat)
    address = reverse("assessments:control_nudge", args=[late.period.pk])

    shown = client.post(address, {"semua": "1", "saringan": "saring=belum-mulai"})
    nothing = client.post(address, {"assessment": "x" * 30})

    assert len(shown.context["plan"].nobody) == 3
    assert nothing.status_code == 302


# Announcements --------------------------------------------------------------------------------


def test_an_announcement_stands_on_the_home_page_until_it_was_read(client, late):
    client.force_login(late.secretariat)
    address = reverse("assessments:announcement_create", args=[late.period.pk])
    today = timezone.localdate()
    values = {"pilihan": str(late.assessment.pk), "langkah": "simpan", "title": "Batas waktu"}
    values |= {"text": "Isi <b>LKE</b>.", "starts_on": today, "ends_on": today}

    wrong = client.post(address, {**values, "ends_on": today - timedelta(days=1)})
    client.post(address, values)

    announcement = Announcement.objects.get()
    assert "mendahului hari pertama" in wrong.content.decode()
    assert list(unread_by(late.head)) == [announcement]
    assert list(unread_by(late.outside_auditor)) == []
    client.force_login(late.head)
    assert "Isi &lt;b&gt;LKE&lt;/b&gt;." in client.get("/").content.decode()
    client.post(reverse("assessments:announcement_read", args=[announcement.pk]))
    assert list(unread_by(late.head)) == []
    client.force_login(late.secretariat)
    page = client.get(reverse("assessments:announcement_detail", args=[announcement.pk]))
    assert {row.user: bool(row.has_read) for row in page.context["page"]} == {
        late.operator: False,
        late.coordinator: False,
        late.zi_lead: False,
        late.head: True,
    }


@pytest.mark.parametrize(
    ("days", "withdrawn", "shown"),
    [((-2, -1), False, 0), ((1, 2), False, 0), ((0, 0), False, 1), ((0, 5), True, 0)],
)
def test_an_announcement_shows_between_its_days(late, days, withdrawn, shown):
    today = timezone.localdate()
    made = announce(
        units=[late.unit],
        by=late.secretariat,
        title="Kabar",
        text="Isi",
        starts_on=today + timedelta(days=days[0]),
        ends_on=today + timedelta(days=days[1]),
    )
    if withdrawn:
        Announcement.objects.update(withdrawn_at=timezone.now(), withdrawn_by=late.secretariat)
    mark_read(announcement=made, by=late.operator)

    assert (unread_by(late.head).count(), unread_by(late.operator).count()) == (shown, 0)
