"""A desk that is served over HTTP: real PostgreSQL, real jobs, real outbox; only the models are small fakes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import build_app
from api.backend import Backend
from api.limits import Limits
from knowledge_base.passage import Audience, DocumentMetadata, ScoredPassage, SearchFilters
from tests import builders
from tests.fakes.clock import FakeClock
from triage.adapters.helpdesk.file_outbox import FileOutbox
from triage.adapters.storage.audit_trail import SqlAuditTrail
from triage.adapters.storage.database import Database
from triage.adapters.storage.idempotency import SqlAnswerStore
from triage.adapters.storage.keys import SqlKeyStore
from triage.adapters.storage.readiness import check_schema
from triage.adapters.storage.worker import work
from triage.approval import Desk
from triage.casework import Casework
from triage.domain.access import Role, issue_key
from triage.domain.case import TriageCase
from triage.domain.priority import UrgencyLevel
from triage.domain.reply import Draft, Finding, Severity
from triage.domain.ticket import Ticket

FREE = Limits(requests_per_minute=10**9, decisions_per_minute=10**9, failed_logins_per_minute=10**9)


_triaged = builders.triaged(builders.ticket(), builders.received())


class OnePassage:
    """A knowledge base that knows one thing."""

    generation = "g-test"

    def search(self, query: str, filters: SearchFilters, limit: int = 5) -> tuple[ScoredPassage, ...]:
        return _triaged.passages[:limit] if "E18" in query else ()

    def documents(self) -> tuple[DocumentMetadata, ...]:
        return (DocumentMetadata("M01", "2.0", "Instrukcja serwisowa", audience=Audience.CUSTOMER),)


def checked(draft: Draft, case: TriageCase, ticket: Ticket) -> tuple[Finding, ...]:
    """A lint of two rules."""
    findings = []
    if "obiecujemy" in draft.body:
        findings.append(Finding("PROMISE", Severity.BLOCK, "Nie obiecuj."))
    if "zwrot" in draft.body:
        findings.append(Finding("REFUND", Severity.CONFIRM, "Potwierdź zwrot."))
    return tuple(findings)


@dataclass(slots=True)
class Office:
    """A served desk of one tenant of its own, with a key for each role."""

    database: Database
    folder: Path
    limits: Limits = FREE
    clock: FakeClock = field(default_factory=FakeClock)
    tenant: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:10]}")
    host: str = "127.0.0.1"
    keys: dict[Role, str] = field(default_factory=dict)
    backend: Backend = field(init=False)
    app: FastAPI = field(init=False)
    http: TestClient = field(init=False)

    def __post_init__(self) -> None:
        units, clock = self.database.units_of_work(self.clock), self.clock
        self.backend = Backend(
            host=self.host,
            clock=clock,
            unit_of_work=units,
            casework=Casework(units, clock, self._run, lambda ticket: False),
            desk=Desk(units, clock, checked),
            knowledge=OnePassage(),
            keys=SqlKeyStore(self.database.sessions, clock),
            answers=SqlAnswerStore(self.database.sessions, clock),
            trail=SqlAuditTrail(self.database.sessions),
            checks={"database": lambda: check_schema(self.database.engine)},
        )
        for role in Role:
            self.keys[role] = self.new_key(role)
        self.app = build_app(self.backend, self.limits)
        self.http = TestClient(self.app, raise_server_exceptions=False)

    def _run(self, ticket: Ticket, case: TriageCase) -> TriageCase:
        level = UrgencyLevel.P1 if "dymi" in ticket.messages[-1].body else UrgencyLevel.P3
        return replace(builders.triaged(ticket, case, self.clock.now(), level=level), findings=())

    def new_key(self, role: Role, tenant: str | None = None) -> str:
        issued = issue_key(tenant or self.tenant, f"test {role.value}", role, self.clock.now())
        self.backend.keys.add(issued.key, actor="test")
        return issued.text

    def call(
        self, method: str, path: str, *, role: Role = Role.APPROVER, key: str | None = None, **options: object
    ) -> httpx2.Response:
        """Send a request with the key of ``role``."""
        headers = {"Authorization": f"Bearer {key or self.keys[role]}", **dict(options.pop("headers", {}))}  # type: ignore[call-overload]
        return self.http.request(method, path, headers=headers, **options)  # type: ignore[arg-type]

    def receive(self, ticket_id: str = "T1", **fields: object) -> httpx2.Response:
        """Take in a ticket with an address to reply to."""
        record: Mapping[str, object] = {
            "id": ticket_id,
            "text": "Ekspres pokazuje błąd E18.",
            "requester": {"name": "Anna", "email": "anna@example.com"},
        }
        return self.call("POST", "/v1/tickets", json={**record, **fields})

    def case(self, ticket_id: str = "T1") -> httpx2.Response:
        return self.call("GET", f"/v1/cases/{ticket_id}")

    def pending(self, ticket_id: str = "T1", **fields: object) -> httpx2.Response:
        """Take a ticket in and triage it; the case as it is read then."""
        assert self.receive(ticket_id, **fields).status_code == 201
        self.backend.casework.triage(self.tenant, ticket_id)
        read = self.case(ticket_id)
        assert read.json()["state"] == "pending_approval"
        return read

    def approve(
        self, read: httpx2.Response, *, role: Role = Role.APPROVER, confirmed: tuple[str, ...] = ()
    ) -> httpx2.Response:
        """Approve the draft of a case as it was read."""
        case = read.json()
        body = {"draft_digest": case["draft"]["digest"], "confirmed": list(confirmed)}
        path = f"/v1/cases/{case['id']}/approve"
        return self.call("POST", path, role=role, json=body, headers={"If-Match": read.headers["etag"]})

    def work(self) -> None:
        """Do all jobs that wait, as a worker process would."""
        work(self.database.url, self, until_idle=True)

    @property
    def sender(self) -> FileOutbox:
        return FileOutbox(self.folder / "outbox", "Domex Serwis", "serwis@example.com", self.clock.now)

    @property
    def outbox(self) -> list[Path]:
        return sorted((self.folder / "outbox").glob("*.eml"))

    # What the worker calls. Jobs that another test left behind are not this office's to do.

    def triage(self, tenant: str, ticket_id: str) -> None:
        if tenant == self.tenant:
            self.backend.casework.triage(tenant, ticket_id)

    def send(self, tenant: str, approval_id: str) -> None:
        if tenant == self.tenant and self.backend.desk.send(tenant, approval_id, self.sender) is None:
            self.backend.desk.reconcile(tenant, approval_id, self.sender)

    def give_up(self, tenant: str, ticket_id: str, reason: str) -> None:
        if tenant == self.tenant:
            self.backend.casework.give_up(tenant, ticket_id, reason)

    def give_up_sending(self, tenant: str, approval_id: str, reason: str) -> None:
        if tenant == self.tenant:
            self.backend.desk.give_up(tenant, approval_id, reason)
