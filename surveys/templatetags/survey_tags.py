"""Figures and days of the survey pages, which also speak English."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from django import template
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from surveys.index import half_up
from surveys.profile import profile
from zona.templatetags.zona_numbers import NO_VALUE, span, write_number

register = template.Library()
ENGLISH = "en"


@register.filter
def said_day(value: date) -> str:
    """Write a day in the language of the page: ``1 Maret 2027``, ``1 March 2027``."""
    return format_date(value, "j F Y") if value else NO_VALUE


@register.filter
def survey_days(survey) -> str:
    """Write the days on which a survey takes answers."""
    return span(survey.opens_on, survey.closes_on)


@register.filter
def said_points(value) -> str:
    """Write an index with two decimals in the language of the page: ``3,60`` or ``3.60``."""
    if value is None or value == "":
        return NO_VALUE
    number = value if isinstance(value, Fraction | Decimal | int) else Decimal(value)
    if get_language() == ENGLISH:
        return str(half_up(Fraction(number)))
    return write_number(number, 2)


@register.filter
def fault_place(page, name: str) -> str:
    """Say where a fault of the public form is: the number of the question, or the field."""
    for part in page.parts:
        for ask in part.questions:
            if ask.name == name:
                return _("Pertanyaan %(number)d") % {"number": ask.number}
    for ask in (page.service, *page.profile):
        if ask is not None and ask.name == name:
            return ask.text
    said = {
        "setuju": _("Persetujuan"),
        "token": _("Token"),
        "saran": _("Saran"),
        "cerita": _("Kejadian"),
    }
    return said.get(name, name)


@register.filter
def whole_or_dash(value) -> str:
    """Write a count, or the dash that stands for none."""
    return value if value == NO_VALUE else write_number(value, 0)


@register.filter
def profile_names(survey) -> str:
    """Write the profile fields that a survey asks for."""
    names = [str(field.label) for field in profile().chosen(survey.profile_fields)]
    return ", ".join(names).lower() or NO_VALUE
