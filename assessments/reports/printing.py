"""A report as HTML for the PDF child: outline, charts and the document's own numbering.

The outline is made once, so that contents, headings and captions cannot disagree: a section or
table that a worksheet does not need is missing in all three.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.reports.evaluation import EvaluationReport
from assessments.reports.lines import SectionReport
from zona import charts
from zona.charts import AreaBar, Tick
from zona.documents import qr_code

STYLE_SHEET = Path(settings.BASE_DIR) / "static" / "css" / "report.css"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its anchor, its number (empty for the annex), its words, its level."""

    anchor: str
    number: str
    title: str
    level: int


@dataclass(frozen=True, slots=True)
class Caption:
    """A numbered table or figure."""

    anchor: str
    label: str
    title: str


class Outline:
    """Headings and captions in the order in which they are added, each found by its key."""

    def __init__(self) -> None:
        self.headings: dict[str, Heading] = {}
        self.captions: dict[str, Caption] = {}
        self._chapter = self._section = self._tables = self._figures = 0

    def chapter(self, key: str, title: str) -> None:
        """Add a numbered chapter."""
        self._chapter, self._section = self._chapter + 1, 0
        self.headings[key] = Heading(f"s{self._chapter}", str(self._chapter), title, 2)

    def section(self, key: str, title: str) -> None:
        """Add a numbered section of the latest chapter."""
        self._section += 1
        anchor = f"s{self._chapter}-{self._section}"
        self.headings[key] = Heading(anchor, f"{self._chapter}.{self._section}", title, 3)

    def annex(self, key: str, title: str, level: int) -> None:
        """Add an annex (level 2) or a part of it (level 3), without a number."""
        self.headings[key] = Heading(key, "", title, level)

    def table(self, key: str, title: str) -> None:
        """Add the caption of a table."""
        self._tables += 1
        label = _("Tabel %(number)d.") % {"number": self._tables}
        self.captions[key] = Caption(f"t{self._tables}", label, title)

    def figure(self, key: str, title: str) -> None:
        """Add the caption of a figure."""
        self._figures += 1
        label = _("Gambar %(number)d.") % {"number": self._figures}
        self.captions[key] = Caption(f"g{self._figures}", label, title)


def section_title(section: SectionReport) -> str:
    """Return how a section is called in a heading: "Area 5. Penguatan Pengawasan"."""
    if section.is_area:
        return _("Area %(code)s. %(name)s") % {"code": section.code, "name": section.name}
    return _("Komponen %(name)s") % {"name": section.name.lower()}


def outline_of(report: EvaluationReport) -> Outline:
    """Return headings and captions of the evaluation report, in reading order."""
    o = Outline()
    names = _and_list(predicate.code for predicate in report.predicates)
    o.chapter("basis", _("Landasan penugasan"))
    if report.about.team:
        o.table("team", _("Susunan tim evaluasi"))
    o.chapter("law", _("Dasar hukum"))
    o.chapter("aim", _("Tujuan"))
    o.chapter("scope", _("Sasaran, ruang lingkup, dan batasan"))
    o.chapter("method", _("Metodologi"))
    o.chapter("results", _("Hasil evaluasi"))
    o.section("overview", _("Ikhtisar"))
    o.figure("areas_chart", _("Nilai area perubahan dalam persen bobot"))
    o.section("components", _("Nilai per komponen dan area"))
    o.table("components", _("Nilai evaluasi menurut komponen dan area perubahan"))
    o.section("gates", _("Ambang predikat %(names)s") % {"names": names})
    o.table("gates", _("Pemenuhan ambang nilai"))
    if report.aspect_names:
        aspects = _and_list(report.aspect_names)
        o.section("areas", aspects)
        o.table("areas", _("%(names)s menurut area") % {"names": aspects})
    o.section("checks", _("Dokumen dan implementasi"))
    o.table("cross", _("Dokumen terhadap implementasi, jumlah butir"))
    o.table("checks", _("Hasil pemeriksaan menurut area, jumlah butir"))
    if report.paper_only:
        o.table("paper", _("Butir dengan dokumen sesuai yang belum terlaksana penuh"))
    if report.repairs:
        o.section("repairs", _("Perbaikan oleh unit selama evaluasi"))
        o.table("repairs", _("Butir yang dikembalikan untuk diperbaiki"))
    if report.warnings:
        o.section("warnings", _("Catatan hitungan"))
    if report.way:
        o.section("way", _("Langkah tersingkat menuju %(name)s") % {"name": report.way.predicate})
        if report.way.steps:
            o.table("way", _("Kenaikan paling sedikit agar semua ambang terpenuhi"))
    o.section("eligibility", _("Syarat usulan"))
    if report.about.conditions:
        o.table(
            "eligibility", _("Syarat usulan %(name)s di luar nilai") % {"name": report.about.target}
        )
    o.chapter("notes", _("Uraian kondisi dan saran perbaikan"))
    for section in report.sections:
        o.section(f"notes-{section.code}", section_title(section))
    o.chapter("end", _("Simpulan dan rekomendasi"))
    o.section("conclusion", _("Simpulan"))
    o.section("advice", _("Rekomendasi"))
    if report.recommendations:
        o.table("advice", _("Rekomendasi"))
    o.chapter("closing", _("Penutup"))
    o.annex("lampiran", _("Lampiran 1. Lembar Kerja Evaluasi lengkap"), 2)
    for section in report.sections:
        o.annex(f"lke-{section.code.lower()}", section_title(section), 3)
    o.annex("hitungan", _("Lampiran 2. Asal setiap angka"), 2)
    if report.about.objections:
        o.annex("sanggah", _("Lampiran 3. Sanggah unit dan jawabannya"), 2)
    return o


