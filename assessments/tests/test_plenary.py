"""The plenary: its agenda comes from the figures, a decision binds, issued minutes stay."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from assessments.journey import paper_content, papers, plenary, services
from assessments.journey.papers import MINUTES, Subject
from assessments.journey.plenary import PlenaryRefused
from assessments.models import (
    Answer,
    Assessment,
    JourneyPaper,
    Plenary,
    PlenaryDecision,
    Score,
    State,
    Track,
)
from assessments.tests.factories import make_assessment, make_period, make_unit
from units.services import RowChanged
from zona import pdf
from zona.documents import DocumentRefused
from zona.models import AuditEntry, Document

MEETING = {
    "held_on": date(2026, 6, 2),
    "place": "Ruang rapat Itjen",
    "chair_name": "Hasta Wiraguna",
    "chair_position": "Inspektur Jenderal",
    "attendance": [["Laras Padmawati", "Sekretaris TPI"], ["Arung", ""]],
    "notes": "",
}


@pytest.fixture
def table(house):
    """Make the house's worksheet final with known totals, and hold a meeting."""
    sheet = house.assessment
    Answer.objects.filter(assessment=sheet, indicator__code="A.I.1.i.a", track=Track.TPI).update(
        choice="Ya"
    )
    for track, total in ((Track.UNIT, 88), (Track.TPI, 80)):
        Score.objects.filter(assessment=sheet, track=track).update(
            safe_total=Decimal(total),
            unmet_rules={"WBK": {}, "WBBM": {"total": "5"}} if track == Track.TPI else {},
        )
    Assessment.objects.filter(pk=sheet.pk).update(
        state=State.FINAL, finalized_at=timezone.now(), target="WBK"
    )
    house.assessment = Assessment.objects.for_page().get(pk=sheet.pk)
    house.plenary = plenary.hold(period=house.assessment.period, by=house.secretariat, **MEETING)
    return house


def decide(house, verdict="not", **more) -> PlenaryDecision:
    """Record a decision on the house's worksheet."""
    given = {"reason": "Implementasi area 4 belum berjalan.", "by": house.secretariat} | more
    return plenary.decide(
        plenary=house.plenary, assessment=house.assessment, verdict=verdict, **given
    )


def test_the_agenda_tells_figures_gates_and_what_needs_a_discussion(table):
    make_assessment(make_unit(), table.assessment.period)  # a draft is not on the table
    sheets = plenary.on_table(table.assessment.period)
    (line,) = plenary.agenda(table.plenary, sheets)

    assert (line.unit_total, line.tpi_total, line.difference) == (88, 80, -8)
    assert (line.rows_differ, line.met, line.unmet) == (1, ("WBK",), 0)
    assert line.suggestion == "WBK"
    assert "nilai unit dan TPI jauh berbeda" in line.points


