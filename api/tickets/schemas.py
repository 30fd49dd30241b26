"""What comes in and goes out about tickets."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.moments import Moment
from triage.domain.ticket import Author, Channel


class RequesterRecord(BaseModel):
    """Who asks."""

    name: str = ""
    email: str = Field("", description="a reply can only be sent when there is one")


class MessageRecord(BaseModel):
    """A message to add."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"id": "m2", "author": "customer", "text": "Dosyłam zdjęcie. Kiedy dostanę odpowiedź?"}]
        },
    )

    id: str | None = Field(None, min_length=1, max_length=200, description="makes adding it again harmless")
    author: Author = Author.CUSTOMER
    at: Moment | None = Field(None, description="when it became available to the reader; default: now")
    text: str = Field(min_length=1, max_length=1_000_000)


class ListedMessage(BaseModel):
    """A message of a ticket that comes in."""

    id: str | None = None
    author: Author = Author.CUSTOMER
    at: datetime | None = None
    text: str = ""


class TicketRecord(BaseModel):
    """A ticket as a JSON record; fields not named here are not read."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "id": "RMA/2026/11/0042",
                    "subject": "Reklamacja ekspresu BrewOne K400",
                    "text": "Dzień dobry, ekspres po trzech miesiącach pokazuje błąd E18. Proszę o naprawę.",
                    "received_at": "2026-11-17T08:12:00+01:00",
                    "channel": "email",
                    "requester": {"name": "Anna Przykładowa", "email": "anna@example.com"},
                    "order": {"order_no": "DX-204518", "delivered_on": "2026-08-11"},
                }
            ]
        },
    )

    id: str | None = Field(None, description="default: derived from the text")
    subject: str = ""
    text: str | None = Field(None, description="the message, when there is only one")
    messages: list[ListedMessage] | None = Field(None, description="the contact history, oldest first", max_length=1000)
    received_at: datetime | None = Field(None, description="default: now")
    channel: Channel = Channel.API
    requester: RequesterRecord = Field(default_factory=lambda: RequesterRecord(name="", email=""))
    external_id: str | None = Field(None, description="the helpdesk's own id")
    order: dict[str, str | int | float | bool | None] = Field(
        {}, description="what the shop knows: order_no, delivered_on …"
    )


class Received(BaseModel):
    """A ticket that is stored and will be triaged."""

    id: str
    created: bool = Field(description="false: it was already there and nothing changed")
    ticket: str = Field(description="where to read it", examples=["/v1/tickets/RMA/2026/11/0042"])
    case: str = Field(description="where its triage appears", examples=["/v1/cases/RMA/2026/11/0042"])


class LineFault(BaseModel):
    """A line that was not taken in."""

    model_config = ConfigDict(from_attributes=True)

    line: int = Field(description="counted from 1")
    message: str


class BulkReceived(BaseModel):
    """What became of every line."""

    model_config = ConfigDict(from_attributes=True)

    lines: int
    created: int
    known: int = Field(description="tickets that were already there")
    failed: int
    faults: list[LineFault] = Field(description="the first 1,000 lines that were not taken in")


class AttachmentView(BaseModel):
    """A file that came with a message."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    media_type: str
    size_bytes: int
    sha256: str


class MessageView(BaseModel):
    """A message as it was received (``text``) and what its author wrote now (``body``)."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    author: Author
    at: datetime
    text: str
    body: str
    attachments: list[AttachmentView]


class RequesterView(BaseModel):
    """Who asks."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    email: str


class TicketView(BaseModel):
    """A ticket with its messages, oldest first."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    subject: str
    channel: Channel
    requester: RequesterView
    received_at: datetime
    revision: int = Field(description="grows with every message")
    external_id: str | None
    order: dict[str, str]
    messages: list[MessageView]
