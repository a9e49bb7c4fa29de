"""Comments beside a row: who reads, writes and is called; what the unit never learns of."""

from __future__ import annotations

import pytest
from django.urls import reverse

from assessments.models import Assessment, Comment, CommentMention, State
from assessments.permissions import can_comment, can_comment_internally
from assessments.services import comments
from assessments.services.comments import CommentRefused, add_comment, mark_seen, set_resolved
from assessments.tests.test_worksheet_save import statements
from assessments.worklist import tasks_of
from assessments.worksheet.talk import talk_list, talk_of, unread_by
from zona.models import AuditEntry, Notification

ROW, OTHER = "A.I.1.i.a", "A.I.1.i.b"
UNIT = {"operator", "coordinator", "zi_lead", "head"}
ITJEN = {
    "secretariat",
    "inspector_general",
    "outside_auditor",
    "member",
    "lead",
    "supervisor",
    "quality",
}
READERS = {"admin", "observer"}
PEOPLE = sorted(UNIT | ITJEN | READERS | {"eselon1", "stranger"})


def say(house, by, text="Mohon dicek.", **more) -> Comment:
    return add_comment(assessment=house.assessment, code=ROW, text=text, by=by, **more)


@pytest.mark.parametrize("person", PEOPLE)
def test_who_reads_and_writes_open_and_internal_comments(house, person):
    user = getattr(house, person)
    said = say(house, house.member)
    kept = say(house, house.member, "Rahasia.", internal=True)

    readable = set(Comment.objects.visible_to(user).values_list("pk", flat=True))

    expected = set() if person == "stranger" else {said.pk}
    assert readable == expected | ({kept.pk} if person in ITJEN else set())
    assert can_comment(user, house.assessment) is (person in UNIT | ITJEN | {"eselon1"})
    assert can_comment_internally(user) is (person in ITJEN)


@pytest.mark.parametrize("person", ["zi_lead", "eselon1"])
def test_the_unit_learns_nothing_of_what_is_for_itjen_alone(client, house, person):
    user = getattr(house, person)
    first = say(house, house.member, "Terbuka bagi unit.")
    kept = say(house, house.member, "Rahasia Itjen.", internal=True)
    say(house, house.lead, "Balasan rahasia.", answers=kept)
    client.force_login(user)
    pk = house.assessment.pk

    talk = talk_of(house.assessment, user, ROW)
    pages = [
        client.get(reverse("assessments:row_detail", args=[pk, ROW])),
        client.get(reverse("assessments:row_detail", args=[pk, ROW]) + "?riwayat=semua"),
        client.get(reverse("assessments:comment_list", args=[pk])),
        client.get(reverse("assessments:worksheet", args=[pk, "1"])),
    ]

    assert (talk.count, talk.unread, talk.last) == (1, 1, first.pk)
    assert unread(house, user) == 1
    for page in pages:
        assert "ahasia" not in page.content.decode()
        assert "Hanya Itjen" not in page.content.decode()
    for name, args in (("comment_resolve", [pk, kept.pk]), ("comment_add", [pk, ROW])):
        url = reverse(f"assessments:{name}", args=args)
        assert client.post(url, {"text": "x", "answers": kept.pk}).status_code == 404


@pytest.mark.parametrize(
    ("writer", "internal", "reached", "missing"),
    [
        ("zi_lead", False, {"operator", "eselon1", "member", "quality"}, {"outside_auditor"}),
        ("member", False, {"operator", "eselon1", "lead", "outside_auditor"}, {"admin"}),
        ("member", True, {"lead", "outside_auditor", "secretariat"}, UNIT | {"eselon1", "admin"}),
    ],
)
def test_only_people_who_may_read_it_can_be_called(house, writer, internal, reached, missing):
    user = getattr(house, writer)

    people = set(
        comments.people_to_call(house.assessment, user, internal=internal).values_list(
            "username", flat=True
        )
    )

    assert {getattr(house, name).username for name in reached} <= people
    assert not {getattr(house, name).username for name in missing | {"stranger"}} & people
    assert user.username not in people


def test_a_called_person_is_named_told_and_has_a_task_until_he_has_read_it(client, house):
    said = say(house, house.member, "@operator, mohon unggah SK; surel a@b.go.id.")

    assert said.text == "@Operator, mohon unggah SK; surel a@b.go.id."
    assert said.names == ["Operator"]
    notice = Notification.objects.get(user=house.operator)
    assert notice.text == f"{house.member} menyebut Anda pada butir {ROW}, PP Teluk Lantera."
    assert f"{house.member} menyebut Anda pada butir {ROW}" in titles(house.operator)

    client.force_login(house.operator)
    client.get(notice.url, follow=True)
    assert f"{house.member} menyebut Anda pada butir {ROW}" in titles(house.operator)
    seen = reverse("assessments:comment_seen", args=[house.assessment.pk, ROW])
    client.post(seen, {"last": said.pk})

    assert f"{house.member} menyebut Anda pada butir {ROW}" not in titles(house.operator)
    assert CommentMention.objects.get().read_at is not None
    assert unread(house, house.operator) == 0


def unread(house, user) -> int:
    return Assessment.objects.annotate(n=unread_by(user)).get(pk=house.assessment.pk).n


