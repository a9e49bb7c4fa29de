"""The journey's papers: made from data, signed and issued, seen only by whom they concern."""

# ruff: noqa: F811  fixtures of the same way are taken over by their names

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.journey import building, papers, services
from assessments.journey.building import record_monitoring
from assessments.journey.eligibility import checklist
from assessments.journey.papers import CONDITIONS, LETTER, MONITORING, STATEMENT, Subject
from assessments.journey.rules import Act
from assessments.journey.services import JourneyRefused, perform
from assessments.journey.timeline import Facts, holder_of
from assessments.models import (
    Candidacy,
    EligibilityCheck,
    Evidence,
    JourneyPaper,
    Monitoring,
    Period,
    PledgeScan,
    Proposal,
)
from assessments.tests.factories import make_period
from assessments.tests.test_journey import (
    LETTER as FIELDS,
)
from assessments.tests.test_journey import (  # noqa: F401
    clock,
    controller,
    inspector_general,
    make_ready,
    paper,
    people,
)
from assessments.workplan.services import finish_activity, save_activity, write_target
from units.services import record_pledge
from units.services.tree import RowChanged
from zona.documents import DocumentRefused
from zona.models import Document, Job

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)
LOOK = {
    "on": TODAY,
    "starts_on": date(2026, 1, 1),
    "ends_on": TODAY,
    "method": "visit",
    "summary": "Berjalan baik.",
    "advice": "Kejar area 5.",
}


@pytest.fixture
def period():
    return make_period(name="Evaluasi 2026")


def make(subject, kind, by):
    document = papers.make_paper(
        subject=subject, kind=kind, by=by, site="https://zona.example", report=lambda *_said: None
    )
    return JourneyPaper.objects.get(document=document)


def plan(unit, by, **fields):
    values = {"area": "5", "title": "Sosialisasi", "output": "", "owner": None, "owner_name": "P5"}
    return save_activity(unit=unit, by=by, **{**values, "due_on": date(2026, 3, 31), **fields})


def signed():
    return SimpleUploadedFile("naskah.pdf", b"%PDF-1.7 naskah", "application/pdf")


def test_a_letter_goes_up_without_number_and_gets_it_with_the_signed_paper(
    client, unit, period, people
):
    make_ready(unit, period, people)
    secretariat = people["secretariat"]
    names = {key: FIELDS[key] for key in ("signer_name", "signer_position")}
    letter = services.propose(period=period, units=[unit], by=secretariat, **names)
    subject = Subject(proposal=letter)

    candidacy = Candidacy.objects.get()
    stage = {"stage": "administration", "result": True, "on": TODAY}
    with pytest.raises(JourneyRefused, match="belum terbit"):
        perform(Act.RECORD_STAGE, unit=unit, period=period, by=secretariat, given=stage)
    assert holder_of(Facts(candidacy, None, None))[0] == "Sekretariat TPI"
    one, other = make(subject, LETTER, secretariat), make(subject, STATEMENT, secretariat)
    papers.send(paper=one, by=secretariat)
    papers.issue(paper=one, number="B-1/ITJ", dated_on=TODAY, signed=signed(), by=secretariat)
    other.refresh_from_db()
    papers.issue(paper=other, number="S-1/ITJ", dated_on=TODAY, signed=signed(), by=secretariat)

    letter.refresh_from_db()
    assert (letter.number, letter.dated_on) == ("B-1/ITJ", TODAY)
    assert (letter.sptjm_number, letter.sptjm_on) == ("S-1/ITJ", TODAY)
    assert holder_of(Facts(candidacy, None, None, proposed_on=TODAY))[0] == "TPN"
    perform(Act.RECORD_STAGE, unit=unit, period=period, by=secretariat, given=stage)
    document = Document.objects.get(kind=LETTER)
    assert (document.status, document.page_count) == ("issued", 2)
    html = client.get(reverse("assessments:document_verify", args=[document.public_code]))
    assert "Surat usulan" in html.content.decode()
    client.force_login(people["eselon1"])
    assert client.get(reverse("assessments:paper_download", args=[one.pk])).status_code == 404


def test_a_letter_comes_back_signed_after_its_period_was_closed(unit, period, people):
    make_ready(unit, period, people)
    secretariat = people["secretariat"]
    letter = services.propose(
        period=period, units=[unit], by=secretariat, signer_name="a", signer_position="b"
    )
    document = Document.objects.create(
        kind=LETTER,
        subject=f"proposal:{letter.pk}",
        title="x",
        public_code="AAAA-AAAA",
        sha256="0",
        size_bytes=1,
        created_at=timezone.now(),
    )
    row = JourneyPaper.objects.create(document=document, proposal=letter)
    Period.objects.filter(pk=period.pk).update(
        closed_at=timezone.now(), closed_by=secretariat, is_open=False
    )

    papers.issue(paper=row, number="B-9", dated_on=TODAY, signed=signed(), by=secretariat)

    letter.refresh_from_db()
    assert (letter.number, letter.dated_on) == ("B-9", TODAY)


