"""Choose the weights of search, ``knowledge_base/fusion.json``, on development sets.

    python -m training.tune_fusion --same poquad galaxy-s10 scifact-train --other procedures-en-pl-quarter

Each set is a folder in BEIR's form. ``--same``: queries in the documents' language; ``--other``: in another one. For
each group, the ranking weights are those with the best nDCG@10 (a set weighs the root of its size, as its noise falls
so). The relevance is fitted by logistic regression on the first passage found, once with the relevant documents and once
without them: the second is what a query without an answer looks like. Two-fold cross-validation over queries is printed
beside the fit.

The weight of a code is set by hand (``CODE_WEIGHT``): no development set has error codes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.build import build_parts, dense_text
from knowledge_base.fuse import EVIDENCE, FusionWeights, LanguageWeights
from knowledge_base.hybrid import KnowledgeIndex, read_query
from knowledge_base.passage import Encoder, SearchFilters
from training.beir_files import read_set
from training.encoders import open_encoder
from training.retrieval_runs import passages_of

OUT = Path(__file__).parent.parent / "knowledge_base" / "fusion.json"
CODE_WEIGHT = 1.0
CODE_ANSWERS = 3.0
CANDIDATES = 80
MAX_QUERIES = 2500
STEPS = (0.5, 0.25, 0.1)
# The best of 150 random starts on the same sets, rounded.
START = np.array([2.0, 1.0, 0.5, 0.5, 1.5, 0.0])
# Smaller gains are noise on sets of this size.
LEAST_GAIN = 2e-4
SEED = 7
CODE = EVIDENCE.index("code")
# Shares of the best score say nothing about whether the best is any good.
ABSOLUTE = [EVIDENCE.index(name) for name in ("words", "grams", "cosine")]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidates of one query.

    Attributes:
        evidence: shape (n, 6).
        gains: shape (n,).
        ideal: DCG@10 of the best order, including relevant documents that are not candidates.
    """

    evidence: Array
    gains: Array
    ideal: float

    def without_answers(self) -> Judged:
        """The same query if the relevant documents did not exist."""
        left = self.evidence[self.gains == 0].copy()
        for share in (EVIDENCE.index("words_share"), EVIDENCE.index("grams_share")):
            left[:, share] /= max(float(left[:, share].max(initial=0.0)), 1e-9)
        return Judged(left, np.zeros(len(left)), 0.0)


