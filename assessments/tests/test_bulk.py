"""Accepting many rows: what goes, what stays and why, and taking it back without harm."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from assessments.catalog import catalog_of
from assessments.models import Answer, BulkAcceptance, Evidence, EvidenceUse, Review, Track
from assessments.services import bulk, evidence
from assessments.services.answers import AnswersLocked, Change, record_answers
from assessments.services.states import perform
from assessments.tests import filling
from units.access import forget_access

ROWS = ("A.I.1.i.a", "A.I.1.i.b", "A.I.1.ii.a")
ROW, OTHER, THIRD = ROWS


@pytest.fixture
def sheet(house):
    """A sheet in the first review with one unjudged link beside each of three rows."""
    filling.start_review(house)
    link = evidence.add_link(
        unit=house.unit, url="https://contoh.go.id/b", title="Bukti", by=house.operator
    )
    for code in ROWS:
        evidence.attach(assessment=house.assessment, code=code, evidence=link, by=house.member)
    return house


def tpi(house, code: str) -> Answer:
    return Answer.objects.get(assessment=house.assessment, track=Track.TPI, indicator__code=code)


def write(house, code: str, by=None, **fields) -> None:
    record_answers(
        assessment=house.assessment,
        track=Track.TPI,
        changes=[Change(code, fields)],
        by=by or house.member,
    )


def going(house, by=None) -> list[str]:
    return [item.code for item in bulk.offers(house.assessment, by or house.member) if item.goes]


def why(house, code: str) -> str:
    offered = bulk.offers(house.assessment, house.member)
    return next(item.why_not for item in offered if item.code == code)


def versions(house) -> dict[str, int]:
    return {item.code: item.version for item in bulk.offers(house.assessment, house.member)}


def old_evidence(house) -> None:
    old = Evidence.objects.create(
        unit=house.unit,
        kind="link",
        title="Lama",
        url="https://contoh.go.id/lama",
        dated_on=date(2001, 1, 1),
        uploaded_by=house.operator,
    )
    evidence.attach(assessment=house.assessment, code=ROW, evidence=old, by=house.member)


def test_rows_with_evidence_on_which_nobody_decided_otherwise_go(sheet):
    survey = ["B.I.a.1", "B.II.a.1"]

    assert going(sheet) == [*ROWS, *survey]


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda h: uses(h).update(verdict="inadequate"), "Ada bukti yang dinilai belum sesuai."),
        (lambda h: uses(h).delete(), "Belum ada bukti dukung."),
        (lambda h: write(h, ROW, choice="Tidak"), "TPI sudah memberi nilai lain."),
        (lambda h: rows(h, Track.UNIT).update(choice=""), "Unit belum menjawab."),
        (
            lambda h: rows(h, Track.TPI).update(review_state="repaired"),
            "Pernah dikembalikan; periksa sendiri.",
        ),
        (old_evidence, "Ada bukti di luar jendela periode."),
        (
            lambda h: bulk.accept_many(assessment=h.assessment, versions=versions(h), by=h.member),
            "Nilai dan buktinya sudah diterima.",
        ),
        (
            lambda h: h.assessment.team.filter(user=h.member).update(areas=["2"]),
            "Bukan bagian Anda.",
        ),
    ],
    ids=["inadequate", "none", "other value", "blank", "returned", "old", "done", "area"],
)
def test_a_row_that_needs_a_look_stays_with_its_reason(sheet, harm, reason):
    harm(sheet)
    forget_access(sheet.member)
    sheet.assessment.__dict__.pop("place_user", None)

    assert why(sheet, ROW) == reason


def uses(house):
    return EvidenceUse.objects.filter(assessment=house.assessment, indicator__code=ROW)


def rows(house, track):
    return Answer.objects.filter(assessment=house.assessment, track=track, indicator__code=ROW)


def test_only_what_was_seen_and_can_go_is_accepted_and_the_rest_is_named(sheet):
    seen = versions(sheet)
    write(sheet, OTHER, condition="Sedang ditulis orang lain.")
    write(sheet, THIRD, choice="Tidak")

    outcome = bulk.accept_many(
        assessment=sheet.assessment,
        versions={code: seen[code] for code in ROWS},
        by=sheet.member,
    )

    assert outcome.done == (ROW,)
    assert outcome.left == (
        (OTHER, "Baru saja diubah orang lain."),
        (THIRD, "TPI sudah memberi nilai lain."),
    )
    assert (tpi(sheet, ROW).choice, tpi(sheet, OTHER).choice) == ("Ya", "")
    assert uses(sheet).get().verdict == "adequate"
    assert Review.objects.filter(answer=tpi(sheet, ROW), verdict="accepted").count() == 1


def test_undoing_brings_back_value_and_verdict_and_refuses_rows_changed_since(sheet):
    before = sheet.assessment.scores.get(track="tpi").safe_total
    seen = versions(sheet)
    act = bulk.accept_many(
        assessment=sheet.assessment, versions={code: seen[code] for code in ROWS}, by=sheet.member
    ).act
    write(sheet, OTHER, implementation_check="done", check_method="interview")
    judged = EvidenceUse.objects.get(assessment=sheet.assessment, indicator__code=THIRD)
    evidence.judge(use=judged, verdict="inadequate", reason="unsigned", by=sheet.member)

    outcome = bulk.undo(act=act, by=sheet.member)

    changed = "Sudah diubah sesudah diterima."
    assert outcome.done == (ROW,)
    assert outcome.left == ((OTHER, changed), (THIRD, changed))
    assert (tpi(sheet, ROW).choice, tpi(sheet, OTHER).choice) == ("", "A")
    assert (uses(sheet).get().verdict, uses(sheet).get().judged_by) == ("", None)
    assert tpi(sheet, ROW).document_check == ""
    assert bulk.undo(act=act, by=sheet.member).done == ()
    bulk.accept_many(
        assessment=sheet.assessment, versions={ROW: tpi(sheet, ROW).version}, by=sheet.member
    )
    assert sheet.assessment.scores.get(track="tpi").safe_total > before


def test_undoing_everything_gives_the_score_of_before(sheet):
    before = sheet.assessment.scores.values("safe_total", "answered_count").get(track="tpi")
    seen = versions(sheet)

    act = bulk.accept_many(assessment=sheet.assessment, versions=seen, by=sheet.member).act
    bulk.undo(act=act, by=sheet.member)

    after = sheet.assessment.scores.values("safe_total", "answered_count").get(track="tpi")
    assert after == before


def test_an_acceptance_is_not_undone_from_another_rank(sheet):
    filling.review_all(sheet, sheet.member)
    write(sheet, ROW, choice="Tidak")
    uses(sheet).update(verdict="")
    write(sheet, ROW, choice="Ya")
    act = bulk.accept_many(
        assessment=sheet.assessment, versions={ROW: tpi(sheet, ROW).version}, by=sheet.member
    ).act
    perform("hand_over", assessment=sheet.assessment, by=sheet.member)

    for person in (sheet.member, sheet.lead):
        with pytest.raises(AnswersLocked):
            bulk.undo(act=act, by=person)
    assert tpi(sheet, ROW).choice == "Ya"


def test_the_page_shows_both_lists_accepts_and_undoes(client, sheet):
    client.force_login(sheet.member)
    address = reverse("assessments:accept_many", args=[sheet.assessment.pk])

    page = client.get(address, {"bagian": "1"}).context["page"]
    sent = [f"{line.code}:{line.version}" for line in page.going]
    told = client.post(f"{address}?bagian=1", {"rows": [*sent, "X.1:0", "kosong"]}, follow=True)
    act = BulkAcceptance.objects.get()
    undo = reverse("assessments:accept_undo", args=[sheet.assessment.pk, act.pk])
    back = client.post(undo, {"bagian": "1"}, follow=True)

    assert [line.code for line in page.going] == list(ROWS)
    section = catalog_of(sheet.assessment.instrument).section("1")
    assert len(page.going) + len(page.staying) == len(section.indicator_codes)
    assert told.context["page"].acts == (act,)
    assert [str(item) for item in told.context["messages"]] == [
        "3 butir diterima. Periksa implementasinya satu per satu."
    ]
    assert [str(item) for item in back.context["messages"]] == ["Penerimaan 3 butir diurungkan."]


@pytest.mark.parametrize(
    ("person", "code"),
    [("member", 200), ("lead", 403), ("zi_lead", 403), ("secretariat", 403), ("stranger", 404)],
)
def test_only_the_rank_that_holds_the_sheet_accepts_many(client, sheet, person, code):
    client.force_login(getattr(sheet, person))

    address = reverse("assessments:accept_many", args=[sheet.assessment.pk])

    assert client.get(address).status_code == code
