"""Tags of the worksheet page: its rows and score bar, which are built as text."""

from __future__ import annotations

from django import template

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
