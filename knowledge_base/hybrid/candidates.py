"""The candidates of a query in the order that the evidence puts them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.dense import Scan
from knowledge_base.fuse import (
    EVIDENCE,
    RELATIONS,
    FusionWeights,
    Lexical,
    Semantic,
    evidence_matrix,
)
from knowledge_base.hybrid.parts import Parts
from knowledge_base.passage import FloatArray
from knowledge_base.sparse import LexicalScores

_NO_BACKGROUND: Final = np.zeros(len(RELATIONS), np.float32)


class Candidates(NamedTuple):
    """Candidates, best first.

    Attributes:
        ids: passage numbers, int64 of shape (n,).
        evidence: float32 of shape (n, 9), columns as in ``EVIDENCE``.
        scores: that order them, falling, float32 of shape (n,).
    """

    ids: NDArray[np.int64]
    evidence: NDArray[np.float32]
    scores: FloatArray


@dataclass(frozen=True, slots=True)
class Weigher:
    """Weighs the evidence for candidates.

    Attributes:
        relations: of every passage's language to the query's, numbers in ``RELATIONS``, int8 of shape (n_passages,).
        backgrounds: cosines of unrelated texts by relation, float32 of shape (3,), where the encoder knows them.
    """

    parts: Parts
    weights: FusionWeights
    relations: NDArray[np.int8]
    backgrounds: FloatArray | None

    def first(
        self,
        lexical: LexicalScores,
        scan: Scan,
        codes: FloatArray | None,
        allowed: NDArray[np.bool_] | None,
        count: int,
        chosen: NDArray[np.bool_],
        most: int,
    ) -> Candidates:
        """The first of the candidates.

        Args:
            codes: evidence of codes for every passage; None where the query has none.
            allowed: which passages words may find, bool of shape (n_passages,); None: all.
            count: so many of them as words find best are candidates too.
            chosen: which passages are candidates for other reasons, bool of shape (n_passages,).
            most: at most so many.
        """
        if not kernels.COMPILED:
            return self._by_numpy(lexical, scan, codes, allowed, count, chosen, most)
        ids, scores = np.empty(most, np.int64), np.empty(most, np.float32)
        evidence = np.empty((most, len(EVIDENCE)), np.float32)
        segments, table = self.parts.segments, self.weights.table
        backgrounds = _NO_BACKGROUND if self.backgrounds is None else self.backgrounds
        n_found = kernels.rank(
            *lexical, codes, allowed, count, chosen, self.parts.vectors.vectors, scan.unit,
            segments.rows, segments.norms, segments.bounds, self.relations, backgrounds, table, ids, evidence, scores,
        )  # fmt: skip
        return Candidates(ids[:n_found], evidence[:n_found], scores[:n_found])

    def _by_numpy(
        self,
        lexical: LexicalScores,
        scan: Scan,
        codes: FloatArray | None,
        allowed: NDArray[np.bool_] | None,
        count: int,
        chosen: NDArray[np.bool_],
        most: int,
    ) -> Candidates:
        by_words = lexical.related / max(lexical.related_possible, 1e-9)
        by_words += lexical.grams / max(lexical.grams_possible, 1e-9)
        chosen[best(by_words, allowed, count)] = True
        ids = chosen.nonzero()[0]
        relations = self.relations.take(ids)
        names, sentences = self.parts.segments.best(scan.unit, ids)
        semantic = Semantic(scan.cosines(ids), names, sentences)
        if self.backgrounds is not None:
            semantic = semantic.above(self.backgrounds.take(relations))
        of_codes = np.zeros(len(ids), np.float32) if codes is None else codes.take(ids)
        evidence = evidence_matrix(_lexical_of(lexical, ids), semantic, of_codes)
        scores = self.weights.ranking(evidence, relations)
        order = (-scores).argsort(kind="stable")[:most]
        return Candidates(ids.take(order), evidence[order], scores.take(order))


def _lexical_of(scores: LexicalScores, ids: NDArray[np.int64]) -> Lexical:
    """BM25 of some passages."""
    words, related, grams, *possible = scores
    return Lexical(words.take(ids), related.take(ids), grams.take(ids), *possible)


def best(scores: FloatArray, allowed: NDArray[np.bool_] | None, k: int) -> NDArray[np.int64]:
    """Numbers of the k highest scores above 0 among the passages allowed, in no order."""
    if allowed is not None:
        scores = scores * allowed
    if len(scores) <= k:
        return scores.nonzero()[0]
    top = scores.argpartition(-k)[-k:]
    return top[scores.take(top) > 0]
