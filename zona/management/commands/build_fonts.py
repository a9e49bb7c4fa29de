"""Cuts the two web fonts of the theme from their packages (Open Font License)."""

import shutil
from importlib.resources import files
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2027)]
SIGNS = [0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x20AC, *range(0x2190, 0x2194)]
MATHS = [0x2212, 0x2248, 0x2260, 0x2264, 0x2265]
FEATURES = ["kern", "liga", "tnum", "lnum", "calt", "ccmp", "locl", "case", "mark"]
FAMILY_NAMES, JOINED_NAMES = (1, 4), (3, 6)
KEPT_NAMES = [0, 1, 2, 3, 4, 6, 13, 14]

# Package, file, our family name ("Source" is reserved: a cut font must not carry it), weights.
FONTS = (
    ("fontpkg_source_sans_3", "SourceSans3[wght].ttf", "Zona Text", (400, 700)),
    ("fontpkg_plus_jakarta_sans", "PlusJakartaSans[wght].ttf", "Zona Display", (500, 800)),
)


def cut(package: str, name: str, family: str, weights: tuple[int, int], folder: Path) -> None:
    """Write one font, cut to Latin text and a range of weights, beside its licence."""
    source = files(package)
    font = TTFont(source / "files" / name, lazy=False)
    cutter = subset.Subsetter(
        subset.Options(layout_features=FEATURES, name_IDs=KEPT_NAMES, notdef_outline=True)
    )
    cutter.populate(unicodes=[*LATIN, *SIGNS, *MATHS])
    cutter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": weights})
    for record in font["name"].names:
        if record.nameID in FAMILY_NAMES:
            record.string = family
        elif record.nameID in JOINED_NAMES:
            record.string = family.replace(" ", "")
    font.flavor = "woff2"
    stem = family.lower().replace(" ", "-")
    font.save(folder / f"{stem}.woff2")
    shutil.copyfile(source / "LICENSE", folder / f"{stem}.LICENSE.txt")


class Command(BaseCommand):
    help = "Membuat huruf web di static/fonts dari paketnya; cukup sekali."

    def add_arguments(self, parser):
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / "static" / "fonts")
        parser.add_argument("--force", action="store_true", help="buat ulang yang sudah ada")

    def handle(self, *args, folder, force, **options):
        folder.mkdir(parents=True, exist_ok=True)
        for package, name, family, weights in FONTS:
            target = folder / f"{family.lower().replace(' ', '-')}.woff2"
            if force or not target.exists():
                cut(package, name, family, weights, folder)
            self.stdout.write(f"{target.name} {target.stat().st_size} bita")