def _and_list(words: Iterable[str]) -> str:
    """Join words as a sentence does: "WBK dan WBBM"."""
    *head, last = tuple(words) or ("",)
    return _("%(head)s dan %(last)s") % {"head": ", ".join(head), "last": last} if head else last


def area_chart(report: EvaluationReport, *, is_compact: bool = False) -> charts.Chart:
    """Return the areas in percent of their weight, with the gates of the edition."""
    first = next((area for area in report.areas if area.gates), None)
    ticks = [
        Tick(
            cell.required / first.weight,
            f"{cell.predicate} {_short_percent(cell.required / first.weight)}",
            dashed=bool(index),
        )
        for index, cell in enumerate(first.gates if first else ())
    ]
    bars = [
        AreaBar(
            code=area.code,
            name=area.name,
            ratio=area.ratio,
            points_text=scoring.points_text(area.points),
            weight_text=scoring.points_text(area.weight),
            percent_text=scoring.percent_text(area.ratio),
            gates_met=area.gates_met,
            unit_ratio=area.unit_ratio,
            unit_percent_text=""
            if area.unit_ratio is None
            else scoring.percent_text(area.unit_ratio),
        )
        for area in report.areas
    ]
    return charts.area_bars(
        "area",
        bars,
        ticks=ticks,
        title=_("Diagram batang area perubahan, nilai TPI dalam persen bobot"),
        value_name=_("Nilai TPI"),
        unit_name=_("Penilaian mandiri"),
        is_compact=is_compact,
    )


def _short_percent(ratio) -> str:
    """Write a gate's share without idle decimals: "60%"."""
    return scoring.percent_text(ratio).replace(",00%", "%")


def evaluation_html(report: EvaluationReport) -> str:
    """Return the whole evaluation report as a page for ``zona.pdf.render``."""
    outline = outline_of(report)
    return render_to_string(
        "reports/evaluation.html",
        {
            "report": report,
            "about": report.about,
            "house": report.about.house,
            "document": report.about.document,
            "qr": qr_code(report.about.document.verify_url),
            "headings": outline.headings,
            "captions": outline.captions,
            "contents": outline.headings.values(),
            "lists": outline.captions.values(),
            "chart": area_chart(report),
            "parts": [
                (
                    section,
                    outline.headings[f"notes-{section.code}"],
                    outline.headings[f"lke-{section.code.lower()}"],
                )
                for section in report.sections
            ],
        },
    )


def summary_html(report: EvaluationReport) -> str:
    """Return the one-page summary as a page for ``zona.pdf.render``."""
    return render_to_string(
        "reports/summary.html",
        {
            "report": report,
            "about": report.about,
            "house": report.about.house,
            "document": report.about.document,
            "qr": qr_code(report.about.document.verify_url),
            "chart": area_chart(report, is_compact=True),
        },
    )


def style_sheet() -> str:
    """Return the style of all documents."""
    return STYLE_SHEET.read_text(encoding="utf-8")
