"""Files of tickets."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class FileView(BaseModel):
    """A file without its content."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    ticket_id: str
    name: str
    media_type: str = Field(description="told by the file's bytes, not by what it was called")
    size_bytes: int
    sha256: str
    uploaded_by: str
    created_at: datetime


class FileList(BaseModel):
    """All files of a ticket, oldest first, at most 50."""

    files: list[FileView]
