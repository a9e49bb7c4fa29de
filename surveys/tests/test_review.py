"""Quality: decisions with a reason, nothing deleted, comments shown only after a look."""

import pytest
from django.db import IntegrityError, transaction

from surveys import tally
from surveys.models import Exclusion, Response, ResponseComment, Tally
from surveys.services import lifecycle, review
from surveys.services.submission import Comment
from surveys.tests import factories
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey():
    survey = factories.make_open_survey()
    for _ in range(3):
        factories.answer(survey)
    return survey


@pytest.fixture
def manager(survey):
    return factories.make_manager(survey.unit)


def judge(survey, manager, keys, reason="machine"):
    return review.judge_responses(
        survey=survey, responses=keys, reason=reason, note=" Diperiksa ", by=manager
    )


def counted(survey):
    return tally.count(Tally.objects.get(survey=survey).sums, tally.VALID)


def test_an_excluded_answer_stays_and_does_not_count(survey, manager):
    key = Response.objects.first().pk

    assert judge(survey, manager, [key]) == 1

    decision = Exclusion.objects.get()
    assert (decision.before, decision.after, decision.note) == ("valid", "excluded", "Diperiksa")
    assert decision.by == manager
    assert (Response.objects.count(), counted(survey)) == (3, 2)


def test_an_answer_can_be_restored(survey, manager):
    key = Response.objects.first().pk
    judge(survey, manager, [key], "duplicate")

    judge(survey, manager, [key], "restored")

    history = Exclusion.objects.order_by("pk").values_list("before", "after")
    assert list(history) == [("valid", "duplicate"), ("duplicate", "valid")]
    assert counted(survey) == 3


def test_deciding_the_same_again_changes_nothing(survey, manager):
    key = Response.objects.first().pk
    judge(survey, manager, [key])

    assert judge(survey, manager, [key]) == 0
    assert Exclusion.objects.count() == 1


def test_the_audit_knows_how_many_and_why_but_not_which(survey, manager):
    key = Response.objects.first().pk
    judge(survey, manager, [key])

    entry = AuditEntry.objects.get(action="survey.answers_judged")
    assert entry.data == {"count": 1, "reason": "machine", "after": "excluded"}
    assert str(key) not in str(AuditEntry.objects.values_list("data", "target"))


def test_answers_of_other_surveys_are_passed_over(survey, manager):
    other = factories.make_open_survey()
    factories.answer(other)
    key = Response.objects.get(survey=other).pk

    assert judge(survey, manager, [key]) == 0


def test_a_decision_needs_a_known_reason(survey, manager):
    with pytest.raises(review.ReasonMissing):
        judge(survey, manager, [Response.objects.first().pk], "")


def test_a_locked_result_closes_the_review(survey, manager):
    factories.lock(survey)

    with pytest.raises(review.ReviewClosed):
        judge(survey, manager, [Response.objects.first().pk])


def test_a_decision_is_history(survey, manager):
    judge(survey, manager, [Response.objects.first().pk])

    for change in (lambda: Exclusion.objects.update(note=""), Exclusion.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_comment_is_new_then_shown_or_hidden_with_a_reason(survey, manager):
    edition = survey.parts.get().questionnaire
    for text in ("Ruang tunggu panas", "Pak Anu minta uang"):
        factories.answer(survey, comments=[Comment(edition.pk, "advice", text)])
    shown = ResponseComment.objects.get(text="Ruang tunggu panas")
    hidden = ResponseComment.objects.get(text="Pak Anu minta uang")
    assert {shown.state, hidden.state} == {"new"}

    review.moderate_comment(comment=shown, show=True, reason="", by=manager)
    with pytest.raises(review.ReasonMissing):
        review.moderate_comment(comment=hidden, show=False, reason=" ", by=manager)
    review.moderate_comment(comment=hidden, show=False, reason="menyebut nama", by=manager)

    states = ResponseComment.objects.values_list("text", "state", "reason", "moderated_by")
    assert set(states) == {
        ("Ruang tunggu panas", "shown", "", manager.pk),
        ("Pak Anu minta uang", "hidden", "menyebut nama", manager.pk),
    }


def test_comments_cannot_be_led_back_to_an_answer():
    links = {field.related_model for field in ResponseComment._meta.get_fields()}

    assert Response not in links


def test_exclusions_work_on_a_closed_survey_too(survey, manager):
    lifecycle.close_survey(survey=survey, by=None)

    assert judge(survey, manager, [Response.objects.first().pk]) == 1
