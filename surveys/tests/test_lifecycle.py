"""From plan to published result: states, locked figures, versions, what the database refuses."""

import json
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from surveys import results, signals
from surveys.models import (
    Element,
    Questionnaire,
    Reopening,
    Response,
    ResponseValue,
    Result,
    Survey,
    SurveyPart,
    Tally,
)
from surveys.profile import profile
from surveys.reports import result_report, results_in_force
from surveys.services import lifecycle, review
from surveys.services.lifecycle import (
    Coverage,
    NothingToLock,
    PlannedPart,
    ReasonMissing,
    SurveyChanged,
    SurveyIncomplete,
    SurveyMoved,
)
from surveys.tests import factories
from units.models import Service
from zona import audit
from zona.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey():
    return factories.make_open_survey()


def actions(survey) -> list[str]:
    entries = AuditEntry.objects.filter(target=survey.subject).order_by("seq")
    return list(entries.values_list("action", flat=True))


def test_every_step_stands_in_the_units_chain(survey):
    manager = factories.make_manager(survey.unit)
    factories.answer(survey)
    factories.lock(survey)
    lifecycle.publish_result(survey=survey, by=manager)
    lifecycle.reopen_result(survey=survey, reason="Salah satu layanan tertinggal", by=manager)

    assert actions(survey) == [
        "survey.created",
        "survey.opened",
        "survey.closed",
        "survey.locked",
        "survey.published",
        "survey.reopened",
    ]
    assert list(audit.verify([survey.unit.audit_stream])) == []


def test_the_target_follows_from_who_was_served():
    known, unknown, few = (
        factories.make_survey(population=population) for population in (500, None, 12)
    )

    assert (known.target, unknown.target, few.target) == (217, 30, 12)


@pytest.mark.parametrize(
    ("state", "act"),
    [
        ("open", lifecycle.open_survey),
        ("planned", lifecycle.close_survey),
        ("open", lifecycle.lock_result),
        ("closed", lifecycle.publish_result),
    ],
)
def test_a_step_is_only_possible_from_the_one_before(survey, state, act):
    Survey.objects.filter(pk=survey.pk).update(state=state)

    with pytest.raises(SurveyMoved):
        act(survey=survey, by=None)


def test_a_survey_that_asks_nothing_or_is_past_is_not_opened():
    empty = factories.make_survey(editions=())
    today = timezone.localdate()
    past = factories.make_survey(
        opens_on=today - timedelta(days=9), closes_on=today - timedelta(days=1)
    )

    for survey in (empty, past):
        with pytest.raises(SurveyIncomplete):
            lifecycle.open_survey(survey=survey, by=None)


def test_the_last_day_closes_the_survey(survey):
    today = timezone.localdate()
    Survey.objects.filter(pk=survey.pk).update(
        opens_on=today - timedelta(days=9), closes_on=today - timedelta(days=1)
    )

    assert (lifecycle.close_due(), lifecycle.close_due()) == (1, 0)

    survey.refresh_from_db()
    entry = AuditEntry.objects.get(action="survey.closed")
    assert (survey.state, entry.actor_name, entry.data) == ("closed", "", {"by_date": True})


def test_a_locked_result_holds_index_grade_and_statement():
    survey = factories.make_open_survey(editions=("spak-2021", "spkp-2021"))
    best = [4] * 13
    for points in (best, best, best, [3] * 5 + [4] * 8, [4, 4, 4, 3, 3] + [3] * 8):
        factories.answer(survey, points=points)

    spak, spkp = factories.lock(survey)

    # SPAK: 4, 4, 4, 3, 18/5; SPKP: 4, 4, 4, 4, 3.
    assert Fraction(spak.exact4) == Fraction(93, 25)
    assert (spak.index4, spak.index100, spak.grade) == (Decimal("3.72"), Decimal("93.00"), "A")
    assert (spkp.index4, spkp.index100, spkp.grade) == (Decimal("3.80"), Decimal("95.00"), "A")
    assert (spak.answered, spak.population, spak.target) == (5, 500, 217)
    assert (spak.is_valid, spak.is_census) == (False, False)
    assert results.is_intact(spak)
    document = json.loads(spak.document)
    assert document["elements"][3] == {"code": "pungli", "questions": {"pungli": [0, 0, 2, 3]}}
    assert document["edition"]["digest"] == spak.part.questionnaire.checksum


