"""What waits for those who manage surveys."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from surveys.models import Survey
from surveys.services import lifecycle
from surveys.tests import factories
from surveys.worklist import tasks_of
from units.access import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return factories.make_unit()


def titles(user):
    found = tasks_of(user)
    return [task.title for task in found.tasks] if found else []


def test_each_step_that_is_due_is_a_task(unit, django_assert_num_queries):
    manager = factories.make_manager(unit)
    today = timezone.localdate()
    factories.make_survey(unit, title="Direncanakan")
    factories.make_survey(unit, opens_on=today + timedelta(days=2))
    running = factories.make_open_survey(unit, population=12)
    for _ in range(4):
        factories.answer(running)
    factories.make_open_survey(unit, closes_on=today + timedelta(days=30))
    closed = lifecycle.close_survey(survey=factories.make_open_survey(unit), by=None)
    tasks_of(manager)

    with django_assert_num_queries(1):
        found = tasks_of(manager).tasks

    assert sorted(task.title for task in found) == [
        "Buka survei yang sudah waktunya",
        "Kumpulkan 8 jawaban lagi",
        "Periksa mutu dan kunci hasil survei",
    ]
    assert {task.url for task in found if task.icon == "lock"} == {closed.get_absolute_url()}


def test_a_survey_that_has_enough_answers_waits_for_nobody(unit):
    manager = factories.make_manager(unit)
    survey = factories.make_open_survey(unit, population=3)
    for _ in range(3):
        factories.answer(survey)

    assert titles(manager) == []


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.AUDITOR, Role.OBSERVER])
def test_who_runs_no_survey_has_no_such_task_and_pays_nothing(
    unit, role, django_assert_num_queries
):
    user = factories.make_user()
    factories.grant(user, role, unit.parent if role == Role.AUDITOR else unit)
    lifecycle.close_survey(survey=factories.make_open_survey(unit), by=None)
    titles(user)

    with django_assert_num_queries(0):
        assert titles(user) == []


def test_another_units_survey_is_nobodys_task(unit):
    other = factories.make_manager(factories.make_unit())
    lifecycle.close_survey(survey=factories.make_open_survey(unit), by=None)

    assert titles(other) == []
    assert Survey.objects.count() == 1


def test_the_units_page_leads_to_its_surveys(client, unit):
    manager = factories.make_manager(unit)
    client.force_login(manager)

    page = client.get(unit.get_absolute_url()).content.decode()

    assert reverse("surveys:unit_surveys", args=[unit.pk]) in page
    assert reverse("surveys:survey_create", args=[unit.pk]) in page
