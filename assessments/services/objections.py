"""Objections: filed once per row within the window, answered once by the team."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.catalog import catalog_of
from assessments.models import Assessment, Objection, Rank
from assessments.permissions import can_answer_objection, can_object
from assessments.services.answers import clean_text, lock_assessment
from assessments.windows.reading import ask_whom, end_of, window_of
from units.models import User
from zona import audit
from zona.models import Notification

TEXT_MAX = 4_000
_ANSWERING = (Rank.LEAD, Rank.SUPERVISOR, Rank.QUALITY)


class ObjectionRefused(Exception):
    """An objection or its answer can't be kept; the text is a sentence for its writer."""


def window_end(assessment: Assessment) -> datetime | None:
    """Return the moment at which no objection is taken any more; None where none ever is.

    The period's days count from the day after the worksheet became final, and end at 24:00 WIB; a
    window of the period stands in their place. A unit's extension lifts either.
    """
    days = assessment.period.objection_days
    if assessment.finalized_at is None or not days:
        return None
    window = window_of(assessment)
    last = timezone.localtime(assessment.finalized_at).date() + timedelta(days=days)
    last = window.closes or last
    return end_of(max(last, window.until) if window.until else last)


def is_open(assessment: Assessment) -> bool:
    """Tell whether objections to the worksheet are taken now."""
    end, now = window_end(assessment), timezone.now()
    return end is not None and now < end and not window_of(assessment).is_early(now)


@transaction.atomic
def file_objection(*, assessment: Assessment, code: str, text: str, by: User) -> Objection:
    """Keep a unit's objection to a row and tell the team.

    Raises ObjectionRefused: not his, not final, outside the window, the row was objected to
    before (in an earlier version too), or a newer version exists.
    """
    locked = lock_assessment(assessment, by)
    catalog = catalog_of(locked.instrument)
    if code not in catalog.ids:
        raise ObjectionRefused(_("Butir {code} tidak dikenal.").format(code=code))
    if not can_object(by, locked):
        raise ObjectionRefused(_("Sanggah diajukan kepala unit atau Ketua Tim ZI."))
    if Assessment.objects.filter(supersedes=locked).exists():
        raise ObjectionRefused(_("Lembar kerja ini sudah digantikan versi berikutnya."))
    if not is_open(locked):
        raise ObjectionRefused(
            _("Jendela sanggah LKE ini belum terbuka atau ditutup.") + f" {ask_whom()}"
        )
    known = Objection.objects.filter(
        assessment__unit=locked.unit_id,
        assessment__period=locked.period_id,
        indicator=catalog.ids[code],
    )
    if known.exists():
        raise ObjectionRefused(_("Butir ini sudah pernah disanggah; sanggah hanya sekali."))
    objection = Objection.objects.create(
        assessment=locked, indicator_id=catalog.ids[code], text=_clean(text), by=by
    )
    audit.record(locked, [audit.Fact("objection_filed", code, {"text": objection.text})], by=by)
    people = User.objects.active().filter(
        team_places__assessment=locked, team_places__rank__in=_ANSWERING
    )
    said = _("{unit} menyanggah butir {code}.").format(unit=locked.unit.label, code=code)
    _tell(locked, code, people, said)
    return objection


@transaction.atomic
def answer_objection(*, objection: Objection, verdict: str, text: str, by: User) -> Objection:
    """Answer an objection, once; an accepted one waits for the next version.

    Raises ObjectionRefused: not his, answered before, or without a verdict and words.
    """
    locked = lock_assessment(objection.assessment, by)
    fresh = Objection.objects.select_for_update().get(pk=objection.pk)
    if not can_answer_objection(by, locked):
        raise ObjectionRefused(_("Sanggah dijawab ketua tim, pengendali teknis, atau mutu."))
    if fresh.answered_at is not None:
        raise ObjectionRefused(_("Sanggah ini sudah dijawab; jawaban hanya sekali."))
    if verdict not in Objection.Verdict.values:
        raise ObjectionRefused(_("Pilih diterima atau ditolak."))
    fresh.verdict, fresh.answer = verdict, _clean(text)
    fresh.answered_at, fresh.answered_by = timezone.now(), by
    fresh.save(update_fields=["verdict", "answer", "answered_at", "answered_by"])
    code = catalog_of(locked.instrument).codes[fresh.indicator_id]
    facts = {"verdict": verdict, "answer": fresh.answer}
    audit.record(locked, [audit.Fact("objection_answered", code, facts)], by=by)
    said = _("{verdict}: butir {code}.").format(verdict=fresh.get_verdict_display(), code=code)
    _tell(locked, code, User.objects.active().filter(pk=fresh.by_id), said)
    return fresh


def _tell(assessment: Assessment, code: str, people, text: str) -> None:
    url = reverse("assessments:objection", args=[assessment.pk, code])
    Notification.objects.bulk_create(
        Notification(user=user, kind="objection", text=text, url=url) for user in people.distinct()
    )


def _clean(text: str) -> str:
    try:
        text = clean_text(text, TEXT_MAX).strip()
    except ValueError as error:
        raise ObjectionRefused(str(error)) from error
    if not text:
        raise ObjectionRefused(_("Tulis alasannya lebih dahulu."))
    return text
