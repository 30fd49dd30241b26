"""Ids of the search keys of the commonest Polish words, found by the words' hashes.

From ``common_words.npz``, made by ``training/common_words.py``: dictionary and stemmer need not be asked for these.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base import kernels
from knowledge_base.tokenise.ragged import HashedRows, Ragged
from knowledge_base.tokenise.runs import INVERSE, run_hashes
from knowledge_base.tokenise.term_ids import code_points, flat_points, term_ids
from knowledge_base.tokenise.words import all_key_groups

COMMON_WORDS: Final = Path(__file__).with_name("common_words.npz")
_NO_HASHES: Final = np.zeros(0, np.uint64)
#: Of no words.
NO_KEYS: Final = HashedRows.of(_NO_HASHES, Ragged(_NO_HASHES, np.zeros(0, np.intp)))
#: Ids of the keys of a word: of its lemmas, of its stem last; none for a stop word.
KeyIds = tuple[int, ...]


@functools.lru_cache(maxsize=1)
def common_keys() -> HashedRows[np.uint64]:
    """Those of each word, where they were made with the dictionary and the stemmer that queries are read with."""
    return HashedRows.read(COMMON_WORDS, made_with(), np.uint64)


@functools.lru_cache(maxsize=1)
def english_stems() -> NDArray[np.uint64]:
    """Ids of the English stems of the same words, shape (n_words,); 0 where that is the folded word itself."""
    stems = np.zeros(len(common_keys()), np.uint64)
    if len(stems):
        with np.load(COMMON_WORDS, allow_pickle=False) as arrays:
            stems[arrays["stemmed"]] = arrays["stems"]
    return stems


def made_with() -> str:
    """Names dictionary and stemmer; empty without them."""
    from importlib.metadata import PackageNotFoundError, version  # 0.01 s

    try:
        return " ".join(f"{package} {version(package)}" for package in ("morfeusz2", "PyStemmer"))
    except PackageNotFoundError:
        return ""


def key_ids(words: Sequence[str], language: str) -> list[KeyIds]:
    """Ids of the search keys of lower-case words by the rules of a language."""
    if language != "pl":
        return _computed(words, language)
    common, rows = common_keys(), rows_of(words)
    of_others = iter(_computed([word for word, row in zip(words, rows, strict=True) if row < 0], language))
    return [next(of_others) if row < 0 else tuple(common.row(row)) for row in rows]


def rows_of(words: Sequence[str]) -> list[int]:
    """Which rows of ``common_keys`` words have; -1 for one that has none."""
    common = common_keys()
    if kernels.COMPILED:
        points, lengths = flat_points(words)
        rows = np.empty(len(words), np.intp)
        kernels.find_words(points, lengths, common.hashes, rows, INVERSE)
    else:
        values, lengths = code_points(words)
        ends = lengths.cumsum()
        rows = common.places(run_hashes(values, ends - lengths, ends))
    found: list[int] = rows.tolist()
    return found


def _computed(words: Sequence[str], language: str) -> list[KeyIds]:
    """The same by dictionary and stemmer."""
    if not words:
        return []
    of_words = [[key for group in groups for key in group] for groups in all_key_groups(words, language)]
    ids = iter(term_ids([key for keys in of_words for key in keys]).tolist())
    return [tuple([next(ids) for _ in keys]) for keys in of_words]
