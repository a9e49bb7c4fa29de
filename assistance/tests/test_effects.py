"""What a visit brought: measured at its end and 30, 60 and 90 days later, once each."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from assessments.models import Score, Track
from assistance.effect_page import effect_of, effects_side_by_side
from assistance.models import Visit, VisitEffect, VisitState
from assistance.services.effects import measure, measure_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(house):
    """A visit that is over; its end was measured ``ago`` days ago by ``aged``."""
    today = timezone.localdate()
    return Visit.objects.create(
        unit=house.unit,
        assessment=house.assessment,
        starts_on=today,
        ends_on=today,
        state=VisitState.HELD,
        held_at=timezone.now(),
        created_by=house.secretariat,
    )


def first(visit, ago, **fields):
    values = {
        "unit_total": Decimal("60"),
        "tpi_total": None,
        "unmet": 5,
        "documents_adequate": 0,
        "practice_done": 0,
        "advice_open": 0,
        "advice_done": 0,
    }
    return VisitEffect.objects.create(
        visit=visit,
        days=0,
        on=timezone.localdate() - timedelta(days=ago),
        **{**values, **fields},
    )


def totals(house, unit=None, tpi=None):
    for track, total in ((Track.UNIT, unit), (Track.TPI, tpi)):
        Score.objects.filter(assessment=house.assessment, track=track).update(
            safe_total=total or 0, answered_count=0 if total is None else 100, unmet_wbk_count=2
        )


@pytest.mark.parametrize(
    ("ago", "steps"),
    [(0, []), (29, []), (30, [30]), (59, [30]), (60, [30, 60]), (95, [60, 90]), (140, [])],
)
def test_each_step_is_measured_when_its_day_has_come_and_once(house, held, ago, steps):
    first(held, ago)

    assert measure_due() == len(steps)
    assert measure_due() == 0
    assert list(held.effects.exclude(days=0).values_list("days", flat=True)) == steps


def test_a_measure_tells_both_sides_and_the_gates(house, held):
    totals(house, unit=Decimal("70.5"), tpi=Decimal("68"))

    effect = measure(held, 0)

    assert (effect.unit_total, effect.tpi_total, effect.unmet, effect.on) == (
        Decimal("70.5"),
        Decimal("68"),
        2,
        timezone.localdate(),
    )


def test_a_side_that_says_nothing_has_no_total(house, held):
    effect = measure(held, 0)

    assert (effect.unit_total, effect.tpi_total, effect.unmet) == (None, None, 0)


def test_what_was_measured_never_changes(house, held):
    row = first(held, 40)

    with pytest.raises(IntegrityError), transaction.atomic():
        VisitEffect.objects.filter(pk=row.pk).update(unmet=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        measure(held, 0)


def test_the_sentence_and_the_chart_say_what_changed(house, held):
    first(held, 35)
    totals(house, unit=Decimal("63.25"))
    measure_due()

    effect = effect_of(held, house.head)

    assert effect.say == "Nilai naik 3,25 poin dalam 30 hari sesudah kunjungan."
    assert effect.chart.rows[-1][-1] == "63,25"


def test_the_unit_does_not_see_the_tpis_side_before_it_is_final(client, house, held):
    first(held, 35, tpi_total=Decimal("55.55"))
    totals(house, unit=Decimal("63.25"), tpi=Decimal("44.44"))
    measure_due()

    pages = {}
    for who in ("head", "member"):
        client.force_login(getattr(house, who))
        pages[who] = client.get(reverse("assistance:visit", args=[held.pk])).content.decode()

    assert "44,44" in pages["member"]
    assert "44,44" not in pages["head"]
    assert "55,55" not in pages["head"]


def test_the_visits_that_helped_most_come_first(house, held):
    first(held, 35)
    totals(house, unit=Decimal("63"))
    measure_due()
    other = Visit.objects.create(
        unit=house.unit,
        assessment=house.assessment,
        starts_on=date(2026, 1, 5),
        ends_on=date(2026, 1, 5),
        state=VisitState.HELD,
        created_by=house.secretariat,
    )
    first(other, 10)

    page, _sort = effects_side_by_side(house.eselon1, QueryDict(""))

    assert [(line.visit, line.difference) for line in page] == [
        (held, Decimal("3")),
        (other, Decimal("0")),
    ]
