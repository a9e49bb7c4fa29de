"""``manage.py rescore --all [--check]``: compute every stored score anew."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessments.invariants import score_differences
from assessments.models import Assessment, Score
from assessments.services.scores import fresh_scores, store_scores


class Command(BaseCommand):
    """Compare stored scores with a fresh computation; repair them unless only checking."""

    help = (
        "Menghitung ulang semua nilai tersimpan. --check hanya membandingkan (keluar 1 bila beda)."
    )

    def add_arguments(self, parser) -> None:
        """Take the mode."""
        parser.add_argument("--all", action="store_true", required=True)
        parser.add_argument("--check", action="store_true")

    def handle(self, *args, check, **options) -> None:
        """Print each difference; exit 1 in check mode when there is one."""
        count = 0
        for score, fresh in score_differences():
            count += 1
            self.stdout.write(
                f"penilaian {score.assessment_id} {score.track}:"
                f" {score.safe_total} → {fresh.safe_total}"
            )
            if not check:
                self.repair(score.assessment_id)
        if check and count:
            raise CommandError(f"{count} nilai berbeda dari hitungan ulang.")
        self.stdout.write(f"{Score.objects.count()} nilai diperiksa, {count} berbeda.")

    def repair(self, pk: int) -> None:
        """Compute a worksheet's scores again under its lock: an answer may have come meanwhile."""
        with transaction.atomic():
            Assessment.objects.select_for_update(of=("self",)).get(pk=pk)
            store_scores(list(fresh_scores(Assessment.objects.filter(pk=pk))))
