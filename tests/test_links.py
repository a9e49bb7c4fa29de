"""Looking at addresses: what answers, what wants a login, what is gone, and what is never asked."""

from __future__ import annotations

import contextlib
import ipaddress
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from zona import links
from zona.links import LinkState

OWN = ipaddress.ip_address("127.0.0.1")


class Answers(BaseHTTPRequestHandler):
    """Answers by what the address says, and keeps which paths were asked."""

    asked: list[str] = []

    def do_GET(self):
        self.asked.append(self.path)
        way, _slash, rest = self.path.strip("/").partition("/")
        if way == "lambat":
            self.send_response(200)
            with contextlib.suppress(OSError):  # whoever asked has left
                for number in range(60):
                    self.send_header(f"X-{number}", "0")
                    self.flush_headers()
                    time.sleep(0.1)
            return
        if way.isdecimal():
            self.send_response(int(way))
        else:
            self.send_response(302)
            self.send_header("Location", {"ke": f"/{rest}", "luar": rest}[way])
        self.end_headers()

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def server():
    """A web server of this machine's own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        Answers.asked.clear()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()


def own(address, port) -> bool:
    """Let the test's own server be asked, and nothing else."""
    return address == OWN


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/200", LinkState.ALIVE),
        ("/204/dokumen%20unit?a=ä", LinkState.ALIVE),
        ("/401", LinkState.LOGIN),
        ("/403", LinkState.LOGIN),
        ("/404", LinkState.DEAD),
        ("/410", LinkState.DEAD),
        ("/500", LinkState.DEAD),
        ("/ke/200", LinkState.ALIVE),
        ("/ke/200/accounts/ServiceLogin", LinkState.LOGIN),
        ("/200/accounts/ServiceLogin", LinkState.ALIVE),
        ("/ke/ke/ke/200", LinkState.ALIVE),
        ("/ke/ke/ke/ke/200", LinkState.DEAD),
    ],
)
def test_an_answer_is_understood(server, path, state):
    assert links.check(server + path, allowed=own).state is state


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://10.0.0.8/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::10.0.0.8]/",
        "http://[2002:0a00:0008::1]/",
        "http://2130706433/",
        "http://8.8.8.8:22/",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
    ],
)
def test_addresses_of_our_own_are_refused_without_being_asked(url):
    started = time.monotonic()

    result = links.check(url)

    assert result.state is LinkState.REFUSED
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("target", ["http://127.0.0.2:{port}/200", "file:///etc/passwd"])
def test_a_redirect_does_not_lead_where_the_first_address_could_not(server, target):
    port = server.rpartition(":")[2]
    Answers.asked.clear()

    result = links.check(f"{server}/luar/{target.format(port=port)}", allowed=own)

    assert result.state is LinkState.REFUSED
    assert len(Answers.asked) == 1


def test_a_server_that_trickles_is_left_at_the_deadline(server):
    started = time.monotonic()

    result = links.check(f"{server}/lambat", allowed=own, timeout_seconds=0.5)

    assert result.state is LinkState.DEAD
    assert time.monotonic() - started < 2


def test_a_port_that_nobody_listens_on_is_dead():
    assert links.check("http://127.0.0.1:9/", allowed=own).state is LinkState.DEAD


def test_a_name_that_nobody_has_is_dead():
    assert links.check("http://tidak-ada.invalid/").state is LinkState.DEAD
