"""Small real files for the demo's evidence: PDF, DOCX, XLSX and JPG, made from a few lines.

Every file says on its face that it is invented. The same arguments give the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import xlsxwriter
from PIL import Image, ImageDraw

NOTE = "Dokumen peragaan: lembaga, orang, dan angka rekaan."
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
LINE_LETTERS = 88
_DOCX_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_DOCX_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)


def pdf(title: str, heading: Sequence[str], lines: Sequence[str]) -> bytes:
    """Return a one-page A4 PDF with a heading, a title and paragraphs in Helvetica."""
    stream = ["BT /F2 11 Tf 14 TL 62 770 Td"]
    stream += [f"({_pdf_text(line)}) Tj T*" for line in heading]
    stream += ["/F2 15 Tf 24 TL T*", f"({_pdf_text(title)}) Tj T*", "/F1 11 Tf 16 TL T*"]
    for paragraph in (*lines, "", NOTE):
        stream += [f"({_pdf_text(line)}) Tj T*" for line in _wrapped(paragraph)] + ["T*"]
    stream.append("ET")
    content = "\n".join(stream).encode("cp1252", "replace")
    information = f"/Title ({_pdf_text(title)}) /Producer (Zona)".encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (id) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R"
        b" /Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< %s >>" % information,
    ]
    parts, offsets = [b"%PDF-1.4\n"], []
    for number, body in enumerate(objects, start=1):
        offsets.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = sum(map(len, parts))
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    parts.append(
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, start)
    )
    return b"".join(parts)


def _pdf_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _wrapped(text: str) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= LINE_LETTERS:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line] if line else lines


def docx(title: str, heading: Sequence[str], lines: Sequence[str]) -> bytes:
    """Return a DOCX of plain paragraphs."""
    paragraphs = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
        for text in (*heading, title, *lines, NOTE)
    )
    document = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{paragraphs}</w:body></w:document>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", _DOCX_TYPES),
            ("_rels/.rels", _DOCX_RELATIONS),
            ("word/document.xml", document),
        ):
            archive.writestr(zipfile.ZipInfo(name, EPOCH.timetuple()[:6]), text)
    return target.getvalue()


def xlsx(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """Return a workbook of one sheet: title, header, rows."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": title, "comments": NOTE, "created": EPOCH})
        sheet = book.add_worksheet("Data")
        bold = book.add_format({"bold": True})
        sheet.write(0, 0, title, bold)
        sheet.write_row(2, 0, columns, bold)
        for number, row in enumerate(rows, start=3):
            sheet.write_row(number, 0, row)
        sheet.set_column(0, len(columns) - 1, 24)
    return target.getvalue()


def jpg(title: str, caption: str, shade: int) -> bytes:
    """Return a picture of sea, quay and sky with its caption; ``shade`` 0..59 varies it."""
    image = Image.new("RGB", (640, 400), (196, 221, 232 - shade))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 190, 640, 290), fill=(28, 96 + shade, 128))
    draw.rectangle((0, 290, 640, 400), fill=(150, 140, 122))
    draw.polygon([(120, 200), (300, 200), (270, 240), (150, 240)], fill=(240, 240, 236))
    draw.rectangle((200, 130 + shade // 2, 208, 200), fill=(90, 70, 50))
    draw.rectangle((440, 120, 590, 290), fill=(250, 247, 240))
    draw.rectangle((470, 210, 520, 290), fill=(20, 60, 90))
    draw.text((16, 330), title, fill=(20, 20, 20))
    draw.text((16, 352), caption, fill=(20, 20, 20))
    draw.text((16, 374), NOTE, fill=(20, 20, 20))
    target = io.BytesIO()
    image.save(target, "JPEG", quality=80)
    return target.getvalue()
