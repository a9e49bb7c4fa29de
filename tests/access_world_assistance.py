"""The recommendations in which the access table is tried."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from assessments.models import Rank
from assistance import papers
from assistance.models import (
    DueDateExtension,
    Recommendation,
    Source,
    Visit,
    VisitMember,
)
from assistance.printing import MATRIX, subject_of
from units.access import Role
from units.models import Unit, User
from zona.documents import new_public_code
from zona.models import Document


def assistance_objects(unit: Unit, assessment, colleague: User) -> dict[str, Any]:
    """Return an open recommendation of the unit, a wish for more time, and a printed matrix."""
    due = timezone.localdate() + timedelta(days=30)
    row = Recommendation.objects.create(
        unit=unit,
        assessment=assessment,
        source=Source.VISIT,
        condition="Prosedur belum ada.",
        advice="Susun prosedur.",
        owner_role=Role.UNIT_OPERATOR,
        due_on=due,
        created_by=colleague,
    )
    wish = DueDateExtension.objects.create(
        recommendation=row,
        due_before=due,
        due_asked=due + timedelta(days=10),
        reason="Menunggu anggaran.",
        asked_by=colleague,
    )
    Document.objects.create(
        kind=MATRIX,
        subject=subject_of(unit),
        title="Matriks tindak lanjut",
        public_code=new_public_code(),
        file=ContentFile(b"%PDF-1.7", name=f"matriks-{unit.code}.pdf"),
        sha256="0" * 64,
        size_bytes=8,
        facts={"is_internal": False},
    )
    visit = Visit.objects.create(
        unit=unit,
        assessment=assessment,
        assignment=assessment.assignment,
        starts_on=date(2026, 4, 7),
        ends_on=date(2026, 4, 8),
        created_by=colleague,
    )
    for member in assessment.team.all():
        VisitMember.objects.create(visit=visit, user=member.user, rank=Rank.LEAD)
    paper = Document.objects.create(
        kind=papers.REPORT,
        subject=papers.subject_of(visit),
        title="Laporan hasil asistensi",
        public_code=new_public_code(),
        file=ContentFile(b"%PDF-1.7", name=f"asistensi-{unit.code}.pdf"),
        sha256="0" * 64,
        size_bytes=8,
        facts={},
    )
    return {"recommendation": row, "wish": wish, "visit": visit, "visit_paper": paper}
