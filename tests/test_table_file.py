"""Files of rows: read as texts, bombs refused before they are opened."""

import io
import time
import zipfile

import pytest
import xlsxwriter

from zona import table_file
from zona.table_file import TableFileError, read_table


def workbook(rows) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    return stream.getvalue()


def test_a_workbook_is_read_as_texts():
    rows = [["bulan", "nilai"], ["2027-03", 4], ["2027-04", 3.5]]

    assert read_table("a.xlsx", workbook(rows)) == [
        ["bulan", "nilai"],
        ["2027-03", "4"],
        ["2027-04", "3.5"],
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_whatever_divides_it(delimiter):
    text = delimiter.join(["bulan", "saran"]) + "\r\n" + delimiter.join(["2027-03", '"a ""b"""'])

    assert read_table("A.CSV", ("\ufeff" + text).encode()) == [
        ["bulan", "saran"],
        ["2027-03", 'a "b"'],
    ]


def test_empty_rows_are_passed_over():
    assert read_table("a.csv", b"x,y\n\n1,2\n , \n") == [["x", "y"], ["1", "2"]]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pdf", b"x", "Unggah berkas berakhiran .xlsx atau .csv."),
        ("a.csv", b"\xff\xfe", "Simpan CSV sebagai UTF-8, lalu unggah lagi."),
        ("a.csv", b"judul\n", "Berkas tidak berisi baris data di bawah judul kolom."),
        ("a.csv", b"", "Berkas tidak berisi baris data di bawah judul kolom."),
        ("a.csv", b'a,b\n"x', "CSV tidak terbaca pada baris 2."),
        ("a.csv", b"a\n" + b"1\n" * 5001, "Berkas berisi lebih dari 5000 baris data."),
        ("a.csv", b"a," * 81 + b"\n1\n", "Berkas berisi lebih dari 80 kolom."),
        ("a.csv", b"x" * (5 * 1024 * 1024 + 1), "Berkas lebih besar dari 5 MB."),
        ("a.xlsx", b"PK tetapi rusak", "Buku kerja rusak atau berkata sandi."),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(name, content, message):
    with pytest.raises(TableFileError) as refused:
        read_table(name, content)

    assert str(refused.value) == message


def zipped(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            zipped({SHEET: b"0" * 61_000_000}),
            "Buku kerja terlalu besar setelah dibuka.",
            id="unpacks to too much",
        ),
        pytest.param(
            zipped({SHEET: b" " * 3_000_000}),
            "Buku kerja terlalu besar setelah dibuka.",
            id="unpacks to many times its size",
        ),
        pytest.param(
            zipped({f"xl/{number}.xml": b"" for number in range(201)}),
            "Buku kerja berisi terlalu banyak bagian.",
            id="too many members",
        ),
        pytest.param(
            zipped({SHEET: b'<row r="1"><c r="A1"/></row><row r="1048576"/>'}),
            "Isi buku kerja melampaui batas baris atau kolom.",
            id="a cell in the last row",
        ),
        pytest.param(
            zipped({SHEET: b'<c r="XFD1"><v>1</v></c>'}),
            "Isi buku kerja melampaui batas baris atau kolom.",
            id="a cell in the last column",
        ),
        pytest.param(
            zipped({"halo.txt": b"x"}),
            "Buku kerja tidak terbaca. Simpan ulang sebagai .xlsx.",
            id="a zip that is no workbook",
        ),
    ],
)
def test_bombs_are_refused_within_two_seconds(content, message):
    begun = time.perf_counter()

    with pytest.raises(TableFileError) as refused:
        read_table("a.xlsx", content)

    assert str(refused.value) == message
    assert time.perf_counter() - begun < 2


def test_a_reference_cut_by_a_block_is_still_seen(monkeypatch):
    monkeypatch.setattr(table_file, "BLOCK", 7)
    content = zipped({SHEET: b'<row r="1"/><row r="999999"/>'})

    with pytest.raises(TableFileError, match="melampaui batas"):
        read_table("a.xlsx", content)
