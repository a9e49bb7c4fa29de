"""Answers from files: previewed with every fault, added once, never more than the file says."""

import pytest

from surveys import tally
from surveys.models import Flag, ImportBatch, Response, ResponseComment, ResponseValue, Tally
from surveys.services import imports, lifecycle
from surveys.tests import factories
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db

HEAD = "layanan,bulan,usia,spak.diskriminasi,kecurangan,imbalan,pungli,percaloan,saran"


@pytest.fixture
def survey():
    survey = factories.make_open_survey(
        services=["Tambat", "Labuh"], profile_fields=["usia"], opens_on="2026-03-01"
    )
    survey.refresh_from_db()
    return survey


@pytest.fixture
def manager(survey):
    return factories.make_manager(survey.unit)


def preview(survey, manager, *lines, head=HEAD, name="kertas.csv"):
    return imports.preview_import(
        survey=survey,
        name=name,
        content="\n".join([head, *lines]).encode(),
        mode="paper",
        enumerator=" P-01 ",
        by=manager,
    )


def counted(survey):
    return tally.count(Tally.objects.get(survey=survey).sums, tally.VALID)


def test_a_preview_counts_nothing_and_adding_counts_once(survey, manager):
    batch = preview(
        survey,
        manager,
        "Tambat,2026-03,20-29 tahun,4,4,3,4,4,Ruang panas",
        "labuh,2026-03-15,30_39,4,4,4,4,,",
        head=HEAD,
    )

    assert batch.counts == {"read": 2, "faulty": 0, "flagged": 0, "valid": 1, "incomplete": 1}
    assert (Response.objects.count(), counted(survey)) == (0, 0)

    assert imports.add_import(batch=batch, by=manager) == 2
    with pytest.raises(imports.AlreadyImported):
        imports.add_import(batch=batch, by=manager)

    batch.refresh_from_db()
    first = Response.objects.get(status="valid")
    points = ResponseValue.objects.filter(response=first).order_by("question__position")
    assert list(points.values_list("value", flat=True)) == [4, 4, 3, 4, 4]
    assert (first.mode, first.month, first.profile) == ("paper", "2026-03", {"usia": "20_29"})
    assert (batch.state, batch.rows, batch.enumerator) == ("added", [], "P-01")
    assert ResponseComment.objects.get().text == "Ruang panas"
    assert (Response.objects.count(), counted(survey)) == (2, 1)
    assert Tally.objects.get(survey=survey).sums == lifecycle.rebuild_sums(survey)
    entry = AuditEntry.objects.get(action="survey.answers_imported")
    assert entry.data == {
        "count": 2,
        "file": "kertas.csv",
        "mode": "paper",
        "enumerator": "P-01",
    }


def test_the_same_file_is_not_added_twice(survey, manager):
    line = "Tambat,2026-03,20_29,4,4,3,4,4,"
    imports.add_import(batch=preview(survey, manager, line), by=manager)

    with pytest.raises(imports.AlreadyImported):
        imports.add_import(batch=preview(survey, manager, line, name="lain.csv"), by=manager)

    assert counted(survey) == 1


def test_every_faulty_row_is_named_and_left_out(survey, manager):
    batch = preview(
        survey,
        manager,
        "Tambat,2026-03,20_29,4,4,4,4,4,",
        "Sewa,2026-03,20_29,4,4,4,4,4,",
        "Tambat,Maret,20_29,4,4,4,4,4,",
        "Tambat,2026-13,20_29,4,4,4,4,4,",
        "Tambat,2026-03,muda,4,4,4,4,4,",
        "Tambat,2026-03,20_29,5,0,empat,4,4,",
        f"Tambat,2026-03,20_29,4,4,4,4,4,{'x' * 2001}",
    )

    assert [(fault["row"], fault["message"]) for fault in batch.faults] == [
        (3, "layanan “Sewa” bukan layanan survei ini"),
        (4, "bulan harus seperti 2027-03"),
        (5, "bulan harus seperti 2027-03"),
        (6, "Kelompok usia: “muda” tidak dikenal"),
        (7, "spak.diskriminasi: “5” di luar skala 1–4"),
        (7, "spak.kecurangan: “0” di luar skala 1–4"),
        (7, "spak.imbalan: “empat” di luar skala 1–4"),
        (8, "komentar lebih panjang dari 2000 huruf"),
    ]
    assert batch.counts["faulty"] == 6
    assert imports.add_import(batch=batch, by=manager) == 1


def test_rows_are_flagged_as_answers_are(survey, manager):
    batch = preview(
        survey,
        manager,
        "Tambat,2026-03,20_29,4,4,3,4,4,",
        "Tambat,2026-03,20_29,4,4,3,4,4,",
        "Tambat,2026-03,20_29,4,4,4,4,4,",
        "Tambat,2025-12,,4,3,4,4,4,",
    )

    assert [row["flags"] for row in batch.rows] == [
        0,
        Flag.SAME_PATTERN,
        Flag.STRAIGHT,
        Flag.OUTSIDE_PERIOD,
    ]
    assert batch.rows[3]["profile"] == {"usia": "tidak_menyebut"}


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (
            HEAD.replace("saran", "nama"),
            "Kolom tidak dikenal atau ganda: nama.",
        ),
        (HEAD.replace(",pungli", ""), "Kolom tidak ada: spak.pungli."),
        (HEAD + ",imbalan", "Kolom tidak dikenal atau ganda: imbalan."),
    ],
)
def test_wrong_columns_are_named(survey, manager, head, message):
    with pytest.raises(imports.HeaderWrong) as wrong:
        preview(survey, manager, "x", head=head)

    assert str(wrong.value) == message


def test_a_planned_or_locked_survey_takes_no_file(survey, manager):
    plan = factories.make_survey(survey.unit)
    line = "Tambat,2026-03,20_29,4,4,3,4,4,"
    batch = preview(survey, manager, line)
    factories.answer(survey)
    factories.lock(survey)

    with pytest.raises(imports.ImportClosed):
        preview(plan, manager, line)
    with pytest.raises(imports.ImportClosed):
        imports.add_import(batch=batch, by=manager)

    assert counted(survey) == 1


def test_a_discarded_preview_keeps_nothing(survey, manager):
    batch = preview(survey, manager, "Tambat,2026-03,20_29,4,4,3,4,4,")

    imports.discard_import(batch=batch, by=manager)

    batch.refresh_from_db()
    assert (batch.state, batch.rows) == (ImportBatch.State.DISCARDED, [])
    with pytest.raises(imports.AlreadyImported):
        imports.add_import(batch=batch, by=manager)
