"""Webhooks as a receiver sees them: a real HTTP server that checks signatures on its own and fails as it is told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.e2e.office import Office
from triage.adapters.storage import webhook_endpoints
from triage.adapters.storage.database import Database
from triage.domain.access import Role
from triage.operations import Dispatcher
from triage.operations.dispatch import WAITS

pytestmark = pytest.mark.postgres
ADMIN = Role.ADMIN


@dataclass
class Receiver:
    """Answers with the next of ``statuses``, then 204; keeps what came in."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def listening(self) -> Iterator[Receiver]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.send_header("location", "http://169.254.169.254/")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            self.url = f"http://127.0.0.1:{server.server_port}/hook"
            yield self
            server.shutdown()

    def is_signed(self, number: int, secret: str) -> bool:
        """Verify as the specification tells receivers to, without any of the product's code."""
        headers, body = self.got[number]
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return expected in headers["webhook-signature"].split(" ")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().listening() as listening:
        yield listening


def dispatcher(office: Office) -> Dispatcher:
    outbound = office.backend.outbound
    return Dispatcher(outbound.webhooks, outbound.courier, outbound.key, office.clock, jitter=lambda: 0.0)


def deliver(office: Office) -> None:
    dispatcher(office).deliver_due()


def add(office: Office, receiver: Receiver, **fields: object) -> dict[str, str]:
    made = office.call("POST", "/v1/webhooks", role=ADMIN, json={"url": receiver.url, **fields})
    assert made.status_code == 201, made.text
    return dict(made.json())


def log(office: Office, endpoint: str) -> list[dict[str, object]]:
    return list(office.call("GET", f"/v1/webhooks/{endpoint}/deliveries", role=ADMIN).json()["deliveries"])


def test_a_tenant_has_a_bounded_number_of_endpoints(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_endpoints, "MOST_ENDPOINTS", 2)
    for _ in range(2):
        add(office, receiver)
    refused = office.call("POST", "/v1/webhooks", role=ADMIN, json={"url": receiver.url})
    assert refused.status_code == 409
    assert "at most 2" in refused.json()["detail"]


def test_every_change_of_a_case_reaches_the_receiver_signed_and_without_ticket_text(
    office: Office, receiver: Receiver
) -> None:
    endpoint = add(office, receiver)
    office.approve(office.pending("RMA/1", text="Tajny numer 4711, ekspres dymi E18."))
    office.work()
    deliver(office)
    told = [json.loads(body) for _, body in receiver.got]
    assert [(one["type"], one["data"]["version"]) for one in sorted(told, key=lambda one: one["data"]["version"])] == [
        ("case.received", 1),
        ("case.pending_approval", 2),
        ("case.approved", 3),
        ("case.sending", 4),
        ("case.sent", 5),
    ]
    assert all(one["data"]["ticket_id"] == "RMA/1" for one in told)
    assert not any(b"4711" in body or b"anna" in body for _, body in receiver.got)
    assert all(receiver.is_signed(number, endpoint["secret"]) for number in range(5))
    assert not receiver.is_signed(0, "whsec_" + base64.b64encode(bytes(32)).decode())
    assert {one["status"] for one in log(office, endpoint["id"])} == {"delivered"}


def test_a_change_that_was_rolled_back_is_told_to_nobody(office: Office, receiver: Receiver) -> None:
    add(office, receiver)
    read = office.pending()
    receiver.got.clear()
    deliver(office)
    receiver.got.clear()
    refused = office.call(
        "PUT",
        "/v1/cases/T1/draft",
        json={"draft_digest": "0" * 64, "body": "x"},
        headers={"If-Match": read.headers["etag"]},
    )
    assert refused.status_code == 412
    deliver(office)
    assert receiver.got == []


def test_only_the_states_that_were_asked_for_are_told(office: Office, receiver: Receiver) -> None:
    add(office, receiver, states=["pending_approval"])
    office.pending()
    deliver(office)
    assert [json.loads(body)["type"] for _, body in receiver.got] == ["case.pending_approval"]


def test_a_failing_receiver_is_tried_at_the_times_of_the_schedule_and_then_given_up(
    office: Office, receiver: Receiver
) -> None:
    endpoint = add(office, receiver, states=["received"])
    receiver.statuses = [500, 429, 301, 200 + 300, 404, 500, 500, 500, 500, 500]
    office.receive()
    deliver(office)
    for tries, wait in enumerate(WAITS, 1):
        assert len(receiver.got) == tries
        office.clock.advance(seconds=wait.total_seconds() - 1)
        deliver(office)
        assert len(receiver.got) == tries
        office.clock.advance(seconds=1)
        deliver(office)
    [delivery] = log(office, endpoint["id"])
    assert (delivery["status"], delivery["attempts"], len(receiver.got)) == ("dead", 10, 10)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    path = f"/v1/webhook-deliveries/{delivery['id']}"
    tried = office.call("GET", f"{path}/attempts", role=ADMIN).json()["attempts"]
    assert [one["http_status"] for one in tried] == [500, 429, 301, 500, 404, 500, 500, 500, 500, 500]
    assert office.call("POST", f"{path}/replay", role=ADMIN).status_code == 202
    deliver(office)
    assert log(office, endpoint["id"])[0]["status"] == "delivered"
    assert receiver.got[-1][0]["webhook-id"] == receiver.got[0][0]["webhook-id"]


