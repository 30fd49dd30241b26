"""A desk that is served over HTTP: real PostgreSQL, real jobs, real outbox; only the models are small fakes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import build_app
from api.backend import Backend
from api.limits import Limits
from knowledge_base.answer import Answer, ScoredPassage, SearchFilters
from knowledge_base.passage import Audience, DocumentMetadata, Passage
from tests import builders
from tests.fakes.clock import FakeClock
from tests.fakes.hashing_encoder import HashingEncoder
from training.draft_cases import company
from triage.adapters.company import load_company
from triage.adapters.helpdesk.file_outbox import FileOutbox
from triage.adapters.models.registry import FileModelRegistry
from triage.adapters.outgoing import OutgoingClient
from triage.adapters.passwords import Argon2Hasher
from triage.adapters.storage.audit_trail import SqlAuditTrail
from triage.adapters.storage.database import Database
from triage.adapters.storage.documents import SqlDocumentStore
from triage.adapters.storage.idempotency import SqlAnswerStore
from triage.adapters.storage.keys import SqlKeyStore
from triage.adapters.storage.readiness import check_schema
from triage.adapters.storage.rulings import SqlRulingStore
from triage.adapters.storage.searches import SqlSearchLog
from triage.adapters.storage.worker import work
from triage.adapters.web_documents import AllowedPages
from triage.approval import Desk
from triage.bootstrap.outbound import open_outbound
from triage.bootstrap.people import people_of
from triage.bootstrap.privacy import privacy_office
from triage.calendars.rules import RuleTable
from triage.casework import Casework
from triage.config import Settings
from triage.domain.access import Role
from triage.domain.api_keys import issue_key
from triage.domain.case import TriageCase
from triage.domain.four_eyes import FourEyes
from triage.domain.learning import PromiseInForce
from triage.domain.library import IndexStatus
from triage.domain.priority import UrgencyLevel
from triage.domain.redaction import local_view
from triage.domain.reply import Draft, Finding, Severity
from triage.domain.style import Choice
from triage.domain.ticket import Ticket
from triage.drafting.history import CustomerHistories
from triage.drafting.lessons import LessonKeeper
from triage.drafting.letters import Letters
from triage.drafting.redraft import Redrafting
from triage.drafting.review import SuggestionReview
from triage.drafting.similar import SimilarCases
from triage.learning.automation import Automation
from triage.learning.corrections import Corrections
from triage.learning.desk import Learning
from triage.learning.drift import Drift
from triage.learning.models import Models
from triage.learning.samples import Samples
from triage.library.desk import Library
from triage.library.documents import Librarian
from triage.library.searching import Searching
from triage.library.teaching import Teaching
from triage.library.weighing import Weighing
from triage.ports.library import Shelves
from triage.recognisers import Recognisers
from triage.safety.desk import SafetyDesk
from triage.safety.hazards import DangerRegister, HazardTable
from triage.stages.decide import category_in_force, urgency_in_force
from triage.stages.draft import Composer

FREE = Limits(requests_per_minute=10**9, decisions_per_minute=10**9, failed_logins_per_minute=10**9)


_recognisers = Recognisers()
TAXONOMY = load_company().taxonomy
PROMISE = PromiseInForce("linear@1", max_error=0.05, tagged_share=0.4, tagged_error=0.01, held=True)


def _decided(ticket: Ticket, case: TriageCase) -> TriageCase:
    """What people set, in force; clocks and rights are the pipeline's own tests' matter."""
    assert case.classification is not None
    assert case.urgency is not None
    return replace(
        case,
        classification=category_in_force(case.classification, case.labels, TAXONOMY),
        urgency=urgency_in_force(case.urgency, case.labels, case.ticket_revision),
    )


HAZARDS = HazardTable.load()
DANGER = DangerRegister(HAZARDS, RuleTable.load(), "SAFETY")


_triaged = builders.triaged(builders.ticket(), builders.received())


class OnePassage:
    """A knowledge base that knows one thing, and the only shelf."""

    generation = "g-test"
    degraded = ""

    def of_tenant(self, tenant: str) -> OnePassage:
        return self

    def folder_keys(self) -> tuple[str, ...]:
        return tuple(document.key for document in self.documents(""))

    def text(self, tenant: str, document_id: str, version: str) -> str | None:
        return "Błąd E18." if f"{document_id}@{version}" in self.folder_keys() else None

    def changed(self, tenant: str) -> None:
        pass

    def rebuild(self, tenant: str) -> None:
        pass

    def status(self, tenant: str) -> IndexStatus:
        return IndexStatus("g-test", "none", "", 1, 1, building=False, up_to_date=True)

    def search(self, query: str, filters: SearchFilters, limit: int = 5) -> tuple[ScoredPassage, ...]:
        return _triaged.passages[:limit] if "E18" in query else ()

    def answer(self, query: str, filters: SearchFilters, limit: int = 5) -> Answer:
        return Answer(self.search(query, filters, limit))

    def nearest(self, tenant: str, question: str, limit: int) -> tuple[Passage, ...]:
        return self.passages(tenant)[:limit]

    def passages(self, tenant: str) -> tuple[Passage, ...]:
        return tuple(one.passage for one in _triaged.passages)

    def held_rulings(self, tenant: str) -> frozenset[str]:
        return frozenset()

    def unknown_products(self, tenant: str, wanted: Iterable[str]) -> tuple[str, ...]:
        return tuple(wanted)

    def documents(self, tenant: str) -> tuple[DocumentMetadata, ...]:
        return (DocumentMetadata("M01", "2.0", "Instrukcja serwisowa", audience=Audience.CUSTOMER),)


def _library(database: Database, clock: FakeClock, shelves: Shelves) -> Library:
    store, log = SqlDocumentStore(database.sessions, clock), SqlSearchLog(database.sessions)
    rulings = SqlRulingStore(database.sessions, clock)
    teaching = Teaching(shelves, rulings, HashingEncoder(), clock)
    weighing = Weighing(shelves, log, rulings, HashingEncoder(), clock)
    return Library(
        shelves=shelves,
        librarian=Librarian(store, clock, shelves.folder_keys),
        searching=Searching(shelves.of_tenant, log, Recognisers(), clock, teaching, weighing),
        teaching=teaching,
        store=store,
        log=log,
        web=AllowedPages((), OutgoingClient()),
        encoder=HashingEncoder(),
    )


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
    four_eyes: FourEyes = field(default_factory=FourEyes)
    metrics_token: str | None = None
    keys: dict[Role, str] = field(default_factory=dict)
    library: Library | None = None
    backend: Backend = field(init=False)
    app: FastAPI = field(init=False)
    http: TestClient = field(init=False)

    def __post_init__(self) -> None:
        units, clock = self.database.units_of_work(self.clock), self.clock
        self.backend = Backend(
            host=self.host,
            clock=clock,
            unit_of_work=units,
            casework=Casework(units, clock, lambda ticket: False, self._run, DANGER.entry),
            desk=Desk(
                units, clock, checked, LessonKeeper(clock, _recognisers, HashingEncoder()), four_eyes=self.four_eyes
            ),
            library=self.library or _library(self.database, clock, OnePassage()),
            keys=SqlKeyStore(self.database.sessions, clock),
            answers=SqlAnswerStore(self.database.sessions, clock),
            trail=SqlAuditTrail(self.database.sessions),
            checks={"database": lambda: check_schema(self.database.engine)},
            metrics_token=self.metrics_token,
            outbound=open_outbound(
                Settings(data_dir=self.folder, private_hosts=frozenset({"127.0.0.1"})), self.database, clock
            ),
            learning=Learning(
                taxonomy=TAXONOMY,
                corrections=Corrections(units, clock, TAXONOMY, _decided),
                automation=Automation(units, clock, lambda: PROMISE),
                models=Models(self.registry, units, clock, TAXONOMY, HashingEncoder().name, lambda: ("C01",)),
                samples=Samples(units, clock, TAXONOMY),
                drift=Drift(units, clock, lambda: PROMISE),
            ),
            letters=Letters(
                Redrafting(units, clock, self._write, company()),
                SuggestionReview(units, clock),
                SimilarCases(units, _recognisers, HashingEncoder()),
                CustomerHistories(units, _recognisers, HashingEncoder()),
            ),
            people=people_of(self.database, clock, Argon2Hasher(memory_kib=64, passes=1)),
            privacy=privacy_office(Settings(data_dir=self.folder), self.database, clock),
            safety=SafetyDesk(units, clock, HAZARDS),
        )
        for role in Role:
            self.keys[role] = self.new_key(role)
        self.app = build_app(self.backend, self.limits)
        self.http = TestClient(self.app, raise_server_exceptions=False)

    def _run(self, ticket: Ticket, case: TriageCase) -> TriageCase:
        level = UrgencyLevel.P1 if "dymi" in ticket.messages[-1].body else UrgencyLevel.P3
        return replace(builders.triaged(ticket, case, self.clock.now(), level=level), findings=())

    def _write(self, ticket: Ticket, case: TriageCase, choice: Choice) -> tuple[Draft, tuple[Finding, ...]]:
        """The product's composer over the ticket as it is; danger only where the words name it."""
        assert case.classification is not None
        if "dymi" not in ticket.messages[-1].body:
            case = replace(case, classification=replace(case.classification, flags=()))
        told = local_view(replace(ticket, order={**ticket.order, **choice.facts}))
        today = self.clock.now().date()
        draft = Composer().draft(told, case, company(), today=today, decision=choice.decision, style=choice.style)
        return draft, checked(draft, case, ticket)

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
    def registry(self) -> FileModelRegistry:
        return FileModelRegistry(self.folder / "models", self.folder / "models" / "seed")

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
