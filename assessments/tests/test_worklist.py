"""My work: everybody finds his own next step, and nobody another's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.services.states import ReturnedRow, perform
from assessments.tests import filling
from assessments.tests.factories import make_assessment, make_team, make_unit
from assessments.worklist import tasks_of

pytestmark = pytest.mark.django_db


def titles(user) -> list[str]:
    """Return what a person is told to do, tasks of others marked."""
    found = tasks_of(user)
    return (
        [f"({task.title})" if task.by_others else task.title for task in found.tasks]
        if found
        else []
    )


def test_in_draft_the_unit_answers_and_the_team_has_nothing_to_do_yet(house):
    assert titles(house.operator) == ["Jawab 113 butir penilaian mandiri"]
    assert titles(house.head) == ["Tandai area yang sudah selesai"]
    assert titles(house.stranger) == titles(house.admin) == titles(house.outside_auditor) == []
    assert titles(house.member) == []


def test_a_submitted_sheet_waits_for_the_secretariat(house):
    filling.submit(house)

    assert titles(house.secretariat) == ["Mulai evaluasi PP Teluk Lantera"]
    assert titles(house.head) == ["(Tunggu penilaian TPI)"]


def test_in_review_the_rank_that_holds_it_works_and_the_others_wait(house):
    filling.start_review(house)

    assert titles(house.member) == ["Periksa 113 butir PP Teluk Lantera"]
    assert titles(house.lead) == ["(Tunggu anggota tim menyelesaikan PP Teluk Lantera)"]
    assert titles(house.supervisor) == ["(Tunggu anggota tim menyelesaikan PP Teluk Lantera)"]


def test_a_member_with_areas_counts_only_those(house):
    filling.start_review(house)
    place = house.assessment.team.get(rank="member")
    place.areas = ["5"]
    place.save()

    assert titles(house.member) == ["Periksa 22 butir PP Teluk Lantera"]


def test_a_finished_review_is_handed_on(house):
    filling.start_review(house)
    filling.review_all(house, house.member)

    assert titles(house.member) == ["Teruskan PP Teluk Lantera ke jenjang berikutnya"]


def test_returned_rows_are_urgent_for_the_unit_and_checked_again_afterwards(house):
    filling.start_review(house)
    filling.review_all(house, house.member)
    perform(
        "return_rows",
        assessment=house.assessment,
        by=house.member,
        reason="Lengkapi",
        rows=[ReturnedRow("A.I.1.i.a", "incomplete")],
        due=timezone.now() + timedelta(days=3),
    )

    (task,) = tasks_of(house.operator).tasks
    assert (task.title, task.urgent) == ("Perbaiki 1 butir yang dikembalikan", True)
    assert titles(house.member) == ["(Tunggu perbaikan PP Teluk Lantera)"]
    perform("finish_repair", assessment=house.assessment, by=house.head)
    assert titles(house.member) == ["Periksa ulang 1 butir PP Teluk Lantera"]


@pytest.mark.parametrize("sheets", [1, 12])
def test_the_list_costs_the_same_for_one_and_for_many(house, sheets):
    filling.start_review(house)
    for _number in range(sheets - 1):
        make_team(make_assessment(make_unit(), house.period), member=house.member)

    with CaptureQueriesContext(connection) as captured:
        tasks_of(house.member)

    assert len(captured.captured_queries) == 5
