"""A desk without a server: storage in memory, the real pipeline and law, fake models."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.fakes.clock import FakeClock
from tests.fakes.hashing_encoder import HashingEncoder
from tests.fakes.memory import MemoryStore
from tests.fakes.models import FakeClassifier, FakeDrafter, FakeRecogniser, FakeRetriever
from triage.adapters.company import load_company
from triage.bootstrap.tools import load_law
from triage.casework import Casework
from triage.domain.case import TriageCase
from triage.domain.labels import Field, Level
from triage.domain.learning import AutomationSetting
from triage.domain.ticket import Author, Message, Ticket
from triage.learning.corrections import Changes, Corrections
from triage.pipeline import Tools, reconsider, run
from triage.stages.ingest import ticket_from_record

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
COMPANY, LAW = load_company(), load_law()


@dataclass
class SmallDesk:
    classifier: FakeClassifier = field(default_factory=FakeClassifier)
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))

    @property
    def tools(self) -> Tools:
        fakes = FakeRetriever(), HashingEncoder(), FakeDrafter()
        return Tools(COMPANY, LAW, FakeRecogniser(), self.classifier, *fakes)

    @property
    def casework(self) -> Casework:
        def triage(ticket: Ticket, case: TriageCase) -> TriageCase:
            return run(ticket, case, self.tools, self.clock.now())

        return Casework(self.store, self.clock, lambda ticket: False, triage)

    @property
    def corrections(self) -> Corrections:
        def again(ticket: Ticket, case: TriageCase) -> TriageCase:
            return reconsider(ticket, case, self.tools, self.clock.now())

        return Corrections(self.store, self.clock, COMPANY.taxonomy, again)

    def receive(self, ticket_id: str = "T1", text: str = "Ekspres nie grzeje, proszę o naprawę.") -> TriageCase:
        record = {
            "id": ticket_id,
            "text": text,
            "received_at": "2026-11-20T09:00:00+01:00",
            "requester": {"email": "anna@example.com"},
        }
        self.casework.receive(ticket_from_record(record, now=self.clock.now()))
        return self.triage(ticket_id)

    def triage(self, ticket_id: str = "T1") -> TriageCase:
        self.casework.triage("default", ticket_id)
        return self.case(ticket_id)

    def write(self, text: str, ticket_id: str = "T1") -> TriageCase:
        """The customer writes again."""
        message = Message(f"m-{text}", Author.CUSTOMER, self.clock.now(), text, text)
        self.casework.add_message("default", ticket_id, message)
        return self.triage(ticket_id)

    def case(self, ticket_id: str = "T1") -> TriageCase:
        with self.store("default") as uow:
            return uow.cases.get(ticket_id)

    def correct(self, changes: Changes, ticket_id: str = "T1", reason: str = "") -> TriageCase:
        version = self.case(ticket_id).version
        return self.corrections.correct(
            "default", ticket_id, actor="key:jan", version_read=version, changes=changes, reason=reason
        )

    def set_level(self, field: Field, level: Level) -> None:
        with self.store("default") as uow:
            uow.automation.put(AutomationSetting(field, level, "key:adm", self.clock.now()))
            uow.commit()
