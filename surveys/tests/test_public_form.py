"""The public form as a phone without JavaScript uses it: strict, kind, anonymous."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from surveys import public_form, tally
from surveys.models import (
    Flag,
    Mode,
    Response,
    ResponseComment,
    ResponseValue,
    SpentForm,
    Status,
    Survey,
    Tally,
    Token,
)
from surveys.services import guard, lifecycle
from surveys.services.submission import SurveyClosed
from surveys.services.tokens import make_tokens
from surveys.tests import factories

pytestmark = pytest.mark.django_db

CODES = ["diskriminasi", "kecurangan", "imbalan", "pungli", "percaloan"]


def stamp_in(page) -> str:
    return re.search(r'name="stempel" value="([^"]+)"', page.content.decode()).group(1)


def filled(client, survey, **changes):
    """Return the fields of a complete form, as a browser would send them."""
    page = client.get(survey.public_path)
    data = {"stempel": stamp_in(page), "lang": "id", "setuju": "ya", "situs": ""}
    data |= {f"spak.{code}": "4" for code in CODES}
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def counted(survey) -> int:
    return tally.count(Tally.objects.get(survey=survey).sums, tally.VALID)


@pytest.fixture
def survey():
    return factories.make_open_survey()


def test_an_answer_is_stored_thanked_for_and_counted(client, survey):
    data = filled(client, survey, saran="Ruang tunggu panas", **{"spak.imbalan": "3"})

    response = client.post(survey.public_path, data)

    thanks = client.get(response["Location"])
    stored = Response.objects.get()
    points = ResponseValue.objects.filter(response=stored).values_list("question__code", "value")
    assert response.status_code == 302
    assert re.search(r'<p class="receipt">[2-9A-Z]{5}-[2-9A-Z]{5}</p>', thanks.content.decode())
    assert dict(points) == dict.fromkeys(CODES, 4) | {"imbalan": 3}
    assert (stored.status, stored.mode, stored.language) == ("valid", "online", "id")
    assert stored.month == timezone.localdate().strftime("%Y-%m")
    assert ResponseComment.objects.get().text == "Ruang tunggu panas"
    assert counted(survey) == 1


def test_the_page_is_small_and_sets_no_cookie(client, survey):
    page = client.get(survey.public_path)

    assert len(page.content) < 16_000
    assert page.cookies == {}
    assert "no-store" in page["Cache-Control"]


def test_service_and_profile_are_asked_and_kept(client):
    survey = factories.make_open_survey(
        services=["Persetujuan berlayar", "Tambat"], profile_fields=["usia", "kanal"]
    )
    service = survey.covered.first().service
    data = filled(client, survey, layanan=str(service.pk), cara="loket")
    data |= {"d-usia": "30_39", "d-kanal": "daring"}

    client.post(survey.public_path, data)

    stored = Response.objects.get()
    assert (stored.service, stored.mode) == (service, Mode.DESK)
    assert stored.profile == {"usia": "30_39", "kanal": "daring"}


def test_everything_typed_is_still_there_after_a_fault(client, survey):
    data = filled(client, survey, saran="Tolong <b>perbaiki</b>", **{"spak.imbalan": None})

    page = client.post(survey.public_path, data)

    shown = page.content.decode()
    assert page.status_code == 422
    assert "Belum terkirim: 1 isian perlu dilengkapi." in shown
    assert shown.count(" checked") == 5  # the consent and four answers
    assert "Tolong &lt;b&gt;perbaiki&lt;/b&gt;</textarea>" in shown
    assert stamp_in(page) == data["stempel"]
    assert Response.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"setuju": None}, "Setujui dahulu keterangan ini"),
        ({"spak.imbalan": "5"}, "Pilih satu jawaban untuk pertanyaan ini."),
        ({"spak.imbalan": "0"}, "Pilih satu jawaban untuk pertanyaan ini."),
        ({"spak.imbalan": "-1"}, "Pilih satu jawaban untuk pertanyaan ini."),
        ({"spak.imbalan": "4.0"}, "Pilih satu jawaban untuk pertanyaan ini."),
        ({"spak.imbalan": "４"}, "Pilih satu jawaban untuk pertanyaan ini."),
        ({"spak.imbalan": ["4", "3"]}, "Pilih satu jawaban saja."),
        ({"spak.asing": "4"}, "Ada isian yang bukan bagian survei ini."),
        ({"spkp.waktu": "4"}, "Ada isian yang bukan bagian survei ini."),
        ({"layanan": "7"}, "Ada isian yang bukan bagian survei ini."),
        ({"saran": "x" * 1_000_000}, "Teks terlalu panjang: 1000000 huruf"),
        ({"stempel": "palsu"}, "Formulir ini sudah lama terbuka."),
        ({"stempel": None}, "Formulir ini sudah lama terbuka."),
    ],
)
def test_what_does_not_fit_is_refused_in_words(client, survey, changes, message):
    page = client.post(survey.public_path, filled(client, survey, **changes))

    assert page.status_code == 422
    assert message in page.content.decode()
    assert (Response.objects.count(), counted(survey)) == (0, 0)


def test_the_mark_of_another_surveys_form_is_refused(client, survey):
    other = factories.make_open_survey()
    data = filled(client, survey, stempel=stamp_in(client.get(other.public_path)))

    page = client.post(survey.public_path, data)

    assert "Formulir ini sudah lama terbuka." in page.content.decode()
    assert Response.objects.count() == 0


def test_an_old_form_is_handed_out_again_with_its_answers(client, survey, monkeypatch):
    data = filled(client, survey)
    monkeypatch.setattr(public_form, "STAMP_SECONDS", -1)

    page = client.post(survey.public_path, data)
    monkeypatch.undo()
    again = client.post(survey.public_path, data | {"stempel": stamp_in(page)})

    assert (page.status_code, again.status_code) == (422, 302)
    assert stamp_in(page) != data["stempel"]


def test_html_in_a_comment_is_text_and_control_letters_vanish(client, survey):
    text = "<script>alert(1)</script>\x00\x07 baris\r\ndua"

    client.post(survey.public_path, filled(client, survey, saran=text))

    assert ResponseComment.objects.get().text == "<script>alert(1)</script> baris\ndua"


def test_the_same_form_sent_twice_counts_once_with_the_same_receipt(client, survey):
    data = filled(client, survey)

    first, second = (client.post(survey.public_path, data) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert (Response.objects.count(), SpentForm.objects.count(), counted(survey)) == (1, 1, 1)


def test_a_filled_trap_is_thanked_for_and_does_not_count(client, survey):
    response = client.post(survey.public_path, filled(client, survey, situs="http://spam"))

    stored = Response.objects.get()
    assert response.status_code == 302
    assert stored.flags & Flag.TRAP
    assert (stored.status, counted(survey)) == (Status.DOUBTFUL, 0)


def test_speed_and_sameness_are_flags_and_no_more(client, survey):
    client.post(survey.public_path, filled(client, survey))

    stored = Response.objects.get()
    assert stored.flags == Flag.FAST | Flag.STRAIGHT
    assert (stored.status, counted(survey)) == (Status.VALID, 1)


def test_an_unhurried_answer_has_no_flag(client, survey):
    stamp = signing.dumps({"s": survey.pk, "n": "a", "t": 1}, salt=public_form.STAMP_SALT)

    client.post(survey.public_path, filled(client, survey, stempel=stamp, **{"spak.imbalan": "3"}))

    assert Response.objects.get().flags == 0


def test_the_same_device_is_flagged_and_a_desk_is_not(client, survey):
    for changes in ({}, {"spak.imbalan": "3"}, {"spak.pungli": "2", "cara": "loket"}):
        client.post(survey.public_path, filled(client, survey, **changes))

    flags = Response.objects.values_list("flags", flat=True)
    assert sorted(bool(flag & Flag.SAME_DEVICE) for flag in flags) == [False, False, True]


def test_answers_in_a_row_that_are_equal_are_flagged(client):
    survey = factories.make_open_survey(profile_fields=["usia"])
    for _ in range(2):
        client.post(survey.public_path, filled(client, survey, **{"d-usia": "30_39"}))

    flags = Response.objects.values_list("flags", flat=True)
    assert sorted(bool(flag & Flag.SAME_PATTERN) for flag in flags) == [False, True]


def test_many_answers_from_one_address_are_marked_then_refused(client, survey, monkeypatch):
    monkeypatch.setattr(guard, "MARKED_FROM", 1)
    monkeypatch.setattr(guard, "REFUSED_FROM", 2)
    monkeypatch.setattr(guard.time, "time", lambda: 1_000_000.0)

    pages = [client.post(survey.public_path, filled(client, survey)) for _ in range(3)]

    flags = Response.objects.values_list("flags", flat=True)
    assert [page.status_code for page in pages] == [302, 302, 429]
    assert sorted(bool(flag & Flag.BURST) for flag in flags) == [False, True]
    assert "kirim lagi setelah satu menit" in pages[2].content.decode()


def test_without_a_cache_the_form_works_on(client, survey, monkeypatch):
    def broken(*_args, **_kwargs):
        raise OSError("no cache")

    for name in ("get", "add", "incr", "delete_many"):
        monkeypatch.setattr(guard.cache, name, broken, raising=False)

    assert client.post(survey.public_path, filled(client, survey)).status_code == 302


def test_a_form_sent_by_another_site_is_turned_away(client, survey):
    data = filled(client, survey)

    page = client.post(survey.public_path, data, headers={"Sec-Fetch-Site": "cross-site"})

    assert page.status_code == 422
    assert Response.objects.count() == 0


def test_no_table_holds_who_from_where_or_when(survey):
    client = Client(REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT="Peramban-Rahasia/9")
    data = filled(client, survey, saran="isi komentar")

    client.post(survey.public_path, data, headers={"X-Forwarded-For": "198.51.100.3"})

    today = timezone.localdate()
    traces = ["203.0.113.77", "198.51.100.3", "Peramban-Rahasia", f"{today:%Y-%m-%d}"]
    for model in (Response, ResponseValue, ResponseComment):
        for row in model.objects.values():
            assert not any(trace in str(row) for trace in traces)
    assert {field.name for field in Response._meta.concrete_fields} == {
        "id",
        "survey",
        "service",
        "month",
        "mode",
        "language",
        "notice",
        "profile",
        "flags",
        "status",
        "batch",
    }
    assert {field.name for field in SpentForm._meta.concrete_fields} == {"id", "digest", "on"}


def test_keys_of_answers_and_comments_tell_no_order(client, survey):
    for point in "4321":
        client.post(survey.public_path, filled(client, survey, **{"spak.imbalan": point}))

    keys = list(Response.objects.values_list("pk", flat=True))
    assert len(set(keys)) == 4
    assert max(keys) - min(keys) > 1_000_000


def test_the_log_knows_neither_token_nor_address(survey, caplog):
    client = Client(REMOTE_ADDR="203.0.113.77")
    with caplog.at_level("DEBUG"):
        client.get(f"{survey.public_path}?t=ABCDE-FGHJK")
        client.post(survey.public_path, filled(client, survey))

    assert survey.public_path in caplog.text
    assert "ABCDE" not in caplog.text
    assert "203.0.113.77" not in caplog.text


@pytest.fixture
def token_survey():
    survey = factories.make_open_survey(access="token")
    _sheet, tokens = make_tokens(survey=survey, count=3, by=None)
    return survey, tokens


def test_a_token_counts_once_however_it_is_typed(client, token_survey):
    survey, (token, *_rest) = token_survey

    first = client.post(survey.public_path, filled(client, survey, token=token.lower()))
    second = client.post(survey.public_path, filled(client, survey, token=token))

    assert (first.status_code, second.status_code) == (302, 422)
    assert "Token ini sudah dipakai." in second.content.decode()
    assert (Response.objects.count(), Token.objects.filter(is_used=True).count()) == (1, 1)


def test_a_mistyped_token_leaves_no_mark_on_the_answer_that_follows(client, token_survey):
    survey, (token, *_rest) = token_survey

    client.post(survey.public_path, filled(client, survey, token="ABCDE-FGHJK"))
    client.post(survey.public_path, filled(client, survey, token=token))

    assert not Response.objects.get().flags & Flag.SAME_DEVICE


def test_tokens_are_kept_as_digests_without_a_moment(token_survey):
    _survey, tokens = token_survey

    rows = str(list(Token.objects.values()))
    assert not any(token in rows for token in tokens)
    assert {field.name for field in Token._meta.concrete_fields} == {
        "id",
        "survey",
        "digest",
        "sheet",
        "is_used",
    }


@pytest.mark.parametrize("token", ["", "   ", "ABCDE-FGHJK"])
def test_no_token_or_one_of_another_survey_is_refused(client, token_survey, token):
    survey, _tokens = token_survey

    page = client.post(survey.public_path, filled(client, survey, token=token))

    assert page.status_code == 422
    assert Response.objects.count() == 0


def test_a_foreign_token_stays_unused(client, token_survey):
    survey, _tokens = token_survey
    other = factories.make_open_survey(access="token")
    _sheet, (foreign,) = make_tokens(survey=other, count=1, by=None)

    page = client.post(survey.public_path, filled(client, survey, token=foreign))

    assert "Token ini bukan untuk survei ini." in page.content.decode()
    assert not Token.objects.filter(is_used=True).exists()


@pytest.mark.parametrize(
    ("opens", "closes", "message"),
    [(1, 9, "Survei ini belum dimulai"), (-9, -1, "Survei ini sudah selesai")],
)
def test_before_and_after_its_days_the_page_is_kind(client, survey, opens, closes, message):
    today = timezone.localdate()
    Survey.objects.filter(pk=survey.pk).update(
        opens_on=today + timedelta(days=opens), closes_on=today + timedelta(days=closes)
    )

    page = client.get(survey.public_path)

    assert page.status_code == 200
    assert message in page.content.decode()


def test_an_answer_to_a_closed_survey_is_not_stored_and_says_so(client, survey):
    data = filled(client, survey)
    lifecycle.close_survey(survey=survey, by=None)

    page = client.post(survey.public_path, data)

    assert page.status_code == 409
    assert "survei ditutup sebelum jawaban Anda sampai" in page.content.decode()
    assert Response.objects.count() == 0


def test_a_survey_closed_while_an_answer_is_being_stored_takes_it_not(survey, monkeypatch):
    closing = lifecycle.lock_tally

    def close_first(locked):
        Survey.objects.filter(pk=locked.pk).update(state="closed")
        return closing(locked)

    monkeypatch.setattr("surveys.services.submission.lock_tally", close_first)

    with pytest.raises(SurveyClosed):
        factories.answer(survey)

    assert (Response.objects.count(), SpentForm.objects.count()) == (0, 0)


def test_an_unknown_code_is_not_found(client):
    assert client.get("/s/TIDAKADA/").status_code == 404


def test_a_code_may_be_typed_in_small_letters(client, survey):
    assert client.get(survey.public_path.lower()).status_code == 200


def test_what_was_filled_in_is_kept_on_the_device_on_request(client, survey):
    data = filled(client, survey, saran="setengah jadi", **{"spak.pungli": None, "simpan": "1"})

    saved = client.post(survey.public_path, data)
    page = client.get(survey.public_path).content.decode()

    cookie = saved.cookies[f"zona_survei_{survey.code}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (
        True,
        "Lax",
        survey.public_path,
    )
    assert page.count(" checked") == 5
    assert "setengah jadi</textarea>" in page
    assert Response.objects.count() == 0


def test_a_draft_is_forgotten_once_it_was_sent(client, survey):
    client.post(survey.public_path, filled(client, survey, simpan="1"))

    sent = client.post(survey.public_path, filled(client, survey))

    assert sent.cookies[f"zona_survei_{survey.code}"].value == ""
    assert " checked" not in client.get(survey.public_path).content.decode()


def test_a_desk_keeps_no_draft(client, survey):
    saved = client.post(survey.public_path, filled(client, survey, cara="loket", simpan="1"))

    assert saved.cookies == {}


def test_a_forged_draft_is_ignored(client, survey):
    client.cookies[f"zona_survei_{survey.code}"] = "bukan-kami"

    assert client.get(survey.public_path).status_code == 200


def test_a_long_comment_does_not_burst_the_cookie(client, survey):
    saved = client.post(
        survey.public_path,
        filled(client, survey, simpan="1", saran="".join(map(str, range(3000)))),
    )

    assert 0 < len(saved.cookies[f"zona_survei_{survey.code}"].value) <= public_form.DRAFT_BYTES


def test_a_receipt_that_was_never_given_is_not_thanked_for(client, survey):
    address = reverse("surveys:public_thanks", args=[survey.code])

    codes = [client.get(f"{address}{query}").status_code for query in ("", "?r=AAAAA-BBBBB")]

    assert codes == [404, 404]


def test_english_speaks_throughout(client):
    survey = factories.make_open_survey(profile_fields=["usia"], services=["Tambat"])

    first = client.get(f"{survey.public_path}?lang=en")
    sent = client.post(survey.public_path, {"lang": "en", "stempel": stamp_in(first)})

    page, wrong = first.content.decode(), sent.content.decode()
    assert '<html lang="en">' in page
    assert "Is our service free of corruption?" in page
    assert "5 questions, about 2 minutes. Your answers are anonymous." in page
    assert "Before you start" in page
    assert "Not sent yet: 8 fields need your answer." in wrong
    assert "Choose one answer to this question." in wrong


@pytest.mark.django_db(transaction=True)
def test_fifty_people_with_one_token_count_once(token_survey):
    survey, (token, *_rest) = token_survey
    forms = [filled(Client(), survey, token=token) for _ in range(50)]

    def send(data):
        try:
            return Client().post(survey.public_path, data).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as crowd:
        codes = list(crowd.map(send, forms))

    assert sorted(codes) == [302] + [422] * 49
    assert (Response.objects.count(), counted(survey)) == (1, 1)
