"""The letterhead of the ministry's papers: what the first run set, else what the settings say."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from PIL import Image, UnidentifiedImageError

from zona import audit
from zona.models import Letterhead

LOGO_SIDE_PIXELS = 512
LOGO_MAX_BYTES = 2 * 1024 * 1024
LOGO_MAX_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG")


class LogoRefused(Exception):
    """The file is no picture that can stand on a letterhead."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Address line, town, and the emblem as a data address (empty where there is none)."""

    address: str
    place: str
    logo: str


def letterhead() -> Lines:
    """Return the letterhead in force; one query."""
    row = Letterhead.objects.order_by("pk").first()
    if row is None:
        return Lines(settings.LETTERHEAD_ADDRESS, settings.LETTERHEAD_PLACE, "")
    logo = ""
    if row.logo:
        logo = f"data:image/png;base64,{base64.b64encode(bytes(row.logo)).decode()}"
    return Lines(
        row.address or settings.LETTERHEAD_ADDRESS, row.place or settings.LETTERHEAD_PLACE, logo
    )


def drawn_logo(content: bytes) -> bytes:
    """Return a picture as a small PNG: what was hidden in the file does not come along.

    Raises LogoRefused.
    """
    if len(content) > LOGO_MAX_BYTES:
        raise LogoRefused
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > LOGO_MAX_PIXELS:
                raise LogoRefused
            picture.thumbnail((LOGO_SIDE_PIXELS, LOGO_SIDE_PIXELS))
            target = io.BytesIO()
            picture.convert("RGBA").save(target, "PNG", optimize=True)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise LogoRefused from error
    return target.getvalue()


def set_letterhead(
    *, address: str, place: str, logo: bytes | None, drop_logo: bool, by
) -> Letterhead:
    """Write the letterhead. logo: a drawn PNG, None to keep the one that is there."""
    row = Letterhead.objects.order_by("pk").first() or Letterhead()
    row.address, row.place = address, place
    if logo is not None or drop_logo:
        row.logo = logo
    row.changed_at, row.changed_by = timezone.now(), by
    row.save()
    data = {"address": address, "place": place, "logo": bool(row.logo)}
    audit.record_system([audit.Fact("letterhead.changed", "letterhead", data)], by=by)
    return row
