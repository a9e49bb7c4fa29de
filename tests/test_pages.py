"""Pictures of pages: made of good documents, and refused to those that are made to hurt."""

import io
import tempfile
import time
import zlib

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

from zona import pages

PDF = "application/pdf"


def pdf(count: int = 1, width: float = 595, height: float = 842) -> bytes:
    """Return a PDF of blank pages, sizes in points."""
    writer = PdfWriter()
    for _number in range(count):
        writer.add_blank_page(width, height)
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def picture(kind: str, mode: str, size: tuple[int, int]) -> bytes:
    content = io.BytesIO()
    Image.new(mode, size).save(content, kind)
    return content.getvalue()


def render(content: bytes, content_type: str = PDF, **limits) -> pages.Pages:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        return pages.render(file, content_type, **limits)


def test_pages_become_pictures_whose_longer_edge_is_fixed():
    made = render(pdf(3))

    assert made.page_count == 3
    assert [(page.width, page.height) for page in made.pages] == [(1272, 1800)] * 3
    image = Image.open(io.BytesIO(made.pages[0].content))
    assert (image.format, image.size) == ("WEBP", (1272, 1800))


def test_of_thousands_of_pages_the_first_fifty_are_shown():
    made = render(pdf(3000, 100, 100))

    assert (made.page_count, len(made.pages)) == (3000, pages.PAGES_MAX)


@pytest.mark.parametrize(
    ("width", "height"), [(14_400_000, 14_400), (0.001, 0.001)], ids=["enormous", "a point"]
)
def test_a_page_of_any_size_becomes_a_picture_of_ours(width, height):
    (page,) = render(pdf(1, width, height)).pages

    assert 1 <= page.height <= page.width <= pages.EDGE_PIXELS


def test_a_photo_becomes_smaller_and_stands_upright():
    content = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (4000, 2000)).save(content, "JPEG", exif=exif)

    made = render(content.getvalue(), "image/jpeg")

    assert made.page_count == 1
    assert [(page.width, page.height) for page in made.pages] == [(900, 1800)]


def test_a_picture_with_a_palette_is_shown():
    assert len(render(picture("PNG", "P", (60, 40)), "image/png").pages) == 1


def endless() -> bytes:
    """Return a small PDF that asks for three million fillings of its page."""
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    stream = StreamObject()
    stream._data = zlib.compress(b"0 0 595 842 re f 1 0 0 rg " * 3_000_000)
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    page[NameObject("/Contents")] = writer._add_object(stream)
    return written(writer)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(picture("PNG", "1", (30_000, 30_000)), "image/png"), (endless(), PDF)],
    ids=["a picture of 900 million points", "a page without end"],
)
def test_a_bomb_is_refused_soon_and_in_little_memory(content, content_type):
    started = time.monotonic()

    with pytest.raises(pages.PagesKilled):
        render(content, content_type, timeout_seconds=20)

    assert len(content) < 1_000_000
    assert time.monotonic() - started < 25


def test_a_child_that_takes_too_long_is_ended():
    with pytest.raises(pages.PagesKilled):
        render(endless(), timeout_seconds=0.3, memory_bytes=8 * pages.MEMORY_BYTES)


def test_a_locked_document_says_so():
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("rahasia")

    with pytest.raises(pages.PagesLocked, match="kata sandi"):
        render(written(writer))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(b"%PDF-1.7 rusak", PDF), (picture("PNG", "RGB", (90, 90))[:60], "image/png")],
    ids=["pdf", "png"],
)
def test_a_damaged_document_says_so(content, content_type):
    with pytest.raises(pages.PagesBroken):
        render(content, content_type)
