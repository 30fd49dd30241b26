"""Weights of the evidence, from ``fusion.json``, which ``training/tune_fusion.py`` writes.

Passages in the query's language and passages in another one have weights of their own: across languages, words say
little and the cosines nearly all.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from knowledge_base.fuse.evidence import ANSWER, EVIDENCE
from knowledge_base.passage import FloatArray


@dataclass(frozen=True, slots=True)
class LanguageWeights:
    """Weights for one relation of languages.

    Attributes:
        ranking: one weight per column of ``EVIDENCE``; orders the passages of a query.
        offset: added to the ranking scores; sets both relations beside each other.
    """

    ranking: tuple[float, ...]
    offset: float


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """All that was tuned.

    Attributes:
        same: for passages in the query's language.
        other: for passages in another language.
        answer: one weight per column of ``ANSWER``; tells whether a passage answers at all.
        answer_offset: log odds of a passage for which nothing speaks.
        floor: where no passage reaches this relevance, nothing is returned, in [0, 1].
        rest: passages below this relevance are not returned beside a better one, in [0, floor].
    """

    same: LanguageWeights
    other: LanguageWeights
    answer: tuple[float, ...]
    answer_offset: float
    floor: float
    rest: float

    def ranking(self, evidence: NDArray[np.float32], same_language: NDArray[np.bool_]) -> FloatArray:
        """Scores that order the candidates of one query.

        Args:
            evidence: shape (n, 8), columns as in ``EVIDENCE``.
            same_language: shape (n,).

        Returns:
            float32 of shape (n,), any range.
        """
        same, other = (evidence @ np.array(w.ranking) + w.offset for w in (self.same, self.other))
        scores: FloatArray = np.where(same_language, same, other).astype(np.float32)
        return scores

    def relevance(self, answers: NDArray[np.float32]) -> FloatArray:
        """Estimated probability that each passage answers the query.

        Args:
            answers: shape (n, 8), columns as in ``ANSWER``.

        Returns:
            float32 of shape (n,), in [0, 1].
        """
        log_odds = np.clip(answers @ np.array(self.answer) + self.answer_offset, -30, 30)
        chances: FloatArray = (1.0 / (1.0 + np.exp(-log_odds))).astype(np.float32)
        return chances

    def n_shown(self, relevance: FloatArray) -> int:
        """How many of the passages, best first, are good enough to be returned."""
        if not len(relevance) or relevance[0] < self.floor:
            return 0
        return int((relevance >= self.rest).sum())


def parse_weights(text: str) -> FusionWeights:
    """Weights of the JSON text of a weights file.

    Raises:
        ValueError: a key is missing or not for these kinds of evidence.
    """
    data = json.loads(text)
    try:
        if (tuple(data["evidence"]), tuple(data["answer_evidence"])) != (EVIDENCE, ANSWER):
            raise ValueError("The fusion weights are for other evidence: run training/tune_fusion.py again.")
        same, other = (
            LanguageWeights(tuple(map(float, part["ranking"])), float(part["offset"]))
            for part in (data["same"], data["other"])
        )
        answer = tuple(map(float, data["answer"]))
        answer_offset, floor, rest = (float(data[key]) for key in ("answer_offset", "floor", "rest"))
        return FusionWeights(same, other, answer, answer_offset, floor, rest)
    except (KeyError, TypeError) as error:
        raise ValueError("The fusion weights are not complete: run training/tune_fusion.py again.") from error


@functools.lru_cache(maxsize=1)
def load_weights() -> FusionWeights:
    """The weights that ship with the package."""
    return parse_weights(files("knowledge_base").joinpath("fusion.json").read_text("utf-8"))
