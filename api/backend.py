"""What the API works with, wired by :mod:`triage.bootstrap`; endpoints see nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Protocol, cast

from fastapi import Depends, Request

from triage.approval import Desk
from triage.casework import Casework
from triage.domain.api_keys import ApiKey
from triage.domain.records import AuditEntry, KeptAnswer
from triage.drafting.letters import Letters
from triage.learning.desk import Learning
from triage.library.desk import Library
from triage.people import People
from triage.ports import Clock, UnitOfWorkFactory
from triage.safety.desk import SafetyDesk

if TYPE_CHECKING:  # an app over other stores imports no database
    from triage.bootstrap.outbound import Outbound
    from triage.bootstrap.privacy import PrivacyOffice


class KeyStore(Protocol):
    """Stored API keys."""

    def recall(self, key_id: str) -> ApiKey | None:
        """The key of this id if it was asked for a moment ago; asks nobody."""

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


@dataclass(frozen=True, slots=True)
class Backend:
    """Everything an endpoint may use; ``checks`` raise when their part is not ready."""

    host: str
    clock: Clock
    unit_of_work: UnitOfWorkFactory
    casework: Casework
    desk: Desk
    library: Library
    keys: KeyStore
    answers: AnswerStore
    trail: AuditTrail
    checks: Mapping[str, Callable[[], None]]
    outbound: Outbound
    metrics_token: str | None
    letters: Letters
    learning: Learning
    people: People
    privacy: PrivacyOffice
    safety: SafetyDesk
    grow_older: Callable[[], int] = lambda: 0


def backend_of(request: Request) -> Backend:
    """The backend of the running app."""
    return cast(Backend, request.app.state.backend)


async def _given(request: Request) -> Backend:
    return backend_of(request)


GivenBackend = Annotated[Backend, Depends(_given)]
