"""Survey results beside the worksheet: fed where it is open, suggested where it is not."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from assessments import instrument_file, survey_link
from assessments.models import Answer, Assessment, Track
from assessments.services import states
from assessments.survey_link import NothingToAdopt, adopt_index, count_panel, index_panel
from assessments.tests import filling
from assessments.worksheet.sheet import load
from surveys.models import Survey
from surveys.services import lifecycle
from surveys.services.external import record_external
from surveys.tests import factories as surveys
from zona.models import AuditEntry

ROW, INPUT = "B.I.a.1", "nilai_ipak"


def held(house, *, answers=30, point=4, population=500, **fields) -> Survey:
    """Hold a SPAK of the unit in the period's year and close it."""
    survey = surveys.make_open_survey(
        house.unit, year=house.period.year, population=population, **fields
    )
    for _ in range(answers):
        surveys.answer(survey, points=[point, 4, 4, 4, 3])
    return lifecycle.close_survey(survey=survey, by=None)


def value(house, track, code=ROW, name=INPUT):
    answer = Answer.objects.get(assessment=house.assessment, indicator__code=code, track=track)
    return (answer.inputs or {}).get(name)


def panel(house, user):
    fresh = Assessment.objects.for_page().get(pk=house.assessment.pk)
    inputs = {track: load(fresh, user).entry(track, ROW).inputs for track in Track}
    return index_panel(user, assessment=fresh, code=ROW, inputs=inputs)


def external(house, by, index4="3.75"):
    return record_external(
        unit=house.unit,
        kind="spak",
        year=house.period.year,
        index4=Decimal(index4),
        surveyor="BPS",
        reported_on=date(2026, 9, 1),
        report=ContentFile(b"%PDF-1.7", name="laporan.pdf"),
        by=by,
    )


def test_locking_feeds_the_open_unit_track(house):
    lifecycle.lock_result(survey=held(house), by=house.zi_lead)

    entry = AuditEntry.objects.get(action="answer", target=f"{ROW}/unit")
    assert value(house, Track.UNIT) == "3.80"
    assert entry.data["source"] == "survey"
    assert (value(house, Track.TPI), value(house, Track.TPN)) == (None, None)
    assert panel(house, house.zi_lead).stands_on == ("Unit",)


@pytest.mark.parametrize(
    ("answers", "population", "fed"),
    [(29, 500, None), (30, 500, "3.80"), (12, 12, "3.80"), (11, 12, None)],
)
def test_too_few_answers_are_shown_and_never_written(house, answers, population, fed):
    survey = held(house, answers=answers, population=population)

    (result,) = lifecycle.lock_result(survey=survey, by=house.zi_lead)

    assert value(house, Track.UNIT) == fed
    assert panel(house, house.zi_lead).result == result
    assert bool(panel(house, house.zi_lead).adopt_url) is False


def test_only_the_named_survey_feeds(house):
    lifecycle.lock_result(survey=held(house), by=house.zi_lead)
    other = held(house, point=2)
    lifecycle.lock_result(survey=other, by=house.zi_lead)
    assert value(house, Track.UNIT) == "3.80"

    lifecycle.choose_feeding(part=other.parts.get(), by=house.zi_lead)

    assert value(house, Track.UNIT) == "3.40"


def test_another_year_feeds_nothing(house):
    survey = surveys.make_open_survey(house.unit, year=house.period.year - 1)
    for _ in range(30):
        surveys.answer(survey)
    lifecycle.close_survey(survey=survey, by=None)

    lifecycle.lock_result(survey=survey, by=house.zi_lead)

    assert value(house, Track.UNIT) is None
    assert panel(house, house.zi_lead).result is None


def test_a_locked_track_gets_a_suggestion_and_no_write(house):
    survey = held(house)
    filling.start_review(house)

    lifecycle.lock_result(survey=survey, by=house.zi_lead)

    assert value(house, Track.UNIT) == "3.60"
    shown = panel(house, house.zi_lead)
    assert (shown.result.index4, shown.stands_on, shown.adopt_url) == (Decimal("3.80"), (), "")


def test_a_pen_that_does_not_reach_the_results_writes_nothing(house):
    surveys.grant(house.stranger, "unit_operator", house.unit, area="1")

    lifecycle.lock_result(survey=held(house), by=house.stranger)

    assert value(house, Track.UNIT) is None
    assert panel(house, house.stranger).adopt_url == ""


def test_the_tpi_adopts_by_an_act_of_its_own(house, client):
    lifecycle.lock_result(survey=held(house), by=house.zi_lead)
    filling.start_review(house)
    assert value(house, Track.TPI) is None
    shown = panel(house, house.member)
    assert (shown.adopt_track, shown.adopt_value) == ("TPI", Decimal("3.80"))
    client.force_login(house.member)

    response = client.post(reverse("assessments:survey_adopt", args=[house.assessment.pk, ROW]))

    entry = AuditEntry.objects.filter(target=f"{ROW}/tpi").latest("seq")
    assert response.status_code == 302
    assert value(house, Track.TPI) == "3.80"
    assert (entry.data["source"], entry.actor_name) == ("survey", house.member.name)
    assert panel(house, house.member).adopt_url == ""
    assert "TPI" in panel(house, house.member).stands_on


