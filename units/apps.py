from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UnitsConfig(AppConfig):
    name = "units"
    verbose_name = _("Unit kerja")

    def ready(self) -> None:
        """Bring the tasks of units and accounts to the home page."""
        from units.panels import tasks_of
        from zona import panels, worklist

        panels.register(worklist.SLOT, tasks_of, "", order=50)
