"""``manage.py rebuild_survey_sums``: compare kept sums with the stored answers; set them right."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from surveys.invariants import sum_differences
from surveys.services.lifecycle import rebuild_sums
from surveys.services.submission import lock_tally


class Command(BaseCommand):
    """Add up all stored answers anew."""

    help = "Menghitung ulang jumlah berjalan semua survei dari jawaban yang tersimpan."

    def add_arguments(self, parser) -> None:
        """Take whether anything may be changed."""
        parser.add_argument("--dry-run", action="store_true", help="hanya membandingkan")

    def handle(self, *args, dry_run: bool, **options) -> None:
        """Print every survey whose sums differ; correct them unless asked not to."""
        wrong = [kept.survey for kept, _fresh in sum_differences()]
        for survey in wrong:
            self.stdout.write(f"survei {survey.pk} ({survey.code}): jumlah berbeda")
            if not dry_run:
                with transaction.atomic():
                    kept = lock_tally(survey)
                    kept.sums = rebuild_sums(survey)
                    kept.save(update_fields=["sums"])
        if wrong and dry_run:
            raise CommandError(f"{len(wrong)} survei berbeda; tidak ada yang diubah")
        self.stdout.write(f"{len(wrong)} survei dibetulkan" if wrong else "semua jumlah benar")
