"""What is missing in the knowledge base: questions without a helpful answer, near-duplicates counted together.

Two questions are one when their words meet (Jaccard of their search keys) or when their meanings do (cosine); the
thresholds err on the side of two lists, because a merged gap hides what is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from knowledge_base.errors import InvalidSearch
from knowledge_base.hybrid.query import Query, read_query
from knowledge_base.passage import Encoder, FloatArray
from triage.domain.library import KeptSearch, Verdict

#: The newest searches are looked at, at most so many.
MOST_SEARCHES: Final = 20_000
_SAME_WORDS: Final = 0.6
_SAME_MEANING: Final = 0.8


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions of one kind, as they were kept: without personal data.

    Attributes:
        question: the most frequent wording.
        unanswered: times without any result; the other times people judged the answer not helpful.
    """

    question: str
    wordings: tuple[str, ...]
    language: str
    times: int
    unanswered: int
    first_asked: datetime
    last_asked: datetime


@dataclass(slots=True)
class _Group:
    """Searches that ask the same; compared by its first and most frequent wording."""

    query: Query
    vector: FloatArray
    searches: list[KeptSearch] = field(default_factory=list)


def find_gaps(searches: Sequence[KeptSearch], verdicts: Sequence[Verdict], encoder: Encoder) -> tuple[Gap, ...]:
    """Group searches that found nothing, or nothing that helped.

    Args:
        searches: in any order.
        verdicts: on these searches; one "helpful" is enough for an answer.
        encoder: tells which questions mean the same.

    Returns:
        The most wanted first.
    """
    helped = {verdict.search_id for verdict in verdicts if verdict.helpful}
    failed = {verdict.search_id for verdict in verdicts if not verdict.helpful} - helped
    missing = [search for search in searches if not search.answered or search.id in failed]
    gaps = [_gap(group.searches) for group in _groups(missing, encoder)]
    return tuple(sorted(gaps, key=lambda gap: (-gap.times, -gap.last_asked.timestamp(), gap.question)))


def _groups(missing: Sequence[KeptSearch], encoder: Encoder) -> list[_Group]:
    by_wording: dict[str, list[KeptSearch]] = {}
    for search in missing:
        by_wording.setdefault(" ".join(search.query.split()).casefold(), []).append(search)
    groups: list[_Group] = []
    for _, same in sorted(by_wording.items(), key=lambda item: (-len(item[1]), item[0])):
        try:
            query = read_query(same[0].query)
        except InvalidSearch:
            continue
        vector = encoder.encode_queries([query.text])[0]
        group = next((one for one in groups if _alike(one, query, vector)), None)
        if group is None:
            group = _Group(query, vector)
            groups.append(group)
        group.searches += same
    return groups


def _alike(group: _Group, query: Query, vector: FloatArray) -> bool:
    if set(group.query.codes) != set(query.codes):
        return False  # E18 and E10 are two questions, however alike they read
    if query.keys and group.query.keys:
        met = sum(any(not one.isdisjoint(other) for other in group.query.keys) for one in query.keys)
        if met / (len(query.keys) + len(group.query.keys) - met) >= _SAME_WORDS:
            return True
    return float(np.dot(group.vector, vector)) >= _SAME_MEANING


def _gap(searches: Sequence[KeptSearch]) -> Gap:
    wordings = Counter(search.query for search in searches)
    asked = sorted(search.at for search in searches)
    return Gap(
        question=wordings.most_common(1)[0][0],
        wordings=tuple(wording for wording, _ in wordings.most_common(10)),
        language=Counter(search.language for search in searches).most_common(1)[0][0],
        times=len(searches),
        unanswered=sum(not search.answered for search in searches),
        first_asked=asked[0],
        last_asked=asked[-1],
    )