def gather(folder: Path, encoder: Encoder) -> list[Judged]:
    """Evidence of every query's candidates in one set."""
    found = read_set(folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv")
    passages = passages_of(found.documents)
    level = LanguageWeights((1.0, 1.0, 0.5, 0.5, 1.0, 0.0), 1.0, 0.0, (1.0,) * len(EVIDENCE), 0.0)
    weights = FusionWeights(level, level, 0.0)
    index = KnowledgeIndex(
        build_parts(passages, encoder.encode([dense_text(p) for p in passages])), encoder, weights=weights
    )
    queries = list(found.queries)
    chosen = np.random.default_rng(SEED).permutation(len(queries))[:MAX_QUERIES]
    judged = []
    for query in (queries[number] for number in chosen):
        ranking = index.rank(read_query(found.queries[query]), SearchFilters(outdated=True), CANDIDATES)
        gains = np.array([found.qrels[query].get(passages[number].id, 0.0) for number in ranking.ids])
        best = np.sort(list(found.qrels[query].values()))[::-1][:10]
        judged.append(
            Judged(ranking.evidence.astype(float), gains, float((best / np.log2(np.arange(len(best)) + 2)).sum()))
        )
    print(f"{folder.name}: {len(passages)} documents, {len(judged)} queries")
    return judged


@dataclass(frozen=True, slots=True)
class Padded:
    """One set as arrays, so that a choice of weights is measured at once.

    Attributes:
        evidence: shape (n_queries, CANDIDATES, 6).
        gains: shape (n_queries, CANDIDATES); -1 where there is no candidate.
        ideal: shape (n_queries,).
    """

    evidence: Array
    gains: Array
    ideal: Array

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> Padded:
        """Stack queries."""
        evidence = np.zeros((len(judged), CANDIDATES, len(EVIDENCE)))
        gains = np.full((len(judged), CANDIDATES), -1.0)
        for row, query in enumerate(judged):
            evidence[row, : len(query.gains)] = query.evidence
            gains[row, : len(query.gains)] = query.gains
        return cls(evidence, gains, np.array([query.ideal for query in judged]))

    def ndcg10(self, ranking: Array) -> float:
        """Mean nDCG@10 of the order by weights of shape (6,)."""
        scores = np.where(self.gains < 0, -np.inf, self.evidence @ ranking)  # (n_queries, CANDIDATES)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :10]
        gained = np.maximum(np.take_along_axis(self.gains, order, axis=1), 0) / np.log2(np.arange(10) + 2)
        return float((gained.sum(axis=1) / self.ideal).mean())


def fit_ranking(sets: Sequence[Padded]) -> Array:
    """Weights ≥ 0 of shape (6,) with the highest nDCG@10 over the sets, each weighing the root of its size.

    Improves one weight at a time from ``START``; only the proportions matter.
    """
    sizes = [len(each.ideal) ** 0.5 for each in sets]

    def quality(choice: Array) -> float:
        return float(np.average([each.ndcg10(choice) for each in sets], weights=sizes))

    weights, best = START, quality(START)
    for step in STEPS:
        improved = True
        while improved:
            improved = False
            for column, sign in product(range(CODE), (1, -1)):
                choice = weights.copy()
                choice[column] = max(0.0, choice[column] + sign * step)
                if (found := quality(choice)) > best + LEAST_GAIN:
                    best, weights, improved = found, choice, True
    return weights.copy()


def fit_logistic(features: Array, labels: Array, steps: int = 3000) -> Array:
    """Weights and, last, offset of a logistic regression; gradient descent on standardised features."""
    centre, scale = features.mean(0), features.std(0) + 1e-9
    rows = np.column_stack([(features - centre) / scale, np.ones(len(features))])
    weights = np.zeros(rows.shape[1])
    for _ in range(steps):
        chances = 1 / (1 + np.exp(-rows @ weights))
        weights -= 0.5 * (rows.T @ (chances - labels) / len(labels) + 1e-4 * weights)
    plain = weights[:-1] / scale
    fitted: Array = np.append(plain, weights[-1] - plain @ centre)
    return fitted


def tops(judged: Sequence[Judged], ranking: Array) -> tuple[Array, Array]:
    """Evidence of each query's first passage with and without its answers, and whether it is relevant."""
    rows, labels = [], []
    for query in [*judged, *(query.without_answers() for query in judged)]:
        if len(query.evidence):
            first = int(np.argmax(query.evidence @ ranking))
            rows.append(query.evidence[first])
            labels.append(float(query.gains[first] > 0))
    return np.array(rows), np.array(labels)


def fit(sets: Sequence[Sequence[Judged]]) -> tuple[LanguageWeights, Array, Array]:
    """Weights of one group, and the relevance of first passages with their labels."""
    ranking = fit_ranking([Padded.of(queries) for queries in sets])
    ranking[CODE] = CODE_WEIGHT * ranking[: CODE - 1].sum()
    evidence, labels = (
        np.concatenate(each) for each in zip(*(tops(queries, ranking) for queries in sets), strict=True)
    )
    slope, offset = fit_logistic((evidence @ ranking)[:, None], labels)
    *answer, answer_offset = fit_logistic(evidence[:, ABSOLUTE], labels)
    answers = np.zeros(len(EVIDENCE))
    answers[ABSOLUTE], answers[CODE] = answer, CODE_ANSWERS
    weights = LanguageWeights(
        _rounded(ranking), round(slope, 3), round(offset, 3), _rounded(answers), round(answer_offset, 3)
    )
    return weights, evidence @ answers + answer_offset, labels


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(round(float(value), 3) for value in values)


def report(names: Sequence[str], sets: Sequence[Sequence[Judged]], weights: LanguageWeights) -> None:
    """Print nDCG@10: the best single evidence, two-fold cross-validated, and fitted."""
    halves = [[Padded.of(queries[start::2]) for queries in sets] for start in (0, 1)]
    folds = [fit_ranking(half) for half in halves]
    for number, (name, queries) in enumerate(zip(names, sets, strict=True)):
        whole = Padded.of(queries)
        single = {kind: whole.ndcg10(np.eye(len(EVIDENCE))[column]) for column, kind in enumerate(EVIDENCE[:CODE])}
        crossed = (halves[1][number].ndcg10(folds[0]) + halves[0][number].ndcg10(folds[1])) / 2
        best, fitted = max(single, key=lambda kind: single[kind]), whole.ndcg10(np.array(weights.ranking))
        print(f"{name}: {best} alone {single[best]:.4f}, crossed {crossed:.4f}, fitted {fitted:.4f}")


def main() -> None:
    """Gather, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--same", type=Path, nargs="+", required=True)
    parser.add_argument("--other", type=Path, nargs="+", required=True)
    parser.add_argument("--encoder", default="shipped")
    parser.add_argument("--floor", type=float, default=0.3)
    arguments = parser.parse_args()
    encoder = open_encoder(arguments.encoder)
    data: dict[str, object] = {"evidence": EVIDENCE, "encoder": encoder.name, "floor": arguments.floor}
    for group in ("same", "other"):
        folders: list[Path] = getattr(arguments, group)
        sets = [gather(folder, encoder) for folder in folders]
        weights, log_odds, labels = fit(sets)
        report([folder.name for folder in folders], sets, weights)
        shown = 1 / (1 + np.exp(-log_odds)) >= arguments.floor
        right, wrong = shown[labels == 1].mean(), shown[labels == 0].mean()
        print(f"{group}: floor {arguments.floor} shows {right:.3f} of right and {wrong:.3f} of wrong firsts")
        data[group] = {
            "ranking": weights.ranking,
            "slope": weights.slope,
            "offset": weights.offset,
            "answer": weights.answer,
            "answer_offset": weights.answer_offset,
        }
    OUT.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
