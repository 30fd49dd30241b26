"""Finds candidates by words, by meaning and by codes, weighs the evidence and puts them in order."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.dense import Scan
from knowledge_base.fuse import (
    FusionWeights,
    Lexical,
    Semantic,
    backgrounds_of,
    lead_of,
    load_weights,
    relations_of,
)
from knowledge_base.hybrid.judging import READ, Judge
from knowledge_base.hybrid.parts import Parts
from knowledge_base.hybrid.query import Query
from knowledge_base.hybrid.ranking import Ranking
from knowledge_base.passage import CalibratedEncoder, Encoder, FloatArray
from knowledge_base.sparse import LexicalScores

# Candidates from each ranker. Of 100, PoQuAD and SciFact (train) lose nothing in the first ten against all passages.
_CANDIDATES: Final = 100
_LANGUAGES: Final = ("pl", "en")


class Ranker:
    """Ranks the passages of one index.

    Args:
        encoder: the one that made the vectors.
        weights: of the evidence; the shipped ones by default.
    """

    def __init__(self, parts: Parts, encoder: Encoder, weights: FusionWeights | None = None) -> None:
        calibrated = isinstance(encoder, CalibratedEncoder)
        self.weights = weights or load_weights(calibrated=calibrated)
        self.background = encoder.background if isinstance(encoder, CalibratedEncoder) else None
        self._parts = parts
        self._encoder = encoder
        polish = parts.facets.polish
        self._relations = {language: relations_of(polish, language) for language in _LANGUAGES}

    def rank(self, query: Query, allowed: NDArray[np.bool_] | None, limit: int) -> Ranking:
        """Candidates of a query, best first.

        Args:
            allowed: which passages may be found, bool of shape (n_passages,); None: all.
            limit: at most so many.
        """
        ruled = self._parts.rulings.on(query, self._parts.knows_word)
        allowed = ruled.without_missing(allowed, len(self._parts.passages))
        scan = self._parts.vectors.scan(self._encoder.encode_queries([query.text])[0])
        lexical = self._parts.lexical.search_words(query.weights)
        ids = self._candidates(query, lexical.scores, scan, allowed, max(_CANDIDATES, limit), ruled.answering)
        relations = self._relations[query.language].take(ids)
        near = self._parts.segments.best(scan.unit, ids)
        semantic = Semantic(scan.cosines(ids), near[0], near[1])
        if self.background:
            semantic = semantic.above(backgrounds_of(self.background, relations))
        found = _lexical_of(lexical.scores, ids)
        codes = self._parts.codes.evidence_in(query.codes, ids, len(self._parts.passages))
        evidence, scores = self.weights.weighed(found, semantic, codes, relations)
        order = (-scores).argsort(kind="stable")
        lead = lead_of(scores.take(order[:READ]))
        order = ruled.answering_first(ids, order)[:limit]
        ids, evidence, relations = ids.take(order), evidence[order], relations.take(order)
        judge = Judge(query, self._parts, self.weights, lexical, ids, evidence, relations, lead, ruled)
        return Ranking(ids, scan.unit, evidence, found.words.take(order), judge, ruled)

    def _candidates(
        self,
        query: Query,
        lexical: LexicalScores,
        scan: Scan,
        allowed: NDArray[np.bool_] | None,
        count: int,
        answering: frozenset[int],
    ) -> NDArray[np.int64]:
        """Numbers of the passages that each ranker finds best, and of those that answer for certain, in order."""
        chosen = np.zeros(len(lexical.words), bool)
        _choose_by_words(lexical, allowed, count, chosen)
        if query.codes:
            chosen[_best(self._parts.codes.evidence(query.codes, len(chosen)), allowed, count)] = True
        chosen[scan.nearest(count, allowed)] = True
        if answering:
            chosen[[n for n in answering if allowed is None or allowed[n]]] = True
        return chosen.nonzero()[0]


def _lexical_of(scores: LexicalScores, ids: NDArray[np.int64]) -> Lexical:
    """BM25 of some passages."""
    return Lexical(
        scores.words.take(ids),
        scores.related.take(ids),
        scores.grams.take(ids),
        scores.words_possible,
        scores.related_possible,
        scores.grams_possible,
    )


def _choose_by_words(
    lexical: LexicalScores, allowed: NDArray[np.bool_] | None, count: int, chosen: NDArray[np.bool_]
) -> None:
    """Mark the passages that words and 4-grams together find best."""
    related, grams = max(lexical.related_possible, 1e-9), max(lexical.grams_possible, 1e-9)
    if kernels.COMPILED:
        kernels.choose(lexical.related, lexical.grams, related, grams, allowed, count, chosen)
    else:
        chosen[_best(lexical.related / related + lexical.grams / grams, allowed, count)] = True


def _best(scores: FloatArray, allowed: NDArray[np.bool_] | None, k: int) -> NDArray[np.int64]:
    """Numbers of the k highest scores above 0 among the passages allowed, in no order."""
    if allowed is not None:
        scores = scores * allowed
    if len(scores) <= k:
        return scores.nonzero()[0]
    top = scores.argpartition(-k)[-k:]
    return top[scores.take(top) > 0]