def test_the_unit_does_not_learn_whether_the_tpi_adopted(house):
    lifecycle.lock_result(survey=held(house), by=house.zi_lead)
    filling.start_review(house)
    adopt_index(assessment=house.assessment, code=ROW, by=house.member)

    assert "TPI" not in panel(house, house.zi_lead).stands_on


def test_nothing_is_adopted_without_a_valid_result(house):
    with pytest.raises(NothingToAdopt):
        adopt_index(assessment=house.assessment, code=ROW, by=house.zi_lead)
    with pytest.raises(NothingToAdopt):
        adopt_index(assessment=house.assessment, code="A.I.1.i.a", by=house.zi_lead)


def test_a_new_version_of_the_result_is_offered_again(house):
    survey = held(house)
    lifecycle.lock_result(survey=survey, by=house.zi_lead)
    filling.start_review(house)
    adopt_index(assessment=house.assessment, code=ROW, by=house.member)
    lifecycle.reopen_result(survey=survey, reason="Tambahan kertas", by=house.zi_lead)
    assert panel(house, house.member).result is None
    Survey.objects.filter(pk=survey.pk).update(state="open")
    for _ in range(10):
        surveys.answer(survey, points=[2, 4, 4, 4, 3])
    lifecycle.close_survey(survey=survey, by=None)

    lifecycle.lock_result(survey=survey, by=house.zi_lead)

    shown = panel(house, house.member)
    assert (shown.result.version, shown.adopt_value) == (2, Decimal("3.70"))
    assert value(house, Track.TPI) == "3.80"


def test_an_external_index_waits_for_the_national_track(house):
    external(house, house.secretariat)

    assert value(house, Track.TPN) is None
    assert panel(house, house.secretariat).external.index4 == Decimal("3.75")


def test_an_external_index_enters_a_final_worksheets_national_track(house):
    filling.finalize(house)

    external(house, house.secretariat)
    external(house, house.secretariat, "3.70")

    assert value(house, Track.TPN) == "3.70"
    assert (value(house, Track.UNIT), value(house, Track.TPI)) == ("3.60", "3.60")


def test_an_external_index_recorded_before_is_adopted_after_final(house):
    external(house, house.secretariat)
    filling.finalize(house)
    assert panel(house, house.secretariat).adopt_track == "TPN"

    assert adopt_index(assessment=house.assessment, code=ROW, by=house.secretariat) == Track.TPN

    assert value(house, Track.TPN) == "3.75"


def test_a_repair_opens_the_row_only_where_it_was_returned(house):
    survey = held(house)
    filling.start_review(house)
    house.assessment.refresh_from_db()
    assert house.assessment.state == states.State.MEMBER_REVIEW

    lifecycle.lock_result(survey=survey, by=house.zi_lead)

    assert value(house, Track.UNIT) == "3.60"


@pytest.mark.parametrize(
    ("count", "letter"), [(0, "E"), (1, "D"), (2, "C"), (3, "B"), (4, "A"), (5, "A")]
)
def test_the_number_of_satisfaction_surveys_answers_its_own_row(house, count, letter):
    for _ in range(count):
        survey = surveys.make_open_survey(
            house.unit, year=house.period.year, editions=("skm-2017",)
        )
        surveys.answer(survey)
        surveys.lock(survey)
    surveys.make_open_survey(house.unit, year=house.period.year, editions=("skm-2017",))

    shown = count_panel(house.zi_lead, assessment=house.assessment, code="A.I.6.iv.a")

    assert (shown.count, shown.letter) == (count, letter)


def test_other_rows_have_nothing_beside_them(house, django_assert_num_queries):
    survey_link.index_rows(survey_link.catalog_of(house.assessment.instrument))

    with django_assert_num_queries(0):
        for panel_of in (index_panel, count_panel):
            assert (
                panel_of(house.zi_lead, assessment=house.assessment, code="A.I.1.i.a", inputs={})
                is None
            )


def test_the_pane_of_the_row_shows_where_the_figure_comes_from(house, client):
    lifecycle.lock_result(survey=held(house), by=house.zi_lead)
    client.force_login(house.zi_lead)

    page = client.get(reverse("assessments:row_detail", args=[house.assessment.pk, ROW]))

    text = page.content.decode()
    assert "Hasil survei IPAK" in text
    assert "30 responden" in text
    assert "Sama dengan nilai Unit." in text


def test_the_older_edition_asks_for_the_same_indices():
    for code in ("lke-zi-2021", "lke-zi-2014"):
        engine = instrument_file.bundled(code)
        names = {
            indicator.inputs[0].name
            for indicator in engine.indicators.values()
            if indicator.is_computed and indicator.computation.kind == survey_link.SCORE04
        }
        assert names == set(survey_link.KIND_OF_INPUT)