def test_thirty_answers_are_valid_and_a_census_of_fewer_is():
    usual, census, short = (
        factories.make_open_survey(population=population) for population in (500, 6, 7)
    )
    for survey, count in ((usual, 30), (census, 6), (short, 6)):
        for _ in range(count):
            factories.answer(survey)

    verdicts = [
        (result.is_valid, result.is_census)
        for survey in (usual, census, short)
        for result in factories.lock(survey)
    ]

    assert verdicts == [(True, False), (True, True), (False, True)]


def test_nothing_is_locked_without_a_valid_answer(survey):
    lifecycle.close_survey(survey=survey, by=None)

    with pytest.raises(NothingToLock):
        lifecycle.lock_result(survey=survey, by=None)

    assert Result.objects.count() == 0


def test_a_locked_result_is_announced_inside_its_transaction(survey):
    heard = []

    def listen(sender, results, by, **_kwargs):
        heard.append([(result.pk is not None, result.version) for result in results])
        raise RuntimeError("the listener fails")

    factories.answer(survey)
    lifecycle.close_survey(survey=survey, by=None)
    signals.result_locked.connect(listen)
    try:
        with pytest.raises(RuntimeError, match="listener"):
            lifecycle.lock_result(survey=survey, by=None)
    finally:
        signals.result_locked.disconnect(listen)

    survey.refresh_from_db()
    assert heard == [[(True, 1)]]
    assert (survey.state, Result.objects.count()) == ("closed", 0)


def test_a_reopened_result_stays_and_is_followed(survey):
    manager = factories.make_manager(survey.unit)
    for _ in range(6):
        factories.answer(survey)
    (first,) = factories.lock(survey)
    with pytest.raises(ReasonMissing):
        lifecycle.reopen_result(survey=survey, reason="  ", by=manager)

    lifecycle.reopen_result(survey=survey, reason="Satu isian ganda", by=manager)
    one = Response.objects.first()
    review.judge_responses(
        survey=survey, responses=[one.pk], reason="duplicate", note="", by=manager
    )
    (second,) = lifecycle.lock_result(survey=survey, by=manager)

    assert Reopening.objects.values_list("version", "reason").get() == (1, "Satu isian ganda")
    assert [(r.version, r.answered) for r in Result.objects.order_by("version")] == [(1, 6), (2, 5)]
    assert json.loads(second.document)["previous"] == first.digest
    assert list(Result.objects.in_force()) == [second]


