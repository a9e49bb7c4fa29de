"""The demo's recommendations: drawn from the TPI's own notes, in every state, over two rounds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from assessments.catalog import catalog_of
from assessments.models import Answer, Assessment, Evidence, Rank, State, TeamMember, Track
from assessments.services import teams
from assistance.models import Recommendation, Source, Visit, VisitState
from assistance.services import follow_up, visits
from assistance.services.effects import measure
from assistance.services.minutes import confirm_minutes, write_minutes
from assistance.services.recommendations import Draft, create_recommendation
from assistance.services.reports import SUBMIT, move_report, write_report
from assistance.wording import Offer, offers_for
from units.access import Role
from units.models import User

UNITS = ("PPTL", "PPSK", "PPLA", "BMS", "BUDK", "SPSB")
"""The units that were visited, the demo's own first."""


@dataclass(frozen=True, slots=True)
class Tale:
    """One recommendation: written so many days ago, due so many days after, and how it went."""

    ago: int
    due: int
    outcome: str
    owner: str = Role.ZI_LEAD


TALES = (
    Tale(58, 30, "done"),
    Tale(58, 45, "overdue", Role.UNIT_OPERATOR),
    Tale(52, 60, "reported"),
    Tale(47, 50, "not_met"),
    Tale(40, 61, "under_way", Role.UNIT_HEAD),
    Tale(26, 30, "wish"),
    Tale(12, 45, "open", Role.UNIT_HEAD),
)
PER_UNIT = {"PPTL": 7, "PPSK": 6, "PPLA": 5, "BMS": 4, "BUDK": 4, "SPSB": 3}
YEAR_AGO = (Tale(330, 60, "done"), Tale(330, 200, "overdue", Role.UNIT_HEAD))
PROGRESS = (
    "Rancangan sudah dibahas dalam rapat tim ZI dan menunggu paraf kepala unit.",
    "Petugas yang ditunjuk sudah mulai; hasil bulan pertama sedang dirangkum.",
    "Formulir baru sudah dipakai di dua loket, loket ketiga menyusul minggu depan.",
)
REPORTS = (
    "Sudah dilaksanakan; notula, daftar hadir, dan laporan bulanan terlampir.",
    "Prosedur ditetapkan dan disosialisasikan kepada semua petugas layanan.",
    "Rekap tiga bulan terakhir lengkap dan ditandatangani kepala unit.",
)
NOT_MET = "Dokumen sudah ada, tetapi belum terlihat pelaksanaannya. Sertakan hasil pemantauan."
DONE = "Bukti sesuai; dicocokkan dengan wawancara dua petugas."
WISH = "Penetapan anggaran perubahan baru selesai bulan depan."


def tell(story, seed: int, everybody, clock) -> str:
    """Write the recommendations of the visited units; returns the line that is reported."""
    for code in UNITS:
        rng = Random(f"{seed}:advice:{code}")
        sheets = _sheets(code)
        repeated = None
        if len(sheets) > 1:
            for number, tale in enumerate(YEAR_AGO):
                row = _write(sheets[1], number, tale, everybody, clock, story.today, rng)
                repeated = repeated or row
        for number, tale in enumerate(TALES[: PER_UNIT[code]] if sheets else ()):
            like = repeated if tale.outcome == "not_met" else None
            _write(sheets[0], number, tale, everybody, clock, story.today, rng, like=like)
    _tell_visits(story, everybody, clock)
    _tell_effects(clock, story.today)
    clock.go_to(story.today, 12)
    return f"{Recommendation.objects.count()} rekomendasi, {Visit.objects.count()} kunjungan"


VISITS = (
    # unit, days from today, length, how far
    ("BMS", -62, 3, "held"),
    ("PPSK", -34, 2, "held"),
    ("PPTL", -1, 3, "running"),
    ("PPLA", 16, 3, "planned"),
    ("SPSB", 30, 2, "planned"),
)
AGENDA = (
    "09.00 Rapat pembukaan\n09.30 Pemeriksaan dokumen dan implementasi\n"
    "13.00 Peninjauan layanan\n15.30 Rapat penutupan"
)
SUMMARY = (
    "Sebagian besar dokumen tersedia dan sesuai. Pelaksanaan belum merata: petugas layanan belum "
    "seluruhnya mengetahui prosedur, dan pemantauan belum didokumentasikan."
)
AGREED = "Unit melengkapi bukti pemantauan dan melaporkan perkembangan tiap dua minggu."
OVERVIEW = (
    "Dokumen sebagian besar tersedia dan sesuai, tetapi pelaksanaannya belum merata di loket dan "
    "lapangan. Kekurangan terbesar ada pada pemantauan: laporan dan notula belum dibuat berkala. "
    "Survei persepsi sudah direncanakan dengan jumlah responden yang cukup. Kami menyarankan "
    "pemantauan triwulanan, penyegaran petugas layanan, dan pengumpulan bukti sejak awal tahun."
)
CONCLUSION = (
    "Unit mampu memenuhi ambang yang masih kurang bila pelaksanaan dan pemantauannya "
    "didokumentasikan sebelum jendela bukti berakhir. Kunjungan berikutnya memeriksa hasilnya."
)
ADVISED = {
    "inadequate": "Sosialisasikan ketentuannya kepada semua petugas dan uji pemahamannya.",
    "absent": "Susun laporan pemantauan tiap triwulan dan arsipkan notulanya.",
}
FOUND = (
    ("inadequate", "partly", "interview", "SK ada, tetapi tiga petugas belum mengetahui isinya."),
    ("adequate", "done", "observation", "Dilaksanakan; register terisi sampai minggu ini."),
    (
        "absent",
        "not_done",
        "sampling",
        "Belum ada notula atau laporan pada lima berkas uji petik.",
    ),
)


