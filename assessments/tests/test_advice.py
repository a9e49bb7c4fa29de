"""Itjen's guidance in versions, cited beside the row; phrases, own and shared, filled in."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from assessments.models import Guidance, Phrase, Track
from assessments.services.advice import (
    AdviceRefused,
    GuidanceStale,
    PhraseStale,
    fill_in,
    save_phrase,
    write_guidance,
)
from assessments.services.answers import Change, record_answers
from assessments.tests import filling

ROW = "A.I.1.i.a"


def indicator(house):
    return house.assessment.instrument.indicators.get(code=ROW)


def write(house, text: str, base: int = 0):
    return write_guidance(indicator=indicator(house), text=text, base=base, by=house.secretariat)


def pane(client, house, user) -> str:
    client.force_login(user)
    url = reverse("assessments:row_detail", args=[house.assessment.pk, ROW])
    return client.get(url).content.decode()


def test_each_writing_is_a_version_that_never_changes(house):
    first = write(house, "Sebagian besar berarti di atas 80%.")
    again = write(house, "Sebagian besar berarti di atas 80%.", base=1)
    second = write(house, "Sebagian besar berarti di atas 85%.", base=1)

    assert (first.version, again, second.version) == (1, None, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Guidance.objects.filter(version=1).update(text="lain")


def test_a_stale_writing_is_refused_and_shows_the_newer_one_and_the_typed_text(client, house):
    write(house, "Versi satu.")
    with pytest.raises(GuidanceStale):
        write(house, "Versi lain.", base=0)
    client.force_login(house.secretariat)
    url = reverse("assessments:guidance", args=[house.assessment.instrument_id, ROW])

    page = client.post(url, {"text": "Versi lain.", "base": "0"})
    saved = client.post(url, {"text": "Versi lain.", "base": "1"})

    assert (page.status_code, saved.status_code) == (422, 302)
    assert "Versi satu." in page.content.decode()
    assert ">Versi lain.</textarea>" in page.content.decode()
    assert indicator(house).guidance.first().text == "Versi lain."


@pytest.mark.parametrize("person", ["member", "zi_lead", "inspector_general", "admin", "stranger"])
def test_only_the_secretariat_writes_guidance(client, house, person):
    client.force_login(getattr(house, person))
    url = reverse("assessments:guidance", args=[house.assessment.instrument_id, ROW])

    assert client.get(url).status_code == 200
    assert client.post(url, {"text": "x", "base": "0"}).status_code == 403
    with pytest.raises(AdviceRefused):
        write_guidance(indicator=indicator(house), text="x", base=0, by=getattr(house, person))
    assert not Guidance.objects.exists()


def test_a_row_cites_the_version_that_holds_and_the_one_it_was_judged_under(client, house):
    filling.start_review(house)
    write(house, "Alinea satu.\n\nAlinea <b>dua</b>.")
    record_answers(
        assessment=house.assessment,
        track=Track.TPI,
        changes=[Change(ROW, {"choice": "Ya"})],
        by=house.member,
    )
    before = pane(client, house, house.member)
    write(house, "Petunjuk baru.", base=1)
    after, unit = pane(client, house, house.member), pane(client, house, house.zi_lead)

    assert "<p>Alinea satu.</p>\n\n<p>Alinea &lt;b&gt;dua&lt;/b&gt;.</p>" in before
    assert "Nilai TPI butir ini ditulis" not in before
    assert "Nilai TPI butir ini ditulis saat versi 1 berlaku." in after
    assert "Petunjuk baru." in unit
    assert "Nilai TPI butir ini ditulis" not in unit


def test_withdrawn_guidance_is_shown_no_more(client, house):
    write(house, "Petunjuk lama.")
    write(house, "", base=1)

    assert "Petunjuk penilaian Itjen" not in pane(client, house, house.zi_lead)


def keep(by, title="Bukti kurang", text="Bukti {unit} kurang.", **more) -> Phrase:
    return save_phrase(by=by, title=title, text=text, **more)


@pytest.mark.parametrize(
    ("person", "seen"),
    [
        ("member", {"dibagi", "milik anggota"}),
        ("lead", {"dibagi"}),
        ("secretariat", {"dibagi"}),
        ("zi_lead", {"milik unit"}),
        ("admin", set()),
        ("observer", set()),
    ],
)
def test_who_sees_which_phrases(house, person, seen):
    keep(house.member, "dibagi", is_shared=True)
    keep(house.member, "milik anggota")
    keep(house.zi_lead, "milik unit")

    found = Phrase.objects.visible_to(getattr(house, person))

    assert set(found.values_list("title", flat=True)) == seen


def test_a_phrase_is_changed_by_its_owner_alone_and_not_over_a_newer_one(client, house):
    phrase = keep(house.member, is_shared=True)
    edit = reverse("assessments:phrase_edit", args=[phrase.pk])
    delete = reverse("assessments:phrase_delete", args=[phrase.pk])
    form = {"title": "Bukti kurang", "text": "Lain.", "base": "1"}

    client.force_login(house.lead)
    assert (client.post(edit, form).status_code, client.post(delete).status_code) == (403, 403)
    client.force_login(house.zi_lead)
    assert (client.post(edit, form).status_code, client.post(delete).status_code) == (404, 404)
    client.force_login(house.member)
    assert client.post(edit, form).status_code == 302
    stale = client.post(edit, form | {"text": "Terlambat."})

    phrase.refresh_from_db()
    assert (stale.status_code, phrase.text, phrase.is_shared) == (422, "Lain.", False)
    assert "Terlambat." in stale.content.decode()
    with pytest.raises(PhraseStale):
        save_phrase(by=house.member, title="x", text="y", phrase=phrase, base=1)
    client.post(delete)
    assert not Phrase.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"text": " "},
        {"title": "Bukti kurang"},
        {"text": "a\x00"},
        {"title": "x" * 61},
        {"code": "X.9"},
    ],
)
def test_a_phrase_that_cannot_be_kept_is_refused_with_what_was_typed(client, house, change):
    keep(house.member)
    client.force_login(house.member)

    form = {"title": "Baru", "text": "Kalimat yang diketik."} | change
    page = client.post(reverse("assessments:phrase_list"), form)

    assert page.status_code == 422
    assert Phrase.objects.count() == 1
    assert page.context["typed"]["text"] == form["text"]


def test_the_unit_shares_no_phrases(house):
    with pytest.raises(AdviceRefused):
        keep(house.zi_lead, is_shared=True)


def test_placeholders_are_filled_with_what_is_known_of_the_row(client, house):
    filling.start_review(house)
    keep(house.member, "umum", "Di {unit} tahun {tahun}, {lain}: [jumlah].")
    keep(house.lead, "butir", "Butir {butir}: nilai {nilai_unit}.", code=ROW, is_shared=True)
    client.force_login(house.member)

    url = reverse("assessments:phrase_pick", args=[house.assessment.pk, ROW])
    page = client.get(url)

    assert [item.text for item in page.context["phrases"]] == [
        f"Butir {ROW}: nilai Ya.",
        "Di PP Teluk Lantera tahun 2026, {lain}: [jumlah].",
    ]


def test_an_unknown_placeholder_stays():
    assert fill_in("{unit} {x} {tahun}", {"unit": "A", "tahun": ""}) == "A {x} {tahun}"
