from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    """Public perception surveys and their indices."""

    name = "surveys"
    verbose_name = _("Survei")

    def ready(self) -> None:
        """Fill the slots of the home page and of a unit's page."""
        from surveys.unit_panel import unit_panel
        from surveys.worklist import tasks_of
        from zona import panels, worklist

        panels.register(worklist.SLOT, tasks_of, "", order=20)
        panels.register("units.unit_detail", unit_panel, "surveys/_unit_panel.html", order=20)
