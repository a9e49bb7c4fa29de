"""Figures and moments as Indonesians write them: ``80,17``, ``−0,50``, ``28 April 2027``.

A filter shows; it decides nothing. Rounding here is half up and the last step; a gap that must
never look smaller than it is arrives rounded from the scoring rules.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

register = template.Library()

MINUS = "−"
NO_VALUE = "–"
ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
WIB = ZoneInfo("Asia/Jakarta")


def write_number(value: Decimal | Fraction | int, places: int, *, sign: bool = False) -> str:
    """Return a number with comma, dots between thousands, a true minus, rounded half up.

    places: decimals, 0 or more. sign: also write the plus of a positive number.
    """
    if isinstance(value, Fraction):
        scale = 10**places
        twice = 2 * abs(value) * scale
        whole = (twice.numerator + twice.denominator) // (2 * twice.denominator)
        shown = Decimal(whole).scaleb(-places)
        shown = -shown if value < 0 else shown
    else:
        shown = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(shown):,.{places}f}".translate(str.maketrans(",.", ".,"))
    if shown < 0:
        return MINUS + text
    return f"+{text}" if sign and shown > 0 else text


def _shown(value, places: int, *, sign: bool = False) -> str:
    return NO_VALUE if value is None or value == "" else write_number(value, places, sign=sign)


@register.filter
def points(value) -> str:
    """Write points or an index with two decimals: ``80,17``; a dash for no value."""
    return _shown(value, 2)


@register.filter
def as_points(text: str) -> str:
    """Write points that were kept as text, such as ``"80.166667"``, with two decimals."""
    return points(Decimal(text))


@register.filter
def as_shown(value) -> str:
    """Write a number with the decimals that it brings: ``74,996``; a dash for no value."""
    return NO_VALUE if value is None else write_number(value, -value.as_tuple().exponent)


@register.filter
def signed(value) -> str:
    """Write a difference with its sign and two decimals: ``+1,20``, ``−0,50``."""
    return _shown(value, 2, sign=True)


@register.filter
def decimals(value, places) -> str:
    """Write a number with the given count of decimals."""
    return _shown(value, int(places))


@register.filter
def whole(value) -> str:
    """Write a count: ``1.250``."""
    return _shown(value, 0)


@register.filter
def percent(value, places=2) -> str:
    """Write a ratio 0..1 as percent without a space: ``60,98%``."""
    if value is None or value == "":
        return NO_VALUE
    number = value * 100 if isinstance(value, Fraction | int) else Decimal(value) * 100
    return f"{write_number(number, int(places))}%"


def _local(value: datetime, zone: ZoneInfo = WIB) -> datetime:
    return timezone.localtime(value, zone)


@register.filter
def day(value) -> str:
    """Write a day (of a moment: in WIB): ``22 November 2026``."""
    if not value:
        return NO_VALUE
    return format_date(_local(value) if isinstance(value, datetime) else value, "j F Y")


@register.filter
def weekday(value) -> str:
    """Write a day with its name: ``Rabu, 28 April 2027``."""
    if not value:
        return NO_VALUE
    return format_date(_local(value) if isinstance(value, datetime) else value, "l, j F Y")


@register.filter
def clock(value) -> str:
    """Write the time of a moment: ``pukul 14.07 WIB``."""
    if not value:
        return NO_VALUE
    return _("pukul %(time)s WIB") % {"time": _local(value).strftime("%H.%M")}


@register.filter
def moment(value) -> str:
    """Write a moment: ``31 Mei 2027 pukul 23.59 WIB``."""
    return f"{day(value)} {clock(value)}" if value else NO_VALUE


@register.filter
def deadline(value) -> str:
    """Write the end of a day as the law counts it: midnight in WIB is 24.00 of the day before."""
    if not value:
        return NO_VALUE
    if isinstance(value, datetime):
        local = _local(value)
        if (local.hour, local.minute) != (0, 0):
            return moment(value)
        value = (local - timedelta(days=1)).date()
    return _("%(day)s pukul 24.00 WIB") % {"day": day(value)}


@register.filter
def deadline_in(value: datetime | None, zone: str) -> str:
    """Write the end of a day in WIB, and in the unit's own time where that differs.

    ``31 Mei 2027 pukul 24.00 WIB (1 Juni pukul 02.00 WIT)``.
    """
    said = deadline(value)
    if not value or ZONES.get(zone, "WIB") == "WIB":
        return said
    return _("%(said)s (%(day)s pukul %(time)s %(zone)s)") % {
        "said": said,
        **_in_own_time(value, zone),
    }


@register.filter
def own_time(value: datetime, zone: str) -> str:
    """Write the hour of a deadline beside its day: ``24.00 WIB (1 Juni pukul 02.00 WIT)``."""
    wib = _local(value)
    at_midnight = (wib.hour, wib.minute) == (0, 0)
    said = "24.00 WIB" if at_midnight else f"{wib:%H.%M} WIB"
    if ZONES.get(zone, "WIB") == "WIB":
        return said
    return _("%(said)s (%(day)s pukul %(time)s %(zone)s)") % {
        "said": said,
        **_in_own_time(value, zone),
    }


def _in_own_time(value: datetime, zone: str) -> dict[str, str]:
    local = _local(value, ZoneInfo(zone))
    return {
        "day": format_date(local, "j F"),
        "time": local.strftime("%H.%M"),
        "zone": ZONES[zone],
    }


@register.filter
def in_zone(value, zone: str) -> str:
    """Write a moment in a unit's own time (a zone's name): ``8 Mei 2027 pukul 02.00 WIT``."""
    if not value:
        return NO_VALUE
    local = _local(value, ZoneInfo(zone))
    return _("%(day)s pukul %(time)s %(zone)s") % {
        "day": format_date(local, "j F Y"),
        "time": local.strftime("%H.%M"),
        "zone": ZONES.get(zone, zone),
    }


@register.filter
def span(first: date, last: date | None) -> str:
    """Write a span of days without saying twice what both ends share: ``3–7 Mei 2027``."""
    if not first or not last:
        return day(first or last)
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{format_date(first, 'j F')} – {day(last)}"
    return f"{day(first)} – {day(last)}"


@register.filter
def days_ago(value) -> str:
    """Write how many days ago a day or moment was, in WIB: ``hari ini``, ``5 hari``."""
    if not value:
        return NO_VALUE
    then = _local(value).date() if isinstance(value, datetime) else value
    count = (_local(datetime.now(UTC)).date() - then).days
    return _("hari ini") if count <= 0 else _("%(count)d hari") % {"count": count}
