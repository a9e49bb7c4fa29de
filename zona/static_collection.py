"""Collects static files where they are served from, only when one of them changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

STAMP = ".collected"


def static_digest() -> str:
    """Return a fingerprint of all static files by name, size and time, and of how they are kept."""
    digest = hashlib.sha256(settings.STATIC_STORAGE.encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            path = Path(storage.path(name))
            facts = path.stat()
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect() -> bool:
    """Hash and compress static files; False when they are those of the last time."""
    stamp = Path(settings.STATIC_ROOT) / STAMP
    digest = static_digest()
    if stamp.exists() and stamp.read_text() == digest:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(digest)
    return True
