"""Eight clients at once, forty writes each: nothing that was acknowledged is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from assessments import scoring
from assessments.catalog import catalog_of
from assessments.models import Answer, Track
from assessments.services.answers import AnswersConflict, Change, record_answers
from assessments.services.scores import score_track
from assessments.tests.factories import grant, make_assessment, make_unit, make_user
from units.access import Role
from zona import audit

CLIENTS = 8
WRITES = 40


@pytest.fixture
def sheet(transactional_db):
    """A blank draft and eight operators of its unit, committed."""
    unit = make_unit()
    assessment = make_assessment(unit)
    people = [make_user() for _number in range(CLIENTS)]
    for person in people:
        grant(person, Role.UNIT_OPERATOR, unit)
    return assessment, people


def at_once(jobs) -> None:
    """Run the jobs in threads that start together; raise what any of them raised."""
    barrier = threading.Barrier(len(jobs))

    def run(job):
        try:
            barrier.wait()
            job()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        for future in [pool.submit(run, job) for job in jobs]:
            future.result()


def assert_whole(assessment, writes: int) -> None:
    """Every acknowledged write left one audit entry, the chain holds, the score is true."""
    entries = audit.AuditEntry.objects.filter(stream=assessment.audit_stream, action="answer")
    assert entries.count() == writes
    assert list(audit.verify([assessment.audit_stream])) == []
    stored = assessment.scores.get(track=Track.UNIT)
    safe = score_track(assessment, Track.UNIT).readings[scoring.Reading.SAFE]
    assert stored.safe_total == scoring.stored(safe.total)


def test_on_different_rows_every_acknowledged_write_is_there(sheet):
    assessment, people = sheet
    codes = [
        code
        for code, indicator in catalog_of(assessment.instrument).engine.indicators.items()
        if not indicator.is_computed
    ]

    def client(number, person):
        def work():
            for turn in range(WRITES):
                code = codes[(number + turn * CLIENTS) % len(codes)]
                record_answers(
                    assessment=assessment,
                    track=Track.UNIT,
                    changes=[Change(code, {"condition": f"{person.pk}/{turn}"})],
                    by=person,
                )

        return work

    at_once([client(number, person) for number, person in enumerate(people)])

    assert_whole(assessment, CLIENTS * WRITES)


def test_on_the_same_row_a_write_is_acknowledged_or_told_of_the_conflict(sheet):
    assessment, people = sheet
    letters = ("A", "B", "C")
    acknowledged, refused = [], []

    def client(number, person):
        def work():
            seen_version, seen = 0, ""
            for turn in range(WRITES):
                letter = letters[(number + turn) % 3]
                try:
                    recorded = record_answers(
                        assessment=assessment,
                        track=Track.UNIT,
                        changes=[
                            Change(
                                "A.I.1.i.b",
                                {"choice": letter},
                                base_version=seen_version,
                                base={"choice": seen},
                            )
                        ],
                        by=person,
                    )
                except AnswersConflict as clash:
                    (conflict,) = clash.conflicts
                    seen_version, seen = conflict.version, conflict.theirs
                    refused.append(turn)
                else:
                    answer = recorded.answers["A.I.1.i.b"]
                    seen_version, seen = answer.version, answer.choice
                    acknowledged.extend(recorded.changed)

        return work

    at_once([client(number, person) for number, person in enumerate(people)])

    row = Answer.objects.get(assessment=assessment, track=Track.UNIT, indicator__code="A.I.1.i.b")
    assert row.version == len(acknowledged)
    assert len(refused) > 0
    assert_whole(assessment, len(acknowledged))
