"""How static files are named when they are served: by their content, modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed names that the imports inside our own ES modules follow.

    Without it a module that a page loads by its hashed name and another imports by its plain one
    would run twice. Scripts of packages are left alone: they import nothing of ours.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )
