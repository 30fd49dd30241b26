"""Which head is fitted, by how many examples there are, and how.

* fewer than twenty of each category: multinomial logistic regression; what the categories are called, and how the
  taxonomy describes them, are examples too;
* up to ``MOST_EXAMPLES``: kernel ridge regression, which also reads how close a text is to each example, and is taught
  asides that belong to no category;
* more: one-vs-rest machines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Encoder, FloatArray
from triage.adapters.models.linear.calibration import MarginArray
from triage.adapters.models.linear.features import CountedTexts, FeatureExtractor, Features
from triage.adapters.models.linear.head import Fitting, fit_weights
from triage.adapters.models.linear.held_out_parts import HeldOutParts
from triage.adapters.models.linear.ngrams import Kind as NgramKind
from triage.adapters.models.linear.parameters import Head
from triage.adapters.models.linear.ridge import MOST_EXAMPLES, RidgeFit, fit_ridge

Kind = Literal["logistic", "ridge", "machines"]
FEW_PER_CATEGORY = 20
#: Length of the word block beside the character block, which has length one. With so many examples that machines are
#: fitted whole words say most; chosen on tickets held out of the training part of the IT tickets.
WORD_WEIGHT: dict[Kind, float] = {"logistic": 0.7, "ridge": 0.7, "machines": 2.0}
#: With so many examples two words also say something together where others stand between them: right about 0.867 of
#: the training part of the IT tickets in three folds, 0.862 where only neighbouring words were read.
WORD_KIND: dict[Kind, NgramKind] = {"logistic": "word", "ridge": "word", "machines": "spread"}
MIN_DF: dict[Kind, int] = {"logistic": 1, "ridge": 2, "machines": 2}
COST = 0.1  # of machines
_SAYS_SOMETHING = re.compile(r"[^\W\d_]{3}")


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts with their categories, and after them words of the categories or asides, where those are examples too.

    Attributes:
        labels: the categories; their places are the class numbers.
        n: number of texts.
        spoken: names and descriptions of categories, or asides, as texts.
        truth: class number of each text and of each of those; of an aside the number of categories.
        counted: n-grams of the same.
    """

    kind: Kind
    labels: tuple[str, ...]
    n: int
    spoken: tuple[str, ...]
    truth: NDArray[np.intp]
    counted: CountedTexts

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        asides: Sequence[str] = (),
        described: Mapping[str, Sequence[str]] | None = None,
    ) -> Lesson:
        """Count what there is to learn.

        Args:
            asides: taken only where closeness is read.
            described: what categories are, in words, by label, taken where there are few texts; a category that is not
                there has its name alone.
        """
        names, truth = np.unique(np.asarray(labels), return_inverse=True)
        kind = kind_for(len(texts), len(names))
        said = _in_words(names.tolist(), described or {}) if kind == "logistic" else []
        if kind == "ridge" and asides:
            said = [(len(names), aside) for aside in asides]
        spoken = tuple(words for _, words in said)
        return cls(
            kind=kind,
            labels=tuple(map(str, names)),
            n=len(texts),
            spoken=spoken,
            truth=np.concatenate([truth, np.array([number for number, _ in said], dtype=np.intp)]),
            counted=CountedTexts.of([*texts, *spoken], WORD_KIND[kind]),
        )

    def with_names(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Some of the texts and all that is said of categories or aside."""
        return np.append(rows, np.arange(self.n, len(self.truth)))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A head, and what heads without one group say.

    Attributes:
        held_out: margins of each text from a head without its group; without rows where those are not known.
        parts: what such heads say of parts of texts, where asides were taught.
        beside: of other targets of the texts, where there are some.
    """

    head: Head
    held_out: MarginArray
    parts: HeldOutParts | None = None
    beside: Fitted | None = None


def kind_for(n: int, n_classes: int) -> Kind:
    """The kind of head for so many examples of so many categories."""
    if n < FEW_PER_CATEGORY * n_classes:
        return "logistic"
    return "ridge" if n <= MOST_EXAMPLES else "machines"


def _in_words(labels: list[str], described: Mapping[str, Sequence[str]]) -> list[tuple[int, str]]:
    """Words of categories with their class numbers: how they are described, or else their names."""
    named = zip(labels, spoken_names(labels), strict=True)
    return [
        (number, words)
        for number, (label, name) in enumerate(named)
        for words in described.get(label) or ((name,) if name else ())
    ]


def spoken_names(labels: list[str]) -> list[str]:
    """Names of categories as a person would say them; empty for a mere code.

    >>> spoken_names(["card_arrival", "C01"])
    ['card arrival', '']
    """
    spoken = [" ".join(re.split(r"[\W_]+", label)).strip() for label in labels]
    return [name if _SAYS_SOMETHING.search(name) else "" for name in spoken]


def learn_features(
    lesson: Lesson, rows: NDArray[np.intp], encoder: Encoder, embedding: FloatArray
) -> tuple[FeatureExtractor, Features]:
    """Vocabulary of some rows of a lesson, and their features.

    Args:
        embedding: of every row of the lesson.
    """
    counted = lesson.counted.take(rows)
    extractor, ngrams = FeatureExtractor.learn(counted, encoder, min_df=MIN_DF[lesson.kind])
    return extractor, Features(counted.prepared, ngrams, embedding[rows])


def fit_head(
    lesson: Lesson,
    rows: NDArray[np.intp],
    extractor: FeatureExtractor,
    features: Features,
    dense_weight: float,
    seed: int,
    groups: NDArray[np.intp] | None = None,
    pull: NDArray[np.float64] | None = None,
    beside: FloatArray | None = None,
) -> Fitted:
    """Fit the head of a lesson.

    Args:
        rows: the texts and names taught; ``features`` are theirs.
        dense_weight: of the embedding, for a head that reads it.
        pull: how much each row counts, where closeness is read; all the same when None.
        groups: of each row; where closeness is read, what a head without a text's group says follows from the fit.
        beside: other targets of the rows, shape (n, n_others), fitted by a head that reads closeness.
    """
    n_classes, word_weight = len(lesson.labels), WORD_WEIGHT[lesson.kind]
    n_ngrams, truth = features.ngrams.shape[1], lesson.truth[rows]
    if lesson.kind == "ridge":
        scale = extractor.column_scale(word_weight, 0.0)[:n_ngrams]
        ngrams = features.ngrams.copy()
        ngrams.data *= scale[ngrams.indices]
        aside = len(truth) > 0 and truth.max() == n_classes
        fit = fit_ridge(
            ngrams, features.embedding, truth, n_classes, groups, pull=pull, keep_without=aside, beside=beside
        )
        dim = extractor.encoder.dim
        head = _head_of(fit, scale, dim)
        others = Fitted(_head_of(fit.beside, scale, dim), fit.beside.held_out) if fit.beside else None
        parts = HeldOutParts(extractor, scale, ngrams, features.embedding, fit.without) if fit.without else None
        return Fitted(head, fit.held_out, parts, others)
    scale = extractor.column_scale(word_weight, dense_weight)
    fitting = Fitting("logistic" if lesson.kind == "logistic" else "hinge", COST, seed)
    weights = fit_weights(features.stacked(scale), truth, n_classes, fitting)
    unscaled = weights.features * scale[:, None]
    head = Head(
        ngram_weights=half_precision(unscaled[:n_ngrams]),
        dense_weights=unscaled[n_ngrams:],
        closeness_weights=np.zeros((0, n_classes), dtype=np.float32),
        intercept=weights.intercept,
    )
    return Fitted(head, np.empty((0, n_classes), dtype=np.float32))


def _head_of(fit: RidgeFit, scale: FloatArray, dim: int) -> Head:
    n_columns = fit.ngram_weights.shape[1]
    return Head(
        ngram_weights=half_precision(fit.ngram_weights * scale[:, None]),
        dense_weights=np.zeros((dim, n_columns), dtype=np.float32),
        closeness_weights=half_precision(fit.closeness_weights),
        intercept=np.zeros(n_columns, dtype=np.float32),
    )


def head_settings(kind: Kind, dense_weight: float) -> dict[str, float | int | str]:
    """How a head was fitted, for its card."""
    settings: dict[str, float | int | str] = {"head": kind, "word_weight": WORD_WEIGHT[kind]}
    return settings if kind == "ridge" else settings | {"dense_weight": dense_weight}


def half_precision(values: FloatArray) -> FloatArray:
    """Values as half precision keeps them, so that a saved model predicts exactly what this one does."""
    return values.astype(np.float16).astype(np.float32)
