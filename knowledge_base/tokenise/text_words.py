"""The words of many texts in arrays: which stands where, and each different one once as a string.

The same words as ``split_words`` finds in each text, at a third of the time where texts are many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.tokenise.runs import cut_runs
from knowledge_base.tokenise.words import lowered

# Latin letters with marks end here; of what is beyond each character is looked at once.
_LATIN: Final = 0x250
_WORDLY: Final = np.array([chr(point).isalnum() for point in range(_LATIN)])


@dataclass(frozen=True, slots=True)
class TextWords:
    """The words of some texts.

    Attributes:
        distinct: each different word once.
        hashes: of these, uint64 of shape (n_distinct,).
        numbers: which one each word is, of all texts behind one another, intp of shape (n_words,).
        counts: words of each text, intp of shape (n_texts,).
    """

    distinct: list[str]
    hashes: NDArray[np.uint64]
    numbers: NDArray[np.intp]
    counts: NDArray[np.intp]


def words_of(texts: Sequence[str]) -> TextWords:
    """Lower-case words of texts."""
    lower = [*map(lowered, texts)]
    joined = "\n".join(lower)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    runs = cut_runs(_wordly(points).view(np.uint8), points)
    bounds = zip(runs.begins[runs.firsts].tolist(), runs.ends[runs.firsts].tolist(), strict=True)
    distinct = [joined[begin:end] for begin, end in bounds]
    text_ends = np.cumsum([len(text) + 1 for text in lower], dtype=np.intp)
    counts = np.diff(np.searchsorted(runs.begins, text_ends), prepend=0)
    return TextWords(distinct, runs.hashes, runs.numbers, counts)


def _wordly(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which characters are letters or digits."""
    found = _WORDLY.take(points, mode="clip")
    beyond = np.flatnonzero(points >= _LATIN)
    if beyond.size:
        characters, which = np.unique(points[beyond], return_inverse=True)
        found[beyond] = np.array([chr(point).isalnum() for point in characters.tolist()])[which]
    return found
