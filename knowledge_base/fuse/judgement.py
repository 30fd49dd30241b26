"""How likely each of the first passages answers a query."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.fuse.evidence import ANSWER, Coverage, answer_matrix
from knowledge_base.fuse.weights import FusionWeights
from knowledge_base.passage import FloatArray


class Judgement(NamedTuple):
    """What is told of passages, best first.

    Attributes:
        relevance: estimated probability that each answers, float32 of shape (n,), in [0, 1], falling: none is shown as
            more relevant than one ranked before it.
        answers: what tells it, float32 of shape (n, 9), columns as in ``ANSWER``.
    """

    relevance: FloatArray
    answers: NDArray[np.float32]


def judge(
    weights: FusionWeights,
    evidence: NDArray[np.float32],
    coverage: Coverage,
    named: NDArray[np.bool_],
    certain: NDArray[np.bool_],
) -> Judgement:
    """Judge passages.

    Args:
        evidence: for them, shape (n, 9), columns as in ``EVIDENCE``.
        coverage: of the same passages.
        named: which of them have other words than their headings, shape (n,).
        certain: which of them people found to answer the query, shape (n,).
    """
    if not kernels.COMPILED:
        answers = answer_matrix(evidence, coverage)
        relevance = weights.relevance(answers, named, certain)
        return Judgement(np.minimum.accumulate(relevance), answers)
    told = Judgement(np.empty(len(evidence), np.float32), np.empty((len(evidence), len(ANSWER)), np.float32))
    kernels.judge(
        np.ascontiguousarray(evidence), coverage.codes, coverage.words, coverage.other, coverage.missing, named,
        certain, coverage.length, coverage.lead, weights.answer_table, told.answers, told.relevance,
    )  # fmt: skip
    return told