def test_number_and_day_come_together_and_a_number_once(unit, period, people):
    make_ready(unit, period, people)
    secretariat = people["secretariat"]

    with pytest.raises(JourneyRefused, match="diisi bersama"):
        services.propose(
            period=period, units=[unit], by=secretariat, **{**FIELDS, "dated_on": None}
        )
    Proposal.objects.create(
        period=period, number="B-1", dated_on=TODAY, signer_name="a", signer_position="b"
    )
    letter = services.propose(
        period=period, units=[unit], by=secretariat, signer_name="a", signer_position="b"
    )
    document = Document.objects.create(
        kind=LETTER,
        subject=f"proposal:{letter.pk}",
        title="x",
        public_code="AAAA-AAAA",
        sha256="0",
        size_bytes=1,
    )
    row = JourneyPaper.objects.create(document=document, proposal=letter)
    with pytest.raises(DocumentRefused, match="sudah dipakai"):
        papers.issue(paper=row, number="B-1", dated_on=TODAY, signed=signed(), by=secretariat)
    assert Document.objects.get(pk=document.pk).status == "draft"


def test_a_look_keeps_the_plans_figures_and_its_report_prints_them(
    unit, period, zi_lead, secretariat
):
    plan(unit, zi_lead)
    done = plan(unit, zi_lead, title="Apel", area="1")
    finish_activity(activity=done, by=zi_lead, reason="Sudah")
    write_target(unit=unit, year=2026, area="5", by=zi_lead, initial="Belum ada UPG")
    row = record_monitoring(
        unit=unit, by=secretariat, findings={"5": ("Terlambat", "Kejar"), "2": ("", "")}, **LOOK
    )
    plan(unit, zi_lead, title="Kemudian")
    subject = Subject(unit, building=row)
    _template, report, facts = papers.build(subject, MONITORING, None)

    assert row.side == "itjen"
    assert [
        (area.code, area.total, area.done, area.late) for area in report.areas if area.total
    ] == [
        ("1", 1, 1, 0),
        ("5", 1, 0, 1),
    ]
    assert [(area.condition, area.advice) for area in report.areas if area.condition] == [
        ("Terlambat", "Kejar")
    ]
    assert report.areas[4].target.initial == "Belum ada UPG"
    assert (report.late_count, facts["unit"]) == (1, unit.name)
    made = make(subject, MONITORING, secretariat)
    papers.send(paper=made, by=secretariat)
    with pytest.raises(JourneyRefused, match="sudah dikirim"):
        record_monitoring(unit=unit, by=secretariat, monitoring=row, version=1, findings={}, **LOOK)


@pytest.mark.parametrize(
    ("who", "side"),
    [
        ("zi_lead", "unit"),
        ("unit_head", "unit"),
        ("eselon1", "eselon1"),
        ("auditor", "itjen"),
        ("secretariat", "itjen"),
        ("operator", ""),
        ("stranger", ""),
    ],
)
def test_each_monitors_for_his_side(request, unit, who, side):
    user = request.getfixturevalue(who)

    assert building.side_of(user, unit) == side
    if not side:
        with pytest.raises(JourneyRefused):
            record_monitoring(unit=unit, by=user, findings={}, **LOOK)
        return
    row = record_monitoring(unit=unit, by=user, findings={}, **LOOK)
    assert papers.can_issue(user, Subject(unit, building=row)) is (who != "auditor")
    with pytest.raises(RowChanged):
        record_monitoring(unit=unit, by=user, monitoring=row, version=7, findings={}, **LOOK)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"on": date(2026, 6, 2)}, "Tanggal belum tiba."),
        ({"ends_on": date(2025, 12, 31)}, "Masa pemantauan tidak berurutan."),
    ],
)
def test_a_look_that_cannot_be_is_refused(unit, zi_lead, changes, sentence):
    with pytest.raises(JourneyRefused) as caught:
        record_monitoring(unit=unit, by=zi_lead, findings={}, **{**LOOK, **changes})

    assert str(caught.value) == sentence


def test_scans_are_kept_in_versions_under_the_rules_of_evidence(client, unit, period, zi_lead):
    address = reverse("assessments:journey_papers", args=[unit.pk, period.pk])
    client.force_login(zi_lead)

    early = client.post(address, {"kind": "charter", "upload": paper("piagam.pdf")})
    assert "Catat pencanangan dahulu" in early.content.decode()
    record_pledge(
        unit=unit,
        by=None,
        declared_on=date(2026, 1, 12),
        place="Aula",
        charter_number="001/PGM",
        signer_name="A",
        signer_position="Kepala",
        signer_level="eselon_3",
        signed_count=40,
    )
    wrong = client.post(
        address, {"kind": "charter", "upload": SimpleUploadedFile("a.html", b"<b>a</b>")}
    )
    assert "jenis berkas tidak diterima" in wrong.content.decode()
    for name in ("piagam.pdf", "piagam lengkap.pdf"):
        client.post(address, {"kind": "charter", "upload": paper(name)})
    html = client.get(address).content.decode()

    scans = PledgeScan.objects.filter(unit=unit, kind="charter")
    assert [scan.evidence.title for scan in scans] == ["piagam lengkap", "piagam"]
    assert html.count("</svg>Versi lama") == 1
    assert Evidence.objects.filter(unit=unit, number="001/PGM").count() == 2


