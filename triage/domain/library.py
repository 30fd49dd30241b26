"""What the desk keeps of its knowledge base: documents people put in, searches, and what people said of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from knowledge_base.passage import DocumentMetadata, FileFault


class DocumentState(StrEnum):
    """Whether a stored version may answer; a withdrawn one is kept, because replies may have quoted it."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One version of a document in the database; its content never changes, only its validity and state do.

    Attributes:
        metadata: as the file and the upload say it.
        given: the metadata that was given with the upload and goes before the file's own, as JSON values.
        filename: as it was uploaded, without folders.
        sha256: of the content, in hexadecimal.
        size: of the content, in bytes.
        source_url: where it was fetched; empty for an upload.
    """

    metadata: DocumentMetadata
    given: Mapping[str, object]
    filename: str
    sha256: str
    size: int
    added_at: datetime
    added_by: str
    changed_at: datetime
    changed_by: str
    state: DocumentState = DocumentState.LIVE
    source_url: str = ""

    @property
    def key(self) -> str:
        """``id@version``."""
        return self.metadata.key


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in.

    Attributes:
        given: metadata that goes before what the file says.
        version_if_none: version of a file that names none.
    """

    filename: str
    content: bytes
    given: Mapping[str, object] = field(default_factory=dict)
    source_url: str = ""
    version_if_none: str = "1"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was shown.

    Attributes:
        relevance: in [0, 1].
        key: its content key; empty in searches kept before there were any.
        section: heading path.
    """

    passage_id: str
    relevance: float
    key: str = ""
    section: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """A search as it is kept: without personal data.

    Attributes:
        query: redacted.
        generation: of the index that answered.
        hits: what was shown, best first; none: the knowledge base had no answer.
        nearest: where there are none, what was shown as near.
        narrowed: a filter left documents out, so that finding nothing says nothing about all of them.
    """

    id: str
    at: datetime
    actor: str
    query: str
    language: str
    generation: str
    hits: tuple[Hit, ...]
    nearest: tuple[Hit, ...] = ()
    narrowed: bool = False

    @property
    def shown(self) -> tuple[Hit, ...]:
        """Everything that may be judged."""
        return (*self.hits, *self.nearest)

    @property
    def answered(self) -> bool:
        """Whether anything was good enough to be shown."""
        return bool(self.hits)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person said of a passage, or (with no passage) of the whole answer."""

    search_id: str
    passage_id: str | None
    helpful: bool
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict with the question it was said on."""

    query: str
    helpful: bool
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How the index that answers a tenant's searches stands.

    Attributes:
        degraded: why answers are not as good as they could be; empty when they are.
        up_to_date: every stored document is in it as it stands.
        faults: documents left out by the last build in this process.
    """

    generation: str
    encoder: str
    degraded: str
    documents: int
    passages: int
    building: bool
    up_to_date: bool
    faults: tuple[FileFault, ...] = ()
