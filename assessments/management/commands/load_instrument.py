"""``manage.py load_instrument FILE…``: validate and store instruments and mappings."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from assessments.instrument_file import InstrumentFileError
from assessments.services import instruments


class Command(BaseCommand):
    """Load instrument files; without a file, those that come with Zona."""

    help = "Memuat instrumen (YAML). Tanpa berkas: instrumen bawaan. Memuat dua kali aman."

    def add_arguments(self, parser) -> None:
        """Take file names."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")

    def handle(self, *args, files, **options) -> None:
        """Load all files or none; name every fault with its place."""
        try:
            loaded = instruments.load_files(files) if files else instruments.load_shipped()
        except InstrumentFileError as error:
            for fault in error.faults:
                self.stderr.write(f"{fault.place}: {fault.message}")
            raise CommandError(f"{len(error.faults)} kesalahan; tidak ada yang dimuat.") from error
        for item in loaded:
            self.stdout.write(f"{item.label}: {'dimuat' if item.created else 'sudah ada'}")
            for line in item.difference:
                self.stdout.write(f"  {line}")
