"""The virus scanner: ClamAV's daemon, asked over its socket; off where no address is set.

What cannot be asked has not passed: a scanner that is silent, busy or confused stops the file.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
from typing import BinaryIO
from urllib.parse import urlsplit

CONNECT_SECONDS = 3
ANSWER_SECONDS = 60
CHUNK_BYTES = 64 * 1024
ANSWER_BYTES = 4096

logger = logging.getLogger(__name__)


class VirusFound(Exception):
    """The scanner knows this content; the text is the name that it gives it."""


class ScannerSilent(Exception):
    """The scanner gave no verdict."""


def scan(content: BinaryIO, address: str) -> None:
    """Have a file looked at and return when it is clean; its position is where it was before.

    address: ``tcp://host:port`` or ``unix:///path/to/socket``.

    Raises VirusFound, or ScannerSilent whatever else happens.
    """
    start = content.tell()
    try:
        answer = _ask(content, address)
    except (OSError, ValueError) as error:
        logger.exception("the virus scanner at %s cannot be asked", address)
        raise ScannerSilent from error
    finally:
        content.seek(start)
    if answer == "stream: OK":
        return
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        name = answer.removeprefix("stream: ").removesuffix(" FOUND")
        logger.warning("the virus scanner found %s", name)
        raise VirusFound(name)
    logger.error("the virus scanner said: %s", answer[:200])
    raise ScannerSilent


def _ask(content: BinaryIO, address: str) -> str:
    with _connect(address) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.sendall(b"zINSTREAM\0")
            while chunk := content.read(CHUNK_BYTES):
                connection.sendall(struct.pack(">I", len(chunk)) + chunk)
            connection.sendall(struct.pack(">I", 0))
        except (BrokenPipeError, ConnectionResetError):
            # It stops listening when a file is beyond its own limit, and says so first.
            with contextlib.suppress(OSError):
                return _answer(connection)
            raise
        return _answer(connection)


def _answer(connection: socket.socket) -> str:
    parts = b""
    while len(parts) < ANSWER_BYTES and not parts.endswith(b"\0"):
        part = connection.recv(ANSWER_BYTES)
        if not part:
            break
        parts += part
    return parts.rstrip(b"\0\n").decode("utf-8", "replace")


def _connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        return socket.create_connection((parts.hostname, parts.port), timeout=CONNECT_SECONDS)
    if parts.scheme == "unix" and parts.path:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(parts.path)
        except OSError:
            connection.close()
            raise
        return connection
    raise ValueError(f"not an address of a scanner: {address}")
