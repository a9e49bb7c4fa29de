"""What the dashboard is built from: one load of a worksheet, narrowed to what a person may see.

The narrowing happens here and nowhere later: a track that the person may not see is not read, so
no figure of it can reach the page.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Exists, FilteredRelation, OuterRef, Q
from django.urls import reverse

from assessments import scoring
from assessments.catalog import Catalog, answer_value, catalog_of
from assessments.models import (
    Answer,
    AreaCompletion,
    Assessment,
    EvidenceUse,
    Instrument,
    Mapping,
    RowEffort,
    Score,
    State,
    Track,
)
from assessments.permissions import TpiView, sees_tpi_row, tpi_view
from units.models import User

EFFORT_FIELDS = ("effort", "is_pinned", "reason", "earliest_on", "index_target", "version")
PAST_YEARS = 5
INTERIM_MIN_ROWS = 4
"""An interim figure of the TPI over fewer rows would tell single rows that were not returned."""


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What stands beside one row apart from its values.

    ``document``, ``implementation`` and ``review_state`` are those of the TPI's side, blank where
    the person does not see them.
    """

    has_evidence: bool = False
    awaits_data: bool = False
    document: str = ""
    implementation: str = ""
    review_state: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """The TPI's final figures of an earlier year; ``nodes`` are points on the safe reading."""

    assessment_id: int
    year: int
    instrument: Instrument
    edition: str
    total: Decimal
    nodes: MappingType[str, Fraction]

    @property
    def catalog(self) -> Catalog:
        """Return the compiled form of the edition that it was judged by."""
        return catalog_of(self.instrument)


@dataclass(frozen=True, slots=True)
class Facts:
    """A worksheet as one person may see it.

    results: per track that he sees in full. interim: the TPI's totals so far, for a unit after
    its first return; single rows must not be told from it. comparable: per older edition's code,
    node code → the older codes that it may be compared with (empty: with none). plans: what the
    unit says of its rows' effort, by code.
    """

    assessment: Assessment
    catalog: Catalog
    view: TpiView
    answers: dict[str, scoring.Answers]
    results: dict[str, scoring.Result]
    interim: scoring.Result | None
    rows: dict[str, RowFacts]
    finished: frozenset[str]
    past: tuple[Past, ...]
    comparable: dict[str, dict[str, tuple[str, ...]]]
    plans: MappingType[str, RowEffort]

    @property
    def engine(self) -> scoring.Instrument:
        """Return the instrument as scoring takes it."""
        return self.catalog.engine

    @property
    def lead(self) -> Track:
        """Return the track that the page speaks of: the TPI's as soon as it says something."""
        tpi = self.results.get(Track.TPI)
        return Track.TPI if tpi is not None and tpi.answered else Track.UNIT

    @property
    def result(self) -> scoring.Result:
        """Return the result of the leading track."""
        return self.results[self.lead]

    @property
    def aim(self) -> str:
        """Return the predicate to work for: the target, or the next one once that is met."""
        gates, target = self.result.gates, self.assessment.target
        if not gates[target].met:
            return target
        return next((code for code, gate in gates.items() if not gate.met), target)

    def points(self, result: scoring.Result, nodes: tuple[str, ...]) -> Fraction:
        """Return what a result earns in some nodes together, in the reading that counts."""
        earned = result.readings[scoring.Reading.SAFE].nodes
        return sum((earned[code] for code in nodes), scoring.ZERO)

    def interim_points(self, nodes: tuple[str, ...]) -> Fraction | None:
        """Return the TPI's interim points of some nodes; None where they would tell single rows."""
        if self.interim is None:
            return None
        inside = [
            row
            for code in nodes
            for node in self.engine.nodes[code].walk()
            for row in node.indicators
        ]
        return self.points(self.interim, nodes) if len(inside) >= INTERIM_MIN_ROWS else None


@dataclass(frozen=True, slots=True)
class Links:
    """Ways from the dashboard to the rows and to the explanation of a figure."""

    pk: int
    sections: dict[str, str]

    @classmethod
    def of(cls, assessment: Assessment, catalog: Catalog) -> Links:
        """Return the links of a worksheet."""
        return cls(
            assessment.pk,
            {
                section.code: reverse("assessments:worksheet", args=[assessment.pk, section.code])
                for section in catalog.sections
            },
        )

    def section(self, code: str, sieve: str = "") -> str:
        """Return the address of a section, sieved."""
        return f"{self.sections[code]}?saring={sieve}" if sieve else self.sections[code]

    def row(self, catalog: Catalog, code: str) -> str:
        """Return the address of a row."""
        return f"{self.sections[catalog.section_of[code].code]}#{code}"

    def explain(self, target: str, track: str) -> str:
        """Return the address of "Dari mana angka ini?" for a figure of a track."""
        return f"{reverse('assessments:figure', args=[self.pk, target])}?jalur={track}"


def visible_tracks(user: User, assessment: Assessment) -> tuple[Track, ...]:
    """Return the tracks that a person sees in full: his own side always, the others later."""
    return visible_tracks_of(tpi_view(user, assessment), assessment)


def visible_tracks_of(view: TpiView, assessment: Assessment) -> tuple[Track, ...]:
    """Return the tracks that a view shows in full."""
    if view is not TpiView.EVERYTHING:
        return (Track.UNIT,)
    return tuple(Track) if assessment.is_final else (Track.UNIT, Track.TPI)


