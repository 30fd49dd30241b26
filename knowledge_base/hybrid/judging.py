"""Finds out whether the first candidates of a query answer it."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base.answer import Condition
from knowledge_base.fuse import RELATIONS, Coverage, FusionWeights, judge, lead_of
from knowledge_base.hybrid.conditions import Conditions
from knowledge_base.hybrid.parts import Parts
from knowledge_base.hybrid.query import Query
from knowledge_base.hybrid.ranking import Judged
from knowledge_base.hybrid.rulings import Ruled
from knowledge_base.passage import FloatArray
from knowledge_base.sparse import LexicalSearch

# Passages of a ranking that are read for what the query demands; the others are taken to have it.
READ: Final = 5


class Judge(NamedTuple):
    """Judges the candidates of one query.

    Attributes:
        lexical: what the lexical index says about it.
        ids: passage numbers, best first, shape (n,).
        evidence: shape (n, 9), columns as in ``EVIDENCE``.
        relations: of every passage's language to the query's, numbers in ``RELATIONS``, shape (n_passages,).
        scores: of the first of all candidates, falling.
        ruled: what people ruled on the query.
    """

    query: Query
    parts: Parts
    weights: FusionWeights
    lexical: LexicalSearch
    ids: NDArray[np.int64]
    evidence: NDArray[np.float32]
    relations: NDArray[np.int8]
    scores: FloatArray
    ruled: Ruled

    def judged(self) -> Judged:
        """Whether they answer."""
        missing = self._missing()
        lacks = np.zeros(len(self.ids), bool)
        lacks[: len(missing)] = [*map(bool, missing)]
        query, codes = self.query, self.parts.codes
        shares = codes.shares_in(codes.telling(query.codes), self.ids, len(self.parts.passages))
        other = self.relations.take(self.ids) == RELATIONS.index("other")
        coverage = Coverage(
            shares, self.lexical.coverage(self.ids), len(query.words), other, lead_of(self.scores), lacks
        )
        named = self.parts.facets.named_of(self.ids)
        relevance, answers = judge(self.weights, self.evidence, coverage, named, self.ruled.answers(self.ids))
        return Judged(relevance, answers, named, missing)

    def _missing(self) -> tuple[tuple[Condition, ...], ...]:
        """What the query demands and each of the first passages lacks; empty where it demands nothing."""
        conditions = Conditions.of(self.query, self.parts)
        if not (conditions or self.ruled.nowhere):
            return ()
        first = self.ids[:READ].tolist()
        missing = conditions.missing_in([self.parts.passages[number] for number in first], self.parts.forms)
        # Of a passage that people found to answer nothing more is demanded.
        return tuple(
            [
                (*self.ruled.lacking(number), *(() if number in self.ruled.answering else lacked))
                for number, lacked in zip(first, missing, strict=True)
            ]
        )
