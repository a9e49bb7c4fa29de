"""JSON from a stranger: an object with exact numbers, or one sentence that says why not.

Numbers are JSON numbers read exactly; NaN, 1e999 and figures of more than MAX_DIGITS letters come
as ``Refused``, so that a later check can name their place. Keys that came twice are remembered.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

MAX_DIGITS = 30

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")


class JsonRefused(Exception):
    """The text holds no JSON object that can be read; the message is a sentence for the user."""


class Object(dict):
    """A JSON object that remembers which keys came twice."""

    repeated: tuple[str, ...] = ()


class Refused(str):
    """The text of a JSON number that is no acceptable figure, such as NaN or 1e999."""


def parse_number(text: str) -> int | Decimal | None:
    """Return the exact number that a text with a decimal point spells, or None.

    Whole numbers come as int. At most MAX_DIGITS characters; "3,60", "1_000", " 7" and "NaN" are
    no numbers.
    """
    if len(text) > MAX_DIGITS or not _NUMBER.fullmatch(text):
        return None
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else Decimal(text)


def repeated_in(value: Any) -> tuple[str, ...]:
    """Return the keys that came twice in an object; none for anything else."""
    return value.repeated if isinstance(value, Object) else ()


def read_object(source: str | bytes, *, too_large: str, max_bytes: int) -> Object:
    """Parse JSON into an object, refusing all that later steps could stumble over.

    too_large: the sentence for a source of more than ``max_bytes``. Raises JsonRefused.
    """
    if len(source) > max_bytes:
        raise JsonRefused(too_large)
    try:
        text = source if isinstance(source, str) else source.decode("utf-8-sig")
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_literal,
            parse_float=_literal,
            parse_constant=Refused,
        )
        json.dumps(document, ensure_ascii=False, default=str).encode()
    except UnicodeDecodeError as error:
        raise JsonRefused("Berkas harus berupa teks UTF-8.") from error
    except UnicodeEncodeError as error:
        raise JsonRefused("Berkas memuat huruf yang tidak sah.") from error
    except json.JSONDecodeError as error:
        place = f"baris {error.lineno}, kolom {error.colno}"
        raise JsonRefused(f"Bukan JSON yang sah ({place}).") from error
    except RecursionError as error:
        raise JsonRefused("Susunan berkas terlalu dalam.") from error
    if not isinstance(document, Object):
        raise JsonRefused("Berkas harus berisi satu objek JSON.")
    return document


def _object(pairs: list[tuple[str, Any]]) -> Object:
    found = Object(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        repeated = [key for key, _ in pairs if key in seen or seen.add(key)]
        found.repeated = tuple(dict.fromkeys(repeated))
    return found


def _literal(text: str) -> int | Decimal | Refused:
    number = parse_number(text)
    return Refused(text) if number is None else number
