"""What the pages, the report and the poster of a survey print: frozen, told once, never formatted.

A result's figures come from the locked ``Result`` alone. What was withheld when it was locked is
not there to be printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from surveys import index, tally
from surveys.index import Conversion, Kind
from surveys.models import (
    FLAG_LABELS,
    Result,
    Status,
    Survey,
)
from surveys.models.questionnaires import LONG_NAMES
from surveys.models.surveys import ConversionChoice
from surveys.profile import profile
from surveys.results import SERVICE
from surveys.sheet import parts_of

ENGLISH = "en"
EXTREMES = 3
NEAR_GATE = Fraction(1, 100)
GATES4 = {Kind.SPAK: (Fraction("3.6"),), Kind.SPKP: (Fraction("3.2"), Fraction("3.6"))}
"""Indices that a predicate asks for. Source: PermenPANRB 90/2021 p. 53."""


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question of a locked result: how often each point was chosen, and the mean."""

    text: str
    counts: tuple[int, ...]
    mean: Fraction


@dataclass(frozen=True, slots=True)
class ElementLine:
    """An element of a locked result: its mean on the survey's scale and on that of 4."""

    code: str
    name: str
    mean: Fraction
    mean4: Fraction
    questions: tuple[QuestionLine, ...] = ()

    @property
    def ratio(self) -> Fraction:
        """The mean as a share of the best, for a bar."""
        return self.mean4 / index.BASE_SCALE


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group of a breakdown; ``answered`` is None where it is withheld."""

    label: str
    answered: int | None
    index4: Decimal | None

    @property
    def is_withheld(self) -> bool:
        """Tell whether the group is too small to be told."""
        return self.answered is None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The groups of one kind: services, age groups and so on."""

    code: str
    title: str
    rows: tuple[GroupLine, ...]

    @property
    def has_withheld(self) -> bool:
        """Tell whether some group is withheld."""
        return any(row.is_withheld for row in self.rows)


@dataclass(frozen=True, slots=True)
class ResultReport:
    """A locked result as every page and document prints it.

    ``spread_points`` and ``margin`` are on the scale of 4. ``near_gate`` is the index before
    rounding where it lies within 0.01 of one that a predicate asks for.
    """

    kind: str
    kind_label: str
    title: str
    index_name: str
    edition: str
    basis: str
    version: int
    index4: Decimal
    index100: Decimal
    exact4: Fraction
    near_gate: bool
    grade: str
    grade_label: str
    lke_points: Fraction | None
    answered: int
    population: int | None
    target: int
    is_census: bool
    is_valid: bool
    feeds_worksheet: bool
    scale_max: int
    conversion: str
    method: str
    elements: tuple[ElementLine, ...]
    element_count: int
    lowest: tuple[ElementLine, ...]
    highest: tuple[ElementLine, ...]
    deviation: Decimal | None
    margin: Decimal | None
    alpha: Fraction | None
    services: Breakdown | None
    groups: tuple[Breakdown, ...]
    left_out: tuple[tuple[str, int], ...]
    flags: tuple[tuple[str, int], ...]
    digest: str
    locked_at: Any
    locked_by: str
    first_day: date
    last_day: date
    breakdowns: tuple[Breakdown, ...] = field(default=())

    @property
    def short_digest(self) -> str:
        """The beginning of the digest, as it is printed."""
        return self.digest[:12]

    @property
    def missing(self) -> int:
        """How many answers are missing to the target."""
        return max(0, self.target - self.answered)


def is_near_gate(result: Result) -> bool:
    """Tell whether the unrounded index lies within 0.01 of one that a predicate asks for."""
    gates = GATES4.get(Kind(result.part.kind), ())
    return any(abs(result.exact - gate) < NEAR_GATE for gate in gates)