def test_the_database_keeps_results_and_answers(survey):
    factories.answer(survey)
    factories.lock(survey)

    for change in (
        lambda: Result.objects.update(index4=3),
        lambda: Result.objects.all().delete(),
        lambda: Response.objects.update(month="2020-01"),
        lambda: Response.objects.all().delete(),
        lambda: ResponseValue.objects.update(value=1),
        lambda: ResponseValue.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_questionnaire_in_use_is_frozen(survey):
    edition = survey.parts.get().questionnaire

    for change in (
        lambda: Questionnaire.objects.filter(pk=edition.pk).update(title="Lain"),
        lambda: Element.objects.filter(questionnaire=edition).update(name="Lain"),
        lambda: edition.questions.all().delete(),
        lambda: Element.objects.create(
            questionnaire=edition, code="baru", position=99, name="Baru"
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_one_survey_alone_feeds_the_worksheet_of_a_year():
    unit = factories.make_unit()
    manager = factories.make_manager(unit)
    first, second = (factories.make_survey(unit) for _ in range(2))
    assert [part.feeds_worksheet for part in SurveyPart.objects.order_by("pk")] == [True, False]

    lifecycle.choose_feeding(part=second.parts.get(), by=manager)

    assert [part.feeds_worksheet for part in SurveyPart.objects.order_by("pk")] == [False, True]
    with pytest.raises(IntegrityError), transaction.atomic():
        first.parts.update(feeds_worksheet=True)


def test_naming_a_locked_survey_announces_its_result_again():
    unit = factories.make_unit()
    manager = factories.make_manager(unit)
    factories.make_survey(unit)
    second = factories.make_open_survey(unit)
    factories.answer(second)
    (result,) = factories.lock(second)
    heard = []

    def listen(sender, results, by, **_kwargs):
        heard.append((results, by))

    signals.result_locked.connect(listen)
    try:
        lifecycle.choose_feeding(part=second.parts.get(), by=manager)
    finally:
        signals.result_locked.disconnect(listen)

    assert heard == [([result], manager)]


def test_two_editors_do_not_overwrite_each_other():
    survey = factories.make_survey()
    manager = factories.make_manager(survey.unit)
    lifecycle.update_survey(survey=survey, version=1, by=manager, title="Judul baru")

    with pytest.raises(SurveyChanged):
        lifecycle.update_survey(survey=survey, version=1, by=manager, title="Judul lain")

    survey.refresh_from_db()
    assert (survey.title, survey.version) == ("Judul baru", 2)


def test_an_open_survey_keeps_what_respondents_were_told(survey):
    manager = factories.make_manager(survey.unit)
    later = survey.closes_on + timedelta(days=3)

    lifecycle.update_survey(
        survey=survey,
        version=1,
        by=manager,
        closes_on=later,
        population=12,
        access="token",
        retention_months=99,
        parts=[PlannedPart(factories.questionnaire("skm-2017"), "proportional")],
        coverage=[Coverage(Service.objects.create(unit=survey.unit, name="Baru"))],
    )

    survey.refresh_from_db()
    assert (survey.closes_on, survey.population, survey.target) == (later, 12, 12)
    assert (survey.access, survey.retention_months) == ("open", 24)
    assert (survey.parts.get().kind, survey.covered.count()) == ("spak", 0)


def test_a_plan_can_be_removed_and_an_opened_survey_cannot(survey):
    manager = factories.make_manager(survey.unit)
    plan = factories.make_survey(survey.unit)

    lifecycle.delete_plan(survey=plan, by=manager)

    with pytest.raises(SurveyMoved):
        lifecycle.delete_plan(survey=survey, by=manager)
    assert list(Survey.objects.all()) == [survey]


def test_kept_sums_are_those_of_the_stored_answers():
    survey = factories.make_open_survey(
        editions=("spak-2021", "spkp-2021"), services=["Tambat", "Labuh"], profile_fields=["usia"]
    )
    services = [row.service_id for row in survey.covered.all()]
    for place in range(7):
        factories.answer(
            survey,
            points=[1 + (place + number) % 4 for number in range(13)],
            service_id=services[place % 2],
            profile=factories.some_profile(survey, place),
            flags=place,
        )
    manager = factories.make_manager(survey.unit)
    keys = list(Response.objects.values_list("pk", flat=True)[:2])
    review.judge_responses(survey=survey, responses=keys, reason="careless", note="", by=manager)

    kept = Tally.objects.get(survey=survey).sums
    assert kept == lifecycle.rebuild_sums(survey)
    assert kept["status"] == {"valid": 5, "excluded": 2}


def test_small_groups_are_not_even_stored_with_the_result():
    survey = factories.make_open_survey(services=["Tambat", "Labuh", "Sewa"])
    tambat, labuh, sewa = (
        survey.covered.get(service__name=name).service_id for name in ("Tambat", "Labuh", "Sewa")
    )
    for service, count, point in ((tambat, 9, 4), (labuh, 6, 3), (sewa, 2, 1)):
        for _ in range(count):
            factories.answer(survey, points=point, service_id=service)

    (result,) = factories.lock(survey)

    (group,) = result.details["groups"]
    told = {row["label"]["id"]: row["answered"] for row in group["rows"]}
    assert told == {"Tambat": 9, "Labuh": None, "Sewa": None}
    assert [row for row in group["rows"] if row["answered"] is None] == [
        {"key": str(labuh), "label": {"id": "Labuh"}, "answered": None},
        {"key": str(sewa), "label": {"id": "Sewa"}, "answered": None},
    ]


def test_a_group_that_changed_by_one_answer_is_withheld_in_the_next_version():
    survey = factories.make_open_survey(services=["Tambat", "Labuh"])
    manager = factories.make_manager(survey.unit)
    for row in survey.covered.all():
        for _ in range(8):
            factories.answer(survey, service_id=row.service_id)
    (first,) = factories.lock(survey)
    lifecycle.reopen_result(survey=survey, reason="Duplikat", by=manager)
    one = Response.objects.first()
    review.judge_responses(
        survey=survey, responses=[one.pk], reason="duplicate", note="", by=manager
    )

    (second,) = lifecycle.lock_result(survey=survey, by=manager)

    told = [
        [row["answered"] for group in result.details["groups"] for row in group["rows"]]
        for result in (first, second)
    ]
    assert told == [[8, 8], []]


def test_beside_a_withheld_group_an_empty_one_is_withheld_too():
    survey = factories.make_open_survey(profile_fields=["jenis_kelamin", "usia"])
    ages = ["20_29"] * 9 + ["30_39"] * 2 + ["40_49"] * 5
    for place, age in enumerate(ages):
        gender = "perempuan" if place == 0 else "laki"
        factories.answer(survey, profile={"jenis_kelamin": gender, "usia": age})

    (result,) = factories.lock(survey)

    # One woman: with her the men are withheld, and no name says that she was there.
    (group,) = result.details["groups"]
    told = [(row["key"], row["answered"]) for row in group["rows"] if row["answered"]]
    assert (group["code"], told) == ("usia", [("20_29", 9)])
    assert len(group["rows"]) == len(profile().fields["usia"].options)


def test_a_result_of_four_people_tells_no_elements():
    survey = factories.make_open_survey(population=4)
    for _ in range(4):
        factories.answer(survey)

    (result,) = factories.lock(survey)

    assert (result.details["elements"], result.index4, result.is_valid) == ([], 4, True)
    assert result.details["spread"] == {"deviation": None, "margin": None}
    assert json.loads(result.document)["elements"] == []


def test_the_report_names_extremes_spread_and_a_near_gate():
    survey = factories.make_open_survey()
    for place in range(40):
        point = 3 if place < 3 else 4
        factories.answer(survey, points=[point, 4, 4, 3, 3])
    (_result,) = factories.lock(survey)
    survey.refresh_from_db()

    (report,) = results_in_force(survey)

    # Element means 157/40, 4, 4, 3, 3: the index is 717/200 = 3,585.
    assert (report.index4, report.near_gate) == (Decimal("3.59"), False)
    assert [line.code for line in report.lowest] == ["percaloan", "pungli", "diskriminasi"]
    assert [line.code for line in report.highest] == ["kecurangan", "imbalan", "diskriminasi"]
    assert report.alpha is None
    assert str(report.deviation) == "0.053349"
    assert report.missing == 177


def test_the_index_before_rounding_shows_near_a_gate():
    survey = factories.make_open_survey()
    for place in range(40):
        factories.answer(survey, points=[4, 4, 4, 3, 3 if place else 2])
    (result,) = factories.lock(survey)

    report = result_report(result)

    assert (report.exact4, report.near_gate) == (Fraction(719, 200), True)
    assert report.lke_points == Fraction("15.75")
