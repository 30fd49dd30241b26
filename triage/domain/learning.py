"""What learning from people rests on: what models said, what people said, and who was asked without being told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.domain.classification import AbstainReason
from triage.domain.labels import Field, Level


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


@dataclass(frozen=True, slots=True)
class PromiseInForce:
    """What the serving model promises of the categories it does not abstain on.

    Attributes:
        max_error: promised share of errors among tickets tagged alone, in (0, 1).
        tagged_share: share of its held-out tickets that it tags alone, in [0, 1].
        tagged_error: errors among those, in [0, 1].
        held: whether any ticket can be tagged alone at that limit.
    """

    model: str
    max_error: float
    tagged_share: float
    tagged_error: float
    held: bool
