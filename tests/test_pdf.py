"""The PDF wrapper: what comes out, what is refused, and what happens when the child cannot."""

import io
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from pypdf import PdfReader

from zona import pdf

PAGE = """<!doctype html><html lang="id"><head><meta charset="utf-8"><title>{title}</title></head>
<body>{body}</body></html>"""

DOT = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/%3E"


def page(body="<h1>Halo</h1><p>Nilai 80,17</p>", title="Contoh"):
    return PAGE.format(body=body, title=title)


def endless():
    """A table that takes far longer than any limit of these tests."""
    return page("<table>" + "<tr><td>x</td><td>y</td></tr>" * 20_000 + "</table>")


def test_html_becomes_a_tagged_pdf_with_bookmarks():
    made = pdf.render(page(), css="@page { size: A4 }")

    reader = PdfReader(io.BytesIO(made.content))
    catalog = reader.trailer["/Root"]
    assert made.messages == ()
    assert made.page_count == len(reader.pages) == 1
    assert reader.pages[0].extract_text().split() == ["Halo", "Nilai", "80,17"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "id"
    assert "/StructTreeRoot" in catalog
    assert [entry.title for entry in reader.outline] == ["Halo"]
    assert reader.metadata.title == "Contoh"
    assert 20_000_000 < made.peak_bytes < 200_000_000
    assert made.seconds > 0


@pytest.mark.parametrize(
    "body",
    [
        '<img alt="x" src="file:///etc/passwd">',
        '<img alt="x" src="http://127.0.0.1:9/x.png">',
        '<img alt="x" src="https://example.org/x.png">',
        '<img alt="x" src="ftp://127.0.0.1/x.png">',
        '<link rel="stylesheet" href="file:///etc/hostname">',
        '<link rel="attachment" href="file:///etc/hostname">',
        "<style>p { background: url(file:///etc/passwd) }</style><p>x</p>",
        '<object data="file:///etc/passwd">x</object>',
    ],
)
def test_no_file_and_no_network_is_reached(body):
    made = pdf.render(page(body), css="")

    assert made.messages
    assert all("disallowed protocol" in message for message in made.messages)
    assert b"root:" not in made.content
    assert not PdfReader(io.BytesIO(made.content)).attachments


def test_a_relative_address_leads_nowhere():
    made = pdf.render(page('<img alt="x" src="../../etc/passwd">'), css="")

    assert len(made.messages) == 1
    assert "Relative URI reference without a base URI" in made.messages[0]


def test_a_data_address_is_answered():
    assert pdf.render(page(f'<img alt="titik" src="{DOT}">'), css="").messages == ()


@pytest.mark.parametrize(
    ("html", "said"),
    [
        (page(f'<img src="{DOT}">'), "alt"),
        (page().replace(' lang="id"', ""), "lang"),
        (page('<p style="colour: red">x</p>'), "colour"),
    ],
)
def test_complaints_of_the_renderer_are_handed_back(html, said):
    messages = pdf.render(html, css="").messages

    assert said in " ".join(messages)


def test_a_document_that_never_ends_is_killed():
    started = time.monotonic()

    with pytest.raises(pdf.PdfKilled, match="melewati batas waktu 1 detik"):
        pdf.render(endless(), css="", timeout_seconds=1)

    assert time.monotonic() - started < 5


def test_a_document_too_big_for_its_memory_is_killed():
    with pytest.raises(pdf.PdfKilled, match="memori tidak cukup"):
        pdf.render(endless(), css="", memory_bytes=230_000_000)


def test_a_child_killed_from_outside_is_a_sentence():
    ended = []

    def kill_the_child():
        while not ended:
            for child in children():
                os.kill(child, signal.SIGKILL)
                ended.append(child)
            time.sleep(0.01)

    killer = threading.Thread(target=kill_the_child)
    killer.start()
    with pytest.raises(pdf.PdfKilled, match="dihentikan oleh sistem"):
        pdf.render(endless(), css="")
    killer.join()


def children():
    """Return the process ids of the PDF children of this process."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if pdf.__file__ in line]


def test_missing_libraries_are_named(monkeypatch, tmp_path):
    for name in ("libpango-1.0.so.0", "libgobject-2.0.so.0", "libpangoft2-1.0.so.0"):
        (tmp_path / name).touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))

    with pytest.raises(pdf.PdfUnavailable) as fault:
        pdf.render(page(), css="")

    assert str(fault.value) == (
        "Pustaka pembuat PDF belum lengkap di peladen. Administrator menjalankan: apt-get install "
        "-y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-paratype"
    )


def test_a_document_that_breaks_the_renderer_fails_with_a_sentence():
    with pytest.raises(pdf.PdfFailed, match="PDF gagal dibuat"):
        pdf.render(page("<div>" * 3000), css="")


def test_the_child_learns_nothing_of_our_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "rahasia-sekali")
    seen = []
    popen = subprocess.Popen

    def watch(*args, **kwargs):
        seen.append(kwargs["env"])
        return popen(*args, **kwargs)

    monkeypatch.setattr(pdf.subprocess, "Popen", watch)
    pdf.render(page(), css="")

    assert seen
    assert set(seen[0]) <= set(pdf.PASSED_VARIABLES)


def test_only_the_child_loads_weasyprint():
    listed = subprocess.run(
        [sys.executable, "-c", "import sys, zona.pdf; print('weasyprint' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert listed.strip() == "False"
