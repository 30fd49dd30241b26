"""Rankers over a retrieval set: raw BM25, lexical, dense and hybrid, with the time and space they took."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np

from knowledge_base.answer import SearchFilters
from knowledge_base.hybrid import KnowledgeIndex, Parts, PassageVectors, assemble, read_query
from knowledge_base.passage import Encoder, FloatArray, Passage
from knowledge_base.tokenise import codes, detect_language, split_words
from training.beir_files import RetrievalSet

DEPTH = 100
_ALL = SearchFilters(outdated=True)
_MIB = 1024 * 1024

Rank = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Ranker:
    """One way to rank.

    Attributes:
        rank: query → numbers of at most ``DEPTH`` documents, best first.
        index_s: seconds to index the documents.
        index_mb: size of its files, in MiB.
    """

    rank: Rank
    index_s: float
    index_mb: float


def passages_of(documents: dict[str, tuple[str, str]]) -> list[Passage]:
    """Each document as one passage, in order."""
    return [
        Passage(
            id=document,
            document_id=document,
            document_version="1",
            title=title,
            section=(),
            text=text,
            start=0,
            end=len(text),
            language=detect_language(f"{title} {text}"),
            codes=codes(f"{title}\n{text}"),
        )
        for document, (title, text) in documents.items()
    ]


def rankers_of(found: RetrievalSet, encoder: Encoder, passages: Sequence[Passage] | None = None) -> dict[str, Ranker]:
    """Index the documents and give the four rankers.

    Args:
        passages: what the documents are, in the same order, where more is known of them than title and text.
    """
    raw, raw_s, raw_mb = _raw_bm25([f"{title} {text}".strip() for title, text in found.documents.values()])
    passages = passages or passages_of(found.documents)
    started = time.perf_counter()
    vectors = PassageVectors.encode(passages, encoder)
    dense_s = time.perf_counter() - started
    parts = assemble(passages, lambda: vectors)
    whole_s = time.perf_counter() - started
    index = KnowledgeIndex(parts, encoder)
    words_mb, vectors_mb = _sizes(parts)
    return {
        "raw": Ranker(raw, raw_s, raw_mb),
        "lexical": Ranker(lambda query: lexical_ranking(parts, query), whole_s - dense_s, words_mb),
        "dense": Ranker(lambda query: dense_ranking(parts, encoder, query), dense_s, vectors_mb),
        "hybrid": Ranker(lambda q: index.rank(read_query(q), _ALL, DEPTH).ids.tolist(), whole_s, words_mb + vectors_mb),
    }


def _raw_bm25(texts: list[str]) -> tuple[Rank, float, float]:
    """bm25s with its defaults over lower-cased words: the baseline."""
    started = time.perf_counter()
    index = bm25s.BM25(backend="numpy")
    index.index([split_words(text) for text in texts], show_progress=False)
    seconds = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        index.save(folder, show_progress=False)
        size = folder_mb(Path(folder))

    def rank(query: str) -> list[int]:
        words = [word for word in split_words(query) if word in index.vocab_dict]
        return best(index.get_scores(words)) if words else []

    return rank, seconds, size


def lexical_ranking(parts: Parts, query: str) -> list[int]:
    """Words and 4-grams, each divided by what is possible."""
    scores = parts.lexical.scores(read_query(query).lexical)
    return best(scores.words / max(scores.words_possible, 1e-9) + scores.grams / max(scores.grams_possible, 1e-9))


def dense_ranking(parts: Parts, encoder: Encoder, query: str) -> list[int]:
    """Nearest vectors."""
    return [int(number) for number in parts.vectors.search(encoder.encode_queries([query])[0], DEPTH).ids]


def best(scores: FloatArray) -> list[int]:
    """Numbers of the highest scores above 0, best first, ties in order of the documents."""
    order = np.argsort(-scores, kind="stable")[:DEPTH]
    return [int(number) for number in order if scores[number] > 0]


def _sizes(parts: Parts) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        parts.lexical.save(Path(folder) / "bm25")
        lexical = folder_mb(Path(folder))
        parts.vectors.save(Path(folder))
        parts.segments.save(Path(folder))
        return lexical, folder_mb(Path(folder)) - lexical


def folder_mb(folder: Path) -> float:
    """Size of all files below a folder in MiB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _MIB
