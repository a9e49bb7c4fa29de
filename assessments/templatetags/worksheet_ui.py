"""Tags of the worksheet page: its rows and score bar, which are built as text."""

from __future__ import annotations

from django import template

from assessments.windows.reading import due_of, opens_later
from assessments.worksheet.bar_markup import print_bar, print_verdict

register = template.Library()


@register.simple_tag
def worksheet_row(printer, row):
    """Print a row of the worksheet."""
    return printer.article(row)


@register.simple_tag
def worksheet_bar(bar):
    """Print the score bar."""
    return print_bar(bar)


@register.simple_tag
def worksheet_verdict(bar):
    """Print the sentence under the score bar."""
    return print_verdict(bar)


@register.filter
def step_due(assessment):
    """Return the end of a worksheet's present step (``windows.reading.Due``), or None."""
    return due_of(assessment)


@register.filter
def step_opens(assessment):
    """Return the moment at which the present step opens, while that is still to come."""
    return opens_later(assessment)
