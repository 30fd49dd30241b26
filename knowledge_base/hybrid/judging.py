"""Finds out whether the first candidates of a query answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.answer import Condition
from knowledge_base.fuse import RELATIONS, Coverage, FusionWeights, answer_matrix
from knowledge_base.hybrid.conditions import Conditions
from knowledge_base.hybrid.parts import Parts
from knowledge_base.hybrid.query import Query
from knowledge_base.hybrid.ranking import Judged
from knowledge_base.sparse import LexicalSearch

# Passages of a ranking that are read for what the query demands; the others are taken to have it.
READ: Final = 5


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the candidates of one query.

    Attributes:
        lexical: what the lexical index says about it.
        ids: passage numbers, best first, shape (n,).
        evidence: shape (n, 9), columns as in ``EVIDENCE``.
        relations: numbers in ``RELATIONS``, shape (n,).
        lead: how far the first of all candidates stands out, in [0, 1].
    """

    query: Query
    parts: Parts
    weights: FusionWeights
    lexical: LexicalSearch
    ids: NDArray[np.int64]
    evidence: NDArray[np.float32]
    relations: NDArray[np.int8]
    lead: float

    def __call__(self) -> Judged:
        """Whether they answer."""
        missing = self._missing()
        lacks = np.zeros(len(self.ids), bool)
        lacks[: len(missing)] = [*map(bool, missing)]
        query, codes = self.query, self.parts.codes
        shares = codes.shares_in(codes.telling(query.codes), self.ids, len(self.parts.passages))
        other = self.relations == RELATIONS.index("other")
        coverage = Coverage(shares, self.lexical.coverage(self.ids), len(query.words), other, self.lead, lacks)
        answers = answer_matrix(self.evidence, coverage)
        named = self.parts.segments.named(self.ids)
        # A passage cannot be shown as more relevant than one ranked before it.
        return Judged(np.minimum.accumulate(self.weights.relevance(answers, named)), answers, named, missing)

    def _missing(self) -> tuple[tuple[Condition, ...], ...]:
        """What the query demands and each of the first passages lacks; empty where it demands nothing."""
        if not (conditions := Conditions.of(self.query, self.parts)):
            return ()
        return tuple([conditions.missing_in(self.parts.passages[number]) for number in self.ids[:READ].tolist()])
