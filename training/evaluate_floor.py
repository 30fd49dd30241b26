"""Measure whether search tells that there is no answer, on any retrieval set in BEIR's form.

    python -m training.evaluate_floor --corpus C.jsonl --queries Q.jsonl --qrels R.tsv [--json]

Every second document is left out of the index. Queries whose relevant documents are all left out have no answer in what
is left, though it is about the same matter; those that keep one have an answer. Printed: how many of each are
answered, with 95 % intervals, how many have a relevant document first, and the area under the ROC curve of the first
passage's relevance (0.5: it tells nothing). Files may be gzipped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

from scipy.stats import mannwhitneyu

from knowledge_base.answer import SearchFilters
from knowledge_base.build import index_passages
from knowledge_base.hybrid import KnowledgeIndex
from knowledge_base.passage import Encoder
from training.beir_files import RetrievalSet, read_set, set_arguments
from training.encoders import open_service_encoder
from training.intervals import Share, share
from training.retrieval_runs import passages_of

_ALL = SearchFilters(outdated=True)


@dataclass(frozen=True, slots=True)
class FloorFigures:
    """How well a floor holds back.

    Attributes:
        answered: queries with an answer for which something was returned.
        right: those for which what was returned begins with a relevant document.
        wrongly_answered: queries without an answer for which something was returned.
        area: probability that the first passage of a query with an answer is found more relevant than that of a query
            without, in [0, 1].
    """

    answered: Share
    right: Share
    wrongly_answered: Share
    area: float


def measure_floor(found: RetrievalSet, encoder: Encoder) -> FloorFigures:
    """Index every other document and ask all queries.

    Raises:
        ValueError: every query has an answer in what is left, or none has.
    """
    kept = dict(list(found.documents.items())[::2])
    index = KnowledgeIndex(index_passages(passages_of(kept), encoder), encoder)
    relevance: dict[bool, list[float]] = {True: [], False: []}
    answered, right = {True: 0, False: 0}, 0
    for query, text in found.queries.items():
        has_answer = not kept.keys().isdisjoint(found.qrels[query])
        answer = index.answer(text, _ALL)
        relevance[has_answer].append(
            (answer.hits or answer.nearest)[0].relevance if answer.hits or answer.nearest else 0.0
        )
        answered[has_answer] += bool(answer.hits)
        right += bool(answer.hits) and answer.hits[0].passage.id in found.qrels[query]
    with_answer, without = relevance[True], relevance[False]
    if not with_answer or not without:
        raise ValueError("the set must have queries with an answer among every second document, and others")
    area = mannwhitneyu(with_answer, without).statistic / (len(with_answer) * len(without))
    return FloorFigures(
        share(answered[True], len(with_answer)),
        share(right, len(with_answer)),
        share(answered[False], len(without)),
        round(float(area), 4),
    )


def main() -> None:
    """Read, ask, print."""
    parser = set_arguments(__doc__)
    arguments = parser.parse_args()
    found = read_set(arguments.corpus, arguments.queries, arguments.qrels)
    try:
        figures = measure_floor(found, open_service_encoder(arguments.encoder))
    except ValueError as error:
        parser.error(f"{error}; check that the ids of --queries, --qrels and --corpus are the same")
    if arguments.json:
        print(json.dumps({each.name: _plain(getattr(figures, each.name)) for each in fields(figures)}, indent=1))
        return
    for each in fields(figures):
        print(f"{each.name.replace('_', ' '):18} {getattr(figures, each.name)}")


def _plain(figure: Share | float) -> object:
    if isinstance(figure, Share):
        return {"share": round(figure.value, 4), "low": figure.low, "high": figure.high, "n": figure.n}
    return figure


if __name__ == "__main__":
    main()
