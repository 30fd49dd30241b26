"""Imports."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.tickets.schemas import LineFault
from triage.domain.intake import ImportState


class ImportView(BaseModel):
    """How far an import is."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    state: ImportState
    lines: int = Field(description="taken in, in order; after an interruption go on behind them")
    created: int
    known: int = Field(description="tickets that were already there")
    failed: int
    faults: list[LineFault] = Field(description="the first 1,000 lines that were not taken in")
    waiting: int = Field(description="its tickets that are not triaged yet")
    started_at: datetime
    updated_at: datetime
