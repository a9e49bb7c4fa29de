"""``manage.py survey_index FILE.json``: the index of a survey told as means or scores."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from surveys import index_file
from surveys.index_file import FILE, IndexFileError, Problem


class Command(BaseCommand):
    """Compute the index of a file without a database and print one JSON object."""

    help = "Menghitung indeks SKM, SPKP, atau SPAK dari satu berkas dan mencetak satu objek JSON."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        """Take the file."""
        parser.add_argument("file", metavar="FILE.json", help="rata-rata atau skor tiap unsur")

    def handle(self, *args, file: str, **options) -> None:
        """Print the index; print the problems and leave with status 1 when there are any."""
        try:
            found = index_file.read(_content(file))
        except IndexFileError as error:
            problems = [{"code": item.code, "message": item.message} for item in error.problems]
            self._print({"errors": problems})
            sys.exit(1)
        self._print(index_file.printed(found))

    def _print(self, document: dict[str, Any]) -> None:
        encoding = getattr(self.stdout, "encoding", None) or "utf-8"
        text = json.dumps(document, ensure_ascii=False, indent=2)
        if text.encode(encoding, "replace").decode(encoding) != text:
            text = json.dumps(document, indent=2)
        self.stdout.write(text)


def _content(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(index_file.MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise IndexFileError([Problem(FILE, "Berkas tidak dapat dibaca.")]) from error
