"""The virus scanner: a small daemon that speaks ClamAV's protocol, and all the ways to fail."""

from __future__ import annotations

import io
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from zona import scanner
from zona.scanner import ScannerSilent, VirusFound

# The industry's harmless test file, put together here so that no scanner takes this one away.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Daemon:
    """Where a scanner listens, what it got, and how it behaves."""

    address: str = ""
    manner: str = "good"
    seen: list[bytes] = field(default_factory=list)


def _handler(daemon: Daemon):
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            if daemon.manner == "rude":
                return
            command = b""
            while not command.endswith(b"\0"):
                command += self.rfile.read(1)
            assert command == b"zINSTREAM\0"
            content = b""
            while size := struct.unpack(">I", self.rfile.read(4))[0]:
                content += self.rfile.read(size)
                if daemon.manner == "small":
                    self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            daemon.seen.append(content)
            found = b"Win.Test.EICAR_HDB-1 FOUND" if EICAR in content else b"OK"
            self.wfile.write(b"stream: " + found + b"\0")

    return Handler


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture(params=["tcp", "unix"])
def daemon(request, tmp_path: Path) -> Iterator[Daemon]:
    """A scanner that listens, over each kind of socket."""
    made = Daemon()
    if request.param == "tcp":
        server = _Tcp(("127.0.0.1", 0), _handler(made))
        made.address = f"tcp://127.0.0.1:{server.server_address[1]}"
    else:
        server = _Unix(str(tmp_path / "clamd.sock"), _handler(made))
        made.address = f"unix://{tmp_path}/clamd.sock"
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


def test_a_clean_file_passes_whole_and_stays_where_it_was(daemon):
    content = io.BytesIO(b"0123456789" * 50_000)
    content.seek(10)

    scanner.scan(content, daemon.address)

    assert daemon.seen == [content.getvalue()[10:]]
    assert content.tell() == 10


def test_a_virus_is_named(daemon):
    with pytest.raises(VirusFound, match=r"^Win\.Test\.EICAR_HDB-1$"):
        scanner.scan(io.BytesIO(b"%PDF-" + EICAR), daemon.address)


@pytest.mark.parametrize("manner", ["rude", "small"])
def test_a_scanner_that_gives_no_verdict_lets_nothing_pass(daemon, manner):
    daemon.manner = manner

    with pytest.raises(ScannerSilent):
        scanner.scan(io.BytesIO(b"0" * 4_000_000), daemon.address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "unix:///tidak/ada.sock", "http://x"])
def test_a_scanner_that_is_not_there_lets_nothing_pass(address):
    with pytest.raises(ScannerSilent):
        scanner.scan(io.BytesIO(b"isi"), address)


def test_a_scanner_that_never_answers_lets_nothing_pass(monkeypatch):
    monkeypatch.setattr(scanner, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"

        with pytest.raises(ScannerSilent):
            scanner.scan(io.BytesIO(b"isi"), address)
