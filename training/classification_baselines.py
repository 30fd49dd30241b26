"""Plain classifiers to compare with: linear machines on TF-IDF and on all features, logistic regression on vectors.

All are scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Encoder
from training.classification_sets import Task
from triage.adapters.models.linear.features import FeatureExtractor


class BlindEncoder:
    """Says nothing about any text: what is left is the n-grams."""

    name, dim = "none", 1

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Zeros, shape (n, 1)."""
        return np.zeros((len(texts), 1), dtype=np.float32)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Zeros, shape (n, 1)."""
        return self.encode(texts)


def features_with_machines(task: Task, encoder: Encoder) -> float:
    """Accuracy in scope of linear machines on TF-IDF beside the embedding, the anchor of Banking77.

    With an encoder that says nothing, plain TF-IDF: the anchor of the other sets on the rows that are measured here.
    """
    from sklearn.svm import LinearSVC

    inside = [row for row, label in enumerate(task.dev.labels) if label != task.oos_label]
    dev = task.dev.take(inside)
    extractor = FeatureExtractor.fit(task.train.texts, encoder)
    scale = extractor.column_scale(0.7, 1.4)
    head = LinearSVC(C=0.3, class_weight="balanced", random_state=0)
    head.fit(extractor.transform(task.train.texts).stacked(scale), task.train.labels)
    return float((head.predict(extractor.transform(dev.texts).stacked(scale)) == np.array(dev.labels)).mean())


def embedding_only(task: Task, encoder: Encoder) -> float:
    """Accuracy in scope of logistic regression on the embedding, the usual few-shot baseline."""
    from sklearn.linear_model import LogisticRegression

    inside = [row for row, label in enumerate(task.dev.labels) if label != task.oos_label]
    dev = task.dev.take(inside)
    head = LogisticRegression(C=10, max_iter=300).fit(encoder.encode(task.train.texts), task.train.labels)
    return float((head.predict(encoder.encode(dev.texts)) == np.array(dev.labels)).mean())
