"""The knowledge base as a langchain retriever, for chains and agents of other tools."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field, SkipValidation

from knowledge_base.answer import ScoredPassage, SearchFilters
from triage.ports import Retriever


class KnowledgeRetriever(BaseRetriever):
    """Passages of the knowledge base as langchain documents, best first; none where there is no answer.

    Attributes:
        knowledge: what is searched.
        filters: who asks, about which product, on which day; the default is what an agent may use today.
        limit: most documents of an answer.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    knowledge: SkipValidation[Retriever]
    filters: SkipValidation[SearchFilters] = Field(default_factory=SearchFilters)
    limit: int = Field(5, ge=1, le=1000)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [as_document(found) for found in self.knowledge.search(query, self.filters, self.limit)]


def as_document(found: ScoredPassage) -> Document:
    """A search result with its proof in the metadata; ``page_content`` is the passage under its headings."""
    passage = found.passage
    return Document(
        id=passage.id,
        page_content=f"{passage.heading}\n\n{passage.text}",
        metadata={
            "document": passage.document_id,
            "version": passage.document_version,
            "title": passage.title,
            "section": list(passage.section),
            "page": found.page,
            "source": passage.source,
            "language": passage.language,
            "audience": passage.audience.value,
            "product": passage.product,
            "quote": found.quote.text,
            "quote_start": found.quote.start,
            "quote_end": found.quote.end,
            "score": found.relevance,
            "reasons": list(found.why.reasons),
        },
    )
