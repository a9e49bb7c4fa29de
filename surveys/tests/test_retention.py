"""The end of single answers: due on its day, whole, and without the figures."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from surveys.models import (
    Exclusion,
    Response,
    ResponseComment,
    ResponseValue,
    Result,
    SpentForm,
    Survey,
    Tally,
    Token,
)
from surveys.services import lifecycle, retention, review
from surveys.services.submission import Comment
from surveys.services.tokens import make_tokens
from surveys.tests import factories
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 12, 5), 24, date(2029, 12, 5)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2027, 3, 31), 6, date(2027, 9, 30)),
    ],
)
def test_months_later_ends_with_the_month(day, months, later):
    assert retention.months_later(day, months) == later


@pytest.fixture
def survey():
    """A locked survey with an excluded answer, a shown and a new comment, and tokens."""
    survey = factories.make_open_survey(retention_months=6)
    edition = survey.parts.get().questionnaire
    manager = factories.make_manager(survey.unit)
    for text in ("Tampil", "Baru", ""):
        comments = [Comment(edition.pk, "advice", text)] if text else []
        factories.answer(survey, comments=comments)
    shown = ResponseComment.objects.get(text="Tampil")
    review.moderate_comment(comment=shown, show=True, reason="", by=manager)
    one = Response.objects.first()
    review.judge_responses(survey=survey, responses=[one.pk], reason="machine", note="", by=manager)
    make_tokens(survey=survey, count=2, by=manager)
    factories.lock(survey)
    return survey


def test_answers_go_and_figures_stay(survey):
    term = retention.months_later(survey.closes_on, 6)

    assert retention.erase_due(term - timedelta(days=1))["surveys"] == 0
    assert retention.erase_due(term)["surveys"] == 1
    assert retention.erase_due(term)["surveys"] == 0

    survey.refresh_from_db()
    assert survey.erased_at is not None
    assert not any(model.objects.exists() for model in (Response, ResponseValue, Exclusion, Token))
    assert list(ResponseComment.objects.values_list("text", flat=True)) == ["Tampil"]
    assert (Result.objects.count(), Tally.objects.get().sums["status"]) == (
        1,
        {"valid": 2, "excluded": 1},
    )
    entry = AuditEntry.objects.get(action="survey.answers_erased")
    assert (entry.data, entry.actor_name) == ({"count": 3}, "")


def test_before_its_term_no_answer_can_be_deleted(survey):
    with pytest.raises(IntegrityError), transaction.atomic():
        ResponseValue.objects.all().delete()


def test_a_result_without_its_answers_is_not_reopened(survey):
    retention.erase_answers(survey=survey)

    with pytest.raises(lifecycle.SurveyMoved):
        lifecycle.reopen_result(
            survey=survey, reason="Alasan", by=factories.make_manager(survey.unit)
        )


def test_an_open_survey_keeps_its_answers_whatever_the_date():
    survey = factories.make_open_survey(retention_months=0)
    factories.answer(survey)
    Survey.objects.filter(pk=survey.pk).update(
        opens_on=date(2020, 1, 1), closes_on=date(2020, 1, 31)
    )

    assert retention.erase_due()["surveys"] == 0


def test_sent_forms_are_forgotten_after_two_days():
    survey = factories.make_open_survey()
    factories.answer(survey)
    today = timezone.localdate()

    assert retention.erase_due(today + timedelta(days=2))["forms"] == 0
    assert retention.erase_due(today + timedelta(days=3))["forms"] == 1
    assert SpentForm.objects.count() == 0
