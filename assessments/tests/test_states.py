"""The state table: what is in it works for whom it names, what is not is impossible."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from assessments.models import Answer, RowState, State, Track
from assessments.services import answers, states
from assessments.services.states import ReturnedRow, TransitionRefused, perform
from assessments.tests import filling
from zona.models import Notification

pytestmark = pytest.mark.django_db

PEOPLE = (
    "operator",
    "coordinator",
    "zi_lead",
    "head",
    "eselon1",
    "secretariat",
    "inspector_general",
    "admin",
    "observer",
    "outside_auditor",
    "stranger",
    "member",
    "lead",
    "supervisor",
    "quality",
)

# state → transition → who may take it. Everything else is refused.
TABLE = {
    "draft": {"submit": {"head"}, "start_without_self": {"secretariat"}},
    "submitted": {"start_review": {"secretariat"}},
    "forwarded": {"start_review": {"secretariat"}},
    "member_review": {"hand_over": {"member"}, "return_rows": {"member"}},
    "lead_review": {"hand_over": {"lead"}, "return_rows": {"lead"}, "step_back": {"lead"}},
    "supervisor_review": {
        "hand_over": {"supervisor"},
        "return_rows": {"supervisor"},
        "step_back": {"supervisor"},
    },
    "quality_review": {
        "finalize": {"quality"},
        "return_rows": {"quality"},
        "step_back": {"quality"},
    },
    "repair": {"finish_repair": {"zi_lead", "head"}},
    "final": {"new_version": {"secretariat"}},
}


def put(house, state: str) -> None:
    """Set a state directly, as the constraints of the table ask."""
    house.assessment.state = state
    now = timezone.now()
    house.assessment.finalized_at = now if state == State.FINAL else None
    house.assessment.repair_due = now + timedelta(days=7) if state == State.REPAIR else None
    house.assessment.repair_from = State.MEMBER_REVIEW if state == State.REPAIR else ""
    house.assessment.save()


@pytest.mark.parametrize("state", State.values)
def test_only_the_transitions_of_the_table_are_offered_to_each_person(house, state):
    put(house, state)

    offered = {}
    for name in PEOPLE:
        for item in states.available_transitions(getattr(house, name), house.assessment):
            offered.setdefault(item.name, set()).add(name)

    assert offered == TABLE[state]


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("name", [item.name for item in states.TRANSITIONS])
def test_a_transition_outside_the_table_is_refused_and_changes_nothing(house, state, name):
    put(house, state)
    allowed = TABLE[state].get(name, set())

    for person in PEOPLE:
        if person in allowed:
            continue
        with pytest.raises(TransitionRefused):
            perform(
                name,
                assessment=house.assessment,
                by=getattr(house, person),
                reason="Alasan",
                rows=[ReturnedRow("A.I.1.i.a", "incomplete")],
                due=timezone.now() + timedelta(days=3),
            )

    house.assessment.refresh_from_db()
    assert house.assessment.state == state


def test_with_forwarding_the_eselon1_forwards_or_returns_and_tpi_waits(house):
    house.period.needs_forwarding = True
    house.period.save()
    filling.submit(house)

    with pytest.raises(TransitionRefused):
        perform("start_review", assessment=house.assessment, by=house.secretariat)
    back = perform(
        "return_to_draft", assessment=house.assessment, by=house.eselon1, reason="Area 3 keliru"
    )

    assert back.state == State.DRAFT
    assert back.submitted_at is None
    assert back.finished_areas.count() == 0


def test_a_lead_submits_only_where_the_period_says_so(house):
    assert "submit" not in {
        item.name for item in states.available_transitions(house.zi_lead, house.assessment)
    }

    house.assessment.period.lead_may_submit = True

    assert "submit" in {
        item.name for item in states.available_transitions(house.zi_lead, house.assessment)
    }


def test_submitting_needs_every_area_and_every_row(house):
    with pytest.raises(TransitionRefused) as refusal:
        perform("submit", assessment=house.assessment, by=house.head)

    rules = [finding.rule for finding in refusal.value.findings]
    assert rules.count("area_unfinished") == 7
    assert rules.count("unanswered") == 113


def test_submitting_seals_the_unit_track_and_tells_the_secretariat(house):
    filling.submit(house)

    seal = house.assessment.seals.get()
    assert (seal.track, seal.occasion, seal.signed_by) == ("unit", "submit", house.head)
    assert house.assessment.state == State.SUBMITTED
    assert list(Notification.objects.values_list("user__username", flat=True)) == ["secretariat"]


def test_a_review_without_team_or_letter_does_not_start(house):
    filling.submit(house)
    house.assessment.team.all().delete()

    with pytest.raises(TransitionRefused, match="Tim belum lengkap"):
        perform("start_review", assessment=house.assessment, by=house.secretariat)


def test_a_worksheet_without_self_assessment_keeps_the_reason(house):
    with pytest.raises(TransitionRefused, match="alasan"):
        perform("start_without_self", assessment=house.assessment, by=house.secretariat)

    started = perform(
        "start_without_self",
        assessment=house.assessment,
        by=house.secretariat,
        reason="Unit baru dibentuk",
    )

    assert (started.state, started.without_self) == (State.MEMBER_REVIEW, True)
    assert started.without_self_reason == "Unit baru dibentuk"


def test_handing_over_an_unfinished_sheet_names_every_broken_rule(house):
    filling.start_review(house)

    with pytest.raises(TransitionRefused) as refusal:
        perform("hand_over", assessment=house.assessment, by=house.member)

    assert {finding.rule for finding in refusal.value.findings} == {"unanswered"}
    assert len(refusal.value.findings) == 113


def test_the_whole_way_to_final_seals_every_hand_over(house):
    filling.finalize(house)

    assert house.assessment.state == State.FINAL
    assert list(house.assessment.seals.order_by("pk").values_list("track", "occasion")) == [
        ("unit", "submit"),
        ("tpi", "hand_over:member"),
        ("tpi", "hand_over:lead"),
        ("tpi", "hand_over:supervisor"),
        ("unit", "final"),
        ("tpi", "final"),
    ]
    assert house.assessment.seals.filter(track="tpi").values("sha256").distinct().count() == 1


def test_the_database_itself_refuses_to_change_a_final_worksheet(house):
    filling.finalize(house)

    for track in (Track.UNIT, Track.TPI):
        with pytest.raises(IntegrityError), transaction.atomic():
            Answer.objects.filter(assessment=house.assessment, track=track).update(condition="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        house.assessment.evidence_uses.update(page="9")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE assessments_seal SET payload = ''")
    changed = Answer.objects.filter(assessment=house.assessment, track=Track.TPN).update(
        condition="dicatat"
    )
    assert changed == 113


def returned(house, *codes: str, days: int = 5):
    """Return rows of a worksheet in the first review."""
    return perform(
        "return_rows",
        assessment=house.assessment,
        by=house.member,
        reason="Lengkapi bukti",
        rows=[ReturnedRow(code, "incomplete", "Unggah laporan.") for code in codes],
        due=timezone.now() + timedelta(days=days),
    )


def test_in_repair_the_unit_changes_only_the_returned_rows(house):
    filling.start_review(house)
    house.assessment = returned(house, "A.I.1.i.a")

    with pytest.raises(answers.AnswersLocked):
        answers.record_answers(
            assessment=house.assessment,
            track=Track.UNIT,
            changes=[answers.Change("A.I.1.i.b", {"choice": "B"})],
            by=house.operator,
        )
    answers.record_answers(
        assessment=house.assessment,
        track=Track.UNIT,
        changes=[answers.Change("A.I.1.i.a", {"condition": "SK diunggah ulang."})],
        by=house.operator,
    )

    row = Answer.objects.get(
        assessment=house.assessment, track=Track.TPI, indicator__code="A.I.1.i.a"
    )
    assert row.review_state == RowState.REPAIRED


def test_a_repair_goes_back_to_the_rank_that_returned_it_and_must_be_rechecked(house):
    filling.start_review(house)
    filling.review_all(house, house.member)
    house.assessment = returned(house, "A.I.1.i.a")
    house.assessment = perform("finish_repair", assessment=house.assessment, by=house.zi_lead)
    assert house.assessment.state == State.MEMBER_REVIEW

    with pytest.raises(TransitionRefused) as refusal:
        perform("hand_over", assessment=house.assessment, by=house.member)

    assert [finding.rule for finding in refusal.value.findings] == ["repair_open"]


def test_an_overdue_repair_is_closed_by_the_clock_once(house):
    filling.start_review(house)
    house.assessment = returned(house, "A.I.1.i.a", days=2)

    early = states.close_overdue_repairs(timezone.now() + timedelta(days=1))
    first = states.close_overdue_repairs(timezone.now() + timedelta(days=3))
    second = states.close_overdue_repairs(timezone.now() + timedelta(days=3))

    house.assessment.refresh_from_db()
    assert (early, first, second) == (0, 1, 0)
    assert house.assessment.state == State.MEMBER_REVIEW
    assert house.assessment.seals.get(occasion="repair").signed_by is None


def test_a_return_needs_rows_reasons_and_a_deadline_ahead(house):
    filling.start_review(house)
    soon = timezone.now() + timedelta(days=2)

    for rows, due in (
        ([], soon),
        ([ReturnedRow("A.I.1.i.a", "")], soon),
        ([ReturnedRow("X.1", "incomplete")], soon),
        ([ReturnedRow("A.I.1.i.a", "incomplete")], timezone.now() - timedelta(minutes=1)),
        ([ReturnedRow("A.I.1.i.a", "incomplete")], None),
    ):
        with pytest.raises(TransitionRefused):
            perform(
                "return_rows",
                assessment=house.assessment,
                by=house.member,
                reason="Alasan",
                rows=rows,
                due=due,
            )

    house.assessment.refresh_from_db()
    assert house.assessment.state == State.MEMBER_REVIEW


def test_a_new_version_carries_everything_and_the_old_one_stays(house):
    filling.finalize(house)
    old = house.assessment

    fresh = perform("new_version", assessment=old, by=house.secretariat, reason="Salah hitung")

    assert (fresh.version, fresh.supersedes, fresh.state) == (2, old, State.MEMBER_REVIEW)
    assert fresh.scores.get(track="tpi").safe_total == old.scores.get(track="tpi").safe_total
    assert fresh.answers.filter(track="tpi").answered().count() == 113
    assert fresh.evidence_uses.count() == old.evidence_uses.count() == 113
    assert fresh.team.count() == 4
    old.refresh_from_db()
    assert old.state == State.FINAL
    with pytest.raises(TransitionRefused, match="sudah dibuat"):
        perform("new_version", assessment=old, by=house.secretariat, reason="Lagi")


def test_nobody_reviews_what_he_handed_on_in_another_rank(house):
    filling.start_review(house)
    filling.review_all(house, house.member)
    house.assessment = perform("hand_over", assessment=house.assessment, by=house.member)
    house.assessment.team.filter(user=house.lead).delete()
    house.assessment.team.filter(user=house.member).update(rank="lead")

    with pytest.raises(TransitionRefused, match="jenjang lain"):
        perform("hand_over", assessment=house.assessment, by=house.member)


def test_a_member_of_the_unit_has_no_place_on_its_team(house):
    from assessments.tests.factories import grant
    from units.access import Role, forget_access

    filling.start_review(house)
    grant(house.member, Role.UNIT_OPERATOR, house.unit)
    forget_access(house.member)
    house.assessment.__dict__.pop("_places", None)

    assert states.available_transitions(house.member, house.assessment) == []
