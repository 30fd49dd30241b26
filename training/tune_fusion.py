"""Choose the weights of search, ``knowledge_base/fusion.json``, on development sets.

    python -m training.tune_fusion --same poquad galaxy-s10 scifact-train --other procedures-en-pl-quarter

Each set is a folder in BEIR's form. ``--same``: queries in the documents' language; ``--other``: in another one. For
each group, the ranking weights are those with the best nDCG@10 (a set weighs the root of its size, as its noise falls
so); two-fold cross-validation over queries is printed beside the fit.

How passages of both groups compare, and whether a passage answers at all, is fitted on the questions about the sample
documents (split "tune", with and without an answer); the floor is set so that one in ten without an answer gets one.

The weight of a code has a lower bound set by hand (``LEAST_CODE_WEIGHT``): no development set has error codes.
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
from training.evaluate_questions import TODAY, opened
from training.questions import QUESTIONS, Question, read_questions
from training.retrieval_runs import passages_of

OUT = Path(__file__).parent.parent / "knowledge_base" / "fusion.json"
# The sets' codes are gene names and models; an error code is worth at least this much.
LEAST_CODE_WEIGHT = 0.5
# Share of the tuning questions without an answer that may be answered all the same.
WRONGLY_ANSWERED = 0.1
DEEP = 300
NOTHING = (0.0,) * len(EVIDENCE)
CANDIDATES = 80
MAX_QUERIES = 2500
STEPS = (0.5, 0.25, 0.1)
# The best of 150 random starts on the same sets, rounded.
START = np.array([2.0, 1.0, 0.5, 0.5, 1.5, 0.5])
# Smaller gains are noise on sets of this size.
LEAST_GAIN = 2e-4
SEED = 7
CODE = EVIDENCE.index("code")
# Shares of the best score say nothing about whether the best is any good.
ABSOLUTE = [EVIDENCE.index(name) for name in ("words", "grams", "cosine", "code")]

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
            for column, sign in product(range(len(EVIDENCE)), (1, -1)):
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


@dataclass(frozen=True, slots=True)
class Asked:
    """Candidates of one question about the sample documents.

    Attributes:
        evidence: shape (n, 6).
        same_language: shape (n,).
        right: whether each passage answers, shape (n,).
    """

    evidence: Array
    same_language: NDArray[np.bool_]
    right: NDArray[np.bool_]


def ask(index: KnowledgeIndex, question: Question) -> Asked:
    """Candidates of a question, in any order."""
    query = read_query(question.text)
    ranking = index.rank(query, limit=DEEP)
    right = [question.rank_of([index.parts.passages[int(number)]]) == 1 for number in ranking.ids]
    same = index.parts.facets.polish[ranking.ids] == (query.language == "pl")
    return Asked(ranking.evidence.astype(float), same, np.array(right, dtype=bool))


def fit_scale(asked: Sequence[Asked], same: Array, other: Array) -> tuple[float, float]:
    """Slope and offset that set passages in another language beside those in the query's; by mean reciprocal rank."""

    def quality(slope: float, offset: float) -> float:
        ranks = []
        for each in asked:
            scores = np.where(each.same_language, each.evidence @ same, slope * (each.evidence @ other) + offset)
            ranks.append(1 + int((scores > scores[each.right].max()).sum()) if each.right.any() else len(scores))
        return float(np.mean(1 / np.array(ranks)))

    grid = [
        (float(slope), float(offset)) for slope in np.arange(0.25, 2.6, 0.25) for offset in np.arange(-3, 3.1, 0.25)
    ]
    return max(grid, key=lambda pair: quality(*pair))


def fit_answers(index: KnowledgeIndex, questions: Sequence[Question]) -> tuple[Array, Array, Array]:
    """Weights of shape (7,), offset last, that tell questions with an answer from those without, by the first passage.

    Returns:
        The weights, the probabilities they give the questions, and which questions have an answer.
    """
    firsts = np.array(
        [index.rank(read_query(question.text), limit=1).evidence[0] for question in questions], dtype=float
    )
    labels = np.array([float(question.answerable) for question in questions])
    weights = np.zeros(len(EVIDENCE) + 1)
    weights[[*ABSOLUTE, len(EVIDENCE)]] = fit_logistic(firsts[:, ABSOLUTE], labels)
    return weights, 1 / (1 + np.exp(-(firsts @ weights[:-1] + weights[-1]))), labels


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(round(float(value), 3) for value in values)


def report(names: Sequence[str], sets: Sequence[Sequence[Judged]], ranking: Array) -> None:
    """Print nDCG@10: the best single evidence, two-fold cross-validated, and fitted."""
    halves = [[Padded.of(queries[start::2]) for queries in sets] for start in (0, 1)]
    folds = [fit_ranking(half) for half in halves]
    for number, (name, queries) in enumerate(zip(names, sets, strict=True)):
        whole = Padded.of(queries)
        single = {kind: whole.ndcg10(np.eye(len(EVIDENCE))[column]) for column, kind in enumerate(EVIDENCE[:CODE])}
        crossed = (halves[1][number].ndcg10(folds[0]) + halves[0][number].ndcg10(folds[1])) / 2
        best = max(single, key=lambda kind: single[kind])
        print(f"{name}: {best} alone {single[best]:.4f}, crossed {crossed:.4f}, fitted {whole.ndcg10(ranking):.4f}")


def main() -> None:
    """Gather, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--same", type=Path, nargs="+", required=True)
    parser.add_argument("--other", type=Path, nargs="+", required=True)
    parser.add_argument("--encoder", default="shipped")
    arguments = parser.parse_args()
    encoder = open_encoder(arguments.encoder)
    rankings = []
    for folders in (arguments.same, arguments.other):
        sets = [gather(folder, encoder) for folder in folders]
        rankings.append(fit_ranking([Padded.of(queries) for queries in sets]))
        report([folder.name for folder in folders], sets, rankings[-1])
    same, other = rankings
    # A code counts the same in either language; across languages there is no set with codes to fit it on.
    other[CODE] = same[CODE] = max(float(same[CODE]), LEAST_CODE_WEIGHT)
    questions = [question for question in read_questions(QUESTIONS) if question.split == "tune"]
    with opened(encoder, None) as index:
        asked = [ask(index, question) for question in questions if question.answerable]
        slope, offset = fit_scale(asked, same, other)
        other[CODE] /= slope
        groups = [
            LanguageWeights(_rounded(w), *line, NOTHING, 0.0)
            for w, line in ((same, (1.0, 0.0)), (other, (slope, offset)))
        ]
        draft = KnowledgeIndex(
            index.parts, encoder, weights=FusionWeights(groups[0], groups[1], 0.0), today=lambda: TODAY
        )
        answers, chances, labels = fit_answers(draft, questions)
    floor = float(np.quantile(chances[labels == 0], 1 - WRONGLY_ANSWERED))
    kept = (chances[labels == 1] >= floor).mean()
    print(f"floor {floor:.3f} shows {kept:.3f} of {int(labels.sum())} answerable questions")
    shared = {"answer": _rounded(answers[:-1]), "answer_offset": round(float(answers[-1]), 3)}
    written = [{"ranking": each.ranking, "slope": each.slope, "offset": each.offset, **shared} for each in groups]
    data = {
        "evidence": EVIDENCE,
        "encoder": encoder.name,
        "floor": round(floor, 3),
        "same": written[0],
        "other": written[1],
    }
    OUT.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
