"""Calls to other servers: nothing inside the network is reached, and no server can hold or flood us."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpcore2
import pytest

from triage.adapters.outgoing import Allowed, OutgoingClient, OutgoingLimits
from triage.adapters.outgoing.addresses import is_public
from triage.errors import OutgoingInterrupted, OutgoingRefused, OutgoingUnreachable

_INSIDE = (
    "127.0.0.1 127.1 127.255.255.254 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254 "
    "169.254.170.2 100.64.0.1 100.100.100.200 192.0.0.192 0.0.0.0 0 255.255.255.255 224.0.0.1 239.255.255.250 "
    "240.0.0.1 198.18.0.1 198.51.100.7 203.0.113.7 192.0.2.7 192.88.99.1 2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 "
    "017700000001 0x7f.1 127.0.1 3232235777 0xC0A80101 0300.0250.1.1 2852039166 0xa9fea9fe 0251.0376.0251.0376 "
    "167772161 0xa000001 012.0.0.1 localhost LOCALHOST localhost."
).split()
_INSIDE_V6 = (
    ":: ::1 0:0:0:0:0:0:0:1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe "
    "::ffff:192.168.1.1 fe80::1 fe80::1%lo febf::1 fc00::1 fd00::1 fd00:ec2::254 fec0::1 ff02::1 ff05::1:3 "
    "2002:7f00:1:: 2002:a00:1:: 2002:c0a8:101:: 2002:a9fe:a9fe:: 64:ff9b::7f00:1 64:ff9b::10.0.0.1 "
    "64:ff9b::a9fe:a9fe 64:ff9b:1::1 2001:0:7f00:1:0:0:f5ff:fffe 2001:db8::1 100::1 ::127.0.0.1"
).split()
_FORMS = [
    f"https://{host}{port}/hook" for host in (*_INSIDE, *(f"[{host}]" for host in _INSIDE_V6)) for port in ("", ":8443")
]


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that a connection was tried to; none succeeds."""
    tried: list[str] = []

    def connect(self: httpcore2.SyncBackend, host: str, *args: object) -> httpcore2.NetworkStream:
        tried.append(host)
        raise httpcore2.ConnectError()

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", connect)
    return tried


def test_no_form_of_an_inside_address_is_called(connected: list[str]) -> None:
    assert len(_FORMS) >= 100
    for form in _FORMS:
        with pytest.raises((OutgoingRefused, OutgoingUnreachable)):
            OutgoingClient().request("POST", form, body=b"{}")
    assert connected == []


def test_public_addresses_are_public_and_special_ones_are_not() -> None:
    public = ("93.184.215.14", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808")
    assert [text for text in public if not is_public(ipaddress.ip_address(text))] == []
    wrong = [host for host in _INSIDE_V6 if "%" not in host and is_public(ipaddress.ip_address(host))]
    assert wrong == []


@pytest.mark.parametrize(
    "url",
    [
        "http://desk.example/hook",
        "ftp://desk.example/",
        "file:///etc/passwd",
        "gopher://desk.example/",
        "https:///nothing",
        "https://user:secret@desk.example/",
        "https://desk.example@127.0.0.1/",
        "https://desk.example/a b",
        "https://desk.example/\r\nX: y",
        "https://żółw.example/",
        "https://desk.example:99999/",
        "desk.example",
        "",
    ],
)
def test_a_url_of_another_form_is_refused_before_anything_is_resolved(url: str) -> None:
    with pytest.raises(OutgoingRefused):
        Allowed(resolve=_must_not_be_asked).target(url)


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_judged(connected: list[str]) -> None:
    asked = []

    def rebinding(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("93.184.215.14",) if len(asked) == 1 else ("127.0.0.1",)

    with pytest.raises(OutgoingUnreachable):
        OutgoingClient(Allowed(resolve=rebinding)).get("https://rebind.example/")
    assert (asked, connected) == (["rebind.example"], ["93.184.215.14"])


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    mixed = Allowed(resolve=lambda host, port: ("93.184.215.14", "10.0.0.8"))
    with pytest.raises(OutgoingRefused):
        OutgoingClient(mixed).get("https://mixed.example/")


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "fe80::1", "::ffff:169.254.169.254"])
def test_listing_a_host_never_opens_a_metadata_service(address: str) -> None:
    listed = Allowed(frozenset({"desk.internal"}), resolve=lambda host, port: (address,))
    with pytest.raises(OutgoingRefused):
        OutgoingClient(listed).get("http://desk.internal/")


