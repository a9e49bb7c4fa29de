"""Where static files come from, beside our own folder and the apps."""

from bootstrap_wrapper import get_bootstrap_dir
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

# Hashed storage follows the source maps that the minified files name, so they come along.
BOOTSTRAP_FILES = (
    "css/bootstrap.min.css",
    "css/bootstrap.min.css.map",
    "js/bootstrap.bundle.min.js",
    "js/bootstrap.bundle.min.js.map",
)


class BootstrapFinder(BaseFinder):
    """Finds ``bootstrap/…``: of the package's sixty builds only the files that pages use."""

    prefix = "bootstrap"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=get_bootstrap_dir())
        self.storage.prefix = self.prefix

    def check(self, **kwargs):
        return []

    def find(self, path, find_all=False, **kwargs):
        """Return the file's place for ``bootstrap/<name>``; a list with ``find_all``."""
        name = path.removeprefix(f"{self.prefix}/")
        found = name != path and name in BOOTSTRAP_FILES
        if find_all:
            return [self.storage.path(name)] if found else []
        return self.storage.path(name) if found else None

    def list(self, ignore_patterns):
        """Yield each file's name and storage."""
        for name in BOOTSTRAP_FILES:
            if not matches_patterns(name, ignore_patterns):
                yield name, self.storage
