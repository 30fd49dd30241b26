"""Weights of the evidence, from ``fusion.json``, which ``training/tune_fusion.py`` writes.

Passages in the query's language and passages in another one have weights of their own: across languages, words say
little and the cosine nearly all.
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
        slope: brings the ranking scores of both relations to one scale.
        offset: the same.
        answer: one weight per column of ``EVIDENCE``; tells whether a passage answers at all. Shares of the best score
            have weight 0 here, as the best of nothing is nothing.
        answer_offset: log odds of a passage for which nothing speaks.
    """

    ranking: tuple[float, ...]
    slope: float
    offset: float
    answer: tuple[float, ...]
    answer_offset: float


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

    def ranking(self, evidence: NDArray[np.float32], same_language: NDArray[np.bool_]) -> FloatArray:
        """Scores that order the candidates of one query.

        Args:
            evidence: shape (n, 6), columns as in ``EVIDENCE``.
            same_language: shape (n,).

        Returns:
            float32 of shape (n,), any range.
        """
        same, other = (w.slope * (evidence @ np.array(w.ranking)) + w.offset for w in (self.same, self.other))
        scores: FloatArray = np.where(same_language, same, other).astype(np.float32)
        return scores

    def relevance(self, evidence: NDArray[np.float32], same_language: NDArray[np.bool_]) -> FloatArray:
        """Estimated probability that each passage answers the query: float32 of shape (n,), in [0, 1]."""
        same, other = (evidence @ np.array(w.answer) + w.answer_offset for w in (self.same, self.other))
        log_odds = np.clip(np.where(same_language, same, other), -30, 30)
        chances: FloatArray = (1.0 / (1.0 + np.exp(-log_odds))).astype(np.float32)
        return chances


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
            LanguageWeights(
                tuple(map(float, part["ranking"])),
                float(part["slope"]),
                float(part["offset"]),
                tuple(map(float, part["answer"])),
                float(part["answer_offset"]),
            )
            for part in (data["same"], data["other"])
        )
        return FusionWeights(same, other, float(data["floor"]))
    except (KeyError, TypeError) as error:
        raise ValueError("The fusion weights are not complete: run training/tune_fusion.py again.") from error


@functools.lru_cache(maxsize=1)
def load_weights() -> FusionWeights:
    """The weights that ship with the package."""
    return parse_weights(files("knowledge_base").joinpath("fusion.json").read_text("utf-8"))