def test_a_listed_host_is_called_over_http_and_its_answer_read() -> None:
    with _serving(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Id: 7\r\n\r\nok") as (port, received):
        answer = _client(port).request(
            "POST", f"http://127.0.0.1:{port}/hook?a=1", {"X-Signature": "v1,x"}, body=b'{"a": 1}'
        )
    assert (answer.status, answer.body, answer.headers["x-id"]) == (201, b"ok", "7")
    sent = received[0].decode()
    assert sent.startswith("POST /hook?a=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{port}\r\n" in sent
    assert "X-Signature: v1,x\r\n" in sent
    assert sent.endswith('\r\n\r\n{"a": 1}')


def test_a_port_that_is_not_listed_is_refused() -> None:
    with pytest.raises(OutgoingRefused):
        OutgoingClient(Allowed(frozenset({"127.0.0.1:8443"}))).get("https://127.0.0.1:8444/")


def test_a_redirect_is_an_answer_and_is_followed_on_request_within_the_origin_only() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
    with _serving(moved % b"http://169.254.169.254/latest/") as (port, received):
        url = f"http://127.0.0.1:{port}/"
        assert _client(port).request("POST", url).status == 302
        with pytest.raises(OutgoingRefused):
            _client(port).get(url, redirects=3)
        assert len(received) == 2
    with _serving(moved % b"/there") as (port, received):
        assert _client(port).get(f"http://127.0.0.1:{port}/", redirects=2).status == 302
        assert [request.split(b" ")[1] for request in received] == [b"/", b"/there", b"/there"]


def test_a_redirect_to_another_server_is_refused_though_that_may_be_called_too() -> None:
    with _serving(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (other, asked):
        moved = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n"
        with _serving(moved.encode()) as (port, _):
            client = OutgoingClient(Allowed(frozenset({"127.0.0.1"})), OutgoingLimits(total_s=5))
            with pytest.raises(OutgoingRefused, match="another host"):
                client.get(f"http://127.0.0.1:{port}/", redirects=3)
        assert asked == []


def test_a_server_that_drips_bytes_is_cut_off_at_the_deadline() -> None:
    def drip(connection: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with _serving(drip) as (port, _):
        started = time.monotonic()
        with pytest.raises(OutgoingInterrupted):
            _client(port, OutgoingLimits(total_s=0.6)).get(f"http://127.0.0.1:{port}/")
        assert time.monotonic() - started < 1.6


def test_an_endless_answer_is_cut_off_at_its_limit() -> None:
    sent = []

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    with _serving(endless) as (port, _):
        with pytest.raises(OutgoingInterrupted, match="longer than"):
            _client(port, OutgoingLimits(answer_bytes=100_000)).get(f"http://127.0.0.1:{port}/")
    assert sum(sent) < 20_000_000


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff not http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_an_answer_that_cannot_be_read_may_have_arrived(answer: bytes) -> None:
    with _serving(answer) as (port, _), pytest.raises(OutgoingInterrupted):
        _client(port).get(f"http://127.0.0.1:{port}/")


def test_a_closed_port_and_an_unknown_name_are_unreachable_so_nothing_left() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(OutgoingUnreachable):
        _client(port).get(f"http://127.0.0.1:{port}/")

    def unknown(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(OutgoingUnreachable):
        OutgoingClient(Allowed(resolve=unknown)).get("https://nowhere.example/")


def test_a_resolver_that_hangs_ends_at_the_deadline() -> None:
    def hangs(host: str, port: int) -> tuple[str, ...]:
        time.sleep(2)
        return ("93.184.215.14",)

    started = time.monotonic()
    with pytest.raises(OutgoingUnreachable):
        OutgoingClient(Allowed(resolve=hangs), OutgoingLimits(total_s=0.3)).get("https://slow.example/")
    assert time.monotonic() - started < 1.3


def _must_not_be_asked(host: str, port: int) -> tuple[str, ...]:
    raise AssertionError(f"resolved {host}")


def _client(port: int, limits: OutgoingLimits | None = None) -> OutgoingClient:
    return OutgoingClient(Allowed(frozenset({f"127.0.0.1:{port}"})), limits or OutgoingLimits(total_s=5))


@contextmanager
def _serving(answer: bytes | Callable[[socket.socket], None]) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads a request, answers raw bytes and closes; yields its port and the requests."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    received.append(_one_request(connection))
                    try:
                        if callable(answer):
                            answer(connection)
                        else:
                            connection.sendall(answer)
                    except OSError:
                        continue  # the client had enough

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], received
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)


def _one_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
