"""The door of the demo: everything is built here, in one transaction, through the services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments.catalog import catalog_of
from assessments.demo import further, source
from assessments.demo.advice import tell_advice
from assessments.demo.clock import StoryClock
from assessments.demo.control import tell_control
from assessments.demo.efforts import tell_efforts
from assessments.demo.journey import JourneyTeller
from assessments.demo.library import Library, keep_library
from assessments.demo.organisation import Builder
from assessments.demo.plans import tell_plans
from assessments.demo.plenary import tell_plenary
from assessments.demo.shares import share_with_national_team
from assessments.demo.sheets import Planner, RowPlan
from assessments.demo.story import ROMAN, Round, Story
from assessments.demo.surveys import tell_surveys
from assessments.demo.windows import extend_drafts, open_windows
from assessments.demo.worksheet import Worksheet, end_of_day
from assessments.models import Assessment, Assignment, Instrument, Period, Predicate, State
from assessments.services import closing, instruments, periods, teams
from surveys.models import Survey
from units.access import Role
from units.models import Unit
from zona.models import Notification

IN_FORCE, OLD = "lke-zi-2021", "lke-zi-2014"
FULL_LIBRARIES = frozenset({"PPTL", "PPSK", "PPLA", "BMS", "BUDK", "SPSB", "BRPA", "BPKS"})
ASSISTED = {"PPTL": {"ketuatim", "sekar.ayuningtyas"}}
REPAIRED = frozenset({"PPSK", "BRAW", "PBOK"})
FIRST_LETTER, LATER_LETTER = 41, 46
UNREAD = timedelta(days=4)
NOT_YET_LED = (State.SUBMITTED, State.FORWARDED, State.MEMBER_REVIEW)
SPSB_RETURNED, SPSB_REPAIRED = 6, 4


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was built; ``created`` is False where the database had units before."""

    created: bool
    counts: dict[str, int] = field(default_factory=dict)


def seed_demo(seed: int = 1, report: Callable[[str], object] = lambda line: None) -> Seeded:
    """Build the demo on an empty database; on any other change nothing.

    seed: the same seed and day give the same ministry. report: told of each part when it is done.
    All or nothing: one transaction holds it.
    """
    if Unit.objects.exists():
        return Seeded(created=False)
    story = Story(timezone.localdate())
    with transaction.atomic():
        instruments.load_shipped()
        with StoryClock() as clock:
            clock.go_to(date(story.year - 3, 1, 2), 8)
            builder = Builder(story, seed)
            everybody = builder.build()
            builder.pledge(clock, early=True)
            report(f"{len(everybody.units)} unit, {len(everybody.people)} orang")
            teller = Teller(story, seed, builder, clock)
            for part in (teller.old, teller.previous, teller.running, teller.training):
                part()
                report(f"{Assessment.objects.count()} lembar kerja")
            tell_advice(story, everybody, clock, edition=IN_FORCE)
            tell_plans(story, everybody, clock)
            tell_surveys(story, seed, everybody, clock)
            report(f"{Survey.objects.count()} survei")
            for tell in further.tellers():
                report(tell(story, seed, everybody, clock))
            teller.close_oldest()
            _read_old_notices()
    return Seeded(
        created=True,
        counts={
            "units": len(everybody.units),
            "people": len(everybody.people),
            "assessments": Assessment.objects.count(),
        },
    )


def _read_old_notices() -> None:
    """Let everybody have read what he was told more than a few days ago."""
    moment = timezone.now()
    Notification.objects.filter(created_at__lt=moment - UNREAD).update(read_at=moment)


