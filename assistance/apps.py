from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssistanceConfig(AppConfig):
    """Recommendations, their follow-up, and the visits that bring them about."""

    name = "assistance"
    verbose_name = _("Asistensi")

    def ready(self) -> None:
        """Declare the triggers and fill the slots of the pages below."""
        from assessments.demo import further
        from assessments.services.teams import ASSISTED_SLOT
        from assistance import triggers  # noqa: F401  declares on import
        from assistance.panels import dashboard_panel, row_panel, unit_panel, who_assisted
        from assistance.story import tell
        from assistance.worklist import tasks_of
        from zona import panels, worklist

        further.add(tell)
        panels.register(worklist.SLOT, tasks_of, "", order=30)
        panels.register("units.unit_detail", unit_panel, "assistance/_unit_panel.html", order=30)
        panels.register(
            "assessments.dashboard", dashboard_panel, "assistance/_dashboard_panel.html", order=30
        )
        panels.register(ASSISTED_SLOT, who_assisted, "")
        panels.register("worksheet_row", row_panel, "assistance/_row_panel.html", order=30)
