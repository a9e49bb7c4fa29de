"""The unit's dashboard: frozen dataclasses built from one scoring result per visible track."""

from assessments.dashboard.detail import explain_page, potential_page, way_page
from assessments.dashboard.facts import Facts, Links, load_facts
from assessments.dashboard.page import DashboardPage, build_dashboard, short_name
from assessments.dashboard.ways import Way, way_to
from assessments.dashboard.years import ComparisonPage, comparison_page

__all__ = [
    "ComparisonPage",
    "DashboardPage",
    "Facts",
    "Links",
    "Way",
    "build_dashboard",
    "comparison_page",
    "explain_page",
    "load_facts",
    "potential_page",
    "short_name",
    "way_page",
    "way_to",
]
