"""The worksheet page: what it shows to whom, and what it costs."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.catalog import catalog_of
from assessments.models import EvidenceUse, RowState, Track
from assessments.services import answers, evidence, review, states
from assessments.tests import filling
from assessments.tests.factories import add_member, make_assessment, make_period
from assessments.tests.test_worksheet_save import statements
from assessments.worksheet import load, worksheet_page
from assessments.worksheet.filters import LABELS, flags_of

CODE = "A.I.5.i.b"
SECRETS = ("RAHASIA-KONDISI", "RAHASIA-SARAN", "RAHASIA-TEMPAT")


def url(house, section: str = "5") -> str:
    return reverse("assessments:worksheet", args=[house.assessment.pk, section])


def write(house, by, track=Track.TPI, code: str = CODE, **fields) -> None:
    answers.record_answers(
        assessment=house.assessment, track=track, changes=[answers.Change(code, fields)], by=by
    )


def whisper(house) -> None:
    """Let the TPI say on its side what a unit must not read yet."""
    write(
        house,
        house.member,
        choice="D",
        condition="RAHASIA-KONDISI",
        advice="RAHASIA-SARAN",
        check_place="RAHASIA-TEMPAT",
        implementation_check="not_done",
        reason="plan_only",
    )


def return_row(house, code: str) -> None:
    house.assessment = states.perform(
        "return_rows",
        assessment=house.assessment,
        by=house.member,
        reason="Lengkapi",
        due=timezone.now() + timedelta(days=7),
        rows=[states.ReturnedRow(code, "incomplete", "Unggah laporan triwulan IV")],
    )


@pytest.mark.parametrize("section", [*"123456B", "semua"])
@pytest.mark.parametrize("edition", ["lke-zi-2021", "lke-zi-2014"])
def test_every_section_of_both_editions_shows_its_rows_once(client, house, edition, section):
    house.assessment = make_assessment(house.unit, make_period(edition, year=2030))
    catalog = catalog_of(house.assessment.instrument)
    wanted = catalog.ids if section == "semua" else catalog.section(section).indicator_codes
    client.force_login(house.operator)

    page = client.get(url(house, section)).content.decode()

    assert re.findall(r'data-row="([^"]+)"', page) == list(wanted)


@pytest.mark.parametrize("section", ["0", "7", "x", "A.I.5"])
def test_an_unknown_section_is_not_found(client, house, section):
    client.force_login(house.operator)

    assert client.get(url(house, section)).status_code == 404


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("operator", 200),
        ("head", 200),
        ("eselon1", 200),
        ("outside_auditor", 200),
        ("observer", 200),
        ("stranger", 404),
    ],
)
def test_who_may_open_the_page(client, house, persona, status):
    client.force_login(getattr(house, persona))

    assert client.get(url(house)).status_code == status


@pytest.mark.parametrize("persona", ["operator", "zi_lead", "head", "eselon1", "observer"])
@pytest.mark.parametrize("address", ["page", "whole", "detail", "row"])
def test_nobody_of_the_unit_reads_the_tpi_side_before_a_return(client, house, persona, address):
    filling.start_review(house)
    whisper(house)
    client.force_login(getattr(house, persona))
    detail = reverse("assessments:row_detail", args=[house.assessment.pk, CODE])
    target, accept = {
        "page": (url(house), "text/html"),
        "whole": (url(house, "semua"), "text/html"),
        "detail": (f"{detail}?riwayat=semua", "text/html"),
        "row": (detail, "application/json"),
    }[address]

    response = client.get(f"{target}", headers={"Accept": accept})

    assert response.status_code == 200
    shown = response.content.decode()
    assert [secret for secret in SECRETS if secret in shown] == []
    assert "Implementasi: belum" not in shown
    assert "TPI: " not in shown


def test_a_unit_reads_only_the_row_that_was_returned_to_it(client, house):
    filling.start_review(house)
    whisper(house)
    write(house, house.member, code="A.I.5.i.a", choice="C", condition="TETAP-RAHASIA")
    return_row(house, CODE)
    client.force_login(house.operator)

    shown = client.get(url(house)).content.decode()

    assert "RAHASIA-KONDISI" in shown
    assert "Unggah laporan triwulan IV" in shown
    assert "TETAP-RAHASIA" not in shown
    assert "Nilai TPI sementara 0,00" in shown
    assert re.findall(r'data-row="([^"]+)"[^>]*data-writable', shown) == [CODE]


def test_in_repair_a_unit_writes_only_what_was_returned(client, house):
    filling.start_review(house)
    return_row(house, CODE)
    sheet = load(house.assessment, house.operator)

    assert [code for code in sheet.catalog.ids if sheet.reaches(code)] == [CODE]


def test_after_final_the_unit_reads_everything(client, house):
    filling.finalize(house)
    client.force_login(house.operator)

    shown = client.get(url(house)).content.decode()

    assert "Terlaksana; dicocokkan dengan dokumen dan tiga pegawai." in shown
    assert "data-writable" not in shown
    assert "Lembar kerja sudah final dan hanya dapat dibaca." in shown


def test_a_reader_gets_a_page_without_fields(client, house):
    filling.start_review(house)
    client.force_login(house.outside_auditor)

    shown = client.get(url(house)).content.decode()

    assert "data-writable" not in shown
    assert "<textarea" not in shown
    assert 'name="choice"' not in shown


def test_a_member_with_areas_writes_only_in_them(house):
    filling.start_review(house)
    house.assessment.team.filter(user=house.member).update(areas=["5"])

    sheet = load(house.assessment, house.member)

    reached = {
        sheet.catalog.section_of[code].code for code in sheet.catalog.ids if sheet.reaches(code)
    }
    assert reached == {"5"}


def test_the_page_tells_unit_from_tpi_and_the_year_before(client, house):
    filling.finalize(house)
    house.assessment = make_assessment(house.unit, make_period(year=2027))
    filling.start_review(_with_team(house))
    write(house, house.member, choice="B")

    page = worksheet_page(house.assessment, house.member, "5", current=CODE)
    row = page.row

    assert [(option.code, [str(mark) for mark in option.marks]) for option in row.options] == [
        ("A", ["Unit", "TPI 2026"]),
        ("B", []),
        ("C", []),
        ("D", []),
    ]
    assert (row.difference.unit, row.difference.tpi, row.difference.points) == ("A", "B", "−0,25")
    assert (row.last_year, row.last) == (2026, "A")


def test_last_year_tells_the_gap_between_unit_tpi_and_nation_once_that_is_recorded(client, house):
    filling.finalize(house)
    write(house, house.secretariat, Track.TPN, choice="C")
    house.assessment = make_assessment(house.unit, make_period(year=2027))
    client.force_login(house.operator)

    page = worksheet_page(house.assessment, house.operator, "5", current=CODE)
    told = {row.code: row.last_gap for row in page.rows if row.last_gap}

    assert told == {CODE: "Unit A · TPI A · TPN C"}
    assert "2026: Unit A · TPI A · TPN C" in client.get(url(house)).content.decode()


def _with_team(house):
    for rank in ("member", "lead", "supervisor", "quality"):
        house.assessment.team.create(user=getattr(house, rank), rank=rank)
    house.assessment.assignment = (
        house.assessment.unit.assessments.exclude(assignment=None).first().assignment
    )
    house.assessment.save(update_fields=["assignment"])
    return house


def test_last_year_of_another_edition_is_named_where_the_rows_map(house):
    older = make_assessment(house.unit, make_period("lke-zi-2014", year=2020))
    older.answers.filter(track=Track.TPI, indicator__code="A.I.1.a").update(choice="Ya")
    older.answers.filter(track=Track.TPI, indicator__code="A.I.2.b").update(choice="B")
    type(older).objects.filter(pk=older.pk).update(state="final", finalized_at=timezone.now())

    page = worksheet_page(house.assessment, house.operator, "1")

    assert {row.code: (row.last_year, row.last) for row in page.rows if row.last} == {
        "A.I.1.i.a": (2020, "Ya"),
        "A.I.1.ii.b": (2020, "B"),
    }


def test_finished_parts_fold_and_the_row_in_work_stays_open(house):
    filling.start_review(house)
    section = catalog_of(house.assessment.instrument).section("5")
    review.accept_rows(assessment=house.assessment, codes=section.indicator_codes, by=house.member)
    for code in section.indicator_codes:
        write(house, house.member, code=code, implementation_check="done")

    page = worksheet_page(house.assessment, house.member, "5", current=CODE)

    assert {sub.code: sub.folded for sub in page.subs if not sub.folded} == {"A.I.5.i": False}
    assert next(area.done for area in page.areas if area.code == "5") == 22


def test_the_first_row_in_work_is_the_first_that_waits(house):
    filling.start_review(house)
    review.accept_rows(assessment=house.assessment, codes=["A.I.5.i.a"], by=house.member)
    write(house, house.member, code="A.I.5.i.a", implementation_check="done")

    assert worksheet_page(house.assessment, house.member, "5").current == "A.I.5.i.b"


def test_a_filter_hides_rows_and_counts_stay(client, house):
    write(house, house.zi_lead, Track.UNIT, choice="B")
    client.force_login(house.zi_lead)

    shown = client.get(f"{url(house)}?saring=di-bawah").content.decode()

    assert re.findall(r'data-row="([^"]+)"(?![^>]*hidden)[^>]*>', shown) == [CODE]
    counts = dict(re.findall(r'data-filter="([^"]*)"[^>]*>[^<]*<b data-count>(\d+)', shown))
    assert counts == {"": "22", "belum": "21", "tugas": "21", "tanpa-bukti": "22", "di-bawah": "1"}


def _plain_flags(house, code: str) -> set[str]:
    """Say in plain queries to which filters a row belongs, for a TPI writer."""
    found = set()
    rows = house.assessment.answers.filter(indicator__code=code)
    unit, tpi = rows.get(track=Track.UNIT), rows.get(track=Track.TPI)
    uses = EvidenceUse.objects.filter(assessment=house.assessment, indicator__code=code)
    indicator = catalog_of(house.assessment.instrument).engine.indicators[code]
    if not tpi.is_answered:
        found.add("belum")
    if tpi.review_state == RowState.NEEDS_REPAIR:
        found.add("perbaikan")
    if tpi.review_state in (RowState.UNREVIEWED, RowState.REPAIRED):
        found.add("tugas")
    if not uses.exists():
        found.add("tanpa-bukti")
    if tpi.document_check in ("inadequate", "absent"):
        found.add("dokumen")
    if tpi.implementation_check in ("partly", "not_done"):
        found.add("implementasi")
    values = [(row.choice, row.inputs) for row in (unit, tpi) if row.is_answered]
    if len(values) == 2 and values[0] != values[1]:
        found.add("beda")
    if tpi.choice and tpi.choice != indicator.best.code:
        found.add("di-bawah")
    if tpi.changed_at and unit.changed_at and unit.changed_at > tpi.changed_at:
        found.add("berubah")
    return found


def test_each_filter_equals_its_plain_definition(house):
    filling.start_review(house)
    catalog = catalog_of(house.assessment.instrument)
    options = {code: row.options for code, row in catalog.engine.indicators.items()}
    codes = [code for code in catalog.section("5").indicator_codes if options[code]]
    link = evidence.add_link(unit=house.unit, url="https://contoh.go.id/a", by=house.operator)
    for place, code in enumerate(codes):
        if place % 2:
            evidence.attach(assessment=house.assessment, code=code, evidence=link, by=house.member)
        if place % 3:
            write(
                house,
                house.member,
                code=code,
                choice=options[code][place % 2].code,
                implementation_check=("", "done", "partly", "not_done")[place % 4],
            )
    for use in EvidenceUse.objects.filter(assessment=house.assessment)[::2]:
        evidence.judge(use=use, verdict="inadequate", reason="plan_only", by=house.member)
    rows = house.assessment.answers.filter(track=Track.UNIT, indicator__code=codes[4])
    rows.update(changed_at=timezone.now())

    sheet = load(house.assessment, house.member)

    assert set(LABELS) >= {flag for code in codes for flag in _plain_flags(house, code)}
    for code in codes:
        count = EvidenceUse.objects.filter(
            assessment=house.assessment, indicator__code=code
        ).count()
        assert set(flags_of(sheet, code, count)) == _plain_flags(house, code), code


@pytest.mark.parametrize("count", [10, 200])
@pytest.mark.parametrize(("section", "cost"), [("5", 11), ("B", 12), ("semua", 11)])
def test_the_page_costs_the_same_at_any_number_of_documents(client, house, count, section, cost):
    filling.start_review(house)
    _attach_many(house, count)
    client.force_login(house.member)
    client.get(url(house, section))

    with CaptureQueriesContext(connection) as queries:
        response = client.get(url(house, section))

    assert response.status_code == 200
    assert statements(queries) == cost


def _attach_many(house, count: int) -> None:
    catalog = catalog_of(house.assessment.instrument)
    codes = catalog.section("5").indicator_codes
    pieces = [
        evidence.add_link(
            unit=house.unit,
            url=f"https://contoh.go.id/dokumen/{number}",
            title=f"Dokumen pendukung nomor {number} tentang pengawasan",
            by=house.operator,
        )
        for number in range(-(-count // len(codes)))
    ]
    EvidenceUse.objects.bulk_create(
        EvidenceUse(
            assessment=house.assessment,
            indicator_id=catalog.ids[code],
            evidence=piece,
            attached_by=house.member,
        )
        for piece in pieces
        for code in codes
    )


def test_a_full_area_weighs_less_than_sixty_kilobytes(client, house):
    filling.start_review(house)
    _attach_many(house, 200)
    text = "Register pengaduan menunjukkan empat tuntas; {} surat jawaban belum dikirim. " * 4
    for place, code in enumerate(
        catalog_of(house.assessment.instrument).section("5").indicator_codes
    ):
        write(house, house.member, code=code, condition=text.format(*[place] * 4))
    client.force_login(house.member)

    assert len(gzip.compress(client.get(url(house)).content, 6)) < 60_000
    assert len(gzip.compress(client.get(url(house, "semua")).content, 6)) < 100_000


def test_home_leads_to_the_first_section_with_work(client, house):
    home = reverse("assessments:worksheet_home", args=[house.assessment.pk])
    for code in catalog_of(house.assessment.instrument).section("1").indicator_codes:
        write(house, house.zi_lead, Track.UNIT, code, awaits_data=True)
    client.force_login(house.zi_lead)

    assert client.get(home).url == url(house, "2")
    assert client.get(f"{home}?butir=B.I.a.1").url == f"{url(house, 'B')}?butir=B.I.a.1#B.I.a.1"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A.I.5.i.b", ["A.I.5.i.b"]),
        ("a.i.5.I.B", ["A.I.5.i.b"]),
        ("5.i.b", ["A.I.5.i.b"]),
        ("gratifikasi kampanye", ["A.I.5.i.a"]),
        ("tidak-ada-yang-begini", []),
    ],
)
def test_a_row_is_found_by_code_or_words(client, house, text, found):
    client.force_login(house.operator)

    response = client.get(
        reverse("assessments:worksheet_find", args=[house.assessment.pk]),
        {"q": text},
        headers={"HX-Request": "true"},
    )

    assert re.findall(r'z-code">([^<]+)<', response.content.decode()) == found


def test_one_hit_goes_straight_to_its_row(client, house):
    client.force_login(house.operator)

    response = client.get(
        reverse("assessments:worksheet_find", args=[house.assessment.pk]), {"q": "5.i.b"}
    )

    assert response.url == f"{url(house)}?butir={CODE}#{CODE}"


def test_an_area_is_finished_and_opened_again(client, house):
    finish = reverse("assessments:area_finish", args=[house.assessment.pk, "1"])
    client.force_login(house.zi_lead)

    refused = client.post(finish, {"act": "finish"}, follow=True)
    for code in catalog_of(house.assessment.instrument).section("1").indicator_codes:
        write(house, house.zi_lead, Track.UNIT, code, awaits_data=True)
    client.post(finish, {"act": "finish"})

    assert "Belum dapat ditandai selesai: 16 butir belum dijawab" in refused.content.decode()
    assert list(house.assessment.finished_areas.values_list("section", "by")) == [
        ("1", house.zi_lead.pk)
    ]
    client.post(finish, {"act": "reopen"})
    assert not house.assessment.finished_areas.exists()


def test_a_form_of_a_row_saves_only_what_changed(client, house):
    filling.start_review(house)
    write(house, house.member, condition="Yang ditulis dulu.")
    client.force_login(house.member)
    page = worksheet_page(house.assessment, house.member, "5", current=CODE)
    write(house, add_member(house.assessment), reason="plan_only")

    response = client.post(
        reverse("assessments:row_save", args=[house.assessment.pk]),
        {
            "code": CODE,
            "track": "tpi",
            "base": page.row.base,
            "base_version": page.row.version,
            "full": "1",
            "choice": "C",
            "condition": "Yang ditulis dulu.",
            "reason": "",
            "act": "next",
        },
    )

    answer = house.assessment.answers.get(track=Track.TPI, indicator__code=CODE)
    assert (answer.choice, answer.reason, answer.version) == ("C", "plan_only", 3)
    assert response.url == f"{url(house)}?butir=A.I.5.ii.a#A.I.5.ii.a"


def test_a_form_that_meets_another_text_shows_both(client, house):
    filling.start_review(house)
    client.force_login(house.member)
    page = worksheet_page(house.assessment, house.member, "5", current=CODE)
    write(house, add_member(house.assessment), condition="Teks ketua")
    save = reverse("assessments:row_save", args=[house.assessment.pk])
    form = {"code": CODE, "track": "tpi", "base": page.row.base, "base_version": "0"}

    response = client.post(save, form | {"condition": "Teks anggota"})

    shown = response.content.decode()
    assert response.status_code == 409
    assert "Teks ketua" in shown
    assert "Teks anggota" in shown
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))
    again = {name: value.replace("&quot;", '"') for name, value in fields.items()}
    client.post(save, again | {"condition": "Teks keduanya"})
    answer = house.assessment.answers.get(track=Track.TPI, indicator__code=CODE)
    assert answer.condition == "Teks keduanya"


def test_a_form_with_a_value_that_cannot_be_keeps_what_was_typed(client, house):
    filling.start_review(house)
    client.force_login(house.member)
    page = worksheet_page(house.assessment, house.member, "5", current=CODE)

    response = client.post(
        reverse("assessments:row_save", args=[house.assessment.pk]),
        {
            "code": CODE,
            "track": "tpi",
            "base": page.row.base,
            "base_version": "0",
            "checked_on": "2999-01-01",
            "condition": "Tidak boleh hilang",
        },
    )

    shown = response.content.decode()
    assert response.status_code == 422
    assert "Tanggal pemeriksaan belum terjadi." in shown
    assert "Tidak boleh hilang" in shown


def test_accepting_takes_over_value_and_documents_and_sends_the_row_back(client, house):
    filling.start_review(house)
    link = evidence.add_link(unit=house.unit, url="https://contoh.go.id/a", by=house.operator)
    evidence.attach(assessment=house.assessment, code=CODE, evidence=link, by=house.member)
    client.force_login(house.member)

    reply = client.post(
        reverse("assessments:row_accept", args=[house.assessment.pk]),
        {"code": CODE},
        headers={"Accept": "application/json"},
    ).json()

    assert reply["base"]["choice"] == "A"
    assert "Dokumen: ada dan sesuai" in reply["html"]
    assert 'value="adequate" checked' in reply["detail"]
    assert EvidenceUse.objects.get().verdict == "adequate"


@pytest.mark.parametrize(("persona", "status"), [("operator", 423), ("stranger", 404)])
def test_who_may_not_accept(client, house, persona, status):
    filling.start_review(house)
    client.force_login(getattr(house, persona))

    response = client.post(
        reverse("assessments:row_accept", args=[house.assessment.pk]),
        {"code": CODE},
        headers={"Accept": "application/json"},
    )

    assert response.status_code == status


def test_the_next_rank_sees_what_it_changed_of_what_was_handed_on(client, house):
    filling.start_review(house)
    filling.review_all(house, house.member)
    house.assessment = states.perform("hand_over", assessment=house.assessment, by=house.member)
    write(house, house.lead, choice="B", reason="plan_only")
    write(
        house,
        house.lead,
        code="A.II.5.ii.a",
        inputs={
            "pengaduan_harus_ditindaklanjuti": 9,
            "pengaduan_diproses": 5,
            "pengaduan_selesai": 4,
        },
    )

    page = worksheet_page(house.assessment, house.lead, "5", current=CODE)

    changed = {row.code: row.handed for row in page.rows if row.handed}
    assert changed == {CODE: "Anggota tim: A", "A.II.5.ii.a": "Anggota tim: 100,00%"}
    assert {row.code for row in page.rows if "berubah" in row.flags.split()} == set(changed)
    marks = {option.code: [str(mark) for mark in option.marks] for option in page.row.options}
    assert marks["A"] == ["Unit", "Anggota tim"]
    client.force_login(house.lead)
    assert "Anggota tim: A" in client.get(url(house)).content.decode()


def test_a_returned_value_may_be_left_as_it_stands(client, house):
    filling.start_review(house)
    write(house, house.member, choice="B", implementation_check="partly")
    return_row(house, CODE)
    house.assessment = states.perform("finish_repair", assessment=house.assessment, by=house.head)
    client.force_login(house.member)

    shown = client.get(f"{url(house)}?butir={CODE}").content.decode()
    reply = client.post(
        reverse("assessments:row_confirm", args=[house.assessment.pk]),
        {"code": CODE},
        headers={"Accept": "application/json"},
    ).json()

    assert shown.count("data-confirm-row") == 1  # on the returned row alone
    assert reply["row_state"] == "accepted_after_repair"
    assert "Diterima setelah perbaikan" in reply["html"]
    assert "data-confirm-row" not in reply["html"]


def test_after_final_the_secretariat_records_the_national_value(client, house):
    filling.finalize(house)
    client.force_login(house.secretariat)
    write(house, house.secretariat, Track.TPN, choice="C")

    page = worksheet_page(house.assessment, house.secretariat, "5", current=CODE)

    assert (page.track, str(page.bar.label)) == ("tpn", "Nilai TPN")
    assert [(option.code, [str(mark) for mark in option.marks]) for option in page.row.options] == [
        ("A", ["Unit", "TPI"]),
        ("B", []),
        ("C", []),
        ("D", []),
    ]
    assert page.row.options[2].chosen
    assert client.get(f"{url(house)}?butir={CODE}").status_code == 200
