"""The worksheet page: loading what a person may see, and the dataclasses that pages print."""

from assessments.worksheet.bar import ScoreBar, score_bar
from assessments.worksheet.page import WHOLE, WorksheetPage, home_section, worksheet_page
from assessments.worksheet.rows import RowView, row_view
from assessments.worksheet.sheet import Sheet, load

__all__ = [
    "WHOLE",
    "RowView",
    "ScoreBar",
    "Sheet",
    "WorksheetPage",
    "home_section",
    "load",
    "row_view",
    "score_bar",
    "worksheet_page",
]
