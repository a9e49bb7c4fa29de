"""``manage.py bench [--json] [--units N]``: what things cost, beside the goals and a floor."""

from io import StringIO

from django.core.management import call_command
from django.core.management.base import BaseCommand

from zona import bench
from zona.static_collection import collect


class Command(BaseCommand):
    """Measure on a scratch database; never touches the installation's data."""

    help = "Mengukur biaya halaman dan hitungan pada basis data sementara, di samping sasarannya."

    def add_arguments(self, parser) -> None:
        """Take the size of the ministry and the form of the answer."""
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--units", type=int, default=1000)

    def handle(self, *args, json, units, **options) -> None:
        """Print each figure as soon as it is known, or all as JSON at the end."""
        call_command("build_fonts", stdout=StringIO())
        collect()
        figures = []
        for figure in bench.run(units):
            figures.append(figure)
            if not json:
                self.stdout.write(self.line(figure))
        if json:
            self.stdout.write(bench.as_json(figures))

    def line(self, figure: bench.Figure) -> str:
        """Return one figure as a line of the table."""
        goal = "" if figure.goal is None else f"sasaran {figure.goal:g}"
        mark = {True: "tercapai", False: "BELUM", None: ""}[figure.reached]
        count = "" if figure.statements is None else f"{figure.statements} pernyataan SQL"
        return (
            f"{figure.name:<48} {figure.median:>9.2f} {figure.unit:<3}"
            f" (terburuk {figure.worst:.2f})  {goal:<14} {mark:<9} {count} {figure.note}"
        ).rstrip()
