"""Seals on a page: what was handed over, whether it holds, and in what two of them differ."""

from __future__ import annotations

import pytest
from django.urls import reverse

from assessments.models import Assessment, Seal, Track
from assessments.seal_page import occasion_text, seal_list, seal_page
from assessments.services import answers
from assessments.services.seals import take_seal
from assessments.tests.filling import finalize, submit


def loaded(house):
    return Assessment.objects.for_page().get(pk=house.assessment.pk)


def url(house, seal=None):
    pk = house.assessment.pk
    if seal is None:
        return reverse("assessments:seal_list", args=[pk])
    return reverse("assessments:seal_detail", args=[pk, seal.pk])


def test_before_the_first_hand_over_there_is_none(client, house):
    client.force_login(house.operator)

    assert "Belum ada segel." in client.get(url(house)).content.decode()


def test_a_unit_sees_its_own_seals_and_the_tpis_once_final(client, house):
    finalize(house)
    Assessment.objects.filter(pk=house.assessment.pk).update(
        state="quality_review", finalized_at=None
    )
    own = house.assessment.seals.filter(track=Track.UNIT).count()

    assert {line.track for line in seal_list(loaded(house), house.head)} == {"Nilai unit"}
    assert len(seal_list(loaded(house), house.head)) == own
    assert len(seal_list(loaded(house), house.secretariat)) == house.assessment.seals.count()

    hidden = house.assessment.seals.filter(track=Track.TPI).first()
    client.force_login(house.head)
    assert client.get(url(house, hidden)).status_code == 404
    client.force_login(house.stranger)
    assert client.get(url(house)).status_code == 404


def test_an_opened_seal_shows_its_figures_and_that_it_holds(house):
    submit(house)
    seal = house.assessment.seals.get()

    page = seal_page(loaded(house), house.head, seal)

    assert page.intact
    assert (page.line.occasion, page.line.signer) == ("Diajukan ke TPI", str(house.head))
    assert (page.answered, page.line.total) == (113, seal.safe_total)
    assert sum(points for _code, _name, points in page.nodes) == 60
    assert page.other is None


def test_a_changed_text_no_longer_holds(house):
    submit(house)
    seal = house.assessment.seals.get()
    seal.payload = seal.payload.replace('"Ya"', '"Tidak"', 1)

    assert not seal_page(loaded(house), house.head, seal).intact


def test_two_seals_differ_in_named_fields_of_named_rows(house):
    assessment = house.assessment
    take_seal(assessment, Track.UNIT, occasion="submit", by=house.head)
    answers.record_answers(
        assessment=assessment,
        track=Track.UNIT,
        changes=[
            answers.Change("A.I.5.i.a", {"choice": "B", "condition": "Sudah disosialisasikan."}),
            answers.Change(
                "A.II.4.i.a", {"inputs": {"jumlah_sasaran": 5, "jumlah_sasaran_tercapai": 4}}
            ),
        ],
        by=house.zi_lead,
    )
    take_seal(assessment, Track.UNIT, occasion="repair", by=house.head)
    newest = Seal.objects.first()

    page = seal_page(loaded(house), house.head, newest)

    assert page.other.occasion == "Diajukan ke TPI"
    assert [(d.code, d.field, d.before, d.after) for d in page.differences] == [
        ("A.I.5.i.a", "Nilai", "", "B"),
        ("A.I.5.i.a", "Uraian kondisi", "", "Sudah disosialisasikan."),
        (
            "A.II.4.i.a",
            "Isian",
            "",
            "Jumlah sasaran kinerja: 5; Jumlah sasaran dengan capaian sedikitnya 100%: 4",
        ),
    ]


@pytest.mark.parametrize(
    ("occasion", "words"),
    [
        ("final", "Ditetapkan final"),
        ("hand_over:lead", "Diteruskan oleh ketua tim"),
        ("hand_over:none", "hand_over:none"),
    ],
)
def test_an_occasion_is_said_in_words(occasion, words):
    assert occasion_text(occasion) == words
