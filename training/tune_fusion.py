"""Choose the weights of search, ``knowledge_base/fusion.json``, on development sets.

    python -m training.tune_fusion --sets poquad galaxy-s10 scifact-train procedures-en-pl-quarter

Each set is a folder in BEIR's form; the questions about the sample documents are always among them. The weights
are those with the best mean quality (nDCG@10 of the sets, reciprocal rank of the questions; a set weighs the root of
its size, as its noise falls so, and the questions twice that), under the condition that no set ranks worse than by
words alone or by vectors alone. Printed beside the fit: what weights fitted on one half of the queries reach on the
other.

Whether there is an answer at all is a logistic regression over the questions with and without one; the floor is set on
chances that models fitted without the question give it, so that one in ten without an answer gets one.

The weight of a code has a lower bound set by hand (``LEAST_CODE_WEIGHT``): no set has error codes. Questions of the
split "fresh" are never seen here.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np

from knowledge_base.fuse import ANSWER, EVIDENCE, RELATIONS, FusionWeights, LanguageWeights
from knowledge_base.hybrid import KnowledgeIndex, read_query
from knowledge_base.passage import NO_FILTERS
from training.encoders import open_encoder
from training.evaluate_questions import TODAY, opened
from training.fusion_evidence import LEVEL, Array, Judged, Padded, Weights, gather, gather_questions
from training.questions import QUESTIONS, Question, read_questions

OUT = Path(__file__).parent.parent / "knowledge_base" / "fusion.json"
# The sets' codes are gene names and models; an error code is worth at least this much.
LEAST_CODE_WEIGHT = 0.5
# Share of the questions without an answer that may be answered all the same.
WRONGLY_ANSWERED = 0.1
# Results far below the floor are not shown even beside a good one.
REST = 0.25
STEPS = (0.5, 0.25, 0.1)
# The best of some random starts on the same sets, rounded.
START: Weights = np.array(
    [
        [2.75, 2.75, 0.75, 0.75, 0.75, 1.25, 0.5, 1.25, 0.0],
        [1.75, 1.0, 0.5, 0.5, 0.5, 0.75, 0.5, 0.5, 0.0],
        [0.5, 0.5, 0.0, 0.0, 0.0, 0.75, 2.75, 0.0, -0.2],
    ]
)
# Smaller gains are noise on sets of this size.
LEAST_GAIN = 2e-4
# Cost of ranking a set worse than its better member, per point of nDCG@10.
WORSE_THAN_A_MEMBER = 10.0
MARGIN = 0.001
FOLDS = 8
SEED = 7
# Strength of the penalty on the logistic regression's standardised weights.
RIDGE = 0.01
CODE = EVIDENCE.index("code")
WORDS_ALONE = np.array([1.0, 1.0, *[0.0] * 7])
VECTORS_ALONE = np.eye(len(EVIDENCE) + 1)[EVIDENCE.index("cosine")]


@dataclass(frozen=True, slots=True)
class DevSets:
    """What weights are tried on.

    Attributes:
        sets: by name, with the quality of the better member of each.
        questions: about the sample documents.
    """

    sets: dict[str, tuple[Padded, float]]
    questions: Padded

    @classmethod
    def of(cls, sets: dict[str, Sequence[Judged]], questions: Sequence[Judged]) -> DevSets:
        """Stack the queries."""
        padded = {name: Padded.of(queries) for name, queries in sets.items()}
        alone = [np.tile(each, (len(RELATIONS), 1)) for each in (WORDS_ALONE, VECTORS_ALONE)]
        return cls(
            {name: (each, max(each.ndcg10(member) for member in alone)) for name, each in padded.items()},
            Padded.of(questions),
        )

    def quality(self, weights: Weights) -> float:
        """What is to be as high as possible."""
        values = [2 * len(self.questions.ideal) ** 0.5 * self.questions.reciprocal_rank(weights)]
        total = 2 * len(self.questions.ideal) ** 0.5
        for each, member in self.sets.values():
            found = each.ndcg10(weights)
            share = len(each.ideal) ** 0.5
            values.append(share * (found - WORSE_THAN_A_MEMBER * max(0.0, member + MARGIN - found)))
            total += share
        return float(sum(values) / total)


def fit_ranking(dev: DevSets) -> Weights:
    """Weights ≥ 0 that rank best, improved one at a time from ``START``."""
    values = START
    best = dev.quality(START)
    # Only one offset matters: that of passages in another language than the query's.
    last = len(RELATIONS) - 1
    places = [(part, column) for part in range(last + 1) for column in range(len(EVIDENCE) + (part == last))]
    for step in STEPS:
        improved = True
        while improved:
            improved = False
            for (part, column), sign in product(places, (1, -1)):
                choice = values.copy()
                least = -np.inf if column == len(EVIDENCE) else LEAST_CODE_WEIGHT if column == CODE else 0.0
                choice[part, column] = max(least, choice[part, column] + sign * step)
                if (found := dev.quality(choice)) > best + LEAST_GAIN:
                    best, values, improved = found, choice, True
    return values


def report(sets: dict[str, Sequence[Judged]], asked: Sequence[Judged], fitted: Weights) -> None:
    """Print, for each set: its better member, the other half's weights, the fitted ones."""
    halves = [DevSets.of({n: q[start::2] for n, q in sets.items()}, asked[start::2]) for start in (0, 1)]
    folds = [fit_ranking(half) for half in halves]
    whole = DevSets.of(sets, asked)
    for name, (each, member) in whole.sets.items():
        crossed = np.mean([half.sets[name][0].ndcg10(folds[1 - n]) for n, half in enumerate(halves)])
        print(f"{name}: nDCG@10 better member {member:.4f}, crossed {crossed:.4f}, fitted {each.ndcg10(fitted):.4f}")
    ranks = np.concatenate([half.questions.first_right(folds[1 - n]) for n, half in enumerate(halves)])
    inside = whole.questions.first_right(fitted)
    print(f"questions, right among the first 3: crossed {np.mean(ranks <= 3):.4f}, fitted {np.mean(inside <= 3):.4f}")


