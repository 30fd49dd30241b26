"""One index of the knowledge base: built when it is missing, damaged or stale, searched while it is built again."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from knowledge_base.answer import Answer, ScoredPassage, SearchFilters
from knowledge_base.errors import EncoderMismatch, IndexCorrupt, IndexUnavailable, KnowledgeBaseError
from knowledge_base.hybrid import KnowledgeIndex
from knowledge_base.passage import BuildReport, DocumentMetadata, Encoder, Passage
from knowledge_base.store import Generation, current_generation, documents_of, open_index
from triage.bootstrap.encoders import load_reranker
from triage.bootstrap.holdings import Holdings, folder_holdings
from triage.config import Settings
from triage.errors import TriageError

if TYPE_CHECKING:  # loaders and ports are large, and `triage search` is to start at once
    from triage.ports.library import Reranker

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
_UNUSABLE: Final = (IndexUnavailable, IndexCorrupt, EncoderMismatch)


@dataclass(slots=True)
class Knowledge:
    """A :class:`~triage.ports.Retriever` over the index on disk; a new generation is picked up at the next search.

    Attributes:
        degraded: why encoder or re-ranking are not as they were asked for; empty when they are.
        reranker: orders the first results, where one is configured.
        rerank_depth: how many results it reads.
        report: what the last build in this process did.
    """

    holdings: Holdings
    encoder: Encoder
    degraded: str = ""
    reranker: Reranker | None = None
    rerank_depth: int = 20
    report: BuildReport | None = None
    _index: KnowledgeIndex | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _builder: threading.Thread | None = None
    _asked: bool = False

    @classmethod
    def open(
        cls, settings: Settings, encoder: Encoder, on_progress: Progress | None = None, degraded: str = ""
    ) -> Knowledge:
        """Open the index of the documents folder; build it first when it is missing, damaged or another encoder's."""
        reranker, missing = load_reranker(settings)
        degraded = " ".join(filter(None, (degraded, missing)))
        found = cls(folder_holdings(settings, encoder), encoder, degraded, reranker, settings.rerank_depth)
        if not found.ready():
            found.build(on_progress)
        return found

    @property
    def generation(self) -> str:
        """Id of the index generation that answers."""
        return self.index.generation

    @property
    def building(self) -> bool:
        """Whether it is being built behind the searches."""
        builder = self._builder
        return builder is not None and builder.is_alive()

    @property
    def index(self) -> KnowledgeIndex:
        """The newest generation; while it cannot be opened, the one before goes on serving and a new one is built.

        Raises:
            IndexUnavailable: none was ever built.
        """
        try:
            newest = self.current().manifest.generation
            if self._index is None or newest != self._index.generation:
                with self._lock:
                    self._index = open_index(self.holdings.index_dir, self.encoder)
        except _UNUSABLE as fault:
            if self._index is None:
                raise
            logger.warning("index unusable", extra={"action": "index_rebuilt", "error": type(fault).__name__})
            self.refresh()
        return self._index

    def current(self) -> Generation:
        """The generation on disk, its manifest read and its files not checked.

        Raises:
            IndexUnavailable, IndexCorrupt: there is none that could serve.
        """
        return current_generation(self.holdings.index_dir, verify=False)

    def ready(self) -> bool:
        """Whether there is an index that can be searched; opens it."""
        try:
            return self.index is not None
        except _UNUSABLE:
            return False

    def search(self, query: str, filters: SearchFilters, limit: int = 5) -> tuple[ScoredPassage, ...]:
        """The best passages, best first; empty when the knowledge base has no answer."""
        if self.reranker is None:
            with self._sound() as index:
                return index.search(query, filters, limit)
        return self.answer(query, filters, limit).hits

    def answer(self, query: str, filters: SearchFilters, limit: int = 5) -> Answer:
        """The same, and where there is no answer the passages that come nearest."""
        depth = limit if self.reranker is None else max(limit, self.rerank_depth)
        with self._sound() as index:
            found = index.answer(query, filters, depth)
        if self.reranker is None:
            return found
        from triage.library.reranking import reranked

        return Answer(reranked(self.reranker, query, found.hits, self.rerank_depth)[:limit], found.nearest[:limit])

    @contextmanager
    def _sound(self) -> Iterator[KnowledgeIndex]:
        """The index, for a search; one that turns out to be damaged is given up and built again."""
        try:
            yield self.index
        except IndexCorrupt:
            self._index = None
            self.refresh()
            raise

    def documents(self) -> tuple[DocumentMetadata, ...]:
        """What is indexed, by id and version."""
        first_passages = {(one.document_id, one.document_version): one for one in reversed(self.index.parts.passages)}
        return tuple(_metadata(passage) for _, passage in sorted(first_passages.items()))

    def unknown_products(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Those product lines and models that no passage is about, whatever its version."""
        known = self.index.parts.facets.products
        return tuple(name for name in wanted if name.casefold() not in known)

    def digests(self) -> dict[str, str]:
        """Digest of each indexed document by the name of its source."""
        return {record.source: record.digest for record in documents_of(self.current().folder)}

    def text(self, document_id: str, version: str) -> str | None:
        """The text that offsets of quotes point into; ``None`` where the document is not indexed."""
        key = f"{document_id}@{version}"
        return next((record.text for record in documents_of(self.current().folder) if record.key == key), None)

    def build(self, on_progress: Progress | None = None) -> BuildReport:
        """Bring the index up to date with its sources; the old generation serves until the new one is whole."""
        from knowledge_base.build import build_index

        holdings = self.holdings
        with _only_builder(holdings.index_dir):
            self.report = build_index(
                holdings.sources(),
                holdings.index_dir,
                self.encoder,
                stamp=holdings.stamp(),
                like=holdings.like,
                rulings=holdings.rulings(),
                on_progress=on_progress,
            )
        return self.report

    def refresh(self) -> None:
        """Build behind the searches; if that is under way, once more when it is done: sources may have changed."""
        with self._lock:
            self._asked = True
            if not self.building:
                self._builder = threading.Thread(target=self._build_quietly, name="index-builder", daemon=True)
                self._builder.start()

    def wait(self, seconds: float) -> bool:
        """Wait for a build that is under way; whether none is any more."""
        builder = self._builder
        if builder is not None:
            builder.join(seconds)
        return not self.building

    def _build_quietly(self) -> None:
        while self._take_order():
            try:
                self.build()
            except (TriageError, KnowledgeBaseError, OSError) as error:
                logger.error("index not built", extra={"action": "index_failed", "error": type(error).__name__})

    def _take_order(self) -> bool:
        """Whether a build was asked for since the last one began; without one the builder is gone at once."""
        with self._lock:
            asked, self._asked = self._asked, False
            if not asked:
                self._builder = None
            return asked


@contextmanager
def _only_builder(index_dir: Path) -> Iterator[None]:
    """Processes that share a data directory build one after the other, each from what the one before left."""
    index_dir.mkdir(parents=True, exist_ok=True)
    with (index_dir / ".building").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


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
