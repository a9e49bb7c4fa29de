"""Makes an installation ready to serve; repeated, it only does what is still missing."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from assessments.demo.accounts import DEMO_PASSWORD, demo_accounts
from assessments.demo.build import seed_demo
from zona import triggers
from zona.first_run import first_link_words, offer_link
from zona.serve import PROMISED_KEY
from zona.static_collection import collect


class Command(BaseCommand):
    help = "Menyiapkan pemasangan: basis data, huruf, berkas statis, instrumen, data peragaan."

    def handle(self, *args, **options):
        self.migrate()
        call_command("build_fonts", stdout=self.stdout)
        collected = collect()
        self.stdout.write(f"berkas statis: {'dikumpulkan' if collected else 'sudah mutakhir'}")
        call_command("load_instrument", stdout=self.stdout)
        call_command("load_questionnaires", stdout=self.stdout)
        if settings.ZONA_DEMO:
            seed_demo(report=self.stdout.write)
            self.tell_accounts()
        else:
            self.tell_first_link()

    def migrate(self) -> None:
        """Bring the tables up to date and put missing triggers back."""
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            call_command("migrate", interactive=False, verbosity=0)
            self.stdout.write(f"basis data: {len(waiting)} migrasi dijalankan")
        else:
            triggers.install()
            self.stdout.write("basis data: sudah mutakhir")

    def tell_first_link(self) -> None:
        """Print the link by which the first admin is made, while nobody has an account."""
        promised = settings.VAR / PROMISED_KEY
        token = promised.read_text().strip() if promised.is_file() else ""
        token = offer_link(token)
        if token:
            self.stdout.write(first_link_words(token))
        else:
            promised.unlink(missing_ok=True)

    def tell_accounts(self) -> None:
        """Name the people of the demo; each enters by a button on the login page too."""
        self.stdout.write(f"\nakun peragaan, kata sandi {DEMO_PASSWORD}:")
        for account in demo_accounts():
            self.stdout.write(
                f"  {account.username:<12} {account.role:<20} {account.name}, {account.unit}"
            )