def fit_logistic(features: Array, labels: Array, steps: int = 3000) -> Array:
    """Weights and, last, offset of a logistic regression on standardised features; both classes weigh the same."""
    centre, scale = features.mean(0), features.std(0) + 1e-9
    rows = np.column_stack([(features - centre) / scale, np.ones(len(features))])
    balance = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    penalty = np.append(np.full(features.shape[1], RIDGE), 0.0)
    weights = np.zeros(rows.shape[1])
    for _ in range(steps):
        chances = 1 / (1 + np.exp(-rows @ weights))
        weights -= 0.5 * (rows.T @ (balance * (chances - labels)) / len(labels) + penalty * weights)
    plain = weights[:-1] / scale
    fitted: Array = np.append(plain, weights[-1] - plain @ centre)
    return fitted


def chances_of(features: Array, weights: Array) -> Array:
    """Probabilities by weights with the offset last."""
    chances: Array = 1 / (1 + np.exp(-(features @ weights[:-1] + weights[-1])))
    return chances


def fit_answers(index: KnowledgeIndex, questions: Sequence[Question]) -> tuple[Array, float]:
    """Weights of shape (9,), offset last, that tell questions with an answer by the first passage; and the floor."""
    rows = [index.rank(read_query(question.text), NO_FILTERS, 1).answers[0] for question in questions]
    features, labels = np.array(rows, dtype=float), np.array([float(question.answerable) for question in questions])
    folds = np.random.default_rng(SEED).permutation(len(labels)) % FOLDS
    unseen = np.zeros(len(labels))
    for fold in range(FOLDS):
        unseen[folds == fold] = chances_of(
            features[folds == fold], fit_logistic(features[folds != fold], labels[folds != fold])
        )
    floor = float(np.quantile(unseen[labels == 0], 1 - WRONGLY_ANSWERED))
    kept = (unseen[labels == 1] >= floor).mean()
    print(f"floor {floor:.3f}: of questions the model has not seen, {kept:.3f} with an answer get one")
    return fit_logistic(features, labels), floor


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(round(float(value), 3) for value in values)


def ranking_weights(fitted: Weights) -> tuple[LanguageWeights, LanguageWeights, LanguageWeights]:
    """In the form the index takes."""
    polish, english, other = (LanguageWeights(_rounded(row[:-1]), round(float(row[-1]), 3)) for row in fitted)
    return polish, english, other


def main() -> None:
    """Gather, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    parser.add_argument("--encoder", default="shipped")
    arguments = parser.parse_args()
    encoder = open_encoder(arguments.encoder)
    sets: dict[str, Sequence[Judged]] = {folder.name: gather(folder, encoder) for folder in arguments.sets}
    questions = read_questions(QUESTIONS)
    with opened(encoder, None) as index:
        level = KnowledgeIndex(index.parts, encoder, weights=LEVEL, today=lambda: TODAY)
        asked = gather_questions(level, [question for question in questions if question.answerable])
        fitted = fit_ranking(DevSets.of(sets, asked))
        report(sets, asked, fitted)
        by_relation = ranking_weights(fitted)
        draft = FusionWeights(*by_relation, LEVEL.answer, 0.0, 0.0, 0.0)
        answers, floor = fit_answers(
            KnowledgeIndex(index.parts, encoder, weights=draft, today=lambda: TODAY), questions
        )
    data = {
        "evidence": EVIDENCE,
        "answer_evidence": ANSWER,
        "encoder": encoder.name,
        **{name: asdict(weights) for name, weights in zip(RELATIONS, by_relation, strict=True)},
        "answer": _rounded(answers[:-1]),
        "answer_offset": round(float(answers[-1]), 3),
        "floor": round(floor, 3),
        "rest": round(REST * floor, 3),
    }
    OUT.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
