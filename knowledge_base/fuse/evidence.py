"""What speaks for a passage, on scales that mean the same for every query.

BM25 is divided by what a passage with all the query's words would score, not by the best score found: a query whose
words occur nowhere together keeps low lexical evidence, so the cosine decides it. That is how the weights follow the
query. The share of the best score found is kept beside it for the order alone.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray

#: Columns of the evidence matrix.
EVIDENCE: Final = ("words", "grams", "words_share", "grams_share", "cosine", "code")


def evidence_matrix(
    words: FloatArray,
    grams: FloatArray,
    cosines: FloatArray,
    code_shares: FloatArray,
    *,
    words_possible: float,
    grams_possible: float,
) -> NDArray[np.float32]:
    """Evidence for the candidates of one query.

    Args:
        words: BM25 over word keys, shape (n,).
        grams: BM25 over 4-grams, shape (n,).
        cosines: shape (n,).
        code_shares: share of the query's codes in the passage, shape (n,).
        words_possible: what a passage with all the query's words would score.
        grams_possible: the same for 4-grams.

    Returns:
        float32 of shape (n, 6), columns as in ``EVIDENCE``; all but the cosine in [0, 1].
    """
    columns = (
        _ratio(words, words_possible),
        _ratio(grams, grams_possible),
        _ratio(words, float(words.max(initial=0.0))),
        _ratio(grams, float(grams.max(initial=0.0))),
        cosines,
        code_shares,
    )
    return np.stack(columns, axis=1).astype(np.float32)  # (n, 6)


def _ratio(scores: FloatArray, whole: float) -> FloatArray:
    ratio: FloatArray = scores / np.float32(whole) if whole > 0 else np.zeros_like(scores)
    return ratio
