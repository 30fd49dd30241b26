"""Weights of the evidence, which ``training/tune_fusion.py`` writes.

``fusion.json`` is for the shipped encoder; ``fusion_calibrated.json``, fitted with multilingual-e5-small, for every
encoder whose cosines are read above those of unrelated texts.

Polish questions to Polish passages, English to English, and questions to passages in the other language have weights of
their own: Polish words are inflected and found by their parts, across languages the cosines say nearly all.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base.fuse.evidence import ANSWER, EVIDENCE
from knowledge_base.passage import Background, FloatArray

#: How a passage's language stands to the query's.
RELATIONS: Final = ("polish", "english", "other")
#: Files of weights: for the shipped encoder, and for encoders that know the cosine of unrelated texts.
FILE: Final = "fusion.json"
CALIBRATED_FILE: Final = "fusion_calibrated.json"
_CODE, _MISSING = ANSWER.index("code"), ANSWER.index("missing")


def relations_of(polish: NDArray[np.bool_], query_language: str) -> NDArray[np.int8]:
    """Numbers in ``RELATIONS`` for passages that are Polish or English: int8 of shape (n,)."""
    same = RELATIONS.index("polish" if query_language == "pl" else "english")
    return np.where(polish == (query_language == "pl"), np.int8(same), np.int8(RELATIONS.index("other")))


def backgrounds_of(background: Background, relations: NDArray[np.int8]) -> FloatArray:
    """Cosine of unrelated texts for passages by their relations: float32 of shape (n,)."""
    return np.array([getattr(background, name) for name in RELATIONS], np.float32).take(relations)


@dataclass(frozen=True, slots=True)
class LanguageWeights:
    """Weights for one relation of languages.

    Attributes:
        ranking: one weight per column of ``EVIDENCE``; orders the passages of a query.
        offset: added to the ranking scores; sets both relations beside each other.
    """

    ranking: tuple[float, ...]
    offset: float


@dataclass(frozen=True)
class AnswerWeights:
    """Weights that tell whether a passage answers at all.

    Attributes:
        weights: one per column of ``ANSWER``.
        offset: log odds of a passage for which nothing speaks.
        floor: where the first passage does not reach this relevance, nothing is returned, in [0, 1].
    """

    weights: tuple[float, ...]
    offset: float
    floor: float

    @functools.cached_property
    def _column(self) -> NDArray[np.float64]:
        return np.array(self.weights)

    def relevance(self, answers: NDArray[np.float32]) -> FloatArray:
        """Estimated probabilities for rows as in ``ANSWER``.

        Never below the floor where all codes are there and nothing that was demanded is missing.
        """
        log_odds = np.minimum(np.maximum(answers @ self._column + self.offset, -30), 30)
        chances: FloatArray = (1.0 / (1.0 + np.exp(-log_odds))).astype(np.float32)
        has_codes = answers[:, _CODE] >= 1
        if has_codes.any():
            np.maximum(chances, np.float32(self.floor), out=chances, where=has_codes & (answers[:, _MISSING] == 0))
        return chances


class _Floors(NamedTuple):
    """What the first passage must reach, and each of the rest."""

    first: float
    rest: float


@dataclass(frozen=True)
class FusionWeights:
    """All that was tuned.

    Attributes:
        polish: for Polish passages and a Polish query.
        english: for English passages and an English query.
        other: for passages in another language than the query's.
        named: for passages that have other words than their headings: who names things well holds them nearer to the
            questions, and what is far from all those words is less likely an answer.
        plain: for passages without.
        rest: passages below this share of their floor are not returned beside a better one, in [0, 1].
    """

    polish: LanguageWeights
    english: LanguageWeights
    other: LanguageWeights
    named: AnswerWeights
    plain: AnswerWeights
    rest: float

    @functools.cached_property
    def _by_relation(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights of shape (3, 9) and offsets of shape (3, 1), in the order of ``RELATIONS``."""
        weights = (self.polish, self.english, self.other)
        return np.array([each.ranking for each in weights]), np.array([[each.offset] for each in weights])

    @functools.cached_property
    def table(self) -> NDArray[np.float64]:
        """Weights and, last, the offset of each relation: shape (3, 10)."""
        return np.hstack(self._by_relation)

    @functools.cached_property
    def answer_table(self) -> NDArray[np.float64]:
        """For passages with other words than their headings and without: weights, offset and floor; shape (2, 11)."""
        return np.array([(*each.weights, each.offset, each.floor) for each in (self.named, self.plain)])

    @functools.cached_property
    def _floor_of(self) -> dict[bool, _Floors]:
        """Floors by whether a passage is named, rounded as chances are."""
        floors = {named: np.float32(each.floor) for named, each in ((True, self.named), (False, self.plain))}
        return {named: _Floors(float(floor), float(np.float32(self.rest) * floor)) for named, floor in floors.items()}

    def ranking(self, evidence: NDArray[np.float32], relations: NDArray[np.int8]) -> FloatArray:
        """Scores that order the candidates of one query.

        Args:
            evidence: shape (n, 9), columns as in ``EVIDENCE``.
            relations: of each passage's language to the query's, numbers in ``RELATIONS``, shape (n,).

        Returns:
            float32 of shape (n,), any range.
        """
        weights, offsets = self._by_relation
        by_relation = weights @ evidence.T + offsets  # (3, n)
        scores: FloatArray = relations.choose(by_relation)
        return scores.astype(np.float32)

    def relevance(
        self, answers: NDArray[np.float32], named: NDArray[np.bool_], certain: NDArray[np.bool_] | None = None
    ) -> FloatArray:
        """Estimated probability that each passage answers the query.

        Never below the floor where people found it to, or where it has all the query's codes and lacks nothing that
        was demanded.

        Among queries of which as many have an answer as have none.

        Args:
            answers: shape (n, 9), columns as in ``ANSWER``.
            named: which passages have other words than their headings, shape (n,).
            certain: which passages people found to answer it, shape (n,); None: none.

        Returns:
            float32 of shape (n,), in [0, 1].
        """
        if named.all():
            chances = self.named.relevance(answers)
        elif not named.any():
            chances = self.plain.relevance(answers)
        else:
            chances = np.where(named, self.named.relevance(answers), self.plain.relevance(answers))
        if certain is None or not certain.any():
            return chances
        return np.where(certain, np.maximum(chances, self._floors(named)), chances)

    def n_shown(self, relevance: FloatArray, named: NDArray[np.bool_]) -> int:
        """How many of the passages, best first, are good enough to be returned; arguments as ``relevance`` has them."""
        chances, floors = relevance.tolist(), [*map(self._floor_of.__getitem__, named.tolist())]
        if not chances or chances[0] < floors[0].first:
            return 0
        below = (n for n, (chance, floor) in enumerate(zip(chances, floors, strict=True)) if chance < floor.rest)
        return next(below, len(chances))

    def _floors(self, named: NDArray[np.bool_]) -> FloatArray:
        return np.where(named, np.float32(self.named.floor), np.float32(self.plain.floor))


