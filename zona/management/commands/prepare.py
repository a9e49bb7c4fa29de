"""Makes an installation ready to serve; repeated, it only does what is still missing."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from assessments.demo.accounts import DEMO_PASSWORD, demo_accounts
from assessments.demo.build import seed_demo
from zona import triggers

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


class Command(BaseCommand):
    help = "Menyiapkan pemasangan: basis data, huruf, berkas statis, instrumen, data peragaan."

    def handle(self, *args, **options):
        self.migrate()
        call_command("build_fonts", stdout=self.stdout)
        self.collect()
        call_command("load_instrument", stdout=self.stdout)
        call_command("load_questionnaires", stdout=self.stdout)
        if settings.ZONA_DEMO:
            seed_demo(report=self.stdout.write)
            self.tell_accounts()

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

    def tell_accounts(self) -> None:
        """Name the people of the demo; each enters by a button on the login page too."""
        self.stdout.write(f"\nakun peragaan, kata sandi {DEMO_PASSWORD}:")
        for account in demo_accounts():
            self.stdout.write(
                f"  {account.username:<12} {account.role:<20} {account.name}, {account.unit}"
            )

    def collect(self) -> None:
        """Hash and compress static files, unless they are those of the last time."""
        stamp = Path(settings.STATIC_ROOT) / STAMP
        digest = static_digest()
        if stamp.exists() and stamp.read_text() == digest:
            self.stdout.write("berkas statis: sudah mutakhir")
            return
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(digest)
        self.stdout.write("berkas statis: dikumpulkan")
