"""Timeline: the turning points of a long history, few enough to read at a glance, none told twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from knowledge_base.passage import Encoder
from triage.domain.folding import fold
from triage.stages.summarise.candidates import Candidate

MAX_LINES = 10
NEWEST_KEPT = 3
ALIKE = 0.92
SHARED = 0.7
LONG_HISTORY = 24
LONG_SPAN = timedelta(days=2)
_WORD = re.compile(r"\w{3,}")


def is_long(all_candidates: Sequence[Candidate]) -> bool:
    """Whether the history needs a timeline: many messages, or more than two days."""
    if not all_candidates:
        return False
    days = [candidate.on for candidate in all_candidates]
    return all_candidates[-1].position >= LONG_HISTORY or max(days) - min(days) >= LONG_SPAN


def turning_points(
    all_candidates: Sequence[Candidate], taken: Sequence[Candidate], encoder: Encoder | None
) -> tuple[Candidate, ...]:
    """The best sentence of the messages that matter, in order; the newest ones before older ones.

    Args:
        taken: sentences the summary holds already.
        encoder: tells sentences that mean the same; without one, shared words do.
    """
    best: dict[int, Candidate] = {}
    for candidate in all_candidates:
        leader = best.get(candidate.position)
        if candidate not in taken and (leader is None or candidate.score > leader.score):
            best[candidate.position] = candidate
    pool = [candidate for candidate in best.values() if candidate.score > 0]
    newest = sorted(pool, key=lambda candidate: -candidate.position)[:NEWEST_KEPT]
    ranked = newest + sorted(
        (candidate for candidate in pool if candidate not in newest), key=lambda one: (-one.score, one.position)
    )
    alike = _alike([*taken, *ranked[: 4 * MAX_LINES]], encoder)
    kept: list[int] = list(range(len(taken)))
    for index in range(len(taken), len(alike)):
        if len(kept) - len(taken) == MAX_LINES:
            break
        if not any(alike[index][other] for other in kept):
            kept.append(index)
    chosen = [ranked[index - len(taken)] for index in kept if index >= len(taken)]
    return tuple(sorted(chosen, key=lambda candidate: candidate.position))


def _alike(sentences: Sequence[Candidate], encoder: Encoder | None) -> list[list[bool]]:
    words = [frozenset(_WORD.findall(fold(sentence.text))) for sentence in sentences]
    shared = [[_overlap(one, other) >= SHARED for other in words] for one in words]
    if encoder is None or len(sentences) < 2:
        return shared
    vectors = encoder.encode([sentence.text for sentence in sentences])  # (n, dim), unit length
    close = np.asarray(vectors @ vectors.T >= ALIKE)
    return [[bool(close[i][j]) or shared[i][j] for j in range(len(words))] for i in range(len(words))]


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))
