"""Share pages: made with a key that is told once, opened by it, logged, revoked."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.catalog import catalog_of
from assessments.models import Assessment, Evidence, EvidenceUse, ShareOpening, SharePage
from assessments.permissions import can_share_evidence
from assessments.reports.evidence_list import ListedRow, evidence_list
from assessments.services.answers import clean_text, lock_assessment
from units.models import User
from zona import audit

KEY_BYTES = 24
KEY_LETTERS_MAX = 64
DAYS_MAX = 366
OPEN_MAX = 50
"""Open pages of one worksheet."""


class ShareRefused(Exception):
    """A share page can't be made or changed; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class NewShare:
    """A page that was just made, and the key that nobody can ask for again."""

    page: SharePage
    key: str


@transaction.atomic
def share_evidence(
    *, assessment: Assessment, by: User, note: str, expires_on: date, code: str = ""
) -> NewShare:
    """Make a page of a worksheet's evidence, or of one row's, for people without an account.

    Raises ShareRefused with a sentence.
    """
    locked = lock_assessment(assessment, frozen_ok=True)
    if not can_share_evidence(by, locked):
        raise ShareRefused(_("Anda tidak dapat membagikan bukti unit ini."))
    catalog = catalog_of(locked.instrument)
    if code and code not in catalog.ids:
        raise ShareRefused(_("Butir {code} tidak dikenal.").format(code=code))
    today = timezone.localdate()
    if not today <= expires_on <= today + timedelta(days=DAYS_MAX):
        raise ShareRefused(_("Pilih tanggal akhir dari hari ini sampai setahun ke depan."))
    open_pages = SharePage.objects.filter(assessment=locked, revoked_at=None, expires_on__gte=today)
    if open_pages.count() >= OPEN_MAX:
        raise ShareRefused(
            _("Sudah ada {n} halaman yang terbuka. Cabut yang tidak dipakai lagi.").format(
                n=OPEN_MAX
            )
        )
    key = secrets.token_urlsafe(KEY_BYTES)
    page = SharePage.objects.create(
        assessment=locked,
        indicator_id=catalog.ids[code] if code else None,
        note=_note(note),
        digest=_digest(key),
        expires_on=expires_on,
        created_by=by,
    )
    facts = {"page": page.pk, "note": page.note, "until": str(expires_on)}
    audit.record(locked, [audit.Fact("evidence_shared", code, facts)], by=by)
    return NewShare(page, key)


@transaction.atomic
def revoke_share(*, page: SharePage, by: User) -> SharePage:
    """Close a share page for good; one that is closed already stays as it is."""
    locked = lock_assessment(page.assessment, frozen_ok=True)
    if not can_share_evidence(by, locked):
        raise ShareRefused(_("Anda tidak dapat mencabut halaman unit ini."))
    fresh = SharePage.objects.select_for_update().get(pk=page.pk)
    if fresh.revoked_at is None:
        fresh.revoked_at, fresh.revoked_by = timezone.now(), by
        fresh.save(update_fields=["revoked_at", "revoked_by"])
        facts = {"page": fresh.pk, "note": fresh.note}
        audit.record(locked, [audit.Fact("evidence_share_revoked", "", facts)], by=by)
    return fresh


def page_of_key(key: str) -> SharePage | None:
    """Return the page that a key opens today; None for every other key, whatever is wrong."""
    if not key or len(key) > KEY_LETTERS_MAX:
        return None
    page = (
        SharePage.objects.filter(digest=_digest(key))
        .select_related("assessment__unit", "assessment__period", "assessment__instrument")
        .select_related("indicator")
        .defer("assessment__instrument__document")
        .first()
    )
    return page if page is not None and page.is_open else None


def open_share(page: SharePage) -> tuple[ListedRow, ...]:
    """Return what a page shows, and log that it was opened."""
    ShareOpening.objects.create(page=page)
    catalog = catalog_of(page.assessment.instrument)
    codes = [page.indicator.code] if page.indicator else list(catalog.engine.indicators)
    return evidence_list(page.assessment, codes)


def open_piece(page: SharePage, evidence_id: int) -> Evidence | None:
    """Return a piece that stands on a page, and log that it was fetched; None for any other."""
    uses = EvidenceUse.objects.filter(assessment=page.assessment, evidence=evidence_id)
    if page.indicator_id:
        uses = uses.filter(indicator=page.indicator_id)
    use = uses.select_related("evidence").first()
    if use is None:
        return None
    ShareOpening.objects.create(page=page, evidence=use.evidence)
    return use.evidence


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _note(note: str) -> str:
    try:
        text = " ".join(clean_text(note, 120).split())
    except ValueError as error:
        raise ShareRefused(str(error)) from error
    if not text:
        raise ShareRefused(_("Tulis untuk siapa halaman ini dibuat."))
    return text
