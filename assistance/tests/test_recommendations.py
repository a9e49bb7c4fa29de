"""Recommendations: who writes them, how they move, who closes them, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.models import Answer, Evidence, State, Track
from assessments.services.evidence import EvidenceRefused, add_link
from assessments.tests.factories import grant, make_assessment, make_period, make_user
from assistance.models import FollowUp, Recommendation, RecommendationState, Source
from assistance.services import follow_up
from assistance.services.follow_up import Proof, ask_extension, decide_extension, move
from assistance.services.recommendations import (
    Draft,
    RecommendationChanged,
    RecommendationRefused,
    create_recommendation,
    update_recommendation,
)
from assistance.wording import offers_for, offers_on_the_way
from units.access import Role
from zona import audit

pytestmark = pytest.mark.django_db
State_ = RecommendationState


def fresh(row) -> Recommendation:
    return Recommendation.objects.get(pk=row.pk)


def report(row, house):
    return move(
        row=row,
        name="selesai",
        by=house.operator,
        text="Sudah ditetapkan.",
        proof=Proof(url="https://unit.example/sk"),
    )


# Writing ----------------------------------------------------------------------------------------


def test_writing_one_is_told_to_the_units_audit_and_its_history(house, write):
    row = write()

    house.unit.refresh_from_db()
    last = row.follow_ups.get()
    assert (last.kind, last.by, last.state) == ("issued", house.lead, "open")
    assert list(audit.verify([house.unit.audit_stream])) == []
    assert (row.section, row.indicator.code) == ("1", "A.I.1.i.a")
    assert row.code == f"R-{timezone.localdate().year}-{row.pk:04d}"


@pytest.mark.parametrize("who", ["lead", "member", "secretariat"])
def test_the_team_and_the_secretariat_write(house, write, who):
    assert write(by=getattr(house, who)).created_by == getattr(house, who)


@pytest.mark.parametrize("who", ["operator", "head", "eselon1", "outside_auditor", "observer"])
def test_others_do_not(house, write, who):
    with pytest.raises(RecommendationRefused, match="tidak dapat membuat"):
        write(by=getattr(house, who))

    assert not Recommendation.objects.exists()


def test_lead_and_head_plan_on_their_own(house, write):
    assert write(by=house.zi_lead, source=Source.OWN).source == Source.OWN


def test_an_assessor_who_belongs_to_the_unit_does_not_advise_it(house, write):
    grant(house.lead, Role.UNIT_OPERATOR, house.unit)
    house.lead.__dict__.pop("_access", None)

    with pytest.raises(RecommendationRefused, match="tidak dapat membuat"):
        write()


def test_a_due_date_before_today_is_refused(write):
    with pytest.raises(RecommendationRefused, match="Batas waktu sudah lewat"):
        write(due_on=timezone.localdate() - timedelta(days=1))


def test_today_is_early_enough(write):
    assert write(due_on=timezone.localdate()).due_on == timezone.localdate()


def test_an_owner_without_access_to_the_unit_is_refused(house, write):
    with pytest.raises(RecommendationRefused, match="tidak mempunyai akses ke PP Teluk Lantera"):
        write(owner=house.stranger)
    with pytest.raises(RecommendationRefused, match="tidak mempunyai akses"):
        write(owner=house.lead)


def test_a_role_that_nobody_holds_is_no_owner(house, write):
    house.unit.memberships.filter(role=Role.AREA_COORDINATOR).delete()

    with pytest.raises(RecommendationRefused, match="Belum ada yang memegang peran"):
        write(owner=Role.AREA_COORDINATOR.value)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"condition": "  "}, "Tulis kondisi"),
        ({"advice": ""}, "Tulis saran"),
        ({"code": "Z.9"}, "tidak dikenal"),
        ({"priority": 9}, "Prioritas tidak dikenal"),
        ({"reason": "bosan"}, "Alasan tidak dikenal"),
        ({"advice": "a\x00b"}, "karakter kendali"),
        ({"advice": "a" * 4001}, "terlalu panjang"),
    ],
)
def test_a_draft_that_says_nothing_or_nonsense_is_refused(write, fields, said):
    with pytest.raises(RecommendationRefused, match=said):
        write(**fields)


def test_the_same_row_and_reason_is_a_repetition(write):
    first = write(reason="plan_only")
    other = write(reason="unsigned")

    again = write(reason="plan_only")

    assert (first.repeats, other.repeats, again.repeats) == (None, None, first)


def test_a_row_without_a_reason_repeats_nothing(write):
    write()

    assert write().repeats is None


def test_two_who_change_it_at_once_do_not_overwrite_each_other(house, write, soon):
    row = write()
    change = Draft("Kondisi.", "Saran pertama.", Role.UNIT_HEAD.value, soon)
    update_recommendation(row=row, draft=change, version=1, by=house.lead)

    with pytest.raises(RecommendationChanged) as late:
        update_recommendation(
            row=row,
            draft=Draft("Kondisi.", "Saran kedua.", Role.UNIT_HEAD.value, soon),
            version=1,
            by=house.member,
        )

    assert late.value.current.advice == "Saran pertama."
    assert fresh(row).version == 2


# Moving -----------------------------------------------------------------------------------------


def test_from_open_to_done_by_two_sides(house, write):
    row = write()
    move(row=row, name="perkembangan", by=house.operator, text="Sedang disusun.")
    assert fresh(row).state == State_.UNDER_WAY
    report(row, house)
    assert fresh(row).state == State_.REPORTED
    move(row=row, name="belum-sesuai", by=house.member, text="SK belum ditandatangani.")
    assert fresh(row).state == State_.NOT_MET
    report(row, house)

    done = move(row=row, name="tuntas", by=house.member)

    assert (done.state, done.done_at is not None) == (State_.DONE, True)
    kinds = list(row.follow_ups.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["issued", "progress", "reported", "refused", "reported", "done"]
    assert list(audit.verify([house.unit.audit_stream])) == []


def test_a_report_without_evidence_is_refused(house, write):
    with pytest.raises(RecommendationRefused, match="sedikitnya satu bukti"):
        move(row=write(), name="selesai", by=house.operator, text="Sudah.")


def test_evidence_of_another_unit_is_refused(house, write):
    foreign = add_link(unit=house.sibling, url="https://lain.example/", by=house.operator)

    with pytest.raises(EvidenceRefused, match="unit lain"):
        move(row=write(), name="selesai", by=house.operator, text="x", proof=Proof((foreign,)))


def test_what_is_refused_leaves_no_evidence_behind(house, write):
    row = write()

    with pytest.raises(RecommendationRefused, match="Tulis penjelasannya"):
        move(row=row, name="selesai", by=house.operator, proof=Proof(url="https://a.example/"))

    assert not Evidence.objects.exists()
    assert fresh(row).state == State_.OPEN


def test_nobody_closes_his_own_recommendation(house, write):
    row = write(by=house.lead)
    report(row, house)

    with pytest.raises(RecommendationRefused, match="diverifikasi oleh orang lain"):
        move(row=row, name="tuntas", by=house.lead)

    assert fresh(row).state == State_.REPORTED


def test_who_reported_does_not_verify_even_with_the_right(house, write):
    row = write(by=house.secretariat, owner=Role.UNIT_HEAD.value)
    report_by = house.zi_lead
    move(row=row, name="selesai", by=report_by, text="Sudah.", proof=Proof(url="https://a.example"))
    house.unit.memberships.filter(user=report_by).delete()
    grant(report_by, Role.SECRETARIAT, house.unit.parent.parent)
    report_by.__dict__.pop("_access", None)

    with pytest.raises(RecommendationRefused, match="Yang melaporkan tidak dapat"):
        move(row=row, name="tuntas", by=report_by)


@pytest.mark.parametrize("who", ["operator", "head", "outside_auditor", "eselon1", "observer"])
def test_only_another_adviser_verifies(house, write, who):
    row = write()
    report(row, house)

    with pytest.raises(RecommendationRefused):
        move(row=row, name="tuntas", by=getattr(house, who))

    assert fresh(row).state == State_.REPORTED


@pytest.mark.parametrize("who", ["member", "lead", "quality", "secretariat", "head"])
def test_only_the_technical_supervisor_gives_up(house, write, who):
    with pytest.raises(RecommendationRefused, match="Hanya pengendali teknis"):
        move(row=write(), name="tidak-dapat", by=getattr(house, who), text="Layanan dihapus.")


def test_the_technical_supervisor_says_why_it_cannot_be_done(house, write):
    row = write()
    with pytest.raises(RecommendationRefused, match="Tulis penjelasannya"):
        move(row=row, name="tidak-dapat", by=house.supervisor)

    move(row=row, name="tidak-dapat", by=house.supervisor, text="Layanan dihapus.")

    assert fresh(row).state == State_.IMPOSSIBLE


def test_what_is_done_can_be_opened_again_with_a_reason(house, write):
    row = write()
    report(row, house)
    move(row=row, name="tuntas", by=house.member)

    move(row=row, name="buka", by=house.member, text="Praktiknya berhenti.")

    again = fresh(row)
    assert (again.state, again.done_at, again.done_value) == (State_.OPEN, None, None)


def test_a_follow_up_never_changes(house, write):
    entry = write().follow_ups.get()

    for act in (
        lambda: FollowUp.objects.filter(pk=entry.pk).update(text="lain"),
        lambda: FollowUp.objects.filter(pk=entry.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


# More time --------------------------------------------------------------------------------------


def test_more_time_is_asked_with_a_reason_and_granted_by_somebody_else(house, write, soon):
    row = write()
    later = soon + timedelta(days=20)
    wish = ask_extension(row=row, due_on=later, reason="Menunggu anggaran.", by=house.operator)

    decide_extension(wish=wish, grant=True, by=house.lead)

    assert fresh(row).due_on == later
    wish.refresh_from_db()
    assert (wish.decision, wish.decided_by, wish.due_before) == ("granted", house.lead, soon)


def test_a_wish_is_refused_without_reason_not_later_or_twice(house, write, soon):
    row = write()
    later = soon + timedelta(days=20)
    with pytest.raises(RecommendationRefused, match="alasan perpanjangan"):
        ask_extension(row=row, due_on=later, reason=" ", by=house.operator)
    with pytest.raises(RecommendationRefused, match="harus sesudah"):
        ask_extension(row=row, due_on=soon, reason="Sibuk.", by=house.operator)
    ask_extension(row=row, due_on=later, reason="Menunggu anggaran.", by=house.operator)
    with pytest.raises(RecommendationRefused, match="masih menunggu"):
        ask_extension(row=row, due_on=later, reason="Lagi.", by=house.zi_lead)


def test_nobody_decides_on_his_own_wish_and_a_denial_needs_words(house, write, soon):
    row = write()
    wish = ask_extension(
        row=row, due_on=soon + timedelta(days=5), reason="Menunggu.", by=house.operator
    )
    with pytest.raises(RecommendationRefused, match="tidak dapat memutuskan"):
        decide_extension(wish=wish, grant=True, by=house.operator)
    with pytest.raises(RecommendationRefused, match="alasan penolakan"):
        decide_extension(wish=wish, grant=False, by=house.member)

    decide_extension(wish=wish, grant=False, by=house.member, note="Cukup waktu.")

    assert fresh(row).due_on == soon
    with pytest.raises(RecommendationRefused, match="sudah diputuskan"):
        decide_extension(wish=wish, grant=True, by=house.lead)


# Next year --------------------------------------------------------------------------------------


def tpi(assessment, code, choice):
    Answer.objects.filter(assessment=assessment, indicator__code=code, track=Track.TPI).update(
        choice=choice
    )


@pytest.mark.parametrize(
    ("choice", "state"), [("C", State_.OPEN), ("B", State_.DONE), ("A", State_.DONE)]
)
def test_a_lower_answer_next_year_opens_it_again(house, write, choice, state):
    code = "A.I.1.iii.a"
    tpi(house.assessment, code, "B")
    row = write(code=code)
    report(row, house)
    done = move(row=row, name="tuntas", by=house.member)
    later = make_assessment(house.unit, make_period(year=house.period.year + 1))
    tpi(later, code, choice)
    type(later).objects.filter(pk=later.pk).update(
        state=State.FINAL, finalized_at=done.done_at + timedelta(days=300)
    )

    opened = follow_up.reopen_fallen()

    assert (fresh(row).state, opened) == (state, int(state == State_.OPEN))
    assert follow_up.reopen_fallen() == 0
    assert list(audit.verify([house.unit.audit_stream])) == []


# Who sees it --------------------------------------------------------------------------------------


def test_what_comes_from_an_evaluation_stays_inside_until_it_is_final(house, write):
    row = write(source=Source.DESK)
    visit = write(source=Source.VISIT)
    seen = {
        name: set(Recommendation.objects.visible_to(getattr(house, name)))
        for name in ("operator", "head", "eselon1", "observer", "member", "secretariat", "stranger")
    }
    assert seen == {
        "operator": {visit},
        "head": {visit},
        "eselon1": {visit},
        "observer": {visit},
        "member": {row, visit},
        "secretariat": {row, visit},
        "stranger": set(),
    }

    type(house.assessment).objects.filter(pk=house.assessment.pk).update(
        state=State.FINAL, finalized_at=timezone.now()
    )

    assert set(Recommendation.objects.visible_to(house.operator)) == {row, visit}


def test_the_first_wording_comes_from_the_next_better_option(house):
    code = "A.I.1.iii.a"
    tpi(house.assessment, code, "C")

    offer = offers_for(house.assessment, house.member, [code])[code]

    options = {
        o.code: o.criteria
        for o in house.assessment.instrument.indicators.get(code=code).options.all()
    }
    assert offer.criterion.startswith(f"Pilihan B: {options['B'].rstrip('.')}")
    assert options["C"].rstrip(".") in offer.condition
    assert "poin" in offer.effect


def test_the_unit_gets_no_wording_from_the_tpis_side(house):
    code = "A.I.1.iii.a"
    Answer.objects.filter(
        assessment=house.assessment, indicator__code=code, track=Track.TPI
    ).update(choice="C", condition="RAHASIA-TPI", advice="SARAN-TPI")

    inside = offers_for(house.assessment, house.member, [code])[code]
    outside = offers_for(house.assessment, house.zi_lead, [code])[code]

    assert (inside.condition, inside.advice) == ("RAHASIA-TPI", "SARAN-TPI")
    assert "RAHASIA-TPI" not in outside.condition
    assert "SARAN-TPI" not in outside.advice


def test_the_shortest_way_offers_one_for_each_step(house):
    offers = offers_on_the_way(house.assessment, house.lead, "WBK")

    assert offers
    assert all(offer.advice and offer.condition for offer in offers.values())
    with pytest.raises(KeyError):
        offers_on_the_way(house.assessment, house.lead, "XYZ")


def test_a_person_owns_by_name_and_by_role(house, write):
    by_role = write(owner=Role.UNIT_OPERATOR.value)
    by_name = write(owner=house.operator)
    write(owner=Role.UNIT_HEAD.value)

    assert set(Recommendation.objects.owned_by(house.operator)) == {by_role, by_name}


def test_a_person_of_another_unit_with_the_same_role_owns_nothing(house, write):
    other = make_user("operator-lain")
    grant(other, Role.UNIT_OPERATOR, house.sibling)
    write(owner=Role.UNIT_OPERATOR.value)

    assert not Recommendation.objects.owned_by(other).exists()


def test_desk_advice_needs_a_worksheet(house, soon):
    with pytest.raises(RecommendationRefused, match="dibuat dari butir LKE"):
        create_recommendation(
            unit=house.unit,
            source=Source.DESK,
            draft=Draft("Kondisi.", "Saran.", Role.UNIT_HEAD.value, soon),
            by=house.lead,
        )


def test_a_request_of_the_national_team_is_answered_though_the_sheet_is_final(house, write):
    type(house.assessment).objects.filter(pk=house.assessment.pk).update(
        state=State.FINAL, finalized_at=timezone.now()
    )
    house.assessment.refresh_from_db()
    row = write(by=house.secretariat, source=Source.TPN, condition="TPN meminta rekap pengaduan.")

    move(
        row=row,
        name="selesai",
        by=house.operator,
        text="Rekap terlampir.",
        proof=Proof(url="https://unit.example/rekap"),
    )

    answer = row.follow_ups.first()
    assert (answer.text, answer.evidence.get().evidence.url) == (
        "Rekap terlampir.",
        "https://unit.example/rekap",
    )
    assert fresh(row).state == State_.REPORTED
