"""``manage.py verify_archive FILE``: a period's archive is whole and reproduces its scores."""

import hashlib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from assessments.archive_check import check_archive
from assessments.models import PeriodArchive

SHOWN = 20


class Command(BaseCommand):
    """Verify an archive; exit 1 when something in it was changed, is gone or scores otherwise."""

    help = (
        "Memeriksa arsip periode: sidik jari tiap berkas, segel, dan nilai yang dihitung kembali."
    )

    def add_arguments(self, parser) -> None:
        """Take the file, and whether to compare it with what this database remembers."""
        parser.add_argument("file", type=Path, help="berkas .zip yang diunduh dari halaman periode")
        parser.add_argument(
            "--database",
            action="store_true",
            help="bandingkan juga dengan sidik jari yang tersimpan di basis data",
        )

    def handle(self, *args, **options) -> None:
        """Name everything that does not hold."""
        path = options["file"]
        try:
            faults = list(check_archive(path))
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise CommandError(f"{path}: {error}") from error
        if options["database"] and not PeriodArchive.objects.filter(sha256=digest).exists():
            faults.append("sidik jari berkas ini tidak dikenal basis data")
        for fault in faults[:SHOWN]:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"Arsip tidak utuh: {len(faults)} hal.")
        self.stdout.write(f"Arsip utuh. SHA-256 {digest}")
