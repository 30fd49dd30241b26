"""What can be done: tickets in, cases read and decided, the queue followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx2

from api.client.bulk import BulkSender
from api.client.connection import Connection, Parameter, Patience
from api.client.events import follow
from api.client.values import Approval, Case, CaseChange, Import, Json, QueueEntry, Received


class TriageClient:
    """The service at ``url``, with one API key.

    Every method raises :class:`~api.client.errors.ApiError`, or one of its kinds, when it was refused.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout_s: float = 30.0,
        patience: Patience = Patience(),
        http: httpx2.Client | None = None,
    ) -> None:
        """Connect lazily; ``http`` replaces the client that would be made for ``url``."""
        self._connection = Connection(http or httpx2.Client(base_url=url, timeout=timeout_s), key, patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.http.close()

    @property
    def connection(self) -> Connection:
        """For operations that have no method here: ``client.connection.send("GET", "/taxonomy")``."""
        return self._connection

    # tickets

    def receive(self, ticket: Json) -> Received:
        """Take a ticket in; once this returns it is not lost."""
        told = self._connection.send("POST", "/tickets", json=dict(ticket)).json()
        return Received(told["id"], told["created"])

    def receive_mail(self, mail: bytes) -> Received:
        """Take a complete RFC 822 message in."""
        headers = {"Content-Type": "message/rfc822"}
        told = self._connection.send("POST", "/tickets", content=mail, headers=headers).json()
        return Received(told["id"], told["created"])

    def add_message(self, ticket_id: str, text: str, **fields: object) -> Json:
        """Add a customer's message; what was drafted without it is void. Returns the ticket."""
        return dict(
            self._connection.send("POST", f"/tickets/{_path(ticket_id)}/messages", json={"text": text, **fields}).json()
        )

    def ticket(self, ticket_id: str) -> Json:
        """A ticket with all its messages."""
        return dict(self._connection.send("GET", f"/tickets/{_path(ticket_id)}").json())

    def receive_all(self, tickets: Iterable[Json | str | bytes], *, lines_at_once: int = 1000) -> Import:
        """Take in any number of tickets, records or lines of JSON, as one import; follow it with :meth:`imported`.

        Interrupted or told to wait, it goes on behind the last line that was stored.
        """
        return BulkSender(self._connection, lines_at_once).send(tickets)

    def imported(self, import_id: str) -> Import:
        """How far an import is."""
        return Import.of(self._connection.send("GET", f"/imports/{_path(import_id)}").json())

    def add_file(self, ticket_id: str, name: str, content: bytes) -> Json:
        """Store a file with its ticket."""
        path = f"/tickets/{_path(ticket_id)}/files"
        return dict(self._connection.send("POST", path, params={"name": name}, content=content).json())

    def file(self, file_id: str) -> bytes:
        """A file's bytes."""
        return self._connection.send("GET", f"/files/{_path(file_id)}").content

    # cases

    def cases(self, **filters: Parameter) -> Iterator[QueueEntry]:
        """The queue, most urgent first, page after page; ``filters`` are those of ``GET /v1/cases``."""
        for page in self._pages("/cases", filters):
            yield from map(QueueEntry.of, page["cases"])

    def case(self, case_id: str) -> Case:
        """A case as it is now."""
        return _case(self._connection.send("GET", f"/cases/{_path(case_id)}"))

    def approve(self, case: Case, *, confirmed: Iterable[str] = (), answers: bool | None = None) -> Approval:
        """Approve exactly the words that were read; they are sent once.

        Args:
            confirmed: codes of :attr:`Case.to_confirm` that a person ticked deliberately.
            answers: whether the letter is the desk's answer; ``None``: as its kind says.

        Raises:
            StaleVersion: anything changed since.
            AlreadyDecided: somebody was quicker.
        """
        body: dict[str, object] = {"draft_digest": case.draft_digest, "confirmed": list(confirmed)}
        body |= {} if answers is None else {"answers": answers}
        answer = self._decide("POST", case, "approve", body)
        told = answer.json()
        return Approval(told.get("id", ""), answer.status_code == 202, told)

    def edit(self, case: Case, body: str, *, subject: str | None = None) -> Case:
        """Replace the draft's words; the result is checked again and needs its own approval."""
        words = {"draft_digest": case.draft_digest, "body": body} | ({"subject": subject} if subject else {})
        return _case(self._decide("PUT", case, "draft", words))

    def redraft(self, case: Case, **choice: object) -> Case:
        """Another letter: ``decision``, ``facts``, ``tone``, ``length`` as in ``POST /v1/cases/{id}/draft``."""
        return _case(self._decide("POST", case, "draft", choice))

    def reject(self, case: Case, reason: str) -> Case:
        """Decide that this draft is not sent."""
        return _case(self._decide("POST", case, "reject", {"reason": reason}))

    def withdraw(self, case: Case) -> Case:
        """Take an approval back whose reply has not left."""
        return _case(self._decide("POST", case, "withdraw", None))

    def resolve(self, case: Case, *, delivered: bool) -> Case:
        """Say what a person found out about a reply whose delivery was unknown."""
        return _case(self._decide("POST", case, "resolve", {"delivered": delivered}))

    def label(self, case: Case, **fields: object) -> Case:
        """Set ``category``, ``subcategory``, ``urgency``, ``tags``; ``None`` hands a field back to the machine."""
        return _case(self._decide("PATCH", case, "labels", fields))

    def hand_over(self, case: Case, *, assignee: str | None = None, team: str | None = None) -> None:
        """Give the case to a person or to a team's queue."""
        self._decide("POST", case, "handover", {"assignee": assignee, "team": team})

    def snooze(self, case: Case, until: datetime | None) -> None:
        """Let the case sleep until a moment with a time zone; ``None`` wakes it."""
        self._decide("POST", case, "snooze", {"until": until.isoformat() if until else None})

    def reopen(self, case: Case) -> None:
        """Take a case up again whose reply was sent or rejected."""
        self._decide("POST", case, "reopen", None)

    def retriage(self, case: Case) -> None:
        """Throw the draft away and triage the ticket again."""
        self._decide("POST", case, "retriage", None)

    def search(self, question: str, **options: object) -> Json:
        """Passages of the knowledge base, each with document, section and page."""
        return dict(self._connection.send("POST", "/knowledge/search", json={"q": question, **options}).json())

    def changes(self, *, after: str | None = None) -> Iterator[CaseChange]:
        """Changes of cases as they happen, without end, from now on or from behind ``after``; reconnects by itself."""
        return follow(self._connection, after)

    def _decide(self, method: str, case: Case, what: str, body: Mapping[str, object] | None) -> httpx2.Response:
        path = f"/cases/{_path(case.id)}/{what}"
        return self._connection.send(method, path, headers={"If-Match": case.etag}, json=body)

    def _pages(self, path: str, filters: Mapping[str, Parameter]) -> Iterator[Json]:
        cursor: str | None = None
        while True:
            params = dict(filters) | ({"cursor": cursor} if cursor else {})
            page = self._connection.send("GET", path, params=params).json()
            yield page
            cursor = page["next"]
            if cursor is None:
                return


def _path(object_id: str) -> str:
    return quote(object_id, safe="/")


def _case(response: httpx2.Response) -> Case:
    return Case.of(response.json(), response.headers.get("etag", ""))