def test_a_decision_keeps_reason_dissent_and_the_figures_of_the_day(table):
    row = decide(table, dissent="Ketua tim: cukup.", version=0)
    assert (row.verdict, row.figures["tpi"], row.dissent) == (
        "not",
        "80.000000",
        "Ketua tim: cukup.",
    )
    with pytest.raises(RowChanged):
        decide(table, "WBK", version=0)
    decide(table, "WBK", version=1)
    entries = AuditEntry.objects.filter(
        stream=table.assessment.audit_stream, action="plenary_decided"
    )
    assert [entry.data["verdict"] for entry in entries.order_by("seq")] == ["not", "WBK"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"verdict": "WKK"}, "Pilih putusan"),
        ({"reason": "  "}, "alasan"),
        ({"reason": "a\x00b"}, "karakter"),
        ({"by": "quality"}, "sekretariat"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_a_sentence(table, change, sentence):
    if "by" in change:
        change = {"by": table.head}
    with pytest.raises(PlenaryRefused, match=sentence):
        decide(table, **{"verdict": "WBK"} | change)
    assert not PlenaryDecision.objects.exists()


def test_only_final_worksheets_of_the_period_are_decided(table):
    other = make_assessment(make_unit(), make_period())
    with pytest.raises(PlenaryRefused, match="final"):
        plenary.decide(
            plenary=table.plenary, assessment=other, verdict="WBK", reason="x", by=table.secretariat
        )


def test_who_is_not_to_go_up_is_not_proposed(table):
    decide(table, "deferred")
    with pytest.raises(services.JourneyRefused) as refused:
        services.propose(
            period=table.assessment.period,
            units=[table.unit],
            by=table.secretariat,
            signer_name="Hasta",
            signer_position="Irjen",
        )
    assert any("rapat pleno 02-06-2026 memutuskan ditunda" in why for why in refused.value.reasons)


def _document(house) -> JourneyPaper:
    """Make the minutes with a PDF that is not rendered."""
    return papers.make_paper(
        subject=Subject(plenary=Plenary.objects.get(pk=house.plenary.pk)),
        kind=MINUTES,
        by=house.secretariat,
        site="https://zona.example",
        report=lambda *_said: None,
    ).journey_paper


def test_issued_minutes_close_the_meeting_for_good(table, monkeypatch):
    printed = pdf.RenderedPdf(b"%PDF-1.7 x", (), 1, 0.1, 1)
    monkeypatch.setattr(papers.pdf, "render", lambda *_args, **_more: printed)
    empty = _document(table)
    with pytest.raises(DocumentRefused, match="Belum ada putusan"):
        papers.send(paper=empty, by=table.secretariat)
    decide(table)
    with pytest.raises(DocumentRefused, match="sebelum perubahan terakhir"):
        papers.send(paper=empty, by=table.secretariat)
    paper = _document(table)
    papers.send(paper=paper, by=table.secretariat)
    with pytest.raises(PlenaryRefused, match="menunggu tanda tangan"):
        decide(table, "WBK")

    signed = SimpleUploadedFile("ba.pdf", b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    papers.issue(
        paper=paper,
        number="BA-1",
        dated_on=timezone.localdate(),
        signed=signed,
        by=table.secretariat,
    )
    with pytest.raises(PlenaryRefused, match="rapat baru"):
        decide(table, "WBK")
    for change in (
        lambda: PlenaryDecision.objects.update(verdict="WBK"),
        lambda: PlenaryDecision.objects.all().delete(),
        lambda: Plenary.objects.update(place="Lain"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Document.objects.get(pk=paper.document_id).status == Document.Status.ISSUED


def test_the_minutes_escape_what_was_typed(table):
    decide(table, reason="<script>x</script> {{ house }}", dissent="Tidak setuju.")
    mark = paper_content.DocumentMark("", None, False, "7K4M-2QXD", "https://zona.example/v/x")
    page = paper_content.paper_html(
        "reports/plenary_minutes.html", paper_content.build_minutes(table.plenary, mark)
    )
    said = re.sub(r"\s+", " ", page)
    assert "&lt;script&gt;x&lt;/script&gt; {{ house }}" in said
    assert "80,00" in said
    assert "Tidak setuju." in said
    assert "Laras Padmawati" in said


def test_the_secretariat_records_a_meeting_from_the_proposals_page(client, table):
    period = table.assessment.period
    client.force_login(table.secretariat)
    create = reverse("assessments:plenary_create", args=[period.pk])
    given = {
        "held_on": (timezone.localdate() + timedelta(days=1)).isoformat(),
        "place": "Aula",
        "chair_name": "Hasta",
        "chair_position": "Irjen",
        "people": "Laras; Sekretaris\n\n",
    }
    early = client.post(create, given).content.decode()
    assert "Rapat belum berlangsung" in early
    assert "Laras; Sekretaris" in early
    done = client.post(create, given | {"held_on": "2026-06-09"})
    held = Plenary.objects.latest("pk")
    assert (done.status_code, held.attendance) == (302, [["Laras", "Sekretaris"]])

    decision = reverse("assessments:plenary_decide", args=[held.pk, table.assessment.pk])
    assert client.get(decision).status_code == 200
    post = {"version": "0", "verdict": "WBK", "reason": "Semua ambang terpenuhi."}
    assert client.post(decision, post).status_code == 302
    stale = client.post(decision, post | {"verdict": "not"}).content.decode()
    assert "baru saja mencatat: Diusulkan WBK" in stale
    listed = client.get(reverse("assessments:proposal_list", args=[period.pk])).content.decode()
    assert "Diusulkan WBK" in listed
    assert "Diusulkan WBK" in client.get(held.get_absolute_url()).content.decode()
