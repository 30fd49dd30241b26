"""Sub-words of texts, word by word: a word that was split before is not split again, nor is a piece of one.

A tokenizer that splits at white space first gives each word the same sub-words wherever it stands. Where it folds
letters and splits words at punctuation and digits too, as the shipped one does, that is done here: there are far fewer
different pieces („wody”) than words („Wody,”, „wody.”, „WODY”), and only pieces that are not known yet go to the
tokenizer's model. Splitting is what an embedding by a table costs most.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from knowledge_base.tokenise import HashedRows
from triage.adapters.models.piece_tokens import WORD_START, PieceSplitter, common_pieces, of_each
from triage.adapters.models.text_pieces import MARKS, POLISH, SPACE, pieces_of
from triage.adapters.models.unigram import Unigram

# Words kept, and pieces of words: about 250 bytes each.
MOST_WORDS: Final = 1 << 15
# In 13,558 passages of procedures_pl 36,151 pieces differ; with fewer kept they are split again and again.
MOST_PIECES: Final = 1 << 16
# Texts of so many characters together are cut in arrays: below, a look at each word costs less.
MANY_CHARACTERS: Final = 1 << 14
# A process that is asked for fewer texts one by one would lose more by reading the model's sub-words than it gains.
FEW_TEXTS: Final = 8
# So many new pieces are split by one call, which leaves the interpreter to other threads.
MANY_PIECES: Final = 256
_PIECE: Final = re.compile(rf"[a-z]+|[0-9]+|[{re.escape(MARKS)}]")
_LETTERS: Final = "".join(letter for letter, _ in POLISH)
# A word with any other character is left to the tokenizer as a whole.
_OTHER: Final = re.compile(rf"[^a-zA-Z{_LETTERS}{_LETTERS.upper()}0-9{SPACE}{re.escape(MARKS)}]")
_WORD: Final = re.compile(rf"[^{SPACE}]+")
# What tells whether a tokenizer splits as it is done here.
_SAMPLE: Final = "".join(f" Za{mark}ŻÓŁĆ2{mark}3b{mark}{mark}" for mark in map(chr, range(0x21, 0x7F))) + (
    "\u00a0„x”–Ęę—“ń”§1’‘«Ś»\u00a0źąĄóż"
)


class WordTokens:
    """Splits texts into sub-words.

    Args:
        tokenizer: splits at white space at least, and treats every word by itself.
        digest: SHA-256 of its file, by which common pieces that were split with it are found.
    """

    def __init__(self, tokenizer: Tokenizer, digest: str = "") -> None:
        self._tokenizer = tokenizer
        self._added = tuple(token.content for token in tokenizer.get_added_tokens_decoder().values())
        self._of_word: dict[bytes, tuple[int, ...]] = {}
        self._of_piece: dict[str, tuple[int, ...]] = {}
        self._splitter = PieceSplitter(tokenizer)
        self._digest = digest
        self._of_pieces: HashedRows[np.intp] | None = None
        self._n_asked = 0
        self._in_pieces = True
        self._in_pieces = self._splits_alike()
        self._of_word.clear()
        self._of_piece.clear()

    def of(self, texts: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Ids of the sub-words of all texts behind one another, intp of shape (n_tokens,), and where each text's end.

        The ends are intp of shape (n_texts,).
        """
        if self._in_pieces and sum(map(len, texts)) >= MANY_CHARACTERS and not self._names_token(texts):
            return self._of_many(texts)
        # Words between ASCII white space, by which every tokenizer of this kind splits; it finds the rest within them.
        words = [text.encode().split() for text in texts]
        known = self._of_word
        if len(known) > MOST_WORDS:
            known = self._of_word = {}
        if len(self._of_piece) > MOST_PIECES:
            self._of_piece = {}
        if new := set().union(*words).difference(known):
            known.update(self._split(list(new), self._of_piece))
        split = [*map(known.__getitem__, chain.from_iterable(words))]
        if len(texts) == 1:
            ids = np.array([*chain.from_iterable(split)], np.intp)
            return ids, np.array([len(ids)], np.intp)
        ends = np.cumsum([0, *map(len, split)], dtype=np.intp)
        ids = np.fromiter(chain.from_iterable(split), np.intp, int(ends[-1]))
        return ids, ends[np.cumsum([*map(len, words)], dtype=np.intp)]

    def of_text(self, text: str) -> NDArray[np.intp]:
        """Ids of the sub-words of one text, intp of shape (n_tokens,)."""
        self._n_asked += 1
        if self._in_pieces and self._n_asked > FEW_TEXTS and self._unigram and not self._names_token((text,)):
            ids = self._unigram.split(text)
            if ids is not None:
                return ids
        return self.of((text,))[0]

    @functools.cached_property
    def _unigram(self) -> Unigram | None:
        return Unigram.of(self._tokenizer)

    def _of_many(self, texts: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The same, each different piece looked up once."""
        pieces = pieces_of(texts)
        known = self._common if self._of_pieces is None else self._of_pieces
        new = known.places(pieces.hashes) < 0
        for some, split in ((new & pieces.plain, self._splitter.plain), (new & ~pieces.plain, self._splitter.whole)):
            if some.any():
                found = split(pieces.spelt(some.nonzero()[0]))
                known = known.joined(HashedRows.of(pieces.hashes[some], found))
        self._of_pieces = known if len(known) - len(self._common) <= MOST_PIECES else None
        rows = known.take(known.places(pieces.hashes)[pieces.numbers])
        return rows.values, np.concatenate([[0], rows.ends])[pieces.ends]

    @functools.cached_property
    def _common(self) -> HashedRows[np.intp]:
        return common_pieces(self._digest)

    def _names_token(self, texts: Iterable[str]) -> bool:
        """Whether a text spells one of the tokenizer's own tokens, such as „[UNK]”, which it then takes for it."""
        return any(token in text for text in texts for token in self._added)

    def _split(self, words: Sequence[bytes], known: dict[str, tuple[int, ...]]) -> dict[bytes, tuple[int, ...]]:
        """Sub-words of words, by those of their pieces."""
        pieces = self._pieces_of(b"\n".join(words).decode())
        if new := set().union(*pieces).difference(known):
            plain = {piece for piece in new if self._in_pieces and _PIECE.fullmatch(piece)}
            self._learn(known, [*plain], [*new - plain])
        joined = (chain.from_iterable(map(known.__getitem__, of_word)) for of_word in pieces if len(of_word) != 1)
        return {
            word: known[of_word[0]] if len(of_word) == 1 else tuple(next(joined))
            for word, of_word in zip(words, pieces, strict=True)
        }

    def _pieces_of(self, lines: str) -> list[list[str]]:
        """Pieces, each split by itself, of words on lines."""
        words = lines.split("\n")
        if not self._in_pieces or self._names_token([lines]):
            return [[word] for word in words]
        folded = _folded(lines).split("\n")
        return [
            [bare] if bare.isascii() and bare.isalpha() else _pieces(word, bare)
            for word, bare in zip(words, folded, strict=True)
        ]

    def _learn(self, known: dict[str, tuple[int, ...]], plain: Sequence[str], whole: Sequence[str]) -> None:
        """Split pieces that are not known yet: letters, digits and marks by the model alone, others as a whole."""
        known.update(zip(plain, self._split_pieces(plain), strict=True))
        if whole:
            known.update(zip(whole, of_each(self._splitter.whole(whole)), strict=True))

    def _split_pieces(self, pieces: Sequence[str]) -> list[tuple[int, ...]]:
        """Sub-words of pieces of letters or digits, and of marks."""
        if len(pieces) >= MANY_PIECES:
            return of_each(self._splitter.plain(pieces))
        split = self._tokenizer.model.tokenize
        return [tuple([token.id for token in split(WORD_START + piece)]) for piece in pieces]

    def _splits_alike(self) -> bool:
        """Whether the tokenizer folds and splits as it is done here."""
        try:
            ids, _ = self.of([_SAMPLE])
        except Exception:  # whatever a model raises that has no such sub-words
            return False
        at_once: list[int] = self._tokenizer.encode(_SAMPLE, add_special_tokens=False).ids
        return bool(ids.tolist() == at_once)


def _pieces(word: str, folded: str) -> list[str]:
    """Runs of letters, runs of digits and single marks, folded; as it is where there is any other character."""
    if not _OTHER.search(word):
        return _PIECE.findall(folded)
    parts = _WORD.findall(word)
    return parts if len(parts) == 1 else [piece for part in parts for piece in _pieces(part, _folded(part))]


def _folded(text: str) -> str:
    """Lower case, Polish letters without their marks."""
    text = text.lower()
    if not text.isascii():
        for letter, bare in POLISH:
            text = text.replace(letter, bare)
    return text
