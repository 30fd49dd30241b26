"""Which words of the passages have which search key: a query looks up the words it meets, and no text is analysed.

Words are told by their hashes, as ``tokenise.cut_runs`` has them. Those of passages that are not Polish are keyed by
other rules, so all bits of their hashes are flipped.
"""

from __future__ import annotations

import mmap
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.passage import Passage
from knowledge_base.sparse import Vocabulary, key_terms
from knowledge_base.tokenise.runs import run_hashes
from knowledge_base.tokenise.term_ids import code_points

_KEYS: Final = "forms.keys.npy"
_BOUNDS: Final = "forms.bounds.npy"
_WORDS: Final = "forms.words.npy"
_WORD: Final = re.compile(r"[^\W_]+")


class AskedKeys(NamedTuple):
    """Keys that are asked for in groups: those of each word of a query, or of all names of a thing.

    Attributes:
        keys: ids, uint64 of shape (n_keys,).
        numbers: which group each is of, int64 of shape (n_keys,).
        n_groups: how many groups there are.
    """

    keys: NDArray[np.uint64]
    numbers: NDArray[np.int64]
    n_groups: int

    @classmethod
    def of(cls, groups: Sequence[Collection[int]]) -> Self:
        """Those of some groups."""
        numbers = [number for number, group in enumerate(groups) for _ in group]
        return cls(np.array([*chain.from_iterable(groups)], np.uint64), np.array(numbers, np.int64), len(groups))


@dataclass(frozen=True, slots=True)
class WordForms:
    """Words of all passages by their keys.

    Attributes:
        keys: ids of the keys, uint64 of shape (n_keys,), ascending.
        bounds: int64 of shape (n_keys + 1,): words with key i are those from ``bounds[i]`` to ``bounds[i + 1]``.
        words: hashes, uint64 of shape (n_words,).
    """

    keys: NDArray[np.uint64]
    bounds: NDArray[np.int64]
    words: NDArray[np.uint64]

    @classmethod
    def of(cls, vocabularies: Iterable[Vocabulary], passages: Iterable[Passage]) -> Self:
        """Words of passages, whose texts and headings have no others than vocabularies do when they are normalised."""
        every = (*vocabularies, *_as_written(passages))
        keys = key_terms(every)
        hashes = [flipped(each.hashes, each.language) for each in every]
        words = np.concatenate([np.zeros(0, np.uint64), *hashes]).repeat(keys.counts)
        order = keys.values.argsort(kind="stable")
        distinct, firsts = np.unique(keys.values[order], return_index=True)
        return cls(distinct, np.append(firsts, len(words)).astype(np.int64), words[order])

    def met(self, asked: AskedKeys) -> dict[int, int]:
        """Hashes of the words that have one of some keys, each with a bit for every group that it meets."""
        found: dict[int, int] = {}
        firsts, ends = (self.keys.searchsorted(asked.keys, side) for side in ("left", "right"))  # none, or one key
        begins, behind = self.bounds.take(firsts).tolist(), self.bounds.take(ends).tolist()
        for begin, end, number in zip(begins, behind, asked.numbers.tolist(), strict=True):
            for word in self.words[begin:end].tolist():
                found[word] = found.get(word, 0) | 1 << number
        return found

    @property
    def arrays(self) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint64]]:
        """As compiled functions take them."""
        return self.keys, self.bounds, self.words

    def release(self) -> None:
        """Give the memory back into which they were read."""
        for array in self.arrays:
            mapped = getattr(array, "_mmap", None)
            if mapped is not None:
                mapped.madvise(mmap.MADV_DONTNEED)

    def save(self, folder: Path) -> None:
        """Write the arrays."""
        for name, array in ((_KEYS, self.keys), (_BOUNDS, self.bounds), (_WORDS, self.words)):
            np.save(folder / name, array, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open what ``save`` wrote; nothing is read before it is needed.

        Raises:
            ValueError: the files do not fit together.
        """
        keys, bounds, words = (
            np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in (_KEYS, _BOUNDS, _WORDS)
        )
        if len(bounds) != len(keys) + 1 or bounds[-1] != len(words):
            raise ValueError("The words of the passages do not fit their keys.")
        return cls(keys, bounds, words)


def is_flipped(language: str) -> bool:
    """Whether the hashes of a language's words are: all but Polish is keyed by English rules."""
    return language != "pl"


def flipped(hashes: NDArray[np.uint64], language: str) -> NDArray[np.uint64]:
    """Hashes of words as they are kept."""
    return ~hashes if is_flipped(language) else hashes


def hashes_of(words: Sequence[str]) -> NDArray[np.uint64]:
    """Hashes of lower-case words: uint64 of shape (n_words,)."""
    points, lengths = code_points(words)
    ends = lengths.cumsum()
    return run_hashes(points, ends - lengths, ends)


def _as_written(passages: Iterable[Passage]) -> Iterator[Vocabulary]:
    """Words of texts that are not normalised, cut where they have marks of their own."""
    found: dict[str, dict[str, None]] = {}
    for passage in passages:
        for text in (passage.title, *passage.section, passage.text):
            if not (text.isascii() or unicodedata.is_normalized("NFC", text)):
                found.setdefault(passage.language, {}).update(dict.fromkeys(_WORD.findall(text.lower())))
    for language, words in found.items():
        yield Vocabulary(language, [*words], hashes_of([*words]))