def parse_weights(text: str) -> FusionWeights:
    """Weights of the JSON text of a weights file.

    Raises:
        ValueError: a key is missing or not for these kinds of evidence.
    """
    data = json.loads(text)
    try:
        if (tuple(data["evidence"]), tuple(data["answer_evidence"])) != (EVIDENCE, ANSWER):
            raise ValueError("The fusion weights are for other evidence: run training/tune_fusion.py again.")
        polish, english, other = (
            LanguageWeights(tuple(map(float, data[name]["ranking"])), float(data[name]["offset"])) for name in RELATIONS
        )
        named, plain = (
            AnswerWeights(tuple(map(float, each["weights"])), float(each["offset"]), float(each["floor"]))
            for each in (data["answer"][name] for name in ("named", "plain"))
        )
        return FusionWeights(polish, english, other, named, plain, float(data["rest"]))
    except (KeyError, TypeError) as error:
        raise ValueError("The fusion weights are not complete: run training/tune_fusion.py again.") from error


@functools.lru_cache(maxsize=2)
def load_weights(*, calibrated: bool = False) -> FusionWeights:
    """The weights that ship with the package.

    Args:
        calibrated: those for an encoder that knows the cosine of unrelated texts.
    """
    name = CALIBRATED_FILE if calibrated else FILE
    return parse_weights(files("knowledge_base").joinpath(name).read_text("utf-8"))
