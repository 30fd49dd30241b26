"""Words of queries and where an index has them: looked up when they are asked for first, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base.sparse.bm25 import Bm25Index
from knowledge_base.sparse.column_groups import ColumnGroup
from knowledge_base.sparse.postings import PackedColumns
from knowledge_base.sparse.query_terms import TermGroup, groups_of
from knowledge_base.tokenise import keyed_words

# Words of queries whose columns are kept (about 1 kB each).
_KNOWN_WORDS: Final = 4096
_NO_COLUMNS: Final = np.zeros(0, np.int64)


class WordColumns(NamedTuple):
    """Where an index has a word of a query.

    Attributes:
        groups: what the index has of the groups of its keys, and of those of words that mean nearly the same.
        rarity: idf of the rarest of its own keys; that of a term no text has where there are none; 0 for a courtesy
            form.
        keys: columns of its own keys and of those of words that mean nearly the same.
        grams: columns of those of its 4-grams that some text has.
        n_grams: how many different 4-grams it has.
    """

    groups: tuple[ColumnGroup, ...]
    rarity: float
    keys: PackedColumns
    grams: PackedColumns
    n_grams: int

    @property
    def own(self) -> NDArray[np.int64]:
        """Columns of its own keys."""
        return np.concatenate([_NO_COLUMNS, *[group.own for group in self.groups]])


@dataclass(frozen=True, slots=True)
class _Known:
    """What an index has of words and of groups of terms that were asked for; words share groups."""

    words: dict[str, WordColumns]
    groups: dict[TermGroup, ColumnGroup]


class KnownWords:
    """Words that queries asked for.

    Args:
        keys: the index over keys of words.
        grams: the index over their 4-grams.
    """

    def __init__(self, keys: Bm25Index, grams: Bm25Index) -> None:
        self._keys = keys
        self._grams = grams
        self._known = _Known({}, {})

    def of(self, words: Sequence[str]) -> list[WordColumns]:
        """Where the index has some words that are no stop words; words asked before are looked up once."""
        known = self._known
        if len(known.words) > _KNOWN_WORDS:
            known = self._known = _Known({}, {})
        if new := [word for word in words if word not in known.words]:
            self._learn(new, known)
        return [known.words[word] for word in words]

    def _learn(self, words: Sequence[str], known: _Known) -> None:
        """Look up words that were not asked for yet."""
        keyed = keyed_words(words)
        by_word = [*map(groups_of, words, keyed)]
        groups = [*dict.fromkeys([group for each in by_word for group in each if group not in known.groups])]
        for group, found in zip(groups, self._keys.groups(groups), strict=True):
            known.groups.setdefault(group, found)  # another thread may have been faster: each is to be known as one
        grams = self._grams.find_grams([word if each else "" for word, each in zip(words, by_word, strict=True)])
        for word, key, each, found_grams in zip(words, keyed, by_word, grams, strict=True):
            of_word = tuple([known.groups[group] for group in each])
            rarest = max([group.rarity for group in of_word], default=0.0) or self._keys.unseen
            rarity = 0.0 if key.is_courtesy else rarest
            of_keys = b"".join([group.columns for group in of_word])
            known.words[word] = WordColumns(of_word, rarity, of_keys, *found_grams)
