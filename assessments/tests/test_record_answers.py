"""The one write path: what it stores, merges, refuses, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments import scoring
from assessments.catalog import catalog_of
from assessments.models import Answer, RowState, Track
from assessments.services.answers import (
    AnswersConflict,
    AnswersLocked,
    AnswersRefused,
    AreaUnfinished,
    Change,
    finish_area,
    record_answers,
)
from assessments.services.review import accept_rows
from assessments.services.scores import score_track
from assessments.tests import filling
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db


def write(house, code, fields, *, by=None, track=Track.UNIT, **options):
    """Write one row as the operator."""
    return record_answers(
        assessment=house.assessment,
        track=track,
        changes=[Change(code, fields, **options)],
        by=by or house.operator,
    )


def row(house, code, track=Track.UNIT) -> Answer:
    """Read one row."""
    return Answer.objects.get(assessment=house.assessment, indicator__code=code, track=track)


def statements(queries) -> list[str]:
    """Keep the statements that read or write rows."""
    words = ("SELECT", "INSERT", "UPDATE", "DELETE")
    return [query["sql"] for query in queries if query["sql"].lstrip("(").startswith(words)]


def test_a_letter_is_stored_scored_and_told(house):
    recorded = write(house, "A.I.1.i.a", {"choice": "Ya"})

    stored = row(house, "A.I.1.i.a")
    assert (stored.choice, stored.version, stored.changed_by) == ("Ya", 1, house.operator)
    assert recorded.score.safe_total == scoring.stored(scoring.Fraction(1, 4))
    assert house.assessment.scores.get(track="unit").safe_total == recorded.score.safe_total
    entry = AuditEntry.objects.get(stream=house.assessment.audit_stream, action="answer")
    assert (entry.target, entry.actor_name) == ("A.I.1.i.a/unit", "Operator")
    assert entry.data == {"from": {"choice": ""}, "to": {"choice": "Ya"}, "source": "row"}


def test_counts_are_stored_exactly_and_a_comma_is_a_decimal_point(house):
    write(house, "B.I.a.1", {"inputs": {"nilai_ipak": "3,60"}})
    write(
        house,
        "A.II.1.i.a",
        {"inputs": {"jumlah_agen_perubahan": "7", "jumlah_perubahan_dibuat": 6}},
    )

    assert row(house, "B.I.a.1").inputs == {"nilai_ipak": "3.60"}
    assert row(house, "A.II.1.i.a").inputs == {
        "jumlah_agen_perubahan": 7,
        "jumlah_perubahan_dibuat": 6,
    }


def test_the_same_content_again_changes_nothing(house):
    write(house, "A.I.1.i.a", {"choice": "Ya"})

    recorded = write(house, "A.I.1.i.a", {"choice": "Ya"})

    assert recorded.changed == ()
    assert row(house, "A.I.1.i.a").version == 1
    assert AuditEntry.objects.filter(action="answer").count() == 1


def test_other_fields_changed_meanwhile_are_merged(house):
    write(house, "A.I.1.i.a", {"choice": "Ya"})

    recorded = write(
        house,
        "A.I.1.i.a",
        {"condition": "SK Nomor 4 Tahun 2026"},
        base_version=0,
        base={"condition": ""},
    )

    assert recorded.merged is True
    assert (row(house, "A.I.1.i.a").choice, row(house, "A.I.1.i.a").version) == ("Ya", 2)


def test_the_same_field_changed_meanwhile_is_a_conflict_and_stores_nothing(house):
    write(house, "A.I.1.i.b", {"choice": "A"}, by=house.zi_lead)

    with pytest.raises(AnswersConflict) as conflict:
        write(house, "A.I.1.i.b", {"choice": "B"}, base_version=0, base={"choice": ""})

    (clash,) = conflict.value.conflicts
    assert (clash.field, clash.mine, clash.theirs, clash.by) == ("choice", "B", "A", "Zi_Lead")
    assert clash.version == 1
    assert row(house, "A.I.1.i.b").choice == "A"


def test_both_typing_the_same_is_no_conflict(house):
    write(house, "A.I.1.i.b", {"choice": "A"}, by=house.zi_lead)

    recorded = write(house, "A.I.1.i.b", {"choice": "A"}, base_version=0, base={"choice": ""})

    assert recorded.changed == ()


@pytest.mark.parametrize(
    ("code", "fields", "field"),
    [
        pytest.param("A.I.1.i.a", {"choice": "B"}, "choice", id="letter outside the scale"),
        pytest.param("A.I.1.i.a", {"choice": ["Ya"]}, "choice", id="a list"),
        pytest.param("A.I.1.i.a", {"inputs": {"x": 1}}, "inputs", id="counts for a letter row"),
        pytest.param("B.I.a.1", {"choice": "A"}, "choice", id="a letter for a computed row"),
        pytest.param("B.I.a.1", {"inputs": {"nilai_ipak": "4,01"}}, "inputs", id="above 4"),
        pytest.param("B.I.a.1", {"inputs": {"nilai_ipak": "1e9"}}, "inputs", id="exponent"),
        pytest.param("B.I.a.1", {"inputs": {"nilai_ipak": True}}, "inputs", id="boolean"),
        pytest.param("B.I.a.1", {"inputs": "3.60"}, "inputs", id="text instead of counts"),
        pytest.param(
            "A.II.1.i.a",
            {"inputs": {"jumlah_agen_perubahan": 7}},
            "inputs",
            id="a count is missing",
        ),
        pytest.param(
            "A.II.1.i.a",
            {"inputs": {"jumlah_agen_perubahan": -1, "jumlah_perubahan_dibuat": 1}},
            "inputs",
            id="a negative count",
        ),
        pytest.param("A.I.1.i.a", {"condition": "x\x00y"}, "condition", id="NUL"),
        pytest.param("A.I.1.i.a", {"condition": "\ud800"}, "condition", id="half a letter"),
        pytest.param("A.I.1.i.a", {"condition": "x" * 20_001}, "condition", id="too long"),
        pytest.param("A.I.1.i.a", {"condition": 5}, "condition", id="no text"),
        pytest.param("A.I.1.i.a", {"awaits_data": "ya"}, "awaits_data", id="no boolean"),
        pytest.param("A.I.1.i.a", {"review_state": "accepted"}, "review_state", id="not his"),
        pytest.param(
            "A.I.1.i.a", {"implementation_check": "done"}, "implementation_check", id="TPI"
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_stores_nothing(house, code, fields, field):
    with pytest.raises(AnswersRefused) as refusal:
        write(house, code, fields)

    (only,) = refusal.value.refusals
    assert (only.code, only.field) == (code, field)
    assert only.message.endswith(".")
    assert row(house, code).version == 0
    assert not AuditEntry.objects.filter(action="answer").exists()


def test_an_unknown_row_is_refused(house):
    with pytest.raises(AnswersRefused):
        write(house, "A.I.9.i.a", {"choice": "Ya"})


def test_one_bad_row_of_many_refuses_them_all(house):
    with pytest.raises(AnswersRefused):
        record_answers(
            assessment=house.assessment,
            track=Track.UNIT,
            changes=[Change("A.I.1.i.a", {"choice": "Ya"}), Change("A.I.1.i.b", {"choice": "Z"})],
            by=house.operator,
        )

    assert row(house, "A.I.1.i.a").choice == ""


def test_hostile_text_is_kept_as_text(house):
    text = "<script>alert(1)</script> {{ 7*7 }} ‮terbalik‬ 'x'; DROP TABLE\ttab\nbaris"

    write(house, "A.I.1.i.a", {"condition": text.replace("\n", "\r\n")})

    assert row(house, "A.I.1.i.a").condition == text


@pytest.mark.parametrize(
    ("person", "track"),
    [
        ("head", "unit"),
        ("eselon1", "unit"),
        ("secretariat", "unit"),
        ("admin", "unit"),
        ("stranger", "unit"),
        ("member", "tpi"),
        ("operator", "tpi"),
        ("secretariat", "tpn"),
    ],
)
def test_in_draft_nobody_else_writes(house, person, track):
    with pytest.raises(AnswersLocked):
        write(house, "A.I.1.i.a", {"choice": "Ya"}, by=getattr(house, person), track=track)


def test_an_operator_of_one_area_writes_only_there(house):
    membership = house.operator.memberships.get()
    membership.area = "5"
    membership.save()

    write(house, "A.I.5.i.a", {"choice": "A"})

    with pytest.raises(AnswersLocked):
        write(house, "A.I.1.i.a", {"choice": "Ya"})


def test_a_member_with_areas_writes_only_there_and_the_lead_waits_his_turn(house):
    place = house.assessment.team.get(rank="member")
    place.areas = ["5"]
    place.save()
    filling.start_review(house)

    write(house, "A.I.5.i.a", {"choice": "B"}, by=house.member, track=Track.TPI)

    for person in (house.member, house.lead):
        with pytest.raises(AnswersLocked):
            write(house, "A.I.1.i.a", {"choice": "Ya"}, by=person, track=Track.TPI)


def test_both_checks_accept_a_row_and_taking_one_back_opens_it(house):
    filling.start_review(house)

    write(house, "A.I.1.i.a", {"choice": "Ya"}, by=house.member, track=Track.TPI)
    half = row(house, "A.I.1.i.a", Track.TPI).review_state
    write(house, "A.I.1.i.a", {"implementation_check": "done"}, by=house.member, track=Track.TPI)
    whole = row(house, "A.I.1.i.a", Track.TPI)
    write(house, "A.I.1.i.a", {"choice": ""}, by=house.member, track=Track.TPI)
    again = row(house, "A.I.1.i.a", Track.TPI)

    assert half == RowState.UNREVIEWED
    assert (whole.review_state, whole.document_check) == (RowState.ACCEPTED, "absent")
    assert (again.review_state, again.document_check) == (RowState.UNREVIEWED, "")


def test_accepting_takes_over_the_units_value_and_leaves_the_practice_open(house):
    filling.start_review(house)

    accept_rows(assessment=house.assessment, codes=["A.I.1.i.a", "A.II.1.i.a"], by=house.member)

    accepted = row(house, "A.II.1.i.a", Track.TPI)
    assert accepted.inputs == filling.FULL["A.II.1.i.a"]
    assert row(house, "A.I.1.i.a", Track.TPI).choice == "Ya"
    assert (accepted.implementation_check, accepted.review_state) == ("", RowState.UNREVIEWED)


def test_a_check_on_a_day_to_come_is_refused(house):
    filling.start_review(house)
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()

    with pytest.raises(AnswersRefused):
        write(house, "A.I.1.i.a", {"checked_on": tomorrow}, by=house.member, track=Track.TPI)


def test_an_area_is_finished_only_when_every_row_has_an_answer_or_awaits_data(house):
    catalog = catalog_of(house.assessment.instrument)
    codes = catalog.section("B").indicator_codes

    with pytest.raises(AreaUnfinished) as unfinished:
        finish_area(assessment=house.assessment, section="B", by=house.zi_lead)
    assert tuple(unfinished.value.codes) == codes
    for code in codes:
        write(house, code, {"awaits_data": True})
    finish_area(assessment=house.assessment, section="B", by=house.zi_lead)

    assert house.assessment.finished_areas.get().section == "B"


def test_a_real_answer_ends_the_waiting_for_data(house):
    write(house, "B.I.a.1", {"awaits_data": True})

    write(house, "B.I.a.1", {"inputs": {"nilai_ipak": "3,60"}})

    assert row(house, "B.I.a.1").awaits_data is False


@pytest.mark.parametrize("rows", [1, 20])
def test_a_write_costs_the_same_number_of_statements_for_one_row_and_for_many(house, rows):
    catalog = catalog_of(house.assessment.instrument)
    codes = list(catalog.ids)[:rows]
    changes = [Change(c, filling.value_fields(catalog, c, best=True)) for c in codes]

    with CaptureQueriesContext(
        connection,
    ) as captured:
        record_answers(
            assessment=house.assessment, track=Track.UNIT, changes=changes, by=house.operator
        )

    # lock, memberships, rows, values; rows, score, audit, head
    assert len(statements(captured.captured_queries)) == 8


def test_the_stored_score_equals_a_fresh_computation_after_many_writes(house):
    filling.fill_unit(house)
    write(house, "A.I.5.i.b", {"choice": "C"})
    write(house, "A.II.5.ii.a", {"inputs": None})

    result = score_track(house.assessment, Track.UNIT)
    stored = house.assessment.scores.get(track="unit")

    assert stored.safe_total == scoring.stored(result.readings[scoring.Reading.SAFE].total)
    assert stored.filled_total == scoring.stored(result.readings[scoring.Reading.FILLED].total)
    assert (stored.answered_count, stored.indicator_count) == (112, 113)
