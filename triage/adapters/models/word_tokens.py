"""Sub-words of texts, piece by piece: a piece that was split before is not split again.

A tokenizer that splits at white space first gives each word the same sub-words wherever it stands. Where it folds
letters and splits words at punctuation and digits too, as the shipped one does, that is done here for whole texts: they
have far fewer different pieces („wody”) than words („Wody,”, „wody.”, „WODY”), and only pieces that are not known yet
go to the tokenizer's model. Splitting is what an embedding by a table costs most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

# About 250 bytes each.
MOST_WORDS: Final = 1 << 16
_WORDS_AT_ONCE: Final = 1024
_POLISH: Final = (*zip("ąćęłńóśźż", "acelnoszz", strict=True),)
_SPACE: Final = " \t\n\r\f\v\u00a0"
# Marks that are pieces of their own; „…” is not among them, as it unfolds to three.
_MARKS: Final = "!-/:-@[-`{-~„”“’‘–—«»§"
_PIECE: Final = re.compile(rf"[a-z]+|[0-9]+|[{_MARKS}]")
# A word with any other character is left to the tokenizer as a whole.
_OTHER: Final = re.compile(rf"[^a-zA-ZąćęłńóśźżĄĆĘŁŃÓŚŹŻ0-9{_SPACE}{_MARKS}]")
_WORD: Final = re.compile(rf"[^{_SPACE}]+")
# By ASCII white space every tokenizer of this kind splits; it finds the rest within the words.
_ANY_WORD: Final = re.compile(r"[^ \t\n\r\f\v]+")
_WORD_START: Final = "▁"
# What tells whether a tokenizer splits as it is done here.
_SAMPLE: Final = "".join(f" Za{mark}ŻÓŁĆ2{mark}3b{mark}{mark}" for mark in map(chr, range(0x21, 0x7F))) + (
    "\u00a0„x”–Ęę—“ń”§1’‘«Ś»\u00a0źąĄóż"
)


class WordTokens:
    """Splits texts into sub-words.

    Args:
        tokenizer: splits at white space at least, and treats every word by itself.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._added = tuple(token.content for token in tokenizer.get_added_tokens_decoder().values())
        self._of_word: dict[str, tuple[int, ...]] = {}
        self._in_pieces = True
        self._in_pieces = self._splits_alike()
        self._of_word.clear()

    def of(self, texts: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Ids of the sub-words of all texts behind one another, intp of shape (n_tokens,), and where each text's end.

        The ends are intp of shape (n_texts,).
        """
        words = [*map(self._split, texts)]
        known = self._of_word
        if len(known) > MOST_WORDS:
            known = self._of_word = {}
        if new := set().union(*words).difference(known):
            self._learn(known, new)
        ids: list[int] = []
        ends = np.empty(len(texts), np.intp)
        for number, of_text in enumerate(words):
            for word in of_text:
                ids += known[word]
            ends[number] = len(ids)
        return np.array(ids, np.intp), ends

    def _split(self, text: str) -> list[str]:
        """Pieces of a text, each split by itself."""
        if not self._in_pieces or any(token in text for token in self._added):
            return _ANY_WORD.findall(text)
        if not _OTHER.search(text):
            return _pieces(text)
        words = _WORD.findall(text)
        return [piece for word in words for piece in ((word,) if _OTHER.search(word) else _pieces(word))]

    def _learn(self, known: dict[str, tuple[int, ...]], new: Iterable[str]) -> None:
        """Split pieces that are not known yet: those of letters or digits by the model alone."""
        simple: list[str] = []
        whole: list[str] = []
        for piece in new:
            (simple if self._in_pieces and _PIECE.fullmatch(piece) else whole).append(piece)
        split = self._tokenizer.model.tokenize
        known.update((piece, tuple([token.id for token in split(_WORD_START + piece)])) for piece in simple)
        for first in range(0, len(whole), _WORDS_AT_ONCE):
            batch = whole[first : first + _WORDS_AT_ONCE]
            encoding = self._tokenizer.encode(batch, is_pretokenized=True, add_special_tokens=False)
            counts = np.bincount(np.array(encoding.word_ids, np.intp), minlength=len(batch))
            ids, ends = encoding.ids, np.cumsum(counts).tolist()
            known.update(
                (word, tuple(ids[end - count : end]))
                for word, end, count in zip(batch, ends, counts.tolist(), strict=True)
            )

    def _splits_alike(self) -> bool:
        """Whether the tokenizer folds and splits as it is done here."""
        try:
            ids, _ = self.of([_SAMPLE])
        except Exception:  # whatever a model raises that has no such sub-words
            return False
        at_once: list[int] = self._tokenizer.encode(_SAMPLE, add_special_tokens=False).ids
        return bool(ids.tolist() == at_once)


def _pieces(text: str) -> list[str]:
    """Runs of letters, runs of digits and single marks, folded."""
    text = text.lower()
    if not text.isascii():
        for letter, bare in _POLISH:
            text = text.replace(letter, bare)
    return _PIECE.findall(text)
