"""``manage.py load_questionnaires [FILE…]``: check and store questionnaire editions."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from surveys.questionnaire_file import QuestionnaireFileError
from surveys.services import questionnaires


class Command(BaseCommand):
    """Load questionnaire files; without a file, those that come with Zona."""

    help = "Memuat kuesioner survei (YAML). Tanpa berkas: kuesioner bawaan. Dua kali aman."

    def add_arguments(self, parser) -> None:
        """Take file names."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")

    def handle(self, *args, files, **options) -> None:
        """Load all files or none; name every fault with its place."""
        try:
            loaded = questionnaires.load_files(files) if files else questionnaires.load_shipped()
        except QuestionnaireFileError as error:
            for fault in error.faults:
                self.stderr.write(f"{fault.place}: {fault.message}")
            message = f"{len(error.faults)} kesalahan; tidak ada yang dimuat."
            raise CommandError(message) from error
        for item in loaded:
            state = "dimuat" if item.created else "sudah ada"
            self.stdout.write(f"{item.questionnaire.code}: {state}")
