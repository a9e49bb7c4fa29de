"""The page of a worksheet: areas with progress, rows, score bar; everything that it prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.catalog import Section
from assessments.models import (
    AreaCompletion,
    Assessment,
    Rank,
    State,
    TeamMember,
    Track,
)
from assessments.permissions import TpiView, can_finish_area, sees_tpi_totals
from assessments.services import checks
from assessments.worksheet.bar import ScoreBar, score_bar
from assessments.worksheet.detail import RowDetail, row_detail
from assessments.worksheet.evidence import evidence_of
from assessments.worksheet.filters import LABELS, FilterView, filters_of
from assessments.worksheet.last import last_values
from assessments.worksheet.rows import RowView, is_done, row_view
from assessments.worksheet.sheet import Sheet, load
from units.models import User

WHOLE = "semua"
"""The code of the page that shows every section."""


@dataclass(frozen=True, slots=True)
class AreaView:
    """A section in the list on the left: how many of its rows are done, and who has it."""

    code: str
    name: str
    url: str
    done: int
    total: int
    people: str
    finished: bool
    current: bool
    subs: tuple[SubLink, ...]

    @property
    def complete(self) -> bool:
        """Tell whether no row is left."""
        return self.done == self.total


@dataclass(frozen=True, slots=True)
class SubLink:
    """A sub-component below the section that is open."""

    code: str
    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class SubView:
    """A sub-component with its rows; a finished one is folded to a line.

    ``heading`` names the area that begins with it, on the page of the whole sheet.
    """

    code: str
    name: str
    aspect: str
    points: str
    weight: str
    rows: tuple[RowView, ...]
    done: int
    different: int
    to_repair: int
    folded: bool
    heading: str

    @property
    def total(self) -> int:
        """Return how many rows it has."""
        return len(self.rows)

    @property
    def all_hidden(self) -> bool:
        """Tell whether the filter leaves none of its rows."""
        return all(row.hidden for row in self.rows)


@dataclass(frozen=True, slots=True)
class WorksheetPage:
    """All that the worksheet page shows to one person.

    ``current`` is the code of the row in work. ``locked`` says why a reader of the unit or the
    team can't write now; blank for a pen holder. ``finish`` is "finish", "reopen" or blank.
    """

    assessment: Assessment
    section: Section | None
    title: str
    bar: ScoreBar
    areas: tuple[AreaView, ...]
    subs: tuple[SubView, ...]
    filters: tuple[FilterView, ...]
    filter: str
    current: str
    track: str
    writes: bool
    shows_tpi: bool
    locked: str
    finish: str
    error_count: int | None
    next_url: str
    detail: RowDetail

    @property
    def rows(self) -> Iterator[RowView]:
        """Yield the rows in worksheet order."""
        for sub in self.subs:
            yield from sub.rows

    @property
    def row(self) -> RowView | None:
        """Return the row in work."""
        return next((row for row in self.rows if row.code == self.current), None)

    @property
    def is_whole(self) -> bool:
        """Tell whether the page shows every section."""
        return self.section is None

    @property
    def has_shown_rows(self) -> bool:
        """Tell whether the filter leaves any row."""
        return not all(sub.all_hidden for sub in self.subs)

    @property
    def section_finished(self) -> bool:
        """Tell whether the unit marked the open section as finished."""
        return any(area.current and area.finished for area in self.areas)

    @property
    def section_code(self) -> str:
        """Return the code in the page's address."""
        return self.section.code if self.section else WHOLE


def worksheet_page(
    assessment: Assessment,
    user: User,
    section_code: str,
    *,
    current: str = "",
    chosen_filter: str = "",
) -> WorksheetPage:
    """Build the page of a section ("1" to "6", "B", or "semua") for a person.

    current: the row in work; blank or unknown takes the first that waits for him, else the first.
    Raises KeyError for an unknown section. Costs seven queries at most, at any number of rows.
    """
    sheet = load(assessment, user)
    catalog = sheet.catalog
    section = None if section_code == WHOLE else catalog.section(section_code)
    codes = section.indicator_codes if section else tuple(catalog.ids)
    chosen_filter = chosen_filter if chosen_filter in LABELS else ""
    evidence = evidence_of(sheet, codes)
    last = last_values(sheet)
    hints = hints_of(sheet, codes)
    warnings = warnings_of(sheet)
    views = {
        code: row_view(
            sheet,
            code,
            evidence=evidence.get(code, ()),
            last=last.get(code),
            hints=hints.get(code, ()),
            warnings=warnings.get(code, ()),
            chosen_filter=chosen_filter,
        )
        for code in codes
    }
    if current not in views:
        current = _first(views)
    flags = [tuple(view.flags.split()) for view in views.values()]
    return WorksheetPage(
        assessment=assessment,
        section=section,
        title=section.label if section else _("Seluruh lembar kerja"),
        bar=score_bar(sheet, beside=beside_of(sheet)),
        areas=_areas(sheet, section),
        subs=_subs(sheet, views, current, chosen_filter, with_headings=section is None),
        filters=tuple(filters_of(sheet, flags, chosen_filter)),
        filter=chosen_filter,
        current=current,
        track=sheet.track,
        writes=sheet.pen is not None,
        shows_tpi=sheet.shows_tpi,
        locked=_locked(sheet),
        finish=_finish(sheet, section),
        error_count=_error_count(sheet) if sheet.pen is not None else None,
        next_url=_next_url(sheet, section),
        detail=row_detail(sheet, current, evidence=evidence.get(current, ())),
    )


