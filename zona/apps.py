from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import autodiscover_modules


class ZonaConfig(AppConfig):
    """The cellar's tables (audit, jobs, documents, keys) and the roof that joins the apps."""

    name = "zona"
    verbose_name = "Zona"

    def ready(self):
        from zona import (  # noqa: F401  (they register themselves)
            audit,
            documents,
            jobs,
            panels,
            triggers,
            worker,
            worklist,
        )
        from zona.setup_panel import setup_note

        # Every process knows every handler, trigger and invariant, whichever app it belongs to.
        autodiscover_modules("tasks", "triggers", "invariants")
        panels.register(worklist.TOP_SLOT, setup_note, "zona/_setup_note.html", order=1)
        pre_migrate.connect(triggers.on_pre_migrate, sender=self)
        post_migrate.connect(triggers.on_post_migrate, sender=self)
