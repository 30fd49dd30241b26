"""What learning from people rests on: what models said, what people said, and who was asked without being told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.classification import AbstainReason
from triage.domain.labels import Field, Level
from triage.domain.shares import Difference, Share


class ModelRole(StrEnum):
    """Whether a model's word counted: ``serving`` worked on the case, ``shadow`` was only written down."""

    SERVING = "serving"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model said about a revision of a ticket.

    Attributes:
        code: its first category.
        probability: calibrated, in [0, 1].
        margin: distance to the second category's probability, in [0, 1]; a small one promises most to learn.
        language: BCP-47 primary tag of the ticket.
        product: what the ticket names first, as the catalogue calls it; empty when it names none.
    """

    ticket_id: str
    revision: int
    model: str
    role: ModelRole
    code: str
    probability: float
    margin: float
    abstain_reason: AbstainReason | None
    language: str
    product: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Truth:
    """The category a person gave a ticket; ``blind`` when they could not see a suggestion."""

    ticket_id: str
    category: str
    actor: str
    at: datetime
    blind: bool = False


@dataclass(frozen=True, slots=True)
class AutomationSetting:
    """The level of automation of a field, who chose it and when."""

    field: Field
    level: Level
    changed_by: str = ""
    changed_at: datetime | None = None


SEED = "seed"
"""Id of the model that is trained from the company's seed tickets; it serves while no other was promoted."""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A trained classifier kept in the registry.

    Attributes:
        id: name and the beginning of the manifest's digest.
        name: under which its readings are kept; its id, but the seed model's own name changes with its seed tickets.
        manifest_sha256: pins the manifest, which pins every file; empty for the seed model, which is made again.
        labels: the categories it knows.
        held_out: figures of its own held-out training tickets (``n``, ``accuracy``, ``tagged_share`` …).
    """

    id: str
    name: str
    manifest_sha256: str
    encoder: str
    labels: tuple[str, ...]
    held_out: Mapping[str, float]
    added_at: datetime | None = None
    added_by: str = ""


@dataclass(frozen=True, slots=True)
class DeploymentStep:
    """A change of what serves or is on trial: ``promote``, ``rollback`` or ``shadow``; who made it and when."""

    action: str
    model: str
    before: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is in force.

    Attributes:
        served: promoted models, the newest last; empty: the seed model serves.
        shadow: the model on trial; empty for none.
        steps: how it came to this, oldest first.
    """

    served: tuple[str, ...] = ()
    shadow: str = ""
    steps: tuple[DeploymentStep, ...] = ()

    @property
    def serving(self) -> str:
        """Id of the model in force."""
        return self.served[-1] if self.served else SEED


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same tickets, on stored readings.

    Attributes:
        agreement: same first category.
        coverage: of the first and the second model: tickets they do not abstain on.
        errors: of both on tickets whose category a person gave.
        tagged_errors: likewise among those each would tag alone.
        difference: accuracy of the second minus that of the first.
        blind: how many of the persons could not see a suggestion; only these judge fairly.
    """

    first: str
    second: str
    agreement: Share
    coverage: tuple[Share, Share]
    errors: tuple[Share, Share]
    tagged_errors: tuple[Share, Share]
    difference: Difference
    blind: int


@dataclass(frozen=True, slots=True)
class PromiseInForce:
    """What the serving model promises of the categories it does not abstain on.

    Attributes:
        max_error: promised share of errors among tickets tagged alone, in (0, 1).
        tagged_share: share of its held-out tickets that it tags alone, in [0, 1].
        tagged_error: errors among those, in [0, 1].
        held: whether any ticket can be tagged alone at that limit.
        others: what it would be under other limits, from the strictest on; empty where that is not known.
    """

    model: str
    max_error: float
    tagged_share: float
    tagged_error: float
    held: bool
    others: tuple[PromiseInForce, ...] = ()
