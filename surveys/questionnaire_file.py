"""Questionnaire files: read, checked as a whole, told apart by their digest. No database.

The shape is ``schema: zona-questionnaire/1`` with elements, their questions, and the words of
every point from the lowest to the highest, in Indonesian and English.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from surveys.index import SCALES, Kind

SCHEMA = "zona-questionnaire/1"
FOLDER = Path(__file__).resolve().parent / "questionnaires"
MAX_BYTES = 500_000
MAX_ELEMENTS = 60
MAX_QUESTIONS = 200
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LENGTHS = {"title": 150, "heading": 150, "comment": 300, "story": 300, "name": 100, "text": 400}
HELP_LENGTH = 300
LABEL_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where, such as ``elements[2].questions[1].labels.id``."""

    place: str
    message: str


class QuestionnaireFileError(Exception):
    """The file is no questionnaire; ``faults`` names everything wrong."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.place}: {fault.message}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class QuestionnaireFile:
    """A checked document and the SHA-256 of what it says."""

    document: dict[str, Any]
    checksum: str


def shipped_paths() -> list[Path]:
    """Return the questionnaire files that come with Zona."""
    return sorted(path for path in FOLDER.glob("*.yaml") if path.name != "profile.yaml")


def read(path: Path) -> QuestionnaireFile:
    """Return a checked file. Raises QuestionnaireFileError with every fault."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QuestionnaireFileError([Fault(str(path), "tidak dapat dibaca")]) from error
    return parse(content)


def parse(content: bytes) -> QuestionnaireFile:
    """Return the checked document in YAML bytes. Raises QuestionnaireFileError."""
    if len(content) > MAX_BYTES:
        raise QuestionnaireFileError([Fault("berkas", f"lebih besar dari {MAX_BYTES} bita")])
    try:
        document = yaml.safe_load(content.decode("utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise QuestionnaireFileError([Fault("berkas", "bukan YAML yang sah")]) from error
    if not isinstance(document, dict):
        raise QuestionnaireFileError([Fault("berkas", "harus berisi satu objek")])
    faults = list(_faults(document))
    if faults:
        raise QuestionnaireFileError(faults)
    canonical = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return QuestionnaireFile(document, hashlib.sha256(canonical.encode()).hexdigest())


def _faults(document: Mapping[str, Any]):
    if document.get("schema") != SCHEMA:
        yield Fault("schema", f"harus {SCHEMA}")
    if document.get("kind") not in set(Kind):
        yield Fault("kind", "harus spak, spkp, atau skm")
    yield from _code(document, "code")
    yield from _words(document, "title", required=True)
    yield from _words(document, "heading", required=True)
    yield from _words(document, "comment", required=False)
    yield from _words(document, "story", required=False)
    if not isinstance(document.get("basis", ""), str) or len(document.get("basis", "")) > 250:
        yield Fault("basis", "harus teks paling banyak 250 huruf")
    scale = document.get("scale_max")
    if isinstance(scale, bool) or scale not in SCALES:
        yield Fault("scale_max", f"harus salah satu dari {', '.join(map(str, SCALES))}")
        scale = None
    elements = document.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= MAX_ELEMENTS:
        yield Fault("elements", f"harus berisi 1 sampai {MAX_ELEMENTS} unsur")
        return
    seen: dict[str, set[str]] = {"elements": set(), "questions": set()}
    for number, element in enumerate(elements, 1):
        yield from _element(element, f"elements[{number}]", scale, seen)
    if len(seen["questions"]) > MAX_QUESTIONS:
        yield Fault("elements", f"lebih dari {MAX_QUESTIONS} pertanyaan")


def _element(element: Any, place: str, scale: int | None, seen: dict[str, set[str]]):
    if not isinstance(element, dict):
        yield Fault(place, "harus berupa objek")
        return
    yield from _code(element, "code", place, seen["elements"])
    yield from _words(element, "name", place, required=True)
    questions = element.get("questions")
    if not isinstance(questions, list) or not questions:
        yield Fault(f"{place}.questions", "harus berisi sedikitnya satu pertanyaan")
        return
    for number, question in enumerate(questions, 1):
        inner = f"{place}.questions[{number}]"
        if not isinstance(question, dict):
            yield Fault(inner, "harus berupa objek")
            continue
        yield from _code(question, "code", inner, seen["questions"])
        yield from _words(question, "text", inner, required=True)
        yield from _words(question, "help", inner, required=False)
        yield from _labels(question.get("labels"), f"{inner}.labels", scale)


def _labels(labels: Any, place: str, scale: int | None):
    if not isinstance(labels, dict):
        yield Fault(place, "harus memuat label")
        return
    for language in ("id", "en"):
        words = labels.get(language)
        if words is None and language == "en":
            continue
        if not isinstance(words, list) or not all(
            isinstance(word, str) and len(word.strip()) >= 1 and len(word) <= LABEL_LENGTH
            for word in words
        ):
            yield Fault(f"{place}.{language}", "harus berupa daftar teks")
        elif scale is not None and len(words) != scale:
            yield Fault(f"{place}.{language}", f"harus {scale} label, ada {len(words)}")
        elif len(set(words)) != len(words):
            yield Fault(f"{place}.{language}", "label tidak boleh sama")


def _code(holder: Mapping, key: str, place: str = "", seen: set[str] | None = None):
    where = f"{place}.{key}" if place else key
    code = holder.get(key)
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        yield Fault(where, "harus huruf kecil, angka, garis bawah, atau tanda hubung")
    elif seen is not None:
        if code in seen:
            yield Fault(where, f"“{code}” muncul lebih dari sekali")
        seen.add(code)


def _words(holder: Mapping, key: str, place: str = "", *, required: bool):
    where = f"{place}.{key}" if place else key
    words = holder.get(key)
    if words is None:
        if required:
            yield Fault(where, "harus diisi")
        return
    if not isinstance(words, dict) or not isinstance(words.get("id"), str) or not words["id"]:
        yield Fault(where, "harus memuat teks “id”")
        return
    if not isinstance(words.get("en", ""), str):
        yield Fault(where, "teks “en” harus berupa teks")
        return
    most = LENGTHS.get(key, HELP_LENGTH)
    if max(len(words["id"]), len(words.get("en", ""))) > most:
        yield Fault(where, f"lebih panjang dari {most} huruf")
