"""Reports built without a database: a real worksheet, and one that can be bent for a test."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from assessments import instrument_file, scoring
from assessments.models.worksheets import (
    CheckMethod,
    DocumentCheck,
    ImplementationCheck,
    RowState,
)
from assessments.reports.assembly import assemble
from assessments.reports.circumstances import (
    Circumstances,
    Condition,
    DocumentMark,
    House,
    Order,
    PeriodIdentity,
    Person,
    SheetRow,
    Stage,
    UnitIdentity,
)
from assessments.reports.evaluation import EvaluationReport

DATA = Path(__file__).parent / "data" / "worksheet_pptl.json"
LONGEST = (
    "Balai Besar Riset Budi Daya Laut, Pengembangan Teknologi Pascapanen, dan Penyuluhan "
    "Perikanan Kawasan Timur Kepulauan Maluku Utara dan Papua Barat Day"
)
ISSUED = DocumentMark(
    number="LHE-027/ITJEN/V/2027",
    dated_on=date(2027, 5, 18),
    is_issued=True,
    public_code="7K4M-2QXD",
    verify_url="https://zona.bahari.example/v/7K4M-2QXD/",
)
DRAFT = replace(ISSUED, number="", dated_on=None, is_issued=False)


def circumstances(**changes) -> Circumstances:
    """Return what stands beside a final worksheet of the edition in force."""
    about = Circumstances(
        house=House(
            "Kementerian Bahari Contoh",
            "Inspektorat Jenderal",
            "Jalan Samudra Contoh Nomor 7, Kota Contoh 10000",
            "Kota Contoh",
            is_demo=True,
        ),
        unit=UnitIdentity(
            "PPTL",
            "Pelabuhan Perikanan Teluk Lantera",
            "Direktorat Jenderal Pelabuhan Perikanan Contoh",
            "Maluku",
            "Asia/Jayapura",
        ),
        period=PeriodIdentity("Zona Integritas 2027", 2027, date(2026, 1, 1), date(2027, 4, 30)),
        instrument_title="LKE ZI 2021",
        instrument_code="lke-zi-2021",
        regulation="Peraturan Menteri PANRB Nomor 90 Tahun 2021",
        legal_basis=("Peraturan Menteri PANRB Nomor 90 Tahun 2021 tentang Zona Integritas.",),
        target="WBK",
        state_label="Final",
        is_final=True,
        version=1,
        submitted_at=datetime(2027, 4, 16, 3, tzinfo=UTC),
        finalized_at=datetime(2027, 5, 14, 9, tzinfo=UTC),
        computed_at=datetime(2027, 5, 17, 2, tzinfo=UTC),
        without_self_reason="",
        order=Order(
            "ST-041/ITJEN/IV/2027",
            date(2027, 4, 15),
            date(2027, 4, 19),
            date(2027, 5, 14),
            "Program Kerja Pengawasan Tahunan 2027",
            "Inspektur Jenderal",
        ),
        team=(
            Person("Pengendali mutu", "Bagas Tirtayasa", "190008211900011005", signs=True),
            Person("Pengendali teknis", "Melati Kusuma", "190011041900012003", signs=True),
            Person("Ketua tim", "Damar Pranoto", "190005171900011008", signs=True),
            Person("Anggota tim", "Sekar Ayuningtyas", sections=("1", "2"), has_assisted=True),
            Person("Anggota tim", "Yudha Lembayung", sections=("5", "6", "B")),
        ),
        signer=Person(
            "Inspektur Jenderal", "Hasta Wiraguna", "190003121900011002", "Inspektur Jenderal"
        ),
        conditions=(
            Condition("Opini BPK", "WTP", is_of_unit=False),
            Condition("Unit menjalankan layanan inti instansi", "", is_of_unit=True),
        ),
        stages=(
            Stage("Pencanangan", "done", date(2026, 1, 12)),
            Stage("Penilaian mandiri", "done", date(2027, 4, 16)),
            Stage("Evaluasi TPI", "done", date(2027, 5, 14)),
            Stage("Usulan", "now", date(2027, 5, 31)),
        ),
        document=ISSUED,
    )
    return replace(about, **changes)


def _answer(raw: str | dict) -> scoring.Answer:
    if isinstance(raw, str):
        return raw
    return {name: Decimal(str(number)) for name, number in raw.items()}


def lantera_rows() -> dict[str, SheetRow]:
    """Return a whole real-size worksheet: 113 rows, 84,95 by the unit and 80,17 by the TPI."""
    rows = {}
    for code, raw in json.loads(DATA.read_text(encoding="utf-8")).items():
        sealed = _answer(raw["unit"])
        rows[code] = SheetRow(
            code=code,
            sealed=sealed,
            unit=sealed,
            tpi=_answer(raw["tpi"]),
            condition=raw["condition"],
            advice=raw["advice"],
            document=DocumentCheck(raw["document"]),
            implementation=ImplementationCheck(raw["implementation"]),
            method=str(CheckMethod(raw["method"]).label).lower(),
            state=RowState.ACCEPTED,
        )
    for code in ("A.II.5.ii.a", "A.II.5.iii.b"):
        rows[code] = replace(rows[code], unit=rows[code].tpi, state=RowState.ACCEPTED_AFTER)
    return rows


def lantera(about: Circumstances | None = None, **changed: dict) -> EvaluationReport:
    """Return the report of that worksheet.

    changed: fields of single rows; dots of a code are written as underscores.
    """
    rows = lantera_rows()
    for name, fields in changed.items():
        code = name.replace("_", ".")
        rows[code] = replace(rows[code], **fields)
    engine = instrument_file.bundled("lke-zi-2021")
    return assemble(engine, list(rows.values()), about or circumstances())


def blank(code: str = "lke-zi-2021", **changes) -> EvaluationReport:
    """Return the report of a worksheet that nobody has filled."""
    engine = instrument_file.bundled(code)
    about = circumstances(
        is_final=False,
        state_label="Draf",
        submitted_at=None,
        finalized_at=None,
        order=None,
        team=(),
        document=DRAFT,
        **changes,
    )
    return assemble(engine, [SheetRow(row) for row in engine.indicators], about)


def older(**changes) -> EvaluationReport:
    """Return a report of the older edition: areas without aspects and without minima."""
    engine = instrument_file.bundled("lke-zi-2014")
    rows = []
    for number, (code, row) in enumerate(engine.indicators.items()):
        answer: scoring.Answer = {item.name: Decimal("3.6") for item in row.inputs}
        if row.options:
            answer = row.options[number % 2].code
        elif row.computation.kind != scoring.SCORE04:
            answer = {item.name: 8 for item in row.inputs}
        rows.append(SheetRow(code, answer, answer, answer, condition=f"Kondisi {code}"))
    about = circumstances(instrument_title="LKE ZI 2014", instrument_code="lke-zi-2014", **changes)
    return assemble(engine, rows, about)
