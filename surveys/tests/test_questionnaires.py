"""Editions: shipped files are whole, loading repeats, faults are all named, used means frozen."""

from io import StringIO

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from surveys import questionnaire_file
from surveys.models import Questionnaire
from surveys.profile import profile
from surveys.questionnaire_file import QuestionnaireFileError
from surveys.services import questionnaires
from surveys.sheet import sheet_of
from surveys.tests import factories
from zona.models import AuditEntry


@pytest.mark.parametrize("path", questionnaire_file.shipped_paths(), ids=lambda path: path.stem)
def test_every_shipped_file_speaks_both_languages(path):
    document = questionnaire_file.read(path).document

    questions = [item for element in document["elements"] for item in element["questions"]]
    assert all(set(item["labels"]) == {"id", "en"} for item in questions)
    assert all(item["text"]["en"] for item in questions)
    assert all(element["name"]["en"] for element in document["elements"])
    assert document["title"]["en"]
    assert document["heading"]["en"]


def test_the_shipped_editions_ask_what_the_regulations_name():
    asked = {
        path.stem: [
            element["code"] for element in questionnaire_file.read(path).document["elements"]
        ]
        for path in questionnaire_file.shipped_paths()
    }

    assert asked["spak"] == ["diskriminasi", "kecurangan", "imbalan", "pungli", "percaloan"]
    assert asked["spkp"] == [
        "informasi",
        "persyaratan",
        "prosedur",
        "waktu",
        "biaya",
        "sarana",
        "respon",
        "pengaduan",
    ]
    assert asked["skm"] == [
        "persyaratan",
        "prosedur",
        "waktu",
        "biaya",
        "produk",
        "kompetensi",
        "perilaku",
        "pengaduan",
        "sarana",
    ]
    assert len(asked["spak_ten_scopes"]) == 10


def test_the_profile_asks_for_nothing_that_names_a_person():
    fields = profile().fields

    assert set(profile().defaults) <= set(fields)
    assert not {"nik", "nama", "telepon", "email"} & set(fields)
    for code in ("jenis_kelamin", "usia", "pendidikan", "pekerjaan", "disabilitas"):
        assert "tidak_menyebut" in fields[code].options


