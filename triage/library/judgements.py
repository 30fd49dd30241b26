"""What people said of answers, as a retrieval test set in BEIR's form: corpus, queries, qrels.

Source of the form: Thakur et al. 2021, "BEIR: A Heterogenous Benchmark for Zero-shot Evaluation of Information
Retrieval Models"; a row of gain 0 says that a person saw the passage and it did not help.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge_base.passage import Passage
from triage.domain.library import KeptSearch, Verdict


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A question and what people said of its answers.

    Attributes:
        text: as it was kept: without personal data.
        gains: passage id to 1 (more said it helped) or 0.
    """

    id: str
    text: str
    gains: Mapping[str, int]


def judged_queries(searches: Iterable[KeptSearch], verdicts: Sequence[Verdict]) -> tuple[JudgedQuery, ...]:
    """Verdicts on passages by question; the same question asked twice is one, and a draw is no judgement.

    Verdicts on whole answers name no passage and are left out.
    """
    asked = {search.id: " ".join(search.query.split()) for search in searches}
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    wordings: dict[str, str] = {}
    for verdict in verdicts:
        if verdict.passage_id is not None and verdict.search_id in asked:
            text = asked[verdict.search_id]
            wordings.setdefault(text.casefold(), text)
            votes[text.casefold()][verdict.passage_id] += 1 if verdict.helpful else -1
    judged = (
        JudgedQuery(_id(folded), wordings[folded], {p: int(vote > 0) for p, vote in sorted(counts.items()) if vote})
        for folded, counts in sorted(votes.items())
    )
    return tuple(query for query in judged if query.gains)


def corpus_lines(passages: Iterable[Passage]) -> Iterator[str]:
    """JSON lines of a corpus."""
    for passage in passages:
        yield _line({"_id": passage.id, "title": passage.heading, "text": passage.text})


def query_lines(queries: Iterable[JudgedQuery]) -> Iterator[str]:
    """JSON lines of the questions."""
    for query in queries:
        yield _line({"_id": query.id, "text": query.text})


def qrels_lines(queries: Iterable[JudgedQuery]) -> Iterator[str]:
    """Tab-separated judgements, with BEIR's header."""
    yield "query-id\tcorpus-id\tscore\n"
    for query in queries:
        for passage_id, gain in query.gains.items():
            yield f"{query.id}\t{passage_id}\t{gain}\n"


def _line(row: Mapping[str, str]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _id(text: str) -> str:
    return f"q{hashlib.sha256(text.encode('utf-8')).hexdigest()[:12]}"