def load_facts(assessment: Assessment, user: User) -> Facts:
    """Read what the dashboard shows of a worksheet; three statements, four after a new edition."""
    catalog = catalog_of(assessment.instrument)
    view = tpi_view(user, assessment)
    answers, rows, plans = _answers(assessment, catalog, view)
    results = {track: scoring.score(catalog.engine, given) for track, given in answers.items()}
    interim = None
    if view is TpiView.RETURNED_ROWS:
        answers.pop(Track.TPI)
        interim = results.pop(Track.TPI)
    past = _past(assessment)
    finished = AreaCompletion.objects.filter(assessment=assessment)
    return Facts(
        assessment=assessment,
        catalog=catalog,
        view=view,
        answers=answers,
        results=results,
        interim=interim,
        rows=rows,
        finished=frozenset(finished.values_list("section", flat=True)),
        past=past,
        comparable=_comparable(assessment, past),
        plans=plans,
    )


def row_efforts(assessment: Assessment, catalog: Catalog) -> dict[str, RowEffort]:
    """Return what a unit says of its rows' effort, by code in worksheet order; one statement."""
    rows = {plan.indicator_id: plan for plan in RowEffort.objects.filter(assessment=assessment)}
    return {code: rows[pk] for code, pk in catalog.ids.items() if pk in rows}


def _answers(
    assessment: Assessment, catalog: Catalog, view: TpiView
) -> tuple[dict[str, scoring.Answers], dict[str, RowFacts], dict[str, RowEffort]]:
    tracks = [Track.UNIT]
    if view is not TpiView.NOTHING:
        tracks.append(Track.TPI)
    if Track.TPN in visible_tracks_of(view, assessment):
        tracks.append(Track.TPN)
    uses = EvidenceUse.objects.filter(assessment=assessment, indicator=OuterRef("indicator"))
    rows = (
        Answer.objects.filter(assessment=assessment, track__in=tracks)
        .annotate(
            has_evidence=Exists(uses),
            said=FilteredRelation(
                "indicator__row_efforts",
                condition=Q(indicator__row_efforts__assessment=assessment),
            ),
        )
        .values_list(
            "indicator_id",
            "track",
            "choice",
            "inputs",
            "awaits_data",
            "document_check",
            "implementation_check",
            "review_state",
            "has_evidence",
            *(f"said__{name}" for name in EFFORT_FIELDS),
        )
    )
    answers: dict[str, dict] = {track: {} for track in tracks}
    facts: dict[str, dict] = {code: {} for code in catalog.ids}
    said: dict[str, RowEffort] = {}
    for pk, track, choice, inputs, awaits, document, implementation, state, *more in rows:
        has_evidence, *effort = more
        code = catalog.codes[pk]
        answers[track][code] = answer_value(choice, inputs)
        if track == Track.UNIT:
            if effort[0] is not None:
                said[code] = RowEffort(**dict(zip(EFFORT_FIELDS, effort, strict=True)))
            facts[code] |= {"has_evidence": bool(has_evidence), "awaits_data": awaits}
        elif track == Track.TPI:
            facts[code]["review_state"] = state if sees_tpi_row(view, state) else ""
            if view is TpiView.EVERYTHING:
                facts[code] |= {"document": document, "implementation": implementation}
    if not any(value is not None for value in answers.get(Track.TPN, {}).values()):
        answers.pop(Track.TPN, None)
    plans = {code: said[code] for code in catalog.ids if code in said}
    return answers, {code: RowFacts(**fields) for code, fields in facts.items()}, plans


def _past(assessment: Assessment) -> tuple[Past, ...]:
    """Return the final TPI figures of the unit's earlier years, oldest first."""
    scores = (
        Score.objects.filter(
            track=Track.TPI,
            assessment__unit=assessment.unit_id,
            assessment__state=State.FINAL,
            assessment__superseded_by=None,
            assessment__period__year__lt=assessment.period.year,
        )
        .order_by("-assessment__period__year", "-assessment")
        .values_list(
            "assessment_id",
            "assessment__period__year",
            "assessment__instrument_id",
            "assessment__instrument__code",
            "assessment__instrument__checksum",
            "assessment__instrument__short_title",
            "safe_total",
            "figures",
        )[:PAST_YEARS]
    )
    found = [
        Past(
            pk,
            year,
            Instrument(pk=instrument, code=code, checksum=checksum, short_title=edition),
            edition,
            total,
            {node: Fraction(points) for node, points in figures.get("safe", {}).items()},
        )
        for pk, year, instrument, code, checksum, edition, total, figures in scores
    ]
    return tuple(reversed(found))


def _comparable(
    assessment: Assessment, past: tuple[Past, ...]
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return which nodes of this edition may be compared with those of the earlier ones."""
    edition = assessment.instrument.code
    others = {item.instrument.code for item in past if item.instrument.code != edition}
    found: dict[str, dict[str, tuple[str, ...]]] = {code: {} for code in others}
    if others:
        rows = Mapping.objects.filter(
            source__code__in=sorted(others), target__code=edition, level="node"
        )
        for source, code, codes, relation in rows.values_list(
            "source__code", "target_code", "source_codes", "relation"
        ):
            found[source][code] = () if relation == Mapping.Relation.NONE else tuple(codes)
    return found
