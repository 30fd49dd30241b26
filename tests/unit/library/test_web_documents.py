"""Pages as documents: only listed ones, only from public servers, never by a redirect elsewhere, never too large."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from triage.adapters.outgoing import Allowed, OutgoingClient, OutgoingLimits
from triage.adapters.web_documents import AllowedPages
from triage.errors import OutgoingError, OutgoingInterrupted, OutgoingRefused

PAGE = b"<html><head><title>Zwroty</title></head><body><h1>Zwroty</h1><p>Termin: 14 dni.</p></body></html>"


class Pages(BaseHTTPRequestHandler):
    """A server with one page and several ways to lead astray."""

    def do_GET(self) -> None:
        status, headers, body = {
            "/zwroty": (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE),
            "/makra.csv": (200, {"Content-Type": "text/plain"}, b"title,body\na,b\n"),
            "/moved": (302, {"Location": "/zwroty"}, b""),
            "/elsewhere": (302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""),
            "/circle": (302, {"Location": "/circle"}, b""),
            "/picture": (200, {"Content-Type": "image/png"}, b"\x89PNG"),
            "/old": (200, {"Content-Type": "text/html; charset=ISO-8859-2"}, "<h1>Siodła</h1>Żel".encode("iso8859-2")),
            "/huge": (200, {"Content-Type": "text/html"}, b"x" * 200_000),
            "/compressed": (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"),
        }.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield f"http://pomoc.example:{found.server_port}"
    found.shutdown()
    found.server_close()


def pages(server: str, *urls: str, listed: bool = True) -> AllowedPages:
    """Pages of a server whose name resolves to this machine, as if the operator had listed it as its own."""
    own = frozenset({server.removeprefix("http://")}) if listed else frozenset()
    allowed = Allowed(own, resolve=lambda host, port: ("127.0.0.1",))
    return AllowedPages(urls, OutgoingClient(allowed, OutgoingLimits(total_s=5, connect_s=2, answer_bytes=100_000)))


def test_a_listed_page_becomes_an_upload_named_by_its_address(server: str) -> None:
    found = pages(server, f"{server}/zwroty").fetch(f"{server}/zwroty")
    assert (found.content, found.source_url) == (PAGE, f"{server}/zwroty")
    assert found.filename.startswith("pomoc-example-zwroty-")
    assert found.filename.endswith(".html")


def test_what_servers_call_plain_text_is_read_by_its_suffix(server: str) -> None:
    url = f"{server}/makra.csv"
    assert pages(server, url).fetch(url).filename.endswith(".csv")


def test_two_pages_are_never_one_document(server: str) -> None:
    urls = [f"{server}/zwroty", f"{server}/moved", f"{server}/makra.csv"]
    web = pages(server, *urls)
    assert len({web.fetch(url).filename for url in urls}) == 3


def test_a_redirect_within_the_server_is_followed(server: str) -> None:
    assert pages(server, f"{server}/moved").fetch(f"{server}/moved").content == PAGE


@pytest.mark.parametrize(
    ("path", "refusal", "reason"),
    [
        ("/elsewhere", OutgoingRefused, "redirects to another host"),
        ("/circle", OutgoingInterrupted, "redirects again and again"),
        ("/picture", OutgoingInterrupted, "image/png"),
        ("/huge", OutgoingInterrupted, "longer than"),
        ("/compressed", OutgoingInterrupted, "compressed"),
        ("/missing", OutgoingInterrupted, "404"),
    ],
)
def test_what_leads_astray_gives_no_document_and_says_why(
    server: str, path: str, refusal: type[OutgoingError], reason: str
) -> None:
    with pytest.raises(refusal, match=reason):
        pages(server, f"{server}{path}").fetch(f"{server}{path}")


def test_a_page_is_in_the_encoding_its_server_names(server: str) -> None:
    found = pages(server, f"{server}/old").fetch(f"{server}/old")
    assert found.content.decode("utf-8-sig") == "<h1>Siodła</h1>Żel"


def test_a_page_that_is_not_listed_is_not_asked_for(server: str) -> None:
    with pytest.raises(OutgoingRefused, match="TRIAGE_DOCUMENT_URLS"):
        pages(server, f"{server}/zwroty").fetch(f"{server}/moved")


def test_a_listed_page_inside_the_network_is_refused_all_the_same(server: str) -> None:
    secret = server.replace("http://", "https://") + "/zwroty"
    with pytest.raises(OutgoingRefused, match="public addresses"):
        pages(server, secret, listed=False).fetch(secret)
    plain = f"{server}/zwroty"
    with pytest.raises(OutgoingRefused, match="https"):
        pages(server, plain, listed=False).fetch(plain)
