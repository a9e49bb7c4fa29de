"""What is said about a document beside its content: name, number, date, the page that matters."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.models import Evidence, EvidenceUse
from assessments.services.answers import AnswersLocked, clean_text, lock_assessment
from assessments.services.evidence import EvidenceRefused, can_add_to_library, require_row
from units.models import Unit, User
from zona import audit


@transaction.atomic
def describe(
    *, evidence: Evidence, title: str, number: str, dated_on: date | None, by: User
) -> Evidence:
    """Change what a document is called, its number and its date.

    Raises AnswersLocked (not his library) or EvidenceRefused (a text that can't be stored).
    """
    if not can_add_to_library(by, evidence.unit):
        raise AnswersLocked(_("Pustaka bukti unit ini bukan wewenang Anda."))
    unit = Unit.objects.select_for_update().get(pk=evidence.unit_id)
    fresh = Evidence.objects.get(pk=evidence.pk)
    wanted = {
        "title": _line(title, 200) or fresh.title,
        "number": _line(number, 120),
        "dated_on": dated_on,
    }
    changed = {name: value for name, value in wanted.items() if getattr(fresh, name) != value}
    for name, value in changed.items():
        setattr(fresh, name, value)
    if changed:
        fresh.save(update_fields=list(changed))
        said = {name: str(value or "") for name, value in changed.items()}
        audit.record(unit, [audit.Fact("evidence_described", str(fresh.pk), said)], by=by)
    return fresh


@transaction.atomic
def point_at(*, use: EvidenceUse, page: str, quote: str, by: User) -> EvidenceUse:
    """Say on which page of a document the proof of a row stands, and what it says there.

    Raises AnswersLocked (not now, not his row) or EvidenceRefused (a text that can't be stored).
    """
    locked = lock_assessment(use.assessment, by)
    code = use.indicator.code
    require_row(locked, code, by)
    fresh = EvidenceUse.objects.get(pk=use.pk)
    fresh.page, fresh.quote = _line(page, 30), _text(quote)
    fresh.save(update_fields=["page", "quote"])
    facts = {"title": use.evidence.title, "page": fresh.page}
    audit.record(locked, [audit.Fact("evidence_pointed", code, facts)], by=by)
    return fresh


def _line(text: str, maximum: int) -> str:
    return " ".join(_text(text, maximum).split())


def _text(text: str, maximum: int = 2_000) -> str:
    try:
        return clean_text(text, maximum).strip()
    except ValueError as error:
        raise EvidenceRefused(str(error)) from error
