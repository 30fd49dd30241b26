"""Sub-words of texts, word by word: a word that was split before is not split again.

A tokenizer that splits at white space first gives each word the same sub-words wherever it stands, so those of a text
are those of its words behind one another. Splitting is what an embedding by a table costs most.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

# About 250 bytes each.
MOST_WORDS: Final = 1 << 16
_WORDS_AT_ONCE: Final = 1024


class WordTokens:
    """Splits texts into sub-words.

    Args:
        tokenizer: splits at white space at least, and treats every word by itself.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._of_word: dict[bytes, tuple[int, ...]] = {}

    def of(self, texts: Sequence[str]) -> list[NDArray[np.intp]]:
        """Ids of the sub-words of each text, in order: intp of shape (n_tokens,)."""
        # Words between ASCII white space, by which every tokenizer of this kind splits; it finds the rest within them.
        words = [text.encode().split() for text in texts]
        known = self._of_word
        if len(known) > MOST_WORDS:
            known = self._of_word = {}
        if new := set().union(*words).difference(known):
            self._learn(known, new)
        tokens_of = known.__getitem__
        return [np.fromiter(chain.from_iterable(map(tokens_of, of_text)), np.intp) for of_text in words]

    def _learn(self, known: dict[bytes, tuple[int, ...]], new: Iterable[bytes]) -> None:
        """Split words that are not known yet, many in one call."""
        words = list(new)
        batches = [words[first : first + _WORDS_AT_ONCE] for first in range(0, len(words), _WORDS_AT_ONCE)]
        encodings = self._tokenizer.encode_batch(
            [[word.decode() for word in batch] for batch in batches], is_pretokenized=True, add_special_tokens=False
        )
        for batch, encoding in zip(batches, encodings, strict=True):
            counts = np.bincount(np.array(encoding.word_ids, np.intp), minlength=len(batch))
            ends = np.cumsum(counts).tolist()
            ids = encoding.ids
            known.update(
                (word, tuple(ids[end - count : end]))
                for word, end, count in zip(batch, ends, counts.tolist(), strict=True)
            )
