"""What a head with closeness says about parts of its own texts, each judged by one that was not taught the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import FloatArray
from triage.adapters.models.linear.calibration import MarginArray
from triage.adapters.models.linear.features import FeatureExtractor
from triage.adapters.models.linear.ngrams import Rows
from triage.adapters.models.linear.ridge import Without, kernel_of

_PARTS_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True)
class HeldOutParts:
    """Heads without one group each, to be asked about parts of its texts.

    Attributes:
        ngrams: of the rows taught, scaled by ``scale``, shape (n, n_ngrams).
        embedding: of the rows taught.
    """

    extractor: FeatureExtractor
    scale: FloatArray
    ngrams: Rows
    embedding: FloatArray
    without: Without

    def margins(self, parts: Sequence[str], owners: NDArray[np.intp]) -> MarginArray:
        """Margins of parts of texts from heads that were not taught the texts: float32, shape (n_parts, n_classes)."""
        said = [np.empty((0, self.without.residuals.shape[1]), dtype=np.float32)]
        for start in range(0, len(parts), _PARTS_AT_ONCE):
            features = self.extractor.transform(parts[start : start + _PARTS_AT_ONCE])
            features.ngrams.data *= self.scale[features.ngrams.indices]
            kernel = kernel_of(features.ngrams, features.embedding, self.ngrams, self.embedding)
            said.append(self.without.margins(kernel, owners[start : start + _PARTS_AT_ONCE]))
        return np.concatenate(said)