def home_section(assessment: Assessment, user: User) -> str:
    """Return the first section in which something waits for the person, else the first."""
    sheet = load(assessment, user)
    for section in sheet.catalog.sections:
        reached = [code for code in section.indicator_codes if sheet.reaches(code)]
        if any(not is_done(sheet, code) for code in reached):
            return section.code
    return sheet.catalog.sections[0].code


def _first(views: dict[str, RowView]) -> str:
    shown = [view for view in views.values() if not view.hidden]
    waiting = [view for view in shown if view.writable and not view.done]
    first = (waiting or shown or list(views.values()))[0]
    return first.code


def beside_of(sheet: Sheet) -> str:
    """Return the total of the other side, where the person may know it.

    Costs no query after ``AssessmentQuerySet.with_totals``.
    """
    if sheet.track != Track.UNIT:
        return _("Nilai unit {total}").format(total=_stored_total(sheet, Track.UNIT))
    if sheet.shows_tpi and sees_tpi_totals(sheet.user, sheet.assessment):
        return _("Nilai TPI sementara {total}").format(total=_stored_total(sheet, Track.TPI))
    return ""


def _stored_total(sheet: Sheet, track: str) -> str:
    total = sheet.assessment.__dict__.get(f"{track}_total")
    if total is None:
        total = sheet.assessment.scores.values_list("safe_total", flat=True).get(track=track)
    return scoring.points_text(scoring.Fraction(total))


def _areas(sheet: Sheet, current: Section | None) -> tuple[AreaView, ...]:
    assessment = sheet.assessment
    people = _people(sheet)
    finished = (
        set(AreaCompletion.objects.filter(assessment=assessment).values_list("section", flat=True))
        if assessment.state == State.DRAFT
        else set()
    )
    views = []
    for section in sheet.catalog.sections:
        done = sum(is_done(sheet, code) for code in section.indicator_codes)
        views.append(
            AreaView(
                code=section.code,
                name=section.name,
                url=section_url(assessment, section.code),
                done=done,
                total=len(section.indicator_codes),
                people=", ".join(people.get(section.code, ())),
                finished=section.code in finished,
                current=current is not None and section.code == current.code,
                subs=_sub_links(sheet, section) if section is current else (),
            )
        )
    return tuple(views)


def section_counts(sheet: Sheet, section: Section) -> dict[str, int]:
    """Return how many rows of a section, and of each of its sub-components, are done."""
    counts = {section.code: 0}
    for code in section.indicator_codes:
        node = sheet.catalog.engine.parent_of(code)
        done = is_done(sheet, code)
        counts[node] = counts.get(node, 0) + done
        counts[section.code] += done
    return counts


def node_points(sheet: Sheet, code: str, result: scoring.Result) -> dict[str, str]:
    """Return what the sub-component of a row earns now, as its head says it."""
    node = sheet.catalog.engine.parent_of(code)
    points = result.readings[scoring.Reading.SAFE].nodes[node]
    return {node: scoring.points_text(points)}


def section_url(assessment: Assessment, section_code: str, row_code: str = "") -> str:
    """Return the address of a section, and of a row in it."""
    url = reverse("assessments:worksheet", args=[assessment.pk, section_code])
    return f"{url}?butir={row_code}#{row_code}" if row_code else url


def row_url(assessment: Assessment, sheet: Sheet, code: str) -> str:
    """Return the address of a row on its section's page."""
    return section_url(assessment, sheet.catalog.section_of[code].code, code)


def _people(sheet: Sheet) -> dict[str, list[str]]:
    """Return the members of the team by the section that was given to them."""
    if sheet.view is not TpiView.EVERYTHING or not sheet.shows_tpi:
        return {}
    found: dict[str, list[str]] = {}
    members = TeamMember.objects.filter(assessment=sheet.assessment, rank=Rank.MEMBER)
    for name, areas in members.order_by("user__name").values_list("user__name", "areas"):
        for code in areas:
            found.setdefault(code, []).append(name)
    return found


def _nodes(sheet: Sheet, codes) -> list[scoring.Node]:
    """Return the sub-components of rows, in worksheet order."""
    engine = sheet.catalog.engine
    wanted = {engine.parent_of(code) for code in codes}
    return [node for node in engine.sub_components if node.code in wanted]