def _tell_visits(story, everybody, clock) -> None:
    """Plan five visits, hold two, and leave one running today."""
    people = everybody.people
    office = people["sekretariat"]
    head = people["irjen"]
    for number, (code, offset, days, far) in enumerate(VISITS, start=1):
        sheet = Assessment.objects.newest_versions().filter(
            unit__code=code, period__instrument__code="lke-zi-2021"
        )
        sheet = sheet.for_page().order_by("-period__year").first()
        if sheet is None:
            continue
        first = story.today + timedelta(days=offset)
        last = first + timedelta(days=days - 1)
        clock.go_to(first - timedelta(days=7), 9)
        letter = teams.create_assignment(
            by=office,
            number=f"ST-{70 + number:03d}/ITJEN/{first.year}",
            dated_on=min(story.today, first - timedelta(days=6)),
            basis=f"Program Kerja Pengawasan Tahunan {first.year}",
            starts_on=first,
            ends_on=last,
            signer_name=head.name,
            signer_position=head.position,
        )
        visit = visits.plan_visit(
            assessment=sheet,
            plan=visits.Plan(
                starts_on=first,
                ends_on=last,
                place=sheet.unit.province,
                purpose="Pendampingan pembangunan Zona Integritas menjelang evaluasi.",
                agenda=AGENDA,
                assignment=letter,
            ),
            by=office,
        )
        team = {
            people["ketuatim"]: Rank.LEAD,
            people["sekar.ayuningtyas"]: Rank.MEMBER,
        }
        visits.set_team(visit=visit, people=team, by=office)
        if far != "planned":
            _hold(visit, people, clock, first, far)


def _tell_effects(clock, today: date) -> None:
    """Measure the visited units as the schedule would have done."""
    for visit in Visit.objects.filter(state=VisitState.HELD).select_related("assessment"):
        end = visit.effects.get(days=0)
        for days in (30, 60):
            if end.on + timedelta(days=days) <= today:
                clock.go_to(end.on + timedelta(days=days), 7)
                measure(visit, days)


def _hold(visit: Visit, people, clock, first: date, far: str) -> None:
    lead = people["ketuatim"]
    clock.go_to(first, 9)
    visit = visits.start_visit(visit=visit, by=lead)
    for name, position, side in (
        ("Kepala unit", "Pimpinan unit", "unit"),
        ("Ketua tim ZI", "Tim pembangunan ZI", "unit"),
        (lead.name, lead.position, "itjen"),
    ):
        visits.add_attendance(
            visit=visit, side=side, name=name, position=position, on=first, by=lead
        )
    catalog = catalog_of(visit.assessment.instrument)
    codes = [code for code, row in catalog.engine.indicators.items() if row.options][::9]
    for number, code in enumerate(codes):
        document, implementation, method, text = FOUND[number % len(FOUND)]
        options = catalog.engine.indicators[code].options
        visits.save_check(
            visit_pk=visit.pk,
            code=code,
            changes={
                "document_check": document,
                "implementation_check": implementation,
                "check_method": method,
                "condition": text,
                "advice": ADVISED.get(document, ""),
                "choice": options[min(number % 2, len(options) - 1)].code,
            },
            base={},
            base_version=0,
            key=uuid.uuid5(uuid.NAMESPACE_URL, f"{visit.pk}/{code}"),
            by=lead,
        )
    visits.save_consultation(
        visit=visit,
        values={
            "population": 1240,
            "questionnaire": "SPAK dan SPKP, edisi yang berlaku",
            "period": "Triwulan pertama",
            "status": "planned",
            "advice": "Sebar tautan di loket pada hari ramai; catat yang dilayani tiap bulan.",
        },
        version=0,
        by=lead,
    )
    if far == "held":
        clock.go_to(visit.ends_on, 16)
        write_minutes(visit=visit, summary=SUMMARY, agreed=AGREED, version=0, by=lead)
        visits.end_visit(visit=visit, by=lead)
        confirm_minutes(visit=visit, version=1, by=lead)
        _report(visit, people, clock)


