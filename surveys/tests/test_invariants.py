"""What must always be true is found out when it is not."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from surveys.invariants import locked_surveys_have_results, results_are_intact
from surveys.models import Response, Result, Survey, Tally
from surveys.services import review
from surveys.tests import factories
from zona import triggers

pytestmark = pytest.mark.django_db


def rebuild(*args) -> str:
    out = StringIO()
    call_command("rebuild_survey_sums", *args, stdout=out)
    return out.getvalue()


def test_wrong_sums_are_found_and_set_right():
    survey = factories.make_open_survey()
    factories.answer(survey)
    kept = Tally.objects.get(survey=survey)
    right = kept.sums
    Tally.objects.update(sums={**right, "status": {"valid": 7}})

    with pytest.raises(CommandError, match="1 survei berbeda"):
        rebuild("--dry-run")
    assert rebuild() == f"survei {survey.pk} ({survey.code}): jumlah berbeda\n1 survei dibetulkan\n"

    assert Tally.objects.get(survey=survey).sums == right
    assert rebuild("--dry-run") == "semua jumlah benar\n"


def test_excluding_everything_leaves_true_sums():
    survey = factories.make_open_survey()
    factories.answer(survey)
    review.judge_responses(
        survey=survey,
        responses=[Response.objects.get().pk],
        reason="machine",
        note="",
        by=factories.make_manager(survey.unit),
    )

    assert rebuild("--dry-run") == "semua jumlah benar\n"


def test_a_changed_result_is_found():
    survey = factories.make_open_survey()
    factories.answer(survey)
    (result,) = factories.lock(survey)
    assert list(results_are_intact()) == []

    with triggers.dropped():
        Result.objects.filter(pk=result.pk).update(document=result.document + " ")

    assert list(results_are_intact()) == [
        f"result {result.pk} of part {result.part_id} was changed"
    ]


def test_a_lock_without_a_result_is_found():
    survey = factories.make_open_survey()
    Survey.objects.filter(pk=survey.pk).update(state="locked")

    assert list(locked_surveys_have_results()) == [f"survey {survey.pk} is locked without a result"]
