"""``manage.py first_admin``: a fresh one-time link that makes the first admin."""

from django.core.management.base import BaseCommand, CommandError

from zona.first_run import first_link_words, offer_link


class Command(BaseCommand):
    """Print the link; refuse once somebody has an account."""

    help = "Mencetak tautan sekali pakai untuk admin pertama; tautan yang lama tidak berlaku lagi."

    def handle(self, *args, **options) -> None:
        """Make the link and print it."""
        token = offer_link()
        if token is None:
            raise CommandError("Sudah ada akun; admin yang ada menambah orang lewat halaman Orang.")
        self.stdout.write(first_link_words(token))