def _report(visit: Visit, people, clock) -> None:
    """Let the team write its report; the lead has it before him."""
    writer = people["sekar.ayuningtyas"]
    clock.go_to(visit.ends_on + timedelta(days=3), 10)
    texts = {"overview": OVERVIEW, "background": "", "conclusion": CONCLUSION}
    row = write_report(visit=visit, texts=texts, version=0, by=writer)
    clock.go_to(visit.ends_on + timedelta(days=4), 9)
    move_report(visit=visit, act=SUBMIT, version=row.version, by=writer)


def _sheets(code: str) -> list[Assessment]:
    """Return the unit's worksheets with a team and an assessed TPI side, the newest first."""
    rows = (
        Assessment.objects.newest_versions()
        .filter(unit__code=code, period__instrument__code="lke-zi-2021", team__rank=Rank.LEAD)
        .exclude(state__in=(State.DRAFT, State.SUBMITTED, State.FORWARDED))
        .for_page()
    )
    return list(rows.order_by("-period__year", "-pk"))


def _write(
    sheet: Assessment,
    number: int,
    tale: Tale,
    everybody,
    clock,
    today: date,
    rng: Random,
    like=None,
) -> Recommendation | None:
    """Write one recommendation and let it go as the tale says; None where no row is left."""
    team = {
        m.rank: m.user for m in TeamMember.objects.filter(assessment=sheet).select_related("user")
    }
    lead = team[Rank.LEAD]
    written_on = today - timedelta(days=tale.ago)
    offer = _offer(sheet, number, lead, like)
    if offer is None:
        return None
    clock.go_to(written_on, 10, 5 * number)
    unit_code = sheet.unit.code
    row = create_recommendation(
        unit=sheet.unit,
        assessment=sheet,
        source=Source.DESK if sheet.is_final and tale.ago > 100 else Source.VISIT,
        draft=Draft(
            code=offer.code,
            condition=offer.condition,
            criterion=offer.criterion,
            effect=offer.effect,
            advice=offer.advice,
            owner=str(tale.owner),
            due_on=written_on + timedelta(days=tale.due),
            priority=offer.priority,
            reason=offer.reason,
        ),
        by=lead,
    )
    owner = everybody.person(unit_code, tale.owner)
    _go_on(row, tale, owner, team[Rank.MEMBER], clock, written_on, rng)
    return row


def _offer(sheet: Assessment, number: int, lead: User, like) -> Offer | None:
    """Return what the TPI noted on one of the weak rows; the same row and reason as ``like``."""
    if like is not None:
        code = like.indicator.code
        return replace(offers_for(sheet, lead, [code])[code], reason=like.reason)
    noted = (
        Answer.objects.filter(assessment=sheet, track=Track.TPI)
        .exclude(condition="")
        .exclude(advice="")
        .exclude(reason="")
        .order_by("indicator__position")
        .values_list("indicator__code", flat=True)
    )
    codes = list(noted)
    if number >= len(codes):
        return None
    code = codes[(number * 5) % len(codes)] if len(codes) > 10 else codes[number]
    return offers_for(sheet, lead, [code])[code]


def _go_on(row, tale: Tale, owner: User, checker: User, clock, since: date, rng: Random) -> None:
    """Take the steps that lead to a tale's outcome, some days after one another."""

    def step(days: int, name: str, by: User, text: str, proof=None) -> None:
        clock.go_to(since + timedelta(days=days), 14)
        follow_up.move(row=row, name=name, by=by, text=text, proof=proof)

    if tale.outcome == "open":
        return
    piece = Evidence.objects.filter(unit=row.unit).newest().order_by("-pk").first()
    proof = follow_up.Proof(
        (piece,) if piece else (), url="" if piece else "https://arsip.example/"
    )
    if tale.outcome == "wish":
        clock.go_to(since + timedelta(days=20), 9)
        follow_up.ask_extension(
            row=row, due_on=row.due_on + timedelta(days=30), reason=WISH, by=owner
        )
        return
    step(9, "perkembangan", owner, rng.choice(PROGRESS))
    if tale.outcome in ("under_way", "overdue"):
        return
    step(20, "selesai", owner, rng.choice(REPORTS), proof)
    if tale.outcome == "done":
        step(26, "tuntas", checker, DONE)
    elif tale.outcome == "not_met":
        step(27, "belum-sesuai", checker, NOT_MET)
