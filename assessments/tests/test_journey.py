"""The journey: only what its table allows happens, and nobody goes up while a condition fails."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.journey import rules, services
from assessments.journey.eligibility import checklist
from assessments.journey.pact_file import read_pacts
from assessments.journey.rules import Act, Phase
from assessments.journey.services import JourneyRefused, perform
from assessments.models import (
    Assessment,
    Candidacy,
    EligibilityCheck,
    Monitoring,
    PactSignature,
    PredicateAward,
    Proposal,
    Score,
    State,
)
from assessments.tests.factories import grant, make_assessment, make_period, make_unit, make_user
from assessments.worklist import tasks_of
from units.access import Permission, Role
from units.models import Pledge, Unit
from units.services import PledgeRefused, record_pledge
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)
PLEDGE = {
    "declared_on": date(2025, 1, 12),
    "place": "Teluk Lantera",
    "charter_number": "001/PGM-ZI",
    "signer_name": "Arung Lakawa",
    "signer_position": "Kepala Pelabuhan",
    "signer_level": "eselon_3",
    "signed_count": 40,
}
LETTER = {
    "number": "B-12/ITJ/2026",
    "dated_on": TODAY,
    "signer_name": "Hasta Wiraguna",
    "signer_position": "Inspektur Jenderal",
    "sptjm_number": "SPTJM-3/2026",
    "sptjm_on": TODAY,
}


def paper(name: str = "keputusan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, f"%PDF-1.7 {name}".encode(), "application/pdf")


@pytest.fixture(autouse=True)
def clock(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    moment = timezone.make_aware(timezone.datetime(2026, 6, 1, 9))
    monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.fixture
def period():
    return make_period(name="Evaluasi 2026")


@pytest.fixture
def inspector_general(tree):
    user = make_user("irjen")
    grant(user, Role.INSPECTOR_GENERAL, tree.ministry)
    return user


@pytest.fixture
def controller(tree):
    user = make_user("mutu")
    grant(user, Role.QUALITY_CONTROLLER, tree.ministry)
    return user


@pytest.fixture
def people(eselon1, secretariat, zi_lead, unit_head, operator, auditor, controller, stranger):
    return {
        "eselon1": eselon1,
        "secretariat": secretariat,
        "zi_lead": zi_lead,
        "unit_head": unit_head,
        "operator": operator,
        "auditor": auditor,
        "controller": controller,
        "stranger": stranger,
    }


def judge_all(unit, period, by, *, but=(), target="WBK"):
    """Give every condition but some a verdict of "passed"."""
    for item in checklist(unit, period, target).items:
        one = item.condition
        if one.code not in but:
            services.write_check(
                unit=unit if one.is_of_unit else None,
                period=period,
                scope=one.scope,
                code=one.code,
                by=by,
                version=item.check.version if item.check else 0,
                value="ya",
                proof="ND-1/2026",
                verdict="passed",
            )


def bring_to_final(unit, period):
    """Give a unit a worksheet that is final and meets every gate."""
    sheet = make_assessment(unit, period)
    Assessment.objects.filter(pk=sheet.pk).update(state=State.FINAL, finalized_at=timezone.now())
    Score.objects.filter(assessment=sheet, track="tpi").update(
        unmet_rules={}, safe_total="80.000000"
    )
    return sheet


def make_ready(unit, period, people, *, but=()):
    """Bring a unit as far as a proposal."""
    record_pledge(unit=unit, by=None, **{**PLEDGE, "signed_count": unit.staff_count})
    perform(
        Act.DESIGNATE,
        unit=unit,
        period=period,
        by=people["eselon1"],
        given={"number": "KEP-7/DJPC", "on": TODAY, "signer": "Direktur Jenderal"},
        document=paper(f"calon-{unit.code}.pdf"),
    )
    bring_to_final(unit, period)
    judge_all(unit, period, people["secretariat"], but=but)


def set_phase(unit, period, phase) -> Candidacy:
    candidacy, _made = Candidacy.objects.update_or_create(
        unit=unit, period=period, defaults={"phase": phase.value}
    )
    if phase in (Phase.AWARDED, Phase.REVOKED):
        PredicateAward.objects.get_or_create(
            candidacy=candidacy,
            defaults={
                "predicate": "WBK",
                "track": "national",
                "decree_number": "KEP-1",
                "decided_on": date(2026, 1, 2),
                "next_monitoring_on": date(2028, 1, 2),
            },
        )
    return candidacy


GIVEN = {
    "number": "KEP-9",
    "on": TODAY,
    "signer": "Direktur Jenderal",
    "reason": "Alasan",
    "stage": "administration",
    "result": True,
    "outcome": "kept",
    "note": "",
}


@pytest.mark.parametrize("phase", list(Phase), ids=str)
def test_what_is_not_in_the_table_is_impossible_for_everybody(unit, period, people, phase):
    record_pledge(unit=unit, by=None, **{**PLEDGE, "signed_count": 39})
    set_phase(unit, period, phase)
    refused = JourneyRefused("Langkah ini tidak tersedia pada keadaan unit sekarang.")

    for rule in rules.TABLE:
        holders = {
            name
            for name, user in people.items()
            if services.has_permission(user, rule.permission, unit)
        }
        for name, user in people.items():
            if phase in rule.sources and name in holders and rule.act != Act.PROPOSE:
                continue
            with pytest.raises(JourneyRefused) as caught:
                perform(rule.act, unit=unit, period=period, by=user, given=GIVEN, document=paper())
            assert caught.value.reasons == refused.reasons, (rule.act, name)
    assert Candidacy.objects.get().phase == phase.value


FOLLOWS = {
    Phase.PREPARING: {
        Act.DECLARE: Phase.BUILDING,
        Act.DESIGNATE: Phase.PREPARING,
        Act.CANCEL_DESIGNATION: Phase.PREPARING,
        Act.COACH: Phase.COACHED,
    },
    Phase.BUILDING: {
        Act.DESIGNATE: Phase.BUILDING,
        Act.CANCEL_DESIGNATION: Phase.BUILDING,
        Act.PROPOSE: Phase.PROPOSED,
        Act.COACH: Phase.COACHED,
        Act.AWARD_MINISTRY: Phase.AWARDED,
    },
    Phase.PROPOSED: {Act.WITHDRAW: Phase.BUILDING, Act.RECORD_STAGE: Phase.NATIONAL},
    Phase.NATIONAL: {
        Act.RECORD_STAGE: Phase.NATIONAL,
        Act.FAIL: Phase.COACHED,
        Act.AWARD_NATIONAL: Phase.AWARDED,
    },
    Phase.AWARDED: {Act.MONITOR: Phase.AWARDED, Act.REVOKE: Phase.REVOKED},
    Phase.COACHED: {},
    Phase.REVOKED: {},
}


def test_the_table_holds_exactly_these_ways_from_each_phase():
    held = {
        phase: {act: rules.after(phase, act) for act in Act if rules.after(phase, act) is not None}
        for phase in Phase
    }

    assert held == FOLLOWS
    assert {rule.act for rule in rules.TABLE} == set(Act)


@pytest.mark.parametrize(
    ("phase", "act", "given", "sentence"),
    [
        (Phase.BUILDING, Act.COACH, {"reason": "a"}, "Pembinaan ditetapkan setelah evaluasi TPI"),
        (Phase.NATIONAL, Act.FAIL, {"reason": "a"}, "Belum ada tahap TPN"),
        (Phase.AWARDED, Act.MONITOR, {"on": date(2025, 12, 31)}, "mendahului penetapan predikat"),
        (
            Phase.AWARDED,
            Act.REVOKE,
            {"on": TODAY, "number": "KEP-1", "reason": ""},
            "Isian langkah ini belum lengkap",
        ),
    ],
)
def test_what_the_table_allows_the_facts_may_still_refuse(
    unit, period, secretariat, phase, act, given, sentence
):
    set_phase(unit, period, phase)
    document = paper() if rules.RULES[act].needs_document else None

    with pytest.raises(JourneyRefused, match=sentence):
        perform(act, unit=unit, period=period, by=secretariat, given=given, document=document)
    assert Candidacy.objects.get().phase == phase.value


def test_the_table_says_who_takes_each_step():
    said = {rule.act: rule.permission for rule in rules.TABLE}

    assert said == {
        Act.DECLARE: Permission.JOURNEY_BUILD,
        Act.DESIGNATE: Permission.JOURNEY_DESIGNATE,
        Act.CANCEL_DESIGNATION: Permission.JOURNEY_DESIGNATE,
        Act.PROPOSE: Permission.JOURNEY_PROPOSE,
        Act.WITHDRAW: Permission.JOURNEY_PROPOSE,
        Act.COACH: Permission.JOURNEY_PROPOSE,
        Act.RECORD_STAGE: Permission.NATIONAL_RECORD,
        Act.FAIL: Permission.NATIONAL_RECORD,
        Act.AWARD_MINISTRY: Permission.JOURNEY_PROPOSE,
        Act.AWARD_NATIONAL: Permission.NATIONAL_RECORD,
        Act.MONITOR: Permission.JOURNEY_PROPOSE,
        Act.REVOKE: Permission.JOURNEY_PROPOSE,
    }


@pytest.mark.parametrize(
    ("results", "following", "failed", "through"),
    [
        pytest.param({}, ("administration",), False, False, id="selection first"),
        pytest.param(
            {"administration": True},
            ("objection", "desk"),
            False,
            False,
            id="objection is optional",
        ),
        pytest.param({"administration": False}, ("objection",), False, False, id="may object"),
        pytest.param(
            {"administration": False, "objection": True}, ("desk",), False, False, id="heard"
        ),
        pytest.param(
            {"administration": False, "objection": False}, (), True, False, id="turned down"
        ),
        pytest.param({"administration": True, "desk": False}, (), True, False, id="desk fails"),
        pytest.param(
            {"administration": True, "desk": True, "survey": True, "field": True},
            ("panel",),
            False,
            False,
            id="panel last",
        ),
        pytest.param({"administration": True, "panel": True}, (), False, True, id="through"),
    ],
)
def test_national_stages_follow_their_order(results, following, failed, through):
    assert rules.open_stages(results) == following
    assert rules.has_failed(results) is failed
    assert rules.is_through(results) is through


def test_building_starts_once_all_staff_signed(unit, period, zi_lead):
    record_pledge(unit=unit, by=None, **{**PLEDGE, "signed_count": 39})

    with pytest.raises(JourneyRefused) as caught:
        perform(Act.DECLARE, unit=unit, period=period, by=zi_lead)
    record_pledge(unit=unit, by=None, signed_count=40)

    assert caught.value.reasons == ("Pakta integritas baru ditandatangani 39 dari 40 pegawai.",)
    # The declaration lasts over the years: complete, it needs no act of its own.
    assert services.candidacy_of(unit, period).phase == Phase.BUILDING


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"declared_on": TODAY + timedelta(days=1)}, "Tanggal pencanangan belum tiba."),
        (
            {"signed_count": 41},
            "Tanda tangan lebih banyak daripada jumlah pegawai unit (40).",
        ),
        (
            {"signer_level": "below"},
            "Piagam ditandatangani paling rendah oleh pejabat eselon III.",
        ),
    ],
)
def test_a_declaration_that_cannot_be_is_refused(unit, changes, sentence):
    with pytest.raises(PledgeRefused) as caught:
        record_pledge(unit=unit, by=None, **{**PLEDGE, **changes})

    assert str(caught.value) == sentence
    assert not Pledge.objects.exists()


def test_designation_needs_the_decree_as_a_file(unit, period, eselon1):
    given = {"number": "KEP-7", "on": TODAY, "signer": "Dirjen"}

    with pytest.raises(JourneyRefused, match="Sertakan dokumennya"):
        perform(Act.DESIGNATE, unit=unit, period=period, by=eselon1, given=given)
    late = {**given, "on": TODAY + timedelta(days=1)}
    with pytest.raises(JourneyRefused, match="Tanggal belum tiba"):
        perform(Act.DESIGNATE, unit=unit, period=period, by=eselon1, given=late, document=paper())
    perform(Act.DESIGNATE, unit=unit, period=period, by=eselon1, given=given, document=paper())

    candidacy = Candidacy.objects.get()
    assert (candidacy.phase, candidacy.decree_number) == (Phase.PREPARING, "KEP-7")
    assert [paper.evidence.title for paper in candidacy.documents.all()] == ["keputusan"]
    entry = AuditEntry.objects.get(action="journey.tetapkan-calon")
    assert entry.data["document"] == "keputusan"


def test_a_proposal_names_every_unit_and_condition_that_holds_it(
    unit, sibling_unit, period, people
):
    Unit.objects.update(staff_count=40)
    for one in (unit, sibling_unit):
        one.refresh_from_db()
    make_ready(unit, period, people)
    make_ready(sibling_unit, period, people, but=("tlhp", "core_layanan"))
    services.write_check(
        unit=sibling_unit,
        period=period,
        scope="unit",
        code="tlhp",
        by=people["secretariat"],
        version=0,
        value="92%",
        proof="",
        verdict="failed",
        note="Dua temuan BPK masih terbuka",
    )

    with pytest.raises(JourneyRefused) as caught:
        services.propose(
            period=period, units=[unit, sibling_unit], by=people["secretariat"], **LETTER
        )

    assert caught.value.reasons == (
        "PPSK: Syarat belum terpenuhi: Tindak lanjut hasil pengawasan APIP/BPK (%).",
        "PPSK: Syarat belum dinilai: Unit menjalankan layanan inti instansi.",
    )
    assert not Proposal.objects.exists()
    assert set(Candidacy.objects.values_list("phase", flat=True)) == {"building"}


def test_an_exception_is_granted_by_another_with_reason_and_proof(
    unit, period, people, inspector_general
):
    make_ready(unit, period, people, but=("tlhp",))
    where = {"unit": unit, "period": period, "scope": "unit", "code": "tlhp"}
    why = {"basis": "pertimbangan_tpn", "reason": "Dalam proses", "proof": "ND-9/2026"}

    with pytest.raises(JourneyRefused, match="Inspektur Jenderal"):
        services.grant_exception(**where, by=people["secretariat"], **why)
    with pytest.raises(JourneyRefused, match="alasan dan bukti"):
        services.grant_exception(**where, by=inspector_general, **{**why, "proof": ""})
    services.grant_exception(**where, by=inspector_general, **why)
    proposal = services.propose(period=period, units=[unit], by=people["secretariat"], **LETTER)

    line = proposal.lines.get()
    assert line.exceptions == [
        {
            "label": "Tindak lanjut hasil pengawasan APIP/BPK (%)",
            "reason": "Dalam proses",
            "proof": "ND-9/2026",
            "by": "Irjen",
        }
    ]
    assert Candidacy.objects.get().phase == Phase.PROPOSED


def test_corruption_has_no_exception(unit, period, inspector_general):
    with pytest.raises(JourneyRefused, match="tidak dapat dikecualikan"):
        services.grant_exception(
            unit=unit,
            period=period,
            scope="unit",
            code="bebas_kkn",
            by=inspector_general,
            basis="lain",
            reason="Alasan",
            proof="Bukti",
        )


def test_unmet_gates_and_a_used_quota_hold_a_letter(unit, period, people):
    make_ready(unit, period, people)
    Score.objects.filter(track="tpi").update(unmet_rules={"WBK": {"area.5": "2.13"}})
    period.quota = 0
    period.save(update_fields=["quota"])

    with pytest.raises(JourneyRefused) as caught:
        services.propose(period=period, units=[unit], by=people["secretariat"], **LETTER)

    assert caught.value.reasons == (
        "PPTL: 1 ambang WBK belum terpenuhi menurut nilai TPI.",
        "Kuota usulan periode ini 0; sudah diusulkan 0, dipilih 1.",
    )


def test_from_proposal_to_predicate_monitoring_and_revocation(unit, period, people):
    make_ready(unit, period, people)
    secretariat = people["secretariat"]
    services.propose(period=period, units=[unit], by=secretariat, **LETTER)

    def step(act, **given):
        return perform(
            act,
            unit=unit,
            period=period,
            by=secretariat,
            given={"on": TODAY, **given},
            document=paper(f"{act}.pdf") if rules.RULES[act].needs_document else None,
        )

    with pytest.raises(JourneyRefused, match="menurut urutan"):
        step(Act.RECORD_STAGE, stage="desk", result=True)
    for stage in ("administration", "desk", "survey", "field"):
        step(Act.RECORD_STAGE, stage=stage, result=True)
    with pytest.raises(JourneyRefused, match="lolos panel"):
        step(Act.AWARD_NATIONAL, number="KEP-88/2026")
    step(Act.RECORD_STAGE, stage="panel", result=True)
    step(Act.AWARD_NATIONAL, number="KEP-88/2026")
    award = PredicateAward.objects.get()
    assert (award.predicate, award.track, award.next_monitoring_on) == (
        "WBK",
        "national",
        date(2028, 6, 1),
    )
    step(Act.MONITOR, outcome="kept")
    assert Monitoring.objects.get().outcome == "kept"
    step(Act.REVOKE, number="KEP-99/2026", reason="Kasus pungutan liar")

    assert Candidacy.objects.get().phase == Phase.REVOKED
    assert services.excluded_until(services.last_revoked_on(unit)) == date(2028, 6, 1)
    following = make_period(year=2027)
    bring_to_final(unit, following)
    gaps = services.proposal_gaps(services.candidacy_of(unit, following))
    assert "Predikat unit pernah dicabut; usulan baru paling cepat 1 Juni 2028." in gaps


def test_a_value_that_changes_after_the_verdict_is_judged_again(unit, period, operator, controller):
    where = {"unit": unit, "period": period, "scope": "unit", "code": "tlhp"}
    services.write_check(**where, by=operator, version=0, value="98%", proof="ND-1")
    services.write_check(
        **where, by=controller, version=1, value="98%", proof="ND-1", verdict="passed"
    )

    with pytest.raises(services.CheckChanged):
        services.write_check(**where, by=operator, version=1, value="100%", proof="ND-2")
    with pytest.raises(JourneyRefused, match="Putusan diberikan oleh Itjen"):
        services.write_check(
            **where, by=operator, version=2, value="98%", proof="ND-1", verdict="passed"
        )
    services.write_check(**where, by=operator, version=2, value="100%", proof="ND-2")

    row = EligibilityCheck.objects.get()
    assert (row.value, row.verdict, row.judged_by, row.version) == ("100%", "", None, 3)


def test_a_stale_form_shows_what_the_other_wrote_and_keeps_the_typed(
    client, unit, period, operator, secretariat
):
    where = {"unit": unit, "period": period, "scope": "unit", "code": "tlhp"}
    services.write_check(**where, by=operator, version=0, value="98%", proof="ND-1")
    client.force_login(secretariat)

    reply = client.post(
        reverse("assessments:check_edit", args=[unit.pk, period.pk, "tlhp"]),
        {"version": "0", "value": "100%", "proof": "ND-7", "verdict": "passed", "note": ""},
    )

    html = reply.content.decode()
    assert "Operator menyimpan data ini" in html
    assert "98%" in html
    assert 'value="100%"' in html
    assert 'name="version" value="1"' in html
    assert EligibilityCheck.objects.get().value == "98%"


def test_a_list_of_signers_is_taken_over_whole_or_not_at_all(client, unit, zi_lead):
    record_pledge(unit=unit, by=None, **{**PLEDGE, "signed_count": 0})
    address = reverse("assessments:pact_list", args=[unit.pk])
    client.force_login(zi_lead)
    nip = "190006181900011021"
    faulty = f"nama;nip;tanggal\nRian;{nip};2026-01-12\nSari;12;2026-09-12\nRian;{nip};12/01/2026\n"
    good = f"nama;nip;tanggal\nRian;{nip};2026-01-12\nSari;;12/01/2026\n"

    reply = client.post(address, {"file": SimpleUploadedFile("a.csv", faulty.encode())})
    assert "Baris 3, kolom nip: NIP terdiri atas 18 angka." in reply.content.decode()
    assert "Baris 3, kolom tanggal: Tanggal belum tiba." in reply.content.decode()
    assert "Baris 4, kolom nip: Sama dengan baris 2." in reply.content.decode()
    assert not PactSignature.objects.exists()
    for _twice in range(2):
        client.post(address, {"file": SimpleUploadedFile("b.csv", good.encode())})

    assert PactSignature.objects.count() == 2
    assert Pledge.objects.get().signed_count == 2


def test_more_signers_than_staff_and_formulas_are_refused(unit, zi_lead):
    record_pledge(unit=unit, by=None, **{**PLEDGE, "signed_count": 0})
    rows = [(f"Orang {n}", "", TODAY) for n in range(41)]

    with pytest.raises(JourneyRefused, match="lebih banyak daripada 40 pegawai"):
        services.import_pacts(unit=unit, rows=rows, by=zi_lead)
    read = read_pacts("a.csv", b"nama;nip;tanggal\n=1+1;;2026-01-12\n", today=TODAY)

    assert [(f.row, f.column) for f in read.faults] == [(2, "nama")]
    assert not PactSignature.objects.exists()


@pytest.mark.parametrize(("page", "count"), [("journey_detail", 10), ("proposal_list", 12)])
def test_pages_ask_the_same_few_questions_in_a_small_and_a_large_house(
    client, unit, period, people, page, count
):
    make_ready(unit, period, people)
    client.force_login(people["secretariat"])
    on = [unit.pk, period.pk] if page == "journey_detail" else [period.pk]
    address = reverse(f"assessments:{page}", args=on)
    counts = []
    for more in (5, 25):
        for _number in range(more):
            sheet = make_assessment(make_unit(unit.parent, staff_count=3), period)
            set_phase(sheet.unit, period, Phase.BUILDING)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        words = ("SELECT", "INSERT", "UPDATE", "DELETE")
        counts.append(sum(query["sql"].startswith(words) for query in captured.captured_queries))

    assert counts == [count, count]


def test_a_monitored_predicate_costs_the_page_no_more_than_the_others(client, unit, period, people):
    make_ready(unit, period, people)
    services.propose(period=period, units=[unit], by=people["secretariat"], **LETTER)
    candidacy = set_phase(unit, period, Phase.AWARDED)
    Monitoring.objects.create(award=candidacy.award, on=TODAY, outcome="kept")
    PredicateAward.objects.update(next_monitoring_on=date(2028, 6, 1))
    address = reverse("assessments:journey_detail", args=[unit.pk, period.pk])
    client.force_login(people["secretariat"])
    client.get(address)

    with CaptureQueriesContext(connection) as captured:
        html = client.get(address).content.decode()

    words = ("SELECT", "INSERT", "UPDATE", "DELETE")
    assert "Predikat dipertahankan" in html
    assert sum(query["sql"].startswith(words) for query in captured.captured_queries) <= 12


def test_the_secretariat_is_reminded_of_a_predicate_whose_look_is_due(unit, period, secretariat):
    candidacy = set_phase(unit, period, Phase.AWARDED)

    def told():
        return [task.title for task in tasks_of(secretariat).tasks] if tasks_of(secretariat) else []

    before = told()
    PredicateAward.objects.update(next_monitoring_on=TODAY + timedelta(days=30))
    due = told()
    PredicateAward.objects.update(revoked_on=TODAY, revocation_reason="Pungli")

    assert (before, due, told()) == ([], ["Pantau predikat PPTL"], [])
    assert candidacy.award.track == "national"
