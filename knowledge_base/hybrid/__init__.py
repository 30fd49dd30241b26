"""Search over a knowledge base: lexical and semantic evidence, filters, quotes."""

from knowledge_base.hybrid.assembly import assemble, collector_paused
from knowledge_base.hybrid.code_index import CodeIndex
from knowledge_base.hybrid.facets import Facets
from knowledge_base.hybrid.index import KnowledgeIndex
from knowledge_base.hybrid.parts import Parts
from knowledge_base.hybrid.passage_vectors import PassageVectors
from knowledge_base.hybrid.query import Query, read_query
from knowledge_base.hybrid.ranking import Judged, Ranking
from knowledge_base.hybrid.rulings import Rulings, same_question, shared_words
from knowledge_base.hybrid.texts import search_pieces
from knowledge_base.hybrid.word_forms import WordForms

__all__ = [
    "CodeIndex",
    "Facets",
    "Judged",
    "KnowledgeIndex",
    "Parts",
    "PassageVectors",
    "Query",
    "Ranking",
    "Rulings",
    "WordForms",
    "assemble",
    "collector_paused",
    "read_query",
    "same_question",
    "search_pieces",
    "shared_words",
]
