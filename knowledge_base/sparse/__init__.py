"""Lexical search: BM25 over word keys and over character 4-grams of the same passages."""

from knowledge_base.sparse.bm25 import Bm25Index
from knowledge_base.sparse.lexical import LexicalIndex
from knowledge_base.sparse.lexical_search import LexicalScores, LexicalSearch
from knowledge_base.sparse.terms import count_terms, tokenise_texts

__all__ = ["Bm25Index", "LexicalIndex", "LexicalScores", "LexicalSearch", "count_terms", "tokenise_texts"]
