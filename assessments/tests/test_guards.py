"""What holds when two act at once, when a request comes twice, or when it is made by hand."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Evidence, Period, RowState, State, Track
from assessments.models.worksheets import DocumentCheck
from assessments.services import evidence, periods, states
from assessments.services.answers import AnswersLocked, Change, record_answers
from assessments.services.states import ReturnedRow, TransitionRefused, perform
from assessments.services.worksheets import CannotOpen, open_assessment
from assessments.tests import filling
from assessments.tests.factories import (
    instrument,
    make_assessment,
    make_period,
    make_team,
    make_unit,
)
from zona.models import AuditEntry, Notification

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
ROW, OTHER = "A.I.1.i.a", "A.I.1.i.b"


def give_back(house, *codes: str, note: str = "Unggah laporan.", days: float = 5) -> None:
    """Return rows of a worksheet in the first review."""
    house.assessment = perform(
        "return_rows",
        assessment=house.assessment,
        by=house.member,
        reason="Lengkapi bukti",
        rows=[ReturnedRow(code, "incomplete", note) for code in codes],
        due=timezone.now() + timedelta(days=days),
    )


def pdf(house, more: bytes = b"") -> Evidence:
    """Keep a file in the unit's library."""
    upload = SimpleUploadedFile("bukti.pdf", PDF + more)
    return evidence.add_file(unit=house.unit, upload=upload, by=house.operator)


@pytest.mark.parametrize("note", ["x" * 2_001, "a\x00b"], ids=["too long", "control character"])
def test_a_note_that_cannot_be_stored_refuses_the_return_with_a_sentence(house, note):
    filling.start_review(house)

    with pytest.raises(TransitionRefused, match=ROW):
        give_back(house, ROW, note=note)

    house.assessment.refresh_from_db()
    assert house.assessment.state == State.MEMBER_REVIEW


def test_the_history_of_a_return_keeps_the_note_as_it_is_stored(house):
    filling.start_review(house)

    give_back(house, ROW, note="Satu\r\ndua")

    entry = AuditEntry.objects.get(stream=house.assessment.audit_stream, action="row_returned")
    assert entry.data["note"] == "Satu\ndua"


@pytest.mark.parametrize("due", ["9999-12-31", "2400-01-01"])
def test_a_deadline_that_nobody_can_mean_is_refused_in_the_form(client, house, due):
    filling.start_review(house)
    client.force_login(house.member)
    address = reverse("assessments:transition", args=[house.assessment.pk, "return_rows"])
    given = {"reason": "Lengkapi", "due": due, "rows": [ROW], f"reason.{ROW}": "incomplete"}

    response = client.post(address, given)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["due"]


def test_a_newer_file_takes_its_place_only_beside_the_returned_rows(house):
    piece = pdf(house)
    for code in (ROW, OTHER):
        evidence.attach(assessment=house.assessment, code=code, evidence=piece, by=house.operator)
    filling.start_review(house)
    for use in house.assessment.evidence_uses.all():
        evidence.judge(use=use, verdict="adequate", by=house.member)
    give_back(house, ROW)

    fresh = evidence.replace_file(
        evidence=piece, upload=SimpleUploadedFile("baru.pdf", PDF + b"2"), by=house.operator
    )

    uses = {use.indicator.code: (use.evidence, use.verdict) for use in uses_of(house)}
    tpi = {row.indicator.code: row for row in house.assessment.answers.filter(track="tpi")}
    assert uses == {ROW: (fresh, ""), OTHER: (piece, "adequate")}
    assert tpi[ROW].review_state == RowState.REPAIRED
    assert tpi[OTHER].document_check == DocumentCheck.ADEQUATE


def uses_of(house):
    """Return the uses of evidence in the worksheet, read anew."""
    return house.assessment.evidence_uses.select_related("evidence", "indicator")


def test_a_replacement_that_cannot_be_finished_leaves_the_older_file_in_place(house, monkeypatch):
    piece = pdf(house)
    evidence.attach(assessment=house.assessment, code=ROW, evidence=piece, by=house.operator)

    def fail(*_args):
        raise RuntimeError("the plug was pulled")

    monkeypatch.setattr(evidence, "refresh_document_check", fail)
    with pytest.raises(RuntimeError):
        evidence.replace_file(
            evidence=piece, upload=SimpleUploadedFile("baru.pdf", PDF + b"2"), by=house.operator
        )

    assert Evidence.objects.get() == piece
    assert uses_of(house).get().evidence == piece


def test_evidence_judged_meanwhile_is_not_taken_away(house):
    filling.start_review(house)
    piece = pdf(house)
    give_back(house, ROW)
    seen = evidence.attach(assessment=house.assessment, code=ROW, evidence=piece, by=house.operator)
    house.assessment = perform("finish_repair", assessment=house.assessment, by=house.head)
    evidence.judge(use=uses_of(house).get(), verdict="adequate", by=house.member)
    give_back(house, ROW)

    with pytest.raises(AnswersLocked):
        evidence.detach(use=seen, by=house.operator)

    assert uses_of(house).get().verdict == "adequate"


def test_evidence_that_is_gone_already_is_taken_away_once(house):
    use = evidence.attach(
        assessment=house.assessment, code=ROW, evidence=pdf(house), by=house.operator
    )

    evidence.detach(use=use, by=house.operator)
    evidence.detach(use=use, by=house.operator)

    entries = AuditEntry.objects.filter(action="evidence_detached")
    assert entries.count() == 1


