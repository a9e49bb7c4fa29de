"""Words and icons of rows and score bar, escaped and drawn once per language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape as _e

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.models import CheckMethod, Reason
from zona.templatetags.zona_ui import icon


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words, icons and choices that every row uses, escaped and drawn once per language."""

    words: dict[str, str]
    icons: dict[str, str]
    reasons: list[tuple[str, str]]
    methods: list[tuple[str, str]]


@cache
def _vocabulary_in(language: str) -> Vocabulary:
    words = {
        "met": _("memenuhi"),
        "unmet": _("belum memenuhi"),
        "unit": _("Unit"),
        "tpi": _("TPI"),
        "points": _("poin"),
        "weight": _("bobot butir"),
        "input": _("Isian"),
        "saved": _("Tersimpan"),
        "unit_note": _("Penjelasan unit"),
        "condition": _("Uraian kondisi"),
        "value": _("Nilai"),
        "row": _("butir"),
        "options": _("Pilihan"),
        "chosen": _("Terpilih"),
        "unanswered": _("Belum dijawab"),
        "awaits": _("Menunggu data"),
        "awaits_long": _("Menunggu data: angkanya belum ada"),
        "document": _("Dokumen"),
        "implementation": _("Implementasi"),
        "done": _("Terlaksana"),
        "partly": _("Sebagian"),
        "not_done": _("Belum"),
        "how": _("Catat cara, tempat, dan tanggal"),
        "change": _("Ubah"),
        "method": _("Cara memeriksa"),
        "date": _("Tanggal"),
        "place": _("Tempat atau siapa"),
        "reason": _("Alasan berbeda dengan unit"),
        "evidence": _("Bukti dukung"),
        "no_evidence": _("Belum ada bukti"),
        "pieces": _("bukti"),
        "more": _("lagi"),
        "page": _("hlm."),
        "advice": _("Saran perbaikan"),
        "tpi_note": _("Catatan TPI"),
        "save": _("Simpan"),
        "accept": _("Terima"),
        "return": _("Kembalikan…"),
        "stands": _("Pertahankan nilai"),
        "next": _("Butir berikutnya"),
        "why": _("Dari mana angka ini?"),
    }
    icons = (
        "arrow-left-right",
        "arrow-right",
        "check",
        "chevron-down",
        "circle-check",
        "circle-dashed",
        "circle-x",
        "contrast",
        "eye",
        "file-text",
        "hourglass",
        "info",
        "paperclip",
        "refresh-cw",
        "triangle-alert",
        "undo-2",
    )
    return Vocabulary(
        words={name: _e(str(text)) for name, text in words.items()},
        icons={name: str(icon(name)) for name in icons},
        reasons=[(value, _e(str(label))) for value, label in Reason.choices],
        methods=[(value, _e(str(label))) for value, label in CheckMethod.choices],
    )


def vocabulary() -> Vocabulary:
    """Return the words of the language in force."""
    return _vocabulary_in(get_language() or "")