def titles(user) -> list[str]:
    user.__dict__.pop("_access", None)
    found = tasks_of(user)
    return [task.title for task in found.tasks] if found else []


@pytest.mark.parametrize("called", ["@stranger", "@admin", "@tidak.ada"])
def test_calling_somebody_who_may_not_read_it_is_refused_and_keeps_the_text(client, house, called):
    client.force_login(house.operator)
    url = reverse("assessments:comment_add", args=[house.assessment.pk, ROW])

    page = client.post(url, {"text": f"Halo {called} tolong"})
    script = client.post(url, {"text": f"Halo {called}"}, headers={"accept": "application/json"})

    assert (page.status_code, script.status_code) == (422, 422)
    assert f"Halo {called} tolong" in page.content.decode()
    assert script.json()["message"].startswith(f"Tidak ada orang dengan akun {called}")
    assert not Comment.objects.exists()


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4_001, "a\x00b"])
def test_what_cannot_be_kept_is_refused_with_a_sentence(house, text):
    with pytest.raises(CommentRefused):
        say(house, house.member, text)


@pytest.mark.parametrize("person", ["admin", "observer"])
def test_who_only_reads_writes_nothing(client, house, person):
    client.force_login(getattr(house, person))
    said = say(house, house.member)
    pk = house.assessment.pk

    add = client.post(reverse("assessments:comment_add", args=[pk, ROW]), {"text": "Halo"})
    close = client.post(reverse("assessments:comment_resolve", args=[pk, said.pk]))

    assert (add.status_code, close.status_code) == (403, 403)
    assert Comment.objects.count() == 1


def test_the_unit_cannot_write_for_itjen_alone(house):
    with pytest.raises(CommentRefused):
        say(house, house.zi_lead, internal=True)


def test_an_answer_follows_its_thread_opens_it_again_and_tells_its_writer(house):
    first = say(house, house.member, "Rahasia.", internal=True)
    set_resolved(comment=first, by=house.lead, resolved=True)

    reply = say(house, house.lead, "Sudah dicek.", answers=first)
    deeper = say(house, house.member, "Terima kasih.", answers=reply)

    first.refresh_from_db()
    assert (reply.internal, deeper.answers, first.resolved_at) == (True, first, None)
    told = Notification.objects.filter(user=house.member, kind="comment")
    assert [notice.text for notice in told] == [
        f"{house.lead} menjawab komentar Anda pada butir {ROW}, PP Teluk Lantera."
    ]


def test_an_answer_to_a_comment_of_another_row_is_refused(house):
    first = say(house, house.member)

    with pytest.raises(CommentRefused):
        add_comment(
            assessment=house.assessment, code=OTHER, text="Salah.", by=house.member, answers=first
        )


def test_resolving_twice_is_kept_once(house):
    first = say(house, house.member)

    for _time in range(2):
        set_resolved(comment=first, by=house.operator, resolved=True)

    first.refresh_from_db()
    assert first.resolved_by == house.operator
    assert AuditEntry.objects.filter(action="comment_resolved").count() == 1


def test_reading_never_goes_back(house):
    first, second = say(house, house.member), say(house, house.member, "Dua.")

    mark_seen(assessment=house.assessment, code=ROW, by=house.operator, last=second.pk)
    mark_seen(assessment=house.assessment, code=ROW, by=house.operator, last=first.pk)

    assert talk_of(house.assessment, house.operator, ROW).unread == 0


def test_comments_stay_possible_when_the_sheet_is_final(house):
    house.assessment.state = State.FINAL
    house.assessment.finalized_at = house.assessment.opened_at
    house.assessment.save()

    assert say(house, house.operator).pk


def test_markup_in_a_comment_is_shown_as_text(client, house):
    say(house, house.member, "<script>alert(1)</script> {{ 7|add:1 }}")
    client.force_login(house.operator)

    page = client.get(reverse("assessments:comment_list", args=[house.assessment.pk]))

    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:1 }}" in page.content.decode()


@pytest.mark.parametrize("count", [10, 200])
def test_the_list_costs_the_same_at_ten_and_two_hundred(
    client, house, count, django_assert_max_num_queries
):
    Comment.objects.bulk_create(
        Comment(
            assessment=house.assessment,
            indicator=house.assessment.instrument.indicators.get(code=ROW),
            text=f"Nomor {number}",
            by=house.member,
        )
        for number in range(count)
    )
    client.force_login(house.operator)
    client.get(reverse("assessments:comment_list", args=[house.assessment.pk]))

    with django_assert_max_num_queries(30) as queries:
        client.get(reverse("assessments:comment_list", args=[house.assessment.pk]))

    assert statements(queries) == 6


def test_the_list_filters_by_unread_and_open(house):
    first = say(house, house.member)
    add_comment(assessment=house.assessment, code=OTHER, text="Dua.", by=house.member)
    mark_seen(assessment=house.assessment, code=ROW, by=house.operator, last=first.pk)
    set_resolved(comment=first, by=house.member, resolved=True)

    listed = {
        name: [row.code for row in talk_list(house.assessment, house.operator, name)]
        for name in ("", "baru", "terbuka")
    }

    assert listed == {"": [ROW, OTHER], "baru": [OTHER], "terbuka": [OTHER]}