def test_a_receiver_that_is_gone_gets_nothing_more(office: Office, receiver: Receiver) -> None:
    endpoint = add(office, receiver, states=["received"])
    receiver.statuses = [410]
    office.receive("T1")
    deliver(office)
    office.receive("T2")
    office.clock.advance(days=1)
    deliver(office)
    assert len(receiver.got) == 1
    [listed] = office.call("GET", "/v1/webhooks", role=ADMIN).json()["endpoints"]
    assert listed["status"] == "disabled"
    assert [one["ticket_id"] for one in log(office, endpoint["id"])] == ["T1"]


def test_what_changed_while_an_endpoint_was_paused_is_delivered_when_it_goes_on(
    office: Office, receiver: Receiver
) -> None:
    endpoint = add(office, receiver, states=["received"])
    path = f"/v1/webhooks/{endpoint['id']}"
    office.call("PATCH", path, role=ADMIN, json={"paused": True})
    office.receive()
    deliver(office)
    assert receiver.got == []
    office.call("PATCH", path, role=ADMIN, json={"paused": False})
    deliver(office)
    assert len(receiver.got) == 1


def test_after_a_rotation_both_secrets_verify_for_a_day_and_then_only_the_new_one(
    office: Office, receiver: Receiver
) -> None:
    endpoint = add(office, receiver, states=["received"])
    new = office.call("POST", f"/v1/webhooks/{endpoint['id']}/secret", role=ADMIN).json()["secret"]
    assert new != endpoint["secret"]
    office.receive("T1")
    deliver(office)
    office.clock.advance(hours=24)
    office.receive("T2")
    deliver(office)
    assert [receiver.is_signed(0, one) for one in (endpoint["secret"], new)] == [True, True]
    assert [receiver.is_signed(1, one) for one in (endpoint["secret"], new)] == [False, True]


def test_a_secret_is_shown_once_and_stored_nowhere(office: Office, receiver: Receiver, postgres: Database) -> None:
    headers = {"Idempotency-Key": "once"}
    body = {"url": receiver.url}
    first = office.call("POST", "/v1/webhooks", role=ADMIN, json=body, headers=headers).json()
    again = office.call("POST", "/v1/webhooks", role=ADMIN, json=body, headers=headers).json()
    assert first["secret"].startswith("whsec_")
    assert again == first | {"secret": None}
    assert "whsec_" not in office.call("GET", "/v1/webhooks", role=ADMIN).text
    raw = base64.b64decode(first["secret"].removeprefix("whsec_"))
    assert len(raw) == 32
    with postgres.engine.connect() as connection:
        for table in ("webhook_endpoints", "webhook_deliveries", "audit", "idempotency"):
            for row in connection.exec_driver_sql(f"SELECT t::text FROM {table} t").scalars():
                assert first["secret"][6:] not in row
                assert raw.hex() not in row


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://10.0.0.1/x", "ftp://example.com/x", "https://user:pw@example.com/"]
)
def test_an_endpoint_inside_the_network_is_refused(office: Office, url: str) -> None:
    assert office.call("POST", "/v1/webhooks", role=ADMIN, json={"url": url}).status_code == 422


def test_eight_dispatchers_at_once_deliver_each_change_once(office: Office, receiver: Receiver) -> None:
    add(office, receiver, states=["received"])
    lines = "\n".join(json.dumps({"id": f"T{number}", "text": "Cieknie."}) for number in range(60))
    office.call("POST", "/v1/tickets/bulk", content=lines, headers={"Content-Type": "application/x-ndjson"})

    def work(_: int) -> None:
        while dispatcher(office).deliver_due():
            pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert len(ids) == len(set(ids)) == 60


def test_an_outcome_that_comes_after_the_lease_does_not_overwrite_a_later_one(
    office: Office, receiver: Receiver
) -> None:
    endpoint = add(office, receiver, states=["received"])
    office.receive()
    webhooks, now = office.backend.outbound.webhooks, office.clock.now()
    [(held, late)] = webhooks.take_due(now, limit=1, until=now)  # a dispatcher that sleeps with the delivery in hand
    deliver(office)
    receiver.statuses = [500]
    dispatcher(office)._deliver(held, late)
    [delivery] = log(office, endpoint["id"])
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 2)
