"""Search over a knowledge base: lexical and semantic evidence, filters, quotes."""

from knowledge_base.hybrid.code_index import CodeIndex
from knowledge_base.hybrid.facets import Facets
from knowledge_base.hybrid.index import KnowledgeIndex, Parts, Ranking, search_text
from knowledge_base.hybrid.query import Query, read_query

__all__ = ["CodeIndex", "Facets", "KnowledgeIndex", "Parts", "Query", "Ranking", "read_query", "search_text"]
