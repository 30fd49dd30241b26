"""How common a word is at large, from ``word_counts.txt``, and so what it says about the subject of a query."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.tokenise.fold import fold
from knowledge_base.tokenise.term_ids import term_ids

# Chosen on PoQuAD, SciFact (train), a phone manual and the questions about the sample documents together.
#: A word of twice as many sentences weighs so much less.
_TWICE_AS_COMMON: Final = 2**-0.1
#: Names and numbers weigh so much more than another word as rare.
NAME: Final = 1.65
#: Whom a letter speaks to: written with a capital out of courtesy, and no part of its subject. Folded.
COURTESY: Final = frozenset(
    """
    pan pana panu panem panie panowie panow panom pani pania paniom panstwo panstwa panstwu panstwem
    wasz wasza wasze waszego waszej waszemu waszym waszych waszymi wami twojego twojej twoim twoich ciebie tobie
    szanowni szanowna szanowny szanowne
    """.split()
)
#: Binary logarithm of the number of sentences of the commonest words.
_COMMONEST: Final = 15
#: What words weigh by that logarithm.
WEIGHTS: Final = tuple(float(_TWICE_AS_COMMON**level) for level in range(_COMMONEST + 1))


def is_courtesy(word: str) -> bool:
    """Whether a lower-case word only says whom a letter speaks to: „Państwo”, „Pani”."""
    return word in COURTESY or (not word.isascii() and fold(word) in COURTESY)


def weight_of(word: str, stems: Iterable[int], courtesy: bool) -> float:
    """Weight > 0 of a lower-case word that is no stop word, with the ids of its stems; as a courtesy it says least."""
    if not word.isalpha():
        return NAME
    if courtesy:
        return WEIGHTS[-1]
    level = _levels().get
    return WEIGHTS[max([level(stem, 0) for stem in stems])]


@functools.lru_cache(maxsize=1)
def _levels() -> dict[int, int]:
    """Id of a stem to the binary logarithm of the number of sentences it stands in."""
    text = files("knowledge_base.tokenise").joinpath("word_counts.txt").read_text("utf-8")
    stems: list[str] = []
    levels: list[int] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            level, *of_level = line.split()
            stems += of_level
            levels += [int(level)] * len(of_level)
    return dict(zip(term_ids(stems).tolist(), levels, strict=True))


def levels() -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Ids of the stems, ascending, and of each the logarithm: both of shape (n_stems,)."""
    stems = np.array([*_levels()], np.uint64)
    order = stems.argsort()
    return stems[order], np.array([*_levels().values()], np.uint8)[order]
