from django.core.management.base import BaseCommand, CommandError

from zona import invariants


class Command(BaseCommand):
    help = "Memeriksa semua yang harus selalu benar pada data. Tidak mengubah apa pun."

    def handle(self, *args, **options):
        broken = 0
        for invariant in invariants.declared():
            faults = list(invariant.check())
            broken += bool(faults)
            self.stdout.write(f"{'SALAH' if faults else 'benar'} {invariant.name}")
            for fault in faults:
                self.stdout.write(f"      {fault}")
        if broken:
            raise CommandError(f"{broken} ketentuan tidak dipenuhi")
        self.stdout.write(f"{len(invariants.declared())} ketentuan dipenuhi")
