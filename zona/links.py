"""Whether an address on the web answers, asked without letting it lead us into our own network.

Only http and https; every name is resolved here, every address it has must be public, and the
connection goes to the address that was looked at, at each of three redirects. Headers alone are
read. The whole question takes five seconds at most.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

REDIRECTS_MAX = 3
TIMEOUT_SECONDS = 5.0
PORTS = frozenset({80, 443, 8080, 8443})
AGENT = "Zona link check"
KEPT = "%/:=&?~#+!$,;'@()*[]"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LOGIN_CODES = frozenset({401, 403, 407})
LOGIN_WORDS = re.compile(
    r"(^|[/._-])(login|log-in|signin|sign-in|sso|oauth2?|saml2?|masuk|accounts?)([/._-]|$)",
    re.IGNORECASE,
)

# An IPv4 address can hide in these, and a gateway would lead there.
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Allowed = Callable[[Address, int], bool]


class LinkState(StrEnum):
    """What an address was found to be."""

    ALIVE = "alive"
    LOGIN = "login"
    DEAD = "dead"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What became of the question; ``detail`` is for the log."""

    state: LinkState
    detail: str


class _Refused(Exception):
    """The address is not one that we ask."""


def is_public(address: Address, port: int) -> bool:
    """Tell whether an address belongs to the public internet and a usual port of the web."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.sixtofour or address.teredo or address in TRANSLATED:
            return False
        address = address.ipv4_mapped or address
    return port in PORTS and address.is_global and not address.is_multicast


def check(
    url: str, *, allowed: Allowed = is_public, timeout_seconds: float = TIMEOUT_SECONDS
) -> LinkResult:
    """Ask an address whether it is there, wants a login, or is gone.

    allowed: which addresses may be asked; a test names its own machine.
    """
    until = time.monotonic() + timeout_seconds
    try:
        return _follow(url, allowed, until)
    except _Refused as refusal:
        return LinkResult(LinkState.REFUSED, str(refusal))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return LinkResult(LinkState.DEAD, f"{type(error).__name__}: {error}"[:200])


def _follow(url: str, allowed: Allowed, until: float) -> LinkResult:
    for hop in range(REDIRECTS_MAX + 1):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _Refused("neither http nor https")
        code, location = _ask(parts, allowed, until)
        if code in REDIRECTS and location:
            url = urljoin(url, location)
            continue
        led_to_login = hop and LOGIN_WORDS.search(f"{parts.hostname}{parts.path}")
        if code in LOGIN_CODES or (code < 400 and led_to_login):
            return LinkResult(LinkState.LOGIN, f"{code} {parts.hostname}")
        alive = 200 <= code < 300
        return LinkResult(LinkState.ALIVE if alive else LinkState.DEAD, f"{code} {parts.hostname}")
    return LinkResult(LinkState.DEAD, "too many redirects")


def _ask(parts: SplitResult, allowed: Allowed, until: float) -> tuple[int, str]:
    """Return the status and the new address of one hop."""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = _resolve(parts.hostname, port, allowed, until)
    connection = http.client.HTTPConnection(parts.hostname, port)
    connection.sock = socket.create_connection((str(address), port), timeout=_left(until))
    try:
        if secure:
            # Whose certificate it is says nothing about whether the document is there.
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection.sock = context.wrap_socket(connection.sock, server_hostname=parts.hostname)
        target = quote(urlunsplit(("", "", parts.path or "/", parts.query, "")), safe=KEPT)
        host = parts.netloc.rpartition("@")[2].encode("idna").decode()
        headers = {"Host": host, "User-Agent": AGENT, "Accept": "*/*"}
        connection.sock.settimeout(_left(until))
        connection.request("GET", target, headers=headers)
        response = _head_of_answer(connection, until)
        return response.status, response.headers.get("Location", "")
    finally:
        connection.close()


def _head_of_answer(connection: http.client.HTTPConnection, until: float):
    """Return the status and headers; an endless trickle of them is cut off at the deadline."""
    sock = connection.sock
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(connection.getresponse)
        try:
            return answer.result(timeout=_left(until))
        except TimeoutError:
            sock.shutdown(socket.SHUT_RDWR)
            raise


def _resolve(host: str, port: int, allowed: Allowed, until: float) -> Address:
    """Return an address of a host, when all that it has may be asked."""
    pool = ThreadPoolExecutor(1)
    try:
        found = pool.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(
            timeout=_left(until)
        )
    finally:
        pool.shutdown(wait=False)
    addresses = [ipaddress.ip_address(entry[4][0].partition("%")[0]) for entry in found]
    for address in addresses:
        if not allowed(address, port):
            raise _Refused(f"{host} leads to {address} port {port}")
    return addresses[0]


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time is over")
    return left
