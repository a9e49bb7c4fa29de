"""``manage.py verify_audit``: read every chain of the audit and name each place that broke."""

from django.core.management.base import BaseCommand, CommandError

from zona import audit
from zona.models import AuditEntry


class Command(BaseCommand):
    """Verify the audit chains; exit 1 when one does not hold."""

    help = "Memeriksa rantai audit: setiap catatan, sambungannya, dan ujung rantainya."

    def handle(self, *args, **options) -> None:
        """Print each break; say how many entries hold when there is none."""
        breaks = list(audit.verify())
        for head in audit.heads():
            breaks += audit.verify_head(head)
        for item in breaks:
            self.stderr.write(f"{item.stream}#{item.seq}: {item.message}")
        if breaks:
            raise CommandError(f"{len(breaks)} kerusakan pada rantai audit.")
        self.stdout.write(f"{AuditEntry.objects.count()} catatan audit utuh.")
