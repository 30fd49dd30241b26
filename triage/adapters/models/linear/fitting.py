"""Which head is fitted, by how many examples there are, and what it says about each while that is held out.

* fewer than twenty of each category: multinomial logistic regression; the names of the categories are examples too;
* up to ``MOST_EXAMPLES``: kernel ridge regression, which also reads how close a text is to each example;
* more: one-vs-rest machines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from knowledge_base.passage import FloatArray
from triage.adapters.models.linear.calibration import MarginArray
from triage.adapters.models.linear.features import FeatureExtractor, Features
from triage.adapters.models.linear.head import Fitting, fit_weights, held_out_margins
from triage.adapters.models.linear.parameters import Head
from triage.adapters.models.linear.ridge import MOST_EXAMPLES, fit_ridge

Kind = Literal["logistic", "ridge", "machines"]
FEW_PER_CATEGORY = 20
WORD_WEIGHT = 0.7  # length of the word block beside the character block, which has length one
DENSE_WEIGHTS = (0.7, 1.4, 2.8)
#: With so many examples whole words say most; chosen on tickets held out of the training part of the IT tickets.
MACHINES_WORD_WEIGHT = 2.0
COST = 0.1  # of machines
TUNED_ON = 2_500  # texts; more do not change the choice
FOLDS = {"logistic": 10, "machines": 5}
_SAYS_SOMETHING = re.compile(r"[^\W\d_]{3}")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A head and its margins on held-out examples, float32, shape (n, n_classes)."""

    head: Head
    held_out: MarginArray
    settings: dict[str, float | int | str]


def kind_for(n: int, n_classes: int) -> Kind:
    """The kind of head for so many examples of so many categories."""
    if n < FEW_PER_CATEGORY * n_classes:
        return "logistic"
    return "ridge" if n <= MOST_EXAMPLES else "machines"


def spoken_names(labels: list[str]) -> list[str]:
    """Names of categories as a person would say them; empty for a mere code.

    >>> spoken_names(["card_arrival", "C01"])
    ['card arrival', '']
    """
    spoken = [" ".join(re.split(r"[\W_]+", label)).strip() for label in labels]
    return [name if _SAYS_SOMETHING.search(name) else "" for name in spoken]


def fit_closeness(
    extractor: FeatureExtractor, features: Features, truth: NDArray[np.intp], groups: NDArray[np.intp]
) -> Fitted:
    """A head that reads n-grams and the closeness to every example."""
    n_ngrams = features.ngrams.shape[1]
    scale = extractor.column_scale(WORD_WEIGHT, 0.0)[:n_ngrams]
    ngrams = features.ngrams.copy()
    ngrams.data *= scale[ngrams.indices]
    fit = fit_ridge(ngrams, features.embedding, truth, groups)
    n_classes = fit.closeness_weights.shape[1]
    head = Head(
        ngram_weights=half_precision(fit.ngram_weights * scale[:, None]),
        dense_weights=np.zeros((extractor.encoder.dim, n_classes), dtype=np.float32),
        closeness_weights=half_precision(fit.closeness_weights),
        intercept=np.zeros(n_classes, dtype=np.float32),
    )
    return Fitted(head, fit.held_out, {"head": "ridge", "word_weight": WORD_WEIGHT})


def fit_flat(
    extractor: FeatureExtractor,
    features: Features,
    truth: NDArray[np.intp],
    groups: NDArray[np.intp],
    judged: NDArray[np.intp],
    kind: Literal["logistic", "machines"],
    seed: int,
) -> Fitted:
    """A head that reads n-grams and the embedding itself, the weight of which is chosen by cross-validation.

    Args:
        features: of the tickets, and after them of the names of the categories.
        truth: class number of each of them.
        groups: group number of each ticket.
        judged: rows of the tickets that may say how well a weight does.
    """
    fitting = Fitting("logistic" if kind == "logistic" else "hinge", COST, seed)
    word_weight = WORD_WEIGHT if kind == "logistic" else MACHINES_WORD_WEIGHT
    dense_weight = _best_dense_weight(extractor, features, truth, groups, judged, fitting, word_weight)
    scale = extractor.column_scale(word_weight, dense_weight)
    rows = features.stacked(scale)
    n_classes = int(truth.max()) + 1
    weights = fit_weights(rows, truth, n_classes, fitting)
    n_ngrams = features.ngrams.shape[1]
    unscaled = weights.features * scale[:, None]
    head = Head(
        ngram_weights=half_precision(unscaled[:n_ngrams]),
        dense_weights=unscaled[n_ngrams:],
        closeness_weights=np.zeros((0, n_classes), dtype=np.float32),
        intercept=weights.intercept,
    )
    held_out = held_out_margins(rows, truth, groups, fitting, folds=FOLDS[kind])
    settings: dict[str, float | int | str] = {"head": kind, "word_weight": word_weight, "dense_weight": dense_weight}
    return Fitted(head, held_out, settings)


def _best_dense_weight(
    extractor: FeatureExtractor,
    features: Features,
    truth: NDArray[np.intp],
    groups: NDArray[np.intp],
    judged: NDArray[np.intp],
    fitting: Fitting,
    word_weight: float,
) -> float:
    """The weight of the embedding that is right most often on held-out texts; the smallest of equals."""
    n = len(groups)
    sample = np.sort(np.random.default_rng(fitting.seed).permutation(n)[:TUNED_ON])
    _, known = np.unique(truth[sample], return_inverse=True)
    part = features[sample]
    counts = np.isin(sample, judged)

    def right(dense_weight: float) -> float:
        rows = part.stacked(extractor.column_scale(word_weight, dense_weight))
        margins = held_out_margins(rows, known, groups[sample], fitting, folds=3)
        return float((margins.argmax(axis=1) == known)[counts].mean()) if counts.any() else 0.0

    return max(DENSE_WEIGHTS, key=right)


def with_names(features: Features, names: Features) -> Features:
    """Tickets, and after them the names of the categories."""
    return Features(
        (*features.prepared, *names.prepared),
        sparse.csr_matrix(sparse.vstack([features.ngrams, names.ngrams], format="csr", dtype=np.float32)),
        np.concatenate([features.embedding, names.embedding]),
    )


def half_precision(values: FloatArray) -> FloatArray:
    """Values as half precision keeps them, so that a saved model predicts exactly what this one does."""
    return values.astype(np.float16).astype(np.float32)