def test_the_clock_closes_no_repair_that_was_opened_again_meanwhile(house):
    filling.start_review(house)
    give_back(house, ROW, days=2)
    overdue = house.assessment.pk
    house.assessment = perform("finish_repair", assessment=house.assessment, by=house.head)
    give_back(house, ROW, days=9)

    closed = states._close_overdue(overdue, timezone.now() + timedelta(days=3))

    house.assessment.refresh_from_db()
    assert (closed, house.assessment.state) == (False, State.REPAIR)


def test_after_the_deadline_the_unit_changes_nothing_though_no_worker_runs(house):
    filling.start_review(house)
    give_back(house, ROW)
    Assessment.objects.filter(pk=house.assessment.pk).update(repair_due=timezone.now())
    piece = pdf(house)

    with pytest.raises(AnswersLocked, match="Batas perbaikan sudah lewat"):
        record_answers(
            assessment=house.assessment,
            track=Track.UNIT,
            changes=[Change(ROW, {"condition": "Terlambat."})],
            by=house.operator,
        )
    with pytest.raises(AnswersLocked):
        evidence.attach(assessment=house.assessment, code=ROW, evidence=piece, by=house.operator)

    done = perform("finish_repair", assessment=house.assessment, by=house.head)
    assert done.state == State.MEMBER_REVIEW


def test_a_worksheet_opens_with_the_period_as_it_stands_now(house):
    period, unit = make_period(), make_unit()
    seen = Period.objects.get(pk=period.pk)
    older = instrument("lke-zi-2014")
    periods.update_period(period=period, by=house.secretariat, instrument=older)

    assert open_assessment(unit=unit, period=seen, by=house.secretariat).instrument == older

    periods.update_period(period=period, by=house.secretariat, is_open=False)
    with pytest.raises(CannotOpen):
        open_assessment(unit=house.sibling, period=seen, by=house.secretariat)
    assert not Assessment.objects.filter(unit=house.sibling).exists()


def test_the_eselon1_coordinator_is_told_of_a_unit_two_levels_below(house):
    house.period.needs_forwarding = True
    house.period.save()
    deep = make_unit(house.unit)
    for membership in house.zi_lead.memberships.all() | house.head.memberships.all():
        membership.unit = deep
        membership.save()
    house.unit, house.assessment = deep, make_assessment(deep, house.period)

    filling.submit(house)

    told = Notification.objects.filter(kind="submit").values_list("user__username", flat=True)
    assert list(told) == ["eselon1"]


def save(client, user, assessment, **fields):
    """Send an entry of the browser's queue."""
    data = {
        "key": str(uuid.uuid4()),
        "user": user.pk,
        "code": ROW,
        "track": "tpi",
        "base_version": 0,
        "base": {},
        "changes": {"condition": "Satu."},
    } | fields
    client.force_login(user)
    url = reverse("assessments:row_save", args=[assessment.pk])
    return client.post(url, json.dumps(data), content_type="application/json")


@pytest.mark.parametrize(
    "other",
    [{"changes": {"condition": "Dua."}}, {"code": OTHER}, {"code": "X.1"}, {"track": "unit"}],
    ids=["other text", "other row", "unknown row", "other track"],
)
def test_a_used_key_never_answers_saved_for_another_change(client, house, other):
    filling.start_review(house)
    key = str(uuid.uuid4())
    save(client, house.member, house.assessment, key=key)

    response = save(client, house.member, house.assessment, key=key, **other)

    assert (response.status_code, response.json()["error"]) == (400, "malformed")
    row = house.assessment.answers.get(track="tpi", indicator__code=ROW)
    assert (row.version, row.condition) == (1, "Satu.")


def test_a_used_key_never_answers_saved_for_another_worksheet(client, house):
    filling.start_review(house)
    other = make_assessment(house.sibling, house.period)
    make_team(other, member=house.member)
    perform("start_without_self", assessment=other, by=house.secretariat, reason="Belum mengisi")
    key = str(uuid.uuid4())
    save(client, house.member, house.assessment, key=key)

    response = save(client, house.member, other, key=key)

    assert response.status_code == 400
    assert other.answers.get(track="tpi", indicator__code=ROW).version == 0


@pytest.mark.parametrize(
    "body", ['{"user": 1e999, "key": "' + "0" * 32 + '"}', "[" * 200_000], ids=["infinite", "deep"]
)
def test_a_body_that_nobody_of_us_sends_is_malformed(client, house, body):
    client.force_login(house.member)
    url = reverse("assessments:row_save", args=[house.assessment.pk])

    response = client.post(url, body, content_type="application/json")

    assert (response.status_code, response.json()["error"]) == (400, "malformed")


def test_a_key_longer_than_any_picks_nothing(client, house):
    client.force_login(house.operator)
    url = reverse("assessments:evidence_attach", args=[house.assessment.pk, ROW])

    response = client.post(url, {"how": "pick", "evidence": ["9" * 30]})

    assert response.status_code == 302
    assert house.assessment.evidence_uses.count() == 0


@pytest.mark.parametrize("address", ["/cari/", "/unit/{unit}/bukti/"])
def test_a_search_with_a_nul_finds_without_it(client, house, address):
    client.force_login(house.operator)

    response = client.get(address.format(unit=house.unit.pk), {"q": "PP\x00TL"})

    assert response.status_code == 200
