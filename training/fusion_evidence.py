"""Evidence of judged queries, as arrays on which weights can be tried quickly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from knowledge_base.answer import NO_FILTERS, SearchFilters
from knowledge_base.build import index_passages
from knowledge_base.fuse import ANSWER, EVIDENCE, RELATIONS, AnswerWeights, FusionWeights, LanguageWeights, relations_of
from knowledge_base.hybrid import KnowledgeIndex, read_query
from knowledge_base.passage import Encoder
from training.beir_files import read_set
from training.questions import Question
from training.retrieval_runs import passages_of

CANDIDATES = 100
MAX_QUERIES = 2600
SEED = 7

Array = NDArray[np.float64]
_LEVEL = LanguageWeights((1.0, 1.0, 0.5, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0), 0.0)
#: Before answers are fitted.
ALL_SHOWN = AnswerWeights((0.0,) * len(ANSWER), 0.0, 0.0)
#: For gathering candidates, before anything is tuned.
LEVEL = FusionWeights(_LEVEL, _LEVEL, _LEVEL, ALL_SHOWN, ALL_SHOWN, 0.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidates of one query.

    Attributes:
        evidence: shape (n, 9), columns as in ``EVIDENCE``.
        relations: numbers in ``RELATIONS``, shape (n,).
        gains: shape (n,).
        ideal: DCG@10 of the best order, including relevant documents that are not candidates.
    """

    evidence: Array
    relations: NDArray[np.int64]
    gains: Array
    ideal: float


def gather(folder: Path, encoder: Encoder) -> list[Judged]:
    """Evidence of the candidates of one set's queries, at most ``MAX_QUERIES`` of them."""
    found = read_set(folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv")
    passages = passages_of(found.documents)
    index = KnowledgeIndex(index_passages(passages, encoder), encoder, weights=LEVEL)
    queries = list(found.queries)
    chosen = np.random.default_rng(SEED).permutation(len(queries))[:MAX_QUERIES]
    judged = [
        _judged(index, found.queries[query], SearchFilters(outdated=True), found.qrels[query])
        for query in (queries[number] for number in chosen)
    ]
    print(f"{folder.name}: {len(passages)} documents, {len(judged)} queries")
    return judged


def gather_questions(index: KnowledgeIndex, questions: Sequence[Question]) -> list[Judged]:
    """Evidence of the candidates of answerable questions; the right passages gain 1, one of them is enough."""
    passages = index.parts.passages
    judged = []
    for question in questions:
        right = {passage.id: 1.0 for passage in passages if any(gold.holds(passage) for gold in question.gold)}
        judged.append(_judged(index, question.text, NO_FILTERS, right))
    return judged


def _judged(index: KnowledgeIndex, text: str, filters: SearchFilters, relevant: dict[str, float]) -> Judged:
    query = read_query(text)
    ranking = index.order(query, filters, CANDIDATES)
    gains = np.array([relevant.get(index.parts.passages[int(number)].id, 0.0) for number in ranking.ids])
    best = np.sort(list(relevant.values()))[::-1][:10]
    relations = relations_of(index.parts.facets.polish[ranking.ids], query.language).astype(np.int64)
    ideal = float((best / np.log2(np.arange(len(best)) + 2)).sum())
    return Judged(ranking.evidence.astype(float), relations, gains, ideal)


#: Ranking weights while they are fitted: shape (3, 10), a row for each of ``RELATIONS``, the offset last.
Weights = Array


@dataclass(frozen=True, slots=True)
class Padded:
    """One set as arrays, so that a choice of weights is measured at once.

    Attributes:
        evidence: shape (n_queries, CANDIDATES, 10); the last column is 1.
        relations: shape (n_queries, CANDIDATES).
        gains: shape (n_queries, CANDIDATES); -1 where there is no candidate.
        ideal: shape (n_queries,).
    """

    evidence: NDArray[np.float32]
    relations: NDArray[np.int64]
    gains: Array
    ideal: Array

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> Padded:
        """Stack queries."""
        evidence = np.zeros((len(judged), CANDIDATES, len(EVIDENCE) + 1), np.float32)
        relations = np.zeros((len(judged), CANDIDATES), np.int64)
        gains = np.full((len(judged), CANDIDATES), -1.0)
        for row, query in enumerate(judged):
            n = len(query.gains)
            evidence[row, :n, :-1], evidence[row, :n, -1] = query.evidence, 1.0
            relations[row, :n], gains[row, :n] = query.relations, query.gains
        return cls(evidence, relations, gains, np.array([query.ideal for query in judged]))

    @property
    def share(self) -> float:
        """What the set weighs: the root of its size, as its noise falls so."""
        return float(len(self.ideal) ** 0.5)

    def listwise_loss(self, weights: Weights) -> tuple[float, Weights]:
        """Mean cross-entropy of the gains with the softmax of the scores over a query's candidates, and its gradient.

        Queries none of whose candidates is right are left out of the sum.
        """
        gains = np.maximum(self.gains, 0)
        wanted = gains / np.maximum(gains.sum(axis=1, keepdims=True), 1e-9)  # (n_queries, CANDIDATES)
        judged = wanted.sum(axis=1, keepdims=True)  # 1, or 0 without a right candidate
        scores = self.scores(weights)
        logs = scores - logsumexp(scores, axis=1, keepdims=True)
        slopes = (np.exp(logs) * judged - wanted) / len(wanted)
        gradient = np.zeros_like(weights)
        for relation in range(len(RELATIONS)):
            own = np.where(self.relations == relation, slopes, 0).astype(np.float32)
            gradient[relation] = np.einsum("qc,qcf->f", own, self.evidence)
        return -float((wanted * np.where(wanted > 0, logs, 0)).sum()) / len(wanted), gradient

    def scores(self, weights: Weights) -> Array:
        """Ranking scores, shape (n_queries, CANDIDATES); -inf where there is no candidate."""
        by_relation = self.evidence @ weights.astype(np.float32).T  # (n_queries, CANDIDATES, 3)
        scores = np.take_along_axis(by_relation, self.relations[:, :, None], axis=2)[:, :, 0]
        return np.where(self.gains < 0, -np.inf, scores)

    def ndcg10(self, weights: Weights) -> float:
        """Mean nDCG@10 of the order."""
        order = np.argsort(-self.scores(weights), axis=1, kind="stable")[:, :10]
        gained = np.maximum(np.take_along_axis(self.gains, order, axis=1), 0) / np.log2(np.arange(10) + 2)
        return float((gained.sum(axis=1) / self.ideal).mean())

    def first_right(self, weights: Weights) -> NDArray[np.int64]:
        """Rank, from 1, of the first right candidate; CANDIDATES + 1 where there is none."""
        scores = self.scores(weights)
        best = np.where(self.gains > 0, scores, -np.inf).max(axis=1, keepdims=True)
        ranks: NDArray[np.int64] = 1 + (scores > best).sum(axis=1)
        return np.where(np.isfinite(best[:, 0]), ranks, CANDIDATES + 1)

    def reciprocal_rank(self, weights: Weights) -> float:
        """Mean reciprocal rank of the first right candidate."""
        return float((1 / self.first_right(weights)).mean())
