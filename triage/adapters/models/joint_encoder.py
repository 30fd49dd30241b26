"""A transformer beside the shipped encoder, and what their cosines mean.

The cosine of unrelated texts is 0.1 by one model and 0.8 by the next, so weights and a floor that are right for one are
nonsense for the other. Read above its own background, a cosine means nearly the same for all. The background is
measured once, on questions and passages of a dozen subjects (``calibration.toml``), for Polish, for English and
across both, as some models hold all texts of a language together; the same texts show which language a model does not
know at all.

Source: Ethayarajh 2019, "How Contextual are Contextualized Word Representations?" (cosines of unrelated texts as the
baseline by which others are read).
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from knowledge_base.passage import Background, Encoder, FloatArray

LANGUAGES: Final = ("Polish", "English")
#: A model that finds fewer of the questions' passages than this does not know their language; by chance one in twelve.
LEAST_FOUND: Final = 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured with one encoder.

    Attributes:
        background: cosines of unrelated texts.
        found: share of the questions nearest to their own passage, in Polish and in English.
    """

    background: Background
    found: tuple[float, float]

    @classmethod
    def of(cls, encoder: Encoder) -> Self:
        """Measure."""
        asked, told = _subjects()
        queries = [encoder.encode_queries(texts) for texts in asked]
        passages = [encoder.encode(texts) for texts in told]
        polish, english, polish_english, english_polish = (
            queries[i] @ passages[j].T for i, j in ((0, 0), (1, 1), (0, 1), (1, 0))
        )
        other = (_unrelated(polish_english) + _unrelated(english_polish)) / 2
        found = tuple(float((each.argmax(axis=1) == np.arange(len(each))).mean()) for each in (polish, english))
        return cls(Background(_unrelated(polish), _unrelated(english), other), (found[0], found[1]))

    @classmethod
    def kept(cls, encoder: Encoder, folder: Path) -> Self:
        """As it was measured before with the same texts; measured and kept now where it was not."""
        path = folder / f"{hashlib.sha256(encoder.name.encode()).hexdigest()[:16]}.calibration.json"
        try:
            data = json.loads(path.read_text("utf-8"))
            if data["texts"] == _digest():
                return cls(Background(**data["background"]), tuple(data["found"]))
        except (OSError, ValueError, TypeError, KeyError):
            pass  # measuring takes less than a second
        calibration = cls.of(encoder)
        folder.mkdir(parents=True, exist_ok=True)
        waiting = path.with_name(f".{path.name}.{os.getpid()}")
        waiting.write_text(json.dumps({"texts": _digest(), **asdict(calibration)}), encoding="utf-8")
        waiting.replace(path)
        return calibration

    @property
    def unknown_languages(self) -> tuple[str, ...]:
        """Languages whose texts the encoder cannot tell apart."""
        return tuple(name for name, found in zip(LANGUAGES, self.found, strict=True) if found < LEAST_FOUND)


class JointEncoder:
    """A transformer and the shipped encoder as one; a :class:`~knowledge_base.passage.CalibratedEncoder`.

    The cosine of two vectors is the weighted mean of both encoders' cosines. The transformer knows language, the
    shipped encoder the words of this trade in Polish and English, and they err on different texts.

    Attributes:
        transformer: makes the first columns.
        share: what its cosine counts for, in [0, 1].
        unknown_languages: those that it cannot tell apart, and the shipped encoder has to.
        background: of both together.
    """

    def __init__(self, transformer: Encoder, shipped: Encoder, cache: Path) -> None:
        """Measure both, or read what was measured before.

        Args:
            transformer: any encoder.
            shipped: the encoder beside it.
            cache: where measurements are kept.
        """
        self.transformer, self._shipped = transformer, shipped
        alone, beside = Calibration.kept(transformer, cache), Calibration.kept(shipped, cache)
        self.share = _share(alone.background, beside.background)
        self.unknown_languages = alone.unknown_languages
        self.name = f"{transformer.name}+{shipped.name}-{self.share:.2f}"
        self.dim = transformer.dim + shipped.dim
        self.background = Calibration.kept(self, cache).background

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of passages: float32, shape (n, dim), rows of length one; zeros for a blank text."""
        return self._joined(self.transformer.encode(texts), self._shipped.encode(texts))

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of queries, of the same shape."""
        return self._joined(self.transformer.encode_queries(texts), self._shipped.encode_queries(texts))

    def _joined(self, first: FloatArray, second: FloatArray) -> FloatArray:
        joined = np.hstack([first * np.float32(self.share**0.5), second * np.float32((1 - self.share) ** 0.5)])
        lengths = np.linalg.norm(joined, axis=1, keepdims=True)  # less than 1 where one encoder knows no sub-word
        np.divide(joined, lengths, out=joined, where=lengths > 0)
        return joined


def _share(transformer: Background, shipped: Background) -> float:
    """What the transformer's cosine counts for, so that above their backgrounds they count as the weight says."""
    weight = float(tomllib.loads(_text())["weight"])
    own, beside = (weight / _above(transformer), (1 - weight) / _above(shipped))
    return round(own / (own + beside), 2)


def _above(background: Background) -> float:
    """How far texts that say the same are from unrelated ones."""
    return 1 - (background.polish + background.english) / 2


@functools.cache
def _text() -> str:
    return files(__package__).joinpath("calibration.toml").read_text("utf-8")


def _digest() -> str:
    return hashlib.sha256(_text().encode()).hexdigest()


def _subjects() -> tuple[list[list[str]], list[list[str]]]:
    """Questions and passages, in Polish and in English."""
    subjects: list[dict[str, Any]] = tomllib.loads(_text())["subject"]
    asked, told = (
        [[each[kind][language] for each in subjects] for language in (0, 1)] for kind in ("question", "passage")
    )
    return asked, told


def _unrelated(cosines: FloatArray) -> float:
    """Mean cosine of questions with the passages of other subjects."""
    return float(cosines[~np.eye(len(cosines), dtype=bool)].mean())
