"""From the demo to one's own data: a fresh folder beside the demo's, chosen by a file.

`bin/serve` reads the choice when it starts, and watches it: a change starts the house again with
the other folder. Nothing of the demo is touched.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

from zona.serve import CHOICE_VARIABLE, OWN, PROMISED_KEY, write_choice


def choice_file() -> Path | None:
    """Return the file that the supervisor watches; None where nobody does."""
    named = os.environ.get(CHOICE_VARIABLE, "")
    return Path(named) if named else None


def can_start() -> bool:
    """Tell whether one's own data can be begun here: a demo under `bin/serve`."""
    return settings.ZONA_DEMO and choice_file() is not None


def has_begun() -> bool:
    """Tell whether there is a folder of one's own data already."""
    found = choice_file()
    return found is not None and (found.parent / OWN).is_dir()


def start_own() -> str:
    """Choose one's own data; return the key of the first link, empty where data are there already.

    The supervisor sees the choice within a second and starts the house again.
    """
    chosen = choice_file()
    folder = chosen.parent / OWN
    token = ""
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        token = secrets.token_urlsafe(32)
        promised = folder / PROMISED_KEY
        promised.touch(mode=0o600)
        promised.write_text(token)
    write_choice(chosen, OWN)
    return token
