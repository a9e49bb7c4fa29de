"""Links among the evidence: looked at in the background where that is switched on, and shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import Evidence
from assessments.services import evidence, links
from assessments.tests.test_evidence_views import CODE, add, use_of
from tests.test_links import own, server  # noqa: F401  (a fixture, used by its name)
from zona.models import Job

pytestmark = pytest.mark.django_db


def state_of(piece: Evidence) -> str:
    return Evidence.objects.get(pk=piece.pk).link_state


@pytest.mark.parametrize(("is_on", "jobs"), [(True, 1), (False, 0)])
def test_a_new_link_is_looked_at_only_where_that_is_switched_on(house, settings, is_on, jobs):
    settings.LINK_CHECK = is_on

    add(house)

    assert Job.objects.filter(kind=links.CHECK_ONE).count() == jobs


def test_what_was_found_stands_beside_the_row_with_its_day(client, house, server):  # noqa: F811
    piece = evidence.add_link(
        unit=house.unit, url=f"{server}/404", title="Galeri", by=house.operator
    )
    use_of(house, piece)
    client.force_login(house.operator)
    address = reverse("assessments:row_detail", args=[house.assessment.pk, CODE])

    before = client.get(address).content.decode()
    links.check_link(piece, allowed=own)
    after = client.get(address).content.decode()

    assert "diperiksa" not in before
    assert "mati, diperiksa" in after
    library = client.get(reverse("assessments:evidence_library", args=[house.unit.pk]))
    assert "mati, diperiksa" in library.content.decode()


def test_only_links_not_looked_at_for_a_week_are_due(house, settings):
    settings.LINK_CHECK = True
    # Own addresses are refused without being asked, which is an answer too.
    fresh, old, new = (add(house, name, url=f"http://127.0.0.1/{name}") for name in ("a", "b", "c"))
    links.note_link(fresh, "alive", at=timezone.now() - timedelta(days=6))
    links.note_link(old, "alive", at=timezone.now() - timedelta(days=8))

    assert links.check_due(lambda percent, text: None) == 2

    assert [state_of(piece) for piece in (fresh, old, new)] == ["alive", "refused", "refused"]


def test_where_it_is_switched_off_nothing_is_looked_at(house, settings):
    settings.LINK_CHECK = False
    piece = add(house, url="http://127.0.0.1/a")

    assert links.check_due(lambda percent, text: None) == 0
    assert state_of(piece) == ""
