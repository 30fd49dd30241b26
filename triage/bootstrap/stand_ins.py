"""What answers a tenant while its own index is built: the one before, or the shared one. Both say what they lack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from knowledge_base.answer import Answer, ScoredPassage, SearchFilters
from knowledge_base.hybrid.index import MAX_LIMIT
from triage.bootstrap.knowledge import Knowledge

STALE: Final = "Documents or rulings changed: what is new is searched once the index is built again, in a moment."
WITHOUT_OWN: Final = (
    "Your own documents were not searched, only the shared ones: their index is being built. Search again in a moment; "
    "if this stays, look at `GET /v1/knowledge/index` and `triage doctor`."
)
_SPARE: Final = 3


@dataclass(frozen=True, slots=True)
class StaleIndex:
    """A stale index without the sources that must not answer any more."""

    knowledge: Knowledge
    hidden: frozenset[str]

    @property
    def generation(self) -> str:
        """Id of the stale generation."""
        return self.knowledge.generation

    @property
    def degraded(self) -> str:
        """That what is new is not searched, after what the index itself lacks."""
        return _sentences(self.knowledge.degraded, STALE)

    def search(self, query: str, filters: SearchFilters, limit: int = 5) -> tuple[ScoredPassage, ...]:
        """The best passages that may still answer."""
        return self._shown(self.knowledge.search(query, filters, min(limit * _SPARE, MAX_LIMIT)), limit)

    def answer(self, query: str, filters: SearchFilters, limit: int = 5) -> Answer:
        """The same, with the nearest."""
        found = self.knowledge.answer(query, filters, min(limit * _SPARE, MAX_LIMIT))
        return Answer(self._shown(found.hits, limit), self._shown(found.nearest, limit))

    def _shown(self, found: tuple[ScoredPassage, ...], limit: int) -> tuple[ScoredPassage, ...]:
        return tuple(hit for hit in found if hit.passage.source not in self.hidden)[:limit]


@dataclass(frozen=True, slots=True)
class SharedAlone:
    """The shared index in place of a tenant's own, which was never built or is damaged."""

    knowledge: Knowledge

    @property
    def generation(self) -> str:
        """Id of the shared generation."""
        return self.knowledge.generation

    @property
    def degraded(self) -> str:
        """That the tenant's own documents are missing, after what the index itself lacks."""
        return _sentences(self.knowledge.degraded, WITHOUT_OWN)

    def search(self, query: str, filters: SearchFilters, limit: int = 5) -> tuple[ScoredPassage, ...]:
        """The shared documents' best passages."""
        return self.knowledge.search(query, filters, limit)

    def answer(self, query: str, filters: SearchFilters, limit: int = 5) -> Answer:
        """The same, with the nearest."""
        return self.knowledge.answer(query, filters, limit)


def _sentences(*said: str) -> str:
    return " ".join(filter(None, said))
