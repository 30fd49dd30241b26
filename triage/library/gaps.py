"""What is missing in the knowledge base: questions without a helpful answer, near-duplicates counted together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from knowledge_base.passage import Encoder
from triage.domain.library import KeptSearch, Verdict
from triage.library.alike import Asked

#: The newest searches are looked at, at most so many.
MOST_SEARCHES: Final = 20_000


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

    asked: Asked
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
        asked = Asked.of(same[0].query, encoder)
        if asked is None:
            continue
        group = next((one for one in groups if one.asked.alike(asked)), None)
        if group is None:
            group = _Group(asked)
            groups.append(group)
        group.searches += same
    return groups


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
