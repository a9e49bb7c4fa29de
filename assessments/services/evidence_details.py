"""What is said about a document beside its content: name, number, date, the page that matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.catalog import catalog_of
from assessments.models import Answer, Assessment, Evidence, EvidenceUse, RowState, State, Track
from assessments.services.answers import AnswersLocked, lock_assessment
from assessments.services.evidence import require_row
from assessments.services.evidence_library import (
    can_add_to_library,
    clean_line,
    clean_paragraph,
)
from assessments.services.files import EvidenceRefused
from units.models import Unit, User
from zona import audit

NAMED_USES = 3
FIELDS = ("title", "number", "dated_on")


class DescriptionStale(Exception):
    """Somebody else changed the description meanwhile; ``fresh`` is what it says now."""

    def __init__(self, fresh: Evidence):
        super().__init__()
        self.fresh = fresh


@dataclass(frozen=True, slots=True)
class LockedUse:
    """A row that was handed in with a document as it is described."""

    code: str
    period: str


def locked_uses(evidence: Evidence) -> tuple[LockedUse, ...]:
    """Return the rows that stand by the document's description: handed in and not returned.

    In a draft every row is open, in a repair those that were returned; none in a closed period.
    Two queries.
    """
    uses = list(
        EvidenceUse.objects.filter(evidence=evidence)
        .exclude(assessment__state=State.DRAFT, assessment__period__closed_at=None)
        .select_related("assessment__period", "indicator")
        .order_by("-assessment__period__year", "indicator__position")
    )
    returned = set(
        Answer.objects.filter(
            assessment__in={use.assessment_id for use in uses},
            assessment__state=State.REPAIR,
            assessment__period__closed_at=None,
            track=Track.TPI,
            review_state__in=(RowState.NEEDS_REPAIR, RowState.REPAIRED),
        ).values_list("assessment_id", "indicator_id")
    )
    return tuple(
        LockedUse(use.indicator.code, use.assessment.period.name)
        for use in uses
        if (use.assessment_id, use.indicator_id) not in returned
    )


def locked_description(uses: Sequence[LockedUse]) -> str:
    """Return why a description stands as it is, and what to do instead."""
    named = ", ".join(f"{use.code} ({use.period})" for use in uses[:NAMED_USES])
    if len(uses) > NAMED_USES:
        named = _("{named} dan {n} butir lain").format(named=named, n=len(uses) - NAMED_USES)
    return _(
        "Dokumen ini sudah diajukan pada butir {named}, jadi keterangannya tidak dapat diubah. "
        "Tambahkan dokumen yang benar sebagai berkas pengganti atau bukti baru."
    ).format(named=named)


@transaction.atomic
def describe(
    *,
    evidence: Evidence,
    title: str,
    number: str,
    dated_on: date | None,
    by: User,
    base_version: int,
) -> Evidence:
    """Change what a document is called, its number and its date.

    base_version: the version of the description that the person has seen.

    Raises AnswersLocked (not his library, or rows that were handed in stand by it),
    DescriptionStale, or EvidenceRefused (a text that can't be stored).
    """
    if not can_add_to_library(by, evidence.unit):
        raise AnswersLocked(_("Pustaka bukti unit ini bukan wewenang Anda."))
    unit = Unit.objects.select_for_update().get(pk=evidence.unit_id)
    # Nobody hands a worksheet in between the question and the change.
    used = Assessment.objects.filter(evidence_uses__evidence=evidence).values("pk")
    list(Assessment.objects.select_for_update(of=("self",)).filter(pk__in=used).order_by("pk"))
    fresh = Evidence.objects.get(pk=evidence.pk)
    wanted = {
        "title": clean_line(title, 200) or fresh.title,
        "number": clean_line(number, 120),
        "dated_on": dated_on,
    }
    before = {name: getattr(fresh, name) for name in FIELDS}
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    if not changed:
        return fresh
    if fresh.version != base_version:
        raise DescriptionStale(fresh)
    uses = locked_uses(fresh)
    if uses:
        raise AnswersLocked(locked_description(uses))
    for name, value in changed.items():
        setattr(fresh, name, value)
    fresh.version += 1
    fresh.save(update_fields=[*changed, "version"])
    said = {
        "from": {name: _said(before[name]) for name in changed},
        "to": {name: _said(value) for name, value in changed.items()},
    }
    audit.record(unit, [audit.Fact("evidence_described", str(fresh.pk), said)], by=by)
    return fresh


def stale_sentence(fresh: Evidence) -> str:
    """Return what somebody else made of the description meanwhile."""
    said = " · ".join(
        part
        for part in (
            fresh.title,
            fresh.number,
            date_format(fresh.dated_on, "j F Y") if fresh.dated_on else "",
        )
        if part
    )
    return _(
        "Rekan Anda baru saja mengubah keterangan ini menjadi: {said}. "
        "Periksa isian Anda, lalu simpan sekali lagi bila tetap perlu diubah."
    ).format(said=said)


@transaction.atomic
def point_at(
    *,
    use: EvidenceUse,
    page: str,
    quote: str,
    by: User,
    covers: Iterable[int] = (),
    base: str | None = None,
) -> EvidenceUse:
    """Say on which page of a document the proof of a row stands, and what it says there.

    covers: which of the row's expected documents it is, counted from 1; others are left out.
    base: the ``pointer`` that the person has seen; None asks for no comparison.

    Raises AnswersLocked (not now, not his row) or EvidenceRefused (a text that can't be stored).
    """
    locked = lock_assessment(use.assessment, by)
    code = use.indicator.code
    require_row(locked, code, by)
    fresh = EvidenceUse.objects.get(pk=use.pk)
    if base is not None and base != fresh.pointer:
        raise EvidenceRefused(
            _(
                "Rekan Anda baru saja mengubah halaman dan kutipan ini menjadi: {said}. "
                "Muat ulang butir, lalu ubah lagi bila perlu."
            ).format(said=" · ".join(filter(None, (fresh.page, fresh.quote))) or _("kosong"))
        )
    fresh.page, fresh.quote = clean_line(page, 30), clean_paragraph(quote)
    expected = len(catalog_of(locked.instrument).evidence.get(code, ()))
    fresh.covers = sorted({number for number in covers if 1 <= number <= expected})
    fresh.save(update_fields=["page", "quote", "covers"])
    facts = {"title": use.evidence.title, "page": fresh.page, "covers": fresh.covers}
    audit.record(locked, [audit.Fact("evidence_pointed", code, facts)], by=by)
    return fresh


def _said(value: object) -> str:
    return str(value or "")
