"""The default classifier: a linear head over word and character n-grams beside an embedding; numpy at run time."""

from triage.adapters.models.linear.classifier import LinearClassifier
from triage.adapters.models.linear.shipped import SHIPPED_NAME, train_shipped

__all__ = ["SHIPPED_NAME", "LinearClassifier", "train_shipped"]
