"""Lexical search: BM25 over word keys and over character 4-grams of the same passages."""

from knowledge_base.sparse.bm25 import Bm25Index
from knowledge_base.sparse.key_terms import key_terms
from knowledge_base.sparse.lexical import LexicalIndex
from knowledge_base.sparse.lexical_search import LexicalScores, LexicalSearch
from knowledge_base.sparse.terms import Vocabulary, count_terms, tokenise_pieces, tokenise_texts

__all__ = [
    "Bm25Index",
    "LexicalIndex",
    "LexicalScores",
    "LexicalSearch",
    "Vocabulary",
    "count_terms",
    "key_terms",
    "tokenise_pieces",
    "tokenise_texts",
]
