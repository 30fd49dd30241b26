"""Tickets to look at, drift, and models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from api.labels.schemas import Code
from triage.domain.classification import AbstainReason

ModelName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$", examples=["seed"])]


class _View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ShareView(_View):
    """A share with its 95 % interval."""

    count: int
    n: int
    value: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)


class DifferenceView(_View):
    """A difference of two shares on the same cases, with its 95 % interval."""

    value: float = Field(ge=-1, le=1)
    low: float = Field(ge=-1, le=1)
    high: float = Field(ge=-1, le=1)
    n: int


class InformativeView(_View):
    """A ticket whose label the model would learn most from."""

    ticket_id: str
    code: str
    probability: float = Field(ge=0, le=1)
    margin: float = Field(ge=0, le=1, description="distance to the second category; the smallest stand first")
    abstain_reason: AbstainReason | None
    model: str
    at: datetime


class InformativeList(BaseModel):
    """The most informative tickets first."""

    tickets: list[InformativeView]


class DrawRequest(BaseModel):
    """How many tickets to draw by chance, and from how many days back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"size": 50, "days": 30}]})

    size: StrictInt = Field(ge=1, le=1000)
    days: StrictInt = Field(30, ge=1, le=366)


class DrawnView(BaseModel):
    """How many there were to draw."""

    drawn: int


class BlindView(_View):
    """A drawn ticket as it was filed, without anything a machine said."""

    id: str
    subject: str
    text: str
    received_at: datetime


class BlindList(BaseModel):
    """Drawn tickets that nobody labelled yet."""

    tickets: list[BlindView]


class BlindLabel(BaseModel):
    """The category of a drawn ticket."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"category": "C04"}]})

    category: Code


class ShiftView(_View):
    """How far one thing moved between the two periods."""

    name: str
    psi: float = Field(ge=0, description="population stability index; from 0.2 on it is large")
    chance: float = Field(ge=0, le=1, description="probability of such a shift when nothing moved")
    shares: list[tuple[str, float, float]] = Field(description="value, share before, share now")
    drifted: bool


class DriftView(_View):
    """Two periods side by side, and what people say about the second."""

    before: tuple[datetime, datetime]
    now: tuple[datetime, datetime]
    readings: tuple[int, int]
    shifts: list[ShiftView]
    drifted: list[str]
    agreement: ShareView = Field(description="with people who saw the suggestion; it flatters")
    blind_agreement: ShareView = Field(description="with people who did not")
    blind_tagged_errors: ShareView
    promised_error: float | None
    promise_broken: bool


class ModelView(_View):
    """A trained classifier."""

    id: str
    name: str
    encoder: str
    labels: list[str]
    held_out: dict[str, float]
    manifest_sha256: str
    added_at: datetime | None
    added_by: str


class StepView(_View):
    """A change of what serves or is on trial."""

    action: str
    model: str
    before: str
    actor: str
    at: datetime


class DeploymentView(_View):
    """What is in force, and how it came to this."""

    serving: str
    shadow: str = Field(description="model on trial; empty for none")
    steps: list[StepView]


class ModelList(BaseModel):
    """All models, and what is in force."""

    models: list[ModelView]
    deployment: DeploymentView


class PromotionRequest(BaseModel):
    """Let a model serve from the next ticket on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"model": "seed", "insist": False}]})

    model: ModelName
    insist: StrictBool = Field(False, description="also when people's labels show it to be worse")


class TrialRequest(BaseModel):
    """Let a model predict beside the one in force, without any effect; none ends the trial."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})

    model: ModelName | None = None


class ComparisonView(_View):
    """Two models on the tickets both have read; of pairs, the first model's share stands first."""

    first: str
    second: str
    agreement: ShareView
    coverage: tuple[ShareView, ShareView]
    errors: tuple[ShareView, ShareView]
    tagged_errors: tuple[ShareView, ShareView]
    difference: DifferenceView = Field(description="accuracy of the second minus that of the first")
    blind: int = Field(description="how many of the labels were given without a suggestion in sight")
