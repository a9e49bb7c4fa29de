"""Stored files: whole on the disk before they have a name, and none without its row.

A file is written beside its place, synced and renamed, so that nobody ever meets half of one.
While its row is not committed a marker under ``PENDING_FILES`` names it; a transaction that is
rolled back, or a process that is killed, leaves the marker, and ``sweep`` removes the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.db import models, transaction

PART = ".part"
SWEPT_AFTER_SECONDS = 60 * 60
"""Older than any transaction of this house: whatever is still marked then has no row."""

logger = logging.getLogger(__name__)


class DurableStorage(FileSystemStorage):
    """Files of this machine, each written to the end and synced before it gets its name."""

    def _save(self, name: str, content: File) -> str:
        full = Path(self.path(name))
        full.parent.mkdir(
            mode=self.directory_permissions_mode or 0o777, parents=True, exist_ok=True
        )
        part = full.with_name(full.name + PART)
        try:
            with part.open("xb") as target:
                for chunk in content.chunks():
                    target.write(chunk.encode() if isinstance(chunk, str) else chunk)
                target.flush()
                os.fsync(target.fileno())
            if self.file_permissions_mode is not None:
                part.chmod(self.file_permissions_mode)
            part.rename(full)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync_folder(full.parent)
        return name.replace("\\", "/")


@contextlib.contextmanager
def kept(row: models.Model, field: str, name: str, content: File) -> Iterator[None]:
    """Store a file for a row that the block saves; when the block fails the file goes again.

    Put it outside of the transaction: then the file goes at once, also when the commit fails.
    Inside one, the sweep removes it after a rollback. Raises OSError when it can't be stored.
    """
    bound = getattr(row, field)
    storage = bound.storage
    wanted = bound.field.generate_filename(row, name)
    stored = storage.get_available_name(wanted, max_length=bound.field.max_length)
    marker = _mark(stored, row, field)
    try:
        setattr(row, field, storage.save(stored, content))
        yield
    except BaseException:
        # A file that can't be removed now keeps its marker.
        with contextlib.suppress(OSError):
            storage.delete(stored)
            marker.unlink(missing_ok=True)
        raise
    transaction.on_commit(lambda: marker.unlink(missing_ok=True))


def sweep(*, older_than_seconds: float = SWEPT_AFTER_SECONDS) -> int:
    """Remove the files whose rows never came to be; return how many.

    Looks only at files that carry a marker: a file that once had its row is never touched.
    """
    removed = 0
    oldest = time.time() - older_than_seconds
    for marker in sorted(Path(settings.PENDING_FILES).glob("*.json")):
        try:
            if marker.stat().st_mtime > oldest:
                continue
            facts = json.loads(marker.read_text())
            model = apps.get_model(facts["model"])
            storage = model._meta.get_field(facts["field"]).storage
        except FileNotFoundError:
            continue
        except (ValueError, KeyError, LookupError):
            logger.warning("a marker of a stored file cannot be read: %s", marker)
            continue
        if not model._default_manager.filter(**{facts["field"]: facts["name"]}).exists():
            removed += storage.exists(facts["name"])
            storage.delete(facts["name"])
            storage.delete(facts["name"] + PART)
        marker.unlink(missing_ok=True)
    return removed


def _mark(stored: str, row: models.Model, field: str) -> Path:
    folder = Path(settings.PENDING_FILES)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    marker = folder / f"{hashlib.sha256(stored.encode()).hexdigest()[:32]}.json"
    facts = {"model": row._meta.label, "field": field, "name": stored}
    try:
        marker.write_text(json.dumps(facts))
    except OSError:
        marker.unlink(missing_ok=True)
        raise
    return marker


def _sync_folder(folder: Path) -> None:
    """Make the new name itself lasting."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
