"""Candidates of one query in order; whether they answer is found out when it is asked for.

Who only orders passages, as other engines do, need not know how likely each of them answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, repeat

import numpy as np
from numpy.typing import NDArray

from knowledge_base.answer import Condition
from knowledge_base.hybrid.rulings import NOTHING_RULED, Ruled
from knowledge_base.passage import FloatArray


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether the candidates of one query answer it.

    Attributes:
        relevance: float32 of shape (n,), in [0, 1], falling.
        answers: what tells whether there is an answer, float32 of shape (n, 9), columns as in ``ANSWER``.
        named: which passages have other words than their headings, shape (n,).
        missing: what the query demands and the first passages lack; empty where it demands nothing.
    """

    relevance: FloatArray
    answers: FloatArray
    named: NDArray[np.bool_]
    missing: tuple[tuple[Condition, ...], ...]

    def joined(self, other: Judged, rows: Sequence[int], order: NDArray[np.int64]) -> Judged:
        """These and some rows of another, in an order of all."""
        of_all = (*islice(chain(self.missing, repeat(())), len(self.relevance)), *repeat((), len(rows)))
        return Judged(
            np.concatenate([self.relevance, other.relevance[rows]])[order],
            np.vstack([self.answers, other.answers[rows]])[order],
            np.concatenate([self.named, other.named[rows]])[order],
            tuple([of_all[number] for number in order.tolist()]),
        )


@dataclass(frozen=True)
class Ranking:
    """Candidates of one query, best first.

    Attributes:
        ids: passage numbers, int64 of shape (n,).
        vector: the query's, float32 of shape (dim,), of length 1, or 0 for an unknown text.
        evidence: float32 of shape (n, 9), columns as in ``EVIDENCE``.
        bm25: over word keys, float32 of shape (n,).
        judge: finds out whether they answer; asked once.
        ruled: what people ruled on the question.
    """

    ids: NDArray[np.int64]
    vector: FloatArray
    evidence: FloatArray
    bm25: FloatArray
    judge: Callable[[], Judged]
    ruled: Ruled = NOTHING_RULED

    @cached_property
    def judged(self) -> Judged:
        """Whether the candidates answer."""
        return self.judge()

    def joined(self, other: Ranking, rows: Sequence[int], limit: int) -> Ranking:
        """These candidates and some of another ranking's, each once, the likeliest to answer first.

        Args:
            other: of the same question, otherwise read.
            rows: which of its candidates.
            limit: at most so many.
        """
        ids = np.concatenate([self.ids, other.ids[rows]])
        likelier = (-np.concatenate([self.relevance, other.relevance[rows]])).argsort(kind="stable")
        _, first = np.unique(ids[likelier], return_index=True)
        order = likelier[np.sort(first)][:limit]
        judged = self.judged.joined(other.judged, rows, order)
        evidence = np.vstack([self.evidence, other.evidence[rows]])[order]
        bm25 = np.concatenate([self.bm25, other.bm25[rows]])[order]
        return Ranking(ids[order], self.vector, evidence, bm25, lambda: judged, self.ruled)

    @property
    def relevance(self) -> FloatArray:
        """As in ``Judged``."""
        return self.judged.relevance

    @property
    def answers(self) -> FloatArray:
        """As in ``Judged``."""
        return self.judged.answers

    @property
    def named(self) -> NDArray[np.bool_]:
        """As in ``Judged``."""
        return self.judged.named
