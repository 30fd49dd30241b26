"""The knowledge base: build its index when it is missing or stale, open it, follow new generations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from knowledge_base.build import build_index
from knowledge_base.errors import EncoderMismatch, IndexCorrupt, IndexUnavailable
from knowledge_base.hybrid import KnowledgeIndex
from knowledge_base.passage import BuildReport, DocumentMetadata, Encoder, Passage, ScoredPassage, SearchFilters
from knowledge_base.store import current_generation, open_index
from triage.config import Settings

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Knowledge:
    """A :class:`~triage.ports.Retriever` over the index on disk; a new generation is picked up at the next search."""

    settings: Settings
    encoder: Encoder
    _index: KnowledgeIndex
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def open(cls, settings: Settings, encoder: Encoder, on_progress: Progress | None = None) -> Knowledge:
        """Open the index; build it first when it is missing, corrupt, or was made by another encoder."""
        try:
            index = open_index(settings.index_dir, encoder)
        except (IndexUnavailable, IndexCorrupt, EncoderMismatch):
            build(settings, encoder, on_progress)
            index = open_index(settings.index_dir, encoder)
        return cls(settings, encoder, index)

    @property
    def generation(self) -> str:
        """Id of the index generation that answers."""
        return self._index.generation

    @property
    def index(self) -> KnowledgeIndex:
        """The newest generation on disk."""
        newest = current_generation(self.settings.index_dir, verify=False).manifest.generation
        if newest != self._index.generation:
            with self._lock:
                self._index = open_index(self.settings.index_dir, self.encoder)
        return self._index

    def search(self, query: str, filters: SearchFilters, limit: int = 5) -> tuple[ScoredPassage, ...]:
        """The best passages, best first; empty when the knowledge base has no answer."""
        return self.index.search(query, filters, limit)

    def documents(self) -> tuple[DocumentMetadata, ...]:
        """What is indexed, by id and version."""
        first_passages = {(one.document_id, one.document_version): one for one in reversed(self.index.parts.passages)}
        return tuple(_metadata(passage) for _, passage in sorted(first_passages.items()))


def check_index(settings: Settings) -> None:
    """Readiness: there is a current generation whose manifest can be read.

    Raises:
        IndexUnavailable: nothing has been built yet.
        IndexCorrupt: the manifest is damaged.
    """
    current_generation(settings.index_dir, verify=False)


def build(settings: Settings, encoder: Encoder, on_progress: Progress | None = None) -> BuildReport:
    """Index the documents folder; only changed documents are embedded again."""
    return build_index(settings.documents_dir, settings.index_dir, encoder, on_progress=on_progress)


def _metadata(passage: Passage) -> DocumentMetadata:
    return DocumentMetadata(
        id=passage.document_id,
        version=passage.document_version,
        title=passage.title,
        doc_type=passage.doc_type,
        language=passage.language,
        audience=passage.audience,
        valid_from=passage.valid_from,
        valid_to=passage.valid_to,
        product=passage.product,
        model=passage.model,
        legal_refs=passage.legal_refs,
        safety=passage.safety,
    )
