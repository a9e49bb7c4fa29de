"""What the access table's places hold of the journey: looks, a letter, a paper."""

from __future__ import annotations

from datetime import date

from django.core.files.base import ContentFile

from assessments.journey.papers import CONDITIONS, Subject
from assessments.models import (
    BuildingMonitoring,
    Candidacy,
    JourneyPaper,
    Monitoring,
    Period,
    Plenary,
    PredicateAward,
    Proposal,
)
from assessments.tests.factories import make_period
from units.models import Unit, User
from zona.documents import new_public_code
from zona.models import Document

DAY = date(2026, 3, 31)


def journey_objects(unit: Unit, period: Period, person: User) -> dict:
    """Return one look at the building phase by Itjen, one at a predicate, a letter and a paper."""
    earlier = make_period(year=2023)
    candidacy = Candidacy.objects.create(unit=unit, period=earlier, phase="awarded")
    award = PredicateAward.objects.create(
        candidacy=candidacy,
        predicate="WBK",
        track="national",
        decree_number="KEP-1",
        decided_on=date(2024, 3, 1),
        next_monitoring_on=date(2026, 3, 1),
    )
    building = BuildingMonitoring.objects.create(
        unit=unit,
        side="itjen",
        on=DAY,
        starts_on=date(2026, 1, 1),
        ends_on=DAY,
        method="visit",
        summary="Berjalan",
        recorded_by=person,
    )
    document = Document.objects.create(
        kind=CONDITIONS,
        subject=Subject(unit, period).name,
        title="Daftar periksa",
        public_code=new_public_code(),
        file=ContentFile(b"%PDF-1.7", name=f"syarat-{unit.code}.pdf"),
        sha256="0" * 64,
        size_bytes=8,
    )
    return {
        "building": building,
        "look": Monitoring.objects.create(award=award, on=DAY, outcome="kept"),
        "plenary": Plenary.objects.create(
            period=period,
            held_on=date(2026, 6, 2),
            place="Aula",
            chair_name="Hasta",
            chair_position="Irjen",
            attendance=[["Laras", ""]],
            created_by=person,
        ),
        "letter": Proposal.objects.create(
            period=period, signer_name="Hasta", signer_position="Inspektur Jenderal"
        ),
        "paper": JourneyPaper.objects.create(document=document, unit=unit, period=period),
    }
