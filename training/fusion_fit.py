"""Weights that rank judged queries best, under the condition that no set ranks worse than by one member alone.

First the weights ≥ 0 with the least listwise loss (softmax over a query's candidates), which is convex and has one
optimum; a set that ranks worse than by its better member weighs more in the next round. From there one weight at a time
towards the quality that is reported: nDCG@10 of the sets, reciprocal rank of the questions.

Source: Cao et al. 2007, "Learning to rank: from pairwise approach to listwise approach".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from knowledge_base.fuse import EVIDENCE, RELATIONS
from training.fusion_evidence import Array, Judged, Padded, Weights

# The sets' codes are gene names and models; an error code is worth at least this much.
LEAST_CODE_WEIGHT = 0.5
# Rounds in which sets below their better member gain weight, and the factor.
ROUNDS = 6
FACTOR = 1.6
# Words that both languages share, as names and other words for a section do, count across languages too; the set of
# headings has none.
LEAST_ACROSS = {"words": 0.5, "grams": 0.5, "related": 0.5}
# Nearly all pairs of this set are in the encoder's training data: it says less about other people's documents.
KNOWN_TO_THE_ENCODER = {"procedures-en-pl-quarter": 0.4, "procedures-en-pl": 0.4}
STEPS = (2.0, 1.0, 0.4, 0.2)
# Smaller gains are noise on sets of this size.
LEAST_GAIN = 2e-4
# Cost of ranking a set worse than its better member, per point of nDCG@10.
WORSE_THAN_A_MEMBER = 10.0
MARGIN = 0.001
# Strength of the penalty on the squares of the weights.
RIDGE = 1e-4
WORDS_ALONE = np.array([1.0, 1.0, *[0.0] * (len(EVIDENCE) - 1)])
VECTORS_ALONE = np.eye(len(EVIDENCE) + 1)[EVIDENCE.index("cosine")]
_SHAPE = (len(RELATIONS), len(EVIDENCE) + 1)


def free_weights() -> NDArray[np.bool_]:
    """Which weights are fitted: all, but of the offsets only that of passages in another language than the query's."""
    free = np.ones(_SHAPE, bool)
    free[:-1, -1] = False
    return free


@dataclass(frozen=True, slots=True)
class DevSets:
    """What weights are tried on.

    Attributes:
        sets: by name, with the quality of the better member of each.
        questions: about the sample documents, by how these were indexed.
    """

    sets: dict[str, tuple[Padded, float]]
    questions: tuple[Padded, ...]

    @classmethod
    def of(cls, sets: dict[str, Sequence[Judged]], questions: Sequence[Sequence[Judged]]) -> DevSets:
        """Stack the queries."""
        padded = {name: Padded.of(queries) for name, queries in sets.items()}
        alone = [np.tile(each, (len(RELATIONS), 1)) for each in (WORDS_ALONE, VECTORS_ALONE)]
        return cls(
            {name: (each, max(each.ndcg10(member) for member in alone)) for name, each in padded.items()},
            tuple(Padded.of(each) for each in questions),
        )

    def shares(self) -> dict[str, float]:
        """What each set weighs: the root of its size, less where the encoder knows it; all the questions twice that."""
        shares = {name: each.share * KNOWN_TO_THE_ENCODER.get(name, 1) for name, (each, _) in self.sets.items()}
        asked = {str(form): 2 * each.share / len(self.questions) for form, each in enumerate(self.questions)}
        return shares | asked

    def below(self, weights: Weights) -> list[str]:
        """Sets that rank worse than by their better member."""
        return [name for name, (each, member) in self.sets.items() if each.ndcg10(weights) < member + MARGIN]

    def quality(self, weights: Weights) -> float:
        """What is to be as high as possible."""
        shares = self.shares()
        total = 0.0
        for name, (each, member) in self.sets.items():
            found = each.ndcg10(weights)
            total += shares[name] * (found - WORSE_THAN_A_MEMBER * max(0.0, member + MARGIN - found))
        for form, each in enumerate(self.questions):
            total += shares[str(form)] * each.reciprocal_rank(weights)
        return total / sum(shares.values())

    def all(self) -> dict[str, Padded]:
        """Sets and questions by the names that ``shares`` has."""
        sets = {name: each for name, (each, _) in self.sets.items()}
        return sets | {str(form): each for form, each in enumerate(self.questions)}


def fit_ranking(dev: DevSets) -> Weights:
    """Weights that rank best."""
    shares = dev.shares()
    for _ in range(ROUNDS):
        fitted = least_loss(dev, shares)
        if not (low := dev.below(fitted)):
            break
        shares |= {name: shares[name] * FACTOR for name in low}
    return refined(dev, fitted)


def refined(dev: DevSets, values: Weights) -> Weights:
    """Weights changed one at a time as long as that helps; every step is tried once for each."""
    best = dev.quality(values)
    for step in STEPS:
        for place in _places():
            for sign in (1, -1):
                choice = values.copy()
                choice[place] = max(_least(place), choice[place] + sign * step)
                if (found := dev.quality(choice)) > best + LEAST_GAIN:
                    best, values = found, choice
    return values


def least_loss(dev: DevSets, shares: dict[str, float]) -> Weights:
    """Weights of least listwise loss when the sets weigh so much."""
    free = free_weights()
    total = sum(shares.values())

    def loss(flat: Array) -> tuple[float, Array]:
        weights = np.zeros(_SHAPE)
        weights[free] = flat
        value, gradient = RIDGE * float(flat @ flat), 2 * RIDGE * weights
        for name, each in dev.all().items():
            own, slope = each.listwise_loss(weights)
            value += shares[name] / total * own
            gradient += shares[name] / total * slope
        return value, gradient[free]

    bounds = [(_least(place), None) for place in _places()]
    found = minimize(loss, np.ones(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds)
    weights = np.zeros(_SHAPE)
    weights[free] = found.x
    return weights


def _least(place: tuple[int, int]) -> float:
    """The lowest a weight may be."""
    relation, column = place
    if column == len(EVIDENCE):
        return -np.inf
    if EVIDENCE[column] == "code":
        return LEAST_CODE_WEIGHT
    return LEAST_ACROSS.get(EVIDENCE[column], 0.0) if RELATIONS[relation] == "other" else 0.0


def _places() -> list[tuple[int, int]]:
    """Relation and column of each fitted weight."""
    relations, columns = np.nonzero(free_weights())
    return list(zip(relations.tolist(), columns.tolist(), strict=True))
