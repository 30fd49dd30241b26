"""Weights of the evidence, from ``fusion.json``, which ``training/tune_fusion.py`` writes.

Passages in the query's language and passages in another one have weights of their own: across languages, words say
little and the cosine nearly all. Both give log odds that the passage answers the query, so that they can be compared.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from knowledge_base.fuse.evidence import EVIDENCE
from knowledge_base.passage import FloatArray


@dataclass(frozen=True, slots=True)
class LanguageWeights:
    """Weights for one relation of languages.

    Attributes:
        ranking: one weight per column of ``EVIDENCE``; orders the passages of a query.
        slope: log odds per unit of the ranking score.
        offset: log odds of a passage with ranking score 0.
    """

    ranking: tuple[float, ...]
    slope: float
    offset: float


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """All that was tuned.

    Attributes:
        same: for passages in the query's language.
        other: for passages in another language.
        floor: passages whose relevance is below are not returned, in [0, 1].
    """

    same: LanguageWeights
    other: LanguageWeights
    floor: float

    def log_odds(self, evidence: NDArray[np.float32], same_language: NDArray[np.bool_]) -> FloatArray:
        """Log odds that each passage answers the query.

        Args:
            evidence: shape (n, 6), columns as in ``EVIDENCE``.
            same_language: shape (n,).

        Returns:
            float32 of shape (n,).
        """
        same, other = (w.slope * (evidence @ np.array(w.ranking)) + w.offset for w in (self.same, self.other))
        return np.where(same_language, same, other).astype(np.float32)


def relevance(log_odds: FloatArray) -> FloatArray:
    """Probability of log odds: float32, in [0, 1]."""
    return (1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30)))).astype(np.float32)


def parse_weights(text: str) -> FusionWeights:
    """Weights of the JSON text of a weights file.

    Raises:
        ValueError: a key is missing or not for these kinds of evidence.
    """
    data = json.loads(text)
    try:
        if tuple(data["evidence"]) != EVIDENCE:
            raise ValueError("The fusion weights are for other evidence: run training/tune_fusion.py again.")
        same, other = (
            LanguageWeights(tuple(map(float, part["ranking"])), float(part["slope"]), float(part["offset"]))
            for part in (data["same"], data["other"])
        )
        return FusionWeights(same, other, float(data["floor"]))
    except (KeyError, TypeError) as error:
        raise ValueError("The fusion weights are not complete: run training/tune_fusion.py again.") from error


@functools.lru_cache(maxsize=1)
def load_weights() -> FusionWeights:
    """The weights that ship with the package."""
    return parse_weights(files("knowledge_base").joinpath("fusion.json").read_text("utf-8"))
