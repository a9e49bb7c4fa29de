"""Build the demo: a fictional ministry with its units, people, worksheets and evidence."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from assessments.demo.accounts import DEMO_PASSWORD, demo_accounts
from assessments.demo.build import seed_demo


class Command(BaseCommand):
    """``manage.py seed_demo [--seed N]``; on a database that has units it changes nothing."""

    help = "Bangun data peragaan pada basis data yang masih kosong."

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=1, help="benih acak (bawaan 1)")

    def handle(self, *args, **options):
        if not settings.ZONA_DEMO:
            raise CommandError(_("Data peragaan hanya dibuat pada mode peragaan (ZONA_DEMO)."))
        seeded = seed_demo(options["seed"], report=self.stdout.write)
        if not seeded.created:
            self.stdout.write(_("Basis data sudah berisi unit kerja; tidak ada yang diubah."))
            return
        self.stdout.write("")
        self.stdout.write(_("Akun peragaan, kata sandi {password}:").format(password=DEMO_PASSWORD))
        for account in demo_accounts():
            self.stdout.write(
                f"  {account.username:<12} {account.name:<30} {account.role} ({account.unit})"
            )
