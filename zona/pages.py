"""A document in, pictures of its pages out: the one place that knows pdfium and Pillow.

Like ``zona/pdf.py`` this file is its own child process: it reads a document from standard input
and writes the pages to standard output, without our environment, under limits of memory and time,
unable to write a file. A document made to hurt costs one job and not the worker.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

PAGES_MAX = 50
EDGE_PIXELS = 1_800
"""The longer edge of a page: an A4 sheet at some 150 dots per inch, legible in full size."""
TIMEOUT_SECONDS = 60
WORK_SECONDS = 40
"""After so long the child hands over the pages it has."""
MEMORY_BYTES = 900 * 1024 * 1024
"""Address space the child may claim, its libraries included."""
OUTPUT_BYTES = 40 * 1024 * 1024
PIXELS_MAX = 120_000_000
QUALITY = 78
CONTENT_TYPE = "image/webp"
PASSED_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ")

logger = logging.getLogger(__name__)


class PagesError(Exception):
    """No pictures were made; the text is a sentence for the user."""


class PagesKilled(PagesError):
    """The child went over its time or memory."""


class PagesLocked(PagesError):
    """The document asks for a password."""


class PagesBroken(PagesError):
    """The content is not what its type says, or is damaged."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as a WebP picture; sizes in pixels."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pages:
    """The first pages of a document; ``page_count`` is how many it has in all."""

    pages: tuple[Page, ...]
    page_count: int


def render(
    document: BinaryIO,
    content_type: str,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> Pages:
    """Return pictures of the first pages of a PDF, or of a photo, smaller than they came.

    document: an open file of this machine, at its beginning.

    Raises PagesKilled, PagesLocked or PagesBroken, each with a sentence for the user.
    """
    order = json.dumps(
        {
            "type": content_type,
            "memory_bytes": memory_bytes,
            "cpu_seconds": int(timeout_seconds) + 5,
            "work_seconds": min(WORK_SECONDS, timeout_seconds * 2 / 3),
        }
    )
    environment = {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}
    with subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__).resolve()), order],
        stdin=document,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as child:
        try:
            output, errors = child.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            raise PagesKilled(_too_heavy()) from None
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
    return _unpack(output, child.returncode, errors)


def _unpack(output: bytes, returncode: int, errors: bytes) -> Pages:
    if returncode != 0 or len(output) < 4:
        logger.warning(
            "The child of pages ended with %s: %s",
            returncode,
            errors.decode(errors="replace")[-2000:],
        )
        raise PagesKilled(_too_heavy())
    (size,) = struct.unpack(">I", output[:4])
    report = json.loads(output[4 : 4 + size])
    if report["fault"] == "memory":
        raise PagesKilled(_too_heavy())
    if report["fault"] == "locked":
        raise PagesLocked(
            _("Berkas ini terkunci kata sandi, jadi halamannya tidak dapat ditampilkan.")
        )
    if report["fault"]:
        logger.info("pages of a document cannot be shown: %s", report["detail"])
        raise PagesBroken(_("Berkas ini rusak atau tidak lengkap; halamannya tidak terbaca."))
    pages, at = [], 4 + size
    for length, width, height in report["pages"]:
        pages.append(Page(output[at : at + length], width, height))
        at += length
    return Pages(tuple(pages), report["page_count"])


def _too_heavy() -> str:
    return _("Halaman berkas ini terlalu besar atau terlalu rumit untuk ditampilkan.")


# ── the child ────────────────────────────────────────────────────────────────────────────────────


class _Fault(Exception):
    """Why there are no pictures: ``locked`` or ``broken``."""


def _child() -> None:
    order = json.loads(sys.argv[1])
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    content = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (order["memory_bytes"], order["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (order["cpu_seconds"], order["cpu_seconds"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    report: dict = {"fault": "", "detail": "", "pages": [], "page_count": 0}
    pictures: list[bytes] = []
    try:
        make = _pdf if order["type"] == "application/pdf" else _photo
        report["page_count"] = make(content, order["work_seconds"], report["pages"], pictures)
    except MemoryError:
        report, pictures = {"fault": "memory"}, []
    except _Fault as fault:
        report, pictures = {"fault": str(fault), "detail": str(fault.__cause__)}, []
    head = json.dumps(report).encode()
    answer.write(struct.pack(">I", len(head)) + head + b"".join(pictures))
    answer.flush()
    os._exit(0)


def _pdf(content: bytes, work_seconds: float, sizes: list, pictures: list[bytes]) -> int:
    """Add the first pages of a PDF to the lists; return how many it has."""
    import time

    import pypdfium2

    until = time.monotonic() + work_seconds
    try:
        document = pypdfium2.PdfDocument(content)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        raise _Fault("locked" if "assword" in str(error) else "broken") from error
    if not count:
        raise _Fault("broken")
    for index in range(min(count, PAGES_MAX)):
        try:
            page = document[index]
            width, height = page.get_size()
            longer = max(width, height, 1)
            image = page.render(scale=min(EDGE_PIXELS / longer, 4)).to_pil()
            page.close()
        except pypdfium2.PdfiumError as error:
            if pictures:
                break
            raise _Fault("broken") from error
        _add(image, sizes, pictures)
        if time.monotonic() > until or sum(map(len, pictures)) > OUTPUT_BYTES:
            break
    return count


def _photo(content: bytes, _work_seconds: float, sizes: list, pictures: list[bytes]) -> int:
    """Add a photo, upright and no larger than a page, to the lists; return 1."""
    import io
    import warnings

    from PIL import Image, ImageOps

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    try:
        image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
        image.draft("RGB", (EDGE_PIXELS, EDGE_PIXELS))
        image = ImageOps.exif_transpose(image)
        image.thumbnail((EDGE_PIXELS, EDGE_PIXELS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MemoryError from error
    except (OSError, SyntaxError, ValueError) as error:
        raise _Fault("broken") from error
    _add(image, sizes, pictures)
    return 1


def _add(image, sizes: list, pictures: list[bytes]) -> None:
    import io

    if image.mode in ("RGBA", "LA", "P"):
        from PIL import Image

        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    out = io.BytesIO()
    image.convert("RGB").save(out, "WEBP", quality=QUALITY, method=2)
    pictures.append(out.getvalue())
    sizes.append((len(pictures[-1]), *image.size))


if __name__ == "__main__":
    _child()
