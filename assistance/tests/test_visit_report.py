"""The report on a visit: written by its team, let through by rank, printed, signed, corrected."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assignment, Rank
from assessments.services.teams import add_member
from assessments.tests.factories import grant, make_user
from assistance import papers
from assistance.models import Visit, VisitReport
from assistance.services.minutes import confirm_minutes, write_minutes
from assistance.services.reports import (
    ReportChanged,
    ReportRefused,
    move_report,
    write_report,
)
from assistance.services.visits import (
    Plan,
    VisitRefused,
    add_attendance,
    end_visit,
    plan_visit,
    save_check,
    set_team,
    start_visit,
)
from zona import audit
from zona.documents import DocumentRefused

pytestmark = pytest.mark.django_db
TEXTS = {"overview": "Tata laksana kuat, pengawasan tertinggal.", "conclusion": "Perlu pembinaan."}


@pytest.fixture
def visit(house):
    """A visit that is over: a member who wrote, a lead and a quality controller above him."""
    house.writer, house.chief = house.member, house.outside_auditor
    house.inspector = make_user("inspektur")
    grant(house.inspector, "quality_controller", house.unit.parent.parent)
    today = timezone.localdate()
    letter = Assignment.objects.create(
        number="ST-9/ITJ", dated_on=today, starts_on=today, ends_on=today + timedelta(days=1)
    )
    row = plan_visit(
        assessment=house.assessment,
        plan=Plan(today, today, assignment=letter),
        by=house.secretariat,
    )
    house.team = {
        house.chief: Rank.LEAD,
        house.writer: Rank.MEMBER,
        house.inspector: Rank.QUALITY,
    }
    set_team(visit=row, people=house.team, by=house.secretariat)
    row = start_visit(visit=row, by=house.writer)
    save_check(
        visit_pk=row.pk,
        code="A.I.5.iii.c",
        changes={
            "document_check": "absent",
            "implementation_check": "not_done",
            "condition": "Monev pengaduan <b>belum</b> ada.",
            "advice": "Susun monev triwulanan.",
            "choice": "C",
        },
        base={},
        base_version=0,
        key="5a6f7b1e-4c5e-4f0e-9d8f-0c2d1b3a4e5f",
        by=house.writer,
    )
    add_attendance(
        visit=row, side="unit", name="Arung", position="Kepala", on=today, by=house.writer
    )
    write_minutes(visit=row, summary="Baik.", agreed="", version=0, by=house.writer)
    return end_visit(visit=row, by=house.writer)


def written(visit, by, **texts):
    return write_report(visit=visit, texts={**TEXTS, **texts}, version=0, by=by)


def move(visit, act, by, note=""):
    version = VisitReport.objects.get(visit=visit).version
    return move_report(visit=visit, act=act, version=version, by=by, note=note)


def test_a_report_climbs_the_ranks_of_its_team_and_stays_as_it_was_approved(house, visit):
    written(visit, house.writer)

    assert move(visit, "ajukan", house.writer).state == "lead"
    with pytest.raises(ReportRefused, match="terkunci"):
        write_report(visit=visit, texts=TEXTS, version=2, by=house.writer)
    assert move(visit, "teruskan", house.chief).state == "quality"
    assert move(visit, "teruskan", house.inspector).state == "approved"

    row = move(visit, "koreksi", house.chief, "Angka survei keliru.")
    assert (row.state, row.edition) == ("draft", 2)
    assert [step.after for step in row.steps.all()] == ["lead", "quality", "approved", "draft"]
    assert list(audit.verify([visit.audit_stream])) == []


@pytest.mark.parametrize(
    ("act", "who", "note", "words"),
    [
        ("teruskan", "writer", "", "bukan giliran"),
        ("teruskan", "inspector", "", "bukan giliran"),
        ("kembalikan", "chief", "  ", "alasannya"),
        ("koreksi", "chief", "x", "bukan giliran"),
        ("ajukan", "chief", "", "bukan giliran"),
        ("teruskan", "head", "", "Hanya tim"),
        ("teruskan", "secretariat", "", "Hanya tim"),
    ],
)
def test_a_step_that_is_not_ones_turn_is_refused(house, visit, act, who, note, words):
    written(visit, house.writer)
    move(visit, "ajukan", house.writer)

    with pytest.raises(ReportRefused, match=words):
        move(visit, act, getattr(house, who), note)
    assert VisitReport.objects.get().state == "lead"


def test_nobody_lets_his_own_report_through_and_reviewers_can_be_added_later(house, visit):
    visit.team.exclude(user=house.writer).delete()
    written(visit, house.writer)
    with pytest.raises(ReportRefused, match="Tidak ada jenjang"):
        move(visit, "ajukan", house.writer)
    with pytest.raises(VisitRefused, match="tidak diubah"):
        set_team(visit=visit, people={house.chief: Rank.LEAD}, by=house.secretariat)

    set_team(visit=visit, people=house.team, by=house.secretariat)

    assert move(visit, "ajukan", house.writer).state == "lead"


def test_bad_words_and_stale_pages_change_nothing(house, visit):
    for texts in ({"overview": " "}, {"overview": "a\x00b"}, {"conclusion": "x" * 9_000}):
        with pytest.raises(ReportRefused):
            written(visit, house.writer, **texts)
    with pytest.raises(ReportRefused, match="Hanya tim"):
        written(visit, house.head)
    assert not VisitReport.objects.exists()

    written(visit, house.writer, conclusion="")
    with pytest.raises(ReportChanged):
        written(visit, house.chief)
    with pytest.raises(ReportRefused, match="simpulan"):
        move(visit, "ajukan", house.writer)
    with pytest.raises(ReportChanged):
        move_report(visit=visit, act="ajukan", version=9, by=house.writer)


def test_the_paper_says_what_was_found_and_is_issued_once_approved(house, visit, client):
    written(visit, house.writer, background="Unit <i>baru</i>.")
    visit = Visit.objects.for_page().get(pk=visit.pk)
    make = {
        "visit": visit,
        "kind": papers.REPORT,
        "by": house.writer,
        "site": "https://zona.example",
    }
    html, facts = papers._content(visit, papers.REPORT, papers.mark("https://zona.example"))
    assert "Monev pengaduan &lt;b&gt;belum&lt;/b&gt; ada." in html
    assert "Unit &lt;i&gt;baru&lt;/i&gt;." in html
    assert "Bukti yang kurang:" in html
    assert facts == {"is_ready": False, "edition": 1}

    draft = papers.make_paper(**make, report=lambda *_: None)
    assert draft.page_count >= 6
    signed = {"number": "7/LHA/2026", "dated_on": timezone.localdate(), "by": house.secretariat}
    with pytest.raises(DocumentRefused, match="belum disetujui"):
        papers.issue(visit=visit, document=draft, signed=pdf_of(draft), **signed)
    for act, who in (("ajukan", "writer"), ("teruskan", "chief"), ("teruskan", "inspector")):
        move(visit, act, getattr(house, who))
    ready = papers.make_paper(**make, report=lambda *_: None)

    papers.send(visit=visit, document=ready, by=house.secretariat)
    issued = papers.issue(visit=visit, document=ready, signed=pdf_of(ready), **signed)

    assert (issued.status, issued.number) == ("issued", "7/LHA/2026")
    assert set(papers.readable(house.head, visit)) == {issued}
    assert set(papers.readable(house.inspector, visit)) == {draft, issued}
    client.force_login(house.head)
    page = client.get(reverse("assistance:visit_report", args=[visit.pk])).content.decode()
    assert "Laporan sudah terbit" in page
    assert TEXTS["overview"] not in page
    address = reverse("assistance:paper_download", args=[visit.pk, issued.pk])
    answer = client.get(address)
    assert answer.getvalue().startswith(b"%PDF")
    assert (
        client.get(reverse("assistance:paper_download", args=[visit.pk, draft.pk])).status_code
        == 404
    )
    assert (
        client.get(reverse("assistance:paper_issue", args=[visit.pk, issued.pk])).status_code == 403
    )
    move(visit, "koreksi", house.chief, "Salah ketik.")
    with pytest.raises(DocumentRefused):
        papers.send(visit=visit, document=ready, by=house.secretariat)
    client.force_login(house.secretariat)
    answer = client.post(
        reverse("assistance:paper_withdraw", args=[visit.pk, issued.pk]), {"reason": "Keliru."}
    )
    assert answer.status_code == 302
    issued.refresh_from_db()
    assert (issued.status, issued.withdrawn_reason) == ("withdrawn", "Keliru.")


def pdf_of(document):
    with document.file.open("rb") as file:
        return SimpleUploadedFile("naskah.pdf", file.read(), content_type="application/pdf")


def test_who_assists_is_flagged_on_teams_before_and_after(house, visit):
    seat = house.assessment.team.get(user=house.writer)
    assert seat.assisted

    added = add_member(
        assessment=house.assessment, user=house.inspector, rank=Rank.MEMBER, by=house.secretariat
    )

    assert added.assisted
    assert not house.assessment.team.get(user=house.lead).assisted


def test_the_letter_of_assignment_names_everybody_once_and_all_units(house, visit):
    house.assessment.assignment = visit.assignment
    house.assessment.save(update_fields=["assignment"])

    html, facts = papers._content(
        Visit.objects.for_page().get(pk=visit.pk), papers.ORDER, papers.mark("")
    )

    assert facts == {"is_ready": True}
    assert html.count(f">{house.writer.name}<") == 1
    assert html.count(house.unit.name) == 2
    assert "Mendampingi (asistensi)" in html
    assert "Mengevaluasi" in html


def test_minutes_are_issued_only_after_both_sides_confirmed(house, visit):
    visit = Visit.objects.for_page().get(pk=visit.pk)
    confirm_minutes(visit=visit, version=1, by=house.writer)
    assert papers._content(visit, papers.MINUTES, papers.mark(""))[1] == {"is_ready": False}
    confirm_minutes(visit=visit, version=1, by=house.head)
    assert papers._content(visit, papers.MINUTES, papers.mark(""))[1] == {"is_ready": True}


def test_the_page_leads_through_the_review(house, visit, client, django_assert_max_num_queries):
    client.force_login(house.writer)
    address = reverse("assistance:visit_report", args=[visit.pk])
    assert client.post(address, {"overview": "", "conclusion": "Simpulan."}).status_code == 422
    assert client.post(address, {**TEXTS, "version": "0"}).status_code == 302
    late = client.post(address, {**TEXTS, "overview": "Milik saya.", "version": "0"})
    assert "Rekan Anda menyimpan laporan lebih dulu" in late.content.decode()
    assert "Milik saya." in late.content.decode()
    step = reverse("assistance:visit_report_step", args=[visit.pk, "ajukan"])
    assert client.post(step, {"langkah-version": "1"}).status_code == 302

    client.force_login(house.chief)
    client.get(address)
    with django_assert_max_num_queries(12):
        page = client.get(address)

    assert [act for act, _word in page.context["acts"]] == ["teruskan", "kembalikan"]
    back = reverse("assistance:visit_report_step", args=[visit.pk, "kembalikan"])
    refused = client.post(back, {"langkah-version": "2"})
    assert refused.status_code == 422
    assert "Tulis alasannya." in refused.content.decode()
    assert (
        client.post(back, {"langkah-version": "2", "langkah-note": "Rapikan."}).status_code == 302
    )
    assert VisitReport.objects.get().state == "draft"
