"""The knowledge base for other tools, in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge_base.answer import SearchFilters
from knowledge_base.passage import Audience
from triage.bootstrap.encoders import load_encoder
from triage.bootstrap.knowledge import Knowledge
from triage.config import Settings, load_settings

if TYPE_CHECKING:
    from triage.adapters.langchain_retriever import KnowledgeRetriever


def open_retriever(
    *, limit: int = 5, audience: str | None = None, products: tuple[str, ...] = (), settings: Settings | None = None
) -> KnowledgeRetriever:
    """The documents folder as a langchain retriever; indexed first when it is not.

    Args:
        limit: most documents of an answer.
        audience: ``"customer"`` for what may be shown to customers; default: everything.
        products: only about these, and about no particular product.
        settings: default: the environment's.
    """
    from triage.adapters.langchain_retriever import KnowledgeRetriever

    settings = settings or load_settings()
    chosen = load_encoder(settings)
    knowledge = Knowledge.open(settings, chosen.encoder, degraded=chosen.degraded)
    filters = SearchFilters(audience=Audience(audience) if audience else None, products=products)
    return KnowledgeRetriever(knowledge=knowledge, filters=filters, limit=limit)
