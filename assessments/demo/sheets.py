"""What shall stand on a worksheet: both tracks, the checks and the words, row by row.

A plan is plain data; ``worksheet`` carries it out through the services.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from assessments import scoring
from assessments.demo import source
from assessments.demo.facts import Facts
from assessments.demo.solver import Answer, candidates, higher, lower, solve, value_of
from assessments.demo.story import Round, long_date
from assessments.demo.wording import Wording
from assessments.models import DocumentCheck, ImplementationCheck, Reason
from assessments.models.worksheets import CheckMethod

RESULTS = "B"
# Why the TPI differs from the unit, by what its documents are.
REASONS = {
    DocumentCheck.ADEQUATE: (Reason.OFF_QUESTION, Reason.INCOMPLETE),
    DocumentCheck.INADEQUATE: (
        Reason.INCOMPLETE,
        Reason.PLAN_ONLY,
        Reason.WRONG_PERIOD,
        Reason.UNSIGNED,
        Reason.PHOTO_ONLY,
    ),
    DocumentCheck.ABSENT: (Reason.INCOMPLETE,),
}
RETURN_NOTES = {
    Reason.INCOMPLETE: "Lengkapi dokumen dan unggah kembali sebelum tenggat.",
    Reason.PLAN_ONLY: "Yang diunggah baru rencana. Unggah hasil pelaksanaannya.",
    Reason.OFF_QUESTION: "Dokumen belum menjawab pertanyaan butir ini.",
    Reason.WRONG_PERIOD: "Dokumen berada di luar jendela bukti.",
    Reason.UNSIGNED: "Dokumen belum ditandatangani atau tanpa tanggal.",
    Reason.PHOTO_ONLY: "Foto saja belum cukup; tambahkan notula atau laporan.",
}
WORDS_ON_BEST = 0.55
NOTES_BY_UNIT = 0.8


@dataclass(frozen=True, slots=True)
class RowPlan:
    """One row: what the unit says, what the TPI says and saw, and what happens between.

    ``first`` is the TPI's value before a higher rank changed it; None where nobody did.
    ``unit`` is None where the unit leaves the row blank, ``tpi`` where nobody judged it yet.
    """

    code: str
    unit: Answer | None = None
    unit_note: str = ""
    awaits: bool = False
    tpi: Answer | None = None
    first: Answer | None = None
    document: str = DocumentCheck.UNCHECKED
    implementation: str = ImplementationCheck.UNCHECKED
    method: str = CheckMethod.NONE
    condition: str = ""
    advice: str = ""
    reason: str = ""
    returned: str = ""
    return_note: str = ""


class Planner:
    """Makes the plans of one unit in one round."""

    def __init__(
        self, engine: scoring.Instrument, facts: Facts, year: Round, rng: Random, evidence
    ) -> None:
        self.engine, self.facts, self.round, self.rng = engine, facts, year, rng
        self.wording = Wording(engine, facts, year, rng, evidence)

    def judged(self, spec: Mapping[str, Any]) -> dict[str, RowPlan]:
        """Return a worksheet with both tracks filled, of the wanted figures."""
        answers = self._answers(spec)
        claimed = self._claims(answers)
        return {
            code: self._row(code, claimed[code], answer, self._seen(code, answer))
            for code, answer in answers.items()
        }

    def claimed(self, spec: Mapping[str, Any]) -> dict[str, RowPlan]:
        """Return a worksheet on which only the unit has worked, as far as it came."""
        codes = list(self.engine.indicators)
        if "answered" in spec:
            count = spec["answered"]
            targets = {area.code: 0.6 for area in self.engine.areas}
            answers = solve(self.engine, targets, self.facts, self.rng)
            return {
                code: self._own(code, answers.get(code) if index < count else None)
                for index, code in enumerate(codes)
            }
        missing = set(spec.get("missing", ()))
        blank = set(missing)
        if "blank" in spec:
            areas = [code for code in codes if self.engine.area_of(code)]
            results = [code for code in codes if not self.engine.area_of(code)]
            blank |= {*self.rng.sample(areas, round(len(areas) * spec["blank"])), *results}
        if "total" in spec:
            answers = self._answers(spec)
        else:
            targets = self._targets(spec)
            answers = solve(self.engine, targets, self.facts, self.rng, blank=frozenset(blank))
        awaits = set(spec.get("awaits", ()))
        return {
            code: replace(self._own(code, answers.get(code)), awaits=code in awaits)
            for code in codes
        }

    def told(self, name: str) -> dict[str, RowPlan]:
        """Return a worksheet that the data tell row by row."""
        rows = source.read(name)
        plans = {}
        for code in self.engine.indicators:
            entry = rows[code]
            plan = self._row(code, entry["unit"], entry["tpi"], self._told_checks(code, entry))
            words = {
                "condition": entry.get("condition", plan.condition),
                "advice": entry.get("advice", plan.advice),
                "unit_note": entry.get("unit_note", plan.unit_note),
            }
            plans[code] = replace(
                plan,
                **{key: self._dated(text) for key, text in words.items()},
                reason=entry.get("reason", plan.reason),
                returned=entry.get("returned", ""),
                return_note=entry.get("note", ""),
            )
        return plans

    def changed_by_lead(self, plans: dict[str, RowPlan], count: int) -> dict[str, RowPlan]:
        """Let the team lead have lowered a few rows: their first value was the next better one."""
        changed = dict(plans)
        below = [
            code
            for code, plan in plans.items()
            if isinstance(plan.tpi, str) and value_of(self.engine.indicators[code], plan.tpi) < 1
        ]
        for code in self.rng.sample(below, min(count, len(below))):
            row = self.engine.indicators[code]
            better = higher(row, plans[code].tpi, self.facts, self.rng, steps=1)
            if value_of(row, better) < 1:
                changed[code] = replace(plans[code], first=better)
        return changed

    def begun(self, plans: dict[str, RowPlan], share: float) -> dict[str, RowPlan]:
        """Let the TPI have judged only a share of the rows so far."""
        later = set(self.rng.sample(list(plans), round(len(plans) * (1 - share))))
        return {
            code: replace(plan, tpi=None) if code in later else plan for code, plan in plans.items()
        }

    def returned(self, plans: dict[str, RowPlan], count: int) -> dict[str, RowPlan]:
        """Send a few rows below the best answer back to the unit."""
        changed = dict(plans)
        below = [
            code
            for code, plan in plans.items()
            if plan.document == DocumentCheck.INADEQUATE and self.engine.area_of(code)
        ]
        for code in self.rng.sample(below, min(count, len(below))):
            reason = plans[code].reason or self.rng.choice(REASONS[DocumentCheck.INADEQUATE])
            changed[code] = replace(
                plans[code], returned=reason, return_note=RETURN_NOTES[Reason(reason)]
            )
        return changed

    # Values ---------------------------------------------------------------------------------

    def _targets(self, spec: Mapping[str, Any]) -> dict[str, float]:
        shares = (percent / 100 for percent in spec["areas"])
        return dict(zip((area.code for area in self.engine.areas), shares, strict=True))

    def _answers(self, spec: Mapping[str, Any]) -> dict[str, Answer]:
        """Return the answers of all rows: areas by their targets, results by the total."""
        answers = solve(self.engine, self._targets(spec), self.facts, self.rng)
        points = sum(
            value_of(self.engine.indicators[code], answer) * float(self.engine.portions[code])
            for code, answer in answers.items()
        )
        results = [code for code in self.engine.indicators if not self.engine.area_of(code)]
        surveys = []
        for code in results:
            row = self.engine.indicators[code]
            weight = float(self.engine.portions[code])
            if not row.is_computed:
                answers[code] = spec["performance"]
            elif row.computation.kind == scoring.RATIO:
                pairs = candidates(row, self.facts)
                answers[code] = min(pairs, key=lambda pair: abs(pair[1] - 0.84))[0]
            else:
                surveys.append((code, weight))
                continue
            points += value_of(row, answers[code]) * weight
        (first, first_weight), (second, second_weight) = surveys
        points += spec["ipak"] / 4 * first_weight
        index = min(4.0, max(0.0, (spec["total"] - points) * 4 / second_weight))
        answers[first] = self._index(first, spec["ipak"])
        answers[second] = self._index(second, index)
        return {code: answers[code] for code in self.engine.indicators}

    def _index(self, code: str, value: float) -> dict[str, str]:
        return {self.engine.indicators[code].inputs[0].name: f"{value:.2f}"}

    def _claims(self, answers: Mapping[str, Answer]) -> dict[str, Answer]:
        """Return the unit's own answers: the TPI's, some rows a step or two better."""
        claimed = dict(answers)
        below = [
            code
            for code, answer in answers.items()
            if self.engine.area_of(code)
            and code not in ("A.II.1.i.a", "A.II.1.i.b")
            and value_of(self.engine.indicators[code], answer) < 1
        ]
        count = min(len(below), self.rng.randint(5, 13))
        for code in self.rng.sample(below, count):
            row = self.engine.indicators[code]
            claimed[code] = higher(row, answers[code], self.facts, self.rng)
        return claimed

    # Rows -----------------------------------------------------------------------------------

    def _own(self, code: str, answer: Answer | None) -> RowPlan:
        if answer is None:
            return RowPlan(code)
        return RowPlan(code, unit=answer, unit_note=self._note(code, answer))

    def _note(self, code: str, answer: Answer) -> str:
        noted = self.rng.random() < NOTES_BY_UNIT
        return self.wording.unit_note(code, answer) if noted else ""

    def _row(self, code: str, unit: Answer, tpi: Answer, checks: dict[str, str]) -> RowPlan:
        row = self.engine.indicators[code]
        is_best = value_of(row, tpi) >= 1
        differs = unit != tpi
        wordy = differs or not is_best or row.is_computed
        silent = not wordy and self.rng.random() >= WORDS_ON_BEST
        return RowPlan(
            code,
            unit=unit,
            unit_note=self._note(code, unit),
            tpi=tpi,
            condition="" if silent else self.wording.condition(code, tpi),
            advice="" if is_best else self.wording.advice(code, tpi),
            reason=self.rng.choice(REASONS[checks["document"]]) if differs else "",
            **checks,
        )

    def _seen(self, code: str, answer: Answer) -> dict[str, str]:
        """Return what the assessor found of document and practice for an answer."""
        row = self.engine.indicators[code]
        value = value_of(row, answer)
        survey = row.is_computed and row.computation.kind == scoring.SCORE04
        document, done = DocumentCheck.ADEQUATE, ImplementationCheck.DONE
        if value < 1 and not survey:
            chance = self.rng.random()
            if value == 0:
                document = DocumentCheck.ABSENT if chance < 0.6 else DocumentCheck.INADEQUATE
                done = ImplementationCheck.NOT_DONE
            elif chance < 0.3:
                document, done = DocumentCheck.INADEQUATE, ImplementationCheck.PARTLY
            elif chance < 0.75:
                done = ImplementationCheck.PARTLY
        return {"document": document, "implementation": done, "method": self._method(code)}

    def _method(self, code: str) -> str:
        """Return how a row's practice is seen in this edition."""
        for method, prefixes in source.read("checks")[self.engine.code].items():
            if any(code == prefix or code.startswith(f"{prefix}.") for prefix in prefixes):
                return CheckMethod(method)
        return CheckMethod.SAMPLING

    def _told_checks(self, code: str, entry: Mapping[str, Any]) -> dict[str, str]:
        if "document" not in entry:
            return self._seen(code, entry["tpi"])
        return {
            "document": entry["document"],
            "implementation": entry.get("implementation", ""),
            "method": entry.get("method", ""),
        }

    def _dated(self, text: str) -> str:
        words = {**self.round.years(), "yesterday": long_date(self.round.day(-1))}
        for name, value in words.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def first_words(self, plan: RowPlan) -> tuple[str, str]:
        """Return condition and advice as they were before the lead changed the value."""
        return self.wording.condition(plan.code, plan.first), self.wording.advice(
            plan.code, plan.first
        )

    def lowered(self, plan: RowPlan) -> Answer:
        """Return the answer that an assessor gave before a repair raised it."""
        return lower(self.engine.indicators[plan.code], plan.tpi, self.facts)
