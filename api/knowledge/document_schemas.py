"""Documents of the knowledge base, uploads, and the state of the index."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.moments import Day
from api.pagination import Page
from knowledge_base.passage import Audience, DocumentMetadata
from triage.domain.library import DocumentState, IndexStatus, StoredDocument
from triage.library.documents import Receipt

_ADDRESS = r"^[^\x00-\x1f\x7f/@]+$"
DocumentId = Annotated[str, Path(pattern=_ADDRESS, max_length=200, examples=["P01"])]
Version = Annotated[str, Path(pattern=_ADDRESS, max_length=80, examples=["3.1"])]
Reason = Annotated[
    str, Query(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="why it is withdrawn; goes to the audit log")
]


class DocumentView(BaseModel):
    """A version of a document."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    version: str
    title: str
    doc_type: str
    language: str
    audience: Audience
    valid_from: date | None
    valid_to: date | None
    product: str | None
    model: str | None
    legal_refs: list[str]
    safety: bool
    owner: str | None
    review_date: date | None
    supersedes: list[str]
    origin: Literal["folder", "upload", "web"] = Field(description="where it comes from")
    state: DocumentState
    indexed: bool = Field(description="it is in the index that answers now")
    filename: str | None = None
    sha256: str | None = Field(None, description="of the file as it came in")
    size: int | None = Field(None, description="of the file, in bytes")
    source_url: str | None = None
    added_at: datetime | None = None
    added_by: str | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None

    @classmethod
    def of_folder(cls, about: DocumentMetadata) -> DocumentView:
        """A document of the folder, as the index has it."""
        return cls.model_validate(_about(about) | {"origin": "folder", "state": DocumentState.LIVE, "indexed": True})

    @classmethod
    def of_stored(cls, stored: StoredDocument, *, indexed: bool) -> DocumentView:
        """A stored document."""
        facts = {name: getattr(stored, name) for name in cls.model_fields if hasattr(stored, name)}
        shown = {
            "origin": "web" if stored.source_url else "upload",
            "indexed": indexed and stored.state is DocumentState.LIVE,
            "source_url": stored.source_url or None,
        }
        return cls.model_validate(_about(stored.metadata) | facts | shown)


class DocumentList(Page):
    """A page of documents by id and version."""

    generation: str
    documents: list[DocumentView]


class DocumentHistory(BaseModel):
    """Every version of a document, the newest first."""

    id: str
    versions: list[DocumentView]


class DocumentText(BaseModel):
    """The text that `quote_start` and `quote_end` of search results point into."""

    id: str
    version: str
    text: str


class DocumentChanges(BaseModel):
    """What is said about a version; its text never changes. Fields that are left out stay as they are."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"valid_to": "2026-12-31", "review_date": "2026-12-01"}]},
    )

    audience: Audience | None = None
    valid_from: Day | None = None
    valid_to: Day | None = Field(None, description="the last day it applies")
    review_date: Day | None = None
    owner: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")] | None = None


class UploadFault(BaseModel):
    """A file that was not stored, and what to do about it."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    message: str


class UploadReceived(BaseModel):
    """What became of each file; `changed` are those that were not there in this form before."""

    documents: list[DocumentView]
    changed: list[str]
    faults: list[UploadFault]

    @classmethod
    def of(cls, receipt: Receipt) -> UploadReceived:
        """Show a receipt."""
        return cls(
            documents=[DocumentView.of_stored(one, indexed=False) for one in receipt.stored],
            changed=sorted(receipt.changed),
            faults=[UploadFault.model_validate(fault) for fault in receipt.faults],
        )


class FetchRequest(BaseModel):
    """Which of the allowed pages to fetch; all of them by default."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"urls": []}]})

    urls: list[Annotated[str, StringConstraints(min_length=9, max_length=2000)]] = Field(
        default_factory=list, max_length=20, description="empty: every page of TRIAGE_DOCUMENT_URLS"
    )


class IndexView(BaseModel):
    """How the index that answers stands."""

    model_config = ConfigDict(from_attributes=True)

    generation: str
    encoder: str
    degraded: str = Field(
        description="why answers are not as good as they could be: another encoder than the one asked for, or "
        "documents that are not searched because their index is being built; empty when they are"
    )
    documents: int
    passages: int
    building: bool
    up_to_date: bool = Field(description="every stored document is in it as it stands")
    faults: list[UploadFault] = Field(description="documents that the last build in this process left out")

    @classmethod
    def of(cls, status: IndexStatus) -> IndexView:
        """Show a status."""
        return cls.model_validate(status)


def _about(metadata: DocumentMetadata) -> dict[str, object]:
    names = (name for name in DocumentView.model_fields if hasattr(metadata, name))
    return {name: getattr(metadata, name) for name in names}
