"""The default classifier: a linear head over n-grams and an embedding or its closeness to examples; numpy only."""

from triage.adapters.models.linear.classifier import LinearClassifier
from triage.adapters.models.linear.shipped import SHIPPED_NAME, train_shipped

__all__ = ["SHIPPED_NAME", "LinearClassifier", "train_shipped"]
