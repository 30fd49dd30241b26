"""Measures of ranked retrieval, for one query at a time; a query without an answer list counts 0.

Sources: nDCG — Järvelin & Kekäläinen 2002, gains as they are (linear), as trec_eval's ndcg_cut; MRR — Voorhees 1999.

>>> round(ndcg(["b", "a"], {"a": 1}, 10), 4), recall(["b", "a"], {"a": 1, "c": 1}, 10)
(0.6309, 0.5)
>>> reciprocal_rank(["b", "a"], {"a": 1}, 10)
0.5
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def ndcg(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """Normalised discounted cumulative gain of the first k, in [0, 1].

    Args:
        ranked: document ids, best first, each once.
        gains: relevance of the judged documents; others gain 0.
        k: depth.
    """
    gained = sum(gains.get(document, 0.0) / math.log2(rank + 1) for rank, document in enumerate(ranked[:k], start=1))
    ideal = sum(
        gain / math.log2(rank + 1) for rank, gain in enumerate(sorted(gains.values(), reverse=True)[:k], start=1)
    )
    return gained / ideal if ideal > 0 else 0.0


def recall(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """Share of the relevant documents among the first k, in [0, 1]."""
    relevant = {document for document, gain in gains.items() if gain > 0}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """1 / rank of the first relevant document among the first k, else 0."""
    return next((1 / rank for rank, document in enumerate(ranked[:k], start=1) if gains.get(document, 0) > 0), 0.0)
