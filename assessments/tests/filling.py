"""Fills whole worksheets in tests, through the one write path."""

from __future__ import annotations

from assessments.catalog import catalog_of
from assessments.models import Track
from assessments.services import answers, evidence, review, states

FULL = {
    "A.II.1.i.a": {"jumlah_agen_perubahan": 7, "jumlah_perubahan_dibuat": 7},
    "A.II.1.i.b": {"jumlah_perubahan_dibuat": 7, "jumlah_perubahan_terintegrasi": 7},
    "A.II.3.iii.a": {
        "pelanggaran_tahun_lalu": 0,
        "pelanggaran_tahun_ini": 0,
        "pelanggaran_diberi_sanksi": 0,
    },
    "A.II.4.i.a": {"jumlah_sasaran": 5, "jumlah_sasaran_tercapai": 5},
    "A.II.5.ii.a": {
        "pengaduan_harus_ditindaklanjuti": 9,
        "pengaduan_diproses": 0,
        "pengaduan_selesai": 9,
    },
    "A.II.5.iii.a": {
        "lhkpn_kepala_satker": 1,
        "lhkpn_pejabat_wajib": 3,
        "lhkpn_lainnya": 2,
        "lhkpn_sudah_lapor": 6,
    },
    "A.II.5.iii.b": {
        "lhkasn_administrator": 0,
        "lhkasn_pengawas": 4,
        "lhkasn_fungsional_pelaksana": 60,
        "lhkasn_sudah_lapor": 64,
    },
    "A.II.6.i.b": {"layanan_terdaftar": 8, "layanan_dipermudah": 8},
    "B.I.a.1": {"nilai_ipak": "3.60"},
    "B.II.a.1": {"nilai_ipkp": "3.48"},
}


def value_fields(catalog, code: str, *, best: bool) -> dict:
    """Return the fields that answer a row with its best or worst value."""
    indicator = catalog.engine.indicators[code]
    if indicator.is_computed:
        full = FULL[code]
        return {"inputs": full if best else dict.fromkeys(full, 0)}
    return {"choice": (indicator.best if best else indicator.worst).code}


def fill_unit(house, *, best: bool = True) -> None:
    """Answer every row of the unit's track."""
    catalog = catalog_of(house.assessment.instrument)
    answers.record_answers(
        assessment=house.assessment,
        track=Track.UNIT,
        changes=[
            answers.Change(code, value_fields(catalog, code, best=best)) for code in catalog.ids
        ],
        by=house.zi_lead,
        source="bulk",
    )


def submit(house) -> None:
    """Fill the unit's track, mark every section finished and submit it."""
    fill_unit(house)
    for section in catalog_of(house.assessment.instrument).sections:
        answers.finish_area(assessment=house.assessment, section=section.code, by=house.zi_lead)
    house.assessment = states.perform("submit", assessment=house.assessment, by=house.head)


def start_review(house) -> None:
    """Bring a blank draft into the first review."""
    submit(house)
    house.assessment = states.perform(
        "start_review", assessment=house.assessment, by=house.secretariat
    )


def review_all(house, by) -> None:
    """Accept every row with one adequate link beside it, and see each implemented."""
    catalog = catalog_of(house.assessment.instrument)
    link = evidence.add_link(
        unit=house.unit, url="https://contoh.go.id/bukti", title="Bukti", by=house.operator
    )
    for code in catalog.ids:
        evidence.attach(assessment=house.assessment, code=code, evidence=link, by=by)
    review.accept_rows(assessment=house.assessment, codes=list(catalog.ids), by=by)
    answers.record_answers(
        assessment=house.assessment,
        track=Track.TPI,
        changes=[
            answers.Change(
                code,
                {
                    "implementation_check": "done",
                    "check_method": "interview",
                    "condition": "Terlaksana; dicocokkan dengan dokumen dan tiga pegawai.",
                },
            )
            for code in catalog.ids
        ],
        by=by,
    )


def finalize(house) -> None:
    """Take a blank draft through every rank to final."""
    start_review(house)
    review_all(house, house.member)
    for name, by in (
        ("hand_over", house.member),
        ("hand_over", house.lead),
        ("hand_over", house.supervisor),
        ("finalize", house.quality),
    ):
        house.assessment = states.perform(name, assessment=house.assessment, by=by)
