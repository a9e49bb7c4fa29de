"""The house of the worksheets, and a recommendation in it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.tests.conftest import house  # noqa: F401  the same people and worksheet
from assistance.models import Source
from assistance.services.recommendations import Draft, create_recommendation
from units.access import Role


@pytest.fixture
def soon():
    """A day by which something can be asked for."""
    return timezone.localdate() + timedelta(days=30)


@pytest.fixture
def write(house, soon):  # noqa: F811
    """Write a recommendation of a visit to the house's unit; fields override the draft."""

    def make(by=None, source=Source.VISIT, **fields):
        values = {
            "code": "A.I.1.i.a",
            "condition": "SK tim ZI belum memuat pembagian tugas.",
            "advice": "Tetapkan pembagian tugas tiap anggota.",
            "owner": Role.UNIT_OPERATOR.value,
            "due_on": soon,
        }
        return create_recommendation(
            unit=house.unit,
            assessment=house.assessment,
            source=source,
            draft=Draft(**{**values, **fields}),
            by=by or house.lead,
        )

    return make
