"""One worksheet of the demo, worked on by its people through the services, day after day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from random import Random

from django.utils import timezone

from assessments.catalog import Catalog, catalog_of
from assessments.demo import source
from assessments.demo.clock import StoryClock
from assessments.demo.library import Library, covered
from assessments.demo.organisation import Organisation, Place
from assessments.demo.sheets import Planner, RowPlan
from assessments.demo.story import Round
from assessments.models import (
    Assessment,
    Assignment,
    Comment,
    DocumentCheck,
    EvidenceUse,
    Period,
    Rank,
    Reason,
    Track,
)
from assessments.services import answers as answer_services
from assessments.services import comments as comment_services
from assessments.services import evidence as evidence_services
from assessments.services import objections as objection_services
from assessments.services import review as review_services
from assessments.services import states, worksheets
from assessments.services import teams as team_services
from assessments.services.answers import Change
from assessments.services.states import ReturnedRow
from units.access import Role
from units.models import Unit, User

SOURCE = "demo"


REASONS_TO_GO_ON = {
    "awaits_data": "Angka resminya baru terbit setelah batas pengajuan; disusulkan saat evaluasi.",
    "best_without_practice": "Praktik dicocokkan pada kunjungan; sisanya dipantau pada tahun ini.",
    "value_without_practice": "Nilai mengikuti kriteria dokumen; pelaksanaannya dipantau.",
    "condition_short": "Keadaannya sudah jelas dari bukti dukung yang dirujuk.",
    "advice_missing": "Saran disampaikan lisan pada pertemuan penutup dan dicatat di notula.",
    "method_missing": "Diperiksa bersama pengujian butir lain pada area yang sama.",
    "checked_outside": "Kunjungan dijadwalkan ulang atas persetujuan pengendali teknis.",
    "above_unit": "Bukti tambahan menunjukkan keadaan yang lebih baik daripada isian unit.",
    "unit_blank": "Unit belum mengisi; dinilai dari bukti dukung dan wawancara.",
    "reason_left": "Alasan semula tetap dicatat sebagai bahan pembinaan.",
    "evidence_outside": "Dokumen berlaku terus selama periode penilaian.",
    "member_assisted": "Tidak menilai area yang didampinginya; direviu ketua tim.",
    "section_unassigned": "Diperiksa bersama oleh seluruh anggota tim.",
}
"""Why a warning stands, in the words of those who hand on."""

OBJECTIONS = (
    "Laporan pelaksanaannya sudah kami unggah sebelum batas perbaikan, dengan daftar hadir dan "
    "tindak lanjut yang ditandatangani. Mohon nilainya dipertimbangkan kembali.",
    "Kegiatan ini dilaksanakan bersama unit lain sehingga notulanya disimpan di sana. "
    "Salinannya dapat kami serahkan bila diperlukan.",
)
OBJECTION_ANSWER = (
    "Laporan yang dimaksud bertanggal sesudah jendela bukti. Kegiatannya dicatat sebagai bahan "
    "penilaian periode berikutnya; nilai tetap."
)


class Worksheet:
    """A worksheet with the people around it; each method is one step of its life.

    The plans say what shall stand on it, the clock when each step happens.
    """

    def __init__(
        self,
        *,
        unit: Unit,
        period: Period,
        year: Round,
        target: str,
        planner: Planner,
        plans: dict[str, RowPlan],
        library: Library | None,
        everybody: Organisation,
        clock: StoryClock,
        rng: Random,
    ) -> None:
        self.unit, self.period, self.year = unit, period, year
        self.planner, self.plans, self.library = planner, plans, library
        self.everybody, self.clock, self.rng = everybody, clock, rng
        self.catalog: Catalog = catalog_of(period.instrument)
        self.team: tuple[Place, ...] = ()
        self.secretariat = everybody.people["sekretariat"]
        self._at(-70, 9)
        self.assessment: Assessment = worksheets.open_assessment(
            unit=unit, period=period, target=target, by=self.secretariat
        )

    def _at(self, offset: int, hour: int, minute: int | None = None) -> None:
        minute = self.rng.randrange(60) if minute is None else minute
        self.clock.go_to(self.year.day(offset), hour, minute)

    def _who(self, role: Role) -> User:
        return self.everybody.person(self.unit.code, role)

    def _codes(self, sections: Iterable[str]) -> list[str]:
        wanted = set(sections)
        return [code for code in self.plans if self.catalog.section_of[code].code in wanted]

    def _perform(self, name: str, by: User, **given) -> None:
        waivers = REASONS_TO_GO_ON if states.transition(name).gate else {}
        self.assessment = states.perform(
            name, assessment=self.assessment, by=by, waivers=waivers, **given
        )

    # The unit -------------------------------------------------------------------------------

    def fill(self) -> None:
        """Let the unit's people answer their rows; an area's coordinator answers his own."""
        operator = self._who(Role.UNIT_OPERATOR)
        writers: dict[User, list[str]] = {}
        for section in self.catalog.sections:
            role = f"{Role.AREA_COORDINATOR}:{section.code}"
            writer = self.everybody.of_unit.get((self.unit.code, role), operator)
            writers.setdefault(writer, []).append(section.code)
        for number, (writer, sections) in enumerate(writers.items()):
            self._at(-38 + 3 * number, self.rng.choice((8, 10, 13, 15)))
            changes = [
                change
                for code in self._codes(sections)
                if (change := self._own_change(self.plans[code])) is not None
            ]
            if changes:
                answer_services.record_answers(
                    assessment=self.assessment,
                    track=Track.UNIT,
                    changes=changes,
                    by=writer,
                    source=SOURCE,
                )

    @staticmethod
    def _own_change(plan: RowPlan) -> Change | None:
        fields = _value_fields(plan.unit)
        if plan.unit_note:
            fields["condition"] = plan.unit_note
        if plan.awaits:
            fields["awaits_data"] = True
        return Change(plan.code, fields) if fields else None

    def attach(self, share: float = 1.0) -> None:
        """Put the library's evidence beside the answered rows (a share of them)."""
        if self.library is None:
            return
        operator = self._who(Role.UNIT_OPERATOR)
        self._at(-19, 10)
        uses = []
        for code, plan in self.plans.items():
            if plan.unit is None or plan.document == DocumentCheck.ABSENT:
                continue
            if share < 1 and self.rng.random() >= share:
                continue
            weak = plan.document == DocumentCheck.INADEQUATE
            for piece in self.library.beside(code, self.catalog, weak=weak):
                covers = covered(piece.evidence.title, self.catalog.evidence.get(code, ()))
                uses.append(
                    evidence_services.NewUse(code, piece.evidence, piece.page, covers=covers)
                )
        if uses:
            evidence_services.attach_many(assessment=self.assessment, uses=uses, by=operator)

    def finish(self, sections: Iterable[str] | None = None) -> None:
        """Mark sections of the self-assessment as finished; all where None."""
        lead = self._who(Role.ZI_LEAD)
        self._at(-13, 15)
        for section in sections or [section.code for section in self.catalog.sections]:
            answer_services.finish_area(assessment=self.assessment, section=section, by=lead)

    def submit(self) -> None:
        """Let the unit's head submit the self-assessment."""
        self._at(-12, 14)
        self._perform("submit", self._who(Role.UNIT_HEAD))

    def forward(self) -> None:
        """Let Eselon I forward the worksheet."""
        self._at(-11, 10)
        coordinator = self.everybody.person(self.unit.parent.code, Role.ESELON1_COORDINATOR)
        self._perform("forward", coordinator)

    # The team -------------------------------------------------------------------------------

    def assign(self, team: Sequence[Place], assignment: Assignment, assisted: set[str]) -> None:
        """Name the team and its letter of assignment."""
        self.team = tuple(team)
        self._at(-10, 16)
        for place in team:
            team_services.add_member(
                assessment=self.assessment,
                user=place.user,
                rank=place.rank,
                by=self.secretariat,
                areas=place.sections if place.rank == Rank.MEMBER else (),
                assisted=place.user.username in assisted,
            )
        self.assessment = team_services.set_assignment(
            assessment=self.assessment, assignment=assignment, by=self.secretariat
        )

    def start(self) -> None:
        """Let the secretariat start the review."""
        self._at(-9, 9)
        self._perform("start_review", self.secretariat)

    def _place(self, rank: Rank) -> User:
        return next(place.user for place in self.team if place.rank == rank)

    def review(self, *, first_day: int = -8) -> None:
        """Let the members judge every row of theirs that the plan judges."""
        for number, place in enumerate(p for p in self.team if p.rank == Rank.MEMBER):
            self._at(first_day + number, 10)
            plans = [self.plans[code] for code in self._codes(place.sections)]
            plans = [plan for plan in plans if plan.tpi is not None]
            self._accept(plans, place.user)
            self._at(first_day + number, 13)
            self._judge_rows(plans, place.user)
            self._judge_evidence(plans, place.user)

    def _accept(self, plans: Sequence[RowPlan], by: User) -> None:
        """Take over what the unit says wherever the member agrees, with its evidence."""
        same = [plan.code for plan in plans if plan.unit == (plan.first or plan.tpi)]
        if same:
            review_services.accept_rows(assessment=self.assessment, codes=same, by=by)

    def _judge_rows(self, plans: Sequence[RowPlan], by: User) -> None:
        changes = []
        for plan in plans:
            value = plan.first or plan.tpi
            condition, advice = (
                (plan.condition, plan.advice)
                if plan.first is None
                else self.planner.first_words(plan)
            )
            fields = {"condition": condition, "advice": advice}
            if value != plan.unit:
                fields |= {**_value_fields(value), "reason": plan.reason or Reason.INCOMPLETE}
            if plan.implementation:
                fields |= {
                    "implementation_check": plan.implementation,
                    "check_method": plan.method,
                    "check_place": self._seen_at(plan),
                    "checked_on": self.clock.today,
                }
            changes.append(Change(plan.code, {k: v for k, v in fields.items() if v}))
        self._record_tpi(changes, by)

    def _seen_at(self, plan: RowPlan) -> str:
        facts = self.everybody.facts[self.unit.code]
        places = {
            "interview": f"Petugas layanan, {facts.place}",
            "observation": f"{facts.spot.capitalize()}, {facts.place}",
            "sampling": f"Arsip unit, {facts.place}",
            "system": "Aplikasi unit dan instansi",
        }
        return places.get(plan.method, facts.place)

    def _record_tpi(self, changes: Sequence[Change], by: User) -> None:
        if changes:
            answer_services.record_answers(
                assessment=self.assessment,
                track=Track.TPI,
                changes=changes,
                by=by,
                source=SOURCE,
            )

    def _judge_evidence(self, plans: Sequence[RowPlan], by: User) -> None:
        """Judge what accepting did not: evidence of other values, and what is not adequate."""
        by_code = {plan.code: plan for plan in plans}
        weak = {piece.evidence.pk for piece in self.library.kept if piece.weak}
        uses = EvidenceUse.objects.filter(
            assessment=self.assessment,
            indicator__in=[self.catalog.ids[code] for code in by_code],
        ).select_related("evidence")
        rows: dict[str, list[EvidenceUse]] = {}
        for use in uses:
            rows.setdefault(self.catalog.codes[use.indicator_id], []).append(use)
        judged = []
        for code, beside in rows.items():
            plan = by_code[code]
            bad = None
            if plan.document == DocumentCheck.INADEQUATE:
                bad = next((use for use in beside if use.evidence_id in weak), beside[0])
            for use in beside:
                verdict = "inadequate" if use is bad else "adequate"
                if use.verdict != verdict:
                    reason = self._fault(plan, bad, use)
                    judged.append(evidence_services.Judgement(use.pk, verdict, reason))
        if judged:
            evidence_services.judge_many(assessment=self.assessment, judgements=judged, by=by)

    @staticmethod
    def _fault(plan: RowPlan, bad: EvidenceUse | None, use: EvidenceUse) -> str:
        if use is not bad:
            return ""
        if use.evidence.title.startswith("Catatan"):
            return Reason.WRONG_PERIOD
        if use.evidence.title.startswith("Laporan UPG"):
            return Reason.PLAN_ONLY
        return plan.reason or Reason.INCOMPLETE

    # Returns --------------------------------------------------------------------------------

    def give_back(self, *, day: int, due: datetime) -> None:
        """Return the planned rows to the unit."""
        self._at(day, 16)
        rows = [
            ReturnedRow(plan.code, plan.returned, plan.return_note)
            for plan in self.plans.values()
            if plan.returned
        ]
        self._perform(
            "return_rows",
            self._place(Rank.MEMBER),
            reason="Beberapa butir perlu dilengkapi sebelum dinilai.",
            rows=rows,
            due=due,
        )

    def repair(self, codes: Sequence[str], *, day: int) -> None:
        """Let the operator answer returned rows in new words."""
        self._at(day, 11)
        changes = [
            Change(code, {"condition": f"{self._note(code)} Bukti tambahan kami susulkan."})
            for code in codes
        ]
        answer_services.record_answers(
            assessment=self.assessment,
            track=Track.UNIT,
            changes=changes,
            by=self._who(Role.UNIT_OPERATOR),
            source=SOURCE,
        )

    def _note(self, code: str) -> str:
        return self.plans[code].unit_note or self.planner.wording.unit_note(
            code, self.plans[code].unit
        )

    def end_repair(self, *, day: int) -> None:
        """Let the unit's head end the repair."""
        self._at(day, 15)
        self._perform("finish_repair", self._who(Role.UNIT_HEAD))

    def confirm_returned(self, *, day: int) -> None:
        """Let the members settle the rows that came back."""
        for place in self.team:
            if place.rank != Rank.MEMBER:
                continue
            codes = [code for code in self._codes(place.sections) if self.plans[code].returned]
            if codes:
                self._at(day, 10)
                review_services.confirm_rows(assessment=self.assessment, codes=codes, by=place.user)

    def converse(self) -> None:
        """Let unit and team talk beside rows, as the data tell it."""
        names = {
            "operator": self._who(Role.UNIT_OPERATOR).username,
            "member": [p.user for p in self.team if p.rank == Rank.MEMBER][-1].username,
            "lead": self._place(Rank.LEAD).username,
        }
        said: list[Comment] = []
        for number, entry in enumerate(source.read("talk")):
            self._at(entry["day"], 16, 5 * number)
            role = entry["by"]
            by = self._place(Rank(role)) if role in Rank.values else self._who(Role(role))
            text = entry["text"]
            for name, account in names.items():
                text = text.replace(f"{{{name}}}", account)
            said.append(
                comment_services.add_comment(
                    assessment=self.assessment,
                    code=entry["code"],
                    text=text,
                    by=by,
                    internal=entry.get("internal", False),
                    answers=said[entry["answers"] - 1] if "answers" in entry else None,
                )
            )
            if entry.get("resolved"):
                comment_services.set_resolved(
                    comment=said[-1], by=self._place(Rank.MEMBER), resolved=True
                )

    # The ranks ------------------------------------------------------------------------------

    def hand_over(self, *, day: int) -> None:
        """Let the rank that holds the worksheet pass it on; each its own."""
        ranks = {
            "member_review": Rank.MEMBER,
            "lead_review": Rank.LEAD,
            "supervisor_review": Rank.SUPERVISOR,
        }
        self._at(day, 15)
        self._perform("hand_over", self._place(ranks[self.assessment.state]))

    def lead_changes(self, *, day: int) -> None:
        """Let the lead lower the rows that he sees differently, with his own condition."""
        changes = [
            Change(
                plan.code,
                {
                    **_value_fields(plan.tpi),
                    "condition": plan.condition,
                    "advice": plan.advice,
                    "reason": (plan.reason or Reason.INCOMPLETE) if plan.tpi != plan.unit else "",
                },
            )
            for plan in self.plans.values()
            if plan.first is not None
        ]
        if changes:
            self._at(day, 10)
            self._record_tpi(changes, self._place(Rank.LEAD))

    def finalize(self, *, day: int) -> None:
        """Let the quality controller close the worksheet."""
        self._at(day, 11)
        self._perform("finalize", self._place(Rank.QUALITY))

    def object(self, *, day: int) -> None:
        """Let the unit's head object to two rows, and the lead answer the first."""
        codes = [
            plan.code
            for plan in self.plans.values()
            if plan.tpi != plan.unit and isinstance(plan.tpi, str)
        ][: len(OBJECTIONS)]
        filed = []
        for number, (code, text) in enumerate(zip(codes, OBJECTIONS, strict=True)):
            self._at(day, 14, 20 * number)
            filed.append(
                objection_services.file_objection(
                    assessment=self.assessment, code=code, text=text, by=self._who(Role.UNIT_HEAD)
                )
            )
        self._at(day, 16, 0)
        objection_services.answer_objection(
            objection=filed[0],
            verdict="rejected",
            text=OBJECTION_ANSWER,
            by=self._place(Rank.LEAD),
        )

    def renew(self, reason: str, correction: Mapping[str, str], *, day: int) -> None:
        """Open the next version, correct it, and bring it to its end again."""
        self._at(day, 9)
        self._perform("new_version", self.secretariat, reason=reason)
        code, value = next(iter(correction.items()))
        answer = {self.catalog.engine.indicators[code].inputs[0].name: value}
        place = next(place for place in self.team if "B" in place.sections)
        condition = self.planner.wording.condition(code, answer)
        fields = {"inputs": answer, "condition": condition, "reason": Reason.WRONG_PERIOD}
        self._record_tpi([Change(code, fields)], place.user)
        for _rank in range(3):
            self.hand_over(day=day)
        self.finalize(day=day)

    def national(self, changed: Mapping[str, str]) -> None:
        """Record the national result: the TPI's values but for a few rows."""
        self.clock.go_to(self.year.day(160), 10)
        changes = []
        for code, plan in self.plans.items():
            answer = changed.get(code, plan.tpi)
            changes.append(Change(code, _value_fields(answer)))
        answer_services.record_answers(
            assessment=self.assessment,
            track=Track.TPN,
            changes=changes,
            by=self.secretariat,
            source=SOURCE,
        )


def _value_fields(answer) -> dict:
    if answer is None:
        return {}
    return {"choice": answer} if isinstance(answer, str) else {"inputs": answer}


def end_of_day(day) -> datetime:
    """Return 24:00 WIB of a day."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time(0, 0)))
