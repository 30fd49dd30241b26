"""The client against the service itself: the whole way of a ticket, the queue, a backlog, files and events."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from api.client import AlreadyDecided, NotFound, Patience, StaleVersion, TriageClient
from tests.e2e.office import Office
from tests.e2e.test_api_server import listening
from triage.domain.access import Role

pytestmark = pytest.mark.postgres
TICKET = {"id": "RMA/1", "text": "Ekspres pokazuje błąd E18.", "requester": {"email": "anna@example.com"}}


@pytest.fixture
def client(office: Office) -> TriageClient:
    return TriageClient("", office.keys[Role.ADMIN], http=office.http)


def test_a_ticket_goes_its_whole_way(office: Office, client: TriageClient) -> None:
    assert client.receive(TICKET).created
    assert not client.receive(TICKET).created
    office.work()
    [entry] = client.cases(state="pending_approval")
    read = client.case(entry.id)
    edited = client.edit(read, "Dzień dobry, proszę o zdjęcie; zwrot możliwy.")
    with pytest.raises(StaleVersion):
        client.approve(read)
    assert edited.to_confirm == ("REFUND",)
    approval = client.approve(edited, confirmed=edited.to_confirm)
    assert not approval.needs_second
    with pytest.raises(AlreadyDecided):
        client.approve(client.case("RMA/1"), confirmed=edited.to_confirm)
    office.work()
    assert [path.stem for path in office.outbox] == [approval.id]
    assert client.case("RMA/1").state == "sent"
    client.reopen(client.case("RMA/1"))
    assert client.add_message("RMA/1", "Ponaglam.")["revision"] == 3  # the complaint, the reply that was sent, and this


def test_people_handle_a_case(office: Office, client: TriageClient) -> None:
    office.pending("T1")
    labelled = client.label(client.case("T1"), tags=["vip"])
    assert [entry.id for entry in client.cases(tag="vip")] == ["T1"]
    client.hand_over(labelled, team="agd")
    assert client.case("T1").data["team"] == "agd"
    rejected = client.reject(client.case("T1"), "zły ton")
    assert (rejected.state, rejected.data["rejected_because"]) == ("rejected", "zły ton")
    with pytest.raises(NotFound):
        client.case("T2")


def test_every_page_of_the_queue_is_read(office: Office, client: TriageClient) -> None:
    for number in range(7):
        office.receive(f"T{number}")
    assert {entry.id for entry in client.cases(limit=2)} == {f"T{number}" for number in range(7)}


def test_a_backlog_is_sent_in_pieces_and_followed(office: Office, client: TriageClient) -> None:
    tickets: Iterator[dict[str, object] | str] = (
        {"id": f"B{number}", "text": "E18"} if number % 2 else f'{{"id": "B{number}", "text": "E18"}}\n'
        for number in range(25)
    )
    done = client.receive_all(tickets, lines_at_once=10)
    assert (done.state, done.lines, done.created, done.failed, done.waiting) == ("done", 25, 25, 0, 25)
    assert not done.settled
    office.work()
    assert client.imported(done.id).settled
    assert client.receive_all([]).state == "done"


def test_a_file_comes_back_as_it_was(office: Office, client: TriageClient) -> None:
    office.receive("T1")
    stored = client.add_file("T1", "opis.txt", "zażółć".encode())
    assert client.file(stored["id"]).decode() == "zażółć"


def test_changes_are_followed_over_a_real_connection(office: Office) -> None:
    with listening(office) as url:
        key = office.keys[Role.AGENT]
        with TriageClient(url, key, patience=Patience(first_wait_s=0.05)) as client:
            client.receive(TICKET)
            office.work()
            seen = list(islice(client.changes(after="0-0"), 2))
        office.app.state.stopping.set()
    assert [(change.ticket_id, change.state) for change in seen] == [
        ("RMA/1", "received"),
        ("RMA/1", "pending_approval"),
    ]