class Teller:
    """Tells the rounds one after the other, from the oldest to today's."""

    def __init__(self, story: Story, seed: int, builder: Builder, clock: StoryClock) -> None:
        self.story, self.seed, self.clock = story, seed, clock
        self.builder, self.everybody = builder, builder.made
        self.journeys = JourneyTeller(self.everybody, clock)
        self.figures = source.read("figures")
        self.letters: dict[int, int] = {}

    # Rounds ---------------------------------------------------------------------------------

    def old(self) -> None:
        """Tell the round of two years ago, with the older edition."""
        year = self.story.past(2)
        period = self._period(f"Evaluasi ZI {year.year}", year, OLD)
        letter = self._letter(year)
        for code, spec in self.figures["old"].items():
            self._finished(code, spec, period, year, letter)
        self._close(period, year)

    def close_oldest(self) -> None:
        """Close the oldest round for good: it is frozen, and its archive made by a job."""
        period = Period.objects.order_by("year", "pk").first()
        self.clock.go_to(self.story.past(1).day(60), 10)
        closing.close_period(
            period=period,
            by=self.everybody.people["sekretariat"],
            accepted_open=closing.standing_of(period).open_count,
        )

    def previous(self) -> None:
        """Tell last year's round."""
        year = self.story.past(1)
        period = self._period(f"Evaluasi ZI {year.year}", year, IN_FORCE)
        letter = self._letter(year)
        for code, spec in self.figures["previous"].items():
            sheet = self._finished(code, spec, period, year, letter)
            if spec.get("national"):
                sheet.national(spec["national"])
        self._close(period, year)
        self.journeys.previous(period, year)

    def running(self) -> None:
        """Tell the round that is under way: a worksheet in every state."""
        year = self.story.running()
        self.builder.pledge(self.clock, early=False)
        period = self._period(
            f"Evaluasi ZI {year.year}",
            year,
            IN_FORCE,
            evidence_to=year.day(2),
            self_assessment_due=year.day(-12),
            evaluation_due=year.day(16),
            proposal_due=year.day(33),
            quota=3,
            needs_forwarding=True,
        )
        secretariat = self.everybody.people["sekretariat"]
        open_windows(period=period, year=year, clock=self.clock, by=secretariat)
        drafts = [c for c, spec in self.figures["current"].items() if spec["state"] == State.DRAFT]
        units = [self.everybody.units[code] for code in drafts]
        extend_drafts(period=period, units=units, year=year, clock=self.clock, by=secretariat)
        period.refresh_from_db()
        own, shared = self._letter(year), self._letter(year)
        later = self._letter(year, dated=0, starts=5, ends=9, number=LATER_LETTER)
        steps = {
            State.DRAFT: self._draft,
            State.SUBMITTED: self._submitted,
            State.FORWARDED: self._forwarded,
        }
        for code, spec in self.figures["current"].items():
            letter = {"PPTL": own, "BRPA": later}.get(code, shared)
            step = steps.get(spec["state"], self._reviewed)
            step(code, spec, period, year, letter)
        tell_efforts(period=period, year=year, everybody=self.everybody, clock=self.clock)
        self.journeys.running(period, year)
        tell_plenary(period=period, year=year, clock=self.clock, people=self.everybody.people)
        tell_control(
            period=period, year=year, clock=self.clock, by=self.everybody.people["sekretariat"]
        )

    def training(self) -> None:
        """Tell the practice round with the older edition, still open."""
        year = Round(self.story.year - 2, self.story.today)
        period = self._period(f"Latihan LKE ZI 2014, {year.year}", year, OLD)
        letter = self._letter(self.story.running())
        for code, spec in self.figures["training"].items():
            step = self._draft if spec["state"] == State.DRAFT else self._reviewed
            step(code, spec, period, year, letter)

    # Frames ---------------------------------------------------------------------------------

    def _period(self, name: str, year: Round, edition: str, **fields) -> Period:
        self.clock.go_to(year.day(-80), 9)
        return periods.create_period(
            by=self.everybody.people["sekretariat"],
            year=year.year,
            name=name,
            instrument=Instrument.objects.get(code=edition, version=1),
            evidence_from=date(year.year - 1, 1, 1),
            **{"evidence_to": date(year.year, 4, 30), **fields},
        )

    def _close(self, period: Period, year: Round) -> None:
        self.clock.go_to(year.day(30), 9)
        periods.update_period(period=period, by=self.everybody.people["sekretariat"], is_open=False)

    def _letter(
        self,
        year: Round,
        *,
        dated: int = -13,
        starts: int = -9,
        ends: int = 16,
        number: int | None = None,
    ) -> Assignment:
        """Write a letter of assignment; its days count from the round's base."""
        day = year.day(dated)
        head = self.everybody.people["irjen"]
        number = number or self.letters.get(year.year, FIRST_LETTER)
        self.letters[year.year] = number + 1
        self.clock.go_to(day, 8)
        return teams.create_assignment(
            by=self.everybody.people["sekretariat"],
            number=f"ST-{number:03d}/ITJEN/{ROMAN[day.month - 1]}/{day.year}",
            dated_on=day,
            basis=f"Program Kerja Pengawasan Tahunan {year.year}",
            starts_on=year.day(starts),
            ends_on=year.day(ends),
            signer_name=head.name,
            signer_position=head.position,
        )

    # Worksheets -----------------------------------------------------------------------------

    def _sheet(self, code: str, spec: Mapping[str, Any], period: Period, year: Round) -> Worksheet:
        unit = self.everybody.units[code]
        facts = self.everybody.facts[code]
        rng = Random(f"{self.seed}:{period.name}:{code}")
        catalog = catalog_of(period.instrument)
        planner = Planner(catalog.engine, facts, year, rng, catalog.evidence)
        plans = self._plans(planner, code, spec)
        return Worksheet(
            unit=unit,
            period=period,
            year=year,
            target=spec.get("target", Predicate.WBK),
            planner=planner,
            plans=plans,
            library=self._library(code, period, year, rng, plans),
            everybody=self.everybody,
            clock=self.clock,
            rng=rng,
        )

    def _plans(self, planner: Planner, code: str, spec: Mapping[str, Any]) -> dict[str, RowPlan]:
        if "rows" in spec:
            return planner.told(spec["rows"])
        if spec.get("state") == State.DRAFT:
            return planner.claimed(spec)
        plans = planner.judged(spec)
        if "judged" in spec:
            return planner.begun(plans, spec["judged"])
        if spec.get("state") == State.REPAIR:
            return planner.returned(plans, SPSB_RETURNED)
        if code in REPAIRED:
            plans = planner.returned(plans, 3)
        led = spec.get("state", State.FINAL) not in (State.LEAD_REVIEW, *NOT_YET_LED)
        return planner.changed_by_lead(plans, 2) if led else plans

    def _library(
        self, code: str, period: Period, year: Round, rng: Random, plans: Mapping[str, RowPlan]
    ) -> Library | None:
        if all(plan.unit is None for plan in plans.values()):
            return None
        self.clock.go_to(year.day(-45), 9)
        in_force = period.instrument.code == IN_FORCE
        return keep_library(
            unit=self.everybody.units[code],
            facts=self.everybody.facts[code],
            year=year,
            rng=rng,
            full=in_force and code in FULL_LIBRARIES,
            by=self.everybody.person(code, Role.UNIT_OPERATOR),
        )

    def _draft(self, code, spec, period, year, _letter) -> Worksheet:
        sheet = self._sheet(code, spec, period, year)
        sheet.fill()
        sheet.attach(share=0.6)
        if "finished" in spec:
            sheet.finish(spec["finished"])
        return sheet

    def _submitted(self, code, spec, period, year, _letter) -> Worksheet:
        sheet = self._sheet(code, spec, period, year)
        sheet.fill()
        sheet.attach()
        sheet.finish()
        sheet.submit()
        return sheet

    def _forwarded(self, code, spec, period, year, letter) -> Worksheet:
        sheet = self._submitted(code, spec, period, year, letter)
        sheet.forward()
        sheet.assign(self.everybody.teams[spec["team"]], letter, ASSISTED.get(code, set()))
        return sheet

    def _reviewed(self, code, spec, period, year, letter) -> Worksheet:
        sheet = self._submitted(code, spec, period, year, letter)
        if period.needs_forwarding:
            sheet.forward()
        sheet.assign(self.everybody.teams[spec["team"]], letter, ASSISTED.get(code, set()))
        sheet.start()
        sheet.review()
        self._bring_to(sheet, spec.get("state", State.FINAL), spec)
        return sheet

    def _finished(self, code, spec, period, year, letter) -> Worksheet:
        return self._reviewed(code, spec, period, year, letter)

    def _bring_to(self, sheet: Worksheet, state: str, spec: Mapping[str, Any]) -> None:
        """Lead a reviewed worksheet on to the state in which the story leaves it."""
        returned = [plan.code for plan in sheet.plans.values() if plan.returned]
        if state == State.REPAIR:
            sheet.give_back(day=-5, due=end_of_day(sheet.year.day(9)))
            sheet.repair(returned[:SPSB_REPAIRED], day=-2)
            return
        if returned:
            sheet.give_back(day=-6, due=end_of_day(sheet.year.day(-2)))
            told = "rows" in spec and state == State.MEMBER_REVIEW
            sheet.repair(returned[:1] if told else returned, day=-4)
            sheet.end_repair(day=-3)
            if told:
                sheet.converse()
                return
            sheet.confirm_returned(day=-3)
        order = (State.LEAD_REVIEW, State.SUPERVISOR_REVIEW, State.QUALITY_REVIEW, State.FINAL)
        if state not in order:
            return
        sheet.hand_over(day=-3)
        if state == State.LEAD_REVIEW:
            return
        sheet.lead_changes(day=-3)
        sheet.hand_over(day=-2)
        if state == State.SUPERVISOR_REVIEW:
            return
        sheet.hand_over(day=-2)
        if state == State.QUALITY_REVIEW:
            return
        sheet.finalize(day=-1)
        if spec.get("objections"):
            sheet.object(day=-1)
        if "newer" in spec:
            sheet.renew(spec["newer"]["reason"], spec["newer"]["correction"], day=-1)
        elif sheet.library is not None:
            share_with_national_team(
                assessment=sheet.assessment,
                year=sheet.year,
                clock=sheet.clock,
                by=sheet.secretariat,
            )
