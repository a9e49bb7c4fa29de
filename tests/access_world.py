"""The small world in which the access table is tried: one of everything in each of three places."""

from __future__ import annotations

import hashlib
from datetime import date
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.utils import timezone

from assessments.control.services import announce
from assessments.models import (
    Activity,
    Assignment,
    BulkAcceptance,
    Comment,
    Evidence,
    EvidenceUse,
    Period,
    PeriodArchive,
    Phrase,
    Rank,
    SharePage,
    TeamMember,
    Track,
)
from assessments.services.documents import REPORT
from assessments.services.scenarios import create_scenario
from assessments.services.seals import take_seal
from assessments.tests.factories import (
    grant,
    make_assessment,
    make_period,
    make_unit,
    make_user,
)
from tests.access_world_assistance import assistance_objects
from tests.access_world_journey import journey_objects
from tests.access_world_surveys import survey_objects
from units.access import Role
from units.models import RosterImport, Service, Unit
from zona.documents import new_public_code
from zona.models import Document, Notification

PERSONAS = ("operator", "zi_lead", "unit_head", "eselon1", "auditor", "secretariat", "stranger")
PLACES = ("own", "sibling", "parent")
# A row of the worksheet whose value is an option.
ROW = "A.I.1.i.a"


def build() -> SimpleNamespace:
    """Make ministry, units, people and worksheets.

    ``people`` holds the seven personas. ``places`` has for *own* (the unit to which operator, lead
    and head belong, and on whose team the auditor is a member), *sibling* (another unit of the
    same Eselon I) and *parent* (the Eselon I itself) one object of each kind.
    """
    parent = make_unit(code="DJPC", name="Ditjen Pelabuhan Contoh", level="eselon_1")
    own = make_unit(parent, code="PPTL", name="Pelabuhan Teluk Lantera", staff_count=40)
    sibling = make_unit(parent, code="PPSK", name="Pelabuhan Sungai Kelana", staff_count=40)
    ministry = parent.parent
    people = {name: make_user(name) for name in PERSONAS}
    for name, role, unit in (
        ("operator", Role.UNIT_OPERATOR, own),
        ("zi_lead", Role.ZI_LEAD, own),
        ("unit_head", Role.UNIT_HEAD, own),
        ("eselon1", Role.ESELON1_COORDINATOR, parent),
        ("auditor", Role.AUDITOR, ministry),
        ("secretariat", Role.SECRETARIAT, ministry),
    ):
        grant(people[name], role, unit)
    period = make_period(name="Periode 2026")
    letter = Assignment.objects.create(
        number="ST-1/ITJEN/2026",
        dated_on=date(2026, 4, 1),
        starts_on=date(2026, 4, 6),
        ends_on=date(2026, 4, 17),
    )
    places = {
        "own": _place(own, period, letter, member=people["auditor"]),
        "sibling": _place(sibling, period, letter),
        "parent": _place(parent, period, letter),
    }
    for place in places.values():
        place.roster = RosterImport.objects.create(
            kind="units", file_name="unit.xlsx", lines=[], created_by=people["secretariat"]
        )
    places["own"].archive = PeriodArchive.objects.create(
        period=period,
        closed_at=timezone.now(),
        file=ContentFile(b"PK", name="arsip.zip"),
        sha256="0" * 64,
        size_bytes=2,
        entry_count=1,
        sheet_count=3,
    )
    return SimpleNamespace(people=people, places=places, period=period, assignment=letter)


def _place(unit: Unit, period: Period, letter: Assignment, member=None) -> SimpleNamespace:
    """Make one object of each kind on a unit."""
    colleague = make_user(f"rekan-{unit.code.lower()}")
    membership = grant(colleague, Role.UNIT_OPERATOR, unit)
    assessment = make_assessment(unit, period)
    assessment.assignment = letter
    assessment.save(update_fields=["assignment"])
    if member is None:
        member = make_user(f"penilai-{unit.code.lower()}")
        grant(member, Role.AUDITOR, Unit.objects.get(level=Unit.Level.MINISTRY))
    team_member = TeamMember.objects.create(assessment=assessment, user=member, rank=Rank.MEMBER)
    sharer = make_user(f"pembagi-{unit.code.lower()}")
    evidence = Evidence.objects.create(
        unit=unit,
        kind=Evidence.Kind.LINK,
        title="Laporan kegiatan",
        url="https://unit.example/laporan",
        uploaded_by=colleague,
    )
    use = EvidenceUse.objects.create(
        assessment=assessment,
        indicator=assessment.instrument.indicators.get(code=ROW),
        evidence=evidence,
        attached_by=colleague,
    )
    document = Document.objects.create(
        kind=REPORT,
        subject=assessment.subject,
        title="Laporan hasil evaluasi",
        public_code=new_public_code(),
        file=ContentFile(b"%PDF-1.7", name=f"lhe-{unit.code}.pdf"),
        sha256="0" * 64,
        size_bytes=8,
    )
    return SimpleNamespace(
        unit=unit,
        service=Service.objects.create(unit=unit, name=f"Layanan {unit.code}"),
        person=colleague,
        membership=membership,
        assessment=assessment,
        team_member=team_member,
        evidence=evidence,
        **journey_objects(unit, period, sharer),
        activity=Activity.objects.create(
            unit=unit, area="1", title="Rapat tim", due_on=date(2026, 3, 31), owner_name="Pokja 1"
        ),
        use=use,
        document=document,
        bulk=BulkAcceptance.objects.create(
            assessment=assessment, rank=Rank.MEMBER, rows=[], by=member
        ),
        phrase=Phrase.objects.create(
            title="Dibagikan", text="Sesuai.", is_shared=True, owner=sharer
        ),
        remark=Comment.objects.create(
            assessment=assessment, indicator=use.indicator, text="Mohon dicek.", by=member
        ),
        share=SharePage.objects.create(
            assessment=assessment,
            note="TPN",
            digest=hashlib.sha256(unit.code.encode()).hexdigest(),
            expires_on=date(2099, 12, 31),
            created_by=colleague,
        ),
        scenario=create_scenario(
            assessment=assessment, track=Track.UNIT, name="Rencana", by=colleague, is_shared=True
        ),
        seal=take_seal(assessment, Track.UNIT, occasion="submit", by=colleague),
        announcement=announce(
            units=[unit],
            by=sharer,
            title="Batas waktu",
            text="Lengkapi LKE.",
            starts_on=date(2026, 1, 1),
            ends_on=date(2099, 12, 31),
        ),
        notification=Notification.objects.create(user=colleague, kind="test", text="Kabar"),
        period=period,
        assignment=letter,
        instrument=period.instrument,
        **survey_objects(unit, colleague),
        **assistance_objects(unit, assessment, colleague),
    )
