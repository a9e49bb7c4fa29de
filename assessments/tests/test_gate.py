"""The quality gate: errors block, warnings stand with a reason that is kept, each names its row."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import (
    Answer,
    AreaCompletion,
    Assessment,
    Evidence,
    EvidenceUse,
    Review,
    State,
    Track,
)
from assessments.services import checks, evidence, review, states
from assessments.services.seals import waived_in
from assessments.services.states import ReturnedRow, TransitionRefused, perform
from assessments.tests import filling
from assessments.tests.factories import make_assessment, make_team
from zona.models import AuditEntry

ROW, OTHER, COUNTED = "A.I.1.i.a", "A.I.1.i.b", "A.II.4.i.a"


@pytest.fixture
def ready(house):
    """A sheet in the first review on which nothing is missing."""
    filling.start_review(house)
    filling.review_all(house, house.member)
    return house


def tpi(house, code: str = ROW):
    return Answer.objects.filter(assessment=house.assessment, track=Track.TPI, indicator__code=code)


def unit(house, code: str = ROW):
    return Answer.objects.filter(
        assessment=house.assessment, track=Track.UNIT, indicator__code=code
    )


def team(house):
    return house.assessment.team


def date_evidence(house):
    for number in (1, 2):
        old = Evidence.objects.create(
            unit=house.unit,
            kind="link",
            title="Laporan lama",
            url=f"https://contoh.go.id/lama/{number}",
            dated_on=date(2001, 1, 1),
            uploaded_by=house.operator,
        )
        EvidenceUse.objects.create(
            assessment=house.assessment,
            indicator=tpi(house).get().indicator,
            evidence=old,
            verdict="adequate",
            attached_by=house.operator,
        )


# rule → (how grave, what breaks it, the row it leads to)
RULES = {
    "unanswered": ("error", lambda h: tpi(h).update(choice=""), ROW),
    "reason_missing": (
        "error",
        lambda h: tpi(h).update(choice="Tidak", advice="Lengkapi."),
        ROW,
    ),
    "condition_missing": (
        "error",
        lambda h: tpi(h).update(
            choice="Tidak", condition="", advice="Lengkapi.", reason="incomplete"
        ),
        ROW,
    ),
    "implementation_unchecked": (
        "error",
        lambda h: tpi(h).update(implementation_check="", check_method=""),
        ROW,
    ),
    "document_unchecked": ("error", lambda h: tpi(h).update(document_check=""), ROW),
    "best_without_document": ("error", lambda h: tpi(h).update(document_check="absent"), ROW),
    "repair_open": ("error", lambda h: tpi(h).update(review_state="repaired"), ROW),
    "contradiction": (
        "error",
        lambda h: tpi(h, "A.II.5.ii.a").update(
            inputs={
                "pengaduan_harus_ditindaklanjuti": 9,
                "pengaduan_diproses": 0,
                "pengaduan_selesai": 12,
            },
            reason="incomplete",
        ),
        "A.II.5.ii.a",
    ),
    "team_incomplete": ("error", lambda h: team(h).filter(rank="lead").delete(), ""),
    "best_without_practice": (
        "warning",
        lambda h: tpi(h).update(implementation_check="partly"),
        ROW,
    ),
    "value_without_practice": (
        "warning",
        lambda h: tpi(h, COUNTED).update(
            inputs={"jumlah_sasaran": 5, "jumlah_sasaran_tercapai": 3},
            implementation_check="not_done",
            reason="incomplete",
            advice="Selesaikan.",
        ),
        COUNTED,
    ),
    "condition_short": (
        "warning",
        lambda h: tpi(h).update(
            choice="Tidak", reason="incomplete", advice="Lengkapi.", condition="Belum ada."
        ),
        ROW,
    ),
    "advice_missing": (
        "warning",
        lambda h: tpi(h).update(choice="Tidak", reason="incomplete"),
        ROW,
    ),
    "method_missing": ("warning", lambda h: tpi(h).update(check_method=""), ROW),
    "checked_outside": ("warning", lambda h: tpi(h).update(checked_on=date(2026, 3, 1)), ROW),
    "above_unit": (
        "warning",
        lambda h: (unit(h).update(choice="Tidak"), tpi(h).update(reason="incomplete")),
        ROW,
    ),
    "unit_blank": ("warning", lambda h: unit(h).update(choice=""), ROW),
    "reason_left": ("warning", lambda h: tpi(h).update(reason="incomplete"), ROW),
    "evidence_outside": ("warning", date_evidence, ROW),
    "member_assisted": (
        "warning",
        lambda h: team(h).filter(rank="member").update(assisted=True),
        "",
    ),
    "section_unassigned": (
        "warning",
        lambda h: team(h).filter(rank="member").update(areas=["1", "2", "3", "4", "5", "6"]),
        "",
    ),
}


def test_a_sheet_on_which_nothing_is_missing_breaks_no_rule(ready):
    assert checks.hand_over_findings(ready.assessment) == []


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_finds_what_breaks_it_and_names_the_row(ready, rule):
    severity, harm, code = RULES[rule]
    harm(ready)

    found = checks.hand_over_findings(Assessment.objects.get(pk=ready.assessment.pk))

    told = [(item.rule, str(item.severity), item.code) for item in found if item.rule == rule]
    assert told == [(rule, severity, code)]
    assert (rule in checks.WARNINGS) is (severity == "warning")


def test_a_warning_without_a_reason_refuses_the_hand_over_and_names_the_row(ready):
    tpi(ready).update(check_method="")

    with pytest.raises(TransitionRefused) as refusal:
        perform("hand_over", assessment=ready.assessment, by=ready.member)
    with pytest.raises(TransitionRefused):
        perform(
            "hand_over",
            assessment=ready.assessment,
            by=ready.member,
            waivers={"method_missing": "  \n"},
        )

    assert [(item.rule, item.code) for item in refusal.value.findings] == [("method_missing", ROW)]
    assert not AuditEntry.objects.filter(action="warning_waived").exists()


def test_a_reason_lets_a_warning_stand_and_is_kept_in_history_and_seal(client, ready):
    tpi(ready).update(check_method="")

    perform(
        "hand_over",
        assessment=ready.assessment,
        by=ready.member,
        waivers={"method_missing": "Dicatat di notula.", "advice_missing": "Tidak terpakai."},
    )

    seal = ready.assessment.seals.get(occasion="hand_over:member")
    assert [(item.code, item.rule, item.reason) for item in waived_in(seal.payload)] == [
        (ROW, "method_missing", "Dicatat di notula.")
    ]
    client.force_login(ready.lead)
    row = client.get(reverse("assessments:row_detail", args=[ready.assessment.pk, ROW]))
    page = client.get(reverse("assessments:seal_detail", args=[ready.assessment.pk, seal.pk]))
    line = "Diteruskan walau cara memeriksa belum dicatat: Dicatat di notula."
    assert line in row.content.decode()
    assert "<b>Cara memeriksa belum dicatat</b>: Dicatat di notula." in page.content.decode()


def test_an_error_blocks_whatever_reason_is_given(ready):
    tpi(ready).update(choice="")

    with pytest.raises(TransitionRefused) as refusal:
        perform(
            "hand_over",
            assessment=ready.assessment,
            by=ready.member,
            waivers={"unanswered": "Menyusul."},
        )

    assert [item.rule for item in refusal.value.findings] == ["unanswered"]


def test_the_form_asks_for_a_reason_per_rule_and_the_next_rank_sees_the_last_one(client, ready):
    tpi(ready).update(check_method="")
    tpi(ready, OTHER).update(check_method="")
    address = reverse("assessments:transition", args=[ready.assessment.pk, "hand_over"])
    client.force_login(ready.member)

    shown = client.get(address).content.decode()
    refused = client.post(address, {"reason": "", "warning.method_missing": ""})
    taken = client.post(address, {"reason": "", "warning.method_missing": "Dicatat di notula."})

    assert shown.count('name="warning.') == 1
    assert f"?butir={ROW}#{ROW}" in shown
    assert f"?butir={OTHER}#{OTHER}" in shown
    assert (refused.status_code, taken.status_code) == (422, 302)
    client.force_login(ready.lead)
    form = client.get(address).context["form"]
    assert form["warning.method_missing"].value() == "Dicatat di notula."


def test_a_row_that_waits_for_data_is_handed_in_with_a_reason(house):
    filling.fill_unit(house)
    unit(house).update(choice="", awaits_data=True)
    for section in "123456B":
        AreaCompletion.objects.create(
            assessment=house.assessment, section=section, by=house.zi_lead
        )

    with pytest.raises(TransitionRefused):
        perform("submit", assessment=house.assessment, by=house.head)
    done = perform(
        "submit",
        assessment=house.assessment,
        by=house.head,
        waivers={"awaits_data": "Angkanya terbit bulan depan."},
    )

    assert done.state == State.SUBMITTED
    entry = AuditEntry.objects.get(action="warning_waived")
    assert (entry.target, entry.data["reason"]) == (ROW, "Angkanya terbit bulan depan.")


def test_one_sheet_that_cannot_be_closed_does_not_stop_the_others(house, monkeypatch, caplog):
    filling.start_review(house)
    other = make_assessment(house.sibling, house.period)
    make_team(other, member=house.member)
    other = perform("start_without_self", assessment=other, by=house.secretariat, reason="Baru")
    for sheet in (house.assessment, other):
        perform(
            "return_rows",
            assessment=sheet,
            by=house.member,
            reason="Lengkapi",
            rows=[ReturnedRow(ROW, "incomplete")],
            due=timezone.now() + timedelta(days=1),
        )
    close = states._close_overdue

    def fail_on_first(pk, moment):
        if pk == house.assessment.pk:
            raise RuntimeError("broken row")
        return close(pk, moment)

    monkeypatch.setattr(states, "_close_overdue", fail_on_first)
    closed = states.close_overdue_repairs(timezone.now() + timedelta(days=2))

    other.refresh_from_db()
    assert (closed, other.state) == (1, State.MEMBER_REVIEW)
    assert f"worksheet {house.assessment.pk}" in caplog.text


def test_accepting_again_writes_nothing(house):
    filling.start_review(house)
    filling.review_all(house, house.member)
    before = written(house)

    review.accept_rows(assessment=house.assessment, codes=[ROW, OTHER], by=house.member)

    assert written(house) == before


def written(house):
    """Return how much the worksheet's history, decisions and rows amount to."""
    rows = Answer.objects.filter(assessment=house.assessment, indicator__code__in=[ROW, OTHER])
    return (
        AuditEntry.objects.filter(stream=house.assessment.audit_stream).count(),
        Review.objects.filter(answer__assessment=house.assessment).count(),
        list(rows.order_by("pk").values()),
        Assessment.objects.values("revision", "audit_seq").get(pk=house.assessment.pk),
    )


def test_accepting_tells_of_evidence_only_where_a_verdict_changed(house):
    filling.start_review(house)
    link = evidence.add_link(
        unit=house.unit, url="https://contoh.go.id/b", title="Bukti", by=house.operator
    )
    evidence.attach(assessment=house.assessment, code=ROW, evidence=link, by=house.member)

    review.accept_rows(assessment=house.assessment, codes=[ROW, OTHER], by=house.member)

    judged = AuditEntry.objects.filter(action="evidence_judged").values_list("target", flat=True)
    assert list(judged) == [ROW]
