"""Candidates of one query in order; whether they answer is found out when it is asked for.

Who only orders passages, as other engines do, need not know how likely each of them answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

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
