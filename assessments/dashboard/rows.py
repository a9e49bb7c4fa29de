"""What the rows tell: progress by section, what is missing, paper without practice, potential."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from assessments import scoring
from assessments.dashboard.facts import Facts, Links
from assessments.models import DocumentCheck, ImplementationCheck, RowState, Track
from assessments.permissions import TpiView
from assessments.worksheet.filters import NO_EVIDENCE, REPAIR, UNANSWERED


@dataclass(frozen=True, slots=True)
class RowLink:
    """A way to one row."""

    code: str
    url: str
    statement: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows, and the way to them."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class AreaProgress:
    """How far a section is.

    answered: rows with a value of the unit; reviewed: of the TPI, None where it is not seen.
    unanswered: rows without a value on the leading track.
    """

    code: str
    label: str
    url: str
    total: int
    answered: int
    reviewed: int | None
    unanswered: Count
    without_evidence: Count
    returned: Count
    is_finished: bool


def progress(facts: Facts, links: Links) -> tuple[AreaProgress, ...]:
    """Return the progress of every section, in the worksheet's order."""
    return tuple(_progress(facts, links, section) for section in facts.catalog.sections)


def _progress(facts: Facts, links: Links, section) -> AreaProgress:
    own = facts.answers[Track.UNIT]
    tpi = facts.answers.get(Track.TPI) if facts.lead == Track.TPI else None
    codes = section.indicator_codes
    answered = sum(own.get(code) is not None for code in codes)
    blank = sum(facts.answers[facts.lead].get(code) is None for code in codes)
    bare = sum(not facts.rows[code].has_evidence for code in codes)
    returned = sum(facts.rows[code].review_state == RowState.NEEDS_REPAIR for code in codes)
    return AreaProgress(
        code=section.code,
        label=section.label,
        url=links.section(section.code),
        total=len(codes),
        answered=answered,
        reviewed=None if tpi is None else sum(tpi.get(code) is not None for code in codes),
        unanswered=Count(blank, links.section(section.code, UNANSWERED)),
        without_evidence=Count(bare, links.section(section.code, NO_EVIDENCE)),
        returned=Count(returned, links.section(section.code, REPAIR)),
        is_finished=section.code in facts.finished,
    )


def row_link(facts: Facts, links: Links, code: str) -> RowLink:
    """Return the way to a row."""
    return RowLink(code, links.row(facts.catalog, code), facts.engine.indicators[code].statement)


def returned_rows(facts: Facts, links: Links) -> tuple[RowLink, ...]:
    """Return the rows that wait for repair, in the worksheet's order."""
    return tuple(
        row_link(facts, links, code)
        for code in facts.engine.indicators
        if facts.rows[code].review_state == RowState.NEEDS_REPAIR
    )


# Document against implementation --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CrossCell:
    """Rows with one document check and one implementation check; tone colours the cell."""

    number: int
    tone: str = ""


@dataclass(frozen=True, slots=True)
class CrossTable:
    """The TPI's two checks side by side.

    checked: rows with at least one of the two. paper: rows with a good document that is not
    fully practised.
    """

    columns: tuple[str, ...]
    lines: tuple[tuple[str, tuple[CrossCell, ...]], ...]
    checked: int
    total: int
    paper: tuple[RowLink, ...]


_PRACTISED_LESS = (ImplementationCheck.PARTLY, ImplementationCheck.NOT_DONE)


def cross_table(facts: Facts, links: Links) -> CrossTable | None:
    """Return the cross table; None for a person who does not see the TPI's side in full."""
    if facts.view is not TpiView.EVERYTHING:
        return None
    counts = Counter(
        (facts.rows[code].document, facts.rows[code].implementation)
        for code in facts.engine.indicators
    )
    documents = [DocumentCheck.ADEQUATE, DocumentCheck.INADEQUATE, DocumentCheck.ABSENT]
    practices = [ImplementationCheck.DONE, *_PRACTISED_LESS]
    blank = counts[DocumentCheck.UNCHECKED, ImplementationCheck.UNCHECKED]
    checked = len(facts.engine.indicators) - blank
    if any(counts[DocumentCheck.UNCHECKED, practice] for practice in practices):
        documents.append(DocumentCheck.UNCHECKED)
    if any(counts[document, ImplementationCheck.UNCHECKED] for document in documents[:3]):
        practices.append(ImplementationCheck.UNCHECKED)
    lines = tuple(
        (
            str(DocumentCheck(document).label),
            tuple(
                CrossCell(
                    0 if not document and not practice else counts[document, practice],
                    _tone(document, practice, counts[document, practice]),
                )
                for practice in practices
            ),
        )
        for document in documents
    )
    return CrossTable(
        columns=tuple(_practice_name(practice) for practice in practices),
        lines=lines,
        checked=checked,
        total=len(facts.engine.indicators),
        paper=tuple(
            row_link(facts, links, code)
            for code in facts.engine.indicators
            if facts.rows[code].document == DocumentCheck.ADEQUATE
            and facts.rows[code].implementation in _PRACTISED_LESS
        ),
    )


def _practice_name(practice: str) -> str:
    names = {
        ImplementationCheck.DONE: _("Terlaksana"),
        ImplementationCheck.PARTLY: _("Sebagian"),
        ImplementationCheck.NOT_DONE: _("Belum"),
        ImplementationCheck.UNCHECKED: _("Belum diperiksa"),
    }
    return names[practice]


def _tone(document: str, practice: str, number: int) -> str:
    if not number or not document or not practice:
        return ""
    if document == DocumentCheck.ADEQUATE:
        return "is-ok" if practice == ImplementationCheck.DONE else "is-warn"
    return "is-bad" if practice == ImplementationCheck.NOT_DONE else ""


# Potential ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PotentialRow:
    """Points that a row can still add. waits_for: what it lacks first, in a word or two.

    helps: how many unmet rules of the predicate aimed at it helps; closes: the labels of those
    that it closes alone. order: its place in the worksheet.
    """

    row: RowLink
    order: int
    section: str
    points: Fraction
    helps: int
    closes: tuple[str, ...]
    waits_for: str


def potentials(facts: Facts, links: Links) -> tuple[PotentialRow, ...]:
    """Return the rows that can still add points, the largest first, then as the worksheet runs."""
    engine, aim = facts.engine, facts.aim
    found = scoring.potential(engine, facts.answers[facts.lead], facts.result)
    labels = {rule.full_code: rule.label for rule in engine.thresholds[aim]}
    rows = [
        PotentialRow(
            row=row_link(facts, links, item.code),
            order=engine.indicators[item.code].position,
            section=facts.catalog.section_of[item.code].code,
            points=item.points,
            helps=sum(code in labels for code in item.rules),
            closes=tuple(labels[code] for code in item.closes if code in labels),
            waits_for=_waits_for(facts, item.code),
        )
        for item in found.values()
        if item.points
    ]
    return tuple(sorted(rows, key=lambda item: -item.points))


def _waits_for(facts: Facts, code: str) -> str:
    row = facts.rows[code]
    if facts.answers[facts.lead].get(code) is None:
        return _("data") if row.awaits_data else _("jawaban")
    if facts.lead == Track.TPI:
        if row.document != DocumentCheck.ADEQUATE:
            return _("dokumen")
        if row.implementation != ImplementationCheck.DONE:
            return _("implementasi")
        return _("perbaikan keadaan")
    return _("perbaikan keadaan") if row.has_evidence else _("bukti dukung")