def run(*args) -> str:
    out = StringIO()
    call_command("load_questionnaires", *args, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.django_db
def test_loading_twice_changes_nothing():
    run()
    count = Questionnaire.objects.count()

    assert set(run().split()) >= {"spak-2021:", "sudah", "ada"}
    assert "dimuat" not in run()
    assert Questionnaire.objects.count() == count == 6


def small(**changes):
    return {
        "schema": "zona-questionnaire/1",
        "kind": "skm",
        "code": "skm-uji",
        "title": {"id": "Uji", "en": "Test"},
        "heading": {"id": "Uji", "en": "Test"},
        "scale_max": 4,
        "elements": [
            {
                "code": "waktu",
                "name": {"id": "Waktu"},
                "questions": [
                    {
                        "code": f"waktu_{number}",
                        "text": {"id": "Seberapa cepat?"},
                        "labels": {"id": ["Satu", "Dua", "Tiga", "Empat"]},
                    }
                    for number in (1, 2)
                ],
            }
        ],
    } | changes


@pytest.mark.django_db
def test_a_file_of_ones_own_may_have_sub_questions(tmp_path):
    path = tmp_path / "uji.yaml"
    path.write_text(yaml.safe_dump(small()))

    assert run(str(path)) == "skm-uji: dimuat\n"

    edition = Questionnaire.objects.get(code="skm-uji")
    assert edition.elements.count() == 1
    assert edition.is_frozen
    assert len(sheet_of(edition).layout.elements[0]) == 2


@pytest.mark.django_db
def test_a_stored_edition_is_never_changed_by_a_file(tmp_path):
    path = tmp_path / "uji.yaml"
    path.write_text(yaml.safe_dump(small()))
    run(str(path))
    path.write_text(yaml.safe_dump(small(title={"id": "Lain"})))

    with pytest.raises(CommandError, match="1 kesalahan"):
        run(str(path))

    assert Questionnaire.objects.get(code="skm-uji").title == "Uji"


def faults(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(QuestionnaireFileError) as refused:
        questionnaire_file.parse(content)
    return [(fault.place, fault.message) for fault in refused.value.faults]


def test_every_fault_is_named_with_its_place():
    question = small()["elements"][0]["questions"][0]
    document = small(
        schema="lain",
        kind="ikm",
        code="Uji Coba",
        title={"en": "Test"},
        heading="Uji",
        comment={"id": "x" * 301},
        basis=7,
        scale_max=7,
        elements=[
            "waktu",
            {"code": "a", "name": {"id": "A"}, "questions": []},
            {"code": "a", "name": {"id": "A", "en": 7}, "questions": ["x", question, question]},
        ],
    )

    assert faults(yaml.safe_dump(document).encode()) == [
        ("schema", "harus zona-questionnaire/1"),
        ("kind", "harus spak, spkp, atau skm"),
        ("code", "harus huruf kecil, angka, garis bawah, atau tanda hubung"),
        ("title", "harus memuat teks “id”"),
        ("heading", "harus memuat teks “id”"),
        ("comment", "lebih panjang dari 300 huruf"),
        ("basis", "harus teks paling banyak 250 huruf"),
        ("scale_max", "harus salah satu dari 4, 5, 6, 10"),
        ("elements[1]", "harus berupa objek"),
        ("elements[2].questions", "harus berisi sedikitnya satu pertanyaan"),
        ("elements[3].code", "“a” muncul lebih dari sekali"),
        ("elements[3].name", "teks “en” harus berupa teks"),
        ("elements[3].questions[1]", "harus berupa objek"),
        ("elements[3].questions[3].code", "“waktu_1” muncul lebih dari sekali"),
    ]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, ("elements[1].questions[1].labels", "harus memuat label")),
        ({"id": ["Satu"]}, ("elements[1].questions[1].labels.id", "harus 4 label, ada 1")),
        ({"id": "abcd"}, ("elements[1].questions[1].labels.id", "harus berupa daftar teks")),
        (
            {"id": ["Satu", "Dua", "Tiga", "Tiga"]},
            ("elements[1].questions[1].labels.id", "label tidak boleh sama"),
        ),
        (
            {"id": ["Satu", "Dua", "Tiga", "Empat"], "en": ["One"]},
            ("elements[1].questions[1].labels.en", "harus 4 label, ada 1"),
        ),
    ],
)
def test_every_point_of_the_scale_has_its_own_words(labels, message):
    document = small()
    document["elements"][0]["questions"][0]["labels"] = labels

    assert faults(yaml.safe_dump(document).encode()) == [message]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "bukan YAML yang sah"),
        (b"a: [", "bukan YAML yang sah"),
        (b"- 1", "harus berisi satu objek"),
        (b"x" * 500_001, "lebih besar dari 500000 bita"),
        (b"schema: !!python/object/apply:os.system ['true']", "bukan YAML yang sah"),
    ],
)
def test_what_is_no_questionnaire_is_refused(content, message):
    assert faults(content) == [("berkas", message)]


@pytest.mark.django_db
def test_an_edition_is_followed_changed_and_frozen_by_its_first_use():
    editor = factories.make_user()
    old = factories.questionnaire()

    fresh = questionnaires.follow_questionnaire(
        questionnaire=old, code="spak-baru", scale_max=5, by=editor
    )
    rows = questionnaires.rows_of(fresh)
    assert rows[0]["labels"] == ["1", "2", "3", "4", "5"]
    rows[0]["labels"] = ["Selalu", "Sering", "Kadang", "Jarang", "Tidak pernah"]
    texts = {name: getattr(fresh, name) for name in questionnaires.TEXT_FIELDS}
    changed = questionnaires.update_questionnaire(
        questionnaire=fresh,
        version=1,
        texts={**texts, "title": "Survei baru"},
        rows=rows[:3],
        by=editor,
    )

    with pytest.raises(questionnaires.QuestionnaireChanged):
        questionnaires.update_questionnaire(
            questionnaire=fresh, version=1, texts=texts, rows=rows, by=editor
        )
    factories.make_open_survey(editions=("spak-baru",))
    with pytest.raises(questionnaires.QuestionnaireFrozen):
        questionnaires.update_questionnaire(
            questionnaire=fresh, version=2, texts=texts, rows=rows, by=editor
        )
    with pytest.raises(questionnaires.QuestionnaireCodeTaken):
        questionnaires.follow_questionnaire(
            questionnaire=old, code="spak-baru", scale_max=4, by=editor
        )
    assert (changed.title, changed.questions.count(), changed.elements.count()) == (
        "Survei baru",
        3,
        3,
    )
    assert changed.questions.first().labels[-1] == "Tidak pernah"
    assert list(
        AuditEntry.objects.filter(stream="system", target=f"questionnaire:{fresh.pk}")
        .order_by("seq")
        .values_list("action", flat=True)
    ) == ["questionnaire.created", "questionnaire.changed"]
