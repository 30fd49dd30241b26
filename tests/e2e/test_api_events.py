"""Server-sent events over a real connection: order, coming back, other tenants, bounds, and an end at shutdown."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest

from api.events.stream import CountedStream, EventStream, Listeners
from api.places import OwnPlaces
from api.problems import Problem
from tests.e2e.office import Office
from tests.e2e.test_api_server import listening
from triage.adapters.storage.database import Database
from triage.domain.access import Role
from triage.domain.outbound import START

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(office: Office) -> Iterator[str]:
    with listening(office) as address:
        yield address
        office.app.state.stopping.set()


class Reader(threading.Thread):
    """Reads a stream until it has ``wanted`` events."""

    def __init__(self, office: Office, url: str, wanted: int, last: str | None = None) -> None:
        super().__init__(daemon=True)
        self.headers = {"Authorization": f"Bearer {office.keys[Role.AGENT]}"} | (
            {"Last-Event-ID": last} if last else {}
        )
        self.url, self.wanted = f"{url}/v1/events", wanted
        self.ids: list[str] = []
        self.told: list[dict[str, object]] = []
        self.open = threading.Event()
        self.start()
        assert self.open.wait(20)

    def run(self) -> None:
        with httpx2.stream("GET", self.url, headers=self.headers, timeout=60) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            for line in response.iter_lines():
                self.open.set()
                if line.startswith("id: "):
                    self.ids.append(line[4:])
                if line.startswith("data: "):
                    self.told.append(json.loads(line[6:]))
                    if len(self.told) >= self.wanted:
                        return


def test_changes_arrive_in_order_and_whoever_comes_back_misses_none_and_gets_none_twice(
    office: Office, url: str
) -> None:
    reader = Reader(office, url, wanted=2)
    office.pending("T1")
    reader.join(30)
    assert [(one["ticket_id"], one["state"], one["version"]) for one in reader.told] == [
        ("T1", "received", 1),
        ("T1", "pending_approval", 2),
    ]
    office.pending("T2")  # while nobody listens
    again = Reader(office, url, wanted=3, last=reader.ids[0])
    again.join(30)
    assert [(one["ticket_id"], one["version"]) for one in again.told] == [("T1", 2), ("T2", 1), ("T2", 2)]


def test_a_change_committed_late_is_not_missed_by_a_reader_that_has_seen_later_ones(office: Office) -> None:
    """Two transactions take their places in one order and end in the other."""
    feed, begin = office.backend.outbound.changes, office.backend.outbound.changes.newest()
    slow, go, done = threading.Event(), threading.Event(), threading.Event()

    def write_slowly() -> None:
        from tests import builders

        with office.backend.unit_of_work(office.tenant) as uow:
            ticket = builders.ticket("SLOW", tenant=office.tenant)
            uow.tickets.add_all([ticket])
            uow.cases.add_all([builders.received("SLOW", tenant=office.tenant)])
            slow.set()
            go.wait(20)
            uow.commit()
        done.set()

    thread = threading.Thread(target=write_slowly)
    thread.start()
    assert slow.wait(20)
    office.receive("FAST")
    before = feed.after(begin, tenant=office.tenant, limit=10)
    go.set()
    assert done.wait(20)
    thread.join()
    last = before[-1].at_position if before else begin
    rest = feed.after(last, tenant=office.tenant, limit=10)
    assert sorted(one.ticket_id for one in (*before, *rest)) == ["FAST", "SLOW"]


def test_another_tenants_changes_are_not_told(office: Office, url: str, postgres: Database) -> None:
    stranger = Office(postgres, office.folder)
    reader = Reader(office, url, wanted=1)
    stranger.receive("SECRET-1")
    time.sleep(1.5)
    office.receive("T1")
    reader.join(30)
    assert [one["ticket_id"] for one in reader.told] == ["T1"]


def test_there_may_be_only_so_many_streams_and_a_closed_one_makes_room() -> None:
    listeners = Listeners(OwnPlaces(most=3), most_of_tenant=2)
    first = listeners.admit("a")
    listeners.admit("a")
    with pytest.raises(Problem) as refused:
        listeners.admit("a")
    assert (refused.value.status_code, refused.value.headers) == (429, {"Retry-After": "30"})
    listeners.admit("b")
    with pytest.raises(Problem):
        listeners.admit("c")
    listeners.leave(first)
    listeners.admit("c")


def test_a_reader_that_left_before_the_first_word_holds_no_place(office: Office) -> None:
    listeners = Listeners(OwnPlaces(most=1))
    stream = EventStream(office.backend.outbound.changes, "t", START, asyncio.Event(), frozenset)

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def said(message: object) -> None:
        await asyncio.sleep(0)

    async def read_and_leave() -> None:
        scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
        await CountedStream(stream, listeners, {})(scope, gone, said)  # type: ignore[arg-type]

    for _ in range(3):
        asyncio.run(read_and_leave())


def test_a_stream_that_ends_is_no_longer_counted(office: Office) -> None:
    office.app.state.stopping.set()
    for _ in range(70):
        assert office.call("GET", "/v1/events").status_code == 200
    assert office.call("GET", "/v1/events", headers={"Last-Event-ID": "x"}).status_code == 422
