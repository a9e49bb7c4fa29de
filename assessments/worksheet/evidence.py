"""Evidence as it stands beside a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.models import Evidence, EvidenceUse, Period, Reason, State
from assessments.worksheet.sheet import Sheet

Verdict = EvidenceUse.Verdict

_SIGNS = {
    Verdict.UNJUDGED: ("", "circle-dashed", _("belum dinilai")),
    Verdict.ADEQUATE: ("ok", "circle-check", _("sesuai")),
    Verdict.INADEQUATE: ("warn", "triangle-alert", _("belum sesuai")),
}


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A document or link beside a row.

    ``verdict`` is blank where it is not judged or may not be seen; ``outside`` tells that its
    date lies outside the period's window; ``detachable`` that the reader may take it away.
    """

    use_id: int
    evidence_id: int
    title: str
    kind_label: str
    is_link: bool
    url: str
    number: str
    dated_on: date | None
    page: str
    quote: str
    verdict: str
    sign: str
    icon: str
    verdict_label: str | Promise
    reason: str
    reason_label: str
    outside: bool
    detachable: bool
    covers: tuple[int, ...]
    pointer: str
    link: LinkView | None


@dataclass(frozen=True, slots=True)
class LinkView:
    """What the last check of a link found, and when."""

    sign: str
    icon: str
    label: str
    at: datetime


_LINK_SIGNS = {
    Evidence.LinkState.ALIVE: ("ok", "link"),
    Evidence.LinkState.LOGIN: ("warn", "lock"),
    Evidence.LinkState.DEAD: ("bad", "unlink"),
    Evidence.LinkState.REFUSED: ("warn", "shield-alert"),
}


def link_view(evidence: Evidence) -> LinkView | None:
    """Return what is known of a link's address; None for files and before the first check."""
    if not evidence.link_state:
        return None
    state = Evidence.LinkState(evidence.link_state)
    return LinkView(*_LINK_SIGNS[state], str(state.label).lower(), evidence.link_checked_at)


def is_outside(evidence: Evidence, period: Period) -> bool:
    """Tell whether a document is dated, and not inside the period's window of evidence."""
    day = evidence.dated_on
    return day is not None and not period.evidence_from <= day <= period.evidence_to


def view_of(sheet: Sheet, code: str, use: EvidenceUse) -> EvidenceView:
    """Return a use of evidence as the person may see it."""
    evidence = use.evidence
    verdict, reason = (use.verdict, use.reason) if sheet.sees_tpi(code) else ("", "")
    sign, icon, label = _SIGNS[Verdict(verdict)]
    assessment = sheet.assessment
    return EvidenceView(
        use_id=use.pk,
        evidence_id=evidence.pk,
        title=evidence.title,
        kind_label=evidence.kind_label,
        is_link=evidence.kind == Evidence.Kind.LINK,
        url=evidence.url,
        number=evidence.number,
        dated_on=evidence.dated_on,
        page=use.page,
        quote=use.quote,
        verdict=verdict,
        sign=sign,
        icon=icon,
        verdict_label=label,
        reason=reason,
        reason_label=Reason(reason).label if reason else "",
        outside=is_outside(evidence, assessment.period),
        detachable=sheet.reaches(code)
        and (
            assessment.state == State.DRAFT
            or (not use.verdict and use.attached_by_id == sheet.user.pk)
        ),
        covers=tuple(use.covers),
        pointer=use.pointer,
        link=link_view(evidence),
    )


def evidence_of(sheet: Sheet, codes: Iterable[str]) -> dict[str, tuple[EvidenceView, ...]]:
    """Return the evidence beside rows, by code, oldest first; one query."""
    catalog = sheet.catalog
    uses = (
        EvidenceUse.objects.filter(
            assessment=sheet.assessment, indicator__in=[catalog.ids[code] for code in codes]
        )
        .select_related("evidence")
        .order_by("pk")
    )
    found: dict[str, list[EvidenceView]] = defaultdict(list)
    for use in uses:
        code = catalog.codes[use.indicator_id]
        found[code].append(view_of(sheet, code, use))
    return {code: tuple(views) for code, views in found.items()}
