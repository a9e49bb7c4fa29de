"""The demo's journeys: units that stand at different places between declaration and predicate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from assessments.demo import files, source
from assessments.demo.clock import StoryClock
from assessments.demo.organisation import Organisation
from assessments.demo.story import ROMAN, Round, long_date
from assessments.journey import rules, services
from assessments.journey.eligibility import checklist, listed_rules
from assessments.journey.rules import Act
from assessments.models import Period, Verdict
from units.access import Role
from units.models import Unit

STAGE_DAYS = {"administration": 40, "desk": 75, "survey": 100, "field": 130, "panel": 170}
AWARDED_AFTER = 200


class JourneyTeller:
    """Tells what happened to the units of a round besides their worksheets."""

    def __init__(self, everybody: Organisation, clock: StoryClock) -> None:
        self.everybody, self.clock = everybody, clock
        self.data = source.read("journey")
        self.secretariat = everybody.people["sekretariat"]
        self.head = everybody.people["irjen"]

    def previous(self, period: Period, year: Round) -> None:
        """Tell last year's letter: four units passed the panel, one stopped on the way."""
        told = self.data["previous"]
        units = [self.everybody.units[code] for code in (*told["passed"], *told["stopped"])]
        self.clock.go_to(year.day(2), 9)
        self._house(period)
        for unit in units:
            self._designate(unit, period, year.day(2))
            self._judge(unit, period)
        self._letter(period, units, year.day(10))
        for stage, days in STAGE_DAYS.items():
            for unit in units:
                last = told["stopped"].get(unit.code)
                if last and days > STAGE_DAYS[last]:
                    continue
                self._stage(unit, period, stage, year.day(days), passed=stage != last)
        for unit in units:
            day = year.day(AWARDED_AFTER)
            if unit.code in told["stopped"]:
                self._step(Act.FAIL, unit, period, day, reason="Belum lolos desk evaluasi TPN")
            else:
                number = f"KEP-{310 + unit.pk}/M.RB.06/{day.year}"
                self._step(Act.AWARD_NATIONAL, unit, period, day, number=number, on=day)

    def running(self, period: Period, year: Round) -> None:
        """Tell this year's: candidates, conditions judged or not, one exception, one letter."""
        told = self.data["current"]
        self.clock.go_to(year.day(-40), 9)
        self._house(period)
        for code in told["designated"]:
            self._designate(self.everybody.units[code], period, year.day(-38))
        self.clock.go_to(year.day(-20), 9)
        for code, which in told["told"].items():
            self._write(self.everybody.units[code], period, which)
        self.clock.go_to(year.day(0), 7)
        for code in told["judged"]:
            self._judge(self.everybody.units[code], period, told["failed"].get(code, {}))
        for code, reasons in told["excepted"].items():
            for which, reason in reasons.items():
                services.grant_exception(
                    unit=self.everybody.units[code],
                    period=period,
                    scope=rules.UNIT_SCOPE,
                    code=which,
                    by=self.head,
                    basis="pertimbangan_tpn",
                    reason=reason,
                    proof=f"Nota dinas {year.year}/ITJEN/ND-118",
                )
        proposed = [self.everybody.units[code] for code in told["proposed"]]
        self._letter(period, proposed, year.day(0))
        for code, reason in told["coached"].items():
            self._step(Act.COACH, self.everybody.units[code], period, year.day(0), reason=reason)

    def _house(self, period: Period) -> None:
        """Judge the ministry's own conditions, once for all units."""
        for scope, code, _label, _required in listed_rules(period):
            if scope != rules.HOUSE_SCOPE:
                continue
            told = self.data["house"][code]
            self._verdict(None, period, scope, code, told)

    def _judge(self, unit: Unit, period: Period, failed: Mapping[str, Any] | None = None) -> None:
        target = services.sheet_of(unit, period).target
        for item in checklist(unit, period, target).of_unit:
            code = item.condition.code
            told = dict(self.data["unit"][code])
            if failed and code in failed:
                told |= {"verdict": Verdict.FAILED, **failed[code]}
            self._verdict(unit, period, item.condition.scope, code, told)

    def _verdict(self, unit, period: Period, scope: str, code: str, told: Mapping) -> None:
        services.write_check(
            unit=unit,
            period=period,
            scope=scope,
            code=code,
            by=self.secretariat,
            version=0,
            value=str(told.get("value", "")),
            proof=told.get("proof", ""),
            verdict=told.get("verdict", Verdict.PASSED),
            note=told.get("note", ""),
        )

    def _write(self, unit: Unit, period: Period, codes: Iterable[str]) -> None:
        """Let the unit fill in some conditions that nobody has judged yet."""
        for code in codes:
            told = self.data["unit"][code]
            services.write_check(
                unit=unit,
                period=period,
                scope=rules.UNIT_SCOPE,
                code=code,
                by=self.everybody.person(unit.code, Role.ZI_LEAD),
                version=0,
                value=told["value"],
                proof=told["proof"],
            )

    def _designate(self, unit: Unit, period: Period, day: date) -> None:
        self.clock.go_to(day, 10)
        parent = unit.parent
        number = f"KEP-{20 + unit.pk}/{parent.code}/{ROMAN[day.month - 1]}/{day.year}"
        services.perform(
            Act.DESIGNATE,
            unit=unit,
            period=period,
            by=self.everybody.person(parent.code, Role.ESELON1_COORDINATOR),
            given={"number": number, "on": day, "signer": f"Pimpinan {parent.name}"},
            document=self._paper("Keputusan penetapan calon", parent.name, unit, number, day),
        )

    def _paper(self, title: str, house: str, unit: Unit, number: str, day: date):
        content = files.pdf(
            title, [house, f"Nomor {number}", long_date(day)], [f"Menetapkan {unit.name}."]
        )
        return SimpleUploadedFile(f"{title} {day.year}.pdf", content, "application/pdf")

    def _letter(self, period: Period, units: list[Unit], day: date) -> None:
        self.clock.go_to(day, 8)
        month = ROMAN[day.month - 1]
        services.propose(
            period=period,
            units=units,
            by=self.secretariat,
            number=f"B-214/ITJEN/{month}/{day.year}",
            dated_on=day,
            signer_name=self.head.name,
            signer_position=self.head.position,
            sptjm_number=f"SPTJM-07/ITJEN/{month}/{day.year}",
            sptjm_on=day,
        )

    def _stage(self, unit: Unit, period: Period, stage: str, day: date, *, passed: bool) -> None:
        self._step(Act.RECORD_STAGE, unit, period, day, stage=stage, result=passed, on=day, note="")

    def _step(self, act: Act, unit: Unit, period: Period, day: date, **given: Any) -> None:
        self.clock.go_to(day, 11)
        document = None
        if rules.RULES[act].needs_document:
            house = "Kementerian PANRB"
            document = self._paper("Keputusan predikat", house, unit, given["number"], day)
        services.perform(
            act, unit=unit, period=period, by=self.secretariat, given=given, document=document
        )
