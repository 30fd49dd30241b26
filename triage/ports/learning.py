"""What learning from people needs of storage, for one tenant in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from triage.domain.access import Queues
from triage.domain.labels import Correction, Levels
from triage.domain.learning import AutomationSetting, Deployment, ModelVersion, Reading, Truth


class CorrectionRepository(Protocol):
    """Every decision of a person about a field; only ever appended."""

    def add(self, correction: Correction) -> None:
        """Store a decision."""

    def of_ticket(self, ticket_id: str) -> tuple[Correction, ...]:
        """All decisions about a ticket, oldest first."""

    def truths(self, since: datetime) -> tuple[Truth, ...]:
        """The newest category a person gave each ticket, given at ``since`` or later, oldest first."""


class AutomationRepository(Protocol):
    """How far the machine may go with each field."""

    def settings(self) -> tuple[AutomationSetting, ...]:
        """What was set; a field that is not named is off."""

    def levels(self) -> Levels:
        """Level by field."""

    def put(self, setting: AutomationSetting) -> None:
        """Set the level of a field."""


class PredictionLog(Protocol):
    """What models said about tickets; only ever appended."""

    def add(self, readings: Sequence[Reading]) -> None:
        """Write readings down; one that is there already stays as it is."""

    def between(self, since: datetime, until: datetime) -> tuple[Reading, ...]:
        """The first reading of each ticket by each model in ``[since, until)``, oldest first."""

    def most_informative(self, limit: int, queues: Queues = None) -> tuple[Reading, ...]:
        """The newest serving reading of tickets whose category no person gave, smallest margin first."""


class ModelRegistry(Protocol):
    """Trained models and which of them are in force; of the whole service, not of a tenant."""

    def versions(self) -> tuple[ModelVersion, ...]:
        """Every model, oldest first, the seed model before all."""

    def deployment(self) -> Deployment:
        """What serves and what is on trial."""

    def deploy(self, change: Callable[[Deployment], Deployment]) -> Deployment:
        """Change what is in force; changes of two processes take turns."""

    def check(self, model_id: str) -> ModelVersion:
        """The model, if every one of its files is as it was added.

        Raises:
            ModelNotFound: no such model.
            ModelTampered: a file differs from what was added.
        """


class BlindSample(Protocol):
    """Tickets drawn by chance, whose category a person gives without seeing a suggestion."""

    def draw(self, size: int, since: datetime, *, actor: str, at: datetime) -> int:
        """Draw tickets that were triaged at ``since`` or later and not drawn before; returns how many there were."""

    def waiting(self, limit: int, queues: Queues = None) -> tuple[str, ...]:
        """Ids of drawn tickets that nobody labelled yet, in the order of drawing."""

    def label(self, ticket_id: str, category: str, *, actor: str, at: datetime) -> None:
        """Keep what a person said.

        Raises:
            NotFound: the ticket is not in the sample.
            AlreadyDecided: somebody labelled it before.
        """

    def truths(self, since: datetime) -> tuple[Truth, ...]:
        """Labels given at ``since`` or later, oldest first."""