def result_report(result: Result) -> ResultReport:
    """Return a locked result in full; ``part``, ``survey`` and ``questionnaire`` are loaded."""
    part, details = result.part, result.details
    questionnaire = part.questionnaire
    conversion = Conversion(details["conversion"])
    elements = tuple(_element(row, details["scale_max"], conversion) for row in details["elements"])
    ordered = sorted(elements, key=lambda line: (line.mean, line.code))
    few = min(EXTREMES, max(0, len(ordered) - 1))
    groups = tuple(_breakdown(group) for group in details["groups"])
    kind = Kind(part.kind)
    return ResultReport(
        kind=part.kind,
        kind_label=part.get_kind_display(),
        title=questionnaire.said_title,
        index_name=result.index_name,
        edition=questionnaire.code,
        basis=questionnaire.basis,
        version=result.version,
        index4=result.index4,
        index100=result.index100,
        exact4=result.exact,
        near_gate=is_near_gate(result),
        grade=result.grade,
        grade_label=str(result.grade_label),
        lke_points=index.lke_points(result.index4) if kind in index.IN_WORKSHEET else None,
        answered=result.answered,
        population=result.population,
        target=result.target,
        is_census=result.is_census,
        is_valid=result.is_valid,
        feeds_worksheet=part.feeds_worksheet,
        scale_max=details["scale_max"],
        conversion=str(ConversionChoice(conversion.value).label),
        method=part.survey.get_method_display(),
        elements=elements,
        element_count=details["element_count"],
        lowest=tuple(ordered[:few]),
        highest=tuple(ordered[::-1][:few]),
        deviation=_decimal(details["spread"]["deviation"]),
        margin=_decimal(details["spread"]["margin"]),
        alpha=None if details["alpha"] is None else Fraction(details["alpha"]),
        services=next((group for group in groups if group.code == SERVICE), None),
        groups=tuple(group for group in groups if group.code != SERVICE),
        left_out=tuple(
            (Status(status).label, count)
            for status, count in sorted(details["status"].items())
            if status != tally.VALID
        ),
        flags=tuple(
            (str(label), details["flags"][str(int(flag))])
            for flag, label in FLAG_LABELS.items()
            if str(int(flag)) in details["flags"]
        ),
        digest=result.digest,
        locked_at=result.locked_at,
        locked_by=str(result.locked_by) if result.locked_by_id else "",
        first_day=date.fromisoformat(details["days"][0]),
        last_day=date.fromisoformat(details["days"][1]),
        breakdowns=groups,
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _element(row, scale_max: int, conversion: Conversion) -> ElementLine:
    mean = Fraction(row["mean"])
    english = row["name_en"] and get_language() == ENGLISH
    return ElementLine(
        code=row["code"],
        name=row["name_en"] if english else row["name"],
        mean=mean,
        mean4=index.to_index4(mean, scale_max=scale_max, conversion=conversion),
        questions=tuple(
            QuestionLine(item["text"], tuple(item["counts"]), Fraction(item["mean"]))
            for item in row["questions"]
        ),
    )


def _breakdown(group) -> Breakdown:
    language = ENGLISH if get_language() == ENGLISH else "id"
    known = profile().fields.get(group["code"])
    return Breakdown(
        code=group["code"],
        title=str(known.label) if known else _("Layanan"),
        rows=tuple(
            GroupLine(
                label=row["label"].get(language) or row["label"]["id"],
                answered=row["answered"],
                index4=_decimal(row.get("index4")),
            )
            for row in group["rows"]
        ),
    )


def results_in_force(survey: Survey) -> list[ResultReport]:
    """Return the locked results of a survey as they hold now; none while it is open."""
    if not survey.has_result:
        return []
    rows = Result.objects.newest().filter(part__survey=survey)
    rows = rows.select_related("part__survey", "part__questionnaire", "locked_by")
    return [result_report(row) for row in rows.order_by("part__position")]


def public_results(survey: Survey) -> list[ResultReport]:
    """Return what the public page of a published result shows."""
    return results_in_force(survey)


def long_title(survey: Survey) -> str:
    """Return the long names of what a survey asks: "Survei Persepsi Anti Korupsi dan …"."""
    names = [str(LONG_NAMES[part.kind]) for part in parts_of(survey)]
    return _(" dan ").join(names)
