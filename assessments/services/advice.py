"""Guidance and phrases: written in versions, shared, filled in for a row."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Guidance, Indicator, Phrase
from assessments.permissions import can_share_phrases, can_write_guidance
from assessments.services.answers import clean_text
from units.models import User
from zona import audit

GUIDANCE_MAX = 8_000
PHRASE_MAX = 1_000
_PLACE = re.compile(r"\{(unit|tahun|butir|nilai_unit)\}")


class AdviceRefused(Exception):
    """Guidance or a phrase can't be kept; the text is a sentence for its writer."""


class GuidanceStale(AdviceRefused):
    """Somebody else wrote a newer version meanwhile; ``newest`` is that one."""

    def __init__(self, newest: Guidance) -> None:
        super().__init__(
            _("{name} baru saja menulis versi {n}. Bandingkan, lalu simpan lagi.").format(
                name=newest.by, n=newest.version
            )
        )
        self.newest = newest


class PhraseStale(AdviceRefused):
    """The phrase was changed since its writer saw it; ``current`` is how it stands."""

    def __init__(self, current: Phrase) -> None:
        super().__init__(_("Frasa ini baru saja diubah di tempat lain. Periksa, lalu simpan lagi."))
        self.current = current


@transaction.atomic
def write_guidance(*, indicator: Indicator, text: str, base: int, by: User) -> Guidance | None:
    """Keep the next version of an indicator's guidance; None when nothing changed.

    base: the version that the writer saw, 0 for none.

    Raises AdviceRefused (not his, a text that can't be stored) or GuidanceStale.
    """
    if not can_write_guidance(by):
        raise AdviceRefused(_("Petunjuk penilaian ditulis oleh Sekretariat TPI."))
    text = _clean(text, GUIDANCE_MAX)
    newest = indicator.guidance.select_related("by").first()
    held = newest.version if newest else 0
    if held != base:
        raise GuidanceStale(newest)
    if text == (newest.text if newest else ""):
        return None
    try:
        with transaction.atomic():
            fresh = Guidance.objects.create(indicator=indicator, version=held + 1, text=text, by=by)
    except IntegrityError as error:
        raise GuidanceStale(indicator.guidance.select_related("by").first()) from error
    audit.record_system(
        [
            audit.Fact(
                "guidance.written",
                f"indicator:{indicator.pk}",
                {"code": indicator.code, "version": fresh.version},
            )
        ],
        by=by,
    )
    return fresh


def written_codes(instrument_id: int) -> set[str]:
    """Return the codes of the indicators of an instrument that have guidance now; one query."""
    newest = Guidance.objects.filter(indicator__instrument=instrument_id)
    last = dict(newest.order_by().values_list("indicator").annotate(Max("version")))
    rows = newest.exclude(text="").values_list("indicator_id", "version", "indicator__code")
    return {code for pk, version, code in rows if last[pk] == version}


@transaction.atomic
def save_phrase(
    *,
    by: User,
    title: str,
    text: str,
    code: str = "",
    is_shared: bool = False,
    phrase: Phrase | None = None,
    base: int = 0,
) -> Phrase:
    """Keep a phrase of one's own, or change one.

    base: the version that the writer saw, where a phrase is changed.

    Raises AdviceRefused (not his, a second one of that name, a text that can't be stored) or
    PhraseStale.
    """
    if is_shared and not can_share_phrases(by):
        raise AdviceRefused(_("Hanya orang Itjen yang membagikan frasa."))
    title, text = _clean(title, 60), _clean(text, PHRASE_MAX)
    if not title or not text:
        raise AdviceRefused(_("Isi nama dan kalimatnya."))
    if "\n" in title:
        raise AdviceRefused(_("Nama frasa satu baris saja."))
    if phrase is None:
        held = Phrase(owner=by)
    else:
        held = Phrase.objects.select_for_update().get(pk=phrase.pk)
        if held.owner_id != by.pk:
            raise AdviceRefused(_("Frasa ini milik orang lain; buat salinan Anda sendiri."))
        if held.version != base:
            raise PhraseStale(held)
        held.version += 1
    if Phrase.objects.filter(owner=by, title=title).exclude(pk=held.pk).exists():
        raise AdviceRefused(_("Anda sudah mempunyai frasa dengan nama ini."))
    held.title, held.text, held.code, held.is_shared = title, text, code, is_shared
    held.changed_at = timezone.now()
    held.save()
    audit.record_system(
        [audit.Fact("phrase.saved", f"phrase:{held.pk}", {"title": title, "shared": is_shared})],
        by=by,
    )
    return held


@transaction.atomic
def delete_phrase(*, phrase: Phrase, by: User) -> None:
    """Remove a phrase of one's own; conditions written with it stay as they are."""
    if phrase.owner_id != by.pk:
        raise AdviceRefused(_("Frasa ini milik orang lain."))
    fact = audit.Fact("phrase.deleted", f"phrase:{phrase.pk}", {"title": phrase.title})
    phrase.delete()
    audit.record_system([fact], by=by)


def fill_in(text: str, places: Mapping[str, str]) -> str:
    """Return a phrase with its known placeholders filled in; what nobody knows stays."""
    return _PLACE.sub(lambda found: places.get(found.group(1)) or found.group(0), text)


def _clean(text: str, maximum: int) -> str:
    try:
        return clean_text(text, maximum).strip()
    except ValueError as error:
        raise AdviceRefused(str(error)) from error