def _sub_links(sheet: Sheet, section: Section) -> tuple[SubLink, ...]:
    return tuple(
        SubLink(
            code=node.code,
            name=node.name,
            done=sum(is_done(sheet, row.code) for row in node.indicators),
            total=len(node.indicators),
        )
        for node in _nodes(sheet, section.indicator_codes)
    )


def _subs(
    sheet: Sheet,
    views: dict[str, RowView],
    current: str,
    chosen_filter: str,
    *,
    with_headings: bool,
) -> tuple[SubView, ...]:
    engine = sheet.catalog.engine
    points = sheet.result(sheet.track).readings[scoring.Reading.SAFE].nodes
    subs, area = [], ""
    for node in _nodes(sheet, views):
        rows = tuple(views[row.code] for row in node.indicators)
        done = sum(row.done for row in rows)
        has_current = any(row.code == current for row in rows)
        aspect = next(
            (
                engine.nodes[code].name
                for code in _above(engine, node.code)
                if engine.nodes[code].kind == "aspect"
            ),
            "",
        )
        before, area = area, _heading(sheet, rows[0], aspect)
        subs.append(
            SubView(
                code=node.code,
                name=node.name,
                aspect=aspect,
                points=scoring.points_text(points[node.code]),
                weight=scoring.points_text(node.weight),
                rows=rows,
                done=done,
                different=sum("beda" in row.flags.split() for row in rows),
                to_repair=sum("perbaikan" in row.flags.split() for row in rows),
                folded=done == len(rows) and not has_current and not chosen_filter,
                heading=area if with_headings and area != before else "",
            )
        )
    return tuple(subs)


def _heading(sheet: Sheet, row: RowView, aspect: str) -> str:
    label = sheet.catalog.section_of[row.code].label
    return f"{label} · {aspect}" if aspect else label


def _above(engine: scoring.Instrument, code: str) -> Iterator[str]:
    while (code := engine.parent_of(code)) is not None:
        yield code


def hints_of(sheet: Sheet, codes) -> dict[str, tuple[str, ...]]:
    """Return, for the TPI's writer, the rules that answered rows still break."""
    if sheet.pen is None or sheet.pen.track != Track.TPI:
        return {}
    rules = _rules(sheet)
    return {
        code: tuple(item.message for item in checks.row_findings(rules, code, entry))
        for code in codes
        if (entry := sheet.entry(Track.TPI, code)).is_answered
    }


def _rules(sheet: Sheet) -> checks.Sheet:
    return checks.Sheet(
        sheet.assessment, sheet.catalog, sheet.entries[Track.UNIT], sheet.entries[Track.TPI]
    )


def warnings_of(sheet: Sheet, result: scoring.Result | None = None) -> dict[str, list[str]]:
    """Return the contradictions that scoring sees on the track in front, by code."""
    found: dict[str, list[str]] = {}
    for warning in (result or sheet.result(sheet.track)).warnings:
        if warning.code in sheet.catalog.section_of and warning.blocks:
            found.setdefault(warning.code, []).append(warning.message)
    return found


def _error_count(sheet: Sheet) -> int | None:
    """Return how many rows keep the worksheet from being handed on, as far as rows tell."""
    result = sheet.result(sheet.track)
    contradictions = len({item.code for item in result.contradictions})
    if sheet.pen.track == Track.TPI:
        rules = _rules(sheet)
        broken = sum(
            any(item.severity == checks.Severity.ERROR for item in found)
            for code, entry in sheet.entries[Track.TPI].items()
            if (found := list(checks.row_findings(rules, code, entry)))
        )
        return broken + contradictions
    if sheet.pen.track == Track.UNIT:
        return contradictions + sum(
            not entry.is_answered and not entry.awaits_data
            for entry in sheet.entries[Track.UNIT].values()
        )
    return None


def _locked(sheet: Sheet) -> str:
    """Return why the reader can't write, where he could at another time; blank for observers."""
    if sheet.pen is not None:
        if sheet.pen.returned_only:
            return _("Hanya butir yang dikembalikan yang dapat diubah.")
        if sheet.pen.sections is not None:
            return _("Anda mengisi {sections}. Bagian lain hanya dapat dibaca.").format(
                sections=", ".join(
                    section.label
                    for section in sheet.catalog.sections
                    if section.code in sheet.pen.sections
                )
            )
        return ""
    state = sheet.assessment.get_state_display().lower()
    if sheet.assessment.is_final:
        return _("Lembar kerja sudah final dan hanya dapat dibaca.")
    return _("Lembar kerja sedang {state} dan hanya dapat dibaca.").format(state=state)


def _finish(sheet: Sheet, section: Section | None) -> str:
    if section is None or not can_finish_area(sheet.user, sheet.assessment, section.code):
        return ""
    return "finish"


def _next_url(sheet: Sheet, section: Section | None) -> str:
    """Return where to go after the last row of a section: the next one."""
    sections = sheet.catalog.sections
    if section is None or section is sections[-1]:
        return ""
    return section_url(sheet.assessment, sections[sections.index(section) + 1].code)
