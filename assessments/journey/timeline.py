"""The stages of a unit's year as a line: done, now or next, with dates, papers and the holder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.journey import rules
from assessments.journey.rules import Phase
from assessments.models import Assessment, Candidacy, NationalStage, PredicateAward, State
from units.models import Pledge

DONE, NOW, NEXT = "is-done", "is-now", "is-next"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: done, now or next; when, and one line about it."""

    name: str
    place: str
    when: date | datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """The stages in order, and who holds the next step."""

    stages: tuple[Stage, ...]
    holder: str
    due: date | datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a timeline is drawn from; nothing is read here.

    self_note and tpi_note: a line beside the two assessments that the reader may see.
    """

    candidacy: Candidacy
    pledge: Pledge | None
    sheet: Assessment | None
    award: PredicateAward | None = None
    results: Mapping[str, bool] = field(default_factory=dict)
    proposed_on: date | None = None
    self_note: str = ""
    tpi_note: str = ""

    @property
    def phase(self) -> Phase:
        """Return where the unit stands."""
        return Phase(self.candidacy.phase)

    @property
    def is_final(self) -> bool:
        """Tell whether the TPI has finished."""
        return self.sheet is not None and self.sheet.is_final


UP = frozenset({Phase.PROPOSED, Phase.NATIONAL, Phase.AWARDED, Phase.REVOKED})


def journey_of(facts: Facts) -> Journey:
    """Return the line of stages and who holds the next step until when."""
    stages = [_declared(facts), _building(facts), _designated(facts), *_assessed(facts)]
    stages += [_proposed(facts), _national(facts), _awarded(facts), _monitored(facts)]
    holder, due = holder_of(facts)
    return Journey(tuple(stages), holder, due)


def _declared(facts: Facts) -> Stage:
    pledge = facts.pledge
    name = _("Pencanangan")
    if pledge is None:
        return Stage(name, NEXT, note=_("belum tercatat"))
    staff = facts.candidacy.unit.staff_count
    signed = _("{n} dari {all} pakta").format(n=pledge.signed_count, all=staff)
    return Stage(name, DONE if pledge.is_complete else NOW, pledge.declared_on, signed)


def _building(facts: Facts) -> Stage:
    name = _("Pembangunan")
    since = facts.pledge.declared_on if facts.pledge is not None else None
    if facts.phase == Phase.PREPARING:
        return Stage(name, NEXT, note=_("menunggu pencanangan lengkap") if since else "")
    if facts.phase == Phase.COACHED:
        return Stage(name, NOW, facts.candidacy.phase_changed_at, _("pembinaan"))
    is_over = facts.phase != Phase.BUILDING or facts.is_final
    year = _("tahun ke-{n}").format(n=facts.candidacy.period.year - since.year + 1) if since else ""
    return Stage(name, DONE if is_over else NOW, since, year)


def _designated(facts: Facts) -> Stage:
    candidacy = facts.candidacy
    name = _("Penetapan calon")
    if candidacy.designated_on:
        return Stage(name, DONE, candidacy.designated_on, candidacy.decree_number)
    return Stage(name, NEXT, note=_("belum ditetapkan Eselon I"))


def _assessed(facts: Facts) -> list[Stage]:
    sheet = facts.sheet
    if sheet is None:
        return [
            Stage(_("Penilaian mandiri"), NEXT, note=_("LKE belum dibuka")),
            Stage(_("Evaluasi TPI"), NEXT),
        ]
    sent = sheet.state != State.DRAFT
    note = _("tanpa penilaian mandiri") if sheet.without_self else facts.self_note
    stages = [Stage(_("Penilaian mandiri"), DONE if sent else NOW, sheet.submitted_at, note)]
    if sheet.period.needs_forwarding:
        waiting = sheet.state == State.SUBMITTED
        place = NOW if waiting else DONE if sent else NEXT
        stages.append(Stage(_("Penerusan Eselon I"), place))
    begun = sheet.is_in_review or sheet.state in (State.REPAIR, State.FORWARDED)
    begun = begun or (sheet.state == State.SUBMITTED and not sheet.period.needs_forwarding)
    place = DONE if sheet.is_final else NOW if begun else NEXT
    stages.append(Stage(_("Evaluasi TPI"), place, sheet.finalized_at, facts.tpi_note))
    return stages


def _proposed(facts: Facts) -> Stage:
    name = _("Usulan")
    if facts.phase in UP and facts.proposed_on:
        return Stage(name, DONE, facts.proposed_on)
    if facts.phase == Phase.COACHED:
        passed_by = facts.proposed_on
        return Stage(name, DONE if passed_by else NEXT, passed_by, "" if passed_by else "–")
    if facts.phase in (Phase.AWARDED, Phase.REVOKED):
        return Stage(name, DONE, note=_("predikat kementerian"))
    if facts.phase == Phase.PROPOSED:
        return Stage(name, NOW, note=_("surat disiapkan"))
    return Stage(name, NOW if facts.is_final else NEXT)


def _national(facts: Facts) -> Stage:
    name = _("Evaluasi TPN")
    results = facts.results
    if not results:
        went_up = facts.phase == Phase.PROPOSED and facts.proposed_on
        return Stage(name, NOW if went_up else NEXT)
    if rules.has_failed(results):
        return Stage(name, DONE, note=_("tidak lolos"))
    if rules.is_through(results):
        return Stage(name, DONE, note=_("lolos panel"))
    last = [stage for stage in rules.NATIONAL_STAGES if stage in results][-1]
    words = _("lolos {stage}") if results[last] else _("{stage} tidak lolos")
    return Stage(name, NOW, note=words.format(stage=NationalStage(last).label.lower()))


def _awarded(facts: Facts) -> Stage:
    award = facts.award
    name = _("Penetapan")
    if award is None:
        is_next = facts.phase == Phase.NATIONAL and rules.is_through(facts.results)
        return Stage(name, NOW if is_next else NEXT)
    note = f"{award.predicate} {award.get_track_display().lower()}"
    return Stage(name, DONE, award.decided_on, note)


def _monitored(facts: Facts) -> Stage:
    award = facts.award
    name = _("Pemantauan")
    if award is None:
        return Stage(name, NEXT)
    if award.revoked_on:
        return Stage(name, DONE, award.revoked_on, _("predikat dicabut"))
    due = date_format(award.next_monitoring_on, "j M Y")
    return Stage(name, NOW, note=_("berikutnya {day}").format(day=due))


def holder_of(facts: Facts) -> tuple[str, date | datetime | None]:
    """Return who holds the next step and until when."""
    phase, period = facts.phase, facts.candidacy.period
    secretariat = _("Sekretariat TPI")
    if phase == Phase.PREPARING and facts.sheet is None:
        return _("Ketua Tim ZI"), None
    if phase == Phase.PROPOSED and facts.proposed_on is None:
        return secretariat, period.proposal_due
    if phase in (Phase.PROPOSED, Phase.NATIONAL):
        return _("TPN"), None
    if phase == Phase.AWARDED and facts.award is not None:
        return secretariat, facts.award.next_monitoring_on
    if phase in (Phase.COACHED, Phase.REVOKED):
        return _("Ketua Tim ZI"), None
    if facts.sheet is None:
        return secretariat, None
    if facts.is_final:
        if facts.candidacy.designated_on is None:
            return _("Koordinator Eselon I"), period.proposal_due
        return secretariat, period.proposal_due
    return _sheet_holder(facts.sheet)


def _sheet_holder(sheet: Assessment) -> tuple[str, date | datetime | None]:
    period = sheet.period
    if sheet.state == State.DRAFT:
        who = _("Ketua Tim ZI") if period.lead_may_submit else _("Kepala unit")
        return who, period.self_assessment_due
    if sheet.state == State.SUBMITTED and period.needs_forwarding:
        return _("Koordinator Eselon I"), period.self_assessment_due
    if sheet.state == State.REPAIR:
        return _("Unit"), sheet.repair_due
    holders = {
        State.MEMBER_REVIEW: _("Anggota tim"),
        State.LEAD_REVIEW: _("Ketua tim"),
        State.SUPERVISOR_REVIEW: _("Pengendali teknis"),
        State.QUALITY_REVIEW: _("Pengendali mutu"),
    }
    return holders.get(sheet.state, _("Sekretariat TPI")), period.evaluation_due
