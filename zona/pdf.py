"""HTML in, PDF out: the one place that knows WeasyPrint.

``render`` starts this file again as a child process (isolated, without Django set-up and without
our environment), hands it the document on standard input and takes the PDF from its standard
output. The child may not reach the network or a file: only ``data:`` addresses are answered. It
lives under a time and a memory limit and is killed on overrun, so that a document that never ends
costs one job and not the worker.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import resource
import signal
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

TIMEOUT_SECONDS = 120
# Address space, not resident memory: a report of 25 pages needs 0.36 GB of it (150 MB resident).
MEMORY_BYTES = 640 * 1024 * 1024
# A child that meets the kernel's own limit may hang inside a library that cannot report it, so it
# is ended from outside when it is over the limit, and the kernel's lies a little higher.
BACKSTOP_BYTES = 128 * 1024 * 1024
WATCH_SECONDS = 0.05
APT_LINE = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-paratype"
# What the child may know of our environment; keys and passwords stay out of its reach.
PASSED_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "TZ")
VARIANT = "pdf/ua-1"

logger = logging.getLogger(__name__)


class PdfError(Exception):
    """No PDF was made; the text is a sentence for the user."""


class PdfUnavailable(PdfError):
    """The libraries that set the pages are missing on this machine."""


class PdfKilled(PdfError):
    """The child went over its time or memory, or was ended from outside."""


class PdfFailed(PdfError):
    """The child could not make sense of the document; the log holds its last words."""


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    """A finished PDF and how it came about.

    ``messages`` are the complaints of the renderer (a missing language or alternative text, a
    refused address, an unknown property): a good document has none, and tests insist on it.
    ``seconds`` counts from the start of the child to its end, ``peak_bytes`` is resident memory.
    """

    content: bytes
    messages: tuple[str, ...]
    page_count: int
    seconds: float
    peak_bytes: int


def render(
    html: str,
    *,
    css: str,
    timeout_seconds: float = TIMEOUT_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> RenderedPdf:
    """Return the tagged PDF of a whole HTML document, set with the given style sheet.

    html: a complete page with ``lang`` and ``<title>``; pictures only as ``data:`` addresses.
    memory_bytes: address space the child may claim.

    Raises PdfUnavailable, PdfKilled or PdfFailed, each with a sentence for the user.
    """
    order = json.dumps(
        {
            "html": html,
            "css": css,
            "memory_bytes": memory_bytes + BACKSTOP_BYTES,
            "cpu_seconds": int(timeout_seconds) + 5,
        }
    )
    environment = {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__).resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as child:
        watcher = threading.Thread(target=_watch, args=(child, memory_bytes), daemon=True)
        watcher.start()
        try:
            output, errors = child.communicate(order.encode(), timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            raise PdfKilled(
                _(
                    "Pembuatan PDF dihentikan karena melewati batas waktu %(seconds)d detik. "
                    "Coba lagi saat peladen tidak sibuk."
                )
                % {"seconds": timeout_seconds}
            ) from None
        finally:
            _end(child)
    seconds = time.monotonic() - started
    reply, content = _unpack(output, child.returncode, errors)
    if reply["fault"] == "libraries":
        logger.error("PDF libraries are missing: %s", reply["detail"])
        raise PdfUnavailable(
            _("Pustaka pembuat PDF belum lengkap di peladen. Administrator menjalankan: %(line)s")
            % {"line": APT_LINE}
        )
    if reply["fault"] == "memory":
        raise PdfKilled(_memory_sentence())
    for message in reply["messages"]:
        logger.warning("PDF renderer: %s", message)
    return RenderedPdf(
        content=content,
        messages=tuple(reply["messages"]),
        page_count=reply["page_count"],
        seconds=seconds,
        peak_bytes=reply["peak_bytes"],
    )


def _watch(child: subprocess.Popen, memory_bytes: int) -> None:
    """Kill the child when it claims more address space than it may; ends with the child."""
    status = Path(f"/proc/{child.pid}/statm")
    page_bytes = resource.getpagesize()
    while child.poll() is None:
        try:
            claimed_bytes = int(status.read_text().split()[0]) * page_bytes
        except (OSError, IndexError):
            return
        if claimed_bytes > memory_bytes:
            _end(child)
            return
        time.sleep(WATCH_SECONDS)


def _end(child: subprocess.Popen) -> None:
    """Kill the child's whole session if it still runs, and collect what is left of it."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _unpack(output: bytes, returncode: int, errors: bytes) -> tuple[dict, bytes]:
    """Split the child's answer into its report and the PDF.

    Raises PdfKilled when a signal ended the child, PdfFailed when it gave up by itself.
    """
    if returncode == 0 and len(output) >= 4:
        (size,) = struct.unpack(">I", output[:4])
        return json.loads(output[4 : 4 + size]), output[4 + size :]
    last_words = errors.decode(errors="replace")[-4000:]
    logger.error("The PDF child ended with %s: %s", returncode, last_words)
    # Where not even the report of a full memory found room, Python's last word names it.
    if returncode < 0 or errors.rstrip().endswith(b"MemoryError"):
        raise PdfKilled(_memory_sentence())
    raise PdfFailed(_("PDF gagal dibuat. Kesalahan dicatat untuk administrator; coba lagi nanti."))


def _memory_sentence() -> str:
    return _(
        "Pembuatan PDF dihentikan oleh sistem, biasanya karena memori tidak cukup. "
        "Coba lagi saat peladen tidak sibuk."
    )


# ── the child ────────────────────────────────────────────────────────────────────────────────────


class _Messages(logging.Handler):
    """Keeps every complaint of the renderer as one line."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.getMessage()}")


def _child() -> None:
    """Read an order from standard input, set the pages, write report and PDF to standard output."""
    # The libraries' own prints go to standard error; the answer keeps the real standard output.
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    order = json.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory_bytes"], order["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (order["cpu_seconds"], order["cpu_seconds"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # One document and then the end: collecting cycles on the way only costs a sixth of the time.
    gc.disable()
    try:
        report, content = _set_pages(order["html"], order["css"])
    except MemoryError:
        report, content = {"fault": "memory"}, b""
    head = json.dumps(report).encode()
    answer.write(struct.pack(">I", len(head)) + head + content)
    answer.flush()
    # The interpreter's tidying up of a million small objects is time that nobody needs.
    os._exit(0)


def _set_pages(html: str, css: str) -> tuple[dict, bytes]:
    """Return the report of the work and the PDF, empty where the libraries are missing."""
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except (OSError, ImportError) as fault:
        return {"fault": "libraries", "detail": str(fault)}, b""
    messages = _Messages()
    logging.getLogger("weasyprint").addHandler(messages)
    fetcher = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    pages = weasyprint.HTML(string=html, url_fetcher=fetcher).render(
        stylesheets=[weasyprint.CSS(string=css, url_fetcher=fetcher)], pdf_variant=VARIANT
    )
    content = pages.write_pdf(pdf_variant=VARIANT)
    report = {
        "fault": "",
        "messages": messages.lines,
        "page_count": len(pages.pages),
        "peak_bytes": _peak_bytes(),
    }
    return report, content


def _peak_bytes() -> int:
    """Return the highest resident memory of this process.

    ``getrusage`` would also count what the parent held before the start.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    _child()