def test_a_file_proves_a_condition_and_a_new_one_is_judged_again(
    unit, period, operator, controller
):
    where = {"unit": unit, "period": period, "scope": "unit", "code": "tlhp"}
    services.write_check(
        **where, by=operator, version=0, value="100%", proof="", upload=paper("tlhp.pdf")
    )
    services.write_check(
        **where, by=controller, version=1, value="100%", proof="", verdict="passed"
    )
    assert EligibilityCheck.objects.get().verdict == "passed"
    services.write_check(
        **where, by=operator, version=2, value="100%", proof="", upload=paper("tlhp-2.pdf")
    )

    row = EligibilityCheck.objects.get()
    assert (row.proof_file.title, row.verdict) == ("tlhp-2", "")
    item = next(i for i in checklist(unit, period, "WBK").items if i.condition.code == "tlhp")
    assert item.check.proof_file.unit == unit


def test_a_file_for_the_ministrys_condition_stays_in_the_ministrys_library(
    tree, period, secretariat
):
    row = services.write_check(
        unit=None,
        period=period,
        scope="instansi",
        code="opini_bpk",
        by=secretariat,
        version=0,
        value="WTP",
        proof="",
        upload=paper("lhp.pdf"),
    )

    assert row.proof_file.unit == tree.ministry


def test_the_list_of_conditions_prints_verdicts_and_exceptions(client, unit, period, people):
    make_ready(unit, period, people, but=("tlhp",))
    _template, listed, facts = papers.build(Subject(unit, period), CONDITIONS, None)

    assert (listed.target, listed.settled, listed.total, listed.unjudged) == (
        "WBK",
        listed.total - 1,
        listed.total,
        1,
    )
    assert (listed.is_final, listed.unmet_count, facts["unit_code"]) == (True, 0, "PPTL")
    made = make(Subject(unit, period), CONDITIONS, people["secretariat"])
    assert made.document.title.startswith("Daftar periksa syarat usulan: Pelabuhan Teluk Lantera")
    for name, shown in (("unit_head", True), ("stranger", False)):
        client.force_login(people[name])
        html = client.get(reverse("assessments:document_list")).content.decode()
        assert (made.document.title in html) is shown, name


def test_a_look_at_a_predicate_has_its_report(unit, period, people):
    make_ready(unit, period, people)
    given = {"number": "KEP-1", "on": TODAY, "outcome": "kept", "note": "Terjaga."}
    for act in (Act.AWARD_MINISTRY, Act.MONITOR):
        document = paper() if act == Act.AWARD_MINISTRY else None
        perform(
            act, unit=unit, period=period, by=people["secretariat"], given=given, document=document
        )

    look = Monitoring.objects.get()
    _template, report, _facts = papers.build(Subject(unit, monitoring=look), MONITORING, None)
    assert (report.look, report.summary, [a.predicate for a in report.awards]) == (
        look,
        "Terjaga.",
        ["WBK"],
    )


def test_a_paper_is_asked_for_once_and_made_in_the_background(client, unit, period, zi_lead):
    client.force_login(zi_lead)
    address = reverse("assessments:conditions_paper", args=[unit.pk, period.pk])

    for _twice in range(2):
        client.post(address)
    html = client.get(reverse("assessments:journey_papers", args=[unit.pk, period.pk]))

    job = Job.objects.get(kind=CONDITIONS)
    assert papers.subject_from(job.args).name == job.subject
    assert 'hx-trigger="every 1s"' in html.content.decode()


def test_the_papers_pages_ask_few_questions(client, unit, period, people):
    make_ready(unit, period, people)
    letter = services.propose(period=period, units=[unit], by=people["secretariat"], **FIELDS)
    plan(unit, people["zi_lead"])
    row = record_monitoring(unit=unit, by=people["auditor"], findings={}, **LOOK)
    client.force_login(people["secretariat"])
    counts = {}
    for name, args in (
        ("journey_papers", [unit.pk, period.pk]),
        ("building_list", [unit.pk, 2026]),
        ("building_detail", [row.pk]),
        ("proposal_detail", [letter.pk]),
    ):
        address = reverse(f"assessments:{name}", args=args)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        words = ("SELECT", "INSERT", "UPDATE", "DELETE")
        counts[name] = sum(q["sql"].startswith(words) for q in captured.captured_queries)

    assert max(counts.values()) <= 12, counts
