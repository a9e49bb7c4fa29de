"""A unit's library of evidence: what is in it, where each piece is used, what to pick."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Page, Paginator
from django.db.models import Q

from assessments.models import Assessment, Evidence, EvidenceUse, Period
from assessments.services.evidence import can_add_to_library
from assessments.worksheet.evidence import LinkView, is_outside, link_view
from assessments.worksheet.page import section_url
from units.access import Permission, has_permission
from units.models import Unit, User

PAGE_LENGTH = 25
PICK_LENGTH = 12
USES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class UseLink:
    """A row that a document supports, and the way there."""

    code: str
    period: str
    url: str


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """A document of the library. ``outside`` is against the newest period of the unit."""

    pk: int
    title: str
    kind_label: str
    is_link: bool
    number: str
    dated_on: date | None
    size_bytes: int
    uploaded_at: datetime
    uploaded_by: str
    outside: bool
    replaces_id: int | None
    uses: tuple[UseLink, ...]
    use_count: int
    link: LinkView | None

    @property
    def more_uses(self) -> int:
        """Return how many uses are not named."""
        return self.use_count - len(self.uses)


@dataclass(frozen=True, slots=True)
class Library:
    """A page of a unit's library."""

    rows: tuple[LibraryRow, ...]
    page: Page
    can_add: bool
    is_filtered: bool


def library_page(
    unit: Unit,
    user: User,
    *,
    text: str = "",
    kind: str = "",
    use: str = "",
    number: str | None = None,
) -> Library:
    """Return a page of the library, newest first; four queries at any number of documents.

    kind: "file", "link" or all. use: "used", "unused", "outside" (dated outside the period's
    window) or all.
    """
    period = (
        Period.objects.filter(assessments__unit=unit).order_by("-year", "-pk").first()
        or Period.objects.current()
    )
    rows = search(Evidence.objects.filter(unit=unit).newest().for_library(), text)
    if kind in Evidence.Kind.values:
        rows = rows.filter(kind=kind)
    if use == "used":
        rows = rows.filter(use_count__gt=0)
    elif use == "unused":
        rows = rows.filter(use_count=0)
    elif use == "outside" and period is not None:
        rows = rows.filter(
            Q(dated_on__lt=period.evidence_from) | Q(dated_on__gt=period.evidence_to)
        )
    page = Paginator(rows.order_by("-uploaded_at", "-pk"), PAGE_LENGTH).get_page(number)
    uses = _uses([piece.pk for piece in page])
    return Library(
        rows=tuple(_row(piece, uses.get(piece.pk, ()), period) for piece in page),
        page=page,
        can_add=can_add_to_library(user, unit),
        is_filtered=bool(text or kind or use),
    )


def search(rows, text: str):
    """Keep the documents whose title, number, file name or address has every word."""
    for word in text.replace("\x00", " ").split()[:6]:  # PostgreSQL takes no NUL
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(number__icontains=word)
            | Q(original_name__icontains=word)
            | Q(url__icontains=word)
        )
    return rows


def _uses(pieces: list[int]) -> dict[int, list[UseLink]]:
    """Return where documents are used, newest worksheet first; one query."""
    found: dict[int, list[UseLink]] = defaultdict(list)
    rows = (
        EvidenceUse.objects.filter(evidence__in=pieces)
        .select_related("assessment__period", "indicator")
        .order_by("-assessment__period__year", "-assessment_id", "indicator__position")
    )
    for use in rows:
        links = found[use.evidence_id]
        if len(links) < USES_SHOWN:
            code = use.indicator.code
            url = section_url(use.assessment, use.indicator.section, code)
            links.append(UseLink(code, use.assessment.period.name, url))
    return found


def _row(piece: Evidence, uses, period: Period | None) -> LibraryRow:
    return LibraryRow(
        pk=piece.pk,
        title=piece.title,
        kind_label=piece.kind_label,
        is_link=piece.kind == Evidence.Kind.LINK,
        number=piece.number,
        dated_on=piece.dated_on,
        size_bytes=piece.size_bytes,
        uploaded_at=piece.uploaded_at,
        uploaded_by=str(piece.uploaded_by),
        outside=period is not None and is_outside(piece, period),
        replaces_id=piece.replaces_id,
        uses=tuple(uses),
        use_count=piece.use_count,
        link=link_view(piece),
    )


@dataclass(frozen=True, slots=True)
class PickRow:
    """A document that may be put beside a row."""

    pk: int
    title: str
    kind_label: str
    number: str
    dated_on: date | None
    outside: bool
    attached: bool
    use_count: int


@dataclass(frozen=True, slots=True)
class Picker:
    """The documents that fit a search, for one row."""

    text: str
    rows: tuple[PickRow, ...]
    rest: int
    is_empty_library: bool


def picker_page(assessment: Assessment, code: str, text: str) -> Picker:
    """Return the unit's documents that match, newest first; three queries."""
    every = Evidence.objects.filter(unit_id=assessment.unit_id).newest().for_library()
    rows = search(every, text)
    count = rows.count()
    attached = set(
        EvidenceUse.objects.filter(assessment=assessment, indicator__code=code).values_list(
            "evidence_id", flat=True
        )
    )
    return Picker(
        text=text,
        rows=tuple(
            PickRow(
                pk=piece.pk,
                title=piece.title,
                kind_label=piece.kind_label,
                number=piece.number,
                dated_on=piece.dated_on,
                outside=is_outside(piece, assessment.period),
                attached=piece.pk in attached,
                use_count=piece.use_count,
            )
            for piece in rows[:PICK_LENGTH]
        ),
        rest=max(0, count - PICK_LENGTH),
        is_empty_library=not count and not text,
    )


def twins_of(piece: Evidence, user: User) -> tuple[str, ...]:
    """Return the other units whose libraries hold the same file; only the inspectorate is told.

    Nothing for whoever does not see the TPI's side of this unit and the others; one query.
    """
    if piece.kind == Evidence.Kind.LINK or not has_permission(
        user, Permission.TPI_TRACK_VIEW, piece.unit
    ):
        return ()
    others = Evidence.objects.visible_to(user).filter(sha256=piece.sha256).exclude(unit=piece.unit)
    return tuple(other.unit.label for other in others.select_related("unit").order_by("unit__code"))
