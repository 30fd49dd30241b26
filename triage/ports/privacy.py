"""What data-subject rights need of every place that holds personal data.

Whoever adds a place adds one :class:`PersonalStore` (a table: one line in
``triage.adapters.storage.personal.PERSONAL_TABLES``; files: an adapter of their own). A test fails for a column that
neither a store nor the list of impersonal columns names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triage.domain.privacy import Person, Trace
from triage.ports.approvals import ApprovalRepository
from triage.ports.storage import AuditLog, CaseRepository, TicketRepository
from triage.ports.tombstones import TombstoneRepository

Mask = Callable[[str], str]
"""Replaces personal data in a text by as many mask characters, so that every stored offset stays true."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A found person: who was asked for, and where they were found.

    Attributes:
        person: ``None`` where only tickets are meant, not whoever wrote them.
        tickets: ids of the person's own tickets.
        approvals: ids of approvals of those tickets; files in an outbox are named by them.
    """

    person: Person | None
    tickets: tuple[str, ...]
    approvals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is to be done to every store.

    Attributes:
        delete: own tickets of which nothing is kept.
        masks: own tickets that law wants kept, each with the mask of everything personal in it.
        mentions: somebody else's tickets that name the person.
        elsewhere: masks the person's identifiers and full name alone, for what belongs to somebody else.
        pseudonym: stands for the person in what is kept.
    """

    subject: Subject
    delete: tuple[str, ...]
    masks: Mapping[str, Mask]
    mentions: tuple[str, ...]
    elsewhere: Mask
    pseudonym: str
    at: datetime


class PersonalStore(Protocol):
    """A place that may hold data of a person."""

    @property
    def name(self) -> str:
        """What an export and a report call it."""

    def export(self, subject: Subject) -> Sequence[Mapping[str, object]]:
        """Everything about the subject, as JSON values."""

    def erase(self, erasure: Erasure) -> int:
        """Delete or mask; returns how many records were changed."""


@dataclass(frozen=True, slots=True)
class AgedCase:
    """What the retention schedule asks of a case."""

    ticket_id: str
    category: str | None
    buyer: str
    settled: bool
    last_contact: datetime


class CaseAges(Protocol):
    """How old the cases of a tenant are."""

    def all(self) -> Sequence[AgedCase]:
        """Every case whose person was not erased, by id."""


class AgingStore(Protocol):
    """A place whose records end by their own age, not with a case."""

    @property
    def name(self) -> str:
        """What the retention schedule calls it."""

    def count_before(self, moment: datetime) -> int:
        """How many records are older."""

    def delete_before(self, moment: datetime) -> int:
        """Delete them; returns how many."""


class SubjectFinder(Protocol):
    """Looks for a person in one tenant's tickets."""

    def find(self, person: Person) -> tuple[Trace, ...]:
        """Tickets that are the person's or mention them, by id."""


class PrivacyUnit(Protocol):
    """One transaction over one tenant's personal data."""

    @property
    def tickets(self) -> TicketRepository:
        """The tenant's tickets."""

    @property
    def cases(self) -> CaseRepository:
        """The tenant's cases."""

    @property
    def approvals(self) -> ApprovalRepository:
        """The tenant's approvals."""

    @property
    def audit(self) -> AuditLog:
        """The tenant's audit log; no store, because it holds no personal data."""

    @property
    def subjects(self) -> SubjectFinder:
        """Finds people."""

    @property
    def tombstones(self) -> TombstoneRepository:
        """Marks of the erased."""

    @property
    def case_ages(self) -> CaseAges:
        """How old the cases are."""

    @property
    def aging_stores(self) -> tuple[AgingStore, ...]:
        """Every table whose records end by their own age."""

    @property
    def personal_stores(self) -> tuple[PersonalStore, ...]:
        """Every table with personal data."""

    def commit(self) -> None:
        """Make everything done in this unit of work durable."""


class PrivacyUnitFactory(Protocol):
    """Opens units of work over personal data."""

    def __call__(self, tenant: str) -> AbstractContextManager[PrivacyUnit]:
        """Begin a transaction for ``tenant``."""
