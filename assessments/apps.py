from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    """Instruments, worksheets, scores, dashboards, reports."""

    name = "assessments"
    verbose_name = _("Penilaian")

    def ready(self) -> None:
        """Declare the triggers; registries are filled here too."""
        from assessments import home_cards, survey_link, triggers  # noqa: F401  declares on import
        from assessments.control.panels import announcements
        from assessments.objection_page import dashboard_panel
        from assessments.worklist import tasks_of
        from zona import panels, worklist

        panels.register(worklist.SLOT, tasks_of, "", order=10)
        panels.register(
            worklist.TOP_SLOT, announcements, "assessments/_home_announcements.html", order=10
        )
        panels.register(
            worklist.SIDE_SLOT, home_cards.team_units, "assessments/_home_units.html", order=10
        )
        panels.register(
            worklist.SIDE_SLOT,
            home_cards.important_dates,
            "assessments/_home_dates.html",
            order=20,
        )
        panels.register(
            "units.unit_detail",
            home_cards.sheets_of_unit,
            "assessments/_unit_sheets.html",
            order=10,
        )
        panels.register(
            "assessments.dashboard", dashboard_panel, "assessments/_objections.html", order=10
        )
        survey_link.connect()
