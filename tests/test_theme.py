"""The theme holds its promises: contrast in light and dark, one dark list, no style but classes."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = (Path(settings.BASE_DIR) / "static/css/zona.css").read_text()
TOKEN = re.compile(r"--z-([a-z0-9-]+):\s*(#[0-9a-f]{6})", re.IGNORECASE)


def block(start: str) -> dict[str, str]:
    """Return the colours declared in the rule that begins with ``start``."""
    begin = CSS.index(start)
    return dict(TOKEN.findall(CSS[begin : CSS.index("}", begin)]))


LIGHT = block(":root {")
DARK = block(':root:not([data-bs-theme="light"])')
DARK_BY_CHOICE = block('[data-bs-theme="dark"]')


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("bg", "surface", "inset")],
    ("ink", "hover"),
    ("ink-2", "hover"),
    ("ink-3", "hover"),
    ("ink-2", "mute-soft"),
    ("link", "surface"),
    ("link", "bg"),
    ("link", "inset"),
    ("on-primary", "primary"),
    ("on-primary", "primary-2"),
    ("on-navy", "navy"),
    ("on-navy-2", "navy"),
    ("on-navy", "navy-2"),
    ("on-navy-2", "navy-2"),
    *[(f"{name}-ink", f"{name}-soft") for name in ("sea", "amber", "red", "blue")],
    *[(f"{name}-ink", "surface") for name in ("sea", "amber", "red", "blue")],
    *[(f"h{step}-ink", f"h{step}") for step in range(4)],
]
GRAPHIC_PAIRS = [
    ("edge", "surface"),
    ("edge", "bg"),
    ("focus", "bg"),
    ("focus", "surface"),
    ("sea", "track"),
    ("red", "track"),
]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_has_a_contrast_of_at_least_four_and_a_half(theme, ink, ground):
    colours = {**LIGHT, **theme}

    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), GRAPHIC_PAIRS)
def test_graphics_and_edges_have_a_contrast_of_at_least_three(theme, mark, ground):
    colours = {**LIGHT, **theme}

    assert contrast(colours[mark], colours[ground]) >= 3


def test_both_dark_lists_are_the_same():
    assert DARK == DARK_BY_CHOICE
    assert len(DARK) > 40


def test_every_colour_of_the_light_theme_has_a_dark_one():
    assert set(LIGHT) == set(DARK)


def test_every_token_that_is_used_exists():
    used = set(re.findall(r"var\(--(z-[a-z0-9-]+)", CSS))
    declared = set(re.findall(r"--(z-[a-z0-9-]+):", CSS))

    assert sorted(used - declared) == []
