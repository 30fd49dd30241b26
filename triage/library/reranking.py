"""Search results in the order of a model that reads question and passage together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from knowledge_base.answer import ScoredPassage
from triage.ports.library import Reranker


def reranked(reranker: Reranker, query: str, found: tuple[ScoredPassage, ...], depth: int) -> tuple[ScoredPassage, ...]:
    """The first ``depth`` results in the re-ranker's order, the others behind them as they were.

    Which passages answer at all stays the fusion's word; relevance follows the rank: each takes that of its new place.
    """
    first, rest = found[:depth], found[depth:]
    if not first:
        return found
    scores = reranker.scores(query, [f"{hit.passage.heading}\n{hit.passage.text}" for hit in first])
    order = np.argsort(-scores, kind="stable")
    places = zip(first, order, strict=True)
    return (*(replace(first[number], relevance=place.relevance) for place, number in places), *rest)
