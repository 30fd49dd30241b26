"""Finds candidates by words, by meaning and by codes, weighs the evidence and puts them in order."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.fuse import ANSWER, RELATIONS, FusionWeights, backgrounds_of, load_weights, relations_of
from knowledge_base.hybrid.candidates import Weigher, best
from knowledge_base.hybrid.judging import READ, Judge
from knowledge_base.hybrid.parts import Parts
from knowledge_base.hybrid.product_words import ProductWords, in_heading
from knowledge_base.hybrid.query import Query
from knowledge_base.hybrid.ranking import Ranking
from knowledge_base.passage import CalibratedEncoder, Encoder

# Candidates from each ranker. Of 100, PoQuAD and SciFact (train) lose nothing in the first ten against all passages.
_CANDIDATES: Final = 100
_LANGUAGES: Final = ("pl", "en")
# What a passage must reach to answer a query whose product was left out: its chance, and the share of what is left.
_SURE: Final = 0.7
_COVERED: Final = 0.9
_COVERAGE: Final = ANSWER.index("coverage")


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
        self._products = ProductWords(parts.facets.product_words)
        self._general = parts.facets.general
        polish = parts.facets.polish
        each = np.arange(len(RELATIONS), dtype=np.int8)
        backgrounds = backgrounds_of(self.background, each) if self.background else None
        self._weighers = {
            language: Weigher(parts, self.weights, relations_of(polish, language), backgrounds)
            for language in _LANGUAGES
        }

    def rank(self, query: Query, allowed: NDArray[np.bool_] | None, limit: int) -> Ranking:
        """Candidates of a query, best first; of a short one that names a product, general passages without that too.

        Args:
            allowed: which passages may be found, bool of shape (n_passages,); None: all.
            limit: at most so many.
        """
        ranking = self.order(query, allowed, limit)
        ruled = ranking.ruled.answering or ranking.ruled.nowhere
        if ruled or self._parts.codes.telling(query.codes) or (asked := self._products.without(query)) is None:
            return ranking
        general = self._general if allowed is None else self._general & allowed
        other = self.order(asked, general, READ)
        return ranking.joined(other, rows, limit) if (rows := self._surely_answering(asked, other)) else ranking

    def _surely_answering(self, query: Query, ranking: Ranking) -> list[int]:
        """Rows of the passages that surely answer a query whose product was left out, and are about what is left."""
        covered = ranking.answers[:, _COVERAGE] >= _COVERED
        sure = ((ranking.relevance >= _SURE) & covered).nonzero()[0].tolist()
        return [row for row in sure if in_heading(query, self._parts.passages[int(ranking.ids[row])])]

    def order(self, query: Query, allowed: NDArray[np.bool_] | None, limit: int) -> Ranking:
        """Candidates by what speaks for them as the query stands, best first; arguments as of ``rank``."""
        parts, weigher = self._parts, self._weighers[query.language]
        n_passages, count = len(weigher.relations), max(_CANDIDATES, limit)
        ruled = parts.rulings.on(query, parts.knows_word)
        allowed = ruled.without_missing(allowed, n_passages)
        scan = parts.vectors.scan(self._encoder.encode_queries([query.text])[0])
        lexical = parts.lexical.search_words(query.weights)
        codes = parts.codes.evidence(query.codes, n_passages) if query.codes else None
        chosen = np.zeros(n_passages, bool)
        chosen[scan.nearest(count, allowed)] = True
        if codes is not None:
            chosen[best(codes, allowed, count)] = True
        if ruled.answering:
            chosen[[n for n in ruled.answering if allowed is None or allowed[n]]] = True
        # what answers for certain may come last by the evidence
        most = n_passages if ruled.answering else max(limit, READ)
        found = weigher.first(lexical.scores, scan, codes, allowed, count, chosen, most)
        ids, evidence = found.ids[:limit], found.evidence[:limit]
        if ruled.answering:
            order = ruled.answering_first(found.ids, np.arange(len(found.ids)))[:limit]
            ids, evidence = found.ids.take(order), found.evidence[order]
        first = found.scores[:READ]
        judge = Judge(query, parts, self.weights, lexical, ids, evidence, weigher.relations, first, ruled)
        return Ranking(ids, scan.unit, evidence, lexical.scores.words.take(ids), judge.judged, ruled)
