"""What the API works with, wired by :mod:`triage.bootstrap`; endpoints see nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from knowledge_base.passage import DocumentMetadata, ScoredPassage, SearchFilters
from triage.approval import Desk
from triage.casework import Casework
from triage.domain.access import ApiKey
from triage.domain.records import AuditEntry, KeptAnswer
from triage.ports import Clock, UnitOfWorkFactory


class KeyStore(Protocol):
    """Stored API keys."""

    def find(self, key_id: str) -> ApiKey | None:
        """The key of this id, in force or not."""

    def add(self, key: ApiKey, *, actor: str) -> None:
        """Store a new key."""

    def of_tenant(self, tenant: str, *, limit: int, after: str = "") -> tuple[ApiKey, ...]:
        """Keys of a tenant by id."""

    def revoke(self, tenant: str, key_id: str, *, actor: str) -> None:
        """Take a key out of force."""

    def any_in_force(self) -> bool:
        """Whether anybody could use the service at all."""


class AnswerStore(Protocol):
    """Answers kept for repeated requests."""

    def reserve(self, tenant: str, route: str, key: str) -> KeptAnswer | None:
        """Take the key for a new request, or return the answer it got before."""

    def keep(self, tenant: str, route: str, key: str, answer: KeptAnswer) -> None:
        """Keep the answer of a request that went through."""

    def release(self, tenant: str, route: str, key: str) -> None:
        """Free the key of a request that changed nothing."""

    def forget_old(self) -> int:
        """Delete answers that are no longer kept."""


class AuditTrail(Protocol):
    """The audit log, to be read."""

    def entries(self, tenant: str, *, subject: str | None = None, limit: int, after: int = 0) -> tuple[AuditEntry, ...]:
        """Entries in order."""

    def first_broken(self, tenant: str) -> int | None:
        """Position of the first entry that breaks the chain."""


class KnowledgeBase(Protocol):
    """Searches the knowledge base and lists what is in it."""

    @property
    def generation(self) -> str:
        """Id of the index generation that answers."""

    def search(self, query: str, filters: SearchFilters, limit: int = 5) -> tuple[ScoredPassage, ...]:
        """The best passages, best first."""

    def documents(self) -> tuple[DocumentMetadata, ...]:
        """What is indexed, by id and version."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Everything an endpoint may use; ``checks`` raise when their part is not ready."""

    host: str
    clock: Clock
    unit_of_work: UnitOfWorkFactory
    casework: Casework
    desk: Desk
    knowledge: KnowledgeBase
    keys: KeyStore
    answers: AnswerStore
    trail: AuditTrail
    checks: Mapping[str, Callable[[], None]]


def backend_of(request: Request) -> Backend:
    """The backend of the running app."""
    return cast(Backend, request.app.state.backend)


GivenBackend = Annotated[Backend, Depends(backend_of)]
